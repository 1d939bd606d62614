/* chr_mux.c - lets a device and the monitor share one backend, with Ctrl-A as the escape. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/chr_priv.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { CTRL_A = 1, BUFFER = 256, RETRY_NS = 1000000 };

struct mux {
    struct loop *loop;
    struct chr  *below, *ends;
    unsigned     focus;
    bool         escape;             /* Ctrl-A was the last byte */
    uint8_t      buf[BUFFER];        /* typed for the end in focus, which has no room yet */
    size_t       n;
    struct loop_tick retry;
    void       (*hot)(void *self, unsigned focus, char key);
    void        *hot_self;
};

/* The end in focus takes what it can; the tick runs exactly while something is left. */
static void pump(struct mux *m)
{
    struct chr *end = &m->ends[m->focus];
    size_t room = chr_room(end), n = room < m->n ? room : m->n;
    uint8_t part[BUFFER];

    if (!n)
        return;
    memcpy(part, m->buf, n);
    m->n -= n;
    memmove(m->buf, m->buf + n, m->n);
    if (!m->n)
        loop_stop_tick(m->loop, &m->retry);
    end->rx(end->dev, part, n);
}

static void on_retry(void *opaque)
{
    pump(opaque);
}

static void keep(struct mux *m, uint8_t byte)
{
    if (m->n == BUFFER)
        return;
    if (!m->n)
        loop_every(m->loop, &m->retry, RETRY_NS, on_retry, m);
    m->buf[m->n++] = byte;
}

static void set_focus(struct mux *m, unsigned focus)
{
    pump(m);
    if (m->n)                        /* typed for the other one, who never took it */
        loop_stop_tick(m->loop, &m->retry);
    m->n = 0;
    m->focus = focus;
}

static void escaped(struct mux *m, uint8_t byte)
{
    m->escape = false;
    if (byte == CTRL_A) {
        keep(m, byte);
        return;
    }
    char key = (char)tolower(byte);

    if (key == 'c')
        set_focus(m, !m->focus);
    if (m->hot)
        m->hot(m->hot_self, m->focus, key);
}

static size_t below_room(void *dev)
{
    const struct mux *m = dev;

    return BUFFER - m->n;
}

static void below_rx(void *dev, const uint8_t *p, size_t n)
{
    struct mux *m = dev;

    for (size_t i = 0; i < n; i++) {
        if (m->escape)
            escaped(m, p[i]);
        else if (p[i] == CTRL_A)
            m->escape = true;
        else
            keep(m, p[i]);
    }
    pump(m);
}

static size_t end_write(void *self, const uint8_t *p, size_t n)
{
    struct mux *m = self;

    return m->below->ops->write(m->below->self, p, n);
}

static void first_close(void *self)
{
    struct mux *m = self;

    if (m->n)
        loop_stop_tick(m->loop, &m->retry);
    m->below->ops->close(m->below->self);
    free(m);
}

static void second_close(void *self)
{
    (void)self;
}

static const struct chr_ops end_ops[CHR_MUX_ENDS] = { { end_write, first_close },
                                                      { end_write, second_close } };

int chr_mux_new(struct loop *l, struct chr *below, struct chr ends[CHR_MUX_ENDS],
                void (*hot)(void *self, unsigned focus, char key), void *self, struct vm_error *e)
{
    struct mux *m = calloc(1, sizeof *m);

    if (!m)
        return vm_fail(e, VM_ENOMEM, "no memory to share a terminal");
    *m = (struct mux){ .loop = l, .below = below, .ends = ends, .hot = hot, .hot_self = self };
    for (unsigned i = 0; i < CHR_MUX_ENDS; i++)
        ends[i] = (struct chr){ .ops = &end_ops[i], .self = m };
    below->rx_room = below_room;
    below->rx = below_rx;
    below->dev = m;
    return VM_OK;
}

void chr_mux_focus(const struct chr *end)
{
    struct mux *m = end->self;

    set_focus(m, (unsigned)(end - m->ends));
}
