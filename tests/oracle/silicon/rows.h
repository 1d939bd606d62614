/* rows.h - how each row of the encoding table is written, and which rows user mode cannot test. */
/* SPDX-License-Identifier: MIT */
#ifndef SILICON_ROWS_H
#define SILICON_ROWS_H
#include "cpu-x86/insn.h"

enum row_sel {                       /* column sel of cpu-x86/rows.h; S_X8: an x87 register form */
    S_ANY, S_MEM, S_REG, S_G0, S_G1, S_G2, S_G3, S_G4, S_G5, S_G6, S_G7, S_M0, S_M1, S_M2, S_M3,
    S_M4, S_M5, S_M6, S_M7, S_R0, S_R1, S_R2, S_R3, S_R4, S_R5, S_R6, S_R7, S_X8
};
struct row_bytes {
    uint8_t map;                     /* 0, or 0x0f: the two-byte map */
    uint8_t prefix;                  /* 0, 0x66, 0xf3, 0xf2; S_X8: the opcode, D8-DF */
    uint8_t op, n;                   /* first opcode (S_X8: ModRM byte), how many */
    uint8_t sel;                     /* enum row_sel */
    bool    mandatory;               /* prefix belongs to the opcode, none included */
};
extern const struct row_bytes row_bytes[ROW_COUNT];

bool row_has_modrm(unsigned row);
/* The bytes that end the row's instructions are an address: A0-A3. */
bool row_has_offset(unsigned row);
/* User mode sees its fault and nothing else: those rows need not come often. */
bool row_is_privileged(unsigned row);
/* Why the row cannot be compared in user mode; NULL: it can. */
const char *row_excluded(unsigned row);
/* One form of a row that cannot: F3 makes BSF and BSR other instructions on today's chips, INT 80h
 * is a system call. */
bool insn_excluded(const struct x86_insn *I);
/* Results that are approximations by definition: the x87's transcendental functions are compared
 * within one ulp and without C1 (docs/x87.md), RCP and RSQRT within 1.5 * 2^-11. */
bool insn_inexact(const struct x86_insn *I);
#endif
