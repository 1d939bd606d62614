/* tmpl.c - the template tier: one pass over a trace of decoded blocks, instruction by instruction.
 *
 * A trace begins at a block and goes on in its page where a conditional jump falls through. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "dbt-mips64/tx.h"

/* ---- the trace ------------------------------------------------------------------------------ */

static bool uses(struct tx *t, struct x86_block *b)
{
    struct tb *tb = t->tb;

    for (unsigned i = 0; i < tb->nuses; i++)
        if (tb->uses[i] == b)
            return true;
    if (tb->nuses == sizeof tb->uses / sizeof tb->uses[0])
        return false;
    tb->uses[tb->nuses++] = b;
    return true;
}

struct x86_block *tx_block(struct tx *t, int32_t off)
{
    gpa_t page = t->tb->block->gpa & ~(gpa_t)(GUEST_PAGE - 1);
    struct x86_block *b;

    if (!t->flat || off < 0 || off >= (int32_t)GUEST_PAGE)
        return NULL;
    b = x86_blocks_at(t->decoded, page + (unsigned)off, t->mode);
    return b && uses(t, b) ? b : NULL;
}

static const struct x86_insn *last(const struct x86_block *b) { return &b->insn[b->n - 1]; }

static int32_t after(const struct x86_insn *I) { return I->off + I->len; }

static bool falls_through(const struct x86_block *b)
{
    return last(b)->sem == SEM_jcc || !(last(b)->flags & X86F_END);
}

static void gather(struct tx *t)
{
    struct x86_block *b = t->tb->block;

    while (b && (!t->n || t->n + b->n <= t->max)) {
        for (unsigned i = 0; i < b->n && t->n < t->max; i++)
            t->insn[t->n++] = &b->insn[i];
        b = falls_through(b) ? tx_block(t, after(last(b))) : NULL;
    }
}

/* ---- flags that are wanted ------------------------------------------------------------------- */

static uint8_t live_before(const struct x86_insn *I, uint8_t live_after)
{
    if (tx_exposes(I))
        return TXF_ALL;
    return (uint8_t)(tx_reads(I) | (live_after & ~tx_kills(I)));
}

uint8_t tx_live_in(const struct x86_block *b)
{
    uint8_t live = TXF_ALL;

    for (unsigned i = b->n; i-- > 0;)
        live = live_before(&b->insn[i], live);
    return live;
}

static void liveness(struct tx *t)
{
    uint8_t live = TXF_ALL;

    for (unsigned k = t->n; k-- > 0;) {
        t->live[k] = live;
        live = live_before(t->insn[k], live);
    }
}

/* ---- one instruction ------------------------------------------------------------------------- */

static void write_gpr(struct tx *t, unsigned off, unsigned size, val v)
{
    reg d = HOST_GPR(off >> 3), s;

    if (size == 4) {
        tx_into(t, v, d);
        if (t->node[v.n].kind == N_OP || t->node[v.n].kind == N_MEM)
            t->node[v.n] = (struct node){ .kind = N_REG, .w = t->node[v.n].w, .reg = d,
                                          .clean = true };
        return;
    }
    s = t->node[v.n].w < size ? tx_get(t, v) : tx_get_low(t, v);
    mips_ins(&t->e, d, s, off & 7 ? 8 : 0, 8 * size);
}

static void write_all(struct tx *t)
{
    for (unsigned i = 0; i < t->writes; i++) {
        for (unsigned j = i + 1; j < t->writes; j++)
            if (tx_depends(t, t->write[j].n, t->write[i].off >> 3))
                tx_detach(t, (val){ t->write[j].n });
        write_gpr(t, t->write[i].off, t->write[i].size, (val){ t->write[i].n });
    }
}

/* Ends are emitted after the writes, but were computed from what was before. */
static void settle_end(struct tx *t)
{
    if (!t->writes || t->out.kind == OUT_NEXT)
        return;
    tx_detach(t, t->out.target);
    if (t->out.kind == OUT_BRANCH)
        tx_detach(t, t->out.cond);
}

static void end_jump(struct tx *t)
{
    const struct node *to = &t->node[t->out.target.n];

    if (to->kind == N_RIP)
        tx_edge(t, (int32_t)to->k, t->I->osz == 2);
    else
        tx_indirect(t, t->out.target);
    t->ended = true;
}

/* A taken branch to where an edge cannot go is an indirect jump behind an inverted one. */
static void end_branch(struct tx *t)
{
    const struct node *to = &t->node[t->out.target.n];

    if (to->kind == N_RIP)
        tx_branch(t, t->out.cond, (int32_t)to->k);
    else
        tx_branch_indirect(t, t->out.cond, t->out.target);
}

/* Form W: a load may fault, so it comes before anything is written, unless all that the instruction
 * does is to load a register. */
static bool loads_straight(const struct tx *t)
{
    const struct node *x = &t->node[t->write[0].n];

    if (t->writes != 1 || t->set.what != SET_NONE || t->out.kind != OUT_NEXT)
        return false;
    if (x->kind == N_OP && (x->op == UOP_sext8 || x->op == UOP_sext16))
        x = &t->node[x->a];
    return x->kind == N_MEM;
}

static void one(struct tx *t)
{
    t->I = t->insn[t->k];
    t->nodes = t->writes = 0;
    t->used = t->held;
    t->rmw.on = false;
    t->out.kind = OUT_NEXT;
    t->fl_start = t->fl;
    t->insn_start = t->e.p;
    tx_body(t);
    if (t->window && !loads_straight(t))
        tx_load_pending(t);
    settle_end(t);
    tx_flags_before_writes(t);
    write_all(t);
    tx_flags_after_writes(t);
    if (t->out.kind == OUT_JUMP)
        end_jump(t);
    else if (t->out.kind == OUT_BRANCH)
        end_branch(t);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* 16-bit code and code in segments with limits: is the whole trace inside? */
static void check_limit(struct tx *t)
{
    int32_t end = after(t->insn[t->n - 1]) - 1;
    struct slow *s;

    if (t->flat)
        return;
    t->I = t->insn[0];
    mips_lw(&t->e, T0, CPU(rip), HOST_CPU);
    emit_imm32(&t->e, T1, end);
    mips_addu(&t->e, T0, T0, T1);
    mips_lw(&t->e, T1, CPU(seg[CS].limit), HOST_CPU);
    mips_sltu(&t->e, T1, T1, T0);
    s = tx_slow(t, SLOW_INTERP, t->e.p);
    s->site = tx_site(t);
    mips_bne(&t->e, T1, ZERO, 0);
    mips_nop(&t->e);
}

static bool translate(struct tx *t)
{
    gather(t);
    liveness(t);
    check_limit(t);
    for (t->k = 0; t->k < t->n && !t->ended && !t->fail; t->k++)
        one(t);
    if (!t->ended && !t->fail) {
        t->k--;
        tx_edge(t, after(t->insn[t->n - 1]), false);
    }
    tx_emit_slow(t);
    return !t->fail && !t->e.full;
}

/* Everything but the arrays that are written before they are read. */
static void begin(struct tx *t, struct tb *tb, struct x86_block *b)
{
    struct tcache *k = t->cache;

    memset(&t->tb, 0, offsetof(struct tx, node) - offsetof(struct tx, tb));
    t->used = t->held = t->slows = t->wsites = 0;
    t->set.what = SET_NONE;
    memset(t->set.has, 0, sizeof t->set.has);
    t->ended = false;
    t->e = (struct emit){ .p = k->code_p, .end = k->code_end };
    t->tb = tb;
    t->mode = b->mode;
    t->flat = (b->mode & (MODE_FLAT | MODE_CS32)) == (MODE_FLAT | MODE_CS32);
    tb->block = tb->uses[0] = b;
    tb->nuses = 1;
    tb->code = k->code_p;
    t->fl = (struct flags){ .op_stored = true, .cop_stored = true };
}

static void finish(struct tx *t)
{
    struct tcache *k = t->cache;

    k->stats.translated++;
    for (unsigned i = 0; i < t->wsites; i++)
        k->wsites[k->nwsites++] = (struct wsite){
            (uint32_t)(t->wsite[i].at - k->code),
            (uint32_t)(t->slow[t->wsite[i].slow].stub - k->code) };
    k->stats.insns += t->n;
    k->stats.words += (uint64_t)(t->e.p - k->code_p);
    tcache_code_written(k->code_p, t->e.p);
    k->code_p = t->e.p;
    t->tb->next = k->all;
    k->all = t->tb;
}

struct tb *tx_translate(struct tx *t, struct x86_block *b, bool *full)
{
    struct tb *tb = tcache_data(t->cache, sizeof *tb);
    bool ok;

    *full = !tb;
    if (!tb)
        return NULL;
    begin(t, tb, b);
    ok = translate(t);
    *full = t->e.full || t->cache->nwsites + t->wsites > t->cache->max_wsites ||
            t->cache->data_end - t->cache->data_p < 64;
    if (!ok || t->cache->nwsites + t->wsites > t->cache->max_wsites)
        return NULL;
    finish(t);
    return tb;
}
