/* chr_pty.c - a pseudo terminal that another program opens, screen or minicom for instance.
 * Output that nobody reads is dropped once the kernel's buffer is full. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "devmodel/host/chr_priv.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct chr_pty {
    struct chr_fd fd;
    int slave;                       /* kept open: without an opener the master would hang up */
};

static size_t pty_write(void *self, const uint8_t *p, size_t n)
{
    return chr_fd_write(self, p, n);
}

static void pty_close(void *self)
{
    struct chr_pty *t = self;

    chr_fd_stop(&t->fd);
    close(t->fd.out);
    close(t->slave);
    free(t);
}

static const struct chr_ops pty_ops = { pty_write, pty_close };

static int open_pair(struct chr_pty *t, char *name, size_t cap, struct vm_error *e)
{
    struct termios mode;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    if (master < 0)
        return vm_fail(e, VM_EIO, "no pseudo terminal can be had: %s", strerror(errno));
    if (grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, cap) != 0 ||
        (t->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
        int why = errno;

        close(master);
        return vm_fail(e, VM_EIO, "the pseudo terminal cannot be opened: %s", strerror(why));
    }
    if (tcgetattr(t->slave, &mode) == 0) {
        cfmakeraw(&mode);
        tcsetattr(t->slave, TCSANOW, &mode);
    }
    t->fd.in = t->fd.out = master;
    return VM_OK;
}

int chr_pty_open(const struct host_env *h, const char *args, struct chr *out, struct vm_error *e)
{
    char name[64];
    struct chr_pty *t;
    int rc;

    if (*args)
        return vm_fail(e, VM_EINVAL, "pty takes nothing after it, not '%.60s'", args);
    t = calloc(1, sizeof *t);
    if (!t)
        return vm_fail(e, VM_ENOMEM, "no memory for a pseudo terminal");
    t->fd = (struct chr_fd){ .chr = out, .loop = h->loop, .drop_full = true };
    rc = open_pair(t, name, sizeof name, e);
    if (rc < 0) {
        free(t);
        return rc;
    }
    rc = chr_fd_start(&t->fd, e);
    if (rc < 0) {
        pty_close(t);
        return rc;
    }
    fprintf(stderr, "godwit: pty is %s\n", name);
    out->ops = &pty_ops;
    out->self = t;
    return VM_OK;
}
