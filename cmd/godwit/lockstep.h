/* lockstep.h - two machines that get the same input and are compared. docs/lockstep.md. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_LOCKSTEP_H
#define GODWIT_LOCKSTEP_H
#include "cmd/godwit/vm.h"
#include "cpu-x86/state.h"

/* ---- lockstep_io.c: what comes from the host goes to both, and is noted ---------------------- */
struct lockstep_io;
struct lockstep_io *lockstep_io_new(void);               /* NULL: no memory */
void lockstep_io_free(struct lockstep_io *io);
/* vm_open calls these: ports are plugged in before the devices exist, input comes after. */
void lockstep_wire  (struct lockstep_io *io, struct vm *v);
void lockstep_attach(struct lockstep_io *io, struct vm *v);
void lockstep_press (void *io, enum monitor_button b);
/* Output that the host has not taken yet goes on; returns the bytes that still wait. */
size_t lockstep_flush(struct lockstep_io *io);
/* From now on the input is what was noted, at the times when it came. Both vms are opened anew. */
void lockstep_rewind(struct lockstep_io *io);
/* What came at this time or before; true: something did. `idle` = whatever comes next. */
bool lockstep_replay(struct lockstep_io *io, vtime_t now, bool idle);
size_t lockstep_inputs(const struct lockstep_io *io);    /* events noted */

/* ---- lockstep_state.c: where two machines differ --------------------------------------------- */
enum { WATCH_PAGES = 8 };
struct lockstep_watch {              /* what is compared after each turn beside the processors */
    uint64_t page[WATCH_PAGES];      /* offsets in RAM, bytes */
    unsigned n_pages;
    char     part[64];               /* "clock", "pci" or a device; "" = none */
};
/* All of RAM, clock, buses and devices. False: they differ, and *w says where. */
bool lockstep_same_all(struct vm *const v[2], struct lockstep_watch *w);
bool lockstep_same_watched(struct vm *const v[2], const struct lockstep_watch *w);
bool lockstep_same_ram(struct vm *const v[2], struct lockstep_watch *w);
/* Lines about processors, w's pages, w's part. */
void lockstep_print_diff(FILE *out, struct vm *const v[2], const struct lockstep_watch *w);
/* x87, SSE and debug registers, which x86_print leaves out. */
void lockstep_print_units(FILE *out, const struct x86_cpu *c);
/* n instructions from the place where `at` is, as the page tables of v's machine are now. */
void lockstep_print_code(FILE *out, struct vm *v, const struct x86_cpu *at, unsigned n);
const char *lockstep_engine(const struct vm *v);
#endif
