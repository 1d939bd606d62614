/* engines.h - the execution tiers that -engine can name, and what it says. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_ENGINES_H
#define GODWIT_ENGINES_H
#include "cpu-x86/engine.h"
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
#include <stdio.h>

/* The rows of engines.def. engines.c has nothing else: a test links its own table in its place. */
struct vm_engine { const struct x86_engine_ops *ops; const char *help; };
extern const struct vm_engine vm_engines[];          /* the first is the default; ops NULL ends */

/* VM_EINVAL: there is no such engine; the sentence names those there are. NULL is the default. */
int  vm_engine_find(const char *name, const struct x86_engine_ops **out, struct vm_error *e);
void vm_engine_help(FILE *out);

enum { ENGINE_OPTIONS = 256 };
struct vm_engine_use {
    const struct x86_engine_ops *ops;                /* NULL: not given */
    char options[ENGINE_OPTIONS];                    /* for its create: "name=value,..." */
};

/* "NAME[,option=value...][,lockstep=NAME[,option=value...]]". */
#define LOCKSTEP_MEMORY 10000000u    /* instructions between two looks at memory, if not said */
struct vm_engines_asked {
    struct vm_engine_use use[2];     /* [1] is the one beside it in lockstep */
    uint64_t every;                  /* instructions a turn; 0 = the second engine's blocks */
    uint64_t memory;                 /* instructions between two comparisons of all memory */
    uint64_t from;                   /* no comparison before so many instructions */
    const char *text;                /* all of it, as it was given; NULL = nothing was */
};
/* VM_EINVAL: the sentence says what is wrong and what would be right. */
int vm_engines_parse(const char *text, struct vm_engines_asked *out, struct vm_error *e);
#endif
