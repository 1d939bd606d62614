/* mips_dis.h - MIPS64 words as text, from the rows the assembler is made of. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_MIPS_DIS_H
#define DBT_MIPS_DIS_H
#include "dbt-mips64/mips_fmt.h"
#include "devmodel/base/vm_types.h"

/* One operand's field and how it is written; mips_fmt.h says what the members mean. */
struct mips_kind {
    uint8_t low, bits, unit;
    int8_t bias;
    uint8_t flags, class;
    const char *before, *after;
};
struct mips_row { const char *name; uint32_t word; uint8_t n, kind[4]; }; /* name with _ for dots */

extern const struct mips_kind mips_kinds[];
extern const struct mips_row mips_rows[];
extern const unsigned mips_n_rows;

/* The row whose fixed bits w has; NULL = we do not emit that. */
const struct mips_row *mips_row_of(uint32_t w);
/* What mips_<name>() was given as operand i (0 .. n-1); of a jump the address's low 28 bits. */
int64_t mips_operand(const struct mips_row *r, unsigned i, uint32_t w);
/* "beq a0,a1,0x1234" as objdump -M no-aliases writes it; ".word 0x..." when there is no row. pc is
 * the address of the word. At most `size` bytes with the end mark; 48 are always enough. */
void mips_dis(uint32_t w, uint64_t pc, char *text, size_t size);
#endif
