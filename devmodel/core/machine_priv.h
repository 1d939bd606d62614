/* machine_priv.h - the inside of a machine, shared by its life (machine.c), what devices claim
 * (claim.c) and the run loop (run.c). */
/* SPDX-License-Identifier: MIT */
#ifndef MACHINE_PRIV_H
#define MACHINE_PRIV_H
#include "devmodel/core/input.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/ram.h"

#define MACHINE_IRQS      16u
#define MACHINE_SINKS     4u
#define MACHINE_WIRES     16u
#define MACHINE_SOURCES   96u        /* drivers of ISA lines and named wires together */
#define MACHINE_DEVICES   64u
#define MACHINE_BACKENDS  64u

enum claim_kind { CLAIM_PORTS, CLAIM_MEM, CLAIM_IRQ };
struct claim {
    enum claim_kind    kind;
    uint64_t           from, to;     /* [from, to) */
    struct device     *owner;        /* NULL = the board */
    struct mem_region *region;
};

/* Several drivers, one level: of an ISA line, or of a named wire. */
struct node { unsigned high; };
struct source { struct machine *m; struct irq_line *line; struct device *owner; unsigned target;
                bool is_wire, level; };
struct sink {
    void (*set)(void *sink, unsigned pin, bool level); void *self;
    struct device *owner;
};
struct wire { const char *name; struct node node; struct sink to; unsigned pin; };
struct backend { enum prop_type type; char *name; void *object; };

struct runner {
    const struct exec_ops *ops;
    void                  *self;
    struct machine_run_options opt;
    bool     running, paused;        /* running: inside ops->run */
    vtime_t  slice_end;              /* when the present run should be over */
    int64_t  host_last;              /* host time: when it was last read */
    vtime_t  host_virtual, skipped;  /* time gone by it; icount: time jumped over while halted */
    int64_t  last_poll;
    int64_t  speed;                  /* instructions a millisecond, measured */
    bool     want_reset, want_poweroff, want_quit;
    int      status;
};

struct machine {
    struct machine_options opt;
    struct vclock     *clock;
    struct loop       *loop;
    struct input       input;
    struct mem_space  *mem, *ports;
    struct ram         ram;
    struct mem_region  ram_region, pci_mem;
    struct pci_bus    *pci;
    struct isa_dma    *dma;
    int              (*intack)(void *self);
    void              *intack_self;
    struct claim      *claim;        size_t n_claims;
    struct node        irq[MACHINE_IRQS];
    struct sink        sink[MACHINE_SINKS];          unsigned n_sinks;
    struct wire        wire[MACHINE_WIRES];          unsigned n_wires;
    struct source      source[MACHINE_SOURCES];      unsigned n_sources;
    struct backend     backend[MACHINE_BACKENDS];    unsigned n_backends;
    struct device     *device[MACHINE_DEVICES];      unsigned n_devices;
    struct device     *realizing;
    struct runner      run;
};

void claim_announce(struct machine *m);      /* every source's wire tells its level again */
void claim_free(struct machine *m);
#endif
