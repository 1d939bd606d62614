/* undefined.h - which flags the manual leaves open, and which it makes defined again. */
/* SPDX-License-Identifier: MIT */
#ifndef UNDEFINED_H
#define UNDEFINED_H
#include "cpu-x86/insn.h"

enum { COUNT_UNKNOWN = 99 };
/* The flags that are undefined after I, if `before` are before it. cl: the low byte of ECX, or
 * COUNT_UNKNOWN. */
uint32_t undefined_after(const struct x86_insn *I, uint32_t before, unsigned cl);
/* I's result depends on one of these flags. */
bool uses_flags(const struct x86_insn *I, uint32_t flags);
#endif
