/* record.h - what this machine's CPU does, in a file, to be compared with godwit on other hosts.
 *
 * The file holds the seed and, for each case, only what changed: the cases themselves are made
 * again from seed and number. So it fits the generator that made it and no other; a check byte of
 * each case tells. It is a gzip stream of some 30 bytes a case. */
/* SPDX-License-Identifier: MIT */
#ifndef RECORD_H
#define RECORD_H
#include <stdint.h>

/* Records cases 0..cases-1 of the seed on this CPU; exit status: 0, 2 when the file cannot be
 * written, 77 when this host cannot be the witness. */
int record(const char *file, uint64_t cases, uint64_t seed);
/* Compares an engine of godwit (NULL: the first) with all cases of the file, on any host; exit
 * status 0 without a difference, 1 with, 2 when the file cannot be read or was made by another
 * generator. */
int replay(const char *file, const char *engine);
#endif
