/* piix3_ide.c - 82371SB IDE function: two ATA channels at their old ports and a bus master.
 *
 * Datasheet: Intel 82371SB (290550) sections 2.3 and 2.7; Programming Interface for Bus Master IDE
 * Controller 1.0. IDETIM comes out of reset with the ports decoded, as firmware leaves it. Left
 * out: timing (the registers keep their values), moving the legacy ports to native mode. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/piix3_ide.h"
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"
#include "devmodel/dev/ide.h"

enum { CFG_IDETIM = 0x40, CFG_SIDETIM = 0x44, IDETIM_DECODE = 0x80, BAR_BM = 4 };
enum { BM_START = 0x01, BM_TO_MEMORY = 0x08 };
enum { BM_ACTIVE = 0x01, BM_ERROR = 0x02, BM_INTR = 0x04, BM_CAPABLE = 0x60 };
enum { PRD_LAST = 0x8000 };

struct bm_channel {
    uint8_t  cmd, status;
    uint32_t table;                  /* descriptor table's address, as written */
    uint32_t next;                   /* address of the next descriptor */
    uint32_t at, left;               /* of the present one: address and bytes */
    bool     last;
    bool     intrq;                  /* the channel's line, to see it rise */
};

struct piix3_ide {
    struct pci_func    pci;
    struct ide_channel ch[2];
    struct bm_channel  bm[2];
    struct mem_space  *ram;
    const char        *kind[4];      /* properties */
};

/* ---- bus master ----------------------------------------------------------------------------- */

static void fetch(struct piix3_ide *p, struct bm_channel *b)
{
    uint8_t prd[8];

    mem_copy_in(p->ram, prd, b->next, sizeof prd);
    b->next += 8;
    b->at = vm_ld32(prd) & ~1u;
    b->left = vm_ld16(prd + 4) & 0xfffe;
    if (b->left == 0)
        b->left = 65536;
    b->last = vm_ld16(prd + 6) & PRD_LAST;
}

/* Each descriptor moves at least two bytes, so n bounds the walk whatever the table says. */
static size_t move(void *self, unsigned channel, uint8_t *buf, size_t n, bool to_memory)
{
    struct piix3_ide *p = self;
    struct bm_channel *b = &p->bm[channel];
    size_t done = 0;

    if (!(b->status & BM_ACTIVE) || !(p->pci.cfg[PCI_COMMAND] & PCI_CMD_MASTER))
        return 0;
    if (to_memory != !!(b->cmd & BM_TO_MEMORY))
        return 0;
    while (done < n && b->status & BM_ACTIVE) {
        if (b->left == 0)
            fetch(p, b);
        size_t len = n - done < b->left ? n - done : b->left;

        if (to_memory)
            mem_copy_out(p->ram, b->at, buf + done, len);
        else
            mem_copy_in(p->ram, buf + done, b->at, len);
        done += len;
        b->at += (uint32_t)len;
        b->left -= (uint32_t)len;
        if (b->left == 0 && b->last)
            b->status &= ~BM_ACTIVE;
    }
    return done;
}

static void intrq(void *self, unsigned channel, bool level)
{
    struct bm_channel *b = &((struct piix3_ide *)self)->bm[channel];

    if (level && !b->intrq)
        b->status |= BM_INTR;
    b->intrq = level;
}

static const struct ide_bus_master bus_master = { move, intrq };

static void command_write(struct piix3_ide *p, unsigned channel, uint8_t v)
{
    struct bm_channel *b = &p->bm[channel];
    bool starts = v & BM_START && !(b->cmd & BM_START);

    b->cmd = v & (BM_START | BM_TO_MEMORY);
    if (!(v & BM_START)) {
        b->status &= ~BM_ACTIVE;
        return;
    }
    if (!starts)
        return;
    b->status |= BM_ACTIVE;
    b->next = b->table;
    b->left = 0;
    b->last = false;
    ide_channel_dma_ready(&p->ch[channel]);
}

static uint8_t bm_byte(const struct bm_channel *b, unsigned reg)
{
    switch (reg) {
    case 0:
        return b->cmd;
    case 2:
        return b->status;
    case 4: case 5: case 6: case 7:
        return (uint8_t)(b->table >> (8 * (reg - 4)));
    default:
        return 0;
    }
}

static uint64_t bm_read(void *opaque, uint64_t off, unsigned size)
{
    const struct piix3_ide *p = opaque;
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)bm_byte(&p->bm[off >> 3 & 1], ((unsigned)off + i) & 7) << (8 * i);
    return v;
}

static void bm_write_byte(struct piix3_ide *p, unsigned channel, unsigned reg, uint8_t v)
{
    struct bm_channel *b = &p->bm[channel];

    if (reg == 0) {
        command_write(p, channel, v);
    } else if (reg == 2) {
        b->status &= ~(v & (BM_ERROR | BM_INTR));
        b->status = (b->status & ~BM_CAPABLE) | (v & BM_CAPABLE);
    } else if (reg >= 4) {
        unsigned shift = 8 * (reg - 4);

        b->table = (b->table & ~(0xffu << shift)) | (uint32_t)v << shift;
        b->table &= ~3u;
    }
}

static void bm_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        bm_write_byte(opaque, off >> 3 & 1, ((unsigned)off + i) & 7, (uint8_t)(val >> (8 * i)));
}

static const struct mmio_ops bm_ops = { bm_read, bm_write, 1, 4 };

/* ---- configuration space -------------------------------------------------------------------- */

static void decode_ports(struct piix3_ide *p)
{
    for (unsigned i = 0; i < 2; i++) {
        bool on = p->pci.cfg[CFG_IDETIM + 2 * i + 1] & IDETIM_DECODE;

        if (p->ch[i].cmd_ports.enabled == on)
            continue;
        mem_enable(&p->ch[i].cmd_ports, on);
        mem_enable(&p->ch[i].ctl_port, on);
    }
}

static void cfg_written(struct pci_func *f, unsigned off, unsigned size)
{
    struct piix3_ide *p = (struct piix3_ide *)f;

    if (off < CFG_IDETIM + 4 && off + size > CFG_IDETIM)
        decode_ports(p);
    if (off <= PCI_COMMAND && f->cfg[PCI_COMMAND] & PCI_CMD_MASTER) {
        ide_channel_dma_ready(&p->ch[0]);        /* a transfer may have waited for the grant */
        ide_channel_dma_ready(&p->ch[1]);
    }
}

static void set_cfg(struct pci_func *f)
{
    static const struct { uint8_t at, v; } init[] = {
        { 0x00, 0x86 }, { 0x01, 0x80 }, { 0x02, 0x10 }, { 0x03, 0x70 },
        { PCI_STATUS, 0x80 }, { PCI_STATUS + 1, 0x02 },
        { PCI_PROG_IF, 0x80 },       /* legacy ports, bus master */
        { PCI_SUBCLASS, 0x01 }, { PCI_CLASS, 0x01 },
        { CFG_IDETIM + 1, IDETIM_DECODE }, { CFG_IDETIM + 3, IDETIM_DECODE },
    };

    for (unsigned i = 0; i < sizeof init / sizeof init[0]; i++)
        f->cfg[init[i].at] = init[i].v;
}

static void set_masks(struct pci_func *f)
{
    f->wmask[PCI_COMMAND] = PCI_CMD_IO | PCI_CMD_MASTER;
    f->w1c[PCI_STATUS + 1] = 0x38;
    f->wmask[0x0d] = 0xf0;           /* latency timer */
    for (unsigned i = 0; i < 4; i++)
        f->wmask[CFG_IDETIM + i] = 0xff;
    f->wmask[CFG_SIDETIM] = 0xff;
}

/* ---- media ---------------------------------------------------------------------------------- */

static struct ide_drive *unit_drive(struct piix3_ide *p, unsigned unit)
{
    return &p->ch[unit / 2].drive[unit % 2];
}

int ide_cd_change(struct device *ide, unsigned unit, struct blk *medium, bool force,
                  struct vm_error *e)
{
    static const char *const place[] = { "primary master", "primary slave", "secondary master",
                                         "secondary slave" };
    struct piix3_ide *p = (struct piix3_ide *)ide;
    struct ide_drive *d = unit < 4 ? unit_drive(p, unit) : NULL;

    if (!d || d->kind != IDE_CD)
        return vm_fail(e, VM_ENOENT, "there is no CD drive as %s", d ? place[unit] : "that unit");
    if (d->locked && !force)
        return vm_fail(e, VM_EBUSY, "the guest has locked the tray of the %s CD drive; eject it "
                       "in the guest first, or force it", place[unit]);
    ide_set_medium(d, medium);
    d->tray_open = false;
    d->media_event = medium ? 2 : 3;
    if (medium)
        d->attention = (struct ide_sense){ 6, 0x28, 0 };
    return VM_OK;
}

/* ---- life ----------------------------------------------------------------------------------- */

static int set_kind(struct piix3_ide *p, unsigned unit, struct vm_error *e)
{
    static const char *const serials[] = { "GW00001", "GW00002", "GW00003", "GW00004" };
    static const char *const models[] = { "", "GODWIT DISK", "GODWIT CD-ROM" };
    struct ide_drive *d = unit_drive(p, unit);
    const char *k = p->kind[unit];

    if (strcmp(k, "auto") == 0)
        d->kind = d->blk ? IDE_DISK : IDE_NONE;
    else if (strcmp(k, "disk") == 0 && d->blk)
        d->kind = IDE_DISK;
    else if (strcmp(k, "cd") == 0)
        d->kind = IDE_CD;
    else
        return vm_fail(e, VM_EINVAL, "'%s' is no drive for hd%c; use auto, disk (with an image) or "
                       "cd", k, 'a' + (int)unit);
    d->serial = serials[unit];
    d->model = models[d->kind];
    return VM_OK;
}

static int realize(struct device *dev, struct machine *m, struct vm_error *e)
{
    struct piix3_ide *p = (struct piix3_ide *)dev;

    if (!machine_pci(m))
        return vm_fail(e, VM_EINVAL, "the PIIX3 IDE function needs a board with a PCI bus");
    p->ram = machine_ram(m);
    for (unsigned i = 0; i < 4; i++)
        VM_TRY(set_kind(p, i, e));
    for (unsigned i = 0; i < 2; i++) {
        p->ch[i].nr = (uint8_t)i;
        p->ch[i].bm = &bus_master;
        p->ch[i].bm_self = p;
        VM_TRY(ide_channel_init(&p->ch[i], m, e));
    }
    p->pci.bar[BAR_BM] = (struct mem_region){ .name = "ide.bm", .kind = MEM_MMIO, .size = 16,
                                              .ops = &bm_ops, .dev = p };
    p->pci.bar_is_io[BAR_BM] = true;
    p->pci.cfg_written = cfg_written;
    set_cfg(&p->pci);
    set_masks(&p->pci);
    return pci_attach(machine_pci(m), &p->pci, 1 << 3 | 1, e);
}

static void unrealize(struct device *dev)
{
    struct piix3_ide *p = (struct piix3_ide *)dev;

    pci_detach(machine_pci(dev->m), &p->pci);
    for (unsigned i = 0; i < 2; i++)
        ide_channel_free(&p->ch[i]);
}

static void reset(struct device *dev, enum reset_kind k)
{
    struct piix3_ide *p = (struct piix3_ide *)dev;

    if (k == RESET_SOFT)
        return;
    pci_func_reset(&p->pci);
    set_cfg(&p->pci);
    memset(p->bm, 0, sizeof p->bm);
    for (unsigned i = 0; i < 2; i++)
        ide_channel_reset(&p->ch[i]);
}

static void drive(struct device *dev)
{
    struct piix3_ide *p = (struct piix3_ide *)dev;

    decode_ports(p);
    for (unsigned i = 0; i < 2; i++)
        ide_channel_drive(&p->ch[i]);
}

static void snap_bm(struct bm_channel *b, struct snap *s, const char *name)
{
    snap_begin(s, name, 1);
    snap_u8(s, "cmd", &b->cmd);
    snap_u8(s, "status", &b->status);
    snap_u32(s, "table", &b->table);
    snap_u32(s, "next", &b->next);
    snap_u32(s, "at", &b->at);
    snap_u32(s, "left", &b->left);
    snap_check(s, "left", b->left > 65536);
    snap_bool(s, "last", &b->last);
    snap_bool(s, "intrq", &b->intrq);
    snap_end(s);
}

static void snap(struct device *dev, struct snap *s)
{
    struct piix3_ide *p = (struct piix3_ide *)dev;

    snap_begin(s, "piix3-ide", 1);
    pci_func_snap(&p->pci, s);
    snap_bm(&p->bm[0], s, "bm0");
    snap_bm(&p->bm[1], s, "bm1");
    ide_channel_snap(&p->ch[0], s, "primary");
    ide_channel_snap(&p->ch[1], s, "secondary");
    snap_end(s);
}

#define IMAGE(n, letter, c, u) \
    { "hd" letter, "disk or CD image", PROP_BLK, \
      offsetof(struct piix3_ide, ch[c].drive[u].blk), "" }, \
    { "hd" letter "-kind", "auto (disk when there is an image), disk, cd", PROP_STR, \
      offsetof(struct piix3_ide, kind[n]), "auto" }

static const struct dev_prop props[] = {
    IMAGE(0, "a", 0, 0), IMAGE(1, "b", 0, 1), IMAGE(2, "c", 1, 0), IMAGE(3, "d", 1, 1),
    { .name = NULL },
};

const struct dev_class piix3_ide_class = {
    .name = "piix3-ide", .help = "PCI IDE controller with two ATA channels",
    .size = sizeof(struct piix3_ide), .props = props, .realize = realize, .reset = reset,
    .drive = drive, .snap = snap, .unrealize = unrealize,
};
