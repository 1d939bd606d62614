/* interp_b.c - the interpreter's functions for operands of 1 byte. */
/* SPDX-License-Identifier: MIT */
#define OSZ 1
#define INTERP_FORMS interp_forms_b
#define INTERP_SLOW  interp_slow_b
#include "cpu-x86/interp_bind.inc"
