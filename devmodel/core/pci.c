/* pci.c - one PCI bus: configuration mechanism #1, masks, BAR mapping, INTx wires.
 *
 * PCI Local Bus Specification 2.1, chapters 3.7.4 and 6. Not modelled: bridges (every bus but
 * number 0 is empty), 64-bit BARs, expansion ROMs, parity and target aborts. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/pci.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/snap.h"
#include <stdlib.h>

#define ADDR_ENABLE 0x80000000u
#define BAR_PRIO    (-1)             /* below fixed claims: a guest cannot hide those by a BAR */

struct pci_bus {
    struct machine        *m;
    struct pci_func       *func[256];
    uint32_t               addr;     /* port CF8h */
    struct mem_region      addr_ports, data_ports;
    struct irq_line        pirq[4];
    uint8_t                intx[32]; /* bits 0..7: level of function n of the device */
    const struct mmio_ops *cf9;
    void                  *cf9_dev;
};

struct pci_func *pci_func_at(struct pci_bus *b, uint8_t devfn) { return b->func[devfn]; }

struct irq_line *pci_pirq(struct pci_bus *b, unsigned n)
{
    VM_ASSERT(n < 4);
    return &b->pirq[n];
}

void pci_set_cf9(struct pci_bus *b, const struct mmio_ops *ops, void *dev)
{
    b->cf9 = ops;
    b->cf9_dev = dev;
}

/* ---- BARs ----------------------------------------------------------------------------------- */

static bool bar_is_on(const struct pci_func *f, unsigned i, uint64_t *base)
{
    uint32_t v = vm_ld32(f->cfg + PCI_BAR0 + 4 * i);
    uint64_t size = f->bar[i].size, limit = f->bar_is_io[i] ? 0x10000 : 0x100000000;

    *base = v & ~(uint32_t)(size - 1);
    if (!(f->cfg[PCI_COMMAND] & (f->bar_is_io[i] ? PCI_CMD_IO : PCI_CMD_MEM)))
        return false;
    return *base != 0 && *base <= limit - size;
}

static void remap_bar(struct pci_func *f, unsigned i)
{
    struct mem_region *r = &f->bar[i];
    struct machine *m = f->dev.m;
    uint64_t base;
    bool on = bar_is_on(f, i, &base);

    if (r->parent && (!on || r->base != base))
        mem_remove(r);
    if (on && !r->parent)
        mem_add(f->bar_is_io[i] ? mem_root(machine_ports(m)) : machine_pci_mem(m), r, base,
                BAR_PRIO);
}

void pci_func_remap(struct pci_func *f)
{
    struct mem_space *ports = machine_ports(f->dev.m), *mem = machine_ram(f->dev.m);

    mem_begin(ports);
    mem_begin(mem);
    for (unsigned i = 0; i < 6; i++)
        if (f->bar[i].size)
            remap_bar(f, i);
    mem_commit(mem);
    mem_commit(ports);
}

/* The BAR's constant low bits, and its address bits writable: that is how software sizes it. */
static void init_bar(struct pci_func *f, unsigned i)
{
    uint64_t size = f->bar[i].size;
    unsigned at = PCI_BAR0 + 4 * i;

    VM_ASSERT(vm_is_pow2(size) && size >= (f->bar_is_io[i] ? 4 : 16) && size <= 0x80000000);
    vm_st32(f->cfg + at, f->bar_is_io[i] ? 1 : vm_ld32(f->cfg + at) & 8 /* prefetchable */);
    vm_st32(f->wmask + at, ~(uint32_t)(size - 1));
    f->wmask[PCI_COMMAND] |= f->bar_is_io[i] ? PCI_CMD_IO : PCI_CMD_MEM;
}

/* ---- interrupt wires ------------------------------------------------------------------------ */

static void drive_pirqs(struct pci_bus *b)
{
    bool level[4] = { false };

    for (unsigned devfn = 0; devfn < 256; devfn++) {
        const struct pci_func *f = b->func[devfn];
        unsigned pin = f ? f->cfg[PCI_INT_PIN] : 0, dev = devfn >> 3;
        if (pin >= 1 && pin <= 4 && (b->intx[dev] >> (devfn & 7) & 1))
            level[(dev + pin - 2) & 3] = true;
    }
    for (unsigned i = 0; i < 4; i++)
        irq_set(&b->pirq[i], level[i]);
}

static void intx_set(void *sink, unsigned devfn, bool level)
{
    struct pci_bus *b = sink;
    uint8_t bit = 1u << (devfn & 7);

    b->intx[devfn >> 3] = level ? b->intx[devfn >> 3] | bit : b->intx[devfn >> 3] & ~bit;
    drive_pirqs(b);
}

void pci_bus_announce(struct pci_bus *b)
{
    for (unsigned i = 0; i < 256; i++)
        if (b->func[i])
            irq_announce(&b->func[i]->intx);
    for (unsigned i = 0; i < 4; i++)
        irq_announce(&b->pirq[i]);
}

/* ---- functions ------------------------------------------------------------------------------ */

int pci_attach(struct pci_bus *b, struct pci_func *f, uint8_t devfn, struct vm_error *e)
{
    if (b->func[devfn])
        return vm_fail(e, VM_EBUSY, "%s wants PCI slot %u function %u, which %s has", f->dev.id,
                       devfn >> 3, devfn & 7, b->func[devfn]->dev.id);
    for (unsigned i = 0; i < 6; i++)
        if (f->bar[i].size)
            init_bar(f, i);
    f->wmask[PCI_INT_LINE] = 0xff;
    f->devfn = devfn;
    irq_connect(&f->intx, intx_set, b, devfn);
    b->func[devfn] = f;
    return VM_OK;
}

void pci_detach(struct pci_bus *b, struct pci_func *f)
{
    if (b->func[f->devfn] != f)
        return;
    irq_set(&f->intx, false);
    for (unsigned i = 0; i < 6; i++)
        mem_remove(&f->bar[i]);
    b->func[f->devfn] = NULL;
}

void pci_forget_device(struct pci_bus *b, const struct device *d)
{
    for (unsigned i = 0; i < 256; i++)
        if (b->func[i] && (uintptr_t)&b->func[i]->dev - (uintptr_t)d < d->cls->size)
            pci_detach(b, b->func[i]);
}

void pci_func_reset(struct pci_func *f)
{
    for (unsigned i = PCI_COMMAND; i < PCI_COMMAND + 2; i++)
        f->cfg[i] &= ~f->wmask[i];
    for (unsigned i = PCI_BAR0; i < PCI_BAR0 + 24; i++)
        f->cfg[i] &= ~f->wmask[i];
    f->cfg[PCI_INT_LINE] = 0;
    pci_func_remap(f);
}

void pci_func_snap(struct pci_func *f, struct snap *s)
{
    uint8_t cfg[PCI_CFG_SIZE];

    memcpy(cfg, f->cfg, sizeof cfg);
    snap_mem(s, "cfg", cfg, sizeof cfg);
    if (snap_mode(s) != SNAP_LOAD || snap_status(s, NULL) < 0)
        return;
    for (unsigned i = 0; i < PCI_CFG_SIZE; i++) {
        bool fixed = i < PCI_COMMAND || (i >= PCI_REVISION && i < PCI_INT_LINE) || i == PCI_INT_PIN;
        uint8_t mask = fixed ? f->wmask[i] : 0xff;       /* a file cannot change what we are */
        f->cfg[i] = (f->cfg[i] & ~mask) | (cfg[i] & mask);
    }
    pci_func_remap(f);
}

/* ---- configuration mechanism #1 ------------------------------------------------------------- */

static struct pci_func *selected(const struct pci_bus *b)
{
    if (!(b->addr & ADDR_ENABLE) || (b->addr >> 16 & 0xff) != 0)
        return NULL;
    return b->func[b->addr >> 8 & 0xff];
}

static uint64_t data_read(void *opaque, uint64_t off, unsigned size)
{
    struct pci_bus *b = opaque;
    struct pci_func *f = selected(b);

    return f ? vm_ld(f->cfg + (b->addr & 0xfc) + off, size) : vm_ones(size);
}

static bool touches(unsigned at, unsigned size, unsigned from, unsigned to)
{
    return at < to && at + size > from;
}

static void data_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pci_bus *b = opaque;
    struct pci_func *f = selected(b);
    unsigned at = (b->addr & 0xfc) + off;

    if (!f)
        return;
    for (unsigned i = 0; i < size; i++, val >>= 8) {
        uint8_t *c = &f->cfg[at + i], mask = f->wmask[at + i];
        *c = (*c & ~mask) | (val & mask);
        *c &= ~(val & f->w1c[at + i]);
    }
    if (touches(at, size, PCI_COMMAND, PCI_COMMAND + 1) ||
        touches(at, size, PCI_BAR0, PCI_BAR0 + 24))
        pci_func_remap(f);
    if (f->cfg_written)
        f->cfg_written(f, at, size);
}

/* Only a doubleword reaches the address register; bytes fall through to the ISA bridge's CF9h. */
static uint64_t addr_read(void *opaque, uint64_t off, unsigned size)
{
    struct pci_bus *b = opaque;

    if (size == 4)
        return b->addr;
    if (off == 1 && size == 1 && b->cf9)
        return b->cf9->read(b->cf9_dev, 0, 1);
    return vm_ones(size);
}

static void addr_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pci_bus *b = opaque;

    if (size == 4)
        b->addr = val & 0x80fffffc;
    else if (off == 1 && size == 1 && b->cf9)
        b->cf9->write(b->cf9_dev, 0, val, 1);
}

static const struct mmio_ops addr_ops = { addr_read, addr_write, 1, 4 };
static const struct mmio_ops data_ops = { data_read, data_write, 1, 4 };

/* ---- the bus -------------------------------------------------------------------------------- */

int pci_bus_new(struct pci_bus **out, struct machine *m, struct vm_error *e)
{
    struct pci_bus *b = calloc(1, sizeof *b);
    static const char *const names[4] = { "pirq-a", "pirq-b", "pirq-c", "pirq-d" };

    if (!b)
        return vm_fail(e, VM_ENOMEM, "no memory for the PCI bus");
    b->m = m;
    for (unsigned i = 0; i < 4; i++)
        b->pirq[i].name = names[i];
    b->addr_ports = (struct mem_region){ .name = "pci-address", .kind = MEM_MMIO, .size = 4,
                                         .ops = &addr_ops, .dev = b };
    b->data_ports = (struct mem_region){ .name = "pci-data", .kind = MEM_MMIO, .size = 4,
                                         .ops = &data_ops, .dev = b };
    int rc = machine_claim_ports(m, &b->addr_ports, 0xcf8, e);
    if (rc == VM_OK)
        rc = machine_claim_ports(m, &b->data_ports, 0xcfc, e);
    if (rc < 0)
        free(b);
    else
        *out = b;
    return rc;
}

void pci_bus_free(struct pci_bus *b) { free(b); }

void pci_bus_reset(struct pci_bus *b) { b->addr = 0; }

void pci_bus_snap(struct pci_bus *b, struct snap *s)
{
    snap_begin(s, "pci", 1);
    snap_u32(s, "address", &b->addr);
    snap_end(s);
    b->addr &= 0x80fffffc;
}
