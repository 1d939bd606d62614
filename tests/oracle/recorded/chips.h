/* chips.h - how the recorded chips differ from the CPU that godwit is, one row for each way. */
/* SPDX-License-Identifier: MIT */
#ifndef CHIPS_H
#define CHIPS_H
#include "tests/oracle/recorded/moo.h"

enum chip { CHIP_8086 = 1, CHIP_80286 = 2 };

/* The instruction of a test, as far as the tables ask. */
struct subject {
    enum chip              chip;
    const struct moo_test *test;
    uint8_t op, modrm;               /* behind the prefixes */
    uint8_t imm;                     /* the last byte: an 8-bit immediate, if there is one */
    uint8_t override;                /* the last segment prefix, or 0 */
    bool    rep, lock;
    unsigned length;                 /* bytes; without the HLT behind it */
};
struct difference {
    enum chip   chip;
    const char *what;                /* what the chip does and later ones do not */
    bool      (*applies)(const struct subject *s);
};

struct subject subject_of(enum chip chip, const struct moo_test *t);

/* The rows; one that applies excuses a test from being run. */
extern const struct difference differences[];
extern const unsigned n_differences;

/* Flags that the manuals leave undefined after this instruction. */
uint16_t undefined_flags(const struct subject *s);
#endif
