/* blk_cow.c - writes go to a nameless temporary file, the image below is only read.
 * One bit per sector says where it is; the temporary file is sparse and has the disk's layout. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "devmodel/host/image.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct image_cow {
    struct image  im;
    struct image *base;              /* owned */
    uint8_t      *own;               /* bit per sector: 1 = ours */
    int           fd;
};

static bool is_own(const struct image_cow *c, uint64_t sector)
{
    return c->own[sector / 8] >> (sector % 8) & 1;
}

static int read_own(const struct image_cow *c, uint64_t off, uint8_t *p, size_t len)
{
    while (len) {
        ssize_t n = pread(c->fd, p, len, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return VM_EIO;
        p += n;
        off += (uint64_t)n;
        len -= (size_t)n;
    }
    return VM_OK;
}

static int cow_read(struct image *im, uint64_t off, void *buf, size_t len)
{
    struct image_cow *c = (struct image_cow *)im;
    uint8_t *p = buf;

    while (len) {
        uint64_t s = off / IMAGE_ALIGN;
        bool own = is_own(c, s);
        size_t run = IMAGE_ALIGN;

        while (run < len && is_own(c, s + run / IMAGE_ALIGN) == own)
            run += IMAGE_ALIGN;
        VM_TRY(own ? read_own(c, off, p, run) : c->base->ops->read(c->base, off, p, run));
        p += run;
        off += run;
        len -= run;
    }
    return VM_OK;
}

static int cow_write(struct image *im, uint64_t off, const void *buf, size_t len)
{
    struct image_cow *c = (struct image_cow *)im;
    const uint8_t *p = buf;

    for (size_t done = 0; done < len; ) {
        ssize_t n = pwrite(c->fd, p + done, len - done, (off_t)(off + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return VM_EIO;
        done += (size_t)n;
    }
    for (uint64_t s = off / IMAGE_ALIGN; s < (off + len) / IMAGE_ALIGN; s++)
        c->own[s / 8] |= (uint8_t)(1u << (s % 8));
    return VM_OK;
}

static int cow_flush(struct image *im)
{
    (void)im;                        /* what is dropped at exit need not be safe */
    return VM_OK;
}

static void cow_close(struct image *im)
{
    struct image_cow *c = (struct image_cow *)im;

    c->base->ops->close(c->base);
    close(c->fd);
    free(c->own);
    free(c);
}

static const struct image_ops cow_ops = { cow_read, cow_write, cow_flush, cow_close };

static int temp_file(struct vm_error *e)
{
    const char *dir = getenv("TMPDIR");
    char name[256];

    snprintf(name, sizeof name, "%s/godwit-XX" "XX" "XX", dir && *dir ? dir : "/var/tmp");
    int fd = mkostemp(name, O_CLOEXEC);

    if (fd < 0)
        return vm_fail(e, VM_EIO, "cannot create a temporary file for snapshot mode in '%.150s': "
                       "%s; set TMPDIR to a directory that can be written",
                       dir && *dir ? dir : "/var/tmp", strerror(errno));
    unlink(name);
    return fd;
}

int image_cow(struct image *base, struct image **out, struct vm_error *e)
{
    struct image_cow *c = calloc(1, sizeof *c);
    uint8_t *own = calloc(base->size / IMAGE_ALIGN / 8 + 1, 1);
    int rc;

    if (!c || !own) {
        rc = vm_fail(e, VM_ENOMEM, "no memory for snapshot mode");
        goto out;
    }
    if ((rc = temp_file(e)) < 0)
        goto out;
    *c = (struct image_cow){ { &cow_ops, base->size, false }, base, own, rc };
    *out = &c->im;
    return VM_OK;
out:
    free(own);
    free(c);
    return rc;
}
