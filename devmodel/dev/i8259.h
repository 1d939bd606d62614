/* i8259.h - what the board wires to the interrupt controller pair. */
/* SPDX-License-Identifier: MIT */
#ifndef I8259_H
#define I8259_H
#include "devmodel/base/vm_types.h"
struct device; struct irq_line;

/* The device takes the machine's ISA lines and answers its interrupt acknowledge by itself. */

/* Output: high while IR0 is requested and not masked; to i8254_set_waiting (lost timer ticks). */
struct irq_line *i8259_ir0_waiting(struct device *pic);

/* For the monitor: requests, in-service and mask bits of both chips, IR0 in bit 0. */
void i8259_info(const struct device *pic, uint16_t *irr, uint16_t *isr, uint16_t *imr);
#endif
