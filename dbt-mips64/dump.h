/* dump.h - a translation listed: guest instructions on the left, their host words on the right. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_DUMP_H
#define DBT_DUMP_H
#include "cpu-x86/insn.h"
#include <stdio.h>

struct dump_insn {
    const struct x86_insn *insn;
    gva_t rip;                       /* its own */
    const uint8_t *bytes;            /* insn->len of them; NULL = not shown */
};

/* From host word `word` on, words belong to guest instruction `insn`; -1 = to none. */
struct dump_map { uint32_t word; int32_t insn; };

struct dump {                        /* everything is borrowed */
    const struct dump_insn *guest;
    unsigned guests;
    const uint32_t *host;
    unsigned words;
    uint64_t pc;                     /* where host[0] runs */
    const struct dump_map *map;      /* ascending words; what comes before the first is nobody's */
    unsigned maps;
};

/* Lists the words in their order. An instruction that has no words has a line to itself; one that
 * has words in more than one place (the slow way behind the end) is named there by its rip. */
void dbt_dump(const struct dump *d, FILE *out);

/* Decodes n bytes of guest code into insn[] and list[], which have room for `max` instructions.
 * Returns how many there are before the end, or before one that is undefined or incomplete. */
unsigned dbt_dump_decode(struct x86_insn *insn, struct dump_insn *list, unsigned max,
                         const uint8_t *bytes, unsigned n, gva_t rip, bool code32);
#endif
