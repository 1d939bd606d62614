/* ata.c - an ATA channel: registers, INTRQ, resets, data port, and the table of commands.
 *
 * ATA/ATAPI-6 (T13 1410D). A command starts START_NS after it was written and then waits for its
 * medium or for the host. Left out: queued commands, Compact Flash and security sets, SMART
 * (aborted, as IDENTIFY says), I/O ready timing. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_assert.h"
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/snap.h"
#include "devmodel/dev/ide.h"
#include <stdlib.h>

enum { START_NS = 3000 };
enum { R_DATA, R_ERROR, R_NSECT, R_LBAL, R_LBAM, R_LBAH, R_DEVICE, R_STATUS };
enum { CTL_NIEN = 0x02, CTL_SRST = 0x04, CTL_HOB = 0x80 };
enum { FLOATING = 0x7f };            /* an empty cable: bit 7 is pulled down */
enum { BOTH = IDE_FOR_DISK | IDE_FOR_CD };

static void cmd_abort(struct ide_drive *d);
static void cmd_device_reset(struct ide_drive *d);
static void cmd_diagnostic(struct ide_drive *d);
static void cmd_identify_on_cd(struct ide_drive *d);

static const struct ide_command ide_commands[] = {
    { 0x08, 0x08, IDE_FOR_CD, cmd_device_reset, NULL, NULL },
    { 0x10, 0x1f, IDE_FOR_DISK, disk_recalibrate, NULL, NULL },
    { 0x20, 0x21, IDE_FOR_DISK, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x24, 0x24, IDE_FOR_DISK | IDE_EXT, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x25, 0x25, IDE_FOR_DISK | IDE_EXT | IDE_DMA, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x27, 0x27, IDE_FOR_DISK | IDE_EXT, disk_native_max, NULL, NULL },
    { 0x29, 0x29, IDE_FOR_DISK | IDE_EXT | IDE_MULT, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x30, 0x31, IDE_FOR_DISK | IDE_WRITE, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x34, 0x34, IDE_FOR_DISK | IDE_WRITE | IDE_EXT, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x35, 0x35, IDE_FOR_DISK | IDE_WRITE | IDE_EXT | IDE_DMA, disk_rw, disk_rw_moved,
      disk_rw_io },
    { 0x37, 0x37, IDE_FOR_DISK | IDE_EXT, disk_set_max, NULL, NULL },
    { 0x39, 0x39, IDE_FOR_DISK | IDE_WRITE | IDE_EXT | IDE_MULT, disk_rw, disk_rw_moved,
      disk_rw_io },
    { 0x3c, 0x3c, IDE_FOR_DISK | IDE_WRITE | IDE_FUA, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x3d, 0x3d, IDE_FOR_DISK | IDE_WRITE | IDE_EXT | IDE_DMA | IDE_FUA, disk_rw, disk_rw_moved,
      disk_rw_io },
    { 0x40, 0x41, IDE_FOR_DISK | IDE_VERIFY, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x42, 0x42, IDE_FOR_DISK | IDE_VERIFY | IDE_EXT, disk_rw, disk_rw_moved, disk_rw_io },
    { 0x70, 0x7f, IDE_FOR_DISK, disk_seek, NULL, NULL },
    { 0x90, 0x90, BOTH, cmd_diagnostic, NULL, NULL },
    { 0x91, 0x91, IDE_FOR_DISK, disk_init_params, NULL, NULL },
    { 0x94, 0x99, BOTH, ata_power, NULL, disk_flush_io },
    { 0xa0, 0xa0, IDE_FOR_CD, atapi_packet, atapi_moved, atapi_io },
    { 0xa1, 0xa1, IDE_FOR_CD, atapi_identify, ide_finish_quietly, NULL },
    { 0xc4, 0xc4, IDE_FOR_DISK | IDE_MULT, disk_rw, disk_rw_moved, disk_rw_io },
    { 0xc5, 0xc5, IDE_FOR_DISK | IDE_WRITE | IDE_MULT, disk_rw, disk_rw_moved, disk_rw_io },
    { 0xc6, 0xc6, IDE_FOR_DISK, disk_set_multiple, NULL, NULL },
    { 0xc8, 0xc9, IDE_FOR_DISK | IDE_DMA, disk_rw, disk_rw_moved, disk_rw_io },
    { 0xca, 0xcb, IDE_FOR_DISK | IDE_WRITE | IDE_DMA, disk_rw, disk_rw_moved, disk_rw_io },
    { 0xce, 0xce, IDE_FOR_DISK | IDE_WRITE | IDE_EXT | IDE_MULT | IDE_FUA, disk_rw,
      disk_rw_moved, disk_rw_io },
    { 0xe0, 0xe3, BOTH, ata_power, NULL, disk_flush_io },
    { 0xe4, 0xe4, IDE_FOR_DISK, disk_read_buffer, ide_finish_quietly, NULL },
    { 0xe5, 0xe6, BOTH, ata_power, NULL, disk_flush_io },
    { 0xe7, 0xe7, BOTH, disk_flush, NULL, disk_flush_io },
    { 0xe8, 0xe8, IDE_FOR_DISK, disk_write_buffer, ide_finish, NULL },
    { 0xea, 0xea, IDE_FOR_DISK, disk_flush, NULL, disk_flush_io },
    { 0xec, 0xec, IDE_FOR_DISK, ata_identify, ide_finish_quietly, NULL },
    { 0xec, 0xec, IDE_FOR_CD, cmd_identify_on_cd, NULL, NULL },
    { 0xef, 0xef, BOTH, ata_set_features, NULL, disk_flush_io },
    { 0xf8, 0xf8, IDE_FOR_DISK, disk_native_max, NULL, NULL },
    { 0xf9, 0xf9, IDE_FOR_DISK, disk_set_max, NULL, NULL },
    { 0x00, 0xff, BOTH, cmd_abort, NULL, NULL },
};

const struct ide_command *ide_command(const struct ide_drive *d)
{
    unsigned need = d->kind == IDE_CD ? IDE_FOR_CD : IDE_FOR_DISK;
    const struct ide_command *c = ide_commands;

    while (!(c->flags & need) || d->cmd < c->first || d->cmd > c->last)
        c++;                         /* the last row takes everything */
    return c;
}

/* ---- wires and small helpers ---------------------------------------------------------------- */

static struct ide_drive *selected(struct ide_channel *c)
{
    return &c->drive[c->device & ATA_DEV_SLAVE ? 1 : 0];
}

static void update_intrq(struct ide_channel *c)
{
    bool level = selected(c)->intrq && !(c->control & CTL_NIEN);

    irq_set(&c->irq, level);
    c->bm->intrq(c->bm_self, c->nr, level);
}

static void set_intrq(struct ide_drive *d, bool on)
{
    d->intrq = on;
    update_intrq(d->ch);
}

static void ready(struct ide_drive *d)
{
    d->status = ATA_DRDY | ATA_DSC;
}

void ide_finish_quietly(struct ide_drive *d)
{
    d->phase = IDE_IDLE;
    ready(d);
}

void ide_finish(struct ide_drive *d)
{
    ide_finish_quietly(d);
    set_intrq(d, true);
}

void ide_abort(struct ide_drive *d, uint8_t error, uint8_t more_status)
{
    d->phase = IDE_IDLE;
    ready(d);
    d->status |= ATA_ERR | more_status;
    d->error = error;
    set_intrq(d, true);
}

void ide_stop(struct ide_drive *d)
{
    struct blk *b = d->io_blk;

    d->phase = IDE_IDLE;
    d->io_busy = false;
    if (b)
        b->ops->cancel(b->self);
}

void ide_pio(struct ide_drive *d, enum ide_phase phase, uint32_t from, uint32_t n, bool interrupt)
{
    VM_ASSERT(n > 0 && n <= IDE_BUF && from <= IDE_BUF - n);
    d->phase = phase;
    d->pos = from;
    d->end = from + n;
    ready(d);
    d->status |= ATA_DRQ;
    if (interrupt)
        set_intrq(d, true);
}

static void dma_run(struct ide_drive *d)
{
    struct ide_channel *c = d->ch;
    size_t n = c->bm->move(c->bm_self, c->nr, d->buf + d->pos, d->end - d->pos,
                           d->phase == IDE_DMA_IN);

    d->pos += (uint32_t)n;
    if (d->pos == d->end)
        ide_command(d)->moved(d);
}

void ide_dma(struct ide_drive *d, enum ide_phase phase, uint32_t n)
{
    VM_ASSERT(n > 0 && n <= IDE_BUF);
    d->phase = phase;
    d->pos = 0;
    d->end = n;
    ready(d);
    d->status |= ATA_DRQ;
    dma_run(d);
}

void ide_channel_dma_ready(struct ide_channel *c)
{
    for (unsigned i = 0; i < 2; i++) {
        if (c->drive[i].phase == IDE_DMA_IN || c->drive[i].phase == IDE_DMA_OUT) {
            dma_run(&c->drive[i]);
            return;
        }
    }
}

static void io_done(struct blk_req *r, int rc)
{
    struct ide_drive *d = r->opaque;

    d->io_blk = NULL;
    if (!d->io_busy)
        return;                      /* cancelled by a reset */
    d->io_busy = false;
    ide_command(d)->io_done(d, rc);
}

static void submit(struct ide_drive *d)
{
    d->io_blk = d->blk;
    d->blk->ops->submit(d->blk->self, &d->io);
}

void ide_io(struct ide_drive *d, enum blk_op op, uint64_t off, uint32_t len)
{
    VM_ASSERT(len <= IDE_BUF);
    d->phase = IDE_IO;
    ready(d);
    d->status |= ATA_BSY;
    d->io_busy = true;
    d->io.op = op;
    d->io.off = off;
    d->io.len = len;
    d->io.due = 0;
    submit(d);
}

void ide_set_medium(struct ide_drive *d, struct blk *b)
{
    struct blk_info info = { 0, IDE_SECTOR, true };

    if (d->io_blk)
        d->io_blk->ops->cancel(d->io_blk->self);
    if (b)
        b->ops->info(b->self, &info);
    d->blk = b;
    d->sectors = info.size / IDE_SECTOR;
    d->read_only = info.read_only;
}

/* ---- resets --------------------------------------------------------------------------------- */

void ide_signature(struct ide_drive *d)
{
    bool cd = d->kind == IDE_CD;

    d->nsect[0] = d->lbal[0] = 1;
    d->lbam[0] = cd ? 0x14 : 0;
    d->lbah[0] = cd ? 0xeb : 0;
    d->ch->device &= ATA_DEV_SLAVE;
}

static void drive_reset(struct ide_drive *d, bool power_on)
{
    ide_stop(d);
    ide_signature(d);
    d->error = 1;                    /* diagnostics passed; drive 1 passed or is absent */
    d->intrq = false;
    d->sleeping = false;
    d->status = d->kind == IDE_DISK ? ATA_DRDY | ATA_DSC : 0;
    if (d->kind == IDE_CD)
        atapi_reset(d, power_on);
    else
        disk_reset(d, power_on);
}

static void reset_both(struct ide_channel *c, bool power_on)
{
    vtimer_cancel(&c->timer);
    for (unsigned i = 0; i < 2; i++) {
        if (c->drive[i].kind != IDE_NONE)
            drive_reset(&c->drive[i], power_on);
    }
    c->device = 0;
}

static void cmd_diagnostic(struct ide_drive *d)
{
    struct ide_channel *c = d->ch;

    reset_both(c, false);
    set_intrq(&c->drive[0], c->drive[0].kind != IDE_NONE);
}

static void cmd_device_reset(struct ide_drive *d)
{
    drive_reset(d, false);
    update_intrq(d->ch);
}

static void cmd_abort(struct ide_drive *d)
{
    ide_abort(d, ATA_ABRT, 0);
}

static void cmd_identify_on_cd(struct ide_drive *d)
{
    ide_signature(d);                /* the host learns that it is a packet device */
    ide_abort(d, ATA_ABRT, 0);
}

/* ---- registers ------------------------------------------------------------------------------ */

/* The drive that answers reads; NULL when the cable floats. Drive 0 answers for an absent 1. */
static const struct ide_drive *answering(struct ide_channel *c)
{
    const struct ide_drive *d = selected(c);

    if (d->kind == IDE_NONE && d->unit == 1)
        d = &c->drive[0];
    return d->kind == IDE_NONE ? NULL : d;
}

static uint8_t read_status(struct ide_channel *c)
{
    const struct ide_drive *d = answering(c);

    if (!d)
        return FLOATING;
    return d == selected(c) ? d->status : 0;
}

static uint8_t reg_read(struct ide_channel *c, unsigned reg)
{
    const struct ide_drive *d = answering(c);
    unsigned hob = c->control & CTL_HOB ? 1 : 0;

    if (!d)
        return FLOATING;
    switch (reg) {
    case R_ERROR:
        return d->error;
    case R_NSECT:
        return d->nsect[hob];
    case R_LBAL:
        return d->lbal[hob];
    case R_LBAM:
        return d->lbam[hob];
    case R_LBAH:
        return d->lbah[hob];
    case R_DEVICE:
        return c->device | 0xa0;
    default:
        if (d == selected(c))
            set_intrq(selected(c), false);
        return read_status(c);
    }
}

static void shift_in(uint8_t reg[2], uint8_t v)
{
    reg[1] = reg[0];
    reg[0] = v;
}

static void drive_write(struct ide_drive *d, unsigned reg, uint8_t v)
{
    if (d->kind == IDE_NONE || d->status & (ATA_BSY | ATA_DRQ))
        return;
    switch (reg) {
    case R_ERROR:
        shift_in(d->feature, v);
        break;
    case R_NSECT:
        shift_in(d->nsect, v);
        break;
    case R_LBAL:
        shift_in(d->lbal, v);
        break;
    case R_LBAM:
        shift_in(d->lbam, v);
        break;
    case R_LBAH:
        shift_in(d->lbah, v);
        break;
    }
}

static void start_command(struct ide_channel *c, struct ide_drive *d, uint8_t cmd)
{
    d->cmd = cmd;
    d->phase = IDE_START;
    d->status = ATA_BSY;
    d->error = 0;
    set_intrq(d, false);
    vtimer_arm(&c->timer, vclock_now(c->timer.clock) + START_NS);
}

static void command_write(struct ide_channel *c, uint8_t v)
{
    struct ide_drive *d = selected(c);
    bool busy = d->status & (ATA_BSY | ATA_DRQ);

    if (v == 0x90)                   /* goes to both drives, whoever is selected */
        d = c->drive[0].kind != IDE_NONE ? &c->drive[0] : d;
    if (d->kind == IDE_NONE || c->control & CTL_SRST)
        return;
    if (v == 0x08 && d->kind == IDE_CD) {
        d->cmd = v;
        cmd_device_reset(d);         /* works even when busy */
        return;
    }
    if (busy || d->sleeping || c->timer.due != VTIME_NEVER)
        return;
    for (unsigned i = 0; v == 0x90 && i < 2; i++)
        ide_stop(&c->drive[i]);      /* the other drive may be at work */
    start_command(c, d, v);
}

static void timer_fired(void *opaque, vtime_t due)
{
    struct ide_channel *c = opaque;

    (void)due;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &c->drive[i];

        if (d->phase != IDE_START)
            continue;
        if (d->cmd != 0x37 && d->cmd != 0xf9)
            d->max_read = false;
        ide_command(d)->start(d);
        return;
    }
}

static void reg_write(struct ide_channel *c, unsigned reg, uint8_t v)
{
    c->control &= ~CTL_HOB;
    if (reg == R_DEVICE) {
        c->device = v;
        update_intrq(c);
    } else if (reg == R_STATUS) {
        command_write(c, v);
    } else {
        drive_write(&c->drive[0], reg, v);
        drive_write(&c->drive[1], reg, v);
    }
}

/* ---- the data port -------------------------------------------------------------------------- */

static uint64_t data_read(struct ide_channel *c, unsigned size)
{
    struct ide_drive *d = selected(c);
    uint64_t v = 0;

    if (d->kind == IDE_NONE)
        return 0x7f7f7f7f & vm_ones(size);
    if (d->phase != IDE_PIO_IN)
        return 0;
    if (d->end - d->pos >= size) {
        v = vm_ld(d->buf + d->pos, size);
        d->pos += size;
    } else {
        memcpy(&v, d->buf + d->pos, d->end - d->pos);
        d->pos = d->end;
    }
    if (d->pos == d->end)
        ide_command(d)->moved(d);
    return v;
}

static void data_write(struct ide_channel *c, uint64_t v, unsigned size)
{
    struct ide_drive *d = selected(c);

    if (d->phase != IDE_PIO_OUT)
        return;
    if (size > d->end - d->pos)
        size = d->end - d->pos;
    memcpy(d->buf + d->pos, &v, size);
    d->pos += size;
    if (d->pos == d->end)
        ide_command(d)->moved(d);
}

static uint64_t cmd_read(void *opaque, uint64_t off, unsigned size)
{
    struct ide_channel *c = opaque;
    uint64_t v = 0;

    if (off == R_DATA)
        return data_read(c, size);
    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)reg_read(c, (unsigned)off + i) << (8 * i);
    return v;
}

static void cmd_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ide_channel *c = opaque;

    if (off == R_DATA) {
        data_write(c, val, size);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        reg_write(c, (unsigned)off + i, (uint8_t)(val >> (8 * i)));
}

static uint64_t ctl_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off, (void)size;
    return read_status(opaque);      /* alternate status: the interrupt stays */
}

static void ctl_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ide_channel *c = opaque;
    uint8_t was = c->control;

    (void)off, (void)size;
    c->control = val & (CTL_NIEN | CTL_SRST | CTL_HOB);
    if (c->control & CTL_SRST && !(was & CTL_SRST)) {
        reset_both(c, false);
        for (unsigned i = 0; i < 2; i++)
            c->drive[i].status = c->drive[i].kind == IDE_NONE ? 0 : ATA_BSY;
    } else if (was & CTL_SRST && !(c->control & CTL_SRST)) {
        reset_both(c, false);
    }
    update_intrq(c);
}

static const struct mmio_ops cmd_ops = { cmd_read, cmd_write, 1, 4 };
static const struct mmio_ops ctl_ops = { ctl_read, ctl_write, 1, 1 };

/* ---- life ----------------------------------------------------------------------------------- */

int ide_channel_init(struct ide_channel *c, struct machine *m, struct vm_error *e)
{
    vtimer_init(&c->timer, machine_clock(m), c->nr ? "ide1.start" : "ide0.start", timer_fired, c);
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &c->drive[i];

        d->ch = c;
        d->unit = (uint8_t)i;
        d->buf = d->kind == IDE_NONE ? NULL : calloc(1, IDE_BUF);
        if (d->kind != IDE_NONE && !d->buf)
            return vm_fail(e, VM_ENOMEM, "no memory for a drive's buffer");
        d->io = (struct blk_req){ .buf = d->buf, .done = io_done, .opaque = d };
        ide_set_medium(d, d->blk);
    }
    c->cmd_ports = (struct mem_region){ .name = c->nr ? "ide1" : "ide0", .kind = MEM_MMIO,
                                        .size = 8, .ops = &cmd_ops, .dev = c };
    c->ctl_port = (struct mem_region){ .name = c->nr ? "ide1.ctl" : "ide0.ctl", .kind = MEM_MMIO,
                                       .size = 1, .ops = &ctl_ops, .dev = c };
    VM_TRY(machine_claim_ports(m, &c->cmd_ports, c->nr ? 0x170 : 0x1f0, e));
    VM_TRY(machine_claim_ports(m, &c->ctl_port, c->nr ? 0x376 : 0x3f6, e));
    return machine_claim_irq(m, &c->irq, c->nr ? 15 : 14, e);
}

void ide_channel_free(struct ide_channel *c)
{
    for (unsigned i = 0; i < 2; i++) {
        ide_stop(&c->drive[i]);
        free(c->drive[i].buf);
        c->drive[i].buf = NULL;
    }
    vtimer_forget(&c->timer);
}

void ide_channel_reset(struct ide_channel *c)
{
    c->control = 0;
    reset_both(c, true);
}

void ide_channel_drive(struct ide_channel *c)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &c->drive[i];

        if (!d->io_busy || d->io_blk)
            continue;
        if (d->blk)
            submit(d);               /* loaded with a request in flight */
        else
            d->io_busy = false, ide_command(d)->io_done(d, VM_EIO);
    }
    update_intrq(c);
}

static void snap_task_file(struct ide_drive *d, struct snap *s)
{
    snap_mem(s, "feature", d->feature, 2);
    snap_mem(s, "nsect", d->nsect, 2);
    snap_mem(s, "lbal", d->lbal, 2);
    snap_mem(s, "lbam", d->lbam, 2);
    snap_mem(s, "lbah", d->lbah, 2);
    snap_u8(s, "status", &d->status);
    snap_u8(s, "error", &d->error);
    snap_u8(s, "cmd", &d->cmd);
    snap_bool(s, "intrq", &d->intrq);
}

static void snap_settings(struct ide_drive *d, struct snap *s)
{
    snap_u8(s, "mult", &d->mult);
    snap_check(s, "mult", d->mult > IDE_MULT_MAX || (d->mult & (d->mult - 1)));
    snap_u8(s, "dma_mode", &d->dma_mode);
    snap_u8(s, "power", &d->power);
    snap_bool(s, "write_cache", &d->write_cache);
    snap_bool(s, "look_ahead", &d->look_ahead);
    snap_bool(s, "sleeping", &d->sleeping);
    snap_bool(s, "max_read", &d->max_read);
    snap_u16(s, "cyls", &d->cyls);
    snap_u8(s, "heads", &d->heads);
    snap_check(s, "heads", d->heads > 16);
    snap_u8(s, "spt", &d->spt);
    snap_u64(s, "max_sectors", &d->max_sectors);
    snap_check(s, "max_sectors", d->kind == IDE_DISK && d->max_sectors > d->sectors);
}

static void snap_atapi(struct ide_drive *d, struct snap *s)
{
    snap_mem(s, "cdb", d->cdb, sizeof d->cdb);
    snap_u8(s, "sense_key", &d->sense.key);
    snap_u8(s, "sense_asc", &d->sense.asc);
    snap_u8(s, "sense_ascq", &d->sense.ascq);
    snap_u8(s, "attention_key", &d->attention.key);
    snap_u8(s, "attention_asc", &d->attention.asc);
    snap_u8(s, "attention_ascq", &d->attention.ascq);
    snap_bool(s, "packet_dma", &d->packet_dma);
    snap_bool(s, "locked", &d->locked);
    snap_bool(s, "tray_open", &d->tray_open);
    snap_u8(s, "media_event", &d->media_event);
    snap_u16(s, "byte_limit", &d->byte_limit);
    snap_u32(s, "reply", &d->reply);
    snap_check(s, "reply", d->reply > IDE_BUF);
    snap_u8(s, "raw", &d->raw);
}

static void snap_progress(struct ide_drive *d, struct snap *s)
{
    uint8_t op = (uint8_t)d->io.op;
    uint32_t len = (uint32_t)d->io.len;

    snap_u64(s, "lba", &d->lba);
    snap_u32(s, "left", &d->left);
    snap_u32(s, "chunk", &d->chunk);
    snap_check(s, "chunk", d->chunk > IDE_BUF / IDE_SECTOR || d->chunk > d->left);
    snap_bool(s, "flushing", &d->flushing);
    snap_u8(s, "phase", &d->phase);
    snap_bool(s, "io_busy", &d->io_busy);
    snap_u8(s, "io_op", &op);
    snap_check(s, "io_op", op > BLK_FLUSH);
    d->io.op = (enum blk_op)op;
    snap_u64(s, "io_off", &d->io.off);
    snap_u32(s, "io_len", &len);
    snap_check(s, "io_len", len > IDE_BUF);
    d->io.len = len;
    snap_time(s, "io_due", &d->io.due);
    snap_u32(s, "end", &d->end);
    snap_check(s, "end", d->end > IDE_BUF);
    snap_u32(s, "pos", &d->pos);
    snap_check(s, "pos", d->pos > d->end);
}

/* What a loaded phase relies on; the stream may be anybody's. */
static bool phase_is_wrong(const struct ide_drive *d)
{
    const struct ide_command *c = ide_command(d);

    if (d->phase > IDE_DMA_OUT || d->io_busy != (d->phase == IDE_IO))
        return true;
    if (d->phase == IDE_IO && !c->io_done)
        return true;
    if (c->start == disk_rw && d->phase >= IDE_IO && !d->chunk)
        return !(d->flushing && c->flags & IDE_WRITE);
    return d->phase >= IDE_PIO_IN && (!c->moved || d->pos == d->end);
}

static void snap_drive(struct ide_drive *d, struct snap *s, const char *name)
{
    uint32_t used = IDE_SECTOR;

    if (d->kind == IDE_NONE)
        return;
    if (snap_mode(s) == SNAP_LOAD)
        ide_stop(d);
    snap_begin(s, name, 1);
    snap_task_file(d, s);
    snap_settings(d, s);
    snap_atapi(d, s);
    snap_progress(d, s);
    snap_check(s, "phase", phase_is_wrong(d));
    used = d->phase >= IDE_PIO_IN && d->end > used ? d->end : used;
    used = d->phase >= IDE_PIO_IN && d->reply > used ? d->reply : used;
    used = d->io_busy && d->io.len > used ? (uint32_t)d->io.len : used;
    if (snap_status(s, NULL) == VM_OK)
        snap_mem(s, "buf", d->buf, used);
    snap_end(s);
}

void ide_channel_snap(struct ide_channel *c, struct snap *s, const char *name)
{
    snap_begin(s, name, 1);
    snap_u8(s, "device", &c->device);
    snap_u8(s, "control", &c->control);
    vtimer_snap(&c->timer, s);
    snap_drive(&c->drive[0], s, "drive0");
    snap_drive(&c->drive[1], s, "drive1");
    snap_end(s);
}
