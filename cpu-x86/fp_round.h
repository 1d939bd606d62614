/* fp_round.h - what x87 and SSE share: exact results of operands taken apart, and the one rounding
 * step, IEEE 754 with tininess after rounding. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_FP_ROUND_H
#define X86_FP_ROUND_H
#include "devmodel/base/vm_types.h"

__extension__ typedef unsigned __int128 u128;

/* A finite number on its way to a format: (-1)^sign * hi.lo * 2^(e - bias - 63). */
struct fp_num {
    uint64_t hi, lo;                 /* bit 63 of hi is set; the last bit of lo is sticky */
    int32_t e;                       /* biased for the target format, any value */
    uint8_t sign;
};

enum fp_class { FP_ZERO, FP_FINITE, FP_INF, FP_QNAN, FP_SNAN, FP_BAD /* unsupported */ };

struct fp_opnd {                     /* an operand taken apart; finite ones are normalized */
    uint64_t m;                      /* (-1)^sign * m * 2^(e - bias - 63) */
    int32_t e;
    uint8_t sign, cls;               /* enum fp_class */
    bool den;                        /* was a denormal */
};

/* Exact results of finite nonzero operands, or with a sticky last bit. The sum takes the signs as
 * they are; false: it is zero. */
bool fp_sum(struct fp_num *v, const struct fp_opnd *x, const struct fp_opnd *y);
void fp_product(struct fp_num *v, const struct fp_opnd *x, const struct fp_opnd *y, int32_t bias);
void fp_quotient(struct fp_num *v, const struct fp_opnd *x, const struct fp_opnd *y, int32_t bias);
void fp_root(struct fp_num *v, const struct fp_opnd *x, int32_t bias);

struct fp_rule {
    uint8_t rc;                      /* F80_RN .. F80_RZ */
    uint8_t prec;                    /* significand bits kept: 24, 53, 64 */
    uint8_t unmasked;                /* F80_OE, F80_UE: wrap the exponent instead */
    int32_t emax;                    /* largest biased exponent of a finite number */
    int32_t wrap;                    /* bias adjustment of unmasked overflow and underflow */
};

/* Rounds in place and returns F80_OE, UE, PE and C1. Afterwards hi is the significand (bit 63 clear
 * for a denormal or zero, whose e is 0) and e is emax + 1 for infinity. */
uint16_t fp_round(struct fp_num *v, const struct fp_rule *r);

/* Rounds hi to prec bits, ties and directions by rc; e grows by one on carry. Returns PE and C1. */
uint16_t fp_round_sig(struct fp_num *v, uint8_t rc, uint8_t prec);

/* (hi * 2^64 + lo) / d and its remainder, for hi < d and d with bit 63 set: two digits of 32 bits,
 * Knuth volume 2, 4.3.1 algorithm D. */
static inline uint64_t fp_div_128_64(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rem)
{
    uint64_t d1 = d >> 32, d0 = (uint32_t)d, q[2];

    for (int i = 0; i < 2; i++) {
        uint64_t t = hi / d1, r = hi - t * d1, p = t * d0, n = r << 32 | lo >> 32;

        if (p > n) {
            t--;
            n += d;
            if (n >= d && p > n) {
                t--;
                n += d;
            }
        }
        q[i] = t;
        hi = n - p;
        lo <<= 32;
    }
    *rem = hi;
    return (q[0] << 32) + q[1];
}

/* Moves hi.lo right by n >= 0 bits, keeping what falls off as the sticky last bit. */
static inline void fp_shift_right(struct fp_num *v, uint32_t n)
{
    u128 x = (u128)v->hi << 64 | v->lo;
    u128 y = n < 128 ? x >> n : 0;
    bool lost = n >= 128 ? x != 0 : (y << n) != x;

    v->hi = (uint64_t)(y >> 64);
    v->lo = (uint64_t)y | lost;
}
#endif
