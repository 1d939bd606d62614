/* clock.h - the virtual clock: the only source of time a device may see. */
/* SPDX-License-Identifier: MIT */
#ifndef CLOCK_H
#define CLOCK_H
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
};

void    vtimer_init  (struct vtimer *t, struct vclock *c, const char *name,
                      void (*fire)(void *opaque, vtime_t due), void *opaque);
void    vtimer_arm   (struct vtimer *t, vtime_t due); /* absolute; re-arms; may be past */
void    vtimer_cancel(struct vtimer *t);                /* idempotent */
void    vtimer_snap  (struct vtimer *t, struct snap *s);

vtime_t vclock_now   (const struct vclock *c);
vtime_t vclock_next  (const struct vclock *c);          /* earliest due, or VTIME_NEVER */
void    vclock_run   (struct vclock *c, vtime_t now);   /* advance, fire all due <= now in order */
#endif
