/* ata_disk.c - what the commands of an ATA disk do.
 *
 * ATA/ATAPI-6 (T13 1410D) section 8. A write is acknowledged when the backend has it; with the
 * write cache off, or a FUA command, when it is on the medium. An unreadable sector inside a DMA
 * step is reported with the address of the step's first sector. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/dev/ide.h"

enum { STEP_MAX = 128 };             /* sectors a backend request */
enum { POWER_STANDBY = 0x00, POWER_ACTIVE = 0xff };

void disk_reset(struct ide_drive *d, bool power_on)
{
    d->power = POWER_ACTIVE;
    d->left = d->chunk = d->reply = 0;
    d->flushing = false;
    if (!power_on)
        return;
    uint64_t cyls = d->sectors / (16 * 63);

    d->heads = 16;
    d->spt = 63;
    d->cyls = cyls > 16383 ? 16383 : cyls < 1 ? 1 : (uint16_t)cyls;
    d->mult = 0;
    d->dma_mode = 0x22;
    d->write_cache = d->look_ahead = true;
    d->max_read = false;
    d->max_sectors = d->sectors;
}

/* ---- addresses ------------------------------------------------------------------------------ */

static bool is_ext(const struct ide_drive *d)
{
    return ide_command(d)->flags & IDE_EXT;
}

static uint64_t lba28(const struct ide_drive *d)
{
    return d->lbal[0] | d->lbam[0] << 8 | d->lbah[0] << 16 |
           (uint64_t)(d->ch->device & 15) << 24;
}

static uint64_t lba48(const struct ide_drive *d)
{
    return d->lbal[0] | d->lbam[0] << 8 | d->lbah[0] << 16 | (uint64_t)d->lbal[1] << 24 |
           (uint64_t)d->lbam[1] << 32 | (uint64_t)d->lbah[1] << 40;
}

/* The address in the task file; false when it names no sector. */
static bool get_address(const struct ide_drive *d, uint64_t *lba)
{
    unsigned cyl = d->lbam[0] | d->lbah[0] << 8, head = d->ch->device & 15, sec = d->lbal[0];

    if (is_ext(d)) {
        *lba = lba48(d);
    } else if (d->ch->device & ATA_DEV_LBA) {
        *lba = lba28(d);
    } else {
        if (sec == 0 || sec > d->spt || head >= d->heads || cyl >= d->cyls)
            return false;
        *lba = ((uint64_t)cyl * d->heads + head) * d->spt + sec - 1;
    }
    return *lba < d->max_sectors;
}

static void put_address(struct ide_drive *d, uint64_t lba)
{
    if (is_ext(d)) {
        d->lbal[1] = (uint8_t)(lba >> 24);
        d->lbam[1] = (uint8_t)(lba >> 32);
        d->lbah[1] = (uint8_t)(lba >> 40);
    } else if (d->ch->device & ATA_DEV_LBA) {
        d->ch->device = (d->ch->device & 0xf0) | (lba >> 24 & 15);
    } else {
        uint64_t track = lba / (d->spt ? d->spt : 1);

        d->ch->device = (d->ch->device & 0xf0) | track % (d->heads ? d->heads : 1);
        lba = lba % (d->spt ? d->spt : 1) + 1 + (track / (d->heads ? d->heads : 1) << 8);
    }
    d->lbal[0] = (uint8_t)lba;
    d->lbam[0] = (uint8_t)(lba >> 8);
    d->lbah[0] = (uint8_t)(lba >> 16);
}

static uint32_t get_count(const struct ide_drive *d)
{
    uint32_t n = d->nsect[0];

    if (!is_ext(d))
        return n ? n : 256;
    n |= (uint32_t)d->nsect[1] << 8;
    return n ? n : 65536;
}

/* ---- read, write, verify -------------------------------------------------------------------- */

static void step(struct ide_drive *d, bool first)
{
    unsigned flags = ide_command(d)->flags;
    uint32_t most = 1;

    if (flags & (IDE_DMA | IDE_VERIFY))
        most = STEP_MAX;
    else if (flags & IDE_MULT && d->mult)
        most = d->mult;
    d->chunk = d->left < most ? d->left : most;
    if (!(flags & IDE_WRITE))
        ide_io(d, BLK_READ, d->lba * IDE_SECTOR, d->chunk * IDE_SECTOR);
    else if (flags & IDE_DMA)
        ide_dma(d, IDE_DMA_OUT, d->chunk * IDE_SECTOR);
    else
        ide_pio(d, IDE_PIO_OUT, 0, d->chunk * IDE_SECTOR, !first);
}

static void rw_end(struct ide_drive *d)
{
    unsigned flags = ide_command(d)->flags;

    put_address(d, d->lba - 1);
    d->nsect[0] = 0;
    d->flushing = false;
    if (flags & (IDE_WRITE | IDE_DMA | IDE_VERIFY))
        ide_finish(d);
    else
        ide_finish_quietly(d);       /* the host has had its interrupt with the last block */
}

static void advance(struct ide_drive *d)
{
    d->lba += d->chunk;
    d->left -= d->chunk;
    d->chunk = 0;
}

void disk_rw(struct ide_drive *d)
{
    unsigned flags = ide_command(d)->flags;

    d->power = POWER_ACTIVE;
    d->flushing = false;
    d->left = get_count(d);
    if (flags & IDE_MULT && !d->mult)
        ide_abort(d, ATA_ABRT, 0);
    else if (!get_address(d, &d->lba) || d->left > d->max_sectors - d->lba)
        ide_abort(d, ATA_IDNF, 0);
    else if (flags & IDE_WRITE && d->read_only)
        ide_abort(d, ATA_ABRT, 0);
    else
        step(d, true);
}

void disk_rw_moved(struct ide_drive *d)
{
    if (ide_command(d)->flags & IDE_WRITE) {
        ide_io(d, BLK_WRITE, d->lba * IDE_SECTOR, d->chunk * IDE_SECTOR);
        return;
    }
    advance(d);
    if (d->left)
        step(d, false);
    else
        rw_end(d);
}

static void rw_failed(struct ide_drive *d, bool write)
{
    put_address(d, d->lba);
    d->nsect[0] = (uint8_t)d->left;
    d->flushing = false;
    if (write)
        ide_abort(d, ATA_ABRT, ATA_DF);
    else
        ide_abort(d, ATA_UNC, 0);
}

void disk_rw_io(struct ide_drive *d, int rc)
{
    unsigned flags = ide_command(d)->flags;

    if (rc < 0) {
        rw_failed(d, flags & IDE_WRITE);
        return;
    }
    if (!(flags & (IDE_WRITE | IDE_VERIFY))) {
        if (flags & IDE_DMA)
            ide_dma(d, IDE_DMA_IN, d->chunk * IDE_SECTOR);
        else
            ide_pio(d, IDE_PIO_IN, 0, d->chunk * IDE_SECTOR, true);
        return;
    }
    advance(d);
    if (d->left) {
        step(d, false);
    } else if (flags & IDE_WRITE && !d->flushing && (flags & IDE_FUA || !d->write_cache)) {
        d->flushing = true;
        ide_io(d, BLK_FLUSH, 0, 0);
    } else {
        rw_end(d);
    }
}

/* ---- the rest ------------------------------------------------------------------------------- */

void disk_flush(struct ide_drive *d)
{
    if (d->kind == IDE_DISK)
        ide_io(d, BLK_FLUSH, 0, 0);
    else
        ide_finish(d);
}

void disk_flush_io(struct ide_drive *d, int rc)
{
    if (rc < 0)
        ide_abort(d, ATA_ABRT, ATA_DF);
    else
        ide_finish(d);
}

void disk_read_buffer(struct ide_drive *d)
{
    ide_pio(d, IDE_PIO_IN, 0, IDE_SECTOR, true);
}

void disk_write_buffer(struct ide_drive *d)
{
    ide_pio(d, IDE_PIO_OUT, 0, IDE_SECTOR, false);
}

void disk_recalibrate(struct ide_drive *d)
{
    ide_finish(d);
}

void disk_seek(struct ide_drive *d)
{
    uint64_t lba;

    if (get_address(d, &lba))
        ide_finish(d);
    else
        ide_abort(d, ATA_IDNF, 0);
}

void disk_init_params(struct ide_drive *d)
{
    unsigned heads = (d->ch->device & 15) + 1u, spt = d->nsect[0];

    if (spt == 0 || d->sectors < heads * spt) {
        ide_abort(d, ATA_ABRT, 0);
        return;
    }
    uint64_t cyls = d->sectors / (heads * spt);

    d->heads = (uint8_t)heads;
    d->spt = (uint8_t)spt;
    d->cyls = cyls > 65535 ? 65535 : (uint16_t)cyls;
    ide_finish(d);
}

void disk_set_multiple(struct ide_drive *d)
{
    unsigned n = d->nsect[0];

    if (n > IDE_MULT_MAX || n & (n - 1)) {
        ide_abort(d, ATA_ABRT, 0);
        return;
    }
    d->mult = (uint8_t)n;
    ide_finish(d);
}

void disk_native_max(struct ide_drive *d)
{
    uint64_t last = d->sectors - 1;

    if (!is_ext(d)) {
        if (!(d->ch->device & ATA_DEV_LBA)) {
            ide_abort(d, ATA_ABRT, 0);
            return;
        }
        last = last > 0x0fffffff ? 0x0fffffff : last;
    }
    put_address(d, last);
    d->max_read = true;
    ide_finish(d);
}

/* SET MAX ADDRESS until the next power-on; one that is to last, or another SET MAX, aborts. */
void disk_set_max(struct ide_drive *d)
{
    uint64_t last = is_ext(d) ? lba48(d) : lba28(d);
    bool good = d->max_read && (d->nsect[0] & 1) == 0 && last < d->sectors &&
                (is_ext(d) || (d->feature[0] == 0 && d->ch->device & ATA_DEV_LBA));

    d->max_read = false;
    if (!good) {
        ide_abort(d, ATA_ABRT, 0);
        return;
    }
    d->max_sectors = last + 1;
    ide_finish(d);
}

void ata_power(struct ide_drive *d)
{
    /* 94h..99h are the old opcodes of E0h..E3h, E5h, E6h. */
    static const uint8_t modern[] = { 0xe0, 0xe1, 0xe2, 0xe3, 0xe5, 0xe6 };
    unsigned op = d->cmd < 0xa0 ? modern[d->cmd - 0x94] : d->cmd;

    if (op == 0xe5) {
        d->nsect[0] = d->power;
        ide_finish(d);
        return;
    }
    bool down = op == 0xe0 || op == 0xe2 || op == 0xe6;

    d->power = down ? POWER_STANDBY : POWER_ACTIVE;
    d->sleeping = op == 0xe6;
    if (down)
        disk_flush(d);
    else
        ide_finish(d);
}

static bool set_transfer_mode(struct ide_drive *d)
{
    unsigned mode = d->nsect[0];

    if (mode <= 1 || (mode >= 0x08 && mode <= 0x0c))
        return true;                 /* PIO, any speed */
    if ((mode < 0x20 || mode > 0x22) && (mode < 0x40 || mode > 0x45))
        return false;
    d->dma_mode = (uint8_t)mode;
    return true;
}

void ata_set_features(struct ide_drive *d)
{
    bool disk = d->kind == IDE_DISK, good = true;

    switch (d->feature[0]) {
    case 0x03:
        good = set_transfer_mode(d);
        break;
    case 0x02:
    case 0x82:
        good = disk;
        d->write_cache = disk && d->feature[0] == 0x02;
        break;
    case 0x55:
    case 0xaa:
        good = disk;
        d->look_ahead = disk && d->feature[0] == 0xaa;
        break;
    case 0x66:
    case 0xcc:
        break;                       /* settings are kept over a soft reset in either case */
    default:
        good = false;
    }
    if (!good)
        ide_abort(d, ATA_ABRT, 0);
    else if (d->feature[0] == 0x82)
        disk_flush(d);
    else
        ide_finish(d);
}
