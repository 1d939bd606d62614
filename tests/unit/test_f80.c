/* test_f80.c - 80-bit arithmetic by hand-worked cases: rounding, NaN rules, exceptions, formats. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpu-x86/f80.h"

#define MASKED 0x37f                               /* FNINIT: all masked, nearest, 64 bits */

static const struct f80 one = { 0x8000000000000000, 0x3fff };
static const struct f80 two = { 0x8000000000000000, 0x4000 };
static const struct f80 three = { 0xc000000000000000, 0x4000 };
static const struct f80 zero = { 0, 0 };
static const struct f80 inf = { 0x8000000000000000, 0x7fff };
static const struct f80 tiny = { 1, 0 };
static const struct f80 huge = { 0xffffffffffffffff, 0x7ffe };
static const struct f80 qnan = { 0xc000000000000001, 0x7fff };
static const struct f80 snan = { 0xa000000000000001, 0x7fff };
static const struct f80 unnormal = { 0x4000000000000000, 0x3fff };

#define EXPECT(r, want_se, want_m)                                                              \
    do {                                                                                        \
        struct f80 r_ = (r);                                                                    \
        ck_assert_uint_eq(r_.se, want_se);                                                      \
        ck_assert_uint_eq(r_.m, want_m);                                                        \
    } while (0)

START_TEST(rounding_of_a_third)
{
    static const uint64_t m[4][4] = {              /* by PC, then RC: nearest, down, up, zero */
        { 0xaaaaab0000000000, 0xaaaaaa0000000000, 0xaaaaab0000000000, 0xaaaaaa0000000000 },
        { 0xaaaaaaaaaaaaaaab, 0xaaaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaab, 0xaaaaaaaaaaaaaaaa },
        { 0xaaaaaaaaaaaaa800, 0xaaaaaaaaaaaaa800, 0xaaaaaaaaaaaab000, 0xaaaaaaaaaaaaa800 },
        { 0xaaaaaaaaaaaaaaab, 0xaaaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaab, 0xaaaaaaaaaaaaaaaa },
    };

    for (unsigned pc = 0; pc < 4; pc++) {
        for (unsigned rc = 0; rc < 4; rc++) {
            struct f80_env e = { .cw = (uint16_t)(0x3f | pc << 8 | rc << 10) };
            struct f80 r = f80_div(one, three, &e);
            bool up = m[pc][rc] > 0xaaaaaaaaaaaaaaaa;

            EXPECT(r, 0x3ffd, m[pc][rc]);
            ck_assert_uint_eq(e.ex, F80_PE | (up ? F80_C1 : 0));
        }
    }
}
END_TEST

START_TEST(exact_sums_raise_nothing)
{
    struct f80_env e = { .cw = MASKED, .ex = 0xffff };

    EXPECT(f80_add(one, two, &e), 0x4000, 0xc000000000000000);
    ck_assert_uint_eq(e.ex, 0);
    EXPECT(f80_sub(three, three, &e), 0, 0);
    e.cw = MASKED | F80_RD << 10;
    EXPECT(f80_sub(three, three, &e), 0x8000, 0);
}
END_TEST

START_TEST(nan_rules)
{
    struct f80_env e = { .cw = MASKED };
    struct f80 small = { 0xc000000000000000, 0xffff };

    EXPECT(f80_add(qnan, one, &e), qnan.se, qnan.m);
    ck_assert_uint_eq(e.ex, 0);
    EXPECT(f80_mul(one, snan, &e), snan.se, snan.m | 1ull << 62);
    ck_assert_uint_eq(e.ex, F80_IE);
    EXPECT(f80_add(snan, small, &e), small.se, small.m);      /* the quiet one wins */
    EXPECT(f80_add(small, qnan, &e), qnan.se, qnan.m);        /* the larger one wins */
    EXPECT(f80_sub(inf, inf, &e), 0xffff, 0xc000000000000000);
    EXPECT(f80_mul(unnormal, one, &e), 0xffff, 0xc000000000000000);
    ck_assert_uint_eq(e.ex, F80_IE);
}
END_TEST

START_TEST(overflow_and_underflow)
{
    struct f80_env e = { .cw = MASKED };

    EXPECT(f80_mul(huge, two, &e), 0x7fff, 0x8000000000000000);
    ck_assert_uint_eq(e.ex, F80_OE | F80_PE | F80_C1);
    EXPECT(f80_div(tiny, two, &e), 0, 0);
    ck_assert_uint_eq(e.ex, F80_DE | F80_UE | F80_PE);
    e.cw = MASKED & ~(F80_OE | F80_UE);
    EXPECT(f80_mul(huge, two, &e), 0x7fff - 24576, 0xffffffffffffffff);
    ck_assert_uint_eq(e.ex, F80_OE);
    EXPECT(f80_add(tiny, zero, &e), 24576 - 62, 0x8000000000000000);
    ck_assert_uint_eq(e.ex, F80_DE | F80_UE);
}
END_TEST

START_TEST(priority_of_exceptions)
{
    struct f80_env e = { .cw = MASKED };

    f80_div(tiny, zero, &e);
    ck_assert_uint_eq(e.ex, F80_ZE);
    f80_div(zero, zero, &e);
    ck_assert_uint_eq(e.ex, F80_IE);
    f80_add(tiny, qnan, &e);
    ck_assert_uint_eq(e.ex, 0);
    e.cw = MASKED & ~F80_DE;
    f80_div(tiny, three, &e);
    ck_assert_uint_eq(e.ex, F80_DE);
    ck_assert(f80_no_result(&e));
}
END_TEST

START_TEST(compare_and_classify)
{
    struct f80_env e = { .cw = MASKED };

    ck_assert_uint_eq(f80_compare(one, two, false, &e), F80_LT);
    ck_assert_uint_eq(f80_compare(inf, two, false, &e), F80_GT);
    ck_assert_uint_eq(f80_compare(zero, (struct f80){ 0, 0x8000 }, false, &e), F80_EQ);
    ck_assert_uint_eq(f80_compare(one, qnan, true, &e), F80_UN);
    ck_assert_uint_eq(e.ex, 0);
    ck_assert_uint_eq(f80_compare(one, qnan, false, &e), F80_UN);
    ck_assert_uint_eq(e.ex, F80_IE);
    ck_assert_uint_eq(f80_xam(tiny), F80_C3 | F80_C2);
    ck_assert_uint_eq(f80_xam((struct f80){ 0, 0x8000 }), F80_C3 | F80_C1);
    ck_assert_uint_eq(f80_xam(unnormal), 0);
    ck_assert_uint_eq(f80_xam(snan), F80_C0);
}
END_TEST

START_TEST(remainders)
{
    struct f80_env e = { .cw = MASKED };
    struct f80 seven = { 0xe000000000000000, 0x4001 };

    EXPECT(f80_prem(seven, two, &e), one.se, one.m);          /* 7 = 3 * 2 + 1 */
    ck_assert_uint_eq(e.ex, F80_C3 | F80_C1);
    EXPECT(f80_prem1(seven, two, &e), 0xbfff, one.m);         /* 7 = 4 * 2 - 1 */
    ck_assert_uint_eq(e.ex, F80_C0);
    EXPECT(f80_prem1(seven, (struct f80){ 1ull << 63, 0x4002 }, &e), 0xbfff, one.m);
    ck_assert_uint_eq(e.ex, F80_C1);
    f80_prem(huge, three, &e);
    ck_assert_uint_eq(e.ex, F80_C2);
}
END_TEST

START_TEST(memory_formats)
{
    struct f80_env e = { .cw = MASKED };
    uint8_t bcd[10];
    struct f80 v = f80_from_i64(-1234567890123456789);

    ck_assert_int_eq(f80_to_int(v, 64, false, &e), -1234567890123456789);
    ck_assert_int_eq(f80_to_int(v, 32, false, &e), INT32_MIN);
    ck_assert_uint_eq(e.ex, F80_IE);
    ck_assert_int_eq(f80_to_int(f80_from_i64(-32768), 16, false, &e), -32768);
    ck_assert_uint_eq(e.ex, 0);
    f80_to_bcd(bcd, f80_from_i64(-987654321), &e);
    ck_assert(!memcmp(bcd, "\x21\x43\x65\x87\x09\0\0\0\0\x80", 10));
    EXPECT(f80_from_bcd(bcd), 0xc01c, 0xeb79a2c400000000);
    f80_to_bcd(bcd, v, &e);
    ck_assert(!memcmp(bcd, "\0\0\0\0\0\0\0\xc0\xff\xff", 10));
    ck_assert_uint_eq(f80_to_f64(three, &e), 0x4008000000000000);
    ck_assert_uint_eq(f80_to_f32(huge, &e), 0x7f800000);
    ck_assert_uint_eq(e.ex, F80_OE | F80_PE | F80_C1);
    EXPECT(f80_from_f32(1, &e), 0x3fff - 149, 0x8000000000000000);
    ck_assert_uint_eq(e.ex, F80_DE);
}
END_TEST

START_TEST(integral_scale_extract)
{
    struct f80_env e = { .cw = MASKED };
    struct f80 half = { 1ull << 63, 0x3ffe }, sig;

    EXPECT(f80_rndint(half, &e), 0, 0);
    ck_assert_uint_eq(e.ex, F80_PE);
    e.cw = MASKED | F80_RU << 10;
    EXPECT(f80_rndint(half, &e), one.se, one.m);
    EXPECT(f80_scale(three, two, &e), 0x4002, three.m);
    EXPECT(f80_xtract(three, &sig, &e), one.se, one.m);
    EXPECT(sig, 0x3fff, three.m);
    EXPECT(f80_sqrt(f80_from_i64(1ll << 62), &e), 0x3fff + 31, one.m);
    EXPECT(f80_const(3, &e), 0x4000, 0xc90fdaa22168c235);
    e.cw = MASKED | F80_RZ << 10;
    EXPECT(f80_const(3, &e), 0x4000, 0xc90fdaa22168c234);
}
END_TEST

START_TEST(transcendentals)
{
    struct f80_env e = { .cw = MASKED };
    struct f80 third = { 0xaaaaaaaaaaaaaaab, 0x3ffd }, c, pi = f80_const(3, &e);

    EXPECT(f80_2xm1((struct f80){ 1ull << 63, 0x3ffe }, &e), 0x3ffd, 0xd413cccfe7799211);
    EXPECT(f80_yl2x(f80_from_i64(10), one, &e), 0x4000, 0xd49a784bcd1b8afe);
    EXPECT(f80_yl2xp1(tiny, one, &e), 0, 1);
    EXPECT(f80_patan(one, one, &e), 0x3ffe, 0xc90fdaa22168c235);
    EXPECT(f80_patan(zero, f80_from_i64(-1), &e), 0x4000, 0xc90fdaa22168c235);
    EXPECT(f80_sin(third, &e), 0x3ffd, 0xa786103454063563);
    EXPECT(f80_sin(pi, &e), 0xbfbf, 1ull << 63);   /* the chip's pi has 66 bits */
    EXPECT(f80_sincos(pi, &c, &e), 0xbfbf, 1ull << 63);
    EXPECT(c, 0xbfff, 1ull << 63);
    EXPECT(f80_tan(zero, &c, &e), 0, 0);
    EXPECT(c, one.se, one.m);
    EXPECT(f80_cos(huge, &e), huge.se, huge.m);
    ck_assert_uint_eq(e.ex, F80_C2);
}
END_TEST

/* Exponents near the top take the general functions, those in the middle the short ones. */
static void same_at_the_top(struct f80 a, struct f80 b, uint16_t cw)
{
    const unsigned up = 0x7ffd - 0x4000;
    struct f80_env e = { .cw = cw }, top = e;
    struct f80 r = f80_sub(a, b, &e), want;

    a.se += up;
    b.se += up;
    want = f80_sub(a, b, &top);
    if (top.ex & F80_OE)
        return;
    if (want.m)
        want.se -= up;
    if (r.se != want.se || r.m != want.m || e.ex != top.ex)
        ck_abort_msg("%04x:%016" PRIx64 " - %04x:%016" PRIx64 " cw %x", a.se, a.m, b.se, b.m, cw);
}

START_TEST(sums_do_not_depend_on_the_exponents)
{
    static const uint64_t m[] = { 1ull << 63, 1ull << 63 | 1, 3ull << 62, ~0ull, ~0ull << 1,
                                  ~0ull << 11, ~0ull << 40, 1ull << 63 | 1 << 10,
                                  0xff749977613a6500, 0xaaaaaaaaaaaaaaaa, 1ull << 63 | 1ull << 39,
                                  ~0ull - 1024 };
    static const uint16_t cw[] = { 0x37f, 0x27f, 0x07f };
    enum { N = sizeof m / sizeof m[0] };

    for (unsigned i = 0; i < N * N * 3; i++) {
        for (unsigned d = 0; d < 140 * 2; d++) {
            struct f80 a = { m[i % N], 0x4000 }, b = { m[i / N % N], (uint16_t)(0x4000 - d / 2) };

            b.se |= d & 1 ? 0x8000 : 0;
            same_at_the_top(a, b, cw[i / N / N]);
            same_at_the_top(b, a, cw[i / N / N]);
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("f80");
    TCase *t = tcase_create("f80");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, rounding_of_a_third);
    tcase_add_test(t, exact_sums_raise_nothing);
    tcase_add_test(t, sums_do_not_depend_on_the_exponents);
    tcase_add_test(t, nan_rules);
    tcase_add_test(t, overflow_and_underflow);
    tcase_add_test(t, priority_of_exceptions);
    tcase_add_test(t, compare_and_classify);
    tcase_add_test(t, remainders);
    tcase_add_test(t, memory_formats);
    tcase_add_test(t, integral_scale_extract);
    tcase_add_test(t, transcendentals);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
