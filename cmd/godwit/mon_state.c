/* mon_state.c - a device's state as text: what its snapshot says, field by field; and a digest.
 * The format is docs/snapshot-format.md's; the stream is our own, made a moment before. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "cmd/godwit/monitor_priv.h"
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/snap.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 12 /* magic and format */, REC_BEGIN = 1, REC_END = 2, REC_FIELD = 3 };
enum { TYPE_INT = 1, TYPE_BYTES = 2, TYPE_PAGES = 3, SHOWN = 16 };

struct reader { const uint8_t *p, *end; };

static uint64_t take_int(struct reader *r, unsigned n)
{
    uint64_t v = 0;

    if ((size_t)(r->end - r->p) < n) {
        r->p = r->end;
        return 0;
    }
    memcpy(&v, r->p, n);
    r->p += n;
    return v;
}

static void skip(struct reader *r, uint64_t n)
{
    r->p += n < (uint64_t)(r->end - r->p) ? n : (uint64_t)(r->end - r->p);
}

static void skip_pages(struct reader *r, uint64_t bytes)
{
    while (r->p < r->end && take_int(r, 8) != bytes / GUEST_PAGE)
        skip(r, GUEST_PAGE);
}

static void print_field(struct monitor *m, struct reader *r, unsigned depth, const char *name)
{
    uint8_t type = (uint8_t)take_int(r, 1);
    uint64_t bytes = take_int(r, 8);

    mon_printf(m, "%*s%s", (int)depth * 2, "", name);
    if (type == TYPE_INT && bytes <= 8) {
        uint64_t v = take_int(r, (unsigned)bytes);

        mon_printf(m, " = %#" PRIx64 "\n", v);
        return;
    }
    if (type == TYPE_PAGES) {
        mon_printf(m, ", %" PRIu64 " KiB\n", bytes >> 10);
        skip_pages(r, bytes);
        return;
    }
    mon_printf(m, " =");
    for (uint64_t i = 0; i < bytes && i < SHOWN; i++)
        mon_printf(m, " %02x", (unsigned)take_int(r, 1));
    mon_printf(m, bytes > SHOWN ? " ... (%" PRIu64 " bytes)\n" : "\n", bytes);
    skip(r, bytes > SHOWN ? bytes - SHOWN : 0);
}

static void print_stream(struct monitor *m, const void *p, size_t n)
{
    struct reader r = { (const uint8_t *)p + HEAD, (const uint8_t *)p + n };
    unsigned depth = 0;

    while (r.p < r.end) {
        char name[256];
        unsigned kind = (unsigned)take_int(&r, 1), len = (unsigned)take_int(&r, 1);

        if ((size_t)(r.end - r.p) < len)
            return;
        memcpy(name, r.p, len);
        name[len] = 0;
        r.p += len;
        switch (kind) {
        case REC_BEGIN:
            mon_printf(m, "%*s%s\n", (int)depth * 2, "", name);
            take_int(&r, 4);
            depth++;
            break;
        case REC_END:
            depth -= depth > 0;
            break;
        case REC_FIELD:
            print_field(m, &r, depth, name);
            break;
        default:
            return;                  /* the trailer */
        }
    }
}

void mon_info_device(struct monitor *m, struct device *d)
{
    struct snap *s;
    struct vm_error e;
    char *text = NULL;
    size_t n = 0;
    FILE *f = d->cls->snap ? open_memstream(&text, &n) : NULL;

    if (!f) {
        mon_printf(m, "%s has no state\n", d->id);
        return;
    }
    if (snap_open(&s, SNAP_SAVE, f, &e) == VM_OK) {
        d->cls->snap(d, s);
        snap_close(s, &e);
    }
    fclose(f);
    mon_printf(m, "%s (%s)\n", d->id, d->cls->help);
    if (n >= HEAD)
        print_stream(m, text, n);
    free(text);
}

/* FNV-1a. Not the stream's own CRC: over data and that CRC it is the same for all data. */
static ssize_t into_hash(void *cookie, const char *p, size_t n)
{
    uint64_t *hash = cookie;

    for (size_t i = 0; i < n; i++)
        *hash = (*hash ^ (uint8_t)p[i]) * 0x100000001b3ull;
    return (ssize_t)n;
}

void mon_digest(struct monitor *m, int n, char **word)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    struct snap *s;
    struct vm_error e = { .code = VM_EIO };
    FILE *f = fopencookie(&hash, "w", (cookie_io_functions_t){ .write = into_hash });

    (void)n;
    (void)word;
    if (f && snap_open(&s, SNAP_SAVE, f, &e) == VM_OK) {
        machine_snap(m->env.machine, s);
        e.code = snap_close(s, &e);
    }
    if (f)
        fclose(f);
    if (e.code < 0)
        mon_printf(m, "the state could not be read: %s\n", e.text);
    else
        mon_printf(m, "digest %016" PRIx64 "\n", hash);
}
