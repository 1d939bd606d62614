/* f80_priv.h - what the f80 files share: operands taken apart, NaN rules, results put together. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_F80_PRIV_H
#define X86_F80_PRIV_H
#include "cpu-x86/f80.h"
#include "cpu-x86/fp_round.h"

#define F80_INT     (1ull << 63)     /* the integer bit */
#define F80_QUIET   (1ull << 62)     /* set in a quiet NaN */
#define F80_BIAS    16383
#define F80_EMAX    0x7ffe
#define F80_WRAP    24576

struct fp_opnd f80_unpack(struct f80 a);

/* Handles NaNs and unsupported encodings: true when *r is the answer. */
bool f80_nan1(struct f80 a, const struct fp_opnd *x, struct f80 *r, struct f80_env *e);
bool f80_nan2(struct f80 a, struct f80 b, const struct fp_opnd *x, const struct fp_opnd *y,
              struct f80 *r, struct f80_env *e);

struct f80 f80_invalid(struct f80_env *e);          /* raises IE; the indefinite */
/* Raises DE when an operand is denormal; true when DE is unmasked and the operation ends here. */
bool f80_denormal(bool den, struct f80_env *e);

/* Rounds to PC bits (f80_finish) or to 64 bits (f80_finish64), raising what that raises. */
struct f80 f80_finish(struct fp_num *v, struct f80_env *e);
struct f80 f80_finish64(struct fp_num *v, struct f80_env *e);

static inline struct f80 f80_make(unsigned sign, unsigned e, uint64_t m)
{
    return (struct f80){ .m = m, .se = (uint16_t)(sign << 15 | e) };
}

static inline struct f80 f80_zero(unsigned sign)
{
    return f80_make(sign, 0, 0);
}

static inline struct f80 f80_inf(unsigned sign)
{
    return f80_make(sign, 0x7fff, F80_INT);
}

static inline unsigned f80_rc(const struct f80_env *e)
{
    return e->cw >> 10 & 3;
}
#endif
