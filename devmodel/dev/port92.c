/* port92.c - system control port A: the PS/2's fast A20 gate and fast CPU reset.
 *
 * Manual: IBM PS/2 hardware interface technical reference, port 0092h. Left out: password lock,
 * watchdog status, disk lights (the bits are kept). */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

enum { RESET_CPU = 0x01, A20 = 0x02, WATCHDOG = 0x10 };

struct port92 {
    struct device     dev;
    struct mem_region port;
    struct irq_line   a20, reset;
    uint8_t           value;
    bool              init;                       /* within a write only */
};

static void update(struct port92 *p)
{
    irq_set(&p->a20, (p->value & A20) != 0);
    irq_set(&p->reset, p->init);
}

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ((struct port92 *)opaque)->value;
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct port92 *p = opaque;

    (void)off;
    (void)size;
    p->init = v & ~p->value & RESET_CPU;          /* bit 0 going up starts a short pulse */
    p->value = v & ~WATCHDOG;
    update(p);
    p->init = false;
    update(p);
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct port92 *p = (struct port92 *)d;

    p->port = (struct mem_region){ .name = "port92", .kind = MEM_MMIO, .size = 1,
                                   .ops = &port_ops, .dev = p };
    p->a20.name = "port92.a20";
    p->reset.name = "port92.reset";
    VM_TRY(machine_claim_ports(m, &p->port, 0x92, e));
    VM_TRY(machine_connect_wire(m, "a20", &p->a20, e));
    return machine_connect_wire(m, "reset", &p->reset, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    if (k != RESET_SOFT)
        ((struct port92 *)d)->value = 0;
}

static void drive(struct device *d)
{
    update((struct port92 *)d);
}

static void snap(struct device *d, struct snap *s)
{
    struct port92 *p = (struct port92 *)d;

    snap_begin(s, "port92", 1);
    snap_u8(s, "value", &p->value);
    snap_end(s);
}

const struct dev_class port92_class = {
    .name = "port92", .help = "system control port A (A20, reset)", .size = sizeof(struct port92),
    .realize = realize, .reset = reset, .drive = drive, .snap = snap,
};
