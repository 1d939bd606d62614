/* piix3.c - 82371SB PCI-to-ISA bridge, function 0: PIRQ routing and the reset control port CF9h.
 *
 * Datasheet: Intel 82371SB (PIIX3), order number 290550. Each of the four PIRQ wires is steered to
 * one ISA request line by PIRQRC[A:D]; a line carries the OR of the wires steered to it. Left out:
 * the ELCR (with the 8259), APM ports (with the power management function), MBIRQ and DMA steering,
 * X-bus decode enables (they keep their values). */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"

enum { CFG_PIRQRC = 0x60, PIRQ_OFF = 0x80, N_PIRQ = 4, N_IRQ = 16 };
enum { RCR_SRST = 2, RCR_RCPU = 4, RCR_MASK = 6 };

struct piix3 {
    struct pci_func   pci;
    struct irq_line   out[N_IRQ];    /* to the ISA request lines */
    struct irq_line   cpu_reset;
    uint8_t           rcr;
};

/* PIRQRC can name these lines; the rest are reserved (datasheet 2.2.10). */
static bool routable(unsigned irq)
{
    return 0xdef8u >> irq & 1;
}

static void update_irqs(struct piix3 *p)
{
    unsigned on = 0;

    for (unsigned i = 0; i < N_PIRQ; i++) {
        uint8_t route = p->pci.cfg[CFG_PIRQRC + i];

        if (pci_pirq(machine_pci(p->pci.dev.m), i)->level && !(route & PIRQ_OFF))
            on |= 1u << (route & 15);
    }
    for (unsigned i = 0; i < N_IRQ; i++)
        if (routable(i))
            irq_set(&p->out[i], on >> i & 1);
}

static void set_pirq(void *sink, unsigned pin, bool level)
{
    (void)pin, (void)level;
    update_irqs(sink);
}

static void cfg_written(struct pci_func *f, unsigned off, unsigned size)
{
    if (off < CFG_PIRQRC + N_PIRQ && off + size > CFG_PIRQRC)
        update_irqs((struct piix3 *)f);
}

static uint64_t rcr_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off, (void)size;
    return ((struct piix3 *)opaque)->rcr;
}

static void rcr_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct piix3 *p = opaque;
    bool rising = val & ~p->rcr & RCR_RCPU;

    (void)off, (void)size;
    p->rcr = val & RCR_MASK;
    if (rising && val & RCR_SRST)
        machine_request(p->pci.dev.m, MACHINE_RESET, 0);
    irq_set(&p->cpu_reset, (p->rcr & RCR_MASK) == RCR_RCPU);   /* without SRST: the CPU alone */
}

static const struct mmio_ops rcr_ops = { rcr_read, rcr_write, 1, 1 };

static void set_masks(struct pci_func *f)
{
    static const struct { uint8_t off, wmask; } rw[] = {
        { 0x04, 0x08 }, { 0x05, 0x01 }, { 0x4c, 0xff }, { 0x4e, 0xff }, { 0x4f, 0x01 },
        { 0x60, 0x8f }, { 0x61, 0x8f }, { 0x62, 0x8f }, { 0x63, 0x8f }, { 0x69, 0xfe },
        { 0x6a, 0x17 }, { 0x70, 0xef }, { 0x76, 0x8f }, { 0x77, 0x8f }, { 0x78, 0xff },
        { 0x79, 0xff }, { 0x80, 0x7f }, { 0x82, 0x0f }, { 0xa0, 0x1f }, { 0xa2, 0xff },
        { 0xa3, 0xff }, { 0xa4, 0xff }, { 0xa5, 0xff }, { 0xa6, 0xff }, { 0xa7, 0xff },
        { 0xa8, 0xff }, { 0xac, 0xff }, { 0xae, 0xff },
    };

    for (unsigned i = 0; i < sizeof rw / sizeof rw[0]; i++)
        f->wmask[rw[i].off] = rw[i].wmask;
    f->w1c[0x07] = 0x78;
}

static void set_cfg(struct pci_func *f)
{
    static const struct { uint8_t off, val; } init[] = {
        { 0x00, 0x86 }, { 0x01, 0x80 }, { 0x03, 0x70 }, { 0x04, 0x07 }, { 0x07, 0x02 },
        { 0x0a, 0x01 }, { 0x0b, 0x06 }, { 0x0e, 0x80 }, { 0x4c, 0x4d }, { 0x4e, 0x03 },
        { 0x60, 0x80 }, { 0x61, 0x80 }, { 0x62, 0x80 }, { 0x63, 0x80 }, { 0x69, 0x02 },
        { 0x70, 0x80 }, { 0x76, 0x0c }, { 0x77, 0x0c }, { 0x78, 0x02 }, { 0xa0, 0x08 },
        { 0xa8, 0x0f },
    };

    memset(f->cfg, 0, sizeof f->cfg);
    for (unsigned i = 0; i < sizeof init / sizeof init[0]; i++)
        f->cfg[init[i].off] = init[i].val;
}

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct piix3 *p = (struct piix3 *)d;

    if (!machine_pci(m))
        return vm_fail(e, VM_EINVAL, "the PIIX3 ISA bridge needs a board with a PCI bus");
    p->pci.cfg_written = cfg_written;
    set_masks(&p->pci);
    set_cfg(&p->pci);
    VM_TRY(pci_attach(machine_pci(m), &p->pci, 1 << 3, e));
    for (unsigned i = 0; i < N_PIRQ; i++)
        irq_connect(pci_pirq(machine_pci(m), i), set_pirq, p, i);
    for (unsigned i = 0; i < N_IRQ; i++)
        if (routable(i))
            VM_TRY(machine_share_irq(m, &p->out[i], i, e));
    VM_TRY(machine_connect_wire(m, "reset", &p->cpu_reset, e));
    pci_set_cf9(machine_pci(m), &rcr_ops, p);
    return VM_OK;
}

static void unrealize(struct device *d)
{
    struct piix3 *p = (struct piix3 *)d;

    pci_set_cf9(machine_pci(d->m), NULL, NULL);
    for (unsigned i = 0; i < N_PIRQ; i++)
        irq_connect(pci_pirq(machine_pci(d->m), i), NULL, NULL, i);
    pci_detach(machine_pci(d->m), &p->pci);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct piix3 *p = (struct piix3 *)d;

    if (k == RESET_SOFT)
        return;
    pci_func_reset(&p->pci);
    set_cfg(&p->pci);
    p->rcr = 0;
}

static void drive(struct device *d)
{
    struct piix3 *p = (struct piix3 *)d;

    update_irqs(p);
    irq_set(&p->cpu_reset, (p->rcr & RCR_MASK) == RCR_RCPU);
}

static void snap(struct device *d, struct snap *s)
{
    struct piix3 *p = (struct piix3 *)d;

    snap_begin(s, "piix3", 1);
    pci_func_snap(&p->pci, s);
    snap_u8(s, "rcr", &p->rcr);
    snap_end(s);
}

const struct dev_class piix3_class = {
    .name = "piix3", .help = "82371SB PCI-to-ISA bridge", .size = sizeof(struct piix3),
    .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
