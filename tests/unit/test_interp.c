/* test_interp.c - the interpreter as an engine: blocks, budgets, self-modifying code, strings. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/flags.h"
#include "tests/unit/cpubox.h"

static struct cpubox *b;
static struct x86_cpu *c;

static void setup(void)
{
    b = cpubox_new("max", 4 << 20);
    c = b->cpu;
}

static void teardown(void) { cpubox_free(b); }

static void flat(const char *code, size_t n)
{
    cpubox_flat(b, 0x1000);
    cpubox_put(b, 0x1000, code, n);
}
#define FLAT(code) flat(code, sizeof code - 1)

START_TEST(a_loop_counts_and_halts)
{
    FLAT("\x31\xc0\xb9\x0a\x00\x00\x00"    /* xor eax,eax; mov ecx,10 */
         "\x01\xc8\x49\x75\xfb\xf4");      /* l: add eax,ecx; dec ecx; jnz l; hlt */
    ck_assert_int_eq(cpubox_run(b, 1000), EXEC_HALT);
    ck_assert_uint_eq(c->gpr[RAX], 55);
    ck_assert_uint_eq(c->rip, 0x100d);
    ck_assert_uint_eq(x86_insns(c), 2 + 30 + 1);
}
END_TEST

START_TEST(a_budget_is_kept_exactly)
{
    FLAT("\x40\x40\x40\xeb\xfb");          /* l: inc eax x3; jmp l */
    for (int n = 1; n < 40; n++) {
        uint64_t before = x86_insns(c);

        ck_assert_int_eq(cpubox_run(b, n), EXEC_BUDGET);
        ck_assert_uint_eq(x86_insns(c) - before, n);
        ck_assert_uint_eq(c->gpr[RAX], x86_insns(c) / 4 * 3 + x86_insns(c) % 4);
    }
}
END_TEST

START_TEST(code_changed_by_the_instruction_before_runs_changed)
{
    FLAT("\xc6\x05\x08\x10\x00\x00\x43"    /* mov byte [1008h], 43h: inc ebx */
         "\x90\x40\xf4");                  /* nop; inc eax -> inc ebx; hlt */
    ck_assert_int_eq(cpubox_run(b, 100), EXEC_HALT);
    ck_assert_uint_eq(c->gpr[RAX], 0);
    ck_assert_uint_eq(c->gpr[RBX], 1);
    ck_assert_uint_eq(x86_insns(c), 4);
}
END_TEST

START_TEST(the_very_next_instruction_changed_runs_changed)
{
    FLAT("\xc6\x05\x07\x10\x00\x00\x43\x40\xf4");
    ck_assert_int_eq(cpubox_run(b, 100), EXEC_HALT);
    ck_assert_uint_eq(c->gpr[RAX], 0);
    ck_assert_uint_eq(c->gpr[RBX], 1);
}
END_TEST

/* lock cli becomes lock add [bx], ax in the handler of its #UD. */
START_TEST(the_second_byte_of_an_invalid_instruction_is_code)
{
    cpubox_real(b, 0x1000);
    cpubox_put(b, 0x1000, "\xf0\xfa\x07\xf4", 4);
    cpubox_put(b, 0x2000, "\xc6\x06\x01\x10\x01\xcf", 6);   /* mov byte [1001h], 1; iret */
    cpubox_put(b, 4 * 6, "\x00\x20\x00\x00", 4);
    c->gpr[RAX] = 0x1234;
    c->gpr[RBX] = 0x3000;
    ck_assert_int_eq(cpubox_run(b, 100), EXEC_HALT);
    ck_assert_uint_eq(mem_read(b->mem, 0x3000, 2), 0x1234);
}
END_TEST

START_TEST(code_changed_by_dma_runs_changed)
{
    FLAT("\x40\xf4");
    ck_assert_int_eq(cpubox_run(b, 10), EXEC_HALT);
    cpubox_put(b, 0x1000, "\x43", 1);
    c->halted = false;
    c->rip = 0x1000;
    ck_assert_int_eq(cpubox_run(b, 10), EXEC_HALT);
    ck_assert_uint_eq(c->gpr[RAX], 1);
    ck_assert_uint_eq(c->gpr[RBX], 1);
}
END_TEST

START_TEST(an_instruction_across_two_pages_runs)
{
    cpubox_flat(b, 0x1ffd);
    cpubox_put(b, 0x1ffd, "\xb8\x78\x56\x34\x12\xf4", 6);
    ck_assert_int_eq(cpubox_run(b, 10), EXEC_HALT);
    ck_assert_uint_eq(c->gpr[RAX], 0x12345678);
    ck_assert_uint_eq(x86_insns(c), 2);
}
END_TEST

START_TEST(rep_movs_copies_and_overlap_repeats)
{
    FLAT("\xf3\xa4\xf4");
    cpubox_put(b, 0x3000, "abc", 3);
    c->gpr[RSI] = 0x3000;
    c->gpr[RDI] = 0x3003;
    c->gpr[RCX] = 0x2000;
    ck_assert_int_eq(cpubox_run(b, 1000), EXEC_HALT);
    ck_assert_uint_eq(c->gpr[RCX], 0);
    ck_assert_uint_eq(c->gpr[RDI], 0x5003);
    for (unsigned i = 0; i < 0x2003; i++)
        ck_assert_int_eq(b->ram.host[0x3000 + i], "abc"[i % 3]);
}
END_TEST

START_TEST(real_mode_interrupt_pushes_and_returns)
{
    cpubox_real(b, 0x1000);
    cpubox_put(b, 4 * 0x21, "\x00\x20\x00\x00", 4);
    cpubox_put(b, 0x1000, "\xf9\xcd\x21\xf4", 4);          /* stc; int 21h; hlt */
    cpubox_put(b, 0x2000, "\xb0\x55\xf8\xe6\x80\xcf", 6);  /* mov al,55h; clc; out 80h,al; iret */
    ck_assert_int_eq(cpubox_run(b, 100), EXEC_HALT);
    ck_assert_uint_eq(b->outs, 1);
    ck_assert_uint_eq(b->out[0].v, 0x55);
    ck_assert(x86_eflags(c) & FL_CF);
    ck_assert_uint_eq(c->gpr[RSP], 0x7000);
}
END_TEST

START_TEST(a_fault_leaves_the_state_before_it)
{
    cpubox_real(b, 0x1000);
    cpubox_put(b, 0, "\x00\x20\x00\x00", 4);
    cpubox_put(b, 0x1000, "\x41\x31\xd2\xf7\xf2", 5);      /* inc cx; xor dx,dx; div dx */
    cpubox_put(b, 0x2000, "\xf4", 1);
    ck_assert_int_eq(cpubox_run(b, 100), EXEC_HALT);
    ck_assert_uint_eq(*(uint16_t *)&b->ram.host[0x6ffa], 0x1003);
    ck_assert_uint_eq(c->gpr[RCX], 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("interp");
    TCase *tc = tcase_create("interp");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_loop_counts_and_halts);
    tcase_add_test(tc, a_budget_is_kept_exactly);
    tcase_add_test(tc, code_changed_by_the_instruction_before_runs_changed);
    tcase_add_test(tc, the_very_next_instruction_changed_runs_changed);
    tcase_add_test(tc, code_changed_by_dma_runs_changed);
    tcase_add_test(tc, the_second_byte_of_an_invalid_instruction_is_code);
    tcase_add_test(tc, an_instruction_across_two_pages_runs);
    tcase_add_test(tc, rep_movs_copies_and_overlap_repeats);
    tcase_add_test(tc, real_mode_interrupt_pushes_and_returns);
    tcase_add_test(tc, a_fault_leaves_the_state_before_it);
    suite_add_tcase(s, tc);
    r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
