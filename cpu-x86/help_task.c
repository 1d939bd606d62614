/* help_task.c - the hardware task switch.
 *
 * SDM vol. 3 7.2, 7.3, 7.6, figures 7-2 and 7-10, table 7-1 for what is checked. The old task is
 * left untouched until nothing of it can fault any more; then the new task is committed with its
 * selectors marked unusable, and what their loads raise belongs to the new task. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sys.h"

struct task {
    uint32_t cr3, eip, eflags, gpr[8];
    uint64_t pdpte[4];
    uint16_t seg[X86_NSEG], ldt, trap;
};

/* Byte offsets of a TSS's fields by its width: from IP on, all of the pushed kind. */
struct layout { uint8_t size, cr3, ip, flags, gpr, seg, nseg, ldt; uint16_t min_limit; };
static const struct layout layouts[2] = {
    { 2, 0, 0x0e, 0x10, 0x12, 0x22, 4, 0x2a, 0x2b },
    { 4, 0x1c, 0x20, 0x24, 0x28, 0x48, 6, 0x60, 0x67 },
};

static uint32_t field(struct x86_cpu *c, gva_t tss, unsigned at, unsigned size)
{
    return (uint32_t)x86_ld_sys(c, (uint32_t)(tss + at), size);
}

static void load_task(struct x86_cpu *c, gva_t tss, const struct layout *l, struct task *t)
{
    memset(t, 0, sizeof *t);
    if (l->size == 4) {
        t->cr3 = field(c, tss, l->cr3, 4);
        t->trap = (uint16_t)field(c, tss, 0x64, 2);
    }
    t->eip = field(c, tss, l->ip, l->size);
    t->eflags = field(c, tss, l->flags, l->size);
    /* The upper halves are undefined after a 16-bit switch; the chips leave ones. */
    for (unsigned i = 0; i < 8; i++)
        t->gpr[i] = field(c, tss, l->gpr + i * l->size, l->size) | (l->size == 2 ? 0xffff0000 : 0);
    for (unsigned i = 0; i < l->nseg; i++)
        t->seg[i] = (uint16_t)field(c, tss, l->seg + i * l->size, 2);
    t->ldt = (uint16_t)field(c, tss, l->ldt, 2);
}

/* The pages were checked: cannot fault. Static fields and the halves above selectors stay. */
static void save_task(struct x86_cpu *c, const struct layout *l, uint32_t eip, uint32_t eflags)
{
    gva_t tss = c->tr.base;

    x86_st_sys(c, (uint32_t)(tss + l->ip), eip, l->size);
    x86_st_sys(c, (uint32_t)(tss + l->flags), eflags, l->size);
    for (unsigned i = 0; i < 8; i++)
        x86_st_sys(c, (uint32_t)(tss + l->gpr + i * l->size), (uint32_t)c->gpr[i], l->size);
    for (unsigned i = 0; i < l->nseg; i++)
        x86_st_sys(c, (uint32_t)(tss + l->seg + i * l->size), c->seg[i].sel, 2);
}

static void set_busy(struct x86_cpu *c, gva_t desc, bool busy)
{
    uint8_t b = (uint8_t)x86_ld_sys(c, (uint32_t)(desc + 5), 1);

    x86_st_sys(c, (uint32_t)(desc + 5), busy ? b | 2u : b & ~2u, 1);
}

/* ---- the new task's segments ---------------------------------------------------------------- */

static void load_task_ldt(struct x86_cpu *c, uint16_t sel)
{
    struct x86_desc d;

    c->ldtr.sel = sel;
    c->ldtr.attr = 0;
    if (x86_sel_null(sel))
        return;
    if (sel & 4)
        x86_raise_sel(c, EXC_TS, sel);
    x86_desc_need(c, sel, EXC_TS, &d);
    if (x86_desc_system(&d) != DT_LDT || !x86_desc_present(&d))
        x86_raise_sel(c, EXC_TS, sel);
    c->ldtr.base = x86_desc_base(&d);
    c->ldtr.limit = x86_desc_limit(&d);
    c->ldtr.attr = x86_desc_attr(&d);
}

static void load_task_code(struct x86_cpu *c, uint16_t sel)
{
    struct x86_desc d;

    x86_desc_need(c, sel, EXC_TS, &d);
    if (!x86_desc_is_code(&d) ||
        (x86_desc_conforming(&d) ? x86_desc_dpl(&d) > c->cpl : x86_desc_dpl(&d) != c->cpl))
        x86_raise_sel(c, EXC_TS, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_NP, sel);
    x86_desc_accessed(c, &d);
    x86_seg_set(c, CS, sel, &d);
}

static void load_task_stack(struct x86_cpu *c, uint16_t sel)
{
    struct x86_desc d;

    x86_desc_need(c, sel, EXC_TS, &d);
    if ((sel & 3) != c->cpl || x86_desc_dpl(&d) != c->cpl || !x86_desc_is_stack(&d))
        x86_raise_sel(c, EXC_TS, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_SS, sel);
    x86_desc_accessed(c, &d);
    x86_seg_set(c, SS, sel, &d);
}

static void load_task_data(struct x86_cpu *c, unsigned seg, uint16_t sel)
{
    struct x86_desc d;
    unsigned attr;

    if (x86_sel_null(sel))
        return;
    x86_desc_need(c, sel, EXC_TS, &d);
    attr = d.hi >> 8;
    if (!(attr & SEG_S) || (attr & (SEG_CODE | SEG_RW)) == SEG_CODE)
        x86_raise_sel(c, EXC_TS, sel);
    if ((attr & (SEG_CODE | SEG_EC)) != (SEG_CODE | SEG_EC) &&
        (x86_desc_dpl(&d) < c->cpl || x86_desc_dpl(&d) < (sel & 3u)))
        x86_raise_sel(c, EXC_TS, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_NP, sel);
    x86_desc_accessed(c, &d);
    x86_seg_set(c, seg, sel, &d);
}

static void load_task_segments(struct x86_cpu *c, const struct task *t)
{
    static const uint8_t data[] = { ES, DS, FS, GS };

    load_task_ldt(c, t->ldt);
    if (x86_v86(c))
        return;
    load_task_code(c, t->seg[CS]);
    load_task_stack(c, t->seg[SS]);
    for (unsigned i = 0; i < sizeof data; i++)
        load_task_data(c, data[i], t->seg[data[i]]);
    x86_update_mode(c);
}

/* ---- the switch ----------------------------------------------------------------------------- */

static void commit_task(struct x86_cpu *c, uint16_t sel, const struct x86_desc *d,
                        const struct layout *l, const struct task *t)
{
    c->tr.sel = sel;
    c->tr.base = x86_desc_base(d);
    c->tr.limit = x86_desc_limit(d);
    c->tr.attr = x86_desc_attr(d) | 2;
    c->cr0 |= CR0_TS;
    c->dr[7] &= ~0x155ull;                                 /* the local breakpoints and LE */
    for (unsigned i = 0; i < 8; i++)
        x86_set_gpr(c, i * 8, t->gpr[i], 4);
    x86_set_eflags(c, (t->eflags & c->model->eflags) | FL_FIXED);
    if (l->size == 2)
        c->eflags &= ~FL_VM;
    c->cpl = x86_v86(c) ? 3 : t->seg[CS] & 3;
    for (unsigned i = 0; i < X86_NSEG; i++) {
        if (x86_v86(c))
            x86_seg_v86(c, i, t->seg[i]);
        else
            x86_seg_null(c, i, t->seg[i]);
    }
    c->rip = t->eip;
    c->block = NULL;                                       /* from here on rip is exact */
    if (l->size == 4 && (c->cr0 & CR0_PG)) {
        c->cr3 = t->cr3;
        memcpy(c->pdpte, t->pdpte, sizeof c->pdpte);
        c->mmu->control_written(c->mmu_self, c);
    }
    x86_update_mode(c);
    if (t->trap & 1) {
        c->debug_trap |= DR6_BT;
        c->pending |= X86_PEND_DEBUG;
    }
}

/* Every page that the switch writes before its commit. */
static void check_pages(struct x86_cpu *c, const struct layout *from, const struct x86_desc *d,
                        enum x86_task_why why)
{
    unsigned end = from->seg + (from->nseg - 1u) * from->size + 2;

    x86_check_write_sys(c, (uint32_t)(c->tr.base + from->ip), end - from->ip);
    if (why != TASK_CALL)
        x86_check_write_sys(c, (uint32_t)(c->gdt_base + (c->tr.sel & ~7u) + 5), 1);
    if (why != TASK_IRET)
        x86_check_write_sys(c, (uint32_t)(d->at + 5), 1);
    if (why == TASK_CALL)
        x86_check_write_sys(c, x86_desc_base(d), 2);
}

void x86_task_switch(struct x86_cpu *c, uint16_t sel, struct x86_desc *d, enum x86_task_why why,
                     uint32_t next)
{
    const struct layout *to = &layouts[(d->hi >> 11) & 1], *from = &layouts[(c->tr.attr >> 3) & 1];
    uint32_t flags = x86_eflags(c);
    struct task t;

    if (x86_desc_limit(d) < to->min_limit)
        x86_raise_sel(c, EXC_TS, sel);
    load_task(c, x86_desc_base(d), to, &t);
    if (to->size == 4 && (c->cr0 & CR0_PG) && (c->cr4 & CR4_PAE))
        x86_read_pdptes(c, t.cr3, t.pdpte);
    check_pages(c, from, d, why);
    if (why != TASK_CALL)
        set_busy(c, c->gdt_base + (c->tr.sel & ~7u), false);
    save_task(c, from, next, why == TASK_IRET ? flags & ~(uint32_t)FL_NT : flags);
    if (why == TASK_CALL) {
        x86_st_sys(c, x86_desc_base(d), c->tr.sel, 2);
        t.eflags |= FL_NT;
    }
    if (why != TASK_IRET)
        set_busy(c, d->at, true);
    commit_task(c, sel, d, to, &t);
    load_task_segments(c, &t);
    if (t.eip > c->seg[CS].limit)
        x86_raise_ec(c, EXC_GP, 0);
}

void x86_task_gate(struct x86_cpu *c, const struct x86_desc *gate, enum x86_task_why why,
                   uint32_t next)
{
    uint16_t sel = x86_gate_sel(gate);
    struct x86_desc d;
    int type;

    if (sel & 4)
        x86_raise_sel(c, EXC_GP, sel);
    x86_desc_need(c, sel, EXC_GP, &d);
    type = x86_desc_system(&d);
    if (type != DT_TSS16 && type != DT_TSS32)
        x86_raise_sel(c, EXC_GP, sel);
    if (!x86_desc_present(&d))
        x86_raise_sel(c, EXC_NP, sel);
    x86_task_switch(c, sel, &d, why, next);
}
