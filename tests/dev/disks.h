/* disks.h - disks in memory for device tests, and a host's view of an ATA channel. */
/* SPDX-License-Identifier: MIT */
#ifndef DISKS_H
#define DISKS_H
#include "devmodel/host/image.h"
#include "tests/dev/bench.h"

struct disk {
    struct blk    blk;
    struct image *im;                /* owned by blk */
};
/* Every sector filled with its number: byte i of sector n is n + i * 7 (mod 256), the first four
 * bytes are n. `fault`: the n-th operation fails (0 = none). Added to the bench under `name`. */
void disk_new(struct bench *b, struct disk *k, const char *name, uint64_t bytes, uint64_t fault);
void disk_free(struct disk *k);      /* after bench_free */
void disk_sector(struct disk *k, uint64_t n, uint8_t *out);      /* 512 bytes, past all caches */
uint8_t disk_byte(uint64_t sector, unsigned i);          /* what disk_new put there */

/* Steps the clock in small steps until BSY clears; the status. base = 0x1f0 or 0x170. */
uint8_t ata_wait(struct bench *b, uint16_t base);
/* Writes feature, count, address and device, then the command. */
void ata_cmd28(struct bench *b, uint16_t base, uint8_t dev, uint8_t cmd, uint32_t lba, unsigned n);
void ata_cmd48(struct bench *b, uint16_t base, uint8_t dev, uint8_t cmd, uint64_t lba, unsigned n);
void ata_in(struct bench *b, uint16_t base, uint8_t *p, unsigned bytes);
void ata_out(struct bench *b, uint16_t base, const uint8_t *p, unsigned bytes);

/* Loads the present state `rounds` times with one to three bytes changed (xorshift32, seed 3), and
 * where the stream is taken all the same calls poke, which may do anything to the device. */
void hostile_streams(struct bench *b, unsigned rounds, void (*poke)(struct bench *b));
#endif
