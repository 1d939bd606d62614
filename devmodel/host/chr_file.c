/* chr_file.c - output into a file, or into nothing. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/chr_priv.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t file_write(void *self, const uint8_t *p, size_t n)
{
    return chr_fd_write(self, p, n);
}

static void file_close(void *self)
{
    struct chr_fd *f = self;

    close(f->out);
    free(f);
}

static const struct chr_ops file_ops = { file_write, file_close };

int chr_file_open(const struct host_env *h, const char *args, struct chr *out, struct vm_error *e)
{
    static const char *const known[] = { "append", NULL };
    char path[1024], value[8];
    struct chr_fd *f;

    VM_TRY(host_args_check("file", args, known, e));
    if (!host_arg(args, NULL, path, sizeof path))
        return vm_fail(e, VM_EINVAL, "file: needs a name, file:PATH[,append]");
    bool append = host_arg(args, "append", value, sizeof value) && strcmp(value, "off") != 0;

    f = calloc(1, sizeof *f);
    if (!f)
        return vm_fail(e, VM_ENOMEM, "no memory for '%.100s'", path);
    *f = (struct chr_fd){ .chr = out, .loop = h->loop, .in = -1 };
    f->out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
    if (f->out < 0) {
        free(f);
        return vm_fail(e, errno == ENOENT ? VM_ENOENT : VM_EIO, "'%.150s' cannot be written: %s",
                       path, strerror(errno));
    }
    out->ops = &file_ops;
    out->self = f;
    return VM_OK;
}

static size_t null_write(void *self, const uint8_t *p, size_t n)
{
    (void)self;
    (void)p;
    return n;
}

static void null_close(void *self)
{
    (void)self;
}

static const struct chr_ops null_ops = { null_write, null_close };

int chr_null_open(const struct host_env *h, const char *args, struct chr *out, struct vm_error *e)
{
    (void)h;
    if (*args)
        return vm_fail(e, VM_EINVAL, "null takes nothing after it, not '%.60s'", args);
    out->ops = &null_ops;
    out->self = NULL;
    return VM_OK;
}
