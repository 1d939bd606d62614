/* native.h - runs 16- and 32-bit user code on this machine's own CPU: the witness of the silicon
 * test. */
/* SPDX-License-Identifier: MIT */
#ifndef NATIVE_H
#define NATIVE_H
#include <stdbool.h>
#include <stdint.h>

/* Where both sides have their memory. Two pages of code, not writable. Of data, four pages: the
 * third is read-only, the others can be written; data is never executable. Around them there is
 * nothing. */
enum {
    NATIVE_AREA = 0x51230000, NATIVE_STUBS = 0x51240000,   /* the test's own pages */
    NATIVE_CODE = 0x20000000, NATIVE_CODE_BYTES = 0x2000,
    NATIVE_DATA = 0x30000000, NATIVE_DATA_BYTES = 0x4000, NATIVE_DATA_RO = 0x2000
};

/* Selectors that both sides have: Linux's. */
enum { SEL_CODE = 0x23, SEL_DATA = 0x2b, SEL_OUT = 0x33 /* where a sequence goes when it ends */ };

struct witness {                     /* state before and after */
    uint32_t gpr[8], eip, eflags;
    uint32_t vector, error, cr2;     /* after: the exception, NO_VECTOR = the end was reached */
    uint16_t seg[6];                 /* selectors, ES CS SS DS FS GS */
    uint8_t  fx[512] __attribute__((aligned(16)));   /* FXSAVE image */
};
#define NO_VECTOR 0xffffffffu

/* Code and the descriptors that it lives with. */
enum { FRAGMENT_MAX = 192, LDT_USED = 32 };
struct fragment {
    uint8_t  b[FRAGMENT_MAX];
    uint16_t at, n;                  /* offset from NATIVE_CODE; bytes */
    bool     code16;                 /* CS.D = 0 where it starts; the end differs */
    uint64_t ldt[LDT_USED];       /* present user segments or 0, only what modify_ldt(2) makes */
};

/* False: this host cannot (not x86-64 Linux on an Intel since Skylake). */
bool native_open(void);
/* The instruction that ends a fragment: a far jump to SEL_OUT:NATIVE_LEAVE, the same on both sides
 * and on all hosts, for code that reads itself. Its length in bytes. */
enum { NATIVE_END_MAX = 8, NATIVE_LEAVE = NATIVE_STUBS + 0x200 };
unsigned native_end(uint8_t out[NATIVE_END_MAX], bool code16);
/* Runs f from s->seg[CS]:s->eip, which lies in it, with the data that the caller left in
 * native_data(). What of the code is not f's is INT3. */
void native_run(struct witness *s, const struct fragment *f);
/* NATIVE_DATA as the caller may write it, the read-only page too. */
uint8_t *native_data(void);
#endif
