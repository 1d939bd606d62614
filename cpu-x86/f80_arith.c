/* f80_arith.c - FADD, FSUB, FMUL, FDIV, FSQRT of any operands in any mode.
 * Intel SDM volume 1, 8.3.5 and 8.5; exception priority is 4.9.2. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/f80_priv.h"
#include "cpu-x86/f80_short.h"

/* Magnitude sum or difference of finite nonzero numbers, |x| >= |y|. */
static struct f80 combine(const struct f80u *x, const struct f80u *y, struct f80_env *e)
{
    struct fp_num v = { .hi = y->m, .e = x->e, .sign = x->sign };
    u128 s;
    unsigned n;

    fp_shift_right(&v, (uint32_t)(x->e - y->e));
    s = (u128)v.hi << 64 | v.lo;
    if (x->sign == y->sign) {
        s += (u128)x->m << 64;
        v.hi = (uint64_t)(s >> 64);
        v.lo = (uint64_t)s;
        if (v.hi < x->m) {                         /* carry out of 128 bits */
            fp_shift_right(&v, 1);
            v.hi |= F80_INT;
            v.e++;
        }
        return f80_finish(&v, e);
    }
    s = ((u128)x->m << 64) - s;
    if (!s) {
        return f80_zero(f80_rc(e) == F80_RD);
    }
    n = s >> 64 ? (unsigned)__builtin_clzll((uint64_t)(s >> 64))
                : 64 + (unsigned)__builtin_clzll((uint64_t)s);
    s <<= n;
    v.hi = (uint64_t)(s >> 64);
    v.lo = (uint64_t)s;
    v.e -= (int32_t)n;
    return f80_finish(&v, e);
}

static struct f80 add_general(struct f80 a, struct f80 b, bool negate, struct f80_env *e)
{
    struct f80u x = f80_unpack(a), y = f80_unpack(b);
    struct fp_num v;
    struct f80 r;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    y.sign ^= negate;
    if (x.cls == F80_INF && y.cls == F80_INF && x.sign != y.sign) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return a;
    }
    if (x.cls == F80_INF || y.cls == F80_INF) {
        return f80_inf(x.cls == F80_INF ? x.sign : y.sign);
    }
    if (x.cls == F80_ZERO && y.cls == F80_ZERO) {
        return f80_zero(x.sign == y.sign ? x.sign : f80_rc(e) == F80_RD);
    }
    if (x.cls == F80_ZERO || y.cls == F80_ZERO) {
        const struct f80u *z = x.cls == F80_ZERO ? &y : &x;

        v = (struct fp_num){ .hi = z->m, .e = z->e, .sign = z->sign };
        return f80_finish(&v, e);
    }
    if (x.e > y.e || (x.e == y.e && x.m >= y.m)) {
        return combine(&x, &y, e);
    }
    return combine(&y, &x, e);
}

struct f80 f80_add(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80 r;

    return f80_add_short(&r, &a, &b, 0, e) ? r : add_general(a, b, false, e);
}

struct f80 f80_sub(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80 r;

    return f80_add_short(&r, &a, &b, 0x8000, e) ? r : add_general(a, b, true, e);
}

static struct f80 mul_general(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80u x = f80_unpack(a), y = f80_unpack(b);
    struct fp_num v;
    struct f80 r;
    u128 p;
    unsigned sign = x.sign ^ y.sign, n;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if ((x.cls == F80_INF && y.cls == F80_ZERO) || (x.cls == F80_ZERO && y.cls == F80_INF)) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return a;
    }
    if (x.cls == F80_INF || y.cls == F80_INF) {
        return f80_inf(sign);
    }
    if (x.cls == F80_ZERO || y.cls == F80_ZERO) {
        return f80_zero(sign);
    }
    p = (u128)x.m * y.m;
    n = !(p >> 127);
    p <<= n;
    v = (struct fp_num){ .hi = (uint64_t)(p >> 64), .lo = (uint64_t)p,
                         .e = x.e + y.e - F80_BIAS + 1 - (int32_t)n, .sign = (uint8_t)sign };
    return f80_finish(&v, e);
}

struct f80 f80_mul(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80 r;

    return f80_mul_short(&r, &a, &b, e) ? r : mul_general(a, b, e);
}

static struct f80 div_general(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80u x = f80_unpack(a), y = f80_unpack(b);
    struct fp_num v;
    struct f80 r;
    unsigned sign = x.sign ^ y.sign, small;
    uint64_t rem;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if (x.cls == y.cls && (x.cls == F80_INF || x.cls == F80_ZERO)) {
        return f80_invalid(e);
    }
    if (x.cls == F80_FINITE && y.cls == F80_ZERO) {
        e->ex |= F80_ZE;                           /* comes before DE, which is then not raised */
        return f80_inf(sign);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return a;
    }
    if (x.cls == F80_INF || y.cls == F80_ZERO) {
        return f80_inf(sign);
    }
    if (x.cls == F80_ZERO || y.cls == F80_INF) {
        return f80_zero(sign);
    }
    small = x.m < y.m;
    v = (struct fp_num){ .e = x.e - y.e + F80_BIAS - (int32_t)small, .sign = (uint8_t)sign };
    v.hi = fp_div_128_64(small ? x.m : x.m >> 1, small ? 0 : x.m << 63, y.m, &rem);
    v.lo = (uint64_t)(rem >= y.m - rem) << 63 | (rem != 0);
    return f80_finish(&v, e);
}

struct f80 f80_div(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80 r;

    return f80_div_short(&r, &a, &b, e) ? r : div_general(a, b, e);
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

struct f80 f80_sqrt(struct f80 a, struct f80_env *e)
{
    struct f80u x = f80_unpack(a);
    struct fp_num v;
    struct f80 r;
    u128 rem;
    int32_t k;

    e->ex = 0;
    if (f80_nan1(a, &x, &r, e)) {
        return r;
    }
    if (x.cls == F80_ZERO) {
        return a;
    }
    if (x.sign) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den, e) || x.cls == F80_INF) {
        return a;
    }
    k = x.e - F80_BIAS;
    v = (struct fp_num){ .hi = root128((u128)x.m << (63 + (k & 1)), &rem),
                         .e = F80_BIAS + (k - (k & 1)) / 2 };
    v.lo = (uint64_t)(rem > v.hi) << 63 | (rem != 0);
    return f80_finish(&v, e);
}
