/* window.c - windows: reserving, mapping, protecting, emptying; how many mappings that makes. */
/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "devmodel/base/vm_assert.h"
#include "shadow-mmu/window_priv.h"

#define WINDOW_BYTES (UINT64_C(1) << 32)
#define GUARD        (UINT64_C(1) << 16)
enum { NO_ACCESS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

/* ---- pages that are mapped ------------------------------------------------------------------- */

static unsigned pos_hash(unsigned win, uint32_t pos)
{
    return (pos * 0x9e3779b1u + win * 0x85ebca6bu) >> 16;
}

/* By host page, so that any guest page in it finds it. */
static unsigned gpa_hash(const struct windows *v, uint32_t gfn)
{
    return ((gfn >> (v->shift - 12)) * 0x9e3779b1u) >> 16;
}

static unsigned number(const struct windows *v, const struct window *w)
{
    return (unsigned)(w - v->win);
}

uint32_t win_find(const struct windows *v, const struct window *w, uint32_t pos)
{
    uint32_t i = v->by_pos[pos_hash(number(v, w), pos)];

    while (i && (v->page[i].pos != pos || v->page[i].win != number(v, w)))
        i = v->page[i].next_pos;
    return i;
}

static const struct wpage *at(const struct windows *v, const struct window *w, uint32_t pos)
{
    return &v->page[win_find(v, w, pos)];
}

/* Whether the kernel keeps two neighbours, the second one page higher, as one mapping. */
static bool joined(const struct windows *v, const struct wpage *a, const struct wpage *b)
{
    if (a == v->page || b == v->page)
        return a == b;
    return a->fd == b->fd && a->write == b->write && a->off + 1 == b->off;
}

/* Borders between mappings before and behind this page: what a change of it may move. */
static unsigned borders(const struct windows *v, const struct window *w, uint32_t pos)
{
    const struct wpage *p = at(v, w, pos);

    return !joined(v, at(v, w, pos - 1), p) + !joined(v, p, at(v, w, pos + 1));
}

static void link_page(struct windows *v, struct window *w, const struct wnew *n)
{
    uint32_t i = v->free_page, *pos, *gpa, *first = &w->dep[n->piece].page;
    struct wpage *p = &v->page[i];

    VM_ASSERT(i);
    v->free_page = p->next;
    *p = (struct wpage){ .pos = n->pos, .gfn = n->gfn, .off = n->off, .fd = n->fd,
                         .write = n->write, .large = n->large, .piece = n->piece,
                         .win = (uint8_t)number(v, w), .next = *first };
    v->page[*first].prev = i;
    *first = i;
    w->dep[n->piece].large |= n->large;
    pos = &v->by_pos[pos_hash(p->win, p->pos)];
    p->next_pos = *pos;
    gpa = &v->by_gpa[gpa_hash(v, p->gfn)];
    p->next_gpa = *gpa;
    v->maps -= borders(v, w, n->pos);
    *pos = *gpa = i;
    v->maps += borders(v, w, n->pos);
    v->pages++;
    w->pages++;
}

static void unlink_page(struct windows *v, struct window *w, uint32_t i)
{
    struct wpage *p = &v->page[i];
    uint32_t *k;

    v->maps -= borders(v, w, p->pos);
    for (k = &v->by_pos[pos_hash(p->win, p->pos)]; *k != i; k = &v->page[*k].next_pos)
        ;
    *k = p->next_pos;
    for (k = &v->by_gpa[gpa_hash(v, p->gfn)]; *k != i; k = &v->page[*k].next_gpa)
        ;
    *k = p->next_gpa;
    v->maps += borders(v, w, p->pos);
    *(p->prev ? &v->page[p->prev].next : &w->dep[p->piece].page) = p->next;
    v->page[p->next].prev = p->prev;
    *p = (struct wpage){ .next = v->free_page };
    v->free_page = i;
    v->pages--;
    w->pages--;
}

uint32_t win_pos(const struct windows *v, uint32_t a) { return (a ^ 0x80000000u) >> v->shift; }

static uint8_t *host(const struct windows *v, const struct window *w, uint32_t pos)
{
    return w->low + ((uint64_t)pos << v->shift);
}

/* ---- windows --------------------------------------------------------------------------------- */

static bool cover(uint8_t *low)
{
    return mmap(low, WINDOW_BYTES, PROT_NONE, NO_ACCESS | MAP_FIXED, -1, 0) == low;
}

static void unlink_all(struct smmu *m, struct window *w)
{
    struct windows *v = m->win;

    for (unsigned i = 0; i < DEPS; i++) {
        while (w->dep[i].page)
            unlink_page(v, w, w->dep[i].page);
        win_undepend(m, &w->dep[i]);
        w->dep[i].dirty = w->dep[i].large = false;
        w->dep[i].next_dirty = 0;
    }
    w->dirty = 0;
}

/* When the kernel refuses, the addresses may hold anything: never used again. */
static void abandon(struct windows *v, struct window *w)
{
    for (unsigned i = 0; i < 2; i++)
        if (v->cur[i] == w)
            v->cur[i] = NULL;
    w->low = NULL;
    w->used = false;
    v->maps--;
    v->max_windows = 0;
    v->gen++;
}

/* The kernel has refused a change in w. */
static void rebuild(struct smmu *m, struct window *w)
{
    m->win->rebuilt++;
    unlink_all(m, w);
    if (!cover(w->low))
        abandon(m->win, w);
}

void win_empty(struct smmu *m, struct window *w)
{
    bool mapped = w->pages;

    unlink_all(m, w);
    if (mapped && !cover(w->low))
        abandon(m->win, w);
}

static bool reserve(struct windows *v, struct window *w)
{
    uint8_t *p = mmap(NULL, WINDOW_BYTES + 2 * GUARD, PROT_NONE, NO_ACCESS, -1, 0);

    if (p == MAP_FAILED)
        return false;
    w->low = p + GUARD;
    v->maps++;
    for (unsigned i = 0; i < DEPS; i++)
        w->dep[i].win = (uint8_t)number(v, w);
    return true;
}

static bool same_key(const struct wkey *a, const struct wkey *b)
{
    return a->cr3 == b->cr3 && a->bits == b->bits && !memcmp(a->pdpte, b->pdpte, sizeof a->pdpte);
}

/* The one used least lately, with pages or without; not one of those in use. */
static struct window *oldest(struct windows *v, uint32_t pages)
{
    struct window *w = NULL;

    for (unsigned i = 0; i < SMMU_WINDOWS_MAX; i++) {
        struct window *x = &v->win[i];

        if (x->low && x != v->cur[0] && x != v->cur[1] && x->pages >= pages &&
            (!w || x->stamp < w->stamp))
            w = x;
    }
    return w;
}

static struct window *fresh(struct smmu *m)
{
    struct windows *v = m->win;
    struct window *w;

    for (unsigned i = 0; i < v->max_windows; i++) {
        if (v->win[i].used)
            continue;
        if (v->win[i].low || reserve(v, &v->win[i]))
            return &v->win[i];
        v->max_windows = i;          /* the host's addresses are used up */
    }
    w = oldest(v, 0);
    if (!w)
        return NULL;
    v->stats.recycled++;
    w->used = false;
    win_empty(m, w);
    return w->low ? w : NULL;
}

struct window *win_lookup(struct windows *v, const struct wkey *key)
{
    for (unsigned i = 0; i < SMMU_WINDOWS_MAX; i++)
        if (v->win[i].used && same_key(&v->win[i].key, key)) {
            v->win[i].stamp = ++v->stamp;
            return &v->win[i];
        }
    return NULL;
}

struct window *win_new(struct smmu *m, const struct wkey *key)
{
    struct window *w = fresh(m);

    if (!w)
        return NULL;
    w->key = *key;
    w->used = true;
    w->stamp = ++m->win->stamp;
    return w;
}

/* ---- mapping --------------------------------------------------------------------------------- */

static bool map_run(struct windows *v, struct window *w, const struct wnew *n, unsigned count)
{
    uint8_t *p = host(v, w, n->pos);

    return mmap(p, (size_t)count << v->shift, n->write ? PROT_READ | PROT_WRITE : PROT_READ,
                MAP_SHARED | MAP_FIXED, n->fd, (off_t)((uint64_t)n->off << v->shift)) == p;
}

static unsigned run_length(const struct wnew *n, unsigned count)
{
    unsigned k = 1;

    while (k < count && n[k].fd == n->fd && n[k].write == n->write && n[k].off == n->off + k &&
           n[k].pos == n->pos + k)
        k++;
    return k;
}

void win_map(struct smmu *m, struct window *w, const struct wnew *n, unsigned count)
{
    struct windows *v = m->win;

    for (unsigned k; count; n += k, count -= k) {
        k = run_length(n, count);
        for (unsigned i = 0; i < k; i++)
            link_page(v, w, &n[i]);
        if (!map_run(v, w, n, k)) {
            rebuild(m, w);
            return;
        }
    }
}

void win_set_write(struct smmu *m, uint32_t i, bool on)
{
    struct windows *v = m->win;
    struct wpage *p = &v->page[i];
    struct window *w = &v->win[p->win];

    v->stats.protects += !on;
    v->maps -= borders(v, w, p->pos);
    p->write = on;
    v->maps += borders(v, w, p->pos);
    if (mprotect(host(v, w, p->pos), (size_t)1 << v->shift,
                 on ? PROT_READ | PROT_WRITE : PROT_READ) < 0)
        rebuild(m, w);
}

void win_drop(struct smmu *m, uint32_t page)
{
    struct windows *v = m->win;
    struct window *w = &v->win[v->page[page].win];
    uint8_t *p = host(v, w, v->page[page].pos);

    v->stats.drops++;
    unlink_page(v, w, page);
    if (mmap(p, (size_t)1 << v->shift, PROT_NONE, NO_ACCESS | MAP_FIXED, -1, 0) != p)
        rebuild(m, w);
}

/* Emptying a window changes the chain: begin again. */
void win_drop_writes(struct smmu *m, gpa_t gpa)
{
    struct windows *v = m->win;
    uint32_t group = (uint32_t)(gpa >> v->shift), i;

    for (i = v->by_gpa[gpa_hash(v, (uint32_t)(gpa >> 12))]; i;) {
        if (v->page[i].gfn >> (v->shift - 12) != group || !v->page[i].write) {
            i = v->page[i].next_gpa;
            continue;
        }
        win_set_write(m, i, false);
        i = v->by_gpa[gpa_hash(v, (uint32_t)(gpa >> 12))];
    }
}

/* A run of pages makes two more mappings at most. */
void win_make_room(struct smmu *m, struct window *w, unsigned count)
{
    struct windows *v = m->win;

    while (v->pages + count > v->max_pages || v->maps + 2 * count > v->max_maps) {
        struct window *old = oldest(v, 1);

        if (!old)
            old = w->pages ? w : v->cur[w == v->cur[0]];
        VM_ASSERT(old && old->pages);
        v->stats.recycled++;
        win_empty(m, old);
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

static unsigned kernel_maps(void)
{
    unsigned n = 65530;              /* Linux' default */
    FILE *f = fopen("/proc/sys/vm/max_map_count", "r");

    if (f && fscanf(f, "%u", &n) != 1)
        n = 65530;
    if (f)
        fclose(f);
    return n < 1 << 20 ? n : 1 << 20;
}

enum { FEWEST_MAPS = 256, FEWEST_PAGES = 64, DEFAULT_WINDOWS = 32, DEFAULT_PAGES = 1 << 16 };

static int check(const struct smmu_window_options *o, struct vm_error *e)
{
    if (o->page < 4096 || o->page > 65536 || (o->page & (o->page - 1)))
        return vm_fail(e, VM_EINVAL, "windows cannot be made of host pages of %u bytes", o->page);
    if (o->windows > SMMU_WINDOWS_MAX || (o->maps && o->maps < FEWEST_MAPS) ||
        (o->pages && o->pages < FEWEST_PAGES))
        return vm_fail(e, VM_EINVAL, "windows: at most %d, with at least %d mappings and %d pages",
                       SMMU_WINDOWS_MAX, FEWEST_MAPS, FEWEST_PAGES);
    return VM_OK;
}

static void init(struct windows *v, const struct smmu_window_options *o)
{
    v->shift = (unsigned)__builtin_ctz(o->page);
    v->max_windows = o->windows ? o->windows : DEFAULT_WINDOWS;
    v->max_pages = o->pages ? o->pages : DEFAULT_PAGES;
    v->max_maps = o->maps ? o->maps : kernel_maps() / 4 * 3;
    for (unsigned i = v->max_pages; i; i--) {
        v->page[i].next = v->free_page;
        v->free_page = i;
    }
    for (unsigned i = MAX_TABLES; i-- > 0;) {
        v->table[i].next = v->free_table;
        v->free_table = &v->table[i];
    }
}

int smmu_windows_open(struct smmu *m, const struct smmu_window_options *o, struct vm_error *e)
{
    struct windows *v;

    VM_TRY(check(o, e));
    v = calloc(1, sizeof *v);
    if (v) {
        v->page = calloc((o->pages ? o->pages : DEFAULT_PAGES) + 1, sizeof *v->page);
        v->code = calloc(1, CODE_BYTES);
    }
    if (!v || !v->page || !v->code) {
        win_free(v);
        return vm_fail(e, VM_ENOMEM, "no memory for the windows' tables");
    }
    init(v, o);
    m->win = v;
    return VM_OK;
}

void win_free(struct windows *v)
{
    for (unsigned i = 0; v && i < SMMU_WINDOWS_MAX; i++)
        if (v->win[i].low)
            munmap(v->win[i].low - GUARD, WINDOW_BYTES + 2 * GUARD);
    if (v) {
        free(v->page);
        free(v->code);
    }
    free(v);
}

const uint32_t *smmu_window_gen(const struct smmu *m) { return &m->win->gen; }

void smmu_window_get_stats(const struct smmu *m, struct smmu_window_stats *out)
{
    const struct windows *v = m->win;

    *out = v->stats;
    out->pages = v->pages;
    out->maps = v->maps;
    out->tables = v->tables;
    out->windows = 0;
    for (unsigned i = 0; i < SMMU_WINDOWS_MAX; i++)
        out->windows += v->win[i].used;
}

bool smmu_window_look(struct smmu *m, bool user, uint32_t a, uint8_t **at_host, bool *write)
{
    const struct windows *v = m->win;
    const struct window *w = v->cur[user];
    uint32_t i = w ? win_find(v, w, win_pos(v, a)) : 0;

    if (w)
        *at_host = w->low + (a ^ 0x80000000u);
    *write = i && v->page[i].write;
    return i;
}
