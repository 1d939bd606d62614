/* vm_cpu.c - the processor of the machine: paging, execution tier, and the trace of its ports. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/vm.h"
#include "cpu-x86/cpu.h"
#include "cpu-x86/model.h"
#include "cpu-x86/state.h"
#include "devmodel/base/vm_log.h"
#include "devmodel/core/clock.h"
#include "shadow-mmu/smmu.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MODEL "max"

enum trace { TRACE_IN = 1, TRACE_OUT = 2, TRACE_INTR = 4 };
static const struct { const char *name, *help; enum trace bit; } events[] = {
    { "in", "reads of ports", TRACE_IN },
    { "out", "writes of ports", TRACE_OUT },
    { "intr", "interrupts that the processor takes from a controller", TRACE_INTR },
};
enum { N_EVENTS = sizeof events / sizeof events[0] };

struct vm_cpu {
    struct vm      *vm;
    struct x86_cpu *cpu;
    struct smmu    *mmu;
    unsigned        trace;           /* bits of enum trace */
    struct x86_port_ops ports;       /* the board's, with a line for each event traced */
};

/* ---- -trace --------------------------------------------------------------------------------- */

static void line(const struct vm_cpu *t, const char *event, unsigned port, unsigned size,
                 uint32_t v)
{
    FILE *f = t->vm->log ? t->vm->log : stderr;

    fprintf(f, "%13.6f ms %-4s %04x.%u %0*x%s\n",
            (double)vclock_now(machine_clock(t->vm->machine)) / 1e6, event, port, size,
            (int)size * 2, v, t->vm->log ? "" : "\r");
}

static const struct x86_port_ops *board(const struct vm_cpu *t)
{
    return pc_port_ops(t->vm->pc);
}

static uint32_t traced_in(void *self, uint16_t port, unsigned size)
{
    const struct vm_cpu *t = self;
    uint32_t v = board(t)->in(t->vm->pc, port, size);

    if (t->trace & TRACE_IN)
        line(t, "in", port, size, v);
    return v;
}

static void traced_out(void *self, uint16_t port, uint32_t v, unsigned size)
{
    const struct vm_cpu *t = self;

    if (t->trace & TRACE_OUT)
        line(t, "out", port, size, v);
    board(t)->out(t->vm->pc, port, v, size);
}

static int traced_intack(void *self)
{
    const struct vm_cpu *t = self;
    int vector = board(t)->intack(t->vm->pc);

    if (t->trace & TRACE_INTR)
        line(t, "intr", 0, 1, (uint32_t)vector);
    return vector;
}

static uint64_t passed_tsc(void *self)
{
    const struct vm_cpu *t = self;

    return board(t)->tsc(t->vm->pc);
}

static void passed_ferr(void *self, bool level)
{
    const struct vm_cpu *t = self;

    board(t)->ferr(t->vm->pc, level);
}

static void passed_apic_base(void *self, uint64_t v)
{
    const struct vm_cpu *t = self;

    board(t)->apic_base(t->vm->pc, v);
}

static void trace_ports(struct vm_cpu *t, struct x86_config *c)
{
    t->ports = (struct x86_port_ops){
        .in = traced_in, .out = traced_out, .intack = traced_intack,
        .tsc = board(t)->tsc ? passed_tsc : NULL,
        .ferr = board(t)->ferr ? passed_ferr : NULL,
        .apic_base = board(t)->apic_base ? passed_apic_base : NULL,
    };
    c->port = &t->ports;
    c->port_self = t;
}

static int read_events(struct vm_cpu *t, const char *list, struct vm_error *e)
{
    while (*list) {
        size_t n = strcspn(list, ",");
        unsigned i = 0;

        while (i < N_EVENTS && (strlen(events[i].name) != n || memcmp(events[i].name, list, n)))
            i++;
        if (i == N_EVENTS)
            return vm_fail(e, VM_EINVAL, "-trace: there is no event '%.*s'; there is in, out and "
                           "intr", (int)(n < 60 ? n : 60), list);
        t->trace |= events[i].bit;
        list += n + (list[n] == ',');
    }
    return VM_OK;
}

/* ---- the processor -------------------------------------------------------------------------- */

static int create(struct vm_cpu *t, struct vm *v, struct vm_error *e)
{
    struct x86_config c = { .model = v->o.cpu ? v->o.cpu : DEFAULT_MODEL,
                            .mem = machine_ram(v->machine), .port = pc_port_ops(v->pc),
                            .port_self = v->pc, .mmu = &smmu_ops,
                            .engine = v->o.engine.use[v->side].ops,
                            .engine_opts = v->o.engine.use[v->side].options };

    VM_TRY(hostcap_probe(&v->hostcap, v->o.hostcap, e));
    if (!c.engine)
        VM_TRY(vm_engine_find(NULL, &c.engine, e));
    if (v->o.trace && !v->silent)
        VM_TRY(read_events(t, v->o.trace, e));
    if (t->trace)
        trace_ports(t, &c);
    VM_TRY(smmu_new(&t->mmu, c.mem, e));
    c.mmu_self = t->mmu;
    VM_TRY(x86_create(&t->cpu, &c, e));
    t->cpu->exact_events = v->io;
    smmu_attach(t->mmu, t->cpu);
    pc_attach_cpu(v->pc, t->cpu);
    machine_set_executor(v->machine, &x86_exec, t->cpu);
    return VM_OK;
}

int vm_cpu_new(struct vm *v, struct vm_error *e)
{
    v->cpu = calloc(1, sizeof *v->cpu);
    if (!v->cpu)
        return vm_fail(e, VM_ENOMEM, "no memory for a processor");
    v->cpu->vm = v;
    return create(v->cpu, v, e);
}

void vm_cpu_free(struct vm *v)
{
    if (!v->cpu)
        return;
    x86_destroy(v->cpu->cpu);
    smmu_free(v->cpu->mmu);
    free(v->cpu);
    v->cpu = NULL;
}

struct x86_cpu *vm_cpu_state(struct vm *v)
{
    return v->cpu->cpu;
}

void vm_cpu_help(FILE *out)
{
    const struct x86_model *m;

    for (unsigned i = 0; (m = x86_model_at(i)) != NULL; i++)
        fprintf(out, "%-10s %s%s\n", m->name, m->about,
                strcmp(m->name, DEFAULT_MODEL) == 0 ? " (used without -cpu)" : "");
}

void vm_trace_help(FILE *out)
{
    for (unsigned i = 0; i < N_EVENTS; i++)
        fprintf(out, "%-10s %s\n", events[i].name, events[i].help);
}
