/* sem.h - the language in which bodies (sem/sem_*.inc) are written, and what each binding owes it.
 *
 * A body is SEM(name) { ... }, at most 12 lines. Each tier includes the .inc files with its own
 * definition of these words. C control flow in a body may look only at I; what depends on run-time
 * values is OP(sel, ...), BRANCH or a helper.
 *
 *   V              a run-time value, zero-extended from the operand size
 *   K(c)           a constant known when the instruction is decoded
 *   RD(k)          operand k: register, memory or immediate
 *   RDW(k)         the same, and for memory: raises now if it could not be written
 *   RDN(k, n)      operand k at n bytes, where its size is not the operand size
 *   WR(k, v)       writes operand k at its size
 *   GPR(r)         rAX.. at the operand size;  SETGPR(r, v) writes it
 *   GPRN(r, n)     the same at n bytes;        SETGPRN(r, n, v)
 *   EA()           offset of the memory operand, at the address size
 *   LD(seg, off, n)  n bytes of memory, zero-extended
 *   PUSH(v)        store below rSP, then move rSP;  LDSTACK() loads at rSP;  ADDSP(n) moves rSP
 *   PUSHAT(v)      the store alone;            PUSHSP() the move that belongs to it
 *   OP(name, ...)  a micro-op of ops.def at the operand size;  OPN(n, name, ...) at n bytes
 *   STACK(a)       address a cut by SS.B; SETSP(v) writes rSP;  ADDR(a) cut to the address size
 *   SETPRODUCT(lo, hi)          rDX:rAX, or AX for bytes
 *   FLAGS(f, res, a, b)         OSZAPC as enum flag_op f defines
 *   FLAGS_CF(f, res, a, b, cf)  the same with CF given (0 or 1)
 *   FLAGS_IF(n, f, ..., cf)     the same, only if n is not 0
 *   FLAGS_NOCF(f, res)          all but CF (INC, DEC)
 *   CF_OF_IF(n, cf, of)         CF and OF only, if n is not 0
 *   CF()           carry as 0 or 1;            SETCF(v)
 *   ARITH(), SETARITH(v, mask)  the flags as EFLAGS bits; SETDF(v); GETAH(), SETAH(v)
 *   COND(cc)       condition cc as 0 or 1;     NOTZERO(v);  CC: the instruction's condition
 *   TARGET(t)      t masked to the operand size; raises #GP(0) if beyond CS.limit
 *   TARGETIF(c, t) the same, raising only if c
 *   JUMP(t)        to a target known at decode time;  JUMPN(t): to one that is not
 *   BRANCH(c, t)   JUMP(t) if c, else on to the next instruction
 *   REL(d)         rip after this instruction + d, a constant
 *   HELPER(h)      x86_help_h(cpu, I): what is rare, huge, or touches the machine
 *
 * Commit rule: everything that can fault (RD, RDW, LD, PUSH, JUMP, a helper) comes before the
 * first WR, SETGPR or FLAGS, so that a fault leaves the state as it was. Rows that commit early by
 * design (REP, PUSHA) carry X86F_RESTART. Stores are last among those that fault.
 *
 * Forms of a meaning (column `forms` of sems.def): what functions the interpreter makes of it.
 *   GEN, ALU2, CMP2 (first operand only read), UN1, SHIFT, MOVX, MOVXB and MOVXW (source of 1 and 2
 *   bytes), LEA, PUSH, POP, CC (by condition)   the next instruction follows
 *   FLOW, CALL, JCC   the body ends in JUMP or BRANCH;  RET, JMPN, CALLN: in JUMPN
 *   HELP           one helper call; with X86F_END the block ends, rip is the next instruction
 *   HELPS          the same, with a short way x87_try_NAME for the usual case (x87_short.h)
 *   HELPJ          one helper call that sets c->rip itself
 *   STR            a helper that returns false when it must be run again (REP interrupted)
 */
/* SPDX-License-Identifier: MIT */
/* SPDX-License-Identifier: MIT */
#ifndef X86_SEM_H
#define X86_SEM_H
#include "cpu-x86/insn.h"
#include "cpu-x86/state.h"

/* Every helper that a body names. */
#define HELPERS(name) void x86_help_##name(struct x86_cpu *c, const struct x86_insn *I);
#include "cpu-x86/helpers.def"
#undef HELPERS
#define STRINGS(name) bool x86_help_##name(struct x86_cpu *c, const struct x86_insn *I);
STRINGS(movs) STRINGS(stos) STRINGS(lods) STRINGS(scas) STRINGS(cmps) STRINGS(ins) STRINGS(outs)
#undef STRINGS
#endif
