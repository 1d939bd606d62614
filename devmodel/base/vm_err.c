/* vm_err.c - records a host-side failure as a code and a sentence. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_err.h"
#include <stdarg.h>
#include <stdio.h>

int vm_fail(struct vm_error *e, enum vm_err code, const char *fmt, ...)
{
    if (e) {
        char text[sizeof e->text];      /* an argument may be e->text itself */
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        e->code = code;
        snprintf(e->text, sizeof e->text, "%s", text);
    }
    return code;
}
