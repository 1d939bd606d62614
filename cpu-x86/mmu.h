/* mmu.h - what the CPU asks of whoever implements paging (shadow-mmu does). */
/* SPDX-License-Identifier: MIT */
#ifndef X86_MMU_H
#define X86_MMU_H
#include "devmodel/base/vm_types.h"
struct x86_cpu;

enum x86_access { ACC_R, ACC_W, ACC_X };

struct x86_mmu_ops {
    /* TLB miss. Returns the host address of the byte and fills the TLB entry, or NULL for device
     * space (*gpa set: do it through mem_read / mem_write). A page fault does not return: it sets
     * CR2 and calls x86_raise(). `user` is CPL 3 or an implicit supervisor access, not the CPL. */
    void *(*translate)(void *self, struct x86_cpu *c, gva_t a, unsigned size,
                       enum x86_access acc, bool user, gpa_t *gpa);
    /* Debugger and monitor: no fault, no accessed bits, no TLB fill. */
    bool  (*probe)(void *self, struct x86_cpu *c, gva_t a, enum x86_access acc, gpa_t *gpa);
    void  (*invlpg)(void *self, struct x86_cpu *c, gva_t a);
    void  (*control_written)(void *self, struct x86_cpu *c);   /* CR0, CR3, CR4 or EFER changed */
    void  (*ram_replaced)(void *self, struct x86_cpu *c);      /* and RAM: reset, snapshot */
    void  (*code_page)(void *self, gpa_t page, bool watched);  /* translated code lives here */
};
#endif
