/* emit.h - the MIPS64 assembler: mips_<name>() for each row of mips_insn.def, no policy. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_EMIT_H
#define DBT_EMIT_H
#include "dbt-mips64/mips_fmt.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/base/vm_types.h"

typedef uint8_t reg;                 /* host register number, 0..31: GPR, FPR or vector */

enum {                               /* GPRs by their n64 names */
    ZERO, AT, V0, V1, A0, A1, A2, A3, A4, A5, A6, A7, T0, T1, T2, T3,
    S0, S1, S2, S3, S4, S5, S6, S7, T8, T9, K0, K1, GP, SP, S8, RA,
};
enum {                               /* FPRs; a vector register's low half is the FPR */
    F0, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F14, F15,
    F16, F17, F18, F19, F20, F21, F22, F23, F24, F25, F26, F27, F28, F29, F30, F31,
};

/* Where words go: p is the next, end is behind the last that fits. Sticky: once full, words are
 * dropped; the caller asks once a block and starts again with more room. */
struct emit { uint32_t *p, *end; bool full; };

static inline void emit_word(struct emit *e, uint32_t w)
{
    if (e->p < e->end)
        *e->p++ = w;
    else
        e->full = true;
}

/* Puts an operand into its field of w. A value that does not fit is our mistake. */
static inline uint32_t emit_field(uint32_t w, int64_t v, unsigned low, unsigned bits, unsigned unit,
                                  int bias, unsigned flags)
{
    int64_t f = (v - bias + (flags & MF_SA ? (int64_t)(w >> 6 & 31) : 0)) >> unit;
    uint32_t mask = (1u << bits) - 1;

    if (flags & MF_SIGN)
        VM_ASSERT(f >= -(1 << (bits - 1)) && f < 1 << (bits - 1));
    else if (bits != 26)             /* of a jump's target the low bits count */
        VM_ASSERT(f >= 0 && f <= (int64_t)mask);
    VM_ASSERT((v & ((1 << unit) - 1)) == 0);
    w |= ((uint32_t)f & mask) << low;
    return flags & MF_DUP ? w | ((uint32_t)f & mask) << 16 : w;
}

#define MIPS_KIND_ENCODE(k, type, low, bits, unit, bias, flags, class, before, after) \
    typedef type mips_t_##k; \
    static inline uint32_t mips_k_##k(uint32_t w, type v) \
    { return emit_field(w, (int64_t)v, low, bits, unit, bias, flags); }
MIPS_KINDS(MIPS_KIND_ENCODE)
#undef MIPS_KIND_ENCODE

/* Operands are in the assembler's order. Positions and sizes of ext and ins are the real ones, also
 * of dinsu; offsets of loads are bytes; branch offsets count words from the delay slot. */
#define ROW0(n, w) \
    static inline void mips_##n(struct emit *e) \
    { emit_word(e, w); }
#define ROW1(n, w, a) \
    static inline void mips_##n(struct emit *e, mips_t_##a x) \
    { emit_word(e, mips_k_##a(w, x)); }
#define ROW2(n, w, a, b) \
    static inline void mips_##n(struct emit *e, mips_t_##a x, mips_t_##b y) \
    { emit_word(e, mips_k_##b(mips_k_##a(w, x), y)); }
#define ROW3(n, w, a, b, c) \
    static inline void mips_##n(struct emit *e, mips_t_##a x, mips_t_##b y, mips_t_##c z) \
    { emit_word(e, mips_k_##c(mips_k_##b(mips_k_##a(w, x), y), z)); }
#define ROW4(n, w, a, b, c, d) \
    static inline void mips_##n(struct emit *e, mips_t_##a x, mips_t_##b y, mips_t_##c z, \
                                mips_t_##d u) \
    { emit_word(e, mips_k_##d(mips_k_##c(mips_k_##b(mips_k_##a(w, x), y), z), u)); }
#define M(n, fmt, w) FMT_##fmt(n, w)
#include "dbt-mips64/mips_insn.def"
#undef M
#undef ROW0
#undef ROW1
#undef ROW2
#undef ROW3
#undef ROW4

/* ---- what may be more than one word says so by its name ------------------------------------ */

void emit_move(struct emit *e, reg d, reg s);                   /* 0 words when d is s, else 1 */
void emit_zext32(struct emit *e, reg d, reg s);                 /* 1 */
void emit_imm32(struct emit *e, reg d, int32_t k);              /* 1 or 2, sign-extended */
void emit_imm64(struct emit *e, reg d, uint64_t k);             /* 1 to 6 */
void emit_dsll(struct emit *e, reg d, reg t, unsigned n);       /* 1; n 0..63 */
void emit_dsrl(struct emit *e, reg d, reg t, unsigned n);
void emit_dsra(struct emit *e, reg d, reg t, unsigned n);
void emit_drotr(struct emit *e, reg d, reg t, unsigned n);
/* 1 word; bits pos..pos+size-1 with 1 <= size, pos + size <= 64. */
void emit_dext(struct emit *e, reg t, reg s, unsigned pos, unsigned size);
void emit_dins(struct emit *e, reg t, reg s, unsigned pos, unsigned size);

/* ---- branches that are completed later ------------------------------------------------------ */

/* Makes the branch at `at` (its word is written, its offset 0) go to e->p. False: further than
 * 32,767 words, nothing changed. In a full emitter nothing is done, and true. */
bool emit_branch_here(struct emit *e, uint32_t *at);

/* Makes the word at `at`, which runs at address `pc` (another one where code is mapped twice), a
 * `j target` by one aligned store; the delay slot stays what it is. False: the delay slot and the
 * target are not in the same 256 MiB, nothing changed. The caller flushes the instruction cache. */
bool emit_patch_j(uint32_t *at, uint64_t pc, uint64_t target);

/* A place that up to 8 branches go to, from before or behind it; zero-initialized. The offset is an
 * argument:  mips_beq(e, A0, A1, emit_to(e, &l));  ...  emit_label(e, &l); */
struct emit_label { uint32_t *use[8], *bound; unsigned n; };

int32_t emit_to(struct emit *e, struct emit_label *l);
/* Binds the label here. False: one of its branches is too far away. */
bool    emit_label(struct emit *e, struct emit_label *l);
#endif
