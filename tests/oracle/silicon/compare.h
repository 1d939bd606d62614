/* compare.h - what of two ends of a sequence has to be equal, and how a difference is shown. */
/* SPDX-License-Identifier: MIT */
#ifndef COMPARE_H
#define COMPARE_H
#include "tests/oracle/silicon/gen.h"

/* Where a sequence ended on one side; data has NATIVE_DATA_BYTES bytes and is borrowed. */
struct ending {
    const char    *who;
    struct witness w;
    const uint8_t *data;
};

/* Flags that are defined where the sequence ended, be it at a fault. */
uint32_t defined_flags(const struct sequence *q, const struct witness *w);
/* All but open flags and what today's chips no longer keep. */
bool endings_same(const struct sequence *q, const struct ending *a, const struct ending *b);
/* The sequence met pages that only one side has, the test's own. Such a case says nothing. */
bool endings_void(const struct ending *native, const struct ending *ours);
/* The code, the state before and both after it; before: the data at the start. */
void endings_report(const struct sequence *q, const uint8_t *before, const struct ending *a,
                    const struct ending *b);
#endif
