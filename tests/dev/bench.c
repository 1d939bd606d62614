/* bench.c - the bench: a small machine around the device under test, and the snapshot check. */
/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/dev/bench.h"
#include "devmodel/core/backend.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define BENCH_RAM (4u << 20)

static const char *const wire_names[] = {
    "a20", "nmi", "reset", "cpu-intr", "smi", "lapic-intr", "lapic-nmi",
};
#define WIRES (sizeof wire_names / sizeof wire_names[0])

static struct vm_error failure;

#define MUST(expr) \
    do { if ((expr) < 0) ck_abort_msg("bench: %s: %s", #expr, failure.text); } while (0)

/* ---- building ------------------------------------------------------------------------------- */

static void see_irq(void *sink, unsigned irq, bool level)
{
    struct bench *b = sink;

    b->irq_rises[irq] += level && !b->irq[irq];
    b->irq[irq] = level;
}

static void see_wire(void *sink, unsigned pin, bool level)
{
    ((struct bench *)sink)->wires[pin] = level;
}

static void lay_ram(struct bench *b, struct mem_region *alias, const char *name, uint64_t from,
                    uint64_t to)
{
    *alias = (struct mem_region){ .name = name, .kind = MEM_ALIAS, .size = to - from,
                                  .target = machine_ram_region(b->m), .target_off = from };
    mem_add(mem_root(machine_ram(b->m)), alias, from, 0);
}

struct bench *bench_begin(void)
{
    struct bench *b = calloc(1, sizeof *b);
    struct machine_options o = { .ram_bytes = BENCH_RAM, .gpa_bits = 36, .pci = true,
                                 .name = "bench" };

    MUST(machine_new(&b->m, &o, &failure));
    lay_ram(b, &b->low, "ram-low", 0, 0xa0000);
    lay_ram(b, &b->high, "ram-high", 0x100000, BENCH_RAM);
    for (unsigned i = 0; i < WIRES; i++)
        MUST(machine_publish_wire(b->m, wire_names[i], see_wire, b, i, &failure));
    MUST(machine_add_irq_sink(b->m, see_irq, b, &failure));
    return b;
}

void bench_backend(struct bench *b, enum prop_type type, const char *name, void *object)
{
    b->backends[b->n_backends++] = (struct bench_backend){ type, name, object };
    MUST(machine_add_backend(b->m, type, name, object, &failure));
}

struct device *bench_add(struct bench *b, const char *cls, const char *props)
{
    b->devs[b->n_devs++] = (struct bench_dev){ cls, props };
    MUST(machine_add_device(b->m, cls, NULL, props, &b->dev, &failure));
    return b->dev;
}

void bench_power_on(struct bench *b)
{
    machine_reset(b->m, RESET_POWER_ON);
    free(b->fresh);
    b->fresh = malloc(b->dev->cls->size);
    memcpy(b->fresh, b->dev, b->dev->cls->size);
    memset(b->irq_rises, 0, sizeof b->irq_rises);
}

struct bench *bench_new(const char *cls, const char *props)
{
    struct bench *b = bench_begin();

    bench_add(b, cls, props);
    bench_power_on(b);
    return b;
}

void bench_free(struct bench *b)
{
    machine_free(b->m);
    free(b->fresh);
    free(b);
}

void bench_reset(struct bench *b, enum reset_kind k) { machine_reset(b->m, k); }

/* ---- access --------------------------------------------------------------------------------- */

uint8_t  in8 (struct bench *b, uint16_t port) { return mem_read(machine_ports(b->m), port, 1); }
uint16_t in16(struct bench *b, uint16_t port) { return mem_read(machine_ports(b->m), port, 2); }
uint32_t in32(struct bench *b, uint16_t port) { return mem_read(machine_ports(b->m), port, 4); }

void out8(struct bench *b, uint16_t port, uint8_t v)
{
    mem_write(machine_ports(b->m), port, v, 1);
}

void out16(struct bench *b, uint16_t port, uint16_t v)
{
    mem_write(machine_ports(b->m), port, v, 2);
}

void out32(struct bench *b, uint16_t port, uint32_t v)
{
    mem_write(machine_ports(b->m), port, v, 4);
}


uint8_t  rd8 (struct bench *b, uint64_t gpa) { return mem_read(machine_ram(b->m), gpa, 1); }
uint16_t rd16(struct bench *b, uint64_t gpa) { return mem_read(machine_ram(b->m), gpa, 2); }
uint32_t rd32(struct bench *b, uint64_t gpa) { return mem_read(machine_ram(b->m), gpa, 4); }

void wr8 (struct bench *b, uint64_t gpa, uint8_t v)  { mem_write(machine_ram(b->m), gpa, v, 1); }
void wr16(struct bench *b, uint64_t gpa, uint16_t v) { mem_write(machine_ram(b->m), gpa, v, 2); }
void wr32(struct bench *b, uint64_t gpa, uint32_t v) { mem_write(machine_ram(b->m), gpa, v, 4); }

static void cfg_select(struct bench *b, uint8_t devfn, uint8_t off)
{
    out32(b, 0xcf8, 0x80000000u | (uint32_t)devfn << 8 | (off & 0xfc));
}

uint32_t cfg_rd(struct bench *b, uint8_t devfn, uint8_t off, unsigned size)
{
    cfg_select(b, devfn, off);
    return mem_read(machine_ports(b->m), 0xcfc + (off & 3), size);
}

void cfg_wr(struct bench *b, uint8_t devfn, uint8_t off, unsigned size, uint32_t v)
{
    cfg_select(b, devfn, off);
    mem_write(machine_ports(b->m), 0xcfc + (off & 3), v, size);
}

void step(struct bench *b, vtime_t ns)
{
    vclock_run(machine_clock(b->m), vclock_now(machine_clock(b->m)) + ns);
}

void poll_host(struct bench *b) { loop_poll(machine_loop(b->m), 0); }

bool wire(struct bench *b, unsigned irq) { return b->irq[irq & 15]; }

unsigned rises(struct bench *b, unsigned irq) { return b->irq_rises[irq & 15]; }

bool wire_named(struct bench *b, const char *name)
{
    for (unsigned i = 0; i < WIRES; i++)
        if (strcmp(wire_names[i], name) == 0)
            return b->wires[i];
    ck_abort_msg("bench: there is no wire \"%s\"", name);
    return false;
}

/* ---- snapshot ------------------------------------------------------------------------------- */

void bench_snap_ignore(struct bench *b, size_t off, size_t len)
{
    b->ignore[b->n_ignore].off = off;
    b->ignore[b->n_ignore++].len = len;
}

static void save(struct bench *b, char **buf, size_t *n)
{
    FILE *f = open_memstream(buf, n);
    struct snap *s;

    MUST(snap_open(&s, SNAP_SAVE, f, &failure));
    machine_snap(b->m, s);
    MUST(snap_close(s, &failure));
    fclose(f);
}

static void load(struct bench *b, enum snap_mode mode, char *buf, size_t n)
{
    FILE *f = fmemopen(buf, n, "rb");
    struct snap *s;

    MUST(snap_open(&s, mode, f, &failure));
    machine_snap(b->m, s);
    if (snap_diff(s))
        ck_abort_msg("bench: the loaded copy differs at %s", snap_diff(s));
    MUST(snap_close(s, &failure));
    fclose(f);
}

static size_t backend_size(enum prop_type type)
{
    switch (type) {
    case PROP_CHR: return sizeof(struct chr);
    case PROP_NET: return sizeof(struct net);
    case PROP_DISPLAY: return sizeof(struct display);
    case PROP_BLK: case PROP_BOOL: case PROP_U32: case PROP_U64: case PROP_STR: break;
    }
    return 0;
}

/* Realize hooks a device into its backend; the copy must not stay hooked. */
static void keep_backends(struct bench *b, uint8_t (*kept)[128], bool restore)
{
    for (unsigned i = 0; i < b->n_backends; i++) {
        size_t n = backend_size(b->backends[i].type);
        ck_assert(n <= 128);
        memcpy(restore ? b->backends[i].object : kept[i], restore ? kept[i] : b->backends[i].object,
               n);
    }
}

static struct bench *twin(struct bench *b)
{
    struct bench *t = bench_begin();

    for (unsigned i = 0; i < b->n_backends; i++)
        bench_backend(t, b->backends[i].type, b->backends[i].name, b->backends[i].object);
    for (unsigned i = 0; i < b->n_devs; i++)
        bench_add(t, b->devs[i].cls, b->devs[i].props);
    bench_power_on(t);
    return t;
}

/* The clock's own fields in a timer, pointers in either copy, and what the test said to ignore. */
static bool ignored(struct bench *b, size_t off)
{
    for (unsigned i = 0; i < b->n_ignore; i++)
        if (off - b->ignore[i].off < b->ignore[i].len)
            return true;
    for (const struct vtimer *t = vclock_timers(machine_clock(b->m)); t; t = t->next)
        if (off - (size_t)((uintptr_t)t - (uintptr_t)b->dev) < sizeof *t)
            return true;
    return off < sizeof(struct device);
}

static bool is_pointer(const void *at)
{
    uint64_t v;

    memcpy(&v, at, sizeof v);
    return v >> 32 && !(v >> 48);
}

static void compare_structs(struct bench *b, struct bench *t)
{
    const uint8_t *now = (uint8_t *)b->dev, *copy = (uint8_t *)t->dev;

    for (size_t i = 0; i < b->dev->cls->size; i++) {
        size_t word = i & ~(size_t)7;
        if (now[i] == b->fresh[i] || now[i] == copy[i] || ignored(b, i))
            continue;
        if (word + 8 <= b->dev->cls->size && is_pointer(now + word) && is_pointer(copy + word))
            continue;
        ck_abort_msg("bench: byte %zu of %s's struct changed but is not in the snapshot (%02x, was "
                     "%02x; the copy has %02x)", i, b->dev->cls->name, now[i], b->fresh[i],
                     copy[i]);
    }
}

void bench_snap_roundtrip(struct bench *b)
{
    char *first = NULL, *second = NULL;
    size_t n1 = 0, n2 = 0;
    uint8_t kept[8][128];

    save(b, &first, &n1);
    keep_backends(b, kept, false);
    struct bench *t = twin(b);
    load(t, SNAP_LOAD, first, n1);
    load(t, SNAP_COMPARE, first, n1);
    save(t, &second, &n2);
    ck_assert_msg(n1 == n2 && memcmp(first, second, n1) == 0,
                  "bench: saving the loaded copy gives other bytes");
    ck_assert_msg(memcmp(b->irq, t->irq, sizeof b->irq) == 0 &&
                  memcmp(b->wires, t->wires, sizeof b->wires) == 0,
                  "bench: the loaded copy drives other levels");
    compare_structs(b, t);
    bench_free(t);
    keep_backends(b, kept, true);
    free(first);
    free(second);
}
