/* engines.c - the engines of the test's own godwit: the mutant is one more. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/engines.h"
#include "dbt-mips64/dbt.h"
#include "tests/lockstep/mutant.h"

const struct vm_engine vm_engines[] = {
#define ENGINE(ops, help) { &ops, help },
#include "cmd/godwit/engines.def"
    { &engine_mutant, "the interpreter with one wrong result" },
    { NULL, NULL },
};
