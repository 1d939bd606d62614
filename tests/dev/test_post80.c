/* test_post80.c - the POST code latch. */
/* SPDX-License-Identifier: MIT */
#include "tests/dev/bench.h"
#include <check.h>

START_TEST(the_code_reads_back_and_is_saved)
{
    struct bench *b = bench_new("post80", NULL);

    ck_assert_uint_eq(in8(b, 0x80), 0);
    out8(b, 0x80, 0x42);
    ck_assert_uint_eq(in8(b, 0x80), 0x42);
    bench_snap_roundtrip(b);
    bench_reset(b, RESET_HARD);
    ck_assert_uint_eq(in8(b, 0x80), 0);
    bench_free(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("post80");
    TCase *tc = tcase_create("post80");

    tcase_add_test(tc, the_code_reads_back_and_is_saved);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
