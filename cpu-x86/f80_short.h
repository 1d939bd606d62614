/* f80_short.h - arithmetic for what nearly always happens: normal operands and result, rounding to
 * nearest at 64 or 53 bits. docs/x87.md counts the host's instructions. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_F80_SHORT_H
#define X86_F80_SHORT_H
#include "cpu-x86/f80.h"
#include "cpu-x86/fp_round.h"

#define F80_SHORT static inline __attribute__((always_inline)) bool

/* Each returns false, with nothing written, when the case is not a short one. */

/* What an operation yields before rounding: bit 63 of hi is set, the exponent is 1 to 7ffdh. So
 * rounding cannot overflow: numbers of 2^16383 and above are left to the general functions. */
struct f80_exact {
    uint64_t hi, lo;
    uint32_t se;                     /* as in struct f80 */
};

/* What is left to do. For 64 bits lo has the bits below hi, the last of them sticky. For fewer lo
 * is not used: all that is below hi is or'ed into its bit 0. */
enum f80_left { F80_NOT_SHORT, F80_ROUND_64, F80_ROUND_CUT, F80_CANCELLED };
#define F80_LEFT static inline __attribute__((always_inline)) enum f80_left

/* The larger exponent of the operands of a sum: two carries and a cancellation of 65 bits leave it
 * normal, and a number less than 64 bits smaller is no denormal. */
enum { F80_SHORT_LOW = 66, F80_SHORT_TOP = 0x7ffc };

/* RC and PC of the control word as the short functions know them: to nearest. */
enum { F80_SHORT_MODE = 0xf00, F80_NEAREST_64 = 0x300, F80_NEAREST_53 = 0x200, F80_NEAREST_24 = 0 };

F80_SHORT f80_short_wide(const struct f80_env *e)
{
    return __builtin_expect((e->cw & F80_SHORT_MODE) == F80_NEAREST_64, 1);
}

/* top: what hi is when rounding up has made it 0, the next power of two. */
F80_SHORT f80_short_store(struct f80 *r, struct f80_exact *v, uint64_t hi, uint64_t top)
{
    if (__builtin_expect(!hi, 0)) {
        hi = top;
        v->se++;
    }
    r->m = hi;
    r->se = (uint16_t)v->se;
    return true;
}

F80_SHORT f80_short_round64(struct f80 *r, struct f80_exact *v, struct f80_env *e)
{
    uint64_t up;

    if (!v->lo) {
        e->ex = 0;
        r->m = v->hi;
        r->se = (uint16_t)v->se;
        return true;
    }
    /* More than a half, or a half and odd: the negative is then positive. */
    up = (int64_t)(0 - (v->lo | (v->hi & 1))) > 0;
    e->ex = (uint16_t)(F80_PE | up << 9);
    return f80_short_store(r, v, v->hi + up, up << 63);
}

/* To 64 - cut bits. */
F80_SHORT f80_short_round_cut(struct f80 *r, struct f80_exact *v, unsigned cut, struct f80_env *e)
{
    uint64_t unit = 1ull << cut, rem = v->hi & (unit - 1), up;

    if (!rem) {
        e->ex = 0;
        r->m = v->hi;
        r->se = (uint16_t)v->se;
        return true;
    }
    up = (rem + (unit / 2 - 1) + (v->hi >> cut & 1)) & unit;
    e->ex = (uint16_t)(F80_PE | up >> (cut - 9));
    return f80_short_store(r, v, v->hi - rem + up, up << (63 - cut));
}

F80_SHORT f80_short_finish(struct f80 *r, enum f80_left left, struct f80_exact *v,
                           struct f80_env *e)
{
    unsigned mode;

    if (left == F80_ROUND_64)
        return f80_short_round64(r, v, e);
    if (left == F80_NOT_SHORT)
        return false;
    mode = e->cw & F80_SHORT_MODE;
    if (__builtin_expect(mode == F80_NEAREST_53, 1))
        return f80_short_round_cut(r, v, 11, e);
    return mode == F80_NEAREST_24 && f80_short_round_cut(r, v, 40, e);
}

/* (2^64 + hi) / 2, and sticky below: a sum with a carry. */
F80_LEFT f80_short_carry(struct f80_exact *v, uint64_t hi, uint64_t sticky, const struct f80_env *e)
{
    v->se++;
    v->hi = ~(~hi >> 1);
    if (f80_short_wide(e)) {
        v->lo = hi << 63 | sticky;
        return F80_ROUND_64;
    }
    v->hi |= (hi & 1) | sticky;
    return F80_ROUND_CUT;
}

/* A sum without a carry. */
F80_LEFT f80_short_plus(struct f80_exact *v, uint64_t hi, uint64_t lost, const struct f80_env *e)
{
    v->hi = hi;
    v->lo = lost;
    if (f80_short_wide(e))
        return F80_ROUND_64;
    v->hi |= lost != 0;
    return F80_ROUND_CUT;
}

/* hi + (2^64 - lost) / 2^64 if sticky, else hi, of exponents at least two apart: at most one bit is
 * cancelled. */
F80_LEFT f80_short_minus(struct f80_exact *v, uint64_t hi, uint64_t sticky, uint64_t lost,
                         const struct f80_env *e)
{
    uint64_t lo = 0 - lost;

    if (f80_short_wide(e)) {
        if ((int64_t)hi >= 0) {
            hi = hi << 1 | lo >> 63;
            lo <<= 1;
            v->se--;
        }
        v->hi = hi;
        v->lo = lo;
        return F80_ROUND_64;
    }
    hi |= sticky;
    if ((int64_t)hi >= 0) {
        hi <<= 1;
        v->se--;
    }
    v->hi = hi;
    return F80_ROUND_CUT;
}

/* w times 2^se, w not 0: exact. */
F80_LEFT f80_short_cancel(struct f80_exact *v, uint64_t w, const struct f80_env *e)
{
    unsigned n = (unsigned)__builtin_clzll(w);

    v->se -= n;
    v->hi = w << n;
    v->lo = 0;
    return f80_short_wide(e) ? F80_ROUND_64 : F80_ROUND_CUT;
}

/* xm - ym / 2 */
F80_LEFT f80_short_beside(struct f80_exact *v, uint64_t xm, uint64_t ym, const struct f80_env *e)
{
    uint64_t w = (xm << 1) - ym;

    v->se--;
    if (xm << 1 < ym)
        return f80_short_cancel(v, w, e);
    return f80_short_carry(v, w, 0, e);            /* 2^64 more than w */
}

/* Exponents are equal. */
F80_LEFT f80_short_level(struct f80_exact *v, uint64_t xm, uint64_t ym, bool differ,
                         const struct f80_env *e)
{
    if (!differ)
        return f80_short_carry(v, xm + ym, 0, e);
    if (xm == ym)
        return F80_CANCELLED;
    if (xm > ym)
        return f80_short_cancel(v, xm - ym, e);
    v->se ^= 0x8000;
    return f80_short_cancel(v, ym - xm, e);
}

/* More than 63 bits apart. From 66 on all that counts is that something is lost. */
F80_LEFT f80_short_far(struct f80_exact *v, uint64_t xm, uint64_t ym, unsigned d, bool differ,
                       const struct f80_env *e)
{
    uint64_t lost = 1;

    if (f80_short_wide(e) && d <= 65)
        lost = ym >> (d & 63) | (ym & d & 1);
    return differ ? f80_short_minus(v, xm - 1, 1, lost, e) : f80_short_plus(v, xm, lost, e);
}

/* x has the larger exponent, by d > 0. */
F80_LEFT f80_short_ordered(struct f80_exact *v, uint64_t xm, uint64_t ym, uint32_t ey, unsigned d,
                           bool differ, const struct f80_env *e)
{
    uint64_t q = ym >> (d & 63), lost = ym << (-d & 63), sticky = lost != 0;

    if (!differ) {
        if (__builtin_expect(d > 63, 0))
            return ey ? f80_short_far(v, xm, ym, d, false, e) : F80_NOT_SHORT;
        return (int64_t)(xm + q) < 0 ? f80_short_plus(v, xm + q, lost, e)
                                     : f80_short_carry(v, xm + q, sticky, e);
    }
    if (d == 1)
        return f80_short_beside(v, xm, ym, e);
    if (__builtin_expect(d > 63, 0))
        return ey ? f80_short_far(v, xm, ym, d, true, e) : F80_NOT_SHORT;
    return f80_short_minus(v, xm - q - sticky, sticky, lost, e);
}

F80_SHORT f80_short_apt(uint32_t ex)
{
    return __builtin_expect(ex - F80_SHORT_LOW <= F80_SHORT_TOP - F80_SHORT_LOW, 1);
}

F80_LEFT f80_short_sum(struct f80_exact *v, const struct f80 *a, const struct f80 *b, unsigned flip,
                       const struct f80_env *e)
{
    uint32_t as = a->se, bs = b->se, ex = as & 0x7fff, ey = bs & 0x7fff;
    int32_t d = (int32_t)(ex - ey);
    bool differ = (int16_t)(as ^ bs) < 0;
    uint64_t am = a->m, bm = b->m;

    if (flip)
        differ = !differ;
    if (__builtin_expect((int64_t)(am & bm) >= 0, 0))
        return F80_NOT_SHORT;
    if (d < 0) {
        v->se = bs ^ flip;
        return f80_short_apt(ey) ? f80_short_ordered(v, bm, am, ex, (unsigned)-d, differ, e)
                                 : F80_NOT_SHORT;
    }
    v->se = as;
    if (!f80_short_apt(ex))
        return F80_NOT_SHORT;
    return d ? f80_short_ordered(v, am, bm, ey, (unsigned)d, differ, e)
             : f80_short_level(v, am, bm, differ, e);
}

/* *a + *b, or *a - *b with flip 0x8000. */
F80_SHORT f80_add_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                        unsigned flip, struct f80_env *e)
{
    struct f80_exact v;
    enum f80_left left = f80_short_sum(&v, a, b, flip, e);

    if (left != F80_CANCELLED)
        return f80_short_finish(r, left, &v, e);
    if (e->cw & 0xc00)
        return false;
    e->ex = 0;
    *r = (struct f80){ 0 };
    return true;
}

F80_SHORT f80_mul_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                        struct f80_env *e)
{
    uint32_t as = a->se, bs = b->se, ex = (as & 0x7fff) + (bs & 0x7fff) - 16382;
    __extension__ unsigned __int128 p;
    struct f80_exact v;
    uint64_t sticky;

    /* An exponent of 0 or 7fffh and a bit 63 that is clear are not for here. */
    if (__builtin_expect(!((as + 1) & 0x7ffe) || !((bs + 1) & 0x7ffe) ||
                         (int64_t)(a->m & b->m) >= 0, 0))
        return false;
    p = (unsigned __int128)a->m * b->m;
    v.hi = (uint64_t)(p >> 64);
    v.lo = (uint64_t)p;
    sticky = v.lo != 0;
    if ((int64_t)v.hi >= 0) {
        v.hi = v.hi << 1 | v.lo >> 63;
        v.lo <<= 1;
        ex--;
    }
    if (__builtin_expect(ex - 1 >= F80_SHORT_TOP + 1, 0))
        return false;
    v.se = ((as ^ bs) & 0x8000) | ex;
    if (f80_short_wide(e))
        return f80_short_round64(r, &v, e);
    v.hi |= sticky;
    return f80_short_finish(r, F80_ROUND_CUT, &v, e);
}

F80_SHORT f80_div_short(struct f80 *r, const struct f80 *a, const struct f80 *b,
                        struct f80_env *e)
{
    uint32_t as = a->se, bs = b->se, ex = (as & 0x7fff) - (bs & 0x7fff) + 16383;
    uint64_t am = a->m, bm = b->m, lo = 0, rem;
    struct f80_exact v;

    if (__builtin_expect(!((as + 1) & 0x7ffe) || !((bs + 1) & 0x7ffe) ||
                         (int64_t)(am & bm) >= 0, 0))
        return false;
    if (am < bm) {
        ex--;
    } else {
        lo = am << 63;
        am >>= 1;
    }
    if (__builtin_expect(ex - 1 >= F80_SHORT_TOP + 1, 0))
        return false;
    v.se = ((as ^ bs) & 0x8000) | ex;
    v.hi = fp_div_128_64(am, lo, bm, &rem);
    if (f80_short_wide(e)) {
        v.lo = (uint64_t)(rem >= bm - rem) << 63 | (rem != 0);
        return f80_short_round64(r, &v, e);
    }
    v.hi |= rem != 0;
    return f80_short_finish(r, F80_ROUND_CUT, &v, e);
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
