/* opts.h - the command line of godwit as a struct. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_OPTS_H
#define GODWIT_OPTS_H
#include "cmd/godwit/engines.h"
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
#include <stdio.h>

enum { OPTS_IDE = 4, OPTS_FLOPPY = 2, OPTS_SERIAL = 4, OPTS_DEVICES = 16 };
enum opts_action { OPTS_RUN, OPTS_HELP, OPTS_VERSION, OPTS_CPU_HELP, OPTS_DEVICE_HELP,
                   OPTS_TRACE_HELP, OPTS_ENGINE_HELP };
enum opts_display { OPTS_DISPLAY_DEFAULT, OPTS_DISPLAY_NONE, OPTS_DISPLAY_TEXT };

struct opts_disk {
    char file[1024];                 /* "" = none */
    bool cdrom, read_only, snapshot;
};

/* Strings point into argv unless they are arrays. NULL and zero mean "not given". */
struct opts {
    enum opts_action action;
    const char *device_help;         /* the device whose properties are asked for, or NULL = all */
    uint64_t ram_bytes;              /* 1 MiB .. 60 GiB, default 128 MiB */
    struct opts_disk ide[OPTS_IDE];  /* hda hdb hdc hdd */
    struct opts_disk floppy[OPTS_FLOPPY];
    char boot_order[8];              /* letters of a c d; "" = the firmware's own */
    bool boot_menu;
    const char *kernel, *initrd, *append, *bios, *cpu;
    const char *serial[OPTS_SERIAL]; /* where COM1.. lead; n_serial of them were given */
    unsigned n_serial;
    const char *parallel, *debugcon, *monitor;
    enum opts_display display;
    bool nographic, snapshot, no_reboot, no_shutdown, paused;
    struct vm_engines_asked engine;
    int icount_shift;                /* -1 = the clock follows the host's */
    bool rtc_local, rtc_fixed;
    int64_t rtc_seconds;             /* when rtc_fixed: since 1970, in the clock's own zone */
    const char *device[OPTS_DEVICES];/* "NAME,property=value,..." */
    unsigned n_devices;
    const char *name, *log_file, *log_items, *trace, *hostcap;
    int argc; char *const *argv;     /* what all this was read from */
};

/* VM_EINVAL: the sentence says what is wrong and what would be right. */
int opts_parse(struct opts *o, int argc, char *const *argv, struct vm_error *e);

void opts_help(FILE *out);           /* generated from the rows */

/* One call for each option, for the test of the manual page: name and alias (or NULL). */
void opts_each(void (*row)(void *self, const char *name, const char *alias), void *self);
#endif
