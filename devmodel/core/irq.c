/* irq.c - wires: remember the level, tell the sink about changes. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/irq.h"

void irq_connect(struct irq_line *l, void (*set)(void *, unsigned, bool), void *sink, unsigned pin)
{
    l->set = set;
    l->sink = sink;
    l->pin = pin;
}

void irq_set(struct irq_line *l, bool level)
{
    if (l->level == level)
        return;
    l->level = level;
    irq_announce(l);
}

void irq_announce(struct irq_line *l)
{
    if (l->set)
        l->set(l->sink, l->pin, l->level);
}
