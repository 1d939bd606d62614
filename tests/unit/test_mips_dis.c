/* test_mips_dis.c - the MIPS64 disassembler: texts of each kind, unknown words, short buffers.
 * tests/encode compares every row with binutils. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/mips_dis.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *dis(uint32_t w)
{
    static char text[48];

    mips_dis(w, 0x120001000, text, sizeof text);
    return text;
}

START_TEST(words_are_text_as_objdump_writes_it)
{
    ck_assert_str_eq(dis(0x00000000), "nop");
    ck_assert_str_eq(dis(0x00851021), "addu v0,a0,a1");
    ck_assert_str_eq(dis(0x6484ffff), "daddiu a0,a0,-1");
    ck_assert_str_eq(dis(0x3484ffff), "ori a0,a0,0xffff");
    ck_assert_str_eq(dis(0xdfbf0008), "ld ra,8(sp)");
    ck_assert_str_eq(dis(0x7ca4b0c6), "dinsu a0,a1,0x23,0x14");
    ck_assert_str_eq(dis(0x1085fffe), "beq a0,a1,0x120000ffc");
    ck_assert_str_eq(dis(0x08000400), "j 0x120001000");
    ck_assert_str_eq(dis(0x46241332), "c.eq.d $fcc3,$f2,$f4");
    ck_assert_str_eq(dis(0x46241032), "c.eq.d $f2,$f4");
    ck_assert_str_eq(dis(0xd8a437da), "gslwx a0,-5(a1,a2)");
    ck_assert_str_eq(dis(0x78be1059), "move.v $w1,$w2");
    ck_assert_str_eq(dis(0x78b11119), "copy_s.w a0,$w2[1]");
    ck_assert_str_eq(dis(0x79731059), "insve.w $w1[3],$w2[0]");
    ck_assert_str_eq(dis(0x7a002062), "ld.w $w1,-2048(a0)");
}
END_TEST

START_TEST(what_we_never_emit_is_a_word)
{
    ck_assert_str_eq(dis(0x42000018), ".word 0x42000018");           /* eret */
    ck_assert_str_eq(dis(0x00851061), ".word 0x00851061");           /* addu, reserved bit set */
    ck_assert_str_eq(dis(0x70a42820), ".word 0x70a42820");           /* clz with rt other than rd */
}
END_TEST

START_TEST(text_is_cut_to_the_buffer)
{
    char text[8] = "1234567";

    mips_dis(0x00851021, 0, text, 6);
    ck_assert_str_eq(text, "addu ");
    ck_assert_int_eq(text[7], 0);
    text[6] = 'x';
    mips_dis(0x12345678, 0, text, 1);
    ck_assert_int_eq(text[0], 0);
    ck_assert_int_eq(text[6], 'x');
}
END_TEST

START_TEST(no_row_has_bits_where_its_operands_are_and_no_two_rows_are_the_same)
{
    char longest[64];

    for (unsigned i = 0; i < mips_n_rows; i++) {
        uint32_t all = mips_rows[i].word;

        ck_assert_msg(mips_row_of(all) == &mips_rows[i] || strcmp(mips_rows[i].name, "sll") == 0,
                      "%s is taken for %s", mips_rows[i].name,
                      mips_row_of(all) ? mips_row_of(all)->name : "nothing");
        for (unsigned j = 0; j < mips_rows[i].n; j++) {
            const struct mips_kind *k = &mips_kinds[mips_rows[i].kind[j]];
            uint32_t mask = ((1u << k->bits) - 1) << k->low;

            ck_assert_msg((mips_rows[i].word & mask) == 0, "%s", mips_rows[i].name);
            all |= mask | (k->flags & MF_DUP ? 31u << 16 : 0);
        }
        mips_dis(all, ~0xfffull, longest, sizeof longest);
        ck_assert_uint_lt(strlen(longest), 48);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("mips_dis");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_test(t, words_are_text_as_objdump_writes_it);
    tcase_add_test(t, what_we_never_emit_is_a_word);
    tcase_add_test(t, text_is_cut_to_the_buffer);
    tcase_add_test(t, no_row_has_bits_where_its_operands_are_and_no_two_rows_are_the_same);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
