/* winsync.c - what may be in a window: filling it from the guest's tables, and agreeing with them.
 *
 * A page is mapped only with what the walker grants without setting a bit: A set in every level,
 * and to be written D set, too, and not watched. x86 lets a TLB be stale until INVLPG or a write of
 * CR0, CR3 or CR4 (SDM vol. 3 4.10.4): then the pages of written tables are compared again. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/state.h"
#include "shadow-mmu/window_priv.h"

enum { DR7_ENABLES = 0xff };

struct view { struct smmu *m; const struct x86_cpu *c; struct window *w; bool user; };

/* ---- keys ------------------------------------------------------------------------------------ */

static struct wkey key_of(const struct x86_cpu *c, bool user)
{
    struct wkey k = { .bits = (c->a20_mask ? KEY_A20 : 0u) | (user ? KEY_USER : 0u) };

    if (!(c->cr0 & CR0_PG))
        return k;
    k.bits |= KEY_PG | (c->cr0 & CR0_WP ? KEY_WP : 0u) | (c->cr4 & CR4_PSE ? KEY_PSE : 0u) |
              (c->cr4 & CR4_PGE ? KEY_PGE : 0u) | (c->efer & EFER_NXE ? KEY_NXE : 0u);
    k.cr3 = c->cr3 & ~UINT64_C(0xfff);
    if (c->cr4 & CR4_PAE) {
        k.bits |= KEY_PAE;
        k.cr3 = c->cr3 & ~UINT64_C(0x1f);
        for (unsigned i = 0; i < 4; i++)
            k.pdpte[i] = c->pdpte[i];
    }
    return k;
}

static unsigned piece_of(const struct window *w, uint32_t a)
{
    return a >> (w->key.bits & KEY_PAE ? 21 : 22);
}

static struct wdep *directory(struct window *w, uint32_t a)
{
    return &w->dep[PIECES + (w->key.bits & KEY_PAE ? a >> 30 : 0)];
}

/* ---- one host page --------------------------------------------------------------------------- */

/* What the window may have for the 4 KiB page at a. */
static bool one_page(const struct view *k, uint32_t a, struct wnew *n, uint64_t *off)
{
    struct smmu_walk w;
    gpa_t gpa;
    bool writable;

    if (smmu_walk(k->m, k->c, a, ACC_R, k->user, false, &w) || !w.a)
        return false;
    gpa = k->c->a20_mask ? w.gpa & ~(gpa_t)0x100000 : w.gpa;
    if (!mem_page_file(k->m->ram, gpa, &n->fd, off) || !mem_page(k->m->ram, gpa, &writable))
        return false;
    n->gfn = (uint32_t)(gpa >> 12);
    n->write = w.w && w.d && writable;
    n->large = w.page_shift == 21 || w.page_shift == 22;
    return true;
}

/* All guest pages of the host page at a: side by side, at a whole host page, with the least rights
 * of any. Never the last page: an access that goes on at 0 is for the slow path. */
static bool host_page(const struct view *k, uint32_t a, struct wnew *out)
{
    unsigned shift = k->m->win->shift, pages = 1u << (shift - 12);
    uint64_t off, next;

    a &= ~((1u << shift) - 1);
    if (a == (uint32_t)-(1u << shift) || !one_page(k, a, out, &off) ||
        (off & ((1u << shift) - 1)) || (out->gfn & (pages - 1)))
        return false;
    for (unsigned i = 1; i < pages; i++) {
        struct wnew n;

        if (!one_page(k, a + (i << 12), &n, &next) || n.fd != out->fd || next != off + (i << 12) ||
            n.gfn != out->gfn + i)
            return false;
        out->write &= n.write;
        out->large |= n.large;
    }
    out->off = (uint32_t)(off >> shift);
    out->pos = win_pos(k->m->win, a);
    out->piece = (uint16_t)piece_of(k->w, a);
    return true;
}

static bool same_place(const struct wpage *p, const struct wnew *n)
{
    return p->gfn == n->gfn && p->off == n->off && p->fd == n->fd;
}

/* ---- filling --------------------------------------------------------------------------------- */

/* The tables are watched, or known as unsynced, before anything that is read from them is kept. */
static bool depend(const struct view *k, uint32_t a)
{
    struct wdep *dir = directory(k->w, a), *d = &k->w->dep[piece_of(k->w, a)];
    struct smmu_walk w;

    if (smmu_walk(k->m, k->c, a, ACC_R, k->user, false, &w))
        return false;
    if (w.levels && !win_depend(k->m, k->w, dir, w.table[0]))
        return false;
    if (w.levels > 1 && !win_depend(k->m, k->w, d, w.table[1]))
        return false;
    return k->w->low && (!w.levels || dir->table) && (w.levels < 2 || d->table);
}

/* The pages around a that can be mapped and are not. */
static unsigned collect(const struct view *k, uint32_t a, struct wnew *n)
{
    struct windows *v = k->m->win;
    uint32_t first = a & ~((uint32_t)BATCH * (1u << v->shift) - 1);
    unsigned count = 0;

    for (unsigned i = 0; i < BATCH; i++) {
        uint32_t at = first + (i << v->shift);

        if (!win_find(v, k->w, win_pos(v, at)) && host_page(k, at, &n[count]))
            count++;
    }
    return count;
}

static bool fill(const struct view *k, uint32_t a, bool write)
{
    struct windows *v = k->m->win;
    struct wnew asked, n[BATCH];
    uint32_t pos = win_pos(v, a), there, rebuilt;
    unsigned count;

    win_make_room(k->m, k->w, BATCH);
    rebuilt = v->rebuilt;
    if (!depend(k, a) || !host_page(k, a, &asked) || (write && !asked.write))
        return false;
    there = win_find(v, k->w, pos);
    if (there && same_place(&v->page[there], &asked)) {
        if (v->page[there].write != asked.write)
            win_set_write(k->m, there, asked.write);
        return v->rebuilt == rebuilt;
    }
    if (there)
        win_drop(k->m, there);
    count = collect(k, a, n);
    if (v->rebuilt == rebuilt)
        win_map(k->m, k->w, n, count);
    v->stats.batched += count - 1;
    return v->rebuilt == rebuilt;
}

bool smmu_window_fill(struct smmu *m, struct x86_cpu *c, uint32_t a, bool write)
{
    struct view k = { m, c, m->win->cur[(c->mode & MODE_USER) != 0], c->mode & MODE_USER };

    if (k.w && fill(&k, a, write)) {
        m->win->stats.fills++;
        return true;
    }
    m->win->stats.refused++;
    return false;
}

/* ---- agreeing -------------------------------------------------------------------------------- */

static void check_page(const struct view *k, uint32_t i)
{
    struct windows *v = k->m->win;
    struct wpage *p = &v->page[i];
    uint32_t a = (p->pos << v->shift) ^ 0x80000000u;
    struct wnew n;

    v->stats.checked++;
    if (!host_page(k, a, &n) || !same_place(p, &n) || !depend(k, a)) {
        v->stats.stale++;
        win_drop(k->m, i);
    } else if (p->write && !n.write) {
        win_set_write(k->m, i, false);
    }
}

static void check_piece(const struct view *k, struct wdep *d)
{
    const struct windows *v = k->m->win;
    uint32_t rebuilt = v->rebuilt;

    for (uint32_t i = d->page, next; i && v->rebuilt == rebuilt; i = next) {
        next = v->page[i].next;
        check_page(k, i);
    }
}

/* Watches first, so that nothing is written between. */
static void check_dep(const struct view *k, struct wdep *d)
{
    bool dir = d >= &k->w->dep[PIECES];

    if (dir ? !k->w->pages : !d->page) {
        win_undepend(k->m, d);
        d->large = false;
        return;
    }
    if (d->table)
        win_watch(k->m, d->table);
    for (unsigned i = 0; dir && i < PIECES; i++)
        check_piece(k, &k->w->dep[i]);
    check_piece(k, d);
}

/* What check_dep makes dirty again is a table that has become another: once more. */
static void sync(const struct view *k)
{
    while (k->w->dirty) {
        struct wdep *d = &k->w->dep[k->w->dirty - 1];

        k->w->dirty = d->next_dirty;
        d->dirty = false;
        check_dep(k, d);
    }
}

void win_control_written(struct smmu *m, struct x86_cpu *c)
{
    struct windows *v = m->win;

    v->gen++;
    v->cur[0] = v->cur[1] = NULL;
    for (unsigned user = 0; user < 2; user++) {
        struct wkey key = key_of(c, user);
        struct view k = { m, c, win_lookup(v, &key), user };

        v->cur[user] = k.w;
        if (!k.w)
            continue;
        v->stats.switches++;
        sync(&k);
    }
}

void win_invlpg(struct smmu *m, uint32_t a)
{
    struct windows *v = m->win;

    for (unsigned user = 0; user < 2; user++) {
        struct window *w = v->cur[user];
        struct wdep *d = w ? &w->dep[piece_of(w, a)] : NULL;
        uint32_t i = w ? win_find(v, w, win_pos(v, a)) : 0, rebuilt = v->rebuilt;

        if (i)
            win_drop(m, i);
        for (uint32_t next, p = d && d->large ? d->page : 0; p && v->rebuilt == rebuilt; p = next) {
            next = v->page[p].next;
            if (v->page[p].large)
                win_drop(m, p);
        }
    }
}

void win_empty_all(struct smmu *m)
{
    for (unsigned i = 0; i < SMMU_WINDOWS_MAX; i++)
        if (m->win->win[i].used) {
            m->win->stats.emptied++;
            win_empty(m, &m->win->win[i]);
        }
}

uintptr_t smmu_window(struct smmu *m, struct x86_cpu *c)
{
    bool user = c->mode & MODE_USER;
    struct window **w = &m->win->cur[user];

    if (c->tlb == c->tlb_sets[TLB_STRICT] || (c->dr[7] & DR7_ENABLES))
        return 0;
    if (!*w) {
        struct wkey key = key_of(c, user);

        *w = win_lookup(m->win, &key);
        if (!*w)
            *w = win_new(m, &key);
    }
    return *w ? (uintptr_t)(*w)->low + 0x80000000u : 0;
}
