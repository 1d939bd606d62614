/* record.c - the end of each case as differences from the end that was to be expected. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/record.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "tests/oracle/silicon/session.h"

/* A file: the head, then for each case a check byte and runs: bytes to skip, bytes that changed
 * (both numbers of seven bits a byte, low ones first), those bytes; a run of none ends it. */
struct head { uint64_t magic, seed, cases, image_bytes; };
static const uint64_t magic = UINT64_C(0x31204e4f43494c49);     /* a recording, version 1 */

/* Hosts of one byte order only: x86 records, and godwit runs on little-endian MIPS. */
struct image {
    struct witness w;
    uint8_t        data[NATIVE_DATA_BYTES];
};
enum { IMAGE = sizeof(struct image), PACKED_MAX = 4 * IMAGE };

/* The same case as was recorded? One byte finds another generator soon enough. */
static uint8_t check_byte(const struct sequence *q)
{
    uLong sum = crc32(0, q->code.b, q->code.n);

    return (uint8_t)crc32(sum, (const Bytef *)&q->start, sizeof q->start);
}

/* A sequence that ends without a fault and changes nothing. */
static void expect(const struct session *s, const struct sequence *q, struct image *m)
{
    m->w = q->start;
    m->w.eip = NATIVE_LEAVE;
    m->w.seg[1] = SEL_OUT;
    m->w.vector = NO_VECTOR;
    memcpy(m->data, s->before, sizeof m->data);
}

/* ---- recording ---- */

static uint8_t *put_number(uint8_t *p, unsigned v)
{
    for (; v > 127; v >>= 7)
        *p++ = (uint8_t)(v | 128);
    *p++ = (uint8_t)v;
    return p;
}

static unsigned next_change(const uint8_t *a, const uint8_t *b, unsigned at)
{
    while (at < IMAGE && a[at] == b[at])
        at += at % 8 == 0 && !memcmp(a + at, b + at, 8) ? 8 : 1;
    return at;
}

static unsigned pack(uint8_t *out, const uint8_t *want, const uint8_t *got)
{
    uint8_t *p = out;

    for (unsigned at = 0, from; (from = next_change(want, got, at)) < IMAGE;) {
        unsigned end = from;

        while (end < IMAGE && want[end] != got[end])
            end++;
        p = put_number(p, from - at);
        p = put_number(p, end - from);
        memcpy(p, got + from, end - from);
        p += end - from;
        at = end;
    }
    *p++ = 0;
    *p++ = 0;
    return (unsigned)(p - out);
}

static bool record_case(struct session *s, uint64_t number, gzFile f)
{
    static struct image want, got;
    static uint8_t packed[PACKED_MAX];
    struct sequence q;
    struct ending e, ours;
    unsigned n;

    session_make(s, number, &q);
    expect(s, &q, &want);
    session_ours(s, &q, &ours);
    e = ours;
    if (!ending_void(&q, &ours)) {                         /* else it says nothing on any host */
        session_native(s, &q, &e);
        if (!endings_same(&q, &e, &ours))                  /* the host may have interrupted */
            session_native(s, &q, &e);
    }
    got.w = e.w;
    memcpy(got.data, e.data, sizeof got.data);
    packed[0] = check_byte(&q);
    n = 1 + pack(packed + 1, (const uint8_t *)&want, (const uint8_t *)&got);
    return gzwrite(f, packed, n) == (int)n;
}

int record(const char *file, uint64_t cases, uint64_t seed)
{
    struct head head = { magic, seed, cases, IMAGE };
    struct session *s;
    gzFile f;
    bool good;

    if (!native_open()) {
        printf("silicon: skipped, this host is no x86-64 Linux on an Intel since Skylake\n");
        return 77;
    }
    f = gzopen(file, "wb6");
    s = session_new(seed, NULL);
    good = f && gzwrite(f, &head, sizeof head) == (int)sizeof head;
    for (uint64_t i = 0; good && i < cases; i++)
        good = record_case(s, i, f);
    if (!f || gzclose(f) != Z_OK || !good) {
        fprintf(stderr, "silicon: cannot write %s\n", file);
        return 2;
    }
    printf("silicon recorded: %" PRIu64 " cases, seed %" PRIu64 "\n", cases, seed);
    return 0;
}

/* ---- replaying ---- */

static bool get_number(gzFile f, unsigned *v)
{
    unsigned shift = 0;
    int c;

    for (*v = 0; (c = gzgetc(f)) >= 0 && shift < 28; shift += 7) {
        *v |= (unsigned)(c & 127) << shift;
        if (c < 128)
            return true;
    }
    return false;
}

static bool unpack(gzFile f, uint8_t *m)
{
    unsigned at = 0, skip, n;

    while (get_number(f, &skip) && get_number(f, &n)) {
        if (!n)
            return true;
        if (skip > IMAGE - at || n > IMAGE - at - skip ||
            gzread(f, m + at + skip, n) != (int)n)
            return false;
        at += skip + n;
    }
    return false;
}

static const char *replay_case(struct session *s, uint64_t number, gzFile f)
{
    static struct image m;
    struct sequence q;
    struct ending native = { .who = "silicon", .data = m.data }, ours;

    session_make(s, number, &q);
    if (gzgetc(f) != check_byte(&q))
        return "was made by another version of the generator, or is cut short; record it anew";
    expect(s, &q, &m);
    if (!unpack(f, (uint8_t *)&m))
        return "is damaged or cut short; record it anew";
    native.w = m.w;
    session_ours(s, &q, &ours);
    session_judge(s, number, &q, &native, &ours);
    return NULL;
}

int replay(const char *file, const char *engine)
{
    gzFile f = gzopen(file, "rb");
    const char *wrong = NULL;
    struct session *s;
    struct head head;

    if (!f || gzread(f, &head, sizeof head) != (int)sizeof head || head.magic != magic ||
        head.image_bytes != IMAGE) {
        fprintf(stderr, "silicon: %s is not a recording of this version\n", file);
        return 2;
    }
    s = session_new(head.seed, engine);
    for (uint64_t i = 0; !wrong && i < head.cases && s->differences < SESSION_ENOUGH; i++)
        wrong = replay_case(s, i, f);
    gzclose(f);
    if (wrong) {
        fprintf(stderr, "silicon: %s %s\n", file, wrong);
        return 2;
    }
    return session_end(s, "silicon replayed");
}
