/* f80_rnd.h - random and edge operands for the x87 tests, and how far two numbers are apart. */
/* SPDX-License-Identifier: MIT */
#ifndef TEST_F80_RND_H
#define TEST_F80_RND_H
#include "cpu-x86/f80.h"

static uint64_t rng;

static inline uint64_t rnd(void)                          /* xorshift64* */
{
    rng ^= rng >> 12;
    rng ^= rng << 25;
    rng ^= rng >> 27;
    return rng * 0x2545f4914f6cdd1dull;
}

static inline uint64_t rnd_significand(void)
{
    uint64_t m = rnd();

    switch (rnd() % 8) {
    case 0: m = 0; break;
    case 1: m = ~0ull; break;
    case 2: m = ~0ull << (m & 63); break;
    case 3: m = 1ull << (m & 63); break;
    case 4: m &= ~0ull << (rnd() & 63); break;
    case 5: m |= ~0ull >> (rnd() & 63); break;
    default: break;
    }
    return rnd() % 16 ? m | 1ull << 63 : m;
}

static inline struct f80 rnd_operand(unsigned near)
{
    static const uint16_t edge[] = { 0, 1, 2, 0x3ffe, 0x3fff, 0x4000, 0x403d, 0x403e, 0x403f,
                                     0x7ffd, 0x7ffe, 0x7fff, 0x3f80, 0x3f6a, 0x3c00, 0x43fe };
    struct f80 a = { .m = rnd_significand() };
    uint64_t k = rnd();

    switch (k % 8) {
    case 0: a.se = edge[(k >> 8) % (sizeof edge / sizeof edge[0])]; break;
    case 1: a.se = (uint16_t)((k >> 8) & 0x7fff); break;
    case 2: a.se = (uint16_t)((k >> 8) & 0x7f); break;
    case 3: a.se = (uint16_t)(0x7fff - ((k >> 8) & 0x7f)); break;
    case 4: a.se = (uint16_t)(0x3fff + ((k >> 8) & 0x3f)); break;
    case 5: a.se = (uint16_t)((near + ((k >> 8) & 0x7f) - 64) & 0x7fff); break;
    default: a.se = (uint16_t)(0x3fff - 16 + ((k >> 8) & 0x1f)); break;
    }
    if (k >> 60 == 0) {
        a.m = (k & 64 ? 1ull << 63 : 0) | (k & 128);
    }
    a.se |= (uint16_t)(k >> 32 & 0x8000);
    return a;
}

static inline uint64_t distance(struct f80 a, struct f80 b)      /* in units of the last place */
{
    uint64_t d = a.m > b.m ? a.m - b.m : b.m - a.m;
    int up = a.se - b.se;
    bool least = (a.se & 0x7fff) + (b.se & 0x7fff) == 1;   /* a denormal and the least normal */

    if (!up || (least && up * up == 1)) {
        return d;
    }
    return up == 1 && a.m == 1ull << 63 ? 0 - b.m :
           up == -1 && b.m == 1ull << 63 ? 0 - a.m : UINT64_MAX;
}
#endif
