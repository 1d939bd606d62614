/* opts_engine.c - the value of -engine: one execution tier, or two in lockstep. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/opts_priv.h"
#include <stdlib.h>
#include <string.h>

static void list(char *out, size_t cap)
{
    out[0] = 0;
    for (const struct vm_engine *g = vm_engines; g->ops; g++) {
        size_t n = strlen(out);

        snprintf(out + n, cap - n, "%s%s", n ? ", " : "", g->ops->name);
    }
}

int vm_engine_find(const char *name, const struct x86_engine_ops **out, struct vm_error *e)
{
    char names[128];

    for (const struct vm_engine *g = vm_engines; g->ops; g++) {
        if (!name || strcmp(g->ops->name, name) == 0) {
            *out = g->ops;
            return VM_OK;
        }
    }
    list(names, sizeof names);
    return vm_fail(e, VM_EINVAL, "-engine: there is no engine '%.40s'; the engines are: %s", name,
                   names);
}

void vm_engine_help(FILE *out)
{
    for (const struct vm_engine *g = vm_engines; g->ops; g++)
        fprintf(out, "%-10s %s\n", g->ops->name, g->help);
}

static int count(const struct opt_pair *p, const char *word, uint64_t least, uint64_t *out,
                 struct vm_error *e)
{
    char *end;
    unsigned long long n = strtoull(p->value, &end, 10);

    if (word && strcmp(p->value, word) == 0) {
        *out = 0;
        return VM_OK;
    }
    if (end == p->value || *end || p->value[0] == '-' || n < least || n > INT64_MAX)
        return vm_fail(e, VM_EINVAL, "-engine: %s is %s%sa number of instructions from %llu, not "
                       "'%.40s'", p->name, word ? word : "", word ? " or " : "",
                       (unsigned long long)least, p->value);
    *out = n;
    return VM_OK;
}

/* The options of lockstep itself; false: it is one of the engine's. */
static bool of_lockstep(struct vm_engines_asked *q, const struct opt_pair *p, int *rc,
                        struct vm_error *e)
{
    *rc = VM_OK;
    if (strcmp(p->name, "every") == 0)
        *rc = count(p, "block", 1, &q->every, e);
    else if (strcmp(p->name, "memory") == 0)
        *rc = count(p, NULL, 1, &q->memory, e);
    else if (strcmp(p->name, "from") == 0)
        *rc = count(p, NULL, 0, &q->from, e);
    else
        return false;
    if (*rc == VM_OK && !q->use[1].ops)
        *rc = vm_fail(e, VM_EINVAL, "-engine: %s is for two engines; write lockstep=NAME before it",
                      p->name);
    return true;
}

static int for_engine(struct vm_engine_use *u, const struct opt_pair *p, struct vm_error *e)
{
    size_t n = strlen(u->options);
    int more = snprintf(u->options + n, sizeof u->options - n, "%s%s%s%s", n ? "," : "", p->name,
                        *p->name ? "=" : "", p->value);

    if ((size_t)more >= sizeof u->options - n)
        return vm_fail(e, VM_EINVAL, "-engine: the options of an engine are longer than %d bytes",
                       ENGINE_OPTIONS - 1);
    return VM_OK;
}

int vm_engines_parse(const char *text, struct vm_engines_asked *out, struct vm_error *e)
{
    struct vm_engine_use *u = &out->use[0];
    struct opt_pair p;
    int rc;

    *out = (struct vm_engines_asked){ .memory = LOCKSTEP_MEMORY, .text = text };
    if (!opt_next_pair(&text, &p, "") || *p.name)
        return vm_fail(e, VM_EINVAL, "-engine begins with the name of one; '-engine help' lists "
                       "them");
    VM_TRY(vm_engine_find(p.value, &u->ops, e));
    while (opt_next_pair(&text, &p, "")) {
        if (of_lockstep(out, &p, &rc, e)) {
            VM_TRY(rc);
        } else if (strcmp(p.name, "lockstep") != 0) {
            VM_TRY(for_engine(u, &p, e));
        } else if (u != &out->use[0]) {
            return vm_fail(e, VM_EINVAL, "-engine: lockstep is for two engines; leave the second "
                           "lockstep= out");
        } else {
            u = &out->use[1];
            VM_TRY(vm_engine_find(p.value, &u->ops, e));
        }
    }
    return VM_OK;
}

int set_engine(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    if (strcmp(arg, "help") == 0) {
        o->action = OPTS_ENGINE_HELP;
        return VM_OK;
    }
    if (o->engine.text && strcmp(o->engine.text, arg) != 0)
        return vm_fail(e, VM_EINVAL, "-%s is given twice, '%.70s' and '%.70s'; leave one out",
                       r->name, o->engine.text, arg);
    return vm_engines_parse(arg, &o->engine, e);
}
