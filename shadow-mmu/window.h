/* window.h - direct windows (form W): guest linear memory where the host reaches it by an add.
 *
 * A window is 4 GiB of host addresses for one address space and privilege: linear address a is at
 * base + (int32_t)a, for a base that never changes while the window is in use. What is not mapped
 * there is PROT_NONE, as are 64 KiB before and behind it. See docs/mmu.md. */
/* SPDX-License-Identifier: MIT */
#ifndef SMMU_WINDOW_H
#define SMMU_WINDOW_H
#include "shadow-mmu/smmu.h"

enum { SMMU_WINDOWS_MAX = 64 };
struct smmu_window_options {
    uint32_t page;                   /* bytes of a host page: the kernel's or more, a power of two
                                        from 4096 to 65536 */
    unsigned windows;                /* at most, 1..SMMU_WINDOWS_MAX; 0 = 32 */
    unsigned maps;                   /* mappings of the kernel at most, from 256; 0 = three quarters
                                        of what it allows */
    unsigned pages;                  /* host pages in all windows, from 64; 0 = 65536 */
};
/* Before the first access; guest RAM comes from a file (mem_region.ram). VM_EINVAL, VM_ENOMEM. */
int  smmu_windows_open(struct smmu *m, const struct smmu_window_options *o, struct vm_error *e);

/* The base for the CPU as it is: CR3, control bits, CPL, A20, alignment checks. 0 = there is no
 * room for a window: use the software TLB. The answer holds until one of these changes. */
uintptr_t smmu_window(struct smmu *m, struct x86_cpu *c);
/* Grows when one of them has changed, but for CPL and alignment checks, which move c->tlb. */
const uint32_t *smmu_window_gen(const struct smmu *m);

/* After translate() has allowed an access to `a`: maps its page in the window of smmu_window(), and
 * neighbours. False: this page cannot be mapped with that right; use the software TLB. */
bool smmu_window_fill(struct smmu *m, struct x86_cpu *c, uint32_t a, bool write);

struct smmu_window_stats {
    uint64_t fills, batched;         /* host pages that were asked for; that came with them */
    uint64_t refused;                /* fills that were answered false */
    uint64_t drops, protects;        /* pages unmapped one by one; made read-only */
    uint64_t switches;               /* a CR3 load found its window as it had left it */
    uint64_t checked, stale;         /* pages compared with tables that were written; and dropped */
    uint64_t table_writes;           /* first writes to tables that were watched */
    uint64_t recycled;               /* windows emptied for want of room */
    uint64_t emptied;                /* windows emptied because memory or control bits changed */
    unsigned windows, pages, maps, tables;       /* now */
};
void smmu_window_get_stats(const struct smmu *m, struct smmu_window_stats *out);

/* For tests: what the window of `user` has at `a`: *host and whether it may be written. */
bool smmu_window_look(struct smmu *m, bool user, uint32_t a, uint8_t **host, bool *write);
#endif
