/* help_sys.c - control and debug registers, ports, interrupt flag, HLT, CPUID and time stamp.
 *
 * SDM vol. 3 2.5, 17.2, vol. 1 13.5 (I/O permission), vol. 2. Caches are not modelled: INVD and
 * WBINVD only check the privilege. Performance counters stand still at 0. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/cpu.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/sys.h"
#include "devmodel/core/mem.h"

/* ---- control registers ---------------------------------------------------------------------- */

enum { PDPTE_P = 1, PDPTE_RESERVED = 0x1e6 };

void x86_read_pdptes(struct x86_cpu *c, uint32_t cr3, uint64_t pdpte[4])
{
    for (unsigned i = 0; i < 4; i++) {
        gpa_t at = (cr3 & ~31u) + 8 * i;

        pdpte[i] = mem_read(c->mem, c->a20_mask ? at & ~(1ull << 20) : at, 8);
        if ((pdpte[i] & PDPTE_P) && ((pdpte[i] & PDPTE_RESERVED) || pdpte[i] >> X86_GPA_BITS))
            x86_raise_ec(c, EXC_GP, 0);
    }
}

static void load_pdptes(struct x86_cpu *c, uint32_t cr3)
{
    uint64_t pdpte[4];

    x86_read_pdptes(c, cr3, pdpte);
    memcpy(c->pdpte, pdpte, sizeof pdpte);
}

/* SDM vol. 3 4.4.1: these bits of CR0 and CR4 load the PDPTEs if PAE paging is used with them. */
enum { CR4_PDPTES = CR4_PAE | CR4_PGE | CR4_PSE };
#define CR0_PDPTES (CR0_CD | CR0_NW | CR0_PG)

static void write_cr0(struct x86_cpu *c, uint32_t v)
{
    const uint32_t bits = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_NE | CR0_WP | CR0_AM | CR0_NW |
                          CR0_CD | CR0_PG;
    uint32_t old = (uint32_t)c->cr0, changed;

    v = (v & bits) | CR0_ET;
    changed = v ^ old;
    if (((v & CR0_PG) && !(v & CR0_PE)) || ((v & CR0_NW) && !(v & CR0_CD)))
        x86_raise_ec(c, EXC_GP, 0);
    if ((v & CR0_PG) && (changed & CR0_PDPTES) && (c->cr4 & CR4_PAE))
        load_pdptes(c, (uint32_t)c->cr3);
    c->cr0 = v;
    if (changed & CR0_PE)
        x86_seg_ends(c);
    if (changed & (CR0_PE | CR0_WP | CR0_AM | CR0_PDPTES))
        c->mmu->control_written(c->mmu_self, c);
    x86_update_mode(c);
}

static void write_cr3(struct x86_cpu *c, uint32_t v)
{
    if ((c->cr0 & CR0_PG) && (c->cr4 & CR4_PAE))
        load_pdptes(c, v);
    c->cr3 = v;
    c->mmu->control_written(c->mmu_self, c);
}

static void write_cr4(struct x86_cpu *c, uint32_t v)
{
    uint32_t changed = v ^ (uint32_t)c->cr4;

    if (v & ~c->model->cr4)
        x86_raise_ec(c, EXC_GP, 0);
    if ((v & CR4_PAE) && (changed & CR4_PDPTES) && (c->cr0 & CR0_PG))
        load_pdptes(c, (uint32_t)c->cr3);
    c->cr4 = v;
    if (changed & (CR4_PSE | CR4_PAE | CR4_PGE))
        c->mmu->control_written(c->mmu_self, c);
    x86_update_mode(c);
}

/* CR1, CR5 .. CR15 do not exist, and CR4 not on every model. */
static void need_cr(struct x86_cpu *c, unsigned n)
{
    if (n == 1 || n > 4 || (n == 4 && !c->model->cr4))
        x86_raise(c, EXC_UD);
    x86_need_cpl0(c);
}

void x86_help_movtocr(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t v = x86_gpr(c, I->o[1].off, 4);

    need_cr(c, I->o[0].reg);
    switch (I->o[0].reg) {
    case 0: write_cr0(c, v); break;
    case 2: c->cr2 = v; break;
    case 3: write_cr3(c, v); break;
    case 4: write_cr4(c, v); break;
    }
}

void x86_help_movfromcr(struct x86_cpu *c, const struct x86_insn *I)
{
    uint64_t v = 0;

    need_cr(c, I->o[1].reg);
    switch (I->o[1].reg) {
    case 0: v = c->cr0; break;
    case 2: v = c->cr2; break;
    case 3: v = c->cr3; break;
    case 4: v = c->cr4; break;
    }
    x86_set_gpr(c, I->o[0].off, (uint32_t)v, 4);
}

void x86_help_smsw(struct x86_cpu *c, const struct x86_insn *I)
{
    if (I->o[0].kind == K_MEM)
        x86_st(c, I->seg, x86_ea(c, I), c->cr0 & 0xffff, 2);
    else
        x86_set_gpr(c, I->o[0].off, (uint32_t)c->cr0, I->osz);
}

/* PE, MP, EM and TS; PE can be set, not cleared. */
void x86_help_lmsw(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t old = (uint32_t)c->cr0, v;

    x86_need_cpl0(c);
    v = x86_rd_opnd(c, I, 0);
    write_cr0(c, (old & ~(uint32_t)(CR0_MP | CR0_EM | CR0_TS)) | (v & 15));
}

void x86_help_clts(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    x86_need_cpl0(c);
    c->cr0 &= ~(uint64_t)CR0_TS;
}

void x86_help_invlpg(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_need_cpl0(c);
    c->mmu->invlpg(c->mmu_self, c, (uint32_t)(c->seg[I->seg].base + x86_ea(c, I)));
}

void x86_help_invd(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    x86_need_cpl0(c);
}

/* ---- debug registers ------------------------------------------------------------------------ */

/* DR4 and DR5 are other names of DR6 and DR7 unless CR4.DE. Returns the register meant. */
static unsigned need_dr(struct x86_cpu *c, unsigned n)
{
    if (n > 7 || ((n == 4 || n == 5) && (c->cr4 & CR4_DE)))
        x86_raise(c, EXC_UD);
    x86_need_cpl0(c);
    if (c->dr[7] & DR7_GD) {
        c->dr[6] |= DR6_BD;
        c->eflags |= FL_RF;                                /* a fault, and no code breakpoint */
        x86_raise(c, EXC_DB);
    }
    return n == 4 || n == 5 ? n + 2 : n;
}

void x86_help_movfromdr(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned n = need_dr(c, I->o[1].reg);

    x86_set_gpr(c, I->o[0].off, (uint32_t)c->dr[n], 4);
}

/* Pages under a data breakpoint lose their TLB entries. */
void x86_help_movtodr(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned n = need_dr(c, I->o[0].reg);
    uint32_t v = x86_gpr(c, I->o[1].off, 4);

    if (n == 6)
        v = (v & 0xe00f) | 0xffff0ff0;
    else if (n == 7)
        v = (v & 0xffff23ff) | 0x400;
    c->dr[n] = v;
    if (n != 6) {
        c->mmu->control_written(c->mmu_self, c);
        x86_update_mode(c);
    }
}

/* ---- the interrupt flag --------------------------------------------------------------------- */

/* Whether IF may be changed; else VME or PVI give a virtual one, or #GP(0). */
static bool may_change_if(struct x86_cpu *c)
{
    if (!(c->cr0 & CR0_PE) || c->cpl <= x86_iopl(c))
        return true;
    if (c->cpl != 3 || !(c->cr4 & (x86_v86(c) ? CR4_VME : CR4_PVI)))
        x86_raise_ec(c, EXC_GP, 0);
    return false;
}

void x86_help_cli(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    c->eflags &= ~(uint32_t)(may_change_if(c) ? FL_IF : FL_VIF);
    x86_update_pending(c);
}

void x86_help_sti(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    if (!may_change_if(c)) {
        if (c->eflags & FL_VIP)
            x86_raise_ec(c, EXC_GP, 0);
        c->eflags |= FL_VIF;
        return;
    }
    if (!(c->eflags & FL_IF)) {
        c->shadow = true;
        c->shadow_ss = false;
    }
    c->eflags |= FL_IF;
    x86_update_pending(c);
}

void x86_help_hlt(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    x86_need_cpl0(c);
    c->halted = true;
}

/* ---- ports ---------------------------------------------------------------------------------- */

/* The map is read as two bytes, so its last byte must be followed by one within the TSS. */
static void check_io_map(struct x86_cpu *c, uint16_t port, unsigned size)
{
    uint32_t map, at;

    if (!(c->tr.attr & SEG_P) || !(c->tr.attr & 8) || c->tr.limit < 103)
        x86_raise_ec(c, EXC_GP, 0);
    map = (uint32_t)x86_ld_sys(c, (uint32_t)(c->tr.base + 102), 2);
    at = map + port / 8;
    if (at + 1 > c->tr.limit)
        x86_raise_ec(c, EXC_GP, 0);
    map = (uint32_t)x86_ld_sys(c, (uint32_t)(c->tr.base + at), 2);
    if (map >> (port & 7) & ((1u << size) - 1))
        x86_raise_ec(c, EXC_GP, 0);
}

void x86_check_io(struct x86_cpu *c, uint16_t port, unsigned size)
{
    if ((c->cr0 & CR0_PE) && (x86_v86(c) || c->cpl > x86_iopl(c)))
        check_io_map(c, port, size);
    if (c->dr[7] & DR7_ENABLED)
        x86_io_breakpoint(c, port, size);
}

/* The operand that names the port: an immediate byte or DX. */
static uint16_t port_of(const struct x86_cpu *c, const struct x86_opnd *o, const struct x86_insn *I)
{
    return o->kind == K_IMM ? (uint16_t)(I->imm & 0xff) : (uint16_t)x86_gpr(c, RDX * 8, 2);
}

void x86_help_in(struct x86_cpu *c, const struct x86_insn *I)
{
    uint16_t port = port_of(c, &I->o[1], I);

    x86_check_io(c, port, I->osz);
    x86_set_gpr(c, RAX * 8, c->port->in(c->port_self, port, I->osz), I->osz);
}

void x86_help_out(struct x86_cpu *c, const struct x86_insn *I)
{
    uint16_t port = port_of(c, &I->o[0], I);

    x86_check_io(c, port, I->osz);
    c->port->out(c->port_self, port, x86_gpr(c, RAX * 8, I->osz), I->osz);
}

/* ---- CPUID, time stamp, counters ------------------------------------------------------------ */

struct leaf { uint32_t eax, ebx, ecx, edx; };

static void leaf_features(const struct x86_cpu *c, struct leaf *l)
{
    l->eax = c->model->signature;
    l->ebx = c->model->ebx;
    l->ecx = c->model->ecx;
    l->edx = c->model->edx;
    if (!c->port->apic_base || !(c->apic_base & X86_APIC_ENABLE))
        l->edx &= ~(uint32_t)CPUID_APIC;
}

static void leaf_extended(const struct x86_model *m, uint32_t n, struct leaf *l)
{
    char text[48] = "";

    if (n == 0x80000000)
        l->eax = 0x80000004;
    if (n == 0x80000001)
        l->edx = m->ext_edx;
    if (n < 0x80000002)
        return;
    memcpy(text, m->brand, strlen(m->brand));
    memcpy(l, text + 16 * (n - 0x80000002), 16);
}

/* An unknown leaf answers as the highest basic one. */
static void cpuid(const struct x86_cpu *c, uint32_t n, struct leaf *l)
{
    const struct x86_model *m = c->model;
    uint32_t last = m->ebx7 ? 7 : m->cache[0] ? 2 : 1;

    *l = (struct leaf){ 0, 0, 0, 0 };
    if (m->brand && n >= 0x80000000 && n <= 0x80000004) {
        leaf_extended(m, n, l);
    } else if (n == 0) {
        *l = (struct leaf){ last, 0x756e6547, 0x6c65746e, 0x49656e69 };  /* GenuineIntel */
    } else if (n == 1 || last == 1) {
        leaf_features(c, l);
    } else if (n == 2 || last == 2) {
        *l = (struct leaf){ m->cache[0], m->cache[1], m->cache[2], m->cache[3] };
    } else if (n >= 7) {
        l->ebx = m->ebx7;
    }
}

void x86_help_cpuid(struct x86_cpu *c, const struct x86_insn *I)
{
    struct leaf l;

    (void)I;
    cpuid(c, x86_gpr(c, RAX * 8, 4), &l);
    x86_set_gpr(c, RAX * 8, l.eax, 4);
    x86_set_gpr(c, RBX * 8, l.ebx, 4);
    x86_set_gpr(c, RCX * 8, l.ecx, 4);
    x86_set_gpr(c, RDX * 8, l.edx, 4);
}

static void set_edx_eax(struct x86_cpu *c, uint64_t v)
{
    x86_set_gpr(c, RAX * 8, (uint32_t)v, 4);
    x86_set_gpr(c, RDX * 8, (uint32_t)(v >> 32), 4);
}

void x86_help_rdtsc(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    if ((c->cr4 & CR4_TSD) && c->cpl)
        x86_raise_ec(c, EXC_GP, 0);
    set_edx_eax(c, x86_tsc(c));
}

void x86_help_rdpmc(struct x86_cpu *c, const struct x86_insn *I)
{
    (void)I;
    if ((c->cpl && !(c->cr4 & CR4_PCE)) || x86_gpr(c, RCX * 8, 4) > 1)
        x86_raise_ec(c, EXC_GP, 0);
    set_edx_eax(c, 0);
}

void x86_help_rdmsr(struct x86_cpu *c, const struct x86_insn *I)
{
    uint64_t v;

    (void)I;
    x86_need_cpl0(c);
    if (!x86_msr_read(c, x86_gpr(c, RCX * 8, 4), &v))
        x86_raise_ec(c, EXC_GP, 0);
    set_edx_eax(c, v);
}

void x86_help_wrmsr(struct x86_cpu *c, const struct x86_insn *I)
{
    uint64_t v = (uint64_t)x86_gpr(c, RDX * 8, 4) << 32 | x86_gpr(c, RAX * 8, 4);

    (void)I;
    x86_need_cpl0(c);
    if (!x86_msr_write(c, x86_gpr(c, RCX * 8, 4), v))
        x86_raise_ec(c, EXC_GP, 0);
}
