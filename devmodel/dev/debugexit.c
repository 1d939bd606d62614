/* debugexit.c - isa-debug-exit: a port that ends the program with status (value << 1) | 1.
 *
 * Behaviour and property names: QEMU's device of that name. Reads give 0. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/device.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"

struct debugexit {
    struct device     dev;
    struct mem_region ports;
    uint32_t          iobase, iosize;             /* properties */
};

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    (void)opaque;
    (void)off;
    (void)size;
    return 0;
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct debugexit *x = opaque;

    (void)off;
    (void)size;
    machine_request(x->dev.m, MACHINE_QUIT, (int)((uint32_t)v << 1 | 1));
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 4 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct debugexit *x = (struct debugexit *)d;

    if (x->iobase > 0xffff || x->iosize == 0 || x->iosize > 0x10000 - x->iobase)
        return vm_fail(e, VM_EINVAL, "isa-debug-exit: iobase=%u with iosize=%u is not in the 65536 "
                       "ports", x->iobase, x->iosize);
    x->ports = (struct mem_region){ .name = "isa-debug-exit", .kind = MEM_MMIO, .size = x->iosize,
                                    .ops = &port_ops, .dev = x };
    return machine_claim_ports(m, &x->ports, x->iobase, e);
}

static const struct dev_prop props[] = {
    { "iobase", "first port", PROP_U32, offsetof(struct debugexit, iobase), "0x501" },
    { "iosize", "number of ports", PROP_U32, offsetof(struct debugexit, iosize), "0x02" },
    { .name = NULL },
};

const struct dev_class debugexit_class = {
    .name = "isa-debug-exit", .help = "ends the program with a status the guest chooses",
    .size = sizeof(struct debugexit), .props = props, .realize = realize,
};
