/* cases.h - stored cases: run on godwit, made from a number and a seed or by hand. */
/* SPDX-License-Identifier: MIT */
#ifndef CASES_H
#define CASES_H
#include <stdint.h>

/* Runs the cases of the files on all engines of godwit and, where it can be the witness, on this
 * CPU, which may be another one than the stored: that is said and does not fail. Exit status as
 * replay()'s. */
int cases_run(char *const *files, int n);
/* Prints a case of the generator as this CPU ends it, with all that does not matter left out. */
int cases_store(uint64_t number, uint64_t seed, const char *name);
/* Prints a file's cases with the ends that this CPU gives them. */
int cases_witness(const char *file);
#endif
