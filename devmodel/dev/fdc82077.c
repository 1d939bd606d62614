/* fdc82077.c - the 82077AA floppy controller in AT mode with two drives: registers, phases, seeks.
 *
 * Datasheet: Intel 82077AA (290166). Data commands are in fdc_data.c. Mechanical times are short
 * and fixed (a seek takes SEEK_NS, whatever SPECIFY says); spin-up is not waited for, but a motor
 * that is off means no index holes and so no data. Left out: the PS/2 status registers A and B
 * (the AT mode does not drive them), tape, power down, 82078 commands. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/fdc82077.h"
#include "devmodel/core/snap.h"
#include "devmodel/dev/fdc_priv.h"
#include <string.h>

enum { SEEK_NS = 200000, RESET_NS = 50000, LAST_CYL = 83, RECAL_PULSES = 79 };
enum { MSR_RQM = 0x80, MSR_DIO = 0x40, MSR_NDMA = 0x20, MSR_BUSY = 0x10 };
enum { RATE_500, RATE_300, RATE_250, RATE_1000 };
enum { DD = 1 << RATE_300 | 1 << RATE_250, HD = 1 << RATE_500, ED = 1 << RATE_1000 };
enum { TYPE_NONE, TYPE_360, TYPE_1200, TYPE_720, TYPE_1440, TYPE_2880 };
enum { DSR_RESET = 0x80, DIR_CHANGED = 0x80, ST3_WP = 0x40, ST3_T0 = 0x10, ST3_ONES = 0x28 };

static const struct fdc_format formats[] = {
    {  160 * 1024, 40, 1,  8, DD, TYPE_360  }, {  180 * 1024, 40, 1,  9, DD, TYPE_360  },
    {  320 * 1024, 40, 2,  8, DD, TYPE_360  }, {  360 * 1024, 40, 2,  9, DD, TYPE_360  },
    {  720 * 1024, 80, 2,  9, DD, TYPE_1440 }, { 1200 * 1024, 80, 2, 15, HD, TYPE_1200 },
    { 1440 * 1024, 80, 2, 18, HD, TYPE_1440 }, { 2880 * 1024, 80, 2, 36, ED, TYPE_2880 },
};

enum { ODD_SIZES_FROM = 1440 * 1024 };

static const struct { const char *name; uint8_t type; } type_names[] = {
    { "none", TYPE_NONE }, { "360", TYPE_360 }, { "1200", TYPE_1200 }, { "720", TYPE_720 },
    { "1440", TYPE_1440 }, { "2880", TYPE_2880 },
};

/* ---- wires ---------------------------------------------------------------------------------- */

bool fdc_non_dma(const struct fdc *f)
{
    return f->hlt_nd & 1;
}

static bool moves_data(const struct fdc *f)
{
    return f->phase == FDC_TO_HOST || f->phase == FDC_FROM_HOST;
}

void fdc_update(struct fdc *f)
{
    bool gate = f->dor & DOR_DMAGATE;
    bool moves = moves_data(f);

    irq_set(&f->intr, gate && (f->intr_pending || (moves && fdc_non_dma(f))));
    if (f->dma)
        f->dma->ops->dreq(f->dma->self, FDC_DMA_CHANNEL, gate && moves && !fdc_non_dma(f));
}

/* The reason for the interrupt was served. Another one makes a new edge. */
static void drop_interrupt(struct fdc *f, bool again)
{
    f->intr_pending = false;
    irq_set(&f->intr, false);
    f->intr_pending = again;
    fdc_update(f);
}

static bool any_seek_done(const struct fdc *f)
{
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        if (f->drive[i].seek_done)
            return true;
    }
    return false;
}

static uint8_t main_status(const struct fdc *f)
{
    uint8_t v = 0;

    if (!(f->dor & DOR_RUN))
        return 0;
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        v |= f->drive[i].seeking || f->drive[i].seek_done ? 1u << i : 0;
    switch ((enum fdc_phase)f->phase) {
    case FDC_COMMAND:
        return v | MSR_RQM | (f->fifo_pos ? MSR_BUSY : 0);
    case FDC_EXEC:
        return v | MSR_BUSY | (fdc_non_dma(f) ? MSR_NDMA : 0);
    case FDC_TO_HOST:
        return v | MSR_BUSY | (fdc_non_dma(f) ? MSR_RQM | MSR_DIO | MSR_NDMA : 0);
    case FDC_FROM_HOST:
        return v | MSR_BUSY | (fdc_non_dma(f) ? MSR_RQM | MSR_NDMA : 0);
    case FDC_RESULT:
        return v | MSR_RQM | MSR_DIO | MSR_BUSY;
    }
    return v;
}

/* ---- phases --------------------------------------------------------------------------------- */

static void to_command(struct fdc *f)
{
    f->phase = FDC_COMMAND;
    f->fifo_pos = 0;
    f->fifo_len = 1;
}

void fdc_result(struct fdc *f, unsigned n)
{
    f->phase = FDC_RESULT;
    f->fifo_pos = 0;
    f->fifo_len = (uint8_t)n;
}

/* What DOR bit 2 and DSR bit 7 reset; the drives and SPECIFY's values stay. */
static void soft_reset(struct fdc *f)
{
    fdc_data_abort(f);
    vtimer_cancel(&f->timer);
    vtimer_cancel(&f->reset_timer);
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *d = &f->drive[i];

        vtimer_cancel(&d->seek_timer);
        d->seeking = d->seek_done = false;
        d->pcn = 0;
    }
    if (!f->lock) {
        f->config = CONFIG_FIFO_OFF;
        f->pretrk = 0;
    }
    f->config &= CONFIG_FIFO_OFF | CONFIG_THRESHOLD;
    f->perpendicular &= 0x3c;
    f->intr_pending = false;
    f->reset_sense = 0;
    to_command(f);
}

static void reset_fired(void *opaque, vtime_t due)
{
    struct fdc *f = opaque;

    (void)due;
    f->reset_sense = FDC_DRIVES;     /* the poll finds each drive's ready line changed */
    f->intr_pending = true;
    fdc_update(f);
}

static void leave_reset(struct fdc *f)
{
    vtimer_arm(&f->reset_timer, vclock_now(f->timer.clock) + RESET_NS);
}

/* ---- heads ---------------------------------------------------------------------------------- */

static void move_heads(struct fdc_drive *d, int cyl)
{
    cyl = cyl < 0 ? 0 : cyl > LAST_CYL ? LAST_CYL : cyl;
    if (d->head_cyl != cyl && d->blk)
        d->changed = false;          /* a step pulse with a disk in resets the latch */
    d->head_cyl = (uint8_t)cyl;
}

void fdc_seek_heads(struct fdc_drive *d, unsigned cyl)
{
    move_heads(d, d->head_cyl + (int)cyl - d->pcn);
    d->pcn = (uint8_t)cyl;
}

static void seek_fired(void *opaque, vtime_t due)
{
    struct fdc_drive *d = opaque;

    (void)due;
    move_heads(d, d->seek_to);
    d->pcn = d->seek_pcn;
    d->seeking = false;
    d->seek_done = true;
    d->owner->intr_pending = true;
    fdc_update(d->owner);
}

static void start_seek(struct fdc *f, struct fdc_drive *d, int to, uint8_t pcn, uint8_t st0)
{
    d->seek_to = (uint8_t)(to < 0 ? 0 : to > LAST_CYL ? LAST_CYL : to);
    d->seek_pcn = pcn;
    d->seek_st0 = st0 | ST0_SE | (f->fifo[1] & 7);
    d->seeking = true;
    d->seek_done = false;
    vtimer_arm(&d->seek_timer, vclock_now(f->timer.clock) + SEEK_NS);
    to_command(f);
}

static struct fdc_drive *addressed(struct fdc *f)
{
    return &f->drive[f->fifo[1] & 3];
}

static void cmd_seek(struct fdc *f)
{
    struct fdc_drive *d = addressed(f);

    start_seek(f, d, d->head_cyl + f->fifo[2] - d->pcn, f->fifo[2], 0);
}

static void cmd_relative_seek(struct fdc *f)
{
    struct fdc_drive *d = addressed(f);
    int by = f->fifo[0] & 0x40 ? f->fifo[2] : -f->fifo[2];

    start_seek(f, d, d->head_cyl + by, (uint8_t)(d->pcn + by), 0);
}

static void cmd_recalibrate(struct fdc *f)
{
    struct fdc_drive *d = addressed(f);
    bool found = d->type && d->head_cyl <= RECAL_PULSES;

    f->fifo[1] &= 3;
    start_seek(f, d, d->head_cyl - RECAL_PULSES, 0, found ? 0 : ST0_ABNORMAL | ST0_EC);
}

/* ---- commands without data ------------------------------------------------------------------ */

static void cmd_invalid(struct fdc *f)
{
    f->fifo[0] = ST0_INVALID;
    fdc_result(f, 1);
}

static void cmd_sense_interrupt(struct fdc *f)
{
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *d = &f->drive[i];

        if (f->reset_sense ? i + f->reset_sense != FDC_DRIVES : !d->seek_done)
            continue;
        f->fifo[0] = f->reset_sense ? (uint8_t)(0xc0 | i) : d->seek_st0;
        f->fifo[1] = d->pcn;
        if (f->reset_sense)
            f->reset_sense--;
        else
            d->seek_done = false;
        fdc_result(f, 2);
        drop_interrupt(f, any_seek_done(f));
        return;
    }
    cmd_invalid(f);
}

static void cmd_sense_drive(struct fdc *f)
{
    const struct fdc_drive *d = addressed(f);

    f->fifo[0] = ST3_ONES | (f->fifo[1] & 7) | (d->type && d->head_cyl == 0 ? ST3_T0 : 0) |
                 (d->blk && d->read_only ? ST3_WP : 0);
    fdc_result(f, 1);
}

static void cmd_specify(struct fdc *f)
{
    f->srt_hut = f->fifo[1];
    f->hlt_nd = f->fifo[2];
    to_command(f);
}

static void cmd_configure(struct fdc *f)
{
    f->config = f->fifo[2] & 0x7f;
    f->pretrk = f->fifo[3];
    to_command(f);
}

static void cmd_version(struct fdc *f)
{
    f->fifo[0] = 0x90;               /* an enhanced controller: 82077 */
    fdc_result(f, 1);
}

static void cmd_lock(struct fdc *f)
{
    f->lock = f->fifo[0] & 0x80;
    f->fifo[0] = f->lock ? 0x10 : 0;
    fdc_result(f, 1);
}

static void cmd_perpendicular(struct fdc *f)
{
    uint8_t v = f->fifo[1];

    f->perpendicular = (v & 0x80 ? v & 0x3c : f->perpendicular & 0x3c) | (v & 3);
    to_command(f);
}

static void cmd_dumpreg(struct fdc *f)
{
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        f->fifo[i] = f->drive[i].pcn;
    f->fifo[4] = f->srt_hut;
    f->fifo[5] = f->hlt_nd;
    f->fifo[6] = f->eot;
    f->fifo[7] = (f->lock ? 0x80 : 0) | f->perpendicular;
    f->fifo[8] = f->config;
    f->fifo[9] = f->pretrk;
    fdc_result(f, 10);
}

/* PART ID (18h) and the other commands of the 82078 are invalid to an 82077AA; drivers tell the two
 * apart by that. */
static const struct command {
    uint8_t mask, code, len;         /* len: command byte and parameters, <= FDC_FIFO */
    void  (*run)(struct fdc *f);
} commands[] = {
    { 0x1f, 0x06, 9, fdc_data_start      },     /* READ DATA */
    { 0x1f, 0x0c, 9, fdc_data_start      },     /* READ DELETED DATA */
    { 0x3f, 0x05, 9, fdc_data_start      },     /* WRITE DATA */
    { 0x3f, 0x09, 9, fdc_data_start      },     /* WRITE DELETED DATA */
    { 0x9f, 0x02, 9, fdc_data_start      },     /* READ TRACK */
    { 0x1f, 0x16, 9, fdc_data_start      },     /* VERIFY */
    { 0x1f, 0x11, 9, fdc_data_start      },     /* SCAN EQUAL */
    { 0x1f, 0x19, 9, fdc_data_start      },     /* SCAN LOW OR EQUAL */
    { 0x1f, 0x1d, 9, fdc_data_start      },     /* SCAN HIGH OR EQUAL */
    { 0xbf, 0x0d, 6, fdc_data_start      },     /* FORMAT TRACK */
    { 0xbf, 0x0a, 2, fdc_data_start      },     /* READ ID */
    { 0xff, 0x03, 3, cmd_specify         },
    { 0xff, 0x04, 2, cmd_sense_drive     },
    { 0xff, 0x07, 2, cmd_recalibrate     },
    { 0xff, 0x08, 1, cmd_sense_interrupt },
    { 0xff, 0x0e, 1, cmd_dumpreg         },
    { 0xff, 0x0f, 3, cmd_seek            },
    { 0xbf, 0x8f, 3, cmd_relative_seek   },
    { 0xff, 0x10, 1, cmd_version         },
    { 0xff, 0x12, 2, cmd_perpendicular   },
    { 0xff, 0x13, 4, cmd_configure       },
    { 0x7f, 0x14, 1, cmd_lock            },
    { 0x00, 0x00, 1, cmd_invalid         },
};

static const struct command *find_command(uint8_t code)
{
    const struct command *c = commands;

    while ((code & c->mask) != c->code)
        c++;
    return c;
}

/* ---- registers ------------------------------------------------------------------------------ */

static uint8_t data_read(struct fdc *f)
{
    uint8_t v;

    if (f->phase == FDC_TO_HOST && fdc_non_dma(f)) {
        v = f->buf[f->buf_pos++];
        drop_interrupt(f, false);
        if (f->buf_pos >= f->buf_len)
            fdc_data_moved(f);
        return v;
    }
    if (f->phase != FDC_RESULT)
        return 0;
    v = f->fifo[f->fifo_pos++];
    if (f->fifo_pos == 1 && f->intr_pending)
        drop_interrupt(f, any_seek_done(f));
    if (f->fifo_pos >= f->fifo_len)
        to_command(f);
    return v;
}

static void data_write(struct fdc *f, uint8_t v)
{
    if (f->phase == FDC_FROM_HOST && fdc_non_dma(f)) {
        f->buf[f->buf_pos++] = v;
        drop_interrupt(f, false);
        if (f->buf_pos >= f->buf_len)
            fdc_data_moved(f);
        return;
    }
    if (f->phase != FDC_COMMAND || !(f->dor & DOR_RUN))
        return;
    if (f->fifo_pos == 0)
        f->fifo_len = find_command(v)->len;
    f->fifo[f->fifo_pos++] = v;
    if (f->fifo_pos < f->fifo_len)
        return;
    f->fifo_pos = 0;
    find_command(f->fifo[0])->run(f);
    fdc_update(f);
}

static void dor_write(struct fdc *f, uint8_t v)
{
    bool was = f->dor & DOR_RUN, is = v & DOR_RUN;

    f->dor = v;
    if (was && !is)
        soft_reset(f);
    else if (!was && is)
        leave_reset(f);
    fdc_update(f);
}

static void dsr_write(struct fdc *f, uint8_t v)
{
    f->rate = v & 3;
    if (!(v & DSR_RESET))
        return;
    soft_reset(f);                   /* the bit clears itself */
    if (f->dor & DOR_RUN)
        leave_reset(f);
    fdc_update(f);
}

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct fdc *f = opaque;

    (void)size;
    switch (off) {
    case 2:
        return f->dor;
    case 3:
        return f->tdr;
    case 4:
        return main_status(f);
    case 5:
        return data_read(f);
    default:
        return 0xff;
    }
}

static void port_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct fdc *f = opaque;

    (void)size;
    if (off == 2)
        dor_write(f, (uint8_t)val);
    else if (off == 3)
        f->tdr = val & 3;
    else if (off == 4)
        dsr_write(f, (uint8_t)val);
    else if (off == 5)
        data_write(f, (uint8_t)val);
}

static uint64_t dir_read(void *opaque, uint64_t off, unsigned size)
{
    const struct fdc *f = opaque;

    (void)off, (void)size;
    return f->drive[f->dor & 3].changed ? DIR_CHANGED : 0;
}

static void ccr_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)off, (void)size;
    ((struct fdc *)opaque)->rate = val & 3;
}

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };
static const struct mmio_ops dir_ops = { dir_read, ccr_write, 1, 1 };

/* ---- disks ---------------------------------------------------------------------------------- */

/* An image of another size is the front of a 1.44M or 2.88M disk whose rest is zeros. */
static int find_format(const struct blk *b, const struct fdc_format **fmt, bool *ro,
                       struct vm_error *e)
{
    struct blk_info info;

    b->ops->info(b->self, &info);
    *ro = info.read_only;
    for (unsigned i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        *fmt = &formats[i];
        if (formats[i].bytes == info.size ||
            (formats[i].bytes > info.size && formats[i].bytes >= ODD_SIZES_FROM))
            return VM_OK;
    }
    return vm_fail(e, VM_EINVAL, "an image of %llu bytes is no floppy; a floppy has 160, 180, 320, "
                   "360, 720, 1200, 1440 or 2880 KiB", (unsigned long long)info.size);
}

unsigned fdc_drive_type(const struct device *fdc, unsigned drive)
{
    return drive < FDC_REAL ? ((const struct fdc *)fdc)->drive[drive].type : TYPE_NONE;
}

int fdc_change(struct device *fdc, unsigned drive, struct blk *medium, struct vm_error *e)
{
    struct fdc *f = (struct fdc *)fdc;
    const struct fdc_format *fmt = NULL;
    bool ro = false;

    if (drive >= FDC_REAL || !f->drive[drive].type)
        return vm_fail(e, VM_ENOENT, "there is no floppy drive %c", 'A' + (int)(drive & 15));
    if (medium)
        VM_TRY(find_format(medium, &fmt, &ro, e));
    struct fdc_drive *d = &f->drive[drive];

    if (f->io_blk && f->io_blk == d->blk)
        d->blk->ops->cancel(d->blk->self);       /* a read or write that was going on fails */
    d->blk = medium;
    d->fmt = fmt;
    d->read_only = ro;
    d->changed = true;
    return VM_OK;
}

static int parse_type(struct fdc_drive *d, char letter, struct vm_error *e)
{
    if (strcmp(d->type_name, "auto") == 0) {
        d->type = d->fmt ? d->fmt->type : letter == 'a' ? TYPE_1440 : TYPE_NONE;
        return VM_OK;
    }
    for (unsigned i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
        if (strcmp(d->type_name, type_names[i].name) != 0)
            continue;
        d->type = type_names[i].type;
        if (!d->type && d->blk)
            return vm_fail(e, VM_EINVAL, "floppy drive %c has an image but its type is none",
                           letter);
        return VM_OK;
    }
    return vm_fail(e, VM_EINVAL, "'%s' is no floppy drive type; use auto, none, 360, 720, 1200, "
                   "1440 or 2880", d->type_name);
}

/* ---- life ----------------------------------------------------------------------------------- */

static void timer_fired(void *opaque, vtime_t due)
{
    (void)due;
    fdc_data_timer(opaque);
}

static int claim(struct fdc *f, struct machine *m, struct vm_error *e)
{
    f->low_ports = (struct mem_region){ .name = "fdc82077", .kind = MEM_MMIO, .size = 6,
                                        .ops = &port_ops, .dev = f };
    f->dir_port = (struct mem_region){ .name = "fdc82077.dir", .kind = MEM_MMIO, .size = 1,
                                       .ops = &dir_ops, .dev = f };
    VM_TRY(machine_claim_ports(m, &f->low_ports, 0x3f0, e));
    VM_TRY(machine_claim_ports(m, &f->dir_port, 0x3f7, e));
    return machine_claim_irq(m, &f->intr, 6, e);
}

static int realize(struct device *dev, struct machine *m, struct vm_error *e)
{
    static const char *const seek_names[FDC_DRIVES] = { "seek0", "seek1", "seek2", "seek3" };
    struct fdc *f = (struct fdc *)dev;

    f->dma = machine_isa_dma(m);
    fdc_data_init(f);
    vtimer_init(&f->timer, machine_clock(m), "command", timer_fired, f);
    vtimer_init(&f->reset_timer, machine_clock(m), "reset", reset_fired, f);
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *d = &f->drive[i];

        d->owner = f;
        vtimer_init(&d->seek_timer, machine_clock(m), seek_names[i], seek_fired, d);
        if (d->blk)
            VM_TRY(find_format(d->blk, &d->fmt, &d->read_only, e));
        if (i < FDC_REAL)
            VM_TRY(parse_type(d, (char)('a' + i), e));
    }
    return claim(f, m, e);
}

static void unrealize(struct device *dev)
{
    struct fdc *f = (struct fdc *)dev;

    fdc_data_abort(f);
    vtimer_forget(&f->timer);
    vtimer_forget(&f->reset_timer);
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        vtimer_forget(&f->drive[i].seek_timer);
}

static void reset(struct device *dev, enum reset_kind k)
{
    struct fdc *f = (struct fdc *)dev;

    if (k == RESET_SOFT)
        return;
    f->lock = false;
    soft_reset(f);
    f->dor = f->rate = f->tdr = f->srt_hut = f->hlt_nd = f->perpendicular = f->eot = 0;
    f->rate = RATE_250;
    f->rotation = 0;
    for (unsigned i = 0; i < FDC_DRIVES && k == RESET_POWER_ON; i++) {
        f->drive[i].changed = f->drive[i].type != TYPE_NONE;
        f->drive[i].head_cyl = 0;
    }
}

static void drive(struct device *dev)
{
    struct fdc *f = (struct fdc *)dev;

    fdc_data_resume(f);
    fdc_update(f);
}

static void snap_drive(struct fdc_drive *d, struct snap *s, const char *name)
{
    snap_begin(s, name, 1);
    snap_u8(s, "head_cyl", &d->head_cyl);
    snap_check(s, "head_cyl", d->head_cyl > LAST_CYL);
    snap_u8(s, "pcn", &d->pcn);
    snap_bool(s, "changed", &d->changed);
    snap_bool(s, "seeking", &d->seeking);
    snap_bool(s, "seek_done", &d->seek_done);
    snap_u8(s, "seek_st0", &d->seek_st0);
    snap_u8(s, "seek_to", &d->seek_to);
    snap_u8(s, "seek_pcn", &d->seek_pcn);
    vtimer_snap(&d->seek_timer, s);
    snap_end(s);
}

static void snap_registers(struct fdc *f, struct snap *s)
{
    snap_u8(s, "dor", &f->dor);
    snap_u8(s, "rate", &f->rate);
    snap_check(s, "rate", f->rate > 3);
    snap_u8(s, "tdr", &f->tdr);
    snap_u8(s, "srt_hut", &f->srt_hut);
    snap_u8(s, "hlt_nd", &f->hlt_nd);
    snap_u8(s, "config", &f->config);
    snap_u8(s, "pretrk", &f->pretrk);
    snap_u8(s, "perpendicular", &f->perpendicular);
    snap_u8(s, "eot", &f->eot);
    snap_bool(s, "lock", &f->lock);
    snap_bool(s, "intr_pending", &f->intr_pending);
    snap_u8(s, "reset_sense", &f->reset_sense);
    snap_check(s, "reset_sense", f->reset_sense > FDC_DRIVES);
    snap_u8(s, "phase", &f->phase);
    snap_check(s, "phase", f->phase > FDC_RESULT);
    snap_mem(s, "fifo", f->fifo, sizeof f->fifo);
    snap_u8(s, "fifo_len", &f->fifo_len);
    snap_check(s, "fifo_len", f->fifo_len == 0 || f->fifo_len > FDC_FIFO);
    snap_u8(s, "fifo_pos", &f->fifo_pos);
    snap_check(s, "fifo_pos", f->fifo_pos >= f->fifo_len);
    vtimer_snap(&f->timer, s);
    vtimer_snap(&f->reset_timer, s);
}

static void snap(struct device *dev, struct snap *s)
{
    static const char *const names[FDC_DRIVES] = { "drive0", "drive1", "drive2", "drive3" };
    struct fdc *f = (struct fdc *)dev;

    if (snap_mode(s) == SNAP_LOAD)
        fdc_data_abort(f);
    snap_begin(s, "fdc82077", 1);
    snap_registers(f, s);
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        snap_drive(&f->drive[i], s, names[i]);
    fdc_data_snap(f, s);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "a", "disk image in drive A", PROP_BLK, offsetof(struct fdc, drive[0].blk), "" },
    { "b", "disk image in drive B", PROP_BLK, offsetof(struct fdc, drive[1].blk), "" },
    { "typea", "drive A: auto, none, 360, 720, 1200, 1440, 2880 (KiB)", PROP_STR,
      offsetof(struct fdc, drive[0].type_name), "auto" },
    { "typeb", "drive B: as A; auto without an image means none", PROP_STR,
      offsetof(struct fdc, drive[1].type_name), "auto" },
    { .name = NULL },
};

const struct dev_class fdc82077_class = {
    .name = "fdc82077", .help = "floppy disk controller", .size = sizeof(struct fdc),
    .props = props, .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
