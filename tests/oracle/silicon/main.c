/* main.c - the silicon test: random instruction sequences on this machine's CPU and on godwit's.
 *
 * Exit status 0 without a difference, 1 with, 2 for a wrong call or file, 77 when this host cannot
 * be the witness. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/oracle/silicon/cases.h"
#include "tests/oracle/silicon/record.h"
#include "tests/oracle/silicon/rows.h"
#include "tests/oracle/silicon/session.h"

static const char usage[] =
    "usage: silicon CASES SEED             compares that many cases here and now\n"
    "       silicon record FILE CASES SEED writes what this CPU does\n"
    "       silicon replay FILE            compares godwit with it, on any host\n"
    "       silicon rows                   lists the rows that user mode cannot test, and why\n"
    "       silicon case NUMBER SEED       shows one case on both\n"
    "       silicon store NUMBER SEED NAME prints one as text, for tests/oracle/cases\n"
    "       silicon witness FILE           ends the text's cases as this CPU does\n"
    "       silicon stored FILE...         compares all engines with stored cases, on any host\n"
    "       silicon engines                lists the engines; -engine NAME in front chooses one\n";

static uint64_t number(const char *text) { return strtoull(text, NULL, 0); }

static int compare(uint64_t cases, uint64_t seed, const char *engine)
{
    struct session *s;

    if (!native_open()) {
        printf("silicon: skipped, this host is no x86-64 Linux on an Intel since Skylake\n");
        return 77;
    }
    s = session_new(seed, engine);
    s->live = true;
    for (uint64_t i = 0; i < cases && s->differences < SESSION_ENOUGH; i++) {
        struct sequence q;
        struct ending native, ours;

        session_make(s, i, &q);
        session_ours(s, &q, &ours);
        native = ours;
        if (!ending_void(&q, &ours))
            session_native(s, &q, &native);
        session_judge(s, i, &q, &native, &ours);
    }
    return session_end(s, "silicon");
}

/* Both ends of one case; without a witness only ours. */
static int show(uint64_t i, uint64_t seed, const char *engine)
{
    struct session *s = session_new(seed, engine);
    struct ending native, ours;
    struct sequence q;

    session_make(s, i, &q);
    session_ours(s, &q, &ours);
    if (native_open() && !ending_void(&q, &ours))
        session_native(s, &q, &native);
    else
        native = ours;
    endings_report(&q, s->before, &native, &ours);
    return !endings_same(&q, &native, &ours);
}

static int rows(void)
{
    unsigned n = 0;

    for (unsigned i = 1; i < ROW_COUNT; i++)
        if (row_excluded(i)) {
            printf("%-10s %s\n", x86_rows[i].name, row_excluded(i));
            n++;
        }
    printf("%u of %u rows cannot be compared in user mode; nor INT 80h, F3 BSF and F3 BSR\n", n,
           ROW_COUNT - 1);
    return 0;
}

static int engines(void)
{
    for (unsigned i = 0; ours_engine(i); i++)
        puts(ours_engine(i));
    return 0;
}

int main(int argc, char **argv)
{
    const char *engine = NULL, *what;

    if (argc > 2 && !strcmp(argv[1], "-engine")) {
        engine = argv[2];
        argv += 2;
        argc -= 2;
    }
    what = argc > 1 ? argv[1] : "";
    if (argc == 2 && !strcmp(what, "engines"))
        return engines();

    if (argc == 2 && !strcmp(what, "rows"))
        return rows();
    if (argc == 5 && !strcmp(what, "record"))
        return record(argv[2], number(argv[3]), number(argv[4]));
    if (argc == 3 && !strcmp(what, "replay"))
        return replay(argv[2], engine);
    if (argc == 4 && !strcmp(what, "case"))
        return show(number(argv[2]), number(argv[3]), engine);
    if (argc == 5 && !strcmp(what, "store"))
        return cases_store(number(argv[2]), number(argv[3]), argv[4]);
    if (argc == 3 && !strcmp(what, "witness"))
        return cases_witness(argv[2]);
    if (argc > 2 && !strcmp(what, "stored"))
        return cases_run(argv + 2, argc - 2);
    if (argc == 3 && number(what))
        return compare(number(what), number(argv[2]), engine);
    fputs(usage, stderr);
    return 2;
}
