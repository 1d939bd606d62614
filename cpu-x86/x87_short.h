/* x87_short.h - the frequent x87 instructions when nothing is unusual: no error waits, registers
 * are in use, memory is in the TLB, numbers are normal. x87_try_NAME does the whole instruction and
 * returns true, or returns false for x86_help_NAME to do it; until then nothing has changed but the
 * operand pointer. They call nothing, so that a binding of bodies needs no stack frame. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_X87_SHORT_H
#define X86_X87_SHORT_H
#include "cpu-x86/f80_short.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/x87_priv.h"

#define X87_SHORT static inline __attribute__((always_inline)) bool

/* No #NM and no waiting error. */
X87_SHORT x87_short_ready(const struct x86_cpu *c)
{
    return !((c->cr0 & (CR0_EM | CR0_TS)) | (c->fpu.sw & FSW_ES));
}

/* Bit 1 of both tag bits tells empty from the rest. */
X87_SHORT x87_short_empty(const struct x86_fpu *f, unsigned phys)
{
    return f->tw >> 2 * phys & 2;
}

/* sw with ex added; false: an unmasked error has to be raised. */
X87_SHORT x87_short_raise(struct x86_fpu *f, unsigned ex)
{
    if (__builtin_expect(ex & ~f->cw & FSW_EXC, 0))
        return false;
    f->sw = (uint16_t)((f->sw & ~F80_C1) | ex);
    return true;
}

/* Where the memory operand is on the host, or NULL. acc is a constant. */
static inline __attribute__((always_inline)) uint8_t *
x87_short_place(struct x86_cpu *c, const struct x86_insn *I, unsigned size, enum x86_access acc)
{
    const struct x86_seg *s = &c->seg[I->seg];
    uint32_t off = x86_ea(c, I), lin = (uint32_t)s->base + off;
    const struct tlb_entry *e = x86_tlb(c->tlb, lin);

    if (__builtin_expect((uint64_t)off + size > (acc == ACC_R ? s->rend : s->wend), 0) ||
        !X86_TLB_HIT(acc == ACC_R ? e->tag_r : e->tag_w, (uint64_t)lin, size))
        return NULL;
    c->fpu.dp = off;
    c->fpu.dp_sel = s->sel;
    return x86_tlb_host(e, lin);
}

enum x87_op { X87_ADD, X87_MUL, X87_SUB, X87_SUBR, X87_DIV, X87_DIVR };

X87_SHORT x87_short_compute(enum x87_op op, struct f80 *r, const struct f80 *d,
                            const struct f80 *s, struct f80_env *e)
{
    switch (op) {
    case X87_ADD:  return f80_add_short(r, d, s, 0, e);
    case X87_MUL:  return f80_mul_short(r, d, s, e);
    case X87_SUB:  return f80_add_short(r, d, s, 0x8000, e);
    case X87_SUBR: return f80_add_short(r, s, d, 0x8000, e);
    case X87_DIV:  return f80_div_short(r, d, s, e);
    default:       return f80_div_short(r, s, d, e);
    }
}

X87_SHORT x87_short_regs(struct x86_cpu *c, const struct x86_insn *I, enum x87_op op, bool pop)
{
    struct x86_fpu *f = &c->fpu;
    unsigned d = x87_phys(f, I->o[0].reg), s = x87_phys(f, I->o[1].reg);
    struct f80_env e = { .cw = f->cw };
    struct f80 r;

    if (!x87_short_ready(c) || x87_short_empty(f, d) || x87_short_empty(f, s) ||
        !x87_short_compute(op, &r, &f->st[d], &f->st[s], &e) || !x87_short_raise(f, e.ex))
        return false;
    x87_note(c, I);
    f->st[d] = r;
    if (pop)
        x87_pop(f);
    return true;
}

X87_SHORT x87_short_mem(struct x86_cpu *c, const struct x86_insn *I, enum x87_op op)
{
    struct x86_fpu *f = &c->fpu;
    unsigned d = x87_phys(f, 0), size = I->o[1].size;
    struct f80_env e = { .cw = f->cw };
    const uint8_t *p;
    struct f80 s, r;

    if (!x87_short_ready(c) || x87_short_empty(f, d))
        return false;
    p = x87_short_place(c, I, size, ACC_R);
    if (!p)
        return false;
    if (size == 8 ? !f80_from_f64_short(&s, x86_get(p, 8))
                  : !f80_from_f32_short(&s, (uint32_t)x86_get(p, 4)))
        return false;
    if (!x87_short_compute(op, &r, &f->st[d], &s, &e) || !x87_short_raise(f, e.ex))
        return false;
    x87_note(c, I);
    f->st[d] = r;
    return true;
}

/* The push of a load that raised nothing. */
X87_SHORT x87_short_push(struct x86_cpu *c, const struct x86_insn *I, struct f80 v)
{
    struct x86_fpu *f = &c->fpu;
    unsigned p = x87_phys(f, 7);

    if (!x87_short_empty(f, p))
        return false;
    f->sw = (uint16_t)((f->sw & ~(FSW_TOP | F80_C1)) | p << 11);
    f->tw &= (uint16_t)~(3u << 2 * p);
    f->st[p] = v;
    x87_note(c, I);
    return true;
}

X87_SHORT x87_short_fld(struct x86_cpu *c, const struct x86_insn *I)
{
    const struct x86_fpu *f = &c->fpu;
    unsigned size = I->o[0].size, p;
    const uint8_t *m;
    struct f80 v;

    if (!x87_short_ready(c))
        return false;
    if (I->o[0].kind == K_ST) {
        p = x87_phys(f, I->o[0].reg);
        return !x87_short_empty(f, p) && x87_short_push(c, I, f->st[p]);
    }
    m = size <= 8 ? x87_short_place(c, I, size, ACC_R) : NULL;
    if (!m)
        return false;
    if (size == 8 ? !f80_from_f64_short(&v, x86_get(m, 8))
                  : !f80_from_f32_short(&v, (uint32_t)x86_get(m, 4)))
        return false;
    return x87_short_push(c, I, v);
}

/* FST and FSTP to memory or a register. */
X87_SHORT x87_short_fst(struct x86_cpu *c, const struct x86_insn *I, bool pop)
{
    struct x86_fpu *f = &c->fpu;
    unsigned d = x87_phys(f, 0), size = I->o[0].size, p;
    struct f80_env e = { .cw = f->cw };
    uint64_t v8 = 0;
    uint32_t v4 = 0;
    uint8_t *m;

    if (!x87_short_ready(c) || x87_short_empty(f, d))
        return false;
    if (I->o[0].kind == K_ST) {
        p = x87_phys(f, I->o[0].reg);
        f->st[p] = f->st[d];
        f->tw &= (uint16_t)~(3u << 2 * p);
        f->sw &= (uint16_t)~F80_C1;
    } else {
        m = size <= 8 ? x87_short_place(c, I, size, ACC_W) : NULL;
        if (!m || (size == 8 ? !f80_to_f64_short(&v8, &f->st[d], &e)
                             : !f80_to_f32_short(&v4, &f->st[d], &e)) ||
            !x87_short_raise(f, e.ex))
            return false;
        if (size == 8)
            memcpy(m, &v8, 8);
        else
            memcpy(m, &v4, 4);
    }
    x87_note(c, I);
    if (pop)
        x87_pop(f);
    return true;
}

X87_SHORT x87_short_fild(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned size = I->o[0].size, n;
    struct f80 r = { 0 };
    const uint8_t *m;
    uint64_t a;
    int64_t v;

    m = x87_short_ready(c) ? x87_short_place(c, I, size, ACC_R) : NULL;
    if (!m)
        return false;
    v = size == 4 ? (int32_t)x86_get(m, 4) : size == 8 ? (int64_t)x86_get(m, 8)
                                                       : (int16_t)x86_get(m, 2);
    a = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (a) {
        n = (unsigned)__builtin_clzll(a);
        r.m = a << n;
        r.se = (uint16_t)((v < 0 ? 0x8000 : 0) | (16383 + 63 - n));
    }
    return x87_short_push(c, I, r);
}

X87_SHORT x87_short_fist(struct x86_cpu *c, const struct x86_insn *I, bool truncate, bool pop)
{
    struct x86_fpu *f = &c->fpu;
    unsigned d = x87_phys(f, 0), size = I->o[0].size;
    struct f80_env e = { .cw = f->cw };
    uint8_t *m;
    int64_t v;

    if (!x87_short_ready(c) || x87_short_empty(f, d))
        return false;
    m = x87_short_place(c, I, size, ACC_W);
    if (!m || !f80_to_int_short(&v, &f->st[d], size * 8, truncate, &e) ||
        !x87_short_raise(f, e.ex))
        return false;
    if (size == 8)
        memcpy(m, &v, 8);
    else if (size == 4)
        memcpy(m, &v, 4);
    else
        memcpy(m, &v, 2);
    x87_note(c, I);
    if (pop)
        x87_pop(f);
    return true;
}

X87_SHORT x87_short_fxch(struct x86_cpu *c, const struct x86_insn *I)
{
    struct x86_fpu *f = &c->fpu;
    unsigned p = x87_phys(f, 0), q = x87_phys(f, I->o[0].reg);
    struct f80 a = f->st[p];

    if (!x87_short_ready(c) || x87_short_empty(f, p) || x87_short_empty(f, q))
        return false;
    f->st[p] = f->st[q];
    f->st[q] = a;
    f->sw &= (uint16_t)~F80_C1;
    x87_note(c, I);
    return true;
}

/* ST against ST(i), or against memory with i = 0. */
X87_SHORT x87_short_compare(struct x86_cpu *c, const struct x86_insn *I, unsigned i,
                            unsigned *rel)
{
    const struct x86_fpu *f = &c->fpu;
    unsigned d = x87_phys(f, 0), s = x87_phys(f, i), size = I->o[1].size;
    const uint8_t *m;
    struct f80 v;

    if (!x87_short_ready(c) || x87_short_empty(f, d) || x87_short_empty(f, s))
        return false;
    if (i || I->o[1].kind == K_ST)
        return f80_compare_short(rel, &f->st[d], &f->st[s]);
    m = x87_short_place(c, I, size, ACC_R);
    if (!m || (size == 8 ? !f80_from_f64_short(&v, x86_get(m, 8))
                         : !f80_from_f32_short(&v, (uint32_t)x86_get(m, 4))))
        return false;
    return f80_compare_short(rel, &f->st[d], &v);
}

X87_SHORT x87_short_com(struct x86_cpu *c, const struct x86_insn *I, unsigned i, unsigned pops)
{
    struct x86_fpu *f = &c->fpu;
    unsigned rel;

    if (!x87_short_compare(c, I, i, &rel))
        return false;
    f->sw = (uint16_t)((f->sw & ~FSW_CC) | rel);
    x87_note(c, I);
    if (pops)
        x87_pop(f);
    if (pops > 1)
        x87_pop(f);
    return true;
}

X87_SHORT x87_short_comi(struct x86_cpu *c, const struct x86_insn *I, bool pop)
{
    unsigned rel;

    if (!x87_short_compare(c, I, I->o[1].reg, &rel))
        return false;
    x86_set_arith(c, (rel & F80_C3 ? FL_ZF : 0) | (rel & F80_C0 ? FL_CF : 0));
    x87_note(c, I);
    if (pop)
        x87_pop(&c->fpu);
    return true;
}

X87_SHORT x87_short_const(struct x86_cpu *c, const struct x86_insn *I, uint64_t m, uint16_t se)
{
    return x87_short_ready(c) && x87_short_push(c, I, (struct f80){ .m = m, .se = se });
}

X87_SHORT x87_short_arith(struct x86_cpu *c, const struct x86_insn *I, enum x87_op op)
{
    return I->o[1].kind == K_ST ? x87_short_regs(c, I, op, false) : x87_short_mem(c, I, op);
}

#define X87_TRY(name, call)                                              \
    X87_SHORT x87_try_##name(struct x86_cpu *c, const struct x86_insn *I) \
    {                                                                    \
        return x87_short_##call;                                         \
    }
X87_TRY(fadd, arith(c, I, X87_ADD))
X87_TRY(faddp, regs(c, I, X87_ADD, true))
X87_TRY(fmul, arith(c, I, X87_MUL))
X87_TRY(fmulp, regs(c, I, X87_MUL, true))
X87_TRY(fsub, arith(c, I, X87_SUB))
X87_TRY(fsubp, regs(c, I, X87_SUB, true))
X87_TRY(fsubr, arith(c, I, X87_SUBR))
X87_TRY(fsubrp, regs(c, I, X87_SUBR, true))
X87_TRY(fdiv, arith(c, I, X87_DIV))
X87_TRY(fdivp, regs(c, I, X87_DIV, true))
X87_TRY(fdivr, arith(c, I, X87_DIVR))
X87_TRY(fdivrp, regs(c, I, X87_DIVR, true))
X87_TRY(fld, fld(c, I))
X87_TRY(fst, fst(c, I, false))
X87_TRY(fstp, fst(c, I, true))
X87_TRY(fild, fild(c, I))
X87_TRY(fist, fist(c, I, false, false))
X87_TRY(fistp, fist(c, I, false, true))
X87_TRY(fisttp, fist(c, I, true, true))
X87_TRY(fxch, fxch(c, I))
X87_TRY(fld1, const(c, I, 1ull << 63, 16383))
X87_TRY(fldz, const(c, I, 0, 0))
X87_TRY(fcom, com(c, I, I->o[1].reg, 0))
X87_TRY(fcomp, com(c, I, I->o[1].reg, 1))
X87_TRY(fcompp, com(c, I, 1, 2))
X87_TRY(fucom, com(c, I, I->o[1].reg, 0))
X87_TRY(fucomp, com(c, I, I->o[1].reg, 1))
X87_TRY(fucompp, com(c, I, 1, 2))
X87_TRY(fcomi, comi(c, I, false))
X87_TRY(fcomip, comi(c, I, true))
X87_TRY(fucomi, comi(c, I, false))
X87_TRY(fucomip, comi(c, I, true))
#undef X87_TRY
#endif
