/* chr_priv.h - a character backend on file descriptors: what stdio, pty and sockets share. */
/* SPDX-License-Identifier: MIT */
#ifndef CHR_PRIV_H
#define CHR_PRIV_H
#include "devmodel/core/loop.h"
#include "devmodel/host/chr.h"

struct chr_fd {
    struct chr  *chr;                /* the owner's; its rx is fed */
    struct loop *loop;
    int          in, out;            /* -1 = none */
    bool         drop_full;          /* output that finds no room is lost instead of refused */
    bool         waiting;            /* input there, no room in the device: `retry` looks again */
    struct loop_tick retry;
    void       (*hangup)(struct chr_fd *f);          /* end of input; may be NULL */
};
int    chr_fd_start(struct chr_fd *f, struct vm_error *e);
size_t chr_fd_write(struct chr_fd *f, const uint8_t *p, size_t n);
void   chr_fd_stop(struct chr_fd *f);                /* leaves the descriptors open */

size_t chr_room(const struct chr *c);                /* 0 while nobody is attached */
#endif
