/* f80_conv.c - 80-bit numbers from and to integers, single, double and packed decimal.
 * Intel SDM volume 1, 8.1.2, 8.3.3 and 4.9.1. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/f80_priv.h"
#include "cpu-x86/f80_short.h"

#define BCD_LIMIT 1000000000000000000ull           /* 18 digits */

struct f80 f80_from_i64(int64_t v)
{
    uint64_t m = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    unsigned n;

    if (!m) {
        return f80_zero(0);
    }
    n = (unsigned)__builtin_clzll(m);
    return f80_make(v < 0, F80_BIAS + 63 - n, m << n);
}

/* A binary format with ebits of exponent and fbits of fraction, v's sign bit on top. */
static struct f80 widen(uint64_t v, unsigned ebits, unsigned fbits, bool *denormal)
{
    unsigned sign = v >> (ebits + fbits) & 1, emax = (1u << ebits) - 1, n;
    unsigned ex = v >> fbits & emax, bias = emax / 2;
    uint64_t m = v << (63 - fbits) & ~F80_INT;

    *denormal = !ex && m;
    if (ex == emax) {
        return f80_make(sign, 0x7fff, m | F80_INT);
    }
    if (ex) {
        return f80_make(sign, ex - bias + F80_BIAS, m | F80_INT);
    }
    if (!m) {
        return f80_zero(sign);
    }
    n = (unsigned)__builtin_clzll(m);
    return f80_make(sign, 1 - n - bias + F80_BIAS, m << n);
}

struct f80 f80_widen32(uint32_t v, bool *denormal)
{
    struct f80 r;

    *denormal = false;
    return f80_from_f32_short(&r, v) ? r : widen(v, 8, 23, denormal);
}

struct f80 f80_widen64(uint64_t v, bool *denormal)
{
    struct f80 r;

    *denormal = false;
    return f80_from_f64_short(&r, v) ? r : widen(v, 11, 52, denormal);
}

/* FLD: a signaling NaN is quieted and raises IE, a denormal raises DE. */
static struct f80 loaded(struct f80 a, bool denormal, struct f80_env *e)
{
    e->ex = denormal ? F80_DE : 0;
    if ((a.se & 0x7fff) == 0x7fff && a.m << 1 && !(a.m & F80_QUIET)) {
        e->ex = F80_IE;
        a.m |= F80_QUIET;
    }
    return a;
}

struct f80 f80_from_f32(uint32_t v, struct f80_env *e)
{
    bool denormal;
    struct f80 a = f80_widen32(v, &denormal);

    return loaded(a, denormal, e);
}

struct f80 f80_from_f64(uint64_t v, struct f80_env *e)
{
    bool denormal;
    struct f80 a = f80_widen64(v, &denormal);

    return loaded(a, denormal, e);
}

struct f80 f80_from_bcd(const uint8_t v[10])
{
    int64_t n = 0;
    struct f80 r;

    for (int i = 8; i >= 0; i--) {
        n = n * 100 + (v[i] >> 4) * 10 + (v[i] & 15);
    }
    r = f80_from_i64(n);
    r.se |= (uint16_t)((v[9] & 0x80) << 8);
    return r;
}

/* |a| as an integer by rc; false: a NaN, unsupported or too large, with nothing raised yet. */
static bool integral(struct f80 a, uint8_t rc, uint64_t *out, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a);
    struct fp_num v = { .hi = x.m, .sign = x.sign };

    *out = 0;
    if (x.cls == FP_ZERO) {
        return true;
    }
    if (x.cls != FP_FINITE || x.e > F80_BIAS + 63) {
        return false;
    }
    fp_shift_right(&v, (uint32_t)(F80_BIAS + 63 - x.e));
    e->ex |= fp_round_sig(&v, rc, 64);
    *out = v.hi;
    return true;
}

int64_t f80_to_int(struct f80 a, unsigned bits, bool truncate, struct f80_env *e)
{
    uint64_t m, limit = 1ull << (bits - 1);
    bool neg = a.se >> 15;
    int64_t v;

    if (f80_to_int_short(&v, &a, bits, truncate, e)) {
        return v;
    }
    e->ex = 0;
    if (!integral(a, truncate ? F80_RZ : (uint8_t)f80_rc(e), &m, e) || m > limit - !neg) {
        e->ex = F80_IE;
        return INT64_MIN >> (64 - bits);
    }
    return (int64_t)(neg ? 0 - m : m);
}

void f80_to_bcd(uint8_t v[10], struct f80 a, struct f80_env *e)
{
    uint64_t m;

    e->ex = 0;
    if (!integral(a, (uint8_t)f80_rc(e), &m, e) || m >= BCD_LIMIT) {
        e->ex = F80_IE;
        for (int i = 0; i < 10; i++) {
            v[i] = i < 7 ? 0 : i == 7 ? 0xc0 : 0xff;
        }
        return;
    }
    for (int i = 0; i < 9; i++) {
        v[i] = (uint8_t)(m / 10 % 10 << 4 | m % 10);
        m /= 100;
    }
    v[9] = a.se >> 8 & 0x80;
}

static uint64_t narrow(struct f80 a, unsigned ebits, unsigned fbits, struct f80_env *e)
{
    int32_t emax = (1 << ebits) - 1, bias = emax / 2;
    struct fp_rule rule = { .rc = (uint8_t)f80_rc(e), .prec = (uint8_t)(fbits + 1),
                            .emax = emax - 1, .wrap = 0,
                            .unmasked = (uint8_t)~e->cw & (F80_OE | F80_UE) };
    struct fp_opnd x = f80_unpack(a);
    struct fp_num v = { .hi = x.m, .e = x.e - F80_BIAS + bias, .sign = x.sign };
    uint64_t sign = (uint64_t)x.sign << (ebits + fbits), inf = (uint64_t)emax << fbits;

    e->ex = 0;
    switch (x.cls) {
    case FP_ZERO:
        return sign;
    case FP_INF:
        return sign | inf;
    case FP_FINITE:
        e->ex = fp_round(&v, &rule);
        if (f80_no_store(e)) {
            e->ex &= F80_OE | F80_UE;              /* the chip stops before it rounds */
        }
        return sign | (uint64_t)v.e << fbits | (v.hi & ~F80_INT) >> (63 - fbits);
    case FP_BAD:
        e->ex = F80_IE;
        return 1ull << (ebits + fbits) | inf | 1ull << (fbits - 1);
    default:
        e->ex = x.cls == FP_SNAN ? F80_IE : 0;
        return sign | inf | (x.m << 1 | F80_INT) >> (64 - fbits);
    }
}

uint32_t f80_to_f32(struct f80 a, struct f80_env *e)
{
    uint32_t v;

    return f80_to_f32_short(&v, &a, e) ? v : (uint32_t)narrow(a, 8, 23, e);
}

uint64_t f80_to_f64(struct f80 a, struct f80_env *e)
{
    uint64_t v;

    return f80_to_f64_short(&v, &a, e) ? v : narrow(a, 11, 52, e);
}
