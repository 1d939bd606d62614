/* diff.c - what two CPUs' states are compared by: one row a field.
 *
 * Left out is what an engine or the software TLB keeps for itself, what is only good inside one
 * instruction (the exception being raised), and the request to stop, which the host sets. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/diff.h"
#include <stdio.h>
#include <string.h>
#include "cpu-x86/cpu.h"
#include "cpu-x86/flags.h"

struct field { const char *name; uint16_t at, size, count, step; };

#define ONE(name, member) { name, offsetof(struct x86_cpu, member), \
                            sizeof(((struct x86_cpu *)0)->member), 1, 0 }
#define LOW(name, member) { name, offsetof(struct x86_cpu, member), 4, 1, 0 }
#define MANY(name, member) \
    { name, offsetof(struct x86_cpu, member), sizeof(((struct x86_cpu *)0)->member[0]), \
      sizeof(((struct x86_cpu *)0)->member) / sizeof(((struct x86_cpu *)0)->member[0]), \
      sizeof(((struct x86_cpu *)0)->member[0]) }
#define SEG(name, member) \
    ONE(name, member.sel), ONE(name ".base", member.base), ONE(name ".limit", member.limit), \
    ONE(name ".attr", member.attr), ONE(name " end of reads", member.rend), \
    ONE(name " end of writes", member.wend)
#define ST_FIELD(name, part) \
    { name, offsetof(struct x86_cpu, fpu.st[0].part), \
      sizeof(((struct x86_cpu *)0)->fpu.st[0].part), 8, sizeof(struct f80) }

static const struct field fields[] = {
    LOW("eax", gpr[RAX]), LOW("ecx", gpr[RCX]), LOW("edx", gpr[RDX]), LOW("ebx", gpr[RBX]),
    LOW("esp", gpr[RSP]), LOW("ebp", gpr[RBP]), LOW("esi", gpr[RSI]), LOW("edi", gpr[RDI]),
    LOW("eip", rip),
    SEG("es", seg[ES]), SEG("cs", seg[CS]), SEG("ss", seg[SS]), SEG("ds", seg[DS]),
    SEG("fs", seg[FS]), SEG("gs", seg[GS]), SEG("ldtr", ldtr), SEG("tr", tr),
    ONE("cpl", cpl), ONE("mode", mode), ONE("stack mask", sp_mask), ONE("halted", halted),
    ONE("cr0", cr0), ONE("cr2", cr2), ONE("cr3", cr3), ONE("cr4", cr4), ONE("efer", efer),
    MANY("dr", dr), MANY("pdpte", pdpte), ONE("gdtr.base", gdt_base), ONE("gdtr.limit", gdt_limit),
    ONE("idtr.base", idt_base), ONE("idtr.limit", idt_limit), ONE("a20 masked", a20_mask),
    ONE("interrupt shadow", shadow), ONE("trap shadow", shadow_ss),
    ONE("nmi blocked", nmi_blocked), ONE("debug traps", debug_trap), ONE("pins", pins),
    ONE("in rep", in_rep), ONE("ferr", ferr),
    ONE("delivering", delivering), ONE("delivering ext", delivering_ext),
    ONE("fpu.cw", fpu.cw), ONE("fpu.sw", fpu.sw), ONE("fpu.tw", fpu.tw), ONE("fpu.op", fpu.fop),
    ONE("fpu.cs", fpu.ip_sel), ONE("fpu.ds", fpu.dp_sel), ONE("fpu.ip", fpu.ip),
    ONE("fpu.dp", fpu.dp), ST_FIELD("fpu.r", m), ST_FIELD("fpu.exponent", se),
    { "xmm.low", offsetof(struct x86_cpu, xmm[0].q[0]), 8, 8, sizeof(union x86_xmm) },
    { "xmm.high", offsetof(struct x86_cpu, xmm[0].q[1]), 8, 8, sizeof(union x86_xmm) },
    ONE("mxcsr", mxcsr),
    ONE("tsc offset", tsc_offset), ONE("apic base", apic_base),
    ONE("sysenter cs", sysenter_cs), ONE("sysenter esp", sysenter_esp),
    ONE("sysenter eip", sysenter_eip), MANY("msr slot ", msr),
};
enum { N_FIELDS = sizeof fields / sizeof fields[0] };

static uint64_t get(const struct x86_cpu *c, const struct field *f, unsigned i)
{
    const uint8_t *p = (const uint8_t *)c + f->at + i * f->step;
    uint16_t v2;
    uint32_t v4;
    uint64_t v8;

    switch (f->size) {
    case 1: return *p;
    case 2: memcpy(&v2, p, 2); return v2;
    case 4: memcpy(&v4, p, 4); return v4;
    }
    memcpy(&v8, p, 8);
    return v8;
}

static uint32_t events(const struct x86_cpu *c) { return c->pending & ~(uint32_t)X86_PEND_STOP; }

/* What no row of the table can say: flags as bits, the CPU's position, the privilege of its TLB. */
static unsigned diff_derived(const struct x86_cpu *a, const struct x86_cpu *b, x86_diff_row *row,
                             void *self)
{
    const struct { const char *name; uint64_t a, b; } v[] = {
        { "eflags", x86_eflags(a), x86_eflags(b) },
        { "instructions retired", x86_insns(a), x86_insns(b) },
        { "pending events", events(a), events(b) },
        { "tlb set", (uint64_t)((a->tlb - a->tlb_sets[0]) / (ptrdiff_t)TLB_ENTRIES),
          (uint64_t)((b->tlb - b->tlb_sets[0]) / (ptrdiff_t)TLB_ENTRIES) },
    };
    unsigned n = 0;

    for (unsigned i = 0; i < sizeof v / sizeof v[0]; i++) {
        if (v[i].a == v[i].b)
            continue;
        row(self, v[i].name, v[i].a, v[i].b);
        n++;
    }
    return n;
}

unsigned x86_diff(const struct x86_cpu *a, const struct x86_cpu *b, x86_diff_row *row, void *self)
{
    unsigned n = diff_derived(a, b, row, self);
    char name[48];

    for (unsigned k = 0; k < N_FIELDS; k++) {
        const struct field *f = &fields[k];

        for (unsigned i = 0; i < f->count; i++) {
            uint64_t x = get(a, f, i), y = get(b, f, i);

            if (x == y)
                continue;
            snprintf(name, sizeof name, f->count > 1 ? "%s%u" : "%s", f->name, i);
            row(self, name, x, y);
            n++;
        }
    }
    return n;
}

static void no_row(void *self, const char *name, uint64_t a, uint64_t b)
{
    (void)self;
    (void)name;
    (void)a;
    (void)b;
}

static bool same_gprs(const struct x86_cpu *a, const struct x86_cpu *b)
{
    uint32_t x = (uint32_t)(a->rip ^ b->rip);

    for (unsigned i = 0; i < 8; i++)
        x |= (uint32_t)(a->gpr[i] ^ b->gpr[i]);
    return !x;
}

/* First as bytes, which is enough nearly always; unused bytes between fields may differ. */
bool x86_same(const struct x86_cpu *a, const struct x86_cpu *b)
{
    const size_t from = offsetof(struct x86_cpu, seg), to = offsetof(struct x86_cpu, exc);
    const uint8_t *p = (const uint8_t *)a, *q = (const uint8_t *)b;

    if (memcmp(p + from, q + from, to - from) == 0)
        return same_gprs(a, b) && a->delivering == b->delivering &&
               a->delivering_ext == b->delivering_ext && a->mode == b->mode &&
               a->sp_mask == b->sp_mask && diff_derived(a, b, no_row, NULL) == 0;
    return x86_diff(a, b, no_row, NULL) == 0;
}
