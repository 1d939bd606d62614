/* events.c - kernels of what interrupts straight code: INT, ports, changed code, new code. */
/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "pc.h"

static uint32_t call_code(void *code, uint32_t eax)
{
    __asm__ volatile("call *%1" : "+a"(eax) : "r"(code) : "memory", "ecx", "edx");
    return eax;
}

static NOINLINE uint32_t int80(uint32_t n)
{
    pc_int80s = 0;
    for (n *= 1000; n--;)
        __asm__ volatile("int $0x80" ::: "memory");
    return pc_int80s;
}

static NOINLINE uint32_t portio(uint32_t n)
{
    uint32_t sum = 0;

    for (n *= 100; n--; sum++) {
        pc_out8(0x80, n);
        pc_in8(0x61);
    }
    return sum;
}

/* The immediate operand of "mov $imm, %eax; ret" is changed, then it is called. */
static NOINLINE uint32_t smc(uint32_t n)
{
    uint8_t *code = bench_mem + 0x200000;
    uint32_t sum = 0;

    code[0] = 0xB8;
    code[5] = 0xC3;
    for (n *= 100; n--;) {
        *(volatile uint32_t *)(code + 1) = n;
        sum += call_code(code, 0);
    }
    return sum;
}

/* As a loader or a JIT does: 64 functions are written, each runs four times; then elsewhere. */
static NOINLINE uint32_t newcode(uint32_t n)
{
    enum { FUNCTIONS = 64, ADDS = 10 };
    uint32_t sum = 0;

    while (n--) {
        uint8_t *area = bench_mem + 0x200000 + (n & 15) * 16384;

        for (uint32_t f = 0; f < FUNCTIONS; f++) {
            uint8_t *code = area + f * 256;

            for (uint32_t k = 0; k < ADDS; k++) {
                code[k * 5] = 0x05;                 /* add $imm, %eax */
                *(uint32_t *)(code + k * 5 + 1) = n + f + k;
            }
            code[ADDS * 5] = 0xC3;
        }
        for (int times = 0; times < 4; times++) {
            for (uint32_t f = 0; f < FUNCTIONS; f++)
                sum = call_code(area + f * 256, sum);
        }
    }
    return sum;
}

const struct bench bench_events[] = {
    { "int80", int80, 200, 1000, NULL },
    { "portio", portio, 500, 0, NULL },
    { "smc", smc, 100, 100, NULL },
    { "newcode", newcode, 60, 0, NULL },
    { NULL, NULL, 0, 0, NULL }
};
