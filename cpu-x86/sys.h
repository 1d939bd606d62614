/* sys.h - what the system's instructions share: descriptors, segment loads, stack frames, tasks. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_SYS_H
#define X86_SYS_H
#include "cpu-x86/except.h"
#include "cpu-x86/insn.h"
#include "cpu-x86/mmu.h"
#include "cpu-x86/state.h"

/* ---- modes ---- */
static inline bool x86_protected(const struct x86_cpu *c)  /* CR0.PE = 1 and not V86 */
{
    return (c->cr0 & CR0_PE) && !(c->eflags & FL_VM);
}
static inline bool x86_v86(const struct x86_cpu *c) { return c->eflags & FL_VM; }
static inline unsigned x86_iopl(const struct x86_cpu *c) { return c->eflags >> 12 & 3; }
void x86_need_cpl0(struct x86_cpu *c);                     /* #GP(0) */
void x86_need_protected(struct x86_cpu *c);                /* #UD in real and V86 mode */

/* ---- descriptors, SDM vol. 3 3.4.5, 3.5 ---- */
enum x86_desc_type {                 /* system descriptors: S = 0 */
    DT_TSS16 = 1, DT_LDT, DT_TSS16_BUSY, DT_CALL16, DT_TASK, DT_INT16, DT_TRAP16, DT_TSS32 = 9,
    DT_TSS32_BUSY = 11, DT_CALL32, DT_INT32 = 14, DT_TRAP32
};
struct x86_desc { uint32_t lo, hi; gva_t at; /* its linear address */ };

static inline uint32_t x86_desc_base(const struct x86_desc *d)
{
    return d->lo >> 16 | (d->hi & 0xff) << 16 | (d->hi & 0xff000000);
}
static inline uint32_t x86_desc_limit(const struct x86_desc *d)
{
    uint32_t limit = (d->lo & 0xffff) | (d->hi & 0xf0000);

    return d->hi & 1u << 23 ? limit << 12 | 0xfff : limit;
}
static inline uint16_t x86_desc_attr(const struct x86_desc *d) { return d->hi >> 8 & 0xf0ff; }
static inline unsigned x86_desc_dpl(const struct x86_desc *d) { return d->hi >> 13 & 3; }
static inline bool x86_desc_present(const struct x86_desc *d) { return d->hi >> 15 & 1; }
static inline bool x86_desc_is_code(const struct x86_desc *d)
{
    return (d->hi >> 8 & (SEG_S | SEG_CODE)) == (SEG_S | SEG_CODE);
}
static inline bool x86_desc_conforming(const struct x86_desc *d) { return d->hi >> 10 & 1; }
static inline bool x86_desc_is_stack(const struct x86_desc *d)       /* writable data */
{
    return (d->hi >> 8 & (SEG_S | SEG_CODE | SEG_RW)) == (SEG_S | SEG_RW);
}
/* System type, or -1 for code and data. */
static inline int x86_desc_system(const struct x86_desc *d)
{
    return d->hi >> 8 & SEG_S ? -1 : (int)(d->hi >> 8 & 15);
}
/* A gate's target. 16-bit gates have 16-bit offsets. */
static inline uint16_t x86_gate_sel(const struct x86_desc *d) { return d->lo >> 16; }
static inline uint32_t x86_gate_off(const struct x86_desc *d)
{
    return (d->lo & 0xffff) | (d->hi & 0x800 ? d->hi & 0xffff0000 : 0);
}
static inline bool x86_sel_null(uint16_t sel) { return !(sel & 0xfffc); }

/* Raises vector with the selector's error code. */
_Noreturn void x86_raise_sel(struct x86_cpu *c, unsigned vector, uint16_t sel);
/* False: a null selector or one beyond its table. */
bool x86_desc_read(struct x86_cpu *c, uint16_t sel, struct x86_desc *d);
/* The same, raising vector(sel) instead. */
void x86_desc_need(struct x86_cpu *c, uint16_t sel, unsigned vector, struct x86_desc *d);
/* Sets the accessed bit in memory and in *d; may raise #PF. */
void x86_desc_accessed(struct x86_cpu *c, struct x86_desc *d);

/* ---- segment registers ---- */
/* The commit half: fills the cache, raises nothing. The caller calls x86_update_mode(). */
void x86_seg_set(struct x86_cpu *c, unsigned seg, uint16_t sel, const struct x86_desc *d);
void x86_seg_null(struct x86_cpu *c, unsigned seg, uint16_t sel);
void x86_seg_real(struct x86_cpu *c, unsigned seg, uint16_t sel);    /* real mode keeps the limit */
void x86_seg_v86(struct x86_cpu *c, unsigned seg, uint16_t sel);
/* rend and wend of all segments anew: CR0.PE has changed, or the state was loaded. */
void x86_seg_ends(struct x86_cpu *c);
/* MOV, POP, LxS into ES, SS, DS, FS or GS in any mode, every check; calls x86_update_mode(). */
void x86_load_seg(struct x86_cpu *c, unsigned seg, uint16_t sel);
/* After MOV SS and POP SS: no interrupt and no debug trap before the next instruction is done. */
static inline void x86_shadow_ss(struct x86_cpu *c) { c->shadow = c->shadow_ss = true; }

/* ---- frames: several pushes that either all happen or none ---- */
enum { X86_FRAME_MAX = 40 };
struct x86_frame {
    struct x86_seg ss;               /* the stack segment, present or future */
    uint32_t sp;                     /* ESP, moved by each push */
    uint32_t fault;                  /* error code of #SS */
    uint8_t  size, cpl;              /* bytes a push; the privilege of its accesses */
    uint8_t  n;
    uint32_t lin[X86_FRAME_MAX], v[X86_FRAME_MAX];
};
/* On the stack in use. */
void x86_frame_here(const struct x86_cpu *c, struct x86_frame *f, unsigned size);
/* On the stack that TR's TSS has for dpl, 0..2; *sel and *d are SS's. */
void x86_frame_inner(struct x86_cpu *c, struct x86_frame *f, unsigned size, unsigned dpl,
                     uint16_t *sel, struct x86_desc *d);
void x86_frame_push(struct x86_cpu *c, struct x86_frame *f, uint32_t v);   /* checks, notes */
void x86_frame_write(struct x86_cpu *c, const struct x86_frame *f);        /* cannot fault */
/* `size` bytes at SS:rSP + at, without moving rSP. */
uint32_t x86_stack_at(struct x86_cpu *c, uint32_t at, unsigned size);

/* ---- control transfers ---- */
/* Raises unless CS:off with this descriptor may be entered by an exact or conforming call. */
void x86_check_code(struct x86_cpu *c, uint16_t sel, const struct x86_desc *d, bool gate);
/* Commits CS:off at privilege cpl. */
void x86_enter_code(struct x86_cpu *c, uint16_t sel, const struct x86_desc *d, unsigned cpl,
                    uint32_t off);
/* Delivery of `INT n` and friends: rip is the value to push, c->rip still the instruction's. */
void x86_deliver_soft(struct x86_cpu *c, unsigned vector, enum x86_event ev, uint32_t rip);

enum x86_task_why { TASK_JMP, TASK_CALL /* and interrupts */, TASK_IRET };
/* SDM vol. 3 7.3. d is a TSS descriptor whose type and privilege were checked; next: EIP to save.
 * Sets c->rip. What it raises before the commit belongs to the old task, after it to the new. */
void x86_task_switch(struct x86_cpu *c, uint16_t sel, struct x86_desc *d, enum x86_task_why why,
                     uint32_t next);
/* Through a task gate: reads and checks the TSS descriptor. */
void x86_task_gate(struct x86_cpu *c, const struct x86_desc *gate, enum x86_task_why why,
                   uint32_t next);

/* ---- ports, debug registers, control registers ---- */
enum { DR6_BD = 0x2000, DR6_BS = 0x4000, DR6_BT = 0x8000, DR7_GD = 0x2000, DR7_ENABLED = 0xff };
/* Raises #GP(0) unless the port may be used; notes I/O breakpoints. size 1, 2, 4 bytes. */
void x86_check_io(struct x86_cpu *c, uint16_t port, unsigned size);
/* A data access that no TLB entry served: notes breakpoints that it meets, to be reported after
 * the instruction. To be called when x86_watched_page() holds. */
void x86_data_breakpoint(struct x86_cpu *c, gva_t a, unsigned size, enum x86_access acc);
void x86_io_breakpoint(struct x86_cpu *c, uint16_t port, unsigned size);
/* A data breakpoint lies in a's page: it must have no TLB entry. */
bool x86_watched_page(const struct x86_cpu *c, gva_t a);
/* PAE: the four entries that a CR3 value names; #GP(0) on reserved bits. */
void x86_read_pdptes(struct x86_cpu *c, uint32_t cr3, uint64_t pdpte[4]);
/* What the pins ask for, to c->pending; IF or nmi_blocked may have changed. */
void x86_update_pending(struct x86_cpu *c);
#endif
