/* vm_log.h - one line of text about something that happened, for the person at the terminal. */
/* SPDX-License-Identifier: MIT */
#ifndef VM_LOG_H
#define VM_LOG_H

enum vm_log_kind {
    LOG_ERR,        /* the host failed us: always shown */
    LOG_GUEST,      /* the guest did what the manual forbids */
    LOG_UNIMP,      /* the guest did what we do not model */
    LOG_INFO,       /* progress */
};

void vm_log(enum vm_log_kind kind, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Where lines go, without the newline. The default prints LOG_ERR to stderr and drops the rest;
 * NULL restores it. The only mutable global of the program's libraries. */
void vm_log_sink(void (*sink)(void *self, enum vm_log_kind kind, const char *line), void *self);
#endif
