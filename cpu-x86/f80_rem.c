/* f80_rem.c - FPREM, FPREM1, FRNDINT, FSCALE, FXTRACT and the built-in constants.
 * Intel SDM volume 1, 8.3.7 and 8.3.4, and the pages of the instructions in volume 2. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/f80_priv.h"

static struct f80 whole(uint64_t m, int32_t ex, unsigned sign, struct f80_env *e)
{
    struct fp_num v = { .sign = (uint8_t)sign };
    unsigned n;

    if (!m) {
        return f80_zero(sign);
    }
    n = (unsigned)__builtin_clzll(m);
    v.hi = m << n;
    v.e = ex - (int32_t)n;
    return f80_finish64(&v, e);
}

static void quotient_bits(uint64_t q, struct f80_env *e)
{
    e->ex |= (q & 4 ? F80_C0 : 0) | (q & 2 ? F80_C3 : 0) | (q & 1 ? F80_C1 : 0);
}

/* Finite nonzero x and y, exponent difference d. Below 64 the remainder is complete; else the chip
 * takes off between 32 and 63 bits so that the next difference is a multiple of 32. */
static struct f80 reduce(const struct fp_opnd *x, const struct fp_opnd *y, bool nearest,
                         struct f80_env *e)
{
    int32_t d = x->e - y->e, step = d < 64 ? d : 32 + (d & 31);
    unsigned sign = x->sign;
    uint64_t q = 0, r;
    u128 n;

    if (d < -1 || (d < 0 && !nearest)) {
        return whole(x->m, x->e, sign, e);
    }
    if (d < 0) {                                   /* |y| / 4 < |x| < |y| */
        if (x->m <= y->m) {
            return whole(x->m, x->e, sign, e);
        }
        quotient_bits(1, e);
        n = ((u128)y->m << 1) - x->m;              /* below 2^64, for x->m > y->m >= 2^63 */
        return whole((uint64_t)n, x->e, !sign, e);
    }
    n = (u128)x->m << step;
    q = (uint64_t)(n / y->m);
    r = (uint64_t)(n - (u128)q * y->m);
    if (d >= 64) {
        e->ex |= F80_C2;
        return whole(r, y->e + d - step, sign, e);
    }
    if (nearest && (r > y->m - r || (r == y->m - r && q & 1))) {
        q++;
        r = y->m - r;
        sign ^= 1;
    }
    quotient_bits(q, e);
    return whole(r, y->e, r ? sign : x->sign, e);
}

static struct f80 prem(struct f80 a, struct f80 b, bool nearest, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    struct f80 r;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if (x.cls == FP_INF || y.cls == FP_ZERO) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e) || x.cls == FP_ZERO) {
        return a;
    }
    if (y.cls == FP_INF) {
        return x.den && a.m & F80_INT ? f80_make(x.sign, 1, a.m) : a;
    }
    return reduce(&x, &y, nearest, e);
}

struct f80 f80_prem(struct f80 a, struct f80 b, struct f80_env *e)
{
    return prem(a, b, false, e);
}

struct f80 f80_prem1(struct f80 a, struct f80 b, struct f80_env *e)
{
    return prem(a, b, true, e);
}

struct f80 f80_rndint(struct f80 a, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a);
    struct fp_num v = { .hi = x.m, .sign = x.sign };
    struct f80 r;

    e->ex = 0;
    if (f80_nan1(a, &x, &r, e)) {
        return r;
    }
    if (f80_denormal(x.den, e) || x.cls != FP_FINITE || x.e >= F80_BIAS + 63) {
        return a;
    }
    fp_shift_right(&v, (uint32_t)(F80_BIAS + 63 - x.e));
    e->ex |= fp_round_sig(&v, (uint8_t)f80_rc(e), 64);
    return whole(v.hi, F80_BIAS + 63, x.sign, e);
}

/* trunc(y) cut to a range in which every result overflows or underflows far beyond wrapping. */
static int32_t scale_count(const struct fp_opnd *y)
{
    int32_t k = y->e - F80_BIAS, n;

    if (y->cls == FP_ZERO || k < 0) {
        return 0;
    }
    n = k > 16 ? 0x20000 : (int32_t)(y->m >> (63 - k));
    return y->sign ? -n : n;
}

/* Where even the wrapped exponent would be out of range the chip gives infinity or zero. */
static struct f80 scale_finite(const struct fp_opnd *x, int32_t n, struct f80_env *e)
{
    struct fp_num v = { .hi = x->m, .e = x->e + n, .sign = x->sign };

    if (v.e > F80_EMAX + F80_WRAP && !(e->cw & F80_OE)) {
        e->ex |= F80_OE | F80_PE | F80_C1;
        return f80_inf(x->sign);
    }
    if (v.e < 1 - F80_WRAP && !(e->cw & F80_UE)) {
        e->ex |= F80_UE | F80_PE;
        return f80_zero(x->sign);
    }
    return f80_finish64(&v, e);
}

struct f80 f80_scale(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    struct f80 r;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if (y.cls == FP_INF && x.cls == (y.sign ? FP_INF : FP_ZERO)) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e) || x.cls != FP_FINITE) {
        return a;
    }
    if (y.cls == FP_INF) {
        return y.sign ? f80_zero(x.sign) : f80_inf(x.sign);
    }
    if (y.cls == FP_ZERO) {                        /* the chip does nothing: no underflow, either */
        a.se |= x.den && a.m >> 63;                /* but a pseudo-denormal gets its exponent */
        return a;
    }
    return scale_finite(&x, scale_count(&y), e);
}

struct f80 f80_xtract(struct f80 a, struct f80 *sig, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a);
    struct f80 r;

    e->ex = 0;
    *sig = a;
    if (f80_nan1(a, &x, &r, e)) {
        *sig = r;
        return r;
    }
    if (x.cls == FP_INF) {
        return f80_inf(0);
    }
    if (x.cls == FP_ZERO) {
        e->ex |= F80_ZE;
        return f80_inf(1);
    }
    if (f80_denormal(x.den, e)) {
        return a;
    }
    *sig = f80_make(x.sign, F80_BIAS, x.m);
    return f80_from_i64(x.e - F80_BIAS);
}

struct f80 f80_const(unsigned which, const struct f80_env *e)
{
    static const struct fp_num k[8] = {            /* 128 bits of each */
        { .hi = F80_INT, .e = F80_BIAS },                                              /* 1 */
        { .hi = 0xd49a784bcd1b8afe, .lo = 0x492bf6ff4dafdb4c, .e = F80_BIAS + 1 },     /* log2 10 */
        { .hi = 0xb8aa3b295c17f0bb, .lo = 0xbe87fed0691d3e89, .e = F80_BIAS },         /* log2 e */
        { .hi = 0xc90fdaa22168c234, .lo = 0xc4c6628b80dc1cd1, .e = F80_BIAS + 1 },     /* pi */
        { .hi = 0x9a209a84fbcff798, .lo = 0x8f8959ac0b7c9178, .e = F80_BIAS - 2 },     /* log10 2 */
        { .hi = 0xb17217f7d1cf79ab, .lo = 0xc9e3b39803f2f6af, .e = F80_BIAS - 1 },     /* ln 2 */
    };
    struct fp_num v = k[which & 7];

    if (!v.hi) {
        return f80_zero(0);
    }
    fp_round_sig(&v, (uint8_t)f80_rc(e), 64);
    return f80_make(0, (unsigned)v.e, v.hi);
}
