/* irq.h - one wire. A device drives a level; the wire knows who listens. */
/* SPDX-License-Identifier: MIT */
#ifndef IRQ_H
#define IRQ_H
#include "devmodel/base/vm_types.h"

struct irq_line {
    void      (*set)(void *sink, unsigned pin, bool level); /* NULL: not connected */
    void       *sink;                                         /* interrupt controller or CPU port */
    unsigned    pin;
    bool        level;                                        /* last level driven */
    const char *name;                                         /* for the trace: "com1.intr" */
};

void irq_connect(struct irq_line *l, void (*set)(void *, unsigned, bool), void *sink, unsigned pin);
/* No-op when the level does not change, so a device may call it after every register access.
 * There is no pulse call: an edge is two levels the device can explain from its own state. */
void irq_set(struct irq_line *l, bool level);
/* Tells the sink the present level again; after reset and load. A sink takes it as no change. */
void irq_announce(struct irq_line *l);
#endif
