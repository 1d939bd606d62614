/* engines.c - the table of execution tiers. A new one is one row here. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/engines.h"

const struct vm_engine vm_engines[] = {
    { &engine_interp, "decodes blocks of up to 32 instructions and interprets them (the default)" },
    { &engine_step, "the interpreter with one instruction a block; to compare others with" },
    { NULL, NULL },
};
