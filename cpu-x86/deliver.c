/* deliver.c - the way of an exception or interrupt through the IVT or IDT to its handler.
 *
 * SDM vol. 3 6.10 - 6.14 and 20.1.4; docs/cpu.md follows one interrupt through here. Nothing is
 * changed before all that may fault has been checked; only a task gate commits on its way. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"

struct event {
    unsigned vector;
    enum x86_event ev;
    bool has_error;
    uint32_t error, rip;             /* rip: what is pushed */
};

/* Faults leave RF set, so that the instruction's own breakpoint does not hit again on return, and
 * so does what comes between iterations of REP; the breakpoint fault itself does not. 17.3.1.1. */
static uint32_t pushed_flags(const struct x86_cpu *c, const struct event *e)
{
    uint32_t v = x86_eflags(c);
    bool rf = e->ev == EV_FAULT ? e->vector != EXC_DB : c->in_rep;

    return rf ? v | FL_RF : v;
}

static _Noreturn void idt_fault(struct x86_cpu *c, unsigned exc, const struct event *e)
{
    x86_raise_ec(c, exc, e->vector << 3 | 2);
}

/* ---- real mode ------------------------------------------------------------------------------ */

static void deliver_real(struct x86_cpu *c, const struct event *e)
{
    struct x86_frame f;
    uint32_t ivt;

    if (e->vector * 4 + 3 > c->idt_limit)
        idt_fault(c, EXC_GP, e);
    ivt = (uint32_t)x86_ld_sys(c, (uint32_t)(c->idt_base + e->vector * 4), 4);
    x86_frame_here(c, &f, 2);
    x86_frame_push(c, &f, x86_eflags(c));
    x86_frame_push(c, &f, c->seg[CS].sel);
    x86_frame_push(c, &f, e->rip);
    if ((ivt & 0xffff) > c->seg[CS].limit)
        x86_raise_ec(c, EXC_GP, 0);
    x86_frame_write(c, &f);
    x86_set_gpr(c, RSP * 8, f.sp, 4);
    c->eflags &= ~(FL_IF | FL_TF | FL_AC | FL_RF);
    x86_seg_real(c, CS, (uint16_t)(ivt >> 16));
    c->rip = ivt & 0xffff;
    x86_update_mode(c);
}

/* ---- protected mode ------------------------------------------------------------------------- */

static void read_gate(struct x86_cpu *c, const struct event *e, struct x86_desc *gate)
{
    const unsigned types = 1 << DT_TASK | 1 << DT_INT16 | 1 << DT_TRAP16 | 1 << DT_INT32 |
                           1 << DT_TRAP32;
    uint64_t v;
    int type;

    if (e->vector * 8 + 7 > c->idt_limit)
        idt_fault(c, EXC_GP, e);
    gate->at = (uint32_t)(c->idt_base + e->vector * 8);
    v = x86_ld_sys(c, gate->at, 8);
    gate->lo = (uint32_t)v;
    gate->hi = (uint32_t)(v >> 32);
    type = x86_desc_system(gate);
    if (type < 0 || !(types >> type & 1))
        idt_fault(c, EXC_GP, e);
    if (e->ev == EV_SOFT && x86_desc_dpl(gate) < c->cpl)
        idt_fault(c, EXC_GP, e);
    if (!x86_desc_present(gate))
        idt_fault(c, EXC_NP, e);
}

/* The new task finds the error code on its stack, as wide as its TSS. */
static void to_task(struct x86_cpu *c, const struct event *e, const struct x86_desc *gate)
{
    struct x86_frame f;

    x86_task_gate(c, gate, TASK_CALL, e->rip);
    if (!e->has_error)
        return;
    x86_frame_here(c, &f, c->tr.attr & 8 ? 4 : 2);
    x86_frame_push(c, &f, e->error);
    x86_frame_write(c, &f);
    x86_set_gpr(c, RSP * 8, f.sp, 4);
}

/* FLAGS, CS, EIP and the error code; before them the outer stack and the V86 data segments. */
static void push_frame(struct x86_cpu *c, struct x86_frame *f, const struct event *e, bool inner)
{
    static const uint8_t data[] = { GS, FS, DS, ES };

    for (unsigned i = 0; i < sizeof data && x86_v86(c); i++)
        x86_frame_push(c, f, c->seg[data[i]].sel);
    if (inner) {
        x86_frame_push(c, f, c->seg[SS].sel);
        x86_frame_push(c, f, (uint32_t)c->gpr[RSP]);
    }
    x86_frame_push(c, f, pushed_flags(c, e));
    x86_frame_push(c, f, c->seg[CS].sel);
    x86_frame_push(c, f, e->rip);
    if (e->has_error)
        x86_frame_push(c, f, e->error);
}

/* The handler's code segment. Returns whether it is more privileged than CPL. */
static bool check_handler(struct x86_cpu *c, uint16_t sel, struct x86_desc *d)
{
    bool inner;

    if (x86_sel_null(sel))
        x86_raise_ec(c, EXC_GP, 0);
    x86_desc_need(c, sel, EXC_GP, d);
    if (!x86_desc_is_code(d) || x86_desc_dpl(d) > c->cpl)
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(d))
        x86_raise_sel(c, EXC_NP, sel);
    inner = !x86_desc_conforming(d) && x86_desc_dpl(d) < c->cpl;
    if (x86_v86(c) && (!inner || x86_desc_dpl(d) != 0))
        x86_raise_sel(c, EXC_GP, sel);
    return inner;
}

static void leave_v86(struct x86_cpu *c)
{
    c->eflags &= ~FL_VM;
    x86_seg_null(c, DS, 0);
    x86_seg_null(c, ES, 0);
    x86_seg_null(c, FS, 0);
    x86_seg_null(c, GS, 0);
}

static void to_handler(struct x86_cpu *c, const struct event *e, const struct x86_desc *gate)
{
    unsigned size = x86_desc_system(gate) & 8 ? 4 : 2;
    bool interrupt_gate = !(x86_desc_system(gate) & 1);
    uint16_t sel = x86_gate_sel(gate), ss_sel;
    struct x86_desc code, ss;
    struct x86_frame f;
    bool inner = check_handler(c, sel, &code);
    unsigned cpl = inner ? x86_desc_dpl(&code) : c->cpl;

    if (inner)
        x86_frame_inner(c, &f, size, cpl, &ss_sel, &ss);
    else
        x86_frame_here(c, &f, size);
    push_frame(c, &f, e, inner);
    if (x86_gate_off(gate) > x86_desc_limit(&code))
        x86_raise_ec(c, EXC_GP, 0);
    x86_desc_accessed(c, &code);
    x86_frame_write(c, &f);
    if (x86_v86(c))
        leave_v86(c);
    c->eflags &= ~(FL_TF | FL_NT | FL_RF | (interrupt_gate ? FL_IF : 0));
    if (inner)
        x86_seg_set(c, SS, ss_sel, &ss);
    x86_set_gpr(c, RSP * 8, f.sp, 4);
    x86_enter_code(c, sel, &code, cpl, x86_gate_off(gate));
}

static void deliver(struct x86_cpu *c, const struct event *e)
{
    struct x86_desc gate;

    c->delivering_ext = e->ev != EV_SOFT;
    if (!(c->cr0 & CR0_PE)) {
        deliver_real(c, e);
    } else {
        read_gate(c, e, &gate);
        if (x86_desc_system(&gate) == DT_TASK)
            to_task(c, e, &gate);
        else
            to_handler(c, e, &gate);
    }
    if (e->vector == EXC_DB)
        c->dr[7] &= ~(uint64_t)DR7_GD;
    c->delivering = -1;
    c->delivering_ext = false;
    c->in_rep = false;
    c->no_step = true;
    c->halted = false;
}

void x86_deliver(struct x86_cpu *c, unsigned vector, enum x86_event ev, bool has_error,
                 uint32_t error)
{
    struct event e = { vector, ev, has_error, error, (uint32_t)c->rip };

    deliver(c, &e);
}

void x86_deliver_soft(struct x86_cpu *c, unsigned vector, enum x86_event ev, uint32_t rip)
{
    struct event e = { vector, ev, false, 0, rip };

    deliver(c, &e);
}
