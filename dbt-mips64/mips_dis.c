/* mips_dis.c - the MIPS64 disassembler: the assembler's table read backwards. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/mips_dis.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MIPS_KIND_NAME(k, type, low, bits, unit, bias, flags, class, before, after) MK_##k,
enum { MIPS_KINDS(MIPS_KIND_NAME) };

#define MIPS_KIND_ROW(k, type, low, bits, unit, bias, flags, class, before, after) \
    { low, bits, unit, bias, flags, class, before, after },
const struct mips_kind mips_kinds[] = { MIPS_KINDS(MIPS_KIND_ROW) };

#define ROW0(n, w)             { #n, w, 0, { 0 } },
#define ROW1(n, w, a)          { #n, w, 1, { MK_##a } },
#define ROW2(n, w, a, b)       { #n, w, 2, { MK_##a, MK_##b } },
#define ROW3(n, w, a, b, c)    { #n, w, 3, { MK_##a, MK_##b, MK_##c } },
#define ROW4(n, w, a, b, c, d) { #n, w, 4, { MK_##a, MK_##b, MK_##c, MK_##d } },
#define M(n, fmt, w) FMT_##fmt(n, w)
const struct mips_row mips_rows[] = {
#include "dbt-mips64/mips_insn.def"
};
const unsigned mips_n_rows = sizeof mips_rows / sizeof mips_rows[0];

static uint32_t field_mask(const struct mips_kind *k)
{
    uint32_t mask = (1u << k->bits) - 1;

    return mask << k->low | (k->flags & MF_DUP ? mask << 16 : 0);
}

const struct mips_row *mips_row_of(uint32_t w)
{
    for (unsigned i = 0; i < mips_n_rows; i++) {
        const struct mips_row *r = &mips_rows[i];
        uint32_t operands = 0;
        bool twice = false;

        for (unsigned j = 0; j < r->n; j++) {
            const struct mips_kind *k = &mips_kinds[r->kind[j]];

            operands |= field_mask(k);
            twice |= k->flags & MF_DUP && (w >> 16 & 31) != (w >> k->low & 31);
        }
        if ((w & ~operands) == r->word && !twice)
            return r;
    }
    return NULL;
}

int64_t mips_operand(const struct mips_row *r, unsigned i, uint32_t w)
{
    const struct mips_kind *k = &mips_kinds[r->kind[i]];
    int64_t f = w >> k->low & ((1u << k->bits) - 1);

    if (k->flags & MF_SIGN && f >> (k->bits - 1))
        f -= 1ll << k->bits;
    if (k->flags & MF_SA)
        f -= w >> 6 & 31;
    return f * (1 << k->unit) + k->bias;
}

/* Text that grows; what does not fit is cut. */
struct text { char *at; size_t left; };

__attribute__((format(printf, 2, 3)))
static void put(struct text *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(t->at, t->left, fmt, ap);
    va_end(ap);
    size_t used = n < 0 ? 0 : (size_t)n < t->left ? (size_t)n : t->left ? t->left - 1 : 0;
    t->at += used;
    t->left -= used;
}

static void put_name(struct text *t, const struct mips_row *r)
{
    bool vector = r->word >> 26 == 0x1e;
    const char *last = strrchr(r->name, '_');

    for (const char *s = r->name; *s; s++)
        put(t, "%c", *s == '_' && (!vector || s == last) ? '.' : *s);
}

static void put_value(struct text *t, const struct mips_kind *k, int64_t v, uint64_t pc)
{
    static const char gpr[32][5] = {
        "zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2",
        "t3", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp",
        "s8", "ra",
    };

    switch ((enum mips_class)k->class) {
    case MC_GPR:    put(t, "%s", gpr[v]); break;
    case MC_FPR:    put(t, "$f%d", (int)v); break;
    case MC_VEC:    put(t, "$w%d", (int)v); break;
    case MC_CTRL:   put(t, "$%d", (int)v); break;
    case MC_CC:
    case MC_CC0:    put(t, "$fcc%d", (int)v); break;
    case MC_DEC:    put(t, "%d", (int)v); break;
    case MC_HEX:
    case MC_HEX0:   put(t, "0x%x", (unsigned)v); break;
    case MC_BRANCH: put(t, "0x%" PRIx64, pc + 4 + (uint64_t)(v * 4)); break;
    case MC_JUMP:   put(t, "0x%" PRIx64, (pc + 4) >> 28 << 28 | (uint64_t)v); break;
    }
}

void mips_dis(uint32_t w, uint64_t pc, char *text, size_t size)
{
    const struct mips_row *r = mips_row_of(w);
    struct text t = { text, size };
    bool first = true;

    if (!r) {
        put(&t, ".word 0x%08x", w);
        return;
    }
    put_name(&t, r);
    for (unsigned i = 0; i < r->n; i++) {
        const struct mips_kind *k = &mips_kinds[r->kind[i]];
        int64_t v = mips_operand(r, i, w);

        if (v == 0 && (k->class == MC_CC0 || k->class == MC_HEX0))
            continue;
        put(&t, "%s", first ? " " : k->before);
        put_value(&t, k, v, pc);
        put(&t, "%s", k->after);
        first = false;
    }
}
