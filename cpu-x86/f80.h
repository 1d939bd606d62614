/* f80.h - the x87's 80-bit arithmetic, exact, by integers only: no host floating point anywhere.
 * Intel SDM volume 1 chapter 8, as the P6 and later chips do it. The register stack, tags and
 * empty-register faults are not here: see help_x87.c. Method and error bounds: docs/x87.md. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_F80_H
#define X86_F80_H
#include "devmodel/base/vm_types.h"

struct f80 {
    uint64_t m;                      /* significand with its explicit integer bit 63 */
    uint16_t se;                     /* sign in bit 15, exponent biased by 16383 below */
};

enum {                               /* bits of the status word; the first six mask in cw */
    F80_IE = 0x01, F80_DE = 0x02, F80_ZE = 0x04, F80_OE = 0x08, F80_UE = 0x10, F80_PE = 0x20,
    F80_C0 = 0x100, F80_C1 = 0x200, F80_C2 = 0x400, F80_C3 = 0x4000
};

enum { F80_RN, F80_RD, F80_RU, F80_RZ };           /* control word bits 10-11 */
enum { F80_PC24 = 0, F80_PC53 = 2, F80_PC64 = 3 }; /* control word bits 8-9 */

/* cw is the control word, read only. Every operation SETS ex to what it adds to the status word:
 * the exceptions it met, C1 when the result was rounded up in magnitude, and the condition codes
 * its description names. */
struct f80_env {
    uint16_t cw, ex;
};

/* An unmasked IE, DE or ZE: the chip leaves the destination alone; the returned value is void. */
static inline bool f80_no_result(const struct f80_env *e)
{
    return e->ex & ~e->cw & (F80_IE | F80_DE | F80_ZE);
}

/* The same, for a store to memory, which unmasked OE and UE also prevent. */
static inline bool f80_no_store(const struct f80_env *e)
{
    return e->ex & ~e->cw & (F80_IE | F80_DE | F80_ZE | F80_OE | F80_UE);
}

/* Rounded to PC bits. Unmasked OE and UE give the exponent wrapped by 24576, as to a register. */
struct f80 f80_add(struct f80 a, struct f80 b, struct f80_env *e);
struct f80 f80_sub(struct f80 a, struct f80 b, struct f80_env *e);   /* a - b */
struct f80 f80_mul(struct f80 a, struct f80 b, struct f80_env *e);
struct f80 f80_div(struct f80 a, struct f80 b, struct f80_env *e);   /* a / b */
struct f80 f80_sqrt(struct f80 a, struct f80_env *e);

/* FPREM and FPREM1: C2 = reduction incomplete, else quotient bits 2, 1, 0 in C0, C3, C1. */
struct f80 f80_prem(struct f80 a, struct f80 b, struct f80_env *e);
struct f80 f80_prem1(struct f80 a, struct f80 b, struct f80_env *e);

enum f80_rel { F80_GT = 0, F80_LT = F80_C0, F80_EQ = F80_C3, F80_UN = F80_C0 | F80_C2 | F80_C3 };

/* C3 C2 C0 as FCOM sets them. quiet: FUCOM, where a quiet NaN is not an invalid operand. */
enum f80_rel f80_compare(struct f80 a, struct f80 b, bool quiet, struct f80_env *e);
uint16_t f80_xam(struct f80 a);      /* C3 C2 C1 C0 as FXAM does for a register in use */

struct f80 f80_rndint(struct f80 a, struct f80_env *e);
struct f80 f80_scale(struct f80 a, struct f80 b, struct f80_env *e);   /* a * 2^trunc(b) */
/* FXTRACT: returns the exponent as a number, *sig the significand. */
struct f80 f80_xtract(struct f80 a, struct f80 *sig, struct f80_env *e);

/* From memory formats: always exact; only FLD m32 and m64 can raise IE and DE. */
struct f80 f80_from_i64(int64_t v);
struct f80 f80_from_f32(uint32_t v, struct f80_env *e);
struct f80 f80_from_f64(uint64_t v, struct f80_env *e);
struct f80 f80_from_bcd(const uint8_t v[10]);
/* The same value, a signaling NaN left alone: an operand of arithmetic, raising nothing itself. */
struct f80 f80_widen32(uint32_t v, bool *denormal);
struct f80 f80_widen64(uint64_t v, bool *denormal);

/* To memory formats. bits: 16, 32, 64; out of range gives IE and the integer indefinite.
 * truncate: FISTTP, which ignores RC. */
int64_t f80_to_int(struct f80 a, unsigned bits, bool truncate, struct f80_env *e);
uint32_t f80_to_f32(struct f80 a, struct f80_env *e);
uint64_t f80_to_f64(struct f80 a, struct f80_env *e);
void f80_to_bcd(uint8_t v[10], struct f80 a, struct f80_env *e);

/* Transcendentals: PC is ignored, RC is not. The trigonometric ones take |a| < 2^63 and reduce by
 * the 66-bit pi of the silicon; beyond they set C2 and return a unchanged. */
struct f80 f80_2xm1(struct f80 a, struct f80_env *e);                  /* |a| <= 1; else a */
struct f80 f80_yl2x(struct f80 x, struct f80 y, struct f80_env *e);    /* y * log2(x) */
struct f80 f80_yl2xp1(struct f80 x, struct f80 y, struct f80_env *e);  /* y * log2(x + 1) */
struct f80 f80_patan(struct f80 y, struct f80 x, struct f80_env *e);   /* angle of (x, y) */
struct f80 f80_sin(struct f80 a, struct f80_env *e);
struct f80 f80_cos(struct f80 a, struct f80_env *e);
struct f80 f80_tan(struct f80 a, struct f80 *top, struct f80_env *e);  /* *top: 1, to be pushed */
struct f80 f80_sincos(struct f80 a, struct f80 *cosine, struct f80_env *e);

/* FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ by the low three opcode bits, rounded by RC. */
struct f80 f80_const(unsigned which, const struct f80_env *e);

extern const struct f80 f80_indefinite;            /* the QNaN of a masked invalid operation */
#endif
