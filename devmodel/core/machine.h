/* machine.h - the board's services to a device during realize, and the machine's own life. */
/* SPDX-License-Identifier: MIT */
#ifndef MACHINE_H
#define MACHINE_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
#include "devmodel/core/device.h"
struct machine; struct vclock; struct mem_region; struct irq_line; struct mem_space; struct pci_bus;
struct loop; struct snap; struct input;

struct vclock    *machine_clock(struct machine *m);
struct mem_space *machine_ram  (struct machine *m);       /* for DMA */
struct mem_space *machine_ports(struct machine *m);       /* for regions whose port moves */
struct pci_bus   *machine_pci  (struct machine *m);       /* NULL on an ISA-only board */
struct loop      *machine_loop (struct machine *m);
struct input     *machine_input(struct machine *m);       /* keys and mouse: core/input.h */
/* A claim is exclusive: a second one for the same port, byte or line is VM_EBUSY and the text
 * names both devices. The claimant is the device being realized. */
int machine_claim_ports(struct machine *m, struct mem_region *r, uint16_t port, struct vm_error *e);
int machine_claim_mem  (struct machine *m, struct mem_region *r, uint64_t gpa, struct vm_error *e);
/* ISA lines 0..15; 2 is taken by the cascade when there is a PIC. */
int machine_claim_irq  (struct machine *m, struct irq_line *l, unsigned irq, struct vm_error *e);
/* A further driver of a request line, claimed or not: the line carries the OR of all of them.
 * For level-triggered sources that share (PCI interrupts routed to ISA requests, the SCI). */
int machine_share_irq  (struct machine *m, struct irq_line *l, unsigned irq, struct vm_error *e);
/* Gives back what the device claimed; the core does it itself after unrealize. */
void machine_unclaim(struct machine *m, struct device *d);

/* An interrupt controller takes all ISA lines: set(sink, irq 0..15, level). At most 4 of them. */
int machine_add_irq_sink(struct machine *m, void (*set)(void *sink, unsigned irq, bool level),
                         void *sink, struct vm_error *e);
/* The PIC answers the CPU's interrupt acknowledge: the vector, 0..255. */
void machine_set_intack(struct machine *m, int (*ack)(void *self), void *self);
int  machine_intack(struct machine *m);                   /* 0xff when there is nobody */

/* The DMA controller, once its device is realized; NULL before and on a board without one. */
struct isa_dma;
struct isa_dma *machine_isa_dma(struct machine *m);
void            machine_set_isa_dma(struct machine *m, struct isa_dma *d);

/* The whole RAM as one region, not in the map itself: the host bridge and the board place aliases
 * of it. Below-4-GiB bytes come first. NULL when the machine has no RAM. */
struct mem_region *machine_ram_region(struct machine *m);
/* The container behind everything else where PCI memory, the VGA window and the BIOS ROM lie: what
 * no RAM alias covers shows through. Same addresses as the whole space. */
struct mem_region *machine_pci_mem(struct machine *m);

/* Named input wires: a board publishes "a20", "nmi", "reset" (the CPU's INIT pin: port 92h bit 0,
 * 8042 pulse), "cpu-intr" (the PIC's INT), "smi", "lapic-intr" and "lapic-nmi"; acpi_pm publishes
 * "power-button". A device that drives one connects to it in realize. VM_ENOENT names the wire. The
 * level is the OR of all drivers. */
int machine_publish_wire(struct machine *m, const char *name, void (*set)(void *sink, unsigned pin,
                         bool level), void *sink, unsigned pin, struct vm_error *e);
int machine_connect_wire(struct machine *m, const char *name, struct irq_line *l,
                         struct vm_error *e);

/* Requests that the run loop carries out at the next instruction edge. */
enum machine_request { MACHINE_RESET, MACHINE_POWEROFF, MACHINE_QUIT /* status given */ };
void machine_request(struct machine *m, enum machine_request what, int status);

/* ---- life ----------------------------------------------------------------------------------- */
struct machine_options {
    uint64_t    ram_bytes;           /* whole pages; 0 = no RAM */
    unsigned    gpa_bits;            /* 32..52 */
    bool        pci;
    const char *name;                /* "pc": the snapshot's top section; outlives the machine */
};
int  machine_new (struct machine **out, const struct machine_options *o, struct vm_error *e);
/* Unrealizes in reverse order; the machine never runs again. Afterwards backends may be closed
 * while the clock and the loop they use still exist. */
void machine_remove_devices(struct machine *m);           /* idempotent */
void machine_free(struct machine *m);                     /* removes devices, too */
/* What a backend property's value names. The object outlives the machine. VM_EBUSY: name taken. */
int  machine_add_backend(struct machine *m, enum prop_type type, const char *name, void *object,
                         struct vm_error *e);
void *machine_backend(struct machine *m, enum prop_type type, const char *name);
/* Creates and realizes; id NULL = the class's name, with a number when taken. */
/* A realize that fails undoes what it took from elsewhere (memory, files); claims, wires, timers
 * and the PCI slot the core takes back, here as after unrealize. */
int  machine_add_device(struct machine *m, const char *cls, const char *id, const char *props,
                        struct device **out /* may be NULL */, struct vm_error *e);
/* The same for a class that is not in the registry: the board's own, a test's. */
int  machine_add_class(struct machine *m, const struct dev_class *cls, const char *id,
                       const char *props, struct device **out, struct vm_error *e);
struct device *machine_device(struct machine *m, const char *id);         /* NULL = none */
struct device *machine_devices(struct machine *m);        /* in order of realize, by next */
/* Resets all devices, drives all, announces every wire, resets the executor. RESET_SOFT is the
 * executor's alone. RAM keeps its bytes. */
void machine_reset(struct machine *m, enum reset_kind k);
/* Executor, clock, buses, RAM, devices; after a load it drives. After a failed load fields may hold
 * what a check refused: the machine must be freed, not run. */
void machine_snap(struct machine *m, struct snap *s);

/* ---- who executes guest instructions -------------------------------------------------------- */
enum exec_stop { EXEC_BUDGET, EXEC_HALT, EXEC_KICK, EXEC_SHUTDOWN /* triple fault */, EXEC_DEBUG };
struct exec_ops {
    /* Runs at most max_insns (>= 1) instructions. EXEC_HALT: waits for an interrupt and none is
     * pending; called again it says so at once. */
    enum exec_stop (*run)(void *self, int64_t max_insns);
    bool (*ready)(void *self);       /* false: waits for an interrupt and none is pending */
    uint64_t (*insns)(void *self);   /* retired since power-on; exact in the middle of run too */
    void (*kick)(void *self);        /* machine thread only: run returns at the next edge */
    void (*reset)(void *self, enum reset_kind k);
    void (*snap)(void *self, struct snap *s);                 /* may be NULL */
};
void machine_set_executor(struct machine *m, const struct exec_ops *ops, void *self);

/* ---- the run loop --------------------------------------------------------------------------- */
enum { MACHINE_HOST_TIME = -1 };
struct machine_run_options {
    int  icount_shift;               /* 0..16: one instruction takes 1 << shift ns; or HOST_TIME */
    bool icount_sleep;               /* halted: wait as long as virtual time jumps; else at once */
    bool no_reboot;                  /* a reset request ends the run instead */
};
enum machine_end_why { END_POWEROFF, END_QUIT, END_RESET /* no_reboot */, END_DEBUG };
struct machine_end { enum machine_end_why why; int status; };
/* Until something ends it. May be called again after END_DEBUG. */
void machine_run(struct machine *m, const struct machine_run_options *o, struct machine_end *end);
/* For whoever runs several machines in step: the loop in turns, under counted time only and without
 * looking at the host. What the guest does in a turn that wants the turn to end (a timer set to
 * fire, a request) waits for the next machine_edge. */
void machine_turns(struct machine *m, const struct machine_run_options *o);  /* once, before */
/* Carries out requests, then fires the timers that are due. True: *end says why the run is over. */
bool machine_edge(struct machine *m, struct machine_end *end);
/* At most max_insns (>= 1), less when a timer is due before. EXEC_HALT: time has jumped to the next
 * timer, if there is one; a triple fault has asked for a reset. */
enum exec_stop machine_turn(struct machine *m, int64_t max_insns);
void machine_pause(struct machine *m, bool paused);       /* -S, monitor stop: time stands still */
bool machine_paused(const struct machine *m);
#endif
