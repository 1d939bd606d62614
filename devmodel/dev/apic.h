/* apic.h - the interrupt message between I/O and local APICs, and what a board connects. */
/* SPDX-License-Identifier: MIT */
#ifndef APIC_H
#define APIC_H
#include "devmodel/base/vm_types.h"
struct device;

enum apic_mode { APIC_FIXED, APIC_LOWEST, APIC_SMI, APIC_RESERVED, APIC_NMI, APIC_INIT,
                 APIC_STARTUP, APIC_EXTINT };
struct apic_message {
    uint8_t        dest, vector;
    enum apic_mode mode;
    bool           logical;          /* dest is a set of logical ids, not one physical id */
    bool           level;            /* level-triggered: the end of interrupt is broadcast */
};

/* ---- lapic ---------------------------------------------------------------------------------- */
/* The CPU wrote IA32_APIC_BASE: physical base (a page), global enable (bit 11). */
void lapic_set_base(struct device *lapic, gpa_t base, bool enabled);
/* Input pins: 0 = LINT0 (the PIC's INT), 1 = LINT1 (NMI). */
void lapic_lint(struct device *lapic, unsigned pin, bool level);
/* The CPU acknowledges: the vector of its own, or -1: it is the PIC's turn (LINT0 as ExtINT). */
int  lapic_intack(struct device *lapic);
/* A message from an I/O APIC; dropped when it is not for this one. */
void lapic_message(struct device *lapic, const struct apic_message *m);
/* End of a level-triggered interrupt, for the I/O APICs. */
void lapic_on_eoi(struct device *lapic, void (*eoi)(void *self, uint8_t vector), void *self);

/* ---- ioapic --------------------------------------------------------------------------------- */
void ioapic_on_message(struct device *ioapic,
                       void (*send)(void *self, const struct apic_message *m), void *self);
void ioapic_eoi(struct device *ioapic, uint8_t vector);
#endif
