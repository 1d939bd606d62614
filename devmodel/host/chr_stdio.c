/* chr_stdio.c - the program's standard input and output; a terminal is put into raw mode. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/chr_priv.h"
#include <stdlib.h>
#include <unistd.h>

static bool in_use;                  /* there is one standard input */

static size_t stdio_write(void *self, const uint8_t *p, size_t n)
{
    return chr_fd_write(self, p, n);
}

static void stdio_close(void *self)
{
    chr_fd_stop(self);
    free(self);
    tty_restore();
    in_use = false;
}

static const struct chr_ops stdio_ops = { stdio_write, stdio_close };

int chr_stdio_open(const struct host_env *h, const char *args, struct chr *out, struct vm_error *e)
{
    struct chr_fd *f;
    int rc;

    if (*args)
        return vm_fail(e, VM_EINVAL, "stdio takes nothing after it, not '%.60s'", args);
    if (in_use)
        return vm_fail(e, VM_EBUSY, "stdio has a user already; -serial mon:stdio lets a serial "
                       "port and the monitor share it");
    f = calloc(1, sizeof *f);
    if (!f)
        return vm_fail(e, VM_ENOMEM, "no memory for stdio");
    *f = (struct chr_fd){ .chr = out, .loop = h->loop, .in = STDIN_FILENO, .out = STDOUT_FILENO };
    rc = tty_raw(f->in, e);
    if (rc == VM_OK)
        rc = chr_fd_start(f, e);
    if (rc < 0) {
        tty_restore();
        free(f);
        return rc;
    }
    in_use = true;
    out->ops = &stdio_ops;
    out->self = f;
    return VM_OK;
}
