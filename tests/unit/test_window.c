/* test_window.c - direct windows: never more rights or other memory than the guest's tables allow.
 *
 * The random test keeps, for each page, what the walker granted since the page was last flushed: a
 * window may have any of these, and nothing else; and nothing that may be written while watched. */
/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <check.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cpu-x86/except.h"
#include "cpu-x86/sys.h"
#include "cpubox.h"
#include "shadow-mmu/window.h"

enum { RAM = 8 << 20, STAMP = 0x800, PAGES_RAM = RAM >> 12 };
enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };

struct bench {
    struct cpubox *b;
    struct x86_cpu *c;
    struct smmu *m;
    int pipe[2];
    uint64_t rng;
};

static struct bench bench_new(uint32_t page, unsigned maps)
{
    const struct smmu_window_options o = { .page = page, .windows = maps ? 6 : 24, .maps = maps,
                                           .pages = maps ? 128 : 1024 };
    struct bench t = { .b = cpubox_new("pentium3", RAM), .rng = 0x123456789 };

    cpubox_flat(t.b, 0);
    t.c = t.b->cpu;
    t.m = t.b->mmu;
    ck_assert_int_eq(smmu_windows_open(t.m, &o, NULL), 0);
    smmu_ops.control_written(t.m, t.c);
    for (uint32_t i = 0; i < PAGES_RAM; i++)
        memcpy(t.b->ram.host + 4096 * (size_t)i + STAMP, &i, 4);
    ck_assert_int_eq(pipe(t.pipe), 0);
    return t;
}

static void bench_free(struct bench *t)
{
    cpubox_free(t->b);
    close(t->pipe[0]);
    close(t->pipe[1]);
}

static uint32_t rnd(struct bench *t)
{
    t->rng ^= t->rng >> 12;
    t->rng ^= t->rng << 25;
    t->rng ^= t->rng >> 27;
    return (uint32_t)(t->rng * 0x2545f4914f6cdd1dull >> 32);
}

static void poke(struct bench *t, gpa_t at, uint64_t v, unsigned size)
{
    mem_write(t->b->mem, at, v, size);
}

static void load_cr3(struct bench *t, uint64_t cr3)
{
    t->c->cr3 = cr3;
    smmu_ops.control_written(t->m, t->c);
}

static void set_user(struct bench *t, bool user)
{
    t->c->cpl = user ? 3 : 0;
    x86_update_mode(t->c);
}

/* As an engine accesses memory. Where the byte is: through the window, or else by translate().
 * NULL: a page fault. */
static uint8_t *volatile found;
static uint8_t *reach(struct bench *t, uint32_t a, bool write, bool *by_window)
{
    bool user = t->c->mode & MODE_USER, may;
    uint8_t *host;
    gpa_t gpa;

    found = NULL;
    *by_window = true;
    smmu_window(t->m, t->c);
    if (smmu_window_look(t->m, user, a, &host, &may) && (may || !write))
        return host;
    if (setjmp(t->c->raise_to))
        return NULL;
    found = smmu_ops.translate(t->m, t->c, a, 1, write ? ACC_W : ACC_R, user, &gpa);
    *by_window = found && smmu_window_fill(t->m, t->c, a, write);
    if (*by_window) {
        ck_assert(smmu_window_look(t->m, user, a, &host, &may) && (may || !write));
        found = host;
    }
    return found;
}

/* What the kernel says of the byte: 0 nothing, 1 read, 2 read and write. */
static unsigned rights(struct bench *t, uint8_t *p)
{
    char drop[4];
    unsigned r = 0;

    if (write(t->pipe[1], p, 4) != 4)
        return 0;
    r = read(t->pipe[0], p, 4) == 4 ? 2 : 1;
    if (r == 1)
        ck_assert_int_eq(read(t->pipe[0], drop, 4), 4);
    return r;
}

static uint32_t stamp(const uint8_t *host_page)
{
    uint32_t v;

    memcpy(&v, host_page + STAMP, 4);
    return v;
}

/* ---- directed -------------------------------------------------------------------------------- */

enum { CR3_A = 0x1000, PT_A = 0x2000, CR3_B = 0x3000, PT_B = 0x4000, DATA = 0x100 /* page */ };

/* 1024 pages at 0 in both spaces; A: page i is page DATA + i, B: DATA + 1024 - 1 - i. */
static void two_spaces(struct bench *t, uint32_t flags)
{
    for (uint32_t i = 0; i < 1024; i++) {
        poke(t, PT_A + 4 * i, ((DATA + i) % PAGES_RAM) << 12 | flags, 4);
        poke(t, PT_B + 4 * i, ((DATA + 1023 - i) % PAGES_RAM) << 12 | flags, 4);
    }
    poke(t, CR3_A, PT_A | P | W | U | A, 4);
    poke(t, CR3_B, PT_B | P | W | U | A, 4);
    t->c->cr4 = CR4_PSE | CR4_PGE;
    t->c->cr0 |= CR0_PG | CR0_WP;
    load_cr3(t, CR3_A);
}

static bool mapped(struct bench *t, bool user, uint32_t a, unsigned *right)
{
    uint8_t *host;
    bool write;

    if (!smmu_window_look(t->m, user, a, &host, &write))
        return *right = 0, false;
    *right = write ? 2 : 1;
    ck_assert_uint_eq(rights(t, host + (STAMP - (a & 4095))), *right);
    return true;
}

static unsigned right_at(struct bench *t, bool user, uint32_t a)
{
    unsigned right;

    mapped(t, user, a, &right);
    return right;
}

static void touch(struct bench *t, uint32_t a, bool write)
{
    bool by_window;

    ck_assert_ptr_nonnull(reach(t, a, write, &by_window));
    ck_assert(by_window);
}

START_TEST(neighbours_come_along_and_keep_their_accessed_and_dirty_bits)
{
    struct bench t = bench_new(4096, 0);

    two_spaces(&t, P | W | U);
    poke(&t, PT_A + 4 * 18, (DATA + 18) << 12 | P | W | U | A, 4);
    poke(&t, PT_A + 4 * 19, (DATA + 19) << 12 | P | W | U | A | D, 4);
    poke(&t, PT_A + 4 * 20, (DATA + 20) << 12 | P | U | A | D, 4);
    load_cr3(&t, CR3_A);
    touch(&t, 16 << 12, false);
    ck_assert_uint_eq(right_at(&t, false, 16 << 12), 1);
    ck_assert_uint_eq(right_at(&t, false, 17 << 12), 0);
    ck_assert_uint_eq(right_at(&t, false, 18 << 12), 1);
    ck_assert_uint_eq(right_at(&t, false, 19 << 12), 2);
    ck_assert_uint_eq(right_at(&t, false, 20 << 12), 1);
    ck_assert_uint_eq(right_at(&t, true, 19 << 12), 0);
    ck_assert_uint_eq(mem_read(t.b->mem, PT_A + 4 * 17, 4), (DATA + 17) << 12 | P | W | U);
    ck_assert_uint_eq(mem_read(t.b->mem, PT_A + 4 * 18, 4), (DATA + 18) << 12 | P | W | U | A);
    touch(&t, 16 << 12, true);
    ck_assert_uint_eq(right_at(&t, false, 16 << 12), 2);
    bench_free(&t);
}
END_TEST

START_TEST(a_window_survives_cr3_loads_without_a_fill)
{
    struct bench t = bench_new(4096, 0);
    struct smmu_window_stats s, s2;
    unsigned right;
    uint8_t *host;
    bool write;

    two_spaces(&t, P | W | U | A | D);
    touch(&t, 0x5000, true);
    load_cr3(&t, CR3_B);
    ck_assert(!mapped(&t, false, 0x5000, &right));
    touch(&t, 0x5000, true);
    smmu_window_get_stats(t.m, &s);
    for (unsigned i = 0; i < 4; i++) {
        load_cr3(&t, i & 1 ? CR3_B : CR3_A);
        ck_assert(smmu_window_look(t.m, false, 0x5000, &host, &write) && write);
        ck_assert_uint_eq(stamp(host), i & 1 ? DATA + 1018 : DATA + 5);
    }
    smmu_window_get_stats(t.m, &s2);
    ck_assert_uint_eq(s2.fills, s.fills);
    ck_assert_uint_eq(s2.checked, s.checked);
    ck_assert_uint_eq(s2.switches, s.switches + 4);
    bench_free(&t);
}
END_TEST

START_TEST(a_written_table_is_compared_at_the_next_cr3_load)
{
    struct bench t = bench_new(4096, 0);
    struct smmu_window_stats s;
    unsigned right;

    two_spaces(&t, P | W | U | A | D);
    touch(&t, 0x5000, true);
    load_cr3(&t, CR3_B);
    poke(&t, PT_A + 4 * 5, (DATA + 700) << 12 | P | W | U | A | D, 4);
    poke(&t, PT_A + 4 * 6, (DATA + 6) << 12 | P | U | A | D, 4);
    poke(&t, PT_A + 4 * 7, (DATA + 7) << 12 | P | W | U | D, 4);
    smmu_window_get_stats(t.m, &s);
    ck_assert_uint_eq(s.table_writes, 1);
    load_cr3(&t, CR3_A);
    ck_assert(!mapped(&t, false, 0x5000, &right));
    ck_assert(mapped(&t, false, 0x6000, &right) && right == 1);
    ck_assert(!mapped(&t, false, 0x7000, &right));
    ck_assert(mapped(&t, false, 0x8000, &right) && right == 2);
    poke(&t, PT_A + 4 * 8, 0, 4);            /* the table is watched again */
    load_cr3(&t, CR3_A);
    ck_assert(!mapped(&t, false, 0x8000, &right));
    bench_free(&t);
}
END_TEST

START_TEST(invlpg_drops_the_page_and_all_of_a_large_page)
{
    struct bench t = bench_new(4096, 0);
    unsigned right;

    two_spaces(&t, P | W | U | A | D);
    poke(&t, CR3_A + 4, 0x400000 | P | W | U | PS | A | D, 4);
    load_cr3(&t, CR3_A);
    touch(&t, 0x5000, false);
    touch(&t, 0x404000, true);
    touch(&t, 0x600000, true);
    smmu_ops.invlpg(t.m, t.c, 0x5123);
    ck_assert(!mapped(&t, false, 0x5000, &right));
    ck_assert(mapped(&t, false, 0x6000, &right));
    ck_assert(mapped(&t, false, 0x600000, &right));
    smmu_ops.invlpg(t.m, t.c, 0x404000);
    ck_assert(!mapped(&t, false, 0x404000, &right));
    ck_assert(!mapped(&t, false, 0x600000, &right));
    ck_assert(mapped(&t, false, 0x6000, &right));
    bench_free(&t);
}
END_TEST

START_TEST(pages_with_code_and_tables_and_the_last_page_cannot_be_written)
{
    struct bench t = bench_new(4096, 0);
    unsigned right;
    bool by_window;

    two_spaces(&t, P | W | U | A | D);
    touch(&t, 0x5000, true);
    smmu_ops.code_page(t.m, (DATA + 6) << 12, true);
    ck_assert(mapped(&t, false, 0x6000, &right) && right == 1);
    ck_assert_ptr_nonnull(reach(&t, 0x6000, true, &by_window));
    ck_assert(!by_window);                   /* no engine unwatches it here */
    smmu_ops.code_page(t.m, (DATA + 6) << 12, false);
    touch(&t, 0x6000, true);
    poke(&t, PT_A + 4 * 9, PT_A | P | W | U | A | D, 4);
    load_cr3(&t, CR3_A);
    touch(&t, 0x9000, false);
    ck_assert(mapped(&t, false, 0x9000, &right) && right == 1);
    touch(&t, 0x9000, true);                 /* now it is unsynced */
    load_cr3(&t, CR3_A);
    ck_assert(mapped(&t, false, 0x9000, &right) && right == 1);
    poke(&t, CR3_A + 4 * 1023, PT_A | P | W | U | A, 4);
    touch(&t, 0xffffe000, false);
    ck_assert(reach(&t, 0xfffff000, false, &by_window) && !by_window);
    ck_assert(!mapped(&t, false, 0xfffff000, &right));
    bench_free(&t);
}
END_TEST

START_TEST(a_page_that_becomes_a_table_leaves_the_software_tlb)
{
    struct bench t = bench_new(4096, 0);
    struct tlb_entry *e;
    gpa_t gpa;

    two_spaces(&t, P | W | U | A | D);
    e = &t.c->tlb_sets[TLB_SUPER][9];
    poke(&t, PT_A + 4 * 9, PT_B | P | W | U | A | D, 4);
    poke(&t, CR3_A + 4, PT_B | P | W | U | A, 4);
    ck_assert_ptr_nonnull(smmu_ops.translate(t.m, t.c, 0x9000, 1, ACC_W, false, &gpa));
    ck_assert_uint_eq(e->tag_w, 0x9000);
    touch(&t, 0x400000, false);
    ck_assert_uint_eq(e->tag_r, 0x9000);
    ck_assert_uint_eq(e->tag_w, TLB_NONE);
    bench_free(&t);
}
END_TEST

START_TEST(breakpoints_and_alignment_checks_have_no_window)
{
    struct bench t = bench_new(4096, 0);

    two_spaces(&t, P | W | U | A | D);
    ck_assert_uint_ne(smmu_window(t.m, t.c), 0);
    t.c->dr[7] = 0x401;
    ck_assert_uint_eq(smmu_window(t.m, t.c), 0);
    t.c->dr[7] = 0x400;
    t.c->cr0 |= CR0_AM;
    t.c->eflags |= FL_AC;
    set_user(&t, true);
    ck_assert_uint_eq(smmu_window(t.m, t.c), 0);
    t.c->eflags &= ~(uint32_t)FL_AC;
    set_user(&t, true);
    ck_assert_uint_ne(smmu_window(t.m, t.c), 0);
    bench_free(&t);
}
END_TEST

START_TEST(a_host_page_of_16k_needs_four_like_pages_side_by_side)
{
    struct bench t = bench_new(16384, 0);
    unsigned right;
    bool by_window;

    two_spaces(&t, P | W | U | A | D);
    poke(&t, PT_A + 4 * 5, (DATA + 5) << 12 | P | U | A | D, 4);      /* one may not be written */
    poke(&t, PT_A + 4 * 9, (DATA + 10) << 12 | P | W | U | A | D, 4); /* not side by side */
    poke(&t, PT_A + 4 * 13, (DATA + 13) << 12 | P | W | U, 4);        /* one was not touched */
    for (uint32_t i = 20; i < 24; i++)                                /* across two */
        poke(&t, PT_A + 4 * i, (DATA + i + 1) << 12 | P | W | U | A | D, 4);
    load_cr3(&t, CR3_A);
    touch(&t, 0x0000, true);
    touch(&t, 0x4000, false);
    ck_assert_uint_eq(right_at(&t, false, 0x4000), 1);
    ck_assert(reach(&t, 0x4000, true, &by_window) && !by_window);
    ck_assert(reach(&t, 0x8000, false, &by_window) && !by_window);
    ck_assert(reach(&t, 0xc000, false, &by_window) && !by_window);
    ck_assert(reach(&t, 0x14000, false, &by_window) && !by_window);
    touch(&t, 0x10000, true);
    smmu_ops.code_page(t.m, (DATA + 2) << 12, true);
    ck_assert_uint_eq(right_at(&t, false, 0), 1);
    smmu_ops.invlpg(t.m, t.c, 0x3000);
    ck_assert(!mapped(&t, false, 0, &right));
    load_cr3(&t, CR3_B);                     /* backwards: no group is side by side */
    ck_assert(reach(&t, 0, false, &by_window) && !by_window);
    bench_free(&t);
}
END_TEST

/* Lines of /proc/self/maps from `low` on, for 4 GiB and the guards. */
static unsigned kernel_counts(uintptr_t low)
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512];
    uintptr_t from;
    unsigned n = 0;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%" SCNxPTR, &from) == 1 && from >= low - 65536 &&
            from < low + (UINT64_C(1) << 32) + 65536)
            n++;
    if (f)
        fclose(f);
    return n;
}

/* Side by side in memory in one space, never in the other. */
START_TEST(mappings_are_counted_as_the_kernel_counts_them)
{
    struct bench t = bench_new(4096, 0);
    struct smmu_window_stats s;
    uintptr_t low;
    unsigned most = 0;

    two_spaces(&t, P | W | U | A | D);
    load_cr3(&t, _i ? CR3_B : CR3_A);
    low = smmu_window(t.m, t.c) - (UINT64_C(1) << 31);
    for (unsigned i = 0; i < 60; i++) {
        uint32_t a = rnd(&t) & 0x3ff000;

        if (i % 4 == 3)
            smmu_ops.invlpg(t.m, t.c, a);
        else if (i % 4 == 1)
            smmu_ops.code_page(t.m, (DATA << 12) + a, true);
        else
            touch(&t, a, false);
        smmu_window_get_stats(t.m, &s);
        ck_assert_uint_eq(kernel_counts(low), s.maps);
        most = s.maps > most ? s.maps : most;
    }
    ck_assert_uint_gt(most, 20);
    bench_free(&t);
}
END_TEST

START_TEST(windows_are_recycled_when_mappings_or_windows_run_out)
{
    struct bench t = bench_new(4096, 256);
    struct smmu_window_stats s;

    two_spaces(&t, P | W | U | A | D);
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t pd = 0x10000 + 0x1000 * i;

        poke(&t, pd, PT_A | P | W | U | A, 4);
        poke(&t, pd + 8, PT_B | P | W | U | A, 4);
        load_cr3(&t, pd);
        for (unsigned k = 0; k < 12; k++) {
            touch(&t, rnd(&t) & 0x3ff000, true);
            touch(&t, 0x800000 | (rnd(&t) & 0x3ff000), false);
        }
        smmu_window_get_stats(t.m, &s);
        ck_assert_uint_le(s.maps, 256);
        ck_assert_uint_le(s.pages, 128);
        ck_assert_uint_le(s.windows, 6);
    }
    ck_assert_uint_gt(s.recycled, 50);
    bench_free(&t);
}
END_TEST

/* ---- random -------------------------------------------------------------------------------------
 *
 * Three address spaces with tables in the first 16 pages of RAM, linear pages in two places. */

enum { TABLES = 16, PLACES = 2, SPAN = 40, LINEAR = PLACES * SPAN, GRANTS = 160, STEPS = 2000 };

struct grant { gpa_t gpa; bool write; };
struct history { struct grant g[GRANTS]; unsigned n; };
struct model { struct bench t; unsigned paging; struct history h[2][LINEAR]; };

enum { NO_PAGING, LEGACY, PAE, PAGINGS };

static uint32_t linear(unsigned i)
{
    return (i < SPAN ? 0x003f0000u : 0xc0000000u) + (i % SPAN << 12);
}

static void note_grant(struct model *k, bool user, unsigned i)
{
    struct history *h = &k->h[user][i];
    struct smmu_walk w;
    struct grant g;

    if (smmu_walk(k->t.m, k->t.c, linear(i), ACC_R, user, false, &w) || !w.a)
        return;
    g = (struct grant){ (k->t.c->a20_mask ? w.gpa & ~(gpa_t)0x100000 : w.gpa) >> 12, w.w && w.d };
    for (unsigned n = 0; n < h->n; n++)
        if (h->g[n].gpa == g.gpa && h->g[n].write == g.write)
            return;
    ck_assert_uint_lt(h->n, GRANTS);
    h->g[h->n++] = g;
}

static void note_grants(struct model *k)
{
    for (unsigned i = 0; i < LINEAR; i++)
        for (unsigned user = 0; user < 2; user++)
            note_grant(k, user, i);
}

static void flushed(struct model *k)
{
    smmu_ops.control_written(k->t.m, k->t.c);
    memset(k->h, 0, sizeof k->h);
    note_grants(k);
}

static void check_one(struct model *k, bool user, unsigned i, bool ask_kernel)
{
    struct history *h = &k->h[user][i];
    uint8_t *host;
    bool write, allowed = false;
    uint32_t page;

    host = NULL;
    if (!smmu_window_look(k->t.m, user, linear(i), &host, &write)) {
        ck_assert(!ask_kernel || !host || rights(&k->t, host + STAMP) == 0);
        return;
    }
    page = stamp(host);
    for (unsigned n = 0; n < h->n; n++)
        allowed |= h->g[n].gpa == page && h->g[n].write >= write;
    ck_assert_msg(allowed, "linear %08x user %d: page %x, write %d", linear(i), user, page, write);
    ck_assert(!write || !mem_watched(k->t.b->mem, (gpa_t)page << 12));
    if (ask_kernel)
        ck_assert_uint_eq(rights(&k->t, host + STAMP), write ? 2 : 1);
}

static void check_all(struct model *k, bool ask_kernel)
{
    for (unsigned i = 0; i < LINEAR; i++)
        for (unsigned user = 0; user < 2; user++)
            check_one(k, user, i, ask_kernel);
}

/* An entry that often means something: a table, RAM, or RAM that lies in line. */
static uint64_t entry(struct model *k, uint32_t slot, bool directory)
{
    uint32_t r = rnd(&k->t), flags = P | (rnd(&k->t) & (W | U | A | D | G)), page;

    if (r % 8 == 0)
        return 0;
    if (r % 8 < 6)
        flags |= W | U | A;
    if (r % 2)
        flags |= D;
    page = directory ? rnd(&k->t) % TABLES : r % 16 == 9 ? rnd(&k->t) % TABLES
                     : r % 16 == 8 ? 64 + rnd(&k->t) % 512 : 64 + (slot & 511);
    if (directory && r % 32 == 1)
        return (k->paging == PAE ? 0x200000 : 0x400000) | flags | PS;
    return (uint64_t)page << 12 | flags;
}

/* Of the four slots that the two places use in a directory, or of a table's. */
static void write_entry(struct model *k)
{
    unsigned size = k->paging == PAE ? 8 : 4, table = rnd(&k->t) % TABLES;
    uint32_t a = linear(rnd(&k->t) % LINEAR), slot;
    bool directory = table < 6;

    if (directory)
        slot = k->paging == PAE ? a >> 21 & 511 : a >> 22;
    else
        slot = k->paging == PAE ? a >> 12 & 511 : a >> 12 & 1023;
    poke(&k->t, (table << 12) + slot * size, entry(k, slot, directory), size);
}

static void set_space(struct model *k)
{
    struct x86_cpu *c = k->t.c;
    uint32_t r = rnd(&k->t);

    c->cr3 = (rnd(&k->t) % 3) << 12;
    for (unsigned i = 0; i < 4; i++)
        c->pdpte[i] = (c->cr3 + 0x1000 * (i == 3 ? 3 * (r >> 8 & 1) : 0)) | P;
    c->cr0 = k->paging ? c->cr0 | CR0_PG : c->cr0 & ~(uint64_t)CR0_PG;
    c->cr0 = r % 8 ? c->cr0 | CR0_WP : c->cr0 & ~(uint64_t)CR0_WP;
    c->cr4 = CR4_PSE | (r % 16 < 8 ? CR4_PGE : 0) | (k->paging == PAE ? CR4_PAE : 0);
    c->a20_mask = r % 64 == 0;
    flushed(k);
}

/* A byte is written where the engine would write it: perhaps into a table. */
static void access_one(struct model *k)
{
    uint32_t a = linear(rnd(&k->t) % LINEAR) + (rnd(&k->t) & 0x7fc);
    bool write = rnd(&k->t) % 2, by_window;
    uint8_t *p = reach(&k->t, a, write, &by_window);

    note_grants(k);
    if (p && write && stamp(p - (a & 4095)) < TABLES)
        *p ^= (uint8_t)(A | D | W);
    else if (p && write)
        *p = (uint8_t)rnd(&k->t);
}

static void one_step(struct model *k)
{
    uint32_t r = rnd(&k->t) % 64;
    unsigned i = rnd(&k->t) % LINEAR;

    if (r < 36) {
        access_one(k);
    } else if (r < 44) {
        write_entry(k);
    } else if (r < 48) {
        smmu_ops.invlpg(k->t.m, k->t.c, linear(i));
        k->h[0][i].n = k->h[1][i].n = 0;
    } else if (r < 54) {
        set_user(&k->t, rnd(&k->t) & 1);
    } else if (r < 60) {
        smmu_ops.code_page(k->t.m, (gpa_t)(rnd(&k->t) % 128) << 12, r < 57);
    } else {
        set_space(k);
    }
    note_grants(k);
}

static void random_run(uint32_t page, unsigned paging, unsigned maps)
{
    struct model k = { .t = bench_new(page, maps), .paging = paging };
    struct smmu_window_stats s;

    for (unsigned i = 0; i < 400; i++)
        write_entry(&k);
    set_space(&k);
    for (unsigned step = 0; step < STEPS; step++) {
        one_step(&k);
        check_all(&k, step % 500 == 0);
    }
    smmu_window_get_stats(k.t.m, &s);
    ck_assert_uint_gt(s.fills, 5);
    if (paging != NO_PAGING)
        ck_assert(s.checked > s.stale && s.stale && s.table_writes > 20);
    bench_free(&k.t);
}

START_TEST(random_accesses_find_only_what_the_tables_grant)
{
    random_run(4096, (unsigned)_i % PAGINGS, _i < PAGINGS ? 0 : 256);
}
END_TEST

START_TEST(random_accesses_with_host_pages_of_16k)
{
    random_run(16384, (unsigned)_i, 0);
}
END_TEST

static void add_directed(TCase *t)
{
    tcase_add_test(t, neighbours_come_along_and_keep_their_accessed_and_dirty_bits);
    tcase_add_test(t, a_window_survives_cr3_loads_without_a_fill);
    tcase_add_test(t, a_written_table_is_compared_at_the_next_cr3_load);
    tcase_add_test(t, invlpg_drops_the_page_and_all_of_a_large_page);
    tcase_add_test(t, pages_with_code_and_tables_and_the_last_page_cannot_be_written);
    tcase_add_test(t, a_page_that_becomes_a_table_leaves_the_software_tlb);
    tcase_add_test(t, breakpoints_and_alignment_checks_have_no_window);
    tcase_add_test(t, a_host_page_of_16k_needs_four_like_pages_side_by_side);
    tcase_add_loop_test(t, mappings_are_counted_as_the_kernel_counts_them, 0, 2);
    tcase_add_test(t, windows_are_recycled_when_mappings_or_windows_run_out);
}

int main(void)
{
    Suite *s = suite_create("window");
    TCase *t = tcase_create("windows");
    SRunner *r = srunner_create(s);
    int failed;

    add_directed(t);
    tcase_add_loop_test(t, random_accesses_find_only_what_the_tables_grant, 0, 2 * PAGINGS);
    tcase_add_loop_test(t, random_accesses_with_host_pages_of_16k, 0, PAGINGS);
    tcase_set_timeout(t, 120);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
