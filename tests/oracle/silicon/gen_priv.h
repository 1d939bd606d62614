/* gen_priv.h - what the parts of the generator share. */
/* SPDX-License-Identifier: MIT */
#ifndef GEN_PRIV_H
#define GEN_PRIV_H
#include "tests/oracle/silicon/gen.h"

enum gen_theme { THEME_ANY, THEME_INT, THEME_X87, THEME_SSE, THEME_COUNT };
/* Where the segments that a sequence starts with lie. */
struct gen_place {
    uint32_t base[6], limit[6];
    bool     down[6];                /* expand-down */
    bool     code16;
    enum gen_theme theme;
};

/* Descriptors. */
uint32_t desc_base(uint64_t d);
uint32_t desc_limit(uint64_t d);
/* A selector of the LDT or the GDT, null or beyond; any RPL. */
uint16_t gen_selector(struct rng *r);
/* An offset in segment seg whose operand lies in the data, or at the segment's or a page's edge. */
uint32_t gen_pointer(struct rng *r, const struct gen_place *p, unsigned seg);

/* Segments, registers, flags, floating point; q->code.ldt is set. */
void gen_start(struct rng *r, struct gen_place *p, struct sequence *q);
/* One instruction, at most 15 bytes, decoded; its length. */
unsigned gen_insn(struct rng *r, const struct gen_place *p, uint8_t *b, struct x86_insn *I);
#endif
