/* memacc.c - guest memory accesses in translated code: form S, the software TLB probed inline, and
 * form W, a direct window, where the access itself faults.
 *
 * A miss, a device, a page with code, an access across two pages: out of line, where either the TLB
 * or the window is filled and the instruction starts again, or the interpreter carries it out. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/tx.h"

enum { ENTRY_SHIFT = 5, INDEX_MASK = (TLB_ENTRIES - 1) << ENTRY_SHIFT };
_Static_assert(sizeof(struct tlb_entry) == 1 << ENTRY_SHIFT, "the probe's shift");

#define SEG(s, field) ((int32_t)(offsetof(struct x86_cpu, seg) + (s) * sizeof(struct x86_seg) + \
                                 offsetof(struct x86_seg, field)))

/* ---- addresses ------------------------------------------------------------------------------ */

static val add(struct tx *t, val a, val b) { return tx_op(t, UOP_add, 4, a, b, b); }

val tx_ea(struct tx *t)
{
    const struct x86_insn *I = t->I;
    val v = tx_const(t, (uint32_t)I->disp, 4), s;
    bool base = I->base != 8 * X86_ZERO, index = I->index != 8 * X86_ZERO;

    if (index) {
        s = tx_const(t, I->scale, 4);
        s = I->scale ? tx_op(t, UOP_shl, 4, tx_gpr(t, I->index, 4), s, s)
                     : tx_gpr(t, I->index, 4);
        if (base)
            s = add(t, s, tx_gpr(t, I->base, 4));
    } else if (base) {
        s = tx_gpr(t, I->base, 4);
    }
    if (base || index)
        v = I->disp ? add(t, s, v) : s;
    if (I->asz == 2) {
        val mask = tx_const(t, 0xffff, 4);

        v = tx_op(t, UOP_and, 4, v, mask, mask);
    }
    return v;
}

/* ---- the probe ------------------------------------------------------------------------------ */

static struct slow *on_fail(struct tx *t, uint32_t *branch, struct tsite *site, reg off)
{
    struct slow *s = tx_slow(t, SLOW_ACCESS, branch);

    s->site = site;
    s->reg = off;
    s->restart = t->insn_start;
    return s;
}

static uint32_t *branch_ne(struct tx *t, reg a, reg b)
{
    uint32_t *at = t->e.p;

    mips_bne(&t->e, a, b, 0);
    return at;
}

/* Limit check and base: the linear address in a new temporary. */
static reg segment(struct tx *t, unsigned seg, reg off, unsigned n, bool write, struct tsite *site)
{
    reg d = tx_temp(t);

    mips_ld(&t->e, AT, write ? SEG(seg, wend) : SEG(seg, rend), HOST_CPU);
    emit_zext32(&t->e, d, off);
    mips_daddiu(&t->e, d, d, (int32_t)n);
    mips_sltu(&t->e, AT, AT, d);
    on_fail(t, branch_ne(t, AT, ZERO), site, off);
    mips_lw(&t->e, d, SEG(seg, base), HOST_CPU);
    mips_addu(&t->e, d, d, off);
    return d;
}

static struct tsite *access_site(struct tx *t, unsigned seg, unsigned n, bool write)
{
    struct tsite *site = tx_site(t);

    site->seg = (uint8_t)seg;
    site->size = (uint8_t)n;
    site->write = write;
    return site;
}

static bool flat(const struct tx *t, unsigned seg)
{
    return (t->mode & MODE_FLAT) && seg < FS && seg != CS;
}

/* The host address of n bytes at seg:off, in a new temporary. */
static reg probe(struct tx *t, unsigned seg, val offset, unsigned n, struct tsite *site)
{
    bool write = site->write;
    reg off = tx_get(t, offset), lin = off, d;

    if (!flat(t, seg))
        lin = segment(t, seg, off, n, write, site);
    d = tx_temp(t);
    mips_srl(&t->e, d, lin, 12 - ENTRY_SHIFT);
    mips_andi(&t->e, d, d, INDEX_MASK);
    mips_daddu(&t->e, d, d, HOST_TLB);
    mips_lw(&t->e, AT, write ? (int32_t)offsetof(struct tlb_entry, tag_w)
                             : (int32_t)offsetof(struct tlb_entry, tag_r), d);
    mips_addiu(&t->e, RA, lin, (int32_t)n - 1);
    mips_ins(&t->e, RA, ZERO, 0, 12);
    on_fail(t, branch_ne(t, AT, RA), site, off);
    mips_ld(&t->e, d, (int32_t)offsetof(struct tlb_entry, host_minus_gva), d);
    mips_daddu(&t->e, d, d, lin);
    return d;
}

/* ---- form W --------------------------------------------------------------------------------- */

/* A constant that is added last goes into the access: the sum leaves the window, or is right. */
static val without_constant(struct tx *t, val v, int32_t *disp)
{
    const struct node *x = &t->node[v.n];
    uint32_t k;

    *disp = 0;
    if (x->kind != N_OP || x->w != 4 || (x->op != UOP_add && x->op != UOP_sub) ||
        !tx_is_const(t, (val){ x->b }, &k))
        return v;
    k = x->op == UOP_sub ? -k : k;
    if ((int32_t)k != (int16_t)k)
        return v;
    *disp = (int32_t)k;
    return (val){ x->a };
}

static struct place in_window(struct tx *t, unsigned seg, val off, unsigned n, struct tsite *site)
{
    struct place p = { 0 };
    struct slow *s;
    reg lin;

    if (flat(t, seg))
        lin = tx_get(t, without_constant(t, off, &p.disp));
    else
        lin = segment(t, seg, tx_get(t, off), n, site->write, site);
    p.host = tx_temp(t);
    mips_daddu(&t->e, p.host, lin, HOST_WINDOW);
    s = tx_slow(t, SLOW_WINDOW, NULL);
    s->site = tx_site(t);
    *s->site = *site;
    s->site->window = true;
    s->reg = p.host;
    s->off = p.disp;
    s->restart = t->insn_start;
    p.slow = (uint8_t)(s - t->slow);
    return p;
}

void tx_wsite(struct tx *t, unsigned slow)
{
    if (!t->window)
        return;
    if (t->wsites == sizeof t->wsite / sizeof t->wsite[0]) {
        t->fail = true;
        return;
    }
    t->wsite[t->wsites].at = t->e.p;
    t->wsite[t->wsites++].slow = (uint8_t)slow;
}

static struct place find(struct tx *t, unsigned seg, val off, unsigned n, bool write)
{
    struct tsite *site = access_site(t, seg, n, write);

    if (t->window)
        return in_window(t, seg, off, n, site);
    return (struct place){ .host = probe(t, seg, off, n, site) };
}

/* ---- loads and stores ----------------------------------------------------------------------- */

val tx_load(struct tx *t, unsigned seg, val off, unsigned n)
{
    struct place p = find(t, seg, off, n, false);

    return tx_mem(t, &p, n);
}

val tx_load_rmw(struct tx *t, unsigned seg, val off, unsigned n)
{
    t->rmw = find(t, seg, off, n, true);
    t->rmw.on = true;
    return tx_mem(t, &t->rmw, n);
}

static void store_at(struct tx *t, const struct place *p, val v, unsigned n)
{
    reg s;

    tx_load_pending(t);
    s = t->node[v.n].w < n ? tx_get(t, v) : tx_get_low(t, v);
    tx_wsite(t, p->slow);
    if (n == 1)
        mips_sb(&t->e, s, p->disp, p->host);
    else if (n == 2)
        mips_sh(&t->e, s, p->disp, p->host);
    else
        mips_sw(&t->e, s, p->disp, p->host);
}

void tx_store(struct tx *t, unsigned seg, val off, val v, unsigned n)
{
    struct place p;

    if (t->node[v.n].w < n)
        tx_get(t, v);
    else
        tx_get_low(t, v);
    p = find(t, seg, off, n, true);
    store_at(t, &p, v, n);
}

void tx_store_rmw(struct tx *t, val v, unsigned n)
{
    store_at(t, &t->rmw, v, n);
    t->rmw.on = false;
}
