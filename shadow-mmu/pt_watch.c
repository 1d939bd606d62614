/* pt_watch.c - guest page tables that windows depend on: watched until they are written.
 *
 * The first write to a watched table makes it unsynced: it may be written freely, and what depends
 * on it is dirty until the next CR3 load compares it (winsync.c). */
/* SPDX-License-Identifier: MIT */
#include "shadow-mmu/window_priv.h"

/* ---- pages with code, which the engine wants to hear of -------------------------------------- */

bool win_is_code(const struct windows *v, gpa_t page)
{
    uint64_t n = page >> 12;

    return n / 8 < CODE_BYTES && (v->code[n / 8] >> n % 8 & 1);
}

void win_set_code(struct windows *v, gpa_t page, bool on)
{
    uint64_t n = page >> 12;

    if (n / 8 >= CODE_BYTES)
        return;
    v->code[n / 8] = (uint8_t)((v->code[n / 8] & ~(1u << n % 8)) | (unsigned)on << n % 8);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static struct wtable **slot(struct windows *v, gpa_t page)
{
    struct wtable **t = &v->by_table[(page >> 12 ^ page >> 24) % TABLE_HASH];

    while (*t && (*t)->page != page)
        t = &(*t)->next;
    return t;
}

bool win_table_watched(const struct windows *v, gpa_t page)
{
    const struct wtable *t = v->by_table[(page >> 12 ^ page >> 24) % TABLE_HASH];

    while (t && t->page != page)
        t = t->next;
    return t && t->watched;
}

bool smmu_only_table(const struct smmu *m, gpa_t a)
{
    gpa_t page = a & ~(gpa_t)(GUEST_PAGE - 1);

    return m->win && !win_is_code(m->win, page) && win_table_watched(m->win, page);
}

void win_dirty(struct window *w, struct wdep *d)
{
    if (d->dirty)
        return;
    d->dirty = true;
    d->next_dirty = w->dirty;
    w->dirty = (uint16_t)(d - w->dep + 1);
}

static void unwatch(struct smmu *m, struct wtable *t)
{
    t->watched = false;
    mem_watch(m->ram, t->page, win_is_code(m->win, t->page));
}

void win_table_written(struct smmu *m, gpa_t a)
{
    struct windows *v = m->win;
    struct wtable *t = *slot(v, a & ~(gpa_t)(GUEST_PAGE - 1));

    if (!t || !t->watched)
        return;
    v->stats.table_writes++;
    unwatch(m, t);
    for (struct wdep *d = t->deps; d; d = d->peer)
        win_dirty(&v->win[d->win], d);
}

void win_watch(struct smmu *m, struct wtable *t)
{
    if (t->watched)
        return;
    t->watched = true;
    mem_watch(m->ram, t->page, true);
    smmu_drop_tlb_writes(m->cpu, t->page);
    win_drop_writes(m, t->page);
}

static struct wtable *table(struct smmu *m, gpa_t page)
{
    struct windows *v = m->win;
    struct wtable **t = slot(v, page), *new = v->free_table;

    if (*t || !new)
        return *t;
    v->free_table = new->next;
    *new = (struct wtable){ .page = page };
    *t = new;
    v->tables++;
    win_watch(m, new);
    return new;
}

void win_undepend(struct smmu *m, struct wdep *d)
{
    struct windows *v = m->win;
    struct wtable *t = d->table, **at;

    if (!t)
        return;
    for (struct wdep **p = &t->deps;; p = &(*p)->peer)
        if (*p == d) {
            *p = d->peer;
            break;
        }
    d->table = NULL;
    if (t->deps)
        return;
    if (t->watched)
        unwatch(m, t);
    at = slot(v, t->page);
    *at = t->next;
    t->next = v->free_table;
    v->free_table = t;
    v->tables--;
}

bool win_depend(struct smmu *m, struct window *w, struct wdep *d, gpa_t page)
{
    struct wtable *t;
    uint64_t off;
    int fd;

    if (d->table && d->table->page == page)
        return true;
    if (!mem_page_file(m->ram, page, &fd, &off))
        return false;
    win_undepend(m, d);
    t = table(m, page);
    if (!t)
        return false;
    d->table = t;
    d->peer = t->deps;
    t->deps = d;
    if (!t->watched)
        win_dirty(w, d);
    return true;
}
