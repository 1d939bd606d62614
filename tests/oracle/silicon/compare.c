/* compare.c - registers, flags, floating point and memory of two ends, side by side. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/compare.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/ours.h"
#include "tests/oracle/silicon/rows.h"


enum { LONG_MODE_CS = 0x33 };        /* Linux's 64-bit code */

static bool is_end(const struct sequence *q, const struct witness *w)
{
    return w->vector == NO_VECTOR || w->eip == q->start.eip + q->at[q->n];
}

uint32_t defined_flags(const struct sequence *q, const struct witness *w)
{
    uint32_t open = 0;
    unsigned k = 0;

    while (k < q->n && w->eip != q->start.eip + q->at[k])
        k++;
    if (k < q->n || is_end(q, w))
        open = q->undefined[k];
    else                                                   /* jumped away */
        for (k = 0; k < q->n; k++)
            open |= q->undefined[k + 1];
    return FL_KNOWN & ~open;
}

/* Two x87 numbers at most one unit in the last place apart. */
static bool near80(const uint8_t *a, const uint8_t *b)
{
    uint64_t m, n;
    uint16_t e, f;

    memcpy(&m, a, 8);
    memcpy(&n, b, 8);
    memcpy(&e, a + 8, 2);
    memcpy(&f, b + 8, 2);
    if (e == f || ((e | 1) == (f | 1) && (e & 0x7fff) <= 1 && (f & 0x7fff) <= 1))
        return m - n + 1 <= 2;                             /* denormals have the exponent of 1 */
    if ((uint16_t)(e + 1) == f)
        return m == UINT64_MAX && n == UINT64_C(1) << 63;
    return (uint16_t)(f + 1) == e && n == UINT64_MAX && m == UINT64_C(1) << 63;
}

/* Singles of RCP and RSQRT: twice 1.5 * 2^-12 apart. */
static bool near32(const uint8_t *a, const uint8_t *b)
{
    for (unsigned i = 0; i < 16; i += 4) {
        uint32_t v, w;

        memcpy(&v, a + i, 4);
        memcpy(&w, b + i, 4);
        if (v - w + 12288 > 24576 || (v != w && (v >> 23 & 255) - 1 > 253))
            return false;
    }
    return true;
}

/* A register holds a denormal or the smallest normal number: one ulp decides about UE. */
static bool at_denormals(const uint8_t *fx)
{
    for (unsigned i = 0; i < 8; i++)
        if (!(fx[41 + 16 * i] & 0x7f) && fx[40 + 16 * i] <= 1)
            return true;
    return false;
}

/* Control, status, tags; MXCSR; x87 and XMM registers. loose: the inexact instruction that may
 * have run, or NULL. */
static bool same_fx(const uint8_t *a, const uint8_t *b, const struct x86_insn *loose)
{
    bool x87 = loose && loose->o[0].kind != K_XMM;
    unsigned sw = (a[2] | a[3] << 8) ^ (b[2] | b[3] << 8);

    if (x87 && (sw & F80_UE) && (at_denormals(a) || at_denormals(b)))
        return true;                 /* unmasked, it scales the result and notes the opcode */
    for (unsigned i = 0; i < 8; i++)
        if (memcmp(a + 32 + 16 * i, b + 32 + 16 * i, 10) &&
            !(x87 && near80(a + 32 + 16 * i, b + 32 + 16 * i)))
            return false;
    for (unsigned i = 0; i < 8; i++)
        if (memcmp(a + 160 + 16 * i, b + 160 + 16 * i, 16) &&
            !(loose && !x87 && i == loose->o[0].reg &&
              near32(a + 160 + 16 * i, b + 160 + 16 * i)))
            return false;
    if (x87)
        sw &= ~(F80_C1 | (at_denormals(a) || at_denormals(b) ? F80_UE : 0u));
    return !memcmp(a, b, 2) && !sw && a[4] == b[4] &&
           !memcmp(a + 6, b + 6, 6) && !memcmp(a + 16, b + 16, 4) && !memcmp(a + 24, b + 24, 2);
}

/* Null selectors are one: returns to user mode clear them. */
static bool same_segments(const uint16_t *a, const uint16_t *b)
{
    for (unsigned i = 0; i < 6; i++)
        if (a[i] != b[i] && (a[i] > 3 || b[i] > 3))
            return false;
    return true;
}

bool endings_same(const struct sequence *q, const struct ending *a, const struct ending *b)
{
    const struct witness *v = &a->w, *w = &b->w;
    const struct x86_insn *last = q->n ? &q->insn[q->n - 1] : NULL;

    return !memcmp(v->gpr, w->gpr, sizeof v->gpr) && v->eip == w->eip && v->vector == w->vector &&
           v->error == w->error && v->cr2 == w->cr2 && same_segments(v->seg, w->seg) &&
           !((v->eflags ^ w->eflags) & defined_flags(q, v)) &&
           !memcmp(a->data, b->data, NATIVE_DATA_BYTES) &&
           same_fx(v->fx, w->fx, last && insn_inexact(last) && is_end(q, v) ? last : NULL);
}

static bool met(uint32_t at, uint32_t page, uint32_t bytes)   /* an operand may begin before it */
{
    return at - (page - 512) < bytes + 512;
}

static bool is_too_long(const struct sequence *q, uint32_t at)
{
    for (unsigned k = 0; k < q->n; k++)
        if (at == q->at[k] && q->insn[k].row == ROW_NONE)
            return true;
    return false;
}

static uint32_t base_of(const struct sequence *q, uint16_t sel)
{
    uint64_t d = sel & 4 ? q->code.ldt[sel >> 3] : 0;      /* Linux's own are flat */

    return (uint32_t)(d >> 16 & 0xffffff) | (uint32_t)(d >> 56) << 24;
}

static uint32_t operand_of(const struct witness *w, const struct x86_insn *I)
{
    uint32_t ea = (uint32_t)I->disp;

    ea += I->base < 64 ? w->gpr[I->base / 8] : 0;
    ea += (I->index < 64 ? w->gpr[I->index / 8] : 0) << I->scale;
    return I->asz == 2 ? ea & 0xffff : ea;
}

/* A far transfer that has Linux's 64-bit code as its target: pushes go by the rules
 * of that mode. */
static bool is_to_long_mode(const struct sequence *q, const struct ending *e, unsigned at)
{
    for (unsigned k = 0; k < q->n; k++) {
        const struct x86_insn *I = &q->insn[k];
        uint32_t where;
        uint16_t sel;

        if (at == q->at[k] && (I->sem == SEM_callf || I->sem == SEM_jmpf))
            return (I->sel | 3) == LONG_MODE_CS;
        if (at != q->at[k] || (I->sem != SEM_callfm && I->sem != SEM_jmpfm))
            continue;
        where = base_of(q, e->w.seg[I->seg]) + operand_of(&e->w, I) + I->osz - NATIVE_DATA;
        if (where > NATIVE_DATA_BYTES - sizeof sel)
            return false;
        memcpy(&sel, e->data + where, sizeof sel);
        return (sel | 3) == LONG_MODE_CS;
    }
    return false;
}

enum void_why ending_void(const struct sequence *q, const struct ending *ours)
{
    const struct witness *w = &ours->w;
    uint32_t at = w->eip - q->start.eip;

    if (w->vector == OURS_ENDLESS)
        return VOID_ENDLESS;
    if (w->vector == 14 && (met(w->cr2, NATIVE_AREA, 0x1000) || met(w->cr2, NATIVE_STUBS, 0x1000) ||
                            met(w->cr2, OURS_SUPERVISOR, OURS_SUPERVISOR_BYTES)))
        return VOID_PAGES;
    if (w->vector != NO_VECTOR && (w->seg[CS] == LONG_MODE_CS || is_to_long_mode(q, ours, at)))
        return VOID_KERNEL;
    if (w->vector == 10 || (w->vector == 13 && w->error == 0x80 * 8 + 2))
        return VOID_KERNEL;
    if (w->vector == 13 && q->code.at + at + 32 > NATIVE_CODE_BYTES && is_too_long(q, at))
        return VOID_LENGTH;
    if (w->vector == 13 && at < q->code.n && q->code.b[at] == 0x0f && q->code.b[at + 1] == 0x34)
        return VOID_KERNEL;
    return VOID_NOT;
}

/* ---- a report ---- */

static void print_state(const char *who, const struct witness *s)
{
    static const char *const names[] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" };

    printf("  %-7s", who);
    for (unsigned i = 0; i < 8; i++)
        printf(" %s=%08" PRIx32, names[i], s->gpr[i]);
    printf(" eip=%08" PRIx32 " fl=%05" PRIx32 " es..gs", s->eip, s->eflags & FL_KNOWN);
    for (unsigned i = 0; i < 6; i++)
        printf(" %x", s->seg[i]);
    if (s->vector != NO_VECTOR)
        printf(" vector=%" PRIu32 " error=%" PRIx32 " cr2=%08" PRIx32, s->vector, s->error, s->cr2);
    printf("\n");
}

/* The control words of s, and those registers that differ between a and b. */
static void print_fx(const char *who, const struct witness *s, const struct witness *a,
                     const struct witness *b)
{
    printf("  %-7s cw=%02x%02x sw=%02x%02x tags=%02x fop=%02x%02x fip=%02x%02x%02x%02x "
           "fdp=%02x%02x%02x%02x mxcsr=%02x%02x\n", who, s->fx[1], s->fx[0], s->fx[3], s->fx[2],
           s->fx[4], s->fx[7], s->fx[6], s->fx[11], s->fx[10], s->fx[9], s->fx[8], s->fx[19],
           s->fx[18], s->fx[17], s->fx[16], s->fx[25], s->fx[24]);
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
    char text[96];

    for (unsigned i = 0; i < q->n; i++) {
        uint32_t at = q->start.eip + q->at[i];

        x86_disasm(&q->insn[i], at, text, sizeof text);
        printf("  %08" PRIx32 "  ", at);
        for (unsigned k = q->at[i]; k < q->at[i + 1]; k++)
            printf("%02x", q->code.b[k]);
        printf("  %s\n", text);
    }
    for (unsigned i = 0; i < 6; i++)
        if (q->start.seg[i] & 4)
            printf("  selector %02x: %016" PRIx64 "\n", q->start.seg[i],
                   q->code.ldt[q->start.seg[i] >> 3]);
}

void endings_report(const struct sequence *q, const uint8_t *before, const struct ending *a,
                    const struct ending *b)
{
    print_code(q);
    print_state("start", &q->start);
    print_state(a->who, &a->w);
    print_state(b->who, &b->w);
    if (!same_fx(a->w.fx, b->w.fx, NULL)) {
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
