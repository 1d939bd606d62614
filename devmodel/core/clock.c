/* clock.c - the virtual clock: a heap of timers ordered by (due, order of arming).
 *
 * Where time comes from is given from outside (host time, instruction count, or a test's steps);
 * here it only never runs backwards. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/clock.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/snap.h"
#include <stdlib.h>

/* ns that a saved timer may be late: more would be caught up tick by tick, for ever if forged. */
#define MOST_OVERDUE 2000000000ll

struct vclock {
    vtime_t         now;             /* the latest time anybody was told */
    uint64_t        seq;             /* of the next timer armed */
    struct vtimer **heap;
    int             n, cap;
    struct vtimer  *all;
    struct vtimer  *firing;          /* with the time it was due */
    vtime_t         firing_due;
    vtime_t       (*source)(void *self);
    void           *source_self;
    vtime_t         offset;          /* source's time + offset = ours */
    void          (*earlier)(void *self);
    void           *earlier_self;
};

int vclock_new(struct vclock **out, struct vm_error *e)
{
    *out = calloc(1, sizeof **out);
    return *out ? VM_OK : vm_fail(e, VM_ENOMEM, "no memory for the virtual clock");
}

void vclock_free(struct vclock *c)
{
    if (!c)
        return;
    while (c->all)
        vtimer_forget(c->all);       /* a backend outlives the clock its timer was on */
    free(c->heap);
    free(c);
}

/* ---- heap ----------------------------------------------------------------------------------- */

static bool before(const struct vtimer *a, const struct vtimer *b)
{
    return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

static void put(struct vclock *c, int slot, struct vtimer *t)
{
    c->heap[slot] = t;
    t->heap_slot = slot;
}

static void sift_up(struct vclock *c, int i, struct vtimer *t)
{
    for (; i > 0 && before(t, c->heap[(i - 1) / 2]); i = (i - 1) / 2)
        put(c, i, c->heap[(i - 1) / 2]);
    put(c, i, t);
}

static void sift_down(struct vclock *c, int i, struct vtimer *t)
{
    for (;;) {
        int k = 2 * i + 1;
        if (k + 1 < c->n && before(c->heap[k + 1], c->heap[k]))
            k++;
        if (k >= c->n || !before(c->heap[k], t))
            break;
        put(c, i, c->heap[k]);
        i = k;
    }
    put(c, i, t);
}

static void heap_remove(struct vclock *c, struct vtimer *t)
{
    int i = t->heap_slot;
    struct vtimer *last = c->heap[--c->n];

    t->heap_slot = -1;
    if (last == t)
        return;
    if (i > 0 && before(last, c->heap[(i - 1) / 2]))
        sift_up(c, i, last);
    else
        sift_down(c, i, last);
}

static void heap_insert(struct vclock *c, struct vtimer *t)
{
    VM_ASSERT(c->n < c->cap);
    c->n++;
    sift_up(c, c->n - 1, t);
    if (c->heap[0] == t && c->earlier)
        c->earlier(c->earlier_self);
}

/* ---- timers --------------------------------------------------------------------------------- */

void vtimer_init(struct vtimer *t, struct vclock *c, const char *name,
                 void (*fire)(void *opaque, vtime_t due), void *opaque)
{
    int timers = 1;

    *t = (struct vtimer){ .name = name, .fire = fire, .opaque = opaque, .clock = c,
                          .due = VTIME_NEVER, .heap_slot = -1, .next = c->all };
    c->all = t;
    for (const struct vtimer *u = t->next; u; u = u->next)
        timers++;
    if (timers > c->cap) {           /* room for all at once: arming never allocates */
        c->cap = timers + 16;
        c->heap = realloc(c->heap, c->cap * sizeof *c->heap);
        VM_ASSERT(c->heap);
    }
}

void vtimer_arm(struct vtimer *t, vtime_t due)
{
    struct vclock *c = t->clock;

    if (t->heap_slot >= 0)
        heap_remove(c, t);
    if (due == VTIME_NEVER) {
        t->due = VTIME_NEVER;
        return;
    }
    if (t == c->firing && due <= c->firing_due)
        due = c->firing_due + 1;
    t->due = due < 0 ? 0 : due;
    t->seq = c->seq++;
    heap_insert(c, t);
}

void vtimer_cancel(struct vtimer *t)
{
    if (t->heap_slot >= 0)
        heap_remove(t->clock, t);
    t->due = VTIME_NEVER;
}

void vtimer_forget(struct vtimer *t)
{
    struct vtimer **at;

    if (!t->clock)
        return;
    vtimer_cancel(t);
    for (at = &t->clock->all; *at && *at != t; at = &(*at)->next)
        ;
    if (*at)
        *at = t->next;
    t->clock = NULL;
}

void vclock_forget(struct vclock *c, const void *p, size_t bytes)
{
    for (struct vtimer *t = c->all, *next; t; t = next) {
        next = t->next;
        if ((uintptr_t)t - (uintptr_t)p < bytes)
            vtimer_forget(t);
    }
}

void vtimer_snap(struct vtimer *t, struct snap *s)
{
    vtime_t due = t->due;
    uint64_t seq = t->due == VTIME_NEVER ? 0 : t->seq;

    snap_begin(s, t->name, 1);
    snap_time(s, "due", &due);
    snap_check(s, "due", due < 0 || due < t->clock->now - MOST_OVERDUE);
    snap_u64(s, "seq", &seq);
    snap_end(s);
    if (snap_mode(s) != SNAP_LOAD || snap_status(s, NULL) < 0)
        return;
    vtimer_cancel(t);
    t->due = due;
    t->seq = seq;
    if (due != VTIME_NEVER)
        heap_insert(t->clock, t);
}

/* ---- the clock ------------------------------------------------------------------------------ */

static vtime_t present(const struct vclock *c)
{
    vtime_t now = c->source ? c->source(c->source_self) + c->offset : c->now;

    return now > c->now ? now : c->now;
}

vtime_t vclock_now(const struct vclock *c) { return present(c); }

vtime_t vclock_next(const struct vclock *c) { return c->n ? c->heap[0]->due : VTIME_NEVER; }

void vclock_run(struct vclock *c, vtime_t now)
{
    while (c->n && c->heap[0]->due <= now) {
        struct vtimer *t = c->heap[0];

        heap_remove(c, t);
        c->firing = t;
        c->firing_due = t->due;
        t->due = VTIME_NEVER;
        if (c->now < c->firing_due)
            c->now = c->firing_due;
        t->fire(t->opaque, c->firing_due);
        c->firing = NULL;
    }
    if (c->now < now)
        c->now = now;
}

void vclock_source(struct vclock *c, vtime_t (*now)(void *self), void *self)
{
    c->now = present(c);
    c->source = now;
    c->source_self = self;
    c->offset = now ? c->now - now(self) : 0;
}

void vclock_on_earlier(struct vclock *c, void (*earlier)(void *self), void *self)
{
    c->earlier = earlier;
    c->earlier_self = self;
}

void vclock_snap(struct vclock *c, struct snap *s)
{
    vtime_t now = c->now = present(c);
    uint64_t seq = c->seq;

    snap_begin(s, "clock", 1);
    snap_time(s, "now", &now);
    snap_check(s, "now", now < 0 || now > VTIME_NEVER / 2);
    snap_u64(s, "seq", &seq);
    snap_end(s);
    if (snap_mode(s) != SNAP_LOAD || snap_status(s, NULL) < 0)
        return;
    c->now = now;
    c->seq = seq;
    if (c->source)
        c->offset = now - c->source(c->source_self);
}

const struct vtimer *vclock_timers(const struct vclock *c) { return c->all; }
