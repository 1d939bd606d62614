/* opts_priv.h - a row of the option table, and how values are read. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_OPTS_PRIV_H
#define GODWIT_OPTS_PRIV_H
#include "cmd/godwit/opts.h"

struct opt_row {
    const char *name, *alias;        /* without the dash; name NULL: `help` is a heading */
    const char *arg;                 /* what the help calls the argument; NULL = takes none */
    const char *help;
    int (*set)(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e);
    size_t at;                       /* offset in struct opts of what `set` fills */
    unsigned index;                  /* which disk, for instance */
};

typedef int opt_setter(struct opts *o, const struct opt_row *r, const char *arg,
                       struct vm_error *e);
/* opts_values.c */
opt_setter set_flag, set_text, set_ram, set_hd, set_fd, set_cdrom, set_drive, set_boot, set_serial,
           set_display, set_icount, set_rtc, set_device, set_machine,
           set_engine /* opts_engine.c */;

/* Takes the next "name=value" of a comma list: false at its end. A doubled comma is a comma.
 * Longer texts than the arrays are cut. `bare` names the value that comes without a name. */
struct opt_pair { char name[24], value[1024]; };
bool opt_next_pair(const char **list, struct opt_pair *p, const char *bare);
/* on, yes, true, 1 / off, no, false, 0. */
int  opt_bool(const char *option, const struct opt_pair *p, bool *out, struct vm_error *e);
#endif
