/* gen.c - sequences: instructions one after the other, with jumps among them, and what their
 * pointers point to.
 *
 * All is chosen by seed and number alone, so that any host makes the same sequence again: no
 * expression may draw two numbers in an order that the compiler chooses. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/gen.h"
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/gen_priv.h"
#include "tests/oracle/silicon/rows.h"
#include "tests/oracle/silicon/undefined.h"

enum { LAST_AT = 120 };              /* no instruction begins beyond: short jumps reach all */

/* ---- jumps ---- */

static bool is_relative(const struct x86_insn *I)
{
    switch (I->sem) {
    case SEM_jmp: case SEM_jcc: case SEM_call: case SEM_loop: case SEM_loope: case SEM_loopne:
    case SEM_jcxz:
        return true;
    }
    return false;
}

/* Mostly on, sometimes back: what does not end is left out of the comparison. */
static unsigned pick_target(struct rng *r, const struct sequence *q, unsigned k)
{
    bool loops = q->insn[k].sem >= SEM_loop && q->insn[k].sem <= SEM_loopne;

    if (rng_once(r, loops ? 2 : 16))
        return rng_below(r, k + 1);
    return k + 1 + rng_below(r, q->n - k);
}

static void aim_relative(struct rng *r, struct sequence *q, unsigned k)
{
    struct x86_insn *I = &q->insn[k];
    unsigned bytes = I->o[0].size == 1 || (I->op & 0xf0) == 0x70 || I->op >= 0xe0 ? 1 : I->osz;
    int32_t by = q->at[pick_target(r, q, k)] - q->at[k + 1];

    if (I->sem == SEM_call || (I->sem == SEM_jmp && I->op == 0xe9) || (I->op & 0xf0) == 0x80)
        bytes = I->osz;
    if (rng_once(r, 40))                                   /* out of all this */
        return;
    I->imm = by;
    memcpy(q->code.b + q->at[k + 1] - bytes, &by, bytes);
}

static uint32_t offset_of(const struct sequence *q, unsigned k)
{
    return q->start.eip + q->at[k];
}

/* CS as it is, or any. */
static uint16_t code_selector(struct rng *r, const struct sequence *q)
{
    return rng_below(r, 3) ? q->start.seg[CS] : gen_selector(r);
}

static void aim_far(struct rng *r, struct sequence *q, unsigned k)
{
    struct x86_insn *I = &q->insn[k];
    uint32_t off = offset_of(q, pick_target(r, q, k));
    uint8_t *end = q->code.b + q->at[k + 1];

    I->sel = code_selector(r, q);
    I->imm = (int32_t)off;
    memcpy(end - 2, &I->sel, 2);
    memcpy(end - 2 - I->osz, &off, I->osz);
}

static void aim(struct rng *r, struct sequence *q)
{
    for (unsigned k = 0; k < q->n; k++) {
        struct x86_insn *I = &q->insn[k];

        if (q->at[k + 1] - q->at[k] != I->len || I->row == ROW_NONE)
            continue;
        if (is_relative(I))
            aim_relative(r, q, k);
        else if (I->sem == SEM_jmpf || I->sem == SEM_callf)
            aim_far(r, q, k);
    }
}

/* ---- what the pointers point to ---- */

/* A return address, a far pointer, a frame of IRET, a selector. */
static void fill_poke(struct rng *r, const struct sequence *q, uint8_t *b)
{
    uint32_t off = offset_of(q, rng_below(r, q->n + 1)), sel = code_selector(r, q);
    uint32_t mask = FL_ARITH | FL_DF | FL_ID | FL_IF | FL_IOPL | FL_RF |
                    (rng_once(r, 8) ? FL_AC | FL_NT | FL_TF : 0);
    uint32_t flags = (uint32_t)rng_next(r) & mask;
    unsigned size = q->code.code16 != rng_once(r, 6) ? 2 : 4;

    if (rng_once(r, 5))
        off = gen_selector(r);
    memcpy(b, &off, 4);
    memcpy(b + size, &sel, 4);
    memcpy(b + 2 * size, &flags, 4);
}

static void poke(struct rng *r, const struct gen_place *p, struct sequence *q)
{
    static const uint8_t by[GEN_POKES][2] = { { SS, RSP }, { DS, RSI }, { DS, RBX } };

    for (unsigned i = 0; i < GEN_POKES; i++) {
        uint32_t off = q->start.gpr[by[i][1]];

        if (by[i][0] == SS && p->limit[SS] <= 0xffff)
            off &= 0xffff;
        if (rng_below(r, 2))
            continue;
        q->poke[i].at = p->base[by[i][0]] + off;
        fill_poke(r, q, q->poke[i].b);
    }
}

/* A register for JMP and CALL. */
static void aim_register(struct rng *r, struct sequence *q)
{
    static const uint8_t regs[] = { RAX, RDX, RBX, RSI, RDI, RBP };
    unsigned reg = regs[rng_below(r, 6)];

    if (rng_once(r, 8))
        q->start.gpr[reg] = offset_of(q, rng_below(r, q->n + 1));
}

/* ---- sequences ---- */

static bool add_insn(struct rng *r, const struct gen_place *p, struct sequence *q, bool *inexact)
{
    unsigned k = q->n, cl = k ? COUNT_UNKNOWN : q->start.gpr[RCX] & 0xff;
    struct x86_insn *I = &q->insn[k];
    unsigned len = gen_insn(r, p, q->code.b + q->at[k], I);

    if (uses_flags(I, q->undefined[k]))
        return false;
    *inexact = insn_inexact(I);
    q->undefined[k + 1] = undefined_after(I, q->undefined[k], cl);
    q->at[k + 1] = (uint16_t)(q->at[k] + len);
    q->n++;
    return true;
}

void gen_sequence(struct rng *r, const uint64_t ldt[LDT_USED], struct sequence *q)
{
    unsigned want = rng_once(r, 3) ? 1 : 1 + rng_below(r, GEN_MAX);
    struct gen_place p = { .theme = THEME_ANY };
    bool inexact = false;

    memset(q, 0, sizeof *q);
    memcpy(q->code.ldt, ldt, sizeof q->code.ldt);
    if (rng_below(r, 2))
        p.theme = (enum gen_theme)rng_below(r, THEME_COUNT);
    gen_start(r, &p, q);
    while (q->n < want && q->at[q->n] < LAST_AT && !inexact)   /* what follows would differ, too */
        add_insn(r, &p, q, &inexact);
    q->code.n = q->at[q->n];
    aim_register(r, q);
    aim(r, q);
    poke(r, &p, q);
}
