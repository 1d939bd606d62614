/* cpubox.c - a CPU in an empty box, for tests of instructions. */
/* SPDX-License-Identifier: MIT */
#include "tests/unit/cpubox.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/except.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"

static uint32_t port_in(void *self, uint16_t port, unsigned size)
{
    struct cpubox *b = self;

    (void)port;
    return size == 4 ? b->in_value : b->in_value & ((1u << 8 * size) - 1);
}

static void port_out(void *self, uint16_t port, uint32_t v, unsigned size)
{
    struct cpubox *b = self;

    if (b->outs < sizeof b->out / sizeof b->out[0]) {
        b->out[b->outs].port = port;
        b->out[b->outs].v = v;
        b->out[b->outs].size = size;
    }
    b->outs++;
}

static int intack(void *self)
{
    (void)self;
    return 0x20;
}

static const struct x86_port_ops port_ops = { .in = port_in, .out = port_out, .intack = intack };

static void must(int rc, const struct vm_error *e)
{
    if (rc < 0) {
        fprintf(stderr, "cpubox: %s\n", e->text);
        exit(1);
    }
}

struct cpubox *cpubox_new_on(const char *model, uint64_t bytes, const struct x86_engine_ops *engine)
{
    struct cpubox *b = calloc(1, sizeof *b);
    struct x86_config cfg = { .model = model, .port = &port_ops, .mmu = &smmu_ops,
                              .engine = engine };
    struct vm_error e = { 0 };

    must(mem_space_new(&b->mem, "ram", UINT64_C(1) << 36, &e), &e);
    must(ram_open(&b->ram, bytes, &e), &e);
    b->region = (struct mem_region){ .name = "ram", .kind = MEM_RAM, .size = bytes,
                                     .host = b->ram.host, .ram = &b->ram };
    mem_begin(b->mem);
    mem_add(mem_root(b->mem), &b->region, 0, 0);
    mem_enable(&b->region, true);
    mem_commit(b->mem);
    must(smmu_new(&b->mmu, b->mem, &e), &e);
    cfg.mem = b->mem;
    cfg.port_self = b;
    cfg.mmu_self = b->mmu;
    must(x86_create(&b->cpu, &cfg, &e), &e);
    smmu_attach(b->mmu, b->cpu);
    return b;
}

struct cpubox *cpubox_new(const char *model, uint64_t bytes)
{
    return cpubox_new_on(model, bytes, &engine_interp);
}

void cpubox_free(struct cpubox *b)
{
    x86_destroy(b->cpu);
    smmu_free(b->mmu);
    mem_space_free(b->mem);
    ram_close(&b->ram);
    free(b);
}

void cpubox_real(struct cpubox *b, uint16_t ip)
{
    x86_reset(b->cpu, RESET_POWER_ON);
    for (unsigned s = 0; s < X86_NSEG; s++)
        x86_seg_real(b->cpu, s, 0);
    x86_update_mode(b->cpu);
    b->cpu->gpr[RSP] = 0x7000;
    b->cpu->rip = ip;
    b->outs = 0;
}

void cpubox_flat(struct cpubox *b, uint32_t eip)
{
    static const uint64_t gdt[] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff,
                                    0x00cffb000000ffff, 0x00cff3000000ffff };
    struct x86_cpu *c = b->cpu;

    cpubox_real(b, 0);
    cpubox_put(b, 0x800, gdt, sizeof gdt);
    c->gdt_base = 0x800;
    c->gdt_limit = sizeof gdt - 1;
    c->cr0 |= CR0_PE;
    for (unsigned s = 0; s < X86_NSEG; s++) {
        struct x86_desc d = { .lo = 0xffff,
                              .hi = s == CS ? 0x00cf9b00 : 0x00cf9300 };
        x86_seg_set(c, s, s == CS ? 8 : 16, &d);
    }
    c->cpl = 0;
    x86_update_mode(c);
    c->rip = eip;
}

void cpubox_put(struct cpubox *b, uint64_t at, const void *bytes, size_t n)
{
    mem_copy_out(b->mem, at, bytes, n);
}

enum exec_stop cpubox_run(struct cpubox *b, int64_t insns)
{
    return x86_exec.run(b->cpu, insns);
}
