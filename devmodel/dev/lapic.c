/* lapic.c - the local APIC of the one CPU.
 *
 * Intel SDM volume 3, chapter "APIC" (the P6 family's: version 14h, six LVT entries). The timer
 * counts a 100 MHz bus clock. Not modelled: other CPUs (a message to them is lost, as on a bus
 * without them), x2APIC, TSC-deadline, thermal and performance sources, the polarity of LINT pins.
 * Out of reset LINT0 is ExtINT and LINT1 NMI, both open: virtual wire mode, as the MultiProcessor
 * specification asks of a PC, so that a BIOS that knows no APIC works.
 * Wires: lapic-intr, lapic-nmi, smi, reset. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include "devmodel/dev/apic.h"

#define BUS_NS       10              /* a tick of the bus clock */
#define DEFAULT_BASE 0xfee00000u
#define QUIET_NS     10000           /* periodic interrupts come no denser than this */

enum {                               /* register numbers: offset / 16 */
    R_ID = 0x02, R_VERSION = 0x03, R_TPR = 0x08, R_APR = 0x09, R_PPR = 0x0a, R_EOI = 0x0b,
    R_LDR = 0x0d, R_DFR = 0x0e, R_SVR = 0x0f, R_ISR = 0x10, R_TMR = 0x18, R_IRR = 0x20,
    R_ESR = 0x28, R_ICR_LOW = 0x30, R_ICR_HIGH = 0x31, R_LVT = 0x32, R_INITIAL = 0x38,
    R_CURRENT = 0x39, R_DIVIDE = 0x3e, REGS = 0x40,
};
enum { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVTS };
enum { LVT_LEVEL = 0x8000, LVT_REMOTE_IRR = 0x4000, LVT_MASKED = 0x10000, LVT_PERIODIC = 0x20000 };
enum { SVR_ENABLED = 0x100 };
enum { ESR_SEND_VECTOR = 0x20, ESR_RECEIVE_VECTOR = 0x40, ESR_REGISTER = 0x80 };

static const uint32_t lvt_writable[LVTS] = { 0x300ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff };

struct lapic {
    struct device     dev;
    struct mem_region regs;
    struct irq_line   intr, nmi, smi, init;
    struct vtimer     timer;
    void            (*eoi)(void *self, uint8_t vector);
    void             *eoi_self;
    uint64_t          base;
    bool              enabled;       /* IA32_APIC_BASE bit 11 */
    bool              lint[2];
    uint8_t           tpr;
    uint32_t          id, ldr, dfr, svr, esr, esr_seen, icr_low, icr_high, lvt[LVTS];
    uint32_t          initial, divide;
    vtime_t           started;       /* when the count was `initial` */
    uint32_t          isr[8], tmr[8], irr[8];
};

/* ---- 256-bit sets --------------------------------------------------------------------------- */

static bool bit(const uint32_t *set, unsigned n) { return set[n / 32] >> n % 32 & 1; }

static void put_bit(uint32_t *set, unsigned n, bool v)
{
    uint32_t mask = 1u << n % 32;

    set[n / 32] = v ? set[n / 32] | mask : set[n / 32] & ~mask;
}

static int highest(const uint32_t *set)
{
    for (int i = 7; i >= 0; i--)
        if (set[i])
            return 32 * i + 31 - __builtin_clz(set[i]);
    return -1;
}

/* ---- what goes to the CPU ------------------------------------------------------------------- */

static uint8_t ppr(const struct lapic *l)
{
    int in_service = highest(l->isr);
    uint8_t isv = in_service < 0 ? 0 : in_service & 0xf0;

    return (l->tpr & 0xf0) >= isv ? l->tpr : isv;
}

static bool works(const struct lapic *l) { return l->enabled && (l->svr & SVR_ENABLED); }

/* The interrupt the CPU would get from here, or -1. */
static int deliverable(const struct lapic *l)
{
    int n = highest(l->irr);

    return works(l) && n >= 0 && (n & 0xf0) > (ppr(l) & 0xf0) ? n : -1;
}

static unsigned mode_of(uint32_t lvt) { return lvt >> 8 & 7; }

/* Does pin i go straight through as `mode`? With the APIC off by its MSR, both pins do. */
static bool through(const struct lapic *l, unsigned i, enum apic_mode mode)
{
    uint32_t lvt = l->lvt[LVT_LINT0 + i];

    if (!l->enabled)
        return i == (mode == APIC_NMI);
    return !(lvt & LVT_MASKED) && mode_of(lvt) == mode;
}

static bool pins_say(const struct lapic *l, enum apic_mode mode)
{
    return (l->lint[0] && through(l, 0, mode)) || (l->lint[1] && through(l, 1, mode));
}

/* The only place that decides the wires' levels. */
static void update(struct lapic *l)
{
    irq_set(&l->intr, deliverable(l) >= 0 || pins_say(l, APIC_EXTINT));
    irq_set(&l->nmi, pins_say(l, APIC_NMI));
    irq_set(&l->smi, pins_say(l, APIC_SMI));
}

static void pulse(struct irq_line *w)
{
    bool level = w->level;

    irq_set(w, !level);
    irq_set(w, level);
}

static void error(struct lapic *l, uint32_t bits)
{
    uint32_t lvt = l->lvt[LVT_ERROR];

    l->esr_seen |= bits;
    if (!(lvt & LVT_MASKED) && works(l) && (lvt & 0xff) >= 16)
        put_bit(l->irr, lvt & 0xff, true);
}

static void accept(struct lapic *l, uint8_t vector, bool level)
{
    if (!works(l))
        return;
    if (vector < 16) {
        error(l, ESR_RECEIVE_VECTOR);
    } else {
        put_bit(l->irr, vector, true);
        put_bit(l->tmr, vector, level);
    }
    update(l);
}

static void deliver(struct lapic *l, enum apic_mode mode, uint8_t vector, bool level)
{
    switch (mode) {
    case APIC_FIXED: case APIC_LOWEST:
        accept(l, vector, level);
        break;
    case APIC_SMI:
        pulse(&l->smi);
        break;
    case APIC_NMI:
        pulse(&l->nmi);
        break;
    case APIC_INIT:
        pulse(&l->init);
        break;
    case APIC_STARTUP: case APIC_EXTINT: case APIC_RESERVED:     /* this CPU runs already */
        break;
    }
}

int lapic_intack(struct device *d)
{
    struct lapic *l = (struct lapic *)d;
    int n = deliverable(l);

    if (n < 0)
        return pins_say(l, APIC_EXTINT) || !works(l) ? -1 : (int)(l->svr & 0xff);
    put_bit(l->irr, n, false);
    put_bit(l->isr, n, true);
    update(l);
    return n;
}

/* ---- messages ------------------------------------------------------------------------------- */

static bool is_for_us(const struct lapic *l, uint8_t dest, bool logical)
{
    uint8_t ldr = l->ldr >> 24;

    if (!logical)
        return dest == 0xff || dest == l->id >> 24;
    if (l->dfr >> 28 == 0xf)
        return (dest & ldr) != 0;
    return (dest >> 4 == 0xf || dest >> 4 == ldr >> 4) && (dest & ldr & 0xf);
}

void lapic_message(struct device *d, const struct apic_message *m)
{
    struct lapic *l = (struct lapic *)d;

    if (l->enabled && is_for_us(l, m->dest, m->logical))
        deliver(l, m->mode, m->vector, m->level);
}

static void send_ipi(struct lapic *l)
{
    uint32_t icr = l->icr_low;
    unsigned shorthand = icr >> 18 & 3;
    enum apic_mode mode = icr >> 8 & 7;
    bool to_us = shorthand ? shorthand != 3 : is_for_us(l, l->icr_high >> 24, icr & 0x800);

    if (mode == APIC_INIT && (icr & 0xc000) == 0x8000)
        return;                      /* INIT level de-assert: arbitration ids only */
    if ((mode == APIC_FIXED || mode == APIC_LOWEST) && (icr & 0xff) < 16) {
        error(l, ESR_SEND_VECTOR);
        update(l);
    } else if (to_us) {
        deliver(l, mode, icr & 0xff, false);
    }
}

static void end_of_interrupt(struct lapic *l)
{
    int n = highest(l->isr);

    if (n < 0)
        return;
    put_bit(l->isr, n, false);
    if (bit(l->tmr, n)) {
        for (unsigned i = 0; i < 2; i++) {
            uint32_t *lvt = &l->lvt[LVT_LINT0 + i];
            if ((*lvt & LVT_REMOTE_IRR) && (int)(*lvt & 0xff) == n)
                *lvt &= ~LVT_REMOTE_IRR;
            if (l->lint[i])
                lapic_lint(&l->dev, i, true);
        }
        if (l->eoi)
            l->eoi(l->eoi_self, n);
    }
    update(l);
}

void lapic_lint(struct device *d, unsigned pin, bool level)
{
    struct lapic *l = (struct lapic *)d;
    uint32_t *lvt = &l->lvt[LVT_LINT0 + pin];
    bool rises = level && !l->lint[pin], by_level = *lvt & LVT_LEVEL;

    l->lint[pin] = level;
    if (level && works(l) && !(*lvt & LVT_MASKED) && mode_of(*lvt) == APIC_FIXED) {
        if (by_level && !(*lvt & LVT_REMOTE_IRR)) {
            *lvt |= LVT_REMOTE_IRR;
            accept(l, *lvt, true);
        } else if (!by_level && rises) {
            accept(l, *lvt, false);
        }
    }
    update(l);
}

void lapic_on_eoi(struct device *d, void (*eoi)(void *self, uint8_t vector), void *self)
{
    ((struct lapic *)d)->eoi = eoi;
    ((struct lapic *)d)->eoi_self = self;
}

/* ---- timer ---------------------------------------------------------------------------------- */

static int64_t tick_ns(const struct lapic *l)
{
    unsigned code = (l->divide >> 1 & 4) | (l->divide & 3);

    return (int64_t)BUS_NS << (code == 7 ? 0 : code + 1);
}

static int64_t period_ns(const struct lapic *l) { return tick_ns(l) * l->initial; }

static uint32_t current(const struct lapic *l)
{
    int64_t gone = (vclock_now(l->timer.clock) - l->started) / tick_ns(l);

    if (l->initial == 0)
        return 0;
    if (gone < 0)
        gone = 0;
    if (l->lvt[LVT_TIMER] & LVT_PERIODIC)
        return l->initial - (uint32_t)(gone % l->initial);
    return gone < l->initial ? l->initial - (uint32_t)gone : 0;
}

static void start_timer(struct lapic *l)
{
    if (l->initial == 0)
        vtimer_cancel(&l->timer);
    else
        vtimer_arm(&l->timer, l->started + period_ns(l));
}

static void on_timer(void *opaque, vtime_t due)
{
    struct lapic *l = opaque;
    uint32_t lvt = l->lvt[LVT_TIMER];

    if (lvt & LVT_PERIODIC) {        /* one bit remembers it: what is missed is missed together */
        int64_t late = vclock_now(l->timer.clock) - due, period = period_ns(l);
        int64_t gap = late > QUIET_NS ? late : period < QUIET_NS ? QUIET_NS : 0;
        l->started = due + gap / period * period;
        vtimer_arm(&l->timer, l->started + period);
    }
    if (!(lvt & LVT_MASKED))
        accept(l, lvt, false);
}

/* The count goes on from where it is when the divider or the mode changes. */
static void change_timer(struct lapic *l, uint32_t *reg, uint32_t v)
{
    uint32_t count = current(l);
    bool running = l->timer.due != VTIME_NEVER;

    *reg = v;
    if (!running)
        return;
    l->started = vclock_now(l->timer.clock) - tick_ns(l) * (int64_t)(l->initial - count);
    start_timer(l);
}

/* ---- registers ------------------------------------------------------------------------------ */

static uint64_t reg_read(void *opaque, uint64_t off, unsigned size)
{
    struct lapic *l = opaque;
    unsigned r = off / 16;

    (void)size;
    if (off % 16)
        return 0;
    switch (r) {
    case R_ID: return l->id;
    case R_VERSION: return 0x14 | (LVTS - 1) << 16;
    case R_TPR: return l->tpr;
    case R_PPR: return ppr(l);
    case R_APR: case R_EOI: return 0;
    case R_LDR: return l->ldr;
    case R_DFR: return l->dfr;
    case R_SVR: return l->svr;
    case R_ISR ... R_ISR + 7: return l->isr[r - R_ISR];
    case R_TMR ... R_TMR + 7: return l->tmr[r - R_TMR];
    case R_IRR ... R_IRR + 7: return l->irr[r - R_IRR];
    case R_ESR: return l->esr;
    case R_ICR_LOW: return l->icr_low;
    case R_ICR_HIGH: return l->icr_high;
    case R_LVT ... R_LVT + LVTS - 1: return l->lvt[r - R_LVT];
    case R_INITIAL: return l->initial;
    case R_CURRENT: return current(l);
    case R_DIVIDE: return l->divide;
    }
    error(l, ESR_REGISTER);
    update(l);
    return 0;
}

static void write_lvt(struct lapic *l, unsigned i, uint32_t v)
{
    v &= lvt_writable[i];
    v |= l->lvt[i] & LVT_REMOTE_IRR;
    if (!(l->svr & SVR_ENABLED))
        v |= LVT_MASKED;
    if (i == LVT_TIMER)
        change_timer(l, &l->lvt[i], v);
    else
        l->lvt[i] = v;
}

static void write_svr(struct lapic *l, uint32_t v)
{
    l->svr = v & 0x3ff;
    if (v & SVR_ENABLED)
        return;
    for (unsigned i = 0; i < LVTS; i++)
        l->lvt[i] |= LVT_MASKED;
}

static void reg_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct lapic *l = opaque;
    unsigned r = off / 16;
    uint32_t v = val;

    (void)size;
    if (off % 16)
        return;
    switch (r) {
    case R_ID: l->id = v & 0x0f000000; break;
    case R_TPR: l->tpr = v; break;
    case R_EOI: end_of_interrupt(l); break;
    case R_LDR: l->ldr = v & 0xff000000; break;
    case R_DFR: l->dfr = v | 0x0fffffff; break;
    case R_SVR: write_svr(l, v); break;
    case R_ESR: l->esr = l->esr_seen; l->esr_seen = 0; break;
    case R_ICR_HIGH: l->icr_high = v & 0xff000000; break;
    case R_ICR_LOW: l->icr_low = v & 0xcdfff & ~0x1000u; send_ipi(l); break;
    case R_LVT ... R_LVT + LVTS - 1: write_lvt(l, r - R_LVT, v); break;
    case R_INITIAL:
        l->initial = v;
        l->started = vclock_now(l->timer.clock);
        start_timer(l);
        break;
    case R_DIVIDE: change_timer(l, &l->divide, v & 0xb); break;
    default: error(l, ESR_REGISTER); break;
    }
    update(l);
}

static const struct mmio_ops reg_ops = { reg_read, reg_write, 4, 4 };

/* ---- device --------------------------------------------------------------------------------- */

static void place(struct lapic *l)
{
    struct mem_space *sp = machine_ram(l->dev.m);

    if (l->regs.parent && l->enabled && l->regs.base == l->base)
        return;
    mem_begin(sp);
    mem_remove(&l->regs);
    if (l->enabled)
        mem_add(mem_root(sp), &l->regs, l->base, 2);     /* the CPU's own: before the bus */
    mem_commit(sp);
}

void lapic_set_base(struct device *d, gpa_t base, bool enabled)
{
    struct lapic *l = (struct lapic *)d;

    l->base = base & ~(gpa_t)(GUEST_PAGE - 1);
    l->enabled = enabled;
    place(l);
    update(l);
}

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct lapic *l = (struct lapic *)d;

    l->regs = (struct mem_region){ .name = "lapic", .kind = MEM_MMIO, .size = GUEST_PAGE,
                                   .ops = &reg_ops, .dev = l };
    vtimer_init(&l->timer, machine_clock(m), "timer", on_timer, l);
    VM_TRY(machine_connect_wire(m, "lapic-intr", &l->intr, e));
    VM_TRY(machine_connect_wire(m, "lapic-nmi", &l->nmi, e));
    VM_TRY(machine_connect_wire(m, "smi", &l->smi, e));
    return machine_connect_wire(m, "reset", &l->init, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct lapic *l = (struct lapic *)d;

    (void)k;
    vtimer_cancel(&l->timer);
    memset(l->isr, 0, sizeof l->isr);
    memset(l->tmr, 0, sizeof l->tmr);
    memset(l->irr, 0, sizeof l->irr);
    l->tpr = 0;
    l->id = l->ldr = l->esr = l->esr_seen = l->icr_low = l->icr_high = 0;
    l->initial = l->divide = 0;
    l->dfr = 0xffffffff;
    l->svr = 0xff;
    for (unsigned i = 0; i < LVTS; i++)
        l->lvt[i] = LVT_MASKED;
    l->lvt[LVT_LINT0] = APIC_EXTINT << 8;
    l->lvt[LVT_LINT1] = APIC_NMI << 8;
    l->base = DEFAULT_BASE;
    l->enabled = true;
    place(l);
}

static void drive(struct device *d) { update((struct lapic *)d); }

static void snap(struct device *d, struct snap *s)
{
    struct lapic *l = (struct lapic *)d;

    snap_begin(s, "lapic", 1);
    snap_u64(s, "base", &l->base);
    snap_check(s, "base", l->base % GUEST_PAGE || l->base >= 1ull << 36);
    snap_bool(s, "enabled", &l->enabled);
    snap_bool(s, "lint0", &l->lint[0]);
    snap_bool(s, "lint1", &l->lint[1]);
    snap_u8(s, "tpr", &l->tpr);
    snap_u32(s, "id", &l->id);
    snap_u32(s, "ldr", &l->ldr);
    snap_u32(s, "dfr", &l->dfr);
    snap_u32(s, "svr", &l->svr);
    snap_u32(s, "esr", &l->esr);
    snap_u32(s, "esr-seen", &l->esr_seen);
    snap_u32(s, "icr-low", &l->icr_low);
    snap_u32(s, "icr-high", &l->icr_high);
    snap_mem(s, "lvt", l->lvt, sizeof l->lvt);
    snap_u32(s, "initial", &l->initial);
    snap_u32(s, "divide", &l->divide);
    snap_time(s, "started", &l->started);
    snap_mem(s, "isr", l->isr, sizeof l->isr);
    snap_mem(s, "tmr", l->tmr, sizeof l->tmr);
    snap_mem(s, "irr", l->irr, sizeof l->irr);
    vtimer_snap(&l->timer, s);
    snap_check(s, "started", l->started < 0 || (l->timer.due != VTIME_NEVER && !l->initial));
    snap_end(s);
    if (snap_mode(s) == SNAP_LOAD && snap_status(s, NULL) == VM_OK)
        place(l);
}

static void unrealize(struct device *d) { mem_remove(&((struct lapic *)d)->regs); }

const struct dev_class lapic_class = {
    .name = "lapic", .help = "local APIC", .size = sizeof(struct lapic), .realize = realize,
    .reset = reset, .drive = drive, .snap = snap, .unrealize = unrealize,
};
