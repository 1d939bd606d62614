/* help_int.c - integer instructions that are rare or long: decimal adjustment, rotates through
 * carry, double shifts, division, bit strings, PUSHA and ENTER. SDM vol. 2. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/except.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/sys.h"

static uint32_t cut(uint32_t v, unsigned size) { return v & (0xffffffffu >> (32 - 8 * size)); }

static uint32_t al(struct x86_cpu *c) { return x86_gpr(c, 8 * RAX, 1); }
static uint32_t ah(struct x86_cpu *c) { return x86_gpr(c, 8 * RAX + 1, 1); }

/* SF, ZF and PF of a result. */
static uint32_t szp(uint32_t v, unsigned size)
{
    v = cut(v, size);
    return (v ? 0 : FL_ZF) | (v >> (8 * size - 1) ? FL_SF : 0) |
           (__builtin_parity(v & 0xff) ? 0 : FL_PF);
}

void x86_help_ud(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    x86_raise(c, EXC_UD);
}

/* ---- decimal adjustment; flags the SDM leaves undefined are as measured on Intel chips ---- */

static void daa_das(struct x86_cpu *c, bool sub)
{
    uint32_t old = x86_arith_flags(c), v = al(c), cf = 0, af = 0, was = v;

    if ((v & 15) > 9 || (old & FL_AF)) {
        cf = (old & FL_CF) || (sub ? was < 6 : was > 0xf9);
        v = sub ? v - 6 : v + 6;
        af = FL_AF;
    }
    if (was > 0x99 || (old & FL_CF)) {
        v = sub ? v - 0x60 : v + 0x60;
        cf = 1;
    }
    x86_set_gpr(c, 8 * RAX, v, 1);
    x86_set_arith(c, szp(v, 1) | af | cf);
}

void x86_help_daa(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    daa_das(c, false);
}

void x86_help_das(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    daa_das(c, true);
}

static void aaa_aas(struct x86_cpu *c, uint32_t delta)
{
    uint32_t on = (al(c) & 15) > 9 || (x86_arith_flags(c) & FL_AF), ax = x86_gpr(c, 0, 2);

    if (on)
        ax += delta;
    x86_set_gpr(c, 8 * RAX, ax & 0xff0f, 2);
    x86_set_arith(c, szp(ax & 0x0f, 1) | (on ? FL_AF | FL_CF : 0));
}

void x86_help_aaa(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    aaa_aas(c, 0x106);
}

void x86_help_aas(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    aaa_aas(c, (uint32_t)-0x106);
}

void x86_help_aam(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t base = I->imm & 0xff, v = al(c);

    if (!base)
        x86_raise(c, EXC_DE);
    x86_set_gpr(c, 8 * RAX, v / base << 8 | v % base, 2);
    x86_set_arith(c, szp(v % base, 1));
}

void x86_help_aad(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t v = (al(c) + ah(c) * (I->imm & 0xff)) & 0xff;

    x86_set_gpr(c, 8 * RAX, v, 2);
    x86_set_arith(c, szp(v, 1));
}

/* ---- rotates through carry ---- */

/* The operand, checked for writing. */
static uint32_t read_for_write(struct x86_cpu *c, const struct x86_insn *I)
{
    if (I->o[0].kind == K_MEM)
        x86_check_write(c, x86_lin(c, I->seg, x86_ea(c, I), I->o[0].size, ACC_W), I->o[0].size);
    return x86_rd_opnd(c, I, 0);
}

static unsigned shift_count(struct x86_cpu *c, const struct x86_insn *I)
{
    return (I->o[1].kind == K_IMM ? (uint32_t)I->imm : x86_gpr(c, 8 * RCX, 1)) & 31;
}

void x86_help_rcl(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned bits = 8 * I->osz, n = shift_count(c, I) % (bits + 1);
    uint32_t flags = x86_arith_flags(c) & ~(FL_CF | FL_OF), cf = x86_cf(c);
    uint64_t v = read_for_write(c, I), r = v | (uint64_t)cf << bits;

    if (shift_count(c, I) == 0)
        return;
    if (n)
        r = r << n | r >> (bits + 1 - n);
    cf = r >> bits & 1;
    x86_wr_opnd(c, I, 0, cut((uint32_t)r, I->osz));
    x86_set_arith(c, flags | cf | ((r >> (bits - 1) & 1) ^ cf ? FL_OF : 0));
}

void x86_help_rcr(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned bits = 8 * I->osz, n = shift_count(c, I) % (bits + 1);
    uint32_t flags = x86_arith_flags(c) & ~(FL_CF | FL_OF), cf = x86_cf(c);
    uint64_t v = read_for_write(c, I), r = v | (uint64_t)cf << bits;

    if (shift_count(c, I) == 0)
        return;
    if (n)
        r = r >> n | r << (bits + 1 - n);
    cf = r >> bits & 1;
    x86_wr_opnd(c, I, 0, cut((uint32_t)r, I->osz));
    x86_set_arith(c, flags | cf | ((r >> (bits - 1) ^ r >> (bits - 2)) & 1 ? FL_OF : 0));
}

/* ---- double shifts; a 16-bit count over 16 rotates the pair through, as P6 and later do ---- */

static void double_shift(struct x86_cpu *c, const struct x86_insn *I, bool left)
{
    bool by_cl = I->sem == SEM_shldcl || I->sem == SEM_shrdcl;
    unsigned bits = 8 * I->osz, n = (by_cl ? x86_gpr(c, 8 * RCX, 1) : (uint32_t)I->imm) & 31;
    uint64_t a = read_for_write(c, I), b = x86_rd_opnd(c, I, 1), wide, r;
    uint32_t cf;

    if (!n)
        return;
    if (left) {                      /* a:b:a, so that counts beyond the size bring a back in */
        wide = bits == 16 ? a << 32 | b << 16 | a : a << 32 | b;
        r = bits == 16 ? wide << n >> 32 : wide << n >> 32;
        cf = wide >> ((bits == 16 ? 48 : 64) - n) & 1;
    } else {
        wide = bits == 16 ? a << 32 | b << 16 | a : b << 32 | a;
        r = wide >> n;
        cf = wide >> (n - 1) & 1;
    }
    r = cut((uint32_t)r, I->osz);
    x86_wr_opnd(c, I, 0, (uint32_t)r);
    x86_set_arith(c, szp((uint32_t)r, I->osz) | cf | ((r ^ a) >> (bits - 1) & 1 ? FL_OF : 0));
}

void x86_help_shld(struct x86_cpu *c, const struct x86_insn *I) { double_shift(c, I, true); }
void x86_help_shrd(struct x86_cpu *c, const struct x86_insn *I) { double_shift(c, I, false); }

/* ---- division ---- */

static uint64_t dividend(struct x86_cpu *c, unsigned size)
{
    if (size == 1)
        return x86_gpr(c, 8 * RAX, 2);
    return (uint64_t)x86_gpr(c, 8 * RDX, size) << 8 * size | x86_gpr(c, 8 * RAX, size);
}

static void set_quotient(struct x86_cpu *c, unsigned size, uint32_t q, uint32_t r)
{
    x86_set_gpr(c, 8 * RAX, q, size);
    x86_set_gpr(c, size == 1 ? 8 * RAX + 1 : 8 * RDX, r, size);
}

void x86_help_div(struct x86_cpu *c, const struct x86_insn *I)
{
    uint64_t n = dividend(c, I->osz), d = x86_rd_opnd(c, I, 0);

    if (d == 0 || n / d > (0xffffffffu >> (32 - 8 * I->osz)))
        x86_raise(c, EXC_DE);
    set_quotient(c, I->osz, (uint32_t)(n / d), (uint32_t)(n % d));
}

void x86_help_idiv(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned shift = 64 - 16 * I->osz, cutd = 64 - 8 * I->osz;
    int64_t n = (int64_t)(dividend(c, I->osz) << shift) >> shift;
    int64_t d = (int64_t)((uint64_t)x86_rd_opnd(c, I, 0) << cutd) >> cutd, q;

    if (d == 0 || (n == INT64_MIN && d == -1))
        x86_raise(c, EXC_DE);
    q = n / d;
    if (q != (int64_t)((uint64_t)q << cutd) >> cutd)
        x86_raise(c, EXC_DE);
    set_quotient(c, I->osz, (uint32_t)q, (uint32_t)(n % d));
}

/* ---- BT, BTS, BTR, BTC of a bit string in memory: the register is a signed bit offset ---- */

void x86_help_bt_mem(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned size = I->osz, shift = 32 - 8 * size;
    int32_t bit = (int32_t)(x86_rd_opnd(c, I, 1) << shift) >> shift;
    uint32_t off = x86_ea(c, I) + (uint32_t)((bit >> (size == 2 ? 4 : 5)) * (int32_t)size);
    uint32_t mask = 1u << (bit & (8 * size - 1)), v;

    if (I->asz == 2)
        off &= 0xffff;
    if (I->sem != SEM_bt)
        x86_check_write(c, x86_lin(c, I->seg, off, size, ACC_W), size);
    v = (uint32_t)x86_ld(c, I->seg, off, size);
    if (I->sem != SEM_bt)
        x86_st(c, I->seg, off, I->sem == SEM_bts ? v | mask :
               I->sem == SEM_btr ? v & ~mask : v ^ mask, size);
    x86_set_cf(c, (v & mask) != 0);
}

void x86_help_cmpxchg8b(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t a = x86_lin(c, I->seg, x86_ea(c, I), 8, ACC_W), flags;
    uint64_t old, want = (uint64_t)x86_gpr(c, 8 * RDX, 4) << 32 | x86_gpr(c, 8 * RAX, 4);
    uint64_t new = (uint64_t)x86_gpr(c, 8 * RCX, 4) << 32 | x86_gpr(c, 8 * RBX, 4);

    x86_check_write(c, a, 8);
    old = x86_ld_lin(c, a, 8);
    flags = x86_arith_flags(c) & ~FL_ZF;
    x86_st_lin(c, a, old == want ? new : old, 8);
    if (old != want) {
        x86_set_gpr(c, 8 * RAX, (uint32_t)old, 4);
        x86_set_gpr(c, 8 * RDX, (uint32_t)(old >> 32), 4);
    }
    x86_set_arith(c, flags | (old == want ? FL_ZF : 0));
}

/* ---- stack ---- */

/* The address uses rSP after the pop; a fault leaves rSP as it was. */
void x86_help_popm(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t sp = x86_sp(c), v = (uint32_t)x86_ld(c, SS, sp, I->osz);
    uint64_t old = c->gpr[RSP];
    uint32_t a;

    if (I->o[0].kind == K_REG) {
        x86_set_sp(c, sp + I->osz);
        x86_wr_opnd(c, I, 0, v);
        return;
    }
    x86_set_sp(c, sp + I->osz);
    a = x86_ea(c, I);
    c->gpr[RSP] = old;
    x86_st(c, I->seg, a, v, I->osz);
    x86_set_sp(c, sp + I->osz);
}

/* A 32-bit push of a segment register writes 16 bits and moves rSP by 4, as P6 and later do. */
void x86_help_pushseg(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t sp = (x86_sp(c) - I->osz) & c->sp_mask;

    x86_st(c, SS, sp, c->seg[I->o[0].reg].sel, 2);
    x86_set_sp(c, sp);
}

void x86_help_popseg(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t sp = x86_sp(c), sel = (uint32_t)x86_ld(c, SS, sp, 2), mask = c->sp_mask;
    uint32_t esp = (uint32_t)c->gpr[RSP];

    x86_load_seg(c, I->o[0].reg, sel);
    x86_set_gpr(c, 8 * RSP, (esp & ~mask) | ((sp + I->osz) & mask), 4);
    if (I->o[0].reg == SS)
        x86_shadow_ss(c);
}

/* As the chips do it: each store is done before the next is checked; rSP moves last. */
void x86_help_pusha(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t sp = x86_sp(c), n = I->osz;

    for (unsigned k = 1; k <= 8; k++)
        x86_st(c, SS, (sp - k * n) & c->sp_mask, x86_gpr(c, 8 * (k - 1), n), n);
    x86_set_sp(c, sp - 8 * n);
}

/* What was popped before a fault stays, as on the chips; rSP is not moved, it can run again. */
void x86_help_popa(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t sp = x86_sp(c), n = I->osz, v;

    for (unsigned k = 0; k < 8; k++) {
        v = (uint32_t)x86_ld(c, SS, (sp + k * n) & c->sp_mask, n);
        if (k != 7 - RSP)
            x86_set_gpr(c, 8 * (7 - k), v, n);
    }
    x86_set_sp(c, sp + 8 * n);
}

/* ---- PUSHF and POPF, with the virtual interrupt flag of CR4.VME ---- */

/* V86 mode with IOPL below 3: without VME, or with 32-bit operands, these trap to the monitor. */
static bool virtual_if(struct x86_cpu *c, const struct x86_insn *I)
{
    if (!x86_v86(c) || x86_iopl(c) == 3)
        return false;
    if (!(c->cr4 & CR4_VME) || I->osz == 4)
        x86_raise_ec(c, EXC_GP, 0);
    return true;
}

void x86_help_pushf(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t v = x86_eflags(c) & ~(FL_VM | FL_RF);

    if (virtual_if(c, I))
        v = (v & ~FL_IF) | FL_IOPL | (v & FL_VIF ? FL_IF : 0);
    x86_push(c, v, I->osz);
}

void x86_help_popf(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t old = x86_eflags(c), mask = c->model->eflags & ~(FL_VM | FL_VIF | FL_VIP);
    bool vif = virtual_if(c, I);
    uint32_t sp = x86_sp(c), v = (uint32_t)x86_ld(c, SS, sp, I->osz);

    if (vif) {
        if ((v & FL_TF) || ((v & FL_IF) && (old & FL_VIP)))
            x86_raise_ec(c, EXC_GP, 0);
        old = (old & ~FL_VIF) | (v & FL_IF ? FL_VIF : 0);
    }
    if (c->cpl)
        mask &= ~FL_IOPL;
    if (vif || c->cpl > x86_iopl(c))
        mask &= ~FL_IF;
    if (I->osz == 2)
        mask &= 0xffff;
    x86_set_sp(c, sp + I->osz);
    x86_set_eflags(c, (((old & ~mask) | (v & mask)) & ~FL_RF) | FL_FIXED);
    x86_update_mode(c);
    x86_update_pending(c);
}

/* SDM vol. 2 ENTER: level outer frame pointers are copied from the old frame. */
void x86_help_enter(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t n = I->osz, level = I->sel & 31, sp = (x86_sp(c) - n) & c->sp_mask;
    uint32_t whole = (uint32_t)c->gpr[RSP] - n;            /* all of it, whatever SS.B says */
    uint32_t bp = (uint32_t)c->gpr[RBP] & c->sp_mask, v;

    x86_st(c, SS, sp, x86_gpr(c, 8 * RBP, n), n);
    for (unsigned k = 1; k < level; k++) {
        bp = (bp - n) & c->sp_mask;
        v = (uint32_t)x86_ld(c, SS, bp, n);
        sp = (sp - n) & c->sp_mask;
        x86_st(c, SS, sp, v, n);
    }
    if (level) {
        sp = (sp - n) & c->sp_mask;
        x86_st(c, SS, sp, whole, n);
    }
    sp = (sp - (uint32_t)I->imm) & c->sp_mask;
    x86_check_write(c, x86_lin(c, SS, sp, n, ACC_W), n);
    x86_set_gpr(c, 8 * RBP, whole, n);
    x86_set_sp(c, sp);
}
