/* disp_null.c - a display nobody looks at; text and screenshots still work. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/display.h"
#include <string.h>

static void close_nothing(void *self)
{
    (void)self;
}

static const struct display_ops null_ops = { .close = close_nothing };

int disp_null_open(const struct host_env *h, const char *args, struct display *out,
                   struct vm_error *e)
{
    (void)h;
    if (*args)
        return vm_fail(e, VM_EINVAL, "the display \"none\" takes nothing after it, not '%.60s'",
                       args);
    memset(out, 0, sizeof *out);
    out->ops = &null_ops;
    return VM_OK;
}
