/* debugcon.c - isa-debugcon: every byte written to one port goes to a character back end.
 *
 * Behaviour and property names: the Bochs port E9h hack and QEMU's device of that name. What the
 * back end does not take at once waits in 4 KiB; what finds them full is lost, for the port cannot
 * make its writer wait. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/backend.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

enum { ROOM = 4096, RETRY_NS = 1000000 };

struct debugcon {
    struct device     dev;
    struct mem_region port;
    struct vtimer     retry;
    uint8_t           held[ROOM];
    uint32_t          head, len;
    uint32_t          iobase, readback;           /* properties */
    struct chr       *chr;                        /* property; NULL: into the void */
};

/* Gives the back end what it takes; the rest is tried again. */
static void flush(struct debugcon *c)
{
    while (c->len) {
        uint32_t n = ROOM - c->head < c->len ? ROOM - c->head : c->len;
        size_t taken = c->chr ? c->chr->ops->write(c->chr->self, c->held + c->head, n) : n;

        c->head = (c->head + taken) % ROOM;
        c->len -= taken;
        if (taken < n)
            break;
    }
    if (c->len && c->retry.due == VTIME_NEVER)
        vtimer_arm(&c->retry, vclock_now(c->retry.clock) + RETRY_NS);
}

static void on_retry(void *opaque, vtime_t due)
{
    (void)due;
    flush(opaque);
}

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    (void)size;
    return ((struct debugcon *)opaque)->readback & 0xff;
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct debugcon *c = opaque;

    (void)off;
    (void)size;
    if (c->len < ROOM)
        c->held[(c->head + c->len++) % ROOM] = v;
    flush(c);
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct debugcon *c = (struct debugcon *)d;

    if (c->iobase > 0xffff)
        return vm_fail(e, VM_EINVAL, "isa-debugcon: iobase=%u is no port; they end at 65535",
                       c->iobase);
    c->port = (struct mem_region){ .name = "isa-debugcon", .kind = MEM_MMIO, .size = 1,
                                   .ops = &port_ops, .dev = c };
    vtimer_init(&c->retry, machine_clock(m), "debugcon.retry", on_retry, c);
    return machine_claim_ports(m, &c->port, c->iobase, e);
}

static void unrealize(struct device *d)
{
    struct debugcon *c = (struct debugcon *)d;

    flush(c);
    vtimer_forget(&c->retry);
}

static void snap(struct device *d, struct snap *s)
{
    struct debugcon *c = (struct debugcon *)d;

    snap_begin(s, "debugcon", 1);
    snap_mem(s, "held", c->held, sizeof c->held);
    snap_u32(s, "head", &c->head);
    snap_u32(s, "len", &c->len);
    snap_check(s, "len", c->head >= ROOM || c->len > ROOM);
    vtimer_snap(&c->retry, s);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "iobase", "port", PROP_U32, offsetof(struct debugcon, iobase), "0xe9" },
    { "readback", "value read from the port", PROP_U32, offsetof(struct debugcon, readback),
      "0xe9" },
    { "chardev", "where the bytes go", PROP_CHR, offsetof(struct debugcon, chr), "" },
    { .name = NULL },
};

const struct dev_class debugcon_class = {
    .name = "isa-debugcon", .help = "debug console port", .size = sizeof(struct debugcon),
    .props = props, .realize = realize, .snap = snap, .unrealize = unrealize,
};
