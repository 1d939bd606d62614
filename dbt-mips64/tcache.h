/* tcache.h - translated code: its memory, its blocks, the links between them, forgetting.
 *
 * A translation hangs on the decoded block that it starts with (cpu-x86/block.h), and so has its
 * key: guest physical address and mode. One of a page of shared code serves all processes. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_TCACHE_H
#define DBT_TCACHE_H
#include "cpu-x86/block.h"
#include "cpu-x86/state.h"
#include "devmodel/base/vm_err.h"

/* A call out of translated code. */
struct tsite {
    struct x86_site base;            /* what the CPU may know */
    const void     *fn;              /* helper: void or bool fn(c, insn) */
    uint8_t         seg, size;       /* access: ES..GS, bytes */
    bool            write;
    bool            window;          /* form W: told the linear address, not the offset */
};

/* A direct exit: `jump` is its j, to the target's code once linked, else to `stub`. */
struct tedge {
    uint32_t     *jump, *stub;
    struct tb    *from, *to;         /* to: NULL until linked */
    struct tedge *next;              /* of the same target */
    int32_t       off;               /* target, from the page's start */
};

struct tb {
    struct x86_block *block;
    uint32_t     *code;
    struct tedge *in;                /* linked here */
    struct tb    *next;              /* in tcache.all */
    struct x86_block *uses[24];      /* decoded blocks that it was made from, or looked at */
    unsigned      nuses;
    bool          gone;
};

/* An access that may fault, and where it goes then. Words from the start of the code. */
struct wsite { uint32_t at, stub; };

struct tb_use { struct tb *tb; struct tb_use *next; };     /* in x86_block.users */

struct jump_slot { uint64_t tag; void *code; };
enum { JUMP_SLOTS = 4096 };

struct tcache {
    uint32_t *code, *code_p, *code_end;          /* words */
    uint8_t  *data, *data_p, *data_end;
    struct tb *all;
    struct wsite *wsites;            /* form W, by `at`; NULL = form S */
    size_t    nwsites, max_wsites;
    struct jump_slot *jumps;         /* JUMP_SLOTS */
    size_t    bytes;                 /* of code, and as many of data */
    /* common pieces of code, made once (stubs.c) */
    uint32_t *enter, *leave, *leave_interp, *access, *helper, *helper_str, *jump_flat, *jump_any;
    uint32_t *first;                 /* where translations begin */
    struct { uint64_t translated, insns, words, links, gone, flushes; } stats;
};

/* bytes of host code. VM_ENOMEM: no such room below 2 GiB. */
int  tcache_new(struct tcache **out, size_t bytes, struct vm_error *e);
void tcache_free(struct tcache *k);
/* All translations are dropped; nothing of them may be running. */
void tcache_flush(struct tcache *k);
/* From the arena, zeroed; NULL = full. */
void *tcache_data(struct tcache *k, size_t bytes);
/* Code was written at [from, to): the host's instruction cache must see it. */
void tcache_code_written(uint32_t *from, uint32_t *to);
void tcache_link(struct tcache *k, struct tedge *edge, struct tb *to);
/* Nothing enters tb any more. It stays readable until the next flush. */
void tcache_drop(struct tcache *k, struct tb *tb);

/* Prepares for form W. VM_ENOMEM. */
int  tcache_windows(struct tcache *k, struct vm_error *e);
/* The word to go on at after a fault at `pc`; NULL: it is no access of form W. */
uint32_t *tcache_wsite(const struct tcache *k, const uint32_t *pc);

void tcache_void_jumps(struct tcache *k);

static inline struct jump_slot *tcache_jump(struct tcache *k, uint32_t lin)
{
    return &k->jumps[lin & (JUMP_SLOTS - 1)];
}
#endif
