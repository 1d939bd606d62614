/* vm_log.c - the log sink, and what an assertion that failed says. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_log.h"
#include "devmodel/base/vm_assert.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void to_stderr(void *self, enum vm_log_kind kind, const char *line)
{
    (void)self;
    if (kind == LOG_ERR)
        fprintf(stderr, "godwit: %s\n", line);
}

static void (*log_sink)(void *, enum vm_log_kind, const char *) = to_stderr;
static void *log_self;

void vm_log_sink(void (*sink)(void *self, enum vm_log_kind kind, const char *line), void *self)
{
    log_sink = sink ? sink : to_stderr;
    log_self = self;
}

void vm_log(enum vm_log_kind kind, const char *fmt, ...)
{
    char line[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    log_sink(log_self, kind, line);
}

void vm_assert_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "godwit: %s:%d: our own mistake: not true that %s\n", file, line, what);
    abort();
}
