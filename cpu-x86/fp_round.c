/* fp_round.c - exact sums, products, quotients and roots, and rounding to a format's precision and
 * range: IEEE 754-1985 with Intel's choices, tininess after rounding and exponents wrapped when
 * overflow or underflow is not masked. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/fp_round.h"
#include "cpu-x86/f80.h"

static bool round_up(const struct fp_num *v, uint64_t rem, uint64_t odd, uint8_t rc)
{
    const uint64_t half = 1ull << 63;

    switch (rc) {
    case F80_RN: return rem > half || (rem == half && odd);
    case F80_RD: return rem && v->sign;
    case F80_RU: return rem && !v->sign;
    default: return false;
    }
}

uint16_t fp_round_sig(struct fp_num *v, uint8_t rc, uint8_t prec)
{
    uint64_t rem = prec == 64 ? v->lo : v->hi << prec | (v->lo != 0);
    uint64_t unit = 1ull << (64 - prec);
    bool up = round_up(v, rem, v->hi & unit, rc);

    v->hi &= 0 - unit;
    v->lo = 0;
    if (up) {
        v->hi += unit;
        if (!v->hi) {
            v->hi = 1ull << 63;
            v->e++;
        }
    }
    return (rem ? F80_PE : 0) | (up ? F80_C1 : 0);
}

static uint16_t overflow(struct fp_num *v, const struct fp_rule *r)
{
    bool inf = r->rc == F80_RN || r->rc == (v->sign ? F80_RD : F80_RU);

    v->hi = inf ? 1ull << 63 : ~0ull << (64 - r->prec);
    v->e = inf ? r->emax + 1 : r->emax;
    return F80_OE | F80_PE | (inf ? F80_C1 : 0);
}

static uint16_t underflow(struct fp_num *v, const struct fp_rule *r)
{
    uint16_t ex;

    fp_shift_right(v, (uint32_t)(1 - v->e));
    v->e = 0;
    ex = fp_round_sig(v, r->rc, r->prec);
    v->e = (int32_t)(v->hi >> 63);
    return ex & F80_PE ? ex | F80_UE : ex;
}

uint16_t fp_round(struct fp_num *v, const struct fp_rule *r)
{
    struct fp_num n = *v;
    uint16_t ex = fp_round_sig(&n, r->rc, r->prec);

    if (n.e > r->emax) {
        if (!(r->unmasked & F80_OE)) {
            return overflow(v, r);
        }
        n.e -= r->wrap;
        ex |= F80_OE;
    } else if (n.e < 1) {
        if (!(r->unmasked & F80_UE)) {
            return underflow(v, r);
        }
        n.e += r->wrap;
        ex |= F80_UE;
    }
    *v = n;
    return ex;
}

/* |x| >= |y| */
static bool sum_ordered(struct fp_num *v, const struct fp_opnd *x, const struct fp_opnd *y)
{
    u128 s;
    unsigned n;

    *v = (struct fp_num){ .hi = y->m, .e = x->e, .sign = x->sign };
    fp_shift_right(v, (uint32_t)(x->e - y->e));
    s = (u128)v->hi << 64 | v->lo;
    if (x->sign == y->sign) {
        s += (u128)x->m << 64;
        v->hi = (uint64_t)(s >> 64);
        v->lo = (uint64_t)s;
        if (v->hi < x->m) {                        /* carry out of 128 bits */
            fp_shift_right(v, 1);
            v->hi |= 1ull << 63;
            v->e++;
        }
        return true;
    }
    s = ((u128)x->m << 64) - s;
    if (!s)
        return false;
    n = s >> 64 ? (unsigned)__builtin_clzll((uint64_t)(s >> 64))
                : 64 + (unsigned)__builtin_clzll((uint64_t)s);
    s <<= n;
    v->hi = (uint64_t)(s >> 64);
    v->lo = (uint64_t)s;
    v->e -= (int32_t)n;
    return true;
}

bool fp_sum(struct fp_num *v, const struct fp_opnd *x, const struct fp_opnd *y)
{
    bool order = x->e > y->e || (x->e == y->e && x->m >= y->m);

    return order ? sum_ordered(v, x, y) : sum_ordered(v, y, x);
}

void fp_product(struct fp_num *v, const struct fp_opnd *x, const struct fp_opnd *y, int32_t bias)
{
    u128 p = (u128)x->m * y->m;
    unsigned n = !(p >> 127);

    p <<= n;
    *v = (struct fp_num){ .hi = (uint64_t)(p >> 64), .lo = (uint64_t)p,
                          .e = x->e + y->e - bias + 1 - (int32_t)n, .sign = x->sign ^ y->sign };
}

void fp_quotient(struct fp_num *v, const struct fp_opnd *x, const struct fp_opnd *y, int32_t bias)
{
    bool small = x->m < y->m;
    uint64_t rem;

    v->hi = fp_div_128_64(small ? x->m : x->m >> 1, small ? 0 : x->m << 63, y->m, &rem);
    v->lo = (uint64_t)(rem >= y->m - rem) << 63 | (rem != 0);
    v->e = x->e - y->e + bias - small;
    v->sign = x->sign ^ y->sign;
}

static uint64_t root64(uint64_t n)                 /* floor of the root, n >= 2^62 */
{
    const uint64_t c = 3ull << 30;                 /* Newton from above, starting on a tangent */
    uint64_t x = (n / c + c) / 2 + 1, y;

    while ((y = (x + n / x) / 2) < x) {
        x = y;
    }
    return x;
}

/* Floor of the root of n >= 2^126 and the remainder: Zimmermann's one-step Karatsuba root. */
static uint64_t root128(u128 n, u128 *rem)
{
    uint64_t n1 = (uint64_t)(n >> 64), s1 = root64(n1);
    u128 s = ((u128)s1 << 32) + ((n1 - s1 * s1) << 31 | (uint64_t)n >> 33) / s1;

    while (s >> 64 || s * s > n) {
        s--;
    }
    *rem = n - s * s;
    return (uint64_t)s;
}

void fp_root(struct fp_num *v, const struct fp_opnd *x, int32_t bias)
{
    int32_t k = x->e - bias;
    u128 rem;

    v->hi = root128((u128)x->m << (63 + (k & 1)), &rem);
    v->lo = (uint64_t)(rem > v->hi) << 63 | (rem != 0);
    v->e = bias + (k - (k & 1)) / 2;
    v->sign = x->sign;
}
