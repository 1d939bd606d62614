/* fuzz_bytes.c - random bytes as code, in real, V86 and protected mode, paging on and off:
 * a guest must not be able to crash or hang the CPU.
 *
 * usage: fuzz_bytes CASES SEED. Built with sanitizers by the check run; the last line counts. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"
#include "tests/unit/cpubox.h"

enum { RAM = 1 << 20, INSNS = 300, PAGE_DIR = 0x9000 };

static uint64_t state;

static uint64_t rnd(void)            /* splitmix64 */
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void fill(struct cpubox *b, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += 8) {
        uint64_t v = rnd();

        memcpy(b->ram.host + at + i, &v, 8);
    }
}

/* Page tables of random entries, most of them present, the first ones sane. */
static void random_paging(struct cpubox *b)
{
    struct x86_cpu *c = b->cpu;

    for (uint32_t i = 0; i < 1024; i++) {
        uint32_t pde = rnd() % 4 ? (uint32_t)(rnd() & 0xff000) | (rnd() & 0x1ff) : (uint32_t)rnd();
        uint32_t pte = rnd() % 4 ? (uint32_t)(rnd() & 0xff000) | (rnd() & 0x1ff) | 1
                                 : (uint32_t)rnd();

        memcpy(b->ram.host + PAGE_DIR + 4 * i, &pde, 4);
        memcpy(b->ram.host + PAGE_DIR + 0x1000 + 4 * i, &pte, 4);
    }
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t pte = i << 12 | 7, pde = (PAGE_DIR + 0x1000) | 7;

        memcpy(b->ram.host + PAGE_DIR, &pde, 4);
        memcpy(b->ram.host + PAGE_DIR + 0x1000 + 4 * i, &pte, 4);
    }
    c->cr3 = PAGE_DIR;
    c->cr4 |= rnd() % 2 ? CR4_PSE : CR4_PSE | CR4_PGE;
    c->cr0 |= CR0_PG | (rnd() % 2 ? CR0_WP : 0);
    c->mmu->control_written(c->mmu_self, c);
}

static void random_registers(struct x86_cpu *c)
{
    for (unsigned i = 0; i < 8; i++)
        c->gpr[i] = rnd() % 2 ? rnd() & 0xffff : (uint32_t)rnd();
    x86_set_eflags(c, (uint32_t)(rnd() & (FL_ARITH | FL_DF | FL_IF | FL_IOPL | FL_AC | FL_NT)) |
                      FL_FIXED);
    c->cr4 |= CR4_OSFXSR | (rnd() % 2 ? CR4_OSXMMEXCPT : 0);
}

static void one_case(struct cpubox *b)
{
    struct x86_cpu *c = b->cpu;
    uint32_t at = 0x1000 + (uint32_t)(rnd() & 0xfff);
    unsigned kind = rnd() % 4;

    if (kind == 0)
        cpubox_real(b, (uint16_t)at);
    else
        cpubox_flat(b, at);
    fill(b, 0, rnd() % 8 ? 0x800 : 0x8000);
    fill(b, at & ~7u, 512);
    random_registers(c);
    if (kind >= 2)
        random_paging(b);
    if (kind == 3) {
        c->cpl = 3;
        c->seg[CS].sel |= 3;
        c->seg[SS].sel |= 3;
    }
    if (rnd() % 8 == 0)
        c->dr[7] |= rnd() & 0xffff00ff;
    x86_update_mode(c);
    b->in_value = (uint32_t)rnd();
    if (rnd() % 16 == 0)
        x86_pin(c, X86_PEND_INTR, true);
    cpubox_run(b, INSNS);
    x86_pin(c, X86_PEND_INTR, false);
}

int main(int argc, char **argv)
{
    static const char *const models[] = { "max", "486", "pentium", "pentium3" };
    uint64_t cases = argc > 1 ? strtoull(argv[1], NULL, 0) : 20000, insns = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;

    for (unsigned m = 0; m < sizeof models / sizeof models[0]; m++) {
        struct cpubox *b = cpubox_new(models[m], RAM);

        for (uint64_t i = m; i < cases; i += sizeof models / sizeof models[0]) {
            uint64_t before = x86_insns(b->cpu);

            state = seed * 1000003 + i;
            one_case(b);
            insns += x86_insns(b->cpu) - before;
        }
        cpubox_free(b);
    }
    printf("fuzz_bytes: %" PRIu64 " cases, %" PRIu64 " instructions ran, seed %" PRIu64 "\n", cases,
           insns, seed);
    return insns ? 0 : 1;
}
