/* image.h - stored disks as synchronous byte arrays; blk_queue puts them on the virtual clock. */
/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_H
#define IMAGE_H
#include "devmodel/core/backend.h"
struct vclock;

#define IMAGE_ALIGN 512u             /* bytes; every size and offset is a multiple of it */

/* One layer of a disk. Calls may block; off + len <= size is checked by blk_queue before. */
struct image {
    const struct image_ops *ops;
    uint64_t size;                   /* bytes, multiple of IMAGE_ALIGN */
    bool     read_only;
};
struct image_ops {
    int  (*read )(struct image *im, uint64_t off, void *buf, size_t len);        /* 0 or VM_EIO */
    int  (*write)(struct image *im, uint64_t off, const void *buf, size_t len);
    int  (*flush)(struct image *im);                 /* returns when all writes before are safe */
    void (*close)(struct image *im);                 /* frees im and what it owns */
};

/* Each creates an image or fails with a sentence. A layer owns the image below it: close frees
 * both; when creation fails the lower one is still the caller's. */
int image_file(const char *path, bool read_only, struct image **out, struct vm_error *e);
int image_mem (uint64_t size, struct image **out, struct vm_error *e);
int image_cow (struct image *base, struct image **out, struct vm_error *e);
/* The n-th operation from now (1 = the next; 0 = none) and, with `sticky`, all after it fail. */
int image_fault(struct image *base, uint64_t nth, bool sticky, struct image **out,
                struct vm_error *e);

/* Requests are done in the order submitted, one at a time, each `latency` ns of virtual time after
 * the later of its submission and the completion before it: a flush finds every earlier write
 * done. Takes the image over (close frees it). Nothing is done inside submit. */
int blk_queue_new(struct image *im, struct vclock *clock, vtime_t latency, struct blk *out,
                  struct vm_error *e);

#define BLK_LATENCY 20000            /* ns; a cached disk. Fixed, so that -icount repeats */
#endif
