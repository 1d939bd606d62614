/* smmu_priv.h - what the walker, the software TLB and the windows share. */
/* SPDX-License-Identifier: MIT */
#ifndef SMMU_PRIV_H
#define SMMU_PRIV_H
#include "devmodel/core/mem.h"
#include "shadow-mmu/smmu.h"

struct windows;

struct smmu {
    struct mem_space   *ram;
    struct x86_cpu     *cpu;
    struct windows     *win;                   /* NULL = form S only */
    struct mem_listener listener;
    struct smmu_stats   stats;
    uint8_t             large[4096 / 2 / 8];   /* 2 MiB pieces with entries of large pages */
};

/* The page is watched because windows depend on it as a page table, and for nothing else: accessed
 * and dirty bits that the walker sets change nothing for them. */
bool smmu_only_table(const struct smmu *m, gpa_t page);
/* Stores to the page must come to translate() from now on. */
void smmu_drop_tlb_writes(struct x86_cpu *c, gpa_t page);
#endif
