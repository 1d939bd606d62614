/* x87_priv.h - the register stack, pending errors and pointers: what every x87 helper begins and
 * ends with. SDM vol. 1 8.1, 8.6, 8.7. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_X87_PRIV_H
#define X86_X87_PRIV_H
#include "cpu-x86/access.h"
#include "cpu-x86/except.h"
#include "cpu-x86/sem.h"

enum {                               /* status word beyond F80_* */
    FSW_SF = 0x40, FSW_ES = 0x80, FSW_TOP = 0x3800, FSW_B = 0x8000, FSW_EXC = 0x3f,
    FSW_CC = F80_C0 | F80_C1 | F80_C2 | F80_C3
};
enum { FCW_FIXED = 0x40, FCW_BITS = 0x1f7f, FCW_MASKS = 0x3f, FCW_INIT = 0x37f };
enum { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };    /* in state only VALID and EMPTY */

/* #NM, or #MF of an earlier instruction; with CR0.NE clear FERR# stands for the latter. */
void x87_enter_slow(struct x86_cpu *c);
/* ES and B after sw or cw have changed; drives FERR#. */
void x87_update_es(struct x86_cpu *c);
/* The same, when the running instruction has raised an unmasked error: keeps its pointers. */
void x87_error(struct x86_cpu *c);

/* How every waiting instruction begins. */
static inline void x87_enter(struct x86_cpu *c)
{
    if (__builtin_expect((c->cr0 & (CR0_EM | CR0_TS)) || (c->fpu.sw & FSW_ES), 0))
        x87_enter_slow(c);
}

static inline unsigned x87_phys(const struct x86_fpu *f, unsigned i)
{
    return ((f->sw >> 11) + i) & 7;
}
static inline struct f80 *x87_st(struct x86_fpu *f, unsigned i)
{
    return &f->st[x87_phys(f, i)];
}
static inline bool x87_empty(const struct x86_fpu *f, unsigned i)
{
    return (f->tw >> 2 * x87_phys(f, i) & 3) == TAG_EMPTY;
}
static inline void x87_set(struct x86_fpu *f, unsigned i, struct f80 v)
{
    unsigned p = x87_phys(f, i);

    f->st[p] = v;
    f->tw &= (uint16_t)~(3u << 2 * p);
}
static inline void x87_move_top(struct x86_fpu *f, int by)
{
    f->sw = (uint16_t)((f->sw & ~FSW_TOP) | ((f->sw + (unsigned)by * 0x800) & FSW_TOP));
}
static inline void x87_push(struct x86_fpu *f, struct f80 v)
{
    x87_move_top(f, -1);
    x87_set(f, 0, v);
}
static inline void x87_pop(struct x86_fpu *f)
{
    f->tw |= (uint16_t)(3u << 2 * x87_phys(f, 0));
    x87_move_top(f, 1);
}

/* The last-instruction pointers, register and memory forms. */
static inline void x87_note(struct x86_cpu *c, const struct x86_insn *I)
{
    c->fpu.ip = x86_insn_rip(c, I);
    c->fpu.ip_sel = c->seg[CS].sel;
    c->fpu.fop = I->sel;
}
static inline void x87_note_mem(struct x86_cpu *c, const struct x86_insn *I)
{
    x87_note(c, I);
    c->fpu.dp = x86_ea(c, I);
    c->fpu.dp_sel = c->seg[I->seg].sel;
}

/* Adds what an operation raised; C1 is replaced, the condition codes named in ex are set. */
static inline void x87_raise(struct x86_cpu *c, unsigned ex)
{
    struct x86_fpu *f = &c->fpu;

    f->sw = (uint16_t)((f->sw & ~F80_C1) | ex);
    if (__builtin_expect(ex & ~f->cw & FSW_EXC, 0))
        x87_error(c);
}
/* The same, all four condition codes replaced. */
static inline void x87_raise_cc(struct x86_cpu *c, unsigned ex)
{
    c->fpu.sw &= (uint16_t)~FSW_CC;
    x87_raise(c, ex);
}

/* A read of an empty or a write of a full register. True: IE is masked, go on with the
 * indefinite; false: nothing may change. */
bool x87_underflow(struct x86_cpu *c);
bool x87_overflow(struct x86_cpu *c);

static inline struct f80_env x87_env(const struct x86_cpu *c)
{
    return (struct f80_env){ .cw = c->fpu.cw, .ex = 0 };
}
#endif
