/* compare.h - what of two ends of a sequence has to be equal, and how a difference is shown. */
/* SPDX-License-Identifier: MIT */
#ifndef COMPARE_H
#define COMPARE_H
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/gen.h"

/* Where a sequence ended on one side; data has NATIVE_DATA_BYTES bytes and is borrowed. */
struct ending {
    const char    *who;
    struct witness w;
    const uint8_t *data;
};

/* The flags that are compared, when they are defined. */
#define FL_KNOWN \
    (FL_ARITH | FL_DF | FL_TF | FL_IF | FL_IOPL | FL_NT | FL_RF | FL_VM | FL_AC | FL_ID)
/* Flags that are defined where the sequence ended, be it at a fault. */
uint32_t defined_flags(const struct sequence *q, const struct witness *w);
/* All but open flags and what today's chips no longer keep. */
bool endings_same(const struct sequence *q, const struct ending *a, const struct ending *b);
/* Why a case says nothing. All but VOID_LEFT and VOID_FLAGS is known before the witness runs. */
enum void_why {
    VOID_NOT, VOID_ENDLESS,          /* our side did not come to an end */
    VOID_PAGES,                      /* it met the test's own pages */
    VOID_KERNEL,                     /* a system call, or what long mode changes: IRET with
                                        NT, a far call to 64-bit code */
    VOID_LENGTH,                     /* more than 15 bytes, and what follows is in no page: the chip
                                        raises #GP or #PF as its fetch goes */
    VOID_LEFT,                       /* a difference, but it jumped between its instructions */
    VOID_FLAGS,                      /* a difference, but it used an undefined flag */
    VOID_HOST,                       /* a difference, but not the second time: an interrupt of the
                                        host's clears null selectors, and RF at CS's limit */
    VOID_COUNT
};
enum void_why ending_void(const struct sequence *q, const struct ending *ours);
/* The code, the state before and both after it; before: the data at the start. */
void endings_report(const struct sequence *q, const uint8_t *before, const struct ending *a,
                    const struct ending *b);
#endif
