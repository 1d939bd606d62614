/* engine.h - an execution tier. Interpreter, template and optimizing translators all are one. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_ENGINE_H
#define X86_ENGINE_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
struct x86_cpu;

enum x86_stop { STOP_BUDGET, STOP_HALT, STOP_KICK /* someone set X86_PEND_STOP */,
                STOP_TRIPLE_FAULT, STOP_DEBUG };

struct x86_engine_ops {
    const char *name;                                          /* "interp", "tmpl", "opt" */
    int  (*create)(void **self, struct x86_cpu *c, const char *opts, struct vm_error *e);
    /* Runs until cpu->budget reaches 0 or a stop. On return every field of *c is exact, rip names
     * the next instruction, and budget has been lowered by exactly the instructions retired.
     * Events are taken at the edge after the instruction that lets them in; while one stays
     * pending (the line is high, the gate left IF alone), blocks have one instruction.
     * Calls x86_edge_after (block.h) before each block that it looks up. */
    enum x86_stop (*run)(void *self);
    void (*forget)(void *self, gpa_t from, uint64_t bytes);    /* guest code there changed */
    void (*stats)(void *self, void (*row)(void *o, const char *name, uint64_t v), void *o);
    void (*destroy)(void *self);
};
extern const struct x86_engine_ops engine_interp;              /* cpu-x86/interp.c */
extern const struct x86_engine_ops engine_step;    /* the same, one instruction a block */
#endif
