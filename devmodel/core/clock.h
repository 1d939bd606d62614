/* clock.h - the virtual clock: the only source of time a device may see. */
/* SPDX-License-Identifier: MIT */
#ifndef CLOCK_H
#define CLOCK_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
struct snap;
struct vclock;                       /* owned by the machine; one thread only */

/* Embedded in a device's struct. `fire` runs disarmed and gets the time it was due, not "now":
 * a periodic timer re-arms at due + period and cannot drift. */
struct vtimer {
    const char *name;                /* "i8254.ch0", also its snapshot key */
    void      (*fire)(void *opaque, vtime_t due);
    void       *opaque;
    struct vclock *clock;
    vtime_t     due;                 /* VTIME_NEVER when disarmed */
    uint64_t    seq;                 /* arming order: equal due times fire in this order */
    int         heap_slot;           /* -1 when disarmed */
    struct vtimer *next;             /* every initialised timer of the clock, for `info timers` */
};

/* `name` is not copied and outlives the timer; it is unique within its device. */
void    vtimer_init  (struct vtimer *t, struct vclock *c, const char *name,
                      void (*fire)(void *opaque, vtime_t due), void *opaque);
/* Absolute; re-arms; may be past: then it fires at the next vclock_run. A callback that re-arms its
 * own timer at or before the due time it was given gets due + 1, so that time always moves on. */
void    vtimer_arm   (struct vtimer *t, vtime_t due);
void    vtimer_cancel(struct vtimer *t);                /* idempotent */
void    vtimer_forget(struct vtimer *t);                /* cancel and leave the clock's list */
void    vtimer_snap  (struct vtimer *t, struct snap *s);

/* Live: with a source it is the source's present time even in the middle of a CPU run; it never
 * goes backwards. Inside a timer callback of a stepped clock it is that timer's due time. */
vtime_t vclock_now   (const struct vclock *c);
vtime_t vclock_next  (const struct vclock *c);          /* earliest due, or VTIME_NEVER */
void    vclock_run   (struct vclock *c, vtime_t now);   /* advance, fire all due <= now in order */

/* ---- for the machine and the tests ---------------------------------------------------------- */
int     vclock_new   (struct vclock **out, struct vm_error *e);
void    vclock_free  (struct vclock *c);
/* Where time comes from: `now` never goes backwards. Time continues from vclock_now(). NULL = the
 * stepped clock: time stands still between two vclock_run calls. */
void    vclock_source(struct vclock *c, vtime_t (*now)(void *self), void *self);
/* Called when a timer is armed to fire before all others. */
void    vclock_on_earlier(struct vclock *c, void (*earlier)(void *self), void *self);
void    vclock_snap  (struct vclock *c, struct snap *s); /* before the devices' timers */
/* Forgets every timer whose struct lies in [p, p + bytes): its owner goes away. */
void    vclock_forget(struct vclock *c, const void *p, size_t bytes);
const struct vtimer *vclock_timers(const struct vclock *c);   /* linked by next */
#endif
