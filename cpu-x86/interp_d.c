/* interp_d.c - the interpreter's functions for operands of 4 bytes. */
/* SPDX-License-Identifier: MIT */
#define OSZ 4
#define INTERP_FORMS interp_forms_d
#define INTERP_SLOW  interp_slow_d
#include "cpu-x86/interp_bind.inc"
