/* help_x87_mem.c - x87 loads, stores, exchanges and stack management. SDM vol. 1 8.3.3, 8.3.4. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/x87_priv.h"

#define HELP(name) void x86_help_##name(struct x86_cpu *c, const struct x86_insn *I)

/* Pushes v, or the indefinite when the stack is full; ex is what making v raised. A denormal is
 * pushed even if DE is unmasked. */
static void push_checked(struct x86_cpu *c, struct f80 v, const struct f80_env *e)
{
    struct x86_fpu *f = &c->fpu;

    if (__builtin_expect(!x87_empty(f, 7), 0)) {
        if (x87_overflow(c))
            x87_push(f, f80_indefinite);
        return;
    }
    x87_raise(c, e->ex);
    if (!(e->ex & ~e->cw & F80_IE))
        x87_push(f, v);
}

/* ---- loads ---- */

/* Ten bytes are eight and two, each with its own checks and, at 16 bits, its own wrap; a store that
 * faults on the two has written the eight. So the chips. */
static uint32_t after_eight(const struct x86_insn *I, uint32_t off)
{
    return I->asz == 2 ? (off + 8) & 0xffff : off + 8;
}

static struct f80 load80(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t off = x86_ea(c, I);
    uint64_t m = x86_ld(c, I->seg, off, 8);

    return (struct f80){ .m = m, .se = (uint16_t)x86_ld(c, I->seg, after_eight(I, off), 2) };
}

static struct f80 load_real(struct x86_cpu *c, const struct x86_insn *I, struct f80_env *e)
{
    uint32_t off = x86_ea(c, I);

    if (I->o[0].size == 8)
        return f80_from_f64(x86_ld(c, I->seg, off, 8), e);
    if (I->o[0].size == 4)
        return f80_from_f32((uint32_t)x86_ld(c, I->seg, off, 4), e);
    return load80(c, I);
}

HELP(fld)
{
    struct f80_env e = x87_env(c);
    struct f80 v;

    x87_enter(c);
    if (I->o[0].kind == K_ST) {
        x87_note(c, I);
        v = *x87_st(&c->fpu, I->o[0].reg);
        if (x87_empty(&c->fpu, I->o[0].reg)) {
            if (x87_underflow(c))
                x87_push(&c->fpu, f80_indefinite);
            return;
        }
        push_checked(c, v, &e);
        return;
    }
    v = load_real(c, I, &e);
    x87_note_mem(c, I);
    push_checked(c, v, &e);
}

HELP(fild)
{
    struct f80_env e = x87_env(c);
    uint32_t off = x86_ea(c, I);
    int64_t v;

    x87_enter(c);
    if (I->o[0].size == 8)
        v = (int64_t)x86_ld(c, I->seg, off, 8);
    else if (I->o[0].size == 4)
        v = (int32_t)x86_ld(c, I->seg, off, 4);
    else
        v = (int16_t)x86_ld(c, I->seg, off, 2);
    x87_note_mem(c, I);
    push_checked(c, f80_from_i64(v), &e);
}

HELP(fbld)
{
    struct f80_env e = x87_env(c);
    struct f80 a;
    uint8_t v[10];

    x87_enter(c);
    a = load80(c, I);
    memcpy(v, &a.m, 8);
    memcpy(v + 8, &a.se, 2);
    x87_note_mem(c, I);
    push_checked(c, f80_from_bcd(v), &e);
}

static void load_const(struct x86_cpu *c, const struct x86_insn *I, unsigned which)
{
    struct f80_env e = x87_env(c);

    x87_enter(c);
    x87_note(c, I);
    push_checked(c, f80_const(which, &e), &e);
}

HELP(fld1)   { load_const(c, I, 0); }
HELP(fldl2t) { load_const(c, I, 1); }
HELP(fldl2e) { load_const(c, I, 2); }
HELP(fldpi)  { load_const(c, I, 3); }
HELP(fldlg2) { load_const(c, I, 4); }
HELP(fldln2) { load_const(c, I, 5); }
HELP(fldz)   { load_const(c, I, 6); }

/* ---- stores ---- */

struct image {                       /* what a store writes */
    uint8_t b[10];
};

static struct image real_image(struct f80 a, unsigned size, struct f80_env *e)
{
    struct image m;
    uint32_t v4;
    uint64_t v8;

    switch (size) {
    case 4:
        v4 = f80_to_f32(a, e);
        memcpy(m.b, &v4, 4);
        break;
    case 8:
        v8 = f80_to_f64(a, e);
        memcpy(m.b, &v8, 8);
        break;
    default:
        memcpy(m.b, &a.m, 8);
        memcpy(m.b + 8, &a.se, 2);
    }
    return m;
}

static struct image int_image(struct f80 a, unsigned size, bool truncate, struct f80_env *e)
{
    struct image m;
    int64_t v = f80_to_int(a, size * 8, truncate, e);

    memcpy(m.b, &v, 8);
    return m;
}

static void store80(struct x86_cpu *c, const struct x86_insn *I, uint32_t off,
                    const struct image *m)
{
    x86_st(c, I->seg, off, x86_get(m->b, 8), 8);
    x86_st(c, I->seg, after_eight(I, off), x86_get(m->b + 8, 2), 2);
}

static void store_image(struct x86_cpu *c, const struct x86_insn *I, const struct image *m,
                        unsigned size)
{
    uint32_t off = x86_ea(c, I);

    switch (size) {
    case 2: x86_st(c, I->seg, off, x86_get(m->b, 2), 2); break;
    case 4: x86_st(c, I->seg, off, x86_get(m->b, 4), 4); break;
    case 8: x86_st(c, I->seg, off, x86_get(m->b, 8), 8); break;
    default: store80(c, I, off, m);
    }
}

enum how { AS_REAL, AS_INT, AS_TRUNCATED, AS_BCD };

/* Everything that can fault comes first; then the flags, then the pop. */
static void store(struct x86_cpu *c, const struct x86_insn *I, enum how how, bool pop)
{
    struct x86_fpu *f = &c->fpu;
    struct f80_env e = x87_env(c);
    bool empty = x87_empty(f, 0), masked = f->cw & F80_IE;
    struct f80 a = empty ? f80_indefinite : *x87_st(f, 0);
    unsigned size = I->o[0].size;
    struct image m;

    x87_enter(c);
    if (how == AS_REAL)
        m = real_image(a, size, &e);
    else if (how == AS_BCD)
        f80_to_bcd(m.b, a, &e);
    else
        m = int_image(a, size, how == AS_TRUNCATED, &e);
    if (empty ? masked : !f80_no_store(&e))
        store_image(c, I, &m, size);
    x87_note_mem(c, I);
    if (empty)
        x87_underflow(c);
    else
        x87_raise(c, e.ex);
    if (pop && (empty ? masked : !f80_no_store(&e)))
        x87_pop(f);
}

/* To ST(i): a copy. */
static void store_reg(struct x86_cpu *c, const struct x86_insn *I, bool pop)
{
    struct x86_fpu *f = &c->fpu;

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0)) {
        if (!x87_underflow(c))
            return;
        x87_set(f, I->o[0].reg, f80_indefinite);
    } else {
        x87_raise(c, 0);
        x87_set(f, I->o[0].reg, *x87_st(f, 0));
    }
    if (pop)
        x87_pop(f);
}

/* D9 D8+i: FSTP ST(i), but an empty ST is no error and not stored. */
HELP(fstp1)
{
    struct x86_fpu *f = &c->fpu;

    x87_enter(c);
    x87_note(c, I);
    x87_raise(c, 0);
    if (!x87_empty(f, 0))
        x87_set(f, I->o[0].reg, *x87_st(f, 0));
    x87_pop(f);
}

static void store_any(struct x86_cpu *c, const struct x86_insn *I, bool pop)
{
    if (I->o[0].kind == K_ST)
        store_reg(c, I, pop);
    else
        store(c, I, AS_REAL, pop);
}

HELP(fst)    { store_any(c, I, false); }
HELP(fstp)   { store_any(c, I, true); }
HELP(fist)   { store(c, I, AS_INT, false); }
HELP(fistp)  { store(c, I, AS_INT, true); }
HELP(fisttp) { store(c, I, AS_TRUNCATED, true); }
HELP(fbstp)  { store(c, I, AS_BCD, true); }

/* ---- the stack ---- */

HELP(fxch)
{
    struct x86_fpu *f = &c->fpu;
    unsigned i = I->o[0].reg;
    struct f80 a = *x87_st(f, 0), b = *x87_st(f, i);

    x87_enter(c);
    x87_note(c, I);
    if (x87_empty(f, 0) || x87_empty(f, i)) {
        if (!x87_underflow(c))
            return;
        a = x87_empty(f, 0) ? f80_indefinite : a;
        b = x87_empty(f, i) ? f80_indefinite : b;
    } else {
        x87_raise(c, 0);
    }
    x87_set(f, 0, b);
    x87_set(f, i, a);
}

static void free_reg(struct x86_cpu *c, const struct x86_insn *I)
{
    x87_enter(c);
    x87_note(c, I);
    x87_raise(c, 0);
    c->fpu.tw |= (uint16_t)(3u << 2 * x87_phys(&c->fpu, I->o[0].reg));
}

HELP(ffree) { free_reg(c, I); }

HELP(ffreep)
{
    free_reg(c, I);
    x87_pop(&c->fpu);
}

static void rotate(struct x86_cpu *c, const struct x86_insn *I, int by)
{
    x87_enter(c);
    x87_note(c, I);
    x87_raise(c, 0);
    x87_move_top(&c->fpu, by);
}

HELP(fincstp) { rotate(c, I, 1); }
HELP(fdecstp) { rotate(c, I, -1); }

HELP(fnop)
{
    x87_enter(c);
    x87_note(c, I);
}
