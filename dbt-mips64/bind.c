/* bind.c - the binding "emit": the bodies of cpu-x86/sem in the words of tx.h. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/flags.h"
#include "cpu-x86/sem.h"
#include "dbt-mips64/tx.h"

/* ---- operands ------------------------------------------------------------------------------- */

static val read_operand(struct tx *t, unsigned k, unsigned n)
{
    const struct x86_opnd *o = &t->I->o[k];

    if (o->kind == K_REG)
        return tx_gpr(t, o->off, n);
    if (o->kind == K_IMM)
        return tx_const(t, (uint32_t)t->I->imm, n);
    return tx_load(t, t->I->seg, tx_ea(t), n);
}

static val read_rmw(struct tx *t, unsigned k)
{
    if (t->I->o[k].kind != K_MEM)
        return read_operand(t, k, t->I->osz);
    return tx_load_rmw(t, t->I->seg, tx_ea(t), t->I->osz);
}

void tx_write(struct tx *t, unsigned off, unsigned size, val v)
{
    VM_ASSERT(t->writes < TX_WRITES);
    t->write[t->writes].off = (uint8_t)off;
    t->write[t->writes].size = (uint8_t)size;
    t->write[t->writes++].n = v.n;
}

static void write_operand(struct tx *t, unsigned k, val v)
{
    const struct x86_opnd *o = &t->I->o[k];

    if (o->kind == K_REG)
        tx_write(t, o->off, t->I->osz, v);
    else if (t->rmw.on)
        tx_store_rmw(t, v, t->I->osz);
    else
        tx_store(t, t->I->seg, tx_ea(t), v, t->I->osz);
}

/* ---- the stack ------------------------------------------------------------------------------ */

static val constant(struct tx *t, uint32_t k) { return tx_const(t, k, 4); }

static val op2(struct tx *t, enum uop op, unsigned w, val a, val b)
{
    return tx_op(t, op, w, a, b, b);
}

static val low16(struct tx *t, val v) { return op2(t, UOP_and, 4, v, constant(t, 0xffff)); }

static val stack(struct tx *t, val v) { return t->mode & MODE_SS32 ? v : low16(t, v); }

static void set_sp(struct tx *t, val v) { tx_write(t, 8 * RSP, t->mode & MODE_SS32 ? 4 : 2, v); }

static val rsp(struct tx *t) { return tx_gpr(t, 8 * RSP, 4); }

static val pushed_sp(struct tx *t)
{
    return stack(t, op2(t, UOP_sub, 4, rsp(t), constant(t, t->I->osz)));
}

static void push_at(struct tx *t, val v) { tx_store(t, SS, pushed_sp(t), v, t->I->osz); }

static void push(struct tx *t, val v)
{
    val sp = pushed_sp(t);

    tx_store(t, SS, sp, v, t->I->osz);
    set_sp(t, sp);
}

/* ---- flags ---------------------------------------------------------------------------------- */

static void set_operand(struct tx *t, unsigned i, val v)
{
    t->set.has[i] = true;
    t->set.v[i] = v;
}

static void flags(struct tx *t, unsigned op, val r, val a, val b)
{
    t->set.what = SET_OP | SET_COP;
    t->set.op = (uint8_t)op;
    t->set.size = t->I->osz;
    set_operand(t, FV_RES, r);
    set_operand(t, FV_A, a);
    set_operand(t, FV_B, b);
}

static void flags_cf(struct tx *t, unsigned op, val r, val a, val b, val cf)
{
    flags(t, op, r, a, b);
    set_operand(t, FV_CF, cf);
}

static void flags_nocf(struct tx *t, unsigned op, val r)
{
    t->set.what = SET_OP;
    t->set.op = (uint8_t)op;
    t->set.size = t->I->osz;
    set_operand(t, FV_RES, r);
}

static void set_cf(struct tx *t, val v)
{
    t->set.what |= SET_COP;
    t->set.size = t->I->osz;
    set_operand(t, FV_CF, v);
}

static bool wants(const struct tx *t, uint8_t flags) { return t->live[t->k] & flags; }

/* A shift by a count that is only known when it runs: 0 leaves the flags alone. */
static void flags_if(struct tx *t, val n, unsigned op, val r, val a, val b, val cf)
{
    const val in[FV_COUNT] = { r, a, b, cf };
    uint32_t k, *skip;
    reg x[FV_COUNT], count;

    if (tx_is_const(t, n, &k)) {
        if (k)
            flags_cf(t, op, r, a, b, cf);
        return;
    }
    if (!wants(t, TXF_ALL))
        return;
    tx_flags_store(t);
    count = tx_get(t, n);
    for (unsigned i = 0; i < FV_COUNT; i++)
        x[i] = tx_get(t, in[i]);
    skip = t->e.p;
    mips_beq(&t->e, count, ZERO, 0);
    emit_imm32(&t->e, AT, (int32_t)(op | t->I->osz * 0x1000100u | LF_CF << 16));
    for (unsigned i = 0; i < FV_COUNT; i++)
        mips_sw(&t->e, x[i], tx_flag_field[i], HOST_CPU);
    mips_sw(&t->e, AT, CPU(lf.op), HOST_CPU);
    emit_branch_here(&t->e, skip);
    tx_flags_unknown(t);
}

/* x: bit 0 CF, bit 1 OF, bit 2 the count is not 0. */
static uint32_t leaf_cf_of(struct x86_cpu *c, uint32_t unused, uint32_t x)
{
    uint32_t new = (x & 1 ? FL_CF : 0) | (x & 2 ? FL_OF : 0);

    (void)unused;
    if (x & 4)
        x86_set_arith(c, (x86_arith_flags(c) & ~(FL_CF | FL_OF)) | new);
    return 0;
}

static void cf_of_if(struct tx *t, val n, val cf, val of)
{
    val zero = constant(t, 0), x;
    uint32_t k;

    if ((tx_is_const(t, n, &k) && !k) || !wants(t, TXF_CF | TXF_OF))
        return;
    x = op2(t, UOP_seq, 4, n, zero);
    x = tx_op(t, UOP_not1, 4, x, x, x);
    x = op2(t, UOP_or, 4, cf, op2(t, UOP_or, 4, op2(t, UOP_shl, 4, of, constant(t, 1)),
                                  op2(t, UOP_shl, 4, x, constant(t, 2))));
    tx_flags_store(t);
    tx_free(t, tx_call_leaf(t, leaf_cf_of, 0, tx_get(t, x)));
    tx_flags_unknown(t);
}

static uint32_t leaf_arith(struct x86_cpu *c, uint32_t unused, uint32_t unused2)
{
    (void)unused; (void)unused2;
    return (x86_arith_flags(c) & ~FL_OF) | FL_FIXED;
}

static val arith(struct tx *t)
{
    tx_flags_store(t);
    return tx_reg(t, tx_call_leaf(t, leaf_arith, 0, ZERO), 4, true);
}

static uint32_t leaf_set_arith(struct x86_cpu *c, uint32_t mask, uint32_t v)
{
    x86_set_arith(c, (x86_arith_flags(c) & ~mask) | (v & mask));
    return 0;
}

static void set_arith(struct tx *t, val v, uint32_t mask)
{
    tx_flags_store(t);
    tx_free(t, tx_call_leaf(t, leaf_set_arith, mask, tx_get(t, v)));
    tx_flags_unknown(t);
}

static void set_df(struct tx *t, bool on)
{
    mips_lw(&t->e, AT, CPU(eflags), HOST_CPU);
    emit_imm32(&t->e, RA, on);
    mips_ins(&t->e, AT, RA, 10, 1);
    mips_sw(&t->e, AT, CPU(eflags), HOST_CPU);
}

/* ---- control flow --------------------------------------------------------------------------- */

/* #GP(0) when the target is beyond CS.limit: the interpreter raises it. cond: or NULL = always. */
static void check_limit(struct tx *t, const val *cond, val target)
{
    reg r = tx_get(t, target), c = cond ? tx_get(t, *cond) : ZERO;
    struct slow *s;

    mips_lw(&t->e, AT, CPU(seg[CS].limit), HOST_CPU);
    mips_sltu(&t->e, AT, AT, r);
    if (cond)
        mips_and(&t->e, AT, AT, c);
    s = tx_slow(t, SLOW_INTERP, t->e.p);
    s->site = tx_site(t);
    mips_bne(&t->e, AT, ZERO, 0);
    mips_nop(&t->e);
}

static val target(struct tx *t, const val *cond, val v)
{
    val checked = v;

    if (t->I->osz == 2)
        v = low16(t, v);
    else if (t->flat)
        return v;
    if (!t->flat)
        check_limit(t, cond, v);
    /* 16-bit code: an edge cuts rip + k itself */
    return t->node[checked.n].kind == N_RIP && !(t->mode & MODE_CS32) && t->I->osz == 2 ? checked
                                                                                       : v;
}

static void leave_by(struct tx *t, unsigned kind, val cond, val to)
{
    t->out.kind = (uint8_t)kind;
    t->out.cond = cond;
    t->out.target = to;
}

/* ---- the words of sem.h ---------------------------------------------------------------------- */

#define V     val
#define OSZ   (I->osz)
#define WMASK (0xffffffffu >> (32 - 8 * I->osz))
#define SEM(n) static void body_##n(struct tx *tx, const struct x86_insn *I)
#define K(x)            constant(tx, (uint32_t)(x))
#define RD(k)           read_operand(tx, k, I->osz)
#define RDN(k, n)       read_operand(tx, k, n)
#define RDW(k)          read_rmw(tx, k)
#define WR(k, v)        write_operand(tx, k, v)
#define GPRN(r, n)      tx_gpr(tx, 8 * (r), n)
#define SETGPRN(r, n, v) tx_write(tx, 8 * (r), n, v)
#define GPR(r)          GPRN(r, I->osz)
#define SETGPR(r, v)    SETGPRN(r, I->osz, v)
#define SAME_REG(k, r)  (I->o[k].kind == K_REG && I->o[k].off == 8 * (r))
#define GETAH()         tx_gpr(tx, 8 * RAX + 1, 1)
#define SETAH(v)        tx_write(tx, 8 * RAX + 1, 1, v)
#define ADDR(a)         (I->asz == 2 ? low16(tx, a) : (a))
#define STACK(a)        stack(tx, a)
#define EA()            tx_ea(tx)
#define LD(seg, off, n) tx_load(tx, seg, off, n)
#define PUSH(v)         push(tx, v)
#define PUSHAT(v)       push_at(tx, v)
#define PUSHSP()        set_sp(tx, pushed_sp(tx))
#define LDSTACK()       tx_load(tx, SS, stack(tx, rsp(tx)), I->osz)
#define ADDSP(n)        set_sp(tx, op2(tx, UOP_add, 4, rsp(tx), K(n)))
#define SETSP(v)        set_sp(tx, v)
#define OPN(w, n, ...)  once_##n(tx, w, __VA_ARGS__)
#define OP(n, ...)      once_##n(tx, I->osz, __VA_ARGS__)
#define OP1(n, fl, v) static inline __attribute__((unused)) val \
    once_##n(struct tx *tx, unsigned w, val a) { return tx_op(tx, UOP_##n, w, a, a, a); }
#define OP2(n, fl, v) static inline __attribute__((unused)) val \
    once_##n(struct tx *tx, unsigned w, val a, val b) { return tx_op(tx, UOP_##n, w, a, b, b); }
#define OP3(n, fl, v) static inline __attribute__((unused)) val \
    once_##n(struct tx *tx, unsigned w, val a, val b, val c) \
    { return tx_op(tx, UOP_##n, w, a, b, c); }
#include "cpu-x86/ops.def"
#undef OP1
#undef OP2
#undef OP3
#define FLAGS(f, r, a, b)           flags(tx, f, r, a, b)
#define FLAGS_CF(f, r, a, b, cf)    flags_cf(tx, f, r, a, b, cf)
#define FLAGS_IF(n, f, r, a, b, cf) flags_if(tx, n, f, r, a, b, cf)
#define FLAGS_NOCF(f, r)            flags_nocf(tx, f, r)
#define CF_OF_IF(n, cf, of)         cf_of_if(tx, n, cf, of)
#define CF()            tx_cf(tx)
#define SETCF(v)        set_cf(tx, v)
#define ARITH()         arith(tx)
#define SETARITH(v, m)  set_arith(tx, v, m)
#define SETDF(v)        set_df(tx, v)
#define CC              (I->op & 15u)
#define COND(cc)        tx_cond(tx, cc)
#define NOTZERO(v)      once_not1(tx, 4, once_seq(tx, tx->node[(v).n].w, v, K(0)))
#define REL(d)          tx_rip(tx, I->off + I->len + (int32_t)(d))
#define TARGET(v)       target(tx, NULL, v)
#define TARGETIF(c, v)  target(tx, &(c), v)
#define JUMP(v)         leave_by(tx, OUT_JUMP, v, v)
#define JUMPN(v)        leave_by(tx, OUT_JUMP, v, v)
#define BRANCH(c, v)    leave_by(tx, OUT_BRANCH, c, v)
#define SETPRODUCT(lo, hi) set_product(tx, lo, hi)

static void set_product(struct tx *tx, val lo, val hi)
{
    const struct x86_insn *I = tx->I;

    if (I->osz == 1) {
        SETGPRN(RAX, 2, OPN(2, or, OPN(2, and, lo, K(0xff)), OPN(2, shl, hi, K(8))));
        return;
    }
    SETGPR(RAX, lo);
    SETGPR(RDX, hi);
}

typedef void help_fn(struct x86_cpu *c, const struct x86_insn *I);

static void helper(struct tx *tx, help_fn *fn) { tx_helper(tx, (const void *)fn, false); }
#define HELPER(h) helper(tx, x86_help_##h)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "cpu-x86/sem/sem_move.inc"
#include "cpu-x86/sem/sem_alu.inc"
#include "cpu-x86/sem/sem_shift.inc"
#include "cpu-x86/sem/sem_muldiv.inc"
#include "cpu-x86/sem/sem_bit.inc"
#include "cpu-x86/sem/sem_flow.inc"
#pragma GCC diagnostic pop

/* ---- by meaning ----------------------------------------------------------------------------- */

#define BODY_HELP(n)  NULL
#define BODY_HELPS(n) NULL
#define BODY_HELPJ(n) NULL
#define BODY_STR(n)   NULL
#define BODY_GEN(n)   body_##n
#define BODY_UN1(n)   body_##n
#define BODY_PUSH(n)  body_##n
#define BODY_POP(n)   body_##n
#define BODY_SHIFT(n) body_##n
#define BODY_MOVX(n)  body_##n
#define BODY_MOVXB(n) body_##n
#define BODY_MOVXW(n) body_##n
#define BODY_LEA(n)   body_##n
#define BODY_ALU2(n)  body_##n
#define BODY_CMP2(n)  body_##n
#define BODY_CC(n)    body_##n
#define BODY_FLOW(n)  body_##n
#define BODY_CALL(n)  body_##n
#define BODY_RET(n)   body_##n
#define BODY_JMPN(n)  body_##n
#define BODY_CALLN(n) body_##n
#define BODY_JCC(n)   body_##n

enum sem_class {
    GEN, UN1, PUSH_, POP_, SHIFT, MOVX, MOVXB, MOVXW, LEA, ALU2, CMP2, CC_, FLOW, CALL, RET, JMPN_,
    CALLN, JCC, HELP, HELPS, HELPJ, STR
};
#undef PUSH
#undef CC
#define PUSH PUSH_
#define POP  POP_
#define CC   CC_
#define JMPN JMPN_
static const struct meaning {
    void    (*body)(struct tx *t, const struct x86_insn *I);
    uint8_t  class;                  /* column `forms` of sems.def */
    uint32_t reads, writes;          /* EFLAGS bits */
} meanings[SEM_COUNT] = {
#define SEMS(n, forms, rd, wr, help) [SEM_##n] = { BODY_##forms(n), forms, rd, wr },
#include "cpu-x86/sems.def"
#undef SEMS
};

uint8_t tx_reads(const struct x86_insn *I) { return tx_pack(meanings[I->sem].reads); }

/* A shift leaves the flags alone when its count is 0. */
uint8_t tx_kills(const struct x86_insn *I)
{
    const struct meaning *m = &meanings[I->sem];

    if (m->class == SHIFT && (I->o[1].kind != K_IMM || !(I->imm & 31)))
        return 0;
    return tx_pack(m->writes);
}

static bool touches_memory(const struct x86_insn *I)
{
    return I->o[0].kind == K_MEM || I->o[1].kind == K_MEM || (I->flags & X86F_MEM) ||
           I->sem == SEM_leave || I->sem == SEM_xlat;
}

bool tx_exposes(const struct x86_insn *I)
{
    const struct meaning *m = &meanings[I->sem];

    switch ((enum sem_class)m->class) {
    case PUSH_: case POP_: case FLOW: case CALL: case RET: case JMPN_: case CALLN: case JCC:
    case HELP: case HELPS: case HELPJ: case STR: return true;
    case LEA: return false;
    case GEN: case UN1: case SHIFT: case MOVX: case MOVXB: case MOVXW: case ALU2: case CMP2:
    case CC_: break;
    }
    return touches_memory(I) || tx_calls(I->sem);
}

bool tx_leaves(const struct x86_insn *I)
{
    const struct meaning *m = &meanings[I->sem];

    return (I->flags & X86F_END && !m->body) || m->class == HELPJ;
}

void tx_body(struct tx *t)
{
    const struct x86_insn *I = t->I;
    const struct meaning *m = &meanings[I->sem];

    if (tx_leaves(I)) {
        tx_interp(t);
        t->ended = true;
    } else if (m->body) {
        m->body(t, I);
    } else {
        tx_helper(t, tx_help_fn(I->sem), m->class == STR);
    }
}
