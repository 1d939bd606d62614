/* native.c - runs the portable kernels as an ordinary program: what the host itself needs for the
 * same work. native SCALE; prints the lines that the counting plugin looks for, as main.c does. */
/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>

uint8_t bench_mem[BENCH_MEM] __attribute__((aligned(4096)));

void bench_fpu(uint16_t control)
{
    (void)control;
}

static void run(const struct bench *b, uint32_t scale)
{
    for (; b->name; b++) {
        uint32_t n = (b->n * scale + 99) / 100;

        printf("@B %s %u\n", b->name, b->events * n);
        printf("@E %s sum=%08x\n", b->name, b->run(n));
    }
}

int main(int argc, char **argv)
{
    uint32_t scale = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    run(bench_portable, scale);
    run(bench_sse, scale);
    printf("@@ done\n");
    return 0;
}
