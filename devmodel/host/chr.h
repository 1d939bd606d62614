/* chr.h - character backends: the rows' functions, the terminal, the switch between two users. */
/* SPDX-License-Identifier: MIT */
#ifndef CHR_H
#define CHR_H
#include "devmodel/host/host.h"
struct loop;

/* All of them: `out` must stay where it is until it is closed, its rx members may be set later.
 * Input that the device has no room for waits; the end of the input ends nothing. They need
 * host_env.loop. Output to somebody who has gone is dropped. */
int chr_stdio_open (const struct host_env *h, const char *args, struct chr *out,
                    struct vm_error *e);             /* VM_EBUSY: opened already */
int chr_file_open  (const struct host_env *h, const char *args, struct chr *out,
                    struct vm_error *e);             /* output only */
int chr_null_open  (const struct host_env *h, const char *args, struct chr *out,
                    struct vm_error *e);
int chr_pty_open   (const struct host_env *h, const char *args, struct chr *out,
                    struct vm_error *e);             /* its name goes to stderr */
int chr_unix_open  (const struct host_env *h, const char *args, struct chr *out,
                    struct vm_error *e);
int chr_tcp_open   (const struct host_env *h, const char *args, struct chr *out,
                    struct vm_error *e);

/* ---- two users of one backend ---------------------------------------------------------------- */
/* Input of `below` goes to the end in focus, output of both goes down. Ctrl-A is the escape: C
 * changes the focus, a second Ctrl-A sends one, and every other key (as a lower-case letter; C too,
 * after the change) is told to hot(). ends[] must stay where they are; closing end 0 frees the
 * switch and closes `below`. Starts with end 0 in focus. */
enum { CHR_MUX_ENDS = 2 };
int  chr_mux_new(struct loop *l, struct chr *below, struct chr ends[CHR_MUX_ENDS],
                 void (*hot)(void *self, unsigned focus, char key), void *self,
                 struct vm_error *e);
void chr_mux_focus(const struct chr *end);           /* gives this end the focus */

/* ---- the terminal ---------------------------------------------------------------------------- */
/* Raw mode: bytes come as they are typed, no echo, no signals from keys. VM_OK without effect when
 * fd is no terminal. One terminal at a time. */
int  tty_raw(int fd, struct vm_error *e);
void tty_restore(void);              /* idempotent; from signal handlers and at exit, too */
void tty_again(void);                /* raw once more, after the process was stopped */
/* What tty_restore prints first, to undo what a display did to the screen; NULL = nothing. A
 * constant string. */
void tty_farewell(const char *bytes);

/* ---- for tests ------------------------------------------------------------------------------- */
struct chr_mem { struct chr chr; uint8_t out[4096]; size_t n_out; size_t room; /* write takes */ };
void   chr_mem_init(struct chr_mem *c);
size_t chr_mem_feed(struct chr_mem *c, const void *p, size_t n);   /* bytes the device took */
#endif
