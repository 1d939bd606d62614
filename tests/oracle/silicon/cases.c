/* cases.c - what is done with stored cases. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/cases.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/session.h"
#include "tests/oracle/silicon/stored.h"

static int no_witness(void)
{
    printf("silicon: skipped, this host is no x86-64 Linux on an Intel since Skylake\n");
    return 77;
}

/* ---- running ---- */

struct tally {
    struct session *s;
    const char *engine;
    bool     native;
    uint64_t other;                  /* cases that this CPU ends otherwise than the stored one */
};

static void run_case(struct tally *t, const char *file, unsigned line, const struct stored *c)
{
    struct ending want = { .who = "stored", .w = c->end, .data = c->after }, got;

    memcpy(t->s->before, c->before, sizeof t->s->before);
    if (t->native) {
        session_native(t->s, &c->q, &got);
        if (!endings_same(&c->q, &want, &got)) {
            t->other++;
            printf("this CPU differs: %s, before line %u: %s\n", file, line, c->name);
            endings_report(&c->q, c->before, &want, &got);
        }
    }
    session_ours(t->s, &c->q, &got);
    t->s->cases++;
    if (endings_same(&c->q, &want, &got))
        return;
    t->s->differences++;
    printf("difference: %s, before line %u, engine %s: %s\n", file, line, t->engine, c->name);
    endings_report(&c->q, c->before, &want, &got);
}

static bool run_file(struct tally *t, const char *file)
{
    static struct stored c;
    unsigned line = 0;
    int more = -1;
    FILE *f = fopen(file, "r");

    while (f && (more = stored_read(&c, f, &line)) > 0)
        run_case(t, file, line, &c);
    if (f)
        fclose(f);
    if (more < 0)
        fprintf(stderr, "silicon: %s, line %u: not a stored case (see silicon/stored.h)\n", file,
                line);
    return more == 0;
}

int cases_run(char *const *files, int n)
{
    struct tally t = { .native = native_open() };
    uint64_t cases = 0, differences = 0;
    bool good = true, native = t.native;
    unsigned k = 0;

    for (; (t.engine = ours_engine(k)); k++, t.native = false) {
        t.s = session_new(0, t.engine);
        for (int i = 0; i < n; i++)
            good = run_file(&t, files[i]) && good;
        cases += t.s->cases;
        differences += t.s->differences;
    }
    printf("stored cases: %" PRIu64 " cases on %u engines, %" PRIu64 " differences", cases, k,
           differences);
    if (native)
        printf(", %" PRIu64 " end otherwise on this machine's CPU", t.other);
    printf("\n");
    return differences ? 1 : good && cases ? 0 : 2;
}

/* ---- storing ---- */

/* What a case is judged by while it is made smaller. */
struct shrink {
    struct session *s;
    struct stored   c;
    bool            differs;         /* godwit ends otherwise */
};

static struct witness tidy(struct witness w)
{
    w.eflags &= FL_KNOWN;
    return w;
}

/* The end as it ought to be when only start and before have become simpler: what the case changed
 * stays, what it did not is as at the start. */
static void carry(uint8_t *to, const uint8_t *start, const uint8_t *old_start,
                  const uint8_t *old_end, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = old_end[i] != old_start[i] ? old_end[i] : start[i];
}

static bool still_the_case(struct shrink *k, struct stored *next)
{
    struct ending want = { .who = "", .data = next->after }, native, ours;

    carry((uint8_t *)&next->end, (const uint8_t *)&next->q.start, (const uint8_t *)&k->c.q.start,
          (const uint8_t *)&k->c.end, sizeof next->end);
    carry(next->after, next->before, k->c.before, k->c.after, sizeof next->after);
    want.w = next->end;
    memcpy(k->s->before, next->before, sizeof next->before);
    session_native(k->s, &next->q, &native);
    if (!endings_same(&next->q, &want, &native))
        return false;
    session_ours(k->s, &next->q, &ours);
    return endings_same(&next->q, &native, &ours) != k->differs;
}

static void try_it(struct shrink *k, struct stored *next)
{
    if (still_the_case(k, next))
        k->c = *next;
}

/* Zeroes the data by halves where that changes nothing. */
static void shrink_data(struct shrink *k, unsigned at, unsigned n)
{
    static struct stored next;
    static const uint8_t none[NATIVE_DATA_BYTES];

    if (!memcmp(k->c.before + at, none, n))
        return;
    next = k->c;
    memset(next.before + at, 0, n);
    try_it(k, &next);
    if (n > 1 && memcmp(k->c.before + at, none, n)) {
        shrink_data(k, at, n / 2);
        shrink_data(k, at + n / 2, n - n / 2);
    }
}

static void shrink_fields(struct shrink *k)
{
    static struct stored next, usual;

    stored_init(&usual);
    for (unsigned i = 0; i < n_stored_fields; i++) {
        const struct stored_field *f = &stored_fields[i];

        if (!strcmp(f->name, "eip") || !strcmp(f->name, "cs"))
            continue;                /* one without the other is no place of the code's */
        next = k->c;
        memcpy((uint8_t *)&next.q.start + f->at, (const uint8_t *)&usual.q.start + f->at,
               f->bytes);
        try_it(k, &next);
    }
}

/* Descriptors that no segment is loaded with, where they do not matter. */
static void shrink_ldt(struct shrink *k)
{
    static struct stored next;

    for (unsigned i = 0; i < LDT_USED; i++) {
        bool loaded = false;

        for (unsigned s = 0; s < 6; s++)
            loaded |= (k->c.q.start.seg[s] & ~3u) == (i << 3 | 4);
        next = k->c;
        next.q.code.ldt[i] = 0;
        if (!loaded)
            try_it(k, &next);
    }
}

static void end_natively(struct session *s, struct stored *c)
{
    struct ending e;

    memcpy(s->before, c->before, sizeof c->before);
    session_native(s, &c->q, &e);
    c->end = tidy(e.w);
    memcpy(c->after, e.data, sizeof c->after);
}

int cases_store(uint64_t number, uint64_t seed, const char *name)
{
    static struct shrink k;
    struct ending want = { .who = "" }, ours;

    if (!native_open())
        return no_witness();
    k.s = session_new(seed, NULL);
    stored_init(&k.c);
    session_make(k.s, number, &k.c.q);
    snprintf(k.c.name, sizeof k.c.name, "%s", name);
    session_data(k.s, &k.c.q, k.c.before);
    memset(k.c.q.poke, 0, sizeof k.c.q.poke);
    end_natively(k.s, &k.c);
    want.w = k.c.end;
    want.data = k.c.after;
    stored_finish(&k.c, FL_KNOWN & ~defined_flags(&k.c.q, &k.c.end));
    session_ours(k.s, &k.c.q, &ours);
    k.differs = !endings_same(&k.c.q, &want, &ours);
    shrink_fields(&k);
    shrink_ldt(&k);
    shrink_data(&k, 0, NATIVE_DATA_BYTES);
    printf("# case %" PRIu64 " of seed %" PRIu64 "%s\n", number, seed,
           k.differs ? ", which differs" : "");
    stored_write(&k.c, stdout);
    return 0;
}

int cases_witness(const char *file)
{
    static struct stored c;
    struct session *s = session_new(0, NULL);
    unsigned line = 0;
    int more = -1;
    FILE *f = fopen(file, "r");

    if (!native_open())
        return no_witness();
    while (f && (more = stored_read(&c, f, &line)) > 0) {
        end_natively(s, &c);
        stored_write(&c, stdout);
    }
    if (more < 0)
        fprintf(stderr, "silicon: %s, line %u: not a stored case (see silicon/stored.h)\n", file,
                line);
    return more < 0 ? 2 : 0;
}
