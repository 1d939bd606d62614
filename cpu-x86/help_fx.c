/* help_fx.c - FXSAVE and FXRSTOR, MXCSR, and the instructions of the SSE era that move no lanes:
 * fences, CLFLUSH, MOVNTI. SDM vol. 2. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "cpu-x86/access.h"
#include "cpu-x86/except.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/sys.h"
#include "cpu-x86/x87_fxsave.h"

enum { FX_BYTES = 512, FX_MXCSR = 24, FX_XMM = 160, FX_USED = 288, FX_XMM_REGS = 8 };
#define MXCSR_MASK 0xffffu           /* bits that exist; DAZ among them */

/* EM gives #NM as for the x87: the Pentium III manual (243191, FXSAVE). Other editions say #UD. */
static gva_t fx_address(struct x86_cpu *c, const struct x86_insn *I, enum x86_access acc)
{
    gva_t a;

    if (c->cr0 & (CR0_EM | CR0_TS))
        x86_raise(c, EXC_NM);
    a = x86_lin(c, I->seg, x86_ea(c, I), FX_BYTES, acc);
    if (a & 15)
        x86_raise_ec(c, EXC_GP, 0);
    return a;
}

/* The last 224 bytes of the image are not written, as on the chips. */
void x86_help_fxsave(struct x86_cpu *c, const struct x86_insn *I)
{
    gva_t a = fx_address(c, I, ACC_W);
    uint8_t b[FX_USED] = { 0 };
    uint32_t csr[2] = { c->mxcsr, MXCSR_MASK };

    x87_to_fxsave(c, b);
    memcpy(b + FX_MXCSR, csr, sizeof csr);
    memcpy(b + FX_XMM, c->xmm, FX_XMM_REGS * sizeof c->xmm[0]);
    x86_st_bytes(c, a, b, sizeof b);
}

void x86_help_fxrstor(struct x86_cpu *c, const struct x86_insn *I)
{
    gva_t a = fx_address(c, I, ACC_R);
    uint8_t b[FX_BYTES];
    uint32_t csr;

    x86_ld_bytes(c, a, b, sizeof b);
    memcpy(&csr, b + FX_MXCSR, sizeof csr);
    if (csr & ~MXCSR_MASK)
        x86_raise_ec(c, EXC_GP, 0);
    x87_from_fxsave(c, b);
    c->mxcsr = csr;
    memcpy(c->xmm, b + FX_XMM, FX_XMM_REGS * sizeof c->xmm[0]);
}

static void need_sse(struct x86_cpu *c)
{
    if ((c->cr0 & CR0_EM) || !(c->cr4 & CR4_OSFXSR))
        x86_raise(c, EXC_UD);
    if (c->cr0 & CR0_TS)
        x86_raise(c, EXC_NM);
}

void x86_help_ldmxcsr(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t v;

    need_sse(c);
    v = x86_rd_opnd(c, I, 0);
    if (v & ~MXCSR_MASK)
        x86_raise_ec(c, EXC_GP, 0);
    c->mxcsr = v;
}

void x86_help_stmxcsr(struct x86_cpu *c, const struct x86_insn *I)
{
    need_sse(c);
    x86_wr_opnd(c, I, 0, c->mxcsr);
}

void x86_help_movnti(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_wr_opnd(c, I, 0, x86_rd_opnd(c, I, 1));
}

/* Like a load for protection and paging. */
void x86_help_clflush(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_ld(c, I->seg, x86_ea(c, I), 1);
}
