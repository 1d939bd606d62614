/* mutant.h - an engine for tests only: the interpreter with one wrong result. */
/* SPDX-License-Identifier: MIT */
#ifndef MUTANT_H
#define MUTANT_H
#include "cpu-x86/engine.h"

/* Options "KIND=N": what instruction N of the run (from 0) leaves behind is changed.
 * reg: a bit of EBP; flag: AF; mem: a byte of RAM at 5F0h; screen: a byte of video memory;
 * chained: as reg, but only in turns of 65 instructions or more, not in those of a block. */
extern const struct x86_engine_ops engine_mutant;
#endif
