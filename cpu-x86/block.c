/* block.c - the cache of decoded blocks: building, finding, forgetting.
 *
 * Blocks live in one arena that is only ever emptied as a whole, so a block that was forgotten
 * while it runs stays readable until it is left. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/block.h"
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/access.h"
#include "cpu-x86/engine.h"
#include "cpu-x86/except.h"
#include "cpu-x86/model.h"
#include "cpu-x86/mmu.h"
#include "cpu-x86/tier.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/mem.h"

enum { PAGE_HASH = 4096, GRANULE = 64 /* bytes of guest code a bit stands for */ };

struct code_page {                   /* a guest physical page with blocks */
    struct code_page *next;          /* in its hash chain */
    gpa_t             page;
    uint64_t          granules;      /* which 64-byte pieces hold code */
    struct x86_block *starting[GUEST_PAGE / GRANULE];   /* blocks by the granule they start in */
};

struct x86_blocks {
    struct x86_cpu   *cpu;
    struct x86_tier   tier;
    uint8_t          *arena;
    size_t            size, used;
    struct code_page *hash[PAGE_HASH];
    struct x86_blocks_stats stats;
    union {                          /* a block of one instruction across two pages */
        struct x86_block block;
        uint8_t room[sizeof(struct x86_block) + 2 * sizeof(struct x86_insn)];
    } crossing;
};

int x86_blocks_new(struct x86_blocks **out, struct x86_cpu *c, size_t bytes,
                   const struct x86_tier *tier, struct vm_error *e)
{
    struct x86_blocks *b = calloc(1, sizeof *b);

    if (b)
        b->arena = malloc(bytes);
    if (!b || !b->arena) {
        free(b);
        return vm_fail(e, VM_ENOMEM, "no memory for %zu bytes of decoded code", bytes);
    }
    b->cpu = c;
    b->size = bytes;
    if (tier)
        b->tier = *tier;
    *out = b;
    return VM_OK;
}

void x86_blocks_free(struct x86_blocks *b)
{
    free(b->arena);
    free(b);
}

void x86_blocks_get_stats(const struct x86_blocks *b, struct x86_blocks_stats *out)
{
    *out = b->stats;
}

/* ---- pages ---- */

static struct code_page **page_slot(struct x86_blocks *b, gpa_t page)
{
    struct code_page **p = &b->hash[(page >> 12 ^ page >> 24) % PAGE_HASH];

    while (*p && (*p)->page != page)
        p = &(*p)->next;
    return p;
}

static void unwatch_all(struct x86_blocks *b)
{
    for (unsigned i = 0; i < PAGE_HASH; i++)
        for (struct code_page *p = b->hash[i]; p; p = p->next)
            if (p->granules)
                b->cpu->mmu->code_page(b->cpu->mmu_self, p->page, false);
}

void x86_blocks_flush(struct x86_blocks *b)
{
    VM_ASSERT(!b->cpu->block);
    unwatch_all(b);
    memset(b->hash, 0, sizeof b->hash);
    b->used = 0;
    x86_new_jump_gen(b->cpu);
    b->stats.flushes++;
    if (b->tier.flushed)
        b->tier.flushed(b->tier.self);
}

static void *take(struct x86_blocks *b, size_t bytes)
{
    void *p = b->arena + b->used;

    VM_ASSERT(bytes <= b->size - b->used);
    b->used += (bytes + 15) & ~(size_t)15;
    return p;
}

static struct code_page *page_of(struct x86_blocks *b, gpa_t page)
{
    struct code_page **slot = page_slot(b, page), *p = *slot;

    if (p)
        return p;
    p = take(b, sizeof *p);
    *p = (struct code_page){ .page = page };
    *slot = p;
    return p;
}

static struct x86_block **start_list(struct code_page *p, gpa_t gpa)
{
    return &p->starting[(gpa & (GUEST_PAGE - 1)) / GRANULE];
}

static uint64_t granules_of(gpa_t from, uint64_t bytes)
{
    unsigned lo = (from & 4095) / GRANULE, hi = ((from & 4095) + bytes - 1) / GRANULE;

    return (hi >= 63 ? UINT64_MAX : (UINT64_C(2) << hi) - 1) & ~((UINT64_C(1) << lo) - 1);
}

/* ---- forgetting ---- */

/* The rest of the running block must not run: its instructions become exits. */
static void stop_running(struct x86_cpu *c)
{
    struct x86_block *b = c->block;

    if (c->cur < b->insn || c->cur > b->insn + b->n)
        return;
    for (const struct x86_insn *I = c->cur + 1; I < b->insn + b->n; I++)
        b->insn[I - b->insn].exec = interp_leave;
}

static bool overlaps(const struct x86_block *b, gpa_t from, uint64_t bytes)
{
    return b->gpa < from + bytes && from < b->gpa + b->bytes;
}

static void forget_in_list(struct x86_blocks *b, struct code_page *p, struct x86_block **at,
                           gpa_t from, uint64_t bytes)
{
    while (*at) {
        struct x86_block *k = *at;

        k->link[0] = k->link[1] = NULL;
        if (!overlaps(k, from, bytes)) {
            p->granules |= granules_of(k->gpa, k->bytes);
            at = &k->next;
            continue;
        }
        if (k == b->cpu->block)
            stop_running(b->cpu);
        *at = k->next;
        if (b->tier.gone)
            b->tier.gone(b->tier.self, k);
        b->stats.forgotten++;
    }
}

static void forget_in_page(struct x86_blocks *b, struct code_page *p, gpa_t from, uint64_t bytes)
{
    struct x86_cpu *c = b->cpu;

    p->granules = 0;
    for (unsigned i = 0; i < GUEST_PAGE / GRANULE; i++)
        forget_in_list(b, p, &p->starting[i], from, bytes);
    x86_new_jump_gen(c);
    if (!p->granules)
        c->mmu->code_page(c->mmu_self, p->page, false);
}

void x86_blocks_forget(struct x86_blocks *b, gpa_t from, uint64_t bytes)
{
    while (bytes) {
        uint64_t n = GUEST_PAGE - (from & (GUEST_PAGE - 1));
        struct code_page *p = *page_slot(b, from & ~(gpa_t)(GUEST_PAGE - 1));

        n = n < bytes ? n : bytes;
        if (p && (p->granules & granules_of(from, n)))
            forget_in_page(b, p, from, n);
        from += n;
        bytes -= n;
    }
}

/* ---- building ---- */

/* How many bytes it takes to know that they are none: a write to any of them may change that. */
static unsigned bytes_of_ud(const uint8_t *p, unsigned avail, uint32_t mode)
{
    struct x86_insn I;
    unsigned n = 1;

    while (n < avail && x86_decode(&I, p, n, mode & MODE_CS32) == DEC_MORE)
        n++;
    return n;
}

/* What the bytes at p are, as an instruction that can be run: #UD is one. */
static int decode_at(const struct x86_model *m, struct x86_insn *I, const uint8_t *p,
                     unsigned avail, uint32_t mode)
{
    int len = x86_decode(I, p, avail, mode & MODE_CS32);

    if (len > 0 && !x86_model_has(m, I))
        len = DEC_UD;
    if (len != DEC_UD)
        return len;
    memset(I, 0, sizeof *I);
    I->row = ROW_NONE;
    I->sem = SEM_ud;
    I->flags = X86F_END;
    I->osz = 4;
    I->len = (uint8_t)bytes_of_ud(p, avail, mode);
    return I->len;
}

static void end_block(struct x86_block *b)
{
    struct x86_insn *end = &b->insn[b->n];

    memset(end, 0, sizeof *end);
    end->off = b->off + b->bytes;
    end->exec = interp_fall;
}

/* Decodes from host bytes p; 0 instructions if the first one does not fit in avail. */
static void fill(struct x86_blocks *k, struct x86_block *b, const uint8_t *p, unsigned avail,
                 unsigned max)
{
    b->n = b->bytes = 0;
    while (b->n < max) {
        struct x86_insn *I = &b->insn[b->n];
        int len = decode_at(k->cpu->model, I, p + b->bytes, avail - b->bytes, b->mode);

        if (len <= 0 || (I->sem == SEM_ud && b->n))
            break;
        I->off = b->off + b->bytes;
        I->idx = (uint8_t)b->n;
        I->exec = interp_bind(I, b->mode);
        b->bytes += len;
        b->n++;
        if (I->flags & X86F_END)
            break;
    }
    k->stats.decoded += b->n;
    end_block(b);
}

/* One instruction whose bytes are gathered from two pages, or from a device. */
static struct x86_block *gather(struct x86_blocks *k, uint32_t lin, uint32_t room, uint32_t mode)
{
    struct x86_cpu *c = k->cpu;
    struct x86_block *b = &k->crossing.block;
    uint8_t bytes[15];
    unsigned n = 0;

    memset(b, 0, sizeof *b);
    while (n < 15 && n < room) {
        gpa_t gpa;
        const uint8_t *host = c->mmu->translate(c->mmu_self, c, lin + n, 1, ACC_X,
                                                mode & MODE_USER, &gpa);

        bytes[n++] = host ? *host : mem_read(c->mem, gpa, 1);
        if (decode_at(c->model, &b->insn[0], bytes, n, mode) > 0)
            break;
    }
    b->mode = mode;
    b->off = lin & (GUEST_PAGE - 1);
    fill(k, b, bytes, n, 1);
    b->mode = UINT32_MAX;            /* no CPU's mode: never remembered, never chained */
    if (!b->n)
        x86_raise_ec(c, EXC_GP, 0);  /* over 15 bytes, or beyond CS.limit */
    k->stats.crossing++;
    return b;
}

static bool has_room(const struct x86_blocks *k)
{
    size_t most = sizeof(struct x86_block) + (BLOCK_MAX_INSNS + 1) * sizeof(struct x86_insn);

    return k->size - k->used >= most + sizeof(struct code_page) + 32;
}

static struct x86_block *build(struct x86_blocks *k, gpa_t gpa, const uint8_t *host,
                               unsigned avail, uint32_t mode)
{
    struct x86_block *b;
    struct code_page *p;

    if (!has_room(k))
        x86_blocks_flush(k);
    p = page_of(k, gpa & ~(gpa_t)(GUEST_PAGE - 1));
    b = (struct x86_block *)(k->arena + k->used);
    memset(b, 0, sizeof *b);
    b->gpa = gpa;
    b->off = gpa & (GUEST_PAGE - 1);
    b->mode = mode;
    fill(k, b, host, avail, mode & MODE_STEP ? 1 : BLOCK_MAX_INSNS);
    if (!b->n)
        return NULL;
    take(k, sizeof *b + (b->n + 1) * sizeof b->insn[0]);
    b->next = *start_list(p, gpa);
    *start_list(p, gpa) = b;
    if (!p->granules)
        k->cpu->mmu->code_page(k->cpu->mmu_self, p->page, true);
    p->granules |= granules_of(b->gpa, b->bytes);
    k->stats.built++;
    if (k->tier.built && !(mode & MODE_STEP))
        k->tier.built(k->tier.self, b);
    return b;
}

static struct x86_block *find_in_page(struct x86_blocks *k, gpa_t gpa, uint32_t mode)
{
    struct code_page *p = *page_slot(k, gpa & ~(gpa_t)(GUEST_PAGE - 1));

    for (struct x86_block *b = p ? *start_list(p, gpa) : NULL; b; b = b->next)
        if (b->gpa == gpa && b->mode == mode)
            return b;
    return NULL;
}

/* Host address and guest physical address of code; NULL for a device. */
static const uint8_t *fetch_place(struct x86_cpu *c, uint32_t lin, gpa_t *gpa)
{
    struct tlb_entry *e = &c->tlb[lin >> 12 & (TLB_ENTRIES - 1)];
    size_t i = e - &c->tlb_sets[0][0];

    if (e->tag_x == (lin & ~(GUEST_PAGE - 1))) {
        *gpa = c->tlb_gpa[i / TLB_ENTRIES][i % TLB_ENTRIES] | (lin & (GUEST_PAGE - 1));
        return x86_tlb_host(e, lin);
    }
    return c->mmu->translate(c->mmu_self, c, lin, 1, ACC_X, c->mode & MODE_USER, gpa);
}

struct x86_block *x86_blocks_find(struct x86_blocks *k, uint32_t extra)
{
    struct x86_cpu *c = k->cpu;
    uint32_t rip = (uint32_t)c->rip, mode = c->mode | extra;
    uint32_t lin = (uint32_t)c->seg[CS].base + rip, room = c->seg[CS].limit - rip;
    unsigned avail = GUEST_PAGE - (lin & (GUEST_PAGE - 1));
    struct x86_block *b;
    const uint8_t *host;
    gpa_t gpa;

    if (rip > c->seg[CS].limit)
        x86_raise_ec(c, EXC_GP, 0);
    room = c->seg[CS].limit == UINT32_MAX ? UINT32_MAX : room + 1;   /* 4 GiB: code wraps */
    host = fetch_place(c, lin, &gpa);
    if (!host)
        return gather(k, lin, room, mode);
    b = find_in_page(k, gpa, mode);
    if (!b)
        b = build(k, gpa, host, avail, mode);
    if (!b || b->bytes > room)
        return gather(k, lin, room, mode);
    return b;
}

struct x86_block *x86_blocks_at(struct x86_blocks *k, gpa_t gpa, uint32_t mode)
{
    struct x86_block *b = find_in_page(k, gpa, mode);
    unsigned off = gpa & (GUEST_PAGE - 1);
    bool writable;
    uint8_t *host;

    if (b || !has_room(k))
        return b;
    host = mem_page(k->cpu->mem, gpa, &writable);
    return host ? build(k, gpa, host + off, GUEST_PAGE - off, mode) : NULL;
}
