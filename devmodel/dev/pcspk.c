/* pcspk.c - system control port B (61h): speaker gate, refresh toggle, parity check bits.
 *
 * Manual: IBM PC AT technical reference, port 0061h. Left out: sound, and parity errors (bits 6
 * and 7 read 0). The refresh bit toggles every 18 CLK pulses of the timer, as counter 1 is
 * programmed on every AT, whatever the guest programs. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include "devmodel/dev/i8254.h"

enum { GATE2 = 0x01, WRITABLE = 0x0f, REFRESH = 0x10, OUT2 = 0x20 };
enum { REFRESH_NS = 15085 };                      /* 18 / 1193182 s */

struct pcspk {
    struct device     dev;
    struct mem_region port;
    struct device    *pit;                        /* realized before, freed after */
    struct vclock    *clock;
    uint8_t           value;
    const char       *pit_id;                     /* property */
};

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct pcspk *p = opaque;

    (void)off;
    (void)size;
    return p->value | (vclock_now(p->clock) / REFRESH_NS & 1 ? REFRESH : 0) |
           (i8254_out(p->pit, 2) ? OUT2 : 0);
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct pcspk *p = opaque;

    (void)off;
    (void)size;
    p->value = v & WRITABLE;
    i8254_set_gate2(p->pit, (v & GATE2) != 0);
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct pcspk *p = (struct pcspk *)d;

    p->clock = machine_clock(m);
    p->pit = machine_device(m, p->pit_id);
    if (!p->pit || strcmp(p->pit->cls->name, "i8254") != 0)
        return vm_fail(e, VM_ENOENT, "pcspk: pit=%s is no i8254 that was added before it",
                       p->pit_id);
    p->port = (struct mem_region){ .name = "pcspk", .kind = MEM_MMIO, .size = 1,
                                   .ops = &port_ops, .dev = p };
    return machine_claim_ports(m, &p->port, 0x61, e);
}

/* The timer resets its own gate input; both start closed. */
static void reset(struct device *d, enum reset_kind k)
{
    if (k != RESET_SOFT)
        ((struct pcspk *)d)->value = 0;
}

static void snap(struct device *d, struct snap *s)
{
    struct pcspk *p = (struct pcspk *)d;

    snap_begin(s, "pcspk", 1);
    snap_u8(s, "value", &p->value);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "pit", "id of the timer", PROP_STR, offsetof(struct pcspk, pit_id), "i8254" },
    { .name = NULL },
};

const struct dev_class pcspk_class = {
    .name = "pcspk", .help = "system control port B and PC speaker gate",
    .size = sizeof(struct pcspk), .props = props, .realize = realize, .reset = reset, .snap = snap,
};
