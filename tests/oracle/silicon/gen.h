/* gen.h - random sequences of user instructions, by the encoding table. */
/* SPDX-License-Identifier: MIT */
#ifndef GEN_H
#define GEN_H
#include "cpu-x86/insn.h"
#include "tests/oracle/silicon/native.h"
#include "tests/oracle/silicon/rng.h"

enum { GEN_MAX = 8 };                /* instructions in a sequence */
enum { GEN_POKES = 3, POKE_BYTES = 16 };
struct sequence {
    struct witness  start;
    struct fragment code;
    unsigned        n;
    struct x86_insn insn[GEN_MAX];
    uint16_t        at[GEN_MAX + 1]; /* where in code.b; the last: the end */
    uint32_t        undefined[GEN_MAX + 1];   /* flags that the SDM leaves open before insn[k] */
    /* Bytes put into the data before it starts: what the pointers point to. */
    struct { uint32_t at; uint8_t b[POKE_BYTES]; } poke[GEN_POKES];
};

/* The descriptors of many sequences: what modify_ldt(2) makes. */
void gen_ldt(struct rng *r, uint64_t ldt[LDT_USED]);
void gen_sequence(struct rng *r, const uint64_t ldt[LDT_USED], struct sequence *q);
void gen_data(struct rng *r, uint8_t *data, unsigned bytes);
#endif
