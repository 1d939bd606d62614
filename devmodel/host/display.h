/* display.h - display backends, screenshots, and the terminal as screen and keyboard. */
/* SPDX-License-Identifier: MIT */
#ifndef DISPLAY_H
#define DISPLAY_H
#include "devmodel/core/backend.h"
#include "devmodel/host/host.h"
struct input; struct loop;

/* "none": shows nothing, but text, cells and surface work once a device uses it. */
int disp_null_open(const struct host_env *h, const char *args, struct display *out,
                   struct vm_error *e);

/* Writes what d shows now to `path`; the suffix .png or .ppm chooses the format. VM_EINVAL: another
 * suffix; VM_ENOENT: no device draws on d; VM_EIO, VM_ENOMEM. */
int display_screendump(struct display *d, const char *path, struct vm_error *e);

/* ---- text screens in a terminal ------------------------------------------------------------- */
struct disp_text_options {           /* all borrowed; they outlive the display */
    struct chr   *term;              /* where to draw; its rx side is taken over for the keyboard */
    struct input *input;             /* where keys go; NULL = none */
    struct loop  *loop;              /* redraws 20 times a second; NULL = the caller refreshes */
    int           size_fd;           /* a terminal to ask for its size, or -1: 80x25 */
};
/* Text modes cell by cell, graphics modes as coarse half blocks. Starts hidden: disp_text_show. */
int disp_text_new(struct display *out, const struct disp_text_options *o, struct vm_error *e);
/* Takes the terminal's screen or gives it back as it was (for a monitor). Idempotent. tty_restore
 * gives it back too, whatever ends the program. */
void disp_text_show(struct display *d, bool on);
void disp_text_tick(struct display *d);      /* what the loop calls: draws, sends waiting keys */
#endif
