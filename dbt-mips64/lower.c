/* lower.c - values of a translation: micro-ops become host words when somebody needs them. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/tx.h"

static struct node *at(struct tx *t, val v) { return &t->node[v.n]; }

/* ---- nodes ---------------------------------------------------------------------------------- */

static val add_node(struct tx *t, struct node n)
{
    VM_ASSERT(t->nodes < TX_NODES);
    t->node[t->nodes] = n;
    return (val){ (uint8_t)t->nodes++ };
}

static uint32_t cut(uint32_t k, unsigned w) { return k & (0xffffffffu >> (32 - 8 * w)); }

val tx_const(struct tx *t, uint32_t k, unsigned w)
{
    return add_node(t, (struct node){ .kind = N_CONST, .w = (uint8_t)w, .k = cut(k, w) });
}

val tx_rip(struct tx *t, int32_t k)
{
    return add_node(t, (struct node){ .kind = N_RIP, .w = 4, .k = (uint32_t)k });
}

val tx_gpr(struct tx *t, unsigned off, unsigned w)
{
    return add_node(t, (struct node){ .kind = N_GPR, .w = (uint8_t)w, .off = (uint8_t)off });
}

val tx_reg(struct tx *t, reg r, unsigned w, bool clean)
{
    return add_node(t, (struct node){ .kind = N_REG, .w = (uint8_t)w, .reg = r,
                                      .clean = clean || w == 4 });
}

val tx_mem(struct tx *t, const struct place *p, unsigned w)
{
    return add_node(t, (struct node){ .kind = N_MEM, .w = (uint8_t)w, .reg = p->host,
                                      .k = (uint32_t)p->disp, .a = p->slow });
}

void tx_load_pending(struct tx *t)
{
    for (unsigned i = 0; i < t->nodes; i++)
        if (t->node[i].kind == N_MEM)
            tx_get_low(t, (val){ (uint8_t)i });
}

bool tx_is_const(const struct tx *t, val v, uint32_t *k)
{
    *k = t->node[v.n].k;
    return t->node[v.n].kind == N_CONST;
}

/* ---- folding: the definitions of ops.def, at the width --------------------------------------- */

#define V uint32_t
#define BITS  (8 * w)
#define W(x)  cut((uint32_t)(x), w)
#define S(x)  ((int32_t)((uint32_t)(x) << (32 - BITS)) >> (32 - BITS))
#define D(x)  ((uint64_t)(x))
static uint32_t eval(enum uop op, unsigned w, uint32_t a, uint32_t b, uint32_t c)
{
    switch (op) {
#define OP1(n, fl, v) case UOP_##n: return v;
#define OP2(n, fl, v) case UOP_##n: return v;
#define OP3(n, fl, v) case UOP_##n: return v;
#include "cpu-x86/ops.def"
#undef OP1
#undef OP2
#undef OP3
    case UOP_slt: return S(a) < S(b);
    case UOP_COUNT: break;
    }
    return 0;
}
#undef V
#undef BITS
#undef W
#undef S
#undef D

static bool same_value(const struct node *x, const struct node *y)
{
    if (x->kind != y->kind || x->w != y->w)
        return false;
    return x->kind == N_CONST ? x->k == y->k : x->kind == N_GPR ? x->off == y->off : x == y;
}

val tx_op(struct tx *t, enum uop op, unsigned w, val a, val b, val c)
{
    const struct node *x = at(t, a), *y = at(t, b), *z = at(t, c);

    if (x->kind == N_CONST && y->kind == N_CONST && z->kind == N_CONST)
        return tx_const(t, eval(op, w, x->k, y->k, z->k), w);
    if ((op == UOP_and || op == UOP_or) && x->w == w && same_value(x, y))
        return a;
    if (op == UOP_sel && x->kind == N_CONST)
        return x->k ? b : c;
    return add_node(t, (struct node){ .kind = N_OP, .op = (uint8_t)op, .w = (uint8_t)w, .a = a.n,
                                      .b = b.n, .c = c.n });
}

bool tx_depends(const struct tx *t, unsigned n, unsigned gpr)
{
    const struct node *x = &t->node[n];

    if (x->kind == N_GPR)
        return x->off >> 3 == gpr;
    return x->kind == N_OP && (tx_depends(t, x->a, gpr) || tx_depends(t, x->b, gpr) ||
                               tx_depends(t, x->c, gpr));
}

/* ---- temporaries ---------------------------------------------------------------------------- */

reg tx_temp(struct tx *t)
{
    uint32_t left = HOST_TEMPS & ~t->used;

    if (!left) {
        t->fail = true;
        return V0;
    }
    t->used |= left & -left;
    return (reg)__builtin_ctz(left);
}

void tx_free(struct tx *t, reg r) { t->used &= ~(1u << r) | t->held; }

/* ---- one micro-op into register d ------------------------------------------------------------ */

static bool fits16(int32_t k) { return k == (int16_t)k; }
static bool fitsu16(uint32_t k) { return k <= 0xffff; }

static bool const_of(const struct tx *t, uint8_t n, int32_t *k)
{
    *k = (int32_t)t->node[n].k;
    return t->node[n].kind == N_CONST;
}

static reg in(struct tx *t, uint8_t n) { return tx_get(t, (val){ n }); }

/* Good for what looks at the low bytes of x's width only. */
static reg in_low(struct tx *t, const struct node *x, uint8_t n)
{
    return t->node[n].w < x->w ? in(t, n) : tx_get_low(t, (val){ n });
}

/* Signed value of x's width in a register: its own or scratch. */
static reg in_signed(struct tx *t, const struct node *x, uint8_t n, reg scratch)
{
    reg r = in_low(t, x, n);
    unsigned w = x->w;

    if (w == 4)
        return r;
    if (w == 2)
        mips_seh(&t->e, scratch, r);
    else
        mips_seb(&t->e, scratch, r);
    return scratch;
}

static void do_add(struct tx *t, const struct node *x, reg d, bool sub)
{
    int32_t k;

    if (const_of(t, x->b, &k) && fits16(sub ? -k : k)) {
        mips_addiu(&t->e, d, in_low(t, x, x->a), sub ? -k : k);
        return;
    }
    reg a = in_low(t, x, x->a), b = in_low(t, x, x->b);
    if (sub)
        mips_subu(&t->e, d, a, b);
    else
        mips_addu(&t->e, d, a, b);
}

/* Clean if both inputs are; the caller says whether anybody cares. */
static void do_logic(struct tx *t, const struct node *x, reg d)
{
    int32_t k;

    if (const_of(t, x->b, &k) && fitsu16((uint32_t)k)) {
        bool inside = x->op == UOP_and && (uint32_t)k <= (t->node[x->a].w == 1 ? 0xffu : 0xffffu);
        reg a = inside ? tx_get_low(t, (val){ x->a }) : in_low(t, x, x->a);

        switch (x->op) {
        case UOP_and: mips_andi(&t->e, d, a, (uint32_t)k); return;
        case UOP_or:  mips_ori(&t->e, d, a, (uint32_t)k); return;
        default:      mips_xori(&t->e, d, a, (uint32_t)k); return;
        }
    }
    reg a = in_low(t, x, x->a), b = in_low(t, x, x->b);
    switch (x->op) {
    case UOP_and: mips_and(&t->e, d, a, b); break;
    case UOP_or:  mips_or(&t->e, d, a, b); break;
    default:      mips_xor(&t->e, d, a, b); break;
    }
}

/* Counts are 0..31 where the result matters. */
static void do_shift(struct tx *t, const struct node *x, reg d)
{
    int32_t k;
    bool constant = const_of(t, x->b, &k);
    reg a = x->op == UOP_shl ? in_low(t, x, x->a) : x->op == UOP_shr ? in(t, x->a)
                             : in_signed(t, x, x->a, AT);
    reg b = constant ? ZERO : in_low(t, x, x->b);

    k &= 31;
    switch (x->op) {
    case UOP_shl:
        if (constant) mips_sll(&t->e, d, a, (unsigned)k); else mips_sllv(&t->e, d, a, b);
        break;
    case UOP_shr:
        if (constant) mips_srl(&t->e, d, a, (unsigned)k); else mips_srlv(&t->e, d, a, b);
        break;
    default:
        if (constant) mips_sra(&t->e, d, a, (unsigned)k); else mips_srav(&t->e, d, a, b);
    }
}

/* Below 4 bytes the value is repeated, so that a rotation by the count modulo 32 is right. */
static void do_rotate(struct tx *t, const struct node *x, reg d)
{
    int32_t k;
    bool constant = const_of(t, x->b, &k), left = x->op == UOP_rol;
    reg a = in_low(t, x, x->a), b = constant ? ZERO : in_low(t, x, x->b);

    if (x->w < 4) {
        emit_move(&t->e, AT, a);
        if (x->w == 1)
            mips_ins(&t->e, AT, AT, 8, 8);
        mips_ins(&t->e, AT, AT, 16, 16);
        a = AT;
    }
    if (constant) {
        mips_rotr(&t->e, d, a, (unsigned)(left ? -k : k) & 31);
    } else if (left) {
        mips_subu(&t->e, RA, ZERO, b);
        mips_rotrv(&t->e, d, a, RA);
    } else {
        mips_rotrv(&t->e, d, a, b);
    }
}

static void do_mul_high(struct tx *t, const struct node *x, reg d)
{
    bool sign = x->op == UOP_mulhs;

    if (x->w == 4) {
        reg a = in(t, x->a), b = in(t, x->b);

        if (sign)
            mips_mult(&t->e, a, b);
        else
            mips_multu(&t->e, a, b);
        mips_mfhi(&t->e, d);
        return;
    }
    reg a = sign ? in_signed(t, x, x->a, AT) : in(t, x->a);
    reg b = sign ? in_signed(t, x, x->b, RA) : in(t, x->b);
    mips_mul(&t->e, d, a, b);
    mips_srl(&t->e, d, d, 8u * x->w);
}

static void do_compare(struct tx *t, const struct node *x, reg d)
{
    int32_t k;
    bool constant = const_of(t, x->b, &k);

    if (x->op == UOP_seq) {
        reg a = in(t, x->a);

        if (constant && k == 0) {
            mips_sltiu(&t->e, d, a, 1);
            return;
        }
        mips_xor(&t->e, AT, a, in(t, x->b));
        mips_sltiu(&t->e, d, AT, 1);
    } else if (x->op == UOP_sltu) {
        reg a = in(t, x->a);

        if (constant && fits16(k))
            mips_sltiu(&t->e, d, a, k);
        else
            mips_sltu(&t->e, d, a, in(t, x->b));
    } else {
        reg a = in_signed(t, x, x->a, AT);

        mips_slt(&t->e, d, a, in_signed(t, x, x->b, RA));
    }
}

static void do_bit(struct tx *t, const struct node *x, reg d)
{
    int32_t k;
    reg a = in_low(t, x, x->a);

    if (const_of(t, x->b, &k)) {
        mips_ext(&t->e, d, a, (unsigned)k & (8u * x->w - 1), 1);
        return;
    }
    reg b = in_low(t, x, x->b);
    if (x->w < 4) {
        mips_andi(&t->e, AT, b, 8u * x->w - 1);
        b = AT;
    }
    mips_srlv(&t->e, d, a, b);
    mips_andi(&t->e, d, d, 1);
}

static void do_scan(struct tx *t, const struct node *x, reg d)
{
    reg a = in(t, x->a);

    if (x->op == UOP_ctz) {
        mips_subu(&t->e, AT, ZERO, a);
        mips_and(&t->e, AT, AT, a);
        mips_clz(&t->e, AT, AT);
    } else {
        mips_clz(&t->e, AT, a);
    }
    mips_xori(&t->e, AT, AT, 31);    /* 31 - n for n <= 31; 63 for an input of 0 */
    mips_movz(&t->e, AT, ZERO, a);
    emit_move(&t->e, d, AT);
}

static void do_sel(struct tx *t, const struct node *x, reg d)
{
    reg c = in(t, x->a), yes = in_low(t, x, x->b), no = in_low(t, x, x->c);

    if (d == yes && d != no) {
        mips_movz(&t->e, d, no, c);
    } else if (d == c && d != no) {
        emit_move(&t->e, AT, no);
        mips_movn(&t->e, AT, yes, c);
        emit_move(&t->e, d, AT);
    } else {
        emit_move(&t->e, d, no);
        mips_movn(&t->e, d, yes, c);
    }
}

static void do_three(struct tx *t, const struct node *x, reg d)
{
    reg a = in_low(t, x, x->a), b = in_low(t, x, x->b), c = in_low(t, x, x->c);

    if (x->op == UOP_adc) {
        mips_addu(&t->e, AT, a, b);
        mips_addu(&t->e, d, AT, c);
    } else {
        mips_subu(&t->e, AT, a, b);
        mips_subu(&t->e, d, AT, c);
    }
}

static void do_one(struct tx *t, const struct node *x, reg d)
{
    reg a = in_low(t, x, x->a);

    switch (x->op) {
    case UOP_not:    mips_nor(&t->e, d, a, ZERO); break;
    case UOP_not1:   mips_xori(&t->e, d, a, 1); break;
    case UOP_neg:    mips_subu(&t->e, d, ZERO, a); break;
    case UOP_msb:    mips_ext(&t->e, d, a, 8u * x->w - 1, 1); break;
    case UOP_sext8:  mips_seb(&t->e, d, a); break;
    case UOP_sext16: mips_seh(&t->e, d, a); break;
    default:
        if (x->w != 4) {
            emit_move(&t->e, d, ZERO);
            break;
        }
        mips_wsbh(&t->e, d, a);
        mips_rotr(&t->e, d, d, 16);
    }
}

/* at and ra are free for the op itself once no input is an op any more. */
static void settle_input(struct tx *t, uint8_t n)
{
    if (t->node[n].kind == N_OP || t->node[n].kind == N_MEM)
        tx_get_low(t, (val){ n });
}

static void load(struct tx *t, const struct node *x, reg d)
{
    int32_t disp = (int32_t)x->k;

    tx_wsite(t, x->a);
    if (x->w == 1)
        mips_lbu(&t->e, d, disp, x->reg);
    else if (x->w == 2)
        mips_lhu(&t->e, d, disp, x->reg);
    else
        mips_lw(&t->e, d, disp, x->reg);
}

/* Loads that extend the sign. */
static bool load_signed(struct tx *t, const struct node *x, reg d)
{
    const struct node *a = &t->node[x->a];

    bool byte = x->op == UOP_sext8 && a->w == 1, half = x->op == UOP_sext16 && a->w == 2;

    if (a->kind != N_MEM || !(byte || half))
        return false;
    tx_wsite(t, a->a);
    if (byte)
        mips_lb(&t->e, d, (int32_t)a->k, a->reg);
    else
        mips_lh(&t->e, d, (int32_t)a->k, a->reg);
    return true;
}

/* Emits x into d, which may be an input's register. */
static void lower(struct tx *t, const struct node *x, reg d)
{
    if (load_signed(t, x, d))
        return;
    settle_input(t, x->a);
    settle_input(t, x->b);
    settle_input(t, x->c);
    switch ((enum uop)x->op) {
    case UOP_add: do_add(t, x, d, false); break;
    case UOP_sub: do_add(t, x, d, true); break;
    case UOP_and: case UOP_or: case UOP_xor: do_logic(t, x, d); break;
    case UOP_shl: case UOP_shr: case UOP_sar: do_shift(t, x, d); break;
    case UOP_rol: case UOP_ror: do_rotate(t, x, d); break;
    case UOP_mul: {
        reg a = in_low(t, x, x->a);

        mips_mul(&t->e, d, a, in_low(t, x, x->b));
        break;
    }
    case UOP_mulhu: case UOP_mulhs: do_mul_high(t, x, d); break;
    case UOP_seq: case UOP_sltu: case UOP_slt: do_compare(t, x, d); break;
    case UOP_bit: do_bit(t, x, d); break;
    case UOP_ctz: case UOP_msbit: do_scan(t, x, d); break;
    case UOP_sel: do_sel(t, x, d); break;
    case UOP_adc: case UOP_sbb: do_three(t, x, d); break;
    case UOP_not: case UOP_not1: case UOP_neg: case UOP_msb: case UOP_sext8: case UOP_sext16:
    case UOP_bswap: do_one(t, x, d); break;
    case UOP_COUNT: break;
    }
}

/* Results that are 0 or 1, or small by nature, and those of clean inputs that stay clean. */
static bool result_is_clean(const struct tx *t, const struct node *x)
{
    const struct node *a = &t->node[x->a], *b = &t->node[x->b], *c = &t->node[x->c];

    if (x->w == 4)
        return true;
    switch ((enum uop)x->op) {
    case UOP_not1: case UOP_msb: case UOP_seq: case UOP_sltu: case UOP_slt: case UOP_bit:
    case UOP_ctz: case UOP_msbit: case UOP_shr: case UOP_mulhu: case UOP_bswap: return true;
    case UOP_and: return (a->kind == N_REG && a->clean) || a->kind == N_CONST ||
                         (b->kind == N_REG && b->clean) || b->kind == N_CONST;
    case UOP_or: case UOP_xor: return a->kind == N_REG && a->clean &&
                                      ((b->kind == N_REG && b->clean) || b->kind == N_CONST);
    case UOP_sel: return b->kind == N_REG && b->clean && c->kind == N_REG && c->clean;
    default: return false;
    }
}

/* ---- values in registers --------------------------------------------------------------------- */

static int32_t const_word(const struct node *x) { return (int32_t)x->k; }

static void read_gpr(struct tx *t, const struct node *x, reg d, bool clean)
{
    reg s = HOST_GPR(x->off >> 3);

    if (x->off & 7)
        mips_ext(&t->e, d, s, 8, 8);
    else if (x->w == 4 || !clean)
        emit_move(&t->e, d, s);
    else
        mips_andi(&t->e, d, s, x->w == 1 ? 0xff : 0xffff);
}

static void clean_up(struct tx *t, reg d, reg s, unsigned w)
{
    if (w == 1)
        mips_andi(&t->e, d, s, 0xff);
    else if (w == 2)
        mips_andi(&t->e, d, s, 0xffff);
    else
        emit_move(&t->e, d, s);
}

void tx_into(struct tx *t, val v, reg d)
{
    struct node *x = at(t, v);

    switch (x->kind) {
    case N_CONST: emit_imm32(&t->e, d, const_word(x)); break;
    case N_RIP:
        mips_lw(&t->e, d, CPU(rip), HOST_CPU);
        if (fits16((int32_t)x->k)) {
            mips_addiu(&t->e, d, d, (int32_t)x->k);
            break;
        }
        emit_imm32(&t->e, AT, (int32_t)x->k);
        mips_addu(&t->e, d, d, AT);
        break;
    case N_GPR: read_gpr(t, x, d, true); break;
    case N_REG: clean_up(t, d, x->reg, x->clean ? 4 : x->w); break;
    case N_MEM: load(t, x, d); break;
    case N_OP: {
        bool clean = result_is_clean(t, x);

        lower(t, x, d);
        if (!clean)
            clean_up(t, d, d, x->w);
        break;
    }
    }
}

static reg settle(struct node *x, reg d, bool clean)
{
    x->kind = N_REG;
    x->reg = d;
    x->clean = clean;
    return d;
}

reg tx_get_low(struct tx *t, val v)
{
    struct node *x = at(t, v);
    reg d;

    if (x->kind == N_CONST && !x->k)
        return ZERO;
    if (x->kind == N_GPR && !(x->off & 7))
        return HOST_GPR(x->off >> 3);
    if (x->kind == N_REG)
        return x->reg;
    if (x->kind == N_OP) {
        bool clean;

        d = tx_temp(t);
        lower(t, x, d);
        clean = result_is_clean(t, x);
        return settle(x, d, clean);
    }
    d = tx_temp(t);
    tx_into(t, v, d);
    return settle(x, d, true);
}

reg tx_get(struct tx *t, val v)
{
    struct node *x = at(t, v);
    reg r, d;

    if (x->kind == N_GPR && x->w < 4) {
        d = tx_temp(t);
        read_gpr(t, x, d, true);
        return settle(x, d, true);
    }
    r = tx_get_low(t, v);
    if (x->kind != N_REG || x->clean)
        return r;
    clean_up(t, r, r, x->w);
    x->clean = true;
    return r;
}

void tx_detach(struct tx *t, val v)
{
    struct node *x = at(t, v);
    reg d;

    if (x->kind == N_OP || x->kind == N_MEM) {
        tx_get_low(t, v);
    } else if (x->kind == N_GPR) {
        d = tx_temp(t);
        read_gpr(t, x, d, true);
        settle(x, d, true);
    }
}
