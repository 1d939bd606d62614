/* pc_multiboot.c - direct boot of a multiboot image: laid into RAM by the board at every reset.
 *
 * Multiboot Specification 0.6.96: a.out-kludge and ELF32 images, modules, command line, memory map.
 * Not given: boot device, symbols, drives, APM, VBE (video requests are left to the guest). The
 * firmware finds entry and information address in the fw_cfg file opt/godwit/multiboot. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/board/pc_priv.h"
#include "devmodel/dev/fwcfg.h"
#include <stdio.h>
#include <stdlib.h>

#define MAGIC      0x1badb002u
#define SEARCH     8192u             /* bytes of the image the header may lie in */
#define AOUT       0x10000u          /* flag: addresses are in the header */
#define LOWEST     0x100000u         /* the firmware works below */
#define INFO_BYTES 4096u

enum { I_MEM = 1, I_CMDLINE = 4, I_MODS = 8, I_MMAP = 64, I_LOADER = 512 };

bool pc_is_multiboot(const struct pc_image *k, size_t *at)
{
    size_t end = k->n < SEARCH ? k->n : SEARCH;

    for (*at = 0; *at + 12 <= end; *at += 4) {
        const uint8_t *h = k->p + *at;
        if (vm_ld32(h) == MAGIC && vm_ld32(h) + vm_ld32(h + 4) + vm_ld32(h + 8) == 0)
            return true;
    }
    return false;
}

static int bad(const struct pc_image *k, const char *why, struct vm_error *e)
{
    return vm_fail(e, VM_EINVAL, "%s: multiboot image: %s", k->name, why);
}

/* ---- pieces --------------------------------------------------------------------------------- */

/* n bytes from src and then zeros up to total, at `to` from every reset on. */
static int add_piece(struct pc *pc, const struct pc_image *k, uint64_t to, const void *src,
                     size_t n, uint64_t total, struct vm_error *e)
{
    if (to < LOWEST || to >= pc->low_bytes || total > pc->low_bytes - to || n > total)
        return bad(k, "a part of it lies outside the RAM from 1 MiB on", e);
    if (pc->n_pieces == PC_PIECES)
        return bad(k, "it has too many parts", e);
    uint8_t *p = calloc(1, total ? total : 1);
    if (!p)
        return vm_fail(e, VM_ENOMEM, "no memory to load %s", k->name);
    memcpy(p, src, n);
    pc->piece[pc->n_pieces++] = (struct pc_piece){ to, p, total };
    return VM_OK;
}

void pc_lay_pieces(struct pc *pc)
{
    for (unsigned i = 0; i < pc->n_pieces; i++)
        mem_copy_out(machine_ram(pc->m), pc->piece[i].to, pc->piece[i].p, pc->piece[i].n);
}

static uint64_t pieces_end(const struct pc *pc)
{
    uint64_t end = LOWEST;

    for (unsigned i = 0; i < pc->n_pieces; i++)
        if (pc->piece[i].to + pc->piece[i].n > end)
            end = pc->piece[i].to + pc->piece[i].n;
    return (end + GUEST_PAGE - 1) & ~(uint64_t)(GUEST_PAGE - 1);
}

/* ---- the image ------------------------------------------------------------------------------ */

static int load_aout(struct pc *pc, const struct pc_image *k, size_t at, uint32_t *entry,
                     struct vm_error *e)
{
    if (at + 32 > k->n)
        return bad(k, "the file ends in the header", e);
    const uint8_t *h = k->p + at;
    uint64_t header = vm_ld32(h + 12), load = vm_ld32(h + 16), load_end = vm_ld32(h + 20);
    uint64_t bss_end = vm_ld32(h + 24);

    *entry = vm_ld32(h + 28);
    if (header < load || header - load > at)
        return bad(k, "its header says it lies before the file", e);
    size_t from = at - (header - load);
    uint64_t n = load_end ? load_end - load : k->n - from;
    if (load_end && load_end < load)
        return bad(k, "it ends before it starts", e);
    if (n > k->n - from)
        return bad(k, "the file is shorter than its header says", e);
    return add_piece(pc, k, load, k->p + from, n, bss_end > load + n ? bss_end - load : n, e);
}

static int load_segment(struct pc *pc, const struct pc_image *k, const uint8_t *ph,
                        struct vm_error *e)
{
    uint64_t off = vm_ld32(ph + 4), n = vm_ld32(ph + 16), total = vm_ld32(ph + 20);

    if (vm_ld32(ph) != 1 /* PT_LOAD */ || total == 0)
        return VM_OK;
    if (off > k->n || n > k->n - off)
        return bad(k, "a segment lies outside the file", e);
    return add_piece(pc, k, vm_ld32(ph + 12), k->p + off, n, total, e);
}

static int load_elf(struct pc *pc, const struct pc_image *k, uint32_t *entry, struct vm_error *e)
{
    if (k->n < 52 || memcmp(k->p, "\177ELF\1\1", 6) != 0)
        return bad(k, "neither addresses in its header nor a 32-bit ELF file", e);
    uint64_t table = vm_ld32(k->p + 28);
    unsigned size = vm_ld16(k->p + 42), n = vm_ld16(k->p + 44);

    *entry = vm_ld32(k->p + 24);
    if (size < 32 || table > k->n || (uint64_t)size * n > k->n - table)
        return bad(k, "its program headers lie outside the file", e);
    for (unsigned i = 0; i < n; i++)
        VM_TRY(load_segment(pc, k, k->p + table + (uint64_t)size * i, e));
    return pc->n_pieces ? VM_OK : bad(k, "nothing in it is to be loaded", e);
}

/* ---- modules and the information structure -------------------------------------------------- */

struct info { uint8_t *p; uint32_t base, used; };

/* Room for n bytes in the structure's page: its guest address, 0 when the page is full. */
static uint32_t take(struct info *i, const void *src, size_t n)
{
    if (n > INFO_BYTES - i->used)
        return 0;
    memcpy(i->p + i->used, src, n);
    uint32_t at = i->base + i->used;
    i->used = (i->used + n + 3) & ~3u;
    return at;
}

static void map_row(uint8_t *row, uint64_t from, uint64_t to, uint32_t type)
{
    vm_st32(row, 20);
    vm_st64(row + 4, from);
    vm_st64(row + 12, to - from);
    vm_st32(row + 20, type);
}

static uint32_t take_map(struct info *i, const struct pc *pc, uint32_t *bytes)
{
    uint8_t map[5 * 24];
    uint64_t high = pc->ram_bytes - pc->low_bytes, four_gib = 1ull << 32;

    map_row(map, 0, 0x9fc00, 1);
    map_row(map + 24, 0x9fc00, 0xa0000, 2);
    map_row(map + 48, 0xe0000, 0x100000, 2);
    map_row(map + 72, 0x100000, pc->low_bytes, 1);
    map_row(map + 96, four_gib, four_gib + high, 1);
    *bytes = high ? 120 : 96;
    return take(i, map, *bytes);
}

static int add_modules(struct pc *pc, const struct pc_config *c, uint8_t rows[][16],
                       struct vm_error *e)
{
    for (unsigned i = 0; i < c->n_initrd; i++) {
        const struct pc_image *mod = &c->initrd[i];
        uint64_t at = pieces_end(pc);
        VM_TRY(add_piece(pc, mod, at, mod->p, mod->n, mod->n, e));
        vm_st32(rows[i], at);
        vm_st32(rows[i] + 4, at + mod->n);
    }
    return VM_OK;
}

static int fill_info(struct info *i, const struct pc *pc, const struct pc_config *c,
                     uint8_t rows[][16], struct vm_error *e)
{
    char line[2048];
    uint32_t map_bytes, at;

    snprintf(line, sizeof line, "%s%s%s", c->kernel.name, c->append ? " " : "",
             c->append ? c->append : "");
    vm_st32(i->p, I_MEM | I_CMDLINE | I_MMAP | I_LOADER | (c->n_initrd ? I_MODS : 0));
    vm_st32(i->p + 4, 639);
    vm_st32(i->p + 8, (pc->low_bytes - 0x100000) >> 10);
    vm_st32(i->p + 16, take(i, line, strlen(line) + 1));
    for (unsigned k = 0; k < c->n_initrd; k++) {
        at = take(i, c->initrd[k].name, strlen(c->initrd[k].name) + 1);
        vm_st32(rows[k] + 8, at);
        if (!at)
            return bad(&c->kernel, "the names of its modules are too long", e);
    }
    vm_st32(i->p + 20, c->n_initrd);
    vm_st32(i->p + 24, at = take(i, rows, 16 * c->n_initrd));
    vm_st32(i->p + 48, take_map(i, pc, &map_bytes));
    vm_st32(i->p + 44, map_bytes);
    vm_st32(i->p + 64, take(i, "godwit", 7));
    if (!at || !vm_ld32(i->p + 16) || !vm_ld32(i->p + 48) || !vm_ld32(i->p + 64))
        return bad(&c->kernel, "its command line and modules' names are too long", e);
    return VM_OK;
}

int pc_load_multiboot(struct pc *pc, const struct pc_config *c, size_t at, struct vm_error *e)
{
    const struct pc_image *k = &c->kernel;
    uint8_t rows[PC_MODULES][16] = { { 0 } }, page[INFO_BYTES] = { 0 }, told[8];
    struct info info = { page, 0, 88 };
    uint32_t entry = 0;

    if (vm_ld32(k->p + at + 4) & AOUT)
        VM_TRY(load_aout(pc, k, at, &entry, e));
    else
        VM_TRY(load_elf(pc, k, &entry, e));
    VM_TRY(add_modules(pc, c, rows, e));
    info.base = pieces_end(pc);
    VM_TRY(fill_info(&info, pc, c, rows, e));
    VM_TRY(add_piece(pc, k, info.base, page, sizeof page, sizeof page, e));
    vm_st32(told, entry);
    vm_st32(told + 4, info.base);
    return fwcfg_add_file(pc->fw, "opt/godwit/multiboot", told, sizeof told, e);
}
