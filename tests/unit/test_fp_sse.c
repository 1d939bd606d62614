/* test_fp_sse.c - SSE numbers by hand-worked cases; random ones: tests/oracle/test_sse_host.c. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "cpu-x86/fp_sse.h"

enum { ONE = 0x3f800000, TWO = 0x40000000, THREE = 0x40400000, INF = 0x7f800000,
       HUGE32 = 0x7f7fffff, TINY = 1, QNAN = 0x7fc00001, SNAN = 0x7fa00001 };

#define EXPECT(e, got, want, flags)             \
    do {                                        \
        ck_assert_uint_eq(got, want);           \
        ck_assert_uint_eq((e).ex, flags);       \
        (e).ex = 0;                             \
    } while (0)

START_TEST(rounding)
{
    struct sse_env e = { .mxcsr = SSE_INIT };

    EXPECT(e, sse_div32(ONE, THREE, &e), 0x3eaaaaab, SSE_PE);
    EXPECT(e, sse_add32(ONE, TWO, &e), THREE, 0);
    EXPECT(e, sse_div64(0x3ff0000000000000, 0x4008000000000000, &e), 0x3fd5555555555555, SSE_PE);
    EXPECT(e, sse_sqrt64(0x4000000000000000, &e), 0x3ff6a09e667f3bcd, SSE_PE);
    e.mxcsr = SSE_INIT | 0x2000;                   /* down */
    EXPECT(e, sse_div32(ONE, THREE, &e), 0x3eaaaaaa, SSE_PE);
    EXPECT(e, sse_sub32(THREE, THREE, &e), 0x80000000, 0);
}
END_TEST

START_TEST(first_nan_wins)
{
    struct sse_env e = { .mxcsr = SSE_INIT };

    EXPECT(e, sse_add32(QNAN, SNAN, &e), QNAN, SSE_IE);
    EXPECT(e, sse_mul32(SNAN, QNAN, &e), SNAN | 0x400000, SSE_IE);
    EXPECT(e, sse_sub32(INF, INF, &e), 0xffc00000, SSE_IE);
    EXPECT(e, sse_min32(QNAN, ONE, &e), ONE, SSE_IE);
    EXPECT(e, sse_min32(ONE, SNAN, &e), SNAN, SSE_IE);
    EXPECT(e, sse_comi32(ONE, QNAN, true, &e), 0x45, 0);
    EXPECT(e, sse_comi32(ONE, QNAN, false, &e), 0x45, SSE_IE);
}
END_TEST

START_TEST(tiny_numbers)
{
    struct sse_env e = { .mxcsr = SSE_INIT };

    EXPECT(e, sse_add32(TINY, TINY, &e), 2, SSE_DE);
    EXPECT(e, sse_div32(TINY, TWO, &e), 0, SSE_DE | SSE_UE | SSE_PE);
    e.mxcsr |= SSE_FTZ;
    EXPECT(e, sse_add32(TINY, TINY, &e), 0, SSE_DE | SSE_UE | SSE_PE);
    e.mxcsr |= SSE_DAZ;
    EXPECT(e, sse_add32(TINY, ONE, &e), ONE, 0);
    EXPECT(e, sse_max32(TINY, 0x80000001, &e), 0x80000000, 0);
}
END_TEST

START_TEST(unmasked_errors)
{
    struct sse_env e = { .mxcsr = SSE_INIT & ~(SSE_ZE << 7) };

    sse_div32(ONE, 0, &e);
    sse_div32(ONE, THREE, &e);
    ck_assert(sse_fault(&e));
    ck_assert_uint_eq(sse_raised(&e), SSE_ZE);     /* before the other element's PE */
    e = (struct sse_env){ .mxcsr = SSE_INIT & ~(SSE_OE << 7) };
    sse_mul32(HUGE32, HUGE32, &e);
    ck_assert_uint_eq(sse_raised(&e), SSE_OE | SSE_PE);
    ck_assert(sse_fault(&e));
}
END_TEST

START_TEST(conversions)
{
    struct sse_env e = { .mxcsr = SSE_INIT };

    EXPECT(e, sse_f32_to_f64(THREE, &e), 0x4008000000000000, 0);
    EXPECT(e, sse_f64_to_f32(0x3fb999999999999a, &e), 0x3dcccccd, SSE_PE);
    EXPECT(e, (uint32_t)sse_f32_to_int(0x40200000, 32, false, &e), 2, SSE_PE);      /* 2.5 */
    EXPECT(e, (uint32_t)sse_f32_to_int(INF, 32, true, &e), 0x80000000, SSE_IE);
    EXPECT(e, sse_int_to_f32(-16777217, &e), 0xcb800000, SSE_PE);
    EXPECT(e, sse_int_to_f64(INT64_MIN, &e), 0xc3e0000000000000, 0);
    ck_assert_uint_eq(sse_rcp32(TWO), 0x3f000000);
    ck_assert_uint_eq(sse_rsqrt32(0x40800000), 0x3f000000);
    ck_assert_uint_eq(sse_rcp32(TINY), INF);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("fp_sse");
    TCase *t = tcase_create("fp_sse");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, rounding);
    tcase_add_test(t, first_nan_wins);
    tcase_add_test(t, tiny_numbers);
    tcase_add_test(t, unmasked_errors);
    tcase_add_test(t, conversions);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
