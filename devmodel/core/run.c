/* run.c - the run loop: guest instructions until something is due, then timers, then the host.
 *
 * Time is the host's (monotonic; a gap of more than a second, as after a stopped process, counts as
 * one second) or follows the count of instructions (then a run depends on nothing else). */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/loop.h"
#include "devmodel/core/machine_priv.h"

#define MS             1000000ll     /* ns */
#define LONGEST_GAP    (1000 * MS)   /* host time the guest may catch up on at once */
#define POLL_PERIOD    (1 * MS)      /* host events wait no longer than this */
#define FEWEST_INSNS   100
#define FIRST_SPEED    1000          /* instructions a millisecond, until measured */
#define ICOUNT_SLICE   (1 << 20)     /* instructions between two looks at the host */

void machine_set_executor(struct machine *m, const struct exec_ops *ops, void *self)
{
    m->run.ops = ops;
    m->run.self = self;
}

/* ---- where time comes from ------------------------------------------------------------------ */

static vtime_t host_time(void *self)
{
    struct runner *r = self;
    int64_t now = loop_host_ns(), gap = now - r->host_last;

    r->host_last = now;
    if (!r->paused)
        r->host_virtual += gap < LONGEST_GAP ? gap : LONGEST_GAP;
    return r->host_virtual;
}

static vtime_t icount_time(void *self)
{
    struct runner *r = self;

    return (vtime_t)(r->ops->insns(r->self) << r->opt.icount_shift) + r->skipped;
}

static bool counts(const struct runner *r) { return r->opt.icount_shift != MACHINE_HOST_TIME; }

static void leave_early(struct runner *r)
{
    if (r->running)
        r->ops->kick(r->self);
}

static void timer_is_earlier(void *self)
{
    struct machine *m = self;

    if (vclock_next(m->clock) < m->run.slice_end)
        leave_early(&m->run);
}

static void work_was_posted(void *self)
{
    struct machine *m = self;

    leave_early(&m->run);
}

static void prepare(struct machine *m, const struct machine_run_options *o)
{
    struct runner *r = &m->run;

    VM_ASSERT(r->ops && o->icount_shift >= MACHINE_HOST_TIME && o->icount_shift <= 16);
    r->opt = *o;
    r->host_last = loop_host_ns();
    if (!r->speed)
        r->speed = FIRST_SPEED;
    vclock_source(m->clock, counts(r) ? icount_time : host_time, r);
    vclock_on_earlier(m->clock, timer_is_earlier, m);
    loop_on_post(m->loop, work_was_posted, m);
}

/* ---- requests ------------------------------------------------------------------------------- */

void machine_request(struct machine *m, enum machine_request what, int status)
{
    struct runner *r = &m->run;

    switch (what) {
    case MACHINE_RESET: r->want_reset = true; break;
    case MACHINE_POWEROFF: r->want_poweroff = true; break;
    case MACHINE_QUIT: r->want_quit = true; r->status = status; break;
    }
    leave_early(r);
    loop_wake(m->loop);
}

void machine_pause(struct machine *m, bool paused)
{
    if (!counts(&m->run))
        host_time(&m->run);          /* what has passed until now still counts */
    m->run.paused = paused;
    leave_early(&m->run);
    loop_wake(m->loop);
}

bool machine_paused(const struct machine *m) { return m->run.paused; }

/* True when the run is over. */
static bool obey(struct machine *m, struct machine_end *end)
{
    struct runner *r = &m->run;
    bool reset = r->want_reset;

    *end = (struct machine_end){ END_QUIT, 0 };
    r->want_reset = false;
    if (r->want_quit) {
        end->status = r->status;
    } else if (r->want_poweroff) {
        end->why = END_POWEROFF;
    } else if (reset && r->opt.no_reboot) {
        end->why = END_RESET;
    } else {
        if (reset)
            machine_reset(m, RESET_HARD);
        return false;
    }
    r->want_quit = r->want_poweroff = false;
    return true;
}

static bool has_request(const struct runner *r)
{
    return r->want_reset || r->want_poweroff || r->want_quit || r->paused;
}

/* ---- one slice of guest instructions -------------------------------------------------------- */

static int64_t icount_budget(const struct runner *r, vtime_t left)
{
    int shift = r->opt.icount_shift;
    int64_t n = (left >> shift) + ((left & ((1ll << shift) - 1)) != 0);    /* up; left may be MAX */

    return n < ICOUNT_SLICE ? n : ICOUNT_SLICE;
}

static int64_t host_budget(const struct runner *r, vtime_t left)
{
    int64_t n = (left < POLL_PERIOD ? left : POLL_PERIOD) * r->speed / MS;

    return n > FEWEST_INSNS ? n : FEWEST_INSNS;
}

static void measure(struct runner *r, uint64_t insns, int64_t ns)
{
    if (ns <= 1000 || insns < FEWEST_INSNS / 2)
        return;
    int64_t now = (int64_t)insns * MS / ns;
    r->speed = (3 * r->speed + now) / 4;
    if (r->speed < 1)
        r->speed = 1;
}

static enum exec_stop slice(struct machine *m, vtime_t now)
{
    struct runner *r = &m->run;
    vtime_t next = vclock_next(m->clock), left = next > now ? next - now : 1;
    uint64_t before = r->ops->insns(r->self);

    r->slice_end = next;
    r->running = true;
    enum exec_stop stop = r->ops->run(r->self, counts(r) ? icount_budget(r, left)
                                                         : host_budget(r, left));
    r->running = false;
    if (!counts(r) && stop != EXEC_HALT)
        measure(r, r->ops->insns(r->self) - before, vclock_now(m->clock) - now);
    return stop;
}

/* ---- the host ------------------------------------------------------------------------------- */

static void look_at_host(struct machine *m)
{
    int64_t now = loop_host_ns();

    if (loop_pending(m->loop) || now - m->run.last_poll >= POLL_PERIOD) {
        m->run.last_poll = now;
        loop_poll(m->loop, 0);
    }
}

/* Instruction-counted time stands still while the CPU halts: jump to the next timer, after waiting
 * as long when asked to. Input that wakes the CPU on the way ends the jump where it is. */
static void idle_icount(struct machine *m, vtime_t now)
{
    struct runner *r = &m->run;
    vtime_t next = vclock_next(m->clock);
    int64_t start = loop_host_ns(), passed = 0;

    if (next == VTIME_NEVER) {
        loop_poll(m->loop, -1);
        return;
    }
    while (r->opt.icount_sleep && passed < next - now && !has_request(r) &&
           !r->ops->ready(r->self)) {
        loop_poll(m->loop, next - now - passed);
        passed = loop_host_ns() - start;
    }
    if (r->ops->ready(r->self) && passed < next - now)
        r->skipped += passed;
    else
        r->skipped += next - now;
}

static void idle(struct machine *m)
{
    vtime_t now = vclock_now(m->clock), next = vclock_next(m->clock);

    if (counts(&m->run)) {
        idle_icount(m, now);
        return;
    }
    m->run.last_poll = loop_host_ns();
    loop_poll(m->loop, next == VTIME_NEVER ? -1 : next > now ? next - now : 0);
}

/* ---- the loop ------------------------------------------------------------------------------- */

void machine_run(struct machine *m, const struct machine_run_options *o, struct machine_end *end)
{
    struct runner *r = &m->run;

    prepare(m, o);
    while (!obey(m, end)) {
        if (r->paused) {
            loop_poll(m->loop, -1);
            continue;
        }
        look_at_host(m);
        vtime_t now = vclock_now(m->clock);
        vclock_run(m->clock, now);
        if (has_request(r))
            continue;
        switch (slice(m, now)) {
        case EXEC_BUDGET: case EXEC_KICK:
            break;
        case EXEC_HALT:
            if (!has_request(r))
                idle(m);
            break;
        case EXEC_SHUTDOWN:
            machine_request(m, MACHINE_RESET, 0);
            break;
        case EXEC_DEBUG:
            *end = (struct machine_end){ END_DEBUG, 0 };
            return;
        }
    }
}

/* ---- turns ---------------------------------------------------------------------------------- */

void machine_turns(struct machine *m, const struct machine_run_options *o)
{
    VM_ASSERT(o->icount_shift != MACHINE_HOST_TIME);
    prepare(m, o);
}

bool machine_edge(struct machine *m, struct machine_end *end)
{
    if (obey(m, end))
        return true;
    vclock_run(m->clock, vclock_now(m->clock));
    return false;
}

/* run.running stays false: nothing kicks the executor, whose edges are its own. */
enum exec_stop machine_turn(struct machine *m, int64_t max_insns)
{
    struct runner *r = &m->run;
    vtime_t now = vclock_now(m->clock), next = vclock_next(m->clock);
    int64_t budget = icount_budget(r, next > now ? next - now : 1);
    enum exec_stop stop = r->ops->run(r->self, budget < max_insns ? budget : max_insns);

    if (stop == EXEC_SHUTDOWN)
        machine_request(m, MACHINE_RESET, 0);
    now = vclock_now(m->clock);
    next = vclock_next(m->clock);
    if (stop == EXEC_HALT && !has_request(r) && !r->ops->ready(r->self) && next != VTIME_NEVER &&
        next > now)
        r->skipped += next - now;
    return stop;
}
