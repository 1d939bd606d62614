/* pc_board.c - the main board as a device: its button, the coprocessor's request 13, what it lays
 * into RAM at reset.
 *
 * FERR# sets request 13, a write to port F0h takes it back (82371SB data sheet, coprocessor error
 * register). Not modelled: IGNNE#, which a handler needs only to run waiting x87 instructions
 * before it has cleared the error. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/board/pc_priv.h"
#include "devmodel/core/snap.h"

struct board {
    struct device     dev;
    struct pc        *pc;
    struct mem_region port_f0;
    struct irq_line   irq13, power_button, nmi;
    bool              ferr, latched; /* the CPU's pin; request 13 */
};

void pc_ferr(struct device *d, bool level)
{
    struct board *b = (struct board *)d;

    b->latched |= level && !b->ferr;
    b->ferr = level;
    irq_set(&b->irq13, b->latched);
}

static uint64_t f0_read(void *opaque, uint64_t off, unsigned size)
{
    (void)opaque;
    (void)off;
    (void)size;
    return 0xff;
}

static void f0_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct board *b = opaque;

    (void)off;
    (void)val;
    (void)size;
    b->latched = false;
    irq_set(&b->irq13, false);
}

static const struct mmio_ops f0_ops = { f0_read, f0_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct board *b = (struct board *)d;

    b->port_f0 = (struct mem_region){ .name = "coprocessor-error", .kind = MEM_MMIO, .size = 1,
                                      .ops = &f0_ops, .dev = b };
    VM_TRY(machine_claim_ports(m, &b->port_f0, 0xf0, e));
    VM_TRY(machine_claim_irq(m, &b->irq13, 13, e));
    VM_TRY(machine_connect_wire(m, "power-button", &b->power_button, e));
    return machine_connect_wire(m, "nmi", &b->nmi, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct board *b = (struct board *)d;

    (void)k;
    b->latched = false;
    pc_lay_pieces(b->pc);
}

static void drive(struct device *d)
{
    struct board *b = (struct board *)d;

    irq_set(&b->irq13, b->latched);
}

static void snap(struct device *d, struct snap *s)
{
    struct board *b = (struct board *)d;

    snap_begin(s, "pc-board", 1);
    snap_bool(s, "ferr", &b->ferr);
    snap_bool(s, "irq13", &b->latched);
    snap_end(s);
}

static const struct dev_class board_class = {
    .name = "pc-board", .help = "the main board itself", .size = sizeof(struct board),
    .realize = realize, .reset = reset, .drive = drive, .snap = snap,
};

int pc_add_board(struct pc *pc, struct vm_error *e)
{
    VM_TRY(machine_add_class(pc->m, &board_class, NULL, NULL, &pc->board, e));
    ((struct board *)pc->board)->pc = pc;
    return VM_OK;
}

static void press(struct irq_line *button)
{
    irq_set(button, true);
    irq_set(button, false);
}

void pc_power_button(struct pc *pc) { press(&((struct board *)pc->board)->power_button); }

void pc_nmi(struct pc *pc) { press(&((struct board *)pc->board)->nmi); }
