/* rows.h - includes every row file once, in the order of their numbers. No include guard.
 *
 * A row is X(op, n, sel, o0, o1, o2, flags, sem, "name"):
 *   op, n   first opcode byte and how many opcodes the row covers (1, 8: register or 16: condition
 *           in the low bits)
 *   sel     which ModRM bytes: ANY, MEM, REG (mod 3), G0-G7 (reg field), M0-M7 (memory form with
 *           that reg field), R0-R7 (register form with that reg field)
 * XP(pfx, ...) is the same behind a mandatory prefix: NP, P66, PF3, PF2.
 * X8(modrm, n, ...) is an x87 register form: opcode D8 + (modrm >> 8), ModRM byte modrm & 0xff.
 *
 * Includers define ROWS_ENUM (names of the numbers), or X, XP, X8 and MAP_* for tables. */
/* SPDX-License-Identifier: MIT */
#ifndef ROW_CAT
#define ROW_CAT_(a, b) a##b
#define ROW_CAT(a, b)  ROW_CAT_(a, b)
#endif
#ifdef ROWS_ENUM
#undef ROWS_ENUM
#define X(...)  ROW_ID,
#define XP(...) ROW_ID,
#define X8(...) ROW_ID,
#define ROW_UNDEF
#endif

#define ROW_ID ROW_CAT(ROW_1_, __LINE__)
#include "cpu-x86/insn.def"
#undef ROW_ID
#define ROW_ID ROW_CAT(ROW_0F_, __LINE__)
#include "cpu-x86/insn_0f.def"
#undef ROW_ID
#define ROW_ID ROW_CAT(ROW_X87_, __LINE__)
#include "cpu-x86/insn_x87.def"
#undef ROW_ID
#define ROW_ID ROW_CAT(ROW_SSE_, __LINE__)
#include "cpu-x86/insn_sse.def"
#undef ROW_ID

#ifdef ROW_UNDEF
#undef ROW_UNDEF
#undef X
#undef XP
#undef X8
#endif
