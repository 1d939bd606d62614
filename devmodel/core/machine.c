/* machine.c - a machine's life: its parts, its devices, reset and snapshot. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/loop.h"
#include "devmodel/core/machine_priv.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"
#include <stdlib.h>
#include <string.h>

struct vclock    *machine_clock(struct machine *m) { return m->clock; }
struct mem_space *machine_ram(struct machine *m) { return m->mem; }
struct mem_space *machine_ports(struct machine *m) { return m->ports; }
struct pci_bus   *machine_pci(struct machine *m) { return m->pci; }
struct loop      *machine_loop(struct machine *m) { return m->loop; }
struct input     *machine_input(struct machine *m) { return &m->input; }
struct isa_dma   *machine_isa_dma(struct machine *m) { return m->dma; }
struct mem_region *machine_pci_mem(struct machine *m) { return &m->pci_mem; }
struct device    *machine_devices(struct machine *m) { return m->n_devices ? m->device[0] : NULL; }

void machine_set_isa_dma(struct machine *m, struct isa_dma *d) { m->dma = d; }

struct mem_region *machine_ram_region(struct machine *m)
{
    return m->ram.host ? &m->ram_region : NULL;
}

void machine_set_intack(struct machine *m, int (*ack)(void *self), void *self)
{
    m->intack = ack;
    m->intack_self = self;
}

int machine_intack(struct machine *m)
{
    return m->intack ? m->intack(m->intack_self) & 0xff : 0xff;
}

/* ---- birth and death ------------------------------------------------------------------------ */

static int build(struct machine *m, struct vm_error *e)
{
    const struct machine_options *o = &m->opt;

    VM_TRY(vclock_new(&m->clock, e));
    VM_TRY(loop_new(&m->loop, e));
    VM_TRY(mem_space_new(&m->mem, "memory", 1ull << o->gpa_bits, e));
    VM_TRY(mem_space_new(&m->ports, "ports", 65536, e));
    mem_share_guard(m->ports, m->mem);
    m->pci_mem = (struct mem_region){ .name = "pci", .kind = MEM_CONTAINER,
                                      .size = 1ull << o->gpa_bits };
    mem_add(mem_root(m->mem), &m->pci_mem, 0, -1);
    if (o->ram_bytes) {
        VM_TRY(ram_open(&m->ram, o->ram_bytes, e));
        m->ram_region = (struct mem_region){ .name = "ram", .kind = MEM_RAM, .size = m->ram.bytes,
                                             .host = m->ram.host, .ram = &m->ram };
    }
    return o->pci ? pci_bus_new(&m->pci, m, e) : VM_OK;
}

int machine_new(struct machine **out, const struct machine_options *o, struct vm_error *e)
{
    struct machine *m = calloc(1, sizeof *m);

    VM_ASSERT(o->gpa_bits >= 32 && o->gpa_bits <= 52 && o->name);
    if (!m)
        return vm_fail(e, VM_ENOMEM, "no memory for a machine");
    m->opt = *o;
    m->ram.fd = -1;
    int rc = build(m, e);
    if (rc < 0)
        machine_free(m);
    else
        *out = m;
    return rc;
}

/* Takes back all that a device, realized or half-way there, was given by the machine. */
static void remove_last_device(struct machine *m, bool realized)
{
    struct device *d = m->device[--m->n_devices];

    if (m->n_devices)
        m->device[m->n_devices - 1]->next = NULL;
    if (realized && d->cls->unrealize)
        d->cls->unrealize(d);
    if (m->pci)
        pci_forget_device(m->pci, d);
    machine_unclaim(m, d);
    vclock_forget(m->clock, d, d->cls->size);
    device_free(d);
}

void machine_remove_devices(struct machine *m)
{
    m->n_sinks = 0;                  /* a wire that falls now has nobody to tell */
    for (unsigned i = 0; i < m->n_wires; i++)
        m->wire[i].to.set = NULL;
    while (m->n_devices)
        remove_last_device(m, true);
}

void machine_free(struct machine *m)
{
    machine_remove_devices(m);
    if (m->pci)
        pci_bus_free(m->pci);
    claim_free(m);
    for (unsigned i = 0; i < m->n_backends; i++)
        free(m->backend[i].name);
    mem_space_free(m->ports);
    mem_space_free(m->mem);
    ram_close(&m->ram);
    loop_free(m->loop);
    vclock_free(m->clock);
    free(m);
}

/* ---- backends ------------------------------------------------------------------------------- */

void *machine_backend(struct machine *m, enum prop_type type, const char *name)
{
    for (unsigned i = 0; i < m->n_backends; i++)
        if (m->backend[i].type == type && strcmp(m->backend[i].name, name) == 0)
            return m->backend[i].object;
    return NULL;
}

int machine_add_backend(struct machine *m, enum prop_type type, const char *name, void *object,
                        struct vm_error *e)
{
    if (machine_backend(m, type, name))
        return vm_fail(e, VM_EBUSY, "there are two backends named \"%s\"; each needs its own name",
                       name);
    if (m->n_backends == MACHINE_BACKENDS)
        return vm_fail(e, VM_ENOMEM, "more than %u backends", MACHINE_BACKENDS);
    char *copy = strdup(name);
    if (!copy)
        return vm_fail(e, VM_ENOMEM, "no memory for the backend \"%s\"", name);
    m->backend[m->n_backends++] = (struct backend){ type, copy, object };
    return VM_OK;
}

/* ---- devices -------------------------------------------------------------------------------- */

struct device *machine_device(struct machine *m, const char *id)
{
    for (unsigned i = 0; i < m->n_devices; i++)
        if (strcmp(m->device[i]->id, id) == 0)
            return m->device[i];
    return NULL;
}

static void choose_id(struct machine *m, const char *cls, char *id, size_t cap)
{
    snprintf(id, cap, "%s", cls);
    for (unsigned n = 1; machine_device(m, id); n++)
        snprintf(id, cap, "%s.%u", cls, n);
}

static int realize(struct machine *m, struct device *d, struct vm_error *e)
{
    int rc = VM_OK;

    if (m->n_devices)
        m->device[m->n_devices - 1]->next = d;
    m->device[m->n_devices++] = d;
    m->realizing = d;
    if (d->cls->realize)
        rc = d->cls->realize(d, m, e);
    m->realizing = NULL;
    return rc;
}

int machine_add_device(struct machine *m, const char *cls, const char *id, const char *props,
                       struct device **out, struct vm_error *e)
{
    const struct dev_class *c = dev_class_find(cls, e);

    return c ? machine_add_class(m, c, id, props, out, e) : VM_ENOENT;
}

int machine_add_class(struct machine *m, const struct dev_class *cls, const char *id,
                      const char *props, struct device **out, struct vm_error *e)
{
    struct device *d;
    char name[48];

    if (id && machine_device(m, id))
        return vm_fail(e, VM_EBUSY, "there are two devices named \"%s\"; give %s another id", id,
                       cls->name);
    if (m->n_devices == MACHINE_DEVICES)
        return vm_fail(e, VM_ENOMEM, "more than %u devices", MACHINE_DEVICES);
    if (id)
        snprintf(name, sizeof name, "%s", id);
    else
        choose_id(m, cls->name, name, sizeof name);
    VM_TRY(device_new(&d, m, cls, name, props, e));
    int rc = realize(m, d, e);
    if (rc < 0) {
        remove_last_device(m, false);
        return rc;
    }
    if (out)
        *out = d;
    return VM_OK;
}

/* ---- reset and snapshot --------------------------------------------------------------------- */

static void drive_all(struct machine *m)
{
    for (unsigned i = 0; i < m->n_devices; i++)
        if (m->device[i]->cls->drive)
            m->device[i]->cls->drive(m->device[i]);
    if (m->pci)
        pci_bus_announce(m->pci);
    claim_announce(m);
}

void machine_reset(struct machine *m, enum reset_kind k)
{
    if (k != RESET_SOFT) {
        if (m->pci)
            pci_bus_reset(m->pci);
        for (unsigned i = 0; i < m->n_devices; i++)
            if (m->device[i]->cls->reset)
                m->device[i]->cls->reset(m->device[i], k);
        drive_all(m);
    }
    if (m->run.ops)
        m->run.ops->reset(m->run.self, k);
}

static void snap_layout(struct machine *m, struct snap *s)
{
    uint64_t ram = m->ram.bytes;
    uint32_t devices = m->n_devices;

    snap_u64(s, "ram-bytes", &ram);
    snap_check(s, "ram-bytes", ram != m->ram.bytes);
    snap_u32(s, "devices", &devices);
    snap_check(s, "devices", devices != m->n_devices);
}

void machine_snap(struct machine *m, struct snap *s)
{
    snap_begin(s, m->opt.name, 1);
    snap_layout(m, s);
    if (m->run.ops && m->run.ops->snap)
        m->run.ops->snap(m->run.self, s);        /* first: the clock may count its instructions */
    vclock_snap(m->clock, s);
    if (m->pci)
        pci_bus_snap(m->pci, s);
    if (m->ram.host)
        snap_pages(s, "ram", m->ram.host, m->ram.bytes);
    for (unsigned i = 0; i < m->n_devices; i++) {
        struct device *d = m->device[i];
        snap_begin(s, d->id, 1);
        if (d->cls->snap)
            d->cls->snap(d, s);
        snap_end(s);
    }
    snap_end(s);
    if (snap_mode(s) == SNAP_LOAD && snap_status(s, NULL) == VM_OK)
        drive_all(m);
}
