/* engine.c - the template tier as an engine: when blocks are translated, entered and dropped. */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cpu-x86/access.h"
#include "cpu-x86/tier.h"
#include "dbt-mips64/dbt.h"
#include "dbt-mips64/fault.h"
#include "dbt-mips64/stubs.h"
#include "dbt-mips64/tx.h"
#include "shadow-mmu/window.h"

enum { DEFAULT_TRACE = 48, DEFAULT_HOT = 16, DEFAULT_CACHE = 32 << 10 /* KiB */, MIN_CACHE = 64,
       MAX_CACHE = 96 << 10 };

struct tmpl {
    struct x86_cpu *c;
    struct interp  *in;
    struct tcache  *k;
    stub_enter_fn  *enter;
    unsigned        hot;
    unsigned        trace;           /* instructions in one, at most; while translated code runs,
                                        the budget is lowered by as many, so that a negative one at
                                        an exit still lies before its end */
    uint32_t        epoch;           /* of jump_gen: tags repeat in the next */
    uint64_t        entries, by_interp;
    const uint32_t *window_gen;      /* form W; NULL = form S */
    uint32_t        gen;             /* c->window is of this one ... */
    const struct tlb_entry *set;     /* ... and this privilege */
    struct { const struct x86_insn *insn; int32_t budget; unsigned times; } miss;   /* the last */
    struct tx       tx;
};

/* ---- blocks and translations ---------------------------------------------------------------- */

static x86_exec_fn count, run_code;

/* The first run is always the interpreter's: a store into the running block drops the block, and
 * the next one at this place has to carry it out. */
static void make_cold(struct tmpl *tm, struct x86_block *b)
{
    b->code = NULL;
    b->heat = (uint16_t)(tm->hot + 1);
    b->insn[0].exec = count;
}

static void built(void *self, struct x86_block *b)
{
    if (tx_leaves(&b->insn[0]))
        return;
    b->first = b->insn[0].exec;
    make_cold(self, b);
}

static void drop(struct tmpl *tm, struct tb *tb)
{
    if (tb->gone)
        return;
    tcache_drop(tm->k, tb);
    make_cold(tm, tb->block);
    tm->c->code_gone = true;
}

static void gone(void *self, struct x86_block *b)
{
    b->gone = true;
    for (struct tb_use *u = b->users; u; u = u->next)
        drop(self, u->tb);
    b->users = NULL;
}

/* The decoded blocks are gone, too. */
static void flushed(void *self)
{
    struct tmpl *tm = self;

    tcache_flush(tm->k);
    tm->c->link = NULL;
}

static void flush(struct tmpl *tm)
{
    for (struct tb *tb = tm->k->all; tb; tb = tb->next) {
        for (unsigned i = 0; i < tb->nuses; i++)
            tb->uses[i]->users = NULL;
        if (!tb->gone)
            make_cold(tm, tb->block);
    }
    flushed(tm);
}

static bool note_uses(struct tmpl *tm, struct tb *tb)
{
    for (unsigned i = 0; i < tb->nuses; i++) {
        struct tb_use *u = tcache_data(tm->k, sizeof *u);

        if (!u)
            return false;
        *u = (struct tb_use){ tb, tb->uses[i]->users };
        tb->uses[i]->users = u;
    }
    return true;
}

static struct tb *translate(struct tmpl *tm, struct x86_block *b)
{
    bool full;
    struct tb *tb = tx_translate(&tm->tx, b, &full);

    if (!tb && full) {
        flush(tm);
        tb = tx_translate(&tm->tx, b, &full);
    }
    if (tb && !note_uses(tm, tb)) {
        flush(tm);
        tb = NULL;
    }
    return tb;
}

/* ---- running -------------------------------------------------------------------------------- */

static struct x86_block *block_of(const struct x86_insn *I)
{
    return (struct x86_block *)((uintptr_t)(I - I->idx) - offsetof(struct x86_block, insn));
}

static void take_back_budget(struct x86_cpu *c, int32_t done)
{
    c->budget += c->hidden - done;
    c->hidden = 0;
    c->site = NULL;
    c->code_gone = false;
}

/* The interpreter runs the site's instruction, and what follows in its block. */
static const struct x86_insn *by_interp(struct tmpl *tm, const struct tsite *s)
{
    struct x86_cpu *c = tm->c;
    const struct x86_insn *I = s->base.insn;
    struct x86_block *b = block_of(I);

    tm->by_interp++;
    take_back_budget(c, s->base.done);
    if (!b->gone && c->budget >= b->n - I->idx)
        return interp_resume(c, b, I);
    c->rip = x86_insn_rip(c, I);
    return NULL;
}

static const struct x86_insn *left(struct tmpl *tm, uintptr_t why)
{
    struct x86_cpu *c = tm->c;
    const struct x86_insn *I;

    switch (why) {
    case LEFT_AT_RIP:
        take_back_budget(c, 0);
        return NULL;
    case LEFT_AFTER: case LEFT_AGAIN:
        I = c->site->insn;
        take_back_budget(c, c->site->done + 1);
        c->rip = why == LEFT_AFTER ? x86_next_rip(c, I) : x86_insn_rip(c, I);
        return NULL;
    default:
        return by_interp(tm, (const struct tsite *)why);
    }
}

static bool links(const struct tedge *e, const struct x86_block *b)
{
    const struct x86_block *from = e->from->block;

    return !e->from->gone && e->off == b->off && from->mode == b->mode &&
           from->gpa >> 12 == b->gpa >> 12;
}

/* rip is the block's. */
static void join(struct tmpl *tm, struct x86_block *b)
{
    struct x86_cpu *c = tm->c;
    uint32_t lin = (uint32_t)(c->seg[CS].base + c->rip + b->off);

    if (c->link && links(c->link, b))
        tcache_link(tm->k, c->link, b->code);
    c->link = NULL;
    if (c->jump_gen >> 25 != tm->epoch) {
        tcache_void_jumps(tm->k);
        tm->epoch = c->jump_gen >> 25;
    }
    *tcache_jump(tm->k, lin) = (struct jump_slot){ c->jump_key | lin, b->code->code };
}

/* Form W: no window, no translated code. */
static bool have_window(struct tmpl *tm)
{
    struct x86_cpu *c = tm->c;

    if (c->mode & MODE_STEP)
        return false;                /* breakpoints */
    if (tm->gen != *tm->window_gen || tm->set != c->tlb || !c->window) {
        c->window = smmu_window(c->mmu_self, c);
        tm->gen = *tm->window_gen;
        tm->set = c->tlb;
    }
    return c->window;
}

/* exec of a block that is translated. The interpreter has counted it. */
static const struct x86_insn *run_code(struct x86_cpu *c, const struct x86_insn *I)
{
    struct tmpl *tm = c->engine_self;
    struct x86_block *b = c->block;

    if (c->pending || c->budget + b->n < (int32_t)tm->trace ||
        (tm->window_gen && !have_window(tm)))
        return b->first(c, I);
    join(tm, b);
    tm->entries++;
    c->hidden = (int32_t)tm->trace;
    c->budget += b->n - c->hidden;
    c->rip = (uint32_t)c->rip;
    c->block = NULL;
    c->code_gone = false;
    return left(tm, tm->enter(c, b->code->code));
}

/* exec of a block that is not. */
static const struct x86_insn *count(struct x86_cpu *c, const struct x86_insn *I)
{
    struct tmpl *tm = c->engine_self;
    struct x86_block *b = c->block;

    if (--b->heat)
        return b->first(c, I);
    b->insn[0].exec = b->first;
    b->code = translate(tm, b);
    if (!b->code)
        return b->first(c, I);
    b->insn[0].exec = run_code;
    return run_code(c, I);
}

/* Called by translated code for an access that its probe did not find. */
static bool fill(struct x86_cpu *c, const struct tsite *s, uint32_t a, unsigned n)
{
    gpa_t gpa;

    return c->mmu->translate(c->mmu_self, c, a, n, s->write ? ACC_W : ACC_R, c->mode & MODE_USER,
                             &gpa);
}

/* Form W: a is the access's distance from the window's base. Both pages are checked before one is
 * mapped. What leaves the window at 2 GiB or 4 GiB is for the interpreter. */
static uint64_t window_access(struct x86_cpu *c, const struct tsite *s, int64_t a)
{
    uint32_t lin = (uint32_t)a, here = GUEST_PAGE - (lin & (GUEST_PAGE - 1));
    bool ok;

    c->cur = s->base.insn;
    if (a != (int32_t)a || (s->size > here && (int32_t)(lin + here) != (int64_t)(a + here)))
        return 1;
    if (s->size <= here)
        return !fill(c, s, lin, s->size) || c->code_gone ||
               !smmu_window_fill(c->mmu_self, c, lin, s->write);
    ok = fill(c, s, lin, here);
    ok &= fill(c, s, lin + here, s->size - here);
    return !ok || c->code_gone || !smmu_window_fill(c->mmu_self, c, lin, s->write) ||
           !smmu_window_fill(c->mmu_self, c, lin + here, s->write);
}

/* The limit check of translated code knows segments that expand up only. */
static bool beyond_inline_check(const struct x86_cpu *c, const struct tsite *s, uint32_t off)
{
    const struct x86_seg *g = &c->seg[s->seg];

    return (uint64_t)off + s->size > (s->write ? g->wend : g->rend);
}

/* Two accesses of one instruction may have one entry of the TLB between them: each fill would make
 * the other miss when the instruction starts again. */
static bool goes_round(struct tmpl *tm, const struct tsite *s)
{
    enum { ENOUGH = 4 };

    if (tm->miss.insn != s->base.insn || tm->miss.budget != tm->c->budget)
        tm->miss.times = 0;
    tm->miss.insn = s->base.insn;
    tm->miss.budget = tm->c->budget;
    return ++tm->miss.times > ENOUGH;
}

static uint64_t missed(struct x86_cpu *c, const struct tsite *s, int64_t off)
{
    enum x86_access acc = s->write ? ACC_W : ACC_R;
    const struct tlb_entry *e;
    uint32_t lin;
    gpa_t gpa;

    if (s->window)
        return window_access(c, s, off);
    if (goes_round(c->engine_self, s))
        return 1;
    c->cur = s->base.insn;
    lin = x86_lin(c, s->seg, (uint32_t)off, s->size, acc);
    if (((struct tmpl *)c->engine_self)->window_gen || beyond_inline_check(c, s, (uint32_t)off) ||
        c->tlb == c->tlb_sets[TLB_STRICT] || (lin & (GUEST_PAGE - 1)) + s->size > GUEST_PAGE)
        return 1;
    c->mmu->translate(c->mmu_self, c, lin, s->size, acc, c->mode & MODE_USER, &gpa);
    e = x86_tlb(c->tlb, lin);
    return c->code_gone || !X86_TLB_HIT(s->write ? e->tag_w : e->tag_r, (uint64_t)lin, s->size);
}

/* ---- as an engine --------------------------------------------------------------------------- */

static int number(const char *opts, const char *name, unsigned min, unsigned max, unsigned *out,
                  struct vm_error *e)
{
    const char *p = opts ? strstr(opts, name) : NULL;
    char *end;
    unsigned long v;

    if (!p)
        return VM_OK;
    v = strtoul(p + strlen(name), &end, 10);
    if (end == p + strlen(name) || (*end && *end != ',') || v < min || v > max)
        return vm_fail(e, VM_EINVAL, "engine option %s takes a number from %u to %u", name, min,
                       max);
    *out = (unsigned)v;
    return VM_OK;
}

/* form=w, page=BYTES of a host page (to obey larger ones than there are). */
static int windows(struct tmpl *tm, const char *opts, struct vm_error *e)
{
    struct smmu_window_options o = { .page = (uint32_t)sysconf(_SC_PAGESIZE) };

    if (opts && strstr(opts, "form=") && !strstr(opts, "form=w") && !strstr(opts, "form=s"))
        return vm_fail(e, VM_EINVAL, "engine option form= takes w (windows) or s (software TLB)");
    if (!opts || !strstr(opts, "form=w"))
        return VM_OK;
    VM_TRY(number(opts, "page=", o.page, 65536, &o.page, e));
    VM_TRY(smmu_windows_open(tm->c->mmu_self, &o, e));
    tm->window_gen = smmu_window_gen(tm->c->mmu_self);
    tm->tx.window = true;
    return tcache_windows(tm->k, e);
}

static int parse(struct tmpl *tm, const char *opts, unsigned *cache, struct vm_error *e)
{
    tm->hot = DEFAULT_HOT;
    tm->trace = DEFAULT_TRACE;
    *cache = DEFAULT_CACHE;
    VM_TRY(number(opts, "trace=", 1, TX_INSNS, &tm->trace, e));
    VM_TRY(number(opts, "hot=", 1, UINT16_MAX - 1, &tm->hot, e));
    return number(opts, "cache=", MIN_CACHE, MAX_CACHE, cache, e);
}

static void destroy(void *self)
{
    struct tmpl *tm = self;

    if (tm->in)
        interp_free(tm->in);
    fault_remove(tm->k);
    tcache_free(tm->k);
    free(tm);
}

static int start(struct tmpl *tm, const char *opts, struct vm_error *e)
{
    const struct x86_tier tier = { built, gone, flushed, tm };
    unsigned cache;

    VM_TRY(parse(tm, opts, &cache, e));
    VM_TRY(tcache_new(&tm->k, (size_t)cache << 10, e));
    VM_TRY(windows(tm, opts, e));
    stubs_make(tm->k, missed);
    tm->enter = (stub_enter_fn *)(void *)tm->k->enter;
    VM_TRY(fault_install(tm->k, e));
    VM_TRY(interp_new(&tm->in, tm->c, &tier, e));
    tm->tx.cache = tm->k;
    tm->tx.decoded = interp_blocks(tm->in);
    tm->tx.max = tm->trace;
    return VM_OK;
}

static int create(void **self, struct x86_cpu *c, const char *opts, struct vm_error *e)
{
    struct tmpl *tm;
    int rc;

#ifndef __mips64
    return vm_fail(e, VM_ENOTSUP, "engine tmpl makes MIPS64 code and this host is another; "
                   "use -engine interp");
#endif
    tm = calloc(1, sizeof *tm);
    if (!tm)
        return vm_fail(e, VM_ENOMEM, "no memory for the translator");
    tm->c = c;
    rc = start(tm, opts, e);
    if (rc < 0)
        destroy(tm);
    else
        *self = tm;
    return rc;
}

static enum x86_stop run(void *self) { return interp_run(((struct tmpl *)self)->in); }

static void forget(void *self, gpa_t from, uint64_t bytes)
{
    interp_forget(((struct tmpl *)self)->in, from, bytes);
}

static void window_stats(struct tmpl *tm, void (*row)(void *o, const char *name, uint64_t v),
                         void *o)
{
    struct smmu_window_stats s;

    smmu_window_get_stats(tm->c->mmu_self, &s);
    row(o, "window fills", s.fills);
    row(o, "window pages that came along", s.batched);
    row(o, "window fills refused", s.refused);
    row(o, "window pages dropped", s.drops);
    row(o, "window pages made read-only", s.protects);
    row(o, "windows found at CR3 loads", s.switches);
    row(o, "window pages compared", s.checked);
    row(o, "window pages that were stale", s.stale);
    row(o, "writes to watched page tables", s.table_writes);
    row(o, "windows recycled", s.recycled);
    row(o, "window mappings now", s.maps);
}

static void stats(void *self, void (*row)(void *o, const char *name, uint64_t v), void *o)
{
    struct tmpl *tm = self;

    interp_stats(tm->in, row, o);
    row(o, "traces translated", tm->k->stats.translated);
    row(o, "instructions translated", tm->k->stats.insns);
    row(o, "host words", tm->k->stats.words);
    row(o, "links", tm->k->stats.links);
    row(o, "translations dropped", tm->k->stats.gone);
    row(o, "code cache flushes", tm->k->stats.flushes);
    row(o, "entries into translated code", tm->entries);
    row(o, "instructions handed to the interpreter", tm->by_interp);
    if (tm->window_gen)
        window_stats(tm, row, o);
}

const struct x86_engine_ops engine_tmpl = {
    .name = "tmpl", .create = create, .run = run, .forget = forget, .stats = stats,
    .destroy = destroy,
};
