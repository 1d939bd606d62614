/* ioapic.c - the I/O APIC: 24 pins to messages for the local APIC.
 *
 * Datasheet: Intel 82093AA. Pins: request n is pin n, but request 0 is pin 2 and request 2 (the
 * cascade) none, as in PCs. Not modelled: the polarity bit (our wires carry "asserted", not volts),
 * ExtINT entries (the PIC has LINT0), the arbitration register's use. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include "devmodel/dev/apic.h"

#define PINS    24u
#define BASE    0xfec00000u
#define VERSION (0x11u | (PINS - 1) << 16)

enum { IOREGSEL = 0x00, IOWIN = 0x10 };
enum { REG_ID = 0, REG_VERSION = 1, REG_ARB = 2, REG_TABLE = 0x10 };
enum { RT_LOGICAL = 0x800, RT_REMOTE_IRR = 0x4000, RT_LEVEL = 0x8000, RT_MASKED = 0x10000 };

struct ioapic {
    struct device     dev;
    struct mem_region regs;
    void            (*send)(void *self, const struct apic_message *m);
    void             *send_self;
    uint8_t           index;
    uint32_t          id, pins;      /* pins: one level each */
    uint64_t          table[PINS];
};

static void send(struct ioapic *io, unsigned pin)
{
    uint64_t rt = io->table[pin];
    struct apic_message m = { .dest = rt >> 56, .vector = rt, .mode = rt >> 8 & 7,
                              .logical = rt & RT_LOGICAL, .level = rt & RT_LEVEL };

    if (rt & RT_LEVEL)
        io->table[pin] |= RT_REMOTE_IRR;
    if (io->send)
        io->send(io->send_self, &m);
}

/* A level that is asserted, open and not in service goes out. */
static void check_level(struct ioapic *io, unsigned pin)
{
    uint64_t rt = io->table[pin];

    if ((io->pins >> pin & 1) && (rt & RT_LEVEL) && !(rt & (RT_MASKED | RT_REMOTE_IRR)))
        send(io, pin);
}

static void set_irq(void *opaque, unsigned irq, bool level)
{
    struct ioapic *io = opaque;
    unsigned pin = irq == 0 ? 2 : irq;
    bool was = io->pins >> pin & 1;

    if (irq == 2 || level == was)
        return;
    io->pins ^= 1u << pin;
    if (io->table[pin] & RT_LEVEL)
        check_level(io, pin);
    else if (level && !(io->table[pin] & RT_MASKED))
        send(io, pin);               /* an edge on a masked pin is lost */
}

void ioapic_eoi(struct device *d, uint8_t vector)
{
    struct ioapic *io = (struct ioapic *)d;

    for (unsigned i = 0; i < PINS; i++)
        if ((io->table[i] & RT_LEVEL) && (uint8_t)io->table[i] == vector) {
            io->table[i] &= ~(uint64_t)RT_REMOTE_IRR;
            check_level(io, i);
        }
}

void ioapic_on_message(struct device *d, void (*to)(void *self, const struct apic_message *m),
                       void *self)
{
    ((struct ioapic *)d)->send = to;
    ((struct ioapic *)d)->send_self = self;
}

/* ---- registers ------------------------------------------------------------------------------ */

static uint32_t win_read(const struct ioapic *io)
{
    unsigned row = (io->index - REG_TABLE) / 2u;

    switch (io->index) {
    case REG_ID: case REG_ARB: return io->id;
    case REG_VERSION: return VERSION;
    }
    if (io->index < REG_TABLE || row >= PINS)
        return 0;
    return io->table[row] >> (io->index & 1 ? 32 : 0);
}

static void win_write(struct ioapic *io, uint32_t v)
{
    const uint32_t fixed = RT_REMOTE_IRR | 0x1000 /* delivery status */;
    unsigned row = (io->index - REG_TABLE) / 2u;

    if (io->index == REG_ID)
        io->id = v & 0x0f000000;
    if (io->index < REG_TABLE || row >= PINS)
        return;
    uint64_t *rt = &io->table[row];
    if (io->index & 1) {
        *rt = (uint32_t)*rt | (uint64_t)(v & 0xff000000) << 32;
        return;
    }
    *rt = (*rt & (~0xffffffffull | fixed)) | (v & 0x1ffff & ~fixed);
    if (!(*rt & RT_LEVEL))
        *rt &= ~(uint64_t)RT_REMOTE_IRR;
    check_level(io, row);
}

static uint64_t reg_read(void *opaque, uint64_t off, unsigned size)
{
    struct ioapic *io = opaque;

    (void)size;
    return off == IOREGSEL ? io->index : off == IOWIN ? win_read(io) : 0;
}

static void reg_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ioapic *io = opaque;

    (void)size;
    if (off == IOREGSEL)
        io->index = val;
    else if (off == IOWIN)
        win_write(io, val);
}

static const struct mmio_ops reg_ops = { reg_read, reg_write, 4, 4 };

/* ---- device --------------------------------------------------------------------------------- */

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct ioapic *io = (struct ioapic *)d;

    io->regs = (struct mem_region){ .name = "ioapic", .kind = MEM_MMIO, .size = GUEST_PAGE,
                                    .ops = &reg_ops, .dev = io };
    VM_TRY(machine_claim_mem(m, &io->regs, BASE, e));
    return machine_add_irq_sink(m, set_irq, io, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct ioapic *io = (struct ioapic *)d;

    (void)k;
    io->index = 0;
    io->id = 0;
    for (unsigned i = 0; i < PINS; i++)
        io->table[i] = RT_MASKED;
}

static void snap(struct device *d, struct snap *s)
{
    struct ioapic *io = (struct ioapic *)d;

    snap_begin(s, "ioapic", 1);
    snap_u8(s, "index", &io->index);
    snap_u32(s, "id", &io->id);
    snap_u32(s, "pins", &io->pins);
    snap_mem(s, "table", io->table, sizeof io->table);
    snap_end(s);
}

const struct dev_class ioapic_class = {
    .name = "ioapic", .help = "82093AA I/O APIC", .size = sizeof(struct ioapic),
    .realize = realize, .reset = reset, .snap = snap,
};
