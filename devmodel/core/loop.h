/* loop.h - the machine thread's poll step: host files, host time, and work from other threads. */
/* SPDX-License-Identifier: MIT */
#ifndef LOOP_H
#define LOOP_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"

struct loop;                         /* owned by the machine; machine thread only, but for post */

int  loop_new (struct loop **out, struct vm_error *e);
void loop_free(struct loop *l);

/* `ready` runs in the poll step with poll(2)'s revents. One entry a descriptor: a second add for
 * the same fd replaces the first. `events` is poll(2)'s; 0 = errors only. VM_ENOMEM past 64. */
int  loop_add_fd(struct loop *l, int fd, short events,
                 void (*ready)(void *opaque, short revents), void *opaque, struct vm_error *e);
void loop_set_events(struct loop *l, int fd, short events);
void loop_del_fd(struct loop *l, int fd);                 /* idempotent, also from `ready` */

/* Work handed over: run once in the next poll step, in order of posting. Embedded in its owner and
 * left alone by it until run. loop_post may be called from any thread. */
struct loop_work { void (*run)(void *opaque); void *opaque; struct loop_work *next; bool queued; };
void loop_post(struct loop *l, struct loop_work *w);      /* no-op when already queued */
void loop_wake(struct loop *l);                           /* any thread, signal handlers too */
bool loop_pending(const struct loop *l);                  /* posted or woken since the last poll */

/* Host time, for what the guest cannot see (screen refresh). */
struct loop_tick { void (*fire)(void *opaque); void *opaque; int64_t period, due; /* ns */
                   struct loop_tick *next; };
void loop_every(struct loop *l, struct loop_tick *t, int64_t period_ns, void (*fire)(void *opaque),
                void *opaque);
void loop_stop_tick(struct loop *l, struct loop_tick *t); /* idempotent */

/* Waits at most timeout_ns (< 0: for ever, 0: not at all), then runs what is ready. */
void loop_poll(struct loop *l, int64_t timeout_ns);
int64_t loop_host_ns(void);                               /* CLOCK_MONOTONIC */

/* Called on the machine thread when work is posted by it, so that the CPU leaves its run early. */
void loop_on_post(struct loop *l, void (*posted)(void *self), void *self);
#endif
