/* test_emit.c - the MIPS64 assembler: constants, branches and jumps, and what it does when full.
 * That each row of the table is the word binutils makes is tests/encode's to show. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/emit.h"
#include <check.h>
#include <stdlib.h>

static uint32_t code[0x11000];
static struct emit e;

static void setup(void)
{
    for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++)
        code[i] = 0;
    e = (struct emit){ code, code + sizeof code / sizeof code[0], false };
}

/* What the words leave in register d, which they may write and nothing else. */
static uint64_t run(const uint32_t *p, const uint32_t *end, reg d)
{
    uint64_t r = 0xbad0bad0bad0bad0;

    for (; p < end; p++) {
        unsigned op = *p >> 26, s = *p >> 21 & 31, t = *p >> 16 & 31, rd = *p >> 11 & 31;
        unsigned sa = *p >> 6 & 31, fn = *p & 63;
        uint16_t imm = (uint16_t)*p;
        uint64_t from = s == d ? r : 0;

        ck_assert_uint_eq(op == 0 ? rd : t, d);
        ck_assert((op == 0 ? t : s) == d || s == ZERO);
        if (op == 0x09)
            r = (uint64_t)(int32_t)((uint32_t)from + (uint32_t)(int16_t)imm);
        else if (op == 0x0d)
            r = from | imm;
        else if (op == 0x0f)
            r = (uint64_t)(int64_t)(int32_t)((uint32_t)imm << 16);
        else if (op == 0 && (fn == 0x38 || fn == 0x3c))
            r <<= sa + (fn == 0x3c ? 32 : 0);
        else if (op == 0 && (fn == 0x3a || fn == 0x3e))
            r >>= sa + (fn == 0x3e ? 32 : 0);
        else if (*p == (0x7c00f806u | (uint32_t)d << 21 | (uint32_t)d << 16)) /* dinsu d,d,32,32 */
            r = (uint32_t)r | r << 32;
        else if (op == 0x1f && (fn == 3 || fn == 1) && sa == 0)              /* dext, dextm */
            r &= (2ull << (rd + (fn == 1 ? 32 : 0))) - 1;
        else
            ck_abort_msg("word %08x is not one of a constant's", *p);
    }
    return r;
}

static unsigned words_for(uint64_t k)
{
    e.p = code;
    emit_imm64(&e, V1, k);
    ck_assert_uint_eq(run(code, e.p, V1), k);
    return (unsigned)(e.p - code);
}

START_TEST(any_constant_is_made_in_at_most_six_words)
{
    uint64_t x = 0x9e3779b97f4a7c15;                /* seed */

    for (unsigned i = 0; i < 5000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        unsigned a = x & 63, b = x >> 6 & 63;
        uint64_t k = (x >> a << b) ^ (x & 1u << 31 ? ~0ull : 0);

        ck_assert_uint_le(words_for(k), 6);
    }
}
END_TEST

START_TEST(common_constants_are_short)
{
    static const struct { uint64_t k; unsigned words; } row[] = {
        { 0, 1 }, { 1, 1 }, { -1ull, 1 }, { 0x7fff, 1 }, { 0x8000, 1 }, { 0xffff, 1 },
        { -0x8000ull, 1 }, { -0x8001ull, 2 }, { 0x10000, 1 }, { 0x12345678, 2 },
        { 0x7fff0000, 1 }, { 0xffffffff80000000, 1 }, { 0xffffffff, 2 }, { 0x80000000, 2 },
        { 0xfffffff0, 2 }, { 0x7fffffffffffffff, 2 }, { 0x8000000000000000, 2 }, { 1ull << 40, 2 },
        { 0xffff00000000, 2 }, { 0x87654321, 3 }, { 0x0000555500001234, 3 },
        { 0x1234567812345678, 3 }, { 0x5555555555555555, 3 }, { 0x000000ffe0001000, 3 },
        { 0x0000007ffe345678, 4 }, { 0x123456789abc0000, 5 }, { 0x9234567892345678, 3 },
        { 0x923456789abcdef1, 6 },
    };

    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        unsigned n = words_for(row[i].k);

        ck_assert_msg(n <= row[i].words, "%#lx takes %u words", (unsigned long)row[i].k, n);
    }
}
END_TEST

START_TEST(imm32_is_sign_extended_in_one_or_two_words)
{
    static const int32_t k[] = { 0, 1, -1, 0x7fff, 0x8000, 0xffff, -0x8000, -0x8001, 0x10000,
                                 0x12345678, INT32_MIN, INT32_MAX };

    for (unsigned i = 0; i < sizeof k / sizeof k[0]; i++) {
        setup();
        emit_imm32(&e, T8, k[i]);
        ck_assert_uint_eq(run(code, e.p, T8), (uint64_t)(int64_t)k[i]);
        ck_assert_int_le(e.p - code, 2);
    }
}
END_TEST

START_TEST(one_name_for_all_shifts_and_fields_of_doubles)
{
    emit_dsll(&e, V0, V1, 31);
    emit_dsll(&e, V0, V1, 32);
    emit_dsrl(&e, V0, V1, 63);
    emit_dsra(&e, V0, V1, 33);
    emit_drotr(&e, V0, V1, 40);
    emit_dext(&e, V0, V1, 0, 32);
    emit_dext(&e, V0, V1, 3, 40);
    emit_dext(&e, V0, V1, 35, 20);
    emit_dins(&e, V0, V1, 8, 8);
    emit_dins(&e, V0, V1, 3, 40);
    emit_dins(&e, V0, V1, 35, 20);
    static const uint32_t expected[] = {            /* binutils 2.40 */
        0x000317f8, 0x0003103c, 0x000317fe, 0x0003107f, 0x0023123e, 0x7c62f803,
        0x7c6238c1, 0x7c6298c2, 0x7c627a07, 0x7c6250c5, 0x7c62b0c6,
    };
    ck_assert_mem_eq(code, expected, sizeof expected);
    ck_assert_int_eq(e.p - code, 11);
}
END_TEST

START_TEST(a_move_to_itself_is_nothing)
{
    emit_move(&e, V0, V0);
    ck_assert_ptr_eq(e.p, code);
    emit_move(&e, V0, V1);
    ck_assert_uint_eq(code[0], 0x00601025);         /* or v0,v1,zero */
}
END_TEST

START_TEST(a_branch_is_completed_or_refused_and_then_unchanged)
{
    mips_beq(&e, A0, A1, 0);
    e.p = code + 4;
    ck_assert(emit_branch_here(&e, code));
    ck_assert_uint_eq(code[0], 0x10850003);
    e.p = code + 1 + 32767;
    ck_assert(emit_branch_here(&e, code));
    ck_assert_uint_eq(code[0], 0x10857fff);
    e.p = code + 1 + 32768;
    ck_assert(!emit_branch_here(&e, code));
    ck_assert_uint_eq(code[0], 0x10857fff);
}
END_TEST

START_TEST(labels_serve_branches_before_and_behind_them)
{
    struct emit_label l = { .n = 0 };

    mips_bne(&e, A0, ZERO, emit_to(&e, &l));
    mips_nop(&e);
    mips_bltz(&e, A1, emit_to(&e, &l));
    mips_nop(&e);
    ck_assert(emit_label(&e, &l));
    mips_bz_b(&e, 3, emit_to(&e, &l));
    static const uint32_t expected[] = { 0x14800003, 0, 0x04a00001, 0, 0x4703ffff };
    ck_assert_mem_eq(code, expected, sizeof expected);
}
END_TEST

START_TEST(a_label_says_when_a_branch_is_too_far_away)
{
    struct emit_label l = { .n = 0 };

    mips_beq(&e, A0, A1, emit_to(&e, &l));
    e.p = code + 40000;
    mips_beq(&e, A0, A1, emit_to(&e, &l));
    e.p = code + 40010;
    ck_assert(!emit_label(&e, &l));
    ck_assert_uint_eq(code[40000], 0x10850009);
}
END_TEST

START_TEST(a_jump_stays_in_its_256_mib)
{
    uint32_t at = 0x1234;

    ck_assert(emit_patch_j(&at, 0x5678abc0, 0x5fffffc0));
    ck_assert_uint_eq(at, 0x0bfffff0);
    ck_assert(!emit_patch_j(&at, 0x5678abc0, 0x60000000));
    ck_assert_uint_eq(at, 0x0bfffff0);
    /* The delay slot counts, not the jump itself. */
    ck_assert(!emit_patch_j(&at, 0x5ffffffc, 0x50000000));
    ck_assert(emit_patch_j(&at, 0x5ffffffc, 0x60000000));
    ck_assert_uint_eq(at, 0x08000000);
}
END_TEST

START_TEST(full_is_sticky_and_nothing_is_written_behind_the_end)
{
    struct emit_label l = { .n = 0 };

    e.end = code + 3;
    mips_addu(&e, V0, A0, A1);
    mips_beq(&e, A0, A1, emit_to(&e, &l));
    mips_nop(&e);
    ck_assert(!e.full);
    mips_addu(&e, V0, A0, A1);
    mips_beq(&e, A0, A1, emit_to(&e, &l));
    ck_assert(e.full);
    ck_assert(emit_label(&e, &l));
    ck_assert_int_eq(emit_to(&e, &l), 0);
    ck_assert_ptr_eq(e.p, code + 3);
    ck_assert_uint_eq(code[3], 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("emit");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, any_constant_is_made_in_at_most_six_words);
    tcase_add_test(t, common_constants_are_short);
    tcase_add_test(t, imm32_is_sign_extended_in_one_or_two_words);
    tcase_add_test(t, one_name_for_all_shifts_and_fields_of_doubles);
    tcase_add_test(t, a_move_to_itself_is_nothing);
    tcase_add_test(t, a_branch_is_completed_or_refused_and_then_unchanged);
    tcase_add_test(t, labels_serve_branches_before_and_behind_them);
    tcase_add_test(t, a_label_says_when_a_branch_is_too_far_away);
    tcase_add_test(t, a_jump_stays_in_its_256_mib);
    tcase_add_test(t, full_is_sticky_and_nothing_is_written_behind_the_end);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
