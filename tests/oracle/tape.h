/* tape.h - what this host's floating point answers, written to a file here and read on a host that
 * has none: [ROUNDS [SEED [record|replay FILE]]] on a test's command line. */
/* SPDX-License-Identifier: MIT */
#ifndef TEST_TAPE_H
#define TEST_TAPE_H
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct tape { gzFile f; bool replays; };

static inline struct tape tape_open(int argc, char **argv)
{
    struct tape t = { NULL, argc > 4 && !strcmp(argv[3], "replay") };

    if (argc > 4)
        t.f = gzopen(argv[4], t.replays ? "rb" : "wb1");
    if (argc > 4 && !t.f) {
        fprintf(stderr, "%s: cannot open %s\n", argv[0], argv[4]);
        exit(2);
    }
    return t;
}

/* An answer of n bytes: from the tape, or to it if there is one. */
static inline void tape_pass(struct tape *t, void *answer, unsigned n)
{
    if (!t->f || (t->replays ? gzread(t->f, answer, n) : gzwrite(t->f, answer, n)) == (int)n)
        return;
    fprintf(stderr, "the recording is of other rounds or another seed, or cannot be written\n");
    exit(2);
}

/* At its end a recording has no answer left. */
static inline void tape_close(struct tape *t)
{
    if (t->f && t->replays && gzgetc(t->f) >= 0) {
        fprintf(stderr, "the recording is of more rounds\n");
        exit(2);
    }
    if (t->f && gzclose(t->f) != Z_OK) {
        fprintf(stderr, "the recording cannot be written\n");
        exit(2);
    }
}
#endif
