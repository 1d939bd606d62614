/* test_except.c - exceptions and interrupts: gates, error codes, double faults, pins, traps. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>
#include "cpubench.h"

static struct cpubench b;

static void open_max(void) { bench_open(&b, "max"); }
static void close_bench(void) { bench_close(&b); }

/* Runs to a handler and returns its vector. */
static int fault(void)
{
    bench_run(&b, 100);
    return bench_halted_in(&b);
}

START_TEST(real_mode_int_pushes_three_words)
{
    bench_real(&b);
    bench_st(&b, 0x21 * 4, 0x00009000, 4);
    b.ram[0x9000] = 0xf4;
    b.c->eflags |= FL_IF | FL_AC;
    bench_code(&b, 0xf9, 0xcd, 0x21);
    bench_run(&b, 100);
    ck_assert_uint_eq(b.c->rip, 0x9001);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 6);
    ck_assert_uint_eq(bench_ld(&b, BENCH_STACK0 - 6, 2), BENCH_CODE + 3);
    ck_assert_uint_eq(bench_ld(&b, BENCH_STACK0 - 4, 2), 0);
    ck_assert_uint_eq(bench_ld(&b, BENCH_STACK0 - 2, 2), FL_FIXED | FL_IF | FL_CF);
    ck_assert_uint_eq(x86_eflags(b.c) & (FL_IF | FL_AC), 0);
}
END_TEST

START_TEST(real_mode_ivt_beyond_the_limit_shuts_down)
{
    bench_real(&b);
    b.c->idt_limit = 3;                                    /* room for #DE only */
    bench_code(&b, 0xcd, 0x21);
    ck_assert_int_eq(bench_run(&b, 100), STOP_TRIPLE_FAULT);
}
END_TEST

START_TEST(a_fault_pushes_its_own_address_and_rf)
{
    bench_protected(&b, 0);
    bench_code(&b, 0x90, 0x0f, 0x0b);
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 12);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 1);
    ck_assert_uint_eq(bench_stack(&b, 1), SEL_CODE0);
    ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED | FL_RF);
}
END_TEST

START_TEST(an_inner_handler_gets_the_tss_stack)
{
    bench_protected(&b, 3);
    b.c->eflags |= FL_IF;
    bench_code(&b, 0xcd, 0x80);
    ck_assert_int_eq(fault(), 0x80);
    ck_assert_uint_eq(b.c->cpl, 0);
    ck_assert_uint_eq(b.c->seg[SS].sel, SEL_DATA0);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 20);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 2);
    ck_assert_uint_eq(bench_stack(&b, 1), SEL_CODE3);
    ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED | FL_IF);
    ck_assert_uint_eq(bench_stack(&b, 3), BENCH_STACK3);
    ck_assert_uint_eq(bench_stack(&b, 4), SEL_DATA3);
    ck_assert_uint_eq(x86_eflags(b.c) & FL_IF, 0);
}
END_TEST

START_TEST(int_n_needs_the_gates_dpl)
{
    bench_protected(&b, 3);
    bench_code(&b, 0xcd, 0x81);
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(bench_stack(&b, 0), 0x81 << 3 | 2);
    ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE);
}
END_TEST

START_TEST(icebp_asks_no_dpl)
{
    bench_protected(&b, 3);
    bench_code(&b, 0xf1);
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 1);
}
END_TEST

START_TEST(a_trap_gate_keeps_if)
{
    bench_protected(&b, 0);
    bench_idt(&b, 0x40, SEG_P | DT_TRAP32);
    b.c->eflags |= FL_IF | FL_NT;
    bench_code(&b, 0xcd, 0x40);
    ck_assert_int_eq(fault(), 0x40);
    ck_assert_uint_eq(x86_eflags(b.c) & (FL_IF | FL_NT), FL_IF);
    ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED | FL_IF | FL_NT);
}
END_TEST

START_TEST(a_16_bit_gate_pushes_words)
{
    bench_protected(&b, 0);
    bench_idt(&b, 0x40, SEG_P | DT_INT16);
    bench_code(&b, 0xcd, 0x40);
    ck_assert_int_eq(fault(), 0x40);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 6);
    ck_assert_uint_eq(bench_ld(&b, BENCH_STACK0 - 6, 2), BENCH_CODE + 2);
}
END_TEST

START_TEST(an_absent_gate_is_np_and_ext_tells_who_asked)
{
    bench_protected(&b, 0);
    bench_idt(&b, EXC_UD, DT_INT32);
    bench_code(&b, 0x0f, 0x0b);
    ck_assert_int_eq(fault(), EXC_NP);
    ck_assert_uint_eq(bench_stack(&b, 0), EXC_UD << 3 | 3);
    bench_protected(&b, 0);
    b.c->halted = false;
    bench_idt(&b, 0x40, DT_INT32);
    bench_put(&b, 0x9000, (const uint8_t[]){ 0xcd, 0x40 }, 2);
    b.c->rip = 0x9000;
    ck_assert_int_eq(fault(), EXC_NP);
    ck_assert_uint_eq(bench_stack(&b, 0), 0x40 << 3 | 2);
}
END_TEST

START_TEST(two_contributory_faults_make_a_double_fault)
{
    bench_protected(&b, 0);
    bench_idt(&b, EXC_GP, DT_INT32);
    bench_code(&b, 0x8e, 0xd8);                            /* mov ds, ax */
    b.c->gpr[RAX] = 0x1f8;
    ck_assert_int_eq(fault(), EXC_DF);
    ck_assert_uint_eq(bench_stack(&b, 0), 0);
    ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE);
}
END_TEST

START_TEST(a_third_fault_shuts_down)
{
    bench_protected(&b, 0);
    bench_idt(&b, EXC_GP, DT_INT32);
    bench_idt(&b, EXC_DF, DT_INT32);
    bench_code(&b, 0xcd, 0x40);
    bench_idt(&b, 0x40, 0);
    ck_assert_int_eq(bench_run(&b, 100), STOP_TRIPLE_FAULT);
}
END_TEST

START_TEST(alignment_checks_of_a_frame_end)
{
    bench_protected(&b, 3);
    bench_gate(&b, BENCH_IDT + 8 * EXC_AC, SEL_CODE3 & ~3u, 0x9000, SEG_P | DT_INT32, 0);
    b.c->cr0 |= CR0_AM;
    b.c->eflags |= FL_AC;
    b.c->gpr[RSP] = BENCH_STACK3 + 1;
    bench_code(&b, 0xa1, 0x01, 0x50, 0, 0);
    ck_assert_int_eq(fault(), EXC_DF);
    ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE);
}
END_TEST

START_TEST(a_page_fault_after_a_contributory_one_is_served_alone)
{
    bench_protected(&b, 3);
    b.absent[(BENCH_STACK0 - 1) / GUEST_PAGE] = true;
    bench_st(&b, BENCH_TSS + 4, 0xf000, 4);
    bench_gate(&b, BENCH_IDT + 8 * EXC_GP, SEL_FREE + 8, 0, SEG_P | DT_TASK, 0);
    bench_code(&b, 0xf4);
    bench_desc(&b, SEL_FREE + 8, BENCH_STACK0 - 0x100, 0x67, SEG_P | DT_TSS32);
    ck_assert_int_eq(fault(), EXC_PF);
    ck_assert_uint_eq(bench_stack(&b, 0), 0);
    ck_assert_uint_eq(b.c->cr2 & ~0xfffull, (BENCH_STACK0 - 0x100) & ~0xfff);
}
END_TEST

START_TEST(a_fault_on_the_inner_stack_changes_nothing_first)
{
    bench_protected(&b, 3);
    bench_st(&b, BENCH_TSS + 4, 0x9008, 4);                /* two pushes fit, the third faults */
    b.absent[8] = true;
    bench_gate(&b, BENCH_IDT + 8 * EXC_DF, SEL_TSS2, 0, SEG_P | DT_TASK, 0);
    bench_st(&b, BENCH_TSS2 + 0x20, 0x7000, 4);
    bench_st(&b, BENCH_TSS2 + 0x24, FL_FIXED, 4);
    bench_st(&b, BENCH_TSS2 + 0x38, BENCH_STACK3, 4);
    bench_st(&b, BENCH_TSS2 + 0x4c, SEL_CODE0, 2);
    bench_st(&b, BENCH_TSS2 + 0x50, SEL_DATA0, 2);
    b.ram[0x7000] = 0xf4;
    b.ram[0xa000] = 0xcd;
    b.ram[0xa001] = 0x80;
    b.c->rip = 0xa000;
    bench_run(&b, 100);
    ck_assert_uint_eq(b.c->rip, 0x7001);                   /* #PF cannot be pushed, either */
    ck_assert_uint_eq(b.c->tr.sel, SEL_TSS2);
    ck_assert_uint_eq(bench_ld(&b, BENCH_TSS + 0x20, 4), 0xa000);
    ck_assert_uint_eq(bench_ld(&b, BENCH_TSS + 0x38, 4), BENCH_STACK3);
    ck_assert_uint_eq(bench_ld(&b, BENCH_TSS + 0x4c, 2), SEL_CODE3);
    ck_assert_uint_eq(bench_ld(&b, 0x9000, 4), 0);
    ck_assert_uint_eq(bench_stack(&b, 0), 0);              /* #DF's error code */
}
END_TEST

START_TEST(v86_faults_save_the_segments_and_clear_them)
{
    bench_v86(&b, BENCH_CODE, 0);
    b.c->seg[GS].sel = 0x1234;
    bench_code(&b, 0xfa);                                  /* cli: IOPL 0 */
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 40);
    ck_assert_uint_eq(bench_stack(&b, 0), 0);
    ck_assert_uint_eq(bench_stack(&b, 1), 0);
    ck_assert_uint_eq(bench_stack(&b, 2), BENCH_CODE >> 4);
    ck_assert_uint_eq(bench_stack(&b, 3), FL_FIXED | FL_VM | FL_RF);
    ck_assert_uint_eq(bench_stack(&b, 9), 0x1234);
    ck_assert_uint_eq(b.c->seg[DS].sel | b.c->seg[DS].attr, 0);
    ck_assert(!(x86_eflags(b.c) & FL_VM));
}
END_TEST

START_TEST(vme_redirects_int_n_by_its_bitmap)
{
    bench_v86(&b, BENCH_CODE, 0);
    b.c->cr4 = CR4_VME;
    b.c->eflags |= FL_VIF;
    b.c->gpr[RSP] = 0x5000;
    bench_st(&b, 0x21 * 4, 0x09000010, 4);
    bench_st(&b, BENCH_TSS + 0x68 + 0x22 / 8, 1 << (0x22 & 7), 1);
    bench_code(&b, 0xcd, 0x21);
    bench_put(&b, 0x9010, (const uint8_t[]){ 0xcd, 0x22 }, 2);
    ck_assert_int_eq(fault(), EXC_GP);                     /* 22h: not redirected, IOPL < 3 */
    ck_assert_uint_eq(bench_stack(&b, 1), 0x10);
    ck_assert_uint_eq(bench_stack(&b, 2), 0x900);
    ck_assert_uint_eq(bench_stack(&b, 3) & (FL_VIF | FL_IF), 0);
    ck_assert_uint_eq(bench_ld(&b, 0x5000 - 2, 2), FL_FIXED | FL_IOPL | FL_IF);
    ck_assert_uint_eq(bench_ld(&b, 0x5000 - 6, 2), 2);
}
END_TEST

START_TEST(nmi_waits_for_iret)
{
    bench_protected(&b, 0);
    bench_put(&b, BENCH_HANDLER + 4 * EXC_NMI, (const uint8_t[]){ 0xf4, 0xcf }, 2);
    bench_code(&b, 0x90, 0x90, 0xf4);
    x86_pin(b.c, X86_PEND_NMI, true);
    ck_assert_int_eq(fault(), EXC_NMI);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE);
    x86_pin(b.c, X86_PEND_NMI, false);
    x86_pin(b.c, X86_PEND_NMI, true);                      /* a second one, latched */
    ck_assert_int_eq(bench_run(&b, 10), STOP_HALT);
    ck_assert_int_eq(bench_halted_in(&b), EXC_NMI);
    b.c->halted = false;                                   /* go on to the IRET */
    ck_assert_int_eq(fault(), EXC_NMI);
    ck_assert_uint_eq(b.c->gpr[RSP], BENCH_STACK0 - 12);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE);
}
END_TEST

START_TEST(intr_waits_for_if_and_the_sti_shadow)
{
    bench_protected(&b, 0);
    b.vector = 0x50;
    x86_pin(b.c, X86_PEND_INTR, true);
    bench_code(&b, 0x90, 0xfb, 0x90, 0x90);                /* nop; sti; nop; nop */
    ck_assert_int_eq(fault(), 0x50);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 3);
}
END_TEST

START_TEST(an_external_interrupt_sets_ext)
{
    bench_protected(&b, 0);
    b.vector = 0x50;
    bench_idt(&b, 0x50, DT_INT32);
    b.c->eflags |= FL_IF;
    x86_pin(b.c, X86_PEND_INTR, true);
    bench_code(&b, 0x90);
    ck_assert_int_eq(fault(), EXC_NP);
    ck_assert_uint_eq(bench_stack(&b, 0), 0x50 << 3 | 3);
    ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE);
}
END_TEST

START_TEST(an_interrupt_that_faults_for_ever_ends_with_the_budget)
{
    bench_protected(&b, 0);
    b.vector = 0x50;
    bench_idt(&b, 0x50, DT_INT32);
    bench_idt(&b, EXC_NP, SEG_P | DT_TRAP32);              /* leaves IF set */
    b.c->eflags |= FL_IF;
    x86_pin(b.c, X86_PEND_INTR, true);
    bench_code(&b, 0x90);
    ck_assert_int_eq(bench_run(&b, 100), STOP_BUDGET);
    ck_assert_int_ge(b.c->budget, -1);
}
END_TEST

START_TEST(intr_wakes_a_halt)
{
    bench_protected(&b, 0);
    b.vector = 0x50;
    bench_code(&b, 0xfb, 0xf4);
    ck_assert_int_eq(bench_run(&b, 100), STOP_HALT);
    ck_assert_int_eq(bench_halted_in(&b), -1);
    x86_pin(b.c, X86_PEND_INTR, true);
    ck_assert_int_eq(fault(), 0x50);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 2);
}
END_TEST

START_TEST(tf_traps_after_each_instruction_but_mov_ss)
{
    bench_protected(&b, 0);
    b.c->eflags |= FL_TF;
    x86_update_mode(b.c);
    bench_code(&b, 0x90, 0x90);
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 1);
    ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED | FL_TF);
    ck_assert_uint_eq(b.c->dr[6], 0xffff4ff0);
    bench_protected(&b, 0);
    b.c->halted = false;
    b.c->gpr[RAX] = SEL_DATA0;
    b.c->eflags |= FL_TF;
    x86_update_mode(b.c);
    bench_put(&b, 0x9000, (const uint8_t[]){ 0x8e, 0xd0, 0x90, 0x90 }, 4);
    b.c->rip = 0x9000;
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 0), 0x9003);
}
END_TEST

START_TEST(int_n_under_tf_does_not_trap_in_the_handler)
{
    bench_protected(&b, 0);
    b.c->eflags |= FL_TF;
    x86_update_mode(b.c);
    bench_code(&b, 0xcd, 0x40);
    ck_assert_int_eq(fault(), 0x40);
    ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED | FL_TF);
}
END_TEST

START_TEST(a_code_breakpoint_faults_before_and_rf_passes_it)
{
    bench_protected(&b, 0);
    b.c->dr[0] = BENCH_CODE + 1;
    b.c->dr[7] = 0x402;
    x86_update_mode(b.c);
    bench_put(&b, BENCH_HANDLER + 4 * EXC_DB,
              (const uint8_t[]){ 0x80, 0x4c, 0x24, 0x0a, 0x01, 0xcf }, 6);  /* RF in the image */
    bench_put(&b, BENCH_HANDLER + 4 * EXC_UD, (const uint8_t[]){ 0xf4 }, 1);
    bench_code(&b, 0x90, 0x40, 0x0f, 0x0b);                /* nop; inc eax; ud2 */
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(b.c->gpr[RAX], 1);
    ck_assert_uint_eq(b.c->dr[6], 0xffff0ff1);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 2);
}
END_TEST

START_TEST(a_code_breakpoint_pushes_no_rf)
{
    bench_protected(&b, 0);
    b.c->dr[3] = BENCH_CODE;
    b.c->dr[7] = 0x440;
    x86_update_mode(b.c);
    bench_code(&b, 0x90);
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED);
}
END_TEST

/* SDM vol. 3 17.3.1.1: a trap after any iteration but the last. */
START_TEST(a_step_inside_rep_pushes_rf_and_one_at_its_end_does_not)
{
    for (uint32_t n = 2; n > 0; n--) {
        bench_protected(&b, 0);
        b.c->halted = false;
        b.c->gpr[RCX] = n;
        b.c->gpr[RSI] = b.c->gpr[RDI] = 0x5000;
        b.c->eflags |= FL_TF;
        x86_update_mode(b.c);
        bench_code(&b, 0xf3, 0xa4);                        /* rep movsb */
        ck_assert_int_eq(fault(), EXC_DB);
        ck_assert_uint_eq(bench_stack(&b, 0), n == 2 ? BENCH_CODE : BENCH_CODE + 2);
        ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED | FL_TF | (n == 2 ? FL_RF : 0));
    }
}
END_TEST

START_TEST(general_detect_is_a_fault_that_pushes_rf)
{
    bench_protected(&b, 0);
    b.c->dr[7] = 0x2400;
    bench_code(&b, 0x0f, 0x21, 0xc0);                      /* mov eax, dr0 */
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE);
    ck_assert_uint_eq(bench_stack(&b, 2), FL_FIXED | FL_RF);
}
END_TEST

START_TEST(a_data_breakpoint_traps_after_the_store)
{
    bench_protected(&b, 0);
    b.c->dr[1] = 0x5004;
    b.c->dr[7] = 0x408 | 0xd00000;                         /* DR1: 4 bytes, writes */
    x86_update_mode(b.c);
    bench_code(&b, 0xa1, 0x04, 0x50, 0, 0, 0xa3, 0x01, 0x50, 0, 0, 0x90);
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 10);
    ck_assert_uint_eq(b.c->dr[6], 0xffff0ff2);
}
END_TEST

START_TEST(an_io_breakpoint_needs_de)
{
    bench_protected(&b, 0);
    b.c->dr[2] = 0x61;
    b.c->dr[7] = 0x420 | 0x2000000;
    x86_update_mode(b.c);
    bench_code(&b, 0xe6, 0x61, 0x0f, 0x22, 0xe0, 0xe6, 0x61, 0x90);
    b.c->gpr[RAX] = CR4_DE;
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(b.outs, 2);
    ck_assert_uint_eq(b.c->dr[6], 0xffff0ff4);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE + 7);
}
END_TEST

START_TEST(gd_guards_the_debug_registers)
{
    bench_protected(&b, 0);
    b.c->dr[7] = 0x2400;
    bench_code(&b, 0x0f, 0x21, 0xc0);
    ck_assert_int_eq(fault(), EXC_DB);
    ck_assert_uint_eq(bench_stack(&b, 0), BENCH_CODE);
    ck_assert_uint_eq(b.c->dr[6], 0xffff2ff0);
    ck_assert_uint_eq(b.c->dr[7], 0x400);
}
END_TEST

START_TEST(init_resets_but_keeps_the_units)
{
    bench_protected(&b, 0);
    b.c->mxcsr = 0x1fa0;
    bench_code(&b, 0x90, 0x90);
    x86_pin(b.c, X86_PEND_INIT, true);
    x86_edge(b.c);
    ck_assert_uint_eq(b.c->rip, 0xfff0);
    ck_assert_uint_eq(b.c->seg[CS].base, 0xffff0000);
    ck_assert_uint_eq(b.c->cr0 & CR0_PE, 0);
    ck_assert_uint_eq(b.c->mxcsr, 0x1fa0);
    ck_assert_uint_eq(b.c->gpr[RDX], 0x6e8);
    ck_assert_uint_eq(b.c->pending, 0);
}
END_TEST

static void add_gates(TCase *t)
{
    tcase_add_test(t, real_mode_int_pushes_three_words);
    tcase_add_test(t, real_mode_ivt_beyond_the_limit_shuts_down);
    tcase_add_test(t, a_fault_pushes_its_own_address_and_rf);
    tcase_add_test(t, an_inner_handler_gets_the_tss_stack);
    tcase_add_test(t, int_n_needs_the_gates_dpl);
    tcase_add_test(t, icebp_asks_no_dpl);
    tcase_add_test(t, a_trap_gate_keeps_if);
    tcase_add_test(t, a_16_bit_gate_pushes_words);
    tcase_add_test(t, an_absent_gate_is_np_and_ext_tells_who_asked);
    tcase_add_test(t, two_contributory_faults_make_a_double_fault);
    tcase_add_test(t, a_third_fault_shuts_down);
    tcase_add_test(t, alignment_checks_of_a_frame_end);
    tcase_add_test(t, a_page_fault_after_a_contributory_one_is_served_alone);
    tcase_add_test(t, a_fault_on_the_inner_stack_changes_nothing_first);
    tcase_add_test(t, v86_faults_save_the_segments_and_clear_them);
    tcase_add_test(t, vme_redirects_int_n_by_its_bitmap);
}

static void add_edges(TCase *t)
{
    tcase_add_test(t, nmi_waits_for_iret);
    tcase_add_test(t, intr_waits_for_if_and_the_sti_shadow);
    tcase_add_test(t, an_external_interrupt_sets_ext);
    tcase_add_test(t, an_interrupt_that_faults_for_ever_ends_with_the_budget);
    tcase_add_test(t, intr_wakes_a_halt);
    tcase_add_test(t, a_code_breakpoint_pushes_no_rf);
    tcase_add_test(t, a_step_inside_rep_pushes_rf_and_one_at_its_end_does_not);
    tcase_add_test(t, general_detect_is_a_fault_that_pushes_rf);
    tcase_add_test(t, tf_traps_after_each_instruction_but_mov_ss);
    tcase_add_test(t, int_n_under_tf_does_not_trap_in_the_handler);
    tcase_add_test(t, a_code_breakpoint_faults_before_and_rf_passes_it);
    tcase_add_test(t, a_data_breakpoint_traps_after_the_store);
    tcase_add_test(t, an_io_breakpoint_needs_de);
    tcase_add_test(t, gd_guards_the_debug_registers);
    tcase_add_test(t, init_resets_but_keeps_the_units);
}

int main(void)
{
    Suite *s = suite_create("except");
    TCase *t = tcase_create("gates and edges");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, open_max, close_bench);
    add_gates(t);
    add_edges(t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
