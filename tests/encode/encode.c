/* encode.c - every row of mips_insn.def with edge and random operands, for check_encode.sh.
 * usage: encode SEED CASES FILE.s FILE.bin FILE.txt - writes what the GNU assembler is to read, the
 * words that our functions make of the same operands, and our text of those words.
 * On the way each word has to come apart into the row and the operands it was made of. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/emit.h"
#include "dbt-mips64/mips_dis.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW0(n, w) \
    static void call_##n(struct emit *e, const int64_t *v) { (void)v; mips_##n(e); }
#define ROW1(n, w, a) \
    static void call_##n(struct emit *e, const int64_t *v) { mips_##n(e, (mips_t_##a)v[0]); }
#define ROW2(n, w, a, b) \
    static void call_##n(struct emit *e, const int64_t *v) \
    { mips_##n(e, (mips_t_##a)v[0], (mips_t_##b)v[1]); }
#define ROW3(n, w, a, b, c) \
    static void call_##n(struct emit *e, const int64_t *v) \
    { mips_##n(e, (mips_t_##a)v[0], (mips_t_##b)v[1], (mips_t_##c)v[2]); }
#define ROW4(n, w, a, b, c, d) \
    static void call_##n(struct emit *e, const int64_t *v) \
    { mips_##n(e, (mips_t_##a)v[0], (mips_t_##b)v[1], (mips_t_##c)v[2], (mips_t_##d)v[3]); }
#define M(n, fmt, w) FMT_##fmt(n, w)
#include "dbt-mips64/mips_insn.def"
#undef M
#define M(n, fmt, w) call_##n,
static void (*const call[])(struct emit *e, const int64_t *v) = {
#include "dbt-mips64/mips_insn.def"
};

static uint64_t seed;

static uint32_t rnd(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 32);
}

/* A value for the field: zero, all ones, the sign alone, its complement, or any. */
static int64_t value(const struct mips_kind *k)
{
    uint32_t mask = (1u << k->bits) - 1, sign = 1u << (k->bits - 1);
    uint32_t edge[] = { 0, mask, sign, sign - 1, 1 };
    uint32_t f = rnd() & 1 ? edge[rnd() % 5] : rnd() & mask;
    int64_t v = k->flags & MF_SIGN && f & sign ? (int64_t)f - mask - 1 : (int64_t)f;

    return k->flags & MF_SA ? 1 + rnd() % 64 : v * (1 << k->unit) + k->bias;
}

/* What the manual leaves undefined and the GNU assembler refuses. */
static bool legal(const char *name, const int64_t *v)
{
    static const struct { const char *name; int from, to; } field[] = { /* of position + size */
        { "ext", 1, 32 }, { "dext", 1, 63 }, { "dextm", 33, 64 }, { "dextu", 33, 64 },
        { "ins", 1, 32 }, { "dins", 1, 32 }, { "dinsm", 33, 64 }, { "dinsu", 33, 64 },
    };

    for (unsigned i = 0; i < sizeof field / sizeof field[0]; i++) {
        if (strcmp(name, field[i].name) == 0)
            return v[2] + v[3] >= field[i].from && v[2] + v[3] <= field[i].to &&
                   (strcmp(name, "dinsm") != 0 || v[3] > 1);
    }
    if (strncmp(name, "jalr", 4) == 0)
        return v[0] != v[1];
    if (strncmp(name, "bltzal", 6) == 0 || strncmp(name, "bgezal", 6) == 0)
        return v[0] != RA;
    return strcmp(name, "sll") != 0 || v[0] || v[1] || v[2];    /* nop has its own row */
}

/* Our text as gas wants it: registers with $, the quotient's destination that is always zero. */
static void write_gas(FILE *out, const char *text)
{
    const char *s = strchr(text, ' ');

    if (!s) {
        fprintf(out, "%s\n", text);
        return;
    }
    fprintf(out, "%.*s ", (int)(s - text), text);
    if (strncmp(text, "div ", 4) == 0 || strncmp(text, "divu ", 5) == 0 ||
        strncmp(text, "ddiv ", 5) == 0 || strncmp(text, "ddivu ", 6) == 0)
        fputs("$0,", out);
    for (char before = *s++; *s; before = *s++) {
        if (isalpha((unsigned char)*s) && (before == ' ' || before == ',' || before == '(' ||
                                           before == '['))
            fputc('$', out);
        fputc(*s, out);
    }
    fputc('\n', out);
}

static void come_apart(const struct mips_row *r, uint32_t w, const int64_t *v)
{
    const struct mips_row *found = mips_row_of(w);

    if (found != r) {
        printf("FAIL %08x of %s is taken for %s\n", w, r->name, found ? found->name : "nothing");
        exit(1);
    }
    for (unsigned i = 0; i < r->n; i++) {
        if (mips_operand(r, i, w) != v[i]) {
            printf("FAIL %08x %s: operand %u is read as %" PRId64 ", not %" PRId64 "\n", w, r->name,
                   i, mips_operand(r, i, w), v[i]);
            exit(1);
        }
    }
}

static void one(unsigned row, uint64_t pc, FILE *gas, FILE *bin, FILE *txt)
{
    const struct mips_row *r = &mips_rows[row];
    char text[64];
    uint32_t w = 0;
    struct emit e = { &w, &w + 1, false };
    int64_t v[4];

    do {
        for (unsigned i = 0; i < r->n; i++)
            v[i] = value(&mips_kinds[r->kind[i]]);
    } while (!legal(r->name, v));
    call[row](&e, v);
    come_apart(r, w, v);
    mips_dis(w, (uint64_t)-4, text, sizeof text);   /* branches: gas takes the bare offset */
    write_gas(gas, text);
    fwrite(&w, 4, 1, bin);
    mips_dis(w, pc, text, sizeof text);
    fprintf(txt, "%s\n", text);
}

int main(int argc, char **argv)
{
    FILE *out[3];
    uint64_t pc = 0;

    if (argc != 6)
        return 2;
    seed = strtoull(argv[1], NULL, 0);
    for (unsigned i = 0; i < 3; i++) {
        if (!(out[i] = fopen(argv[3 + i], "w"))) {
            printf("FAIL %s cannot be written\n", argv[3 + i]);
            return 1;
        }
    }
    fprintf(out[0], ".set noreorder\n.set nomacro\n.set noat\n.text\n");
    for (unsigned row = 0; row < mips_n_rows; row++) {
        for (unsigned i = 0; i < strtoul(argv[2], NULL, 0); i++, pc += 4)
            one(row, pc, out[0], out[1], out[2]);
    }
    for (unsigned i = 0; i < 3; i++)
        fclose(out[i]);
    printf("%u rows\n", mips_n_rows);
    return 0;
}
