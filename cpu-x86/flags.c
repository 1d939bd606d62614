/* flags.c - the meaning of each enum flag_op, bit by bit. SDM vol. 1 3.4.3.1. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/flags.h"

static uint64_t cut(uint64_t v, unsigned size)
{
    return size == 8 ? v : v & ((UINT64_C(1) << 8 * size) - 1);
}

static bool top(uint64_t v, unsigned size) { return v >> (8 * size - 1) & 1; }

static bool overflow(const struct x86_cpu *c)
{
    const struct lazy_flags *f = &c->lf;
    uint64_t min = UINT64_C(1) << (8 * f->osz - 1);

    switch ((enum flag_op)f->op) {
    case LF_ADD: case LF_ADC:
        return top((f->a ^ f->res) & (f->b ^ f->res), f->osz);
    case LF_SUB: case LF_SBB:
        return top((f->a ^ f->b) & (f->a ^ f->res), f->osz);
    case LF_INC: return cut(f->res, f->osz) == min;
    case LF_DEC: return cut(f->res, f->osz) == min - 1;
    case LF_SHL: return top(f->res, f->osz) ^ (f->b & 1);
    case LF_SHR: return top(f->a, f->osz);
    case LF_MUL: return f->a != 0;
    case LF_EFLAGS: return c->eflags & FL_OF;
    case LF_LOGIC: case LF_SAR: case LF_CF: return false;
    }
    return false;
}

static bool adjust(const struct x86_cpu *c)
{
    const struct lazy_flags *f = &c->lf;

    switch ((enum flag_op)f->op) {
    case LF_ADD: case LF_ADC: case LF_SUB: case LF_SBB: return (f->a ^ f->b ^ f->res) & 0x10;
    case LF_INC: return (f->res & 15) == 0;
    case LF_DEC: return (f->res & 15) == 15;
    case LF_EFLAGS: return c->eflags & FL_AF;
    case LF_LOGIC: case LF_SHL: case LF_SHR: case LF_SAR: case LF_MUL: case LF_CF: return false;
    }
    return false;
}

uint32_t x86_arith_flags(const struct x86_cpu *c)
{
    const struct lazy_flags *f = &c->lf;
    uint32_t v = x86_cf(c) ? FL_CF : 0;

    if (f->op == LF_EFLAGS)
        return v | (c->eflags & (FL_ARITH & ~FL_CF));
    v |= cut(f->res, f->osz) == 0 ? FL_ZF : 0;
    v |= top(f->res, f->osz) ? FL_SF : 0;
    v |= __builtin_parity(f->res & 0xff) ? 0 : FL_PF;
    v |= overflow(c) ? FL_OF : 0;
    return v | (adjust(c) ? FL_AF : 0);
}

bool x86_cond(const struct x86_cpu *c, unsigned cc)
{
    uint32_t v = x86_arith_flags(c);
    bool sf = v & FL_SF, zf = v & FL_ZF, cf = v & FL_CF, of = v & FL_OF, r = false;

    switch (cc >> 1) {
    case 0: r = of; break;
    case 1: r = cf; break;
    case 2: r = zf; break;
    case 3: r = cf || zf; break;
    case 4: r = sf; break;
    case 5: r = v & FL_PF; break;
    case 6: r = sf != of; break;
    case 7: r = zf || sf != of; break;
    }
    return r != (cc & 1);
}
