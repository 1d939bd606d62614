/* access.c - guest memory accesses that miss the TLB: fills, page crossings, devices, #AC. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/except.h"
#include "cpu-x86/sys.h"
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/mem.h"

static unsigned left_in_page(gva_t a)
{
    return GUEST_PAGE - (a & (GUEST_PAGE - 1));
}

static bool is_user(const struct x86_cpu *c) { return c->mode & MODE_USER; }

static void *place(struct x86_cpu *c, gva_t a, unsigned size, enum x86_access acc, bool user,
                   gpa_t *gpa)
{
    return c->mmu->translate(c->mmu_self, c, (uint32_t)a, size, acc, user, gpa);
}

/* Bytes within one page. */
static void read_in_page(struct x86_cpu *c, gva_t a, void *dst, unsigned n, bool user)
{
    gpa_t gpa;
    const void *host = place(c, a, n, ACC_R, user, &gpa);
    uint64_t v;

    if (host) {
        memcpy(dst, host, n);
        return;
    }
    for (unsigned i = 0, k; i < n; i += k) {
        k = n - i >= 8 ? 8 : n - i >= 4 ? 4 : n - i >= 2 ? 2 : 1;
        v = mem_read(c->mem, gpa + i, k);
        memcpy((uint8_t *)dst + i, &v, k);
    }
}

static void write_in_page(struct x86_cpu *c, gva_t a, const void *src, unsigned n, bool user)
{
    gpa_t gpa;
    void *host = place(c, a, n, ACC_W, user, &gpa);

    if (host) {
        memcpy(host, src, n);
        return;
    }
    for (unsigned i = 0, k; i < n; i += k) {
        k = n - i >= 8 ? 8 : n - i >= 4 ? 4 : n - i >= 2 ? 2 : 1;
        mem_write(c->mem, gpa + i, x86_get((const uint8_t *)src + i, k), k);
    }
}

/* Both pages are checked before the first byte is read or written. */
static void read_bytes(struct x86_cpu *c, gva_t a, void *dst, unsigned n, bool user)
{
    unsigned here = left_in_page(a);
    gpa_t gpa;

    if (n <= here) {
        read_in_page(c, a, dst, n, user);
        return;
    }
    place(c, a, here, ACC_R, user, &gpa);
    place(c, a + here, n - here, ACC_R, user, &gpa);
    read_in_page(c, a, dst, here, user);
    read_in_page(c, a + here, (uint8_t *)dst + here, n - here, user);
}

static void check_write(struct x86_cpu *c, gva_t a, unsigned n, bool user)
{
    unsigned here = left_in_page(a);
    gpa_t gpa;

    place(c, a, n < here ? n : here, ACC_W, user, &gpa);
    if (n > here)
        place(c, a + here, n - here, ACC_W, user, &gpa);
}

static void write_bytes(struct x86_cpu *c, gva_t a, const void *src, unsigned n, bool user)
{
    unsigned here = left_in_page(a);

    if (n <= here) {
        write_in_page(c, a, src, n, user);
        return;
    }
    check_write(c, a, n, user);
    write_in_page(c, a, src, here, user);
    write_in_page(c, a + here, (const uint8_t *)src + here, n - here, user);
}

enum { DR7_ENABLES = 0xff };

/* What #AC asks of an operand, SDM vol. 3 table 6-7 and what the chips make of it: environments and
 * x87 saves go by their words (14, 94 bytes) or dwords; MOVUPS and its like are free. */
static unsigned alignment_of(unsigned size)
{
    switch (size) {
    case 1: case 2: case 4: case 8: return size;
    case 10: return 8;
    case 16: return 1;
    }
    return size % 4 ? 2 : 4;
}

void x86_check_alignment(struct x86_cpu *c, gva_t a, unsigned align)
{
    if ((c->cr0 & CR0_AM) && (c->eflags & FL_AC) && is_user(c) && (a & (align - 1)))
        x86_raise_ec(c, EXC_AC, 0);
}

/* #AC and data breakpoints live here, because accesses that may meet them never hit a TLB. */
static void strict_checks(struct x86_cpu *c, gva_t a, unsigned size, enum x86_access acc)
{
    if (__builtin_expect(c->eflags & FL_AC, 0))
        x86_check_alignment(c, a, alignment_of(size));
    if (c->dr[7] & DR7_ENABLES)
        x86_data_breakpoint(c, a, size, acc);
}

uint64_t x86_ld_slow(struct x86_cpu *c, gva_t a, unsigned size)
{
    uint64_t v = 0;

    strict_checks(c, a, size, ACC_R);
    read_bytes(c, a, &v, size, is_user(c));
    return v;
}

void x86_st_slow(struct x86_cpu *c, gva_t a, uint64_t v, unsigned size)
{
    strict_checks(c, a, size, ACC_W);
    write_bytes(c, a, &v, size, is_user(c));
}

void x86_ld_bytes(struct x86_cpu *c, gva_t a, void *dst, unsigned bytes)
{
    strict_checks(c, a, bytes, ACC_R);
    read_bytes(c, a, dst, bytes, is_user(c));
}

void x86_st_bytes(struct x86_cpu *c, gva_t a, const void *src, unsigned bytes)
{
    strict_checks(c, a, bytes, ACC_W);
    write_bytes(c, a, src, bytes, is_user(c));
}

void x86_check_write(struct x86_cpu *c, gva_t a, unsigned size)
{
    if (X86_TLB_HIT(x86_tlb(c->tlb, (uint32_t)a)->tag_w, a, size))
        return;
    strict_checks(c, a, size, ACC_W);
    check_write(c, a, size, is_user(c));
}

uint64_t x86_ld_sys(struct x86_cpu *c, gva_t a, unsigned size)
{
    const struct tlb_entry *e = x86_tlb(c->tlb_sets[TLB_SUPER], (uint32_t)a);
    uint64_t v = 0;

    if (X86_TLB_HIT(e->tag_r, a, size))
        return vm_ld(x86_tlb_host(e, (uint32_t)a), size);
    read_bytes(c, a, &v, size, false);
    return v;
}

void x86_st_sys(struct x86_cpu *c, gva_t a, uint64_t v, unsigned size)
{
    const struct tlb_entry *e = x86_tlb(c->tlb_sets[TLB_SUPER], (uint32_t)a);

    if (X86_TLB_HIT(e->tag_w, a, size))
        vm_st(x86_tlb_host(e, (uint32_t)a), v, size);
    else
        write_bytes(c, a, &v, size, false);
}

void x86_check_write_sys(struct x86_cpu *c, gva_t a, unsigned bytes)
{
    const struct tlb_entry *e = x86_tlb(c->tlb_sets[TLB_SUPER], (uint32_t)a);

    if (!X86_TLB_HIT(e->tag_w, a, bytes))
        check_write(c, a, bytes, false);
}

/* ---- operands and the stack, for helpers ---- */

uint32_t x86_rd_opnd(struct x86_cpu *c, const struct x86_insn *I, unsigned k)
{
    const struct x86_opnd *o = &I->o[k];

    if (o->kind == K_REG)
        return x86_gpr(c, o->off, o->size);
    if (o->kind == K_IMM)
        return (uint32_t)I->imm & (0xffffffffu >> (32 - 8 * o->size));
    return (uint32_t)x86_ld(c, I->seg, x86_ea(c, I), o->size);
}

void x86_wr_opnd(struct x86_cpu *c, const struct x86_insn *I, unsigned k, uint32_t v)
{
    const struct x86_opnd *o = &I->o[k];

    if (o->kind == K_REG)
        x86_set_gpr(c, o->off, v, o->size);
    else
        x86_st(c, I->seg, x86_ea(c, I), v, o->size);
}

void x86_push(struct x86_cpu *c, uint32_t v, unsigned size)
{
    uint32_t sp = (x86_sp(c) - size) & c->sp_mask;

    x86_st(c, SS, sp, v, size);
    x86_set_sp(c, sp);
}

uint32_t x86_pop(struct x86_cpu *c, unsigned size)
{
    uint32_t sp = x86_sp(c), v = (uint32_t)x86_ld(c, SS, sp, size);

    x86_set_sp(c, sp + size);
    return v;
}
