/* mutant.c - the interpreter, but what one instruction leaves behind is changed. */
/* SPDX-License-Identifier: MIT */
#include "tests/lockstep/mutant.h"
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/cpu.h"
#include "cpu-x86/flags.h"
#include "devmodel/core/mem.h"

enum { LONG_SLICE = 65 };
static const char *const kinds[] = { "reg", "flag", "mem", "screen", "chained" };
enum kind { REG, FLAG, MEM, SCREEN, CHAINED, KINDS };

struct mutant { struct x86_cpu *c; void *inner; enum kind kind; uint64_t at; };

static int create(void **self, struct x86_cpu *c, const char *opts, struct vm_error *e)
{
    struct mutant *m = calloc(1, sizeof *m);
    unsigned k = 0;

    while (m && k < KINDS && (strncmp(opts, kinds[k], strlen(kinds[k])) != 0 ||
                              opts[strlen(kinds[k])] != '='))
        k++;
    if (!m || k == KINDS) {
        free(m);
        return vm_fail(e, VM_EINVAL, "engine mutant takes reg=N, flag=N, mem=N, screen=N or "
                       "chained=N, not '%s'", opts);
    }
    *m = (struct mutant){ c, NULL, (enum kind)k, strtoull(strchr(opts, '=') + 1, NULL, 0) };
    *self = m;
    return engine_interp.create(&m->inner, c, NULL, e);
}

static void change(struct mutant *m)
{
    switch (m->kind) {
    case REG: case CHAINED: m->c->gpr[RBP] ^= 1u << 20; break;
    case FLAG: x86_set_arith(m->c, x86_arith_flags(m->c) ^ FL_AF); break;
    case MEM: mem_write(m->c->mem, 0x5f0, mem_read(m->c->mem, 0x5f0, 1) ^ 1, 1); break;
    case SCREEN: mem_write(m->c->mem, 0xbbff0, mem_read(m->c->mem, 0xbbff0, 1) ^ 1, 1); break;
    case KINDS: break;
    }
}

/* The inner engine believes to be the CPU's. */
static enum x86_stop inner_run(struct mutant *m)
{
    struct x86_cpu *c = m->c;

    c->engine = &engine_interp;
    c->engine_self = m->inner;
    enum x86_stop stop = engine_interp.run(m->inner);

    c->engine = &engine_mutant;
    c->engine_self = m;
    return stop;
}

/* To the end of the instruction in question, or of the block with it. */
static enum x86_stop run(void *self)
{
    struct mutant *m = self;
    struct x86_cpu *c = m->c;
    uint64_t at = x86_insns(c);
    bool ahead = at <= m->at && m->at - at < (uint64_t)c->budget &&
                 (m->kind != CHAINED || (c->budget >= LONG_SLICE && !c->stop_at_edge));
    int32_t rest = ahead && !c->stop_at_edge ? c->budget - (int32_t)(m->at - at) - 1 : 0;

    c->slice -= rest;
    c->budget -= rest;
    enum x86_stop stop = inner_run(m);

    c->slice += rest;
    c->budget += rest;
    if (ahead && x86_insns(c) > m->at)
        change(m);
    return rest && stop == STOP_BUDGET ? inner_run(m) : stop;
}

static void forget(void *self, gpa_t from, uint64_t bytes)
{
    struct mutant *m = self;

    engine_interp.forget(m->inner, from, bytes);
}

static void stats(void *self, void (*row)(void *o, const char *name, uint64_t v), void *o)
{
    struct mutant *m = self;

    engine_interp.stats(m->inner, row, o);
}

static void destroy(void *self)
{
    struct mutant *m = self;

    engine_interp.destroy(m->inner);
    free(m);
}

const struct x86_engine_ops engine_mutant = {
    .name = "mutant", .create = create, .run = run, .forget = forget, .stats = stats,
    .destroy = destroy,
};
