/* compare.c - registers, flags, floating point and memory of two ends, side by side. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/compare.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/ours.h"

/* A repeated compare may have been interrupted by a fault: its flags are open. */
uint32_t defined_flags(const struct sequence *q, const struct witness *w)
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

bool endings_same(const struct sequence *q, const struct ending *a, const struct ending *b)
{
    const struct witness *v = &a->w, *w = &b->w;

    return !memcmp(v->gpr, w->gpr, sizeof v->gpr) && v->eip == w->eip && v->vector == w->vector &&
           v->error == w->error && v->cr2 == w->cr2 &&
           !((v->eflags ^ w->eflags) & defined_flags(q, v)) &&
           !memcmp(a->data, b->data, NATIVE_DATA_BYTES) && same_fx(v->fx, w->fx);
}

static bool in_page_of(uint32_t a, uint32_t page) { return a >> 12 == page >> 12; }

bool endings_void(const struct ending *native, const struct ending *ours)
{
    uint32_t met = ours->w.cr2, end = met + 16;      /* an operand may begin before the page */

    return in_page_of(met, NATIVE_AREA) || in_page_of(met, NATIVE_STUBS) ||
           in_page_of(end, NATIVE_AREA) || in_page_of(end, NATIVE_STUBS) ||
           native->w.cr2 - (OURS_SUPERVISOR - 16) < OURS_SUPERVISOR_BYTES + 16;
}

/* ---- a report ---- */

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

/* The control words of s, and those registers that differ between a and b. */
static void print_fx(const char *who, const struct witness *s, const struct witness *a,
                     const struct witness *b)
{
    printf("  %-7s cw=%02x%02x sw=%02x%02x tags=%02x mxcsr=%02x%02x\n", who, s->fx[1], s->fx[0],
           s->fx[3], s->fx[2], s->fx[4], s->fx[25], s->fx[24]);
    for (unsigned at = 32; at < 288; at += 16)
        if (memcmp(a->fx + at, b->fx + at, at < 160 ? 10 : 16)) {
            printf("          %s%u ", at < 160 ? "st" : "xmm", at / 16 - (at < 160 ? 2 : 10));
            for (int k = at < 160 ? 9 : 15; k >= 0; k--)
                printf("%02x", s->fx[at + (unsigned)k]);
            printf("\n");
        }
}

static void print_code(const struct sequence *q)
{
    uint32_t at = NATIVE_CODE;
    char text[96];

    for (unsigned i = 0; i < q->n; i++) {
        x86_disasm(&q->insn[i], at, text, sizeof text);
        printf("  %08" PRIx32 "  ", at);
        for (unsigned k = 0; k < q->insn[i].len; k++)
            printf("%02x", q->code[at - NATIVE_CODE + k]);
        printf("  %s\n", text);
        at += q->insn[i].len;
    }
}

void endings_report(const struct sequence *q, const uint8_t *before, const struct ending *a,
                    const struct ending *b)
{
    print_code(q);
    print_state("start", &q->start);
    print_state(a->who, &a->w);
    print_state(b->who, &b->w);
    if (!same_fx(a->w.fx, b->w.fx)) {
        print_fx("start", &q->start, &a->w, &b->w);
        print_fx(a->who, &a->w, &a->w, &b->w);
        print_fx(b->who, &b->w, &a->w, &b->w);
    }
    for (unsigned i = 0, shown = 0; i < NATIVE_DATA_BYTES && shown < 8; i++)
        if (a->data[i] != b->data[i]) {
            printf("  [%08x] was %02x %s %02x %s %02x\n", NATIVE_DATA + i, before[i], a->who,
                   a->data[i], b->who, b->data[i]);
            shown++;
        }
}
