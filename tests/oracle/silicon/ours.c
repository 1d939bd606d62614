/* ours.c - godwit's CPU as a user process of the silicon test: page tables, an IDT whose handlers
 * are HLT, and FXSAVE images in and out. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/ours.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/except.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"
#include "cpu-x86/x87_fxsave.h"
#include "dbt-mips64/dbt.h"
#include "tests/unit/cpubox.h"

/* Physical layout: tables low, then the pages of code and data. */
enum {
    P_PDPT = 0x400, P_GDT = 0x800, P_IDT = 0x1000, P_TSS = 0x2000, P_HANDLERS = 0x3000,
    P_STACK_TOP = 0x5000, P_PD_LOW = 0x6000, P_PD_HIGH = 0x7000, P_PT_OURS = 0x8000,
    P_PT_CODE = 0x9000, P_PT_DATA = 0xa000, P_LDT = 0xb000, P_CODE = 0x10000, P_DATA = 0x12000
};
#define SUPERVISOR OURS_SUPERVISOR
#define NX (UINT64_C(1) << 63)

struct ours { struct cpubox *box; struct x86_cpu *c; unsigned old_at, old_n; };

/* As Linux has it; what user code may not see is absent. CPUNODE's limit differs by processor. */
static const uint64_t gdt[16] = {
    [4] = 0x00cffb000000ffff, [5] = 0x00cff3000000ffff, [6] = 0x00affb000000ffff,
    [15] = 0x0040f50000000000
};

static void put32(struct ours *o, uint32_t at, uint32_t v) { memcpy(o->box->ram.host + at, &v, 4); }
static void put64(struct ours *o, uint32_t at, uint64_t v) { memcpy(o->box->ram.host + at, &v, 8); }

static uint32_t get32(struct ours *o, uint32_t at)
{
    uint32_t v;

    memcpy(&v, o->box->ram.host + at, 4);
    return v;
}

static void map_pages(struct ours *o, uint32_t pd, uint32_t pt, uint32_t at, unsigned pages,
                      uint64_t entry)
{
    put64(o, pd + (at >> 21 & 511) * 8, pt | 7);
    for (unsigned i = 0; i < pages; i++)
        put64(o, pt + ((at >> 12 & 511) + i) * 8, entry + (i << 12));
}

/* Our tables for the supervisor, code read-only and data writable for the user. */
static void build_pages(struct ours *o)
{
    struct x86_cpu *c = o->c;

    put64(o, P_PDPT, c->pdpte[0] = P_PD_LOW | 1);
    put64(o, P_PDPT + 24, c->pdpte[3] = P_PD_HIGH | 1);
    map_pages(o, P_PD_HIGH, P_PT_OURS, SUPERVISOR, OURS_SUPERVISOR_BYTES >> 12, 3);
    map_pages(o, P_PD_LOW, P_PT_CODE, NATIVE_CODE, NATIVE_CODE_BYTES >> 12, P_CODE | 5);
    map_pages(o, P_PD_LOW, P_PT_DATA, NATIVE_DATA, NATIVE_DATA_BYTES >> 12, P_DATA | 7 | NX);
    put64(o, P_PT_DATA + ((NATIVE_DATA + NATIVE_DATA_RO) >> 12 & 511) * 8,
          (P_DATA + NATIVE_DATA_RO) | 5 | NX);
    c->cr3 = P_PDPT;
    c->cr4 |= CR4_PAE;
    c->efer |= EFER_NXE;
}

/* INT 3 and INT 4 are for users, as Linux has it. */
static void build_traps(struct ours *o)
{
    for (unsigned v = 0; v < 256; v++) {
        uint32_t at = SUPERVISOR + P_HANDLERS + 16 * v;

        o->box->ram.host[P_HANDLERS + 16 * v] = 0xf4;
        put32(o, P_IDT + 8 * v, 8u << 16 | (at & 0xffff));
        put32(o, P_IDT + 8 * v + 4, (at & 0xffff0000) | (v == 3 || v == 4 ? 0xee00 : 0x8e00));
    }
    put32(o, P_TSS + 4, SUPERVISOR + P_STACK_TOP);
    put32(o, P_TSS + 8, 16);
    put32(o, P_TSS + 0x64, 0xffffu << 16);   /* no I/O permission map */
}

/* The kernel's own segments, which only our handlers use; user code cannot tell them. */
static void build_gdt(struct ours *o)
{
    memcpy(o->box->ram.host + P_GDT, gdt, sizeof gdt);
    put64(o, P_GDT + 8, 0x00cf9b000000ffff);
    put64(o, P_GDT + 16, 0x00cf93000000ffff);
    o->c->gdt_base = SUPERVISOR + P_GDT;
    o->c->gdt_limit = sizeof gdt - 1;
    o->c->ldtr = (struct x86_seg){ .base = SUPERVISOR + P_LDT, .limit = LDT_USED * 8 - 1,
                                   .attr = SEG_P | DT_LDT };
    o->c->tr = (struct x86_seg){ .base = SUPERVISOR + P_TSS, .limit = 0x67, .sel = 0x40,
                                 .attr = SEG_P | DT_TSS32_BUSY };
}

static const struct x86_engine_ops *const engines[] = {
#define ENGINE(ops, help) &ops,
#include "cmd/godwit/engines.def"
#undef ENGINE
};
enum { N_ENGINES = sizeof engines / sizeof engines[0] };

static bool runs_here(const struct x86_engine_ops *e)
{
#ifdef __mips64
    return e != NULL;
#else
    return e != &engine_tmpl;
#endif
}

const char *ours_engine(unsigned i)
{
    for (unsigned k = 0; k < N_ENGINES; k++)
        if (runs_here(engines[k]) && i-- == 0)
            return engines[k]->name;
    return NULL;
}

static const struct x86_engine_ops *find_engine(const char *name)
{
    for (unsigned i = 0; i < N_ENGINES; i++)
        if (!name || !strcmp(name, engines[i]->name))
            return engines[i];
    fprintf(stderr, "silicon: there is no engine %s; silicon engines lists them\n", name);
    exit(2);
}

struct ours *ours_new(const char *engine)
{
    struct ours *o = calloc(1, sizeof *o);

    o->box = cpubox_new_on("max", 1 << 20, find_engine(engine));
    o->c = o->box->cpu;
    cpubox_flat(o->box, 0);
    memset(o->box->ram.host + P_CODE, 0xcc, NATIVE_CODE_BYTES);
    build_pages(o);
    build_traps(o);
    build_gdt(o);
    o->c->idt_base = SUPERVISOR + P_IDT;
    o->c->idt_limit = 0x7ff;
    o->c->cr0 |= CR0_PG | CR0_WP | CR0_NE | CR0_AM;
    o->c->cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    o->c->mmu->control_written(o->c->mmu_self, o->c);
    return o;
}

uint8_t *ours_data(struct ours *o) { return o->box->ram.host + P_DATA; }

static void load_segment(struct ours *o, unsigned s, uint16_t sel)
{
    uint32_t at = (sel & 4 ? P_LDT : P_GDT) + (sel & 0xfff8u);
    struct x86_desc d = { .lo = get32(o, at), .hi = get32(o, at + 4) };

    if (x86_sel_null(sel))
        x86_seg_null(o->c, s, sel);
    else
        x86_seg_set(o->c, s, sel, &d);
}

static const unsigned has_error = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 |
                                  1u << 17;

/* The frame that the trap pushed, top down: SS ESP EFLAGS CS EIP [error]. */
static void read_frame(struct ours *o, struct witness *s)
{
    struct x86_cpu *c = o->c;
    uint32_t vector = ((uint32_t)c->rip - SUPERVISOR - P_HANDLERS) / 16;

    s->gpr[RSP] = get32(o, P_STACK_TOP - 8);
    s->seg[SS] = (uint16_t)get32(o, P_STACK_TOP - 4);
    s->seg[CS] = (uint16_t)get32(o, P_STACK_TOP - 16);
    s->eflags = get32(o, P_STACK_TOP - 12);
    s->eip = get32(o, P_STACK_TOP - 20);
    s->vector = vector;
    s->error = vector < 32 && has_error >> vector & 1 ? get32(o, P_STACK_TOP - 24) : 0;
    s->cr2 = vector == 14 ? (uint32_t)c->cr2 : 0;
    if (s->seg[CS] == SEL_OUT && s->eip == NATIVE_LEAVE) {   /* nothing is there */
        s->eflags &= ~(uint32_t)FL_RF;
        s->vector = NO_VECTOR;
        s->error = s->cr2 = 0;
    }
}

static void put_fx(struct x86_cpu *c, const uint8_t *fx)
{
    x87_from_fxsave(c, fx);
    memcpy(&c->mxcsr, fx + 24, 4);
    memcpy(c->xmm, fx + 160, 8 * sizeof c->xmm[0]);
}

static void get_fx(const struct x86_cpu *c, uint8_t *fx)
{
    x87_to_fxsave(c, fx);
    memcpy(fx + 24, &c->mxcsr, 4);
    memcpy(fx + 160, c->xmm, 8 * sizeof c->xmm[0]);
}

static void put_code(struct ours *o, const struct fragment *f)
{
    uint8_t b[FRAGMENT_MAX + NATIVE_END_MAX], none[FRAGMENT_MAX + NATIVE_END_MAX];
    unsigned n = f->n + native_end(b + f->n, f->code16);

    memcpy(b, f->b, f->n);
    memset(none, 0xcc, sizeof none);
    if (f->at + n > NATIVE_CODE_BYTES)
        n = NATIVE_CODE_BYTES - f->at;
    cpubox_put(o->box, P_CODE + o->old_at, none, o->old_n);
    cpubox_put(o->box, P_CODE + f->at, b, n);
    o->old_at = f->at;
    o->old_n = n;
}

static void begin(struct ours *o, const struct witness *s, const struct fragment *f)
{
    struct x86_cpu *c = o->c;

    memcpy(o->box->ram.host + P_LDT, f->ldt, sizeof f->ldt);
    put_code(o, f);
    for (unsigned i = 0; i < X86_NSEG; i++)
        load_segment(o, i, s->seg[i]);
    c->cpl = 3;
    x86_set_eflags(c, s->eflags | FL_FIXED | FL_IF);
    x86_update_mode(c);
    for (unsigned i = 0; i < 8; i++)
        c->gpr[i] = s->gpr[i];
    put_fx(c, s->fx);
    c->halted = c->shadow = c->shadow_ss = c->in_rep = false;
    c->rip = s->eip;
}

void ours_run(struct ours *o, struct witness *s, const struct fragment *f)
{
    struct x86_cpu *c = o->c;
    bool ended;

    begin(o, s, f);
    ended = cpubox_run(o->box, OURS_LIMIT) == EXEC_HALT;
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = (uint32_t)c->gpr[i];
    for (unsigned i = 0; i < X86_NSEG; i++)
        s->seg[i] = c->seg[i].sel;
    get_fx(c, s->fx);
    if (ended)
        read_frame(o, s);
    else
        s->vector = OURS_ENDLESS;
}

void ours_trace(struct ours *o, const struct witness *s, const struct fragment *f,
                bool (*each)(void *self, uint32_t at, uint32_t ecx), void *self)
{
    struct x86_cpu *c = o->c;

    begin(o, s, f);
    for (unsigned i = 0; i < OURS_LIMIT && c->cpl == 3; i++) {
        if (!each(self, (uint32_t)(c->seg[CS].base + c->rip), (uint32_t)c->gpr[RCX]))
            return;
        if (cpubox_run(o->box, 1) == EXEC_HALT)
            return;
    }
}
