/* claim.c - who has which ports, memory, request lines and wires; collisions name both parties. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/machine_priv.h"
#include <stdlib.h>
#include <string.h>

static const char *owner_name(const struct device *d) { return d ? d->id : "the board"; }

/* ---- ranges --------------------------------------------------------------------------------- */

static int clash(const struct machine *m, const struct claim *c, enum claim_kind kind,
                 uint64_t from, uint64_t to, struct vm_error *e)
{
    const char *me = owner_name(m->realizing), *other = owner_name(c->owner);

    if (kind == CLAIM_IRQ)
        return vm_fail(e, VM_EBUSY, "%s wants interrupt request %u, which %s has", me,
                       (unsigned)from, other);
    return vm_fail(e, VM_EBUSY, "%s wants %s %llx to %llx hex, but %s has %llx to %llx", me,
                   kind == CLAIM_PORTS ? "ports" : "memory", (unsigned long long)from,
                   (unsigned long long)to - 1, other, (unsigned long long)c->from,
                   (unsigned long long)c->to - 1);
}

static int claim(struct machine *m, enum claim_kind kind, uint64_t from, uint64_t size,
                 struct mem_region *r, struct vm_error *e)
{
    for (size_t i = 0; i < m->n_claims; i++) {
        const struct claim *c = &m->claim[i];
        if (c->kind == kind && from < c->to && c->from < from + size)
            return clash(m, c, kind, from, from + size, e);
    }
    struct claim *p = realloc(m->claim, (m->n_claims + 1) * sizeof *p);
    if (!p)
        return vm_fail(e, VM_ENOMEM, "no memory for a claim");
    m->claim = p;
    p[m->n_claims++] = (struct claim){ kind, from, from + size, m->realizing, r };
    return VM_OK;
}

int machine_claim_ports(struct machine *m, struct mem_region *r, uint16_t port, struct vm_error *e)
{
    if (r->size > 0x10000u - port)
        return vm_fail(e, VM_EINVAL, "%s wants %u ports from %x hex: there are only 65536",
                       owner_name(m->realizing), (unsigned)r->size, port);
    VM_TRY(claim(m, CLAIM_PORTS, port, r->size, r, e));
    mem_add(mem_root(m->ports), r, port, 0);
    return VM_OK;
}

int machine_claim_mem(struct machine *m, struct mem_region *r, uint64_t gpa, struct vm_error *e)
{
    uint64_t limit = 1ull << m->opt.gpa_bits;

    if (r->size > limit || gpa > limit - r->size)
        return vm_fail(e, VM_EINVAL, "%s wants memory at %llx hex, outside the %u-bit space",
                       owner_name(m->realizing), (unsigned long long)gpa, m->opt.gpa_bits);
    VM_TRY(claim(m, CLAIM_MEM, gpa, r->size, r, e));
    mem_add(&m->pci_mem, r, gpa, 0);
    return VM_OK;
}

/* ---- lines and wires ------------------------------------------------------------------------ */

static void source_set(void *opaque, unsigned pin, bool level)
{
    struct source *s = opaque;
    struct machine *m = s->m;
    struct wire *w = s->is_wire ? &m->wire[s->target] : NULL;
    struct node *n = w ? &w->node : &m->irq[s->target];

    (void)pin;
    if (s->level != level)
        n->high += level ? 1 : -1u;
    s->level = level;
    if (w) {
        if (w->to.set)
            w->to.set(w->to.self, w->pin, n->high != 0);
        return;
    }
    for (unsigned i = 0; i < m->n_sinks; i++)
        m->sink[i].set(m->sink[i].self, s->target, n->high != 0);
}

static int add_source(struct machine *m, struct irq_line *l, bool is_wire, unsigned target,
                      struct vm_error *e)
{
    if (m->n_sources == MACHINE_SOURCES)
        return vm_fail(e, VM_ENOMEM, "%s: more than %u interrupt wires in the machine",
                       owner_name(m->realizing), MACHINE_SOURCES);
    struct source *s = &m->source[m->n_sources++];
    *s = (struct source){ m, l, m->realizing, target, is_wire, false };
    irq_connect(l, source_set, s, 0);
    return VM_OK;
}

static int bad_irq(const struct machine *m, unsigned irq, struct vm_error *e)
{
    return vm_fail(e, VM_EINVAL, "%s: interrupt request %u does not exist; they are 0 to 15",
                   owner_name(m->realizing), irq);
}

int machine_claim_irq(struct machine *m, struct irq_line *l, unsigned irq, struct vm_error *e)
{
    if (irq >= MACHINE_IRQS)
        return bad_irq(m, irq, e);
    VM_TRY(claim(m, CLAIM_IRQ, irq, 1, NULL, e));
    return add_source(m, l, false, irq, e);
}

int machine_share_irq(struct machine *m, struct irq_line *l, unsigned irq, struct vm_error *e)
{
    return irq >= MACHINE_IRQS ? bad_irq(m, irq, e) : add_source(m, l, false, irq, e);
}

int machine_add_irq_sink(struct machine *m, void (*set)(void *sink, unsigned irq, bool level),
                         void *sink, struct vm_error *e)
{
    if (m->n_sinks == MACHINE_SINKS)
        return vm_fail(e, VM_EBUSY, "%s: the machine has %u interrupt controllers already",
                       owner_name(m->realizing), MACHINE_SINKS);
    m->sink[m->n_sinks++] = (struct sink){ set, sink, m->realizing };
    return VM_OK;
}

static struct wire *find_wire(struct machine *m, const char *name)
{
    for (unsigned i = 0; i < m->n_wires; i++)
        if (strcmp(m->wire[i].name, name) == 0)
            return &m->wire[i];
    return NULL;
}

int machine_publish_wire(struct machine *m, const char *name, void (*set)(void *sink, unsigned pin,
                         bool level), void *sink, unsigned pin, struct vm_error *e)
{
    if (find_wire(m, name))
        return vm_fail(e, VM_EBUSY, "the wire \"%s\" is published twice", name);
    if (m->n_wires == MACHINE_WIRES)
        return vm_fail(e, VM_ENOMEM, "more than %u named wires in the machine", MACHINE_WIRES);
    m->wire[m->n_wires++] = (struct wire){ name, { 0 }, { set, sink, m->realizing }, pin };
    return VM_OK;
}

int machine_connect_wire(struct machine *m, const char *name, struct irq_line *l,
                         struct vm_error *e)
{
    struct wire *w = find_wire(m, name);

    if (!w)
        return vm_fail(e, VM_ENOENT, "%s drives the wire \"%s\", which this board does not have",
                       owner_name(m->realizing), name);
    return add_source(m, l, true, (unsigned)(w - m->wire), e);
}

/* ---- giving back ---------------------------------------------------------------------------- */

static void drop_source(struct machine *m, unsigned i)
{
    irq_set(m->source[i].line, false);
    irq_connect(m->source[i].line, NULL, NULL, 0);
    m->n_sources--;
    memmove(&m->source[i], &m->source[i + 1], (m->n_sources - i) * sizeof m->source[0]);
    for (; i < m->n_sources; i++)
        m->source[i].line->sink = &m->source[i];
}

static void drop_sinks(struct machine *m, struct device *d)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < m->n_sinks; i++)
        if (m->sink[i].owner != d)
            m->sink[kept++] = m->sink[i];
    m->n_sinks = kept;
    for (unsigned i = 0; i < m->n_wires; i++)
        if (m->wire[i].to.owner == d)
            m->wire[i].to.set = NULL;        /* its drivers hold an index: the wire stays */
}

void machine_unclaim(struct machine *m, struct device *d)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n_claims; i++) {
        if (m->claim[i].owner == d && m->claim[i].region)
            mem_remove(m->claim[i].region);
        if (m->claim[i].owner != d)
            m->claim[kept++] = m->claim[i];
    }
    m->n_claims = kept;
    for (unsigned i = m->n_sources; i-- > 0;)
        if (m->source[i].owner == d)
            drop_source(m, i);
    drop_sinks(m, d);
}

void claim_announce(struct machine *m)
{
    for (unsigned i = 0; i < m->n_sources; i++)
        irq_announce(m->source[i].line);
}

void claim_free(struct machine *m) { free(m->claim); }
