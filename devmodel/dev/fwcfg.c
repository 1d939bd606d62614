/* fwcfg.c - QEMU's firmware configuration device: numbered items, a file directory, DMA.
 *
 * QEMU's docs/specs/fw_cfg. Ports 510h (selector, 16 bits), 511h (data), 514h..51Bh (DMA, big
 * endian). Not modelled: writing items, which no firmware needs; a DMA write ends with an error. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/fwcfg.h"
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include <stdlib.h>

#define COMMON    (FWCFG_FILE_FIRST + FWCFG_FILES)       /* then 8000h.., the PC's own */
#define ITEMS     (COMMON + 8u)
#define NAME_SIZE 56
#define DIR_ROW   64u                /* be32 size, be16 key, be16 0, name[56] */
#define DMA_BLOCK 65536u

enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16 };

struct item { uint8_t *p; uint32_t n; };

struct fwcfg {
    struct device     dev;
    struct mem_region ports, dma_ports;
    struct mem_space *mem;
    struct item       item[ITEMS];
    uint8_t           dir[4 + DIR_ROW * FWCFG_FILES];
    unsigned          files;
    uint16_t          key;
    uint32_t          at;            /* next byte of the item */
    uint32_t          dma_high;      /* upper half of the descriptor's address */
};

/* ---- items ---------------------------------------------------------------------------------- */

/* NULL when there can be no item of that number. */
static struct item *item_of(struct fwcfg *f, unsigned key)
{
    if (key & 0x8000)
        return (key & 0x7fff) < 8 ? &f->item[COMMON + (key & 7)] : NULL;
    return key < COMMON ? &f->item[key] : NULL;
}

int fwcfg_add(struct device *fw, unsigned key, const void *p, uint32_t n, struct vm_error *e)
{
    struct item *it = item_of((struct fwcfg *)fw, key);

    if (!it || it->p)
        return vm_fail(e, VM_EBUSY, "fw_cfg item %x hex is taken or does not exist", key);
    uint8_t *copy = malloc(n + 1u);
    if (!copy)
        return vm_fail(e, VM_ENOMEM, "no memory for %u bytes of fw_cfg", n);
    memcpy(copy, p, n);
    *it = (struct item){ copy, n };
    return VM_OK;
}

int fwcfg_add_int(struct device *fw, unsigned key, uint64_t v, unsigned size, struct vm_error *e)
{
    return fwcfg_add(fw, key, &v, size, e);
}

int fwcfg_add_file(struct device *fw, const char *name, const void *p, uint32_t n,
                   struct vm_error *e)
{
    struct fwcfg *f = (struct fwcfg *)fw;
    uint8_t *row = f->dir + 4 + DIR_ROW * f->files;
    unsigned key = FWCFG_FILE_FIRST + f->files;

    if (strlen(name) >= NAME_SIZE)
        return vm_fail(e, VM_EINVAL, "the fw_cfg file name \"%s\" has more than %d characters",
                       name, NAME_SIZE - 1);
    for (unsigned i = 0; i < f->files; i++)
        if (strcmp((char *)f->dir + 4 + DIR_ROW * i + 8, name) == 0)
            return vm_fail(e, VM_EBUSY, "there are two fw_cfg files \"%s\"", name);
    if (f->files == FWCFG_FILES)
        return vm_fail(e, VM_ENOMEM, "more than %d fw_cfg files", FWCFG_FILES);
    VM_TRY(fwcfg_add(fw, key, p, n, e));
    vm_st32(row, __builtin_bswap32(n));
    vm_st16(row + 4, __builtin_bswap16(key));
    strcpy((char *)row + 8, name);
    vm_st32(f->dir, __builtin_bswap32(++f->files));
    return VM_OK;
}

/* The bytes from the read position on, and how many; none for an item that does not exist. */
static const uint8_t *rest(struct fwcfg *f, uint32_t *n)
{
    const struct item *there = item_of(f, f->key);
    struct item it = there ? *there : (struct item){ NULL, 0 };

    if (f->key == FWCFG_FILE_DIR)
        it = (struct item){ f->dir, 4 + DIR_ROW * f->files };
    *n = f->at < it.n ? it.n - f->at : 0;
    return *n ? it.p + f->at : NULL;
}

static void select_item(struct fwcfg *f, uint16_t key)
{
    f->key = key & ~0x4000;          /* bit 14 asks for writing */
    f->at = 0;
}

static uint8_t next_byte(struct fwcfg *f)
{
    uint32_t n;
    const uint8_t *p = rest(f, &n);

    if (!n)
        return 0;
    f->at++;
    return *p;
}

/* ---- ports ---------------------------------------------------------------------------------- */

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    return off == 1 && size == 1 ? next_byte(opaque) : vm_ones(size);
}

static void port_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    if (off == 0 && size == 2)
        select_item(opaque, val);
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 2 };

/* ---- DMA ------------------------------------------------------------------------------------ */

static void dma_read(struct fwcfg *f, gpa_t to, uint32_t len)
{
    static const uint8_t zeros[DMA_BLOCK];

    while (len) {
        uint32_t have;
        const uint8_t *p = rest(f, &have);
        uint32_t limit = p ? have : DMA_BLOCK, n = len < limit ? len : limit;
        mem_copy_out(f->mem, to, p ? p : zeros, n);
        if (p)
            f->at += n;
        to += n;
        len -= n;
    }
}

static void dma_run(struct fwcfg *f, gpa_t at)
{
    uint8_t d[16];

    mem_copy_in(f->mem, d, at, sizeof d);
    uint32_t control = __builtin_bswap32(vm_ld32(d)), len = __builtin_bswap32(vm_ld32(d + 4));
    gpa_t to = __builtin_bswap64(vm_ld64(d + 8));
    uint32_t have, result = 0;

    if (control & DMA_SELECT)
        select_item(f, control >> 16);
    if (control & DMA_READ) {
        dma_read(f, to, len);
    } else if (control & DMA_SKIP) {
        rest(f, &have);
        f->at += len < have ? len : have;
    } else if (control & DMA_WRITE) {
        result = DMA_ERROR;
    }
    vm_st32(d, __builtin_bswap32(result));
    mem_copy_out(f->mem, at, d, 4);
}

static uint64_t dma_port_read(void *opaque, uint64_t off, unsigned size)
{
    uint64_t signature = __builtin_bswap64(0x51454d5520434647);      /* "QEMU CFG" */

    (void)opaque;
    return signature >> 8 * off & vm_ones(size);
}

static void dma_port_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct fwcfg *f = opaque;
    uint32_t v = __builtin_bswap32(val);

    if (size != 4)
        return;
    if (off == 0) {
        f->dma_high = v;
        return;
    }
    gpa_t at = (gpa_t)f->dma_high << 32 | v;
    f->dma_high = 0;
    dma_run(f, at);
}

static const struct mmio_ops dma_ops = { dma_port_read, dma_port_write, 1, 4 };

/* ---- device --------------------------------------------------------------------------------- */

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct fwcfg *f = (struct fwcfg *)d;

    f->mem = machine_ram(m);
    f->ports = (struct mem_region){ .name = "fwcfg", .kind = MEM_MMIO, .size = 2,
                                    .ops = &port_ops, .dev = f };
    f->dma_ports = (struct mem_region){ .name = "fwcfg-dma", .kind = MEM_MMIO, .size = 8,
                                        .ops = &dma_ops, .dev = f };
    VM_TRY(machine_claim_ports(m, &f->ports, 0x510, e));
    VM_TRY(machine_claim_ports(m, &f->dma_ports, 0x514, e));
    VM_TRY(fwcfg_add(d, FWCFG_SIGNATURE, "QEMU", 4, e));
    return fwcfg_add_int(d, FWCFG_ID, 3 /* ports, DMA */, 4, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct fwcfg *f = (struct fwcfg *)d;

    (void)k;
    f->dma_high = 0;
    select_item(f, FWCFG_SIGNATURE);
}

static void snap(struct device *d, struct snap *s)
{
    struct fwcfg *f = (struct fwcfg *)d;

    snap_begin(s, "fwcfg", 1);
    snap_u16(s, "key", &f->key);
    snap_u32(s, "at", &f->at);
    snap_u32(s, "dma-high", &f->dma_high);
    snap_end(s);
}

static void unrealize(struct device *d)
{
    for (unsigned i = 0; i < ITEMS; i++)
        free(((struct fwcfg *)d)->item[i].p);
}

const struct dev_class fwcfg_class = {
    .name = "fwcfg", .help = "QEMU's firmware configuration ports", .size = sizeof(struct fwcfg),
    .realize = realize, .reset = reset, .snap = snap, .unrealize = unrealize,
};
