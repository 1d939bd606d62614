/* machine.h - the board's services to a device during realize. */
/* SPDX-License-Identifier: MIT */
#ifndef MACHINE_H
#define MACHINE_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
struct machine; struct vclock; struct mem_region; struct irq_line; struct mem_space; struct pci_bus;

struct vclock    *machine_clock(struct machine *m);
struct mem_space *machine_ram  (struct machine *m);       /* for DMA */
struct pci_bus   *machine_pci  (struct machine *m);       /* NULL on an ISA-only board */
struct mem_space *machine_ports(struct machine *m);       /* for regions whose port moves */
/* A claim is exclusive: a second one for the same port, byte or line is VM_EBUSY and the text
 * names both devices. */
int machine_claim_ports(struct machine *m, struct mem_region *r, uint16_t port, struct vm_error *e);
int machine_claim_mem  (struct machine *m, struct mem_region *r, uint64_t gpa, struct vm_error *e);
int machine_claim_irq  (struct machine *m, struct irq_line *l, unsigned irq, struct vm_error *e);
/* A further driver of a request line, claimed or not: the line carries the OR of all of them.
 * For level-triggered sources that share (PCI interrupts routed to ISA requests, the SCI). */
int machine_share_irq  (struct machine *m, struct irq_line *l, unsigned irq, struct vm_error *e);

/* The DMA controller, once its device is realized; NULL before and on a board without one. */
struct isa_dma;
struct isa_dma *machine_isa_dma(struct machine *m);
void            machine_set_isa_dma(struct machine *m, struct isa_dma *d);

/* Named input wires: a board publishes "a20", "nmi", "reset", "cpu-intr", "smi", "power-button";
 * a device that drives one connects to it in realize. VM_ENOENT names the wire. */
int machine_publish_wire(struct machine *m, const char *name, void (*set)(void *sink, unsigned pin,
                         bool level), void *sink, unsigned pin, struct vm_error *e);
int machine_connect_wire(struct machine *m, const char *name, struct irq_line *l,
                         struct vm_error *e);

/* Requests that the run loop carries out at the next instruction edge. */
enum machine_request { MACHINE_RESET, MACHINE_POWEROFF, MACHINE_QUIT /* status given */ };
void machine_request(struct machine *m, enum machine_request what, int status);
#endif
