/* softtlb.c - the software TLB: fills struct tlb_entry, flushes it, and watches pages with code. */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/engine.h"
#include "cpu-x86/except.h"
#include "cpu-x86/state.h"
#include "cpu-x86/sys.h"
#include "shadow-mmu/window_priv.h"

static void flush_all(struct smmu *m, struct x86_cpu *c)
{
    memset(c->tlb_sets, 0xff, sizeof c->tlb_sets);
    memset(m->large, 0, sizeof m->large);
    x86_new_jump_gen(c);
    m->stats.flush_all++;
}

static gpa_t a20(const struct x86_cpu *c, gpa_t a)
{
    return c->a20_mask ? a & ~(gpa_t)0x100000 : a;
}

/* tag_w only once D is set and the page holds no code, so that the first write is seen. */
static void fill(struct smmu *m, struct x86_cpu *c, gva_t a, bool user, const struct smmu_walk *w,
                 uint8_t *host, bool writable, gpa_t gpa)
{
    struct tlb_entry *set = c->tlb_sets[user ? TLB_USER : TLB_SUPER];
    unsigned i = a >> 12 & (TLB_ENTRIES - 1);
    gva_t page = a & ~(gva_t)(GUEST_PAGE - 1);

    if (x86_watched_page(c, a))
        return;
    set[i].tag_r = page;
    set[i].tag_w = w->w && w->dirty && writable ? page : TLB_NONE;
    set[i].tag_x = w->x ? page : TLB_NONE;
    set[i].host_minus_gva = (uintptr_t)host - (uintptr_t)(int32_t)page;
    c->tlb_gpa[user ? TLB_USER : TLB_SUPER][i] = gpa & ~(gpa_t)(GUEST_PAGE - 1);
    if (w->page_shift == 21 || w->page_shift == 22) {
        unsigned piece = (uint32_t)a >> 21 & (w->page_shift == 22 ? ~1u : ~0u);

        m->large[piece / 8] |= (w->page_shift == 22 ? 3 : 1) << piece % 8;
    }
    m->stats.fills++;
}

/* A watched page is about to be written, or has been. */
static void written(struct smmu *m, gpa_t from, uint64_t bytes)
{
    struct x86_cpu *c = m->cpu;

    if (!m->win || win_is_code(m->win, from)) {
        m->stats.code_writes++;
        c->engine->forget(c->engine_self, from, bytes);
    }
    if (m->win)
        win_table_written(m, from);
}

static void *translate(void *self, struct x86_cpu *c, gva_t a, unsigned size, enum x86_access acc,
                       bool user, gpa_t *gpa)
{
    struct smmu *m = self;
    struct smmu_walk w;
    uint32_t rc = smmu_walk(m, c, a, acc, user, true, &w);
    bool writable;
    uint8_t *host;

    if (rc) {
        c->cr2 = (uint32_t)a;
        x86_raise_ec(c, EXC_PF, rc & ~SMMU_FAULT);
    }
    *gpa = a20(c, w.gpa);
    host = mem_page(m->ram, *gpa, &writable);
    if (!host)
        return NULL;
    if (acc == ACC_W && !writable) {
        if (!mem_watched(m->ram, *gpa))
            return NULL;             /* ROM: mem_write decides */
        written(m, *gpa, size);
        mem_page(m->ram, *gpa, &writable);
    }
    fill(m, c, a, user, &w, host, writable, *gpa);
    return host + (*gpa & (GUEST_PAGE - 1));
}

static bool probe(void *self, struct x86_cpu *c, gva_t a, enum x86_access acc, gpa_t *gpa)
{
    struct smmu_walk w;

    if (smmu_walk(self, c, a, acc, false, false, &w))
        return false;
    *gpa = a20(c, w.gpa);
    return true;
}

/* A large page may have entries all over the TLB: then everything goes. */
static void invlpg(void *self, struct x86_cpu *c, gva_t a)
{
    struct smmu *m = self;
    unsigned piece = (uint32_t)a >> 21;

    m->stats.flush_page++;
    if (m->win)
        win_invlpg(m, (uint32_t)a);
    if (m->large[piece / 8] >> piece % 8 & 1) {
        flush_all(m, c);
        return;
    }
    for (unsigned set = TLB_SUPER; set <= TLB_USER; set++)
        memset(&c->tlb_sets[set][a >> 12 & (TLB_ENTRIES - 1)], 0xff, sizeof(struct tlb_entry));
    x86_new_jump_gen(c);
}

static void control_written(void *self, struct x86_cpu *c)
{
    struct smmu *m = self;

    flush_all(m, c);
    if (m->win)
        win_control_written(m, c);
}

static void ram_replaced(void *self, struct x86_cpu *c)
{
    struct smmu *m = self;

    if (m->win)
        win_empty_all(m);
    control_written(m, c);
}

/* Stores must come to translate() from now on: drop what allows them to go past it. */
void smmu_drop_tlb_writes(struct x86_cpu *c, gpa_t page)
{
    for (unsigned set = TLB_SUPER; set <= TLB_USER; set++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            if (c->tlb_gpa[set][i] == page)
                c->tlb_sets[set][i].tag_w = TLB_NONE;
}

static void code_page(void *self, gpa_t page, bool watched)
{
    struct smmu *m = self;

    if (m->win)
        win_set_code(m->win, page, watched);
    mem_watch(m->ram, page, watched || (m->win && win_table_watched(m->win, page)));
    if (!watched)
        return;
    smmu_drop_tlb_writes(m->cpu, page);
    if (m->win)
        win_drop_writes(m, page);
}

static void map_changed(void *self, gpa_t from, uint64_t bytes)
{
    struct smmu *m = self;

    if (m->win)
        win_empty_all(m);
    flush_all(m, m->cpu);
    m->cpu->engine->forget(m->cpu->engine_self, from, bytes);
}

static void ram_written(void *self, gpa_t from, uint64_t bytes)
{
    written(self, from, bytes);
}

int smmu_new(struct smmu **out, struct mem_space *ram, struct vm_error *e)
{
    struct smmu *m = calloc(1, sizeof *m);

    if (!m)
        return vm_fail(e, VM_ENOMEM, "no memory for the MMU");
    m->ram = ram;
    *out = m;
    return VM_OK;
}

void smmu_attach(struct smmu *m, struct x86_cpu *c)
{
    m->cpu = c;
    m->listener = (struct mem_listener){ map_changed, ram_written, m, NULL };
    mem_listen(m->ram, &m->listener);
    flush_all(m, c);
}

void smmu_free(struct smmu *m)
{
    if (m)
        win_free(m->win);
    free(m);
}

void smmu_get_stats(const struct smmu *m, struct smmu_stats *out) { *out = m->stats; }

const struct x86_mmu_ops smmu_ops = {
    .translate = translate, .probe = probe, .invlpg = invlpg, .control_written = control_written,
    .ram_replaced = ram_replaced, .code_page = code_page,
};
