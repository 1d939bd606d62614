/* i8259.c - the AT's pair of interrupt controllers, 15 lines into one.
 *
 * Datasheets: Intel 8259A; Intel 82371SB (PIIX3) for ELCR and for what is hard-wired: the slave
 * hangs on IR2 whatever ICW3 says, LTIM is ignored in favour of ELCR, buffered mode has no effect.
 * INT follows the requests: one that goes away before INTA takes INT with it. In 8080 mode the
 * vector is the low address byte of the CALL, as a PC would see it. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/i8259.h"
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

enum { ICW1_IC4 = 0x01, ICW1_SNGL = 0x02, ICW1_ADI = 0x04, ICW1 = 0x10 };
enum { ICW4_UPM = 0x01, ICW4_AEOI = 0x02, ICW4_SFNM = 0x10 };
enum { OCW3 = 0x08, OCW3_RIS = 0x01, OCW3_RR = 0x02, OCW3_P = 0x04, OCW3_SMM = 0x20,
       OCW3_ESMM = 0x40 };
enum { OCW2_EOI = 0x20, OCW2_SL = 0x40, OCW2_R = 0x80 };
enum { INIT_NEVER, INIT_ICW2, INIT_ICW3, INIT_ICW4, INIT_DONE };
enum { CASCADE = 2, NONE = 8 };

struct chip {
    uint8_t lines;                                /* levels on IR0..7 */
    uint8_t edge;                                 /* rising edges not yet acknowledged */
    uint8_t isr, imr, elcr;
    uint8_t init;                                 /* INIT_* */
    uint8_t icw1, icw2, icw3, icw4;
    uint8_t lowest;                               /* IR with the lowest priority */
    bool    read_isr, poll, smm, rotate_aeoi;
};

struct i8259 {
    struct device     dev;
    struct mem_region ports[2], elcr;
    struct irq_line   intr, waiting;
    struct chip       chip[2];                     /* master, slave */
};

static uint8_t irr(const struct chip *c)
{
    return (c->edge & ~c->elcr) | (c->lines & c->elcr);
}

static unsigned priority(const struct chip *c, unsigned ir)     /* 0 = highest */
{
    return (ir - c->lowest - 1) & 7;
}

static unsigned highest(const struct chip *c, uint8_t bits)     /* NONE when bits is 0 */
{
    for (unsigned p = 0; p < 8; p++) {
        unsigned ir = (c->lowest + 1 + p) & 7;

        if (bits >> ir & 1)
            return ir;
    }
    return NONE;
}

/* The request that INT stands for, or NONE. */
static unsigned request(const struct chip *c, bool is_master)
{
    unsigned want = highest(c, irr(c) & ~c->imr);
    unsigned busy = highest(c, c->smm ? c->isr & ~c->imr : c->isr);

    if (c->init != INIT_DONE || want == NONE)
        return NONE;
    if (busy == NONE || priority(c, want) < priority(c, busy))
        return want;
    /* Special fully nested: a slave in service may ask again for a higher input of its own. */
    return is_master && (c->icw4 & ICW4_SFNM) && want == busy && want == CASCADE ? want : NONE;
}

static void set_ir(struct chip *c, unsigned ir, bool level)
{
    uint8_t bit = 1u << ir;

    if (!level)
        c->edge &= ~bit;
    else if (!(c->lines & bit))
        c->edge |= bit;
    c->lines = level ? c->lines | bit : c->lines & ~bit;
}

/* The only place that decides INT, the cascade and the waiting wire. */
static void update(struct i8259 *p)
{
    struct chip *m = &p->chip[0];

    set_ir(m, CASCADE, request(&p->chip[1], false) != NONE);
    irq_set(&p->intr, request(m, true) != NONE);
    irq_set(&p->waiting, m->init == INIT_DONE && (irr(m) & ~m->imr & 1));
}

static void set_irq(void *pic, unsigned irq, bool level)
{
    struct i8259 *p = pic;

    if (irq > 15 || irq == CASCADE)
        return;
    set_ir(&p->chip[irq >> 3], irq & 7, level);
    update(p);
}

/* Second INTA: moves the request to ISR. Returns the IR, 7 when nothing was requested. */
static unsigned acknowledge(struct chip *c, bool is_master)
{
    unsigned ir = request(c, is_master);

    if (ir == NONE)
        return 7;
    c->edge &= ~(1u << ir);
    if (!(c->icw4 & ICW4_AEOI))
        c->isr |= 1u << ir;
    else if (c->rotate_aeoi)
        c->lowest = ir;
    return ir;
}

static uint8_t vector(const struct chip *c, unsigned ir)
{
    if (c->icw4 & ICW4_UPM)
        return (c->icw2 & 0xf8) | ir;
    return c->icw1 & ICW1_ADI ? (c->icw1 & 0xe0) | ir << 2 : (c->icw1 & 0xc0) | ir << 3;
}

/* INT drops with the acknowledge even when another request follows at once: the master, edge
 * triggered, must see the slave's next one. */
static void acknowledged_slave(struct i8259 *p)
{
    set_ir(&p->chip[0], CASCADE, false);
}

static int intack(void *pic)
{
    struct i8259 *p = pic;
    struct chip *c = &p->chip[0];
    bool any = request(c, true) != NONE;
    unsigned ir = acknowledge(c, true);

    if (any && ir == CASCADE) {
        c = &p->chip[1];
        ir = acknowledge(c, false);
        acknowledged_slave(p);
    }
    int v = vector(c, ir);
    update(p);
    return v;
}

static uint8_t poll(struct i8259 *p, unsigned n)
{
    struct chip *c = &p->chip[n];
    bool any = request(c, n == 0) != NONE;
    unsigned ir = acknowledge(c, n == 0);

    c->poll = false;
    if (n == 1)
        acknowledged_slave(p);
    update(p);
    return any ? 0x80 | ir : 0;
}

static void write_ocw2(struct chip *c, uint8_t v)
{
    unsigned ir = v & 7;

    if (v & OCW2_EOI) {
        if (!(v & OCW2_SL))                       /* special mask mode protects masked levels */
            ir = highest(c, c->smm ? c->isr & ~c->imr : c->isr);
        if (ir == NONE)
            return;
        c->isr &= ~(1u << ir);
        if (v & OCW2_R)
            c->lowest = ir;
    } else if (!(v & OCW2_SL)) {
        c->rotate_aeoi = (v & OCW2_R) != 0;
    } else if (v & OCW2_R) {
        c->lowest = ir;                           /* set priority */
    }
}

static void write_ocw3(struct chip *c, uint8_t v)
{
    if (v & OCW3_ESMM)
        c->smm = (v & OCW3_SMM) != 0;
    if (v & OCW3_P)
        c->poll = true;
    else if (v & OCW3_RR)
        c->read_isr = (v & OCW3_RIS) != 0;
}

static void write_icw1(struct chip *c, uint8_t v)
{
    c->init = INIT_ICW2;
    c->icw1 = v;
    c->icw4 = 0;
    c->edge = c->isr = c->imr = 0;
    c->lowest = 7;
    c->smm = c->read_isr = c->poll = c->rotate_aeoi = false;
}

/* A0 = 1: the ICW that is due, then OCW1. */
static void write_a1(struct chip *c, uint8_t v)
{
    bool ic4 = c->icw1 & ICW1_IC4;

    switch (c->init) {
    case INIT_ICW2:
        c->icw2 = v;
        c->init = !(c->icw1 & ICW1_SNGL) ? INIT_ICW3 : ic4 ? INIT_ICW4 : INIT_DONE;
        break;
    case INIT_ICW3:
        c->icw3 = v;
        c->init = ic4 ? INIT_ICW4 : INIT_DONE;
        break;
    case INIT_ICW4:
        c->icw4 = v;
        c->init = INIT_DONE;
        break;
    default:
        c->imr = v;
    }
}

static uint64_t port_read(struct i8259 *p, unsigned n, uint64_t off)
{
    struct chip *c = &p->chip[n];

    if (c->poll)
        return poll(p, n);
    if (off & 1)
        return c->imr;
    return c->read_isr ? c->isr : irr(c);
}

static void port_write(struct i8259 *p, unsigned n, uint64_t off, uint8_t v)
{
    struct chip *c = &p->chip[n];

    if (off & 1)
        write_a1(c, v);
    else if (v & ICW1)
        write_icw1(c, v);
    else if (v & OCW3)
        write_ocw3(c, v);
    else
        write_ocw2(c, v);
    update(p);
}

static uint64_t master_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return port_read(opaque, 0, off);
}

static void master_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    (void)size;
    port_write(opaque, 0, off, v);
}

static uint64_t slave_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return port_read(opaque, 1, off);
}

static void slave_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    (void)size;
    port_write(opaque, 1, off, v);
}

static uint64_t elcr_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8259 *p = opaque;

    (void)size;
    return p->chip[off & 1].elcr;
}

static void elcr_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct i8259 *p = opaque;

    (void)size;
    p->chip[off & 1].elcr = v & (off ? 0xde : 0xf8);   /* IR 0, 1, 2, 8 and 13 stay edge */
    update(p);
}

static const struct mmio_ops master_ops = { master_read, master_write, 1, 1 };
static const struct mmio_ops slave_ops = { slave_read, slave_write, 1, 1 };
static const struct mmio_ops elcr_ops = { elcr_read, elcr_write, 1, 1 };

struct irq_line *i8259_ir0_waiting(struct device *pic)
{
    return &((struct i8259 *)pic)->waiting;
}

void i8259_info(const struct device *pic, uint16_t *req, uint16_t *isr, uint16_t *imr)
{
    const struct chip *c = ((const struct i8259 *)pic)->chip;

    *req = irr(&c[0]) | irr(&c[1]) << 8;
    *isr = c[0].isr | c[1].isr << 8;
    *imr = c[0].imr | c[1].imr << 8;
}

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct i8259 *p = (struct i8259 *)d;

    p->intr.name = "i8259.int";
    p->waiting.name = "i8259.ir0";
    p->ports[0] = (struct mem_region){ .name = "i8259.master", .kind = MEM_MMIO, .size = 2,
                                       .ops = &master_ops, .dev = p };
    p->ports[1] = (struct mem_region){ .name = "i8259.slave", .kind = MEM_MMIO, .size = 2,
                                       .ops = &slave_ops, .dev = p };
    p->elcr = (struct mem_region){ .name = "i8259.elcr", .kind = MEM_MMIO, .size = 2,
                                   .ops = &elcr_ops, .dev = p };
    VM_TRY(machine_claim_ports(m, &p->ports[0], 0x20, e));
    VM_TRY(machine_claim_ports(m, &p->ports[1], 0xa0, e));
    VM_TRY(machine_claim_ports(m, &p->elcr, 0x4d0, e));
    VM_TRY(machine_connect_wire(m, "cpu-intr", &p->intr, e));
    machine_set_intack(m, intack, p);
    return machine_add_irq_sink(m, set_irq, p, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct i8259 *p = (struct i8259 *)d;

    if (k == RESET_SOFT)                          /* INIT is the CPU's affair */
        return;
    for (unsigned n = 0; n < 2; n++)              /* the inputs belong to those who drive them */
        p->chip[n] = (struct chip){ .lines = p->chip[n].lines, .lowest = 7 };
}

static void drive(struct device *d)
{
    update((struct i8259 *)d);
}

static void snap_chip(struct chip *c, struct snap *s, const char *name)
{
    snap_begin(s, name, 1);
    snap_u8(s, "lines", &c->lines);
    snap_u8(s, "edge", &c->edge);
    snap_u8(s, "isr", &c->isr);
    snap_u8(s, "imr", &c->imr);
    snap_u8(s, "elcr", &c->elcr);
    snap_u8(s, "init", &c->init);
    snap_u8(s, "icw1", &c->icw1);
    snap_u8(s, "icw2", &c->icw2);
    snap_u8(s, "icw3", &c->icw3);
    snap_u8(s, "icw4", &c->icw4);
    snap_u8(s, "lowest", &c->lowest);
    snap_bool(s, "read-isr", &c->read_isr);
    snap_bool(s, "poll", &c->poll);
    snap_bool(s, "smm", &c->smm);
    snap_bool(s, "rotate-aeoi", &c->rotate_aeoi);
    snap_check(s, "lowest", c->lowest > 7);
    snap_end(s);
}

static void snap(struct device *d, struct snap *s)
{
    struct i8259 *p = (struct i8259 *)d;

    snap_begin(s, "i8259", 1);
    snap_chip(&p->chip[0], s, "master");
    snap_chip(&p->chip[1], s, "slave");
    snap_end(s);
}

const struct dev_class i8259_class = {
    .name = "i8259", .help = "pair of programmable interrupt controllers",
    .size = sizeof(struct i8259), .realize = realize, .reset = reset, .drive = drive, .snap = snap,
};
