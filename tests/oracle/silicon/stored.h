/* stored.h - cases as text: code, what to start with, where it has to end (tests/oracle/cases).
 *
 * A file holds many; the lines of a case are
 *     case WORDS                   its name; begins it
 *     at OFFSET                    where the code lies, from NATIVE_CODE on; EIP is start's
 *     code16                       CS is a 16-bit segment
 *     ldt ENTRY DESCRIPTOR         one of the LDT
 *     code HEX [; comment]         bytes of code, several lines add up
 *     start FIELD VALUE ...        what is not 0 (flat segments, control word 037f, MXCSR 1f80)
 *     end FIELD VALUE ...          what is not as at the start (EIP: behind the code, no
 *                                  exception). IF, and RF after a fault, need no word.
 *     open FLAG ...                CF PF AF ZF SF OF: not compared
 * An empty line ends it; # begins a comment line. Fields: eax.., flags, eip, vector, error, cr2,
 * es.., cw, sw, tags (a bit for each register in use), fop, fip, fdp, mxcsr, st0.. and xmm0.. as
 * one number, ADDRESS and then bytes in order. Numbers are hexadecimal. */
/* SPDX-License-Identifier: MIT */
#ifndef STORED_H
#define STORED_H
#include <stdio.h>
#include "tests/oracle/silicon/compare.h"

enum { STORED_NAME = 96 };
struct stored {
    char            name[STORED_NAME];
    struct sequence q;               /* undefined[]: the open flags, everywhere the same */
    uint8_t         before[NATIVE_DATA_BYTES];
    struct witness  end;
    uint8_t         after[NATIVE_DATA_BYTES];
};

/* A field of the state as the text names it: bytes at that offset of struct witness. */
struct stored_field { const char *name; uint16_t at; uint8_t bytes; uint32_t usual; };
extern const struct stored_field stored_fields[];
extern const unsigned n_stored_fields;

/* An empty case: nothing but the usual values. */
void stored_init(struct stored *c);
/* Decodes q.code for reports; what stays open. */
void stored_finish(struct stored *c, uint32_t open);
/* The next case of f; *line counts. 1: read, 0: the end, -1: *line makes no sense. */
int stored_read(struct stored *c, FILE *f, unsigned *line);
void stored_write(const struct stored *c, FILE *f);
#endif
