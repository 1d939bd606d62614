/* test_fwcfg.c - fw_cfg's selector, data port, directory and DMA. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/fwcfg.h"
#include "tests/dev/bench.h"
#include <check.h>
#include <stdlib.h>

static struct bench *b;

static void setup(void)
{
    b = bench_begin();
    bench_add(b, "fwcfg", NULL);
    ck_assert_int_eq(fwcfg_add_int(b->dev, FWCFG_NB_CPUS, 1, 2, NULL), 0);
    ck_assert_int_eq(fwcfg_add_file(b->dev, "opt/godwit/a", "hello", 5, NULL), 0);
    bench_power_on(b);
}

static void teardown(void) { bench_free(b); }

static uint32_t be32(uint32_t v) { return __builtin_bswap32(v); }

START_TEST(an_item_is_read_byte_by_byte_and_then_zeros)
{
    out16(b, 0x510, FWCFG_SIGNATURE);
    ck_assert_uint_eq(in8(b, 0x511), 'Q');
    ck_assert_uint_eq(in8(b, 0x511), 'E');
    out16(b, 0x510, FWCFG_NB_CPUS);
    ck_assert_uint_eq(in8(b, 0x511), 1);
    ck_assert_uint_eq(in8(b, 0x511), 0);
    ck_assert_uint_eq(in8(b, 0x511), 0);
    out16(b, 0x510, 0x7777);
    ck_assert_uint_eq(in8(b, 0x511), 0);
}
END_TEST

START_TEST(the_directory_names_files_and_their_keys)
{
    uint8_t dir[68];

    out16(b, 0x510, FWCFG_FILE_DIR);
    for (unsigned i = 0; i < sizeof dir; i++)
        dir[i] = in8(b, 0x511);
    ck_assert(dir[3] == 1 && dir[7] == 5 && dir[8] == 0 && dir[9] == 0x20);
    ck_assert_str_eq((char *)dir + 12, "opt/godwit/a");
    ck_assert_uint_eq(in8(b, 0x511), 0);
}
END_TEST

static void dma(uint32_t control, uint32_t len, uint32_t to)
{
    wr32(b, 0x2000, be32(control));
    wr32(b, 0x2004, be32(len));
    wr32(b, 0x2008, 0);
    wr32(b, 0x200c, be32(to));
    out32(b, 0x518, be32(0x2000));
}

START_TEST(dma_selects_skips_and_reads_into_ram)
{
    ck_assert_uint_eq(in32(b, 0x514), be32(0x51454d55));
    dma(0x20 << 16 | 8 | 4, 1, 0);
    ck_assert_uint_eq(rd32(b, 0x2000), 0);
    wr32(b, 0x3004, 0xffffffff);
    dma(2, 6, 0x3000);
    ck_assert_uint_eq(rd32(b, 0x3000), 0x6f6c6c65);
    ck_assert_uint_eq(rd32(b, 0x3004), 0xffff0000);     /* past the end: zeros */
    ck_assert_uint_eq(rd32(b, 0x2000), 0);
}
END_TEST

START_TEST(dma_writes_fail_and_hostile_addresses_are_harmless)
{
    dma(16, 4, 0x3000);
    ck_assert_uint_eq(rd32(b, 0x2000), be32(1));
    dma(0x20 << 16 | 8 | 2, 0x10000, 0xfffffff0);
    dma(0x20 << 16 | 8 | 4, 0xffffffff, 0);
    dma(4, 0xffffffff, 0);
    ck_assert_uint_eq(in8(b, 0x511), 0);
    out32(b, 0x514, be32(0xffffffff));
    out32(b, 0x518, be32(0xfffffffc));
}
END_TEST

START_TEST(the_read_position_is_in_the_snapshot)
{
    out16(b, 0x510, FWCFG_SIGNATURE);
    in8(b, 0x511);
    out32(b, 0x514, be32(7));
    bench_snap_roundtrip(b);
}
END_TEST

START_TEST(names_and_keys_are_taken_once)
{
    struct vm_error e;

    ck_assert_int_eq(fwcfg_add_file(b->dev, "opt/godwit/a", "x", 1, &e), VM_EBUSY);
    ck_assert_int_eq(fwcfg_add_int(b->dev, FWCFG_ID, 1, 4, &e), VM_EBUSY);
    ck_assert_int_eq(fwcfg_add_int(b->dev, 0x4000, 1, 4, &e), VM_EBUSY);
    ck_assert_int_eq(fwcfg_add_int(b->dev, 0x8008, 1, 4, &e), VM_EBUSY);
    ck_assert_int_eq(fwcfg_add_int(b->dev, FWCFG_IRQ0_OVERRIDE, 0x77, 4, &e), 0);
    out16(b, 0x510, 0x8002);
    ck_assert_uint_eq(in8(b, 0x511), 0x77);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("fwcfg");
    TCase *tc = tcase_create("fwcfg");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_item_is_read_byte_by_byte_and_then_zeros);
    tcase_add_test(tc, the_directory_names_files_and_their_keys);
    tcase_add_test(tc, dma_selects_skips_and_reads_into_ram);
    tcase_add_test(tc, dma_writes_fail_and_hostile_addresses_are_harmless);
    tcase_add_test(tc, the_read_position_is_in_the_snapshot);
    tcase_add_test(tc, names_and_keys_are_taken_once);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
