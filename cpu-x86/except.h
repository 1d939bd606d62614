/* except.h - exceptions and interrupts: raising, and delivery at an instruction edge. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_EXCEPT_H
#define X86_EXCEPT_H
#include "cpu-x86/state.h"

/* Vectors, SDM vol. 3 table 6-1. */
enum {
    EXC_DE, EXC_DB, EXC_NMI, EXC_BP, EXC_OF, EXC_BR, EXC_UD, EXC_NM, EXC_DF, EXC_TS = 10, EXC_NP,
    EXC_SS, EXC_GP, EXC_PF, EXC_MF = 16, EXC_AC, EXC_MC, EXC_XM
};

/* A fault of the instruction c->cur (which the caller of a slow path or helper has set): leaves by
 * longjmp to the engine, which puts rip on that instruction and calls x86_exception(). */
_Noreturn void x86_raise(struct x86_cpu *c, unsigned vector);
_Noreturn void x86_raise_ec(struct x86_cpu *c, unsigned vector, uint32_t error);

/* What delivers an event; decides IOPL and DPL checks, the EXT bit and the pushed flags. */
enum x86_event { EV_FAULT, EV_TRAP, EV_SOFT /* INT n, INT3, INTO */, EV_INT1, EV_EXTERNAL };

/* Goes through the IVT or IDT: pushes flags, CS, rip (and the error code if has_error), switches
 * stack, task or mode; sets c->rip to the handler. c->rip must be the value to push. May raise. */
void x86_deliver(struct x86_cpu *c, unsigned vector, enum x86_event ev, bool has_error,
                 uint32_t error);

/* Engine's side, outside any block, c->rip exact; raises go to c->raise_to, set by the engine.
 * x86_exception delivers c->exc; contributory faults become #DF, and during #DF a shutdown:
 * false = triple fault, the machine decides. x86_edge accepts INIT, NMI and INTR and the pending
 * debug trap at an instruction edge, in the SDM's order (vol. 3 table 6-2). */
bool x86_exception(struct x86_cpu *c);
void x86_edge(struct x86_cpu *c);

/* After an instruction ran under MODE_STEP: TF and breakpoint traps. tf: TF was set before it. */
void x86_step_done(struct x86_cpu *c, bool tf);
/* Before an instruction under MODE_STEP: an instruction breakpoint raises #DB (RF permitting). */
void x86_step_begin(struct x86_cpu *c);

/* Recomputes c->mode, c->sp_mask and c->tlb from CR0, EFLAGS, CPL, DR7 and the segment caches. */
void x86_update_mode(struct x86_cpu *c);
#endif
