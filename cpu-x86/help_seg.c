/* help_seg.c - segment registers: loads and their checks, the limit rule, descriptor tables.
 *
 * SDM vol. 3 3.4, 3.5 and ch. 5; vol. 2 for each instruction. A fault comes before any change. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/sys.h"

void x86_need_cpl0(struct x86_cpu *c)
{
    if (c->cpl)
        x86_raise_ec(c, EXC_GP, 0);
}

void x86_need_protected(struct x86_cpu *c)
{
    if (!x86_protected(c))
        x86_raise(c, EXC_UD);
}

_Noreturn void x86_raise_sel(struct x86_cpu *c, unsigned vector, uint16_t sel)
{
    x86_raise_ec(c, vector, sel & 0xfffc);
}

/* ---- the limit rule ------------------------------------------------------------------------- */

static bool expand_down(const struct x86_seg *s)
{
    return (s->attr & (SEG_CODE | SEG_EC)) == SEG_EC;
}

/* Types bind in protected mode only; V86 segments are all writable data. */
static bool type_allows(const struct x86_cpu *c, const struct x86_seg *s, enum x86_access acc)
{
    if (!(s->attr & SEG_P))
        return false;
    if (!(c->cr0 & CR0_PE))
        return true;
    if (acc == ACC_W)
        return (s->attr & (SEG_CODE | SEG_RW)) == SEG_RW;
    return (s->attr & (SEG_CODE | SEG_RW)) != SEG_CODE;
}

/* Only a flat segment, 4 GiB from 0, lets an operand wrap around its end. The manual leaves it
 * open; tests/oracle/segments found it so. */
static bool limit_allows(const struct x86_seg *s, uint32_t off, unsigned size)
{
    uint64_t last = (uint64_t)off + size - 1;

    if (expand_down(s))
        return off > s->limit && last <= (s->attr & SEG_DB ? UINT32_MAX : UINT16_MAX);
    return last <= s->limit || (s->limit == UINT32_MAX && !s->base);
}

gva_t x86_seg_check(struct x86_cpu *c, unsigned seg, uint32_t off, unsigned size,
                    enum x86_access acc)
{
    const struct x86_seg *s = &c->seg[seg];

    if (!type_allows(c, s, acc) || !limit_allows(s, off, size))
        x86_raise_ec(c, seg == SS ? EXC_SS : EXC_GP, 0);
    return (uint32_t)(s->base + off);
}

static void set_ends(const struct x86_cpu *c, struct x86_seg *s)
{
    uint64_t end = expand_down(s) ? 0 : (uint64_t)s->limit + 1;

    s->rend = type_allows(c, s, ACC_R) ? end : 0;
    s->wend = type_allows(c, s, ACC_W) ? end : 0;
}

void x86_seg_ends(struct x86_cpu *c)
{
    for (unsigned i = 0; i < X86_NSEG; i++)
        set_ends(c, &c->seg[i]);
}

/* ---- descriptors ---------------------------------------------------------------------------- */

bool x86_desc_read(struct x86_cpu *c, uint16_t sel, struct x86_desc *d)
{
    uint64_t v;

    if (x86_sel_null(sel))
        return false;
    if (sel & 4) {
        if (!(c->ldtr.attr & SEG_P) || (sel | 7u) > c->ldtr.limit)
            return false;
        d->at = (uint32_t)(c->ldtr.base + (sel & ~7u));
    } else {
        if ((sel | 7u) > c->gdt_limit)
            return false;
        d->at = (uint32_t)(c->gdt_base + (sel & ~7u));
    }
    v = x86_ld_sys(c, d->at, 8);
    d->lo = (uint32_t)v;
    d->hi = (uint32_t)(v >> 32);
    return true;
}

void x86_desc_need(struct x86_cpu *c, uint16_t sel, unsigned vector, struct x86_desc *d)
{
    if (!x86_desc_read(c, sel, d))
        x86_raise_sel(c, vector, sel);
}

void x86_desc_accessed(struct x86_cpu *c, struct x86_desc *d)
{
    if (d->hi & 0x100)
        return;
    d->hi |= 0x100;
    x86_st_sys(c, (uint32_t)(d->at + 5), d->hi >> 8 & 0xff, 1);
}

/* ---- filling the caches --------------------------------------------------------------------- */

void x86_seg_set(struct x86_cpu *c, unsigned seg, uint16_t sel, const struct x86_desc *d)
{
    struct x86_seg *s = &c->seg[seg];

    s->sel = sel;
    s->base = x86_desc_base(d);
    s->limit = x86_desc_limit(d);
    s->attr = x86_desc_attr(d) | SEG_ACCESSED;
    set_ends(c, s);
}

/* Base and limit stay: a later load in real mode keeps the limit. */
void x86_seg_null(struct x86_cpu *c, unsigned seg, uint16_t sel)
{
    struct x86_seg *s = &c->seg[seg];

    s->sel = sel;
    s->attr = 0;
    s->rend = s->wend = 0;
}

void x86_seg_real(struct x86_cpu *c, unsigned seg, uint16_t sel)
{
    struct x86_seg *s = &c->seg[seg];

    s->sel = sel;
    s->base = (uint32_t)sel << 4;
    if (!(s->attr & SEG_P))
        s->attr = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED;
    set_ends(c, s);
}

void x86_seg_v86(struct x86_cpu *c, unsigned seg, uint16_t sel)
{
    struct x86_seg *s = &c->seg[seg];

    s->sel = sel;
    s->base = (uint32_t)sel << 4;
    s->limit = 0xffff;
    s->attr = SEG_P | SEG_DPL | SEG_S | SEG_RW | SEG_ACCESSED;
    set_ends(c, s);
}

/* ---- loads ---------------------------------------------------------------------------------- */

static void load_stack(struct x86_cpu *c, uint16_t sel)
{
    struct x86_desc d;

    if (x86_sel_null(sel))
        x86_raise_ec(c, EXC_GP, 0);
    x86_desc_need(c, sel, EXC_GP, &d);
    if ((sel & 3) != c->cpl || x86_desc_dpl(&d) != c->cpl || !x86_desc_is_stack(&d))
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_SS, sel);
    x86_desc_accessed(c, &d);
    x86_seg_set(c, SS, sel, &d);
}

/* Data, or readable code; only conforming code is open to every privilege. */
static bool data_allowed(const struct x86_cpu *c, uint16_t sel, const struct x86_desc *d)
{
    unsigned attr = d->hi >> 8, dpl = x86_desc_dpl(d);

    if (!(attr & SEG_S) || (attr & (SEG_CODE | SEG_RW)) == SEG_CODE)
        return false;
    if ((attr & (SEG_CODE | SEG_EC)) == (SEG_CODE | SEG_EC))
        return true;
    return dpl >= c->cpl && dpl >= (sel & 3u);
}

static void load_data(struct x86_cpu *c, unsigned seg, uint16_t sel)
{
    struct x86_desc d;

    if (x86_sel_null(sel)) {
        x86_seg_null(c, seg, sel);
        return;
    }
    x86_desc_need(c, sel, EXC_GP, &d);
    if (!data_allowed(c, sel, &d))
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_NP, sel);
    x86_desc_accessed(c, &d);
    x86_seg_set(c, seg, sel, &d);
}

void x86_load_seg(struct x86_cpu *c, unsigned seg, uint16_t sel)
{
    if (!(c->cr0 & CR0_PE))
        x86_seg_real(c, seg, sel);
    else if (x86_v86(c))
        x86_seg_v86(c, seg, sel);
    else if (seg == SS)
        load_stack(c, sel);
    else
        load_data(c, seg, sel);
    x86_update_mode(c);
}

void x86_help_movtoseg(struct x86_cpu *c, const struct x86_insn *I)
{
    unsigned seg = I->o[0].reg;

    if (seg == CS || seg >= X86_NSEG)
        x86_raise(c, EXC_UD);
    x86_load_seg(c, seg, (uint16_t)x86_rd_opnd(c, I, 1));
    if (seg == SS)
        x86_shadow_ss(c);
}

/* A selector or the like: 16 bits to memory, zero-extended to a register. */
static void store_word(struct x86_cpu *c, const struct x86_insn *I, uint32_t v)
{
    if (I->o[0].kind == K_MEM)
        x86_st(c, I->seg, x86_ea(c, I), v & 0xffff, 2);
    else
        x86_set_gpr(c, I->o[0].off, v, I->o[0].size);
}

void x86_help_movfromseg(struct x86_cpu *c, const struct x86_insn *I)
{
    if (I->o[1].reg >= X86_NSEG)
        x86_raise(c, EXC_UD);
    store_word(c, I, c->seg[I->o[1].reg].sel);
}

/* Offset of the part of I's memory operand that lies `at` bytes in. */
static uint32_t ea_at(const struct x86_cpu *c, const struct x86_insn *I, unsigned at)
{
    uint32_t ea = x86_ea(c, I) + at;

    return I->asz == 2 ? ea & 0xffff : ea;
}

static void load_far_pointer(struct x86_cpu *c, const struct x86_insn *I, unsigned seg)
{
    uint32_t off = (uint32_t)x86_ld(c, I->seg, x86_ea(c, I), I->osz);
    uint16_t sel = (uint16_t)x86_ld(c, I->seg, ea_at(c, I, I->osz), 2);

    x86_load_seg(c, seg, sel);
    x86_set_gpr(c, I->o[0].off, off, I->osz);
}

void x86_help_les(struct x86_cpu *c, const struct x86_insn *I) { load_far_pointer(c, I, ES); }
void x86_help_lds(struct x86_cpu *c, const struct x86_insn *I) { load_far_pointer(c, I, DS); }
void x86_help_lss(struct x86_cpu *c, const struct x86_insn *I) { load_far_pointer(c, I, SS); }
void x86_help_lfs(struct x86_cpu *c, const struct x86_insn *I) { load_far_pointer(c, I, FS); }
void x86_help_lgs(struct x86_cpu *c, const struct x86_insn *I) { load_far_pointer(c, I, GS); }

/* ---- asking about selectors ----------------------------------------------------------------- */

static void set_zf(struct x86_cpu *c, bool zf)
{
    x86_set_arith(c, (x86_arith_flags(c) & ~FL_ZF) | (zf ? FL_ZF : 0));
}

/* The destination's RPL is raised to the source's. */
void x86_help_arpl(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t dst, src;

    x86_need_protected(c);
    dst = x86_rd_opnd(c, I, 0);
    src = x86_rd_opnd(c, I, 1);
    if ((dst & 3) < (src & 3))
        x86_wr_opnd(c, I, 0, (dst & ~3u) | (src & 3));
    set_zf(c, (dst & 3) < (src & 3));
}

/* Visible at CPL and RPL: not so for inner data and nonconforming code, and for inner gates. */
static bool visible(const struct x86_cpu *c, uint16_t sel, const struct x86_desc *d)
{
    unsigned dpl = x86_desc_dpl(d);

    if (x86_desc_is_code(d) && x86_desc_conforming(d))
        return true;
    return dpl >= c->cpl && dpl >= (sel & 3u);
}

/* Reads operand 1's descriptor if it is of a type in `types` (bit per system type) and visible. */
static bool ask(struct x86_cpu *c, const struct x86_insn *I, unsigned types, struct x86_desc *d)
{
    uint16_t sel;
    int type;

    x86_need_protected(c);
    sel = (uint16_t)x86_rd_opnd(c, I, 1);
    if (!x86_desc_read(c, sel, d))
        return false;
    type = x86_desc_system(d);
    return (type < 0 || (types >> type & 1)) && visible(c, sel, d);
}

void x86_help_lar(struct x86_cpu *c, const struct x86_insn *I)
{
    const unsigned types = 1 << DT_TSS16 | 1 << DT_LDT | 1 << DT_TSS16_BUSY | 1 << DT_CALL16 |
                           1 << DT_TASK | 1 << DT_TSS32 | 1 << DT_TSS32_BUSY | 1 << DT_CALL32;
    struct x86_desc d;
    bool ok = ask(c, I, types, &d);

    if (ok)
        x86_set_gpr(c, I->o[0].off, d.hi & 0xffff00, I->osz);
    set_zf(c, ok);
}

void x86_help_lsl(struct x86_cpu *c, const struct x86_insn *I)
{
    const unsigned types = 1 << DT_TSS16 | 1 << DT_LDT | 1 << DT_TSS16_BUSY | 1 << DT_TSS32 |
                           1 << DT_TSS32_BUSY;
    struct x86_desc d;
    bool ok = ask(c, I, types, &d);

    if (ok)
        x86_set_gpr(c, I->o[0].off, x86_desc_limit(&d), I->osz);
    set_zf(c, ok);
}

static void verify(struct x86_cpu *c, const struct x86_insn *I, bool write)
{
    struct x86_desc d;
    uint16_t sel;
    bool ok;

    x86_need_protected(c);
    sel = (uint16_t)x86_rd_opnd(c, I, 0);
    ok = x86_desc_read(c, sel, &d) && x86_desc_system(&d) < 0 && visible(c, sel, &d);
    if (ok && write)
        ok = x86_desc_is_stack(&d);
    else if (ok)
        ok = !x86_desc_is_code(&d) || (d.hi >> 8 & SEG_RW);
    set_zf(c, ok);
}

void x86_help_verr(struct x86_cpu *c, const struct x86_insn *I) { verify(c, I, false); }
void x86_help_verw(struct x86_cpu *c, const struct x86_insn *I) { verify(c, I, true); }

/* ---- table registers ------------------------------------------------------------------------ */

void x86_help_sldt(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_need_protected(c);
    store_word(c, I, c->ldtr.sel);
}

void x86_help_str(struct x86_cpu *c, const struct x86_insn *I)
{
    x86_need_protected(c);
    store_word(c, I, c->tr.sel);
}

static void set_table(struct x86_seg *s, uint16_t sel, const struct x86_desc *d)
{
    s->sel = sel;
    s->base = x86_desc_base(d);
    s->limit = x86_desc_limit(d);
    s->attr = x86_desc_attr(d);
}

void x86_help_lldt(struct x86_cpu *c, const struct x86_insn *I)
{
    struct x86_desc d;
    uint16_t sel;

    x86_need_protected(c);
    x86_need_cpl0(c);
    sel = (uint16_t)x86_rd_opnd(c, I, 0);
    if (x86_sel_null(sel)) {
        c->ldtr.sel = sel;
        c->ldtr.attr = 0;
        return;
    }
    if (sel & 4)
        x86_raise_sel(c, EXC_GP, sel);
    x86_desc_need(c, sel, EXC_GP, &d);
    if (x86_desc_system(&d) != DT_LDT)
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_NP, sel);
    set_table(&c->ldtr, sel, &d);
}

void x86_help_ltr(struct x86_cpu *c, const struct x86_insn *I)
{
    struct x86_desc d;
    uint16_t sel;

    x86_need_protected(c);
    x86_need_cpl0(c);
    sel = (uint16_t)x86_rd_opnd(c, I, 0);
    if (x86_sel_null(sel))
        x86_raise_ec(c, EXC_GP, 0);
    if (sel & 4)
        x86_raise_sel(c, EXC_GP, sel);
    x86_desc_need(c, sel, EXC_GP, &d);
    if (x86_desc_system(&d) != DT_TSS16 && x86_desc_system(&d) != DT_TSS32)
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_NP, sel);
    d.hi |= 0x200;                                         /* busy */
    x86_st_sys(c, (uint32_t)(d.at + 5), d.hi >> 8 & 0xff, 1);
    set_table(&c->tr, sel, &d);
}

/* All 32 bits of the base are stored whatever the operand size: what the chips do. */
static void store_table(struct x86_cpu *c, const struct x86_insn *I, uint64_t base, uint32_t limit)
{
    uint64_t v = (base & UINT32_MAX) << 16 | (limit & 0xffff);
    uint32_t lin = x86_lin(c, I->seg, x86_ea(c, I), 6, ACC_W);

    x86_st_bytes(c, lin, &v, 6);
}

/* Returns the base; the limit is the low word of the operand. */
static uint32_t load_table(struct x86_cpu *c, const struct x86_insn *I, uint32_t *limit)
{
    uint64_t v = 0;

    x86_need_cpl0(c);
    x86_ld_bytes(c, x86_lin(c, I->seg, x86_ea(c, I), 6, ACC_R), &v, 6);
    *limit = v & 0xffff;
    return I->osz == 2 ? v >> 16 & 0xffffff : (uint32_t)(v >> 16);
}

void x86_help_sgdt(struct x86_cpu *c, const struct x86_insn *I)
{
    store_table(c, I, c->gdt_base, c->gdt_limit);
}

void x86_help_sidt(struct x86_cpu *c, const struct x86_insn *I)
{
    store_table(c, I, c->idt_base, c->idt_limit);
}

void x86_help_lgdt(struct x86_cpu *c, const struct x86_insn *I)
{
    c->gdt_base = load_table(c, I, &c->gdt_limit);
}

void x86_help_lidt(struct x86_cpu *c, const struct x86_insn *I)
{
    c->idt_base = load_table(c, I, &c->idt_limit);
}
