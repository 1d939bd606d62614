/* i8254.c - the AT's interval timer: three counters behind ports 40h..43h, OUT0 on IRQ 0.
 *
 * Datasheet: Intel 8254, all of it. Not modelled: the undefined count before the first load; counts
 * of 1 in modes 2 and 3 (illegal) leave OUT high. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/i8254.h"
#include <string.h>
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

/* Nothing runs: count and OUT are functions of the CLK pulses since the counter was loaded. CLK
 * pulse n happens at n / 1193182 s exactly, so nothing drifts. A timer is armed for OUT0's rising
 * edges (and mode 3's falling ones) only.
 *
 * Lost ticks: when OUT0 rises in mode 2 or 3 while the last tick still waits in the interrupt
 * controller, the guest would lose it: the host was late. lost-ticks=catchup holds the wire
 * until the tick is taken and gives up to MAX_OWED more, half a period after each one taken;
 * lost-ticks=drop is the plain chip. */
#define CLK_HZ   1193182u
#define NS_PER_S 1000000000u
#define NEVER    INT64_MAX                        /* ticks */
#define MAX_OWED 1000u

enum { RW_LATCH, RW_LSB, RW_MSB, RW_BOTH };
enum { RB_ALL = 3, RB_NO_STATUS = 0x10, RB_NO_COUNT = 0x20 };
enum { STATUS_NULL = 0x40, STATUS_OUT = 0x80 };

/* Ticks are CLK pulses since power-on. d below is the number of pulses since the load. */
struct counter {
    uint8_t  mode, rw;
    bool     bcd, gate;
    bool     second_wr, second_rd;                /* RW_BOTH: the high byte is next */
    uint8_t  low;                                 /* low byte written, waiting for the high one */
    uint32_t cr;                                  /* count written, 1..65536; 0 = none yet */
    bool     null_count;                          /* cr is not in the counting element yet */
    bool     loaded, frozen;                      /* counting element holds n; it stands still */
    uint32_t n;                                   /* count loaded */
    int64_t  base;                                /* tick of the load; frozen: d itself */
    int64_t  load_at;                             /* tick of the pending load, or NEVER */
    bool     load_low;                            /* that load begins mode 3's low half */
    uint16_t hold;                                /* what a read gives when nothing is loaded */
    bool     count_latched, status_latched;
    uint16_t count_latch;
    uint8_t  status_latch;
};

struct i8254 {
    struct device     dev;
    struct mem_region ports;
    struct irq_line   intr;
    struct vtimer     edge, extra;
    struct vclock    *clock;
    struct counter    ch[3];
    bool              waiting;                    /* input from the interrupt controller */
    uint32_t          owed;                       /* ticks the guest has not had yet */
    uint32_t          irq_no;                     /* property */
    const char       *lost_ticks;                 /* property */
    bool              catchup;
};

static int64_t tick_of(vtime_t t)
{
    return (unsigned __int128)t * CLK_HZ / NS_PER_S;
}

static vtime_t time_of(int64_t tick)              /* first ns at which tick_of() says tick */
{
    return ((unsigned __int128)tick * NS_PER_S + CLK_HZ - 1) / CLK_HZ;
}

static bool periodic(const struct counter *c)     /* modes 2 and 3 */
{
    return c->mode == 2 || c->mode == 3;
}

static int64_t elapsed(const struct counter *c, int64_t tick)
{
    return c->frozen ? c->base : tick - c->base;
}

/* Carries out a pending load that is due. Everything below expects a settled counter. */
static void settle(struct counter *c, int64_t tick)
{
    if (c->load_at > tick)
        return;
    c->n = c->cr;
    c->base = c->frozen ? 0 : c->load_at - (c->load_low ? (c->n + 1) / 2 : 0);
    c->loaded = true;
    c->null_count = false;
    c->load_at = NEVER;
    c->load_low = false;
}

static bool out_at(const struct counter *c, int64_t tick)
{
    int64_t d = elapsed(c, tick);

    if (!c->loaded)
        return c->mode != 0;
    switch (c->mode) {
    case 0:  return d >= c->n;
    case 1:  return d >= c->n;
    case 2:  return !c->gate || c->n == 1 || d % c->n != c->n - 1;
    case 3:  return !c->gate || d % c->n < (c->n + 1) / 2;
    default: return d != c->n;                    /* strobe: low for one CLK */
    }
}

static uint16_t to_bcd(unsigned v)                /* 0..9999 */
{
    return v / 1000 << 12 | v / 100 % 10 << 8 | v / 10 % 10 << 4 | v % 10;
}

static uint16_t count_at(const struct counter *c, int64_t tick)
{
    int64_t d = elapsed(c, tick), n = c->n, wrap = c->bcd ? 10000 : 65536, v;

    if (!c->loaded)
        return c->hold;
    if (c->mode == 2) {
        v = n - d % n;
    } else if (c->mode == 3) {                    /* by twos; odd counts start one lower */
        int64_t k = d % n, high = (n + 1) / 2;

        v = (n & ~1ll) - 2 * (k < high ? k : k - high);
    } else {
        v = ((n - d) % wrap + wrap) % wrap;
    }
    v %= wrap;
    return c->bcd ? to_bcd(v) : v;
}

/* Tick > t of the next change of OUT in the current counting, or NEVER. */
static int64_t next_change(const struct counter *c, int64_t t)
{
    int64_t d = elapsed(c, t), k, n = c->n;

    if (!c->loaded || c->frozen)
        return NEVER;
    switch (c->mode) {
    case 0: case 1:
        return d < n ? c->base + n : NEVER;
    case 2:
        k = d % n;
        return n == 1 ? NEVER : t + (k < n - 1 ? n - 1 - k : 1);
    case 3:
        k = d % n;
        return n == 1 ? NEVER : t + (k < (n + 1) / 2 ? (n + 1) / 2 - k : n - k);
    default:
        return d < n ? c->base + n : d == n ? t + 1 : NEVER;
    }
}

static void freeze(struct counter *c, int64_t tick)
{
    if (!c->frozen)
        c->base = tick - c->base;
    c->frozen = true;
}

static void thaw(struct counter *c, int64_t tick)
{
    if (c->frozen)
        c->base = tick - c->base;
    c->frozen = false;
}

static void unload(struct counter *c, int64_t tick)
{
    c->hold = count_at(c, tick);
    c->loaded = c->load_low = false;
    c->load_at = NEVER;
    c->frozen = !c->gate && c->mode != 1 && c->mode != 5;
    c->base = 0;
}

/* ---- OUT0 to IRQ 0 -------------------------------------------------------------------------- */

/* OUT as the wire shows it: modes 2, 4 and 5 are low for single pulses, of which on_edge makes one
 * edge at their end. */
static bool level_at(const struct counter *c, int64_t tick)
{
    return c->mode == 2 || c->mode > 3 || out_at(c, tick);
}

/* The only place that decides the wire's level. */
static void update_intr(struct i8254 *p, bool out)
{
    irq_set(&p->intr, out || (p->catchup && p->waiting && periodic(&p->ch[0])));
}

/* Mode 2's and the strobes' low pulse is one CLK long: arm for its end only. */
static void arm_edge(struct i8254 *p, int64_t tick)
{
    struct counter *c = &p->ch[0];
    int64_t at = next_change(c, tick);

    if (at != NEVER && c->mode != 3 && !out_at(c, at))
        at++;
    if (c->load_at < at)
        at = c->load_at;
    if (at == NEVER)
        vtimer_cancel(&p->edge);
    else
        vtimer_arm(&p->edge, time_of(at));
}

static void refresh(struct i8254 *p, int64_t tick)
{
    update_intr(p, level_at(&p->ch[0], tick));
    arm_edge(p, tick);
}

static void on_edge(void *opaque, vtime_t due)
{
    struct i8254 *p = opaque;
    struct counter *c = &p->ch[0];
    int64_t tick = tick_of(due);
    bool was = out_at(c, tick - 1);

    settle(c, tick);
    if (!was && out_at(c, tick)) {
        if (p->catchup && p->waiting && periodic(c) && p->owed < MAX_OWED)
            p->owed++;
        update_intr(p, false);
    }
    refresh(p, tick);
}

static void on_extra(void *opaque, vtime_t due)
{
    struct i8254 *p = opaque;

    if (p->owed == 0 || p->waiting)
        return;
    irq_set(&p->intr, false);
    irq_set(&p->intr, true);
    p->owed = p->waiting ? p->owed - 1 : 0;       /* masked: the guest does not want ticks */
    update_intr(p, level_at(&p->ch[0], tick_of(due)));
}

/* Now, with everything carried out that was due until now: the clock may be ahead of its timers. */
static int64_t catch_up(struct i8254 *p)
{
    vtime_t now = vclock_now(p->clock);
    int64_t tick = tick_of(now);

    while (p->edge.due <= now) {
        vtime_t due = p->edge.due;

        vtimer_cancel(&p->edge);
        on_edge(p, due);
    }
    for (unsigned n = 0; n < 3; n++)
        settle(&p->ch[n], tick);
    return tick;
}

void i8254_set_waiting(void *pit, unsigned pin, bool level)
{
    struct i8254 *p = pit;
    bool taken = p->waiting && !level;

    (void)pin;
    p->waiting = level;
    if (!taken || !p->catchup || !periodic(&p->ch[0]))
        return;
    int64_t tick = catch_up(p);
    update_intr(p, level_at(&p->ch[0], tick));
    if (p->owed)
        vtimer_arm(&p->extra, time_of(tick + p->ch[0].n / 2 + 1));
}

static void changed(struct i8254 *p, unsigned ch, int64_t tick)
{
    if (ch == 0)
        refresh(p, tick);
}

/* ---- writes --------------------------------------------------------------------------------- */

static void write_mode(struct i8254 *p, unsigned ch, uint8_t v, int64_t tick)
{
    struct counter *c = &p->ch[ch];

    c->hold = count_at(c, tick);
    c->rw = v >> 4 & 3;
    c->mode = v >> 1 & 7;
    if (c->mode > 5)
        c->mode -= 4;                             /* X10 and X11 */
    c->bcd = v & 1;
    c->cr = 0;
    c->second_wr = c->second_rd = false;
    c->count_latched = c->status_latched = false;
    c->null_count = true;
    c->loaded = false;
    unload(c, tick);                              /* keeps hold: nothing is loaded any more */
    if (ch == 0)
        p->owed = 0;
}

static uint32_t decode_count(const struct counter *c, uint16_t v)
{
    if (!c->bcd)
        return v ? v : 65536;
    v = (v >> 12) * 1000 + (v >> 8 & 15) * 100 + (v >> 4 & 15) * 10 + (v & 15);
    return v ? v : 10000;
}

/* A whole count has been written: when does it reach the counting element? */
static void new_count(struct counter *c, uint16_t v, int64_t tick)
{
    c->cr = decode_count(c, v);
    c->null_count = true;
    if (c->mode == 1 || c->mode == 5)
        return;                                   /* at the next trigger */
    if (!periodic(c) || !c->loaded) {
        c->load_at = tick + 1;
    } else if (!c->frozen && c->load_at == NEVER) {
        bool one = c->n == 1;                     /* stuck high: there is no cycle to wait for */
        int64_t k = one ? 0 : elapsed(c, tick) % c->n, high = (c->n + 1) / 2;

        c->load_low = !one && c->mode == 3 && k < high;
        c->load_at = tick + (c->load_low ? high - k : c->n - k);
    }
}

static void write_count(struct i8254 *p, unsigned ch, uint8_t v, int64_t tick)
{
    struct counter *c = &p->ch[ch];
    bool first = c->rw == RW_BOTH && !c->second_wr;

    if (c->mode == 0)                             /* any byte stops it and pulls OUT low */
        unload(c, tick);
    if (c->rw == RW_BOTH)
        c->second_wr = !c->second_wr;
    if (first)
        c->low = v;
    else if (c->rw == RW_BOTH)
        new_count(c, c->low | v << 8, tick);
    else
        new_count(c, c->rw == RW_MSB ? v << 8 : v, tick);
    if (!first && ch == 0)
        p->owed = 0;
}

static void latch_count(struct counter *c, int64_t tick)
{
    if (c->count_latched)
        return;                                   /* a second latch is ignored until read */
    c->count_latched = true;
    c->count_latch = count_at(c, tick);
}

static void latch_status(struct counter *c, int64_t tick)
{
    if (c->status_latched)
        return;
    c->status_latched = true;
    c->status_latch = (out_at(c, tick) ? STATUS_OUT : 0) | (c->null_count ? STATUS_NULL : 0) |
                      c->rw << 4 | c->mode << 1 | c->bcd;
}

static void write_control(struct i8254 *p, uint8_t v, int64_t tick)
{
    unsigned ch = v >> 6;

    if (ch == RB_ALL) {
        for (unsigned n = 0; n < 3; n++) {
            if (!(v >> (n + 1) & 1))
                continue;
            if (!(v & RB_NO_COUNT))
                latch_count(&p->ch[n], tick);
            if (!(v & RB_NO_STATUS))
                latch_status(&p->ch[n], tick);
        }
    } else if ((v >> 4 & 3) == RW_LATCH) {
        latch_count(&p->ch[ch], tick);
    } else {
        write_mode(p, ch, v, tick);
        changed(p, ch, tick);
    }
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct i8254 *p = opaque;
    int64_t tick = catch_up(p);

    (void)size;
    if (off == 3) {
        write_control(p, v, tick);
        return;
    }
    write_count(p, off, v, tick);
    changed(p, off, tick);
}

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8254 *p = opaque;
    int64_t tick = catch_up(p);

    (void)size;
    if (off == 3)
        return 0xff;                              /* the control word cannot be read */
    struct counter *c = &p->ch[off];
    if (c->status_latched) {
        c->status_latched = false;
        return c->status_latch;
    }
    uint16_t v = c->count_latched ? c->count_latch : count_at(c, tick);
    bool high = c->rw == RW_MSB || (c->rw == RW_BOTH && c->second_rd);
    if (c->rw == RW_BOTH)
        c->second_rd = !c->second_rd;
    if (c->rw != RW_BOTH || high)
        c->count_latched = false;
    return high ? v >> 8 : v & 0xff;
}

void i8254_set_gate2(struct device *pit, bool level)
{
    struct i8254 *p = (struct i8254 *)pit;
    struct counter *c = &p->ch[2];
    int64_t tick = catch_up(p);

    if (c->gate == level)
        return;
    c->gate = level;
    if (c->mode == 1 || c->mode == 5) {
        if (level && c->cr)
            c->load_at = tick + 1;
        return;
    }
    if (!level) {
        freeze(c, tick);
        if (periodic(c) && c->loaded) {           /* a new count now waits for the trigger */
            c->load_at = NEVER;
            c->load_low = false;
        }
        return;
    }
    thaw(c, tick);
    if (periodic(c) && c->cr) {                   /* the trigger starts a new cycle */
        c->load_at = tick + 1;
        c->load_low = false;
    }
}

bool i8254_out(struct device *pit, unsigned ch)
{
    struct i8254 *p = (struct i8254 *)pit;
    int64_t tick = catch_up(p);

    return out_at(&p->ch[ch], tick);
}

/* ---- life ----------------------------------------------------------------------------------- */

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct i8254 *p = (struct i8254 *)d;

    p->catchup = strcmp(p->lost_ticks, "catchup") == 0;
    if (!p->catchup && strcmp(p->lost_ticks, "drop") != 0)
        return vm_fail(e, VM_EINVAL, "i8254: lost-ticks=%s is unknown, use catchup or drop",
                       p->lost_ticks);
    p->clock = machine_clock(m);
    p->ports = (struct mem_region){ .name = "i8254", .kind = MEM_MMIO, .size = 4,
                                    .ops = &port_ops, .dev = p };
    p->intr.name = "i8254.out0";
    vtimer_init(&p->edge, p->clock, "i8254.ch0", on_edge, p);
    vtimer_init(&p->extra, p->clock, "i8254.extra", on_extra, p);
    VM_TRY(machine_claim_ports(m, &p->ports, 0x40, e));
    return machine_claim_irq(m, &p->intr, p->irq_no, e);
}

static void unrealize(struct device *d)
{
    struct i8254 *p = (struct i8254 *)d;

    vtimer_forget(&p->edge);
    vtimer_forget(&p->extra);
}

/* The chip has no reset pin and powers up undefined: mode 3 with nothing to count, OUT high. */
static void reset(struct device *d, enum reset_kind k)
{
    struct i8254 *p = (struct i8254 *)d;

    if (k == RESET_SOFT)
        return;
    for (unsigned n = 0; n < 3; n++)
        p->ch[n] = (struct counter){ .mode = 3, .rw = RW_BOTH, .gate = n < 2, .n = 65536,
                                     .null_count = true, .load_at = NEVER };
    p->owed = 0;
    vtimer_cancel(&p->edge);
    vtimer_cancel(&p->extra);
}

static void drive(struct device *d)
{
    struct i8254 *p = (struct i8254 *)d;
    update_intr(p, level_at(&p->ch[0], tick_of(vclock_now(p->clock))));
}

/* What a hostile stream may not say: a count of 0 would be divided by. */
static void sanitize(struct counter *c)
{
    c->mode = c->mode > 5 ? 3 : c->mode;
    c->rw = c->rw & 3 ? c->rw & 3 : RW_BOTH;
    c->cr = c->cr > 65536 ? 65536 : c->cr;
    if (c->n == 0 || c->n > 65536)
        c->n = 65536;
    if (c->base > INT64_MAX / 4 || c->base < -65536)
        c->base = 0;
    if (c->load_at != NEVER && (c->cr == 0 || c->load_at < 0 || c->load_at > INT64_MAX / 4))
        c->load_at = NEVER;
}

static void snap_counter(struct counter *c, struct snap *s, const char *name)
{
    snap_begin(s, name, 1);
    snap_u8(s, "mode", &c->mode);
    snap_u8(s, "rw", &c->rw);
    snap_bool(s, "bcd", &c->bcd);
    snap_bool(s, "gate", &c->gate);
    snap_bool(s, "second-wr", &c->second_wr);
    snap_bool(s, "second-rd", &c->second_rd);
    snap_u8(s, "low", &c->low);
    snap_u32(s, "cr", &c->cr);
    snap_bool(s, "null-count", &c->null_count);
    snap_bool(s, "loaded", &c->loaded);
    snap_bool(s, "frozen", &c->frozen);
    snap_u32(s, "n", &c->n);
    snap_time(s, "base", &c->base);
    snap_time(s, "load-at", &c->load_at);
    snap_bool(s, "load-low", &c->load_low);
    snap_u16(s, "hold", &c->hold);
    snap_bool(s, "count-latched", &c->count_latched);
    snap_bool(s, "status-latched", &c->status_latched);
    snap_u16(s, "count-latch", &c->count_latch);
    snap_u8(s, "status-latch", &c->status_latch);
    snap_end(s);
    if (snap_mode(s) == SNAP_LOAD)
        sanitize(c);
}

static void snap(struct device *d, struct snap *s)
{
    static const char *const name[3] = { "ch0", "ch1", "ch2" };
    struct i8254 *p = (struct i8254 *)d;

    snap_begin(s, "i8254", 1);
    for (unsigned n = 0; n < 3; n++)
        snap_counter(&p->ch[n], s, name[n]);
    snap_bool(s, "waiting", &p->waiting);
    snap_u32(s, "owed", &p->owed);
    vtimer_snap(&p->edge, s);
    vtimer_snap(&p->extra, s);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "irq", "interrupt request line", PROP_U32, offsetof(struct i8254, irq_no), "0" },
    { "lost-ticks", "catchup: make up ticks a late host delayed; drop: do not", PROP_STR,
      offsetof(struct i8254, lost_ticks), "catchup" },
    { .name = NULL },
};

const struct dev_class i8254_class = {
    .name = "i8254", .help = "programmable interval timer", .size = sizeof(struct i8254),
    .props = props, .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
