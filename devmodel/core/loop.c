/* loop.c - the poll step over poll(2), with an eventfd that other threads ring. */
/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "devmodel/core/loop.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_FDS 64

struct entry { void (*ready)(void *opaque, short revents); void *opaque; };

struct loop {
    struct pollfd     fd[MAX_FDS];   /* 0 is the bell */
    struct entry      entry[MAX_FDS];
    unsigned          n;
    struct loop_tick *ticks;
    pthread_mutex_t   lock;          /* guards the queue */
    struct loop_work *head, **tail;
    atomic_bool       rung;
    pthread_t         owner;
    void            (*posted)(void *self);
    void             *posted_self;
};

int64_t loop_host_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int loop_new(struct loop **out, struct vm_error *e)
{
    struct loop *l = calloc(1, sizeof *l);
    int bell = l ? eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) : -1;

    if (bell < 0) {
        free(l);
        return vm_fail(e, VM_ENOMEM, "no event descriptor for the run loop: %s", strerror(errno));
    }
    l->fd[0] = (struct pollfd){ .fd = bell, .events = POLLIN };
    l->n = 1;
    l->tail = &l->head;
    l->owner = pthread_self();
    pthread_mutex_init(&l->lock, NULL);
    *out = l;
    return VM_OK;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    close(l->fd[0].fd);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* ---- descriptors ---------------------------------------------------------------------------- */

static unsigned find_fd(const struct loop *l, int fd)
{
    unsigned i = 1;

    while (i < l->n && l->fd[i].fd != fd)
        i++;
    return i;
}

int loop_add_fd(struct loop *l, int fd, short events,
                void (*ready)(void *opaque, short revents), void *opaque, struct vm_error *e)
{
    unsigned i = find_fd(l, fd);

    if (i == MAX_FDS)
        return vm_fail(e, VM_ENOMEM, "more than %d host descriptors to watch", MAX_FDS - 1);
    if (i == l->n)
        l->n++;
    l->fd[i] = (struct pollfd){ .fd = fd, .events = events };
    l->entry[i] = (struct entry){ ready, opaque };
    return VM_OK;
}

void loop_set_events(struct loop *l, int fd, short events)
{
    unsigned i = find_fd(l, fd);

    if (i < l->n)
        l->fd[i].events = events;
}

void loop_del_fd(struct loop *l, int fd)
{
    unsigned i = find_fd(l, fd);

    if (i == l->n)
        return;
    l->n--;
    l->fd[i] = l->fd[l->n];
    l->entry[i] = l->entry[l->n];
}

static void run_fds(struct loop *l)
{
    for (unsigned i = 1; i < l->n; i++) {
        short revents = l->fd[i].revents;
        l->fd[i].revents = 0;        /* an entry moved into a freed slot keeps its own */
        if (!revents)
            continue;
        int fd = l->fd[i].fd;
        l->entry[i].ready(l->entry[i].opaque, revents);
        if (i < l->n && l->fd[i].fd != fd)
            i--;
    }
}

/* ---- work ----------------------------------------------------------------------------------- */

void loop_wake(struct loop *l)
{
    uint64_t one = 1;

    if (!atomic_exchange(&l->rung, true)) {
        ssize_t n = write(l->fd[0].fd, &one, sizeof one);
        (void)n;                     /* the counter is full: the bell rings anyway */
    }
}

bool loop_pending(const struct loop *l) { return atomic_load(&l->rung); }

void loop_post(struct loop *l, struct loop_work *w)
{
    pthread_mutex_lock(&l->lock);
    if (!w->queued) {
        w->queued = true;
        w->next = NULL;
        *l->tail = w;
        l->tail = &w->next;
    }
    pthread_mutex_unlock(&l->lock);
    loop_wake(l);
    if (l->posted && pthread_equal(pthread_self(), l->owner))
        l->posted(l->posted_self);
}

void loop_on_post(struct loop *l, void (*posted)(void *self), void *self)
{
    l->posted = posted;
    l->posted_self = self;
}

static struct loop_work *take(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    struct loop_work *w = l->head;
    if (w) {
        l->head = w->next;
        if (!l->head)
            l->tail = &l->head;
        w->queued = false;
    }
    pthread_mutex_unlock(&l->lock);
    return w;
}

/* Only what was there at the start: work that posts itself again waits for the next step. */
static void run_work(struct loop *l)
{
    struct loop_work *w;
    unsigned n = 0;

    pthread_mutex_lock(&l->lock);
    for (w = l->head; w; w = w->next)
        n++;
    pthread_mutex_unlock(&l->lock);
    while (n-- && (w = take(l)) != NULL)
        w->run(w->opaque);
}

/* ---- host time ------------------------------------------------------------------------------ */

void loop_every(struct loop *l, struct loop_tick *t, int64_t period_ns, void (*fire)(void *opaque),
                void *opaque)
{
    loop_stop_tick(l, t);
    *t = (struct loop_tick){ fire, opaque, period_ns, loop_host_ns() + period_ns, l->ticks };
    l->ticks = t;
}

void loop_stop_tick(struct loop *l, struct loop_tick *t)
{
    for (struct loop_tick **at = &l->ticks; *at; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            return;
        }
}

static void run_ticks(struct loop *l)
{
    if (!l->ticks)
        return;
    int64_t now = loop_host_ns();
    for (struct loop_tick *t = l->ticks; t;) {
        if (t->due > now) {
            t = t->next;
            continue;
        }
        t->due += t->period;
        if (t->due <= now)           /* fell behind: skip, host time owes nobody ticks */
            t->due = now + t->period;
        t->fire(t->opaque);
        t = l->ticks;                /* it may have stopped any of them */
    }
}

static int64_t until_tick(const struct loop *l, int64_t timeout_ns)
{
    if (!l->ticks || timeout_ns == 0)
        return timeout_ns;
    int64_t now = loop_host_ns();
    for (const struct loop_tick *t = l->ticks; t; t = t->next) {
        int64_t left = t->due > now ? t->due - now : 0;
        if (timeout_ns < 0 || left < timeout_ns)
            timeout_ns = left;
    }
    return timeout_ns;
}

/* ---- the step ------------------------------------------------------------------------------- */

void loop_poll(struct loop *l, int64_t timeout_ns)
{
    uint64_t rings;

    timeout_ns = until_tick(l, timeout_ns);
    struct timespec t = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
    int n = ppoll(l->fd, l->n, timeout_ns < 0 ? NULL : &t, NULL);
    if (n > 0) {
        if (l->fd[0].revents) {
            ssize_t got = read(l->fd[0].fd, &rings, sizeof rings);
            (void)got;               /* only empties the counter */
            atomic_store(&l->rung, false);       /* after it: a ring in between has work queued */
        }
        run_fds(l);
    }
    run_work(l);
    run_ticks(l);
}
