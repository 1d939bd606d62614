/* screendump.c - the screen as a PNG or PPM file.
 *
 * PNG (ISO 15948): 8-bit RGB, one IDAT chunk, no line filter. PPM: netpbm "P6". */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/display.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* h lines of `lead` zero bytes and w RGB triples. */
static uint8_t *to_rgb(const struct surface *s, size_t lead)
{
    uint8_t *out = malloc(s->h * (lead + (size_t)s->w * 3) + 1), *p = out;

    for (unsigned y = 0; out && y < s->h; y++) {
        memset(p, 0, lead);
        p += lead;
        for (unsigned x = 0; x < s->w; x++) {
            uint32_t c = s->px[(size_t)y * s->stride + x];

            *p++ = c >> 16 & 0xff;
            *p++ = c >> 8 & 0xff;
            *p++ = c & 0xff;
        }
    }
    return out;
}

static void put_be32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = v >> (24 - 8 * i) & 0xff;
}

static void put_chunk(FILE *f, const char type[4], const uint8_t *data, size_t n)
{
    uint8_t word[4];
    uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)type, 4);

    if (n)
        crc = crc32(crc, data, (uInt)n);
    put_be32(word, (uint32_t)n);
    fwrite(word, 1, 4, f);
    fwrite(type, 1, 4, f);
    fwrite(data, 1, n, f);
    put_be32(word, (uint32_t)crc);
    fwrite(word, 1, 4, f);
}

static int write_png(FILE *f, const struct surface *s, struct vm_error *e)
{
    static const uint8_t magic[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    uint8_t head[13] = { [8] = 8, [9] = 2 };             /* 8 bits, RGB */
    uLong raw = s->h * (1 + (uLong)s->w * 3), n = compressBound(raw);
    uint8_t *rgb = to_rgb(s, 1), *packed = malloc(n);
    bool done = rgb && packed && compress2(packed, &n, rgb, raw, Z_BEST_SPEED) == Z_OK;

    if (done) {
        put_be32(head, s->w);
        put_be32(head + 4, s->h);
        fwrite(magic, 1, sizeof magic, f);
        put_chunk(f, "IHDR", head, sizeof head);
        put_chunk(f, "IDAT", packed, n);
        put_chunk(f, "IEND", head, 0);
    }
    free(rgb);
    free(packed);
    return done ? VM_OK : vm_fail(e, VM_ENOMEM, "no memory for a picture of %ux%u", s->w, s->h);
}

static int write_ppm(FILE *f, const struct surface *s, struct vm_error *e)
{
    uint8_t *rgb = to_rgb(s, 0);

    if (!rgb)
        return vm_fail(e, VM_ENOMEM, "no memory for a picture of %ux%u", s->w, s->h);
    fprintf(f, "P6\n%u %u\n255\n", s->w, s->h);
    fwrite(rgb, 3, (size_t)s->w * s->h, f);
    free(rgb);
    return VM_OK;
}

int display_screendump(struct display *d, const char *path, struct vm_error *e)
{
    const char *dot = strrchr(path, '.');
    const struct surface *s;
    FILE *f;
    int rc, bad;

    if (!dot || (strcmp(dot, ".png") != 0 && strcmp(dot, ".ppm") != 0))
        return vm_fail(e, VM_EINVAL, "a screenshot's name ends in .png or .ppm, not '%.100s'",
                       path);
    if (!d->dev)
        return vm_fail(e, VM_ENOENT, "there is no screen: no video device uses this display");
    d->refresh(d->dev);
    s = d->surface(d->dev);
    f = fopen(path, "wb");
    if (!f)
        return vm_fail(e, VM_EIO, "%.120s cannot be written: %s", path, strerror(errno));
    rc = strcmp(dot, ".png") == 0 ? write_png(f, s, e) : write_ppm(f, s, e);
    bad = ferror(f);
    if ((fclose(f) || bad) && rc == VM_OK)
        return vm_fail(e, VM_EIO, "writing %.120s failed: %s", path, strerror(errno));
    return rc;
}
