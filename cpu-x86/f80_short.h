/* f80_short.h - add, subtract and multiply for what nearly always happens: normal operands and
 * result, rounding to nearest at 64 or 53 bits. At most 60 MIPS64 instructions each. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_F80_SHORT_H
#define X86_F80_SHORT_H
#include "cpu-x86/f80.h"

/* Each returns false, with nothing written, when the case is not a short one. */

static inline bool f80_short_exponent(int32_t ex)
{
    return (uint32_t)(ex - 1) < 0x7ffe;
}

/* Rounds hi.lo with biased exponent ex. */
static inline bool f80_short_round(struct f80 *r, unsigned sign, int32_t ex, uint64_t hi,
                                   uint64_t lo, struct f80_env *e)
{
    uint64_t up;

    if (e->cw & 0x100) {
        up = lo >> 63 & ((lo << 1 != 0) | (hi & 1));
        hi += up;
    } else {
        lo = hi << 53 | (lo != 0);
        up = lo >> 63 & ((lo << 1 != 0) | (hi >> 11 & 1));
        hi = (hi & ~0x7ffull) + (up << 11);
    }
    if (__builtin_expect(!hi, 0)) {
        hi = 1ull << 63;
        ex++;
    }
    if (__builtin_expect(!f80_short_exponent(ex), 0)) {
        return false;
    }
    e->ex = (uint16_t)((lo ? F80_PE : 0) | up << 9);
    r->m = hi;
    r->se = (uint16_t)(sign | (uint32_t)ex);
    return true;
}

/* Nearest, and 64 or 53 bits: the control words nearly all programs run with. */
static inline bool f80_short_mode(const struct f80_env *e)
{
    return (e->cw & 0xe00) == 0x200;
}

/* Signs differ; x has the larger exponent ex, by d < 64. */
static inline bool f80_short_difference(struct f80 *r, unsigned sign, int32_t ex, uint64_t xm,
                                        uint64_t ym, unsigned d, struct f80_env *e)
{
    uint64_t lo = ym << 1 << (63 - d), hi = xm - (ym >> d) - (lo != 0);
    unsigned n;

    lo = 0 - lo;
    if (!d && xm < ym) {
        hi = 0 - hi;
        sign ^= 0x8000;
    }
    if (!hi) {
        return false;
    }
    if (hi >> 63 == 0) {
        n = (unsigned)__builtin_clzll(hi);
        hi = hi << n | lo >> (64 - n);
        lo <<= n;
        ex -= (int32_t)n;
    }
    return f80_short_round(r, sign, ex, hi, lo, e);
}

/* *a + *b, or *a - *b with flip 0x8000. */
static inline bool f80_add_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                                 unsigned flip, struct f80_env *e)
{
    unsigned as = a->se, bs = b->se ^ flip, sign = as & 0x8000, other = (as ^ bs) & 0x8000;
    int32_t ea = as & 0x7fff, eb = bs & 0x7fff, d = ea - eb;
    uint64_t xm = a->m, ym = b->m, lo, hi;

    if (!f80_short_exponent(ea) || !f80_short_exponent(eb) || (int64_t)(xm & ym) >= 0 ||
        !f80_short_mode(e)) {
        return false;
    }
    if (d < 0) {
        d = -d;
        ea = eb;
        xm = ym;
        ym = a->m;
        sign ^= other;
    }
    if (d > 63) {
        return false;
    }
    if (other) {
        return f80_short_difference(r, sign, ea, xm, ym, (unsigned)d, e);
    }
    lo = ym << 1 << (63 - d);
    hi = xm + (ym >> d);
    if (hi < xm) {
        lo = hi << 63 | lo >> 1 | (lo & 1);
        hi = hi >> 1 | 1ull << 63;
        ea++;
    }
    return f80_short_round(r, sign, ea, hi, lo, e);
}

static inline bool f80_mul_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                                 struct f80_env *e)
{
    unsigned as = a->se, bs = b->se;
    int32_t ea = as & 0x7fff, eb = bs & 0x7fff, ex = ea + eb - 16382;
    __extension__ unsigned __int128 p;
    uint64_t hi, lo;

    if (!f80_short_exponent(ea) || !f80_short_exponent(eb) || (int64_t)(a->m & b->m) >= 0 ||
        !f80_short_mode(e)) {
        return false;
    }
    p = (unsigned __int128)a->m * b->m;
    hi = (uint64_t)(p >> 64);
    lo = (uint64_t)p;
    if (!(hi >> 63)) {
        hi = hi << 1 | lo >> 63;
        lo <<= 1;
        ex--;
    }
    return f80_short_round(r, (as ^ bs) & 0x8000, ex, hi, lo, e);
}
#endif
