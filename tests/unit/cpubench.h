/* cpubench.h - a CPU with a flat megabyte of memory, no paging, and handlers that halt: for tests
 * of the system instructions. Linear addresses are cut to 20 bits. */
/* SPDX-License-Identifier: MIT */
#ifndef CPUBENCH_H
#define CPUBENCH_H
#include "cpu-x86/cpu.h"
#include "cpu-x86/except.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"
#include "devmodel/core/mem.h"

enum {
    BENCH_GDT = 0x1000, BENCH_IDT = 0x2000, BENCH_TSS = 0x3000, BENCH_TSS2 = 0x4000,
    BENCH_HANDLER = 0x6000 /* of vector n: a HLT at + 4 n */, BENCH_CODE = 0x8000,
    BENCH_STACK0 = 0xb000, BENCH_STACK3 = 0xd000, BENCH_RAM = 1 << 20
};
enum {                               /* selectors of the GDT; 0x60 .. 0xf8 are free */
    SEL_CODE0 = 0x08, SEL_DATA0 = 0x10, SEL_CODE3 = 0x1b, SEL_DATA3 = 0x23, SEL_TSS = 0x28,
    SEL_TSS2 = 0x30, SEL_FREE = 0x60
};
/* Attributes as in struct x86_seg. */
enum { AT_CODE32 = 0xc09b, AT_DATA32 = 0xc093, AT_DPL3 = 0x60 };

struct cpubench {
    struct x86_cpu *c;
    struct mem_space *mem;
    struct mem_region ram_region;
    uint8_t *ram;
    bool absent[BENCH_RAM / GUEST_PAGE];       /* pages that fault */
    uint32_t in_value, out_value;
    unsigned outs, vector;                     /* vector: what intack gives */
    uint64_t apic_base, ticks;
};

void bench_open(struct cpubench *b, const char *model);    /* as after reset, real mode */
void bench_close(struct cpubench *b);
/* Flat 32-bit segments, IDT of interrupt gates (0x80 open to all), TR; CPL 0 or 3. */
void bench_protected(struct cpubench *b, unsigned cpl);
/* V86 mode at CS:IP = code >> 4 : 0, IOPL as given; after bench_protected. */
void bench_v86(struct cpubench *b, uint32_t code, unsigned iopl);
void bench_real(struct cpubench *b);                       /* CS:IP 0:BENCH_CODE, SP BENCH_STACK0 */

void bench_desc(struct cpubench *b, unsigned sel, uint32_t base, uint32_t limit, unsigned attr);
void bench_gate(struct cpubench *b, uint32_t at, unsigned sel, uint32_t off, unsigned attr,
                unsigned params);
void bench_idt(struct cpubench *b, unsigned vector, unsigned attr);        /* of its gate */

/* Code at BENCH_CODE and rip there; run until HLT or `max` instructions. */
#define bench_code(b, ...) \
    bench_put(b, BENCH_CODE, (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }))
void bench_put(struct cpubench *b, uint32_t at, const uint8_t *bytes, unsigned n);
enum x86_stop bench_run(struct cpubench *b, int max);
/* The vector in whose handler the CPU halted, -1 when elsewhere. */
int bench_halted_in(const struct cpubench *b);
uint32_t bench_ld(const struct cpubench *b, uint32_t at, unsigned size);
void bench_st(struct cpubench *b, uint32_t at, uint32_t v, unsigned size);
uint32_t bench_stack(const struct cpubench *b, unsigned i);                /* dword i at SS:ESP */
#endif
