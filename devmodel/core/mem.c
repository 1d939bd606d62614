/* mem.c - accesses through an address space: RAM directly, devices by their callbacks, DMA.
 *
 * The rule against re-entry is here and not in the devices: while one callback runs, no other one
 * is reached through any space of the same guard (bug class of CVE-2021-3750, CVE-2021-3929). */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_assert.h"
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/mem_priv.h"
#include "devmodel/core/ram.h"
#include <stdlib.h>

const struct mem_span *mem_find(struct mem_space *sp, gpa_t a)
{
    const struct mem_span *s = sp->map.span;

    if (sp->last < sp->map.n && a - s[sp->last].gpa < s[sp->last].size)
        return &s[sp->last];
    size_t lo = 0, hi = sp->map.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s[mid].gpa > a) {
            hi = mid;
        } else if (a - s[mid].gpa < s[mid].size) {
            sp->last = mid;
            return &s[mid];
        } else {
            lo = mid + 1;
        }
    }
    return NULL;
}

uint8_t *mem_page(struct mem_space *sp, gpa_t a, bool *writable)
{
    const struct mem_span *s = mem_find(sp, a);
    gpa_t page = a & ~(gpa_t)(GUEST_PAGE - 1);

    if (!s || s->region->kind == MEM_MMIO)
        return NULL;
    if (page < s->gpa || s->size - (page - s->gpa) < GUEST_PAGE)
        return NULL;
    *writable = s->region->kind == MEM_RAM && !mem_watched(sp, page);
    return s->region->host + s->region_off + (page - s->gpa);
}

bool mem_page_file(struct mem_space *sp, gpa_t a, int *fd, uint64_t *offset)
{
    bool writable;
    const uint8_t *page = mem_page(sp, a, &writable);
    const struct ram *ram = page ? mem_find(sp, a)->region->ram : NULL;

    if (!ram)
        return false;
    *fd = ram->fd;
    *offset = (uint64_t)(page - ram->host);
    return true;
}

void mem_get_stats(const struct mem_space *sp, struct mem_stats *out) { *out = sp->stats; }

void mem_share_guard(struct mem_space *sp, struct mem_space *other) { sp->guard = other->guard; }

/* ---- watched pages -------------------------------------------------------------------------- */

void mem_watch(struct mem_space *sp, gpa_t page, bool on)
{
    uint64_t n = page / GUEST_PAGE, chunk = n / WATCH_CHUNK_PAGES, bit = n % WATCH_CHUNK_PAGES;

    if (page >= sp->size || mem_watched(sp, page) == on)
        return;
    if (!sp->watch[chunk]) {
        sp->watch[chunk] = calloc(1, WATCH_CHUNK_PAGES / 8);
        VM_ASSERT(sp->watch[chunk]);     /* 4 KiB: a host this short cannot go on */
    }
    sp->watch[chunk][bit / 8] ^= 1u << bit % 8;
    sp->watched += on ? 1 : -1ull;
}

bool mem_watched(const struct mem_space *sp, gpa_t page)
{
    uint64_t n = page / GUEST_PAGE, chunk = n / WATCH_CHUNK_PAGES, bit = n % WATCH_CHUNK_PAGES;

    return chunk < sp->watch_chunks && sp->watch[chunk] &&
           (sp->watch[chunk][bit / 8] >> bit % 8 & 1);
}

static void tell_written(struct mem_space *sp, gpa_t from, uint64_t bytes)
{
    if (sp->watched == 0)
        return;
    while (bytes) {
        uint64_t room = GUEST_PAGE - from % GUEST_PAGE, n = bytes < room ? bytes : room;
        if (mem_watched(sp, from))
            for (struct mem_listener *l = sp->listeners; l; l = l->next)
                if (l->ram_written)
                    l->ram_written(l->self, from, n);
        from += n;
        bytes -= n;
    }
}

/* ---- callbacks ------------------------------------------------------------------------------ */

static bool enter(struct mem_space *sp)
{
    if (sp->guard->depth) {
        sp->stats.refused++;
        return false;
    }
    sp->guard->depth++;
    return true;
}

static void leave(struct mem_space *sp) { sp->guard->depth--; }

/* How many bytes of [off, off + size) one callback takes: the largest aligned power of two. */
static unsigned piece(const struct mmio_ops *ops, uint64_t off, unsigned size)
{
    unsigned n = ops->max_size;

    while (n > 1 && (n > size || off % n))
        n /= 2;
    return n;
}

static uint64_t ops_read(const struct mem_region *r, uint64_t off, unsigned size)
{
    const struct mmio_ops *ops = r->ops;
    uint64_t v = 0;

    for (unsigned done = 0; done < size;) {
        unsigned n = piece(ops, off + done, size - done), lane = 0, width = n;
        if (n < ops->min_size) {
            width = ops->min_size;
            lane = (off + done) % width;
            if (off + done - lane + width > r->size)
                return vm_ones(size);
        }
        uint64_t got = ops->read ? ops->read(r->dev, off + done - lane, width) : vm_ones(width);
        v |= (got >> 8 * lane & vm_ones(n)) << 8 * done;
        done += n;
    }
    return v;
}

static void ops_write(const struct mem_region *r, uint64_t off, uint64_t v, unsigned size)
{
    const struct mmio_ops *ops = r->ops;

    for (unsigned done = 0; done < size && ops->write;) {
        unsigned n = piece(ops, off + done, size - done), lane = 0, width = n;
        if (n < ops->min_size) {
            width = ops->min_size;
            lane = (off + done) % width;
            if (off + done - lane + width > r->size)
                return;
        }
        ops->write(r->dev, off + done - lane, (v >> 8 * done & vm_ones(n)) << 8 * lane, width);
        done += n;
    }
}

/* ---- one access ----------------------------------------------------------------------------- */

static bool whole(const struct mem_span *s, gpa_t a, unsigned size)
{
    return s && s->size - (a - s->gpa) >= size;
}

static uint64_t read_span(struct mem_space *sp, const struct mem_span *s, gpa_t a, unsigned size)
{
    const struct mem_region *r = s->region;
    uint64_t off = s->region_off + (a - s->gpa);

    if (r->kind != MEM_MMIO)
        return vm_ld(r->host + off, size);
    if (!enter(sp))
        return vm_ones(size);
    uint64_t v = ops_read(r, off, size);
    leave(sp);
    return v;
}

static void write_span(struct mem_space *sp, const struct mem_span *s, gpa_t a, uint64_t v,
                       unsigned size)
{
    const struct mem_region *r = s->region;
    uint64_t off = s->region_off + (a - s->gpa);

    if (r->kind == MEM_RAM) {
        vm_st(r->host + off, v, size);
        tell_written(sp, a, size);
    } else if (r->ops && enter(sp)) {
        ops_write(r, off, v, size);
        leave(sp);
    }
}

uint64_t mem_read(struct mem_space *sp, gpa_t a, unsigned size)
{
    const struct mem_span *s = mem_find(sp, a);

    if (__builtin_expect(whole(s, a, size), 1))
        return read_span(sp, s, a, size);
    if (size == 1) {
        sp->stats.unmapped_reads++;
        return 0xff;
    }
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= mem_read(sp, a + i, 1) << 8 * i;
    return v;
}

void mem_write(struct mem_space *sp, gpa_t a, uint64_t v, unsigned size)
{
    const struct mem_span *s = mem_find(sp, a);

    if (__builtin_expect(whole(s, a, size), 1)) {
        write_span(sp, s, a, v, size);
        return;
    }
    if (size == 1) {
        sp->stats.unmapped_writes++;
        return;
    }
    for (unsigned i = 0; i < size; i++)
        mem_write(sp, a + i, v >> 8 * i & 0xff, 1);
}

/* ---- DMA ------------------------------------------------------------------------------------ */

/* Bytes from a to the next span: a guest may ask for gigabytes of nothing. */
static uint64_t hole(const struct mem_space *sp, gpa_t a)
{
    const struct mem_span *s = sp->map.span;
    size_t lo = 0, hi = sp->map.n;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s[mid].gpa > a)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo < sp->map.n ? s[lo].gpa - a : UINT64_MAX;
}

/* Bytes from a that lie in one span or one hole, at most `bytes`. */
static uint64_t stretch(struct mem_space *sp, gpa_t a, uint64_t bytes, const struct mem_span **out)
{
    const struct mem_span *s = mem_find(sp, a);

    *out = s;
    uint64_t room = s ? s->size - (a - s->gpa) : hole(sp, a);
    if (!s)
        return room < bytes ? room : bytes;
    if (s->region->kind == MEM_MMIO || (s->region->kind == MEM_ROM && s->region->ops)) {
        unsigned n = 4;              /* a bus master moves aligned doublewords where it can */
        while (n > 1 && (n > bytes || n > room || a % n))
            n /= 2;
        return n;
    }
    return room < bytes ? room : bytes;
}

void mem_copy_in(struct mem_space *sp, void *dst, gpa_t a, size_t bytes)
{
    for (uint8_t *d = dst; bytes;) {
        const struct mem_span *s;
        uint64_t n = stretch(sp, a, bytes, &s);
        if (!s) {
            memset(d, 0xff, n);
            sp->stats.unmapped_reads++;
        } else if (s->region->kind == MEM_MMIO) {
            vm_st(d, mem_read(sp, a, n), n);
        } else {
            memcpy(d, s->region->host + s->region_off + (a - s->gpa), n);
        }
        d += n;
        a += n;
        bytes -= n;
    }
}

void mem_copy_out(struct mem_space *sp, gpa_t a, const void *src, size_t bytes)
{
    for (const uint8_t *p = src; bytes;) {
        const struct mem_span *s;
        uint64_t n = stretch(sp, a, bytes, &s);
        if (s && s->region->kind == MEM_RAM) {
            memcpy(s->region->host + s->region_off + (a - s->gpa), p, n);
            tell_written(sp, a, n);
        } else if (s && s->region->ops) {
            mem_write(sp, a, vm_ld(p, n), n);
        } else if (!s) {
            sp->stats.unmapped_writes++;
        }
        p += n;
        a += n;
        bytes -= n;
    }
}
