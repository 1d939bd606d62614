/* f80.c - 80-bit operands taken apart, NaN selection, results rounded and packed.
 * Intel SDM volume 1, 4.8 and 8.2-8.5; unnormals and pseudo-NaNs are invalid as on the 387. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/f80_priv.h"

const struct f80 f80_indefinite = { .m = 0xc000000000000000, .se = 0xffff };

struct fp_opnd f80_unpack(struct f80 a)
{
    struct fp_opnd x = { .m = a.m, .e = a.se & 0x7fff, .sign = (uint8_t)(a.se >> 15),
                      .cls = FP_FINITE };

    if (x.e == 0) {
        if (!x.m) {
            x.cls = FP_ZERO;
        } else {
            unsigned n = (unsigned)__builtin_clzll(x.m);

            x.den = true;
            x.m <<= n;
            x.e = 1 - (int32_t)n;
        }
    } else if (!(x.m & F80_INT)) {
        x.cls = FP_BAD;
    } else if (x.e == 0x7fff && !(x.m << 1)) {
        x.cls = FP_INF;
    } else if (x.e == 0x7fff) {
        x.cls = x.m & F80_QUIET ? FP_QNAN : FP_SNAN;
    }
    return x;
}

struct f80 f80_invalid(struct f80_env *e)
{
    e->ex |= F80_IE;
    return f80_indefinite;
}

bool f80_denormal(bool den, struct f80_env *e)
{
    if (!den) {
        return false;
    }
    e->ex |= F80_DE;
    return !(e->cw & F80_DE);
}

bool f80_nan1(struct f80 a, const struct fp_opnd *x, struct f80 *r, struct f80_env *e)
{
    if (x->cls < FP_QNAN) {
        return false;
    }
    if (x->cls == FP_BAD) {
        *r = f80_invalid(e);
        return true;
    }
    e->ex |= x->cls == FP_SNAN ? F80_IE : 0;
    *r = a;
    r->m |= F80_QUIET;
    return true;
}

/* SNaN against QNaN gives the QNaN; else the larger significand, and of equal ones the positive. */
bool f80_nan2(struct f80 a, struct f80 b, const struct fp_opnd *x, const struct fp_opnd *y,
              struct f80 *r, struct f80_env *e)
{
    bool first;

    if (x->cls < FP_QNAN && y->cls < FP_QNAN) {
        return false;
    }
    if (x->cls == FP_BAD || y->cls == FP_BAD) {
        *r = f80_invalid(e);
        return true;
    }
    e->ex |= x->cls == FP_SNAN || y->cls == FP_SNAN ? F80_IE : 0;
    if (x->cls < FP_QNAN || y->cls < FP_QNAN) {
        first = x->cls >= FP_QNAN;
    } else if (x->cls != y->cls) {
        first = x->cls == FP_QNAN;
    } else {
        first = x->m != y->m ? x->m > y->m : !x->sign;
    }
    *r = first ? a : b;
    r->m |= F80_QUIET;
    return true;
}

static struct f80 finish(struct fp_num *v, uint8_t prec, struct f80_env *e)
{
    struct fp_rule r = { .rc = (uint8_t)f80_rc(e), .prec = prec, .emax = F80_EMAX,
                         .wrap = F80_WRAP,
                         .unmasked = (uint8_t)~e->cw & (F80_OE | F80_UE) };

    e->ex |= fp_round(v, &r);
    return f80_make(v->sign, (unsigned)v->e, v->hi);
}

struct f80 f80_finish(struct fp_num *v, struct f80_env *e)
{
    static const uint8_t prec[4] = { 24, 64, 53, 64 };   /* 01 is reserved; the chips use 64 */

    return finish(v, prec[e->cw >> 8 & 3], e);
}

struct f80 f80_finish64(struct fp_num *v, struct f80_env *e)
{
    return finish(v, 64, e);
}

uint16_t f80_xam(struct f80 a)
{
    static const uint16_t code[] = {
        [FP_ZERO] = F80_C3, [FP_FINITE] = F80_C2, [FP_INF] = F80_C2 | F80_C0,
        [FP_QNAN] = F80_C0, [FP_SNAN] = F80_C0, [FP_BAD] = 0,
    };
    struct fp_opnd x = f80_unpack(a);

    return (x.den ? F80_C3 | F80_C2 : code[x.cls]) | (x.sign ? F80_C1 : 0);
}

enum f80_rel f80_compare(struct f80 a, struct f80 b, bool quiet, struct f80_env *e)
{
    struct fp_opnd x = f80_unpack(a), y = f80_unpack(b);
    bool less;

    e->ex = 0;
    if (x.cls >= FP_QNAN || y.cls >= FP_QNAN) {
        if (!quiet || x.cls > FP_QNAN || y.cls > FP_QNAN) {
            e->ex = F80_IE;
        }
        return F80_UN;
    }
    f80_denormal(x.den || y.den, e);               /* the chip compares even if DE is unmasked */
    if (x.cls == FP_ZERO && y.cls == FP_ZERO) {
        return F80_EQ;
    }
    if (x.sign != y.sign) {
        return x.sign ? F80_LT : F80_GT;
    }
    if (x.cls == y.cls && x.e == y.e && x.m == y.m) {
        return F80_EQ;
    }
    /* The larger class, then exponent, then significand has the larger magnitude. */
    less = x.cls != y.cls ? x.cls < y.cls : x.e != y.e ? x.e < y.e : x.m < y.m;
    return less != x.sign ? F80_LT : F80_GT;
}
