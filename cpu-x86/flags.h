/* flags.h - lazy flags to bits: what each enum flag_op means, said once. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_FLAGS_H
#define X86_FLAGS_H
#include "cpu-x86/state.h"

/* All six arithmetic flags as EFLAGS bits; leaves the lazy form alone. */
uint32_t x86_arith_flags(const struct x86_cpu *c);

/* Any of the 16 conditions of Jcc, SDM vol. 2 appendix B. */
bool x86_cond(const struct x86_cpu *c, unsigned cc);

/* CF as 0 or 1. cop is one of four; a and b are zero-extended from cosz bytes. */
static inline uint32_t x86_cf(const struct x86_cpu *c)
{
    uint32_t a = (uint32_t)c->lf.a, b = (uint32_t)c->lf.b;
    unsigned shift = 32 - 8 * c->lf.cosz;

    if (c->lf.cop == LF_CF)
        return c->lf.cf;
    if (c->lf.cop == LF_SUB)
        return a < b;
    return c->lf.cop == LF_ADD && (uint32_t)((a + b) << shift) < (uint32_t)(a << shift);
}

static inline void x86_set_cf(struct x86_cpu *c, uint32_t cf)
{
    c->lf.cf = cf;
    c->lf.cop = LF_CF;
}

/* The whole register as PUSHF and the debugger see it. */
static inline uint32_t x86_eflags(const struct x86_cpu *c)
{
    return (c->eflags & ~FL_ARITH) | x86_arith_flags(c) | FL_FIXED;
}

/* Replaces the arithmetic flags by bits; the rest of eflags stays. */
static inline void x86_set_arith(struct x86_cpu *c, uint32_t bits)
{
    c->eflags = (c->eflags & ~FL_ARITH) | (bits & FL_ARITH);
    c->lf.op = LF_EFLAGS;
    x86_set_cf(c, bits & FL_CF);
}

/* Replaces all of EFLAGS. The caller has merged what may not change, and calls
 * x86_update_mode() when TF, VM or IF may have. */
static inline void x86_set_eflags(struct x86_cpu *c, uint32_t v)
{
    c->eflags = v;
    x86_set_arith(c, v);
}
#endif
