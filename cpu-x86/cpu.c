/* cpu.c - one CPU as an object: made, reset, saved, printed, and run as the machine's executor.
 *
 * SDM vol. 3 9.1: table 9-1 has the state after power-on, reset and INIT. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/cpu.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/block.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sys.h"
#include "devmodel/core/snap.h"

/* ---- life ----------------------------------------------------------------------------------- */

static int no_model(const char *name, struct vm_error *e)
{
    const struct x86_model *m;
    char list[128] = "";

    for (unsigned i = 0; (m = x86_model_at(i)); i++) {
        size_t n = strlen(list);

        snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", m->name);
    }
    return vm_fail(e, VM_EINVAL, "there is no CPU model '%s'; the models are: %s", name, list);
}

int x86_create(struct x86_cpu **out, const struct x86_config *cfg, struct vm_error *e)
{
    const struct x86_model *m = x86_model_find(cfg->model);
    struct x86_cpu *c;
    int rc;

    if (!m)
        return no_model(cfg->model, e);
    c = calloc(1, sizeof *c);
    if (!c)
        return vm_fail(e, VM_ENOMEM, "no memory for the CPU's state");
    c->model = m;
    c->mem = cfg->mem;
    c->port = cfg->port;
    c->port_self = cfg->port_self;
    c->mmu = cfg->mmu;
    c->mmu_self = cfg->mmu_self;
    c->engine = cfg->engine;
    c->pins = X86_PEND_A20;
    x86_reset(c, RESET_POWER_ON);
    if (c->engine) {
        rc = c->engine->create(&c->engine_self, c, cfg->engine_opts, e);
        if (rc < 0) {
            free(c);
            return rc;
        }
    }
    *out = c;
    return VM_OK;
}

void x86_destroy(struct x86_cpu *c)
{
    if (c && c->engine)
        c->engine->destroy(c->engine_self);
    free(c);
}

const char *x86_model_name(const struct x86_cpu *c) { return c->model->name; }

/* ---- reset ---------------------------------------------------------------------------------- */

static void reset_segments(struct x86_cpu *c)
{
    const struct x86_seg data = { .limit = 0xffff,
                                  .attr = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED };

    for (unsigned i = 0; i < X86_NSEG; i++)
        c->seg[i] = data;
    c->seg[CS].sel = 0xf000;
    c->seg[CS].base = 0xffff0000;
    c->ldtr = c->tr = data;
    c->ldtr.attr = SEG_P | DT_LDT;
    c->tr.attr = SEG_P | DT_TSS32_BUSY;
    c->gdt_base = c->idt_base = 0;
    c->gdt_limit = c->idt_limit = 0xffff;
}

/* What INIT leaves alone. */
static void reset_units(struct x86_cpu *c)
{
    memset(&c->fpu, 0, sizeof c->fpu);
    c->fpu.cw = 0x40;
    c->fpu.tw = 0x5555;
    memset(c->xmm, 0, sizeof c->xmm);
    c->mxcsr = 0x1f80;
    c->cr0 = CR0_CD | CR0_NW | CR0_ET;
    x86_msr_reset(c);
}

static void void_caches(struct x86_cpu *c)
{
    for (unsigned s = 0; s < TLB_SETS; s++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            c->tlb_sets[s][i] = (struct tlb_entry){ TLB_NONE, TLB_NONE, TLB_NONE, 0 };
    x86_new_jump_gen(c);
    c->mmu->ram_replaced(c->mmu_self, c);
}

void x86_reset(struct x86_cpu *c, enum reset_kind k)
{
    memset(c->gpr, 0, sizeof c->gpr);
    c->gpr[RDX] = c->model->signature;
    c->rip = 0xfff0;
    c->lf.osz = c->lf.cosz = 4;      /* a size, whatever the flags come from */
    x86_set_eflags(c, FL_FIXED);
    if (k != RESET_SOFT)
        reset_units(c);
    c->cr0 = (c->cr0 & (CR0_CD | CR0_NW)) | CR0_ET;
    c->cr2 = c->cr3 = c->cr4 = 0;
    memset(c->pdpte, 0, sizeof c->pdpte);
    memset(c->dr, 0, sizeof c->dr);
    c->dr[6] = 0xffff0ff0;
    c->dr[7] = 0x400;
    reset_segments(c);
    c->cpl = 0;
    c->halted = c->shadow = c->shadow_ss = c->nmi_blocked = c->no_step = c->ferr = false;
    c->in_rep = false;
    c->debug_trap = 0;
    c->delivering = -1;
    c->delivering_ext = false;
    c->pending &= X86_PEND_STOP;
    c->pins &= X86_PEND_INTR | X86_PEND_NMI | X86_PEND_INIT | X86_PEND_A20;
    c->a20_mask = !(c->pins & X86_PEND_A20);
    x86_seg_ends(c);
    x86_update_mode(c);
    void_caches(c);
}

/* ---- snapshot ------------------------------------------------------------------------------- */

static void snap_seg(struct snap *s, const char *name, struct x86_seg *g)
{
    snap_begin(s, name, 1);
    snap_u16(s, "sel", &g->sel);
    snap_u64(s, "base", &g->base);
    snap_u32(s, "limit", &g->limit);
    snap_u16(s, "attr", &g->attr);
    snap_end(s);
}

static void snap_u64s(struct snap *s, const char *name, uint64_t *v, unsigned n)
{
    snap_begin(s, name, 1);
    for (unsigned i = 0; i < n; i++)
        snap_u64(s, "word", &v[i]);
    snap_end(s);
}

static void snap_segments(struct x86_cpu *c, struct snap *s)
{
    static const char *const names[X86_NSEG] = { "es", "cs", "ss", "ds", "fs", "gs" };

    for (unsigned i = 0; i < X86_NSEG; i++)
        snap_seg(s, names[i], &c->seg[i]);
    snap_seg(s, "ldtr", &c->ldtr);
    snap_seg(s, "tr", &c->tr);
    snap_u64(s, "gdt_base", &c->gdt_base);
    snap_u64(s, "idt_base", &c->idt_base);
    snap_u32(s, "gdt_limit", &c->gdt_limit);
    snap_u32(s, "idt_limit", &c->idt_limit);
}

static void snap_fpu(struct x86_cpu *c, struct snap *s)
{
    struct x86_fpu *f = &c->fpu;
    unsigned version = snap_begin(s, "fpu", 2);

    for (unsigned i = 0; i < 8; i++) {
        snap_u64(s, "st.m", &f->st[i].m);
        snap_u16(s, "st.se", &f->st[i].se);
    }
    snap_u16(s, "cw", &f->cw);
    snap_u16(s, "sw", &f->sw);
    snap_u16(s, "tw", &f->tw);
    snap_u16(s, "fop", &f->fop);
    snap_u16(s, "ip_sel", &f->ip_sel);
    snap_u16(s, "dp_sel", &f->dp_sel);
    snap_u64(s, "ip", &f->ip);
    snap_u64(s, "dp", &f->dp);
    if (version >= 2) {
        snap_u16(s, "err_fop", &f->err_fop);
        snap_u16(s, "err_dp_sel", &f->err_dp_sel);
        snap_u64(s, "err_dp", &f->err_dp);
    }
    snap_mem(s, "xmm", c->xmm, sizeof c->xmm);
    snap_u32(s, "mxcsr", &c->mxcsr);
    snap_bool(s, "ferr", &c->ferr);
    snap_end(s);
}

static void snap_control(struct x86_cpu *c, struct snap *s)
{
    snap_u64(s, "cr0", &c->cr0);
    snap_u64(s, "cr2", &c->cr2);
    snap_u64(s, "cr3", &c->cr3);
    snap_u64(s, "cr4", &c->cr4);
    snap_u64(s, "efer", &c->efer);
    snap_u64s(s, "dr", c->dr, 8);
    snap_u64s(s, "pdpte", c->pdpte, 4);
    snap_u64s(s, "msr", c->msr, X86_MSR_SLOTS);
    snap_u64(s, "tsc_offset", &c->tsc_offset);
    snap_u64(s, "apic_base", &c->apic_base);
    snap_u64(s, "sysenter_cs", &c->sysenter_cs);
    snap_u64(s, "sysenter_esp", &c->sysenter_esp);
    snap_u64(s, "sysenter_eip", &c->sysenter_eip);
}

static void snap_edge(struct x86_cpu *c, struct snap *s)
{
    snap_u8(s, "cpl", &c->cpl);
    snap_check(s, "cpl", c->cpl > 3);
    snap_bool(s, "halted", &c->halted);
    snap_bool(s, "a20_mask", &c->a20_mask);
    snap_bool(s, "shadow", &c->shadow);
    snap_bool(s, "shadow_ss", &c->shadow_ss);
    snap_bool(s, "nmi_blocked", &c->nmi_blocked);
    snap_u32(s, "debug_trap", &c->debug_trap);
    snap_u32(s, "pins", &c->pins);
    snap_u64(s, "retired", &c->retired);
}

void x86_snap(struct x86_cpu *c, struct snap *s)
{
    uint32_t eflags = x86_eflags(c);
    bool trap = c->pending & X86_PEND_DEBUG;
    unsigned version;

    c->retired = x86_insns(c);
    c->slice = c->budget = 0;
    version = snap_begin(s, "x86", 2);
    snap_u64s(s, "gpr", c->gpr, X86_NGPR);
    snap_u64(s, "rip", &c->rip);
    snap_u32(s, "eflags", &eflags);
    snap_segments(c, s);
    snap_control(c, s);
    snap_fpu(c, s);
    snap_edge(c, s);
    if (version >= 2)
        snap_bool(s, "in_rep", &c->in_rep);
    snap_bool(s, "trap_pending", &trap);
    snap_end(s);
    if (snap_mode(s) != SNAP_LOAD)
        return;
    x86_set_eflags(c, eflags);
    c->pending = trap ? X86_PEND_DEBUG : 0;
    c->delivering = -1;
    x86_seg_ends(c);
    x86_update_mode(c);
    void_caches(c);
}

/* ---- the executor --------------------------------------------------------------------------- */

/* A block is counted when it is entered: what has not run of it yet is taken off. */
uint64_t x86_insns(const struct x86_cpu *c)
{
    int32_t ahead = 0;

    if (c->block && c->cur)
        ahead = c->block->n - c->cur->idx;
    else if (c->site)
        ahead = c->hidden - c->site->done;
    return c->retired + (uint64_t)(c->slice - c->budget - ahead);
}

static enum exec_stop exec_run(void *self, int64_t max_insns)
{
    struct x86_cpu *c = self;

    c->retired = x86_insns(c);
    if (c->exact_events)
        x86_update_pending(c);
    c->slice = c->budget = max_insns < INT32_MAX / 2 ? (int32_t)max_insns : INT32_MAX / 2;
    switch (c->engine->run(c->engine_self)) {
    case STOP_BUDGET: break;
    case STOP_HALT: return EXEC_HALT;
    case STOP_KICK: return EXEC_KICK;
    case STOP_TRIPLE_FAULT: return EXEC_SHUTDOWN;
    case STOP_DEBUG: return EXEC_DEBUG;
    }
    return EXEC_BUDGET;
}

static bool exec_ready(void *self)
{
    struct x86_cpu *c = self;

    return !c->halted || (c->pending & ~(uint32_t)X86_PEND_STOP);
}

static uint64_t exec_insns(void *self) { return x86_insns(self); }
static void exec_kick(void *self) { x86_pin(self, X86_PEND_STOP, true); }
static void exec_reset(void *self, enum reset_kind k) { x86_reset(self, k); }
static void exec_snap(void *self, struct snap *s) { x86_snap(self, s); }

const struct exec_ops x86_exec = {
    .run = exec_run, .ready = exec_ready, .insns = exec_insns, .kick = exec_kick,
    .reset = exec_reset, .snap = exec_snap,
};

/* ---- for people ----------------------------------------------------------------------------- */

static size_t print_seg(char *out, size_t cap, const char *name, const struct x86_seg *s)
{
    return (size_t)snprintf(out, cap, "%-4s%04x base %08x limit %08x attr %04x\n", name, s->sel,
                            (uint32_t)s->base, s->limit, s->attr);
}

void x86_print(const struct x86_cpu *c, char *out, size_t cap)
{
    static const char names[] = "eaxecxedxebxespebpesiedi";
    static const char *const segs[X86_NSEG] = { "es", "cs", "ss", "ds", "fs", "gs" };
    char text[2048];
    size_t n = 0;

    for (unsigned i = 0; i < 8; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%.3s %08x%c", names + 3 * i,
                              (uint32_t)c->gpr[i], i % 4 == 3 ? '\n' : ' ');
    n += (size_t)snprintf(text + n, sizeof text - n, "eip %08x eflags %08x cpl %u%s\n",
                          (uint32_t)c->rip, x86_eflags(c), c->cpl, c->halted ? " halted" : "");
    for (unsigned i = 0; i < X86_NSEG; i++)
        n += print_seg(text + n, sizeof text - n, segs[i], &c->seg[i]);
    n += print_seg(text + n, sizeof text - n, "ldt", &c->ldtr);
    n += print_seg(text + n, sizeof text - n, "tr", &c->tr);
    n += (size_t)snprintf(text + n, sizeof text - n, "gdt %08x/%04x idt %08x/%04x\n",
                          (uint32_t)c->gdt_base, c->gdt_limit, (uint32_t)c->idt_base, c->idt_limit);
    snprintf(text + n, sizeof text - n, "cr0 %08x cr2 %08x cr3 %08x cr4 %08x\n", (uint32_t)c->cr0,
             (uint32_t)c->cr2, (uint32_t)c->cr3, (uint32_t)c->cr4);
    snprintf(out, cap, "%s", text);
}
