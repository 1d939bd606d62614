/* flagstate.c - lazy flags while translating: where their operands are, and what must be stored.
 *
 * c->lf is brought in order only where somebody may look: at exits, before helpers, and out of line
 * where an access fails. Between, the operands stay in registers. See cpu-x86/state.h and flags.h
 * for what the fields mean. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/flags.h"
#include "dbt-mips64/tx.h"

const int32_t tx_flag_field[FV_COUNT] = { CPU(lf.res), CPU(lf.a), CPU(lf.b), CPU(lf.cf) };

uint8_t tx_pack(uint32_t f)
{
    return (uint8_t)((f & FL_CF ? TXF_CF : 0) | (f & FL_PF ? TXF_PF : 0) |
                     (f & FL_AF ? TXF_AF : 0) | (f & FL_ZF ? TXF_ZF : 0) |
                     (f & FL_SF ? TXF_SF : 0) | (f & FL_OF ? TXF_OF : 0));
}

void tx_flags_unknown(struct tx *t)
{
    for (unsigned i = 0; i < FV_COUNT; i++)
        if (t->fl.v[i].place == FP_TEMP) {
            t->held &= ~(1u << t->fl.v[i].at);
            tx_free(t, t->fl.v[i].at);
        }
    t->fl = (struct flags){ .op_stored = true, .cop_stored = true };
}

/* ---- storing -------------------------------------------------------------------------------- */

/* Operand i of f in a register: its own, or scratch. */
static reg operand(struct tx *t, const struct flags *f, unsigned i, reg scratch)
{
    const struct flag_val *v = &f->v[i];
    reg s;

    switch ((enum flag_place)v->place) {
    case FP_TEMP: return v->at;
    case FP_CONST:
        if (!v->k)
            return ZERO;
        emit_imm32(&t->e, scratch, (int32_t)v->k);
        return scratch;
    case FP_GPR:
        s = HOST_GPR(v->at >> 3);
        if (v->size == 4)
            return s;
        if (v->size == 2)
            mips_andi(&t->e, scratch, s, 0xffff);
        else
            mips_ext(&t->e, scratch, s, v->at & 7 ? 8 : 0, 8);
        return scratch;
    case FP_MEM:
        mips_lw(&t->e, scratch, tx_flag_field[i], HOST_CPU);
        return scratch;
    case FP_NONE: case FP_DERIVED: break;
    }
    return ZERO;
}

/* The result of a compare or a test, or the first operand of an addition or subtraction, from the
 * other two. */
static void derive(struct tx *t, const struct flags *f, unsigned i)
{
    reg a = operand(t, f, i == FV_RES ? FV_A : FV_RES, AT), b = operand(t, f, FV_B, RA);

    if (f->op == LF_LOGIC)
        mips_and(&t->e, AT, a, b);
    else if (i == FV_RES || f->op == LF_ADD)
        mips_subu(&t->e, AT, a, b);
    else
        mips_addu(&t->e, AT, a, b);
    if (f->osz == 1)
        mips_andi(&t->e, AT, AT, 0xff);
    else if (f->osz == 2)
        mips_andi(&t->e, AT, AT, 0xffff);
    mips_sw(&t->e, AT, tx_flag_field[i], HOST_CPU);
}

static void emit_operand(struct tx *t, const struct flags *f, unsigned i)
{
    switch ((enum flag_place)f->v[i].place) {
    case FP_MEM: case FP_NONE: break;
    case FP_DERIVED: derive(t, f, i); break;
    case FP_GPR: case FP_CONST: case FP_TEMP:
        mips_sw(&t->e, operand(t, f, i, AT), tx_flag_field[i], HOST_CPU);
    }
}

static void emit_kinds(struct tx *t, const struct flags *f)
{
    uint32_t op = f->op | (uint32_t)f->osz << 8, cop = f->cop | (uint32_t)f->cosz << 8;
    bool do_op = f->op_known && !f->op_stored, do_cop = f->cop_known && !f->cop_stored;

    if (do_op && do_cop) {
        emit_imm32(&t->e, AT, (int32_t)(op | cop << 16));
        mips_sw(&t->e, AT, CPU(lf.op), HOST_CPU);
    } else if (do_op) {
        emit_imm32(&t->e, AT, (int32_t)op);
        mips_sh(&t->e, AT, CPU(lf.op), HOST_CPU);
    } else if (do_cop) {
        emit_imm32(&t->e, AT, (int32_t)cop);
        mips_sh(&t->e, AT, CPU(lf.cop), HOST_CPU);
    }
}

void tx_flags_emit(struct tx *t, const struct flags *f)
{
    for (unsigned i = 0; i < FV_COUNT; i++)
        emit_operand(t, f, i);
    emit_kinds(t, f);
}

static void forget_unwanted(struct tx *t, struct flags *f, uint8_t live);

static void drop_temp(struct tx *t, struct flag_val *v)
{
    if (v->place == FP_TEMP)
        t->held &= ~(1u << v->at);
}

void tx_flags_store(struct tx *t)
{
    tx_flags_emit(t, &t->fl);
    for (unsigned i = 0; i < FV_COUNT; i++) {
        drop_temp(t, &t->fl.v[i]);
        if (t->fl.v[i].place != FP_NONE)
            t->fl.v[i].place = FP_MEM;
    }
    t->fl.op_stored = t->fl.cop_stored = true;
}

void tx_flags_for_edge(struct tx *t, int32_t off)
{
    const struct x86_block *b = tx_block(t, off);
    struct flags f = t->fl;
    uint32_t held = t->held;

    forget_unwanted(t, &f, b ? tx_live_in(b) : TXF_ALL);
    if (b && !tx_live_in(b))
        f.op_stored = f.cop_stored = true;
    tx_flags_emit(t, &f);
    t->held = held;
}

void tx_flags_reload(struct tx *t, const struct flags *f)
{
    for (unsigned i = 0; i < FV_COUNT; i++)
        if (f->v[i].place == FP_TEMP)
            mips_lw(&t->e, f->v[i].at, tx_flag_field[i], HOST_CPU);
}

/* ---- what is wanted ------------------------------------------------------------------------- */

/* Does anything that is live need operand i itself? */
static bool wanted_alone(const struct flags *f, unsigned i, uint8_t live)
{
    bool over = live & (TXF_OF | TXF_AF), cf = live & TXF_CF;

    if (i == FV_RES)
        return !f->op_known || (live & ~TXF_CF);
    if (i == FV_CF)
        return cf && (!f->cop_known || f->cop == LF_CF);
    if (!f->op_known || !f->cop_known)
        return true;
    if (cf && (f->cop == LF_ADD || f->cop == LF_SUB))
        return true;
    switch ((enum flag_op)f->op) {
    case LF_ADD: case LF_SUB: case LF_ADC: case LF_SBB: return over;
    case LF_SHL: return i == FV_B && over;
    case LF_SHR: case LF_MUL: return i == FV_A && over;
    default: return false;
    }
}

/* Or to derive another from it? */
static bool wanted(const struct flags *f, unsigned i, uint8_t live)
{
    if (wanted_alone(f, i, live))
        return true;
    if (i != FV_A && i != FV_CF && f->v[FV_A].place == FP_DERIVED)
        return wanted_alone(f, FV_A, live);
    return i != FV_RES && i != FV_CF && f->v[FV_RES].place == FP_DERIVED &&
           wanted_alone(f, FV_RES, live);
}

static void forget_unwanted(struct tx *t, struct flags *f, uint8_t live)
{
    const struct flags was = *f;

    for (unsigned i = 0; i < FV_COUNT; i++)
        if (!wanted(&was, i, live)) {
            drop_temp(t, &f->v[i]);
            f->v[i].place = FP_NONE;
        }
}

/* ---- the end of an instruction --------------------------------------------------------------- */

static bool is_written(const struct tx *t, unsigned gpr)
{
    for (unsigned i = 0; i < t->writes; i++)
        if (t->write[i].off >> 3 == gpr)
            return true;
    return false;
}

/* An operand in a register that this instruction overwrites goes to memory. */
static void save_clobbered(struct tx *t)
{
    for (unsigned i = 0; i < FV_COUNT; i++) {
        struct flag_val *v = &t->fl.v[i];

        if (v->place != FP_GPR || !is_written(t, v->at >> 3))
            continue;
        emit_operand(t, &t->fl, i);
        v->place = FP_MEM;
    }
}

/* Index of the write whose value is v and stays in its register, or -1. */
static int write_of(const struct tx *t, val v)
{
    for (unsigned i = 0; i < t->writes; i++)
        if (t->write[i].n == v.n && t->write[i].size == t->node[v.n].w) {
            for (unsigned k = i + 1; k < t->writes; k++)
                if (t->write[k].off >> 3 == t->write[i].off >> 3)
                    return -1;
            return (int)i;
        }
    return -1;
}

/* Keeps v in a temporary for the flags. */
static struct flag_val hold(struct tx *t, val v)
{
    const struct node *x = &t->node[v.n];
    reg r = tx_get(t, v);

    if (r < 32 && !(HOST_TEMPS >> r & 1)) {                /* a guest register's own, or zero */
        reg d = tx_temp(t);

        emit_move(&t->e, d, r);
        r = d;
    }
    t->held |= 1u << r;
    return (struct flag_val){ .place = FP_TEMP, .at = r, .size = x->w };
}

static struct flag_val place_of(struct tx *t, val v)
{
    const struct node *x = &t->node[v.n];
    int w = write_of(t, v);

    if (x->kind == N_CONST)
        return (struct flag_val){ .place = FP_CONST, .k = x->k };
    if (w >= 0)
        return (struct flag_val){ .place = FP_GPR, .at = t->write[w].off, .size = x->w };
    if (x->kind == N_GPR && !is_written(t, x->off >> 3))
        return (struct flag_val){ .place = FP_GPR, .at = x->off, .size = x->w };
    return hold(t, v);
}

static bool can_derive(const struct tx *t)
{
    val r = t->set.v[FV_RES];

    return (t->set.op == LF_SUB || t->set.op == LF_LOGIC) && t->node[r.n].kind == N_OP &&
           write_of(t, r) < 0;
}

static void set_kinds(struct tx *t, struct flags *f)
{
    if (t->set.what & SET_OP) {
        f->op_known = true;
        f->op_stored = false;
        f->op = t->set.op;
        f->osz = t->set.size;
    }
    if (t->set.what & SET_COP) {
        f->cop_known = true;
        f->cop_stored = false;
        f->cop = t->set.has[FV_CF] ? LF_CF : t->set.op;
        f->cosz = t->set.size;
    }
}

/* The first operand was in a register that the result goes to. */
static bool can_derive_a(const struct tx *t)
{
    const struct node *a = &t->node[t->set.v[FV_A].n];

    return (t->set.op == LF_ADD || t->set.op == LF_SUB) && a->kind == N_GPR &&
           is_written(t, a->off >> 3) && write_of(t, t->set.v[FV_RES]) >= 0;
}

/* The new state: the operands that are wanted get their places. */
static void place_operands(struct tx *t, struct flags *f, uint8_t live)
{
    bool three = t->set.has[FV_RES] && t->set.has[FV_A];

    if (three && can_derive(t))
        f->v[FV_RES].place = FP_DERIVED;
    else if (three && can_derive_a(t))
        f->v[FV_A].place = FP_DERIVED;
    for (unsigned i = 0; i < FV_COUNT; i++)
        if (t->set.has[i] && !wanted(f, i, live))
            f->v[i].place = FP_NONE;
        else if (t->set.has[i] && f->v[i].place != FP_DERIVED)
            f->v[i] = place_of(t, t->set.v[i]);
}

/* INC and DEC replace the result that the first operand is derived from, and keep the carry. */
static void save_derived(struct tx *t)
{
    if (!t->set.has[FV_RES] || t->set.has[FV_A] || t->fl.v[FV_A].place != FP_DERIVED)
        return;
    emit_operand(t, &t->fl, FV_A);
    t->fl.v[FV_A].place = FP_MEM;
}

void tx_flags_before_writes(struct tx *t)
{
    uint8_t live = t->out.kind == OUT_NEXT ? t->live[t->k] : TXF_ALL;
    struct flags old;

    save_derived(t);
    old = t->fl;
    for (unsigned i = 0; i < FV_COUNT; i++)
        if (t->set.has[i])
            old.v[i].place = FP_NONE;
    set_kinds(t, &old);
    for (unsigned i = 0; i < FV_COUNT; i++)
        if (t->set.has[i] && t->fl.v[i].place == FP_TEMP)
            drop_temp(t, &t->fl.v[i]);
    t->fl = old;
    forget_unwanted(t, &t->fl, live);
    save_clobbered(t);
    if (t->set.what)
        place_operands(t, &t->fl, live);
}

void tx_flags_after_writes(struct tx *t)
{
    t->set.what = SET_NONE;
    for (unsigned i = 0; i < FV_COUNT; i++)
        t->set.has[i] = false;
}

/* ---- conditions ----------------------------------------------------------------------------- */

static bool have(const struct tx *t, unsigned i)
{
    enum flag_place p = t->fl.v[i].place;

    return p != FP_NONE && p != FP_DERIVED;
}

static val op2(struct tx *t, enum uop op, unsigned w, val a, val b)
{
    return tx_op(t, op, w, a, b, b);
}

static val value(struct tx *t, unsigned i, unsigned w);

/* See derive(). */
static val derived(struct tx *t, unsigned i, unsigned w)
{
    val a = value(t, i == FV_RES ? FV_A : FV_RES, w), b = value(t, FV_B, w);

    if (t->fl.op == LF_LOGIC)
        return op2(t, UOP_and, w, a, b);
    return op2(t, i == FV_RES || t->fl.op == LF_ADD ? UOP_sub : UOP_add, w, a, b);
}

static val value(struct tx *t, unsigned i, unsigned w)
{
    const struct flag_val *v = &t->fl.v[i];
    reg r;

    switch ((enum flag_place)v->place) {
    case FP_GPR: return tx_gpr(t, v->at, w);
    case FP_CONST: return tx_const(t, v->k, w);
    case FP_TEMP: return tx_reg(t, v->at, w, true);
    case FP_DERIVED: return derived(t, i, w);
    case FP_MEM: case FP_NONE: break;
    }
    r = tx_temp(t);
    mips_lw(&t->e, r, tx_flag_field[i], HOST_CPU);
    return tx_reg(t, r, w, true);
}

static val negate(struct tx *t, val v) { return tx_op(t, UOP_not1, 4, v, v, v); }

static uint32_t leaf_cond(struct x86_cpu *c, uint32_t cc, uint32_t unused)
{
    (void)unused;
    return x86_cond(c, cc);
}

static uint32_t leaf_cf(struct x86_cpu *c, uint32_t unused, uint32_t unused2)
{
    (void)unused; (void)unused2;
    return x86_cf(c);
}

static val by_leaf(struct tx *t, tx_leaf *fn, uint32_t arg)
{
    tx_flags_store(t);
    return tx_reg(t, tx_call_leaf(t, fn, arg, ZERO), 4, true);
}

val tx_cf(struct tx *t)
{
    unsigned w = t->fl.cosz;

    if (!t->fl.cop_known)
        return by_leaf(t, leaf_cf, 0);
    switch ((enum flag_op)t->fl.cop) {
    case LF_CF: return value(t, FV_CF, 4);
    case LF_SUB: return op2(t, UOP_sltu, w, value(t, FV_A, w), value(t, FV_B, w));
    case LF_ADD: {
        val b = value(t, FV_B, w);
        bool sum = t->fl.op_known && t->fl.op == LF_ADD && have(t, FV_RES);

        return op2(t, UOP_sltu, w, sum ? value(t, FV_RES, w) :
                   op2(t, UOP_add, w, value(t, FV_A, w), b), b);
    }
    default: return tx_const(t, 0, 4);
    }
}

/* Conditions other than carry that a compare or the sign and zero of the result decide. */
static bool simple(const struct tx *t, unsigned cc)
{
    if (!t->fl.op_known || t->fl.op == LF_EFLAGS)
        return false;
    switch (cc >> 1) {
    case 2: case 4: return true;
    case 3: return t->fl.cop_known;
    case 6: case 7: return t->fl.op == LF_SUB || t->fl.op == LF_LOGIC;
    default: return false;
    }
}

static val zero(struct tx *t)
{
    unsigned w = t->fl.osz;

    if (t->fl.op == LF_SUB && have(t, FV_A) && have(t, FV_B))
        return op2(t, UOP_seq, w, value(t, FV_A, w), value(t, FV_B, w));
    return op2(t, UOP_seq, w, value(t, FV_RES, w), tx_const(t, 0, w));
}

static val less(struct tx *t)
{
    unsigned w = t->fl.osz;

    if (t->fl.op == LF_LOGIC)
        return op2(t, UOP_slt, w, value(t, FV_RES, w), tx_const(t, 0, w));
    return op2(t, UOP_slt, w, value(t, FV_A, w), value(t, FV_B, w));
}

static val greater(struct tx *t)
{
    unsigned w = t->fl.osz;

    if (t->fl.op == LF_LOGIC)
        return op2(t, UOP_slt, w, tx_const(t, 0, w), value(t, FV_RES, w));
    return op2(t, UOP_slt, w, value(t, FV_B, w), value(t, FV_A, w));
}

static val below_or_equal(struct tx *t)
{
    unsigned w = t->fl.osz;

    if (t->fl.op == LF_SUB && t->fl.cop == LF_SUB)
        return negate(t, op2(t, UOP_sltu, w, value(t, FV_B, w), value(t, FV_A, w)));
    if (t->fl.cop == LF_LOGIC)
        return zero(t);
    return op2(t, UOP_or, 4, tx_cf(t), zero(t));
}

val tx_cond(struct tx *t, unsigned cc)
{
    unsigned w = t->fl.osz;
    val v, r;

    if (cc >> 1 == 1)
        v = tx_cf(t);
    else if (!simple(t, cc))
        return by_leaf(t, leaf_cond, cc);
    else
        switch (cc >> 1) {
        case 2: v = zero(t); break;
        case 3: v = below_or_equal(t); break;
        case 4:
            r = value(t, FV_RES, w);
            v = tx_op(t, UOP_msb, w, r, r, r);
            break;
        case 6: v = less(t); break;
        default: v = negate(t, greater(t)); break;
        }
    return cc & 1 ? negate(t, v) : v;
}
