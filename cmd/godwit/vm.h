/* vm.h - one machine with its host side, from the command line to the exit status. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_VM_H
#define GODWIT_VM_H
#include "cmd/godwit/monitor.h"
#include "cmd/godwit/opts.h"
#include "dbt-mips64/hostcap.h"
#include "devmodel/board/pc.h"
#include "devmodel/host/chr.h"

struct lockstep_io;

enum { VM_OK_STATUS = 0, VM_CANNOT_START = 2, VM_DIFFERS = 4, VM_SIGNALLED = 128 };
enum { VM_DISKS = OPTS_IDE + OPTS_FLOPPY, VM_MONITORS = 2 };
enum { VM_LPT = OPTS_SERIAL, VM_DEBUGCON, VM_PLUGS };    /* before them COM1.. */

struct vm {
    struct opts      o;
    struct pc       *pc;
    struct machine  *machine;
    struct host_env  env;
    struct blk       ide[OPTS_IDE], floppy[OPTS_FLOPPY];     /* ops NULL = not opened */
    struct chr       serial[OPTS_SERIAL], parallel, debugcon, monitor_chr;
    struct chr       shared;         /* what the switch is on top of: the terminal mostly */
    struct chr       ends[CHR_MUX_ENDS];
    struct chr      *plug[VM_PLUGS]; /* what each port leads to; NULL = nothing plugged in */
    struct display   display;
    bool             display_text;
    struct monitor  *monitor[VM_MONITORS];
    struct monitor_disk disks[VM_DISKS + 1];
    struct hostcap   hostcap;        /* -hostcap applied */
    struct vm_cpu   *cpu;            /* vm_cpu.c */
    FILE            *log;            /* -D; NULL = stderr */
    unsigned         log_mask;       /* bits of enum vm_log_kind */
    int              signal_fd;      /* -1 = none yet */
    /* Lockstep: which of the two this is, and what gives both the same input. NULL = alone. */
    unsigned         side;
    struct lockstep_io *io;
    bool             silent;         /* no ports, monitors, log or signals of its own */
};

/* All of them fill *e when they fail; vm_close undoes whatever was done. */
int  vm_open (struct vm *v, struct vm_error *e);
int  vm_run  (struct vm *v);         /* the program's exit status */
void vm_close(struct vm *v);         /* also after a vm_open that failed */

/* vm_hosts.c: disks, ports, display, monitors. */
int  vm_open_disks (struct vm *v, struct vm_error *e);
int  vm_open_ports (struct vm *v, struct vm_error *e);
int  vm_open_monitors(struct vm *v, struct x86_cpu *cpu, struct vm_error *e);
void vm_close_hosts(struct vm *v);

/* vm_cpu.c: processor, paging, execution tier. */
int  vm_cpu_new (struct vm *v, struct vm_error *e);
void vm_cpu_free(struct vm *v);
struct x86_cpu *vm_cpu_state(struct vm *v);
void vm_cpu_help(FILE *out);
void vm_trace_help(FILE *out);

/* lockstep.c: the machine of the options twice, each with its engine, instead of vm_open and
 * vm_run. VM_DIFFERS after a difference, which has been reported then. */
int  lockstep_main(const struct opts *o);

/* vm_log.c: -d, -D. */
int  vm_log_open (struct vm *v, struct vm_error *e);
void vm_log_close(struct vm *v);

/* vm_signal.c: the terminal is given back and the images are closed whatever ends the program. */
int  vm_signals(struct vm *v, struct vm_error *e);
void vm_signals_close(struct vm *v);
#endif
