/* i440fx.c - 82441FX host bridge: PCI function 0:0.0, shadow RAM below 1 MiB, SMRAM window.
 *
 * Datasheet: Intel 82441FX (PMC), order number 290549. Config space by masks. Each PAM field picks
 * RAM or PCI (the ROM there) for reads and RAM or nothing for writes. RAM outside A0000..FFFFF is
 * the board's to map. Left out: the DRAM timing and ECC the registers describe (they only keep
 * their values), the turbo reset register, and SMM: SMRAM is open only while D_OPEN is set. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"

enum { CFG_DRAMC = 0x57, CFG_PAM0 = 0x59, CFG_DRB0 = 0x60, CFG_SMRAM = 0x72 };
enum { PAM_RE = 1, PAM_WE = 2 };
enum { SMRAM_D_LCK = 0x10, SMRAM_D_OPEN = 0x40, SMRAM_RESET = 0x02 };
enum { N_PAM = 13, WINDOW = 0x4000, BASE = 0xc0000, N_WINDOW = 16 };
enum { PRIO_SHADOW = 10, SMRAM_BASE = 0xa0000, SMRAM_SIZE = 0x20000 };

/* One 16 KiB window of C0000..FFFFF; exactly one of the four regions is enabled. */
struct window {
    struct mem_region pci;           /* what lies on the PCI side */
    struct mem_region read_only;     /* RAM answers, writes vanish */
    struct mem_region write_only;    /* PCI side answers, writes land in the RAM below it */
    struct mem_region ram;
    uint8_t          *ram_host;
    const uint8_t    *rom_host;      /* what write_only reads; NULL = all ones */
};

struct i440fx {
    struct pci_func    pci;
    struct window      win[N_WINDOW];
    struct mem_region  smram;
};

/* PAM field i of 13 (datasheet table 3.2.18): F0000 first, then C0000 upward in 16 KiB steps. */
static unsigned window_attr(const struct i440fx *b, unsigned w)
{
    unsigned field = w >= N_PAM - 1 ? 0 : w + 1;
    uint8_t reg = b->pci.cfg[CFG_PAM0 + (field + 1) / 2];

    return field == 0 || field % 2 == 0 ? reg >> 4 & 3 : reg & 3;
}

/* A window that only writes RAM still reads the ROM it hides: found while the PCI side shows. */
static void find_rom(struct i440fx *b, unsigned i)
{
    const struct mem_span *sp = mem_find(machine_ram(b->pci.dev.m), BASE + i * WINDOW);
    uint64_t skip;

    b->win[i].rom_host = NULL;
    if (!sp || (sp->region->kind != MEM_ROM && sp->region->kind != MEM_RAM))
        return;
    skip = BASE + i * WINDOW - sp->gpa;
    if (sp->size - skip >= WINDOW)
        b->win[i].rom_host = sp->region->host + sp->region_off + skip;
}

static void update_window(struct i440fx *b, unsigned i)
{
    struct mem_space *sp = machine_ram(b->pci.dev.m);
    struct window *w = &b->win[i];
    unsigned attr = window_attr(b, i);

    if (attr == PAM_WE && !w->write_only.enabled) {
        mem_begin(sp);
        mem_enable(&w->read_only, false);
        mem_enable(&w->ram, false);
        mem_enable(&w->pci, true);
        mem_commit(sp);
        find_rom(b, i);
    }
    mem_begin(sp);
    mem_enable(&w->pci, attr == 0);
    mem_enable(&w->read_only, attr == PAM_RE);
    mem_enable(&w->write_only, attr == PAM_WE);
    mem_enable(&w->ram, attr == (PAM_RE | PAM_WE));
    mem_commit(sp);
}

static void update_map(struct i440fx *b)
{
    if (b->pci.cfg[CFG_SMRAM] & SMRAM_D_LCK) {           /* until the next hard reset */
        b->pci.cfg[CFG_SMRAM] &= ~SMRAM_D_OPEN;
        b->pci.wmask[CFG_SMRAM] = 0;
    }
    for (unsigned i = 0; i < N_WINDOW; i++)
        update_window(b, i);
    mem_enable(&b->smram, b->pci.cfg[CFG_SMRAM] & SMRAM_D_OPEN);
}

static void write_through(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    vm_st(((struct window *)opaque)->ram_host + off, val, size);
}

static uint64_t read_hidden(void *opaque, uint64_t off, unsigned size)
{
    const struct window *w = opaque;

    return w->rom_host ? vm_ld(w->rom_host + off, size) : vm_ones(size);
}

static const struct mmio_ops write_only_ops = { read_hidden, write_through, 1, 8 };

static void add_disabled(struct machine *m, struct mem_region *r, uint64_t base)
{
    mem_add(mem_root(machine_ram(m)), r, base, PRIO_SHADOW);
    mem_enable(r, false);
}

static void map_window(struct i440fx *b, struct machine *m, unsigned i)
{
    struct window *w = &b->win[i];
    struct mem_region *ram = machine_ram_region(m);
    uint64_t base = BASE + (uint64_t)i * WINDOW;

    w->ram_host = ram->host + base;
    w->pci = (struct mem_region){ .name = "pam-pci", .kind = MEM_ALIAS, .size = WINDOW,
                                  .target = machine_pci_mem(m), .target_off = base };
    w->read_only = (struct mem_region){ .name = "pam-read", .kind = MEM_ROM, .size = WINDOW,
                                        .host = w->ram_host };
    w->write_only = (struct mem_region){ .name = "pam-write", .kind = MEM_MMIO, .size = WINDOW,
                                         .ops = &write_only_ops, .dev = w };
    w->ram = (struct mem_region){ .name = "pam-ram", .kind = MEM_ALIAS, .size = WINDOW,
                                  .target = ram, .target_off = base };
    add_disabled(m, &w->pci, base);
    add_disabled(m, &w->read_only, base);
    add_disabled(m, &w->write_only, base);
    add_disabled(m, &w->ram, base);
}

/* DRB0..7: end of each of eight rows in 8 MiB units; all RAM is shown as one row. */
static void fill_drb(struct i440fx *b)
{
    uint64_t units = machine_ram_region(b->pci.dev.m)->size >> 23;

    memset(b->pci.cfg + CFG_DRB0, units > 255 ? 255 : (int)units, 8);
}

static void cfg_written(struct pci_func *f, unsigned off, unsigned size)
{
    struct i440fx *b = (struct i440fx *)f;

    if (off <= CFG_SMRAM && off + size > CFG_PAM0)
        update_map(b);
}

static void set_masks(struct pci_func *f)
{
    static const struct { uint8_t off, wmask; } rw[] = {
        { 0x04, 0x02 }, { 0x05, 0x01 }, { 0x0d, 0xf8 }, { 0x50, 0xfc }, { 0x51, 0xff },
        { 0x52, 0x03 }, { 0x53, 0xff }, { 0x54, 0xff }, { 0x55, 0xff }, { 0x56, 0xff },
        { 0x57, 0xef }, { 0x58, 0xff }, { 0x59, 0x30 }, { 0x5a, 0x33 }, { 0x5b, 0x33 },
        { 0x5c, 0x33 }, { 0x5d, 0x33 }, { 0x5e, 0x33 }, { 0x5f, 0x33 }, { 0x60, 0xff },
        { 0x61, 0xff }, { 0x62, 0xff }, { 0x63, 0xff }, { 0x64, 0xff }, { 0x65, 0xff },
        { 0x66, 0xff }, { 0x67, 0xff }, { 0x68, 0xff }, { 0x70, 0xff }, { 0x71, 0x1f },
        { CFG_SMRAM, 0x78 },
    };

    memset(f->wmask, 0, sizeof f->wmask);
    for (unsigned i = 0; i < sizeof rw / sizeof rw[0]; i++)
        f->wmask[rw[i].off] = rw[i].wmask;
    f->w1c[0x07] = 0xf9;
}

static void set_ids(struct pci_func *f)
{
    static const struct { uint8_t off, val; } init[] = {
        { 0x00, 0x86 }, { 0x01, 0x80 }, { 0x02, 0x37 }, { 0x03, 0x12 }, { 0x04, 0x06 },
        { 0x06, 0x80 }, { 0x07, 0x02 }, { 0x08, 0x02 }, { 0x0b, 0x06 }, { CFG_DRAMC, 0x01 },
        { 0x58, 0x10 }, { CFG_SMRAM, SMRAM_RESET },
    };

    memset(f->cfg, 0, sizeof f->cfg);
    for (unsigned i = 0; i < sizeof init / sizeof init[0]; i++)
        f->cfg[init[i].off] = init[i].val;
}

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct i440fx *b = (struct i440fx *)d;
    struct mem_region *ram = machine_ram_region(m);

    if (!machine_pci(m) || !ram || ram->size < 0x100000)
        return vm_fail(e, VM_EINVAL, "the i440fx host bridge needs a board with a PCI bus and at "
                       "least 1 MiB of RAM");
    b->pci.cfg_written = cfg_written;
    set_masks(&b->pci);
    set_ids(&b->pci);
    VM_TRY(pci_attach(machine_pci(m), &b->pci, 0, e));
    mem_begin(machine_ram(m));
    for (unsigned i = 0; i < N_WINDOW; i++)
        map_window(b, m, i);
    b->smram = (struct mem_region){ .name = "smram", .kind = MEM_ALIAS, .size = SMRAM_SIZE,
                                    .target = ram, .target_off = SMRAM_BASE };
    add_disabled(m, &b->smram, SMRAM_BASE);
    mem_commit(machine_ram(m));
    return VM_OK;
}

static void unrealize(struct device *d)
{
    struct i440fx *b = (struct i440fx *)d;

    mem_begin(machine_ram(d->m));
    for (unsigned i = 0; i < N_WINDOW; i++) {
        mem_remove(&b->win[i].pci);
        mem_remove(&b->win[i].read_only);
        mem_remove(&b->win[i].write_only);
        mem_remove(&b->win[i].ram);
    }
    mem_remove(&b->smram);
    mem_commit(machine_ram(d->m));
    pci_detach(machine_pci(d->m), &b->pci);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct i440fx *b = (struct i440fx *)d;

    if (k == RESET_SOFT)
        return;
    pci_func_reset(&b->pci);
    set_masks(&b->pci);
    set_ids(&b->pci);
    fill_drb(b);
}

static void drive(struct device *d)
{
    update_map((struct i440fx *)d);
}

static void snap(struct device *d, struct snap *s)
{
    struct i440fx *b = (struct i440fx *)d;

    snap_begin(s, "i440fx", 1);
    if (snap_mode(s) == SNAP_LOAD)
        set_masks(&b->pci);                              /* D_LCK takes effect in drive */
    pci_func_snap(&b->pci, s);
    snap_end(s);
}

const struct dev_class i440fx_class = {
    .name = "i440fx", .help = "82441FX host bridge", .size = sizeof(struct i440fx),
    .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
