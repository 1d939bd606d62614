/* access.h - guest memory as the CPU's instructions see it: TLB hit inline, the rest in access.c.
 *
 * Every function may raise, so c->cur must be set (helpers are entered with it set). */
/* SPDX-License-Identifier: MIT */
#ifndef X86_ACCESS_H
#define X86_ACCESS_H
#include <string.h>
#include "cpu-x86/insn.h"
#include "cpu-x86/mmu.h"
#include "cpu-x86/state.h"

/* rip of the running instruction and of the next one; inside a block only. It does not wrap at
 * 64 KiB in 16-bit code: only jumps cut EIP (measured with segments of 64 and 192 KiB). */
static inline uint64_t x86_insn_rip(const struct x86_cpu *c, const struct x86_insn *I)
{
    return (uint32_t)(c->rip + I->off);
}
static inline uint64_t x86_next_rip(const struct x86_cpu *c, const struct x86_insn *I)
{
    return (uint32_t)(c->rip + I->off + I->len);
}

/* ---- linear addresses, with the privilege of CPL; size 1, 2, 4, 8, 10 or 16 bytes ---- */
uint64_t x86_ld_slow(struct x86_cpu *c, gva_t a, unsigned size);             /* size <= 8 */
void     x86_st_slow(struct x86_cpu *c, gva_t a, uint64_t v, unsigned size);
/* Any size up to 4096. The store checks every page before it writes the first byte. */
void     x86_ld_bytes(struct x86_cpu *c, gva_t a, void *dst, unsigned bytes);
void     x86_st_bytes(struct x86_cpu *c, gva_t a, const void *src, unsigned bytes);
/* Raises #PF unless all bytes can be written now; the RMW form of a load. */
void     x86_check_write(struct x86_cpu *c, gva_t a, unsigned size);
/* Raises #AC if alignment is checked now and a is not a multiple of align, a power of two. */
void     x86_check_alignment(struct x86_cpu *c, gva_t a, unsigned align);

static inline struct tlb_entry *x86_tlb(struct tlb_entry *set, gva_t a)
{
    return &set[a >> 12 & (TLB_ENTRIES - 1)];
}

/* A hit must have first and last byte in the entry's page. */
#define X86_TLB_HIT(tag, a, size) \
    ((tag) == (((a) + (size) - 1) & ~(uint64_t)(GUEST_PAGE - 1)))

/* Where the byte at `a` is, after a hit. The addend is for a sign-extended address, which is what a
 * MIPS register holds. */
static inline uint8_t *x86_tlb_host(const struct tlb_entry *e, uint32_t a)
{
    return (uint8_t *)(e->host_minus_gva + (uintptr_t)(int32_t)a);
}

/* Any alignment; packed, so that a host without unaligned access uses its pair instructions. */
struct x86_u16 { uint16_t v; } __attribute__((packed));
struct x86_u32 { uint32_t v; } __attribute__((packed));
struct x86_u64 { uint64_t v; } __attribute__((packed));

static inline uint64_t x86_get(const void *p, unsigned size)
{
    uint64_t v = 0;

    switch (size) {
    case 1: return *(const uint8_t *)p;
    case 2: return ((const struct x86_u16 *)p)->v;
    case 4: return ((const struct x86_u32 *)p)->v;
    case 8: return ((const struct x86_u64 *)p)->v;
    }
    memcpy(&v, p, size);
    return v;
}
static inline void x86_put(void *p, uint64_t v, unsigned size)
{
    switch (size) {
    case 1: *(uint8_t *)p = (uint8_t)v; break;
    case 2: ((struct x86_u16 *)p)->v = (uint16_t)v; break;
    case 4: ((struct x86_u32 *)p)->v = (uint32_t)v; break;
    case 8: ((struct x86_u64 *)p)->v = v; break;
    default: memcpy(p, &v, size);
    }
}

/* size must be a compile-time constant for this to be good code. */
static inline uint64_t x86_ld_lin(struct x86_cpu *c, uint32_t a, unsigned size)
{
    struct tlb_entry *e = x86_tlb(c->tlb, a);

    if (__builtin_expect(X86_TLB_HIT(e->tag_r, (uint64_t)a, size), 1))
        return x86_get(x86_tlb_host(e, a), size);
    return x86_ld_slow(c, a, size);
}
static inline void x86_st_lin(struct x86_cpu *c, uint32_t a, uint64_t v, unsigned size)
{
    struct tlb_entry *e = x86_tlb(c->tlb, a);

    if (__builtin_expect(X86_TLB_HIT(e->tag_w, (uint64_t)a, size), 1))
        x86_put(x86_tlb_host(e, a), v, size);
    else
        x86_st_slow(c, a, v, size);
}

/* ---- implicit supervisor accesses: descriptor tables, TSS, inner stacks ---- */
uint64_t x86_ld_sys(struct x86_cpu *c, gva_t a, unsigned size);
void     x86_st_sys(struct x86_cpu *c, gva_t a, uint64_t v, unsigned size);
void     x86_check_write_sys(struct x86_cpu *c, gva_t a, unsigned bytes);

/* ---- segment:offset ---- */
/* The whole segment check, SDM vol. 3 5.3-5.5: raises #GP(0) or #SS(0), or returns the linear
 * address. acc ACC_R or ACC_W. */
gva_t x86_seg_check(struct x86_cpu *c, unsigned seg, uint32_t off, unsigned size,
                    enum x86_access acc);

static inline uint32_t x86_lin(struct x86_cpu *c, unsigned seg, uint32_t off, unsigned size,
                               enum x86_access acc)
{
    const struct x86_seg *s = &c->seg[seg];

    if (__builtin_expect((uint64_t)off + size <= (acc == ACC_R ? s->rend : s->wend), 1))
        return (uint32_t)(s->base + off);
    return (uint32_t)x86_seg_check(c, seg, off, size, acc);
}
static inline uint64_t x86_ld(struct x86_cpu *c, unsigned seg, uint32_t off, unsigned size)
{
    return x86_ld_lin(c, x86_lin(c, seg, off, size, ACC_R), size);
}
static inline void x86_st(struct x86_cpu *c, unsigned seg, uint32_t off, uint64_t v, unsigned size)
{
    x86_st_lin(c, x86_lin(c, seg, off, size, ACC_W), v, size);
}

/* ---- registers and the stack, for helpers ---- */
static inline uint32_t x86_gpr(const struct x86_cpu *c, unsigned off, unsigned size)
{
    const uint8_t *p = (const uint8_t *)c->gpr + off;

    return size == 1 ? *p : size == 2 ? *(const uint16_t *)p : *(const uint32_t *)p;
}
static inline void x86_set_gpr(struct x86_cpu *c, unsigned off, uint32_t v, unsigned size)
{
    uint8_t *p = (uint8_t *)c->gpr + off;

    if (size == 1)
        *p = (uint8_t)v;
    else if (size == 2)
        *(uint16_t *)p = (uint16_t)v;
    else
        *(uint32_t *)p = v;
}

/* Offset of I's memory operand, cut to the address size. */
static inline uint32_t x86_ea(const struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t off = x86_gpr(c, I->base, 4) + (x86_gpr(c, I->index, 4) << I->scale) +
                   (uint32_t)I->disp;

    return I->asz == 2 ? off & 0xffff : off;
}

/* Integer operand k of I (K_REG, K_MEM or K_IMM), zero-extended from its size. */
uint32_t x86_rd_opnd(struct x86_cpu *c, const struct x86_insn *I, unsigned k);
void     x86_wr_opnd(struct x86_cpu *c, const struct x86_insn *I, unsigned k, uint32_t v);

/* rSP by SS.B. A push stores before rSP moves; x86_pop moves it after the load. */
static inline uint32_t x86_sp(const struct x86_cpu *c)
{
    return (uint32_t)c->gpr[RSP] & c->sp_mask;
}
static inline void x86_set_sp(struct x86_cpu *c, uint32_t sp)
{
    uint32_t old = (uint32_t)c->gpr[RSP];

    x86_set_gpr(c, RSP * 8, (old & ~c->sp_mask) | (sp & c->sp_mask), 4);
}
void     x86_push(struct x86_cpu *c, uint32_t v, unsigned size);
uint32_t x86_pop(struct x86_cpu *c, unsigned size);
#endif
