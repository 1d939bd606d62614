/* vga.c - VGA with Bochs VBE extensions, PCI function 1234:1111: life, memory map, snapshot.
 *
 * IBM VGA Technical Reference and the Bochs DISPI interface; see the vga_*.c files for each part
 * and what it leaves out. BAR 0 is the linear frame buffer. The video BIOS is the firmware's ROM at
 * C0000h; there is no ROM BAR. On a board without PCI there is no linear frame buffer. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/vga_priv.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/snap.h"
#include <stdlib.h>

enum { WINDOW_BASE = 0xa0000, MIB = 1 << 20 };

/* The 64 KiB at A0000 are plain memory when a byte the CPU writes reaches exactly one byte of vram
 * unchanged and reads come back the same way. */
static bool plain(const struct vga *v)
{
    const uint8_t *g = v->gc;

    if (vga_dispi_linear(v))
        return true;
    return v->seq[SEQ_MEM_MODE] & SEQ_CHAIN4 && v->seq[SEQ_MAP_MASK] == 0x0f &&
           !vga_dispi_on(v) && !(g[GC_MODE] & (GC_READ_MODE1 | 3)) && g[GC_ENABLE_SR] == 0 &&
           g[GC_ROTATE] == 0 && g[GC_BIT_MASK] == 0xff && (g[GC_MISC] >> 2 & 3) < 2;
}

void vga_update_map(struct vga *v)
{
    struct mem_space *sp = machine_ram(v->pci.dev.m);
    uint32_t off = vga_dispi_linear(v) ? v->dispi[DISPI_BANK] * (uint32_t)VGA_BANK : 0;
    bool on = v->misc & MISC_RAM, direct = plain(v), color = v->misc & MISC_COLOR;

    if (on != v->window.enabled || direct != v->direct.enabled || off != v->direct.target_off) {
        mem_begin(sp);
        if (off != v->direct.target_off) {
            mem_remove(&v->direct);
            v->direct.target_off = off;
            mem_add(&v->window, &v->direct, 0, 1);
        }
        mem_enable(&v->direct, direct);
        mem_enable(&v->window, on);
        mem_commit(sp);
    }
    if (color == v->io_crtc[1].enabled && color != v->io_crtc[0].enabled)
        return;
    sp = machine_ports(v->pci.dev.m);
    mem_begin(sp);
    for (unsigned i = 0; i < 2; i++) {
        mem_enable(&v->io_crtc[i], color == (i == 1));
        mem_enable(&v->io_status[i], color == (i == 1));
    }
    mem_commit(sp);
}

static int claim_ports(struct vga *v, struct machine *m, struct vm_error *e)
{
    vga_regs_init(v);
    VM_TRY(machine_claim_ports(m, &v->io_main, 0x3c0, e));
    VM_TRY(machine_claim_ports(m, &v->io_crtc[0], 0x3b4, e));
    VM_TRY(machine_claim_ports(m, &v->io_status[0], 0x3ba, e));
    VM_TRY(machine_claim_ports(m, &v->io_crtc[1], 0x3d4, e));
    VM_TRY(machine_claim_ports(m, &v->io_status[1], 0x3da, e));
    VM_TRY(machine_claim_ports(m, &v->dispi_index_port, 0x1ce, e));
    return machine_claim_ports(m, &v->dispi_data_port, 0x1cf, e);
}

static int claim_memory(struct vga *v, struct machine *m, struct vm_error *e)
{
    v->vram_region = (struct mem_region){ .name = "vram", .kind = MEM_RAM, .size = v->vram.bytes,
                                          .host = v->vram.host };
    v->window = (struct mem_region){ .name = "vga.window", .kind = MEM_CONTAINER,
                                     .size = VGA_WINDOW };
    v->planar = (struct mem_region){ .name = "vga.planar", .kind = MEM_MMIO, .size = VGA_WINDOW,
                                     .ops = &vga_planar_ops, .dev = v };
    v->direct = (struct mem_region){ .name = "vga.direct", .kind = MEM_ALIAS, .size = VGA_BANK,
                                     .target = &v->vram_region };
    mem_add(&v->window, &v->planar, 0, 0);
    mem_add(&v->window, &v->direct, 0, 1);
    mem_enable(&v->direct, false);
    return machine_claim_mem(m, &v->window, WINDOW_BASE, e);
}

static int attach_pci(struct vga *v, struct machine *m, struct vm_error *e)
{
    static const uint8_t ids[] = { 0x34, 0x12, 0x11, 0x11 };

    if (!machine_pci(m))
        return VM_OK;
    if (v->slot > 31)
        return vm_fail(e, VM_EINVAL, "%s: slot is 0 to 31, not %u", v->pci.dev.id, v->slot);
    memcpy(v->pci.cfg, ids, sizeof ids);
    v->pci.cfg[PCI_REVISION] = 0x02;
    v->pci.cfg[PCI_CLASS] = 0x03;
    v->pci.bar[0] = (struct mem_region){ .name = "vga.lfb", .kind = MEM_ALIAS,
                                         .size = v->vram.bytes, .target = &v->vram_region };
    return pci_attach(machine_pci(m), &v->pci, (uint8_t)(v->slot << 3), e);
}

static void unrealize(struct device *d)
{
    struct vga *v = (struct vga *)d;

    if (v->display)
        v->display->dev = NULL;
    if (machine_pci(d->m))
        pci_detach(machine_pci(d->m), &v->pci);
    free(v->surface.px);
    free(v->shadow);
    ram_close(&v->vram);
}

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct vga *v = (struct vga *)d;

    if (v->vram_mb < 1 || v->vram_mb > 256 || v->vram_mb & (v->vram_mb - 1))
        return vm_fail(e, VM_EINVAL, "%s: vram is a power of two from 1 to 256 (MiB), not %u",
                       d->id, v->vram_mb);
    VM_TRY(ram_open(&v->vram, (uint64_t)v->vram_mb * MIB, e));
    v->clock = machine_clock(m);
    v->surface.px = calloc(VGA_MAX_PIXELS, sizeof *v->surface.px);
    v->shadow = calloc(1, v->vram.bytes);
    if (!v->surface.px || !v->shadow)
        return vm_fail(e, VM_ENOMEM, "no memory for the screen of %s", d->id);
    VM_TRY(claim_ports(v, m, e));
    VM_TRY(claim_memory(v, m, e));
    VM_TRY(attach_pci(v, m, e));
    if (v->display) {
        v->display->refresh = vga_refresh;
        v->display->text = vga_text;
        v->display->cells = vga_cells;
        v->display->surface = vga_surface;
        v->display->dev = v;
    }
    return VM_OK;
}

static void reset(struct device *d, enum reset_kind k)
{
    struct vga *v = (struct vga *)d;

    if (k == RESET_SOFT)
        return;
    if (machine_pci(d->m))
        pci_func_reset(&v->pci);
    v->misc = v->feature = 0;
    v->enable = 1;
    memset(v->seq, 0, sizeof v->seq);
    memset(v->crtc, 0, sizeof v->crtc);
    memset(v->gc, 0, sizeof v->gc);
    memset(v->attr, 0, sizeof v->attr);
    memset(v->latch, 0, sizeof v->latch);
    v->seq_index = v->crtc_index = v->gc_index = v->attr_index = 0;
    v->attr_data = false;
    v->dac_mask = 0xff;
    v->dac_state = v->dac_read = v->dac_write = v->dac_part = 0;
    memset(v->dac_hold, 0, sizeof v->dac_hold);
    memset(v->dac, 0, sizeof v->dac);
    if (k == RESET_POWER_ON)
        memset(v->vram.host, 0, v->vram.bytes);
    vga_dispi_reset(v);
    v->redraw = true;
}

static void drive(struct device *d)
{
    struct vga *v = (struct vga *)d;

    v->redraw = true;
    vga_update_map(v);
}

static void snap_regs(struct vga *v, struct snap *s)
{
    snap_u8(s, "misc", &v->misc);
    snap_u8(s, "feature", &v->feature);
    snap_u8(s, "enable", &v->enable);
    snap_u8(s, "seq_index", &v->seq_index);
    snap_mem(s, "seq", v->seq, sizeof v->seq);
    snap_u8(s, "crtc_index", &v->crtc_index);
    snap_mem(s, "crtc", v->crtc, sizeof v->crtc);
    snap_u8(s, "gc_index", &v->gc_index);
    snap_mem(s, "gc", v->gc, sizeof v->gc);
    snap_u8(s, "attr_index", &v->attr_index);
    snap_mem(s, "attr", v->attr, sizeof v->attr);
    snap_bool(s, "attr_data", &v->attr_data);
    snap_mem(s, "latch", v->latch, sizeof v->latch);
}

static void snap_dac(struct vga *v, struct snap *s)
{
    snap_u8(s, "dac_mask", &v->dac_mask);
    snap_u8(s, "dac_state", &v->dac_state);
    snap_u8(s, "dac_read", &v->dac_read);
    snap_u8(s, "dac_write", &v->dac_write);
    snap_u8(s, "dac_part", &v->dac_part);
    snap_check(s, "dac_part", v->dac_part > 2);
    snap_mem(s, "dac_hold", v->dac_hold, sizeof v->dac_hold);
    snap_mem(s, "dac", v->dac, sizeof v->dac);
}

static void snap(struct device *d, struct snap *s)
{
    struct vga *v = (struct vga *)d;

    snap_begin(s, "vga", 1);
    if (machine_pci(d->m))
        pci_func_snap(&v->pci, s);
    snap_regs(v, s);
    snap_dac(v, s);
    snap_u16(s, "dispi_index", &v->dispi_index);
    for (unsigned i = 0; i < DISPI_REGS; i++)
        snap_u16(s, "dispi", &v->dispi[i]);
    if (snap_mode(s) == SNAP_LOAD) {
        if (v->dac_part > 2)
            v->dac_part = 0;
        vga_dispi_sanitize(v);
    }
    snap_pages(s, "vram", v->vram.host, v->vram.bytes);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "display", "where the screen is shown", PROP_DISPLAY, offsetof(struct vga, display), "" },
    { "slot", "PCI device number, 0 to 31", PROP_U32, offsetof(struct vga, slot), "2" },
    { "vram", "video memory in MiB, a power of two", PROP_U32, offsetof(struct vga, vram_mb),
      "16" },
    { .name = NULL },
};

const struct dev_class vga_class = {
    .name = "vga", .help = "VGA with Bochs VBE modes", .size = sizeof(struct vga), .props = props,
    .realize = realize, .reset = reset, .drive = drive, .snap = snap, .unrealize = unrealize,
};
