/* msr.c - model specific registers, by the rows of msr.def.
 *
 * SDM vol. 3 10.11 (MTRRs), 10.12 (PAT), 9.4.4 (APIC base), appendix B. Memory types are kept and
 * read back, and change nothing. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/cpu.h"
#include "cpu-x86/model.h"
#include "cpu-x86/state.h"

enum kind { HELD, FIXED, IGNORED, TYPES, PATS, PHYS, DEFTYPE, TSC, APIC_BASE, SYSENTER, EFER };

struct row {
    uint32_t first, count;
    enum kind kind;
    unsigned slot;
    uint64_t reset, mask;
    uint32_t feature;
};
static const struct row rows[] = {
#define MSR(first, count, name, kind, slot, reset, mask, feature) \
    { first, count, kind, slot, reset, mask, feature },
#include "cpu-x86/msr.def"
#undef MSR
};
enum { ROWS = sizeof rows / sizeof rows[0] };

#define MSR(first, count, name, kind, slot, reset, mask, feature) \
    _Static_assert((slot) + (count) <= X86_MSR_SLOTS, name " lies in msr[]");
#include "cpu-x86/msr.def"
#undef MSR

static const struct row *find(const struct x86_cpu *c, uint32_t n)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (n - rows[i].first < rows[i].count)
            return (c->model->edx & rows[i].feature) == rows[i].feature ? &rows[i] : NULL;
    return NULL;
}

uint64_t x86_tsc(const struct x86_cpu *c)
{
    return (c->port->tsc ? c->port->tsc(c->port_self) : x86_insns(c)) + c->tsc_offset;
}

static uint64_t *sysenter(struct x86_cpu *c, unsigned i)
{
    return i == 0 ? &c->sysenter_cs : i == 1 ? &c->sysenter_esp : &c->sysenter_eip;
}

bool x86_msr_read(struct x86_cpu *c, uint32_t n, uint64_t *v)
{
    const struct row *r = find(c, n);

    if (!r)
        return false;
    switch (r->kind) {
    case FIXED: case IGNORED: *v = r->reset; break;
    case HELD: case TYPES: case PATS: case PHYS: case DEFTYPE:
        *v = c->msr[r->slot + n - r->first];
        break;
    case TSC: *v = x86_tsc(c); break;
    case SYSENTER: *v = *sysenter(c, r->slot); break;
    case APIC_BASE: *v = c->apic_base; return c->port->apic_base;
    case EFER: *v = c->efer; return c->model->ext_edx & CPUID_NX;
    }
    return true;
}

/* UC 0, WC 1, WT 4, WP 5, WB 6; the PAT knows UC- 7, too. */
static bool is_type(uint8_t t, bool pat)
{
    return t == 0 || t == 1 || (t >= 4 && t <= (pat ? 7 : 6));
}

static bool all_types(uint64_t v, bool pat)
{
    for (unsigned i = 0; i < 8; i++)
        if (!is_type((uint8_t)(v >> 8 * i), pat))
            return false;
    return true;
}

/* Even numbers are bases with a type in byte 0, odd ones masks with a valid bit 11. */
static bool phys_ok(uint32_t n, uint64_t v)
{
    return n & 1 ? !(v & 0x7ff) : is_type((uint8_t)v, false) && !(v & 0xf00);
}

static bool holds(const struct row *r, uint32_t n, uint64_t v)
{
    if (v & ~r->mask)
        return false;
    switch (r->kind) {
    case TYPES: return all_types(v, false);
    case PATS: return all_types(v, true);
    case PHYS: return phys_ok(n, v);
    case DEFTYPE: return is_type((uint8_t)v, false);
    case HELD: case FIXED: case IGNORED: case TSC: case APIC_BASE: case SYSENTER: case EFER: break;
    }
    return true;
}

static bool write_apic_base(struct x86_cpu *c, uint64_t v)
{
    if (!c->port->apic_base || v >> X86_GPA_BITS || (v & 0x6ff))
        return false;
    c->apic_base = v;
    c->port->apic_base(c->port_self, v);
    return true;
}

static bool write_efer(struct x86_cpu *c, uint64_t v)
{
    if (!(c->model->ext_edx & CPUID_NX) || (v & ~(uint64_t)EFER_NXE))
        return false;
    c->efer = v;
    c->mmu->control_written(c->mmu_self, c);
    return true;
}

bool x86_msr_write(struct x86_cpu *c, uint32_t n, uint64_t v)
{
    const struct row *r = find(c, n);

    if (!r || !holds(r, n, r->kind == APIC_BASE || r->kind == EFER ? 0 : v))
        return false;
    switch (r->kind) {
    case FIXED: return false;
    case IGNORED: break;
    case HELD: case TYPES: case PATS: case PHYS: case DEFTYPE:
        c->msr[r->slot + n - r->first] = v;
        break;
    case TSC: c->tsc_offset += v - x86_tsc(c); break;
    case SYSENTER: *sysenter(c, r->slot) = v; break;
    case APIC_BASE: return write_apic_base(c, v);
    case EFER: return write_efer(c, v);
    }
    return true;
}

void x86_msr_reset(struct x86_cpu *c)
{
    for (unsigned i = 0; i < ROWS; i++)
        for (unsigned k = 0; k < rows[i].count; k++)
            if (rows[i].kind >= HELD && rows[i].kind <= DEFTYPE && rows[i].kind != FIXED &&
                rows[i].kind != IGNORED)
                c->msr[rows[i].slot + k] = rows[i].reset;
    c->sysenter_cs = c->sysenter_esp = c->sysenter_eip = 0;
    c->efer = 0;
    c->tsc_offset -= x86_tsc(c);
    c->apic_base = 0xfee00000 | X86_APIC_ENABLE | X86_APIC_BSP;
    if (c->port->apic_base)
        c->port->apic_base(c->port_self, c->apic_base);
}
