/* cpubench.c - the CPU bench: identity translation, recorded ports, halting handlers. */
/* SPDX-License-Identifier: MIT */
#include "cpubench.h"
#include <stdlib.h>
#include <string.h>
#include "devmodel/base/vm_assert.h"

static void *translate(void *self, struct x86_cpu *c, gva_t a, unsigned size, enum x86_access acc,
                       bool user, gpa_t *gpa)
{
    struct cpubench *b = self;

    (void)size;
    *gpa = a & (BENCH_RAM - 1);
    if (b->absent[*gpa / GUEST_PAGE]) {
        c->cr2 = a;
        x86_raise_ec(c, EXC_PF, (acc == ACC_W ? 2 : 0) | (user ? 4 : 0));
    }
    return b->ram + *gpa;
}

static bool probe(void *self, struct x86_cpu *c, gva_t a, enum x86_access acc, gpa_t *gpa)
{
    (void)self; (void)c; (void)acc;
    *gpa = a & (BENCH_RAM - 1);
    return true;
}

static void invlpg(void *self, struct x86_cpu *c, gva_t a) { (void)self; (void)c; (void)a; }
static void control_written(void *self, struct x86_cpu *c) { (void)self; c->jump_gen++; }
static void code_page(void *self, gpa_t p, bool w) { (void)self; (void)p; (void)w; }

static const struct x86_mmu_ops mmu = { translate, probe, invlpg, control_written, control_written,
                                         code_page };

static uint32_t port_in(void *self, uint16_t port, unsigned size)
{
    (void)port; (void)size;
    return ((struct cpubench *)self)->in_value;
}

static void port_out(void *self, uint16_t port, uint32_t v, unsigned size)
{
    struct cpubench *b = self;

    (void)port; (void)size;
    b->out_value = v;
    b->outs++;
}

static int intack(void *self) { return (int)((struct cpubench *)self)->vector; }
static uint64_t tsc(void *self) { return ((struct cpubench *)self)->ticks; }
static void apic_base(void *self, uint64_t v) { ((struct cpubench *)self)->apic_base = v; }

static const struct x86_port_ops ports = {
    .in = port_in, .out = port_out, .intack = intack, .tsc = tsc, .apic_base = apic_base,
};

void bench_open(struct cpubench *b, const char *model)
{
    struct x86_config cfg = { .model = model, .port = &ports, .port_self = b, .mmu = &mmu,
                              .mmu_self = b, .engine = &engine_interp };

    memset(b, 0, sizeof *b);
    b->ram = aligned_alloc(GUEST_PAGE, BENCH_RAM);
    VM_ASSERT(b->ram);
    memset(b->ram, 0, BENCH_RAM);
    VM_ASSERT(mem_space_new(&b->mem, "bench", 1ull << X86_GPA_BITS, NULL) == VM_OK);
    b->ram_region = (struct mem_region){ .name = "ram", .kind = MEM_RAM, .size = BENCH_RAM,
                                         .host = b->ram };
    mem_add(mem_root(b->mem), &b->ram_region, 0, 0);
    cfg.mem = b->mem;
    VM_ASSERT(x86_create(&b->c, &cfg, NULL) == VM_OK);
}

void bench_close(struct cpubench *b)
{
    x86_destroy(b->c);
    mem_space_free(b->mem);
    free(b->ram);
}

uint32_t bench_ld(const struct cpubench *b, uint32_t at, unsigned size)
{
    uint32_t v = 0;

    memcpy(&v, b->ram + at, size);
    return v;
}

void bench_st(struct cpubench *b, uint32_t at, uint32_t v, unsigned size)
{
    memcpy(b->ram + at, &v, size);
}

uint32_t bench_stack(const struct cpubench *b, unsigned i)
{
    const struct x86_cpu *c = b->c;
    uint32_t sp = (uint32_t)c->gpr[RSP] & c->sp_mask;

    return bench_ld(b, (uint32_t)c->seg[SS].base + sp + 4 * i, 4);
}

void bench_desc(struct cpubench *b, unsigned sel, uint32_t base, uint32_t limit, unsigned attr)
{
    uint32_t at = BENCH_GDT + (sel & ~7u), units = attr & SEG_G ? limit >> 12 : limit;

    bench_st(b, at, (units & 0xffff) | base << 16, 4);
    bench_st(b, at + 4, (base >> 16 & 0xff) | attr << 8 | (units & 0xf0000) | (base & 0xff000000),
             4);
}

void bench_gate(struct cpubench *b, uint32_t at, unsigned sel, uint32_t off, unsigned attr,
                unsigned params)
{
    bench_st(b, at, (off & 0xffff) | sel << 16, 4);
    bench_st(b, at + 4, (off & 0xffff0000) | attr << 8 | params, 4);
}

void bench_idt(struct cpubench *b, unsigned vector, unsigned attr)
{
    bench_gate(b, BENCH_IDT + 8 * vector, SEL_CODE0, BENCH_HANDLER + 4 * vector, attr, 0);
}

static void fill_tables(struct cpubench *b)
{
    bench_desc(b, SEL_CODE0, 0, UINT32_MAX, AT_CODE32);
    bench_desc(b, SEL_DATA0, 0, UINT32_MAX, AT_DATA32);
    bench_desc(b, SEL_CODE3, 0, UINT32_MAX, AT_CODE32 | AT_DPL3);
    bench_desc(b, SEL_DATA3, 0, UINT32_MAX, AT_DATA32 | AT_DPL3);
    bench_desc(b, SEL_TSS, BENCH_TSS, 0xfff, SEG_P | DT_TSS32_BUSY);
    bench_desc(b, SEL_TSS2, BENCH_TSS2, 0x67, SEG_P | DT_TSS32);
    for (unsigned i = 0; i < 256; i++) {
        bench_idt(b, i, SEG_P | DT_INT32);
        b->ram[BENCH_HANDLER + 4 * i] = 0xf4;
    }
    bench_idt(b, 0x80, SEG_P | AT_DPL3 | DT_INT32);
    bench_st(b, BENCH_TSS + 4, BENCH_STACK0, 4);
    bench_st(b, BENCH_TSS + 8, SEL_DATA0, 2);
    bench_st(b, BENCH_TSS + 0x66, 0x88, 2);                /* I/O map; redirection map at 0x68 */
}

static void set_seg(struct cpubench *b, unsigned seg, unsigned sel)
{
    struct x86_desc d = { bench_ld(b, BENCH_GDT + (sel & ~7u), 4),
                          bench_ld(b, BENCH_GDT + (sel & ~7u) + 4, 4), 0 };

    x86_seg_set(b->c, seg, (uint16_t)sel, &d);
}

void bench_protected(struct cpubench *b, unsigned cpl)
{
    struct x86_cpu *c = b->c;

    fill_tables(b);
    c->gdt_base = BENCH_GDT;
    c->gdt_limit = 0xff;
    c->idt_base = BENCH_IDT;
    c->idt_limit = 0x7ff;
    c->cr0 |= CR0_PE;
    c->tr = (struct x86_seg){ .sel = SEL_TSS, .base = BENCH_TSS, .limit = 0xfff,
                              .attr = SEG_P | DT_TSS32_BUSY };
    c->ldtr = (struct x86_seg){ 0 };
    c->cpl = (uint8_t)cpl;
    set_seg(b, CS, cpl ? SEL_CODE3 : SEL_CODE0);
    for (unsigned i = 0; i < X86_NSEG; i++)
        if (i != CS)
            set_seg(b, i, cpl ? SEL_DATA3 : SEL_DATA0);
    c->gpr[RSP] = cpl ? BENCH_STACK3 : BENCH_STACK0;
    c->rip = BENCH_CODE;
    x86_update_mode(c);
}

void bench_v86(struct cpubench *b, uint32_t code, unsigned iopl)
{
    struct x86_cpu *c = b->c;

    bench_protected(b, 3);
    c->eflags |= FL_VM | iopl << 12;
    for (unsigned i = 0; i < X86_NSEG; i++)
        x86_seg_v86(c, i, i == CS ? (uint16_t)(code >> 4) : 0);
    c->rip = 0;
    x86_update_mode(c);
}

void bench_real(struct cpubench *b)
{
    x86_seg_real(b->c, CS, 0);
    b->c->rip = BENCH_CODE;
    b->c->gpr[RSP] = BENCH_STACK0;
    x86_update_mode(b->c);
}

void bench_put(struct cpubench *b, uint32_t at, const uint8_t *bytes, unsigned n)
{
    memcpy(b->ram + at, bytes, n);
}

enum x86_stop bench_run(struct cpubench *b, int max)
{
    b->c->slice = b->c->budget = max;
    return b->c->engine->run(b->c->engine_self);
}

int bench_halted_in(const struct cpubench *b)
{
    uint64_t at = b->c->rip - 1 - BENCH_HANDLER;

    return b->c->halted && at < 4 * 256 && at % 4 == 0 ? (int)(at / 4) : -1;
}
