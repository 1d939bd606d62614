/* snap.c - the snapshot stream: named, typed, length-checked fields in nested sections.
 *
 * File: 8 bytes magic, u32 format; then records; then a trailer record with the CRC-32 of all
 * before it. A record: u8 kind, u8 name length, name; a section adds u32 version; a field adds u8
 * type and u64 byte count and the bytes. docs/snapshot-format.md has the picture. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/snap.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/base/vm_bits.h"
#include <stdlib.h>
#include <zlib.h>

#define MAGIC     "godwitSN"
#define FORMAT    1u
#define MAX_DEPTH 16
#define MAX_NAME  63
#define MAX_PATH  (MAX_DEPTH * (MAX_NAME + 1) + 1)

enum { REC_BEGIN = 1, REC_END = 2, REC_FIELD = 3, REC_TRAILER = 4 };
enum { TYPE_INT = 1, TYPE_BYTES = 2, TYPE_PAGES = 3 };

struct snap {
    enum snap_mode  mode;
    FILE           *f;
    uint32_t        crc;
    struct vm_error err;             /* sticky; code 0 = fine */
    char            path[MAX_PATH];
    size_t          ends[MAX_DEPTH]; /* length of path before each open section */
    unsigned        depth;
    char            diff[MAX_PATH + MAX_NAME];
};

enum snap_mode snap_mode(const struct snap *s) { return s->mode; }

static bool dead(const struct snap *s) { return s->err.code < 0; }

int snap_status(const struct snap *s, struct vm_error *e)
{
    if (dead(s) && e)
        *e = s->err;
    return s->err.code;
}

const char *snap_diff(const struct snap *s) { return s->diff[0] ? s->diff : NULL; }

static void corrupt(struct snap *s, const char *name, const char *why)
{
    if (!dead(s))
        vm_fail(&s->err, VM_ECORRUPT, "snapshot: %s%s: %s", s->path, name, why);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void put(struct snap *s, const void *p, size_t n)
{
    if (dead(s))
        return;
    s->crc = crc32_z(s->crc, p, n);
    if (fwrite(p, 1, n, s->f) != n)
        vm_fail(&s->err, VM_EIO, "snapshot: the file takes no more bytes (disk full?)");
}

/* Fills p with zeros when the stream is short or failed before. */
static void get(struct snap *s, void *p, size_t n)
{
    if (dead(s) || fread(p, 1, n, s->f) != n) {
        memset(p, 0, n);
        corrupt(s, "", "the file ends too early");
        return;
    }
    s->crc = crc32_z(s->crc, p, n);
}

static uint64_t get_int(struct snap *s, unsigned n)
{
    uint8_t b[8] = { 0 };

    get(s, b, n);
    return vm_ld64(b);
}

static void put_int(struct snap *s, uint64_t v, unsigned n)
{
    uint8_t b[8];

    vm_st64(b, v);
    put(s, b, n);
}

/* ---- records -------------------------------------------------------------------------------- */

/* Writes kind and name, or reads them and insists that they are these. */
static void head(struct snap *s, uint8_t kind, const char *name)
{
    size_t n = strlen(name);
    char seen[256];

    VM_ASSERT(n <= MAX_NAME);
    if (s->mode == SNAP_SAVE) {
        put_int(s, kind, 1);
        put_int(s, n, 1);
        put(s, name, n);
        return;
    }
    unsigned got_kind = get_int(s, 1), len = get_int(s, 1);
    get(s, seen, len);
    if (got_kind != kind || len != n || memcmp(seen, name, n) != 0)
        corrupt(s, name, "another field or section is in its place");
}

static void field_head(struct snap *s, const char *name, uint8_t type, uint64_t bytes)
{
    head(s, REC_FIELD, name);
    if (s->mode == SNAP_SAVE) {
        put_int(s, type, 1);
        put_int(s, bytes, 8);
    } else if (get_int(s, 1) != type || get_int(s, 8) != bytes) {
        corrupt(s, name, "it has another type or size than this program's");
    }
}

static void note_diff(struct snap *s, const char *name)
{
    if (!s->diff[0])
        snprintf(s->diff, sizeof s->diff, "%s%s", s->path, name);
}

/* The payload of one field: p is the state. */
static void field(struct snap *s, const char *name, uint8_t type, void *p, size_t bytes)
{
    uint8_t buf[4096];

    field_head(s, name, type, bytes);
    if (dead(s))
        return;
    if (s->mode == SNAP_SAVE)
        put(s, p, bytes);
    for (size_t at = 0; s->mode != SNAP_SAVE && at < bytes && !dead(s);) {
        size_t n = bytes - at < sizeof buf ? bytes - at : sizeof buf;
        get(s, buf, n);
        if (dead(s))
            return;
        if (s->mode == SNAP_LOAD)
            memcpy((uint8_t *)p + at, buf, n);
        else if (memcmp((uint8_t *)p + at, buf, n) != 0)
            note_diff(s, name);
        at += n;
    }
}

/* ---- fields --------------------------------------------------------------------------------- */

void snap_bool(struct snap *s, const char *name, bool *v)
{
    uint8_t b = *v;

    field(s, name, TYPE_INT, &b, 1);
    snap_check(s, name, b > 1);
    if (s->mode == SNAP_LOAD && !dead(s))
        *v = b;
}

void snap_u8 (struct snap *s, const char *name, uint8_t *v)  { field(s, name, TYPE_INT, v, 1); }
void snap_u16(struct snap *s, const char *name, uint16_t *v) { field(s, name, TYPE_INT, v, 2); }
void snap_u32(struct snap *s, const char *name, uint32_t *v) { field(s, name, TYPE_INT, v, 4); }
void snap_u64(struct snap *s, const char *name, uint64_t *v) { field(s, name, TYPE_INT, v, 8); }
void snap_time(struct snap *s, const char *name, vtime_t *v) { field(s, name, TYPE_INT, v, 8); }

void snap_mem(struct snap *s, const char *name, void *p, size_t bytes)
{
    field(s, name, TYPE_BYTES, p, bytes);
}

void snap_check(struct snap *s, const char *name, bool bad)
{
    if (s->mode == SNAP_LOAD && bad)
        corrupt(s, name, "its value is out of range");
}

/* ---- pages ---------------------------------------------------------------------------------- */

static bool all_zero(const uint8_t *p)
{
    return p[0] == 0 && memcmp(p, p + 1, GUEST_PAGE - 1) == 0;
}

/* Pages between two stored ones are zero: in the state too, after a load. */
static void zero_pages(struct snap *s, const char *name, uint8_t *p, uint64_t from, uint64_t to)
{
    for (; from < to && !dead(s); from++) {
        uint8_t *page = p + from * GUEST_PAGE;
        if (all_zero(page))
            continue;
        if (s->mode == SNAP_LOAD)
            memset(page, 0, GUEST_PAGE);
        else
            note_diff(s, name);
    }
}

static void one_page(struct snap *s, const char *name, uint8_t *page)
{
    uint8_t buf[GUEST_PAGE];

    get(s, buf, sizeof buf);
    if (dead(s))
        return;
    if (s->mode == SNAP_LOAD)
        memcpy(page, buf, sizeof buf);
    else if (memcmp(page, buf, sizeof buf) != 0)
        note_diff(s, name);
}

void snap_pages(struct snap *s, const char *name, void *p, uint64_t bytes)
{
    uint64_t pages = bytes / GUEST_PAGE, next = 0;
    uint8_t *mem = p;

    VM_ASSERT(bytes % GUEST_PAGE == 0);
    field_head(s, name, TYPE_PAGES, bytes);
    if (s->mode == SNAP_SAVE) {
        for (uint64_t i = 0; i < pages && !dead(s); i++) {
            if (all_zero(mem + i * GUEST_PAGE))
                continue;
            put_int(s, i, 8);
            put(s, mem + i * GUEST_PAGE, GUEST_PAGE);
        }
        put_int(s, pages, 8);
        return;
    }
    while (!dead(s)) {
        uint64_t i = get_int(s, 8);
        if (i < next || i > pages) {
            corrupt(s, name, "its pages are out of order");
            return;
        }
        zero_pages(s, name, mem, next, i);
        if (i == pages)
            return;
        one_page(s, name, mem + i * GUEST_PAGE);
        next = i + 1;
    }
}

/* ---- sections ------------------------------------------------------------------------------- */

unsigned snap_begin(struct snap *s, const char *section, unsigned version)
{
    VM_ASSERT(s->depth < MAX_DEPTH && version >= 1);
    head(s, REC_BEGIN, section);
    s->ends[s->depth++] = strlen(s->path);
    strcat(strcat(s->path, section), "/");
    if (s->mode == SNAP_SAVE) {
        put_int(s, version, 4);
        return version;
    }
    unsigned got = get_int(s, 4);
    if (!dead(s) && (got < 1 || got > version))
        vm_fail(&s->err, VM_EVERSION, "snapshot: %s has version %u; this program knows 1 to %u",
                s->path, got, version);
    return dead(s) ? version : got;
}

void snap_end(struct snap *s)
{
    VM_ASSERT(s->depth > 0);
    head(s, REC_END, "");
    s->path[s->ends[--s->depth]] = '\0';
}

/* ---- the file ------------------------------------------------------------------------------- */

int snap_open(struct snap **out, enum snap_mode mode, FILE *f, struct vm_error *e)
{
    struct snap *s = calloc(1, sizeof *s);
    char magic[8];

    if (!s)
        return vm_fail(e, VM_ENOMEM, "no memory for a snapshot");
    s->mode = mode;
    s->f = f;
    if (mode == SNAP_SAVE) {
        put(s, MAGIC, 8);
        put_int(s, FORMAT, 4);
    } else {
        get(s, magic, 8);
        unsigned format = get_int(s, 4);
        if (memcmp(magic, MAGIC, 8) != 0)
            vm_fail(&s->err, VM_ECORRUPT, "this is not a snapshot of godwit");
        else if (!dead(s) && format != FORMAT)
            vm_fail(&s->err, VM_EVERSION, "snapshot format %u; this program knows %u", format,
                    FORMAT);
    }
    *out = dead(s) ? NULL : s;
    return dead(s) ? snap_close(s, e) : VM_OK;
}

int snap_close(struct snap *s, struct vm_error *e)
{
    VM_ASSERT(s->depth == 0 || dead(s));
    head(s, REC_TRAILER, "");
    uint32_t crc = s->crc;
    if (s->mode == SNAP_SAVE) {
        put_int(s, crc, 4);
        if (!dead(s) && fflush(s->f) != 0)
            vm_fail(&s->err, VM_EIO, "snapshot: the file takes no more bytes (disk full?)");
    } else if (get_int(s, 4) != crc) {
        corrupt(s, "", "its checksum is wrong");
    }
    int rc = snap_status(s, e);
    free(s);
    return rc;
}
