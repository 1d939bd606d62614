/* test_i8237.c - DMA: addresses, counts, terminal count, modes, pages, memory to memory. */
/* SPDX-License-Identifier: MIT */
#include "tests/dev/bench.h"
#include <check.h>
#include <string.h>

static struct bench *b;
static struct isa_dma *dma;

static void setup(void)
{
    b = bench_new("i8237", NULL);
    dma = machine_isa_dma(b->m);
    ck_assert_ptr_nonnull(dma);
    out8(b, 0xd6, 0xc0);             /* channel 4 cascades */
    out8(b, 0xd4, 0x00);
}

static void teardown(void) { bench_free(b); }

static size_t move(unsigned ch, void *p, size_t n, bool to_memory, bool *tc)
{
    return dma->ops->transfer(dma->self, ch, p, n, to_memory, tc);
}

/* Channel 2: mode, address with page, bytes. */
static void program(uint8_t mode, uint32_t addr, unsigned bytes)
{
    out8(b, 0x0a, 6);
    out8(b, 0x0c, 0);
    out8(b, 0x0b, mode | 2);
    out8(b, 0x04, (uint8_t)addr);
    out8(b, 0x04, (uint8_t)(addr >> 8));
    out8(b, 0x81, (uint8_t)(addr >> 16));
    out8(b, 0x05, (uint8_t)(bytes - 1));
    out8(b, 0x05, (uint8_t)((bytes - 1) >> 8));
    out8(b, 0x0a, 2);
}

static uint16_t counter(uint16_t port)
{
    out8(b, 0x0c, 0);
    uint16_t low = in8(b, port);

    return low | in8(b, port) << 8;
}

START_TEST(bytes_arrive_at_page_and_address_and_tc_masks_the_channel)
{
    uint8_t data[6] = { 1, 2, 3, 4, 5, 6 };
    bool tc;

    program(0x44, 0x12340, 5);
    ck_assert_uint_eq(move(2, data, 3, true, &tc), 3);
    ck_assert(!tc);
    ck_assert_uint_eq(counter(0x04), 0x2343);
    ck_assert_uint_eq(counter(0x05), 1);
    ck_assert_uint_eq(move(2, data + 3, 3, true, &tc), 2);
    ck_assert(tc);
    ck_assert_uint_eq(rd32(b, 0x12340), 0x04030201);
    ck_assert_uint_eq(rd16(b, 0x12344), 5);
    ck_assert_uint_eq(in8(b, 0x08) & 15, 4);
    ck_assert_uint_eq(in8(b, 0x08) & 15, 0);
    ck_assert_uint_eq(counter(0x05), 0xffff);
    ck_assert_uint_eq(move(2, data, 1, true, &tc), 0);
}
END_TEST

START_TEST(the_address_wraps_inside_its_64k_page)
{
    uint8_t data[4] = { 0xa, 0xb, 0xc, 0xd };
    bool tc;

    program(0x44, 0x1fffe, 4);
    ck_assert_uint_eq(move(2, data, 4, true, &tc), 4);
    ck_assert_uint_eq(rd16(b, 0x1fffe), 0x0b0a);
    ck_assert_uint_eq(rd16(b, 0x10000), 0x0d0c);
    ck_assert_uint_eq(rd16(b, 0x20000), 0);
}
END_TEST

START_TEST(autoinitialize_starts_over_and_decrement_goes_down)
{
    uint8_t data[4] = { 1, 2, 3, 4 };
    bool tc;

    program(0x44 | 0x10 | 0x20, 0x3003, 4);
    ck_assert_uint_eq(move(2, data, 4, true, &tc), 4);
    ck_assert(tc);
    ck_assert_uint_eq(rd32(b, 0x3000), 0x01020304);
    ck_assert_uint_eq(counter(0x04), 0x3003);
    ck_assert_uint_eq(counter(0x05), 3);
    ck_assert_uint_eq(move(2, data, 1, true, &tc), 1);
}
END_TEST

START_TEST(direction_verify_and_gates_are_obeyed)
{
    uint8_t data[4] = { 9, 9, 9, 9 };
    bool tc;

    wr32(b, 0x4000, 0x44332211);
    program(0x48, 0x4000, 4);
    ck_assert_uint_eq(move(2, data, 4, true, &tc), 0);
    ck_assert_uint_eq(move(2, data, 4, false, &tc), 4);
    ck_assert_uint_eq(data[3], 0x44);
    program(0x40, 0x4000, 4);                    /* verify */
    memset(data, 9, 4);
    ck_assert_uint_eq(move(2, data, 4, true, &tc), 4);
    ck_assert(tc);
    ck_assert_uint_eq(rd32(b, 0x4000), 0x44332211);
    program(0x44, 0x4000, 4);
    out8(b, 0x08, 4);
    ck_assert_uint_eq(move(2, data, 4, true, &tc), 0);
    out8(b, 0x08, 0);
    out8(b, 0xd4, 4);                            /* channel 4 masked: no way to the CPU */
    ck_assert_uint_eq(move(2, data, 4, true, &tc), 0);
}
END_TEST

START_TEST(channel_5_moves_words_inside_128k)
{
    uint8_t data[7] = { 1, 2, 3, 4, 5, 6, 7 };
    bool tc;

    out8(b, 0xd8, 0);
    out8(b, 0xd6, 0x45);
    out8(b, 0xc4, 0xff);
    out8(b, 0xc4, 0xff);                         /* word FFFFh: byte 1FFFEh */
    out8(b, 0x8b, 0x03);                         /* bit 0 does not count */
    out8(b, 0xc6, 2);
    out8(b, 0xc6, 0);
    out8(b, 0xd4, 1);
    ck_assert_uint_eq(move(5, data, 7, true, &tc), 6);
    ck_assert(tc);
    ck_assert_uint_eq(rd16(b, 0x3fffe), 0x0201);
    ck_assert_uint_eq(rd32(b, 0x20000), 0x06050403);
    ck_assert_uint_eq(in8(b, 0xd0) & 15, 2);
}
END_TEST

START_TEST(memory_to_memory_copies_until_channel_1_ends)
{
    wr32(b, 0x5000, 0xddccbbaa);
    out8(b, 0x0c, 0);
    out8(b, 0x0b, 0x88);
    out8(b, 0x0b, 0x85);
    out8(b, 0x00, 0x00); out8(b, 0x00, 0x50);
    out8(b, 0x02, 0x00); out8(b, 0x02, 0x60);
    out8(b, 0x03, 3); out8(b, 0x03, 0);
    out8(b, 0x08, 1);
    out8(b, 0x09, 4);
    ck_assert_uint_eq(rd32(b, 0x6000), 0xddccbbaa);
    ck_assert_uint_eq(in8(b, 0x08), 2);
}
END_TEST

START_TEST(status_shows_requests_and_master_clear_masks_all)
{
    dma->ops->dreq(dma->self, 2, true);
    ck_assert_uint_eq(in8(b, 0x08), 0x40);
    dma->ops->dreq(dma->self, 2, false);
    ck_assert_uint_eq(in8(b, 0x08), 0);
    out8(b, 0x0e, 0);
    ck_assert_uint_eq(in8(b, 0x0f), 0xf0);
    out8(b, 0x0d, 0);
    ck_assert_uint_eq(in8(b, 0x0f), 0xff);
    out8(b, 0x8f, 0x5a);
    ck_assert_uint_eq(in8(b, 0x8f), 0x5a);
    bench_snap_roundtrip(b);
}
END_TEST

START_TEST(registers_are_in_the_snapshot)
{
    uint8_t data[4] = { 0 };
    bool tc;

    program(0x54, 0x12345, 9);
    move(2, data, 4, true, &tc);
    out8(b, 0x04, 1);                            /* leaves the flip-flop high */
    out8(b, 0x09, 7);
    out8(b, 0x08, 2);
    bench_snap_roundtrip(b);
}
END_TEST

START_TEST(a_software_request_shows_until_terminal_count)
{
    uint8_t data[2] = { 0 };
    bool tc;

    program(0x44, 0x4000, 2);
    out8(b, 0x09, 6);
    ck_assert_uint_eq(in8(b, 0x08), 0x40);
    ck_assert_uint_eq(move(2, data, 2, true, &tc), 2);
    ck_assert_uint_eq(in8(b, 0x08), 0x04);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("i8237");
    TCase *tc = tcase_create("i8237");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, bytes_arrive_at_page_and_address_and_tc_masks_the_channel);
    tcase_add_test(tc, the_address_wraps_inside_its_64k_page);
    tcase_add_test(tc, autoinitialize_starts_over_and_decrement_goes_down);
    tcase_add_test(tc, direction_verify_and_gates_are_obeyed);
    tcase_add_test(tc, channel_5_moves_words_inside_128k);
    tcase_add_test(tc, memory_to_memory_copies_until_channel_1_ends);
    tcase_add_test(tc, status_shows_requests_and_master_clear_masks_all);
    tcase_add_test(tc, registers_are_in_the_snapshot);
    tcase_add_test(tc, a_software_request_shows_until_terminal_count);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
