/* chr_mem.c - a character backend for tests: output collects in memory, input comes by a call. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/chr_priv.h"
#include <string.h>

static size_t mem_write(void *self, const uint8_t *p, size_t n)
{
    struct chr_mem *c = self;
    size_t left = sizeof c->out - c->n_out;

    n = n < c->room ? n : c->room;
    n = n < left ? n : left;
    memcpy(c->out + c->n_out, p, n);
    c->n_out += n;
    return n;
}

static void mem_close(void *self)
{
    (void)self;
}

static const struct chr_ops mem_ops = { mem_write, mem_close };

void chr_mem_init(struct chr_mem *c)
{
    *c = (struct chr_mem){ .chr = { .ops = &mem_ops, .self = c }, .room = SIZE_MAX };
}

size_t chr_mem_feed(struct chr_mem *c, const void *p, size_t n)
{
    size_t room = chr_room(&c->chr);

    n = n < room ? n : room;
    if (n)
        c->chr.rx(c->chr.dev, p, n);
    return n;
}
