/* test_hostcap.c - what the host can do, as found and as told; on qemu's processor models it is
 * known beforehand. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "dbt-mips64/hostcap.h"
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct hostcap c;
static struct vm_error e;

static void setup(void)
{
    ck_assert_int_eq(hostcap_probe(&c, NULL, &e), VM_OK);
}

static const char *shown(void)
{
    static char text[1024];
    FILE *f = fmemopen(text, sizeof text, "w");

    hostcap_print(&c, f);
    fclose(f);
    return text;
}

START_TEST(the_page_size_is_the_kernels)
{
    ck_assert_int_eq(c.page, sysconf(_SC_PAGESIZE));
}
END_TEST

START_TEST(the_way_to_write_code_is_one_that_can_be_mapped)
{
    ck_assert(c.codes & 1 << c.code);
    ck_assert(c.codes & 1 << HOSTCAP_TOGGLE);
}
END_TEST

#if defined(__mips64)

/* Extensions come together: Loongson's with unaligned access in hardware. */
START_TEST(a_mips_host_is_what_it_is)
{
    ck_assert(c.native);
    ck_assert(c.r2);
    ck_assert(c.rounding);
    ck_assert_int_eq(c.mmi, c.ext);
    ck_assert(!c.ext || c.unaligned);
}
END_TEST

START_TEST(a_mips_host_can_be_told_to_have_less_but_not_more)
{
    struct hostcap found = c;

    ck_assert_int_eq(hostcap_probe(&c, "noext,nommi,nomsa,unaligned=trap,rounding=off", &e), 0);
    ck_assert(!c.ext && !c.mmi && !c.msa && !c.unaligned && !c.rounding);
    ck_assert_int_eq(hostcap_probe(&c, "ext", &e), found.ext ? VM_OK : VM_EINVAL);
    ck_assert_int_eq(hostcap_probe(&c, "msa", &e), found.msa ? VM_OK : VM_EINVAL);
    ck_assert_int_eq(hostcap_probe(&c, "unaligned=works", &e),
                     found.unaligned ? VM_OK : VM_EINVAL);
    ck_assert_int_eq(hostcap_probe(&c, found.nan2008 ? "nan=legacy" : "nan=2008", &e), VM_EINVAL);
    ck_assert_ptr_nonnull(strstr(e.text, "NaNs are"));
}
END_TEST

#else

START_TEST(another_host_is_a_plain_release_2_and_says_so)
{
    ck_assert(!c.native);
    ck_assert(c.r2 && c.rounding);
    ck_assert(!c.mmi && !c.ext && !c.msa && !c.nan2008 && !c.unaligned);
    ck_assert_int_eq(c.code, HOSTCAP_RWX);
    ck_assert_ptr_nonnull(strstr(shown(), "not MIPS64; translators are tested as if it had MIPS64 "
                                          "release 2\n"));
}
END_TEST

START_TEST(another_host_can_be_told_to_have_anything)
{
    ck_assert_int_eq(hostcap_probe(&c, "ext,mmi,msa,nan=2008,unaligned=works,rounding=off,nor2",
                                   &e), VM_OK);
    ck_assert(c.ext && c.mmi && c.msa && c.nan2008 && c.unaligned && !c.rounding && !c.r2);
    ck_assert_ptr_nonnull(strstr(shown(), "if it had Loongson MMI, Loongson EXT, MSA\n"));
    ck_assert_ptr_nonnull(strstr(shown(), "NaNs are 2008, rounding modes have no effect\n"));
    ck_assert_int_eq(hostcap_probe(&c, "nor2", &e), VM_OK);
    ck_assert_ptr_nonnull(strstr(shown(), "nothing beyond MIPS III"));
}
END_TEST

#endif

START_TEST(pages_can_be_larger_than_the_kernels)
{
    ck_assert_int_eq(hostcap_probe(&c, "page=65536,code=toggle", &e), VM_OK);
    ck_assert_uint_eq(c.page, 65536);
    ck_assert_int_eq(c.code, HOSTCAP_TOGGLE);
    ck_assert_ptr_nonnull(strstr(shown(), "pages: 65536 bytes\ncode:  toggle, of"));
    ck_assert_ptr_nonnull(strstr(shown(), "loads: unaligned ones "));
}
END_TEST

static const struct { const char *options, *says; } bad[] = {
    { "fast", "does not know 'fast'; it takes [no]r2" },
    { "noext,,nomsa", "does not know ''" },
    { "nan=2009", "does not know 'nan=2009'" },
    { "page=5000", "page is 4096, 8192, 16384, 32768 or 65536, not '5000'" },
    { "page=", "not ''" },
    { "page=4096k", "not '4096k'" },
    { "page=131072", "not '131072'" },
    { "page=65536,page=4096", "page=4096 cannot be smaller" },
    { "code=fast", "code is rwx, dual or toggle, not 'fast'" },
    { "code=rw", "not 'rw'" },
};

START_TEST(bad_options_are_refused_with_a_sentence)
{
    ck_assert_int_eq(hostcap_probe(&c, bad[_i].options, &e), VM_EINVAL);
    ck_assert_msg(strstr(e.text, bad[_i].says) != NULL, "%s: %s", bad[_i].options, e.text);
}
END_TEST

static void on_bus(int sig) { (void)sig; }

START_TEST(the_handler_of_sigbus_is_given_back)
{
    struct sigaction mine = { .sa_handler = on_bus }, after;

    sigaction(SIGBUS, &mine, NULL);
    setup();
    sigaction(SIGBUS, NULL, &after);
    ck_assert_ptr_eq((void *)after.sa_handler, (void *)on_bus);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hostcap");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, the_page_size_is_the_kernels);
    tcase_add_test(t, the_way_to_write_code_is_one_that_can_be_mapped);
#if defined(__mips64)
    tcase_add_test(t, a_mips_host_is_what_it_is);
    tcase_add_test(t, a_mips_host_can_be_told_to_have_less_but_not_more);
#else
    tcase_add_test(t, another_host_is_a_plain_release_2_and_says_so);
    tcase_add_test(t, another_host_can_be_told_to_have_anything);
#endif
    tcase_add_test(t, pages_can_be_larger_than_the_kernels);
    tcase_add_loop_test(t, bad_options_are_refused_with_a_sentence, 0,
                        sizeof bad / sizeof bad[0]);
    tcase_add_test(t, the_handler_of_sigbus_is_given_back);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
