/* test_screendump.c - screenshots read back by an independent reader: chunks, inflate, pixels. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/display.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { W = 37, H = 11, STRIDE = 40 };

static uint32_t px[STRIDE * H];
static struct surface surface = { px, W, H, STRIDE };
static bool refreshed;
static uint8_t file[1 << 16];
static size_t file_n;

static void refresh(void *dev)
{
    (void)dev;
    refreshed = true;
}

static const struct surface *get_surface(void *dev)
{
    (void)dev;
    return &surface;
}

static struct display display = { .refresh = refresh, .surface = get_surface, .dev = &surface };

static void fill(void)
{
    for (unsigned i = 0; i < STRIDE * H; i++)
        px[i] = (i * 2654435761u) & 0xffffff;
}

static void dump(const char *suffix)
{
    char path[64];
    struct vm_error e;
    FILE *f;

    fill();
    snprintf(path, sizeof path, "screendump-%d%s", (int)getpid(), suffix);
    refreshed = false;
    ck_assert_msg(display_screendump(&display, path, &e) == VM_OK, "%s", e.text);
    ck_assert(refreshed);
    f = fopen(path, "rb");
    file_n = fread(file, 1, sizeof file, f);
    fclose(f);
    unlink(path);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Checks length, type and CRC of the chunk at *at; returns its data. */
static const uint8_t *chunk(size_t *at, const char *type, uint32_t *n)
{
    const uint8_t *p = file + *at;

    *n = be32(p);
    ck_assert_uint_le(*at + 12 + *n, file_n);
    ck_assert_int_eq(memcmp(p + 4, type, 4), 0);
    ck_assert_uint_eq(be32(p + 8 + *n), crc32(0, p + 4, *n + 4));
    *at += 12 + *n;
    return p + 8;
}

START_TEST(png_holds_the_pixels)
{
    static const uint8_t magic[8] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10 };
    static uint8_t raw[H * (1 + 3 * W)];
    const uint8_t *p;
    uLongf raw_n = sizeof raw;
    size_t at = 8;
    uint32_t n;

    dump(".png");
    ck_assert_int_eq(memcmp(file, magic, 8), 0);
    p = chunk(&at, "IHDR", &n);
    ck_assert_uint_eq(n, 13);
    ck_assert_uint_eq(be32(p), W);
    ck_assert_uint_eq(be32(p + 4), H);
    ck_assert_int_eq(memcmp(p + 8, "\x08\x02\x00\x00\x00", 5), 0);
    p = chunk(&at, "IDAT", &n);
    ck_assert_int_eq(uncompress(raw, &raw_n, p, n), Z_OK);
    ck_assert_uint_eq(raw_n, sizeof raw);
    for (unsigned y = 0; y < H; y++) {
        ck_assert_uint_eq(raw[y * (1 + 3 * W)], 0);
        for (unsigned x = 0; x < W; x++)
            ck_assert_uint_eq(be32(raw + y * (1 + 3 * W) + 3 * x) & 0xffffff, px[y * STRIDE + x]);
    }
    chunk(&at, "IEND", &n);
    ck_assert_uint_eq(n, 0);
    ck_assert_uint_eq(at, file_n);
}
END_TEST

START_TEST(ppm_holds_the_pixels)
{
    const char *head = "P6\n37 11\n255\n";
    size_t at = strlen(head);

    dump(".ppm");
    ck_assert_int_eq(memcmp(file, head, at), 0);
    ck_assert_uint_eq(file_n, at + 3 * W * H);
    for (unsigned i = 0; i < W * H; i++, at += 3)
        ck_assert_uint_eq((uint32_t)file[at] << 16 | file[at + 1] << 8 | file[at + 2],
                          px[i / W * STRIDE + i % W]);
}
END_TEST

START_TEST(wrong_names_and_missing_screens_are_refused_in_words)
{
    struct display nobody = { 0 };
    struct vm_error e;

    ck_assert_int_eq(display_screendump(&display, "shot.gif", &e), VM_EINVAL);
    ck_assert_ptr_nonnull(strstr(e.text, "'shot.gif'"));
    ck_assert_int_eq(display_screendump(&display, "shot", &e), VM_EINVAL);
    ck_assert_int_eq(display_screendump(&nobody, "shot.png", &e), VM_ENOENT);
    ck_assert_int_eq(display_screendump(&display, "no/such/folder/shot.png", &e), VM_EIO);
    ck_assert_int_eq(disp_null_open(NULL, "x", &nobody, &e), VM_EINVAL);
    ck_assert_int_eq(disp_null_open(NULL, "", &nobody, &e), VM_OK);
    nobody.ops->close(nobody.self);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("screendump");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_test(t, png_holds_the_pixels);
    tcase_add_test(t, ppm_holds_the_pixels);
    tcase_add_test(t, wrong_names_and_missing_screens_are_refused_in_words);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
