/* emit.c - constants, completed branches and what else is more than a row of the table. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/emit.h"

void emit_move(struct emit *e, reg d, reg s)
{
    if (d != s)
        mips_or(e, d, s, ZERO);
}

void emit_zext32(struct emit *e, reg d, reg s)
{
    mips_dext(e, d, s, 0, 32);
}

void emit_dsll(struct emit *e, reg d, reg t, unsigned n)
{
    if (n < 32)
        mips_dsll(e, d, t, n);
    else
        mips_dsll32(e, d, t, n - 32);
}

void emit_dsrl(struct emit *e, reg d, reg t, unsigned n)
{
    if (n < 32)
        mips_dsrl(e, d, t, n);
    else
        mips_dsrl32(e, d, t, n - 32);
}

void emit_dsra(struct emit *e, reg d, reg t, unsigned n)
{
    if (n < 32)
        mips_dsra(e, d, t, n);
    else
        mips_dsra32(e, d, t, n - 32);
}

void emit_drotr(struct emit *e, reg d, reg t, unsigned n)
{
    if (n < 32)
        mips_drotr(e, d, t, n);
    else
        mips_drotr32(e, d, t, n - 32);
}

void emit_dext(struct emit *e, reg t, reg s, unsigned pos, unsigned size)
{
    VM_ASSERT(size >= 1 && pos + size <= 64);
    if (size > 32 && pos < 32)
        mips_dextm(e, t, s, pos, size);
    else if (pos < 32)
        mips_dext(e, t, s, pos, size);
    else
        mips_dextu(e, t, s, pos, size);
}

void emit_dins(struct emit *e, reg t, reg s, unsigned pos, unsigned size)
{
    VM_ASSERT(size >= 1 && pos + size <= 64);
    if (pos >= 32)
        mips_dinsu(e, t, s, pos, size);
    else if (pos + size <= 32)
        mips_dins(e, t, s, pos, size);
    else
        mips_dinsm(e, t, s, pos, size);
}

/* ---- constants ------------------------------------------------------------------------------ */

void emit_imm32(struct emit *e, reg d, int32_t k)
{
    if (k == (int16_t)k)
        mips_addiu(e, d, ZERO, k);
    else if (k == (uint16_t)k)
        mips_ori(e, d, ZERO, (uint32_t)k);
    else {
        mips_lui(e, d, (uint32_t)k >> 16);
        if (k & 0xffff)
            mips_ori(e, d, d, (uint32_t)k & 0xffff);
    }
}

static unsigned cost32(int64_t k)
{
    return k == (int16_t)k || k == (uint16_t)k || (k & 0xffff) == 0 ? 1 : 2;
}

/* The last instruction of the way to a constant; `from` is what has to be there before it. */
enum last { IMM32, ORI, SHL, SHR, CUT, TWIN };
struct step { enum last last; unsigned n; int64_t from; };

/* Words needed for k, and the last of them: low bits come by ori, trailing zeros by a shift. */
static unsigned plan(int64_t k, struct step *s)
{
    struct step next;
    unsigned tz, words;

    if (k == (int32_t)k) {
        *s = (struct step){ IMM32, 0, 0 };
        return cost32(k);
    }
    tz = (unsigned)__builtin_ctzll((uint64_t)k);
    *s = (struct step){ SHL, tz, k >> tz };
    if (tz == 0)
        *s = (struct step){ ORI, (unsigned)k & 0xffff, k & ~0xffffll };
    words = 1 + plan(s->from, &next);
    if (tz == 0 || tz >= 16)
        return words;
    /* With few trailing zeros, shifting them away may cost more than an ori of the low bits. */
    int64_t high = k & ~0xffffll;
    unsigned other = 1 + plan(high, &next);

    if (other < words) {
        *s = (struct step){ ORI, (unsigned)k & 0xffff, high };
        return other;
    }
    return words;
}

/* As plan, with the ways that are worth a try for the whole constant only. */
static unsigned plan_whole(uint64_t k, struct step *s)
{
    unsigned words = plan((int64_t)k, s), lz = k ? (unsigned)__builtin_clzll(k) : 0;
    uint64_t top = lz ? ~0ull << (64 - lz) : 0;
    const struct step way[] = {      /* the top is 0: shift ones or zeros in from below, or cut */
        { SHR, lz, (int64_t)(k << lz | ((1ull << lz) - 1)) },
        { SHR, lz, (int64_t)(k << lz) },
        { CUT, 64 - lz, (int64_t)(k | top) },
    };

    for (unsigned i = 0; lz && words > 2 && i < 3; i++) {
        struct step before;
        unsigned other = 1 + plan(way[i].from, &before);

        if (other < words) {
            *s = way[i];
            words = other;
        }
    }
    if (words > 3 && (uint32_t)k == k >> 32) {
        *s = (struct step){ TWIN, 0, (int32_t)k };
        words = 1 + cost32((int32_t)k);
    }
    return words;
}

static void follow(struct emit *e, reg d, int64_t k, struct step s)
{
    struct step before;

    if (s.last == IMM32) {
        emit_imm32(e, d, (int32_t)k);
        return;
    }
    plan(s.from, &before);           /* at most six deep: a word each */
    follow(e, d, s.from, before);
    switch (s.last) {
    case IMM32: break;
    case ORI:   mips_ori(e, d, d, s.n); break;
    case SHL:   emit_dsll(e, d, d, s.n); break;
    case SHR:   emit_dsrl(e, d, d, s.n); break;
    case CUT:   emit_dext(e, d, d, 0, s.n); break;
    case TWIN:  mips_dinsu(e, d, d, 32, 32); break;
    }
}

void emit_imm64(struct emit *e, reg d, uint64_t k)
{
    struct step s;

    if ((int64_t)k == (int32_t)k) {
        emit_imm32(e, d, (int32_t)k);
        return;
    }
    plan_whole(k, &s);
    follow(e, d, (int64_t)k, s);
}

/* ---- branches ------------------------------------------------------------------------------- */

bool emit_branch_here(struct emit *e, uint32_t *at)
{
    ptrdiff_t words = e->p - (at + 1);

    if (e->full)
        return true;
    if (words != (int16_t)words)
        return false;
    *at = (*at & 0xffff0000) | (uint16_t)words;
    return true;
}

bool emit_patch_j(uint32_t *at, uint64_t pc, uint64_t target)
{
    uint32_t word;
    struct emit e = { &word, &word + 1, false };

    VM_ASSERT((target & 3) == 0);
    if ((pc + 4) >> 28 != target >> 28)
        return false;
    mips_j(&e, (uint32_t)target);
    __atomic_store_n(at, word, __ATOMIC_RELEASE);
    return true;
}

int32_t emit_to(struct emit *e, struct emit_label *l)
{
    if (l->bound) {
        ptrdiff_t words = l->bound - (e->p + 1);

        VM_ASSERT(e->full || words == (int16_t)words);
        return e->full ? 0 : (int32_t)words;
    }
    VM_ASSERT(l->n < 8);
    l->use[l->n++] = e->p;
    return 0;
}

bool emit_label(struct emit *e, struct emit_label *l)
{
    bool near = true;

    VM_ASSERT(!l->bound);
    l->bound = e->p;
    for (unsigned i = 0; i < l->n; i++)
        near = emit_branch_here(e, l->use[i]) && near;
    return near;
}
