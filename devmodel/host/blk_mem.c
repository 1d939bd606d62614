/* blk_mem.c - a disk in memory, zeros at first; for tests and scratch disks. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/host.h"
#include "devmodel/host/image.h"
#include <stdlib.h>
#include <string.h>

struct image_mem {
    struct image im;
    uint8_t     *data;               /* im.size bytes */
};

static int mem_image_read(struct image *im, uint64_t off, void *buf, size_t len)
{
    memcpy(buf, ((struct image_mem *)im)->data + off, len);
    return VM_OK;
}

static int mem_image_write(struct image *im, uint64_t off, const void *buf, size_t len)
{
    memcpy(((struct image_mem *)im)->data + off, buf, len);
    return VM_OK;
}

static int mem_image_flush(struct image *im)
{
    (void)im;
    return VM_OK;
}

static void mem_image_close(struct image *im)
{
    struct image_mem *m = (struct image_mem *)im;

    free(m->data);
    free(m);
}

static const struct image_ops mem_ops = {
    mem_image_read, mem_image_write, mem_image_flush, mem_image_close,
};

int image_mem(uint64_t size, struct image **out, struct vm_error *e)
{
    if (size == 0 || size % IMAGE_ALIGN)
        return vm_fail(e, VM_EINVAL, "a disk in memory of %llu bytes; the size must be a multiple "
                       "of 512", (unsigned long long)size);
    struct image_mem *m = calloc(1, sizeof *m);
    uint8_t *data = size <= SIZE_MAX ? calloc(1, (size_t)size) : NULL;

    if (!m || !data) {
        free(m);
        free(data);
        return vm_fail(e, VM_ENOMEM, "no memory for a disk of %llu bytes",
                       (unsigned long long)size);
    }
    *m = (struct image_mem){ { &mem_ops, size, false }, data };
    *out = &m->im;
    return VM_OK;
}

/* "1440K" -> bytes; 0 when it is no size or does not fit. */
static uint64_t parse_size(const char *text)
{
    static const char units[] = "KMG";
    char *end;
    uint64_t n = strtoull(text, &end, 10);
    const char *u = *end ? strchr(units, *end) : NULL;

    if (end == text || text[0] == '-' || (*end && (!u || end[1])))
        return 0;
    unsigned shift = u ? 10 * (unsigned)(u - units + 1) : 0;

    return n > (UINT64_C(1) << 50) >> shift ? 0 : n << shift;
}

int blk_mem_open(const struct host_env *h, const char *args, struct blk *out, struct vm_error *e)
{
    static const char *const known[] = { NULL };
    char text[32];
    struct image *im;

    VM_TRY(host_args_check("a disk in memory", args, known, e));
    host_arg(args, NULL, text, sizeof text);
    uint64_t size = parse_size(text);

    if (!size)
        return vm_fail(e, VM_EINVAL, "'%s' is no size; write mem:1440K, mem:64M or mem:2G", text);
    VM_TRY(image_mem(size, &im, e));
    int rc = blk_queue_new(im, h->clock, BLK_LATENCY, out, e);

    if (rc < 0)
        im->ops->close(im);
    return rc;
}
