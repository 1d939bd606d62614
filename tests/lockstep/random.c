/* random.c - the guest of the fuzzer, random code in every mode, on two engines side by side: after
 * each turn the same state, the same output, at each end the same memory.
 *
 * usage: random ENGINE CASES SEED [ENGINE]: engines as in -engine, "NAME,option=value"; the second
 * is interp when it is not given. Half of the cases run by the first engine's blocks, half in turns
 * of up to 64 instructions. With form=w the code cannot reach its page tables. Ends with status 1
 * after the first difference; where the guest has changed its page tables, which leaves it to an
 * engine what its TLB still holds, the group ends void. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmd/godwit/engines.h"
#include "cpu-x86/diff.h"
#include "cpu-x86/insn.h"
#include "cpu-x86/model.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/ram.h"
#include "tests/fuzz/guest.h"

enum { CASES_A_MODEL = 200, TURNS = 60, LONGEST_TURN = 64, MAX_TURN = 1 << 20 };

struct pair {
    struct guest   g[2];             /* [0] is the engine in question, [1] what it is held to */
    struct vm_engine_use use[2];
    struct x86_cpu *before;          /* [1]'s state when the turn began; no TLB */
    uint64_t        rng, seed;       /* common to both: how long a turn is, when pins move */
    unsigned long   turns, voids;
    uint32_t        tables[GUEST_TABLES_BYTES / 4];        /* when the case began */
};

static uint32_t rnd(struct pair *p)
{
    p->rng ^= p->rng >> 12;
    p->rng ^= p->rng << 25;
    p->rng ^= p->rng >> 27;
    return (uint32_t)(p->rng * 0x2545f4914f6cdd1dull >> 32);
}

static bool same(const struct pair *p)
{
    return x86_same(p->g[0].c, p->g[1].c) && p->g[0].rng == p->g[1].rng &&
           p->g[0].digest == p->g[1].digest;
}

/* By blocks the first leads; the second is given the instructions that were in its slice. */
static bool turn(struct pair *p, bool by_block)
{
    struct x86_cpu *c = p->g[0].c;
    int64_t n = by_block ? MAX_TURN : 1 + rnd(p) % LONGEST_TURN;
    enum exec_stop stop[2];

    memcpy(p->before, p->g[1].c, offsetof(struct x86_cpu, tlb_sets));
    c->stop_at_edge = by_block;
    stop[0] = x86_exec.run(c, n);
    stop[1] = x86_exec.run(p->g[1].c, by_block ? c->slice : n);
    p->turns++;
    return stop[0] == stop[1] && same(p);
}

static void move_pins(struct pair *p)
{
    uint32_t r = rnd(p);

    for (unsigned k = 0; k < 2; k++) {
        struct x86_cpu *c = p->g[k].c;

        c->halted = false;
        if (r % 8 == 0)
            x86_pin(c, X86_PEND_INTR, r >> 8 & 1);
        if (r % 32 == 1)
            x86_pin(c, X86_PEND_NMI, r >> 8 & 1);
        if (r % 64 == 2)
            x86_pin(c, X86_PEND_A20, r >> 8 & 1);
    }
}

/* ---- telling -------------------------------------------------------------------------------- */

static void row(void *self, const char *name, uint64_t a, uint64_t b)
{
    (void)self;
    printf("  %-22s %18" PRIx64 " %18" PRIx64 "\n", name, a, b);
}

static void print_code(const struct pair *p)
{
    const struct x86_cpu *at = p->before;
    uint32_t eip = (uint32_t)at->rip;

    for (unsigned i = 0; i < 32; i++) {
        uint32_t lin = (uint32_t)at->seg[CS].base + eip;
        struct x86_insn I;
        gpa_t gpa;
        char text[96];

        if (!smmu_ops.probe(p->g[1].mmu, p->g[1].c, lin, ACC_X, &gpa) || gpa > GUEST_RAM - 15)
            return;
        int len = x86_decode(&I, p->g[1].ram + gpa, 15, at->mode & MODE_CS32);

        if (len <= 0)
            return;
        x86_disasm(&I, eip, text, sizeof text);
        printf("  %04x:%08x %s\n", at->seg[CS].sel, eip, text);
        if (I.flags & X86F_END)
            return;
        eip += (uint32_t)len;
    }
}

/* The guest has changed its page tables: what is left in a TLB then is up to the engine. */
static bool tables_changed(const struct pair *p)
{
    enum { ACCESSED_DIRTY = 0x60 };
    uint32_t now[GUEST_TABLES_BYTES / 4], differ = 0;

    memcpy(now, p->g[1].ram + GUEST_TABLES, sizeof now);
    for (unsigned i = 0; i < GUEST_TABLES_BYTES / 4; i++)
        differ |= (now[i] ^ p->tables[i]) & ~(uint32_t)ACCESSED_DIRTY;
    return (p->g[1].c->cr0 & CR0_PG) && (differ || p->g[1].c->cr3 != GUEST_TABLES);
}

static void report(const struct pair *p, unsigned long number, const char *what)
{
    char text[2048];

    printf("case %lu of seed %" PRIu64 ", model %s: %s differs\n  %-22s %18s %18s\n", number,
           p->seed, x86_model_name(p->g[0].c), what, "", p->use[0].ops->name, p->use[1].ops->name);
    x86_diff(p->g[0].c, p->g[1].c, row, NULL);
    if (p->g[0].rng != p->g[1].rng || p->g[0].digest != p->g[1].digest)
        printf("  what went through ports or was acknowledged\n");
    for (unsigned i = 0, shown = 0; i < GUEST_RAM && shown < 8; i++) {
        if (p->g[0].ram[i] != p->g[1].ram[i] && ++shown)
            printf("  RAM %05x %30x %18x\n", i, p->g[0].ram[i], p->g[1].ram[i]);
    }
    x86_print(p->before, text, sizeof text);
    printf("before the turn:\n%spending events %x\n", text, p->before->pending);
    print_code(p);
}

/* ---- cases ---------------------------------------------------------------------------------- */

enum outcome { SAME, VOID, DIFFERENT };

static enum outcome differs(struct pair *p, unsigned long number, const char *what)
{
    if (tables_changed(p)) {
        p->voids++;
        return VOID;
    }
    report(p, number, what);
    return DIFFERENT;
}

static enum outcome run_case(struct pair *p, unsigned long number)
{
    bool by_block = number & 1;

    for (unsigned k = 0; k < 2; k++)
        guest_begin(&p->g[k]);
    memcpy(p->tables, p->g[1].ram + GUEST_TABLES, sizeof p->tables);
    for (unsigned i = 0; i < TURNS; i++) {
        if (!turn(p, by_block))
            return differs(p, number, "the state");
        move_pins(p);
    }
    if (memcmp(p->g[0].ram, p->g[1].ram, GUEST_RAM) != 0)
        return differs(p, number, "the memory");
    for (unsigned k = 0; k < 2; k++) {
        x86_pin(p->g[k].c, X86_PEND_NMI, false);
        x86_pin(p->g[k].c, X86_PEND_A20, true);
    }
    return SAME;
}

/* Each group of cases begins from its number and the seed, so that one can be run alone. */
static void open_both(struct pair *p, unsigned long group, unsigned models)
{
    uint64_t rng = (p->seed * 0x9e3779b97f4a7c15ull ^ (group + 1) * 0xbf58476d1ce4e5b9ull) | 1;

    p->rng = rng ^ 0x5555555500000000ull;
    for (unsigned k = 0; k < 2; k++) {
        p->g[k].rng = rng;
        p->g[k].digest = 0;
        memset(p->g[k].ram, 0, GUEST_RAM);
        guest_open(&p->g[k], x86_model_at(group % models)->name, p->use[k].ops,
                   p->use[k].options);
        p->g[k].c->exact_events = true;
    }
}

static bool run_all(struct pair *p, unsigned long cases)
{
    unsigned models = 0;
    enum outcome end = SAME;

    while (x86_model_at(models))
        models++;
    for (unsigned long i = 0; i < cases && end != DIFFERENT; i++) {
        if (i % CASES_A_MODEL == 0)
            open_both(p, i / CASES_A_MODEL, models);
        end = run_case(p, i);
        if (end == VOID)             /* the two are no longer the same: on with the next group */
            i += CASES_A_MODEL - 1 - i % CASES_A_MODEL;
        if (end != SAME || (i + 1) % CASES_A_MODEL == 0 || i + 1 == cases) {
            guest_close(&p->g[0]);
            guest_close(&p->g[1]);
        }
    }
    return end != DIFFERENT;
}

int main(int argc, char **argv)
{
    unsigned long cases = argc > 2 ? strtoul(argv[2], NULL, 0) : 10000;
    struct pair p = { .seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1 };
    struct ram ram[2];
    bool windows = false;
    const char *name[2] = { argc > 1 ? argv[1] : "step", argc > 4 ? argv[4] : "interp" };

    for (unsigned k = 0; k < 2; k++) {
        struct vm_engines_asked q;
        struct vm_error e;

        if (vm_engines_parse(name[k], &q, &e) < 0) {
            fprintf(stderr, "%s\n", e.text);
            return 2;
        }
        p.use[k] = q.use[0];
        VM_ASSERT(ram_open(&ram[k], GUEST_RAM, NULL) == VM_OK);
        p.g[k].ram = ram[k].host;
        p.g[k].file = &ram[k];
        windows |= strstr(p.use[k].options, "form=w") != NULL;
    }
    p.g[0].fixed_tables = p.g[1].fixed_tables = windows;
    p.before = calloc(1, sizeof *p.before);
    VM_ASSERT(p.before);
    bool ok = run_all(&p, cases);

    if (ok)
        printf("%s and %s agree: %lu cases, %lu turns, %lu ended void, seed %" PRIu64 "\n",
               name[0], name[1], cases, p.turns, p.voids, p.seed);
    free(p.before);
    ram_close(&ram[0]);
    ram_close(&ram[1]);
    return !ok;
}
