/* fuzz_ports.c - random port, memory and DMA traffic against every registered device at once.
 *
 *     fuzz_ports [COUNT [SEED]]
 *
 * Everything follows from the seed: what is read goes into a digest, which is the same on every
 * host. Plain random traffic rarely gets deep, so a third of it varies what drivers do
 * (tests/fuzz/drivers.c). It ends clean or in the sanitizer's report; main says after which
 * operation. A class that needs properties gets a row in `recipes`. */
/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/input.h"
#include "devmodel/core/snap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RAM_BYTES = 4 << 20, FLOPPY_BYTES = 1440 << 10, DISK_BYTES = 2 << 20, RESCAN = 20000 };

static void die(const struct fuzz *f, const char *what, const char *why)
{
    fprintf(stderr, "fuzz_ports: operation %llu of seed %llu: %s: %s\n",
            (unsigned long long)f->op, (unsigned long long)f->seed, what, why);
    abort();
}

/* ---- random numbers and the digest ---------------------------------------------------------- */

/* xorshift64*. No expression may draw twice: C leaves the order open, and compilers differ. */
uint64_t rnd(struct fuzz *f)
{
    f->rng ^= f->rng >> 12;
    f->rng ^= f->rng << 25;
    f->rng ^= f->rng >> 27;
    return f->rng * 0x2545f4914f6cdd1dull;
}

uint32_t below(struct fuzz *f, uint32_t n) { return (rnd(f) >> 32) % n; }

/* Small, all ones, one bit, a byte that is often a command, or anything. */
uint64_t value(struct fuzz *f)
{
    static const uint8_t bytes[] = {
        0x00, 0x01, 0x02, 0x06, 0x07, 0x08, 0x11, 0x20, 0x25, 0x30, 0x35, 0x40, 0x44, 0x46, 0x54,
        0x80, 0x90, 0xa0, 0xa1, 0xaa, 0xae, 0xb6, 0xc5, 0xc8, 0xca, 0xd1, 0xd4, 0xe6, 0xec, 0xef,
        0xf0, 0xf3, 0xf4, 0xff,
    };

    switch (below(f, 6)) {
    case 0: return below(f, 16);
    case 1: return ~0ull;
    case 2: return 1ull << below(f, 64);
    case 3: return bytes[below(f, sizeof bytes)];
    default: return rnd(f);
    }
}

static void digest(struct fuzz *f, uint64_t v)
{
    f->digest = (f->digest ^ v) * 0x100000001b3ull;
}

uint64_t in(struct fuzz *f, unsigned port, unsigned size)
{
    uint64_t v = mem_read(machine_ports(f->m), port, size);

    digest(f, v);
    return v;
}

void out(struct fuzz *f, unsigned port, uint64_t v, unsigned size)
{
    mem_write(machine_ports(f->m), port, v, size);
}

uint64_t peek(struct fuzz *f, uint64_t a, unsigned size)
{
    uint64_t v = mem_read(machine_ram(f->m), a, size);

    digest(f, v);
    return v;
}

void poke(struct fuzz *f, uint64_t a, uint64_t v, unsigned size)
{
    mem_write(machine_ram(f->m), a, v, size);
}

/* An address for DMA: RAM, its ends, holes, and the registers of devices. */
uint32_t dma_address(struct fuzz *f)
{
    static const uint32_t edges[] = { 0, 0x9fffe, 0xa0000, 0xbfffc, 0xffffc, RAM_BYTES - 2,
                                      RAM_BYTES, 0xe0000000, 0xfec00000, 0xfee00000, 0xfffffffe };

    if (below(f, 4) == 0)
        return edges[below(f, sizeof edges / sizeof *edges)];
    uint32_t a = below(f, RAM_BYTES);
    return below(f, 2) ? a & ~3u : a;
}

/* ---- backends ------------------------------------------------------------------------------- */

static void blk_info_(void *self, struct blk_info *o)
{
    *o = (struct blk_info){ .size = ((struct fake_blk *)self)->size, .align = 512 };
}

static void blk_submit(void *self, struct blk_req *r)
{
    struct fake_blk *k = self;
    bool data = r->op == BLK_READ || r->op == BLK_WRITE;

    if (k->n == FAKE_REQUESTS)
        die(k->f, "disk", "more requests at once than any controller has");
    if ((data || r->op == BLK_DISCARD) && (r->off % 512 || r->len % 512))
        die(k->f, "disk", "a request is not aligned");
    k->pending[k->n++] = r;
}

static int blk_carry_out(struct fake_blk *k, struct blk_req *r)
{
    if (r->off > k->size || r->len > k->size - r->off)
        return VM_EINVAL;
    if (below(k->f, 16) == 0)
        return VM_EIO;
    if (r->op == BLK_READ)
        memcpy(r->buf, k->data + r->off, r->len);
    if (r->op == BLK_WRITE)
        memcpy(k->data + r->off, r->buf, r->len);
    return VM_OK;
}

static struct blk_req *blk_pop(struct fake_blk *k)
{
    struct blk_req *r = k->pending[0];

    k->n--;
    memmove(k->pending, k->pending + 1, k->n * sizeof *k->pending);
    return r;
}

static void blk_poll(struct fake_blk *k)
{
    if (k->n == 0)
        return;
    struct blk_req *r = blk_pop(k);
    r->done(r, blk_carry_out(k, r));
}

static void blk_cancel(void *self)
{
    struct fake_blk *k = self;

    while (k->n) {
        struct blk_req *r = blk_pop(k);
        r->done(r, VM_EIO);
    }
}

void poll_disks(struct fuzz *f)
{
    for (unsigned i = 0; i < FAKE_DISKS; i++)
        blk_poll(&f->disk[i]);
}

static void blk_close(void *self) { (void)self; }

static const struct blk_ops blk_ops = { blk_info_, blk_submit, blk_cancel, blk_close };

static size_t chr_write(void *self, const uint8_t *p, size_t n)
{
    struct fuzz *f = self;
    size_t taken = f->jammed ? 0 : below(f, 4) ? n : below(f, (uint32_t)n + 1);

    for (size_t i = 0; i < taken; i++)
        digest(f, p[i]);
    return taken;
}

static void chr_close(void *self) { (void)self; }

static const struct chr_ops chr_ops = { chr_write, chr_close };

static void chr_feed(struct fuzz *f, struct chr *c)
{
    uint8_t bytes[32];
    size_t n = c->rx_room ? c->rx_room(c->dev) : 0;

    if (n > sizeof bytes)
        n = sizeof bytes;
    n = n ? below(f, (uint32_t)n) + 1 : 0;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)value(f);
    if (n)
        c->rx(c->dev, bytes, n);
}

static void display_resize(void *self, const struct surface *s)
{
    ((struct fuzz *)self)->surface = *s;
}

static void display_dirty(void *self, unsigned x, unsigned y, unsigned w, unsigned h)
{
    struct fuzz *f = self;
    const struct surface *s = &f->surface;

    if (x > s->w || w > s->w - x || y > s->h || h > s->h - y)
        die(f, "display", "the dirty part lies outside the surface");
    if (w && h)
        digest(f, s->px[(size_t)y * s->stride + x] ^
                  s->px[(size_t)(y + h - 1) * s->stride + x + w - 1]);
}

static void display_close(void *self) { (void)self; }

static const struct display_ops display_ops = { display_resize, display_dirty, display_close };

static void look(struct fuzz *f)
{
    static char text[16384];
    struct display *d = &f->display;

    if (d->refresh)
        d->refresh(d->dev);
    if (d->text && below(f, 4) == 0)
        digest(f, (uint64_t)d->text(d->dev, text, below(f, sizeof text) + 1));
}

/* ---- the machine ---------------------------------------------------------------------------- */

static const struct recipe { const char *cls, *props; } recipes[] = {
    /* What others need comes first; a class may stand here twice. */
    { "i440fx", NULL }, { "piix3", NULL }, { "lapic", NULL },
    { "i8259", NULL }, { "i8254", NULL }, { "i8237", NULL },
    { "uart16550", "chardev=c0" },
    { "uart16550", "chardev=c1,iobase=0x2f8,irq=3,timed=on" },
    { "lpt", "chardev=c2" }, { "isa-debugcon", "chardev=c3" },
    { "vga", "display=d" },
    { "fdc82077", "a=b0,b=b1" },
    { "piix3-ide", "hda=b2,hdb=b3,hdc=b4,hdc-kind=cd,hdd-kind=cd" },
};
#define RECIPES (sizeof recipes / sizeof *recipes)

static void no_wire(void *self, unsigned pin, bool level)
{
    struct fuzz *f = self;

    f->wires = level ? f->wires | 1u << pin : f->wires & ~(1u << pin);
}

static void must(struct fuzz *f, int rc, const char *what)
{
    if (rc < 0)
        die(f, what, f->error.text);
}

static void add_backends(struct fuzz *f)
{
    static const char *const blk[] = { "b0", "b1", "b2", "b3", "b4" };
    static const char *const chr[] = { "c0", "c1", "c2", "c3" };

    for (unsigned i = 0; i < FAKE_DISKS; i++) {
        f->disk[i] = (struct fake_blk){ .f = f, .data = calloc(1, DISK_BYTES),
                                        .size = i < 2 ? FLOPPY_BYTES : DISK_BYTES,
                                        .blk = { &blk_ops, &f->disk[i] } };
        must(f, machine_add_backend(f->m, PROP_BLK, blk[i], &f->disk[i].blk, &f->error), blk[i]);
    }
    for (unsigned i = 0; i < FAKE_LINES; i++) {
        f->line[i] = (struct chr){ .ops = &chr_ops, .self = f };
        must(f, machine_add_backend(f->m, PROP_CHR, chr[i], &f->line[i], &f->error), chr[i]);
    }
    f->display = (struct display){ .ops = &display_ops, .self = f };
    must(f, machine_add_backend(f->m, PROP_DISPLAY, "d", &f->display, &f->error), "d");
}

static bool in_recipes(const char *cls)
{
    for (unsigned i = 0; i < RECIPES; i++)
        if (strcmp(recipes[i].cls, cls) == 0)
            return true;
    return false;
}

static bool registered(const char *cls)
{
    for (const struct dev_class *const *c = dev_classes; *c; c++)
        if (strcmp((*c)->name, cls) == 0)
            return true;
    return false;
}

static void add_devices(struct fuzz *f)
{
    for (unsigned i = 0; i < RECIPES; i++)
        if (registered(recipes[i].cls))
            must(f, machine_add_device(f->m, recipes[i].cls, NULL, recipes[i].props, NULL,
                                       &f->error), recipes[i].cls);
    for (const struct dev_class *const *c = dev_classes; *c; c++)
        if (!in_recipes((*c)->name))
            must(f, machine_add_device(f->m, (*c)->name, NULL, NULL, NULL, &f->error),
                 (*c)->name);
}

static void lay_ram(struct fuzz *f, struct mem_region *r, const char *name, uint64_t from,
                    uint64_t to)
{
    *r = (struct mem_region){ .name = name, .kind = MEM_ALIAS, .size = to - from,
                              .target = machine_ram_region(f->m), .target_off = from };
    mem_add(mem_root(machine_ram(f->m)), r, from, 0);
}

static void build(struct fuzz *f)
{
    static const char *const wires[] = { "a20", "nmi", "reset", "cpu-intr", "smi", "lapic-intr",
                                         "lapic-nmi" };
    struct machine_options o = { .ram_bytes = RAM_BYTES, .gpa_bits = 36, .pci = true,
                                 .name = "fuzz" };

    must(f, machine_new(&f->m, &o, &f->error), "machine");
    lay_ram(f, &f->low, "ram-low", 0, 0xa0000);
    lay_ram(f, &f->high, "ram-high", 0x100000, RAM_BYTES);
    for (unsigned i = 0; i < sizeof wires / sizeof *wires; i++)
        must(f, machine_publish_wire(f->m, wires[i], no_wire, f, i, &f->error), wires[i]);
    add_backends(f);
    add_devices(f);
    machine_reset(f->m, RESET_POWER_ON);
}

/* Where registers are just now: BARs move. */
static void scan(struct fuzz *f)
{
    f->n_ports = f->n_mmio = 0;
    for (uint64_t p = 0; p < 65536 && f->n_ports < SPANS;) {
        const struct mem_span *s = mem_find(machine_ports(f->m), p);

        if (s)
            f->ports[f->n_ports++] = (struct range){ s->gpa, s->size };
        p = s ? s->gpa + s->size : p + 1;
    }
    for (uint64_t a = 0; a < 1ull << 32 && f->n_mmio < SPANS;) {
        const struct mem_span *s = mem_find(machine_ram(f->m), a);

        if (s && s->region->kind != MEM_RAM)
            f->mmio[f->n_mmio++] = (struct range){ s->gpa, s->size };
        a = s ? s->gpa + s->size : a + GUEST_PAGE;
    }
}

/* ---- what happens --------------------------------------------------------------------------- */

/* Some accesses to one device; often the same register again and again. */
static void burst(struct fuzz *f, bool mmio)
{
    unsigned n = mmio ? f->n_mmio : f->n_ports;

    if (n == 0)
        return;
    struct range r = (mmio ? f->mmio : f->ports)[below(f, n)];
    uint64_t at = r.from + below(f, r.size < 0x20000 ? (uint32_t)r.size : 0x20000);
    for (unsigned i = below(f, 24) + 1; i > 0; i--) {
        unsigned size = 1u << below(f, mmio ? 4 : 3);

        if (below(f, 3))
            at = r.from + below(f, r.size < 0x20000 ? (uint32_t)r.size : 0x20000);
        if (below(f, 2))
            (void)(mmio ? peek(f, at, size) : in(f, (unsigned)at & 0xffff, size));
        else if (mmio)
            poke(f, at, value(f), size);
        else
            out(f, (unsigned)at & 0xffff, value(f), size);
    }
}

void let_pass(struct fuzz *f, int64_t ns)
{
    struct vclock *c = machine_clock(f->m);

    vclock_run(c, vclock_now(c) + ns);
}

static void pass_time(struct fuzz *f)
{
    static const int64_t scale[] = { 100, 1000, 10000, 1000000, 1000000, 20000000 };
    int64_t ns = below(f, (uint32_t)scale[below(f, 6)]) + 1;

    if (below(f, 3000) == 0)
        ns = 300000000;
    let_pass(f, ns);
}

static void host_side(struct fuzz *f)
{
    uint64_t r = rnd(f);

    switch (below(f, 6)) {
    case 0: case 1: blk_poll(&f->disk[below(f, FAKE_DISKS)]); break;
    case 2: chr_feed(f, &f->line[below(f, FAKE_LINES)]); break;
    case 3: digest(f, (uint64_t)machine_intack(f->m)); break;
    case 4:
        input_key(machine_input(f->m), r % KEY_COUNT, r >> 32 & 1);
        break;
    default:
        input_motion(machine_input(f->m), (int)(r >> 32), (int)(r & 127) - 64,
                     (int)(r >> 8 & 15) - 8, r >> 16 & 31);
    }
}

/* Save, then load the same: nothing may differ. With `spoil`, the stream is damaged first and has
 * to be refused or to leave a machine that can be reset. */
static void snapshot(struct fuzz *f, bool spoil)
{
    char *buf = NULL;
    size_t size = 0;
    struct snap *s;
    FILE *o = open_memstream(&buf, &size);

    must(f, snap_open(&s, SNAP_SAVE, o, &f->error), "snapshot");
    machine_snap(f->m, s);
    must(f, snap_close(s, &f->error), "save");
    fclose(o);
    for (unsigned i = spoil ? below(f, 8) + 1 : 0; i > 0; i--) {
        size_t at = below(f, (uint32_t)(below(f, 2) && size > 40000 ? 40000 : size));
        buf[at] = (char)value(f);
    }
    FILE *i = fmemopen(buf, size, "rb");
    if (snap_open(&s, SNAP_LOAD, i, &f->error) == VM_OK) {
        machine_snap(f->m, s);
        if (snap_close(s, &f->error) < 0 && !spoil)
            die(f, "load", f->error.text);
    }
    rewind(i);
    if (!spoil && snap_open(&s, SNAP_COMPARE, i, &f->error) == VM_OK) {
        machine_snap(f->m, s);
        if (snap_diff(s))
            die(f, "compare", snap_diff(s));
        snap_close(s, &f->error);
    }
    fclose(i);
    free(buf);
    if (spoil)
        machine_reset(f->m, RESET_POWER_ON);
}

static void settle(struct fuzz *f)
{
    for (unsigned i = 0; i < FAKE_DISKS; i++)
        while (f->disk[i].n)
            blk_poll(&f->disk[i]);
}

static void rarely(struct fuzz *f)
{
    switch (below(f, 8)) {
    case 0: machine_reset(f->m, RESET_HARD); break;
    case 1: machine_reset(f->m, RESET_POWER_ON); break;
    case 2: case 3:
        settle(f);
        snapshot(f, below(f, 2));
        break;
    case 4: f->jammed = below(f, 2); break;
    default: look(f);
    }
}

static void operation(struct fuzz *f)
{
    if (f->op % RESCAN == 0)
        scan(f);
    if (below(f, 500) == 0)
        rarely(f);
    switch (below(f, 12)) {
    case 0: case 1: case 2: burst(f, false); break;
    case 3: case 4: burst(f, true); break;
    case 5: case 6: pass_time(f); break;
    case 7: case 8: host_side(f); break;
    default: drive_something(f);
    }
}

int main(int argc, char **argv)
{
    static struct fuzz f;
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 20000;

    f.seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    f.rng = f.seed * 0x9e3779b97f4a7c15ull | 1;
    f.digest = 0xcbf29ce484222325ull;
    build(&f);
    for (f.op = 0; f.op < count; f.op++)
        operation(&f);
    settle(&f);
    machine_free(f.m);
    for (unsigned i = 0; i < FAKE_DISKS; i++)
        free(f.disk[i].data);
    printf("fuzz_ports: %llu operations, seed %llu, digest %016llx: clean\n",
           (unsigned long long)count, (unsigned long long)f.seed, (unsigned long long)f.digest);
    return 0;
}
