/* stored.c - reads and writes cases as text. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/stored.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/state.h"

#define GPR(i) offsetof(struct witness, gpr) + 4 * (i)
#define SEG(i) offsetof(struct witness, seg) + 2 * (i)
#define FX(at) offsetof(struct witness, fx) + (at)
#define ST(i)  { "st" #i, FX(32 + 16 * (i)), 10, 0 }
#define XMM(i) { "xmm" #i, FX(160 + 16 * (i)), 16, 0 }
const struct stored_field stored_fields[] = {
    { "eax", GPR(0), 4, 0 }, { "ecx", GPR(1), 4, 0 }, { "edx", GPR(2), 4, 0 },
    { "ebx", GPR(3), 4, 0 }, { "esp", GPR(4), 4, 0 }, { "ebp", GPR(5), 4, 0 },
    { "esi", GPR(6), 4, 0 }, { "edi", GPR(7), 4, 0 },
    { "flags", offsetof(struct witness, eflags), 4, 0 },
    { "eip", offsetof(struct witness, eip), 4, NATIVE_CODE },
    { "vector", offsetof(struct witness, vector), 4, 0 },
    { "error", offsetof(struct witness, error), 4, 0 },
    { "cr2", offsetof(struct witness, cr2), 4, 0 },
    { "es", SEG(0), 2, SEL_DATA }, { "cs", SEG(1), 2, SEL_CODE }, { "ss", SEG(2), 2, SEL_DATA },
    { "ds", SEG(3), 2, SEL_DATA }, { "fs", SEG(4), 2, SEL_DATA }, { "gs", SEG(5), 2, SEL_DATA },
    { "fop", FX(6), 2, 0 }, { "fip", FX(8), 4, 0 }, { "fdp", FX(16), 4, 0 },
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

    unsigned at = 0;

    for (q->n = 0; at < q->code.n && q->n < GEN_MAX; q->n++) {
        uint8_t b[16] = { 0 };
        unsigned left = q->code.n - at < 15 ? q->code.n - at : 15;
        int len;

        memcpy(b, q->code.b + at, left);
        len = x86_decode(&q->insn[q->n], b, left, !q->code.code16);
        if (len <= 0)
            break;
        at += (unsigned)len;
        q->at[q->n + 1] = (uint16_t)at;
    }
    q->at[q->n] = q->code.n;
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
        int n = hex(s, q->code.b + q->code.n, sizeof q->code.b - q->code.n);

        if (n < 0)
            return false;
        q->code.n += (uint16_t)n;
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
    c->end.eip = NATIVE_LEAVE;
    c->end.seg[CS] = SEL_OUT;
    c->end.vector = NO_VECTOR;
    memcpy(c->after, c->before, sizeof c->after);
}

/* Interrupts are on for users, and faults push RF: not worth a word in the text. */
static uint32_t implied_flags(const struct witness *w)
{
    bool trap = w->vector == 1 || w->vector == 3 || w->vector == 4 || w->vector == NO_VECTOR;

    return FL_IF | FL_FIXED | (trap ? 0 : FL_RF);
}

/* Where it starts, if not flat: "at" offset of the code, "code16", "ldt" entry and descriptor. */
static bool set_place(struct sequence *q, const char *what, char **save)
{
    const char *s = strtok_r(NULL, " ", save), *d;
    uint8_t b[8];

    if (!strcmp(what, "code16"))
        return q->code.code16 = true;
    if (!s || !number(s, b, 2))
        return false;
    if (!strcmp(what, "at")) {
        memcpy(&q->code.at, b, 2);
        return q->code.at < NATIVE_CODE_BYTES;
    }
    d = strtok_r(NULL, " ", save);
    return b[0] < LDT_USED && !b[1] && d && number(d, (uint8_t *)&q->code.ldt[b[0]], 8);
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
    if (!strcmp(what, "at") || !strcmp(what, "code16") || !strcmp(what, "ldt"))
        return set_place(&c->q, what, &save);
    if (!strcmp(what, "start") && !p->ended)
        return set_fields(&save, &c->q.start, c->before);
    if (!strcmp(what, "open"))
        return add_open(&p->open, &save);
    if (strcmp(what, "end"))
        return false;
    if (!p->ended)
        expect_nothing(c);
    p->ended = true;
    if (!set_fields(&save, &c->end, c->after))
        return false;
    if (c->end.vector != NO_VECTOR && c->end.seg[CS] == SEL_OUT)
        c->end.seg[CS] = c->q.start.seg[CS];
    if (c->end.vector != NO_VECTOR && c->end.eip == NATIVE_LEAVE)
        c->end.eip = c->q.start.eip + c->q.code.n;
    return true;
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
    c->end.eflags |= implied_flags(&c->end);
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

    if (q->code.at)
        fprintf(f, "at %04x\n", q->code.at);
    if (q->code.code16)
        fprintf(f, "code16\n");
    for (unsigned i = 0; i < LDT_USED; i++)
        if (q->code.ldt[i])
            fprintf(f, "ldt %02x %016" PRIx64 "\n", i, q->code.ldt[i]);
    for (unsigned i = 0; i < q->n; i++) {
        fprintf(f, "code ");
        for (; at < q->at[i + 1]; at++)
            fprintf(f, "%02x", q->code.b[at]);
        x86_disasm(&q->insn[i], q->start.eip + q->at[i], text, sizeof text);
        fprintf(f, " ; %s\n", text);
    }
    for (; at < q->code.n; at++)
        fprintf(f, "code %02x\n", q->code.b[at]);
}

void stored_write(const struct stored *c, FILE *f)
{
    static struct stored usual, quiet;
    struct writer start = { f, "start", 0 }, end = { f, "end", 0 };
    uint32_t open = c->q.undefined[0];
    struct witness last;

    stored_init(&usual);
    fprintf(f, "case %s\n", c->name);
    put_code(&c->q, f);
    put_state(&start, &c->q.start, &usual.q.start);
    put_data(&start, c->before, usual.before);
    if (start.column)
        putc('\n', f);
    quiet = *c;
    expect_nothing(&quiet);
    if (c->end.vector != NO_VECTOR) {
        quiet.end.seg[CS] = c->q.start.seg[CS];
        quiet.end.eip = c->q.start.eip + c->q.code.n;
    }
    last = c->end;
    last.eflags &= ~implied_flags(&last);
    put_state(&end, &last, &quiet.end);
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
