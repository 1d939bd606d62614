/* fp_sse.h - SSE and SSE2 arithmetic on single and double numbers, by integers under MXCSR.
 * Intel SDM volume 1 chapter 11 and 4.8. Operands and results are bit patterns; the host's own
 * floating point and its control register are never used. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_FP_SSE_H
#define X86_FP_SSE_H
#include "devmodel/base/vm_types.h"

enum {                               /* MXCSR */
    SSE_IE = 1, SSE_DE = 2, SSE_ZE = 4, SSE_OE = 8, SSE_UE = 16, SSE_PE = 32, SSE_FLAGS = 63,
    SSE_DAZ = 64, SSE_MASKS = 0x1f80, SSE_RC = 0x6000, SSE_FTZ = 0x8000, SSE_INIT = 0x1f80
};

/* mxcsr is read only. Operations ADD what they raise to ex (enum above): the elements of a packed
 * operation share one. The caller adds sse_raised() to MXCSR; if sse_fault() holds it stores no
 * element and raises #XM (or #UD without CR4.OSXMMEXCPT). */
struct sse_env {
    uint32_t mxcsr, ex;
};

/* What a (packed) operation adds to MXCSR: unmasked IE, DE, ZE come before any rounding. */
static inline uint32_t sse_raised(const struct sse_env *e)
{
    const uint32_t before = SSE_IE | SSE_DE | SSE_ZE;

    return e->ex & ~(e->mxcsr >> 7) & before ? e->ex & before : e->ex;
}

static inline bool sse_fault(const struct sse_env *e)
{
    return e->ex & ~(e->mxcsr >> 7) & SSE_FLAGS;
}

/* The first operand is the destination's old value: it wins among NaNs. */
uint32_t sse_add32(uint32_t a, uint32_t b, struct sse_env *e);
uint32_t sse_sub32(uint32_t a, uint32_t b, struct sse_env *e);   /* a - b */
uint32_t sse_mul32(uint32_t a, uint32_t b, struct sse_env *e);
uint32_t sse_div32(uint32_t a, uint32_t b, struct sse_env *e);   /* a / b */
uint32_t sse_min32(uint32_t a, uint32_t b, struct sse_env *e);   /* b if equal or unordered */
uint32_t sse_max32(uint32_t a, uint32_t b, struct sse_env *e);
uint32_t sse_sqrt32(uint32_t b, struct sse_env *e);
uint64_t sse_add64(uint64_t a, uint64_t b, struct sse_env *e);
uint64_t sse_sub64(uint64_t a, uint64_t b, struct sse_env *e);
uint64_t sse_mul64(uint64_t a, uint64_t b, struct sse_env *e);
uint64_t sse_div64(uint64_t a, uint64_t b, struct sse_env *e);
uint64_t sse_min64(uint64_t a, uint64_t b, struct sse_env *e);
uint64_t sse_max64(uint64_t a, uint64_t b, struct sse_env *e);
uint64_t sse_sqrt64(uint64_t b, struct sse_env *e);

/* RCP and RSQRT: 12 bits, under 1.5 * 2^-12 off; raise nothing. */
uint32_t sse_rcp32(uint32_t b);
uint32_t sse_rsqrt32(uint32_t b);

/* CMP's eight predicates, immediate bits 0-2: EQ LT LE UNORD NEQ NLT NLE ORD. */
bool sse_cmp32(uint32_t a, uint32_t b, unsigned predicate, struct sse_env *e);
bool sse_cmp64(uint64_t a, uint64_t b, unsigned predicate, struct sse_env *e);

/* COMI and (quiet) UCOMI: EFLAGS' ZF 40h, PF 4, CF 1; the others are 0. */
uint32_t sse_comi32(uint32_t a, uint32_t b, bool quiet, struct sse_env *e);
uint32_t sse_comi64(uint64_t a, uint64_t b, bool quiet, struct sse_env *e);

/* Conversions. bits: 32 or 64; out of range gives IE and the integer indefinite. */
uint64_t sse_f32_to_f64(uint32_t b, struct sse_env *e);
uint32_t sse_f64_to_f32(uint64_t b, struct sse_env *e);
int64_t sse_f32_to_int(uint32_t b, unsigned bits, bool truncate, struct sse_env *e);
int64_t sse_f64_to_int(uint64_t b, unsigned bits, bool truncate, struct sse_env *e);
uint32_t sse_int_to_f32(int64_t b, struct sse_env *e);
uint64_t sse_int_to_f64(int64_t b, struct sse_env *e);
#endif
