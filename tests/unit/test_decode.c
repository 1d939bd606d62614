/* test_decode.c - the decoder and the disassembler: lengths, prefixes, addresses, illegal forms. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/insn.h"

struct sample { const char *bytes; unsigned n; bool code32; const char *text; };
#define S32(b, t) { b, sizeof b - 1, true, t }
#define S16(b, t) { b, sizeof b - 1, false, t }

static const struct sample samples[] = {
    S32("\x01\xd8", "add eax, ebx"),
    S32("\x66\x01\xd8", "add ax, bx"),
    S16("\x01\xd8", "add ax, bx"),
    S32("\x00\xfc", "add ah, bh"),
    S32("\x8b\x44\x8d\x10", "mov eax, dword ss:[ebp+ecx*4+0x10]"),
    S32("\x8b\x04\x25\x78\x56\x34\x12", "mov eax, dword ds:[0x12345678]"),
    S32("\x64\x8b\x0d\x04\x00\x00\x00", "mov ecx, dword fs:[0x4]"),
    S16("\x8b\x42\xfe", "mov ax, word ss:[bp+si-0x2]"),
    S16("\x67\x8b\x44\x24\x04", "mov ax, word ss:[esp+0x4]"),
    S32("\x0f\xb6\xc8", "movzx ecx, al"),
    S32("\x0f\x94\xc1", "sete cl"),
    S32("\x75\xfe", "jne 0x1000"),
    S16("\xe9\xfd\xff", "jmp 0x1000"),
    S32("\xf3\xa5", "rep movs dword es:[edi], dword ds:[esi]"),
    S32("\xf0\x0f\xb1\x0b", "lock cmpxchg dword ds:[ebx], ecx"),
    S32("\x69\xc1\x10\x27\x00\x00", "imul eax, ecx, 0x2710"),
    S32("\xc8\x10\x00\x01", "enter 0x10, 0x1"),
    S16("\xea\x00\x7c\x00\xf0", "jmp far 0xf000:0x7c00"),
    S32("\x0f\x22\xd8", "mov cr3, eax"),
    S32("\xd1\xe0", "shl eax, 0x1"),
    S32("\x0f\xa5\xc8", "shld eax, ecx, cl"),
    S32("\x2e\x36\x8b\x00", "mov eax, dword ss:[eax]"),
    S32("\x0f\xba\xe0\x10", "bt eax, 0x10"),
    S32("\x0f\xae\x03", "fxsave ds:[ebx]"),
    S32("\xfe\xc0", "inc al"),
};

START_TEST(text_and_length_are_as_listed)
{
    const struct sample *s = &samples[_i];
    struct x86_insn I;
    char out[80];

    ck_assert_int_eq(x86_decode(&I, (const uint8_t *)s->bytes, s->n, s->code32), (int)s->n);
    x86_disasm(&I, 0x1000, out, sizeof out);
    ck_assert_str_eq(out, s->text);
}
END_TEST

START_TEST(every_shorter_piece_asks_for_more)
{
    const struct sample *s = &samples[_i];
    struct x86_insn I;

    for (unsigned n = 0; n < s->n; n++)
        ck_assert_int_eq(x86_decode(&I, (const uint8_t *)s->bytes, n, s->code32), DEC_MORE);
}
END_TEST

START_TEST(illegal_forms_are_undefined)
{
    static const struct sample bad[] = {
        S32("\xf0\x01\xd8", ""),             /* LOCK without memory */
        S32("\xf0\x39\x03", ""),             /* LOCK CMP */
        S32("\x8d\xc0", ""),                 /* LEA of a register */
        S32("\xff\xf8", ""), S32("\x0f\x04", ""), S32("\xc6\xc8\x00", ""), S32("\x0f\xc7\xc8", ""),
    };
    struct x86_insn I;

    for (unsigned k = 0; k < sizeof bad / sizeof bad[0]; k++)
        ck_assert_int_eq(x86_decode(&I, (const uint8_t *)bad[k].bytes, bad[k].n, true), DEC_UD);
}
END_TEST

START_TEST(fifteen_bytes_are_the_most)
{
    uint8_t b[20];
    struct x86_insn I;

    memset(b, 0x66, sizeof b);
    b[14] = 0x90;
    ck_assert_int_eq(x86_decode(&I, b, sizeof b, true), 15);
    b[14] = 0x66;
    b[15] = 0x90;
    ck_assert_int_eq(x86_decode(&I, b, sizeof b, true), DEC_GP);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("decode");
    TCase *tc = tcase_create("decode");
    SRunner *r;
    int failed, n = sizeof samples / sizeof samples[0];

    tcase_add_loop_test(tc, text_and_length_are_as_listed, 0, n);
    tcase_add_loop_test(tc, every_shorter_piece_asks_for_more, 0, n);
    tcase_add_test(tc, illegal_forms_are_undefined);
    tcase_add_test(tc, fifteen_bytes_are_the_most);
    suite_add_tcase(s, tc);
    r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
