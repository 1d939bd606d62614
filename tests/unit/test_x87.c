/* test_x87.c - the x87 within the CPU: #NM, #MF, FERR#, images of the environment. Arithmetic is
 * in test_f80.c, single instructions against real silicon in tests/oracle/test_x87_insn.c. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/x87_fxsave.h"
#include "tests/unit/cpubox.h"

enum { START = 0x1000, HANDLER = 0x3000, DATA = 0x2000 };

static struct cpubox *b;
static struct x86_cpu *c;

static void open_model(const char *model)
{
    b = cpubox_new(model, 1 << 20);
    c = b->cpu;
    x87_init(c);
}

static void setup(void) { open_model("max"); }

static void teardown(void) { cpubox_free(b); }

/* Real mode: code at 0:1000h, every exception halts at 0:3000h. */
static void run_real(const char *code, size_t n, uint64_t cr0)
{
    const uint8_t vector[4] = { HANDLER & 0xff, HANDLER >> 8, 0, 0 };

    const struct x86_fpu fpu = c->fpu;

    cpubox_real(b, START);
    c->fpu = fpu;
    c->cr0 = (c->cr0 & ~(uint64_t)(CR0_EM | CR0_TS | CR0_MP | CR0_NE)) | cr0;
    for (unsigned i = 0; i < 32; i++)
        cpubox_put(b, 4 * i, vector, 4);
    cpubox_put(b, HANDLER, "\xf4", 1);
    cpubox_put(b, START, code, n);
    ck_assert_int_eq(cpubox_run(b, 100), EXEC_HALT);
}
#define REAL(code, cr0) run_real(code, sizeof code - 1, cr0)

static void flat(const char *code, size_t n)
{
    const struct x86_fpu fpu = c->fpu;

    cpubox_flat(b, START);
    c->fpu = fpu;
    cpubox_put(b, START, code, n);
    ck_assert_int_eq(cpubox_run(b, 100), EXEC_HALT);
}
#define FLAT(code) flat(code, sizeof code - 1)

static uint32_t ram(uint32_t at, unsigned size)
{
    uint32_t v = 0;

    memcpy(&v, b->ram.host + at, size);
    return v;
}

static bool faulted(uint16_t at)                   /* in real mode, at 0:at */
{
    return c->rip == HANDLER + 1 && ram(c->gpr[RSP] & 0xffff, 2) == at;
}

START_TEST(no_x87_is_a_fault)
{
    REAL("\x90\xd9\xe8\xf4", CR0_TS);              /* nop; fld1 */
    ck_assert(faulted(START + 1));
    REAL("\xdb\xe3\xf4", CR0_EM);                  /* fninit */
    ck_assert(faulted(START));
    REAL("\x9b\xf4", CR0_TS);                      /* fwait */
    ck_assert(!faulted(START));
    REAL("\x9b\xf4", CR0_TS | CR0_MP);
    ck_assert(faulted(START));
}
END_TEST

/* fldcw [zero divide unmasked]; fld1; fldz; fdivp; fnstsw ax; nop; ... */
#define DIVIDE_BY_ZERO "\xd9\x2e\x00\x20\xd9\xe8\xd9\xee\xde\xf9\xdf\xe0\x90"

START_TEST(an_error_waits_for_the_next_instruction)
{
    cpubox_put(b, DATA, "\x7b\x03", 2);
    REAL(DIVIDE_BY_ZERO "\xd9\xe8\xf4", CR0_NE);   /* fld1 */
    ck_assert(faulted(START + 13));
    ck_assert_uint_eq(c->gpr[RAX] & 0xffff, 0xb084);
    ck_assert(!c->ferr);
    REAL("\xdb\xe2\xd9\xe8\xf4", CR0_NE);          /* fnclex; fld1 */
    ck_assert(!faulted(START + 2));
    ck_assert_uint_eq(c->fpu.sw, 0x2800);
}
END_TEST

START_TEST(without_ne_the_error_is_a_wire)
{
    cpubox_put(b, DATA, "\x7b\x03", 2);
    REAL(DIVIDE_BY_ZERO "\xf4", 0);
    ck_assert(c->ferr);
    REAL("\xdb\xe2\xf4", 0);
    ck_assert(!c->ferr);
    REAL("\xdd\xc0\xdd\xc1" DIVIDE_BY_ZERO "\xd9\x36\x80\x20\xf4", 0);
    ck_assert(!c->ferr);                           /* fnstenv masks all */
    ck_assert_uint_eq(ram(DATA + 0x80, 2), 0x37b);
    ck_assert_uint_eq(c->fpu.cw, 0x37f);
}
END_TEST

START_TEST(environment_in_real_mode)
{
    cpubox_free(b);
    open_model("pentium3");
    REAL("\xd9\xe8\xd9\x06\x10\x20\xd9\x36\x00\x20\xf4", 0);     /* fld1; fld dword [2010h] */
    ck_assert_uint_eq(ram(DATA, 2), 0x37f);
    ck_assert_uint_eq(ram(DATA + 2, 2), 0x3000);
    ck_assert_uint_eq(ram(DATA + 4, 2), 0x1fff);   /* one zero, one valid */
    ck_assert_uint_eq(ram(DATA + 6, 2), START + 2);
    ck_assert_uint_eq(ram(DATA + 8, 2), 0x106);    /* D9 06 */
    ck_assert_uint_eq(ram(DATA + 10, 2), DATA + 0x10);
    REAL("\x66\xd9\x36\x00\x20\xf4", 0);
    ck_assert_uint_eq(ram(DATA + 12, 4), 0xffff0000 | (START + 2));
    ck_assert_uint_eq(ram(DATA + 16, 4), 0x106);
    ck_assert_uint_eq(ram(DATA + 24, 4), 0);
}
END_TEST

START_TEST(save_and_restore_in_protected_mode)
{
    cpubox_free(b);
    open_model("pentium3");
    FLAT("\xd9\xeb\xd9\xe8\xd9\x05\x00\x08\x00\x00"    /* fldpi; fld1; fld dword [800h] */
         "\xdd\x35\x00\x20\x00\x00\xf4");              /* fnsave [2000h] */
    ck_assert_uint_eq(c->fpu.tw, 0xffff);
    ck_assert_uint_eq(ram(DATA + 4, 4), 0xffff2800);
    ck_assert_uint_eq(ram(DATA + 12, 4), START + 4);
    ck_assert_uint_eq(ram(DATA + 16, 4), c->seg[CS].sel | 0x105u << 16);
    ck_assert_uint_eq(ram(DATA + 20, 4), 0x800);
    ck_assert_uint_eq(ram(DATA + 24, 4), 0xffff0000 | c->seg[DS].sel);
    FLAT("\xdd\x25\x00\x20\x00\x00\xdd\xd8\xde\xc1\xdb\x1d\x00\x21\x00\x00\xf4");
    ck_assert_uint_eq(ram(DATA + 0x100, 4), 4);        /* frstor; fstp st; faddp; fistp */
    ck_assert_uint_eq(c->fpu.sw & 0x3800, 0);
}
END_TEST

/* fld1; fld dword [800h]; with ZE unmasked fdiv dword [804h], which holds 0; fnstenv [2000h]. */
#define LOAD_AND_STORE "\xd9\xe8\xd9\x05\x00\x08\x00\x00\xd9\x35\x00\x20\x00\x00"
#define FAIL_AND_STORE \
    "\xd9\xe8\xd9\x2d\x00\x09\x00\x00\xd8\x35\x04\x0a\x00\x00\xd9\x35\x00\x20\x00\x00"

START_TEST(today_only_unmasked_errors_leave_pointers)
{
    cpubox_put(b, 0x900, "\x7b\x03", 2);
    FLAT(LOAD_AND_STORE "\xf4");
    ck_assert_uint_eq(ram(DATA + 12, 4), START + 2);       /* EIP is kept in any case */
    ck_assert_uint_eq(ram(DATA + 16, 4), 0);
    ck_assert_uint_eq(ram(DATA + 20, 4), 0);
    ck_assert_uint_eq(ram(DATA + 24, 4), 0xffff0000);
    FLAT(FAIL_AND_STORE "\xdb\xe2" LOAD_AND_STORE "\xf4");
    ck_assert_uint_eq(ram(DATA + 16, 4), 0x035u << 16);    /* D8 35, and no selector */
    ck_assert_uint_eq(ram(DATA + 20, 4), 0xa04);
}
END_TEST

START_TEST(a_pentium_4_keeps_the_opcode_of_errors_only)
{
    cpubox_free(b);
    open_model("pentium4");
    cpubox_put(b, 0x900, "\x7b\x03", 2);
    FLAT(FAIL_AND_STORE "\xdb\xe2" LOAD_AND_STORE "\xf4");
    ck_assert_uint_eq(ram(DATA + 16, 4), c->seg[CS].sel | 0x035u << 16);
    ck_assert_uint_eq(ram(DATA + 20, 4), 0x800);
}
END_TEST

START_TEST(fxsave_image)
{
    uint8_t image[X87_FXSAVE_BYTES];
    struct x86_fpu before;

    FLAT("\xd9\xeb\xd9\xe8\xd9\xee\xdd\xc1\xf4");      /* fldpi; fld1; fldz; ffree st(1) */
    before = c->fpu;
    x87_to_fxsave(c, image);
    ck_assert_uint_eq(image[4], 0xa0);
    x87_init(c);
    memset(c->fpu.st, 0, sizeof c->fpu.st);
    x87_from_fxsave(c, image);
    ck_assert_uint_eq(c->fpu.sw, before.sw);
    ck_assert_uint_eq(c->fpu.tw, before.tw);
    for (unsigned i = 0; i < 8; i++)
        ck_assert(c->fpu.st[i].m == before.st[i].m && c->fpu.st[i].se == before.st[i].se);
}
END_TEST

START_TEST(a_486_lacks_the_p6_forms)
{
    cpubox_free(b);
    b = cpubox_new("486", 1 << 20);
    c = b->cpu;
    x87_init(c);
    REAL("\xdb\xf1\xf4", 0);                       /* fcomi st(1): #UD */
    ck_assert(faulted(START));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("x87");
    TCase *t = tcase_create("x87");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, no_x87_is_a_fault);
    tcase_add_test(t, an_error_waits_for_the_next_instruction);
    tcase_add_test(t, without_ne_the_error_is_a_wire);
    tcase_add_test(t, environment_in_real_mode);
    tcase_add_test(t, save_and_restore_in_protected_mode);
    tcase_add_test(t, today_only_unmasked_errors_leave_pointers);
    tcase_add_test(t, a_pentium_4_keeps_the_opcode_of_errors_only);
    tcase_add_test(t, fxsave_image);
    tcase_add_test(t, a_486_lacks_the_p6_forms);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
