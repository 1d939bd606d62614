/* stored.c - reads and writes cases as text. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/stored.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/state.h"

#define GPR(i) offsetof(struct witness, gpr) + 4 * (i)
#define FX(at) offsetof(struct witness, fx) + (at)
#define ST(i)  { "st" #i, FX(32 + 16 * (i)), 10, 0 }
#define XMM(i) { "xmm" #i, FX(160 + 16 * (i)), 16, 0 }
const struct stored_field stored_fields[] = {
    { "eax", GPR(0), 4, 0 }, { "ecx", GPR(1), 4, 0 }, { "edx", GPR(2), 4, 0 },
    { "ebx", GPR(3), 4, 0 }, { "esp", GPR(4), 4, 0 }, { "ebp", GPR(5), 4, 0 },
    { "esi", GPR(6), 4, 0 }, { "edi", GPR(7), 4, 0 },
    { "flags", offsetof(struct witness, eflags), 4, 0 },
    { "eip", offsetof(struct witness, eip), 4, 0 },
    { "vector", offsetof(struct witness, vector), 4, 0 },
    { "error", offsetof(struct witness, error), 4, 0 },
    { "cr2", offsetof(struct witness, cr2), 4, 0 },
    { "cw", FX(0), 2, 0x37f }, { "sw", FX(2), 2, 0 }, { "tags", FX(4), 1, 0 },
    { "mxcsr", FX(24), 2, 0x1f80 },
    ST(0), ST(1), ST(2), ST(3), ST(4), ST(5), ST(6), ST(7),
    XMM(0), XMM(1), XMM(2), XMM(3), XMM(4), XMM(5), XMM(6), XMM(7),
};
const unsigned n_stored_fields = sizeof stored_fields / sizeof stored_fields[0];

static const struct { const char *name; uint32_t bit; } flag_names[] = {
    { "CF", FL_CF }, { "PF", FL_PF }, { "AF", FL_AF }, { "ZF", FL_ZF }, { "SF", FL_SF },
    { "OF", FL_OF },
};
enum { N_FLAGS = sizeof flag_names / sizeof flag_names[0], COLUMNS = 96, RUN = 32 };

static uint8_t *bytes_of(struct witness *w, const struct stored_field *f)
{
    return (uint8_t *)w + f->at;
}

void stored_init(struct stored *c)
{
    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < n_stored_fields; i++)
        memcpy(bytes_of(&c->q.start, &stored_fields[i]), &stored_fields[i].usual,
               stored_fields[i].bytes < 4 ? stored_fields[i].bytes : 4);
}

void stored_finish(struct stored *c, uint32_t open)
{
    struct sequence *q = &c->q;

    q->n = 0;
    for (unsigned at = 0; at < q->bytes && q->n < GEN_MAX; q->n++) {
        uint8_t b[16] = { 0 };
        unsigned left = q->bytes - at < 15 ? q->bytes - at : 15;
        int len;

        memcpy(b, q->code + at, left);
        len = x86_decode(&q->insn[q->n], b, left, true);
        if (len <= 0)
            break;
        at += (unsigned)len;
    }
    for (unsigned i = 0; i <= GEN_MAX; i++)
        q->undefined[i] = open;
}

/* ---- reading ---- */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of digits to at most cap bytes; how many, -1 if it is anything else. */
static int hex(const char *s, uint8_t *to, unsigned cap)
{
    unsigned n = 0;

    for (; *s; s += 2, n++) {
        if (digit(s[0]) < 0 || digit(s[1]) < 0 || n == cap)
            return -1;
        to[n] = (uint8_t)(digit(s[0]) << 4 | digit(s[1]));
    }
    return (int)n;
}

/* A number of up to n bytes, high digits first. */
static bool number(const char *s, uint8_t *to, unsigned n)
{
    size_t digits = strlen(s);

    memset(to, 0, n);
    if (!digits || digits > 2 * n)
        return false;
    for (size_t i = 0; i < digits; i++) {
        int d = digit(s[digits - 1 - i]);

        if (d < 0)
            return false;
        to[i / 2] |= (uint8_t)(d << 4 * (i & 1));
    }
    return true;
}

static bool set_field(const char *name, const char *value, struct witness *w, uint8_t *data)
{
    uint8_t at[4];
    uint32_t offset;

    for (unsigned i = 0; i < n_stored_fields; i++)
        if (!strcmp(name, stored_fields[i].name))
            return number(value, bytes_of(w, &stored_fields[i]), stored_fields[i].bytes);
    if (!number(name, at, 4))
        return false;
    memcpy(&offset, at, 4);
    offset -= NATIVE_DATA;
    return offset < NATIVE_DATA_BYTES && hex(value, data + offset, NATIVE_DATA_BYTES - offset) > 0;
}

static bool set_fields(char **save, struct witness *w, uint8_t *data)
{
    const char *name, *value;

    while ((name = strtok_r(NULL, " ", save))) {
        value = strtok_r(NULL, " ", save);
        if (!value || !set_field(name, value, w, data))
            return false;
    }
    return true;
}

static bool add_code(struct sequence *q, char **save)
{
    const char *s;

    while ((s = strtok_r(NULL, " ", save)) && *s != ';') {
        int n = hex(s, q->code + q->bytes, sizeof q->code - q->bytes);

        if (n < 0)
            return false;
        q->bytes += (unsigned)n;
    }
    return true;
}

static bool add_open(uint32_t *open, char **save)
{
    const char *s;

    while ((s = strtok_r(NULL, " ", save))) {
        unsigned i = 0;

        while (i < N_FLAGS && strcmp(s, flag_names[i].name))
            i++;
        if (i == N_FLAGS)
            return false;
        *open |= flag_names[i].bit;
    }
    return true;
}

static void expect_nothing(struct stored *c)
{
    c->end = c->q.start;
    c->end.eip = NATIVE_CODE + c->q.bytes;
    c->end.vector = 0xffffffff;
    memcpy(c->after, c->before, sizeof c->after);
}

struct parse { bool named, ended; uint32_t open; };

static bool read_line(struct stored *c, struct parse *p, char *text)
{
    char *save, *what = strtok_r(text, " ", &save);

    if (!what || *what == '#')
        return true;
    if (!strcmp(what, "case")) {
        snprintf(c->name, sizeof c->name, "%s", save);
        return p->named = true;
    }
    if (!strcmp(what, "code") && !p->ended)
        return add_code(&c->q, &save);
    if (!strcmp(what, "start") && !p->ended)
        return set_fields(&save, &c->q.start, c->before);
    if (!strcmp(what, "open"))
        return add_open(&p->open, &save);
    if (strcmp(what, "end"))
        return false;
    if (!p->ended)
        expect_nothing(c);
    p->ended = true;
    return set_fields(&save, &c->end, c->after);
}

int stored_read(struct stored *c, FILE *f, unsigned *line)
{
    struct parse p = { 0 };
    char text[1024];

    stored_init(c);
    while (fgets(text, sizeof text, f)) {
        ++*line;
        text[strcspn(text, "\n")] = 0;
        if (!*text && p.named)
            break;
        if (!read_line(c, &p, text))
            return -1;
    }
    if (!p.ended)
        expect_nothing(c);
    stored_finish(c, p.open);
    return p.named;
}

/* ---- writing ---- */

struct writer { FILE *f; const char *what; unsigned column; };

/* "start" or "end" again where a line would become too long. */
static void put(struct writer *w, const char *name, const char *value)
{
    unsigned n = 2 + (unsigned)(strlen(name) + strlen(value));

    if (!w->column || w->column + n > COLUMNS) {
        fprintf(w->f, "%s%s", w->column ? "\n" : "", w->what);
        w->column = (unsigned)strlen(w->what);
    }
    fprintf(w->f, " %s %s", name, value);
    w->column += n;
}

static void put_state(struct writer *w, const struct witness *s, const struct witness *usual)
{
    char value[40];

    for (unsigned i = 0; i < n_stored_fields; i++) {
        const struct stored_field *f = &stored_fields[i];
        const uint8_t *b = (const uint8_t *)s + f->at;

        if (!memcmp(b, (const uint8_t *)usual + f->at, f->bytes))
            continue;
        for (unsigned k = 0; k < f->bytes; k++)
            snprintf(value + 2 * k, 3, "%02x", b[f->bytes - 1 - k]);
        put(w, f->name, value);
    }
}

static void put_data(struct writer *w, const uint8_t *data, const uint8_t *usual)
{
    char name[12], value[2 * RUN + 1];

    for (unsigned at = 0, n; at < NATIVE_DATA_BYTES; at += n ? n : 1) {
        for (n = 0; at + n < NATIVE_DATA_BYTES && n < RUN && data[at + n] != usual[at + n]; n++)
            snprintf(value + 2 * n, 3, "%02x", data[at + n]);
        snprintf(name, sizeof name, "%08x", NATIVE_DATA + at);
        if (n)
            put(w, name, value);
    }
}

static void put_code(const struct sequence *q, FILE *f)
{
    unsigned at = 0;
    char text[96];

    for (unsigned i = 0; i < q->n; i++) {
        fprintf(f, "code ");
        for (unsigned k = 0; k < q->insn[i].len; k++)
            fprintf(f, "%02x", q->code[at + k]);
        x86_disasm(&q->insn[i], NATIVE_CODE + at, text, sizeof text);
        fprintf(f, " ; %s\n", text);
        at += q->insn[i].len;
    }
    for (; at < q->bytes; at++)
        fprintf(f, "code %02x\n", q->code[at]);
}

void stored_write(const struct stored *c, FILE *f)
{
    static struct stored usual, quiet;
    struct writer start = { f, "start", 0 }, end = { f, "end", 0 };
    uint32_t open = c->q.undefined[0];

    stored_init(&usual);
    fprintf(f, "case %s\n", c->name);
    put_code(&c->q, f);
    put_state(&start, &c->q.start, &usual.q.start);
    put_data(&start, c->before, usual.before);
    if (start.column)
        putc('\n', f);
    quiet = *c;
    expect_nothing(&quiet);
    put_state(&end, &c->end, &quiet.end);
    put_data(&end, c->after, c->before);
    if (end.column)
        putc('\n', f);
    if (open)
        fprintf(f, "open");
    for (unsigned i = 0; i < N_FLAGS; i++)
        if (open & flag_names[i].bit)
            fprintf(f, " %s", flag_names[i].name);
    fprintf(f, open ? "\n\n" : "\n");
}
