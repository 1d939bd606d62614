/* f80_trans.c - F2XM1, FYL2X, FYL2XP1, FPATAN, FSIN, FCOS, FSINCOS, FPTAN: table and series in
 * 4.124 fixed point, rounded once. Intel SDM volume 1, 8.3.8-8.3.10; the instructions' own tables.
 * Results are those of the function, not of a chip's microcode: docs/x87.md says how far apart. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/f80_priv.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

struct q124 {                                      /* 4.124 fixed point, below 16 */
    uint64_t hi, lo;
};
#include "cpu-x86/f80_tables.inc"

struct wide {                                      /* (-1)^sign * m * 2^(e - 127), m normalized */
    u128 m;
    int32_t e;
    uint8_t sign;
};

#define Q_ONE ((u128)1 << 124)

static inline u128 q(struct q124 v)
{
    return (u128)v.hi << 64 | v.lo;
}

static inline u128 mul_high(u128 a, u128 b)        /* bits 128 and up of the product */
{
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
    uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    u128 low = ((u128)a0 * b0 >> 64) + (uint64_t)((u128)a1 * b0);
    u128 high = (u128)a1 * b1 + (uint64_t)((u128)a1 * b0 >> 64);
    u128 mid = (u128)a0 * b1 + low;

    return high + (uint64_t)(mid >> 64);
}

/* Product of two 4.124 numbers below 4. */
static inline u128 mul_q(u128 a, u128 b)
{
    return mul_high(a << 2, b << 2);
}

/* c[0] + c[1] u + c[2] u^2 ..., or with alternating signs; u below 1. */
static u128 series(const struct q124 *c, int n, u128 u, bool alternate)
{
    u128 p = q(c[n - 1]);

    for (int i = n - 2; i >= 0; i--) {
        u128 t = mul_high(p, u << 4);

        p = alternate ? q(c[i]) - t : q(c[i]) + t;
    }
    return p;
}

static struct wide normal(u128 m, int32_t e, unsigned sign)
{
    unsigned n;

    if (!m) {
        return (struct wide){ .m = 0, .e = 0, .sign = (uint8_t)sign };
    }
    n = m >> 64 ? (unsigned)__builtin_clzll((uint64_t)(m >> 64))
                : 64 + (unsigned)__builtin_clzll((uint64_t)m);
    return (struct wide){ .m = m << n, .e = e - (int32_t)n, .sign = (uint8_t)sign };
}

static struct wide from_q(u128 v, unsigned sign)
{
    return normal(v, 3, sign);
}

static struct wide from_operand(const struct fp_opnd *x)
{
    return (struct wide){ .m = (u128)x->m << 64, .e = x->e - F80_BIAS, .sign = x->sign };
}

static u128 to_q(const struct wide *w)             /* magnitude, below 16; small ones lose bits */
{
    int32_t n = 3 - w->e;

    return n > 127 ? 0 : w->m >> n;
}

static struct wide mul_wide(struct wide a, struct wide b)
{
    return normal(mul_high(a.m, b.m), a.e + b.e + 1, a.sign ^ b.sign);
}

/* floor(a * 2^64 / b) for a < b, b normalized; a becomes the remainder. */
static uint64_t divide_digit(u128 *a, u128 b)
{
    uint64_t b1 = (uint64_t)(b >> 64), a1 = (uint64_t)(*a >> 64);
    uint64_t d = a1 >= b1 ? ~0ull : (uint64_t)(*a / b1);
    u128 low = (u128)d * (uint64_t)b, high = (u128)d * b1 + (uint64_t)(low >> 64);
    uint64_t l = (uint64_t)low, borrow;

    while (high > *a || (high == *a && l)) {
        d--;
        borrow = l < (uint64_t)b;
        l -= (uint64_t)b;
        high -= (u128)b1 + borrow;
    }
    *a = ((*a - high) << 64) - l;
    return d;
}

static struct wide div_wide(struct wide a, struct wide b)
{
    bool big = a.m >= b.m;
    u128 r = big ? (a.m - b.m) : a.m, m;

    m = (u128)divide_digit(&r, b.m) << 64;
    m |= divide_digit(&r, b.m);
    if (big) {                                     /* 1.m: the integer bit comes on top */
        return (struct wide){ .m = (u128)1 << 127 | m >> 1, .e = a.e - b.e,
                              .sign = a.sign ^ b.sign };
    }
    return normal(m, a.e - b.e - 1, a.sign ^ b.sign);
}

/* Rounds; unless exact, something nonzero lies below the last bit. The chips raise PE, and UE for a
 * denormal, even if the result happens to be exact. */
static struct f80 finish(struct wide w, bool exact, struct f80_env *e)
{
    struct fp_num v = { .hi = (uint64_t)(w.m >> 64), .lo = (uint64_t)w.m | !exact,
                        .e = w.e + F80_BIAS, .sign = w.sign };
    struct f80 r = f80_finish64(&v, e);

    e->ex |= F80_PE | (r.se & 0x7fff ? 0 : F80_UE);
    return r;
}

/* ---- 2^x - 1 ---- */

static struct wide exp2m1(struct wide x)           /* 0 < |x| < 1 */
{
    u128 f = to_q(&x), k = (f + (Q_ONE >> 6)) >> 119, y, t, p, base;
    bool neg = f < k << 119;                       /* the rest's sign, in x's direction */

    if (!k) {
        struct wide tw = mul_wide(x, from_q(q(ln2), 0));

        p = series(exp_coef, COUNT(exp_coef), to_q(&tw), x.sign);
        return mul_wide(tw, from_q(p, 0));
    }
    y = neg ? (k << 119) - f : f - (k << 119);
    neg ^= x.sign;
    t = mul_q(y, q(ln2));
    p = mul_q(t, series(exp_coef, COUNT(exp_coef), t, neg));
    if (x.sign) {
        base = q(exp2_tab[(32 - k) & 31]) >> 1;
    } else {
        base = k == 32 ? Q_ONE << 1 : q(exp2_tab[k]);
    }
    t = mul_q(base, p);
    base = neg ? base - t : base + t;
    return x.sign ? from_q(Q_ONE - base, 1) : from_q(base - Q_ONE, 0);
}

struct f80 f80_2xm1(struct f80 a, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a);
    struct f80 r;

    e->ex = 0;
    if (f80_nan1(a, &x, &r, e)) {
        return r;
    }
    if (x.cls == FP_INF) {
        return x.sign ? f80_make(1, F80_BIAS, F80_INT) : a;
    }
    if (f80_denormal(x.den, e) || x.cls == FP_ZERO) {
        return a;
    }
    if (x.e >= F80_BIAS) {
        e->ex |= F80_PE;                           /* 1, and outside the domain: unchanged */
        return x.sign && x.e == F80_BIAS && x.m == F80_INT ? f80_make(1, F80_BIAS - 1, F80_INT) : a;
    }
    return finish(exp2m1(from_operand(&x)), false, e);
}

/* ---- y log2(x) ---- */

/* log2(1 + z), |z| < 2^-5 and nonzero: 2 atanh(z / (2 + z)) / ln 2. */
static struct wide log2_near(struct wide z)
{
    u128 zq = to_q(&z), den = z.sign ? (Q_ONE << 1) - zq : (Q_ONE << 1) + zq, u;
    struct wide s = div_wide(z, from_q(den, 0));

    u = to_q(&s);
    u = mul_q(u, u);
    u = series(odd_coef, COUNT(odd_coef), u, false);
    return mul_wide(s, from_q(mul_q(u, q(two_log2e)), 0));
}

/* log2(m * 2^n) for m in [1, 2) as 28.100 fixed point; the result is exact iff m is 1. */
static struct wide log2_wide(u128 m, int32_t n)
{
    unsigned j = (unsigned)(m >> 94) & 63;
    u128 t = m * recip_tab[j], one = (u128)1 << 108, sum;
    struct wide z = { 0 };
    bool neg;

    if (t != one) {
        z = t > one ? normal(t - one, 19, 0) : normal(one - t, 19, 1);
        z = log2_near(z);
    }
    if (z.m && ((n == 0 && j == 0) || (n == -1 && j == 63))) {
        return z;
    }
    sum = (u128)n << 107;                          /* two's complement, 20.107 fixed point */
    sum += q(log2_tab[j]) >> 17;
    t = z.m ? z.m >> (20 - z.e > 127 ? 127 : 20 - z.e) : 0;
    sum = z.sign ? sum - t : sum + t;
    neg = sum >> 127;
    return normal(neg ? 0 - sum : sum, 20, neg);
}

/* What the zeros, infinities and signs of y and log2(...) = l give. Class and sign of l only. */
static struct f80 log_special(const struct fp_opnd *y, unsigned lcls, unsigned lsign,
                              struct f80_env *e)
{
    if ((y->cls == FP_ZERO && lcls == FP_INF) || (y->cls == FP_INF && lcls == FP_ZERO)) {
        return f80_invalid(e);
    }
    if (y->cls == FP_INF || lcls == FP_INF) {
        return f80_inf(y->sign ^ lsign);
    }
    return f80_zero(y->sign ^ lsign);
}

struct f80 f80_yl2x(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    bool one = x.cls == FP_FINITE && x.e == F80_BIAS && x.m == F80_INT && !x.sign;
    struct wide l;
    struct f80 r;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if (x.sign && x.cls != FP_ZERO) {
        return f80_invalid(e);
    }
    if (x.cls == FP_ZERO && y.cls == FP_FINITE) {
        e->ex |= F80_ZE;
        return f80_inf(!y.sign);
    }
    if ((x.cls != FP_FINITE && y.cls == FP_ZERO) || (one && y.cls == FP_INF)) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return b;
    }
    if (x.cls != FP_FINITE || y.cls != FP_FINITE || one) {
        return log_special(&y, one ? FP_ZERO : x.cls == FP_FINITE ? FP_FINITE : FP_INF,
                           x.cls == FP_ZERO || (x.cls == FP_FINITE && x.e < F80_BIAS), e);
    }
    l = log2_wide((u128)x.m << 37, x.e - F80_BIAS);
    return finish(mul_wide(from_operand(&y), l), x.m == F80_INT, e);
}

/* log2(1 + x), x finite, above -1 and nonzero. */
static struct wide log2_plus1(const struct fp_opnd *x)
{
    struct wide w = from_operand(x);
    int32_t k = 0;
    u128 m;

    if (w.e < -7) {
        return log2_near(w);
    }
    if (w.e >= 24) {
        k = w.e;
        m = (w.m >> 27) + (k <= 100 ? (u128)1 << (100 - k) : 0);
    } else {
        m = w.m >> (27 - w.e);
        m = x->sign ? ((u128)1 << 100) - m : ((u128)1 << 100) + m;
    }
    for (; m >> 101; k++) {
        m >>= 1;
    }
    for (; !(m >> 100); k--) {
        m <<= 1;
    }
    return log2_wide(m, k);
}

struct f80 f80_yl2xp1(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    struct f80 r;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if (x.sign && x.cls == FP_INF) {
        return f80_invalid(e);
    }
    if ((x.cls == FP_ZERO && y.cls == FP_INF) || (x.cls == FP_INF && y.cls == FP_ZERO)) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return b;
    }
    if (x.cls != FP_FINITE || y.cls != FP_FINITE) {
        return log_special(&y, x.cls, x.sign, e);
    }
    if (x.sign && x.e >= F80_BIAS) {               /* outside the domain: unchanged */
        e->ex |= F80_PE;
        return a;
    }
    return finish(mul_wide(from_operand(&y), log2_plus1(&x)), false, e);
}

/* ---- sine, cosine, tangent ---- */

/* |x| < 2^63 less the nearest multiple of pi/2, exactly, for the chip's pi of 66 bits:
 * 3243f6a8885a308d3h * 2^-64. quadrant is the multiple's low bits. */
static struct wide reduce(const struct fp_opnd *x, unsigned *quadrant)
{
    const u128 p = (u128)3 << 64 | 0x243f6a8885a308d3;
    int32_t k = x->e - F80_BIAS;
    struct wide r = from_operand(x);
    u128 n, times;
    bool over;

    r.sign = 0;
    *quadrant = 0;
    if (k < -2) {
        return r;
    }
    n = (u128)x->m << (k + 2);                     /* in units of 2^-65, as p is of pi/2 */
    times = n / p;
    n -= times * p;
    over = n > p >> 1;
    *quadrant = (unsigned)(times + over) & 3;
    return normal(over ? p - n : n, 62, over);
}

/* sin(r) and cos(r), 0 < |r| <= pi/4. */
static void kernel(struct wide r, struct wide *s, struct wide *c)
{
    u128 f = to_q(&r), k = (f + (Q_ONE >> 5)) >> 120, d, u, sd, cd;
    bool neg = f < k << 120;

    d = neg ? (k << 120) - f : f - (k << 120);
    u = mul_q(d, d);
    sd = series(sin_coef, COUNT(sin_coef), u, true) - 1;   /* a unit below: never 1 itself */
    cd = series(cos_coef, COUNT(cos_coef), u, true) - 1;
    if (!k) {
        *s = mul_wide(r, from_q(sd, 0));
        *c = from_q(cd, 0);
        return;
    }
    sd = mul_q(d, sd);
    if (neg) {
        *s = from_q(mul_q(q(sin_tab[k]), cd) - mul_q(q(cos_tab[k]), sd), r.sign);
        *c = from_q(mul_q(q(cos_tab[k]), cd) + mul_q(q(sin_tab[k]), sd), 0);
    } else {
        *s = from_q(mul_q(q(sin_tab[k]), cd) + mul_q(q(cos_tab[k]), sd), r.sign);
        *c = from_q(mul_q(q(cos_tab[k]), cd) - mul_q(q(sin_tab[k]), sd), 0);
    }
}

/* True: the chip takes so small an x for its own sine and tangent and 1 for the cosine. */
static bool sin_cos(const struct fp_opnd *x, struct wide *s, struct wide *c)
{
    unsigned quadrant;
    struct wide r = reduce(x, &quadrant), t;

    if (r.e < -68) {
        *s = from_operand(x);
        *c = from_q(Q_ONE, 0);
        return true;
    }
    kernel(r, s, c);
    if (quadrant & 1) {
        t = *s;
        *s = *c;
        *c = t;
        c->sign ^= 1;
    }
    if (quadrant & 2) {
        s->sign ^= 1;
        c->sign ^= 1;
    }
    s->sign ^= x->sign;
    return false;
}

/* True when *r is the answer of every trigonometric function but for a cosine's 1. */
static bool trig_special(struct f80 a, struct fp_opnd *x, struct f80 *r, struct f80_env *e)
{
    *x = f80_unpack(a);
    e->ex = 0;
    *r = a;
    if (f80_nan1(a, x, r, e)) {
        return true;
    }
    if (x->cls == FP_INF) {
        *r = f80_invalid(e);
        return true;
    }
    if (x->e >= F80_BIAS + 63) {
        e->ex |= F80_C2;
        return true;
    }
    return f80_denormal(x->den, e) || x->cls == FP_ZERO;
}

static const struct f80 one = { .m = F80_INT, .se = F80_BIAS };

struct f80 f80_sin(struct f80 a, struct f80_env *e)
{
    struct fp_opnd x;
    struct wide s, c;
    struct f80 r;
    bool exact;

    if (trig_special(a, &x, &r, e)) {
        return r;
    }
    exact = sin_cos(&x, &s, &c);
    return finish(s, exact, e);
}

struct f80 f80_cos(struct f80 a, struct f80_env *e)
{
    struct fp_opnd x;
    struct wide s, c;
    struct f80 r;
    bool exact;

    if (trig_special(a, &x, &r, e)) {
        return x.cls == FP_ZERO ? one : r;
    }
    exact = sin_cos(&x, &s, &c);
    return finish(c, exact, e);
}

struct f80 f80_sincos(struct f80 a, struct f80 *cosine, struct f80_env *e)
{
    struct fp_opnd x;
    struct wide s, c;
    struct f80 r;
    bool exact;

    if (trig_special(a, &x, &r, e)) {
        *cosine = x.cls == FP_ZERO ? one : r;
        return r;
    }
    exact = sin_cos(&x, &s, &c);
    *cosine = finish(c, exact, e);
    e->ex &= (uint16_t)~F80_C1;                    /* which speaks of the sine */
    return finish(s, exact, e);
}

struct f80 f80_tan(struct f80 a, struct f80 *top, struct f80_env *e)
{
    struct fp_opnd x;
    struct wide s, c;
    struct f80 r;
    bool exact;

    *top = one;
    if (trig_special(a, &x, &r, e)) {
        *top = x.cls > FP_FINITE ? r : one;       /* a NaN is pushed over itself */
        return r;
    }
    exact = sin_cos(&x, &s, &c);
    return finish(div_wide(s, c), exact, e);
}

/* ---- angle ---- */

/* atan(n / d), 0 < n <= d, magnitudes only. */
static struct wide atan_ratio(const struct fp_opnd *n, const struct fp_opnd *d)
{
    struct wide nw = from_operand(n), dw = from_operand(d), t;
    int32_t gap = dw.e - nw.e;
    u128 nq, dq, k, a, u;
    bool neg;

    nw.sign = dw.sign = 0;
    t = div_wide(nw, dw);
    if (gap > 5 || t.e < -5) {
        u = to_q(&t);
        u = series(odd_coef, COUNT(odd_coef), mul_q(u, u), true) - 1;
        return mul_wide(t, from_q(u, 0));
    }
    k = (to_q(&t) + (Q_ONE >> 5)) >> 120;
    dq = (u128)d->m << 58;
    nq = (u128)n->m << (58 - gap);
    neg = 16 * nq < k * dq;
    t = div_wide(normal(neg ? k * dq - 16 * nq : 16 * nq - k * dq, 127, neg),
                 normal(16 * dq + k * nq, 127, 0));
    u = to_q(&t);
    a = mul_q(u, series(odd_coef, COUNT(odd_coef), mul_q(u, u), true));
    return from_q(neg ? q(atan_tab[k]) - a : q(atan_tab[k]) + a, 0);
}

/* eighths: the angle in units of pi/4, for zeros and infinities. */
static struct f80 exact_angle(unsigned eighths, unsigned sign, struct f80_env *e)
{
    if (!eighths) {
        return f80_zero(sign);
    }
    return finish(from_q(eighths * (q(pi) >> 2), sign), false, e);
}

static struct f80 angle(const struct fp_opnd *y, const struct fp_opnd *x, struct f80_env *e)
{
    bool steep = y->e > x->e || (y->e == x->e && y->m > x->m);
    struct wide t = steep ? atan_ratio(x, y) : atan_ratio(y, x);
    u128 base = steep ? q(pi) >> 1 : x->sign ? q(pi) : 0, v;

    if (base) {
        v = to_q(&t);
        t = from_q(steep && x->sign ? base + v : base - v, 0);
    }
    t.sign = y->sign;
    return finish(t, false, e);
}

struct f80 f80_patan(struct f80 b, struct f80 a, struct f80_env *e)
{
    struct fp_opnd y = f80_unpack(b), x = f80_unpack(a);
    struct f80 r;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if (f80_denormal(x.den || y.den, e)) {
        return b;
    }
    if (y.cls == FP_INF) {
        return exact_angle(x.cls != FP_INF ? 2 : x.sign ? 3 : 1, y.sign, e);
    }
    if (y.cls == FP_ZERO || x.cls == FP_INF) {
        return exact_angle(x.sign ? 4 : 0, y.sign, e);
    }
    if (x.cls == FP_ZERO) {
        return exact_angle(2, y.sign, e);
    }
    return angle(&y, &x, e);
}
