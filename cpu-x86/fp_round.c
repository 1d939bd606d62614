/* fp_round.c - rounding to a format's precision and range: IEEE 754-1985 with the x87's choices,
 * tininess after rounding and exponents wrapped when overflow or underflow is not masked. */
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
