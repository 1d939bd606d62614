/* lpt.c - a parallel port with a printer that prints into a character back end.
 *
 * Manuals: IBM PC AT technical reference (printer adapter), SMC FDC37C665 (SPP and bidirectional
 * mode, latched interrupt). Left out: EPP, ECP. A byte is taken by the falling edge of STROBE; ACK
 * answers 5 us later, or when the back end has room: BUSY until then, so nothing is lost. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/backend.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

enum { DATA, STATUS, CONTROL };
enum { ST_ERROR = 0x08, ST_SELECT = 0x10, ST_ACK = 0x40, ST_BUSY = 0x80, ST_OPEN = 0x07 };
enum { CT_STROBE = 0x01, CT_INIT = 0x04, CT_SELECT = 0x08, CT_IRQ = 0x10, CT_INPUT = 0x20 };
enum { ACK_NS = 5000, RETRY_NS = 1000000 };

struct lpt {
    struct device     dev;
    struct mem_region ports;
    struct irq_line   intr;
    struct vtimer     ack;
    uint8_t           data, control, byte;        /* byte: on its way to the printer */
    bool              busy, pending;              /* pending: ACK came, status not read since */
    uint32_t          iobase, irq_no;             /* properties */
    struct chr       *chr;                        /* property; NULL: no printer */
};

static void update_intr(struct lpt *l)
{
    irq_set(&l->intr, l->pending && (l->control & CT_IRQ));
}

static void on_ack(void *opaque, vtime_t due)
{
    struct lpt *l = opaque;

    if (l->chr && l->chr->ops->write(l->chr->self, &l->byte, 1) == 0) {
        vtimer_arm(&l->ack, due + RETRY_NS);
        return;
    }
    l->busy = false;
    l->pending = (l->control & CT_IRQ) != 0;
    update_intr(l);
}

static void strobe(struct lpt *l)
{
    if (!l->chr || l->busy)
        return;
    l->byte = l->data;
    l->busy = true;
    vtimer_arm(&l->ack, vclock_now(l->ack.clock) + ACK_NS);
}

static uint8_t status(struct lpt *l)
{
    l->pending = false;                           /* reading acknowledges */
    update_intr(l);
    if (!l->chr)
        return 0xff;                              /* nothing plugged in: the inputs float */
    return ST_OPEN | ST_ERROR | ST_ACK | (l->control & CT_SELECT ? ST_SELECT : 0) |
           (l->busy ? 0 : ST_BUSY);               /* the pin is inverted: 1 = not busy */
}

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct lpt *l = opaque;

    (void)size;
    switch (off) {
    case DATA:    return l->control & CT_INPUT ? 0xff : l->data;
    case STATUS:  return status(l);
    case CONTROL: return l->control | 0xc0;
    default:      return 0xff;
    }
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct lpt *l = opaque;
    uint8_t rising = v & ~l->control;

    (void)size;
    if (off == DATA)
        l->data = v;
    if (off != CONTROL)
        return;
    l->control = v & 0x3f;
    if (!(l->control & CT_IRQ))
        l->pending = false;
    if ((rising & CT_STROBE) && (v & CT_INIT))    /* the bit inverts the pin */
        strobe(l);
    update_intr(l);
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct lpt *l = (struct lpt *)d;

    if (l->iobase > 0xfffc)
        return vm_fail(e, VM_EINVAL, "lpt: iobase=%u is no port; 0x378 is usual", l->iobase);
    l->ports = (struct mem_region){ .name = "lpt", .kind = MEM_MMIO, .size = 4,
                                    .ops = &port_ops, .dev = l };
    l->intr.name = "lpt.irq";
    vtimer_init(&l->ack, machine_clock(m), l->dev.id, on_ack, l);
    VM_TRY(machine_claim_ports(m, &l->ports, l->iobase, e));
    return machine_claim_irq(m, &l->intr, l->irq_no, e);
}

static void unrealize(struct device *d)
{
    vtimer_forget(&((struct lpt *)d)->ack);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct lpt *l = (struct lpt *)d;

    if (k == RESET_SOFT)
        return;
    l->data = l->byte = 0;
    l->control = CT_SELECT | CT_INIT;
    l->busy = l->pending = false;
    vtimer_cancel(&l->ack);
}

static void drive(struct device *d)
{
    update_intr((struct lpt *)d);
}

static void snap(struct device *d, struct snap *s)
{
    struct lpt *l = (struct lpt *)d;

    snap_begin(s, "lpt", 1);
    snap_u8(s, "data", &l->data);
    snap_u8(s, "control", &l->control);
    snap_u8(s, "byte", &l->byte);
    snap_bool(s, "busy", &l->busy);
    snap_bool(s, "pending", &l->pending);
    vtimer_snap(&l->ack, s);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "iobase", "first port", PROP_U32, offsetof(struct lpt, iobase), "0x378" },
    { "irq", "interrupt request line", PROP_U32, offsetof(struct lpt, irq_no), "7" },
    { "chardev", "where the bytes go", PROP_CHR, offsetof(struct lpt, chr), "" },
    { .name = NULL },
};

const struct dev_class lpt_class = {
    .name = "lpt", .help = "parallel port with a printer", .size = sizeof(struct lpt),
    .props = props, .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
