/* engines.c - the engines of the test's own godwit: the mutant is one more. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/engines.h"
#include "tests/lockstep/mutant.h"

const struct vm_engine vm_engines[] = {
    { &engine_interp, "the interpreter" },
    { &engine_step, "the interpreter with one instruction a block" },
    { &engine_mutant, "the interpreter with one wrong result" },
    { NULL, NULL },
};
