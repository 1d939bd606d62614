/* smmu_priv.h - what the walker and the software TLB share. */
/* SPDX-License-Identifier: MIT */
#ifndef SMMU_PRIV_H
#define SMMU_PRIV_H
#include "devmodel/core/mem.h"
#include "shadow-mmu/smmu.h"

struct smmu {
    struct mem_space   *ram;
    struct x86_cpu     *cpu;
    struct mem_listener listener;
    struct smmu_stats   stats;
    uint8_t             large[4096 / 2 / 8];   /* 2 MiB pieces with entries of large pages */
};
#endif
