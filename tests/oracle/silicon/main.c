/* main.c - the silicon test: random instruction sequences on this machine's CPU and on godwit's.
 *
 * usage: silicon CASES SEED. The last line counts cases, differences and rows of the encoding
 * table; exit status 0 without a difference, 1 with, 77 when this host cannot be the witness. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/oracle/silicon/compare.h"
#include "tests/oracle/silicon/ours.h"

static uint8_t *native_data(void) { return (uint8_t *)(uintptr_t)NATIVE_DATA; }

static void count_rows(const struct sequence *q, bool *seen)
{
    for (unsigned i = 0; i < q->n; i++)
        seen[q->insn[i].row] = true;
}

int main(int argc, char **argv)
{
    uint64_t cases = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000, differences = 0, voids = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, rows = 0;
    static uint8_t data[NATIVE_DATA_BYTES];
    static bool seen[ROW_COUNT];
    struct rng r = { seed };
    struct ours *o;

    if (!native_open()) {
        printf("silicon: skipped, this host is not x86-64 Linux\n");
        return 77;
    }
    o = ours_new();
    gen_data(&r, data, sizeof data);
    for (uint64_t i = 0; i < cases && differences < 20; i++) {
        struct rng one = { seed + i * 0x10001 };
        struct sequence q;
        struct ending native = { .who = "silicon", .data = native_data() };
        struct ending ours = { .who = "godwit", .data = ours_data(o) };

        gen_sequence(&one, &q);
        native.w = ours.w = q.start;
        memcpy(native_data(), data, sizeof data);
        memcpy(ours_data(o), data, sizeof data);
        native_run(&native.w, q.code, q.bytes);
        ours_run(o, &ours.w, q.code, q.bytes);
        count_rows(&q, seen);
        if (endings_void(&native, &ours))
            voids++;
        else if (!endings_same(&q, &native, &ours)) {
            differences++;
            printf("difference: case %" PRIu64 " seed %" PRIu64 "\n", i, seed);
            endings_report(&q, data, &native, &ours);
        }
    }
    for (unsigned i = 1; i < ROW_COUNT; i++)
        rows += seen[i];
    printf("silicon: %" PRIu64 " cases, %" PRIu64 " differences, %" PRIu64 " of %u rows, %" PRIu64
           " void, seed %" PRIu64 "\n", cases, differences, rows, ROW_COUNT - 1, voids, seed);
    return differences ? 1 : 0;
}
