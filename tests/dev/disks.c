/* disks.c - disks in memory for device tests, and a host's view of an ATA channel. */
/* SPDX-License-Identifier: MIT */
#include "tests/dev/disks.h"
#include "devmodel/base/vm_bits.h"
#include <check.h>
#include <stdlib.h>

uint8_t disk_byte(uint64_t sector, unsigned i)
{
    return i < 4 ? (uint8_t)(sector >> (8 * i)) : (uint8_t)(sector + i * 7);
}

void disk_new(struct bench *b, struct disk *k, const char *name, uint64_t bytes, uint64_t fault)
{
    struct vm_error e;
    uint8_t sector[512], ramp[768];
    struct image *top;

    for (unsigned i = 0; i < sizeof ramp; i++)
        ramp[i] = (uint8_t)(i * 7);
    ck_assert_int_eq(image_mem(bytes, &k->im, &e), 0);
    for (uint64_t n = 0; n < bytes / 512; n++) {
        memcpy(sector, ramp + n * 183 % 256, 512);       /* 7 * 183 = 1 modulo 256 */
        vm_st32(sector, (uint32_t)n);
        k->im->ops->write(k->im, n * 512, sector, 512);
    }
    top = k->im;
    if (fault)
        ck_assert_int_eq(image_fault(k->im, fault, false, &top, &e), 0);
    ck_assert_int_eq(blk_queue_new(top, machine_clock(b->m), BLK_LATENCY, &k->blk, &e), 0);
    bench_backend(b, PROP_BLK, name, &k->blk);
}

void disk_free(struct disk *k)
{
    k->blk.ops->close(k->blk.self);
}

void disk_sector(struct disk *k, uint64_t n, uint8_t *out)
{
    ck_assert_int_eq(k->im->ops->read(k->im, n * 512, out, 512), 0);
}

uint8_t ata_wait(struct bench *b, uint16_t base)
{
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t s = in8(b, base + 0x206);

        if (!(s & 0x80))
            return s;
        step(b, 1000);
    }
    ck_abort_msg("the drive stays busy");
    return 0;
}

void ata_cmd28(struct bench *b, uint16_t base, uint8_t dev, uint8_t cmd, uint32_t lba, unsigned n)
{
    out8(b, base + 6, 0xe0 | dev | (lba >> 24 & 15));
    out8(b, base + 2, (uint8_t)n);
    out8(b, base + 3, (uint8_t)lba);
    out8(b, base + 4, (uint8_t)(lba >> 8));
    out8(b, base + 5, (uint8_t)(lba >> 16));
    out8(b, base + 7, cmd);
}

void ata_cmd48(struct bench *b, uint16_t base, uint8_t dev, uint8_t cmd, uint64_t lba, unsigned n)
{
    out8(b, base + 6, 0xe0 | dev);
    out8(b, base + 2, (uint8_t)(n >> 8));
    out8(b, base + 3, (uint8_t)(lba >> 24));
    out8(b, base + 4, (uint8_t)(lba >> 32));
    out8(b, base + 5, (uint8_t)(lba >> 40));
    out8(b, base + 2, (uint8_t)n);
    out8(b, base + 3, (uint8_t)lba);
    out8(b, base + 4, (uint8_t)(lba >> 8));
    out8(b, base + 5, (uint8_t)(lba >> 16));
    out8(b, base + 7, cmd);
}

void ata_in(struct bench *b, uint16_t base, uint8_t *p, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i += 2)
        vm_st16(p + i, in16(b, base));
}

void ata_out(struct bench *b, uint16_t base, const uint8_t *p, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i += 2)
        out16(b, base, vm_ld16(p + i));
}

static bool load(struct bench *b, char *bytes, size_t n)
{
    FILE *f = fmemopen(bytes, n, "rb");
    struct vm_error e;
    struct snap *s;
    bool taken = snap_open(&s, SNAP_LOAD, f, &e) == 0;

    if (taken) {
        machine_snap(b->m, s);
        taken = snap_status(s, &e) == 0;
        snap_close(s, &e);           /* the check sum is wrong, but anybody can compute one */
    }
    fclose(f);
    return taken;
}

static uint32_t random32(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

void hostile_streams(struct bench *b, unsigned rounds, void (*poke)(struct bench *b))
{
    char *bytes = NULL, *changed;
    size_t n = 0;
    uint32_t seed = 3;
    unsigned taken = 0;
    struct vm_error e;
    struct snap *s;
    FILE *f = open_memstream(&bytes, &n);

    ck_assert_int_eq(snap_open(&s, SNAP_SAVE, f, &e), 0);
    machine_snap(b->m, s);
    ck_assert_int_eq(snap_close(s, &e), 0);
    fclose(f);
    changed = malloc(n);
    for (unsigned i = 0; i < rounds; i++) {
        memcpy(changed, bytes, n);
        for (unsigned k = random32(&seed) % 3 + 1; k; k--)
            changed[random32(&seed) % n] ^= (char)(1 + random32(&seed) % 255);
        if (load(b, changed, n)) {
            taken++;
            poke(b);
        }
        machine_reset(b->m, RESET_POWER_ON);
        ck_assert(load(b, bytes, n));
    }
    ck_assert_uint_gt(taken, rounds / 50);
    free(changed);
    free(bytes);
}
