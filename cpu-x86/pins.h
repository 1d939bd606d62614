/* pins.h - the CPU's package: what a board wires. The only cpu-x86 header devmodel/board needs. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_PINS_H
#define X86_PINS_H
#include "devmodel/base/vm_types.h"
struct x86_cpu;

enum x86_pend { X86_PEND_INTR = 1, X86_PEND_NMI = 2, X86_PEND_INIT = 4, X86_PEND_A20 = 8,
                X86_PEND_STOP = 16 /* engine must return STOP_KICK */,
                X86_PEND_DEBUG = 32 /* a debug trap waits; the CPU's own */ };

/* Drives one input. INTR, A20 (true = address bit 20 passes) and STOP are levels, NMI and INIT
 * rising edges. The CPU looks at the next instruction edge. */
void x86_pin(struct x86_cpu *c, enum x86_pend pin, bool level);

struct x86_port_ops {                /* the board's side */
    uint32_t (*in )(void *self, uint16_t port, unsigned size);             /* size 1, 2, 4 bytes */
    void     (*out)(void *self, uint16_t port, uint32_t v, unsigned size);
    int      (*intack)(void *self);  /* the vector, 0..255; called once per accepted interrupt */
    /* Each of these may be NULL. */
    uint64_t (*tsc)(void *self);     /* ticks since power-on; without it one tick an instruction */
    void     (*ferr)(void *self, bool level);              /* FERR#: an x87 error with CR0.NE = 0 */
    void     (*apic_base)(void *self, uint64_t v);         /* the board has a local APIC; the MSR
                                                              was written or reset to v */
};
#endif
