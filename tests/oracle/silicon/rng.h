/* rng.h - random numbers that are the same on every host (splitmix64), and values near edges. */
/* SPDX-License-Identifier: MIT */
#ifndef SILICON_RNG_H
#define SILICON_RNG_H
#include <stdint.h>

struct rng { uint64_t s; };
static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
static inline unsigned rng_below(struct rng *r, unsigned n)
{
    return (unsigned)(rng_next(r) >> 33) % n;
}
/* Once in n. */
static inline int rng_once(struct rng *r, unsigned n) { return rng_below(r, n) == 0; }
/* 32 bits where carries, signs and limits change. */
uint32_t rng_edge(struct rng *r);
#endif
