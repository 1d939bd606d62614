/* block.h - decoded blocks: what the interpreter runs and the translators will consume.
 *
 * A block is a run of instructions inside one guest page, keyed by physical address and mode. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_BLOCK_H
#define X86_BLOCK_H
#include "cpu-x86/insn.h"
#include "cpu-x86/state.h"
#include "devmodel/base/vm_err.h"

enum { BLOCK_MAX_INSNS = 32 };

/* The engine's part of decoding: the function that runs I under mode, enum x86_mode_bits. */
x86_exec_fn *interp_bind(const struct x86_insn *I, uint32_t mode);
extern x86_exec_fn interp_leave;     /* pseudo-instruction: rip = its offset, leave the block */
extern x86_exec_fn interp_fall;      /* the same at a block's end: on to the next block */

struct x86_block {
    struct x86_block *next;          /* in its page's list */
    struct x86_block *link[2];       /* [0] not taken or fallen through, [1] taken; same page */
    gpa_t    gpa;
    uint32_t mode;
    uint16_t n, bytes;               /* instructions; guest bytes, 1.. */
    uint16_t off;                    /* of the first byte in its page */
    /* a translating tier's (tier.h): */
    uint16_t heat;                   /* runs left until it is worth translating */
    x86_exec_fn *first;              /* the interpreter's function for insn[0], if replaced */
    struct tb *code;                 /* its translation, or NULL */
    struct tb_use *users;            /* translations that were made from it */
    bool     gone;                   /* its bytes have changed */
    struct x86_insn insn[];          /* n, and one pseudo-instruction */
};

struct x86_blocks;                   /* the cache: one per CPU */
struct x86_tier;

/* tier: copied, NULL = none. */
int  x86_blocks_new(struct x86_blocks **out, struct x86_cpu *c, size_t bytes,
                    const struct x86_tier *tier, struct vm_error *e);
void x86_blocks_free(struct x86_blocks *b);

/* The block at CS:rip under c->mode | extra. Raises what fetching or decoding raises, with c->cur
 * NULL. A block that crosses into the next page is decoded afresh each time. */
struct x86_block *x86_blocks_find(struct x86_blocks *b, uint32_t extra);

/* The block at a physical address under mode, decoded now if there is room without a flush; NULL if
 * there is none, or if it is not in plain memory or crosses into another page. Raises nothing. */
struct x86_block *x86_blocks_at(struct x86_blocks *b, gpa_t gpa, uint32_t mode);

/* Guest bytes changed: blocks that hold any of them are gone, and if the running block is one of
 * them it is left after the current instruction. */
void x86_blocks_forget(struct x86_blocks *b, gpa_t from, uint64_t bytes);
void x86_blocks_flush(struct x86_blocks *b);      /* between blocks only */

/* A block of n instructions is about to run: under stop_at_edge it is the slice's last. What is
 * left of the budget is taken from the slice too, so that another engine can be given the same. */
static inline void x86_edge_after(struct x86_cpu *c, int32_t n)
{
    if (c->stop_at_edge && c->budget > n) {
        c->slice -= c->budget - n;
        c->budget = n;
    }
}

struct x86_blocks_stats { uint64_t built, decoded, crossing, forgotten, flushes; };
void x86_blocks_get_stats(const struct x86_blocks *b, struct x86_blocks_stats *out);
#endif
