/* chr_fd.c - feeds a device from a file descriptor as it has room, writes its output to another. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/chr_priv.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { RETRY_NS = 1000000, CHUNK = 512 };

size_t chr_room(const struct chr *c)
{
    return c->rx && c->rx_room ? c->rx_room(c->dev) : 0;
}

static void on_ready(void *opaque, short revents);

static void on_retry(void *opaque)
{
    struct chr_fd *f = opaque;

    if (!chr_room(f->chr))
        return;
    loop_stop_tick(f->loop, &f->retry);
    f->waiting = false;
    on_ready(f, POLLIN);
    if (!f->waiting && f->in >= 0)
        loop_add_fd(f->loop, f->in, POLLIN, on_ready, f, NULL);
}

/* Input that must wait is not polled for: a descriptor with input or a hang-up is always ready. */
static void wait_for_room(struct chr_fd *f)
{
    loop_del_fd(f->loop, f->in);
    if (!f->waiting)
        loop_every(f->loop, &f->retry, RETRY_NS, on_retry, f);
    f->waiting = true;
}

static void on_ready(void *opaque, short revents)
{
    struct chr_fd *f = opaque;
    uint8_t buf[CHUNK];
    size_t room = chr_room(f->chr);

    (void)revents;
    if (!room) {
        wait_for_room(f);
        return;
    }
    ssize_t n = read(f->in, buf, room < CHUNK ? room : CHUNK);

    if (n > 0) {
        f->chr->rx(f->chr->dev, buf, (size_t)n);
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    loop_del_fd(f->loop, f->in);
    f->in = -1;
    if (f->hangup)
        f->hangup(f);
}

int chr_fd_start(struct chr_fd *f, struct vm_error *e)
{
    f->waiting = false;
    return f->in < 0 ? VM_OK : loop_add_fd(f->loop, f->in, POLLIN, on_ready, f, e);
}

size_t chr_fd_write(struct chr_fd *f, const uint8_t *p, size_t n)
{
    size_t done = 0;

    while (f->out >= 0 && done < n) {
        ssize_t w = write(f->out, p + done, n - done);

        if (w > 0)
            done += (size_t)w;
        else if (w < 0 && errno == EAGAIN && !f->drop_full)
            return done;
        else if (w == 0 || errno != EINTR)
            break;
    }
    return n;
}

void chr_fd_stop(struct chr_fd *f)
{
    if (f->in >= 0)
        loop_del_fd(f->loop, f->in);
    if (f->waiting)
        loop_stop_tick(f->loop, &f->retry);
    f->waiting = false;
}
