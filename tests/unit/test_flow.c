/* test_flow.c - far transfers: gates, returns, V86, task switches, SYSENTER. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>
#include "cpubench.h"

static struct cpubench b;

static void open_max(void) { bench_open(&b, "max"); }
static void close_bench(void) { bench_close(&b); }

static int fault(void)
{
    bench_run(&b, 100);
    return bench_halted_in(&b);
}

/* A fault with error code `error`, nothing changed: EIP still the instruction's. */
#define ck_faults(vector, error) \
    do { \
        ck_assert_int_eq(fault(), vector); \
        ck_assert_uint_eq(bench_stack(&b, 0), error); \
        ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE); \
    } while (0)

enum { GATE = SEL_FREE, CONFORMING = SEL_FREE + 8, SMALL = SEL_FREE + 16, LDT = SEL_FREE + 24 };

START_TEST(far_jump_checks_privilege)
{
    bench_protected(&b, 3);
    bench_code(&b, 0xea, 0, 0x90, 0, 0, SEL_CODE0, 0);
    ck_faults(EXC_GP, SEL_CODE0);
    bench_protected(&b, 0);
    b.c->halted = false;
    bench_st(&b, BENCH_CODE + 5, SEL_CODE0 | 1, 2);        /* RPL beyond CPL */
    b.c->jump_gen++;
    b.c->engine->forget(b.c->engine_self, BENCH_CODE, 16);
    ck_faults(EXC_GP, SEL_CODE0);
}
END_TEST

START_TEST(far_jump_to_conforming_code_keeps_cpl)
{
    bench_protected(&b, 3);
    bench_desc(&b, CONFORMING, 0, UINT32_MAX, AT_CODE32 | SEG_EC);
    bench_code(&b, 0xea, 0, 0x90, 0, 0, CONFORMING, 0);
    b.ram[0x9000] = 0xf4;                                  /* hlt: #GP at CPL 3 */
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(bench_stack(&b, 1), 0x9000);
    ck_assert_uint_eq(bench_stack(&b, 2), CONFORMING | 3);
}
END_TEST

START_TEST(far_jump_faults_by_kind_of_descriptor)
{
    bench_protected(&b, 0);
    bench_desc(&b, CONFORMING, 0, UINT32_MAX, AT_CODE32 & ~SEG_P);
    bench_desc(&b, SMALL, 0, 0x8fff, 0x409b);
    bench_code(&b, 0xea, 0, 0x90, 0, 0, CONFORMING, 0);
    ck_faults(EXC_NP, CONFORMING);
    bench_protected(&b, 0);
    b.c->halted = false;
    b.ram[0x9800] = 0xea;
    bench_st(&b, 0x9801, 0x9000, 4);
    bench_st(&b, 0x9805, SMALL, 2);
    b.c->rip = 0x9800;
    ck_assert_int_eq(fault(), EXC_GP);                     /* beyond the limit */
    ck_assert_uint_eq(bench_stack(&b, 0), 0);
}
END_TEST

START_TEST(jump_sets_the_accessed_bit)
{
    bench_protected(&b, 0);
    bench_desc(&b, SMALL, 0, 0xffff, 0x409a);
    bench_code(&b, 0xea, 0, 0x90, 0, 0, SMALL, 0);
    b.ram[0x9000] = 0xf4;
    bench_run(&b, 10);
    ck_assert_uint_eq(b.c->rip, 0x9001);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SMALL + 5, 1), 0x9b);
}
END_TEST

START_TEST(jump_past_the_limit_leaves_the_accessed_bit)
{
    bench_protected(&b, 0);
    bench_desc(&b, SMALL, 0, 0xff, 0x409a);
    bench_code(&b, 0xea, 0, 0x90, 0, 0, SMALL, 0);
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SMALL + 5, 1), 0x9a);
}
END_TEST

START_TEST(call_gate_copies_parameters_to_the_inner_stack)
{
    bench_protected(&b, 3);
    bench_gate(&b, BENCH_GDT + GATE, SEL_CODE0, 0x9000, SEG_P | AT_DPL3 | DT_CALL32, 2);
    bench_code(&b, 0x6a, 0x11, 0x6a, 0x22, 0x9a, 0, 0, 0, 0, GATE | 3, 0);
    b.ram[0x9000] = 0xf4;
    bench_run(&b, 10);
    ck_assert_uint_eq(b.c->rip, 0x9001);
    ck_assert_uint_eq(b.c->cpl, 0);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 24);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 11);
    ck_assert_uint_eq(bench_stack(&b, 1), SEL_CODE3);
    ck_assert_uint_eq(bench_stack(&b, 2), 0x22);
    ck_assert_uint_eq(bench_stack(&b, 3), 0x11);
    ck_assert_uint_eq(bench_stack(&b, 4), BENCH_STACK3 - 8);
    ck_assert_uint_eq(bench_stack(&b, 5), SEL_DATA3);
}
END_TEST

START_TEST(call_gate_and_lret_come_back_with_the_parameters_gone)
{
    bench_protected(&b, 3);
    bench_gate(&b, BENCH_GDT + GATE, SEL_CODE0, 0x9000, SEG_P | AT_DPL3 | DT_CALL32, 1);
    bench_code(&b, 0x6a, 0x11, 0x9a, 0, 0, 0, 0, GATE | 3, 0, 0x0f, 0x0b);
    /* mov eax, SEL_DATA0; mov es, eax; lret 4 */
    bench_put(&b, 0x9000,
              (const uint8_t[]){ 0xb8, SEL_DATA0, 0, 0, 0, 0x8e, 0xc0, 0xca, 4, 0 }, 10);
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 9);
    ck_assert_uint_eq(bench_stack(&b, 3), BENCH_STACK3);
    ck_assert_uint_eq(b.c->seg[ES].sel, 0);                /* inner data is dropped */
    ck_assert_uint_eq(b.c->seg[DS].sel, SEL_DATA3);
}
END_TEST

START_TEST(call_gate_stack_faults_are_ts_and_ss)
{
    bench_protected(&b, 3);
    bench_gate(&b, BENCH_GDT + GATE, CONFORMING, 0x9000, SEG_P | AT_DPL3 | DT_CALL32, 0);
    bench_desc(&b, CONFORMING, 0, UINT32_MAX, AT_CODE32 | 0x20);       /* DPL 1 */
    bench_st(&b, BENCH_TSS + 16, SMALL | 1, 2);
    bench_desc(&b, SMALL, 0, UINT32_MAX, (AT_DATA32 | 0x20) & ~SEG_P);
    bench_code(&b, 0x9a, 0, 0, 0, 0, GATE | 3, 0);
    ck_faults(EXC_SS, SMALL);
    bench_protected(&b, 3);
    b.c->halted = false;
    bench_st(&b, BENCH_TSS + 16, SEL_DATA0, 2);            /* RPL 0 for a DPL 1 stack */
    ck_faults(EXC_TS, SEL_DATA0);
}
END_TEST

START_TEST(a_full_inner_stack_is_ss_with_its_selector)
{
    bench_protected(&b, 3);
    bench_gate(&b, BENCH_GDT + GATE, CONFORMING, 0x9000, SEG_P | AT_DPL3 | DT_CALL32, 0);
    bench_desc(&b, CONFORMING, 0, UINT32_MAX, AT_CODE32 | 0x20);       /* DPL 1 */
    bench_st(&b, BENCH_TSS + 12, 12, 4);                   /* room for three pushes */
    bench_st(&b, BENCH_TSS + 16, SMALL | 1, 2);
    bench_desc(&b, SMALL, 0x5000, 0xffff, 0x40b3);
    bench_code(&b, 0x9a, 0, 0, 0, 0, GATE | 3, 0);
    ck_faults(EXC_SS, SMALL);
    ck_assert_uint_eq(bench_ld(&b, 0x5008, 4), 0);         /* nothing was written */
}
END_TEST

START_TEST(a_16_bit_call_gate_cuts_the_offset)
{
    bench_protected(&b, 0);
    bench_gate(&b, BENCH_GDT + GATE, SEL_CODE0, 0x19000, SEG_P | DT_CALL16, 0);
    bench_code(&b, 0x9a, 0, 0, 0, 0, GATE, 0);
    b.ram[0x9000] = 0xf4;
    bench_run(&b, 10);
    ck_assert_uint_eq(b.c->rip, 0x9001);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 4);
}
END_TEST

/* Runs `iret` at CPL 0 with these dwords on the stack. */
static void iret_with(const uint32_t *v, unsigned n)
{
    bench_protected(&b, 0);
    b.c->halted = false;
    b.c->gpr[RSP] = BENCH_STACK0 - 4 * n;
    for (unsigned i = 0; i < n; i++)
        bench_st(&b, BENCH_STACK0 - 4 * (n - i), v[i], 4);
    bench_code(&b, 0xcf);
}

START_TEST(iret_to_the_outer_ring_loads_stack_and_flags)
{
    const uint32_t frame[] = { 0x9000, SEL_CODE3, FL_FIXED | FL_IF | FL_IOPL | FL_ZF, 0xd100,
                               SEL_DATA3 };

    iret_with(frame, 5);
    bench_put(&b, 0x9000, (const uint8_t[]){ 0x0f, 0x0b }, 2);
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(bench_stack(&b, 1), SEL_CODE3);
    ck_assert_uint_eq(bench_stack(&b, 2), frame[2] | FL_RF);
    ck_assert_uint_eq(bench_stack(&b, 3), 0xd100);
    ck_assert_uint_eq(bench_stack(&b, 4), SEL_DATA3);
    ck_assert_uint_eq(b.c->seg[DS].sel, 0);                /* was DPL 0 */
}
END_TEST

START_TEST(iret_to_a_16_bit_stack_leaves_the_upper_half_of_esp)
{
    const uint32_t frame[] = { 0x9000, SEL_CODE3, FL_FIXED, 0x1234d100, SMALL | 3 };

    iret_with(frame, 5);
    bench_desc(&b, SMALL, 0, 0xffff, 0xf3);
    b.c->gpr[RSP] |= 0x55550000;
    b.c->seg[SS].base = -0x55550000u;
    bench_put(&b, 0x9000, (const uint8_t[]){ 0x89, 0xe0, 0x0f, 0x0b }, 4);    /* mov eax, esp */
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(b.c->gpr[RAX], 0x5555d100);
}
END_TEST

START_TEST(iret_refuses_inner_code_and_a_wrong_stack)
{
    const uint32_t inner[] = { 0x9000, SEL_CODE3 & ~3u, FL_FIXED };
    const uint32_t stack[] = { 0x9000, SEL_CODE3, FL_FIXED, 0xd100, SEL_DATA0 };

    iret_with(inner, 3);
    ck_faults(EXC_GP, SEL_CODE3 & ~3u);
    iret_with(stack, 5);
    ck_faults(EXC_GP, SEL_DATA0);
}
END_TEST

START_TEST(iret_at_cpl_3_keeps_if_and_iopl)
{
    bench_protected(&b, 3);
    b.c->gpr[RSP] = BENCH_STACK3 - 12;
    bench_st(&b, BENCH_STACK3 - 12, 0x9000, 4);
    bench_st(&b, BENCH_STACK3 - 8, SEL_CODE3, 4);
    bench_st(&b, BENCH_STACK3 - 4, FL_IF | FL_IOPL | FL_CF | FL_VM, 4);
    bench_code(&b, 0xcf);
    b.ram[0x9000] = 0xf4;
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(bench_stack(&b, 3), FL_FIXED | FL_CF | FL_RF);
}
END_TEST

START_TEST(iret_to_v86_loads_nine_values)
{
    const uint32_t frame[] = { 0x10, 0x900, FL_FIXED | FL_VM | FL_IF, 0x5000, 0x11, 0x22, 0x33,
                               0x44, 0x55 };

    iret_with(frame, 9);
    b.ram[0x9010] = 0xf4;                                  /* #GP: CPL 3 */
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(bench_stack(&b, 1), 0x10);
    ck_assert_uint_eq(bench_stack(&b, 2), 0x900);
    ck_assert_uint_eq(bench_stack(&b, 3), frame[2] | FL_RF);
    for (unsigned i = 3; i < 9; i++)
        ck_assert_uint_eq(bench_stack(&b, i + 1), frame[i]);
}
END_TEST

START_TEST(retf_in_real_mode_drops_its_immediate)
{
    bench_real(&b);
    bench_code(&b, 0x6a, 7, 0x9a, 0, 0, 0, 0x09, 0xf4);
    bench_put(&b, 0x9000, (const uint8_t[]){ 0xca, 2, 0 }, 3);
    bench_run(&b, 10);
    ck_assert_uint_eq(b.c->rip, BENCH_CODE + 8);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0);
}
END_TEST

START_TEST(sysenter_and_sysexit_need_no_descriptors)
{
    bench_protected(&b, 3);
    b.c->sysenter_cs = 0x08;
    b.c->sysenter_eip = 0x9000;
    b.c->sysenter_esp = 0xc000;
    b.c->eflags |= FL_IF;
    b.c->gdt_limit = 0;
    bench_code(&b, 0x0f, 0x34);
    bench_put(&b, 0x9000, (const uint8_t[]){ 0xba, 0, 0x98, 0, 0, 0x0f, 0x35 }, 7);
    b.c->gpr[RCX] = 0xd800;
    bench_run(&b, 1);
    ck_assert_uint_eq(b.c->rip, 0x9000);
    ck_assert_uint_eq(b.c->cpl, 0);
    ck_assert_uint_eq(b.c->gpr[RSP], 0xc000);
    ck_assert_uint_eq(b.c->seg[SS].sel, 0x10);
    ck_assert_uint_eq(x86_eflags(b.c) & FL_IF, 0);
    bench_run(&b, 2);
    ck_assert_uint_eq(b.c->rip, 0x9800);
    ck_assert_uint_eq(b.c->cpl, 3);
    ck_assert_uint_eq(b.c->seg[CS].sel, 0x1b);
    ck_assert_uint_eq(b.c->gpr[RSP], 0xd800);
}
END_TEST

/* ---- tasks ---------------------------------------------------------------------------------- */

/* TSS2: a task at 0x9000 of CPL 0 with marked registers. */
static void make_task(void)
{
    bench_st(&b, BENCH_TSS2 + 0x20, 0x9000, 4);
    bench_st(&b, BENCH_TSS2 + 0x24, FL_FIXED | FL_CF, 4);
    for (unsigned i = 0; i < 8; i++)
        bench_st(&b, BENCH_TSS2 + 0x28 + 4 * i, 0xe000 + 0x10 * i, 4);
    for (unsigned i = 0; i < 6; i++)
        bench_st(&b, BENCH_TSS2 + 0x48 + 4 * i, i == CS ? SEL_CODE0 : SEL_DATA0, 4);
}

START_TEST(a_task_call_nests_and_iret_returns)
{
    bench_protected(&b, 0);
    make_task();
    b.c->gpr[RBX] = 0x12345678;
    bench_code(&b, 0x9a, 0, 0, 0, 0, SEL_TSS2, 0, 0xf4);
    b.ram[0x9000] = 0xcf;
    bench_run(&b, 1);
    ck_assert_uint_eq(b.c->rip, 0x9000);
    ck_assert_uint_eq(b.c->gpr[RBX], 0xe030);
    ck_assert_uint_eq(b.c->tr.sel, SEL_TSS2);
    ck_assert_uint_eq(x86_eflags(b.c), FL_FIXED | FL_CF | FL_NT);
    ck_assert(b.c->cr0 & CR0_TS);
    ck_assert_uint_eq(bench_ld(&b, BENCH_TSS2, 2), SEL_TSS);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SEL_TSS2 + 5, 1), SEG_P | DT_TSS32_BUSY);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SEL_TSS + 5, 1), SEG_P | DT_TSS32_BUSY);
    ck_assert_uint_eq(bench_ld(&b, BENCH_TSS + 0x20, 4), BENCH_CODE + 7);
    bench_run(&b, 1);
    ck_assert_uint_eq(b.c->rip, BENCH_CODE + 7);
    ck_assert_uint_eq(b.c->gpr[RBX], 0x12345678);
    ck_assert_uint_eq(b.c->tr.sel, SEL_TSS);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SEL_TSS2 + 5, 1), SEG_P | DT_TSS32);
    ck_assert_uint_eq(bench_ld(&b, BENCH_TSS2 + 0x24, 4), FL_FIXED | FL_CF);
    ck_assert_uint_eq(bench_ld(&b, BENCH_TSS2 + 0x20, 4), 0x9001);
}
END_TEST

START_TEST(a_task_jump_frees_the_old_task)
{
    bench_protected(&b, 0);
    make_task();
    bench_code(&b, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
    bench_run(&b, 1);
    ck_assert_uint_eq(b.c->tr.sel, SEL_TSS2);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SEL_TSS + 5, 1), SEG_P | DT_TSS32);
    ck_assert_uint_eq(x86_eflags(b.c) & FL_NT, 0);
}
END_TEST

START_TEST(a_busy_or_short_tss_is_refused)
{
    bench_protected(&b, 0);
    make_task();
    bench_code(&b, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
    bench_desc(&b, SEL_TSS2, BENCH_TSS2, 0x66, SEG_P | DT_TSS32);
    ck_faults(EXC_TS, SEL_TSS2);
    bench_protected(&b, 0);
    b.c->halted = false;
    bench_desc(&b, SEL_TSS2, BENCH_TSS2, 0x67, SEG_P | DT_TSS32_BUSY);
    ck_faults(EXC_GP, SEL_TSS2);
}
END_TEST

START_TEST(bad_segments_fault_in_the_new_task)
{
    bench_protected(&b, 0);
    make_task();
    bench_st(&b, BENCH_TSS2 + 0x54, SEL_DATA3 & ~3u, 2);   /* DS: fine */
    bench_st(&b, BENCH_TSS2 + 0x48, 0xf0, 2);              /* ES: empty descriptor */
    bench_code(&b, 0x90, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
    ck_assert_int_eq(fault(), EXC_TS);
    ck_assert_uint_eq(bench_stack(&b, 0), 0xf0);
    ck_assert_uint_eq(bench_stack(&b, 1), 0x9000);
    ck_assert_uint_eq(b.c->tr.sel, SEL_TSS2);
}
END_TEST

START_TEST(a_page_fault_on_the_new_tss_leaves_the_old_task)
{
    bench_protected(&b, 0);
    make_task();
    b.absent[BENCH_TSS2 / GUEST_PAGE] = true;
    bench_code(&b, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
    ck_assert_int_eq(fault(), EXC_PF);
    ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE);
    ck_assert_uint_eq(b.c->tr.sel, SEL_TSS);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SEL_TSS2 + 5, 1), SEG_P | DT_TSS32);
}
END_TEST

START_TEST(a_page_fault_on_the_old_tss_leaves_it_busy)
{
    bench_protected(&b, 0);
    make_task();
    b.absent[BENCH_TSS / GUEST_PAGE] = true;
    bench_code(&b, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
    ck_assert_int_eq(fault(), EXC_PF);
    ck_assert_uint_eq(b.c->tr.sel, SEL_TSS);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SEL_TSS + 5, 1), SEG_P | DT_TSS32_BUSY);
}
END_TEST

START_TEST(the_t_bit_traps_before_the_first_instruction)
{
    bench_protected(&b, 0);
    make_task();
    bench_st(&b, BENCH_TSS2 + 0x64, 1, 2);
    bench_code(&b, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
    b.ram[0x9000] = 0x40;
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 0), 0x9000);
    ck_assert_uint_eq(b.c->dr[6], 0xffff8ff0);
}
END_TEST

START_TEST(a_16_bit_task_has_16_bit_fields)
{
    bench_protected(&b, 0);
    bench_desc(&b, SEL_TSS2, BENCH_TSS2, 0x2b, SEG_P | DT_TSS16);
    bench_st(&b, BENCH_TSS2 + 0x0e, 0x9000, 2);
    bench_st(&b, BENCH_TSS2 + 0x10, FL_FIXED, 2);
    bench_st(&b, BENCH_TSS2 + 0x12, 0x1111, 2);
    bench_st(&b, BENCH_TSS2 + 0x1a, 0xe000, 2);
    for (unsigned i = 0; i < 4; i++)
        bench_st(&b, BENCH_TSS2 + 0x22 + 2 * i, i == CS ? SEL_CODE0 : SEL_DATA0, 2);
    bench_code(&b, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
    bench_run(&b, 1);
    ck_assert_uint_eq(b.c->rip, 0x9000);
    ck_assert_uint_eq(b.c->gpr[RAX] & 0xffff, 0x1111);
    ck_assert_uint_eq(b.c->seg[FS].sel, 0);
    ck_assert_uint_eq(b.c->seg[DS].sel, SEL_DATA0);
}
END_TEST

START_TEST(bound_is_inclusive)
{
    bench_protected(&b, 0);
    bench_st(&b, 0x5000, (uint32_t)-5, 4);
    bench_st(&b, 0x5004, 9, 4);
    bench_code(&b, 0x62, 0x05, 0, 0x50, 0, 0, 0x40, 0x62, 0x05, 0, 0x50, 0, 0);
    b.c->gpr[RAX] = 9;
    ck_assert_int_eq(fault(), EXC_BR);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 7);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, far_jump_checks_privilege);
    tcase_add_test(t, far_jump_to_conforming_code_keeps_cpl);
    tcase_add_test(t, far_jump_faults_by_kind_of_descriptor);
    tcase_add_test(t, jump_sets_the_accessed_bit);
    tcase_add_test(t, jump_past_the_limit_leaves_the_accessed_bit);
    tcase_add_test(t, call_gate_copies_parameters_to_the_inner_stack);
    tcase_add_test(t, call_gate_and_lret_come_back_with_the_parameters_gone);
    tcase_add_test(t, call_gate_stack_faults_are_ts_and_ss);
    tcase_add_test(t, a_full_inner_stack_is_ss_with_its_selector);
    tcase_add_test(t, a_16_bit_call_gate_cuts_the_offset);
    tcase_add_test(t, iret_to_the_outer_ring_loads_stack_and_flags);
    tcase_add_test(t, iret_to_a_16_bit_stack_leaves_the_upper_half_of_esp);
    tcase_add_test(t, iret_refuses_inner_code_and_a_wrong_stack);
    tcase_add_test(t, iret_at_cpl_3_keeps_if_and_iopl);
    tcase_add_test(t, iret_to_v86_loads_nine_values);
    tcase_add_test(t, retf_in_real_mode_drops_its_immediate);
    tcase_add_test(t, sysenter_and_sysexit_need_no_descriptors);
    tcase_add_test(t, bound_is_inclusive);
}

static void add_tasks(TCase *t)
{
    tcase_add_test(t, a_task_call_nests_and_iret_returns);
    tcase_add_test(t, a_task_jump_frees_the_old_task);
    tcase_add_test(t, a_busy_or_short_tss_is_refused);
    tcase_add_test(t, bad_segments_fault_in_the_new_task);
    tcase_add_test(t, a_page_fault_on_the_new_tss_leaves_the_old_task);
    tcase_add_test(t, a_page_fault_on_the_old_tss_leaves_it_busy);
    tcase_add_test(t, the_t_bit_traps_before_the_first_instruction);
    tcase_add_test(t, a_16_bit_task_has_16_bit_fields);
}

int main(void)
{
    Suite *s = suite_create("flow");
    TCase *t = tcase_create("transfers and tasks");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, open_max, close_bench);
    add_tests(t);
    add_tasks(t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
