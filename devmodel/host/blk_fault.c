/* blk_fault.c - makes the n-th operation of a disk fail, so that tests see every error path. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/host.h"
#include "devmodel/host/image.h"
#include <stdlib.h>

struct image_fault {
    struct image  im;
    struct image *base;              /* owned */
    uint64_t      left;              /* operations until the fault; 0 = none */
    bool          sticky, broken;
};

static int count(struct image_fault *f)
{
    if (f->broken)
        return VM_EIO;
    if (f->left == 0 || --f->left > 0)
        return VM_OK;
    f->broken = f->sticky;
    return VM_EIO;
}

static int fault_read(struct image *im, uint64_t off, void *buf, size_t len)
{
    struct image_fault *f = (struct image_fault *)im;

    VM_TRY(count(f));
    return f->base->ops->read(f->base, off, buf, len);
}

static int fault_write(struct image *im, uint64_t off, const void *buf, size_t len)
{
    struct image_fault *f = (struct image_fault *)im;

    VM_TRY(count(f));
    return f->base->ops->write(f->base, off, buf, len);
}

static int fault_flush(struct image *im)
{
    struct image_fault *f = (struct image_fault *)im;

    VM_TRY(count(f));
    return f->base->ops->flush(f->base);
}

static void fault_close(struct image *im)
{
    struct image_fault *f = (struct image_fault *)im;

    f->base->ops->close(f->base);
    free(f);
}

static const struct image_ops fault_ops = { fault_read, fault_write, fault_flush, fault_close };

int image_fault(struct image *base, uint64_t nth, bool sticky, struct image **out,
                struct vm_error *e)
{
    struct image_fault *f = calloc(1, sizeof *f);

    if (!f)
        return vm_fail(e, VM_ENOMEM, "no memory for a faulty disk");
    *f = (struct image_fault){ { &fault_ops, base->size, base->read_only }, base, nth, sticky,
                               false };
    *out = &f->im;
    return VM_OK;
}

int blk_fault_open(const struct host_env *h, const char *args, struct blk *out, struct vm_error *e)
{
    static const char *const known[] = { "nth", "sticky", NULL };
    char path[1024], nth[24], val[8];
    struct image *im, *top;

    VM_TRY(host_args_check("a faulty disk", args, known, e));
    if (!host_arg(args, NULL, path, sizeof path) || !host_arg(args, "nth", nth, sizeof nth))
        return vm_fail(e, VM_EINVAL, "a faulty disk is written fault:PATH,nth=N");
    VM_TRY(image_file(path, false, &im, e));
    top = im;
    int rc = image_fault(im, strtoull(nth, NULL, 10), host_arg(args, "sticky", val, sizeof val),
                         &top, e);

    if (rc == VM_OK)
        rc = blk_queue_new(top, h->clock, BLK_LATENCY, out, e);
    if (rc < 0)
        top->ops->close(top);
    return rc;
}
