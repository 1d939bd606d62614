/* ata_identify.c - IDENTIFY DEVICE and IDENTIFY PACKET DEVICE: 256 words about a drive.
 *
 * ATA/ATAPI-6 (T13 1410D) sections 8.15 and 8.16, tables 26 and 32. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/dev/ide.h"

struct word { uint8_t at; uint16_t v; };

static void put(struct ide_drive *d, unsigned word, unsigned v)
{
    vm_st16(d->buf + 2 * word, (uint16_t)v);
}

static void put_words(struct ide_drive *d, const struct word *w, unsigned n)
{
    memset(d->buf, 0, IDE_SECTOR);
    for (; n; n--, w++)
        put(d, w->at, w->v);
}

/* ATA strings: the first character of each pair is the word's high byte, padded with spaces. */
static void put_text(struct ide_drive *d, unsigned word, unsigned words, const char *text)
{
    for (unsigned i = 0; i < 2 * words; i++)
        d->buf[2 * word + (i ^ 1)] = *text ? (uint8_t)*text++ : ' ';
}

static void put_names(struct ide_drive *d)
{
    put_text(d, 10, 10, d->serial);
    put_text(d, 23, 4, "1.0");
    put_text(d, 27, 20, d->model);
}

static void put_dma(struct ide_drive *d)
{
    unsigned mode = d->dma_mode;

    put(d, 63, 0x07 | ((mode & 0xf8) == 0x20 ? 0x100u << (mode & 7) : 0));
    put(d, 88, 0x3f | ((mode & 0xf8) == 0x40 ? 0x100u << (mode & 7) : 0));
}

/* Word 255: signature, and the sum of all bytes is 0. */
static void put_checksum(struct ide_drive *d)
{
    uint8_t sum = 0;

    d->buf[510] = 0xa5;
    for (unsigned i = 0; i < 511; i++)
        sum += d->buf[i];
    d->buf[511] = (uint8_t)-sum;
}

static void put_sizes(struct ide_drive *d)
{
    uint32_t chs = (uint32_t)d->cyls * d->heads * d->spt;
    uint64_t cyls = d->sectors / (16 * 63), all = d->max_sectors;
    uint64_t lba = all > 0x0fffffff ? 0x0fffffff : all;

    put(d, 1, cyls > 16383 ? 16383 : cyls < 1 ? 1 : (unsigned)cyls);
    put(d, 54, d->cyls);
    put(d, 55, d->heads);
    put(d, 56, d->spt);
    vm_st32(d->buf + 2 * 57, chs);
    vm_st32(d->buf + 2 * 60, (uint32_t)lba);
    vm_st64(d->buf + 2 * 100, all);
}

void ata_identify(struct ide_drive *d)
{
    static const struct word fixed[] = {
        { 0, 0x0040 },               /* fixed disk */
        { 3, 16 }, { 6, 63 }, { 20, 3 }, { 21, 512 }, { 22, 4 },
        { 47, 0x8000 | IDE_MULT_MAX },
        { 48, 1 },                   /* 32-bit data port accesses */
        { 49, 0x0f00 },              /* DMA, LBA, IORDY that can be disabled */
        { 50, 0x4000 }, { 51, 0x0200 }, { 52, 0x0200 },
        { 53, 0x0007 },              /* 54..58, 64..70 and 88 are valid */
        { 64, 0x0003 }, { 65, 120 }, { 66, 120 }, { 67, 120 }, { 68, 120 },
        { 80, 0x0070 },              /* ATA-4, 5, 6 */
        { 81, 0x0019 },              /* T13 1410D revision 3a */
        { 82, 0x7468 },              /* NOP, buffers, HPA, look-ahead, write cache, power */
        { 83, 0x7400 },              /* FLUSH, FLUSH EXT, 48 bits */
        { 84, 0x4040 },              /* FUA */
        { 86, 0x3400 }, { 87, 0x4040 },
    };

    put_words(d, fixed, sizeof fixed / sizeof fixed[0]);
    put_names(d);
    put_sizes(d);
    put_dma(d);
    put(d, 59, d->mult ? 0x100u | d->mult : 0);
    put(d, 85, 0x7408u | (d->write_cache ? 0x20 : 0) | (d->look_ahead ? 0x40 : 0));
    put(d, 93, d->unit ? 0x6b00 : 0x600b);       /* 80 wires; jumper; diagnostics passed */
    put_checksum(d);
    ide_pio(d, IDE_PIO_IN, 0, IDE_SECTOR, true);
}

void atapi_identify(struct ide_drive *d)
{
    static const struct word fixed[] = {
        { 0, 0x85c0 },               /* CD-ROM, removable, DRQ within 50 us, 12-byte packets */
        { 49, 0x0b00 },              /* DMA, LBA, IORDY */
        { 50, 0x4000 },
        { 53, 0x0006 },
        { 64, 0x0003 }, { 65, 120 }, { 66, 120 }, { 67, 120 }, { 68, 120 },
        { 71, 30 }, { 72, 30 },      /* ns from PACKET and from SERVICE: typical */
        { 80, 0x0070 }, { 81, 0x0019 },
        { 82, 0x4218 },              /* NOP, DEVICE RESET, packets, power */
        { 83, 0x4000 }, { 84, 0x4000 }, { 85, 0x4218 }, { 87, 0x4000 },
    };

    put_words(d, fixed, sizeof fixed / sizeof fixed[0]);
    put_names(d);
    put_dma(d);
    put(d, 93, d->unit ? 0x6b00 : 0x600b);
    put_checksum(d);
    ide_pio(d, IDE_PIO_IN, 0, IDE_SECTOR, true);
}
