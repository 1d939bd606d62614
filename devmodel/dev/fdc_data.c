/* fdc_data.c - the 82077AA's data commands: read, write, verify, scan, format, read track, read id.
 *
 * Datasheet: Intel 82077AA (290166), sections 5 and 6. A disk is what its format says: every track
 * has its sectors 1..n of 512 bytes in order, without errors. Left out: deleted data marks (written
 * ones become ordinary data), FM, gaps, sector sizes other than 512, formats of other geometry. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/snap.h"
#include "devmodel/dev/fdc_priv.h"
#include <string.h>

enum { READ_TRACK = 0x02, WRITE = 0x05, READ = 0x06, WRITE_DELETED = 0x09, READ_ID = 0x0a,
       READ_DELETED = 0x0c, FORMAT = 0x0d, SCAN_EQUAL = 0x11, VERIFY = 0x16, SCAN_LOW = 0x19,
       SCAN_HIGH = 0x1d };
enum { CMD_MT = 0x80, CMD_MFM = 0x40, CMD_SK = 0x20, VERIFY_EC = 0x80, SIZE_512 = 2 };
enum { P_DRIVE = 1, P_C, P_H, P_R, P_N, P_EOT, P_GPL, P_DTL };   /* places in fifo */
enum { START_NS = 20000, DMA_RETRY_NS = 50000, DMA_TRIES = 400 };
/* Without index holes the real controller waits for ever; drivers give up after seconds. */
enum { NO_DISK_NS = 500000000 };

static void next_sector(struct fdc *f);

static unsigned op_of(const struct fdc *f)
{
    return f->fifo[0] & 0x1f;
}

static struct fdc_drive *drive_of(struct fdc *f)
{
    return &f->drive[f->fifo[P_DRIVE] & 3];
}

static void arm(struct fdc *f, vtime_t ns)
{
    vtimer_arm(&f->timer, vclock_now(f->timer.clock) + ns);
}

/* ---- what passes under the heads ------------------------------------------------------------ */

/* The cylinder the ids of the present track carry; a 40-track disk in an 80-track drive is
 * stepped twice a track. */
static unsigned track_of(const struct fdc_drive *d)
{
    bool wide = d->fmt->tracks == 40 && d->type > 1;

    return wide ? d->head_cyl / 2u : d->head_cyl;
}

static bool on_cylinder(const struct fdc_drive *d, unsigned cyl)
{
    if (cyl >= d->fmt->tracks)
        return false;
    return cyl == track_of(d) || (d->fmt->tracks == 40 && cyl == d->head_cyl);
}

/* Address marks can be read: disk in, motor on, right density, formatted side and track. */
static bool readable(struct fdc *f)
{
    const struct fdc_drive *d = drive_of(f);
    unsigned unit = f->fifo[P_DRIVE] & 3;

    return d->blk && f->dor >> (4 + unit) & 1 && f->fifo[0] & CMD_MFM &&
           d->fmt->rates >> f->rate & 1 && f->side < d->fmt->heads && track_of(d) < d->fmt->tracks;
}

/* ---- the end of a command ------------------------------------------------------------------- */

static void finish(struct fdc *f, uint8_t st0)
{
    uint8_t unit = f->fifo[P_DRIVE] & 3, size = f->fifo[op_of(f) == FORMAT ? 2 : P_N];

    if (op_of(f) == READ_ID)
        size = SIZE_512;
    f->fifo[0] = st0 | f->side << 2 | unit;
    f->fifo[1] = f->st1;
    f->fifo[2] = f->st2;
    f->fifo[3] = f->cyl;
    f->fifo[4] = f->head;
    f->fifo[5] = f->sector;
    f->fifo[6] = size;
    vtimer_cancel(&f->timer);
    fdc_result(f, 7);
    f->intr_pending = true;
    fdc_update(f);
}

static void fail(struct fdc *f, uint8_t st1, uint8_t st2)
{
    f->st1 |= st1;
    f->st2 |= st2;
    finish(f, ST0_ABNORMAL);
}

/* The id after the present one, as the result phase shows it; true when the cylinder is through. */
static bool next_id(struct fdc *f)
{
    unsigned by = op_of(f) == SCAN_EQUAL || op_of(f) == SCAN_LOW || op_of(f) == SCAN_HIGH ?
                  (f->fifo[P_DTL] == 2 ? 2 : 1) : 1;

    if (f->sector != f->fifo[P_EOT] && (by == 1 || f->sector + 1u != f->fifo[P_EOT])) {
        f->sector += (uint8_t)by;
        return false;
    }
    f->sector = 1;
    if (f->fifo[0] & CMD_MT && op_of(f) != READ_TRACK) {
        f->head ^= 1;
        if (f->head & 1)
            return false;
    }
    f->cyl++;
    return true;
}

static void sector_done(struct fdc *f)
{
    unsigned op = op_of(f);
    bool counted = op == VERIFY && f->fifo[P_DRIVE] & VERIFY_EC;
    bool stop = f->tc || (op == READ_DELETED && f->st2 & ST2_CM) || (counted && !--f->track_left);
    bool end = next_id(f);

    if (stop)
        finish(f, 0);
    else if (!end)
        next_sector(f);
    else if (op == VERIFY && !counted)
        finish(f, 0);
    else if (op == SCAN_EQUAL || op == SCAN_LOW || op == SCAN_HIGH)
        f->st2 |= ST2_SN, finish(f, 0);
    else
        fail(f, ST1_EN, 0);
}

/* ---- disk and host -------------------------------------------------------------------------- */

static void io_done(struct blk_req *r, int rc);

static void submit(struct fdc *f)
{
    struct fdc_drive *d = drive_of(f);
    unsigned op = op_of(f);

    f->io.buf = op == SCAN_EQUAL || op == SCAN_LOW || op == SCAN_HIGH ? f->disk : f->buf;
    f->io_blk = d->blk;
    d->blk->ops->submit(d->blk->self, &f->io);
}

static void start_io(struct fdc *f, enum blk_op op)
{
    const struct fdc_format *fmt = drive_of(f)->fmt;

    f->phase = FDC_EXEC;
    if (!fmt) {
        fail(f, ST1_MA, 0);          /* the disk was taken out meanwhile */
        return;
    }
    unsigned lba = (f->cyl * fmt->heads + f->head) * fmt->sectors + f->sector - 1u;

    f->io_busy = true;
    f->io.op = op;
    f->io.off = (uint64_t)lba * FDC_SECTOR;
    f->io.due = 0;
    submit(f);
    fdc_update(f);
}

static void pump(struct fdc *f)
{
    bool out = f->phase == FDC_TO_HOST, tc = false;
    size_t n = 0;

    if (f->dma && f->dor & DOR_DMAGATE)
        n = f->dma->ops->transfer(f->dma->self, FDC_DMA_CHANNEL, f->buf + f->buf_pos,
                                  f->buf_len - f->buf_pos, out, &tc);
    f->buf_pos += (uint16_t)n;
    f->tc |= tc;
    if (f->buf_pos >= f->buf_len || tc) {
        fdc_data_moved(f);
        return;
    }
    if (n)
        f->dma_tries = 0;
    if (++f->dma_tries > DMA_TRIES)
        fail(f, ST1_OR, 0);
    else
        arm(f, DMA_RETRY_NS);
}

/* Offers (or wants) the first n bytes of buf. */
static void move(struct fdc *f, enum fdc_phase phase, unsigned n)
{
    f->phase = phase;
    f->buf_pos = 0;
    f->buf_len = (uint16_t)n;
    f->dma_tries = 0;
    fdc_update(f);
    if (!fdc_non_dma(f))
        pump(f);
}

/* FORMAT TRACK: the host gave the id of one sector. */
static void format_sector(struct fdc *f)
{
    const struct fdc_drive *d = drive_of(f);

    if (f->buf_pos < 4 || !d->fmt) { /* terminal count too early, or no disk any more */
        finish(f, d->fmt ? 0 : ST0_ABNORMAL);
        return;
    }
    f->cyl = f->buf[0];
    f->head = f->buf[1];
    f->sector = f->buf[2];
    if (!on_cylinder(d, f->cyl) || f->head != f->side || f->sector < 1 ||
        f->sector > d->fmt->sectors || f->buf[3] != SIZE_512) {
        fail(f, ST1_ND, 0);          /* an image cannot hold such a sector */
        return;
    }
    memset(f->buf, f->fifo[5], FDC_SECTOR);
    start_io(f, BLK_WRITE);
}

/* <0, 0, >0 as the disk's sector is less than, equal to, more than the host's; FFh equals all. */
static int scan_compare(const struct fdc *f)
{
    for (unsigned i = 0; i < f->buf_pos; i++) {
        uint8_t disk = f->disk[i], host = f->buf[i];

        if (disk != host && disk != 0xff && host != 0xff)
            return disk < host ? -1 : 1;
    }
    return 0;
}

static void scan_sector(struct fdc *f)
{
    int order = scan_compare(f);
    bool hit = order == 0 || (op_of(f) == SCAN_LOW && order < 0) ||
               (op_of(f) == SCAN_HIGH && order > 0);

    if (!hit) {
        sector_done(f);
        return;
    }
    f->st2 |= order == 0 ? ST2_SH : 0;
    finish(f, 0);
}

void fdc_data_moved(struct fdc *f)
{
    if (f->phase == FDC_TO_HOST) {
        sector_done(f);
        return;
    }
    switch (op_of(f)) {
    case FORMAT:
        format_sector(f);
        break;
    case WRITE:
    case WRITE_DELETED:
        memset(f->buf + f->buf_pos, 0, FDC_SECTOR - f->buf_pos);   /* after terminal count */
        start_io(f, BLK_WRITE);
        break;
    default:
        scan_sector(f);
    }
}

static void next_format(struct fdc *f)
{
    if (f->tc || !f->track_left--)
        finish(f, 0);
    else
        move(f, FDC_FROM_HOST, 4);
}

static void io_done(struct blk_req *r, int rc)
{
    struct fdc *f = r->opaque;
    unsigned op = op_of(f);

    f->io_blk = NULL;
    if (!f->io_busy)
        return;                      /* cancelled by a reset */
    f->io_busy = false;
    if (rc == VM_EINVAL && r->op == BLK_READ) {
        memset(r->buf, 0, FDC_SECTOR);           /* an image shorter than its disk */
        rc = VM_OK;
    }
    if (rc < 0)
        fail(f, ST1_DE, ST2_DD);
    else if (op == FORMAT)
        next_format(f);
    else if (op == WRITE || op == WRITE_DELETED || op == VERIFY)
        sector_done(f);
    else
        move(f, op == SCAN_EQUAL || op == SCAN_LOW || op == SCAN_HIGH ? FDC_FROM_HOST :
             FDC_TO_HOST, FDC_SECTOR);
}

/* ---- the course of a command ---------------------------------------------------------------- */

/* Looks for the id (cyl, head, sector, N) on the present track and begins its transfer. */
static void next_sector(struct fdc *f)
{
    const struct fdc_drive *d = drive_of(f);
    unsigned op = op_of(f);

    f->phase = FDC_EXEC;
    if (!d->fmt) {
        fail(f, ST1_MA, 0);
        return;
    }
    if (!on_cylinder(d, f->cyl)) {
        fail(f, ST1_ND, f->cyl == 0xff ? ST2_BC : ST2_WC);
        return;
    }
    if (f->fifo[0] & CMD_MT)
        f->side = f->head & 1;       /* multi-track selects the other side itself */
    if (f->head != f->side || f->head >= d->fmt->heads || f->sector < 1 ||
        f->sector > d->fmt->sectors || f->fifo[P_N] != SIZE_512) {
        fail(f, ST1_ND, 0);
        return;
    }
    if (op == READ_DELETED) {
        f->st2 |= ST2_CM;            /* there are no deleted sectors */
        if (f->fifo[0] & CMD_SK) {
            f->sector = f->fifo[P_EOT];
            next_id(f);
            fail(f, ST1_EN, 0);
            return;
        }
    }
    if (op == WRITE || op == WRITE_DELETED)
        move(f, FDC_FROM_HOST, FDC_SECTOR);
    else
        start_io(f, BLK_READ);
}

static void read_id(struct fdc *f)
{
    const struct fdc_drive *d = drive_of(f);

    f->rotation = (uint8_t)(f->rotation % d->fmt->sectors + 1);
    f->cyl = (uint8_t)track_of(d);
    f->head = f->side;
    f->sector = f->rotation;
    finish(f, 0);
}

void fdc_data_timer(struct fdc *f)
{
    unsigned op = op_of(f);

    if (f->phase == FDC_TO_HOST || f->phase == FDC_FROM_HOST)
        pump(f);
    else if (f->phase != FDC_EXEC || f->io_busy)
        return;
    else if (!readable(f))
        fail(f, ST1_MA, 0);
    else if (op == READ_ID)
        read_id(f);
    else if ((op == WRITE || op == WRITE_DELETED || op == FORMAT) && drive_of(f)->read_only)
        fail(f, ST1_NW, 0);
    else if (op == FORMAT)
        next_format(f);
    else
        next_sector(f);
}

void fdc_data_start(struct fdc *f)
{
    unsigned op = op_of(f);
    struct fdc_drive *d = drive_of(f);

    f->phase = FDC_EXEC;
    f->st1 = f->st2 = 0;
    f->tc = false;
    f->side = f->fifo[P_DRIVE] >> 2 & 1;
    if (op == FORMAT || op == READ_ID) {
        f->cyl = d->pcn;
        f->head = f->side;
        f->sector = 1;
        f->track_left = op == FORMAT ? f->fifo[3] : 0;
        f->eot = op == FORMAT ? f->fifo[3] : f->eot;
    } else {
        f->cyl = f->fifo[P_C];
        f->head = f->fifo[P_H];
        f->sector = op == READ_TRACK ? 1 : f->fifo[P_R];
        f->track_left = f->fifo[P_DTL];
        f->eot = f->fifo[P_EOT];
        if (f->config & CONFIG_EIS && op != READ_TRACK && d->pcn != f->cyl)
            fdc_seek_heads(d, f->cyl);
    }
    arm(f, readable(f) ? START_NS : NO_DISK_NS);
}

/* ---- life ----------------------------------------------------------------------------------- */

void fdc_data_init(struct fdc *f)
{
    f->io.buf = f->buf;
    f->io.len = FDC_SECTOR;
    f->io.done = io_done;
    f->io.opaque = f;
}

void fdc_data_abort(struct fdc *f)
{
    struct blk *b = f->io_blk;

    f->io_busy = false;
    if (b)
        b->ops->cancel(b->self);
}

void fdc_data_resume(struct fdc *f)
{
    if (!f->io_busy || f->io_blk)
        return;
    if (drive_of(f)->blk)
        submit(f);
    else
        f->io_busy = false, fail(f, ST1_DE, ST2_DD);     /* restored without the disk */
}

void fdc_data_snap(struct fdc *f, struct snap *s)
{
    uint8_t op = (uint8_t)f->io.op;

    snap_u8(s, "cyl", &f->cyl);
    snap_u8(s, "head", &f->head);
    snap_u8(s, "sector", &f->sector);
    snap_u8(s, "side", &f->side);
    snap_check(s, "side", f->side > 1);
    snap_u8(s, "track_left", &f->track_left);
    snap_u8(s, "st1", &f->st1);
    snap_u8(s, "st2", &f->st2);
    snap_bool(s, "tc", &f->tc);
    snap_u8(s, "rotation", &f->rotation);
    snap_u16(s, "buf_len", &f->buf_len);
    snap_check(s, "buf_len", f->buf_len > FDC_SECTOR);
    snap_u16(s, "buf_pos", &f->buf_pos);
    snap_check(s, "buf_pos", f->buf_pos > f->buf_len ||
               (f->buf_pos == f->buf_len && (f->phase == FDC_TO_HOST ||
                                             f->phase == FDC_FROM_HOST)));
    snap_u16(s, "dma_tries", &f->dma_tries);
    snap_mem(s, "buf", f->buf, sizeof f->buf);
    snap_mem(s, "disk", f->disk, sizeof f->disk);
    snap_bool(s, "io_busy", &f->io_busy);
    snap_u8(s, "io_op", &op);
    snap_check(s, "io_op", op != BLK_READ && op != BLK_WRITE);
    f->io.op = (enum blk_op)op;
    snap_u64(s, "io_off", &f->io.off);
    snap_time(s, "io_due", &f->io.due);
}
