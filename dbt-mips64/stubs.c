/* stubs.c - the code that all translations share, made once at the start of the cache. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/stubs.h"
#include "devmodel/base/vm_assert.h"
#include "dbt-mips64/mips_abi.h"

enum { FRAME = 96, FRAME_CPU = 64, FRAME_GP = 72, FRAME_RA = 80 };

static void save_gprs(struct emit *e)
{
    for (unsigned r = 0; r < 8; r++)
        mips_sw(e, HOST_GPR(r), CPU(gpr) + 8 * (int32_t)r, HOST_CPU);
}

static void load_gprs(struct emit *e)
{
    for (unsigned r = 0; r < 8; r++)
        mips_lw(e, HOST_GPR(r), CPU(gpr) + 8 * (int32_t)r, HOST_CPU);
}

static void jump(struct emit *e, const uint32_t *to)
{
    mips_j(e, (uint32_t)(uintptr_t)to & 0x0fffffff);
}

/* uintptr_t enter(c, code) */
static void make_enter(struct emit *e, bool window)
{
    mips_daddiu(e, SP, SP, -FRAME);
    for (unsigned r = 0; r < 8; r++)
        mips_sd(e, HOST_GPR(r), 8 * (int32_t)r, SP);
    mips_sd(e, HOST_CPU, FRAME_CPU, SP);
    mips_sd(e, GP, FRAME_GP, SP);
    mips_sd(e, RA, FRAME_RA, SP);
    emit_move(e, HOST_CPU, A0);
    load_gprs(e);
    mips_jr(e, A1);
    mips_ld(e, GP, window ? CPU(window) : CPU(tlb), HOST_CPU);
}

/* v0 = why, guest registers not yet saved: `leave`; saved: the second. */
static uint32_t *make_leave(struct emit *e, uint32_t **saved)
{
    uint32_t *at = e->p;

    save_gprs(e);
    *saved = e->p;
    for (unsigned r = 0; r < 8; r++)
        mips_ld(e, HOST_GPR(r), 8 * (int32_t)r, SP);
    mips_ld(e, HOST_CPU, FRAME_CPU, SP);
    mips_ld(e, GP, FRAME_GP, SP);
    mips_ld(e, RA, FRAME_RA, SP);
    mips_jr(e, RA);
    mips_daddiu(e, SP, SP, FRAME);
    return at;
}

/* a1 = site, a2 = offset; returns to ra, with the guest registers as they were. */
static void make_access(struct emit *e, stub_access_fn *fn, const uint32_t *saved)
{
    uint32_t *ok;

    save_gprs(e);
    mips_sd(e, RA, CPU(return_to), HOST_CPU);
    mips_sd(e, A1, CPU(site), HOST_CPU);
    emit_imm64(e, T9, (uintptr_t)fn);
    mips_jalr(e, RA, T9);
    emit_move(e, A0, HOST_CPU);
    ok = e->p;
    mips_beq(e, V0, ZERO, 0);
    mips_ld(e, RA, CPU(return_to), HOST_CPU);
    jump(e, saved);
    mips_ld(e, V0, CPU(site), HOST_CPU);
    emit_branch_here(e, ok);
    mips_jr(e, RA);
    mips_nop(e);
}

/* a1 = site; calls its helper with the guest registers in memory. */
static void make_helper(struct emit *e, bool str, const uint32_t *saved)
{
    uint32_t *gone, *again = NULL;

    save_gprs(e);
    mips_sd(e, RA, CPU(return_to), HOST_CPU);
    mips_sd(e, A1, CPU(site), HOST_CPU);
    mips_ld(e, T9, (int32_t)offsetof(struct tsite, fn), A1);
    mips_ld(e, A1, (int32_t)offsetof(struct tsite, base.insn), A1);
    mips_sd(e, A1, CPU(cur), HOST_CPU);
    mips_jalr(e, RA, T9);
    emit_move(e, A0, HOST_CPU);
    if (str) {
        mips_andi(e, V0, V0, 0xff);
        again = e->p;
        mips_beq(e, V0, ZERO, 0);
        mips_nop(e);
    }
    mips_lbu(e, AT, CPU(code_gone), HOST_CPU);
    gone = e->p;
    mips_bne(e, AT, ZERO, 0);
    mips_ld(e, RA, CPU(return_to), HOST_CPU);
    load_gprs(e);
    mips_jr(e, RA);
    mips_nop(e);
    if (str) {
        emit_branch_here(e, again);
        jump(e, saved);
        mips_addiu(e, V0, ZERO, LEFT_AGAIN);
    }
    emit_branch_here(e, gone);
    jump(e, saved);
    mips_addiu(e, V0, ZERO, LEFT_AFTER);
}

/* t0 = EIP, sign-extended: to its code by the jump table, or leave at it. In flat code the linear
 * address is EIP. */
static void make_jump(struct emit *e, const struct tcache *k, bool flat, const uint32_t *leave)
{
    uint32_t *miss;

    emit_move(e, T1, T0);
    if (!flat) {
        mips_lw(e, T1, CPU(seg[CS].base), HOST_CPU);
        mips_addu(e, T1, T1, T0);
    }
    mips_ld(e, T2, CPU(jump_key), HOST_CPU);
    mips_dins(e, T2, T1, 0, 32);
    mips_andi(e, T3, T1, JUMP_SLOTS - 1);
    mips_dsll(e, T3, T3, 4);
    emit_imm32(e, AT, (int32_t)(uintptr_t)k->jumps);
    mips_daddu(e, T3, T3, AT);
    mips_ld(e, AT, (int32_t)offsetof(struct jump_slot, tag), T3);
    miss = e->p;
    mips_bne(e, AT, T2, 0);
    mips_andi(e, T1, T1, GUEST_PAGE - 1);
    mips_ld(e, T3, (int32_t)offsetof(struct jump_slot, code), T3);
    mips_subu(e, T0, T0, T1);
    mips_jr(e, T3);
    mips_sw(e, T0, CPU(rip), HOST_CPU);
    emit_branch_here(e, miss);
    mips_sd(e, ZERO, CPU(link), HOST_CPU);
    mips_sw(e, T0, CPU(rip), HOST_CPU);
    jump(e, leave);
    emit_move(e, V0, ZERO);
}

_Static_assert(sizeof(struct jump_slot) == 16 && JUMP_SLOTS == GUEST_PAGE, "make_jump's shifts");

void stubs_make(struct tcache *k, stub_access_fn *access)
{
    struct emit e = { .p = k->code, .end = k->code_end };
    uint32_t *saved;

    k->enter = e.p;
    make_enter(&e, k->wsites);
    k->leave = make_leave(&e, &saved);
    k->leave_interp = e.p;           /* a1 = site */
    jump(&e, k->leave);
    emit_move(&e, V0, A1);
    k->access = e.p;
    make_access(&e, access, saved);
    k->helper = e.p;
    make_helper(&e, false, saved);
    k->helper_str = e.p;
    make_helper(&e, true, saved);
    k->jump_flat = e.p;
    make_jump(&e, k, true, k->leave);
    k->jump_any = e.p;
    make_jump(&e, k, false, k->leave);
    VM_ASSERT(!e.full);
    tcache_code_written(k->code, e.p);
    k->first = k->code_p = e.p;
}
