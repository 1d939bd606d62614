/* i8254.h - what the board and the speaker port wire to the interval timer. */
/* SPDX-License-Identifier: MIT */
#ifndef I8254_H
#define I8254_H
#include "devmodel/base/vm_types.h"
struct device;

/* Input: IR0 is requested and not yet taken (i8259_ir0_waiting). Without it no tick is made up. */
void i8254_set_waiting(void *pit, unsigned pin, bool level);

void i8254_set_gate2(struct device *pit, bool level);   /* port 61h bit 0 */
bool i8254_out(struct device *pit, unsigned ch);        /* OUT of channel 0..2 now */
#endif
