/* tier.h - what a translating engine adds to the interpreter, which stays its cold tier.
 *
 * A block runs by its first instruction's exec: a tier puts a function of its own there to count,
 * to translate, and to run what it made. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_TIER_H
#define X86_TIER_H
#include "cpu-x86/block.h"
#include "cpu-x86/engine.h"

struct x86_tier {
    void (*built)(void *self, struct x86_block *b);        /* decoded; it will be kept */
    void (*gone)(void *self, struct x86_block *b);         /* its bytes changed: enter it no more */
    void (*flushed)(void *self);                           /* all blocks are gone */
    void *self;
};

struct interp;

/* tier: copied; NULL = none. VM_ENOMEM. */
int  interp_new(struct interp **out, struct x86_cpu *c, const struct x86_tier *tier,
                struct vm_error *e);
void interp_free(struct interp *in);
struct x86_blocks *interp_blocks(struct interp *in);
enum x86_stop interp_run(struct interp *in);
void interp_forget(struct interp *in, gpa_t from, uint64_t bytes);
void interp_stats(struct interp *in, void (*row)(void *o, const char *name, uint64_t v), void *o);

/* Goes on in the interpreter at I of block b, between blocks: counts what is left of b. To be
 * returned by an exec function. */
const struct x86_insn *interp_resume(struct x86_cpu *c, struct x86_block *b,
                                     const struct x86_insn *I);
#endif
