/* lockstep_state.c - what two machines in lockstep are compared by, how a difference is shown. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "cmd/godwit/lockstep.h"
#include "cpu-x86/cpu.h"
#include "cpu-x86/diff.h"
#include "cpu-x86/insn.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *lockstep_engine(const struct vm *v) { return v->o.engine.use[v->side].ops->name; }

/* ---- memory --------------------------------------------------------------------------------- */

static struct mem_region *ram(const struct vm *v) { return machine_ram_region(v->machine); }

static bool same_page(struct vm *const v[2], uint64_t at)
{
    return memcmp(ram(v[0])->host + at, ram(v[1])->host + at, GUEST_PAGE) == 0;
}

bool lockstep_same_ram(struct vm *const v[2], struct lockstep_watch *w)
{
    const uint8_t *a = ram(v[0])->host, *b = ram(v[1])->host;
    const uint64_t chunk = 1 << 20, size = ram(v[0])->size;

    w->n_pages = 0;
    for (uint64_t at = 0; at < size && w->n_pages < WATCH_PAGES; at += chunk) {
        uint64_t end = size - at < chunk ? size : at + chunk;

        if (memcmp(a + at, b + at, end - at) == 0)
            continue;
        for (uint64_t p = at; p < end && w->n_pages < WATCH_PAGES; p += GUEST_PAGE) {
            if (!same_page(v, p))
                w->page[w->n_pages++] = p;
        }
    }
    return w->n_pages == 0;
}

static void print_page(FILE *out, struct vm *const v[2], uint64_t page)
{
    const uint8_t *a = ram(v[0])->host + page, *b = ram(v[1])->host + page;
    unsigned shown = 0, bytes = 0;

    for (unsigned i = 0; i < GUEST_PAGE; i++)
        bytes += a[i] != b[i];
    for (unsigned i = 0; i < GUEST_PAGE && shown < 8; i++) {
        if (a[i] == b[i])
            continue;
        fprintf(out, "  RAM %09" PRIx64 "%21s %02x %16s %02x\n", page + i, "", a[i], "", b[i]);
        shown++;
    }
    if (bytes > shown)
        fprintf(out, "  and %u more bytes of this page\n", bytes - shown);
}

/* ---- clock, buses, devices ------------------------------------------------------------------ */

static void snap_part(struct vm *v, const char *part, struct snap *s)
{
    struct device *d = machine_device(v->machine, part);

    if (strcmp(part, "clock") == 0)
        vclock_snap(machine_clock(v->machine), s);
    else if (strcmp(part, "pci") == 0 && machine_pci(v->machine))
        pci_bus_snap(machine_pci(v->machine), s);
    else if (d && d->cls->snap)
        d->cls->snap(d, s);
}

static bool save_part(struct vm *v, const char *part, char **text, size_t *n)
{
    struct snap *s;
    FILE *f = open_memstream(text, n);
    bool done = false;

    if (!f)
        return false;
    if (snap_open(&s, SNAP_SAVE, f, NULL) == VM_OK) {
        snap_part(v, part, s);
        done = snap_close(s, NULL) == VM_OK;
    }
    fclose(f);
    return done;
}

/* False: they differ; field, at most cap bytes, says where. A part that cannot be saved is taken
 * for the same. */
static bool same_part(struct vm *const v[2], const char *part, char *field, size_t cap)
{
    struct snap *s;
    char *text = NULL;
    size_t n = 0;
    FILE *f = save_part(v[0], part, &text, &n) ? fmemopen(text, n, "rb") : NULL;
    bool same = true;

    if (f && snap_open(&s, SNAP_COMPARE, f, NULL) == VM_OK) {
        snap_part(v[1], part, s);
        if (snap_diff(s)) {
            same = false;
            snprintf(field, cap, "%s", snap_diff(s));
        } else if (snap_status(s, NULL) < 0) {
            same = false;
            snprintf(field, cap, "of another shape");
        }
        snap_close(s, NULL);
    }
    if (f)
        fclose(f);
    free(text);
    return same;
}

static bool same_parts(struct vm *const v[2], struct lockstep_watch *w)
{
    static const char *const buses[] = { "clock", "pci" };
    char field[200];

    for (unsigned i = 0; i < 2; i++) {
        if (!same_part(v, buses[i], field, sizeof field)) {
            snprintf(w->part, sizeof w->part, "%s", buses[i]);
            return false;
        }
    }
    for (struct device *d = machine_devices(v[0]->machine); d; d = d->next) {
        if (!same_part(v, d->id, field, sizeof field)) {
            snprintf(w->part, sizeof w->part, "%s", d->id);
            return false;
        }
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

bool lockstep_same_all(struct vm *const v[2], struct lockstep_watch *w)
{
    bool ram_same = lockstep_same_ram(v, w);

    w->part[0] = 0;
    return same_parts(v, w) && ram_same;
}

bool lockstep_same_watched(struct vm *const v[2], const struct lockstep_watch *w)
{
    char field[200];

    for (unsigned i = 0; i < w->n_pages; i++) {
        if (!same_page(v, w->page[i]))
            return false;
    }
    return !w->part[0] || same_part(v, w->part, field, sizeof field);
}

static void print_row(void *out, const char *name, uint64_t a, uint64_t b)
{
    fprintf(out, "  %-22s %18" PRIx64 " %18" PRIx64 "\n", name, a, b);
}

void lockstep_print_diff(FILE *out, struct vm *const v[2], const struct lockstep_watch *w)
{
    char field[200];

    fprintf(out, "  %-22s %18s %18s\n", "", lockstep_engine(v[0]), lockstep_engine(v[1]));
    x86_diff(vm_cpu_state(v[0]), vm_cpu_state(v[1]), print_row, out);
    for (unsigned i = 0; i < w->n_pages; i++)
        print_page(out, v, w->page[i]);
    if (w->part[0] && !same_part(v, w->part, field, sizeof field))
        fprintf(out, "  %s: %s\n", w->part, field);
}

void lockstep_print_units(FILE *out, const struct x86_cpu *c)
{
    fprintf(out, "x87 cw %04x sw %04x tw %04x mxcsr %08x dr6 %08x dr7 %08x\n", c->fpu.cw,
            c->fpu.sw, c->fpu.tw, c->mxcsr, (uint32_t)c->dr[6], (uint32_t)c->dr[7]);
    for (unsigned i = 0; i < 8; i++)
        fprintf(out, "r%u %04x %016" PRIx64 "  xmm%u %016" PRIx64 "%016" PRIx64 "\n", i,
                c->fpu.st[i].se, c->fpu.st[i].m, i, c->xmm[i].q[1], c->xmm[i].q[0]);
}

/* ---- code ----------------------------------------------------------------------------------- */

static unsigned fetch(struct vm *v, uint32_t lin, uint8_t bytes[15])
{
    struct x86_cpu *c = vm_cpu_state(v);
    unsigned n = 0;
    gpa_t gpa;

    for (; n < 15 && c->mmu->probe(c->mmu_self, c, lin + n, ACC_X, &gpa); n++)
        bytes[n] = (uint8_t)mem_read(c->mem, gpa, 1);
    return n;
}

void lockstep_print_code(FILE *out, struct vm *v, const struct x86_cpu *at, unsigned n)
{
    uint32_t eip = (uint32_t)at->rip, base = (uint32_t)at->seg[CS].base;

    while (n--) {
        uint8_t bytes[15];
        unsigned have = fetch(v, base + eip, bytes);
        struct x86_insn I;
        int len = x86_decode(&I, bytes, have, at->mode & MODE_CS32);
        char text[96] = "(not an instruction)";

        if (len > 0)
            x86_disasm(&I, eip, text, sizeof text);
        fprintf(out, "  %04x:%08x ", at->seg[CS].sel, eip);
        for (int i = 0; i < (len > 0 ? len : 1) && i < (int)have; i++)
            fprintf(out, "%02x ", bytes[i]);
        fprintf(out, "%*s%s\n", len > 0 && len < 8 ? 3 * (8 - len) : 0, "",
                have ? text : "(no memory there)");
        if (len <= 0 || (I.flags & X86F_END))
            return;
        eip += (uint32_t)len;
    }
}
