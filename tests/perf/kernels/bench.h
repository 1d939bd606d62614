/* bench.h - what the benchmark's kernels share: the table row, the memory they work in. The
 * portable ones are built for x86 (freestanding) and MIPS64 (native.c); their sums are the same. */
/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PERF_KERNELS_BENCH_H
#define TESTS_PERF_KERNELS_BENCH_H
#include <stddef.h>
#include <stdint.h>

#define NOINLINE __attribute__((noinline))

struct bench {
    const char *name;                /* NULL ends a table */
    uint32_t (*run)(uint32_t n);     /* the work, n times; the answer is its checksum */
    uint32_t n;                      /* at a scale of 100 % */
    uint32_t events;                 /* in one of n, when an event's cost is asked for, or 0 */
    void (*prepare)(void);           /* before the counted part, or NULL */
};

extern const struct bench bench_portable[], bench_sse[];            /* any host */
extern const struct bench bench_cpu[], bench_paging[], bench_events[], bench_rows[];     /* x86 */

enum { BENCH_MEM = 28 << 20 };
extern uint8_t bench_mem[];          /* page-aligned, BENCH_MEM bytes; in x86 at 4 MiB */

void bench_fpu(uint16_t control);    /* x87 control word, SSE on; nothing elsewhere */

/* Pseudo-random numbers, the same everywhere. */
static inline uint32_t bench_random(uint32_t *seed)
{
    return *seed = *seed * 1664525u + 1013904223u;
}

#endif
