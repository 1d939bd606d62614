/* session.h - the cases of one seed: made, run on either side, compared, counted. */
/* SPDX-License-Identifier: MIT */
#ifndef SESSION_H
#define SESSION_H
#include "tests/oracle/silicon/compare.h"
#include "tests/oracle/silicon/ours.h"

enum { SESSION_ENOUGH = 20 };        /* differences after which a run ends */
enum { SESSION_TABLE = 1000 };       /* cases that share one LDT */
struct session {
    uint64_t seed;
    uint8_t  before[NATIVE_DATA_BYTES];   /* the data that every case starts with */
    struct ours *ours;
    bool     live;                   /* the witness is here, to be asked again */
    uint64_t cases, differences, voids[VOID_COUNT];
    uint64_t ends[33];               /* by vector; the last: none */
    bool     seen[ROW_COUNT];        /* rows of the encoding table in the cases compared */
    bool     ran[ROW_COUNT];         /* those that did not fault every time */
};

/* Never freed: one program, one session. */
struct session *session_new(uint64_t seed, const char *engine);
/* The same for the same seed and number on every host. */
void session_make(const struct session *s, uint64_t number, struct sequence *q);
/* The data that the case starts with. */
void session_data(const struct session *s, const struct sequence *q, uint8_t *data);
/* Runs the case; e->data stays valid until the next run on the same side. Ours goes first: what
 * it finds to be void (ending_void) might never end, or enter the kernel, on the witness.
 * native_open() is the caller's. */
void session_native(const struct session *s, const struct sequence *q, struct ending *e);
void session_ours(const struct session *s, const struct sequence *q, struct ending *e);
/* Counts the case and reports a difference. */
void session_judge(struct session *s, uint64_t number, const struct sequence *q,
                   const struct ending *native, const struct ending *ours);
/* Rows that were neither met nor are excluded (rows.h). */
unsigned session_missing(const struct session *s, bool print);
/* Prints the line that counts, which begins with what; 0 without a difference, otherwise 1. So it
 * is when SESSION_ALL_ROWS cases or more have not met every row. */
enum { SESSION_ALL_ROWS = 100000 };
int session_end(const struct session *s, const char *what);
#endif
