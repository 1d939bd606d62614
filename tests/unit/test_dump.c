/* test_dump.c - a translation listed with guest and host side by side. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/dump.h"
#include "dbt-mips64/emit.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* add eax, ebx; cmp eax, 5; jne -8; mov dword ds:[ebx+ecx*4+0x12345678], 0x12345678 */
static const uint8_t code[] = { 0x01, 0xd8, 0x83, 0xf8, 0x05, 0x75, 0xf9,
                                0xc7, 0x84, 0x8b, 0x78, 0x56, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12,
                                0x90, 0x0f };
static struct x86_insn insn[8];
static struct dump_insn list[8];
static uint32_t words[16];
static struct emit e;

static const char *dumped(unsigned guests, const struct dump_map *map, unsigned maps)
{
    static char text[4096];
    FILE *f = fmemopen(text, sizeof text, "w");
    struct dump d = { list, guests, words, (unsigned)(e.p - words), 0x120001000, map, maps };

    dbt_dump(&d, f);
    fclose(f);
    return text;
}

static void setup(void)
{
    e = (struct emit){ words, words + 16, false };
    ck_assert_uint_eq(dbt_dump_decode(insn, list, 8, code, sizeof code, 0x7c00, true), 5);
    mips_addu(&e, S0, S0, S3);
    mips_addiu(&e, AT, ZERO, 5);
    mips_bne(&e, S0, AT, 2);
    mips_nop(&e);
    mips_jr(&e, RA);
    emit_word(&e, 0xffffffff);
}

START_TEST(decoding_ends_where_it_must)
{
    ck_assert_uint_eq(list[3].rip, 0x7c07);
    ck_assert_ptr_eq(list[3].bytes, code + 7);
    ck_assert_uint_eq(dbt_dump_decode(insn, list, 2, code, sizeof code, 0, true), 2);
    ck_assert_uint_eq(dbt_dump_decode(insn, list, 8, code, 8, 0, true), 3);
    ck_assert_uint_eq(dbt_dump_decode(insn, list, 8, (const uint8_t *)"\x0f\xff", 2, 0, true), 0);
}
END_TEST

START_TEST(guest_and_host_stand_side_by_side)
{
    static const struct dump_map map[] = { { 0, 0 }, { 1, 2 }, { 4, -1 }, { 5, 0 } };

    ck_assert_str_eq(dumped(4, map, 4), "\
; 4 guest instructions, 6 host words\n\
00007c00  01d8                add eax, ebx          120001000  02138021  addu s0,s0,s3\n\
00007c02  83f805              cmp eax, 0x5\n\
00007c05  75f9                jne 0x7c00            120001004  24010005  addiu at,zero,5\n\
                                                    120001008  16010002  bne s0,at,0x120001014\n\
                                                    12000100c  00000000  nop\n\
       -                                            120001010  03e00008  jr ra\n\
00007c00  again                                     120001014  ffffffff  sd ra,-1(ra)\n\
00007c07  c7848b7856341278..  mov dword ds:[ebx+ecx*4+0x12345678], 0x12345678\n");
}
END_TEST

START_TEST(words_before_the_first_row_are_nobodys)
{
    static const struct dump_map map[] = { { 4, 0 }, { 5, 1 }, { 5, 3 }, { 9, 2 } };

    list[0].bytes = NULL;
    const char *text = dumped(1, map, 4);

    ck_assert_ptr_nonnull(strstr(text, "\n       -                                          "
                                       "  120001000  02138021"));
    ck_assert_ptr_nonnull(strstr(text, "\n00007c00                      add eax, ebx"));
    ck_assert_ptr_nonnull(strstr(text, "\n       -                                          "
                                       "  120001014"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dump");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, decoding_ends_where_it_must);
    tcase_add_test(t, guest_and_host_stand_side_by_side);
    tcase_add_test(t, words_before_the_first_row_are_nobodys);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
