/* blk_queue.c - turns an image into a block backend whose completions are virtual-clock events.
 * The host's I/O happens when the request is due, in the machine thread; no host threads. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/image.h"
#include "devmodel/core/clock.h"
#include <stdlib.h>

struct blk_queue {
    struct image  *im;               /* owned */
    struct vtimer  timer;
    struct blk_req *head, **tail;
    vtime_t        latency;          /* ns */
    vtime_t        last_due;         /* of the newest request */
};

static int check(const struct image *im, const struct blk_req *r)
{
    if (r->op == BLK_FLUSH)
        return VM_OK;
    if (r->off % IMAGE_ALIGN || r->len % IMAGE_ALIGN || r->off > im->size ||
        r->len > im->size - r->off)
        return VM_EINVAL;
    return r->op != BLK_READ && im->read_only ? VM_EIO : VM_OK;
}

static int perform(struct image *im, struct blk_req *r)
{
    VM_TRY(check(im, r));
    switch (r->op) {
    case BLK_READ:
        return im->ops->read(im, r->off, r->buf, r->len);
    case BLK_WRITE:
        return im->ops->write(im, r->off, r->buf, r->len);
    case BLK_FLUSH:
        return im->read_only ? VM_OK : im->ops->flush(im);
    case BLK_DISCARD:
        return VM_OK;                /* a hint; raw images keep their blocks */
    }
    return VM_EINVAL;
}

static struct blk_req *pop(struct blk_queue *q)
{
    struct blk_req *r = q->head;

    q->head = r->next;
    if (!q->head)
        q->tail = &q->head;
    r->next = NULL;
    return r;
}

static void fire(void *opaque, vtime_t due)
{
    struct blk_queue *q = opaque;
    struct blk_req *r = pop(q);

    (void)due;
    if (q->head)
        vtimer_arm(&q->timer, q->head->due);
    r->due = 0;
    r->done(r, perform(q->im, r));   /* may submit again */
}

static void info(void *self, struct blk_info *out)
{
    const struct blk_queue *q = self;

    *out = (struct blk_info){ q->im->size, IMAGE_ALIGN, q->im->read_only };
}

static void submit(void *self, struct blk_req *r)
{
    struct blk_queue *q = self;
    vtime_t now = vclock_now(q->timer.clock);

    if (r->due <= 0) {
        vtime_t from = q->head && q->last_due > now ? q->last_due : now;

        r->due = from + q->latency;
    }
    if (q->head && r->due < q->last_due)
        r->due = q->last_due;
    q->last_due = r->due;
    r->next = NULL;
    *q->tail = r;
    q->tail = &r->next;
    if (q->head == r)
        vtimer_arm(&q->timer, r->due);
}

static void cancel(void *self)
{
    struct blk_queue *q = self;

    vtimer_cancel(&q->timer);
    while (q->head) {
        struct blk_req *r = pop(q);

        r->due = 0;
        r->done(r, VM_EIO);
    }
}

static void close_queue(void *self)
{
    struct blk_queue *q = self;

    cancel(q);
    vtimer_forget(&q->timer);
    q->im->ops->close(q->im);
    free(q);
}

static const struct blk_ops queue_ops = { info, submit, cancel, close_queue };

int blk_queue_new(struct image *im, struct vclock *clock, vtime_t latency, struct blk *out,
                  struct vm_error *e)
{
    struct blk_queue *q = calloc(1, sizeof *q);

    if (!q)
        return vm_fail(e, VM_ENOMEM, "no memory for a disk's queue");
    q->im = im;
    q->tail = &q->head;
    q->latency = latency;
    vtimer_init(&q->timer, clock, "blk.queue", fire, q);
    *out = (struct blk){ &queue_ops, q };
    return VM_OK;
}
