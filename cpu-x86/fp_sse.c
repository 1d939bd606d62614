/* fp_sse.c - SSE and SSE2 arithmetic by integers: Intel SDM volume 1, 11.5 (exceptions, DAZ, FTZ)
 * and table 4-7 (NaNs). RCP and RSQRT are our own approximations: no chip documents its table. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/fp_sse.h"
#include "cpu-x86/f80_short.h"
#include "cpu-x86/fp_round.h"

#define INLINE static inline __attribute__((always_inline))

struct fmt {                         /* bits of exponent and fraction */
    uint8_t ebits, fbits;
};
static const struct fmt f32 = { 8, 23 }, f64 = { 11, 52 };

_Static_assert((int)SSE_IE == F80_IE && (int)SSE_PE == F80_PE, "one set of flags");

/* ---- operands and results ---- */

static int32_t emax_of(struct fmt f) { return (1 << f.ebits) - 1; }
static int32_t bias_of(struct fmt f) { return emax_of(f) / 2; }
static uint64_t sign_of(struct fmt f, uint64_t sign) { return sign << (f.ebits + f.fbits); }
static uint64_t inf_of(struct fmt f) { return (uint64_t)emax_of(f) << f.fbits; }
static uint64_t quiet_of(struct fmt f) { return 1ull << (f.fbits - 1); }
static uint8_t rc_of(const struct sse_env *e) { return e->mxcsr >> 13 & 3; }

static uint64_t indefinite(struct fmt f, struct sse_env *e)
{
    e->ex |= SSE_IE;
    return sign_of(f, 1) | inf_of(f) | quiet_of(f);
}

static struct fp_opnd unpack(struct fmt f, uint64_t v, const struct sse_env *e)
{
    struct fp_opnd x = { .m = v << (63 - f.fbits) & ~(1ull << 63), .cls = FP_FINITE,
                         .e = (int32_t)(v >> f.fbits) & emax_of(f),
                         .sign = v >> (f.ebits + f.fbits) & 1 };

    if (x.e == emax_of(f)) {
        x.cls = !x.m ? FP_INF : v & quiet_of(f) ? FP_QNAN : FP_SNAN;
    } else if (x.e) {
        x.m |= 1ull << 63;
    } else if (!x.m || e->mxcsr & SSE_DAZ) {
        x.cls = FP_ZERO;
    } else {
        unsigned n = (unsigned)__builtin_clzll(x.m);

        x.den = true;
        x.m <<= n;
        x.e = 1 - (int32_t)n;
    }
    return x;
}

static uint64_t pack(struct fmt f, const struct fp_num *v)
{
    return sign_of(f, v->sign) | (uint64_t)v->e << f.fbits | (v->hi << 1) >> (64 - f.fbits);
}

/* Rounds and packs. Flush to zero takes every tiny result, exact or not, while UE is masked. */
static uint64_t finish(struct fmt f, struct fp_num *v, struct sse_env *e)
{
    struct fp_rule r = { .rc = rc_of(e), .prec = (uint8_t)(f.fbits + 1), .emax = emax_of(f) - 1,
                         .unmasked = (uint8_t)(~(e->mxcsr >> 7) & (SSE_OE | SSE_UE)) };
    struct fp_num tiny = *v;

    if (e->mxcsr & SSE_FTZ && !(r.unmasked & SSE_UE)) {
        fp_round_sig(&tiny, r.rc, r.prec);
        if (tiny.e < 1) {
            e->ex |= SSE_UE | SSE_PE;
            return sign_of(f, v->sign);
        }
    }
    e->ex |= fp_round(v, &r) & SSE_FLAGS;
    return pack(f, v);
}

/* DE, unless something before it was raised that ends the operation: true then, too. */
static bool stop(bool denormal, struct sse_env *e)
{
    if (denormal)
        e->ex |= SSE_DE;
    return e->ex & ~(e->mxcsr >> 7) & (SSE_IE | SSE_DE | SSE_ZE);
}

static bool is_nan(const struct fp_opnd *x) { return x->cls >= FP_QNAN; }

/* The first operand if it is a NaN, else the second, made quiet. */
static bool nan2(struct fmt f, uint64_t a, uint64_t b, const struct fp_opnd *x,
                 const struct fp_opnd *y, uint64_t *r, struct sse_env *e)
{
    if (!is_nan(x) && !is_nan(y))
        return false;
    if (x->cls == FP_SNAN || y->cls == FP_SNAN)
        e->ex |= SSE_IE;
    *r = (is_nan(x) ? a : b) | quiet_of(f);
    return true;
}

/* ---- arithmetic in any format ---- */

static uint64_t add(struct fmt f, uint64_t a, uint64_t b, bool negate, struct sse_env *e)
{
    struct fp_opnd x = unpack(f, a, e), y = unpack(f, b, e);
    struct fp_num v;
    uint64_t r;

    if (nan2(f, a, b, &x, &y, &r, e))
        return r;
    y.sign ^= negate;
    if (x.cls == FP_INF && y.cls == FP_INF && x.sign != y.sign)
        return indefinite(f, e);
    if (stop(x.den || y.den, e))
        return a;
    if (x.cls == FP_INF || y.cls == FP_INF)
        return sign_of(f, x.cls == FP_INF ? x.sign : y.sign) | inf_of(f);
    if (x.cls == FP_ZERO && y.cls == FP_ZERO)
        return sign_of(f, x.sign == y.sign ? x.sign : rc_of(e) == F80_RD);
    if (x.cls == FP_ZERO || y.cls == FP_ZERO) {
        const struct fp_opnd *z = x.cls == FP_ZERO ? &y : &x;

        v = (struct fp_num){ .hi = z->m, .e = z->e, .sign = z->sign };
        return finish(f, &v, e);
    }
    return fp_sum(&v, &x, &y) ? finish(f, &v, e) : sign_of(f, rc_of(e) == F80_RD);
}

static uint64_t mul(struct fmt f, uint64_t a, uint64_t b, struct sse_env *e)
{
    struct fp_opnd x = unpack(f, a, e), y = unpack(f, b, e);
    unsigned sign = x.sign ^ y.sign;
    struct fp_num v;
    uint64_t r;

    if (nan2(f, a, b, &x, &y, &r, e))
        return r;
    if ((x.cls == FP_INF && y.cls == FP_ZERO) || (x.cls == FP_ZERO && y.cls == FP_INF))
        return indefinite(f, e);
    if (stop(x.den || y.den, e))
        return a;
    if (x.cls == FP_INF || y.cls == FP_INF)
        return sign_of(f, sign) | inf_of(f);
    if (x.cls == FP_ZERO || y.cls == FP_ZERO)
        return sign_of(f, sign);
    fp_product(&v, &x, &y, bias_of(f));
    return finish(f, &v, e);
}

static uint64_t div(struct fmt f, uint64_t a, uint64_t b, struct sse_env *e)
{
    struct fp_opnd x = unpack(f, a, e), y = unpack(f, b, e);
    unsigned sign = x.sign ^ y.sign;
    struct fp_num v;
    uint64_t r;

    if (nan2(f, a, b, &x, &y, &r, e))
        return r;
    if (x.cls == y.cls && (x.cls == FP_INF || x.cls == FP_ZERO))
        return indefinite(f, e);
    if (x.cls == FP_FINITE && y.cls == FP_ZERO) {
        e->ex |= SSE_ZE;
        return sign_of(f, sign) | inf_of(f);
    }
    if (stop(x.den || y.den, e))
        return a;
    if (x.cls == FP_INF || y.cls == FP_ZERO)
        return sign_of(f, sign) | inf_of(f);
    if (x.cls == FP_ZERO || y.cls == FP_INF)
        return sign_of(f, sign);
    fp_quotient(&v, &x, &y, bias_of(f));
    return finish(f, &v, e);
}

static uint64_t root(struct fmt f, uint64_t b, struct sse_env *e)
{
    struct fp_opnd x = unpack(f, b, e);
    struct fp_num v;
    uint64_t r;

    if (nan2(f, b, b, &x, &x, &r, e))
        return r;
    if (x.cls == FP_ZERO)
        return sign_of(f, x.sign);
    if (x.sign)
        return indefinite(f, e);
    if (stop(x.den, e) || x.cls == FP_INF)
        return b;
    fp_root(&v, &x, bias_of(f));
    return finish(f, &v, e);
}

/* ---- the short way for normal numbers, rounded to nearest, through the x87's ---- */

enum op { OP_ADD, OP_SUB, OP_MUL, OP_DIV };

INLINE bool short_op(enum op op, struct f80 *r, const struct f80 *x, const struct f80 *y,
                     struct f80_env *k)
{
    switch (op) {
    case OP_ADD: return f80_add_short(r, x, y, 0, k);
    case OP_SUB: return f80_add_short(r, x, y, 0x8000, k);
    case OP_MUL: return f80_mul_short(r, x, y, k);
    default:     return f80_div_short(r, x, y, k);
    }
}

static uint64_t long_op(enum op op, struct fmt f, uint64_t a, uint64_t b, struct sse_env *e)
{
    switch (op) {
    case OP_ADD: return add(f, a, b, false, e);
    case OP_SUB: return add(f, a, b, true, e);
    case OP_MUL: return mul(f, a, b, e);
    default:     return div(f, a, b, e);
    }
}

/* 53 bits is what a double holds, and more than twice what a single holds plus two, so that the
 * second rounding to single changes nothing. */
enum { NEAREST_53 = 0x23f };

INLINE uint64_t arith64(enum op op, uint64_t a, uint64_t b, struct sse_env *e)
{
    struct f80_env k = { .cw = NEAREST_53, .ex = 0 }, k2 = k;
    struct f80 x, y, r;
    uint64_t v;

    if (!(e->mxcsr & SSE_RC) && f80_from_f64_short(&x, a) && f80_from_f64_short(&y, b) &&
        short_op(op, &r, &x, &y, &k) && f80_to_f64_short(&v, &r, &k2)) {
        e->ex |= k.ex & SSE_PE;
        return v;
    }
    return long_op(op, f64, a, b, e);
}

INLINE uint32_t arith32(enum op op, uint32_t a, uint32_t b, struct sse_env *e)
{
    struct f80_env k = { .cw = NEAREST_53, .ex = 0 }, k2 = k;
    struct f80 x, y, r;
    uint32_t v;

    if (!(e->mxcsr & SSE_RC) && f80_from_f32_short(&x, a) && f80_from_f32_short(&y, b) &&
        short_op(op, &r, &x, &y, &k) && f80_to_f32_short(&v, &r, &k2)) {
        e->ex |= (k.ex | k2.ex) & SSE_PE;
        return v;
    }
    return (uint32_t)long_op(op, f32, a, b, e);
}

uint32_t sse_add32(uint32_t a, uint32_t b, struct sse_env *e) { return arith32(OP_ADD, a, b, e); }
uint32_t sse_sub32(uint32_t a, uint32_t b, struct sse_env *e) { return arith32(OP_SUB, a, b, e); }
uint32_t sse_mul32(uint32_t a, uint32_t b, struct sse_env *e) { return arith32(OP_MUL, a, b, e); }
uint32_t sse_div32(uint32_t a, uint32_t b, struct sse_env *e) { return arith32(OP_DIV, a, b, e); }
uint64_t sse_add64(uint64_t a, uint64_t b, struct sse_env *e) { return arith64(OP_ADD, a, b, e); }
uint64_t sse_sub64(uint64_t a, uint64_t b, struct sse_env *e) { return arith64(OP_SUB, a, b, e); }
uint64_t sse_mul64(uint64_t a, uint64_t b, struct sse_env *e) { return arith64(OP_MUL, a, b, e); }
uint64_t sse_div64(uint64_t a, uint64_t b, struct sse_env *e) { return arith64(OP_DIV, a, b, e); }
uint32_t sse_sqrt32(uint32_t b, struct sse_env *e) { return (uint32_t)root(f32, b, e); }
uint64_t sse_sqrt64(uint64_t b, struct sse_env *e) { return root(f64, b, e); }

/* ---- compares ---- */

enum rel { LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8 };

/* quiet: a quiet NaN raises nothing. */
static enum rel compare(const struct fp_opnd *x, const struct fp_opnd *y, bool quiet,
                        struct sse_env *e)
{
    bool less;

    if (is_nan(x) || is_nan(y)) {
        if (!quiet || x->cls == FP_SNAN || y->cls == FP_SNAN)
            e->ex |= SSE_IE;
        return UNORDERED;
    }
    if (x->den || y->den)
        e->ex |= SSE_DE;
    if (x->cls == FP_ZERO && y->cls == FP_ZERO)
        return EQUAL;
    if (x->sign != y->sign)
        return x->sign ? LESS : GREATER;
    if (x->cls == y->cls && x->e == y->e && x->m == y->m)
        return EQUAL;
    less = x->cls != y->cls ? x->cls < y->cls : x->e != y->e ? x->e < y->e : x->m < y->m;
    return less != x->sign ? LESS : GREATER;
}

static bool cmp(struct fmt f, uint64_t a, uint64_t b, unsigned predicate, struct sse_env *e)
{
    static const uint8_t holds[4] = { EQUAL, LESS, LESS | EQUAL, UNORDERED };
    struct fp_opnd x = unpack(f, a, e), y = unpack(f, b, e);
    unsigned base = predicate & 3;
    bool yes = compare(&x, &y, base == 0 || base == 3, e) & holds[base];

    return predicate & 4 ? !yes : yes;
}

bool sse_cmp32(uint32_t a, uint32_t b, unsigned predicate, struct sse_env *e)
{
    return cmp(f32, a, b, predicate, e);
}

bool sse_cmp64(uint64_t a, uint64_t b, unsigned predicate, struct sse_env *e)
{
    return cmp(f64, a, b, predicate, e);
}

static uint32_t comi(struct fmt f, uint64_t a, uint64_t b, bool quiet, struct sse_env *e)
{
    struct fp_opnd x = unpack(f, a, e), y = unpack(f, b, e);

    switch (compare(&x, &y, quiet, e)) {
    case LESS:    return 1;
    case EQUAL:   return 0x40;
    case GREATER: return 0;
    default:      return 0x45;
    }
}

uint32_t sse_comi32(uint32_t a, uint32_t b, bool quiet, struct sse_env *e)
{
    return comi(f32, a, b, quiet, e);
}

uint32_t sse_comi64(uint64_t a, uint64_t b, bool quiet, struct sse_env *e)
{
    return comi(f64, a, b, quiet, e);
}

/* The second operand comes back as it is, even a signaling NaN. */
static uint64_t choose(struct fmt f, uint64_t a, uint64_t b, enum rel first, struct sse_env *e)
{
    struct fp_opnd x = unpack(f, a, e), y = unpack(f, b, e), *z;

    z = compare(&x, &y, false, e) == first ? &x : &y;
    return z->cls == FP_ZERO ? sign_of(f, z->sign) : z == &x ? a : b;
}

uint32_t sse_min32(uint32_t a, uint32_t b, struct sse_env *e)
{
    return (uint32_t)choose(f32, a, b, LESS, e);
}

uint32_t sse_max32(uint32_t a, uint32_t b, struct sse_env *e)
{
    return (uint32_t)choose(f32, a, b, GREATER, e);
}

uint64_t sse_min64(uint64_t a, uint64_t b, struct sse_env *e)
{
    return choose(f64, a, b, LESS, e);
}

uint64_t sse_max64(uint64_t a, uint64_t b, struct sse_env *e)
{
    return choose(f64, a, b, GREATER, e);
}

/* ---- conversions ---- */

static uint64_t convert(struct fmt to, struct fmt from, uint64_t b, struct sse_env *e)
{
    struct fp_opnd x = unpack(from, b, e);
    struct fp_num v = { .hi = x.m, .e = x.e - bias_of(from) + bias_of(to), .sign = x.sign };
    uint64_t sign = sign_of(to, x.sign);

    if (is_nan(&x)) {
        e->ex |= x.cls == FP_SNAN ? SSE_IE : 0;
        return sign | inf_of(to) | quiet_of(to) | x.m >> (63 - to.fbits);
    }
    if (x.cls == FP_INF)
        return sign | inf_of(to);
    if (x.cls == FP_ZERO || stop(x.den, e))
        return sign;
    return finish(to, &v, e);
}

uint64_t sse_f32_to_f64(uint32_t b, struct sse_env *e)
{
    return convert(f64, f32, b, e);
}

uint32_t sse_f64_to_f32(uint64_t b, struct sse_env *e)
{
    return (uint32_t)convert(f32, f64, b, e);
}

static int64_t to_int(struct fmt f, uint64_t b, unsigned bits, bool truncate, struct sse_env *e)
{
    struct fp_opnd x = unpack(f, b, e);
    struct fp_num v = { .hi = x.m, .sign = x.sign };
    int32_t k = x.e - bias_of(f);
    uint64_t limit = (1ull << (bits - 1)) - !x.sign;
    uint16_t ex;

    if (x.cls == FP_ZERO)
        return 0;
    if (x.cls == FP_FINITE && k <= 63) {
        fp_shift_right(&v, (uint32_t)(63 - k));
        ex = fp_round_sig(&v, truncate ? F80_RZ : rc_of(e), 64);
        if (v.hi <= limit) {
            e->ex |= ex & SSE_PE;
            return (int64_t)(x.sign ? 0 - v.hi : v.hi);
        }
    }
    e->ex |= SSE_IE;
    return INT64_MIN >> (64 - bits);
}

int64_t sse_f32_to_int(uint32_t b, unsigned bits, bool truncate, struct sse_env *e)
{
    return to_int(f32, b, bits, truncate, e);
}

int64_t sse_f64_to_int(uint64_t b, unsigned bits, bool truncate, struct sse_env *e)
{
    return to_int(f64, b, bits, truncate, e);
}

static uint64_t from_int(struct fmt f, int64_t b, struct sse_env *e)
{
    struct fp_num v = { .hi = b < 0 ? 0 - (uint64_t)b : (uint64_t)b, .sign = b < 0 };
    unsigned n;

    if (!b)
        return 0;
    n = (unsigned)__builtin_clzll(v.hi);
    v.hi <<= n;
    v.e = bias_of(f) + 63 - (int32_t)n;
    return finish(f, &v, e);
}

uint32_t sse_int_to_f32(int64_t b, struct sse_env *e)
{
    return (uint32_t)from_int(f32, b, e);
}

uint64_t sse_int_to_f64(int64_t b, struct sse_env *e)
{
    return from_int(f64, b, e);
}

/* ---- approximations ---- */

/* Denormals count as zero, tiny results are zero (the chips: from the reciprocal of 2^126 on), the
 * rest is rounded to 12 bits. */
enum { RCP_TINY = 0x7e800000 };

static uint32_t approximate(uint32_t b, bool reciprocal_root)
{
    struct sse_env e = { .mxcsr = SSE_INIT | SSE_DAZ | SSE_FTZ, .ex = 0 };
    struct fp_opnd x = unpack(f32, b, &e), one = { .m = 1ull << 63, .e = bias_of(f32) };
    struct fp_num v;

    if (is_nan(&x))
        return b | (uint32_t)quiet_of(f32);
    if (x.cls == FP_ZERO)
        return (uint32_t)(sign_of(f32, x.sign) | inf_of(f32));
    if (reciprocal_root && x.sign)
        return (uint32_t)indefinite(f32, &e);
    if (x.cls == FP_INF || (!reciprocal_root && (b & 0x7fffffff) >= RCP_TINY))
        return (uint32_t)sign_of(f32, x.sign);
    if (reciprocal_root) {
        fp_root(&v, &x, bias_of(f32));
        x = (struct fp_opnd){ .m = v.hi, .e = v.e };
    }
    fp_quotient(&v, &one, &x, bias_of(f32));
    fp_round_sig(&v, F80_RN, 12);
    return (uint32_t)finish(f32, &v, &e);
}

uint32_t sse_rcp32(uint32_t b)
{
    return approximate(b, false);
}

uint32_t sse_rsqrt32(uint32_t b)
{
    return approximate(b, true);
}
