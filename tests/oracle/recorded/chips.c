/* chips.c - what the 8086 and the 80286 do that a 486 does not, and which flags nobody defines. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/recorded/chips.h"
#include <string.h>
#include "cpu-x86/insn.h"

enum { CF = 1, PF = 4, AF = 16, ZF = 64, SF = 128, OF = 0x800, ARITH = 0x8d5 };

struct subject subject_of(enum chip chip, const struct moo_test *t)
{
    struct subject s = { .chip = chip, .test = t, .length = t->n_bytes - (chip == CHIP_80286) };
    unsigned i = 0;

    for (; i + 1 < s.length; i++) {
        uint8_t b = t->bytes[i];

        if (b == 0xf2 || b == 0xf3)
            s.rep = true;
        else if (b == 0xf0)
            s.lock = true;
        else if (b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e)
            s.override = b;
        else
            break;
    }
    s.at = i;
    s.op = t->bytes[i];
    s.modrm = i + 1 < t->n_bytes ? t->bytes[i + 1] : 0;
    s.imm = s.length ? t->bytes[s.length - 1] : 0;
    return s;
}

static bool is_shift(const struct subject *s)
{
    return (s->op & 0xfc) == 0xd0 || (s->chip == CHIP_80286 && (s->op & 0xfe) == 0xc0);
}

/* As encoded, before the five bits that chips since the 80186 look at. */
static unsigned shift_count(const struct subject *s)
{
    if ((s->op & 0xfe) == 0xc0)
        return s->imm;
    return s->op & 2 ? s->test->before.reg[MOO_CX] & 0xff : 1;
}

/* ---- undefined flags ---- */

static const struct {
    uint8_t  first, last, regs;      /* regs: bit n = /n of ModRM, 0 = no ModRM opcode extension */
    uint16_t flags;
} undefined[] = {
    /* SDM vol. 1 table A-2, and vol. 2 under each instruction. */
    { 0x27, 0x27, 0,    OF },                          /* DAA */
    { 0x2f, 0x2f, 0,    OF },                          /* DAS */
    { 0x37, 0x37, 0,    OF | SF | ZF | PF },           /* AAA */
    { 0x3f, 0x3f, 0,    OF | SF | ZF | PF },           /* AAS */
    { 0x69, 0x69, 0,    SF | ZF | AF | PF },           /* IMUL */
    { 0x6b, 0x6b, 0,    SF | ZF | AF | PF },
    { 0xd4, 0xd4, 0,    OF | AF | CF },                /* AAM */
    { 0xd5, 0xd5, 0,    OF | AF | CF },                /* AAD */
    { 0xf6, 0xf7, 0x30, SF | ZF | AF | PF },           /* MUL, IMUL */
    { 0xf6, 0xf7, 0xc0, ARITH },                       /* DIV, IDIV */
};

/* SAL/SAR/SHL/SHR and RCL/RCR/ROL/ROR: AF after a shift, OF where the count is not 1, CF of SHL and
 * SHR by the operand's width and more. A count of 0 changes nothing. */
static uint16_t after_shift(const struct subject *s)
{
    unsigned count = shift_count(s) & 31, width = s->op & 1 ? 16 : 8, reg = s->modrm >> 3 & 7;
    uint16_t flags = count && reg >= 4 ? AF : 0;

    if (count > 1)
        flags |= OF;
    if (count >= width && reg >= 4 && reg != 7)
        flags |= CF;
    return flags;
}

uint16_t undefined_flags(const struct subject *s)
{
    if (s->test->exception && s->test->vector == 0)
        return ARITH;                /* a fault's own flags: nothing says how far it had come */
    if (is_shift(s))
        return after_shift(s);
    for (unsigned i = 0; i < sizeof undefined / sizeof undefined[0]; i++)
        if (s->op >= undefined[i].first && s->op <= undefined[i].last &&
            (!undefined[i].regs || undefined[i].regs >> (s->modrm >> 3 & 7) & 1))
            return undefined[i].flags;
    return 0;
}

/* ---- differences ---- */

static bool in(uint8_t v, uint8_t first, uint8_t last) { return v >= first && v <= last; }

static bool is_string(const struct subject *s)
{
    return in(s->op, 0x6c, 0x6f) || in(s->op, 0xa4, 0xa7) || in(s->op, 0xaa, 0xaf);
}

/* ---- the 8086 only ---- */

static unsigned reg_field(const struct subject *s) { return s->modrm >> 3 & 7; }

static bool jcc_alias(const struct subject *s) { return in(s->op, 0x60, 0x6f); }

static bool ret_alias(const struct subject *s)
{
    return s->op == 0xc0 || s->op == 0xc1 || s->op == 0xc8 || s->op == 0xc9;
}

static bool push_sp(const struct subject *s)
{
    return s->op == 0x54 || (s->op == 0xff && s->modrm >= 0xf0 && (s->modrm & 7) == 4);
}

/* An adjusted AL that leaves 0..FFh. */
static bool adjust_apart(const struct subject *s)
{
    const uint16_t *before = s->test->before.reg;
    uint8_t al = before[MOO_AX] & 0xff;

    return (s->op == 0x37 && al >= 0xfa) ||
           (s->op == 0x3f && al < 6 && before[MOO_FLAGS] & AF);
}

/* AL - 6 borrows and nothing else sets CF. */
static bool lost_borrow(const struct subject *s)
{
    const uint16_t *before = s->test->before.reg;

    return s->op == 0x2f && (before[MOO_AX] & 0xff) < 6 &&
           (before[MOO_FLAGS] & (AF | CF)) == AF;
}

static bool decimal_9f(const struct subject *s)
{
    const uint16_t *before = s->test->before.reg;

    return (s->op == 0x27 || s->op == 0x2f) && in(before[MOO_AX] & 0xff, 0x9a, 0x9f) &&
           (before[MOO_FLAGS] & (AF | CF)) == AF;
}

/* Those of D9-DF that store, that the 486's x87 does not have, and FNSTSW AX. */
static bool escape(const struct subject *s)
{
    static const uint8_t stores[8] = { 0, 0xcc, 0, 0x8e, 0, 0xce, 0, 0xce };     /* D8..DF, /reg */
    struct x86_insn I;
    uint8_t code[15] = { s->op, s->modrm };

    if (!in(s->op, 0xd9, 0xdf))
        return false;
    if (s->modrm < 0xc0)
        return stores[s->op & 7] >> reg_field(s) & 1 || x86_decode(&I, code, 15, false) <= 0;
    return (s->op & 0xfe) == 0xda || s->op == 0xdf || x86_decode(&I, code, 15, false) <= 0;
}

static bool push_alias(const struct subject *s) { return s->op == 0xff && reg_field(s) == 7; }

static bool setmo(const struct subject *s) { return is_shift(s) && reg_field(s) == 6; }

static bool long_shift(const struct subject *s) { return is_shift(s) && shift_count(s) > 31; }

/* Of CL, CH or CX: there is no equal one with a smaller count. */
static bool long_shift_of_cx(const struct subject *s)
{
    return long_shift(s) && s->modrm >= 0xc0 && (s->modrm & (s->op & 1 ? 7 : 3)) == 1;
}

static bool reg_ignored(const struct subject *s)
{
    return (s->op == 0x8f || s->op == 0xc6 || s->op == 0xc7) && reg_field(s) != 0;
}

static bool seg_ignored(const struct subject *s)
{
    return (s->op == 0x8c || s->op == 0x8e) && (reg_field(s) > 3);
}

static bool load_cs(const struct subject *s) { return s->op == 0x8e && reg_field(s) == 1; }

/* Its frame goes to the handler of vector 0, which all these tests have at 0:400h. */
static bool divide_error(const struct subject *s)
{
    bool divides = s->op == 0xd4 || (in(s->op, 0xf6, 0xf7) && reg_field(s) >= 6);

    return divides && s->test->after.reg[MOO_CS] == 0 && s->test->after.reg[MOO_IP] == 0x400;
}

static uint16_t register_of(const struct subject *s, unsigned r, bool word)
{
    static const uint8_t order[] = { MOO_AX, MOO_CX, MOO_DX, MOO_BX, MOO_SP, MOO_BP, MOO_SI,
                                     MOO_DI };
    const uint16_t *reg = s->test->before.reg;

    return word ? reg[order[r]] : r < 4 ? reg[order[r]] & 0xff : reg[order[r - 4]] >> 8;
}

/* Of registers: the recordings have one. */
static bool smallest_quotient(const struct subject *s)
{
    const uint16_t *reg = s->test->before.reg;
    int32_t dividend = (int16_t)reg[MOO_AX], divisor, least = -128;

    if (!divide_error(s) || !in(s->op, 0xf6, 0xf7) || reg_field(s) != 7 || s->modrm < 0xc0)
        return false;
    divisor = (int8_t)register_of(s, s->modrm & 7, false);
    if (s->op & 1) {
        dividend = (int32_t)((uint32_t)reg[MOO_DX] << 16 | reg[MOO_AX]);
        divisor = (int16_t)register_of(s, s->modrm & 7, true);
        least = -32768;
    }
    return divisor && (int64_t)dividend / divisor == least;
}

static bool rep_idiv(const struct subject *s)
{
    return s->rep && in(s->op, 0xf6, 0xf7) && reg_field(s) == 7 && !s->test->exception;
}

static bool listed(const struct moo_state *m, uint32_t at)
{
    for (unsigned i = 0; i < m->n_ram; i++)
        if (m->ram[i].at == (at & 0xfffff))
            return true;
    return false;
}

/* Both ends of one segment are among the bytes that the test touches. */
static bool wraps(const struct subject *s)
{
    for (unsigned r = MOO_CS; r <= MOO_ES; r++) {
        uint32_t base = (uint32_t)s->test->before.reg[r] << 4;

        if ((listed(&s->test->before, base) || listed(&s->test->after, base)) &&
            (listed(&s->test->before, base + 0xffff) || listed(&s->test->after, base + 0xffff)))
            return true;
    }
    return false;
}

/* ---- the 80286 only ---- */

/* Refused for the LOCK alone. */
static bool lock_refused(const struct subject *s)
{
    struct x86_insn with, without;
    uint8_t bytes[16] = { 0 };

    if (!s->lock || s->length > 15)
        return false;
    memcpy(bytes, s->test->bytes, s->length);
    if (x86_decode(&with, bytes, 15, false) > 0)
        return false;
    for (unsigned i = 0; i < s->at; i++)
        if (bytes[i] == 0xf0)
            bytes[i] = 0x3e;
    return x86_decode(&without, bytes, 15, false) > 0;
}

static bool too_long(const struct subject *s) { return s->length > 10; }

static bool overrun(const struct subject *s)
{
    return s->test->exception && s->test->vector == 13;
}

static bool no_fs_gs(const struct subject *s)
{
    return (s->op == 0x8c || s->op == 0x8e) && in(reg_field(s), 4, 5);
}

static bool string_overrun(const struct subject *s) { return overrun(s) && is_string(s); }


/* Pops, returns, and operands whose base is BP or whose prefix is SS. */
static bool stack_overrun(const struct subject *s)
{
    static const uint8_t pops[] = {
        0x07, 0x17, 0x1f, 0x61, 0x8f, 0x9d, 0xc2, 0xc3, 0xc9, 0xca, 0xcb, 0xcf
    };
    unsigned rm = s->modrm & 7, mod = s->modrm >> 6;

    if (!overrun(s))
        return false;
    if (is_string(s))
        return s->override == 0x36 && s->test->before.reg[MOO_SI] == 0xffff;
    if (memchr(pops, s->op, sizeof pops) || in(s->op, 0x58, 0x5f))
        return true;
    return s->override == 0x36 || (!s->override && (rm == 2 || rm == 3 || (rm == 6 && mod)));
}

const struct difference differences[] = {
    { CHIP_80286, "LOCK is taken before any instruction; later chips raise #UD", lock_refused,
      later_lock },
    { CHIP_80286, "more than 10 bytes are #UD; later chips take 15", too_long, NULL },
    { CHIP_80286, "there is no FS and no GS, 8C and 8E with them are #UD", no_fs_gs, NULL },
    { CHIP_80286, "a string's word at FFFF faults behind its step; later chips undo that",
      string_overrun, later_string_fault },
    { CHIP_80286, "a stack's word at FFFF is exception 13; later chips raise 12", stack_overrun,
      later_stack_fault },
    { CHIP_8086, "60-6F are 70-7F; later chips have other instructions there", jcc_alias,
      later_opcode },
    { CHIP_8086, "C0, C1, C8, C9 are RET and RETF; later chips have SHL, ENTER, LEAVE", ret_alias,
      later_opcode },
    { CHIP_8086, "FF /7 is PUSH; later chips raise #UD", push_alias, later_modrm },
    { CHIP_8086, "8F, C6 and C7 ignore reg; later chips raise #UD if it is not 0", reg_ignored,
      later_modrm },
    { CHIP_8086, "8C and 8E ignore bit 2 of reg; later chips have FS, GS and #UD", seg_ignored,
      later_modrm },
    { CHIP_8086, "8E loads CS; later chips raise #UD", load_cs, NULL },
    { CHIP_8086, "PUSH SP stores the lowered SP; later chips the one before", push_sp,
      later_push_sp },
    { CHIP_8086, "AAA and AAS adjust AL and AH apart; later chips AX as a whole", adjust_apart,
      later_adjust },
    { CHIP_8086, "DAS drops the borrow of its first step; later chips put it into CF",
      lost_borrow, later_das },
    { CHIP_8086, "DAA and DAS with AF set compare AL with 9F; later chips with 99", decimal_9f,
      NULL },
    { CHIP_8086, "D9-DF do nothing, there was no 8087; the 486 has one inside that stores", escape,
      NULL },
    { CHIP_8086, "D0-D3 /6 is SETMO; later chips shift left", setmo, NULL },
    { CHIP_8086, "CL, CH or CX is shifted by a CL above 31; later chips take five bits",
      long_shift_of_cx, NULL },
    { CHIP_8086, "shift counts above 31 count; later chips take five bits", long_shift,
      later_count },
    { CHIP_8086, "IDIV to 80h or 8000h is a divide error; later chips have that quotient",
      smallest_quotient, NULL },
    { CHIP_8086, "a divide error's frame has the next IP; later chips the divide's own",
      divide_error, later_divide_error },
    { CHIP_8086, "REP inverts the sign of IDIV's quotient; later chips ignore it", rep_idiv,
      later_idiv },
    { CHIP_8086, "offset FFFF is followed by 0; later chips raise 13 or 12", wraps, NULL },
};
const unsigned n_differences = sizeof differences / sizeof differences[0];
