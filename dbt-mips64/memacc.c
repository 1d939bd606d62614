/* memacc.c - guest memory accesses in translated code: form S, the software TLB probed inline.
 *
 * A miss, a device, a page with code, an access across two pages: out of line, where either the TLB
 * is filled and the instruction starts again, or the interpreter carries it out. */
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

/* The host address of n bytes at seg:off, in a new temporary. */
static reg probe(struct tx *t, unsigned seg, val offset, unsigned n, bool write, bool rmw)
{
    bool flat = (t->mode & MODE_FLAT) && seg < FS && seg != CS;
    struct tsite *site = tx_site(t);
    reg off = tx_get(t, offset), lin = off, d;

    site->seg = (uint8_t)seg;
    site->size = (uint8_t)n;
    site->write = write;
    site->rmw = rmw;
    if (!flat)
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

/* ---- loads and stores ----------------------------------------------------------------------- */

val tx_load(struct tx *t, unsigned seg, val off, unsigned n)
{
    return tx_mem(t, probe(t, seg, off, n, false, false), n);
}

val tx_load_rmw(struct tx *t, unsigned seg, val off, unsigned n)
{
    t->rmw.on = true;
    t->rmw.host = probe(t, seg, off, n, true, true);
    return tx_mem(t, t->rmw.host, n);
}

static void store_at(struct tx *t, reg host, val v, unsigned n)
{
    reg s;

    tx_load_pending(t);
    s = t->node[v.n].w < n ? tx_get(t, v) : tx_get_low(t, v);
    if (n == 1)
        mips_sb(&t->e, s, 0, host);
    else if (n == 2)
        mips_sh(&t->e, s, 0, host);
    else
        mips_sw(&t->e, s, 0, host);
}

void tx_store(struct tx *t, unsigned seg, val off, val v, unsigned n)
{
    if (t->node[v.n].w < n)
        tx_get(t, v);
    else
        tx_get_low(t, v);
    store_at(t, probe(t, seg, off, n, true, false), v, n);
}

void tx_store_rmw(struct tx *t, val v, unsigned n)
{
    store_at(t, t->rmw.host, v, n);
    t->rmw.on = false;
}
