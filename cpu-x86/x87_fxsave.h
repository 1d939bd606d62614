/* x87_fxsave.h - what the rest of the CPU asks of the x87: reset, and its part of FXSAVE. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_X87_FXSAVE_H
#define X86_X87_FXSAVE_H
#include "cpu-x86/state.h"

/* FNINIT. Registers keep their values. After a reset, too. */
void x87_init(struct x86_cpu *c);

/* The first 160 bytes of an FXSAVE image (SDM vol. 1 10.5.1), but bytes 24-31: MXCSR and its mask
 * are the caller's. Reserved bytes are zero. */
enum { X87_FXSAVE_BYTES = 160 };
void x87_to_fxsave(const struct x86_cpu *c, uint8_t b[X87_FXSAVE_BYTES]);
void x87_from_fxsave(struct x86_cpu *c, const uint8_t b[X87_FXSAVE_BYTES]);
#endif
