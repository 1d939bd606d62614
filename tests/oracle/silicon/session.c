/* session.c - one case after the other: start state, both runs, comparison, counts. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/session.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session *session_new(uint64_t seed)
{
    struct session *s = calloc(1, sizeof *s);
    struct rng r = { seed };

    if (!s) {
        fprintf(stderr, "silicon: no memory\n");
        exit(2);
    }
    s->seed = seed;
    s->ours = ours_new();
    gen_data(&r, s->before, sizeof s->before);
    return s;
}

void session_make(const struct session *s, uint64_t number, struct sequence *q)
{
    struct rng one = { s->seed + number * 0x10001 };

    gen_sequence(&one, q);
}

void session_native(const struct session *s, const struct sequence *q, struct ending *e)
{
    uint8_t *data = (uint8_t *)(uintptr_t)NATIVE_DATA;

    memcpy(data, s->before, NATIVE_DATA_BYTES);
    *e = (struct ending){ .who = "silicon", .w = q->start, .data = data };
    native_run(&e->w, q->code, q->bytes);
}

void session_ours(const struct session *s, const struct sequence *q, struct ending *e)
{
    uint8_t *data = ours_data(s->ours);

    memcpy(data, s->before, NATIVE_DATA_BYTES);
    *e = (struct ending){ .who = "godwit", .w = q->start, .data = data };
    ours_run(s->ours, &e->w, q->code, q->bytes);
}

void session_judge(struct session *s, uint64_t number, const struct sequence *q,
                   const struct ending *native, const struct ending *ours)
{
    for (unsigned i = 0; i < q->n; i++)
        s->seen[q->insn[i].row] = true;
    s->cases++;
    if (endings_void(native, ours)) {
        s->voids++;
    } else if (!endings_same(q, native, ours)) {
        s->differences++;
        printf("difference: case %" PRIu64 " seed %" PRIu64 "\n", number, s->seed);
        endings_report(q, s->before, native, ours);
    }
}

int session_end(const struct session *s, const char *what)
{
    unsigned rows = 0;

    for (unsigned i = 1; i < ROW_COUNT; i++)
        rows += s->seen[i];
    printf("%s: %" PRIu64 " cases, %" PRIu64 " differences, %u of %u rows, %" PRIu64
           " void, seed %" PRIu64 "\n", what, s->cases, s->differences, rows, ROW_COUNT - 1,
           s->voids, s->seed);
    return s->differences ? 1 : 0;
}
