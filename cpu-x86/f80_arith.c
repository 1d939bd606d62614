/* f80_arith.c - FADD, FSUB, FMUL, FDIV, FSQRT of any operands in any mode.
 * Intel SDM volume 1, 8.3.5 and 8.5; exception priority is 4.9.2. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/f80_priv.h"
#include "cpu-x86/f80_short.h"

static struct f80 add_general(struct f80 a, struct f80 b, bool negate, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    struct fp_num v;
    struct f80 r;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    y.sign ^= negate;
    if (x.cls == FP_INF && y.cls == FP_INF && x.sign != y.sign) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return a;
    }
    if (x.cls == FP_INF || y.cls == FP_INF) {
        return f80_inf(x.cls == FP_INF ? x.sign : y.sign);
    }
    if (x.cls == FP_ZERO && y.cls == FP_ZERO) {
        return f80_zero(x.sign == y.sign ? x.sign : f80_rc(e) == F80_RD);
    }
    if (x.cls == FP_ZERO || y.cls == FP_ZERO) {
        const struct fp_opnd *z = x.cls == FP_ZERO ? &y : &x;

        v = (struct fp_num){ .hi = z->m, .e = z->e, .sign = z->sign };
        return f80_finish(&v, e);
    }
    return fp_sum(&v, &x, &y) ? f80_finish(&v, e) : f80_zero(f80_rc(e) == F80_RD);
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
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    struct fp_num v;
    struct f80 r;
    unsigned sign = x.sign ^ y.sign;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if ((x.cls == FP_INF && y.cls == FP_ZERO) || (x.cls == FP_ZERO && y.cls == FP_INF)) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return a;
    }
    if (x.cls == FP_INF || y.cls == FP_INF) {
        return f80_inf(sign);
    }
    if (x.cls == FP_ZERO || y.cls == FP_ZERO) {
        return f80_zero(sign);
    }
    fp_product(&v, &x, &y, F80_BIAS);
    return f80_finish(&v, e);
}

struct f80 f80_mul(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80 r;

    return f80_mul_short(&r, &a, &b, e) ? r : mul_general(a, b, e);
}

static struct f80 div_general(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    struct fp_num v;
    struct f80 r;
    unsigned sign = x.sign ^ y.sign;

    e->ex = 0;
    if (f80_nan2(a, b, &x, &y, &r, e)) {
        return r;
    }
    if (x.cls == y.cls && (x.cls == FP_INF || x.cls == FP_ZERO)) {
        return f80_invalid(e);
    }
    if (x.cls == FP_FINITE && y.cls == FP_ZERO) {
        e->ex |= F80_ZE;                           /* comes before DE, which is then not raised */
        return f80_inf(sign);
    }
    if (f80_denormal(x.den || y.den, e)) {
        return a;
    }
    if (x.cls == FP_INF || y.cls == FP_ZERO) {
        return f80_inf(sign);
    }
    if (x.cls == FP_ZERO || y.cls == FP_INF) {
        return f80_zero(sign);
    }
    fp_quotient(&v, &x, &y, F80_BIAS);
    return f80_finish(&v, e);
}

struct f80 f80_div(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct f80 r;

    return f80_div_short(&r, &a, &b, e) ? r : div_general(a, b, e);
}

struct f80 f80_sqrt(struct f80 a, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a);
    struct fp_num v;
    struct f80 r;

    e->ex = 0;
    if (f80_nan1(a, &x, &r, e)) {
        return r;
    }
    if (x.cls == FP_ZERO) {
        return a;
    }
    if (x.sign) {
        return f80_invalid(e);
    }
    if (f80_denormal(x.den, e) || x.cls == FP_INF) {
        return a;
    }
    fp_root(&v, &x, F80_BIAS);
    return f80_finish(&v, e);
}
