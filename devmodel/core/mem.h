/* mem.h - guest physical memory and port space: regions in, a flat sorted map out. */
/* SPDX-License-Identifier: MIT */
#ifndef MEM_H
#define MEM_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
struct ram;

/* A device never learns its base: `off` counts bytes from the region's start, and off + size <=
 * region size. The core splits or widens so that size is in [min_size, max_size], off aligned. A
 * write narrower than min_size arrives in its byte lane with zeros around it. */
struct mmio_ops {
    uint64_t (*read )(void *dev, uint64_t off, unsigned size);               /* zero-extended */
    void     (*write)(void *dev, uint64_t off, uint64_t val, unsigned size);
    uint8_t  min_size, max_size;                                           /* bytes: 1, 2, 4 or 8 */
};

enum mem_kind { MEM_CONTAINER, MEM_RAM, MEM_ROM, MEM_MMIO, MEM_ALIAS };

struct mem_region {                  /* embedded in its owner, which outlives it */
    const char            *name;
    enum mem_kind          kind;
    uint64_t               size;     /* bytes, > 0; RAM/ROM/ALIAS whole pages */
    uint8_t               *host;     /* RAM/ROM: `size` bytes, page aligned */
    const struct ram      *ram;      /* whose file `host` is a mapping of; NULL = of none */
    const struct mmio_ops *ops;      /* MMIO; on a ROM its writes go here, NULL = ignored */
    void                  *dev;
    struct mem_region     *target;   /* ALIAS: target region ... */
    uint64_t               target_off;                 /* ... from this byte */
    struct mem_region     *parent, *child, *sibling;   /* tree links, core only */
    uint64_t               base;     /* bytes from parent's start, core only */
    int                    prio;     /* higher hides lower among siblings; 0 = normal */
    bool                   enabled;  /* set by mem_add */
};

struct mem_span {                    /* one row of the flat map: [gpa, gpa + size), no overlap */
    gpa_t gpa; uint64_t size; struct mem_region *region; uint64_t region_off;
};

struct mem_space;                    /* "ram+mmio" (2^36..2^52 bytes) or "ports" (65536 bytes) */

int  mem_space_new (struct mem_space **out, const char *name, uint64_t size, struct vm_error *e);
void mem_space_free(struct mem_space *sp);
struct mem_region *mem_root(struct mem_space *sp);

/* Layout changes between begin and commit become visible together, then listeners run once. */
void mem_begin (struct mem_space *sp);
/* Among siblings of equal prio the one added last hides the others. Each of the four works outside
 * begin..commit too and then commits at once. */
void mem_add   (struct mem_region *parent, struct mem_region *r, uint64_t base, int prio);
void mem_remove(struct mem_region *r);
void mem_enable(struct mem_region *r, bool on);
void mem_commit(struct mem_space *sp);

/* Guest access. Unmapped: reads give all ones, writes vanish (both counted, see mem_get_stats).
 * While a device's read or write callback runs, no access through any space of the same guard
 * reaches another callback: it is treated as unmapped and counted as refused. So a device's DMA
 * can hit RAM and ROM at any time, but never loops back into a device that is half-way through a
 * register access. */
uint64_t mem_read (struct mem_space *sp, gpa_t a, unsigned size);                 /* size 1,2,4,8 */
void     mem_write(struct mem_space *sp, gpa_t a, uint64_t v, unsigned size);
void     mem_copy_in (struct mem_space *sp, void *dst, gpa_t a, size_t bytes);     /* device DMA */
void     mem_copy_out(struct mem_space *sp, gpa_t a, const void *src, size_t bytes);
const struct mem_span *mem_find(struct mem_space *sp, gpa_t a);                    /* NULL = hole */

/* For a TLB fill: the host address of the page that holds `a` when all of it is one RAM or ROM
 * page, else NULL (go through mem_read and mem_write). *writable: a write may go to the same host
 * byte directly; false for ROM and for a watched page. The page stays valid until map_changed. */
uint8_t *mem_page(struct mem_space *sp, gpa_t a, bool *writable);
/* For a second mapping of that page: the file, and the page's first byte in it. False: mem_page is
 * NULL, or the page is in no file. Valid until map_changed. */
bool mem_page_file(struct mem_space *sp, gpa_t a, int *fd, uint64_t *offset);

struct mem_stats { uint64_t unmapped_reads, unmapped_writes, refused; };
void mem_get_stats(const struct mem_space *sp, struct mem_stats *out);

/* Joins sp to other's guard: callbacks of both count as one. Before the first access. */
void mem_share_guard(struct mem_space *sp, struct mem_space *other);

/* One line a span, for the monitor and for tests of a board's map. */
void mem_walk(struct mem_space *sp, void (*row)(void *self, const struct mem_span *s), void *self);

struct mem_listener {                /* shadow-mmu and the translation cache */
    void (*map_changed)(void *self, gpa_t from, uint64_t bytes);
    void (*ram_written)(void *self, gpa_t from, uint64_t bytes);   /* watched pages only; after */
    void *self; struct mem_listener *next;
};
void mem_listen(struct mem_space *sp, struct mem_listener *l);
/* Report writes by mem_write, mem_copy_out to the page that holds `page`. A page's watch survives a
 * layout change. The CPU's own direct stores are its TLB's business: see mem_page's *writable. */
void mem_watch (struct mem_space *sp, gpa_t page, bool on);
bool mem_watched(const struct mem_space *sp, gpa_t page);
#endif
