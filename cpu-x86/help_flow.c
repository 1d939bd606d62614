/* help_flow.c - far jumps, calls and returns, software interrupts, IRET, SYSENTER.
 *
 * SDM vol. 3 5.8 and 6.12, vol. 2 for each instruction. Each works in three steps: read and check
 * all that may fault, write the frame, commit the registers. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/sys.h"

static uint32_t cut(uint32_t off, unsigned size)
{
    return size == 2 ? off & 0xffff : off;
}

static void check_eip(struct x86_cpu *c, uint32_t off, uint32_t limit)
{
    if (off > limit)
        x86_raise_ec(c, EXC_GP, 0);
}

void x86_enter_code(struct x86_cpu *c, uint16_t sel, const struct x86_desc *d, unsigned cpl,
                    uint32_t off)
{
    c->cpl = (uint8_t)cpl;
    x86_seg_set(c, CS, (uint16_t)((sel & ~3u) | cpl), d);
    c->rip = off;
    x86_update_mode(c);
}

/* Real and V86 mode: the selector is a paragraph. */
static void enter_real(struct x86_cpu *c, uint16_t sel, uint32_t off)
{
    if (x86_v86(c))
        x86_seg_v86(c, CS, sel);
    else
        x86_seg_real(c, CS, sel);
    c->rip = off;
    x86_update_mode(c);
}

void x86_check_code(struct x86_cpu *c, uint16_t sel, const struct x86_desc *d, bool gate)
{
    unsigned dpl = x86_desc_dpl(d);

    if (!x86_desc_is_code(d))
        x86_raise_sel(c, EXC_GP, sel);
    if (x86_desc_conforming(d) ? dpl > c->cpl : dpl != c->cpl || (!gate && (sel & 3u) > c->cpl))
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(d))
        x86_raise_sel(c, EXC_NP, sel);
}

/* ---- JMP and CALL --------------------------------------------------------------------------- */

struct far { uint16_t sel; uint32_t off; uint32_t next; uint8_t size; bool call; };

static void commit_frame(struct x86_cpu *c, const struct x86_frame *f)
{
    x86_frame_write(c, f);
    x86_set_gpr(c, RSP * 8, f->sp, 4);
}

static void far_real(struct x86_cpu *c, const struct far *t)
{
    struct x86_frame f;

    if (t->call) {
        x86_frame_here(c, &f, t->size);
        x86_frame_push(c, &f, c->seg[CS].sel);
        x86_frame_push(c, &f, t->next);
    }
    check_eip(c, t->off, x86_v86(c) ? 0xffff : c->seg[CS].limit);
    if (t->call)
        commit_frame(c, &f);
    enter_real(c, t->sel, t->off);
}

static void push_now(struct x86_cpu *c, struct x86_frame *f, uint32_t v)
{
    x86_frame_push(c, f, v);
    x86_frame_write(c, f);
    f->n = 0;
}

/* To code of the same privilege, directly or through a gate. As on the chips each push is in memory
 * though the next, or EIP, faults. */
static void far_same(struct x86_cpu *c, const struct far *t, struct x86_desc *d)
{
    struct x86_frame f;

    if (t->call) {
        x86_frame_here(c, &f, t->size);
        push_now(c, &f, c->seg[CS].sel);
        push_now(c, &f, t->next);
    }
    check_eip(c, t->off, x86_desc_limit(d));
    x86_desc_accessed(c, d);
    if (t->call)
        x86_set_gpr(c, RSP * 8, f.sp, 4);
    x86_enter_code(c, t->sel, d, c->cpl, t->off);
}

/* Through a call gate to more privileged code: new stack, parameters copied. */
static void far_inner(struct x86_cpu *c, const struct far *t, struct x86_desc *d, unsigned params)
{
    unsigned dpl = x86_desc_dpl(d);
    struct x86_frame f;
    struct x86_desc ss;
    uint16_t ss_sel;

    x86_frame_inner(c, &f, t->size, dpl, &ss_sel, &ss);
    x86_frame_push(c, &f, c->seg[SS].sel);
    x86_frame_push(c, &f, (uint32_t)c->gpr[RSP]);
    for (unsigned i = params; i-- > 0;)
        x86_frame_push(c, &f, x86_stack_at(c, i * t->size, t->size));
    x86_frame_push(c, &f, c->seg[CS].sel);
    x86_frame_push(c, &f, t->next);
    check_eip(c, t->off, x86_desc_limit(d));
    x86_desc_accessed(c, d);
    commit_frame(c, &f);
    x86_seg_set(c, SS, ss_sel, &ss);
    x86_enter_code(c, t->sel, d, dpl, t->off);
}

static void far_gate(struct x86_cpu *c, struct far *t, const struct x86_desc *gate)
{
    struct x86_desc d;

    t->sel = x86_gate_sel(gate);
    t->off = x86_gate_off(gate);
    t->size = x86_desc_system(gate) == DT_CALL32 ? 4 : 2;
    if (x86_sel_null(t->sel))
        x86_raise_ec(c, EXC_GP, 0);
    x86_desc_need(c, t->sel, EXC_GP, &d);
    if (t->call && x86_desc_is_code(&d) && !x86_desc_conforming(&d) && x86_desc_dpl(&d) < c->cpl) {
        if (!x86_desc_present(&d))
            x86_raise_sel(c, EXC_NP, t->sel);
        far_inner(c, t, &d, gate->hi & 31);
        return;
    }
    x86_check_code(c, t->sel, &d, true);
    far_same(c, t, &d);
}

static void far_system(struct x86_cpu *c, struct far *t, struct x86_desc *d)
{
    enum x86_task_why why = t->call ? TASK_CALL : TASK_JMP;
    unsigned dpl = x86_desc_dpl(d);
    int type = x86_desc_system(d);

    if (type != DT_CALL16 && type != DT_CALL32 && type != DT_TASK && type != DT_TSS16 &&
        type != DT_TSS32)
        x86_raise_sel(c, EXC_GP, t->sel);
    if (dpl < c->cpl || dpl < (t->sel & 3u))
        x86_raise_sel(c, EXC_GP, t->sel);
    if ((type == DT_TSS16 || type == DT_TSS32) && (t->sel & 4))
        x86_raise_sel(c, EXC_GP, t->sel);
    if (!x86_desc_present(d))
        x86_raise_sel(c, EXC_NP, t->sel);
    if (type == DT_TASK)
        x86_task_gate(c, d, why, t->next);
    else if (type == DT_TSS16 || type == DT_TSS32)
        x86_task_switch(c, t->sel, d, why, t->next);
    else
        far_gate(c, t, d);
}

static void far_go(struct x86_cpu *c, const struct x86_insn *I, uint16_t sel, uint32_t off,
                   bool call)
{
    struct far t = { sel, cut(off, I->osz), (uint32_t)x86_next_rip(c, I), I->osz, call };
    struct x86_desc d;

    if (!x86_protected(c)) {
        far_real(c, &t);
        return;
    }
    if (x86_sel_null(sel))
        x86_raise_ec(c, EXC_GP, 0);
    x86_desc_need(c, sel, EXC_GP, &d);
    if (x86_desc_system(&d) >= 0) {
        far_system(c, &t, &d);
        return;
    }
    x86_check_code(c, sel, &d, false);
    far_same(c, &t, &d);
}

static void far_mem(struct x86_cpu *c, const struct x86_insn *I, bool call)
{
    uint32_t ea = x86_ea(c, I), sel_at = cut(ea + I->osz, I->asz);
    uint32_t off = (uint32_t)x86_ld(c, I->seg, ea, I->osz);
    uint16_t sel = (uint16_t)x86_ld(c, I->seg, sel_at, 2);

    far_go(c, I, sel, off, call);
}

void x86_help_jmpf(struct x86_cpu *c, const struct x86_insn *I)
{
    far_go(c, I, I->sel, (uint32_t)I->imm, false);
}

void x86_help_callf(struct x86_cpu *c, const struct x86_insn *I)
{
    far_go(c, I, I->sel, (uint32_t)I->imm, true);
}

void x86_help_jmpfm(struct x86_cpu *c, const struct x86_insn *I) { far_mem(c, I, false); }
void x86_help_callfm(struct x86_cpu *c, const struct x86_insn *I) { far_mem(c, I, true); }

/* ---- RETF and IRET: returns in protected mode ----------------------------------------------- */

enum {
    IRET_ALWAYS = FL_ARITH | FL_TF | FL_DF | FL_NT,
    IRET_WIDE = FL_RF | FL_AC | FL_ID
};

static void merge_flags(struct x86_cpu *c, uint32_t v, uint32_t mask)
{
    uint32_t old;

    if (!mask)
        return;
    old = x86_eflags(c);

    mask &= c->model->eflags;
    x86_set_eflags(c, (old & ~mask) | (v & mask) | FL_FIXED);
}

static void check_return_code(struct x86_cpu *c, uint16_t sel, struct x86_desc *d)
{
    unsigned rpl = sel & 3;

    if (x86_sel_null(sel))
        x86_raise_ec(c, EXC_GP, 0);
    x86_desc_need(c, sel, EXC_GP, d);
    if (!x86_desc_is_code(d) || rpl < c->cpl)
        x86_raise_sel(c, EXC_GP, sel);
    if (x86_desc_conforming(d) ? x86_desc_dpl(d) > rpl : x86_desc_dpl(d) != rpl)
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(d))
        x86_raise_sel(c, EXC_NP, sel);
}

static void check_return_stack(struct x86_cpu *c, uint16_t sel, unsigned rpl, struct x86_desc *d)
{
    if (x86_sel_null(sel))
        x86_raise_ec(c, EXC_GP, 0);
    x86_desc_need(c, sel, EXC_GP, d);
    if ((sel & 3u) != rpl || x86_desc_dpl(d) != rpl || !x86_desc_is_stack(d))
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(d))
        x86_raise_sel(c, EXC_SS, sel);
}

/* Outer code may not keep segments that it could not have loaded. False: there was none. */
static bool drop_inner_segments(struct x86_cpu *c)
{
    static const uint8_t data[] = { ES, DS, FS, GS };
    bool dropped = false;

    for (unsigned i = 0; i < sizeof data; i++) {
        const struct x86_seg *s = &c->seg[data[i]];
        bool conforming = (s->attr & (SEG_CODE | SEG_EC)) == (SEG_CODE | SEG_EC);

        if ((s->attr & SEG_P) && !conforming && SEG_DPL_OF(s->attr) < c->cpl) {
            x86_seg_null(c, data[i], 0);
            dropped = true;
        }
    }
    return dropped;
}

/* eip, cs and, below `outer` bytes of rSP, ESP and SS of an outer caller. Nothing is changed if
 * anything is wrong; `extra` bytes are dropped from both stacks. IRET loads `flags` by `mask`. */
struct ret { uint32_t eip; uint16_t cs; uint8_t size; uint32_t outer, extra, flags, mask; };

static void return_far(struct x86_cpu *c, const struct ret *r)
{
    struct x86_desc cs, ss;
    unsigned rpl = r->cs & 3;
    uint32_t sp;
    uint16_t ss_sel;

    check_return_code(c, r->cs, &cs);
    if (rpl == c->cpl) {
        check_eip(c, r->eip, x86_desc_limit(&cs));
        x86_desc_accessed(c, &cs);
        x86_set_sp(c, x86_sp(c) + r->outer);
        merge_flags(c, r->flags, r->mask);
        x86_enter_code(c, r->cs, &cs, rpl, r->eip);
        return;
    }
    sp = x86_stack_at(c, r->outer, r->size);
    ss_sel = (uint16_t)x86_stack_at(c, r->outer + r->size, r->size);
    check_return_stack(c, ss_sel, rpl, &ss);
    check_eip(c, r->eip, x86_desc_limit(&cs));
    x86_desc_accessed(c, &ss);
    x86_desc_accessed(c, &cs);
    x86_seg_set(c, SS, ss_sel, &ss);
    merge_flags(c, r->flags, r->mask);
    x86_enter_code(c, r->cs, &cs, rpl, r->eip);
    x86_set_sp(c, sp + r->extra);                          /* SS.B = 0: ESP's upper half stays */
    if (drop_inner_segments(c))
        x86_update_mode(c);
}

/* The chips read CS, a word, before EIP, and IRET the flags before both: page faults tell. */
void x86_help_retf(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t extra = I->o[0].kind == K_IMM ? (uint32_t)I->imm & 0xffff : 0;
    struct ret r = { .size = I->osz, .outer = 2u * I->osz + extra, .extra = extra };

    r.cs = (uint16_t)x86_stack_at(c, I->osz, 2);
    r.eip = x86_stack_at(c, 0, I->osz);
    if (x86_protected(c)) {
        return_far(c, &r);
        return;
    }
    check_eip(c, r.eip, x86_v86(c) ? 0xffff : c->seg[CS].limit);
    x86_set_sp(c, x86_sp(c) + r.outer);
    enter_real(c, r.cs, r.eip);
}

/* ---- IRET ----------------------------------------------------------------------------------- */

static void iret_real(struct x86_cpu *c, unsigned size)
{
    uint32_t v = x86_stack_at(c, 2 * size, size);
    uint16_t cs = (uint16_t)x86_stack_at(c, size, 2);
    uint32_t eip = x86_stack_at(c, 0, size);

    check_eip(c, eip, c->seg[CS].limit);
    x86_set_sp(c, x86_sp(c) + 3 * size);
    merge_flags(c, v, IRET_ALWAYS | FL_IF | FL_IOPL | (size == 4 ? IRET_WIDE : 0));
    enter_real(c, cs, eip);
}

/* IOPL 3: everything but IOPL, VIF and VIP. Below, only with VME and 16 bits: IF is VIF. */
static void iret_v86(struct x86_cpu *c, unsigned size)
{
    bool virt = x86_iopl(c) < 3;
    uint32_t eip, v;
    uint16_t cs;

    if (virt && (size != 2 || !(c->cr4 & CR4_VME)))
        x86_raise_ec(c, EXC_GP, 0);
    v = x86_stack_at(c, 2 * size, size);
    cs = (uint16_t)x86_stack_at(c, size, 2);
    eip = x86_stack_at(c, 0, size);
    check_eip(c, eip, 0xffff);
    if (virt && ((v & FL_TF) || ((v & FL_IF) && (c->eflags & FL_VIP))))
        x86_raise_ec(c, EXC_GP, 0);
    x86_set_sp(c, x86_sp(c) + 3 * size);
    if (virt)
        merge_flags(c, v | (v & FL_IF ? FL_VIF : 0), IRET_ALWAYS | FL_VIF);
    else
        merge_flags(c, v, IRET_ALWAYS | FL_IF | (size == 4 ? IRET_WIDE : 0));
    enter_real(c, cs, eip);
}

static void iret_to_v86(struct x86_cpu *c, uint32_t eip, uint32_t v)
{
    static const uint8_t order[] = { CS, SS, ES, DS, FS, GS };
    static const uint8_t at[] = { 4, 16, 20, 24, 28, 32 };
    uint16_t sel[sizeof order];
    uint32_t sp = x86_stack_at(c, 12, 4);

    for (unsigned i = 0; i < sizeof order; i++)
        sel[i] = (uint16_t)x86_stack_at(c, at[i], 4);
    check_eip(c, eip, 0xffff);
    merge_flags(c, v, IRET_ALWAYS | IRET_WIDE | FL_IF | FL_IOPL | FL_VM | FL_VIF | FL_VIP);
    for (unsigned i = 0; i < sizeof order; i++)
        x86_seg_v86(c, order[i], sel[i]);
    c->cpl = 3;
    x86_set_gpr(c, RSP * 8, sp, 4);
    c->rip = eip;
    x86_update_mode(c);
}

/* Back to the task in the link field. */
static void iret_task(struct x86_cpu *c, uint32_t next)
{
    uint16_t sel = (uint16_t)x86_ld_sys(c, c->tr.base, 2);
    struct x86_desc d;
    int type;

    if (sel & 4)
        x86_raise_sel(c, EXC_TS, sel);
    x86_desc_need(c, sel, EXC_TS, &d);
    type = x86_desc_system(&d);
    if (type != DT_TSS16_BUSY && type != DT_TSS32_BUSY)
        x86_raise_sel(c, EXC_TS, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_NP, sel);
    x86_task_switch(c, sel, &d, TASK_IRET, next);
}

static void iret_protected(struct x86_cpu *c, unsigned size)
{
    struct ret r = { .size = (uint8_t)size, .outer = 3 * size, .mask = IRET_ALWAYS };

    r.flags = x86_stack_at(c, 2 * size, size);
    r.cs = (uint16_t)x86_stack_at(c, size, 2);
    r.eip = x86_stack_at(c, 0, size);

    if (size == 4 && (r.flags & FL_VM) && c->cpl == 0) {
        iret_to_v86(c, r.eip, r.flags);
        return;
    }
    r.mask |= size == 4 ? IRET_WIDE : 0;
    r.mask |= c->cpl <= x86_iopl(c) ? FL_IF : 0;
    r.mask |= c->cpl == 0 ? FL_IOPL : 0;
    r.mask |= c->cpl == 0 && size == 4 ? FL_VIF | FL_VIP : 0;
    return_far(c, &r);
}

void x86_help_iret(struct x86_cpu *c, const struct x86_insn *I)
{
    c->nmi_blocked = false;
    x86_update_pending(c);
    if (!(c->cr0 & CR0_PE))
        iret_real(c, I->osz);
    else if (x86_v86(c))
        iret_v86(c, I->osz);
    else if (c->eflags & FL_NT)
        iret_task(c, (uint32_t)x86_next_rip(c, I));
    else
        iret_protected(c, I->osz);
}

/* ---- software interrupts -------------------------------------------------------------------- */

/* The redirection bitmap lies below the I/O permission map: 1 = to the protected-mode handler. */
static bool redirected(struct x86_cpu *c, unsigned vector)
{
    uint32_t map, at;

    if (!(c->tr.attr & 8) || c->tr.limit < 103)
        x86_raise_ec(c, EXC_GP, 0);
    map = (uint32_t)x86_ld_sys(c, (uint32_t)(c->tr.base + 102), 2);
    at = map - 32 + vector / 8;
    if (at > c->tr.limit)
        x86_raise_ec(c, EXC_GP, 0);
    return !(x86_ld_sys(c, (uint32_t)(c->tr.base + at), 1) >> (vector & 7) & 1);
}

/* INT n in V86 mode with VME, to the 8086 program's own handler. SDM vol. 3 20.3.3. */
static void int_8086(struct x86_cpu *c, unsigned vector, uint32_t next)
{
    uint32_t ivt = (uint32_t)x86_ld_sys(c, vector * 4, 4), v = x86_eflags(c);
    struct x86_frame f;

    if (x86_iopl(c) < 3)
        v = (v & ~FL_IF) | FL_IOPL | (v & FL_VIF ? FL_IF : 0);
    x86_frame_here(c, &f, 2);
    x86_frame_push(c, &f, v);
    x86_frame_push(c, &f, c->seg[CS].sel);
    x86_frame_push(c, &f, next);
    commit_frame(c, &f);
    c->eflags &= ~((x86_iopl(c) < 3 ? FL_VIF : FL_IF) | FL_TF | FL_NT);
    c->no_step = true;
    enter_real(c, (uint16_t)(ivt >> 16), ivt & 0xffff);
}

void x86_help_int(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned vector = (unsigned)I->imm & 0xff;
    uint32_t next = (uint32_t)x86_next_rip(c, I);

    if (x86_v86(c)) {
        if ((c->cr4 & CR4_VME) && redirected(c, vector)) {
            int_8086(c, vector, next);
            return;
        }
        if (x86_iopl(c) < 3)
            x86_raise_ec(c, EXC_GP, 0);
    }
    x86_deliver_soft(c, vector, EV_SOFT, next);
}

void x86_help_int3(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_deliver_soft(c, EXC_BP, EV_SOFT, (uint32_t)x86_next_rip(c, I));
}

void x86_help_int1(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_deliver_soft(c, EXC_DB, EV_INT1, (uint32_t)x86_next_rip(c, I));
}

void x86_help_into(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t next = (uint32_t)x86_next_rip(c, I);

    if (x86_arith_flags(c) & FL_OF)
        x86_deliver_soft(c, EXC_OF, EV_SOFT, next);
    else
        c->rip = next;
}

static bool less(uint32_t a, uint32_t b, unsigned size)
{
    return size == 2 ? (int16_t)a < (int16_t)b : (int32_t)a < (int32_t)b;
}

/* Below the lower bound, the upper one is not read. */
void x86_help_bound(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t ea = x86_ea(c, I), index = x86_gpr(c, I->o[0].off, I->osz);

    if (less(index, (uint32_t)x86_ld(c, I->seg, ea, I->osz), I->osz) ||
        less((uint32_t)x86_ld(c, I->seg, cut(ea + I->osz, I->asz), I->osz), index, I->osz))
        x86_raise(c, EXC_BR);
}

/* ---- SYSENTER and SYSEXIT ------------------------------------------------------------------- */

/* CS and SS as the two instructions make them: no descriptor is read. */
static void flat_code_and_stack(struct x86_cpu *c, uint16_t cs, uint16_t ss, unsigned cpl)
{
    struct x86_desc d = { .lo = 0xffff, .hi = 0xcf9b00 | cpl << 13 };

    c->cpl = (uint8_t)cpl;
    x86_seg_set(c, CS, (uint16_t)(cs | cpl), &d);
    d.hi = 0xcf9300 | cpl << 13;
    x86_seg_set(c, SS, (uint16_t)(ss | cpl), &d);
    x86_update_mode(c);
}

void x86_help_sysenter(struct x86_cpu *c, const struct x86_insn *I)
{
    uint16_t cs = c->sysenter_cs & 0xfffc;

    (void)I;
    if (!(c->cr0 & CR0_PE) || !cs)
        x86_raise_ec(c, EXC_GP, 0);
    c->eflags &= ~(FL_VM | FL_IF | FL_RF);
    flat_code_and_stack(c, cs, (uint16_t)(cs + 8), 0);
    x86_set_gpr(c, RSP * 8, (uint32_t)c->sysenter_esp, 4);
    c->rip = (uint32_t)c->sysenter_eip;
}

void x86_help_sysexit(struct x86_cpu *c, const struct x86_insn *I)
{
    uint16_t cs = c->sysenter_cs & 0xfffc;

    (void)I;
    if (!(c->cr0 & CR0_PE) || !cs)
        x86_raise_ec(c, EXC_GP, 0);
    x86_need_cpl0(c);
    flat_code_and_stack(c, (uint16_t)(cs + 16), (uint16_t)(cs + 24), 3);
    x86_set_gpr(c, RSP * 8, x86_gpr(c, RCX * 8, 4), 4);
    c->rip = x86_gpr(c, RDX * 8, 4);
}
