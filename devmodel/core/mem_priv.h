/* mem_priv.h - the inside of an address space: its flat map, watches and guard. */
/* SPDX-License-Identifier: MIT */
#ifndef MEM_PRIV_H
#define MEM_PRIV_H
#include "devmodel/core/mem.h"

#define WATCH_CHUNK_PAGES 32768u     /* pages a chunk of the watch bitmap covers: 128 MiB */

struct mem_guard { unsigned depth; };        /* device callbacks running now: 0 or 1 */

struct mem_map { struct mem_span *span; size_t n, cap; };

struct mem_space {
    const char          *name;
    uint64_t             size;
    struct mem_region    root;
    struct mem_map       map;        /* sorted, no overlap */
    size_t               last;       /* index of the last hit */
    unsigned             nesting;    /* mem_begin without mem_commit */
    bool                 dirty;
    struct mem_listener *listeners;
    uint8_t            **watch;      /* chunks, NULL = nothing watched there */
    size_t               watch_chunks;
    uint64_t             watched;    /* pages watched in all */
    struct mem_guard     own_guard, *guard;
    struct mem_stats     stats;
};

/* Replaces sp->map by what the tree says now and tells the listeners what differs. */
void mem_flatten(struct mem_space *sp);
#endif
