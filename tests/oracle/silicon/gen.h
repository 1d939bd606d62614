/* gen.h - random sequences of user instructions, by the encoding table. */
/* SPDX-License-Identifier: MIT */
#ifndef GEN_H
#define GEN_H
#include "cpu-x86/insn.h"
#include "tests/oracle/silicon/native.h"

enum { GEN_MAX = 8 };                /* instructions in a sequence */
struct sequence {
    struct witness  start;
    uint8_t         code[15 * GEN_MAX];
    unsigned        bytes, n;
    struct x86_insn insn[GEN_MAX];
    uint32_t        undefined[GEN_MAX + 1];   /* flags that the SDM leaves open before insn[k] */
};

struct rng { uint64_t s; };
uint64_t rng_next(struct rng *r);
void gen_sequence(struct rng *r, struct sequence *q);
void gen_data(struct rng *r, uint8_t *data, unsigned bytes);
/* Meanings that cannot be compared in user mode, by name; for the list of what is not covered. */
bool gen_excludes(const struct x86_insn *I);
#endif
