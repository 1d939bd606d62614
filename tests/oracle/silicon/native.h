/* native.h - runs 32-bit user code on this machine's own CPU: the witness of the silicon test. */
/* SPDX-License-Identifier: MIT */
#ifndef NATIVE_H
#define NATIVE_H
#include <stdbool.h>
#include <stdint.h>

/* Where both sides have their memory: code is read-only, data can be written. */
enum {
    NATIVE_AREA = 0x51230000, NATIVE_STUBS = 0x51240000,   /* the test's own pages */
    NATIVE_CODE = 0x20000000, NATIVE_DATA = 0x30000000, NATIVE_DATA_BYTES = 0x3000,
    NATIVE_CODE_BYTES = 0x1000
};

struct witness {                     /* state before and after */
    uint32_t gpr[8], eip, eflags;
    uint32_t vector, error, cr2;     /* after: the exception, 0xffffffff = none */
    uint8_t  fx[512] __attribute__((aligned(16)));   /* FXSAVE image */
};

/* False: this host cannot (not x86-64 Linux). */
bool native_open(void);
/* The instruction that ends a sequence: a far jump out of it, the same on both sides and on all
 * hosts, for code that reads itself. */
enum { NATIVE_END_BYTES = 7, NATIVE_LEAVE = 0x100 /* in the stubs */ };
void native_end(uint8_t out[NATIVE_END_BYTES]);
/* Copies n bytes of code to NATIVE_CODE and runs them from there with s; data is what the caller
 * left at NATIVE_DATA. */
void native_run(struct witness *s, const uint8_t *code, unsigned n);
#endif
