/* helpcall.c - the C functions that translated code calls for meanings that are one helper call. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/sem.h"
#include "cpu-x86/x87_short.h"
#include "dbt-mips64/tx.h"

#define SEM(n) static inline void call_##n(struct x86_cpu *c, const struct x86_insn *I)
#define HELPER(h) x86_help_##h(c, I)
#include "cpu-x86/sem/sem_bcd.inc"
#include "cpu-x86/sem/sem_help.inc"
#include "cpu-x86/sem/sem_sys.inc"
#include "cpu-x86/sem/sem_x87.inc"
#include "cpu-x86/sem/sem_sse.inc"
#undef SEM
#undef HELPER

#define DEFINE_HELP(n) \
    static void help_##n(struct x86_cpu *c, const struct x86_insn *I) { call_##n(c, I); }
/* The usual case first, without another call. */
#define DEFINE_HELPS(n)                                                  \
    static void help_##n(struct x86_cpu *c, const struct x86_insn *I)    \
    {                                                                    \
        if (!x87_try_##n(c, I))                                          \
            call_##n(c, I);                                              \
    }
#define DEFINE_STR(n) \
    static bool help_##n(struct x86_cpu *c, const struct x86_insn *I) { return x86_help_##n(c, I); }
#define ROW_HELP(n)  [SEM_##n] = (const void *)help_##n,
#define ROW_HELPS(n) [SEM_##n] = (const void *)help_##n,
#define ROW_STR(n)   [SEM_##n] = (const void *)help_##n,
#define DEFINE_HELPJ(n)
#define ROW_HELPJ(n)
#define DEFINE_GEN(n)
#define ROW_GEN(n)
#define DEFINE_UN1(n)
#define ROW_UN1(n)
#define DEFINE_PUSH(n)
#define ROW_PUSH(n)
#define DEFINE_POP(n)
#define ROW_POP(n)
#define DEFINE_SHIFT(n)
#define ROW_SHIFT(n)
#define DEFINE_MOVX(n)
#define ROW_MOVX(n)
#define DEFINE_MOVXB(n)
#define ROW_MOVXB(n)
#define DEFINE_MOVXW(n)
#define ROW_MOVXW(n)
#define DEFINE_LEA(n)
#define ROW_LEA(n)
#define DEFINE_ALU2(n)
#define ROW_ALU2(n)
#define DEFINE_CMP2(n)
#define ROW_CMP2(n)
#define DEFINE_CC(n)
#define ROW_CC(n)
#define DEFINE_FLOW(n)
#define ROW_FLOW(n)
#define DEFINE_CALL(n)
#define ROW_CALL(n)
#define DEFINE_RET(n)
#define ROW_RET(n)
#define DEFINE_JMPN(n)
#define ROW_JMPN(n)
#define DEFINE_CALLN(n)
#define ROW_CALLN(n)
#define DEFINE_JCC(n)
#define ROW_JCC(n)
#define SEMS(n, forms, rd, wr, help) DEFINE_##forms(n)
#include "cpu-x86/sems.def"
#undef SEMS

static const void *const help_fn[SEM_COUNT] = {
#define SEMS(n, forms, rd, wr, help) ROW_##forms(n)
#include "cpu-x86/sems.def"
#undef SEMS
};

const void *tx_help_fn(unsigned sem) { return help_fn[sem]; }

bool tx_calls(unsigned sem)
{
    switch (sem) {
    case SEM_div: case SEM_idiv: case SEM_rcl: case SEM_rcr: case SEM_shld: case SEM_shldcl:
    case SEM_shrd: case SEM_shrdcl: return true;
    default: return false;
    }
}
