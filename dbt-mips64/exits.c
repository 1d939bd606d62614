/* exits.c - how translated code is left: edges to other blocks, indirect jumps, helpers, and the
 * rare ways out of line. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/tx.h"

/* ---- sites and rare ways --------------------------------------------------------------------- */

struct tsite *tx_site(struct tx *t)
{
    struct tsite *s = tcache_data(t->cache, sizeof *s);

    if (!s) {
        t->fail = true;
        return &t->none;
    }
    s->base.insn = t->I;
    s->base.done = (int32_t)t->k;
    return s;
}

struct slow *tx_slow(struct tx *t, enum slow_kind kind, uint32_t *branch)
{
    struct slow *s = &t->slow[t->slows];

    if (t->slows == sizeof t->slow / sizeof t->slow[0] - 1)
        t->fail = true;
    else
        t->slows++;
    *s = (struct slow){ .kind = (uint8_t)kind, .branch = branch, .now = t->fl,
                        .start = t->fl_start, .done = (uint16_t)t->k };
    return s;
}

static void jump(struct tx *t, const uint32_t *to)
{
    mips_j(&t->e, (uint32_t)(uintptr_t)to & 0x0fffffff);
}

static void call(struct tx *t, const uint32_t *to)
{
    mips_jal(&t->e, (uint32_t)(uintptr_t)to & 0x0fffffff);
}

static void site_in_a1(struct tx *t, const struct tsite *s)
{
    emit_imm32(&t->e, A1, (int32_t)(uintptr_t)s);
}

/* ---- helpers and the interpreter ------------------------------------------------------------- */

void tx_interp(struct tx *t)
{
    tx_flags_store(t);
    site_in_a1(t, tx_site(t));
    jump(t, t->cache->leave_interp);
    mips_nop(&t->e);
}

void tx_helper(struct tx *t, const void *fn, bool str)
{
    struct tsite *s = tx_site(t);

    s->fn = fn;
    tx_flags_store(t);
    site_in_a1(t, s);
    call(t, str ? t->cache->helper_str : t->cache->helper);
    mips_nop(&t->e);
    tx_flags_unknown(t);
}

reg tx_call_leaf(struct tx *t, tx_leaf *fn, uint32_t arg, reg arg2)
{
    uint32_t live = t->used;
    reg d;

    for (unsigned r = 0, i = 0; r < 32; r++)
        if (live >> r & 1)
            mips_sd(&t->e, (reg)r, CPU(spill) + 8 * (int32_t)i++, HOST_CPU);
    emit_move(&t->e, A2, arg2);
    emit_imm32(&t->e, A1, (int32_t)arg);
    emit_imm64(&t->e, T9, (uintptr_t)fn);
    mips_jalr(&t->e, RA, T9);
    emit_move(&t->e, A0, HOST_CPU);
    emit_move(&t->e, AT, V0);
    for (unsigned r = 0, i = 0; r < 32; r++)
        if (live >> r & 1)
            mips_ld(&t->e, (reg)r, CPU(spill) + 8 * (int32_t)i++, HOST_CPU);
    d = tx_temp(t);
    emit_move(&t->e, d, AT);
    return d;
}

/* ---- edges ---------------------------------------------------------------------------------- */

/* Takes the instructions up to here off the budget; a negative one leaves by `s`. */
static void count(struct tx *t, unsigned done)
{
    mips_lw(&t->e, AT, CPU(budget), HOST_CPU);
    mips_addiu(&t->e, AT, AT, -(int32_t)done);
}

static uint32_t *leave_if_spent(struct tx *t)
{
    uint32_t *at = t->e.p;

    mips_bltz(&t->e, AT, 0);
    mips_sw(&t->e, AT, CPU(budget), HOST_CPU);
    return at;
}

static bool in_page(const struct tx *t, int32_t off)
{
    return t->flat && off >= 0 && off < (int32_t)GUEST_PAGE;
}

/* Another page, or one that must be checked; cut: EIP is cut to 16 bits. */
static void edge_far(struct tx *t, int32_t off, unsigned done, bool cut)
{
    struct slow *s;

    tx_flags_store(t);
    count(t, done);
    s = tx_slow(t, SLOW_LEAVE, leave_if_spent(t));
    s->off = off;
    s->cut = cut;
    mips_lw(&t->e, T0, CPU(rip), HOST_CPU);
    emit_imm32(&t->e, AT, off);
    mips_addu(&t->e, T0, T0, AT);
    if (cut)
        mips_andi(&t->e, T0, T0, 0xffff);
    jump(t, t->flat ? t->cache->jump_flat : t->cache->jump_any);
    mips_nop(&t->e);
}

static void edge_near(struct tx *t, int32_t off, unsigned done)
{
    struct tedge *edge = tcache_data(t->cache, sizeof *edge);
    struct slow *s;

    if (!edge) {
        t->fail = true;
        return;
    }
    edge->off = off;
    edge->from = t->tb;
    count(t, done);
    s = tx_slow(t, SLOW_LEAVE, leave_if_spent(t));
    s->off = off;
    tx_flags_for_edge(t, off);
    if (((uintptr_t)t->e.p & (GUEST_PAGE - 1)) == GUEST_PAGE - 4)
        mips_nop(&t->e);             /* qemu-user 7.2 misses that the last word of a page changes */
    edge->jump = t->e.p;
    mips_j(&t->e, 0);
    mips_nop(&t->e);
    s = tx_slow(t, SLOW_EDGE, edge->jump);
    s->off = off;
    s->edge = edge;
}

void tx_edge(struct tx *t, int32_t off, bool cut)
{
    unsigned done = t->k + 1;

    if (in_page(t, off))
        edge_near(t, off, done);
    else
        edge_far(t, off, done, cut);
}

void tx_indirect(struct tx *t, val eip)
{
    struct slow *s;
    reg r = tx_get(t, eip);

    tx_flags_store(t);
    count(t, t->k + 1);
    s = tx_slow(t, SLOW_LEAVE, leave_if_spent(t));
    s->indirect = true;
    s->reg = r;
    jump(t, t->flat ? t->cache->jump_flat : t->cache->jump_any);
    emit_move(&t->e, T0, r);
    if (r == T0)
        mips_nop(&t->e);
}

/* ---- branches ------------------------------------------------------------------------------- */

/* Branches if v is true (or false); its word. */
static uint32_t *branch_on(struct tx *t, val v, bool sense)
{
    const struct node *x = &t->node[v.n];
    reg a, b;
    uint32_t *at, k;

    while (x->kind == N_OP && x->op == UOP_not1) {
        sense = !sense;
        v.n = x->a;
        x = &t->node[v.n];
    }
    if (x->kind == N_OP && x->op == UOP_seq) {
        a = tx_get(t, (val){ x->a });
        b = tx_get(t, (val){ x->b });
        at = t->e.p;
        if (sense)
            mips_beq(&t->e, a, b, 0);
        else
            mips_bne(&t->e, a, b, 0);
        return at;
    }
    if (x->kind == N_OP && x->op == UOP_slt && x->w == 4 && tx_is_const(t, (val){ x->b }, &k) &&
        k == 0) {
        a = tx_get(t, (val){ x->a });
        at = t->e.p;
        if (sense)
            mips_bltz(&t->e, a, 0);
        else
            mips_bgez(&t->e, a, 0);
        return at;
    }
    a = tx_get(t, v);
    at = t->e.p;
    if (sense)
        mips_bne(&t->e, a, ZERO, 0);
    else
        mips_beq(&t->e, a, ZERO, 0);
    return at;
}

/* What follows runs only if cond holds, until rejoin(). */
struct detour { uint32_t *skip; struct flags fl; uint32_t held; };

static struct detour detour(struct tx *t, val cond)
{
    struct detour d = { .skip = branch_on(t, cond, false) };

    mips_nop(&t->e);
    d.fl = t->fl;
    d.held = t->held;
    return d;
}

static void rejoin(struct tx *t, const struct detour *d)
{
    t->fl = d->fl;
    t->held = d->held;
    t->fail |= !emit_branch_here(&t->e, d->skip);
}

void tx_branch(struct tx *t, val cond, int32_t off)
{
    struct detour d = detour(t, cond);

    tx_edge(t, off, t->I->osz == 2);
    rejoin(t, &d);
}

void tx_branch_indirect(struct tx *t, val cond, val eip)
{
    struct detour d;

    tx_detach(t, eip);
    d = detour(t, cond);
    tx_indirect(t, eip);
    rejoin(t, &d);
}

/* ---- out of line ---------------------------------------------------------------------------- */

static void leave_at(struct tx *t, const struct slow *s)
{
    if (s->indirect) {
        mips_sw(&t->e, s->reg, CPU(rip), HOST_CPU);
    } else {
        mips_lw(&t->e, T0, CPU(rip), HOST_CPU);
        emit_imm32(&t->e, AT, s->off);
        mips_addu(&t->e, T0, T0, AT);
        if (s->cut)
            mips_andi(&t->e, T0, T0, 0xffff);
        mips_sw(&t->e, T0, CPU(rip), HOST_CPU);
    }
    if (s->edge)
        emit_imm32(&t->e, AT, (int32_t)(uintptr_t)s->edge);
    mips_sd(&t->e, s->edge ? AT : ZERO, CPU(link), HOST_CPU);
    jump(t, t->cache->leave);
    emit_move(&t->e, V0, ZERO);
}

static void emit_access(struct tx *t, const struct slow *s)
{
    tx_flags_emit(t, &s->now);       /* uses at and ra only */
    emit_move(&t->e, A2, s->reg);
    site_in_a1(t, s->site);
    call(t, t->cache->access);
    mips_nop(&t->e);
    tx_flags_reload(t, &s->start);
    jump(t, s->restart);
    mips_nop(&t->e);
}

static void emit_window(struct tx *t, struct slow *s)
{
    s->stub = t->e.p;
    tx_flags_emit(t, &s->now);
    mips_dsubu(&t->e, A2, s->reg, HOST_WINDOW);
    mips_daddiu(&t->e, A2, A2, s->off);
    site_in_a1(t, s->site);
    call(t, t->cache->access);
    mips_nop(&t->e);
    tx_flags_reload(t, &s->start);
    jump(t, s->restart);
    mips_nop(&t->e);
}

static void emit_one(struct tx *t, struct slow *s)
{
    switch ((enum slow_kind)s->kind) {
    case SLOW_ACCESS: emit_access(t, s); break;
    case SLOW_WINDOW: emit_window(t, s); break;
    case SLOW_INTERP:
        tx_flags_emit(t, &s->now);
        site_in_a1(t, s->site);
        jump(t, t->cache->leave_interp);
        mips_nop(&t->e);
        break;
    case SLOW_LEAVE:
        tx_flags_emit(t, &s->now);
        leave_at(t, s);
        break;
    case SLOW_EDGE: leave_at(t, s); break;
    }
}

void tx_emit_slow(struct tx *t)
{
    for (unsigned i = 0; i < t->slows && !t->e.full; i++) {
        struct slow *s = &t->slow[i];

        if (s->kind == SLOW_EDGE) {
            s->edge->stub = t->e.p;
            *s->branch = 0x08000000 | ((uint32_t)(uintptr_t)t->e.p & 0x0fffffff) >> 2;
        } else if (s->branch) {
            t->fail |= !emit_branch_here(&t->e, s->branch);
        }
        emit_one(t, s);
    }
}
