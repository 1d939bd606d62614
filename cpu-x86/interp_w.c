/* interp_w.c - the interpreter's functions for operands of 2 bytes. */
/* SPDX-License-Identifier: MIT */
#define OSZ 2
#define INTERP_FORMS interp_forms_w
#define INTERP_SLOW  interp_slow_w
#include "cpu-x86/interp_bind.inc"
