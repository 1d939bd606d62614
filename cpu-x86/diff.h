/* diff.h - compares the architectural state of two CPUs, for lockstep and for tests of engines. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_DIFF_H
#define X86_DIFF_H
#include "cpu-x86/state.h"

/* Quick: true when every field that x86_diff names is the same. Between two runs only. Flags are
 * compared as bits, however they are kept; TLBs, decoded code, host pointers are not looked at. */
bool x86_same(const struct x86_cpu *a, const struct x86_cpu *b);

/* Calls row for each field that differs, in the manual's order and names; returns how many. */
typedef void x86_diff_row(void *self, const char *name, uint64_t a, uint64_t b);
unsigned x86_diff(const struct x86_cpu *a, const struct x86_cpu *b, x86_diff_row *row, void *self);
#endif
