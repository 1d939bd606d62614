/* f80_arith.c - FADD, FSUB, FMUL, FDIV, FSQRT: a short path for normal numbers rounded to nearest,
 * a general one for the rest. Intel SDM volume 1, 8.3.5 and 8.5; exception priority is 4.9.2's. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/f80_priv.h"

/* Both normal: integer bits set, exponents neither 0 nor 7fff. */
static inline bool both_normal(struct f80 a, struct f80 b)
{
    return (int64_t)(a.m & b.m) < 0 && (a.se & 0x7fffu) - 1 < 0x7ffe &&
           (b.se & 0x7fffu) - 1 < 0x7ffe;
}

/* Round to nearest at 64 or 53 bits: the control words nearly all programs run with. */
static inline bool short_mode(const struct f80_env *e)
{
    return (e->cw & 0xe00) == 0x200;
}

/* The short path's rounding of hi.lo with biased exponent ex; false: out of range, do it again. */
static inline bool round_short(struct f80 *r, unsigned sign, int32_t ex, uint64_t hi, uint64_t lo,
                               struct f80_env *e)
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
    if (!hi) {
        hi = F80_INT;
        ex++;
    }
    if ((uint32_t)(ex - 1) >= 0x7ffe) {
        return false;
    }
    e->ex = (uint16_t)((lo ? F80_PE : 0) | up << 9);
    *r = (struct f80){ .m = hi, .se = (uint16_t)(sign | (uint32_t)ex) };
    return true;
}

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

/* Signs differ; x has the larger exponent by d < 64. Zero and deep cancellation are left over. */
static inline bool sub_short(struct f80 *r, struct f80 x, struct f80 y, unsigned d,
                             struct f80_env *e)
{
    int32_t ex = x.se & 0x7fff;
    unsigned sign = x.se & 0x8000, n;
    uint64_t lo = y.m << 1 << (63 - d), hi = x.m - (y.m >> d) - (lo != 0);

    lo = 0 - lo;
    if (!d && x.m < y.m) {
        hi = 0 - hi;
        sign ^= 0x8000;
    }
    if (!hi) {
        return false;
    }
    n = (unsigned)__builtin_clzll(hi);
    if (n) {
        hi = hi << n | lo >> (64 - n);
        lo <<= n;
        ex -= (int32_t)n;
    }
    return round_short(r, sign, ex, hi, lo, e);
}

/* flip: 0x8000 subtracts. */
static inline struct f80 add_any(struct f80 a, struct f80 b, uint16_t flip, struct f80_env *e)
{
    struct f80 x = a, y = { .m = b.m, .se = b.se ^ flip }, r;
    int32_t d = (int32_t)(a.se & 0x7fff) - (int32_t)(b.se & 0x7fff);
    int32_t ex;
    uint64_t hi, lo;

    if (d < 0) {
        x = y;
        y = a;
        d = -d;
    }
    if (!both_normal(a, b) || d > 63 || !short_mode(e)) {
        return add_general(a, b, flip, e);
    }
    if ((x.se ^ y.se) & 0x8000) {
        return sub_short(&r, x, y, (unsigned)d, e) ? r : add_general(a, b, flip, e);
    }
    lo = y.m << 1 << (63 - d);
    hi = x.m + (y.m >> d);
    ex = x.se & 0x7fff;
    if (hi < x.m) {
        lo = hi << 63 | lo >> 1 | (lo & 1);
        hi = hi >> 1 | F80_INT;
        ex++;
    }
    return round_short(&r, x.se & 0x8000, ex, hi, lo, e) ? r : add_general(a, b, flip, e);
}

struct f80 f80_add(struct f80 a, struct f80 b, struct f80_env *e)
{
    return add_any(a, b, 0, e);
}

struct f80 f80_sub(struct f80 a, struct f80 b, struct f80_env *e)
{
    return add_any(a, b, 0x8000, e);
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
    u128 p = (u128)a.m * b.m;
    int32_t ex = (a.se & 0x7fff) + (b.se & 0x7fff) - F80_BIAS + 1;

    if (!both_normal(a, b) || !short_mode(e)) {
        return mul_general(a, b, e);
    }
    if (!(p >> 127)) {
        p <<= 1;
        ex--;
    }
    if (!round_short(&r, (a.se ^ b.se) & 0x8000, ex, (uint64_t)(p >> 64), (uint64_t)p, e)) {
        return mul_general(a, b, e);
    }
    return r;
}

struct f80 f80_div(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80u x = f80_unpack(a), y = f80_unpack(b);
    struct fp_num v;
    struct f80 r;
    unsigned sign = x.sign ^ y.sign, small;
    uint64_t rem;
    u128 n;

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
    n = (u128)x.m << (63 + small);
    v = (struct fp_num){ .hi = (uint64_t)(n / y.m), .sign = (uint8_t)sign,
                         .e = x.e - y.e + F80_BIAS - (int32_t)small };
    rem = (uint64_t)(n - (u128)v.hi * y.m);
    v.lo = (uint64_t)(rem >= y.m - rem) << 63 | (rem != 0);
    return f80_finish(&v, e);
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
    u128 q = ((u128)(n1 - s1 * s1) << 32 | (uint64_t)n >> 32) / (2 * s1);
    u128 s = ((u128)s1 << 32) + q;

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
