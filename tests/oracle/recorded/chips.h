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
    unsigned at;                     /* bytes of prefixes */
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
    void      (*adapt)(struct moo_test *t, const struct subject *s);
};

struct subject subject_of(enum chip chip, const struct moo_test *t);

/* The rows. A test that one applies to is made into what later chips do by adapt(), where the
 * difference is known exactly; without adapt() it is left out. */
extern const struct difference differences[];
extern const unsigned n_differences;

/* adapt() of the rows, in later.c. */
void later_opcode(struct moo_test *t, const struct subject *s);      /* an alias's own encoding */
void later_modrm(struct moo_test *t, const struct subject *s);       /* the same in ModRM */
void later_push_sp(struct moo_test *t, const struct subject *s);
void later_adjust(struct moo_test *t, const struct subject *s);
void later_das(struct moo_test *t, const struct subject *s);
void later_count(struct moo_test *t, const struct subject *s);
void later_divide_error(struct moo_test *t, const struct subject *s);
void later_idiv(struct moo_test *t, const struct subject *s);
void later_lock(struct moo_test *t, const struct subject *s);
void later_string_fault(struct moo_test *t, const struct subject *s);
void later_stack_fault(struct moo_test *t, const struct subject *s);

/* Flags that the manuals leave undefined after this instruction. */
uint16_t undefined_flags(const struct subject *s);
#endif
