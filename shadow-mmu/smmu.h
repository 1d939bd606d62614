/* smmu.h - shadow paging: guest page tables walked on demand, kept as TLB entries and, when the
 * host allows, as real host mappings in one address window per address space. */
/* SPDX-License-Identifier: MIT */
#ifndef SMMU_H
#define SMMU_H
#include "cpu-x86/mmu.h"
#include "devmodel/base/vm_err.h"
struct smmu; struct mem_space; struct vm_error; struct snap;

enum smmu_backend {
    SMMU_SOFT,      /* software TLB only; runs anywhere, the reference */
    SMMU_WINDOW,    /* guest linear page N appears at window + N * 4096 by mmap of the RAM file; */
};                  /* a miss is a SIGSEGV whose handler calls smmu_fault() */

int  smmu_new (struct smmu **out, struct mem_space *ram, enum smmu_backend be, struct vm_error *e);
void smmu_free(struct smmu *m);
extern const struct x86_mmu_ops smmu_ops;                      /* self = struct smmu * */

/* One walk, no caching, no side effects but A/D bits when `set_ad`: the definition the rest is
 * tested against. Returns 0 and fills *out, or the #PF error code with bit 31 set. */
struct smmu_walk {
    gpa_t gpa, pte_gpa[4];
    uint8_t levels, page_shift;      /* 2..4; 12, 21, 22 or 30 */
    bool w, u, x, global;
};
uint32_t smmu_walk(struct smmu *m, const struct x86_cpu *c, gva_t a, enum x86_access acc, bool user,
                   bool set_ad, struct smmu_walk *out);

/* From the signal handler only: true = mapped now, run the instruction again; false = not ours. */
bool smmu_fault(struct smmu *m, uintptr_t host_addr, bool write);

struct smmu_stats { uint64_t walks, fills, window_maps, pt_writes, flush_all, flush_page; };
void smmu_get_stats(const struct smmu *m, struct smmu_stats *out);
#endif
