/* smmu.h - shadow paging: guest page tables walked on demand and kept as software TLB entries. */
/* SPDX-License-Identifier: MIT */
#ifndef SMMU_H
#define SMMU_H
#include "cpu-x86/mmu.h"
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
struct smmu; struct mem_space; struct x86_cpu;

/* ram outlives the smmu. VM_ENOMEM. */
int  smmu_new (struct smmu **out, struct mem_space *ram, struct vm_error *e);
/* Names the CPU whose TLB and engine follow changes of the memory map and DMA into code. */
void smmu_attach(struct smmu *m, struct x86_cpu *c);
void smmu_free(struct smmu *m);
extern const struct x86_mmu_ops smmu_ops;                      /* self = struct smmu * */

/* One walk, no caching, no side effects but A/D bits when `set_ad`: the definition the rest is
 * tested against. SDM vol. 3 4.3-4.7. */
struct smmu_walk {
    gpa_t gpa;                       /* A20 not applied */
    uint8_t page_shift;              /* 12, 21 or 22; 32 without paging */
    bool w, x, dirty;                /* what this privilege may do; D set in the leaf */
    bool global;
    bool a, d;                       /* A in every level, D in the leaf, as found */
    uint8_t levels;                  /* tables that were read, the leaf's last; 0 without paging */
    gpa_t table[2];                  /* their pages */
};
enum { SMMU_FAULT = 1u << 31 };
/* Returns 0 and fills *out, or the #PF error code with SMMU_FAULT set. */
uint32_t smmu_walk(struct smmu *m, const struct x86_cpu *c, gva_t a, enum x86_access acc, bool user,
                   bool set_ad, struct smmu_walk *out);

struct smmu_stats { uint64_t walks, fills, flush_all, flush_page, code_writes; };
void smmu_get_stats(const struct smmu *m, struct smmu_stats *out);
#endif
