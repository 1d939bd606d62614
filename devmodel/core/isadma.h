/* isadma.h - what an ISA device asks of the DMA controller (8237A pair). */
/* SPDX-License-Identifier: MIT */
#ifndef ISADMA_H
#define ISADMA_H
#include "devmodel/base/vm_types.h"

struct isa_dma_ops {
    /* Device -> memory (to_memory) or memory -> device on channel ch (0..3 bytes, 5..7 words).
     * Moves at most n bytes while the channel is unmasked and in a matching mode; returns bytes
     * moved. *tc is set when the terminal count was reached by this call. A verify transfer moves
     * nothing but counts. */
    size_t (*transfer)(void *self, unsigned ch, void *buf, size_t n, bool to_memory, bool *tc);
    /* DREQ wire as the status register shows it. */
    void   (*dreq)(void *self, unsigned ch, bool level);
};
struct isa_dma { const struct isa_dma_ops *ops; void *self; };
#endif
