/* except.c - raising exceptions, double and triple faults, and what happens at instruction edges:
 * pins, traps, breakpoints.
 *
 * SDM vol. 3 ch. 6 (table 6-2 for the order, 6-5 for double faults) and ch. 17. Left out: SMI,
 * machine checks, branch trace. Matches of breakpoints that DR7 does not enable leave DR6 alone. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/cpu.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"

/* ---- raising -------------------------------------------------------------------------------- */

_Noreturn void x86_raise(struct x86_cpu *c, unsigned vector)
{
    c->exc.vector = (uint8_t)vector;
    c->exc.has_error = false;
    c->exc.error = 0;
    longjmp(c->raise_to, 1);
}

/* EXT: the fault was met while an event from outside the program was delivered. */
_Noreturn void x86_raise_ec(struct x86_cpu *c, unsigned vector, uint32_t error)
{
    bool selector = vector >= EXC_TS && vector <= EXC_GP;

    c->exc.vector = (uint8_t)vector;
    c->exc.has_error = true;
    c->exc.error = selector && c->delivering_ext ? error | 1 : error;
    longjmp(c->raise_to, 1);
}

static bool contributory(unsigned vector)
{
    return vector == EXC_DE || (vector >= EXC_TS && vector <= EXC_GP);
}

/* Pushes of a frame may meet #AC. A chip then delivers #AC after #AC for ever; here it doubles. */
static bool is_double_fault(int first, unsigned second)
{
    if (first < 0)
        return false;
    if (second == EXC_AC)
        return true;
    if (first == EXC_PF)
        return second == EXC_PF || contributory(second);
    return contributory((unsigned)first) && contributory(second);
}

bool x86_exception(struct x86_cpu *c)
{
    unsigned vector = c->exc.vector;

    if (c->delivering == EXC_DF) {
        c->delivering = -1;
        c->delivering_ext = false;
        return false;
    }
    if (is_double_fault(c->delivering, vector)) {
        vector = EXC_DF;
        c->exc.has_error = true;
        c->exc.error = 0;
    }
    c->delivering = (int)vector;
    x86_deliver(c, vector, EV_FAULT, c->exc.has_error && (c->cr0 & CR0_PE), c->exc.error);
    return true;
}

/* ---- modes ---------------------------------------------------------------------------------- */

static bool flat(const struct x86_cpu *c)
{
    const uint64_t end = 1ull << 32;
    const struct x86_seg *s = c->seg;

    return !(s[CS].base | s[DS].base | s[ES].base | s[SS].base) && s[CS].rend == end &&
           s[DS].wend == end && s[ES].wend == end && s[SS].wend == end;
}

void x86_update_mode(struct x86_cpu *c)
{
    uint32_t m = 0;

    m |= c->seg[CS].attr & SEG_DB ? MODE_CS32 : 0;
    m |= c->seg[SS].attr & SEG_DB ? MODE_SS32 : 0;
    m |= c->cpl == 3 ? MODE_USER : 0;
    m |= flat(c) ? MODE_FLAT : 0;
    m |= (c->eflags & (FL_TF | FL_RF)) || (c->dr[7] & DR7_ENABLED) ? MODE_STEP : 0;
    if (c->cr0 & CR0_PE)
        m |= c->eflags & FL_VM ? MODE_V86 : MODE_PROT;
    c->mode = m;
    x86_set_jump_key(c);
    c->sp_mask = m & MODE_SS32 ? UINT32_MAX : UINT16_MAX;
    c->tlb = c->tlb_sets[c->cpl != 3 ? TLB_SUPER :
                         (c->cr0 & CR0_AM) && (c->eflags & FL_AC) ? TLB_STRICT : TLB_USER];
    x86_update_pending(c);
}

/* ---- pins ----------------------------------------------------------------------------------- */

enum { HURRY = 1 << 30 };

/* Something is pending: translated code sees a spent budget at its next exit. */
static void hurry(struct x86_cpu *c)
{
    if (!c->pending || !c->hidden || c->hidden >= HURRY)
        return;
    c->budget -= HURRY;
    c->hidden += HURRY;
}

enum { LATCH = 8 };                  /* pins: an edge that waits is its level's bit << LATCH */

void x86_update_pending(struct x86_cpu *c)
{
    uint32_t p = c->pending & (X86_PEND_STOP | X86_PEND_DEBUG);

    if ((c->pins & X86_PEND_INTR) && (c->eflags & FL_IF))
        p |= X86_PEND_INTR;
    if ((c->pins & X86_PEND_NMI << LATCH) && !c->nmi_blocked)
        p |= X86_PEND_NMI;
    if (c->pins & X86_PEND_INIT << LATCH)
        p |= X86_PEND_INIT;
    if (!(c->pins & X86_PEND_A20) != c->a20_mask)
        p |= X86_PEND_A20;
    c->pending = p;
    hurry(c);
}

void x86_pin(struct x86_cpu *c, enum x86_pend pin, bool level)
{
    if (pin == X86_PEND_STOP) {
        c->pending = level ? c->pending | X86_PEND_STOP : c->pending & ~(uint32_t)X86_PEND_STOP;
        hurry(c);
        return;
    }
    if (level && !(c->pins & pin) && (pin == X86_PEND_NMI || pin == X86_PEND_INIT))
        c->pins |= (uint32_t)pin << LATCH;
    c->pins = level ? c->pins | pin : c->pins & ~(uint32_t)pin;
    if (!c->exact_events || !c->cur || (c->cur->flags & X86F_END))
        x86_update_pending(c);
}

static void change_a20(struct x86_cpu *c)
{
    c->a20_mask = !(c->pins & X86_PEND_A20);
    x86_update_pending(c);
    c->mmu->control_written(c->mmu_self, c);
}

static void accept_nmi(struct x86_cpu *c)
{
    c->pins &= ~((uint32_t)X86_PEND_NMI << LATCH);
    c->nmi_blocked = true;
    x86_update_pending(c);
    x86_deliver(c, EXC_NMI, EV_EXTERNAL, false, 0);
}

static void report_traps(struct x86_cpu *c)
{
    c->dr[6] |= c->debug_trap;
    c->debug_trap = 0;
    c->pending &= ~(uint32_t)X86_PEND_DEBUG;
    x86_deliver(c, EXC_DB, EV_TRAP, false, 0);
}

/* One event a call: what is left pending ends the next block at its edge, too. */
void x86_edge(struct x86_cpu *c)
{
    if (c->pending & X86_PEND_A20)
        change_a20(c);
    if (c->pending & X86_PEND_INIT) {
        c->pins &= ~((uint32_t)X86_PEND_INIT << LATCH);
        x86_reset(c, RESET_SOFT);
    } else if (c->pending & X86_PEND_DEBUG) {
        report_traps(c);
    } else if (c->pending & X86_PEND_NMI) {
        accept_nmi(c);
    } else if (c->pending & X86_PEND_INTR) {
        unsigned vector = (unsigned)c->port->intack(c->port_self) & 0xff;

        x86_deliver(c, vector, EV_EXTERNAL, false, 0);
    }
}

/* ---- stepping and breakpoints --------------------------------------------------------------- */

enum { BP_EXEC, BP_WRITE, BP_IO, BP_RW };

/* Bit i: breakpoint i is enabled, of kind `kind`, and overlaps [a, a + size). */
static uint32_t hits(const struct x86_cpu *c, unsigned kind, uint32_t a, unsigned size)
{
    uint32_t dr7 = (uint32_t)c->dr[7], found = 0;

    for (unsigned i = 0; i < 4; i++) {
        unsigned rw = dr7 >> (16 + 4 * i) & 3, len = dr7 >> (18 + 4 * i) & 3;
        uint32_t bytes = len == 2 ? 8 : len + 1, from = (uint32_t)c->dr[i] & ~(bytes - 1);

        if (rw == kind && (dr7 >> 2 * i & 3) && (a - from < bytes || from - a < size))
            found |= 1u << i;
    }
    return found;
}

void x86_step_begin(struct x86_cpu *c)
{
    uint32_t found;

    c->no_step = false;
    if (!(c->pending & X86_PEND_DEBUG))
        c->debug_trap = 0;                                 /* of an instruction that faulted */
    if (c->eflags & FL_RF) {
        c->eflags &= ~FL_RF;
        x86_update_mode(c);
        return;
    }
    found = hits(c, BP_EXEC, (uint32_t)(c->seg[CS].base + c->rip), 1);
    if (found) {
        c->dr[6] |= found;
        x86_raise(c, EXC_DB);
    }
}

void x86_step_done(struct x86_cpu *c, bool tf)
{
    if (tf && !c->no_step)
        c->debug_trap |= DR6_BS;
    if (!c->debug_trap)
        return;
    if (c->shadow && c->shadow_ss) {
        c->debug_trap &= ~(uint32_t)DR6_BS;
        if (c->debug_trap)
            c->pending |= X86_PEND_DEBUG;
        return;
    }
    report_traps(c);
}

void x86_data_breakpoint(struct x86_cpu *c, gva_t a, unsigned size, enum x86_access acc)
{
    c->debug_trap |= hits(c, BP_RW, (uint32_t)a, size);
    if (acc == ACC_W)
        c->debug_trap |= hits(c, BP_WRITE, (uint32_t)a, size);
}

void x86_io_breakpoint(struct x86_cpu *c, uint16_t port, unsigned size)
{
    if (c->cr4 & CR4_DE)
        c->debug_trap |= hits(c, BP_IO, port, size);
}

bool x86_watched_page(const struct x86_cpu *c, gva_t a)
{
    uint32_t page = (uint32_t)a & ~(GUEST_PAGE - 1);

    return (c->dr[7] & DR7_ENABLED) &&
           (hits(c, BP_RW, page, GUEST_PAGE) | hits(c, BP_WRITE, page, GUEST_PAGE));
}
