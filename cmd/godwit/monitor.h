/* monitor.h - commands to a running machine, a line at a time, over a character backend. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_MONITOR_H
#define GODWIT_MONITOR_H
#include "devmodel/core/backend.h"
#include "devmodel/core/machine.h"
struct x86_cpu; struct pc;

struct monitor_disk { const char *name, *file; struct blk *blk; };

enum monitor_button { BUTTON_POWER, BUTTON_RESET, BUTTON_NMI };

/* What commands act on. Borrowed; outlives the monitor. NULL = there is none. */
struct monitor_env {
    struct pc      *pc;              /* its buttons; NULL = none */
    struct machine *machine;
    struct display *display;
    struct x86_cpu *cpu;
    const char     *name;            /* of the machine, for `info name` */
    void (*press)(void *self, enum monitor_button b);    /* NULL = buttons of pc and machine */
    void *press_self;
    const struct monitor_disk *disks;                /* ends with a row whose name is NULL */
};

struct monitor;
/* Fills chr's rx; prints the greeting when somebody types the first byte. `echo`: what is typed is
 * shown, as a terminal in raw mode needs it. */
int  monitor_new (struct monitor **out, const struct monitor_env *env, struct chr *chr, bool echo,
                  struct vm_error *e);
void monitor_free(struct monitor *m);
void monitor_line(struct monitor *m, const char *line);      /* as if it were typed */
void monitor_prompt(struct monitor *m);
/* pc may be NULL: a machine without buttons. */
void monitor_press(struct machine *m, struct pc *pc, enum monitor_button b);
#endif
