/* mem_map.c - regions: the tree, its flat map, and who is told when the map changes. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/mem_priv.h"
#include <stdlib.h>
#include <string.h>

int mem_space_new(struct mem_space **out, const char *name, uint64_t size, struct vm_error *e)
{
    struct mem_space *sp = calloc(1, sizeof *sp);

    VM_ASSERT(size && size <= 1ull << 52);
    if (!sp)
        return vm_fail(e, VM_ENOMEM, "no memory for the address space \"%s\"", name);
    sp->watch_chunks = (size + (uint64_t)WATCH_CHUNK_PAGES * GUEST_PAGE - 1) /
                       ((uint64_t)WATCH_CHUNK_PAGES * GUEST_PAGE);
    sp->watch = calloc(sp->watch_chunks, sizeof *sp->watch);
    if (!sp->watch) {
        free(sp);
        return vm_fail(e, VM_ENOMEM, "no memory for the address space \"%s\"", name);
    }
    sp->name = name;
    sp->size = size;
    sp->guard = &sp->own_guard;
    sp->root = (struct mem_region){ .name = name, .kind = MEM_CONTAINER, .size = size,
                                    .target = &sp->root, .enabled = true };
    *out = sp;
    return VM_OK;
}

void mem_space_free(struct mem_space *sp)
{
    if (!sp)
        return;
    for (size_t i = 0; i < sp->watch_chunks; i++)
        free(sp->watch[i]);
    free(sp->watch);
    free(sp->map.span);
    free(sp);
}

struct mem_region *mem_root(struct mem_space *sp) { return &sp->root; }

/* ---- the tree ------------------------------------------------------------------------------- */

/* The space whose tree r is in, or NULL. A root is its own target; no other region is. */
static struct mem_space *space_of(struct mem_region *r)
{
    while (r->parent)
        r = r->parent;
    if (r->target != r)
        return NULL;
    return (struct mem_space *)((char *)r - offsetof(struct mem_space, root));
}

static void changed(struct mem_region *r)
{
    struct mem_space *sp = space_of(r);

    if (!sp)
        return;
    sp->dirty = true;
    if (sp->nesting == 0)
        mem_flatten(sp);
}

static void check_region(const struct mem_region *r)
{
    VM_ASSERT(r->size > 0 && !r->parent);
    if (r->kind == MEM_MMIO || r->ops) {
        VM_ASSERT(r->ops && r->ops->min_size >= 1 && r->ops->min_size <= r->ops->max_size);
        VM_ASSERT(r->ops->max_size <= 8 && !(r->ops->max_size & (r->ops->max_size - 1)));
    }
    if (r->kind == MEM_RAM || r->kind == MEM_ROM)
        VM_ASSERT(r->host && r->size % GUEST_PAGE == 0 && (uintptr_t)r->host % GUEST_PAGE == 0);
    if (r->kind == MEM_ALIAS)
        VM_ASSERT(r->target && r->target_off <= r->target->size &&
                  r->size <= r->target->size - r->target_off);
}

void mem_add(struct mem_region *parent, struct mem_region *r, uint64_t base, int prio)
{
    struct mem_region **at = &parent->child;

    check_region(r);
    VM_ASSERT(parent->kind == MEM_CONTAINER);
    while (*at && (*at)->prio > prio)
        at = &(*at)->sibling;
    r->base = base;
    r->prio = prio;
    r->parent = parent;
    r->enabled = true;
    r->sibling = *at;
    *at = r;
    changed(r);
}

void mem_remove(struct mem_region *r)
{
    struct mem_region *parent = r->parent;

    if (!parent)
        return;
    struct mem_region **at = &parent->child;
    while (*at != r)
        at = &(*at)->sibling;
    *at = r->sibling;
    r->parent = r->sibling = NULL;
    changed(parent);
}

void mem_enable(struct mem_region *r, bool on)
{
    if (r->enabled == on)
        return;
    r->enabled = on;
    if (r->parent)
        changed(r->parent);
}

void mem_begin(struct mem_space *sp) { sp->nesting++; }

void mem_commit(struct mem_space *sp)
{
    VM_ASSERT(sp->nesting > 0);
    if (--sp->nesting == 0 && sp->dirty)
        mem_flatten(sp);
}

/* ---- the flat map --------------------------------------------------------------------------- */

static void map_insert(struct mem_map *map, size_t at, struct mem_span s)
{
    if (map->n == map->cap) {
        size_t cap = map->cap ? 2 * map->cap : 32;
        struct mem_span *p = realloc(map->span, cap * sizeof *p);
        VM_ASSERT(p);                /* some dozens of rows; a host this short cannot go on */
        map->span = p;
        map->cap = cap;
    }
    memmove(&map->span[at + 1], &map->span[at], (map->n - at) * sizeof s);
    map->span[at] = s;
    map->n++;
}

/* Lays the leaf [from, to) under what is there already: only gaps take it. */
static void map_fill(struct mem_map *map, struct mem_region *r, uint64_t from, uint64_t to,
                     uint64_t off)
{
    for (size_t i = 0; from < to; i++) {
        uint64_t taken_from = i < map->n ? map->span[i].gpa : to;
        uint64_t taken_to = i < map->n ? taken_from + map->span[i].size : to;
        if (from < taken_from) {
            uint64_t stop = taken_from < to ? taken_from : to;
            map_insert(map, i, (struct mem_span){ from, stop - from, r, off });
            off += stop - from;
            from = stop;
        } else if (from < taken_to) {
            off += taken_to - from;
            from = taken_to;
        }
    }
}

/* What shows of region r, whose byte r_off lies at `from`, in [from, to). */
static void render(struct mem_map *map, struct mem_region *r, uint64_t from, uint64_t to,
                   uint64_t r_off, unsigned depth)
{
    VM_ASSERT(depth < 16);           /* an alias of its own container */
    if (!r->enabled && r->parent)
        return;
    if (r->kind == MEM_ALIAS) {
        render(map, r->target, from, to, r->target_off + r_off, depth + 1);
        return;
    }
    if (r->kind != MEM_CONTAINER) {
        map_fill(map, r, from, to, r_off);
        return;
    }
    for (struct mem_region *c = r->child; c; c = c->sibling) {
        uint64_t end = c->size > UINT64_MAX - c->base ? UINT64_MAX : c->base + c->size;
        uint64_t lo = c->base > r_off ? c->base : r_off;
        uint64_t hi = end < r_off + (to - from) ? end : r_off + (to - from);
        if (lo < hi)
            render(map, c, from + (lo - r_off), from + (hi - r_off), lo - c->base, depth + 1);
    }
}

static const struct mem_span *map_at(const struct mem_map *map, size_t *i, uint64_t a)
{
    while (*i < map->n && map->span[*i].gpa + map->span[*i].size <= a)
        (*i)++;
    return *i < map->n && map->span[*i].gpa <= a ? &map->span[*i] : NULL;
}

static uint64_t map_edge(const struct mem_map *map, size_t i, uint64_t a, uint64_t end)
{
    if (i >= map->n)
        return end;
    return map->span[i].gpa > a ? map->span[i].gpa : map->span[i].gpa + map->span[i].size;
}

static bool same_row(const struct mem_span *x, const struct mem_span *y, uint64_t a)
{
    if (!x || !y)
        return x == y;
    return x->region == y->region && x->region_off + (a - x->gpa) == y->region_off + (a - y->gpa);
}

static void tell(struct mem_space *sp, uint64_t from, uint64_t to)
{
    if (from < to)
        for (struct mem_listener *l = sp->listeners; l; l = l->next)
            if (l->map_changed)
                l->map_changed(l->self, from, to - from);
}

/* Walks both maps by their common edges; each stretch that differs is told once. */
static void tell_differences(struct mem_space *sp, const struct mem_map *old)
{
    size_t i = 0, j = 0;
    uint64_t a = 0, from = 0;
    bool differs = false;

    while (a < sp->size) {
        const struct mem_span *x = map_at(old, &i, a), *y = map_at(&sp->map, &j, a);
        uint64_t ex = map_edge(old, i, a, sp->size), ey = map_edge(&sp->map, j, a, sp->size);
        bool d = !same_row(x, y, a);
        if (d && !differs)
            from = a;
        if (!d && differs)
            tell(sp, from, a);
        differs = d;
        a = ex < ey ? ex : ey;
    }
    if (differs)
        tell(sp, from, sp->size);
}

void mem_flatten(struct mem_space *sp)
{
    struct mem_map old = sp->map;

    sp->dirty = false;
    sp->map = (struct mem_map){ 0 };
    sp->last = 0;
    render(&sp->map, &sp->root, 0, sp->size, 0, 0);
    tell_differences(sp, &old);
    free(old.span);
}

void mem_listen(struct mem_space *sp, struct mem_listener *l)
{
    l->next = sp->listeners;
    sp->listeners = l;
}

void mem_walk(struct mem_space *sp, void (*row)(void *self, const struct mem_span *s), void *self)
{
    for (size_t i = 0; i < sp->map.n; i++)
        row(self, &sp->map.span[i]);
}
