/* ours.c - godwit's CPU as a user process of the silicon test: page tables, an IDT whose handlers
 * are HLT, and FXSAVE images in and out. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/ours.h"
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/except.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"
#include "cpu-x86/x87_fxsave.h"
#include "tests/unit/cpubox.h"

/* Physical layout: tables low, then the pages of code and data. */
enum {
    P_GDT = 0x800, P_IDT = 0x1000, P_TSS = 0x2000, P_HANDLERS = 0x3000, P_STACK_TOP = 0x5000,
    P_PD = 0x6000, P_PT = 0x7000 /* three: ours, code, data */, P_LDT = 0xb000,
    P_CODE = 0x10000, P_DATA = 0x11000
};
#define SUPERVISOR OURS_SUPERVISOR

struct ours { struct cpubox *box; struct x86_cpu *c; };

static void put32(struct ours *o, uint32_t at, uint32_t v) { memcpy(o->box->ram.host + at, &v, 4); }

static uint32_t get32(struct ours *o, uint32_t at)
{
    uint32_t v;

    memcpy(&v, o->box->ram.host + at, 4);
    return v;
}

/* Our tables for the supervisor, code read-only and data writable for the user. */
static void build_pages(struct ours *o)
{
    put32(o, P_PD + (SUPERVISOR >> 22) * 4, P_PT | 3);
    for (unsigned i = 0; i < OURS_SUPERVISOR_BYTES >> 12; i++)
        put32(o, P_PT + (SUPERVISOR >> 12 & 1023) * 4 + 4 * i, i << 12 | 3);
    put32(o, P_PD + (NATIVE_CODE >> 22) * 4, (P_PT + 0x1000) | 7);
    put32(o, P_PT + 0x1000, P_CODE | 5);
    put32(o, P_PD + (NATIVE_DATA >> 22) * 4, (P_PT + 0x2000) | 7);
    for (unsigned i = 0; i < NATIVE_DATA_BYTES >> 12; i++)
        put32(o, P_PT + 0x2000 + 4 * i, (P_DATA + (i << 12)) | 7);
}

static void build_traps(struct ours *o)
{
    for (unsigned v = 0; v < 32; v++) {
        uint32_t at = SUPERVISOR + P_HANDLERS + 16 * v;

        o->box->ram.host[P_HANDLERS + 16 * v] = 0xf4;
        put32(o, P_IDT + 8 * v, 8u << 16 | (at & 0xffff));
        put32(o, P_IDT + 8 * v + 4, (at & 0xffff0000) | 0xee00);
    }
    put32(o, P_TSS + 4, SUPERVISOR + P_STACK_TOP);
    put32(o, P_TSS + 8, 16);
    put32(o, P_TSS + 0x64, 0xffffu << 16);   /* no I/O permission map */
}

struct ours *ours_new(void)
{
    struct ours *o = calloc(1, sizeof *o);

    o->box = cpubox_new("max", 1 << 20);
    o->c = o->box->cpu;
    cpubox_flat(o->box, 0);
    build_pages(o);
    build_traps(o);
    o->c->gdt_base = SUPERVISOR + P_GDT;
    o->c->idt_base = SUPERVISOR + P_IDT;
    o->c->idt_limit = 255;
    o->c->tr = (struct x86_seg){ .base = SUPERVISOR + P_TSS, .limit = 0x67, .sel = 0x28,
                                 .attr = SEG_P | DT_TSS32_BUSY };
    o->c->cr3 = P_PD;
    o->c->cr0 |= CR0_PG | CR0_WP | CR0_NE | CR0_AM;
    o->c->cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    return o;
}

uint8_t *ours_data(struct ours *o) { return o->box->ram.host + P_DATA; }

static void user_segments(struct x86_cpu *c)
{
    for (unsigned s = 0; s < X86_NSEG; s++) {
        struct x86_desc d = { .lo = 0xffff, .hi = s == CS ? 0x00cffb00 : 0x00cff300 };

        x86_seg_set(c, s, s == CS ? 0x1b : 0x23, &d);
    }
    c->cpl = 3;
}

static const unsigned has_error = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 |
                                  1u << 17;

/* The frame that the trap pushed, top down: SS ESP EFLAGS CS EIP [error]. */
static void read_frame(struct ours *o, struct witness *s, uint32_t end)
{
    struct x86_cpu *c = o->c;
    uint32_t vector = ((uint32_t)c->rip - SUPERVISOR - P_HANDLERS) / 16;

    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = (uint32_t)c->gpr[i];
    s->gpr[RSP] = get32(o, P_STACK_TOP - 8);
    s->eflags = get32(o, P_STACK_TOP - 12);
    s->eip = get32(o, P_STACK_TOP - 20);
    s->vector = vector;
    s->error = has_error >> vector & 1 ? get32(o, P_STACK_TOP - 24) : 0;
    s->cr2 = vector == 14 ? (uint32_t)c->cr2 : 0;
    if (vector == 13 && s->eip == end) {            /* the far jump at the end: no such selector */
        s->vector = 0xffffffff;
        s->error = 0;
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

void ours_ldt(struct ours *o, const void *table, unsigned bytes)
{
    memcpy(o->box->ram.host + P_LDT, table, bytes);
    o->c->ldtr = (struct x86_seg){ .base = SUPERVISOR + P_LDT, .limit = bytes - 1,
                                   .attr = SEG_P | DT_LDT };
}

void ours_run(struct ours *o, struct witness *s, const uint8_t *code, unsigned n)
{
    struct x86_cpu *c = o->c;
    uint8_t end[NATIVE_END_BYTES];

    cpubox_put(o->box, P_CODE, code, n);
    native_end(end);
    cpubox_put(o->box, P_CODE + n, end, sizeof end);
    user_segments(c);
    x86_set_eflags(c, s->eflags | FL_FIXED | FL_IF);
    x86_update_mode(c);
    for (unsigned i = 0; i < 8; i++)
        c->gpr[i] = s->gpr[i];
    put_fx(c, s->fx);
    c->halted = false;
    c->rip = NATIVE_CODE;
    c->mmu->control_written(c->mmu_self, c);
    if (cpubox_run(o->box, 1000000) != EXEC_HALT) {
        s->vector = 0xfffffffe;
        return;
    }
    read_frame(o, s, NATIVE_CODE + n);
    get_fx(c, s->fx);
}
