/* mips_fmt.h - what an operand is (kinds) and which operands a row of mips_insn.def has (formats).
 * Source: MIPS64 Architecture For Programmers vol. II-A rev. 5.04; MSA: vol. IV-j rev. 1.12;
 * Loongson: the GS464E manual, part 1, and the words that binutils gives. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_MIPS_FMT_H
#define DBT_MIPS_FMT_H

/* How an operand is written. CC0 and HEX0 are left out when they are 0, and 0 is their default. */
enum mips_class {
    MC_GPR, MC_FPR, MC_VEC, MC_CTRL, MC_CC, MC_CC0, MC_DEC, MC_HEX, MC_HEX0, MC_BRANCH, MC_JUMP,
};
/* SIGN: two's complement. DUP: the register stands in bits 20:16 as well (clz). SA: counts from the
 * position in bits 10:6 (the size of ins), so this operand comes after that one. */
enum { MF_SIGN = 1, MF_DUP = 2, MF_SA = 4 };

/* K(name, C type, lowest bit, bits, log2 of the unit, bias, flags, class, text before, text after)
 * The field holds (value - bias) >> unit. A comma before is left out for the first operand. */
#define MIPS_KINDS(K) \
    K(S,   reg,      21, 5,  0, 0,  0,       MC_GPR,    ",", "") \
    K(T,   reg,      16, 5,  0, 0,  0,       MC_GPR,    ",", "") \
    K(D,   reg,      11, 5,  0, 0,  0,       MC_GPR,    ",", "") \
    K(DD,  reg,      11, 5,  0, 0,  MF_DUP,  MC_GPR,    ",", "") \
    K(GA,  reg,      6,  5,  0, 0,  0,       MC_GPR,    ",", "") \
    K(GQ,  reg,      0,  5,  0, 0,  0,       MC_GPR,    ",", "") \
    K(A,   unsigned, 6,  5,  0, 0,  0,       MC_HEX,    ",", "") \
    K(I,   int32_t,  0,  16, 0, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(U,   uint32_t, 0,  16, 0, 0,  0,       MC_HEX,    ",", "") \
    K(O8,  int32_t,  3,  8,  0, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(OU,  int32_t,  6,  8,  0, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(O9,  int32_t,  6,  9,  4, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(B,   reg,      21, 5,  0, 0,  0,       MC_GPR,    "(", ")") \
    K(BX,  reg,      21, 5,  0, 0,  0,       MC_GPR,    "(", "") \
    K(XD,  reg,      11, 5,  0, 0,  0,       MC_GPR,    ",", ")") \
    K(BV,  reg,      11, 5,  0, 0,  0,       MC_GPR,    "(", ")") \
    K(BR,  int32_t,  0,  16, 0, 0,  MF_SIGN, MC_BRANCH, ",", "") \
    K(J,   uint32_t, 0,  26, 2, 0,  0,       MC_JUMP,   ",", "") \
    K(C10, unsigned, 16, 10, 0, 0,  0,       MC_HEX0,   ",", "") \
    K(C20, unsigned, 6,  20, 0, 0,  0,       MC_HEX0,   ",", "") \
    K(ST,  unsigned, 6,  5,  0, 0,  0,       MC_HEX0,   ",", "") \
    K(TC,  unsigned, 6,  10, 0, 0,  0,       MC_HEX0,   ",", "") \
    K(H,   unsigned, 16, 5,  0, 0,  0,       MC_HEX,    ",", "") \
    K(HW,  unsigned, 11, 5,  0, 0,  0,       MC_CTRL,   ",", "") \
    K(P,   unsigned, 6,  5,  0, 0,  0,       MC_HEX,    ",", "") \
    K(PU,  unsigned, 6,  5,  0, 32, 0,       MC_HEX,    ",", "") \
    K(Z,   unsigned, 11, 5,  0, 1,  0,       MC_HEX,    ",", "") \
    K(ZM,  unsigned, 11, 5,  0, 33, 0,       MC_HEX,    ",", "") \
    K(ZI,  unsigned, 11, 5,  0, 1,  MF_SA,   MC_HEX,    ",", "") \
    K(ZIM, unsigned, 11, 5,  0, 33, MF_SA,   MC_HEX,    ",", "") \
    K(FD,  reg,      6,  5,  0, 0,  0,       MC_FPR,    ",", "") \
    K(FS,  reg,      11, 5,  0, 0,  0,       MC_FPR,    ",", "") \
    K(FT,  reg,      16, 5,  0, 0,  0,       MC_FPR,    ",", "") \
    K(FR,  reg,      21, 5,  0, 0,  0,       MC_FPR,    ",", "") \
    K(FQ,  reg,      0,  5,  0, 0,  0,       MC_FPR,    ",", "") \
    K(CS,  unsigned, 11, 5,  0, 0,  0,       MC_CTRL,   ",", "") \
    K(CD,  unsigned, 6,  5,  0, 0,  0,       MC_CTRL,   ",", "") \
    K(CC8, unsigned, 8,  3,  0, 0,  0,       MC_CC0,    ",", "") \
    K(CCB, unsigned, 18, 3,  0, 0,  0,       MC_CC0,    ",", "") \
    K(CCM, unsigned, 18, 3,  0, 0,  0,       MC_CC,     ",", "") \
    K(WD,  reg,      6,  5,  0, 0,  0,       MC_VEC,    ",", "") \
    K(WS,  reg,      11, 5,  0, 0,  0,       MC_VEC,    ",", "") \
    K(WS0, reg,      11, 5,  0, 0,  0,       MC_VEC,    ",", "[0]") \
    K(WT,  reg,      16, 5,  0, 0,  0,       MC_VEC,    ",", "") \
    K(U5,  uint32_t, 16, 5,  0, 0,  0,       MC_DEC,    ",", "") \
    K(S5,  int32_t,  16, 5,  0, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(U8,  uint32_t, 16, 8,  0, 0,  0,       MC_HEX,    ",", "") \
    K(S10, int32_t,  11, 10, 0, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(B3,  unsigned, 16, 3,  0, 0,  0,       MC_HEX,    ",", "") \
    K(B4,  unsigned, 16, 4,  0, 0,  0,       MC_HEX,    ",", "") \
    K(B5,  unsigned, 16, 5,  0, 0,  0,       MC_HEX,    ",", "") \
    K(B6,  unsigned, 16, 6,  0, 0,  0,       MC_HEX,    ",", "") \
    K(N4,  unsigned, 16, 4,  0, 0,  0,       MC_DEC,    "[", "]") \
    K(N3,  unsigned, 16, 3,  0, 0,  0,       MC_DEC,    "[", "]") \
    K(N2,  unsigned, 16, 2,  0, 0,  0,       MC_DEC,    "[", "]") \
    K(N1,  unsigned, 16, 1,  0, 0,  0,       MC_DEC,    "[", "]") \
    K(NT,  reg,      16, 5,  0, 0,  0,       MC_GPR,    "[", "]") \
    K(M0,  int32_t,  16, 10, 0, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(M1,  int32_t,  16, 10, 1, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(M2,  int32_t,  16, 10, 2, 0,  MF_SIGN, MC_DEC,    ",", "") \
    K(M3,  int32_t,  16, 10, 3, 0,  MF_SIGN, MC_DEC,    ",", "")

/* The formats: ROWn(name, word, kinds in the order of the assembler). Who includes mips_insn.def
 * defines ROW0 to ROW4 first. */
#define FMT_NONE(n, w)  ROW0(n, w)
#define FMT_DST(n, w)   ROW3(n, w, D, S, T)
#define FMT_DTS(n, w)   ROW3(n, w, D, T, S)      /* variable shifts */
#define FMT_DTA(n, w)   ROW3(n, w, D, T, A)
#define FMT_DT(n, w)    ROW2(n, w, D, T)
#define FMT_DS(n, w)    ROW2(n, w, D, S)
#define FMT_DDS(n, w)   ROW2(n, w, DD, S)
#define FMT_TSI(n, w)   ROW3(n, w, T, S, I)
#define FMT_TSU(n, w)   ROW3(n, w, T, S, U)
#define FMT_TU(n, w)    ROW2(n, w, T, U)
#define FMT_TOB(n, w)   ROW3(n, w, T, I, B)      /* t, offset(base) */
#define FMT_HOB(n, w)   ROW3(n, w, H, I, B)
#define FMT_OB(n, w)    ROW2(n, w, I, B)
#define FMT_ST(n, w)    ROW2(n, w, S, T)
#define FMT_STC(n, w)   ROW3(n, w, S, T, TC)     /* trap code, 0 */
#define FMT_D(n, w)     ROW1(n, w, D)
#define FMT_S(n, w)     ROW1(n, w, S)
#define FMT_STBR(n, w)  ROW3(n, w, S, T, BR)     /* words from the delay slot */
#define FMT_SBR(n, w)   ROW2(n, w, S, BR)
#define FMT_J(n, w)     ROW1(n, w, J)            /* low 28 bits of the address */
#define FMT_C10(n, w)   ROW1(n, w, C10)
#define FMT_C20(n, w)   ROW1(n, w, C20)
#define FMT_SYNC(n, w)  ROW1(n, w, ST)
#define FMT_THW(n, w)   ROW2(n, w, T, HW)
#define FMT_EXT(n, w)   ROW4(n, w, T, S, P, Z)   /* t, s, position, size */
#define FMT_EXTM(n, w)  ROW4(n, w, T, S, P, ZM)
#define FMT_EXTU(n, w)  ROW4(n, w, T, S, PU, Z)
#define FMT_INS(n, w)   ROW4(n, w, T, S, P, ZI)
#define FMT_INSM(n, w)  ROW4(n, w, T, S, P, ZIM)
#define FMT_INSU(n, w)  ROW4(n, w, T, S, PU, ZI)
#define FMT_FOB(n, w)   ROW3(n, w, FT, I, B)
#define FMT_FDXB(n, w)  ROW3(n, w, FD, T, B)     /* fd, index(base) */
#define FMT_FSXB(n, w)  ROW3(n, w, FS, T, B)
#define FMT_TFS(n, w)   ROW2(n, w, T, FS)
#define FMT_TCS(n, w)   ROW2(n, w, T, CS)
#define FMT_FDST(n, w)  ROW3(n, w, FD, FS, FT)
#define FMT_FDRST(n, w) ROW4(n, w, FD, FR, FS, FT)
#define FMT_FDS(n, w)   ROW2(n, w, FD, FS)
#define FMT_CCST(n, w)  ROW3(n, w, CC8, FS, FT)
#define FMT_CCBR(n, w)  ROW2(n, w, CCB, BR)
#define FMT_DSCC(n, w)  ROW3(n, w, D, S, CCM)
#define FMT_FDSCC(n, w) ROW3(n, w, FD, FS, CCM)
#define FMT_FDSGT(n, w) ROW3(n, w, FD, FS, T)
#define FMT_TXBD(n, w)  ROW4(n, w, T, O8, BX, XD) /* t, offset8(base,index) */
#define FMT_FXBD(n, w)  ROW4(n, w, FT, O8, BX, XD)
#define FMT_FUB(n, w)   ROW3(n, w, FT, OU, B)
#define FMT_QTB(n, w)   ROW4(n, w, GQ, T, O9, B)  /* low, high, offset(base) */
#define FMT_QFB(n, w)   ROW4(n, w, FQ, FT, O9, B)
#define FMT_VVV(n, w)   ROW3(n, w, WD, WS, WT)
#define FMT_VV(n, w)    ROW2(n, w, WD, WS)
#define FMT_VVU5(n, w)  ROW3(n, w, WD, WS, U5)
#define FMT_VVS5(n, w)  ROW3(n, w, WD, WS, S5)
#define FMT_VVU8(n, w)  ROW3(n, w, WD, WS, U8)
#define FMT_VS10(n, w)  ROW2(n, w, WD, S10)
#define FMT_VVB3(n, w)  ROW3(n, w, WD, WS, B3)
#define FMT_VVB4(n, w)  ROW3(n, w, WD, WS, B4)
#define FMT_VVB5(n, w)  ROW3(n, w, WD, WS, B5)
#define FMT_VVB6(n, w)  ROW3(n, w, WD, WS, B6)
#define FMT_GVN4(n, w)  ROW3(n, w, GA, WS, N4)   /* gpr, ws[n] */
#define FMT_GVN3(n, w)  ROW3(n, w, GA, WS, N3)
#define FMT_GVN2(n, w)  ROW3(n, w, GA, WS, N2)
#define FMT_GVN1(n, w)  ROW3(n, w, GA, WS, N1)
#define FMT_VVN4(n, w)  ROW3(n, w, WD, WS, N4)
#define FMT_VVN3(n, w)  ROW3(n, w, WD, WS, N3)
#define FMT_VVN2(n, w)  ROW3(n, w, WD, WS, N2)
#define FMT_VVN1(n, w)  ROW3(n, w, WD, WS, N1)
#define FMT_VNG4(n, w)  ROW3(n, w, WD, N4, D)    /* wd[n], gpr */
#define FMT_VNG3(n, w)  ROW3(n, w, WD, N3, D)
#define FMT_VNG2(n, w)  ROW3(n, w, WD, N2, D)
#define FMT_VNG1(n, w)  ROW3(n, w, WD, N1, D)
#define FMT_VNV4(n, w)  ROW3(n, w, WD, N4, WS0)  /* wd[n], ws[0] */
#define FMT_VNV3(n, w)  ROW3(n, w, WD, N3, WS0)
#define FMT_VNV2(n, w)  ROW3(n, w, WD, N2, WS0)
#define FMT_VNV1(n, w)  ROW3(n, w, WD, N1, WS0)
#define FMT_VVGT(n, w)  ROW3(n, w, WD, WS, NT)   /* wd, ws[gpr] */
#define FMT_VG(n, w)    ROW2(n, w, WD, D)
#define FMT_VM0(n, w)   ROW3(n, w, WD, M0, BV)   /* wd, offset in bytes(base) */
#define FMT_VM1(n, w)   ROW3(n, w, WD, M1, BV)
#define FMT_VM2(n, w)   ROW3(n, w, WD, M2, BV)
#define FMT_VM3(n, w)   ROW3(n, w, WD, M3, BV)
#define FMT_VBR(n, w)   ROW2(n, w, WT, BR)
#define FMT_CDG(n, w)   ROW2(n, w, CD, D)
#define FMT_GCS(n, w)   ROW2(n, w, GA, CS)

/* Rows that differ in the width of an element alone: bytes, halves, words, doubles. */
#define VECTOR4(n, fmt, w) \
    M(n##_b, fmt, w) M(n##_h, fmt, (w) | 1 << 21) \
    M(n##_w, fmt, (w) | 2 << 21) M(n##_d, fmt, (w) | 3 << 21)
#define VECTOR3(n, fmt, w) /* halves, words, doubles */ \
    M(n##_h, fmt, (w) | 1 << 21) M(n##_w, fmt, (w) | 2 << 21) M(n##_d, fmt, (w) | 3 << 21)
#define VECTOR_FP(n, fmt, w) M(n##_w, fmt, w) M(n##_d, fmt, (w) | 1 << 21)
#define VECTOR_FP1(n, fmt, w) M(n##_w, fmt, w) M(n##_d, fmt, (w) | 1 << 16)
#define VECTOR_Q(n, w) /* fixed point: halves, words */ \
    M(n##_h, VVV, w) M(n##_w, VVV, (w) | 1 << 21)
#define VECTOR4_2R(n, fmt, w) \
    M(n##_b, fmt, w) M(n##_h, fmt, (w) | 1 << 16) \
    M(n##_w, fmt, (w) | 2 << 16) M(n##_d, fmt, (w) | 3 << 16)
#define VECTOR4_BIT(n, w) \
    M(n##_b, VVB3, (w) | 0x70 << 16) M(n##_h, VVB4, (w) | 0x60 << 16) \
    M(n##_w, VVB5, (w) | 0x40 << 16) M(n##_d, VVB6, w)
#define VECTOR4_ELM(n, kinds, w) /* kinds: VVN, VN...; the width is in the index's upper bits */ \
    VECTOR3_ELM(n, kinds, w) M(n##_d, kinds##1, (w) | 0x38 << 16)
#define VECTOR3_ELM(n, kinds, w) \
    M(n##_b, kinds##4, w) M(n##_h, kinds##3, (w) | 0x20 << 16) M(n##_w, kinds##2, (w) | 0x30 << 16)
#define VECTOR4_MEM(n, w) \
    M(n##_b, VM0, w) M(n##_h, VM1, (w) | 1) M(n##_w, VM2, (w) | 2) M(n##_d, VM3, (w) | 3)

#endif
