/* atapi.c - a CD-ROM or DVD-ROM drive: the PACKET protocol, and commands that touch the medium.
 *
 * ATA/ATAPI-6 section 9.8; MMC-3 (T10 1363D), SPC-2. A disc is one data track from an image of
 * 2048-byte blocks. Left out: audio, writing, DVD structures; READ CD's whole sectors carry sync
 * and header, and zeros in place of EDC and ECC. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/dev/ide.h"

enum { BLOCK = 2048, RAW = 2352, STEP_BLOCKS = 16 };
enum { REASON_CD = 1, REASON_IO = 2 };
enum { NOT_READY = 2, MEDIUM_ERROR = 3, ILLEGAL_REQUEST = 5, UNIT_ATTENTION = 6 };
enum { BAD_OPCODE = 0x20, BAD_LBA = 0x21, BAD_FIELD = 0x24, BAD_PARAMETER = 0x26,
       MEDIUM_CHANGED = 0x28, WAS_RESET = 0x29, NO_MEDIUM = 0x3a, LOCKED = 0x53,
       UNREADABLE = 0x11 };
enum { EVENT_NONE, EVENT_NEW = 2, EVENT_REMOVED = 3 };
enum row_flag { NEEDS_MEDIUM = 1, KEEPS_ATTENTION = 2 };

static uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static void put_be32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

uint32_t atapi_blocks(const struct ide_drive *d)
{
    uint64_t n = (d->sectors + 3) / 4;

    if (!d->blk || d->tray_open)
        return 0;
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* ---- the ends of a command ------------------------------------------------------------------ */

static void done(struct ide_drive *d)
{
    d->nsect[0] = REASON_IO | REASON_CD;
    d->reply = 0;
    ide_finish(d);
}

static void check(struct ide_drive *d, uint8_t key, uint8_t asc, uint8_t ascq)
{
    d->sense = (struct ide_sense){ key, asc, ascq };
    d->nsect[0] = REASON_IO | REASON_CD;
    d->reply = 0;
    ide_abort(d, (uint8_t)(key << 4), 0);
}

static void no_medium(struct ide_drive *d)
{
    check(d, NOT_READY, NO_MEDIUM, d->tray_open ? 2 : 1);
}

/* ---- data phases ---------------------------------------------------------------------------- */

/* The next DRQ block of buf[from..reply). */
static void block(struct ide_drive *d, enum ide_phase phase, uint32_t from)
{
    uint32_t n = d->reply - from;

    if (n > d->byte_limit)
        n = d->byte_limit;
    d->nsect[0] = phase == IDE_PIO_IN ? REASON_IO : 0;
    d->lbam[0] = (uint8_t)n;
    d->lbah[0] = (uint8_t)(n >> 8);
    ide_pio(d, phase, from, n, true);
}

static void send(struct ide_drive *d, uint32_t n)
{
    d->reply = n;
    if (n == 0)
        done(d);
    else if (d->packet_dma)
        ide_dma(d, IDE_DMA_IN, n);
    else
        block(d, IDE_PIO_IN, 0);
}

static void receive(struct ide_drive *d, uint32_t n)
{
    d->reply = n;
    if (n == 0)
        done(d);
    else if (d->packet_dma)
        ide_dma(d, IDE_DMA_OUT, n);
    else
        block(d, IDE_PIO_OUT, 0);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void read_step(struct ide_drive *d)
{
    uint64_t off = d->lba * BLOCK, size = d->sectors * IDE_SECTOR;
    uint64_t len = BLOCK * (uint64_t)(d->left < STEP_BLOCKS ? d->left : STEP_BLOCKS);

    if (!atapi_blocks(d)) {
        no_medium(d);
        return;
    }
    d->chunk = (uint32_t)(len / BLOCK);
    memset(d->buf, 0, len);          /* an image may end inside its last block */
    if (off < size && len > size - off)
        len = size - off;
    d->reply = 0;
    ide_io(d, BLK_READ, off, (uint32_t)len);
}

static void start_read(struct ide_drive *d, uint32_t lba, uint32_t count, bool raw)
{
    uint32_t blocks = atapi_blocks(d);

    if (lba > blocks || count > blocks - lba) {
        check(d, ILLEGAL_REQUEST, BAD_LBA, 0);
        return;
    }
    d->lba = lba;
    d->left = count;
    d->raw = raw;
    if (count)
        read_step(d);
    else
        done(d);
}

static uint8_t bcd(uint32_t v)
{
    return (uint8_t)(v / 10 % 10 << 4 | v % 10);
}

/* Makes a whole mode 1 sector of the 2048 bytes at src; src may overlap the end of dst. */
static void make_raw(uint8_t *dst, const uint8_t *src, uint64_t lba)
{
    uint32_t frame = (uint32_t)lba + 150;

    memmove(dst + 16, src, BLOCK);
    memset(dst, 0xff, 12);
    dst[0] = dst[11] = 0;
    dst[12] = bcd(frame / 75 / 60);
    dst[13] = bcd(frame / 75 % 60);
    dst[14] = bcd(frame % 75);
    dst[15] = 1;
    memset(dst + 16 + BLOCK, 0, RAW - BLOCK - 16);
}

void atapi_io(struct ide_drive *d, int rc)
{
    if (rc < 0) {
        if (atapi_blocks(d))
            check(d, MEDIUM_ERROR, UNREADABLE, 0);
        else
            no_medium(d);
        return;
    }
    uint32_t n = d->chunk > STEP_BLOCKS ? STEP_BLOCKS : d->chunk;

    for (uint32_t i = n; d->raw && i-- > 0; )    /* from the end: the sectors grow in place */
        make_raw(d->buf + i * RAW, d->buf + i * BLOCK, d->lba + i);
    send(d, n * (d->raw ? RAW : BLOCK));
}

static bool is_read(const struct ide_drive *d)
{
    return d->cdb[0] == 0x28 || d->cdb[0] == 0xa8 || d->cdb[0] == 0xbe || d->cdb[0] == 0xb9;
}

static void read_10(struct ide_drive *d)
{
    start_read(d, be32(d->cdb + 2), be16(d->cdb + 7), false);
}

static void read_12(struct ide_drive *d)
{
    start_read(d, be32(d->cdb + 2), be32(d->cdb + 6), false);
}

/* READ CD and READ CD MSF: user data, everything, or nothing (a seek). */
static void read_cd_part(struct ide_drive *d, uint32_t lba, uint32_t count)
{
    unsigned type = d->cdb[1] >> 2 & 7, parts = d->cdb[9] & 0xf8;

    if ((type != 0 && type != 2) || d->cdb[10] & 7) {
        check(d, ILLEGAL_REQUEST, type > 2 || type == 1 ? 0x64 : BAD_FIELD, 0);
        return;
    }
    if (parts == 0)
        start_read(d, lba, 0, false);
    else if (parts == 0x10 || parts == 0xf8)
        start_read(d, lba, count, parts == 0xf8);
    else
        check(d, ILLEGAL_REQUEST, BAD_FIELD, 0);
}

static void read_cd(struct ide_drive *d)
{
    read_cd_part(d, be32(d->cdb + 2), be32(d->cdb + 5) & 0xffffff);
}

static void read_cd_msf(struct ide_drive *d)
{
    uint32_t from = (d->cdb[3] * 60u + d->cdb[4]) * 75 + d->cdb[5];
    uint32_t to = (d->cdb[6] * 60u + d->cdb[7]) * 75 + d->cdb[8];

    if (from < 150 || to < from)
        check(d, ILLEGAL_REQUEST, BAD_FIELD, 0);
    else
        read_cd_part(d, from - 150, to - from);
}

/* ---- commands without medium data ----------------------------------------------------------- */

static void seek_10(struct ide_drive *d)
{
    if (be32(d->cdb + 2) >= atapi_blocks(d))
        check(d, ILLEGAL_REQUEST, BAD_LBA, 0);
    else
        done(d);
}

static void reply(struct ide_drive *d, int n, uint32_t allocated)
{
    if (n < 0)
        check(d, ILLEGAL_REQUEST, BAD_FIELD, 0);
    else
        send(d, (uint32_t)n < allocated ? (uint32_t)n : allocated);
}

static void request_sense(struct ide_drive *d)
{
    if (!d->sense.key && d->attention.key) {
        d->sense = d->attention;
        d->attention.key = 0;
    }
    memset(d->buf, 0, 18);
    d->buf[0] = 0x70;
    d->buf[2] = d->sense.key;
    d->buf[7] = 10;
    d->buf[12] = d->sense.asc;
    d->buf[13] = d->sense.ascq;
    d->sense = (struct ide_sense){ 0, 0, 0 };
    reply(d, 18, d->cdb[4]);
}

static void inquiry(struct ide_drive *d)
{
    reply(d, atapi_inquiry(d), be16(d->cdb + 3));
}

static void read_capacity(struct ide_drive *d)
{
    put_be32(d->buf, atapi_blocks(d) - 1);
    put_be32(d->buf + 4, BLOCK);
    send(d, 8);
}

static void start_stop(struct ide_drive *d)
{
    unsigned what = d->cdb[4] & 3;

    if (d->cdb[4] & 0xf0 || what < 2) {
        done(d);                     /* power conditions and spinning */
        return;
    }
    bool open = what == 2;

    if (open && d->locked) {
        check(d, ILLEGAL_REQUEST, LOCKED, 2);
        return;
    }
    if (open != d->tray_open && d->blk) {
        d->media_event = open ? EVENT_REMOVED : EVENT_NEW;
        if (!open)
            d->attention = (struct ide_sense){ UNIT_ATTENTION, MEDIUM_CHANGED, 0 };
    }
    d->tray_open = open;
    done(d);
}

static void prevent_removal(struct ide_drive *d)
{
    d->locked = d->cdb[4] & 1;
    done(d);
}

static void mode_sense(struct ide_drive *d)
{
    if (d->cdb[2] >> 6 == 3)
        check(d, ILLEGAL_REQUEST, 0x39, 0);      /* no saved values */
    else
        reply(d, atapi_mode_sense(d), be16(d->cdb + 7));
}

static void mode_select(struct ide_drive *d)
{
    receive(d, be16(d->cdb + 7));
}

/* The parameter list arrived: pages that exist are taken, none has a value that matters. */
static void mode_selected(struct ide_drive *d)
{
    const uint8_t *p = d->buf;
    uint32_t at = 8;

    while (at + 2 <= d->reply) {
        unsigned page = p[at] & 0x3f;

        if (page != 0x01 && page != 0x0d && page != 0x0e && page != 0x1a && page != 0x2a) {
            check(d, ILLEGAL_REQUEST, BAD_PARAMETER, 0);
            return;
        }
        at += 2u + p[at + 1];
    }
    done(d);
}

static void sub_channel(struct ide_drive *d)
{
    memset(d->buf, 0, 4);
    d->buf[1] = 0x15;                /* no audio status */
    if (d->cdb[2] & 0x40)
        check(d, ILLEGAL_REQUEST, BAD_FIELD, 0);
    else
        reply(d, 4, be16(d->cdb + 7));
}

static void read_toc(struct ide_drive *d)
{
    reply(d, atapi_toc(d, atapi_blocks(d)), be16(d->cdb + 7));
}

static void configuration(struct ide_drive *d)
{
    reply(d, atapi_configuration(d), be16(d->cdb + 7));
}

static void event_status(struct ide_drive *d)
{
    reply(d, atapi_event_status(d), be16(d->cdb + 7));
}

static void disc_info(struct ide_drive *d)
{
    reply(d, atapi_disc_info(d), be16(d->cdb + 7));
}

static void track_info(struct ide_drive *d)
{
    reply(d, atapi_track_info(d, atapi_blocks(d)), be16(d->cdb + 7));
}

static void mechanism(struct ide_drive *d)
{
    reply(d, atapi_mechanism(d), be16(d->cdb + 8));
}

static const struct packet_row {
    uint8_t code, flags;
    void  (*run)(struct ide_drive *d);
} packets[] = {
    { 0x00, NEEDS_MEDIUM,    done },             /* TEST UNIT READY */
    { 0x03, KEEPS_ATTENTION, request_sense },
    { 0x12, KEEPS_ATTENTION, inquiry },
    { 0x1b, 0,               start_stop },
    { 0x1e, 0,               prevent_removal },
    { 0x25, NEEDS_MEDIUM,    read_capacity },
    { 0x28, NEEDS_MEDIUM,    read_10 },
    { 0x2b, NEEDS_MEDIUM,    seek_10 },
    { 0x2f, NEEDS_MEDIUM,    done },             /* VERIFY (10) */
    { 0x42, NEEDS_MEDIUM,    sub_channel },
    { 0x43, NEEDS_MEDIUM,    read_toc },
    { 0x46, KEEPS_ATTENTION, configuration },
    { 0x4a, KEEPS_ATTENTION, event_status },
    { 0x4e, 0,               done },             /* STOP PLAY/SCAN */
    { 0x51, NEEDS_MEDIUM,    disc_info },
    { 0x52, NEEDS_MEDIUM,    track_info },
    { 0x55, 0,               mode_select },
    { 0x5a, 0,               mode_sense },
    { 0xa7, 0,               done },             /* SET READ AHEAD */
    { 0xa8, NEEDS_MEDIUM,    read_12 },
    { 0xb9, NEEDS_MEDIUM,    read_cd_msf },
    { 0xbb, 0,               done },             /* SET CD SPEED */
    { 0xbd, 0,               mechanism },
    { 0xbe, NEEDS_MEDIUM,    read_cd },
};

/* ---- the protocol --------------------------------------------------------------------------- */

static void execute(struct ide_drive *d)
{
    const struct packet_row *row = NULL;

    for (unsigned i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        if (packets[i].code == d->cdb[0])
            row = &packets[i];
    }
    if (d->attention.key && !(row && row->flags & KEEPS_ATTENTION)) {
        struct ide_sense a = d->attention;

        d->attention.key = 0;
        check(d, a.key, a.asc, a.ascq);
        return;
    }
    if (d->cdb[0] != 0x03)
        d->sense = (struct ide_sense){ 0, 0, 0 };
    if (!row)
        check(d, ILLEGAL_REQUEST, BAD_OPCODE, 0);
    else if (row->flags & NEEDS_MEDIUM && !atapi_blocks(d))
        no_medium(d);
    else
        row->run(d);
}

void atapi_packet(struct ide_drive *d)
{
    d->packet_dma = d->feature[0] & 1;
    d->byte_limit = (uint16_t)((d->lbam[0] | d->lbah[0] << 8) & 0xfffe);
    if (d->byte_limit == 0)
        d->byte_limit = 0xfffe;
    d->reply = 0;
    d->left = d->chunk = 0;
    d->nsect[0] = REASON_CD;
    ide_pio(d, IDE_PIO_OUT, 0, sizeof d->cdb, false);
}

void atapi_moved(struct ide_drive *d)
{
    if (d->phase == IDE_PIO_OUT && d->nsect[0] == REASON_CD) {
        memcpy(d->cdb, d->buf, sizeof d->cdb);
        d->status = ATA_BSY;
        execute(d);
        return;
    }
    if (d->end < d->reply && (d->phase == IDE_PIO_IN || d->phase == IDE_PIO_OUT)) {
        block(d, (enum ide_phase)d->phase, d->end);
        return;
    }
    if (d->phase == IDE_PIO_OUT || d->phase == IDE_DMA_OUT) {
        mode_selected(d);
        return;
    }
    d->lba += d->chunk;
    d->left -= d->chunk;
    d->chunk = 0;
    if (is_read(d) && d->left)
        read_step(d);
    else
        done(d);
}

void atapi_reset(struct ide_drive *d, bool power_on)
{
    d->reply = d->left = d->chunk = 0;
    d->sense = (struct ide_sense){ 0, 0, 0 };
    if (!power_on)
        return;
    d->attention = (struct ide_sense){ UNIT_ATTENTION, WAS_RESET, 0 };
    d->locked = d->tray_open = false;
    d->media_event = d->blk ? EVENT_NEW : EVENT_NONE;
    d->dma_mode = 0x22;
    d->power = 0xff;
    d->byte_limit = 0xfffe;
}
