/* window_priv.h - inside the windows: pages that are mapped, and the tables that they come from. */
/* SPDX-License-Identifier: MIT */
#ifndef SMMU_WINDOW_PRIV_H
#define SMMU_WINDOW_PRIV_H
#include "cpu-x86/cpu.h"
#include "shadow-mmu/smmu_priv.h"
#include "shadow-mmu/window.h"

/* A piece is what one page directory entry maps, 4 MiB (2 with PAE). Four more, without pages of
 * their own, stand for the page directories. */
enum { PIECES = 2048, DIRECTORIES = 4, DEPS = PIECES + DIRECTORIES };
enum { MAX_TABLES = 8192, TABLE_HASH = 4096, PAGE_HASH = 1 << 16 };
enum { BATCH = 16 };                 /* host pages around a miss */
#define CODE_BYTES ((UINT64_C(1) << (X86_GPA_BITS - 12)) / 8)

/* A host page in a window. Numbers count from 1, 0 = none. */
struct wpage {
    uint32_t next_pos, next_gpa;     /* of the same hash */
    uint32_t prev, next;             /* of the same piece */
    uint32_t pos;                    /* host pages from the window's lowest address */
    uint32_t gfn;                    /* 4 KiB pages: where it is in guest physical memory */
    uint32_t off;                    /* host pages: where in the file */
    int32_t  fd;
    uint8_t  win;
    bool     write, large;           /* large: from a large page */
    uint16_t piece;
};

/* What of a window depends on one table. Dirty: it may have been written since the pages were
 * compared with it. Not dirty: it is watched, and they agree. */
struct wdep {
    uint32_t page;                   /* first */
    struct wtable *table;            /* NULL = none */
    struct wdep *peer;               /* of the same table */
    uint16_t next_dirty;             /* of the same window, index + 1 */
    uint8_t  win;
    bool     dirty, large;           /* large: pages of large pages have been here */
};

struct wtable {                      /* a guest page that is, or was, a page table */
    gpa_t page;
    struct wtable *next;             /* of the same hash, or free */
    struct wdep *deps;
    bool watched;                    /* else written since: unsynced */
};

/* What makes a window: everything that a walk depends on but the tables' content. */
struct wkey { uint64_t cr3, pdpte[4]; uint32_t bits; };
enum { KEY_PG = 1, KEY_WP = 2, KEY_PSE = 4, KEY_PAE = 8, KEY_PGE = 16, KEY_NXE = 32, KEY_A20 = 64,
       KEY_USER = 128 };

struct window {
    uint8_t *low;                    /* of linear 80000000h; NULL = not reserved */
    bool     used;                   /* the key means something */
    struct wkey key;
    uint64_t stamp;                  /* last use */
    uint32_t pages;
    uint16_t dirty;                  /* list of deps, index + 1 */
    struct wdep dep[DEPS];
};

struct windows {
    unsigned shift;                  /* of a host page */
    unsigned max_windows, max_maps, max_pages;
    unsigned pages, maps;            /* now; maps counts as the kernel does */
    uint64_t stamp;
    uint32_t rebuilt;                /* times the kernel refused something and a window was emptied
                                        for it: lists of pages in hand are void */
    uint32_t gen;                    /* grows when smmu_window() may answer something else */
    struct window *cur[2];           /* of this key: supervisor, user; NULL = not looked up */
    struct wpage *page;              /* max_pages + 1 */
    uint32_t free_page;
    uint32_t by_pos[PAGE_HASH], by_gpa[PAGE_HASH];
    struct wtable table[MAX_TABLES], *by_table[TABLE_HASH], *free_table;
    unsigned tables;
    uint8_t *code;                   /* a bit a guest page: has translated code */
    struct smmu_window_stats stats;
    struct window win[SMMU_WINDOWS_MAX];
};

/* ---- window.c: mapping ----------------------------------------------------------------------- */
struct wnew { uint32_t pos, gfn, off; int32_t fd; bool write, large; uint16_t piece; };
uint32_t win_find(const struct windows *v, const struct window *w, uint32_t pos);
/* Maps n pages side by side that are not mapped yet; room was made. */
void win_map(struct smmu *m, struct window *w, const struct wnew *n, unsigned count);
void win_set_write(struct smmu *m, uint32_t page, bool on);
void win_drop(struct smmu *m, uint32_t page);
/* The guest's page `gpa` is not to be written through any window. */
void win_drop_writes(struct smmu *m, gpa_t gpa);
/* Unmaps all and forgets what it depended on. */
void win_empty(struct smmu *m, struct window *w);
/* For `count` more pages in w: empties the windows that were used least lately. */
void win_make_room(struct smmu *m, struct window *w, unsigned count);
/* The window of this key, NULL = there is none. */
struct window *win_lookup(struct windows *v, const struct wkey *key);
/* A new one for the key; NULL = there is no room for any. */
struct window *win_new(struct smmu *m, const struct wkey *key);
void win_free(struct windows *v);
uint32_t win_pos(const struct windows *v, uint32_t a);

/* ---- pt_watch.c: guest page tables ----------------------------------------------------------- */
/* dep depends on this table from now on, and on no other. False: it cannot be watched. */
bool win_depend(struct smmu *m, struct window *w, struct wdep *d, gpa_t table);
void win_undepend(struct smmu *m, struct wdep *d);
void win_dirty(struct window *w, struct wdep *d);
/* A write to this page is about to happen, or has happened. */
void win_table_written(struct smmu *m, gpa_t page);
void win_watch(struct smmu *m, struct wtable *t);
bool win_is_code(const struct windows *v, gpa_t page);
void win_set_code(struct windows *v, gpa_t page, bool on);
bool win_table_watched(const struct windows *v, gpa_t page);

/* ---- winsync.c: agreeing with the tables ----------------------------------------------------- */
/* CR0, CR3, CR4, EFER or A20 were written: the windows of the new key agree with its tables. */
void win_control_written(struct smmu *m, struct x86_cpu *c);
void win_invlpg(struct smmu *m, uint32_t a);
/* RAM may hold anything else now, at other places. */
void win_empty_all(struct smmu *m);
#endif
