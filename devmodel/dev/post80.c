/* post80.c - port 80h: the latch a POST card shows as two digits.
 *
 * IBM PC AT technical reference: firmware writes how far it is; the spare DMA page register there
 * reads back. Left out: cards on ports 84h and 300h. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_log.h"
#include "devmodel/core/device.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

struct post80 {
    struct device     dev;
    struct mem_region port;
    bool              log;                          /* property */
    uint8_t           code;
};

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ((struct post80 *)opaque)->code;
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct post80 *p = opaque;

    (void)off;
    (void)size;
    if (p->log && p->code != v)
        vm_log(LOG_INFO, "POST code %02x", (unsigned)v);
    p->code = v;
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct post80 *p = (struct post80 *)d;

    p->port = (struct mem_region){ .name = "post80", .kind = MEM_MMIO, .size = 1,
                                   .ops = &port_ops, .dev = p };
    return machine_claim_ports(m, &p->port, 0x80, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    (void)k;
    ((struct post80 *)d)->code = 0;
}

static void snap(struct device *d, struct snap *s)
{
    snap_begin(s, "post80", 1);
    snap_u8(s, "code", &((struct post80 *)d)->code);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "log", "a log line for each new code", PROP_BOOL, offsetof(struct post80, log), "off" },
    { .name = NULL },
};

const struct dev_class post80_class = {
    .name = "post80", .help = "POST code latch at port 80h", .size = sizeof(struct post80),
    .props = props, .realize = realize, .reset = reset, .snap = snap,
};
