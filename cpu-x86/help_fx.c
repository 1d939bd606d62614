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

/* Byte `at` of the image; 16-bit offsets wrap. */
static uint32_t fx_lin(struct x86_cpu *c, const struct x86_insn *I, unsigned at, unsigned n,
                       enum x86_access acc)
{
    uint32_t off = x86_ea(c, I) + at;

    return x86_lin(c, I->seg, I->asz == 2 ? off & 0xffff : off, n, acc);
}

/* The operand's first n bytes in a segment that may be of any kind of code, too. */
static uint32_t lin_of_any(struct x86_cpu *c, const struct x86_insn *I, unsigned n)
{
    const struct x86_seg *s = &c->seg[I->seg];
    uint32_t off = x86_ea(c, I);

    if ((s->attr & (SEG_P | SEG_S | SEG_CODE)) != (SEG_P | SEG_S | SEG_CODE))
        return x86_lin(c, I->seg, off, n, ACC_R);
    if (s->limit != UINT32_MAX && (uint64_t)off + n - 1 > s->limit)    /* 4 GiB wrap */
        x86_raise_ec(c, EXC_GP, 0);
    return (uint32_t)s->base + off;
}

/* EM gives #NM as for the x87: the Pentium III manual (243191, FXSAVE). Other editions say #UD. The
 * chips look at the limit, the alignment, and at the last byte before the others. */
static void fx_begin(struct x86_cpu *c, const struct x86_insn *I, enum x86_access acc)
{
    uint32_t a;

    if (c->cr0 & (CR0_EM | CR0_TS))
        x86_raise(c, EXC_NM);
    a = lin_of_any(c, I, 4);
    x86_check_alignment(c, a, 4);
    if (a & 15)
        x86_raise_ec(c, EXC_GP, 0);
    a = fx_lin(c, I, FX_BYTES - 1, 1, acc);
    if (acc == ACC_W)
        x86_check_write(c, a, 1);
    else
        x86_ld_lin(c, a, 1);
}

/* XMM registers go as a whole, the rest by 8 bytes: so much is there when a limit stops it. */
static unsigned fx_piece(unsigned at) { return at < FX_XMM ? 8 : 16; }

/* The last 224 bytes of the image are not written, as on the chips. */
void x86_help_fxsave(struct x86_cpu *c, const struct x86_insn *I)
{
    uint8_t b[FX_USED] = { 0 };
    uint32_t csr[2] = { c->mxcsr, MXCSR_MASK };

    fx_begin(c, I, ACC_W);
    x87_to_fxsave(c, b);
    memcpy(b + FX_MXCSR, csr, sizeof csr);
    memcpy(b + FX_XMM, c->xmm, FX_XMM_REGS * sizeof c->xmm[0]);
    for (unsigned at = 0, n; at < FX_USED; at += n) {
        n = fx_piece(at);
        x86_st_bytes(c, fx_lin(c, I, at, n, ACC_W), b + at, n);
    }
}

static uint32_t load_mxcsr(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t csr = (uint32_t)x86_ld_lin(c, fx_lin(c, I, FX_MXCSR, 4, ACC_R), 4);

    if (csr & ~MXCSR_MASK)
        x86_raise_ec(c, EXC_GP, 0);
    return csr;
}

void x86_help_fxrstor(struct x86_cpu *c, const struct x86_insn *I)
{
    uint8_t b[FX_USED] = { 0 };
    uint32_t csr = 0;

    fx_begin(c, I, ACC_R);
    for (unsigned at = 0, n; at < FX_USED; at += n) {
        if (at == 16)                          /* the rest may lie beyond the limit */
            csr = load_mxcsr(c, I);
        n = fx_piece(at);
        x86_ld_bytes(c, fx_lin(c, I, at, n, ACC_R), b + at, n);
    }
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

/* Like a load for protection and paging, but code that cannot be read will do. */
void x86_help_clflush(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_ld_lin(c, lin_of_any(c, I, 1), 1);
}
