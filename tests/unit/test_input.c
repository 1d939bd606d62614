/* test_input.c - key names and the characters of a US keyboard. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/input.h"
#include <check.h>
#include <string.h>

static int by_name(const char *s) { return input_key_by_name(s, strlen(s)); }

START_TEST(every_key_is_found_by_its_name_and_no_name_is_taken_twice)
{
    for (int k = 0; k < KEY_COUNT; k++)
        ck_assert_int_eq(by_name(input_key_name(k)), k);
    ck_assert_int_eq(by_name("ret"), KEY_RET);
    ck_assert_int_lt(by_name("enter"), 0);
    ck_assert_int_lt(input_key_by_name("ctrl_r", 3), 0);
}
END_TEST

START_TEST(characters_name_a_key_and_what_to_hold)
{
    bool shift, ctrl;

    ck_assert_int_eq(input_key_for_char('a', &shift, &ctrl), KEY_A);
    ck_assert(!shift && !ctrl);
    ck_assert_int_eq(input_key_for_char('Z', &shift, &ctrl), KEY_Z);
    ck_assert(shift && !ctrl);
    ck_assert_int_eq(input_key_for_char('?', &shift, &ctrl), KEY_SLASH);
    ck_assert(shift);
    ck_assert_int_eq(input_key_for_char(3, &shift, &ctrl), KEY_C);
    ck_assert(ctrl && !shift);
    ck_assert_int_eq(input_key_for_char('\n', &shift, &ctrl), KEY_RET);
    ck_assert(!shift && !ctrl);
    ck_assert_int_eq(input_key_for_char(0x7f, &shift, &ctrl), KEY_BACKSPACE);
    ck_assert(!shift);
    ck_assert_int_lt(input_key_for_char(0xe4, &shift, &ctrl), 0);
    for (unsigned c = ' '; c < 0x7f; c++)
        ck_assert_int_ge(input_key_for_char(c, &shift, &ctrl), 0);
}
END_TEST

START_TEST(without_a_keyboard_keys_vanish)
{
    struct input in = { 0 };

    ck_assert(input_key(&in, KEY_A, true));
    input_motion(&in, 1, 1, 0, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("input");
    TCase *t = tcase_create("input");

    tcase_add_test(t, every_key_is_found_by_its_name_and_no_name_is_taken_twice);
    tcase_add_test(t, characters_name_a_key_and_what_to_hold);
    tcase_add_test(t, without_a_keyboard_keys_vanish);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
