/* main.c - segments on this machine's CPU and on godwit's: random descriptors in the LDT, loads of
 * DS, ES and GS, accesses around the limit, LAR, LSL, VERR, VERW, ARPL, far jumps, calls, returns.
 *
 * The sequences of tests/oracle/silicon start with segments of all kinds; here every case loads
 * one.
 * Left out is what modify_ldt(2) does not make: system descriptors, other DPLs than 3, conforming
 * code that is present.
 *
 * usage: segments CASES SEED; exit status 0 without a difference, 1 with, 77 when this host cannot
 * be the witness. */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/rng.h"
#include "tests/oracle/silicon/ours.h"

/* Far transfers that succeed go to LANDING: PUSH CS, then the end. */
enum { ENTRIES = LDT_USED, CASES_A_TABLE = 500, LANDING_AT = 32 };
enum { LANDING = NATIVE_CODE + LANDING_AT };
enum { STACK = NATIVE_DATA + 0x1800, POINTER = NATIVE_DATA + 0x1c00 };

static uint32_t below(struct rng *r, uint32_t n) { return rng_below(r, n); }

static uint32_t edge(struct rng *r, uint32_t around) { return around + below(r, 12) - 6; }

static uint32_t limit_of(uint64_t d)
{
    uint32_t limit = (uint32_t)(d & 0xffff) | (uint32_t)(d >> 32 & 0xf0000);

    return d >> 55 & 1 ? limit << 12 | 0xfff : limit;
}

static uint32_t base_of(uint64_t d)
{
    return (uint32_t)(d >> 16 & 0xffffff) | (uint32_t)(d >> 56) << 24;
}

static uint64_t with_base(uint64_t d, uint32_t base)
{
    d &= ~(0xffffffull << 16 | 0xffull << 56);
    return d | (base & 0xffffffull) << 16 | (uint64_t)(base >> 24) << 56;
}

/* User segments based in the data pages, or code that reaches to LANDING or not quite; what
 * modify_ldt can say. */
static uint64_t some_descriptor(struct rng *r)
{
    static const uint32_t limits[] = { 0, 1, 3, 0xff, 0xfff, 0x1000, 0x2000, 0xffff, 0xfffff };
    uint64_t limit = limits[below(r, 9)], d;
    uint32_t base = NATIVE_DATA + below(r, 0x1000);
    unsigned type = below(r, 4) << 2 | below(r, 2) << 1 | 1, present = below(r, 8) != 0;

    if (type >> 2 == 3)
        present = 0;
    d = (limit & 0xffff) | (limit & 0xf0000) << 32;
    d |= (uint64_t)(0x70 | type | present << 7) << 40;
    d |= (uint64_t)below(r, 16) << 52;                     /* G, D, AVL */
    d &= ~(1ull << 53);                                    /* but no L */
    if (type >> 2 == 2 && below(r, 4))
        base = LANDING - edge(r, limit_of(d));
    return with_base(d, base);
}

/* Null, in the table, just beyond it; any RPL. */
static uint32_t some_selector(struct rng *r)
{
    return below(r, 12) ? below(r, ENTRIES + 2) << 3 | 4 | below(r, 4) : below(r, 4);
}

/* ---- a case: registers, a load, an access ---------------------------------------------------- */

static unsigned emit(uint8_t *p, const char *bytes, unsigned n)
{
    memcpy(p, bytes, n);
    return n;
}

/* ECX is the selector: mov seg, cx; or push ecx, pop seg; or lxs from [esi]. */
static unsigned emit_load(struct rng *r, uint8_t *p, unsigned *seg)
{
    static const char *const ways[3][3] = {
        { "\x8e\xc1", "\x51\x07", "\xc4\x2e" }, { "\x8e\xd9", "\x51\x1f", "\xc5\x2e" },
        { "\x8e\xe9", "\x51\x0f\xa9", "\x0f\xb5\x2e" }
    };
    static const uint8_t prefixes[3] = { ES, DS, GS };
    unsigned which = below(r, 3), way = below(r, 3);

    *seg = prefixes[which];
    return emit(p, ways[which][way], (unsigned)strlen(ways[which][way]));
}

static unsigned emit_access(struct rng *r, uint8_t *p, unsigned seg)
{
    static const char *const ops[] = {
        "\x8a\x02", "\x88\x02", "\x8b\x02", "\x89\x02", "\x66\x8b\x02", "\x66\x89\x02",
        "\x01\x02", "\x0f\xba\x22\x03", "\xff\x32", "\x8f\x02", "\xdd\x02", "\x0f\x10\x02"
    };
    const char *op = ops[below(r, sizeof ops / sizeof ops[0])];

    *p = seg == ES ? 0x26 : seg == DS ? 0x3e : 0x65;
    return 1 + emit(p + 1, op, (unsigned)strlen(op));
}

static unsigned emit_question(struct rng *r, uint8_t *p)
{
    static const char *const ops[] = {
        "\x0f\x02\xc1", "\x66\x0f\x02\xc1", "\x0f\x03\xc1", "\x66\x0f\x03\xc1", "\x0f\x00\xe1",
        "\x0f\x00\xe9", "\x63\xd1"
    };
    const char *op = ops[below(r, sizeof ops / sizeof ops[0])];

    if (op[1] == 0)
        return emit(p, op, 3);
    return emit(p, op, (unsigned)strlen(op));
}

/* Jumps, calls and returns with EBX's pointer: in the code, at ESI, or at ESP with flags above. */
static unsigned emit_far(struct rng *r, uint8_t *p, const struct witness *w)
{
    static const uint8_t ops[] = { 0xea, 0x9a, 0x2e, 0x1e, 0xcb, 0xca, 0xcf };
    uint8_t op = ops[below(r, sizeof ops)];
    unsigned n = 0, off_bytes = 4;

    if (below(r, 4) == 0) {
        p[n++] = 0x66;
        off_bytes = 2;
    }
    if (op == 0x2e || op == 0x1e)
        p[n++] = 0xff;
    p[n++] = op;
    if (op == 0xca)
        n += emit(p + n, "\x08\x00", 2);
    if (op == 0xea || op == 0x9a) {
        memcpy(p + n, &w->gpr[RBX], off_bytes);
        memcpy(p + n + off_bytes, &w->gpr[RCX], 2);
        n += off_bytes + 2;
    }
    memset(p + n, 0x90, LANDING_AT - n);
    p[LANDING_AT] = 0x0e;
    return LANDING_AT + 1;
}

static unsigned make_case(struct rng *r, const uint64_t *table, struct witness *w, uint8_t *code)
{
    uint32_t sel = some_selector(r);
    uint32_t limit = sel >> 3 < ENTRIES ? limit_of(table[sel >> 3]) : 0;
    unsigned seg, n;

    memset(w, 0, sizeof *w);
    w->eip = NATIVE_CODE;
    for (unsigned i = 0; i < X86_NSEG; i++)
        w->seg[i] = i == CS ? SEL_CODE : SEL_DATA;
    w->fx[0] = 0x7f;                                       /* FCW 037f, MXCSR 1f80 */
    w->fx[1] = 3;
    w->fx[24] = 0x80;
    w->fx[25] = 0x1f;
    for (unsigned i = 0; i < 8; i++)
        w->gpr[i] = (uint32_t)rng_next(r);
    w->gpr[RSP] = STACK;
    w->gpr[RSI] = POINTER;
    w->gpr[RCX] = sel;
    w->gpr[RDX] = below(r, 4) ? edge(r, below(r, 3) ? limit : below(r, 2) ? 0xffff : 0) :
                  below(r, 0x2000);
    w->gpr[RBX] = sel >> 3 < ENTRIES ? LANDING - base_of(table[sel >> 3]) : 0;
    switch (below(r, 6)) {
    case 0: return emit_question(r, code);
    case 1: case 2: return emit_far(r, code, w);
    }
    n = emit_load(r, code, &seg);
    return n + emit_access(r, code + n, seg);
}

static bool same(const struct witness *a, const struct witness *b)
{
    return !memcmp(a->gpr, b->gpr, sizeof a->gpr) && a->eip == b->eip && a->vector == b->vector &&
           a->error == b->error && a->cr2 == b->cr2 && !((a->eflags ^ b->eflags) & FL_ARITH) &&
           !memcmp(a->seg + CS, b->seg + CS, 2 * sizeof a->seg[0]);
}

static void print(const char *who, const struct witness *w)
{
    printf("  %s: eip %x vector %d error %x cr2 %x eax %x edx %x esp %x flags %x\n", who, w->eip,
           (int)w->vector, w->error, w->cr2, w->gpr[RAX], w->gpr[RDX], w->gpr[RSP],
           w->eflags & FL_ARITH);
}

static void fill_data(struct rng *r, uint8_t *data, const struct witness *w)
{
    uint32_t flags = (uint32_t)rng_next(r) & (FL_ARITH | FL_DF | FL_ID | FL_IF | FL_IOPL);
    uint32_t frame[3] = { w->gpr[RBX], w->gpr[RCX], flags };

    for (unsigned i = 0; i < NATIVE_DATA_BYTES; i += 8) {
        uint64_t v = rng_next(r);

        memcpy(data + i, &v, 8);
    }
    memcpy(data + (POINTER - NATIVE_DATA), frame, sizeof frame);
    memcpy(data + (STACK - NATIVE_DATA), frame, sizeof frame);
}

static bool compare(struct ours *o, struct rng *r, const uint64_t *table)
{
    struct fragment f = { .at = 0 };
    uint8_t *data = native_data();
    struct witness start, a, b;

    f.n = (uint16_t)make_case(r, table, &start, f.b);
    memcpy(f.ldt, table, sizeof f.ldt);
    fill_data(r, data, &start);
    memcpy(ours_data(o), data, NATIVE_DATA_BYTES);
    a = b = start;
    native_run(&a, &f);
    ours_run(o, &b, &f);
    if (same(&a, &b) && !memcmp(data, ours_data(o), NATIVE_DATA_BYTES))
        return true;
    printf("selector %x descriptor %016llx offset %x %x, code", start.gpr[RCX],
           (unsigned long long)table[start.gpr[RCX] >> 3 & (ENTRIES - 1)], start.gpr[RDX],
           start.gpr[RBX]);
    for (unsigned i = 0; i < f.n && i < 10; i++)
        printf(" %02x", f.b[i]);
    printf("%s\n", same(&a, &b) ? ": memory differs" : "");
    print("silicon", &a);
    print("godwit ", &b);
    return false;
}

static void new_table(struct rng *r, uint64_t *table)
{
    for (unsigned i = 0; i < ENTRIES; i++)
        table[i] = some_descriptor(r);
}

int main(int argc, char **argv)
{
    unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000, bad = 0;
    struct rng r = { argc > 2 ? strtoull(argv[2], NULL, 0) : 1 };
    uint64_t table[ENTRIES];
    struct ours *o;

    if (!native_open()) {
        puts("skip: this host is no x86-64 Linux on an Intel since Skylake");
        return 77;
    }
    o = ours_new(NULL);
    for (unsigned long i = 0; i < cases && bad < 20; i++) {
        if (i % CASES_A_TABLE == 0)
            new_table(&r, table);
        bad += !compare(o, &r, table);
    }
    printf("%lu cases, %lu differences\n", cases, bad);
    return bad != 0;
}
