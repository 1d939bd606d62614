/* paging.c - kernels with paging on: far and near accesses, new mappings, CR3, page faults. */
/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "pc.h"

#define PAGE(i) (WINDOW + ((i) << 10))

/* The window's memory as at the start, whatever ran before. */
static void clear_window(void)
{
    uint32_t *p = (uint32_t *)0x1000000;

    for (uint32_t i = 0; i < WINDOW_PAGES * 1024; i++)
        p[i] = i;
}

/* Random words of 16 MiB: nearly every access is to another page. */
static NOINLINE uint32_t pgscatter(uint32_t n)
{
    uint32_t seed = 6, sum = 0;

    pc_paging_on();
    for (n *= 1000; n--;) {
        uint32_t i = bench_random(&seed) >> 10;

        sum += WINDOW[i];
        WINDOW[i] = sum;
    }
    pc_paging_off();
    return sum;
}

/* Random words of 64 pages. */
static NOINLINE uint32_t pglocal(uint32_t n)
{
    uint32_t seed = 7, sum = 0;

    pc_paging_on();
    for (n *= 1000; n--;) {
        uint32_t i = bench_random(&seed) >> 16;

        sum += WINDOW[i];
        WINDOW[i ^ 1] = sum;
    }
    pc_paging_off();
    return sum;
}

/* Two pages change places: two entries, two INVLPGs, two accesses. */
static NOINLINE uint32_t pgremap(uint32_t n)
{
    uint32_t sum = 0;

    pc_paging_on();
    for (n *= 100; n--;) {
        uint32_t i = n & 1023, j = n * 7 & 1023, t = pc_window_table[i];

        pc_window_table[i] = pc_window_table[j];
        pc_window_table[j] = t;
        pc_invlpg(PAGE(i));
        pc_invlpg(PAGE(j));
        sum += *PAGE(i);
        *PAGE(j) += n;
    }
    pc_paging_off();
    return sum;
}

/* CR3 loaded with what it holds, then 32 pages touched. */
static NOINLINE uint32_t cr3(uint32_t n)
{
    uint32_t sum = 0;

    pc_paging_on();
    for (n *= 10; n--;) {
        pc_cr3(pc_directory(0));
        for (uint32_t i = 0; i < 32; i++)
            sum += *PAGE(i);
    }
    pc_paging_off();
    return sum;
}

/* A page is unmapped and touched; the handler maps it. */
static NOINLINE uint32_t pfault(uint32_t n)
{
    uint32_t sum = 0;

    pc_paging_on();
    pc_page_faults = 0;
    for (n *= 100; n--;) {
        uint32_t i = n & 255;

        pc_window_table[i] &= ~1u;
        pc_invlpg(PAGE(i));
        sum += *PAGE(i);
    }
    pc_paging_off();
    return sum + pc_page_faults;
}

const struct bench bench_paging[] = {
    { "pglocal", pglocal, 6000, 0, clear_window },
    { "pgscatter", pgscatter, 1000, 0, clear_window },
    { "pgremap", pgremap, 500, 0, clear_window },
    { "cr3", cr3, 500, 0, clear_window },
    { "pfault", pfault, 500, 100, clear_window },
    { NULL, NULL, 0, 0, NULL }
};
