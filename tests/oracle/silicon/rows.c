/* rows.c - the encoding table once more, for writing instead of reading. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/rows.h"

enum { NP = 0, P66 = 0x66, PF3 = 0xf3, PF2 = 0xf2 };

const struct row_bytes row_bytes[ROW_COUNT] = {
#define XP(pfx, op, n, sel, ...) [ROW_ID] = { 0x0f, pfx, op, n, S_##sel, true },
#define X8(modrm, n, ...) [ROW_ID] = { 0, 0xd8 + ((modrm) >> 8), (modrm) & 0xff, n, S_X8, false },
#define X(op, n, sel, ...) [ROW_ID] = { 0, 0, op, n, S_##sel, false },
#define ROW_ID ROW_CAT(ROW_1_, __LINE__)
#include "cpu-x86/insn.def"
#undef ROW_ID
#define ROW_ID ROW_CAT(ROW_X87_, __LINE__)
#include "cpu-x86/insn_x87.def"
#undef ROW_ID
#undef X
#define X(op, n, sel, ...) [ROW_ID] = { 0x0f, 0, op, n, S_##sel, false },
#define ROW_ID ROW_CAT(ROW_0F_, __LINE__)
#include "cpu-x86/insn_0f.def"
#undef ROW_ID
#define ROW_ID ROW_CAT(ROW_SSE_, __LINE__)
#include "cpu-x86/insn_sse.def"
#undef ROW_ID
#undef X
#undef XP
#undef X8
};

enum from {
    F_NONE, F_RM, F_RM3, F_REG, F_OP, F_R0, F_R1, F_R2, F_R3, F_R4, F_R5, F_I8, F_I16, F_IZ, F_ONE,
    F_ENTER, F_FAR, F_MOFFS, F_STR_SI, F_STR_DI
};
static const uint8_t from[O_COUNT] = {
#define OPERAND(name, from, kind, size) [O_##name] = from,
#include "cpu-x86/operands.def"
#undef OPERAND
};

bool row_has_modrm(unsigned row)
{
    const struct x86_row *r = &x86_rows[row];

    for (unsigned i = 0; i < 3; i++)
        if (from[r->o[i]] >= F_RM && from[r->o[i]] <= F_REG)
            return true;
    return r->flags & X86F_MODRM;
}

bool row_has_offset(unsigned row)
{
    return from[x86_rows[row].o[0]] == F_MOFFS || from[x86_rows[row].o[1]] == F_MOFFS;
}

bool row_is_privileged(unsigned row)
{
    switch (x86_rows[row].sem) {
    case SEM_ins: case SEM_outs: case SEM_in: case SEM_out: case SEM_hlt: case SEM_cli:
    case SEM_sti: case SEM_lldt: case SEM_ltr: case SEM_lgdt: case SEM_lidt: case SEM_lmsw:
    case SEM_invlpg: case SEM_clts: case SEM_invd: case SEM_movfromcr: case SEM_movtocr:
    case SEM_movfromdr: case SEM_movtodr: case SEM_rdmsr: case SEM_wrmsr: case SEM_rdpmc:
    case SEM_sysexit: case SEM_ud:
        return true;
    }
    return false;
}

const char *row_excluded(unsigned row)
{
    switch (x86_rows[row].sem) {
    case SEM_cpuid:
        return "names the machine: every machine answers differently";
    case SEM_rdtsc:
        return "reads the time";
    case SEM_sysenter:
        return "enters the host's kernel";
    case SEM_sgdt: case SEM_sidt: case SEM_sldt: case SEM_str: case SEM_smsw:
        return "shows the host's kernel, or what it shows instead (CR4.UMIP)";
    }
    return NULL;
}

bool insn_excluded(const struct x86_insn *I)
{
    return row_excluded(I->row) || (I->sem == SEM_int && (uint8_t)I->imm == 0x80) ||
           ((I->sem == SEM_bsf || I->sem == SEM_bsr) && (I->flags & X86F_REP));
}

bool insn_inexact(const struct x86_insn *I)
{
    switch (I->sem) {
    case SEM_f2xm1: case SEM_fyl2x: case SEM_fyl2xp1: case SEM_fptan: case SEM_fpatan:
    case SEM_fsin: case SEM_fcos: case SEM_fsincos: case SEM_rcpps: case SEM_rsqrtps:
        return true;
    }
    return false;
}
