/* main.c - the silicon test: random instruction sequences on this machine's CPU and on godwit's.
 *
 * usage: silicon CASES SEED. The last line counts cases, differences and rows of the encoding
 * table; exit status 0 without a difference, 1 with, 77 when this host cannot be the witness. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/gen.h"
#include "tests/oracle/silicon/ours.h"

static const uint8_t *start_data;
static uint8_t *native_data(void) { return (uint8_t *)(uintptr_t)NATIVE_DATA; }

/* What is defined where the sequence ended, be it at a fault. A repeated compare may have been
 * interrupted by one: its flags are open. */
static uint32_t flag_mask(const struct sequence *q, const struct witness *w)
{
    uint32_t at = NATIVE_CODE;
    unsigned k = 0;

    while (k < q->n && at != w->eip)
        at += q->insn[k++].len;
    if (k < q->n && (q->insn[k].sem == SEM_cmps || q->insn[k].sem == SEM_scas))
        return FL_DF;
    return (FL_ARITH | FL_DF) & ~q->undefined[k];
}

/* Control, status, tags; MXCSR; x87 and XMM registers. Not the addresses of the last x87
 * instruction, which today's chips keep only for unmasked errors. */
static bool same_fx(const uint8_t *a, const uint8_t *b)
{
    for (unsigned i = 0; i < 8; i++)
        if (memcmp(a + 32 + 16 * i, b + 32 + 16 * i, 10))
            return false;
    return !memcmp(a, b, 5) && !memcmp(a + 24, b + 24, 2) && !memcmp(a + 160, b + 160, 128);
}

static bool same(const struct sequence *q, const struct witness *a, const struct witness *b,
                 const uint8_t *da, const uint8_t *db)
{
    return !memcmp(a->gpr, b->gpr, sizeof a->gpr) && a->eip == b->eip && a->vector == b->vector &&
           a->error == b->error && a->cr2 == b->cr2 &&
           !((a->eflags ^ b->eflags) & flag_mask(q, a)) && !memcmp(da, db, NATIVE_DATA_BYTES) &&
           same_fx(a->fx, b->fx);
}

static bool in_page_of(uint32_t a, uint32_t page) { return a >> 12 == page >> 12; }

/* The sequence met pages that only one side has: the test's own. Such a case says nothing. */
static bool is_void(const struct witness *a, const struct witness *b)
{
    uint32_t cr2 = b->cr2 + 16;      /* an operand may begin before the page */

    return in_page_of(b->cr2, NATIVE_AREA) || in_page_of(b->cr2, NATIVE_STUBS) ||
           in_page_of(cr2, NATIVE_AREA) || in_page_of(cr2, NATIVE_STUBS) ||
           a->cr2 - (OURS_SUPERVISOR - 16) < OURS_SUPERVISOR_BYTES + 16;
}

static void print_state(const char *who, const struct witness *s)
{
    static const char *const names[] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };

    printf("  %-7s", who);
    for (unsigned i = 0; i < 8; i++)
        printf(" %s=%08" PRIx32, names[i], s->gpr[i]);
    printf(" eip=%08" PRIx32 " fl=%03" PRIx32, s->eip, s->eflags & (FL_ARITH | FL_DF));
    if (s->vector != 0xffffffff)
        printf(" vector=%" PRIu32 " error=%" PRIx32 " cr2=%08" PRIx32, s->vector, s->error, s->cr2);
    printf("\n");
}

static void print_fx(const struct witness *s, const struct witness *native,
                     const struct witness *ours, const char *who)
{
    printf("  %-7s cw=%02x%02x sw=%02x%02x tags=%02x mxcsr=%02x%02x\n", who, s->fx[1], s->fx[0],
           s->fx[3], s->fx[2], s->fx[4], s->fx[25], s->fx[24]);
    for (unsigned at = 32; at < 288; at += 16)
        if (memcmp(native->fx + at, ours->fx + at, at < 160 ? 10 : 16)) {
            printf("          %s%u ", at < 160 ? "st" : "xmm", at / 16 - (at < 160 ? 2 : 10));
            for (int k = at < 160 ? 9 : 15; k >= 0; k--)
                printf("%02x", s->fx[at + (unsigned)k]);
            printf("\n");
        }
}

static void report(uint64_t number, uint64_t seed, const struct sequence *q,
                   const struct witness *native, const struct witness *ours, const uint8_t *db)
{
    uint32_t at = NATIVE_CODE;
    char text[96];

    printf("difference: case %" PRIu64 " seed %" PRIu64 "\n", number, seed);
    for (unsigned i = 0; i < q->n; i++) {
        x86_disasm(&q->insn[i], at, text, sizeof text);
        printf("  %08" PRIx32 "  ", at);
        for (unsigned k = 0; k < q->insn[i].len; k++)
            printf("%02x", q->code[at - NATIVE_CODE + k]);
        printf("  %s\n", text);
        at += q->insn[i].len;
    }
    print_state("start", &q->start);
    print_state("silicon", native);
    print_state("godwit", ours);
    if (!same_fx(native->fx, ours->fx)) {
        print_fx(&q->start, native, ours, "start");
        print_fx(native, native, ours, "silicon");
        print_fx(ours, native, ours, "godwit");
    }
    for (unsigned i = 0, shown = 0; i < NATIVE_DATA_BYTES && shown < 8; i++)
        if (native_data()[i] != db[i]) {
            printf("  [%08x] was %02x silicon %02x godwit %02x\n", NATIVE_DATA + i, start_data[i],
                   native_data()[i], db[i]);
            shown++;
        }
}

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
    start_data = data;
    for (uint64_t i = 0; i < cases && differences < 20; i++) {
        struct rng one = { seed + i * 0x10001 };
        struct sequence q;
        struct witness native, ours;

        gen_sequence(&one, &q);
        native = ours = q.start;
        memcpy(native_data(), data, sizeof data);
        memcpy(ours_data(o), data, sizeof data);
        native_run(&native, q.code, q.bytes);
        ours_run(o, &ours, q.code, q.bytes);
        count_rows(&q, seen);
        if (is_void(&native, &ours))
            voids++;
        else if (!same(&q, &native, &ours, native_data(), ours_data(o))) {
            differences++;
            report(i, seed, &q, &native, &ours, ours_data(o));
        }
    }
    for (unsigned i = 1; i < ROW_COUNT; i++)
        rows += seen[i];
    printf("silicon: %" PRIu64 " cases, %" PRIu64 " differences, %" PRIu64 " of %u rows, %" PRIu64
           " void, seed %" PRIu64 "\n", cases, differences, rows, ROW_COUNT - 1, voids, seed);
    return differences ? 1 : 0;
}
