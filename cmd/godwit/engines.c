/* engines.c - the table of execution tiers that -engine knows. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/engines.h"
#include "dbt-mips64/dbt.h"

const struct vm_engine vm_engines[] = {
#define ENGINE(ops, help) { &ops, help },
#include "cmd/godwit/engines.def"
    { NULL, NULL },
};
