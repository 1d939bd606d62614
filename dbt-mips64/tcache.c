/* tcache.c - storage and linking of translated code. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/tcache.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "dbt-mips64/emit.h"

/* One segment of 256 MiB, so that j reaches all, below 2 GiB, so that addresses are two words. */
enum { SEGMENT = 1 << 28 };
#define FIRST_TRY 0x10000000ul
#define LAST_TRY  0x70000000ul

static void *reserve(size_t bytes)
{
    for (uintptr_t at = FIRST_TRY; at <= LAST_TRY; at += SEGMENT) {
        void *p = mmap((void *)at, bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (p == (void *)at)
            return p;
        if (p != MAP_FAILED)
            munmap(p, bytes);
    }
    return NULL;
}

static size_t all_bytes(const struct tcache *k)
{
    return 2 * k->bytes + JUMP_SLOTS * sizeof(struct jump_slot);
}

int tcache_new(struct tcache **out, size_t bytes, struct vm_error *e)
{
    struct tcache *k = calloc(1, sizeof *k);
    uint8_t *p;

    if (!k)
        return vm_fail(e, VM_ENOMEM, "no memory for the code cache");
    k->bytes = bytes;
    p = 2 * bytes + SEGMENT / 16 <= SEGMENT ? reserve(all_bytes(k)) : NULL;
    if (!p) {
        free(k);
        return vm_fail(e, VM_ENOMEM, "no room below 2 GiB for a code cache of %zu bytes; "
                       "ask for a smaller one", bytes);
    }
    k->code = k->code_p = (uint32_t *)(void *)p;
    k->code_end = (uint32_t *)(void *)(p + bytes);
    k->data = k->data_p = p + bytes;
    k->data_end = p + 2 * bytes;
    k->jumps = (struct jump_slot *)(void *)k->data_end;
    *out = k;
    return VM_OK;
}

void tcache_free(struct tcache *k)
{
    if (k) {
        free(k->wsites);
        munmap(k->code, all_bytes(k));
    }
    free(k);
}

void tcache_flush(struct tcache *k)
{
    k->code_p = k->first;
    k->data_p = k->data;
    k->nwsites = 0;
    k->all = NULL;
    tcache_void_jumps(k);
    k->stats.flushes++;
}

void tcache_void_jumps(struct tcache *k)
{
    memset(k->jumps, 0, JUMP_SLOTS * sizeof *k->jumps);
}

void *tcache_data(struct tcache *k, size_t bytes)
{
    void *p = k->data_p;

    bytes = (bytes + 15) & ~(size_t)15;
    if (bytes > (size_t)(k->data_end - k->data_p))
        return NULL;
    k->data_p += bytes;
    return memset(p, 0, bytes);
}

void tcache_code_written(uint32_t *from, uint32_t *to)
{
    __builtin___clear_cache((char *)from, (char *)to);
}

static void point(struct tedge *edge, uint32_t *to)
{
    bool near = emit_patch_j(edge->jump, (uintptr_t)edge->jump, (uintptr_t)to);

    VM_ASSERT(near);
    tcache_code_written(edge->jump, edge->jump + 1);
}

void tcache_link(struct tcache *k, struct tedge *edge, struct tb *to)
{
    if (edge->to == to)
        return;
    point(edge, to->code);
    edge->to = to;
    edge->next = to->in;
    to->in = edge;
    k->stats.links++;
}

void tcache_drop(struct tcache *k, struct tb *tb)
{
    if (tb->gone)
        return;
    tb->gone = true;
    for (struct tedge *edge = tb->in; edge; edge = edge->next) {
        point(edge, edge->stub);
        edge->to = NULL;
    }
    tb->in = NULL;
    k->stats.gone++;
}

/* ---- accesses of form W --------------------------------------------------------------------- */

enum { WORDS_A_WSITE = 8 };          /* one with its stub takes more */

int tcache_windows(struct tcache *k, struct vm_error *e)
{
    k->max_wsites = k->bytes / 4 / WORDS_A_WSITE;
    k->wsites = malloc(k->max_wsites * sizeof *k->wsites);
    return k->wsites ? VM_OK : vm_fail(e, VM_ENOMEM, "no memory for the code cache's accesses");
}

uint32_t *tcache_wsite(const struct tcache *k, const uint32_t *pc)
{
    uint32_t at = (uint32_t)(pc - k->code);
    size_t lo = 0, hi = k->nwsites;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (k->wsites[mid].at == at)
            return k->code + k->wsites[mid].stub;
        if (k->wsites[mid].at < at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}
