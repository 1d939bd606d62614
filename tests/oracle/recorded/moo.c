/* moo.c - tar, gzip and MOO chunks. A member or a chunk that is cut short ends the reading. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/recorded/moo.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { TAR_BLOCK = 512, TAR_SIZE_AT = 124, FILE_MAX = 4 << 20 };

struct reader {
    void     (*each)(void *self, struct moo_test *t);
    void      *self;
    unsigned   nth, seen;
    uint8_t   *file;                 /* the member, unpacked */
    const char **why;
    struct moo_test test;
};
struct chunk { const uint8_t *tag, *data, *next; uint32_t size; };

static uint32_t le32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The chunk at p, or false where none fits before end. */
static bool chunk_at(struct chunk *k, const uint8_t *p, const uint8_t *end)
{
    if (end - p < 8 || le32(p + 4) > (size_t)(end - p - 8))
        return false;
    *k = (struct chunk){ .tag = p, .data = p + 8, .size = le32(p + 4) };
    k->next = k->data + k->size;
    return true;
}

static bool is(const struct chunk *k, const char *tag) { return !memcmp(k->tag, tag, 4); }

static bool read_regs(struct moo_state *s, const struct chunk *k)
{
    unsigned mask = k->size >= 2 ? k->data[0] | k->data[1] << 8 : 0xffff, at = 2;

    for (unsigned r = 0; r < 16; r++) {
        if (!(mask >> r & 1))
            continue;
        if (r >= MOO_NREG || at + 2 > k->size)
            return false;
        s->reg[r] = (uint16_t)(k->data[at] | k->data[at + 1] << 8);
        at += 2;
    }
    return true;
}

static bool read_ram(struct moo_state *s, const struct chunk *k)
{
    uint32_t n = k->size >= 4 ? le32(k->data) : MOO_RAM_MAX + 1;

    if (n > MOO_RAM_MAX || k->size < 4 + 5 * n)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        s->ram[i].at = le32(k->data + 4 + 5 * i);
        s->ram[i].v = k->data[4 + 5 * i + 4];
    }
    s->n_ram = n;
    return true;
}

static bool read_state(struct moo_state *s, const struct chunk *whole)
{
    struct chunk k;

    s->n_ram = 0;
    for (const uint8_t *p = whole->data; chunk_at(&k, p, whole->next); p = k.next)
        if ((is(&k, "REGS") && !read_regs(s, &k)) || (is(&k, "RAM ") && !read_ram(s, &k)))
            return false;
    return true;
}

/* NAME and BYTS: a count of 32 bits, then as many bytes; what is too long is cut. */
static unsigned counted(void *to, size_t cap, const struct chunk *k)
{
    uint32_t n = k->size >= 4 ? le32(k->data) : 0;

    n = n > k->size - 4 ? 0 : n;
    n = n > cap ? (uint32_t)cap : n;
    memcpy(to, k->data + 4, n);
    return n;
}

static bool read_test(struct moo_test *t, const struct chunk *whole)
{
    struct chunk k;
    bool good = whole->size >= 4, both = false;

    memset(t->name, 0, sizeof t->name);
    t->exception = false;
    t->n_bytes = 0;
    for (const uint8_t *p = whole->data + 4; good && chunk_at(&k, p, whole->next); p = k.next) {
        if (is(&k, "NAME")) {
            counted(t->name, sizeof t->name - 1, &k);
        } else if (is(&k, "BYTS")) {
            t->n_bytes = counted(t->bytes, sizeof t->bytes, &k);
        } else if (is(&k, "INIT")) {
            good = read_state(&t->before, &k);
            memcpy(t->after.reg, t->before.reg, sizeof t->after.reg);
        } else if (is(&k, "FINA")) {
            good = both = read_state(&t->after, &k);
        } else if (is(&k, "EXCP") && k.size) {
            t->exception = true;
            t->vector = k.data[0];
        }
    }
    return good && both && t->n_bytes;
}

static bool read_file(struct reader *r, size_t bytes)
{
    struct chunk k;

    for (const uint8_t *p = r->file, *end = p + bytes; chunk_at(&k, p, end); p = k.next) {
        if (!is(&k, "TEST") || r->seen++ % r->nth)
            continue;
        if (!read_test(&r->test, &k)) {
            *r->why = "a TEST chunk makes no sense";
            return false;
        }
        r->each(r->self, &r->test);
    }
    return true;
}

static bool unpack(struct reader *r, const uint8_t *packed, size_t bytes, size_t *unpacked)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)packed, .avail_in = (uInt)bytes,
                   .next_out = r->file, .avail_out = FILE_MAX };
    int rc;

    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return false;
    rc = inflate(&z, Z_FINISH);
    *unpacked = z.total_out;
    inflateEnd(&z);
    return rc == Z_STREAM_END;
}

/* dir/F7.6.MOO.gz -> F7.6 */
static void short_name(char *to, size_t cap, const char *path)
{
    const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path;
    const char *end = strstr(from, ".MOO");
    size_t n = end ? (size_t)(end - from) : strlen(from);

    n = n < cap - 1 ? n : cap - 1;
    memcpy(to, from, n);
    to[n] = 0;
}

static bool read_members(struct reader *r, FILE *f)
{
    uint8_t head[TAR_BLOCK];
    char opcode[16];
    bool any = false;

    while (fread(head, 1, sizeof head, f) == sizeof head && head[0]) {
        size_t size = strtoul((char *)head + TAR_SIZE_AT, NULL, 8), bytes;
        size_t padded = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
        uint8_t *packed = size && size < FILE_MAX ? malloc(padded) : NULL;
        bool good = !size;

        if (packed && fread(packed, 1, padded, f) == padded && unpack(r, packed, size, &bytes)) {
            head[100] = 0;           /* the name's end */
            short_name(opcode, sizeof opcode, (char *)head);
            r->test.file = opcode;
            good = any = read_file(r, bytes);
        }
        free(packed);
        if (!good)
            return false;
    }
    return any;
}

bool moo_read(const char *tar, unsigned nth, void (*each)(void *self, struct moo_test *t),
              void *self, const char **why)
{
    FILE *f = fopen(tar, "rb");
    struct reader *r = calloc(1, sizeof *r);
    bool good;

    *why = "no such file";
    if (!f || !r) {
        free(r);
        return false;
    }
    *why = "no tar archive of .MOO.gz files";
    *r = (struct reader){ .each = each, .self = self, .nth = nth ? nth : 1, .why = why,
                          .file = malloc(FILE_MAX) };
    good = r->file && read_members(r, f);
    free(r->file);
    free(r);
    fclose(f);
    return good;
}
