/* mon_info.c - the topics of the monitor's `info`, and memory dumps. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/monitor_priv.h"
#include "cpu-x86/cpu.h"
#include "cpu-x86/insn.h"
#include "cpu-x86/state.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/pci.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void info_name(struct monitor *m, int n, char **word)
{
    (void)n;
    (void)word;
    mon_printf(m, "%s\n", m->env.name ? m->env.name : "this machine has no name (-name)");
}

static void info_status(struct monitor *m, int n, char **word)
{
    (void)n;
    (void)word;
    mon_printf(m, "%s, %.3f s since power-on\n",
               machine_paused(m->env.machine) ? "stopped" : "running",
               (double)vclock_now(machine_clock(m->env.machine)) / 1e9);
}

static void info_devices(struct monitor *m, int n, char **word)
{
    (void)n;
    (void)word;
    for (struct device *d = machine_devices(m->env.machine); d; d = d->next)
        mon_printf(m, "%-16s %-16s %s\n", d->id, d->cls->name, d->cls->help);
}

/* ---- the processor -------------------------------------------------------------------------- */

static void info_cpu(struct monitor *m, int n, char **word)
{
    const struct x86_cpu *c = m->env.cpu;

    (void)n;
    (void)word;
    if (!c) {
        mon_printf(m, "this machine has no processor\n");
        return;
    }
    mon_printf(m, "model %s, %s, %s, CPL %u, %04x:%08" PRIx64 "%s\n",
               x86_model_name(c), c->mode & MODE_V86 ? "virtual-8086 mode" :
               c->mode & MODE_PROT ? "protected mode" : "real mode",
               c->mode & MODE_CS32 ? "32-bit code" : "16-bit code", c->cpl, c->seg[CS].sel, c->rip,
               c->halted ? ", halted" : "");
}

static void info_registers(struct monitor *m, int n, char **word)
{
    char text[4000];

    (void)n;
    (void)word;
    if (!m->env.cpu)
        return;
    x86_print(m->env.cpu, text, sizeof text);
    mon_printf(m, "%s", text);
}

/* ---- memory --------------------------------------------------------------------------------- */

static bool linear_to_physical(struct monitor *m, uint64_t a, gpa_t *gpa)
{
    struct x86_cpu *c = m->env.cpu;

    *gpa = a;
    return c && c->mmu && c->mmu->probe(c->mmu_self, c, a, ACC_R, gpa);
}

/* Runs of pages that are next to each other on both sides, as "linear -> physical, size". */
static void info_mem(struct monitor *m, int n, char **word)
{
    const struct x86_cpu *c = m->env.cpu;
    uint64_t from = 0, size = 0;
    gpa_t first = 0, gpa;

    (void)n;
    (void)word;
    if (!c || !(c->cr0 & CR0_PG)) {
        mon_printf(m, "paging is off\n");
        return;
    }
    for (uint64_t a = 0; a <= 1ull << 32; a += GUEST_PAGE) {
        bool there = a >> 32 == 0 && linear_to_physical(m, a, &gpa);

        if (there && size && gpa == first + size) {
            size += GUEST_PAGE;
            continue;
        }
        if (size)
            mon_printf(m, "%08" PRIx64 "-%08" PRIx64 " -> %09" PRIx64 "\n", from, from + size - 1,
                       first);
        from = a;
        first = gpa;
        size = there ? GUEST_PAGE : 0;
    }
}

static void span_row(void *self, const struct mem_span *s)
{
    static const char *const kinds[] = { "", "RAM", "ROM", "device", "" };

    mon_printf(self, "%09" PRIx64 "-%09" PRIx64 " %-7s %s", s->gpa, s->gpa + s->size - 1,
               kinds[s->region->kind], s->region->name ? s->region->name : "");
    mon_printf(self, s->region_off ? " +%" PRIx64 "\n" : "\n", s->region_off);
}

static void info_mtree(struct monitor *m, int n, char **word)
{
    (void)n;
    (void)word;
    mon_printf(m, "memory\n");
    mem_walk(machine_ram(m->env.machine), span_row, m);
    mon_printf(m, "ports\n");
    mem_walk(machine_ports(m->env.machine), span_row, m);
}

struct dump { uint64_t at; unsigned count, size; char format; bool physical; };

static bool read_format(struct dump *d, const char *s)
{
    char *end;

    d->count = (unsigned)strtoul(s, &end, 10);
    if (end == s)
        d->count = 1;
    for (; *end; end++) {
        switch (*end) {
        case 'b': d->size = 1; break;
        case 'h': d->size = 2; break;
        case 'w': d->size = 4; break;
        case 'g': d->size = 8; break;
        case 'x': case 'u': case 'd': case 'o': case 'c': case 'i':
            d->format = *end;
            break;
        default: return false;
        }
    }
    return d->count <= 4096;
}

static void print_item(struct monitor *m, const struct dump *d, uint64_t v)
{
    unsigned shift = 64 - 8 * d->size;
    int64_t sv = (int64_t)(v << shift) >> shift;

    switch (d->format) {
    case 'x': mon_printf(m, " 0x%0*" PRIx64, (int)d->size * 2, v); break;
    case 'u': mon_printf(m, " %" PRIu64, v); break;
    case 'd': mon_printf(m, " %" PRId64, sv); break;
    case 'o': mon_printf(m, " 0%" PRIo64, v); break;
    case 'c': mon_printf(m, " '%c'", v >= ' ' && v < 0x7f ? (char)v : '.'); break;
    }
}

static uint8_t read_byte(struct monitor *m, const struct dump *d, uint64_t a)
{
    gpa_t gpa = a;

    if (!d->physical && !linear_to_physical(m, a, &gpa))
        return 0xff;
    return (uint8_t)mem_read(machine_ram(m->env.machine), gpa, 1);
}

/* As the processor would decode now: 16 or 32 bits by its present code segment. */
static void disassemble(struct monitor *m, const struct dump *d)
{
    bool code32 = m->env.cpu && m->env.cpu->mode & MODE_CS32;
    uint64_t at = d->at;

    for (unsigned i = 0; i < d->count; i++) {
        struct x86_insn insn;
        uint8_t bytes[15];
        char text[100] = "(illegal)";

        for (unsigned b = 0; b < sizeof bytes; b++)
            bytes[b] = read_byte(m, d, at + b);
        int n = x86_decode(&insn, bytes, sizeof bytes, code32);

        if (n > 0)
            x86_disasm(&insn, at, text, sizeof text);
        mon_printf(m, "%08" PRIx64 ": %s\n", at, text);
        at += n > 0 ? (unsigned)n : 1;
    }
}

static void dump(struct monitor *m, const struct dump *d)
{
    unsigned per_line = 16 / d->size;

    for (unsigned i = 0; i < d->count; i++) {
        uint64_t a = d->at + (uint64_t)i * d->size, v = 0;

        if (i % per_line == 0)
            mon_printf(m, "%s%08" PRIx64 ":", i ? "\n" : "", a);
        for (unsigned b = 0; b < d->size; b++)
            v |= (uint64_t)read_byte(m, d, a + b) << 8 * b;
        print_item(m, d, v);
    }
    mon_printf(m, "\n");
}

void mon_x(struct monitor *m, int n, char **word)
{
    struct dump d = { .size = 4, .format = 'x', .count = 1, .physical = word[0][1] == 'p' };
    char *slash = strchr(word[0], '/'), *end;

    if (!slash && n > 1 && word[1][0] == '/') {
        slash = word[1];
        word++;
        n--;
    }
    if (n != 2 || (slash && !read_format(&d, slash + 1))) {
        mon_printf(m, "for instance: xp/8xb 0x7c00 (at most 4096 of them)\n");
        return;
    }
    d.at = strtoull(word[1], &end, 0);
    if (*end) {
        mon_printf(m, "'%s' is no address\n", word[1]);
        return;
    }
    if (d.format == 'i')
        disassemble(m, &d);
    else
        dump(m, &d);
}

/* ---- devices -------------------------------------------------------------------------------- */

/* Everything whose class belongs to interrupts. */
static void info_irq(struct monitor *m, int n, char **word)
{
    static const char *const controllers[] = { "i8259", "ioapic", "lapic" };

    (void)n;
    (void)word;
    for (struct device *d = machine_devices(m->env.machine); d; d = d->next) {
        for (unsigned i = 0; i < 3; i++) {
            if (strcmp(d->cls->name, controllers[i]) == 0)
                mon_info_device(m, d);
        }
    }
}

static void info_timers(struct monitor *m, int n, char **word)
{
    struct vclock *c = machine_clock(m->env.machine);
    vtime_t now = vclock_now(c);

    (void)n;
    (void)word;
    mon_printf(m, "now %.6f ms\n", (double)now / 1e6);
    for (const struct vtimer *t = vclock_timers(c); t; t = t->next) {
        if (t->due == VTIME_NEVER)
            mon_printf(m, "%-24s off\n", t->name);
        else
            mon_printf(m, "%-24s in %.6f ms\n", t->name, (double)(t->due - now) / 1e6);
    }
}

static void info_block(struct monitor *m, int n, char **word)
{
    (void)n;
    (void)word;
    for (const struct monitor_disk *d = m->env.disks; d && d->name; d++) {
        struct blk_info i;

        d->blk->ops->info(d->blk->self, &i);
        mon_printf(m, "%-8s %s, %" PRIu64 " KiB%s\n", d->name, d->file, i.size >> 10,
                   i.read_only ? ", read-only" : "");
    }
}

static void info_pci(struct monitor *m, int n, char **word)
{
    struct pci_bus *bus = machine_pci(m->env.machine);

    (void)n;
    (void)word;
    for (unsigned devfn = 0; bus && devfn < 256; devfn++) {
        const struct pci_func *f = pci_func_at(bus, (uint8_t)devfn);

        if (!f)
            continue;
        mon_printf(m, "00:%02x.%u %02x%02x:%02x%02x class %02x%02x %s", devfn >> 3, devfn & 7,
                   f->cfg[1], f->cfg[0], f->cfg[3], f->cfg[2], f->cfg[PCI_CLASS],
                   f->cfg[PCI_SUBCLASS], f->dev.id);
        if (f->cfg[PCI_INT_PIN])
            mon_printf(m, ", INT%c line %u", 'A' + f->cfg[PCI_INT_PIN] - 1, f->cfg[PCI_INT_LINE]);
        mon_printf(m, "\n");
        for (unsigned b = 0; b < 6; b++) {
            uint32_t base;

            memcpy(&base, f->cfg + PCI_BAR0 + 4 * b, 4);
            if (f->bar[b].size)
                mon_printf(m, "    BAR%u %s %08x, %" PRIu64 " bytes\n", b,
                           f->bar_is_io[b] ? "ports" : "memory", base & ~(uint32_t)3,
                           f->bar[b].size);
        }
    }
}

const struct mon_command mon_info_topics[] = {
    { "block", "", "disks, CDs and floppies", info_block },
    { "cpu", "", "mode and position of the processor", info_cpu },
    { "devices", "", "what the machine is made of", info_devices },
    { "irq", "", "interrupt controllers", info_irq },
    { "mem", "", "linear to physical addresses", info_mem },
    { "mtree", "", "what answers at which address and port", info_mtree },
    { "name", "", "of this machine", info_name },
    { "pci", "", "PCI functions and their windows", info_pci },
    { "registers", "", "of the processor", info_registers },
    { "status", "", "running or stopped", info_status },
    { "timers", "", "what is due and when", info_timers },
    { .name = NULL },
};
