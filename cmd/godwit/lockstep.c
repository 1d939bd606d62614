/* lockstep.c - runs the same machine on two engines in turns and compares them; after a difference
 * runs both once more, in ever smaller turns, to the block and the instruction where it begins. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "cmd/godwit/lockstep.h"
#include "cpu-x86/cpu.h"
#include "cpu-x86/diff.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/loop.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define POLL_PERIOD 1000000ll        /* ns between two looks at the host */
enum {
    BY_BLOCK = 0, CODE_LINES = 40, TRAIL = 128, BACKLOG = 1 << 16 /* bytes waiting for the host */
};

/* A point of a run. Time names it: it moves on with every turn that does something. */
struct point { vtime_t at; uint64_t insns; };

struct phase { vtime_t at; uint64_t every; /* instructions a turn, or BY_BLOCK */ };

struct plan {                        /* of one run */
    bool     again;                  /* a rerun: input as noted, no output */
    struct phase phase[3];           /* turns of this length from that time on */
    unsigned n_phases;
    vtime_t  compare_at, until;      /* reruns: compare in [compare_at, until) */
    struct lockstep_watch watch;     /* reruns: beside the processors */
    uint64_t look;                   /* instructions between two comparisons of all or of watch */
};

struct finding {
    bool     found;
    struct point start, end;         /* of the turn that ended in different states */
    uint64_t every;                  /* how long that turn was meant to be */
    struct lockstep_watch watch;
    bool     processors;             /* they differ, not only memory or a device */
    char    *diff, *before, *code;   /* text */
};

struct lockstep {
    struct opts o;
    struct vm  *v[2];
    struct x86_cpu *cpu[2];
    struct lockstep_io *io;
    struct plan plan;
    struct x86_cpu *before;          /* the first's state when the turn began; no TLB */
    struct point turn;               /* where it began */
    struct point good;               /* where all memory was last the same */
    int64_t    last_poll;
    uint64_t   turns, looks, next_look;
    struct { uint16_t cs; uint32_t eip, times; } trail[TRAIL];   /* of a rerun: where turns began */
    unsigned   n_trail;
    int        status;               /* of the program, when the machines agree */
    struct finding f;
};

static struct point here(const struct lockstep *l)
{
    return (struct point){ vclock_now(machine_clock(l->v[0]->machine)), x86_insns(l->cpu[0]) };
}

static uint64_t turn_length(const struct lockstep *l)
{
    unsigned i = l->plan.n_phases - 1;

    while (i && l->plan.phase[i].at > l->turn.at)
        i--;
    return l->plan.phase[i].every;
}

/* ---- opening and closing -------------------------------------------------------------------- */

static void close_both(struct lockstep *l)
{
    for (unsigned i = 0; i < 100 && l->v[0] && l->v[0]->machine && lockstep_flush(l->io); i++)
        loop_poll(machine_loop(l->v[0]->machine), 10 * POLL_PERIOD);
    for (unsigned k = 2; k-- > 0; ) {
        if (l->v[k])
            vm_close(l->v[k]);
        free(l->v[k]);
        l->v[k] = NULL;
    }
}

static int open_both(struct lockstep *l, struct vm_error *e)
{
    const struct machine_run_options run = { .icount_shift = l->o.icount_shift,
                                             .no_reboot = l->o.no_reboot };

    for (unsigned k = 0; k < 2; k++) {
        l->v[k] = calloc(1, sizeof *l->v[k]);
        if (!l->v[k])
            return vm_fail(e, VM_ENOMEM, "no memory for a second machine");
        l->v[k]->o = l->o;
        l->v[k]->side = k;
        l->v[k]->io = l->io;
        l->v[k]->silent = k || l->plan.again;
        VM_TRY(vm_open(l->v[k], e));
        l->cpu[k] = vm_cpu_state(l->v[k]);
        machine_reset(l->v[k]->machine, RESET_POWER_ON);
        machine_turns(l->v[k]->machine, &run);
    }
    machine_pause(l->v[0]->machine, l->o.paused && !l->plan.again);
    l->turns = l->looks = l->next_look = l->n_trail = 0;
    memset(l->trail, 0, sizeof l->trail);
    l->good = (struct point){ 0, 0 };
    return VM_OK;
}

/* ---- findings ------------------------------------------------------------------------------- */

static char *text_of(void (*print)(FILE *out, struct lockstep *l), struct lockstep *l)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        return NULL;
    print(f, l);
    fclose(f);
    return text;
}

static void print_diff(FILE *out, struct lockstep *l)
{
    lockstep_print_diff(out, l->v, &l->f.watch);
}

static void print_before(FILE *out, struct lockstep *l)
{
    char text[2048];

    x86_print(l->before, text, sizeof text);
    fputs(text, out);
    lockstep_print_units(out, l->before);
    if (l->before->pending)
        fprintf(out, "pending events %x: one may have been delivered before this code\n",
                l->before->pending);
}

static void print_code(FILE *out, struct lockstep *l)
{
    uint64_t n = here(l).insns - l->turn.insns;

    lockstep_print_code(out, l->v[0], l->before, n < 1 ? 1 : n < CODE_LINES ? (unsigned)n :
                                                 CODE_LINES);
}

/* What else differs tells a rerun what to look at after each turn. */
static void note_finding(struct lockstep *l)
{
    l->f = (struct finding){ .found = true, .start = l->turn, .end = here(l),
                             .every = turn_length(l) };
    lockstep_same_all(l->v, &l->f.watch);
    l->f.processors = !x86_same(l->cpu[0], l->cpu[1]);
    l->f.diff = text_of(print_diff, l);
    l->f.before = text_of(print_before, l);
    l->f.code = text_of(print_code, l);
}

static void forget(struct finding *f)
{
    free(f->diff);
    free(f->before);
    free(f->code);
    *f = (struct finding){ .found = false };
}

/* ---- one turn ------------------------------------------------------------------------------- */

static void leave_trail(struct lockstep *l)
{
    uint16_t cs = l->before->seg[CS].sel;
    uint32_t eip = (uint32_t)l->before->rip;
    unsigned i = 0;

    while (i < l->n_trail && (l->trail[i].cs != cs || l->trail[i].eip != eip))
        i++;
    if (i == TRAIL)
        return;
    l->n_trail += i == l->n_trail;
    l->trail[i].cs = cs;
    l->trail[i].eip = eip;
    l->trail[i].times++;
}

/* By blocks the second leads, because its blocks are the ones in question. */
static bool run_turn(struct lockstep *l)
{
    uint64_t every = turn_length(l);
    int64_t n = every && every < INT32_MAX / 2 ? (int64_t)every : INT32_MAX / 2;
    enum exec_stop a, b;

    memcpy(l->before, l->cpu[0], offsetof(struct x86_cpu, tlb_sets));
    l->turns++;
    if (l->plan.again && l->turn.at >= l->plan.compare_at)
        leave_trail(l);
    if (every != BY_BLOCK) {
        a = machine_turn(l->v[0]->machine, n);
        b = machine_turn(l->v[1]->machine, n);
    } else {
        l->cpu[1]->stop_at_edge = true;
        b = machine_turn(l->v[1]->machine, n);
        l->cpu[1]->stop_at_edge = false;
        a = machine_turn(l->v[0]->machine, l->cpu[1]->slice);
    }
    return a == b;
}

/* False: a difference, which has been noted. */
static bool compare(struct lockstep *l, bool same_stop)
{
    uint64_t insns = x86_insns(l->cpu[0]);
    bool same = same_stop && x86_same(l->cpu[0], l->cpu[1]);

    if (l->plan.again ? l->turn.at < l->plan.compare_at : insns < l->o.engine.from)
        return true;
    if (same && insns >= l->next_look) {
        struct lockstep_watch w;

        same = l->plan.again ? lockstep_same_watched(l->v, &l->plan.watch)
                             : lockstep_same_all(l->v, &w);
        l->next_look = insns + l->plan.look;
        l->looks++;
        if (same)
            l->good = here(l);
    }
    if (!same)
        note_finding(l);
    return same;
}

/* ---- the host ------------------------------------------------------------------------------- */

static void look_at_host(struct lockstep *l)
{
    struct loop *loop = machine_loop(l->v[0]->machine);
    int64_t now = loop_host_ns();

    if (now - l->last_poll < POLL_PERIOD && !loop_pending(loop))
        return;
    l->last_poll = now;
    loop_poll(loop, 0);
    while (lockstep_flush(l->io) > BACKLOG)
        loop_poll(loop, 10 * POLL_PERIOD);
}

/* Both wait for input and no timer is set. False: none will come. */
static bool wait_for_input(struct lockstep *l)
{
    if (l->plan.again)
        return lockstep_replay(l->io, 0, true);
    lockstep_flush(l->io);
    loop_poll(machine_loop(l->v[0]->machine), -1);
    return true;
}

static bool stuck(const struct lockstep *l)
{
    return l->cpu[0]->halted && !x86_exec.ready(l->cpu[0]) &&
           vclock_next(machine_clock(l->v[0]->machine)) == VTIME_NEVER;
}

/* ---- one run -------------------------------------------------------------------------------- */

/* Requests and timers of both. True: the run is over, and it is a finding if only one thinks so. */
static bool edge(struct lockstep *l)
{
    struct machine_end end[2];
    bool over[2];

    for (unsigned k = 0; k < 2; k++)
        over[k] = machine_edge(l->v[k]->machine, &end[k]);
    if (!over[0] && !over[1])
        return false;
    if (over[0] && end[0].why == END_POWEROFF && l->o.no_shutdown && over[1]) {
        machine_pause(l->v[0]->machine, true);
        return false;
    }
    l->status = end[0].why == END_QUIT ? end[0].status : VM_OK_STATUS;
    l->next_look = 0;
    if (over[0] != over[1] ? over[1] || end[0].why != END_QUIT : end[0].why != end[1].why)
        note_finding(l);
    else
        compare(l, true);
    return true;
}

/* Until the guest ends, a difference is found, or a rerun has come to where there is none. */
static void run(struct lockstep *l)
{
    for (;;) {
        if (l->plan.again)
            lockstep_replay(l->io, here(l).at, false);
        else
            look_at_host(l);
        if (edge(l))
            return;
        if (machine_paused(l->v[0]->machine)) {
            if (!wait_for_input(l))
                return;
            continue;
        }
        l->turn = here(l);
        if (l->plan.again && l->turn.at >= l->plan.until)
            return;
        if (!compare(l, run_turn(l)))
            return;
        if (stuck(l) && !wait_for_input(l))
            return;
    }
}

/* ---- looking for the place ------------------------------------------------------------------ */

/* True: found again, and l->f is the new finding. Else l->f stays as it was. */
static bool rerun(struct lockstep *l, const struct plan *p)
{
    struct finding old = l->f;
    struct vm_error e;

    l->f = (struct finding){ .found = false };
    l->plan = *p;
    l->plan.again = true;
    lockstep_rewind(l->io);
    if (open_both(l, &e) == VM_OK)
        run(l);
    else
        fprintf(stderr, "godwit: lockstep: the run cannot be repeated: %s\n", e.text);
    close_both(l);
    if (l->f.found) {
        forget(&old);
        return true;
    }
    l->f = old;
    return false;
}

static void say(const char *what)
{
    fprintf(stderr, "godwit: lockstep: %s\n", what);
}

/* Memory is compared now and then only: in which turn did it begin? */
static void find_turn(struct lockstep *l, vtime_t good)
{
    struct plan p = { .phase = { l->plan.phase[0] }, .n_phases = 1, .compare_at = good,
                      .look = l->plan.look };

    while (l->f.watch.n_pages || (l->f.watch.part[0] && !l->f.processors)) {
        p.watch = l->f.watch;
        p.until = l->f.end.at;
        p.look = p.watch.n_pages ? 0 : p.look / 64;
        if (p.watch.n_pages)
            p.watch.part[0] = 0;
        say("looking for the turn in which memory or a device began to differ");
        if (!rerun(l, &p) || p.look == 0)
            return;
        p.compare_at = l->good.at > p.compare_at ? l->good.at : p.compare_at;
    }
}

/* Shorter turns from the place of the present finding on: true when it shows there, too. */
static bool find_finer(struct lockstep *l, struct plan *p, uint64_t every)
{
    p->phase[p->n_phases++] = (struct phase){ l->f.start.at, every };
    p->compare_at = l->f.start.at;
    p->until = l->f.end.at;
    p->watch = l->f.watch;
    if (rerun(l, p))
        return true;
    p->n_phases--;
    return false;
}

static uint64_t length_of(const struct finding *f) { return f->end.insns - f->start.insns; }

/* The turn as it went block by block, which is not how it went when the engines differed. */
static void print_trail(FILE *out, struct lockstep *l)
{
    fprintf(out, "By blocks the turn goes through these, so many times:");
    for (unsigned i = 0; i < l->n_trail; i++)
        fprintf(out, "%s%04x:%08x %-5u", i % 4 ? " " : "\n  ", l->trail[i].cs, l->trail[i].eip,
                l->trail[i].times);
    fprintf(out, l->n_trail == TRAIL ? "\n  and more\n" : "\n");
}

/* *block: when l->f is about an instruction, its block's code, when about a longer turn, the
 * turn's blocks; to be freed. */
static void find_place(struct lockstep *l, char **block)
{
    struct plan p = { .phase = { l->plan.phase[0] }, .n_phases = 1 };

    find_turn(l, l->good.at);
    if (l->f.every != BY_BLOCK) {
        say("looking for the block");
        if (!find_finer(l, &p, BY_BLOCK))
            *block = text_of(print_trail, l);
    }
    if (l->f.every == BY_BLOCK && length_of(&l->f) > 1) {
        *block = l->f.code ? strdup(l->f.code) : NULL;
        say("looking for the instruction");
        if (find_finer(l, &p, 1))
            return;
        free(*block);
        *block = NULL;
    }
}

/* ---- telling -------------------------------------------------------------------------------- */

static void print_quoted(FILE *out, const char *s)
{
    if (*s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "_-+=./,:@%") == strlen(s)) {
        fprintf(out, " %s", s);
        return;
    }
    fputs(" '", out);
    for (; *s; s++)
        fprintf(out, *s == '\'' ? "'\\''" : "%c", *s);
    fputc('\'', out);
}

/* The command line, with from= such that nothing is compared before the turn. */
static void print_command(FILE *out, const struct lockstep *l)
{
    const struct opts *o = &l->o;

    fputs("Again, without the comparisons before:\n ", out);
    for (int i = 0; i < o->argc; i++) {
        const char *s = o->argv[i], *text = strstr(s, o->engine.text);
        char with[1024];

        snprintf(with, sizeof with, "%s,from=%" PRIu64, s, l->f.start.insns);
        print_quoted(out, text && strcmp(text, o->engine.text) == 0 ? with : s);
    }
    fputc('\n', out);
    if (lockstep_inputs(l->io))
        fprintf(out, "It needs the same input at the same time: %zu bytes, keys and buttons came "
                "from outside.\n", lockstep_inputs(l->io));
}

static void report(FILE *out, struct lockstep *l, const char *block)
{
    const struct finding *f = &l->f;

    fprintf(out, "godwit: lockstep: the engines differ after instruction %" PRIu64 ":\n%s",
            f->end.insns, f->diff ? f->diff : "");
    fprintf(out, "The turn began after instruction %" PRIu64 " and has %" PRIu64 ": ",
            f->start.insns, length_of(f));
    bool one = f->every == 1 || (f->every == BY_BLOCK && length_of(f) == 1);

    if (one)
        fprintf(out, "this instruction.\n");
    else if (f->every == BY_BLOCK)
        fprintf(out, "a block; it does not differ in turns of one instruction.\n");
    else
        fprintf(out, "it does not differ in turns of one block.\n");
    if (block)
        fprintf(out, "%s%s", f->every == 1 ? "The block:\n" : "", block);
    fprintf(out, "%s:\n%sBefore it:\n%s", one ? "The instruction" : "The code",
            f->code ? f->code : "", f->before ? f->before : "");
    print_command(out, l);
}

/* ---- the program ---------------------------------------------------------------------------- */

static int go(struct lockstep *l, struct vm_error *e)
{
    char *block = NULL;
    int rc = open_both(l, e);

    if (rc == VM_OK)
        run(l);
    close_both(l);
    if (rc < 0)
        return rc;
    if (!l->f.found) {
        fprintf(stderr, "godwit: lockstep: %s and %s agree: %" PRIu64 " turns, %" PRIu64
                " comparisons of all memory\n", l->o.engine.use[0].ops->name,
                l->o.engine.use[1].ops->name, l->turns, l->looks);
        return VM_OK;
    }
    fprintf(stderr, "godwit: lockstep: a difference after instruction %" PRIu64 ":\n%s",
            l->f.end.insns, l->f.diff ? l->f.diff : "");
    find_place(l, &block);
    report(stderr, l, block);
    free(block);
    l->status = VM_DIFFERS;
    return VM_OK;
}

int lockstep_main(const struct opts *o)
{
    struct vm_error e = { .text = "no memory for two machines" };
    struct lockstep l = { .o = *o, .io = lockstep_io_new(), .before = calloc(1, sizeof *l.before) };
    int rc = VM_ENOMEM;

    l.plan = (struct plan){ .phase = { { 0, o->engine.every } }, .n_phases = 1,
                            .look = o->engine.memory };
    if (l.io && l.before)
        rc = go(&l, &e);
    if (rc < 0)
        fprintf(stderr, "godwit: %s\n", e.text);
    forget(&l.f);
    free(l.before);
    lockstep_io_free(l.io);
    return rc < 0 ? VM_CANNOT_START : l.status;
}
