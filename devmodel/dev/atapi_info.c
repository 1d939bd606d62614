/* atapi_info.c - what a CD-ROM drive tells about itself and its disc.
 *
 * MMC-3 (T10 1363D) and SPC-2. Replies are built in the drive's buffer, big-endian as SCSI is. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/dev/ide.h"

/* A longer image is a DVD: 80 minutes of 75 blocks a second are the most a CD holds. */
enum { CD_BLOCKS = 80 * 60 * 75, PROFILE_CD = 0x0008, PROFILE_DVD = 0x0010 };
enum { LEAD_OUT = 0xaa, DATA_TRACK = 0x14, PREGAP = 150 };

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

int atapi_inquiry(struct ide_drive *d)
{
    if (d->cdb[1] & 3 || d->cdb[2])
        return -1;                   /* no vital product data */
    memset(d->buf, ' ', 36);
    memcpy(d->buf, "\x05\x80\x00\x21\x1f\0\0\0", 8);     /* CD-ROM, removable, ATAPI */
    memcpy(d->buf + 8, "GODWIT", 6);
    memcpy(d->buf + 16, "CD-ROM", 6);
    memcpy(d->buf + 32, "1.0", 3);
    return 36;
}

/* ---- mode pages ----------------------------------------------------------------------------- */

/* 40 times CD speed, 7056 kB/s; a tray that locks and ejects; reads CD-R, CD-RW, DVD-ROM. */
static const uint8_t page_errors[] = { 0x01, 6, 0, 5, 0, 0, 0, 0 };
static const uint8_t page_cd[] = { 0x0d, 6, 0, 0, 0, 60, 0, 75 };
static const uint8_t page_audio[] = { 0x0e, 14, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
static const uint8_t page_power[] = { 0x1a, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
static const uint8_t page_caps[] = { 0x2a, 18, 0x3b, 0, 0x70, 0, 0x29, 0, 0x1b, 0x90, 0, 0,
                                     0x02, 0x00, 0x1b, 0x90, 0, 0, 0, 0 };
static const struct { const uint8_t *p; uint8_t n; } pages[] = {
    { page_errors, sizeof page_errors }, { page_cd, sizeof page_cd },
    { page_audio, sizeof page_audio }, { page_power, sizeof page_power },
    { page_caps, sizeof page_caps },
};

int atapi_mode_sense(struct ide_drive *d)
{
    unsigned want = d->cdb[2] & 0x3f;
    bool changeable = d->cdb[2] >> 6 == 1;
    int n = 8;

    memset(d->buf, 0, 8);
    d->buf[2] = d->tray_open ? 0x71 : d->blk ? 0x01 : 0x70;
    for (unsigned i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        uint8_t *at = d->buf + n;

        if (want != 0x3f && want != pages[i].p[0])
            continue;
        memcpy(at, pages[i].p, pages[i].n);
        if (changeable)
            memset(at + 2, 0, pages[i].n - 2u);
        else if (pages[i].p == page_caps && d->locked)
            at[6] |= 2;
        n += pages[i].n;
    }
    put16(d->buf, (unsigned)n - 2);
    return n > 8 ? n : -1;
}

/* ---- features ------------------------------------------------------------------------------- */

static unsigned profile(const struct ide_drive *d)
{
    uint32_t blocks = atapi_blocks(d);

    return blocks == 0 ? 0 : blocks > CD_BLOCKS ? PROFILE_DVD : PROFILE_CD;
}

/* Feature descriptors: code, version and persistent bits, length; current is added if it holds. */
static const struct feature {
    uint16_t code;
    uint8_t  bits, len;
    uint16_t profile;                /* current only then; 0 = always; 1 = with any disc */
    uint8_t  data[8];
} features[] = {
    { 0x0000, 0x02, 8, 0, { 0 } },               /* profile list: made at run time */
    { 0x0001, 0x02, 4, 0, { 0, 0, 0, 2 } },      /* core: ATAPI */
    { 0x0003, 0x02, 4, 0, { 0x29, 0, 0, 0 } },   /* removable medium: tray, eject, lock */
    { 0x0010, 0x00, 8, 1, { 0, 0, 8, 0, 0, 1, 0, 0 } },  /* random readable: 2048 bytes */
    { 0x001e, 0x00, 4, PROFILE_CD, { 0 } },      /* CD read */
    { 0x001f, 0x00, 4, PROFILE_DVD, { 0 } },     /* DVD read */
    { 0x0100, 0x02, 0, 0, { 0 } },               /* power management */
    { 0x0105, 0x02, 0, 0, { 0 } },               /* timeout */
};

static void put_profiles(uint8_t *p, unsigned now)
{
    put16(p, PROFILE_DVD);
    put16(p + 4, PROFILE_CD);
    p[2] = now == PROFILE_DVD;
    p[6] = now == PROFILE_CD;
    p[3] = p[7] = 0;
}

int atapi_configuration(struct ide_drive *d)
{
    unsigned rt = d->cdb[1] & 3, from = (unsigned)d->cdb[2] << 8 | d->cdb[3], now = profile(d);
    int n = 8;

    if (rt == 3)
        return -1;
    memset(d->buf, 0, 8);
    put16(d->buf + 6, now);
    for (unsigned i = 0; i < sizeof features / sizeof features[0]; i++) {
        const struct feature *f = &features[i];
        bool current = f->profile == 0 || (f->profile == 1 && now) ||
                       (f->profile > 1 && f->profile == now);
        uint8_t *at = d->buf + n;

        if (f->code < from || (rt == 1 && !current) || (rt == 2 && f->code != from))
            continue;
        put16(at, f->code);
        at[2] = f->bits | current;
        at[3] = f->len;
        memcpy(at + 4, f->data, f->len);
        if (f->code == 0)
            put_profiles(at + 4, now);
        n += 4 + f->len;
    }
    put32(d->buf, (uint32_t)n - 4);
    return n;
}

int atapi_event_status(struct ide_drive *d)
{
    bool media = d->cdb[4] & 0x10;

    if (!(d->cdb[1] & 1))
        return -1;                   /* only polling */
    memset(d->buf, 0, 8);
    d->buf[2] = media ? 4 : 0x80;    /* class media, or no event available */
    d->buf[3] = 0x10;
    if (!media) {
        d->buf[1] = 2;
        return 4;
    }
    d->buf[1] = 6;
    d->buf[4] = d->media_event;
    d->buf[5] = (d->tray_open ? 1 : 0) | (atapi_blocks(d) ? 2 : 0);
    d->media_event = 0;
    return 8;
}

int atapi_mechanism(struct ide_drive *d)
{
    memset(d->buf, 0, 8);
    d->buf[1] = d->tray_open ? 0x10 : 0;
    return 8;
}

/* ---- the table of contents ------------------------------------------------------------------ */

static void put_msf(uint8_t *p, uint32_t lba)
{
    uint32_t frame = lba + PREGAP;

    p[0] = (uint8_t)(frame / 75 / 60);
    p[1] = (uint8_t)(frame / 75 % 60);
    p[2] = (uint8_t)(frame % 75);
}

static int put_track(struct ide_drive *d, int n, unsigned track, uint32_t lba)
{
    uint8_t *p = d->buf + n;

    memset(p, 0, 8);
    p[1] = DATA_TRACK;
    p[2] = (uint8_t)track;
    if (d->cdb[1] & 2)
        put_msf(p + 5, lba);
    else
        put32(p + 4, lba);
    return n + 8;
}

static int toc_tracks(struct ide_drive *d, uint32_t blocks)
{
    unsigned from = d->cdb[6];
    int n = 4;

    if (from > 1 && from != LEAD_OUT)
        return -1;
    if (from != LEAD_OUT)
        n = put_track(d, n, 1, 0);
    return put_track(d, n, LEAD_OUT, blocks);
}

/* Points A0h, A1h, A2h and track 1, always as minute, second, frame. */
static int toc_raw(struct ide_drive *d, uint32_t blocks)
{
    static const uint8_t point[4] = { 0xa0, 0xa1, 0xa2, 0x01 };
    int n = 4;

    for (unsigned i = 0; i < 4; i++, n += 11) {
        uint8_t *p = d->buf + n;

        memset(p, 0, 11);
        p[0] = 1;
        p[1] = DATA_TRACK;
        p[3] = point[i];
        if (i < 2)
            p[8] = 1;                /* first and last track */
        else
            put_msf(p + 8, i == 2 ? blocks : 0);
    }
    return n;
}

int atapi_toc(struct ide_drive *d, uint32_t blocks)
{
    unsigned format = d->cdb[2] & 15 ? d->cdb[2] & 15 : d->cdb[9] >> 6;
    int n;

    switch (format) {
    case 0:
        n = toc_tracks(d, blocks);
        break;
    case 1:
        n = put_track(d, 4, 1, 0);   /* first track of the last session */
        break;
    case 2:
        n = toc_raw(d, blocks);
        break;
    default:
        return -1;
    }
    if (n < 0)
        return -1;
    put16(d->buf, (unsigned)n - 2);
    d->buf[2] = d->buf[3] = 1;       /* first and last track or session */
    return n;
}

int atapi_disc_info(struct ide_drive *d)
{
    memset(d->buf, 0, 34);
    d->buf[1] = 32;
    d->buf[2] = 0x0e;                /* complete, last session complete */
    d->buf[3] = d->buf[4] = d->buf[5] = d->buf[6] = 1;   /* tracks, sessions */
    d->buf[7] = 0x20;                /* unrestricted use */
    memset(d->buf + 16, 0xff, 8);    /* no lead-in, no more lead-out */
    return 34;
}

int atapi_track_info(struct ide_drive *d, uint32_t blocks)
{
    memset(d->buf, 0, 36);
    d->buf[1] = 34;
    d->buf[2] = d->buf[3] = 1;       /* track and session */
    d->buf[5] = 4;                   /* data */
    d->buf[6] = 1;                   /* mode 1 */
    put32(d->buf + 24, blocks);
    return 36;
}
