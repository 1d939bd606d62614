/* f80_short.h - arithmetic for what nearly always happens: normal operands and result, rounding to
 * nearest at 64 or 53 bits. docs/x87.md counts the host's instructions. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_F80_SHORT_H
#define X86_F80_SHORT_H
#include "cpu-x86/f80.h"
#include "cpu-x86/fp_round.h"

#define F80_SHORT static inline __attribute__((always_inline)) bool

/* Each returns false, with nothing written, when the case is not a short one. */

/* Rounds hi.lo with biased exponent ex, which may be out of range. */
F80_SHORT f80_short_round(struct f80 *r, unsigned sign, int32_t ex, uint64_t hi,
                          uint64_t lo, struct f80_env *e)
{
    unsigned mode = e->cw & 0xf00;
    uint64_t up;

    if (__builtin_expect(mode == 0x300, 1)) {      /* nearest, 64 bits */
        up = lo >> 63 & ((lo << 1 != 0) | (hi & 1));
        hi += up;
    } else if (mode == 0x200) {                    /* nearest, 53 bits */
        lo = hi << 53 | (lo != 0);
        up = lo >> 63 & ((lo << 1 != 0) | (hi >> 11 & 1));
        hi = (hi & ~0x7ffull) + (up << 11);
    } else {
        return false;
    }
    if (__builtin_expect(!hi, 0)) {
        hi = 1ull << 63;
        ex++;
    }
    if (__builtin_expect((uint32_t)(ex - 1) >= 0x7ffe, 0))
        return false;
    e->ex = (uint16_t)((lo ? F80_PE : 0) | up << 9);
    r->m = hi;
    r->se = (uint16_t)(sign | (uint32_t)ex);
    return true;
}

/* Signs differ; x has the larger exponent ex, by d < 64. */
F80_SHORT f80_short_difference(struct f80 *r, unsigned sign, int32_t ex, uint64_t xm,
                               uint64_t ym, unsigned d, struct f80_env *e)
{
    uint64_t lo = ym << 1 << (63 - d), hi = xm - (ym >> d) - (lo != 0);
    unsigned n;

    lo = 0 - lo;
    if (!d && xm < ym) {
        hi = 0 - hi;
        sign ^= 0x8000;
    }
    if (!hi || ex == 0x7fff)
        return false;
    if (hi >> 63 == 0) {
        n = (unsigned)__builtin_clzll(hi);
        hi = hi << n | lo >> (64 - n);
        lo <<= n;
        ex -= (int32_t)n;
    }
    return f80_short_round(r, sign, ex, hi, lo, e);
}

/* *a + *b, or *a - *b with flip 0x8000. Of a sum too large an exponent is seen by the rounding. */
F80_SHORT f80_add_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                        unsigned flip, struct f80_env *e)
{
    unsigned as = a->se, bs = b->se ^ flip, sign = as & 0x8000, other = (as ^ bs) & 0x8000;
    int32_t ex = as & 0x7fff, ey = bs & 0x7fff, d = ex - ey;
    uint64_t xm = a->m, ym = b->m, lo, hi;

    if (d < 0) {
        d = -d;
        ey = ex;
        ex += d;
        ym = xm;
        xm = b->m;
        sign ^= other;
    }
    if (__builtin_expect(!ey || (int64_t)(xm & ym) >= 0 || d > 63, 0))
        return false;
    if (other)
        return f80_short_difference(r, sign, ex, xm, ym, (unsigned)d, e);
    lo = ym << 1 << (63 - d);
    hi = xm + (ym >> d);
    if (hi < xm) {
        lo = hi << 63 | lo >> 1 | (lo & 1);
        hi = hi >> 1 | 1ull << 63;
        ex++;
    }
    return f80_short_round(r, sign, ex, hi, lo, e);
}

F80_SHORT f80_mul_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                        struct f80_env *e)
{
    unsigned as = a->se, bs = b->se;
    int32_t ex = (int32_t)(as & 0x7fff) + (int32_t)(bs & 0x7fff) - 16382;
    __extension__ unsigned __int128 p;
    uint64_t hi, lo;

    /* An exponent of 0 or 7fffh and a bit 63 that is clear are not for here. */
    if (__builtin_expect(!((as + 1) & 0x7ffe) || !((bs + 1) & 0x7ffe) ||
                         (int64_t)(a->m & b->m) >= 0, 0))
        return false;
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

F80_SHORT f80_div_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                        struct f80_env *e)
{
    unsigned as = a->se, bs = b->se;
    int32_t ex = (int32_t)(as & 0x7fff) - (int32_t)(bs & 0x7fff) + 16383;
    uint64_t am = a->m, bm = b->m, lo = 0, rem, hi;

    if (__builtin_expect(!((as + 1) & 0x7ffe) || !((bs + 1) & 0x7ffe) ||
                         (int64_t)(am & bm) >= 0, 0))
        return false;
    if (am < bm) {
        ex--;
    } else {
        lo = am << 63;
        am >>= 1;
    }
    hi = fp_div_128_64(am, lo, bm, &rem);
    lo = (uint64_t)(rem >= bm - rem) << 63 | (rem != 0);
    return f80_short_round(r, (as ^ bs) & 0x8000, ex, hi, lo, e);
}

/* To double, to nearest, when it is a normal one. */
F80_SHORT f80_to_f64_short(uint64_t *v, const struct f80 *a, struct f80_env *e)
{
    int32_t ex = (int32_t)(a->se & 0x7fff) - 16383 + 1023;
    uint64_t m = a->m, rem = m << 53, up;

    if (__builtin_expect((uint32_t)(ex - 1) >= 2045 || (int64_t)m >= 0 || e->cw & 0xc00, 0))
        return false;
    up = rem >> 63 & ((rem << 1 != 0) | (m >> 11 & 1));
    e->ex = (uint16_t)((rem ? F80_PE : 0) | up << 9);
    *v = (uint64_t)(a->se >> 15) << 63 | (((uint64_t)(ex - 1) << 52) + (m >> 11) + up);
    return true;
}

F80_SHORT f80_to_f32_short(uint32_t *v, const struct f80 *a, struct f80_env *e)
{
    int32_t ex = (int32_t)(a->se & 0x7fff) - 16383 + 127;
    uint64_t m = a->m, rem = m << 24, up;

    if (__builtin_expect((uint32_t)(ex - 1) >= 253 || (int64_t)m >= 0 || e->cw & 0xc00, 0))
        return false;
    up = rem >> 63 & ((rem << 1 != 0) | (m >> 40 & 1));
    e->ex = (uint16_t)((rem ? F80_PE : 0) | up << 9);
    *v = (uint32_t)(a->se >> 15) << 31 | (uint32_t)(((uint64_t)(ex - 1) << 23) + (m >> 40) + up);
    return true;
}

/* From double, when it is a normal one; nothing is raised. */
F80_SHORT f80_from_f64_short(struct f80 *r, uint64_t v)
{
    uint32_t ex = v >> 52 & 0x7ff;

    if (__builtin_expect(ex - 1 >= 0x7fe, 0))
        return false;
    r->m = v << 11 | 1ull << 63;
    r->se = (uint16_t)((v >> 48 & 0x8000) | (ex + 16383 - 1023));
    return true;
}

F80_SHORT f80_from_f32_short(struct f80 *r, uint32_t v)
{
    uint32_t ex = v >> 23 & 0xff;

    if (__builtin_expect(ex - 1 >= 0xfe, 0))
        return false;
    r->m = (uint64_t)v << 40 | 1ull << 63;
    r->se = (uint16_t)((v >> 16 & 0x8000) | (ex + 16383 - 127));
    return true;
}

/* To an integer of 16, 32 or 64 bits, truncated or to nearest, if 1 <= |a| < 2^(bits - 2). */
F80_SHORT f80_to_int_short(int64_t *v, const struct f80 *a, unsigned bits, bool truncate,
                           struct f80_env *e)
{
    unsigned k = (a->se & 0x7fffu) - 16383, rc = truncate ? F80_RZ : e->cw >> 10 & 3;
    uint64_t m = a->m, rem, up, n;

    if (__builtin_expect(k >= bits - 2 || (int64_t)m >= 0 || (rc != F80_RN && rc != F80_RZ),
                         0))
        return false;
    rem = m << 1 << k;
    n = m >> (63 - k);
    rem = m << 1 << k;
    up = rc == F80_RN ? rem >> 63 & ((rem << 1 != 0) | (n & 1)) : 0;
    n += up;
    e->ex = (uint16_t)((rem ? F80_PE : 0) | up << 9);
    *v = (int64_t)(a->se & 0x8000 ? 0 - n : n);
    return true;
}

/* Normal, or a zero. */
F80_SHORT f80_short_plain(const struct f80 *a)
{
    return (int64_t)a->m < 0 ? (a->se + 1) & 0x7ffe : !(a->m | (a->se & 0x7fff));
}

F80_SHORT f80_compare_short(unsigned *rel, const struct f80 *a, const struct f80 *b)
{
    unsigned as = a->se, bs = b->se, ea = as & 0x7fff, eb = bs & 0x7fff;
    uint64_t am = a->m, bm = b->m;

    if (!f80_short_plain(a) || !f80_short_plain(b))
        return false;
    if (am == bm && (as == bs || !am))
        *rel = F80_EQ;
    else if ((as ^ bs) & 0x8000)
        *rel = as & 0x8000 ? F80_LT : F80_GT;
    else
        *rel = (ea == eb ? am < bm : ea < eb) != as >> 15 ? F80_LT : F80_GT;
    return true;
}
#endif
