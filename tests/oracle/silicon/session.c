/* session.c - one case after the other: start state, both runs, comparison, counts. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/session.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/oracle/silicon/rows.h"
#include "tests/oracle/silicon/undefined.h"

struct session *session_new(uint64_t seed, const char *engine)
{
    struct session *s = calloc(1, sizeof *s);
    struct rng r = { seed };

    if (!s) {
        fprintf(stderr, "silicon: no memory\n");
        exit(2);
    }
    s->seed = seed;
    s->ours = ours_new(engine);
    gen_data(&r, s->before, sizeof s->before);
    return s;
}

void session_make(const struct session *s, uint64_t number, struct sequence *q)
{
    struct rng table = { s->seed ^ (number / SESSION_TABLE + 1) << 32 };
    struct rng one = { s->seed + number * 0x10001 };
    uint64_t ldt[LDT_USED];

    gen_ldt(&table, ldt);
    gen_sequence(&one, ldt, q);
}

void session_data(const struct session *s, const struct sequence *q, uint8_t *data)
{
    memmove(data, s->before, NATIVE_DATA_BYTES);   /* a call: gcc's own loop is slow on MIPS */
    for (unsigned i = 0; i < GEN_POKES; i++)
        for (unsigned k = 0; k < POKE_BYTES; k++)
            if (q->poke[i].at + k - NATIVE_DATA < NATIVE_DATA_BYTES)
                data[q->poke[i].at + k - NATIVE_DATA] = q->poke[i].b[k];
}

void session_native(const struct session *s, const struct sequence *q, struct ending *e)
{
    uint8_t *data = native_data();

    session_data(s, q, data);
    *e = (struct ending){ .who = "silicon", .w = q->start, .data = data };
    native_run(&e->w, &q->code);
}

void session_ours(const struct session *s, const struct sequence *q, struct ending *e)
{
    uint8_t *data = ours_data(s->ours);

    session_data(s, q, data);
    *e = (struct ending){ .who = "godwit", .w = q->start, .data = data };
    ours_run(s->ours, &e->w, &q->code);
}

/* ---- a difference: where did it go? ---- */

struct path {
    const struct sequence *q;
    unsigned k;                      /* the instruction that runs */
    bool     away;                   /* it is none of the sequence's */
    uint32_t before, after;          /* it: undefined flags */
    enum void_why why;
};

static bool on_path(void *self, uint32_t at, uint32_t ecx)
{
    struct path *p = self;
    uint32_t off = at - NATIVE_CODE - p->q->code.at;

    p->before = p->after;
    for (p->k = 0; p->k < p->q->n && off != p->q->at[p->k]; p->k++)
        ;
    if (p->k == p->q->n) {
        p->away = off != p->q->at[p->k];
        if (p->away && off < p->q->code.n)
            p->why = VOID_LEFT;
        return false;
    }
    if (uses_flags(&p->q->insn[p->k], p->before))
        p->why = VOID_FLAGS;
    p->after = undefined_after(&p->q->insn[p->k], p->before, ecx & 0xff);
    return p->why == VOID_NOT;
}

/* Runs ours again, step by step; narrows or widens the undefined flags to those of this path. */
static enum void_why follow(struct session *s, const struct sequence *q, const struct ending *ours,
                            struct sequence *exact)
{
    struct path p = { .q = q };

    session_data(s, q, ours_data(s->ours));
    ours_trace(s->ours, &q->start, &q->code, on_path, &p);
    *exact = *q;
    for (unsigned i = 0; i <= q->n; i++)
        exact->undefined[i] = p.before | (i != p.k ? p.after : 0);
    if (p.why == VOID_NOT && (p.k < q->n || p.away) && ours->w.seg[1] == SEL_OUT)
        p.why = VOID_KERNEL;                               /* a far call or return to 64-bit code */
    return p.why;
}

/* The rows of what surely ran: up to the first jump. */
static void count_rows(struct session *s, const struct sequence *q, const struct ending *e)
{
    for (unsigned i = 0; i < q->n; i++) {
        bool fault = e->w.vector != NO_VECTOR && e->w.eip == q->start.eip + q->at[i];

        s->seen[q->insn[i].row] = true;
        if (!fault)
            s->ran[q->insn[i].row] = true;
        if (fault || (q->insn[i].flags & X86F_END))
            return;
    }
}

static void differ(struct session *s, uint64_t number, const struct sequence *q,
                   const struct ending *native, const struct ending *ours)
{
    static uint8_t after[NATIVE_DATA_BYTES];
    struct ending kept = *ours, again;
    struct sequence exact;
    enum void_why why;

    memcpy(after, ours->data, sizeof after);
    kept.data = after;
    why = follow(s, q, &kept, &exact);
    if (why == VOID_NOT && s->live) {
        session_native(s, q, &again);
        why = endings_same(&exact, &again, &kept) ? VOID_HOST : VOID_NOT;
        native = &again;
    }
    if (why != VOID_NOT) {
        s->voids[why]++;
    } else if (!endings_same(&exact, native, &kept)) {
        s->differences++;
        printf("difference: case %" PRIu64 " seed %" PRIu64 "\n", number, s->seed);
        endings_report(q, s->before, native, &kept);
    }
}

void session_judge(struct session *s, uint64_t number, const struct sequence *q,
                   const struct ending *native, const struct ending *ours)
{
    enum void_why why = ending_void(q, ours);

    s->cases++;
    if (why != VOID_NOT) {
        s->voids[why]++;
        return;
    }
    count_rows(s, q, native);
    s->ends[native->w.vector < 32 ? native->w.vector : 32]++;
    if (!endings_same(q, native, ours))
        differ(s, number, q, native, ours);
}

unsigned session_missing(const struct session *s, bool print)
{
    unsigned missing = 0;

    for (unsigned i = 1; i < ROW_COUNT; i++) {
        if (s->seen[i] || row_excluded(i))
            continue;
        missing++;
        if (print)
            printf("no case has met row %u, %s\n", i, x86_rows[i].name);
    }
    return missing;
}

static void print_ends(const struct session *s)
{
    static const char *const names[33] = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "", "#TS", "#NP", "#SS",
        "#GP", "#PF", "", "#MF", "#AC", "#MC", "#XM", [32] = "no exception"
    };

    printf("ends:");
    for (unsigned i = 0; i <= 32; i++)
        if (s->ends[i])
            printf(" %s %" PRIu64, names[i] ? names[i] : "?", s->ends[i]);
    printf("\n");
}

int session_end(const struct session *s, const char *what)
{
    unsigned rows = 0, ran = 0, excluded = 0;
    bool all = s->cases < SESSION_ALL_ROWS || !session_missing(s, true);
    uint64_t voids = 0;

    for (unsigned i = 1; i < ROW_COUNT; i++) {
        rows += s->seen[i];
        ran += s->ran[i];
        excluded += row_excluded(i) != NULL;
    }
    for (unsigned i = 1; i < VOID_COUNT; i++)
        voids += s->voids[i];
    print_ends(s);
    printf("%s: %" PRIu64 " cases, %" PRIu64 " differences, %u of %u rows (%u only by their fault, "
           "%u cannot be), %" PRIu64 " void (%" PRIu64 " endless, %" PRIu64 " left, %" PRIu64
           " by undefined flags), seed %" PRIu64 "\n", what, s->cases, s->differences, rows,
           ROW_COUNT - 1, rows - ran, excluded, voids, s->voids[VOID_ENDLESS],
           s->voids[VOID_LEFT], s->voids[VOID_FLAGS], s->seed);
    return s->differences || !all ? 1 : 0;
}
