/* undefined.c - the one table of undefined flags: SDM vol. 2, "Flags Affected" of each entry. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/undefined.h"
#include "cpu-x86/state.h"

#define ALL  FL_ARITH
#define SZAP (FL_SF | FL_ZF | FL_AF | FL_PF)
#define OSZP (FL_OF | FL_SF | FL_ZF | FL_PF)

/* open: undefined after it. set: written, so no longer undefined from before. What is in neither
 * stays as it was. */
struct flag_rule { uint16_t sem; uint32_t open, set; };
static const struct flag_rule rules[] = {
    /* "AF is undefined": AND, OR, XOR, TEST */
    { SEM_and, FL_AF, ALL }, { SEM_or, FL_AF, ALL }, { SEM_xor, FL_AF, ALL },
    { SEM_test, FL_AF, ALL },
    /* all six are set: ADD, SUB, ADC, SBB, CMP, NEG, XADD, CMPXCHG; SAHF all but OF */
    { SEM_add, 0, ALL }, { SEM_sub, 0, ALL }, { SEM_adc, 0, ALL }, { SEM_sbb, 0, ALL },
    { SEM_cmp, 0, ALL }, { SEM_neg, 0, ALL }, { SEM_xadd, 0, ALL }, { SEM_cmpxchg, 0, ALL },
    { SEM_inc, 0, ALL & ~FL_CF }, { SEM_dec, 0, ALL & ~FL_CF }, { SEM_sahf, 0, ALL & ~FL_OF },
    { SEM_clc, 0, FL_CF }, { SEM_stc, 0, FL_CF },
    /* loaded from memory: POPF, IRET */
    { SEM_popf, 0, ALL }, { SEM_iret, 0, ALL },
    /* "SF, ZF, AF, PF undefined": MUL, IMUL; "CF, OF, SF, ZF, AF, PF undefined": DIV, IDIV */
    { SEM_mul, SZAP, ALL }, { SEM_imul1, SZAP, ALL }, { SEM_imul2, SZAP, ALL },
    { SEM_imul3, SZAP, ALL }, { SEM_div, ALL, 0 }, { SEM_idiv, ALL, 0 },
    /* "CF, OF, SF, AF, PF undefined": BSF, BSR */
    { SEM_bsf, ALL & ~FL_ZF, ALL }, { SEM_bsr, ALL & ~FL_ZF, ALL },
    /* "OF, SF, AF, PF undefined", ZF unaffected: BT, BTS, BTR, BTC */
    { SEM_bt, ALL & ~(FL_CF | FL_ZF), FL_CF }, { SEM_bts, ALL & ~(FL_CF | FL_ZF), FL_CF },
    { SEM_btr, ALL & ~(FL_CF | FL_ZF), FL_CF }, { SEM_btc, ALL & ~(FL_CF | FL_ZF), FL_CF },
    /* DAA, DAS: OF; AAA, AAS: OF SF ZF PF; AAM, AAD: OF AF CF */
    { SEM_daa, FL_OF, ALL }, { SEM_das, FL_OF, ALL },
    { SEM_aaa, OSZP, ALL }, { SEM_aas, OSZP, ALL },
    { SEM_aam, FL_OF | FL_AF | FL_CF, ALL }, { SEM_aad, FL_OF | FL_AF | FL_CF, ALL },
    /* FCOMI and the like: ZF PF CF, and OF SF AF are cleared (SDM vol. 1 8.1.3) */
    { SEM_fcomi, 0, FL_ZF | FL_PF | FL_CF }, { SEM_fcomip, 0, FL_ZF | FL_PF | FL_CF },
    { SEM_fucomi, 0, FL_ZF | FL_PF | FL_CF }, { SEM_fucomip, 0, FL_ZF | FL_PF | FL_CF },
    /* ZF alone: CMPXCHG8B, ARPL, LAR, LSL, VERR, VERW */
    { SEM_cmpxchg8b, 0, FL_ZF }, { SEM_arpl, 0, FL_ZF }, { SEM_lar, 0, FL_ZF },
    { SEM_lsl, 0, FL_ZF }, { SEM_verr, 0, FL_ZF }, { SEM_verw, 0, FL_ZF },
};

/* Shifts by 1 define OF, by 0 nothing changes. SHL, SHR: CF is undefined from the operand's size
 * on; SAL/SAR/SHL/SHR: AF undefined. RCL/RCR/ROL/ROR: OF undefined but for 1, others stay. */
static uint32_t after_shift(const struct x86_insn *I, uint32_t before, unsigned count, bool rotate)
{
    bool known = count != COUNT_UNKNOWN, one;
    uint32_t open = rotate ? 0 : FL_AF, set = rotate ? FL_CF | FL_OF : ALL;

    count = known ? count & 31 : count;
    if (count == 0)
        return before;
    one = count == 1;
    if (!one)
        open |= FL_OF;
    if ((I->sem == SEM_shl || I->sem == SEM_shr) && count >= 8u * I->osz && I->osz < 4)
        open |= FL_CF;
    return open | (known ? before & ~set : before);
}

/* SHLD, SHRD: AF undefined, OF but for 1; a count above the operand's size leaves all six open. */
static uint32_t after_double(const struct x86_insn *I, uint32_t before, unsigned count)
{
    if (count == COUNT_UNKNOWN)
        return I->osz == 2 ? ALL : before | FL_AF | FL_OF;
    count &= 31;
    if (count == 0)
        return before;
    if (count > 8u * I->osz)
        return ALL;
    return FL_AF | (count == 1 ? 0 : FL_OF);
}

uint32_t undefined_after(const struct x86_insn *I, uint32_t before, unsigned cl)
{
    bool is_double = I->sem == SEM_shld || I->sem == SEM_shrd;
    bool by_cl = !is_double && I->o[1].kind == K_REG;
    unsigned count = by_cl ? cl : (uint8_t)I->imm;

    switch (I->sem) {
    case SEM_shl: case SEM_shr: case SEM_sar:
        return after_shift(I, before, count, false);
    case SEM_rol: case SEM_ror: case SEM_rcl: case SEM_rcr:
        return after_shift(I, before, count, true);
    case SEM_shld: case SEM_shrd: case SEM_shldcl: case SEM_shrdcl:
        return after_double(I, before, count);
    }
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].sem == I->sem)
            return (before & ~rules[i].set) | rules[i].open;
    return before;
}

static const uint32_t reads[SEM_COUNT] = {
#define SEMS(n, forms, rd, wr, help) [SEM_##n] = rd,
#include "cpu-x86/sems.def"
#undef SEMS
};

static uint32_t of_condition(unsigned cc)
{
    static const uint32_t flags[8] = { FL_OF, FL_CF, FL_ZF, FL_CF | FL_ZF, FL_SF, FL_PF,
                                       FL_SF | FL_OF, FL_SF | FL_OF | FL_ZF };

    return flags[cc >> 1 & 7];
}

/* Flags read to be kept are not a use: shifts by 0 leave them as they are. */
static uint32_t used(const struct x86_insn *I)
{
    switch (I->sem) {
    case SEM_shl: case SEM_shr: case SEM_sar: case SEM_rol: case SEM_ror:
    case SEM_shld: case SEM_shldcl: case SEM_shrd: case SEM_shrdcl:
    case SEM_int: case SEM_int3: case SEM_int1:          /* the frame's flags are compared */
        return 0;
    case SEM_jcc: case SEM_setcc: case SEM_cmovcc:
        return of_condition(I->op);
    case SEM_into:
        return FL_OF;
    case SEM_rcl: case SEM_rcr:
        return FL_CF;
    case SEM_daa: case SEM_das:
        return FL_CF | FL_AF;
    case SEM_aaa: case SEM_aas:
        return FL_AF;
    }
    return reads[I->sem];
}

bool uses_flags(const struct x86_insn *I, uint32_t flags) { return used(I) & flags; }
