/* pins.h - the CPU's package: what a board wires. The only cpu-x86 header devmodel/board needs. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_PINS_H
#define X86_PINS_H
#include "devmodel/base/vm_types.h"
struct x86_cpu;

enum x86_pend { X86_PEND_INTR = 1, X86_PEND_NMI = 2, X86_PEND_INIT = 4, X86_PEND_A20 = 8,
                X86_PEND_STOP = 16 /* engine must return STOP_KICK */ };

/* Sets or clears one bit of cpu->pending; the CPU looks at the next instruction edge. */
void x86_pin(struct x86_cpu *c, enum x86_pend pin, bool level);

struct x86_port_ops {                /* the board's side */
    uint32_t (*in )(void *self, uint16_t port, unsigned size);             /* size 1, 2, 4 bytes */
    void     (*out)(void *self, uint16_t port, uint32_t v, unsigned size);
    int      (*intack)(void *self);  /* the vector, 0..255; called once per accepted interrupt */
};
#endif
