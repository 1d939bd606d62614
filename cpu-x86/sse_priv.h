/* sse_priv.h - how every MMX and SSE helper begins, reads, writes and ends. SDM vol. 1 ch. 9-12. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_SSE_PRIV_H
#define X86_SSE_PRIV_H
#include "cpu-x86/access.h"
#include "cpu-x86/except.h"
#include "cpu-x86/sem.h"

#define HELP(name) void x86_help_##name(struct x86_cpu *c, const struct x86_insn *I)

/* #UD, #NM, #MF as the register files that I uses ask for. */
void sse_enter(struct x86_cpu *c, const struct x86_insn *I);
/* Operand k: a register whole, memory of its size (16 bytes: aligned or #GP(0)), an immediate. */
union x86_xmm sse_get(struct x86_cpu *c, const struct x86_insn *I, unsigned k);
/* The low n bytes to register operand k (the rest of an XMM register stays), or its size to
 * memory; then the transition to MMX state if I uses that file. Nothing faults after it. */
void sse_put(struct x86_cpu *c, const struct x86_insn *I, unsigned k, union x86_xmm v, unsigned n);
/* The transition alone: TOP 0, all registers in use. */
void sse_mmx_state(struct x86_cpu *c, const struct x86_insn *I);
#endif
