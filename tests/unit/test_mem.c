/* test_mem.c - regions, the flat map, accesses, listeners, watches, the guard against re-entry. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/mem.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct mem_space *sp;
static uint8_t ram_bytes[4 * 4096] __attribute__((aligned(4096)));
static uint8_t rom_bytes[4096] __attribute__((aligned(4096)));
static struct mem_region ram, rom, dev, win;

static struct { uint64_t off, val; unsigned size, calls; } last;

static uint64_t dev_read(void *d, uint64_t off, unsigned size)
{
    (void)d;
    last.off = off;
    last.size = size;
    last.calls++;
    return 0x8877665544332211ull >> 8 * (off & 7);
}

static void dev_write(void *d, uint64_t off, uint64_t val, unsigned size)
{
    (void)d;
    last.off = off;
    last.val = val;
    last.size = size;
    last.calls++;
}

static const struct mmio_ops any = { dev_read, dev_write, 1, 4 };
static const struct mmio_ops bytes_only = { dev_read, dev_write, 1, 1 };
static const struct mmio_ops words_up = { dev_read, dev_write, 4, 4 };

static void setup(void)
{
    ck_assert_int_eq(mem_space_new(&sp, "test", 1ull << 36, NULL), 0);
    memset(ram_bytes, 0, sizeof ram_bytes);
    memset(rom_bytes, 0xa5, sizeof rom_bytes);
    memset(&last, 0, sizeof last);
    ram = (struct mem_region){ .name = "ram", .kind = MEM_RAM, .size = sizeof ram_bytes,
                               .host = ram_bytes };
    rom = (struct mem_region){ .name = "rom", .kind = MEM_ROM, .size = 4096, .host = rom_bytes };
    dev = (struct mem_region){ .name = "dev", .kind = MEM_MMIO, .size = 16, .ops = &any };
    win = (struct mem_region){ .name = "win", .kind = MEM_ALIAS, .size = 4096, .target = &ram,
                               .target_off = 8192 };
    mem_add(mem_root(sp), &ram, 0, 0);
}

static void teardown(void) { mem_space_free(sp); }

START_TEST(higher_priority_hides_and_comes_back)
{
    mem_add(mem_root(sp), &rom, 4096, 1);
    ck_assert_uint_eq(mem_read(sp, 4096, 2), 0xa5a5);
    mem_write(sp, 4096, 0x11, 1);
    ck_assert_uint_eq(ram_bytes[4096], 0);
    ck_assert_uint_eq(rom_bytes[0], 0xa5);
    mem_enable(&rom, false);
    mem_write(sp, 4096, 0x11, 1);
    ck_assert_uint_eq(ram_bytes[4096], 0x11);
    const struct mem_span *s = mem_find(sp, 0x3fff);
    ck_assert(s && s->gpa == 0 && s->size == 0x4000);
    ck_assert_ptr_null(mem_find(sp, 0x4000));
}
END_TEST

START_TEST(an_alias_shows_its_target_from_an_offset)
{
    mem_add(mem_root(sp), &win, 1ull << 32, 0);
    mem_write(sp, (1ull << 32) + 5, 0xabcd, 2);
    ck_assert_uint_eq(ram_bytes[8192 + 5], 0xcd);
    bool w = false;
    ck_assert_ptr_eq(mem_page(sp, (1ull << 32) + 77, &w), ram_bytes + 8192);
    ck_assert(w);
}
END_TEST

START_TEST(containers_clip_and_move_their_children)
{
    struct mem_region box = { .name = "box", .kind = MEM_CONTAINER, .size = 12 };

    mem_add(&box, &dev, 4, 0);                  /* the device's last 8 bytes stick out */
    mem_add(mem_root(sp), &box, 0x10000, 0);
    const struct mem_span *s = mem_find(sp, 0x10004);
    ck_assert(s && s->gpa == 0x10004 && s->size == 8 && s->region == &dev);
    ck_assert_ptr_null(mem_find(sp, 0x1000c));
    mem_remove(&box);
    ck_assert_ptr_null(mem_find(sp, 0x10004));
}
END_TEST

START_TEST(accesses_are_split_and_widened_as_the_device_asks)
{
    mem_add(mem_root(sp), &dev, 0x10000, 0);
    ck_assert_uint_eq(mem_read(sp, 0x10000, 8), 0x8877665544332211ull);
    ck_assert_uint_eq(last.calls, 2);
    ck_assert_uint_eq(mem_read(sp, 0x10001, 4), 0x55443322);    /* 1, 2, 1 bytes */
    ck_assert_uint_eq(last.calls, 5);
    dev.ops = &bytes_only;
    mem_write(sp, 0x10002, 0xbeef, 2);
    ck_assert(last.off == 3 && last.val == 0xbe && last.size == 1);
    dev.ops = &words_up;
    mem_write(sp, 0x10005, 0x42, 1);
    ck_assert(last.off == 4 && last.val == 0x4200 && last.size == 4);
    ck_assert_uint_eq(mem_read(sp, 0x10006, 1), 0x77);
}
END_TEST

START_TEST(an_access_across_an_edge_is_made_of_bytes)
{
    mem_add(mem_root(sp), &dev, 0x4000, 0);
    ram_bytes[0x3fff] = 0x99;
    ck_assert_uint_eq(mem_read(sp, 0x3fff, 2), 0x1199);
    ck_assert_uint_eq(mem_read(sp, 0x400f, 2), 0xff88);
    mem_write(sp, 0x3fff, 0x7766, 2);
    ck_assert(ram_bytes[0x3fff] == 0x66 && last.val == 0x77);
}
END_TEST

START_TEST(holes_read_ones_and_are_counted)
{
    struct mem_stats st;

    ck_assert_uint_eq(mem_read(sp, 1ull << 35, 4), 0xffffffff);
    ck_assert_uint_eq(mem_read(sp, UINT64_MAX, 2) >> 8, ram_bytes[0]);   /* wraps, harmless */
    mem_write(sp, 1ull << 40, 1, 1);
    mem_get_stats(sp, &st);
    ck_assert(st.unmapped_reads == 5 && st.unmapped_writes == 1 && st.refused == 0);
}
END_TEST

static struct { gpa_t from[8]; uint64_t bytes[8]; unsigned n; } told;

static void note(void *self, gpa_t from, uint64_t bytes)
{
    (void)self;
    told.from[told.n % 8] = from;
    told.bytes[told.n++ % 8] = bytes;
}

START_TEST(listeners_hear_each_changed_stretch_once)
{
    struct mem_listener l = { .map_changed = note };

    told.n = 0;
    mem_listen(sp, &l);
    mem_begin(sp);
    mem_add(mem_root(sp), &rom, 4096, 1);
    mem_add(mem_root(sp), &dev, 0x10000, 0);
    ck_assert_uint_eq(told.n, 0);
    mem_commit(sp);
    ck_assert_uint_eq(told.n, 2);
    ck_assert(told.from[0] == 4096 && told.bytes[0] == 4096);
    ck_assert(told.from[1] == 0x10000 && told.bytes[1] == 16);
    mem_begin(sp);
    mem_enable(&rom, false);
    mem_enable(&rom, true);
    mem_commit(sp);
    ck_assert_uint_eq(told.n, 2);
}
END_TEST

START_TEST(writes_to_watched_pages_are_told)
{
    struct mem_listener l = { .ram_written = note };
    uint8_t buf[6000] = { 1 };
    bool w;

    told.n = 0;
    mem_listen(sp, &l);
    mem_watch(sp, 0x1000, true);
    mem_write(sp, 0x0fff, 0x1234, 1);
    ck_assert_uint_eq(told.n, 0);
    ck_assert(mem_page(sp, 0x1234, &w) && !w);
    mem_write(sp, 0x1ffe, 0x1234, 2);
    ck_assert(told.n == 1 && told.from[0] == 0x1ffe && told.bytes[0] == 2);
    mem_copy_out(sp, 0x0800, buf, sizeof buf);
    ck_assert(told.n == 2 && told.from[1] == 0x1000 && told.bytes[1] == 0xf70);
    mem_watch(sp, 0x1000, false);
    mem_copy_out(sp, 0x0800, buf, sizeof buf);
    ck_assert_uint_eq(told.n, 2);
}
END_TEST

static uint64_t dma_value;

static void dma_write(void *d, uint64_t off, uint64_t val, unsigned size)
{
    struct mem_space *mem = d;
    uint32_t word = 0;

    (void)size;
    mem_copy_in(mem, &word, val, 4);            /* val = the address to copy from */
    dma_value = word;
    last.calls++;
    (void)off;
}

START_TEST(dma_reaches_ram_but_no_device_from_inside_one)
{
    static const struct mmio_ops dma_ops = { dev_read, dma_write, 1, 4 };
    struct mem_stats st;
    struct mem_space *ports;

    ck_assert_int_eq(mem_space_new(&ports, "ports", 65536, NULL), 0);
    mem_share_guard(ports, sp);
    dev.ops = &dma_ops;
    dev.dev = sp;
    mem_add(mem_root(ports), &dev, 0x60, 0);
    struct mem_region mmio = { .name = "mmio", .kind = MEM_MMIO, .size = 16, .ops = &any };
    mem_add(mem_root(sp), &mmio, 0x10000, 0);
    memcpy(ram_bytes + 64, "\1\2\3\4", 4);
    mem_write(ports, 0x60, 64, 4);
    ck_assert_uint_eq(dma_value, 0x04030201);
    last.calls = 0;
    mem_write(ports, 0x60, 0x10000, 4);
    ck_assert_uint_eq(dma_value, 0xffffffff);
    ck_assert_uint_eq(last.calls, 1);
    mem_get_stats(sp, &st);
    ck_assert_uint_eq(st.refused, 1);
    uint32_t word;
    mem_copy_in(sp, &word, 0x10000, 4);         /* from outside a callback it may */
    ck_assert_uint_eq(word, 0x44332211);
    mem_space_free(ports);
}
END_TEST

/* Seed 1. A thousand random layouts, each compared byte by byte with a painter's model. */
START_TEST(random_layouts_match_a_painter)
{
    static uint8_t model[256];
    struct mem_region r[6];

    srand(1);
    for (unsigned round = 0; round < 1000; round++) {
        memset(model, 0xff, sizeof model);
        mem_begin(sp);
        mem_remove(&ram);
        for (unsigned i = 0; i < 6; i++) {
            unsigned size = 1 + rand() % 60, base = rand() % 196;
            r[i] = (struct mem_region){ .kind = MEM_MMIO, .size = size, .ops = &any };
            mem_add(mem_root(sp), &r[i], base, (int)i);
            memset(model + base, (int)i, size);
        }
        mem_commit(sp);
        for (unsigned a = 0; a < 256; a++) {
            const struct mem_span *s = mem_find(sp, a);
            ck_assert_uint_eq(s ? (unsigned)(s->region - r) : 0xff, model[a]);
            if (s)
                ck_assert_uint_eq(s->region_off + (a - s->gpa), a - s->region->base);
        }
        mem_begin(sp);
        for (unsigned i = 0; i < 6; i++)
            mem_remove(&r[i]);
        mem_commit(sp);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("mem");
    TCase *tc = tcase_create("mem");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, higher_priority_hides_and_comes_back);
    tcase_add_test(tc, an_alias_shows_its_target_from_an_offset);
    tcase_add_test(tc, containers_clip_and_move_their_children);
    tcase_add_test(tc, accesses_are_split_and_widened_as_the_device_asks);
    tcase_add_test(tc, an_access_across_an_edge_is_made_of_bytes);
    tcase_add_test(tc, holes_read_ones_and_are_counted);
    tcase_add_test(tc, listeners_hear_each_changed_stretch_once);
    tcase_add_test(tc, writes_to_watched_pages_are_told);
    tcase_add_test(tc, dma_reaches_ram_but_no_device_from_inside_one);
    tcase_add_test(tc, random_layouts_match_a_painter);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
