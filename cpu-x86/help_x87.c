/* help_x87.c - x87 arithmetic, compares and transcendentals on the register stack.
 * SDM vol. 1 8.3-8.5 and the instructions' pages. Loads and stores: help_x87_mem.c; control words
 * and environments: help_x87_env.c; the usual cases: x87_short.h; the numbers themselves: f80.h. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/flags.h"
#include "cpu-x86/x87_priv.h"
#include "cpu-x86/x87_short.h"

#define HELP(name) void x86_help_##name(struct x86_cpu *c, const struct x86_insn *I)

/* ---- errors ---- */

void x87_enter_slow(struct x86_cpu *c)
{
    if (c->cr0 & (CR0_EM | CR0_TS))
        x86_raise(c, EXC_NM);
    if (c->cr0 & CR0_NE)
        x86_raise(c, EXC_MF);
    x87_update_es(c);
}

void x87_error(struct x86_cpu *c)
{
    struct x86_fpu *f = &c->fpu;

    f->err_fop = f->fop;
    if (c->cur->flags & X86F_MEM) {
        f->err_dp = f->dp;
        f->err_dp_sel = f->dp_sel;
    }
    x87_update_es(c);
}

void x87_update_es(struct x86_cpu *c)
{
    struct x86_fpu *f = &c->fpu;
    bool error = f->sw & ~f->cw & FSW_EXC, ferr = error && !(c->cr0 & CR0_NE);

    f->sw = (uint16_t)((f->sw & ~(FSW_ES | FSW_B)) | (error ? FSW_ES | FSW_B : 0));
    if (ferr != c->ferr) {
        c->ferr = ferr;
        if (c->port && c->port->ferr)
            c->port->ferr(c->port_self, ferr);
    }
}

bool x87_underflow(struct x86_cpu *c)
{
    x87_raise(c, F80_IE | FSW_SF);
    return c->fpu.cw & F80_IE;
}

bool x87_overflow(struct x86_cpu *c)
{
    x87_raise(c, F80_IE | FSW_SF | F80_C1);
    return c->fpu.cw & F80_IE;
}

HELP(fwait)
{
    (void)I;
    if ((c->cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS))
        x86_raise(c, EXC_NM);
    if (c->fpu.sw & FSW_ES && c->cr0 & CR0_NE)
        x86_raise(c, EXC_MF);
}

/* ---- operands ---- */

struct source {
    struct f80 v;
    bool denormal;                   /* it was, in memory */
};

/* The memory operand of arithmetic. */
static struct source load(struct x86_cpu *c, const struct x86_insn *I, bool integer)
{
    unsigned size = I->o[1].size;
    uint32_t off = x86_ea(c, I);
    struct source s = { .denormal = false };

    if (size == 8) {
        s.v = f80_widen64(x86_ld(c, I->seg, off, 8), &s.denormal);
    } else if (size == 4) {
        uint32_t v = (uint32_t)x86_ld(c, I->seg, off, 4);

        s.v = integer ? f80_from_i64((int32_t)v) : f80_widen32(v, &s.denormal);
    } else {
        s.v = f80_from_i64((int16_t)x86_ld(c, I->seg, off, 2));
    }
    return s;
}

/* DE of a memory operand, which is no denormal any more once it has 80 bits. It yields to IE, ZE
 * and NaNs; unmasked it ends the operation, but not a compare. */
static void add_denormal(struct f80_env *e, struct f80 other, bool compare)
{
    if ((e->ex & (F80_IE | F80_ZE)) || ((other.se & 0x7fff) == 0x7fff && other.m << 1))
        return;
    e->ex = (e->cw & F80_DE) || compare ? e->ex | F80_DE : F80_DE;
}

/* ---- arithmetic ---- */

static struct f80 compute(enum x87_op op, struct f80 d, struct f80 s, struct f80_env *e)
{
    switch (op) {
    case X87_ADD:  return f80_add(d, s, e);
    case X87_MUL:  return f80_mul(d, s, e);
    case X87_SUB:  return f80_sub(d, s, e);
    case X87_SUBR: return f80_sub(s, d, e);
    case X87_DIV:  return f80_div(d, s, e);
    default:       return f80_div(s, d, e);
    }
}

static void arith_regs(struct x86_cpu *c, const struct x86_insn *I, enum x87_op op, bool pop)
{
    struct x86_fpu *f = &c->fpu;
    unsigned d = I->o[0].reg, s = I->o[1].reg;
    struct f80_env e = x87_env(c);
    struct f80 r = f80_indefinite;

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, d) || x87_empty(f, s)) {
        if (!x87_underflow(c))
            return;
    } else {
        r = compute(op, *x87_st(f, d), *x87_st(f, s), &e);
        x87_raise(c, e.ex);
        if (f80_no_result(&e))
            return;
    }
    x87_set(f, d, r);
    if (pop)
        x87_pop(f);
}

static void arith_mem(struct x86_cpu *c, const struct x86_insn *I, enum x87_op op, bool integer)
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    struct source s;
    struct f80 r, *dst = x87_st(f, 0);

    x87_enter(c);
    s = load(c, I, integer);
    x87_note_mem(c, I);
    if (x87_empty(f, 0)) {
        if (x87_underflow(c))
            x87_set(f, 0, f80_indefinite);
        return;
    }
    r = compute(op, *dst, s.v, &e);
    if (s.denormal)
        add_denormal(&e, *dst, false);
    x87_raise(c, e.ex);
    if (!f80_no_result(&e))
        *dst = r;
}

static void arith(struct x86_cpu *c, const struct x86_insn *I, enum x87_op op)
{
    if (I->o[1].kind == K_ST)
        arith_regs(c, I, op, false);
    else
        arith_mem(c, I, op, false);
}

#define ARITH(name, op)                             \
    HELP(f##name) { arith(c, I, op); }              \
    HELP(fi##name) { arith_mem(c, I, op, true); }   \
    HELP(f##name##p) { arith_regs(c, I, op, true); }
ARITH(add, X87_ADD)
ARITH(mul, X87_MUL)
ARITH(sub, X87_SUB)
ARITH(subr, X87_SUBR)
ARITH(div, X87_DIV)
ARITH(divr, X87_DIVR)

/* ---- compares ---- */

static void pop_n(struct x86_fpu *f, unsigned n)
{
    while (n--)
        x87_pop(f);
}

/* ST against ST(i), to C3 C2 C0; true when the instruction may pop. */
static bool compare_regs(struct x86_cpu *c, const struct x86_insn *I, unsigned i, bool quiet)
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0) || x87_empty(f, i)) {
        x87_raise_cc(c, F80_UN);
        return x87_underflow(c);
    }
    e.ex |= f80_compare(*x87_st(f, 0), *x87_st(f, i), quiet, &e);
    x87_raise_cc(c, e.ex);
    return !f80_no_result(&e);
}

static bool compare_mem(struct x86_cpu *c, const struct x86_insn *I, bool integer)
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    struct source s;

    x87_enter(c);
    s = load(c, I, integer);
    x87_note_mem(c, I);
    if (x87_empty(f, 0)) {
        x87_raise_cc(c, F80_UN);
        return x87_underflow(c);
    }
    e.ex |= f80_compare(*x87_st(f, 0), s.v, false, &e);
    if (s.denormal)
        add_denormal(&e, *x87_st(f, 0), true);
    x87_raise_cc(c, e.ex);
    return !f80_no_result(&e);
}

static bool compare(struct x86_cpu *c, const struct x86_insn *I)
{
    return I->o[1].kind == K_ST ? compare_regs(c, I, I->o[1].reg, false)
                                : compare_mem(c, I, false);
}

HELP(fcom)    { compare(c, I); }
HELP(fcomp)   { pop_n(&c->fpu, compare(c, I)); }
HELP(fcompp)  { pop_n(&c->fpu, compare_regs(c, I, 1, false) * 2u); }
HELP(ficom)   { compare_mem(c, I, true); }
HELP(ficomp)  { pop_n(&c->fpu, compare_mem(c, I, true)); }
HELP(fucom)   { compare_regs(c, I, I->o[1].reg, true); }
HELP(fucomp)  { pop_n(&c->fpu, compare_regs(c, I, I->o[1].reg, true)); }
HELP(fucompp) { pop_n(&c->fpu, compare_regs(c, I, 1, true) * 2u); }

/* C3 C2 C0 go to ZF PF CF; C0 to C3 stay as they were. */
static void compare_flags(struct x86_cpu *c, const struct x86_insn *I, bool quiet, bool pop)
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    enum f80_rel rel = F80_UN;
    unsigned i = I->o[1].reg;
    bool done;

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0) || x87_empty(f, i)) {
        done = x87_underflow(c);
    } else {
        rel = f80_compare(*x87_st(f, 0), *x87_st(f, i), quiet, &e);
        x87_raise(c, e.ex | (f->sw & F80_C1));     /* C1 stays, too */
        done = !f80_no_result(&e);
    }
    x86_set_arith(c, (rel & F80_C3 ? FL_ZF : 0) | (rel & F80_C2 ? FL_PF : 0) |
                         (rel & F80_C0 ? FL_CF : 0));
    pop_n(f, pop && done);
}

HELP(fcomi)   { compare_flags(c, I, false, false); }
HELP(fcomip)  { compare_flags(c, I, false, true); }
HELP(fucomi)  { compare_flags(c, I, true, false); }
HELP(fucomip) { compare_flags(c, I, true, true); }

HELP(ftst)
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0)) {
        x87_raise_cc(c, F80_UN);
        x87_underflow(c);
        return;
    }
    e.ex |= f80_compare(*x87_st(f, 0), (struct f80){ 0 }, false, &e);
    x87_raise_cc(c, e.ex);
}

HELP(fxam)
{
    struct x86_fpu *f = &c->fpu;
    struct f80 v = *x87_st(f, 0);

    x87_enter(c);
    x87_note(c, I);
    x87_raise_cc(c, x87_empty(f, 0) ? F80_C3 | F80_C0 | (v.se & 0x8000 ? F80_C1 : 0)
                                    : f80_xam(v));
}

static void cmov(struct x86_cpu *c, const struct x86_insn *I, bool move)
{
    struct x86_fpu *f = &c->fpu;
    unsigned i = I->o[1].reg;

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0) || x87_empty(f, i)) {
        if (x87_underflow(c))
            x87_set(f, 0, f80_indefinite);
        return;
    }
    if (move)                                      /* C1 stays as it is */
        x87_set(f, 0, *x87_st(f, i));
}

/* cc as in Jcc: 2 B, 4 E, 6 BE, 10 P, and their opposites. */
#define CMOV(name, cc) HELP(fcmov##name) { cmov(c, I, x86_cond(c, cc)); }
CMOV(b, 2)
CMOV(e, 4)
CMOV(be, 6)
CMOV(u, 10)
CMOV(nb, 3)
CMOV(ne, 5)
CMOV(nbe, 7)
CMOV(nu, 11)

/* ---- one operand ---- */

static void unary(struct x86_cpu *c, const struct x86_insn *I,
                  struct f80 (*op)(struct f80, struct f80_env *))
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    struct f80 r = f80_indefinite;

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0)) {
        if (!x87_underflow(c))
            return;
    } else {
        r = op(*x87_st(f, 0), &e);
        x87_raise(c, e.ex);
        if (f80_no_result(&e))
            return;
    }
    x87_set(f, 0, r);
}

static struct f80 negated(struct f80 a, struct f80_env *e)
{
    e->ex = 0;
    a.se ^= 0x8000;
    return a;
}

static struct f80 magnitude(struct f80 a, struct f80_env *e)
{
    e->ex = 0;
    a.se &= 0x7fff;
    return a;
}

HELP(fchs)    { unary(c, I, negated); }
HELP(fabs)    { unary(c, I, magnitude); }
HELP(fsqrt)   { unary(c, I, f80_sqrt); }
HELP(frndint) { unary(c, I, f80_rndint); }
HELP(f2xm1)   { unary(c, I, f80_2xm1); }

/* C2: out of range, or cleared. */
static void trig(struct x86_cpu *c, const struct x86_insn *I,
                 struct f80 (*op)(struct f80, struct f80_env *))
{
    x87_enter(c);
    c->fpu.sw &= (uint16_t)~F80_C2;
    unary(c, I, op);
}

HELP(fsin) { trig(c, I, f80_sin); }
HELP(fcos) { trig(c, I, f80_cos); }

/* Replaces ST by `under` and pushes `top`. op sets both; C2 from it means neither. */
static void split(struct x86_cpu *c, const struct x86_insn *I, uint16_t clears,
                  struct f80 (*op)(struct f80, struct f80 *, struct f80_env *))
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    struct f80 under = f80_indefinite, top = f80_indefinite;

    x87_enter(c);
    x87_note(c, I);
    f->sw &= (uint16_t)~clears;
    if (x87_empty(f, 0) || !x87_empty(f, 7)) {
        if (!(x87_empty(f, 0) ? x87_underflow(c) : x87_overflow(c)))
            return;
    } else {
        under = op(*x87_st(f, 0), &top, &e);
        x87_raise(c, e.ex);
        if (f80_no_result(&e) || e.ex & F80_C2)
            return;
    }
    x87_set(f, 0, under);
    x87_push(f, top);
}

HELP(fptan)   { split(c, I, F80_C2, f80_tan); }
HELP(fsincos) { split(c, I, F80_C2, f80_sincos); }
HELP(fxtract) { split(c, I, 0, f80_xtract); }

/* ---- two operands: ST and ST(1) ---- */

static void binary(struct x86_cpu *c, const struct x86_insn *I, unsigned d,
                   struct f80 (*op)(struct f80, struct f80, struct f80_env *))
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    struct f80 r = f80_indefinite;

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0) || x87_empty(f, 1)) {
        if (!x87_underflow(c))
            return;
    } else {
        r = op(*x87_st(f, 0), *x87_st(f, 1), &e);
        x87_raise(c, e.ex);
        if (f80_no_result(&e))
            return;
    }
    x87_set(f, d, r);
    if (d)
        x87_pop(f);
}

static struct f80 patan(struct f80 x, struct f80 y, struct f80_env *e)
{
    return f80_patan(y, x, e);
}

/* C2 and C1 are always new, C0 and C3 only if there is a quotient. */
static void part_remainder(struct x86_cpu *c, const struct x86_insn *I,
                           struct f80 (*op)(struct f80, struct f80, struct f80_env *))
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    struct f80 r = f80_indefinite;

    x87_enter(c);
    x87_note(c, I);
    f->sw &= (uint16_t)~F80_C2;
    if (x87_empty(f, 0) || x87_empty(f, 1)) {
        if (!x87_underflow(c))
            return;
    } else {
        r = op(*x87_st(f, 0), *x87_st(f, 1), &e);
        if (!f80_no_result(&e) && !(e.ex & F80_IE) && ((r.se & 0x7fff) != 0x7fff || !(r.m << 1)))
            f->sw &= (uint16_t)~(F80_C0 | F80_C3);
        x87_raise(c, e.ex);
        if (f80_no_result(&e))
            return;
    }
    x87_set(f, 0, r);
}

HELP(fscale)  { binary(c, I, 0, f80_scale); }
HELP(fprem)   { part_remainder(c, I, f80_prem); }
HELP(fprem1)  { part_remainder(c, I, f80_prem1); }
HELP(fyl2x)   { binary(c, I, 1, f80_yl2x); }
HELP(fyl2xp1) { binary(c, I, 1, f80_yl2xp1); }
HELP(fpatan)  { binary(c, I, 1, patan); }
