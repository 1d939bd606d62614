/* test_snap.c - the snapshot stream: what is saved comes back, hostile files are refused. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/snap.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

struct state {
    bool b; uint8_t u8; uint16_t u16; uint32_t u32; uint64_t u64; vtime_t t;
    uint8_t mem[5000];
    unsigned version_seen;
};
static uint8_t pages[8 * 4096];

static void visit(struct state *st, struct snap *s, unsigned version)
{
    st->version_seen = snap_begin(s, "chip", version);
    snap_bool(s, "b", &st->b);
    snap_u8(s, "u8", &st->u8);
    snap_u16(s, "u16", &st->u16);
    snap_begin(s, "inner", 1);
    snap_u32(s, "u32", &st->u32);
    snap_check(s, "u32", st->u32 == 0xdead);
    snap_u64(s, "u64", &st->u64);
    snap_end(s);
    snap_time(s, "t", &st->t);
    snap_mem(s, "mem", st->mem, sizeof st->mem);
    snap_pages(s, "pages", pages, sizeof pages);
    snap_end(s);
}

static char file[64 << 10];
static size_t file_size;
static char diff[256];

static int go(enum snap_mode mode, struct state *st, unsigned version, struct vm_error *e)
{
    FILE *f = fmemopen(file, mode == SNAP_SAVE ? sizeof file : file_size,
                       mode == SNAP_SAVE ? "wb" : "rb");
    struct snap *s;
    int rc = snap_open(&s, mode, f, e);

    if (rc == 0) {
        visit(st, s, version);
        snprintf(diff, sizeof diff, "%s", snap_diff(s) ? snap_diff(s) : "");
        rc = snap_close(s, e);
    }
    if (mode == SNAP_SAVE)
        file_size = (size_t)ftell(f);
    fclose(f);
    return rc;
}

static struct state sample(void)
{
    struct state st = { true, 0x12, 0x3456, 0x789abcde, 0xf0f1f2f3f4f5f6f7, 99, { 0 }, 0 };

    memset(st.mem, 0x5a, sizeof st.mem);
    memset(pages, 0, sizeof pages);
    pages[3 * 4096 + 5] = 7;
    return st;
}

START_TEST(everything_comes_back)
{
    struct state a = sample(), b = { 0 };

    ck_assert_int_eq(go(SNAP_SAVE, &a, 2, NULL), 0);
    ck_assert(file_size < sizeof a + 4096 + 400);        /* seven zero pages take no room */
    memset(pages, 0xee, sizeof pages);
    ck_assert_int_eq(go(SNAP_LOAD, &b, 2, NULL), 0);
    ck_assert_int_eq(go(SNAP_COMPARE, &b, 2, NULL), 0);
    ck_assert_str_eq(diff, "");
    ck_assert(b.b && b.u64 == a.u64 && b.t == 99 && b.version_seen == 2);
    ck_assert(pages[3 * 4096 + 5] == 7 && pages[0] == 0);
}
END_TEST

START_TEST(compare_names_the_first_difference)
{
    struct state a = sample();

    ck_assert_int_eq(go(SNAP_SAVE, &a, 1, NULL), 0);
    a.u64++;
    a.mem[4999]++;
    ck_assert_int_eq(go(SNAP_COMPARE, &a, 1, NULL), 0);
    ck_assert_str_eq(diff, "chip/inner/u64");
    a.u64--;
    ck_assert_int_eq(go(SNAP_COMPARE, &a, 1, NULL), 0);
    ck_assert_str_eq(diff, "chip/mem");
    a.mem[4999]--;
    pages[0] = 1;
    ck_assert_int_eq(go(SNAP_COMPARE, &a, 1, NULL), 0);
    ck_assert_str_eq(diff, "chip/pages");
}
END_TEST

START_TEST(older_versions_load_and_newer_ones_do_not)
{
    struct state a = sample(), b;
    struct vm_error e;

    ck_assert_int_eq(go(SNAP_SAVE, &a, 1, NULL), 0);
    ck_assert_int_eq(go(SNAP_LOAD, &b, 3, NULL), 0);
    ck_assert_uint_eq(b.version_seen, 1);
    ck_assert_int_eq(go(SNAP_SAVE, &a, 4, NULL), 0);
    ck_assert_int_eq(go(SNAP_LOAD, &b, 3, &e), VM_EVERSION);
    ck_assert_ptr_nonnull(strstr(e.text, "chip"));
}
END_TEST

START_TEST(values_out_of_range_are_refused_by_path)
{
    struct state a = sample();
    struct vm_error e;

    a.u32 = 0xdead;
    ck_assert_int_eq(go(SNAP_SAVE, &a, 1, NULL), 0);
    ck_assert_int_eq(go(SNAP_LOAD, &a, 1, &e), VM_ECORRUPT);
    ck_assert_ptr_nonnull(strstr(e.text, "chip/inner/u32"));
}
END_TEST

START_TEST(every_cut_and_every_changed_byte_is_noticed)
{
    struct state a = sample(), b;
    size_t whole;

    ck_assert_int_eq(go(SNAP_SAVE, &a, 1, NULL), 0);
    whole = file_size;
    for (file_size = 1; file_size < whole; file_size += 1 + file_size / 50)
        ck_assert_int_lt(go(SNAP_LOAD, &b, 1, NULL), 0);
    file_size = whole;
    for (size_t i = 0; i < whole; i += 1 + i / 60) {
        file[i] ^= 0x41;
        ck_assert_int_lt(go(SNAP_LOAD, &b, 1, NULL), 0);
        file[i] ^= 0x41;
    }
    ck_assert_int_eq(go(SNAP_LOAD, &b, 1, NULL), 0);
}
END_TEST

/* Seed 4. */
START_TEST(random_files_are_refused)
{
    struct state b;

    srand(4);
    for (unsigned i = 0; i < 2000; i++) {
        struct state a = sample();
        ck_assert_int_eq(go(SNAP_SAVE, &a, 1, NULL), 0);
        for (unsigned k = 0; k < 40; k++)
            file[12 + rand() % 300] = rand();
        ck_assert_int_lt(go(SNAP_LOAD, &b, 1, NULL), 0);
    }
    memset(file, 'x', 100);
    file_size = 100;
    ck_assert_int_eq(go(SNAP_LOAD, &b, 1, NULL), VM_ECORRUPT);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
    struct state a = sample();
    FILE *f = fopen("/dev/full", "wb");
    struct vm_error e;
    struct snap *s;

    if (!f)
        return;
    setvbuf(f, NULL, _IONBF, 0);
    int rc = snap_open(&s, SNAP_SAVE, f, &e);
    if (rc == 0) {
        visit(&a, s, 1);
        rc = snap_close(s, &e);
    }
    ck_assert_int_eq(rc, VM_EIO);
    fclose(f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("snap");
    TCase *tc = tcase_create("snap");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, everything_comes_back);
    tcase_add_test(tc, compare_names_the_first_difference);
    tcase_add_test(tc, older_versions_load_and_newer_ones_do_not);
    tcase_add_test(tc, values_out_of_range_are_refused_by_path);
    tcase_add_test(tc, every_cut_and_every_changed_byte_is_noticed);
    tcase_add_test(tc, random_files_are_refused);
    tcase_add_test(tc, a_full_disk_is_an_error);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
