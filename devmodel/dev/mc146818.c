/* mc146818.c - CMOS clock: time, alarm, three interrupts and 242 bytes of RAM behind 70h..73h.
 *
 * Datasheets: Motorola MC146818A; Intel 82371SB for the second bank (72h, 73h); century byte at
 * 32h as PC BIOSes keep it. Not modelled: daylight saving (DSE is stored), square wave (SQWE is
 * stored), NMI mask in bit 7 of port 70h, time bases other than 32.768 kHz.
 *
 * The date registers are bytes, as in the chip; they are brought up to date when somebody looks.
 * A timer runs only while an enabled interrupt could become due. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/mc146818.h"
#include <stdio.h>
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

#define NS_PER_S 1000000000ll
#define DAY_S    86400u
#define MAX_EPOCH 253402300799ull                 /* the last second of 9999 */

enum { SEC = 0, SEC_ALARM = 1, MIN = 2, MIN_ALARM = 3, HOUR = 4, HOUR_ALARM = 5, DOW = 6, DAY = 7,
       MONTH = 8, YEAR = 9, REG_A = 10, REG_B = 11, REG_C = 12, REG_D = 13, CENTURY = 0x32 };
enum { A_RATE = 0x0f, A_DV = 0x70, A_DV_RUN = 0x20, A_DV_RESET = 0x60, A_UIP = 0x80 };
enum { B_24H = 0x02, B_DM = 0x04, B_SQWE = 0x08, B_UIE = 0x10, B_AIE = 0x20, B_PIE = 0x40,
       B_SET = 0x80 };
enum { C_UF = 0x10, C_AF = 0x20, C_PF = 0x40, C_IRQF = 0x80, D_VRT = 0x80 };
enum { UIP_NS = 244000 + 1984000 };               /* table 6: warning, then the update */

struct mc146818 {
    struct device     dev;
    struct mem_region ports;
    struct irq_line   intr;
    struct vtimer     event;
    struct vclock    *clock;
    uint8_t           index, ext_index, ram[128], ext[128];
    vtime_t           divider;                    /* the divider chain was at zero here */
    uint64_t          updates;                    /* whole seconds since then already counted */
    uint64_t          periods;                    /* periodic ticks since then already flagged */
    uint32_t          irq_no;                     /* property */
    uint64_t          epoch;                      /* property: UTC seconds at power-on */
};

/* ---- calendar ------------------------------------------------------------------------------- */

static unsigned get(const struct mc146818 *r, unsigned reg)
{
    uint8_t v = r->ram[reg];

    return r->ram[REG_B] & B_DM ? v : (v >> 4) * 10 + (v & 15);
}

static uint8_t coded(const struct mc146818 *r, unsigned v)
{
    return r->ram[REG_B] & B_DM ? v : v / 10 << 4 | v % 10;
}

static unsigned get_hour(const struct mc146818 *r)               /* 0..23 */
{
    uint8_t raw = r->ram[HOUR];
    bool pm = raw & 0x80;

    if (r->ram[REG_B] & B_24H)
        return get(r, HOUR);
    raw &= 0x7f;
    unsigned h = r->ram[REG_B] & B_DM ? raw : (raw >> 4) * 10 + (raw & 15);
    return h % 12 + (pm ? 12 : 0);
}

static uint8_t coded_hour(const struct mc146818 *r, unsigned h)
{
    if (r->ram[REG_B] & B_24H)
        return coded(r, h);
    return coded(r, h % 12 ? h % 12 : 12) | (h >= 12 ? 0x80 : 0);
}

/* The century byte is BCD whatever DM says: it is RAM that BIOSes read so. */
static unsigned full_year(const struct mc146818 *r)
{
    return ((r->ram[CENTURY] >> 4) * 10 + (r->ram[CENTURY] & 15)) * 100 + get(r, YEAR);
}

static unsigned month_days(unsigned month, unsigned year)
{
    static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[(month + 11) % 12] + (month == 2 && leap ? 1 : 0);
}

static void set_year(struct mc146818 *r, unsigned year)
{
    unsigned century = year / 100 % 100;

    r->ram[YEAR] = coded(r, year % 100);
    r->ram[CENTURY] = century / 10 << 4 | century % 10;
}

static void add_days(struct mc146818 *r, uint64_t days)
{
    unsigned day = get(r, DAY), month = get(r, MONTH), year = full_year(r);

    r->ram[DOW] = coded(r, (get(r, DOW) + 6 + days) % 7 + 1);
    for (; days; days--) {
        if (++day <= month_days(month, year))
            continue;
        day = 1;
        if (++month <= 12)
            continue;
        month = 1;
        year++;
    }
    r->ram[DAY] = coded(r, day);
    r->ram[MONTH] = coded(r, month);
    set_year(r, year);
}

static void add_seconds(struct mc146818 *r, uint64_t n)
{
    uint64_t t = get_hour(r) * 3600 + get(r, MIN) * 60 + get(r, SEC) + n;
    unsigned s = t % DAY_S;

    r->ram[SEC] = coded(r, s % 60);
    r->ram[MIN] = coded(r, s / 60 % 60);
    r->ram[HOUR] = coded_hour(r, s / 3600);
    if (t >= DAY_S)
        add_days(r, t / DAY_S);
}

static void set_epoch(struct mc146818 *r, uint64_t epoch)
{
    r->ram[SEC] = r->ram[MIN] = 0;
    r->ram[HOUR] = coded_hour(r, 0);
    r->ram[DOW] = coded(r, 5);                    /* 1 January 1970 was a Thursday */
    r->ram[DAY] = r->ram[MONTH] = coded(r, 1);
    set_year(r, 1970);
    add_seconds(r, epoch);
}

/* ---- bringing the registers up to date ------------------------------------------------------ */

static bool divider_runs(const struct mc146818 *r)
{
    return (r->ram[REG_A] & A_DV) == A_DV_RUN;
}

static bool updating(const struct mc146818 *r)
{
    return divider_runs(r) && !(r->ram[REG_B] & B_SET);
}

static unsigned rate_shift(const struct mc146818 *r)   /* 32768 Hz >> shift; 32 = off */
{
    unsigned rate = r->ram[REG_A] & A_RATE;

    if (rate == 0 || !divider_runs(r))
        return 32;
    return rate < 3 ? rate + 6 : rate - 1;
}

/* One 32768 Hz cycle is 1953125 / 64 ns. */
static uint64_t periods_at(const struct mc146818 *r, vtime_t now)
{
    if (now < r->divider)
        return 0;
    return (unsigned __int128)(now - r->divider) * 64 / 1953125 >> rate_shift(r);
}

static vtime_t period_due(const struct mc146818 *r, uint64_t n)
{
    unsigned __int128 cycles = (unsigned __int128)n << rate_shift(r);

    return r->divider + (vtime_t)((cycles * 1953125 + 63) / 64);
}

static bool alarm_matches(const struct mc146818 *r)
{
    for (unsigned reg = SEC; reg <= HOUR; reg += 2)     /* C0h..FFh: any value will do */
        if (r->ram[reg + 1] < 0xc0 && r->ram[reg + 1] != r->ram[reg])
            return false;
    return true;
}

static void update_time(struct mc146818 *r, vtime_t now)
{
    uint64_t due = now < r->divider ? 0 : (uint64_t)(now - r->divider) / NS_PER_S;
    uint64_t n = due - r->updates;

    if (due <= r->updates)
        return;
    r->updates = due;
    if (!updating(r))
        return;
    r->ram[REG_C] |= C_UF;
    if (n > DAY_S) {                              /* the alarm comes once a day */
        add_seconds(r, n - DAY_S);
        n = DAY_S;
    }
    while (n-- > 0) {
        add_seconds(r, 1);
        if (alarm_matches(r))
            r->ram[REG_C] |= C_AF;
    }
}

/* A timer that fires late brings a `now` behind one already seen: nothing is left to do then. */
static void sync(struct mc146818 *r, vtime_t now)
{
    update_time(r, now);
    if (rate_shift(r) == 32)
        return;
    uint64_t n = periods_at(r, now);
    if (n <= r->periods)
        return;
    r->ram[REG_C] |= C_PF;
    r->periods = n;
}

/* The only place that decides the wire's level; bits 4..6 of B enable those of C. */
static void update_intr(struct mc146818 *r)
{
    bool on = (r->ram[REG_B] & r->ram[REG_C] & (C_PF | C_AF | C_UF)) != 0;

    r->ram[REG_C] = (r->ram[REG_C] & ~C_IRQF) | (on ? C_IRQF : 0);
    irq_set(&r->intr, on);
}

/* Arms for the next flag that would raise the wire. */
static void arm(struct mc146818 *r)
{
    uint8_t want = r->ram[REG_B] & ~r->ram[REG_C];
    vtime_t due = VTIME_NEVER;

    if ((want & B_PIE) && rate_shift(r) < 32)
        due = period_due(r, r->periods + 1);
    if ((want & (B_UIE | B_AIE)) && updating(r)) {
        vtime_t second = r->divider + (vtime_t)(r->updates + 1) * NS_PER_S;

        due = second < due ? second : due;
    }
    if (due == VTIME_NEVER || (r->ram[REG_C] & C_IRQF))
        vtimer_cancel(&r->event);
    else
        vtimer_arm(&r->event, due);
}

static void refresh(struct mc146818 *r)
{
    update_intr(r);
    arm(r);
}

static void on_event(void *opaque, vtime_t due)
{
    struct mc146818 *r = opaque;

    sync(r, due);
    refresh(r);
}

/* ---- ports ---------------------------------------------------------------------------------- */

static bool uip(const struct mc146818 *r, vtime_t now)
{
    return updating(r) && (now - r->divider) % NS_PER_S >= NS_PER_S - UIP_NS;
}

static uint8_t read_register(struct mc146818 *r)
{
    vtime_t now = vclock_now(r->clock);
    uint8_t v;

    sync(r, now);
    update_intr(r);
    v = r->ram[r->index];
    if (r->index == REG_A)
        v |= uip(r, now) ? A_UIP : 0;
    if (r->index == REG_C) {                      /* reading C acknowledges */
        r->ram[REG_C] = 0;
        refresh(r);
    }
    return v;
}

static void write_a(struct mc146818 *r, uint8_t v, vtime_t now)
{
    bool ran = divider_runs(r);

    r->ram[REG_A] = v & ~A_UIP;
    if (!ran && divider_runs(r)) {                /* the first update comes half a second later */
        r->divider = now - NS_PER_S / 2;
        r->updates = 0;
    }
    if (rate_shift(r) < 32)
        r->periods = periods_at(r, now);
}

static void write_register(struct mc146818 *r, uint8_t v)
{
    vtime_t now = vclock_now(r->clock);

    if (r->index == REG_C || r->index == REG_D)
        return;                                   /* read-only, silently, as the chip does */
    sync(r, now);
    if (r->index == REG_A)
        write_a(r, v, now);
    else if (r->index == REG_B)
        r->ram[REG_B] = v & B_SET ? v & ~B_UIE : v;    /* SET clears UIE */
    else
        r->ram[r->index] = v;
    refresh(r);
}

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct mc146818 *r = opaque;

    (void)size;
    switch (off) {
    case 1:  return read_register(r);
    case 2:  return r->ext_index;
    case 3:  return r->ext[r->ext_index];
    default: return 0xff;                         /* the index port is write-only */
    }
}

static void port_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct mc146818 *r = opaque;

    (void)size;
    switch (off) {
    case 0: r->index = v & 0x7f; break;
    case 1: write_register(r, v); break;
    case 2: r->ext_index = v & 0x7f; break;
    case 3: r->ext[r->ext_index] = v; break;
    }
}

/* ---- life ----------------------------------------------------------------------------------- */

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct mc146818 *r = (struct mc146818 *)d;

    if (r->epoch > MAX_EPOCH)
        return vm_fail(e, VM_EINVAL, "mc146818: epoch=%llu lies after the year 9999",
                       (unsigned long long)r->epoch);
    r->clock = machine_clock(m);
    r->ports = (struct mem_region){ .name = "mc146818", .kind = MEM_MMIO, .size = 4,
                                    .ops = &port_ops, .dev = r };
    r->intr.name = "mc146818.irq";
    vtimer_init(&r->event, r->clock, "mc146818.event", on_event, r);
    VM_TRY(machine_claim_ports(m, &r->ports, 0x70, e));
    return machine_claim_irq(m, &r->intr, r->irq_no, e);
}

static void unrealize(struct device *d)
{
    vtimer_forget(&((struct mc146818 *)d)->event);
}

/* RESET clears enables and flags and keeps the time; power-on also starts the clock. */
static void reset(struct device *d, enum reset_kind k)
{
    struct mc146818 *r = (struct mc146818 *)d;

    if (k == RESET_SOFT)
        return;
    if (k == RESET_POWER_ON) {
        r->ram[REG_A] = A_DV_RUN | 6;
        r->ram[REG_B] = B_24H;
        r->ram[REG_D] = D_VRT;
        r->divider = vclock_now(r->clock);
        r->updates = r->periods = 0;
        set_epoch(r, r->epoch);
    }
    sync(r, vclock_now(r->clock));
    r->ram[REG_B] &= ~(B_PIE | B_AIE | B_UIE | B_SQWE);
    r->ram[REG_C] = 0;
    vtimer_cancel(&r->event);
}

static void drive(struct device *d)
{
    update_intr((struct mc146818 *)d);
}

static void snap(struct device *d, struct snap *s)
{
    struct mc146818 *r = (struct mc146818 *)d;

    snap_begin(s, "mc146818", 1);
    snap_u8(s, "index", &r->index);
    snap_u8(s, "ext-index", &r->ext_index);
    snap_mem(s, "ram", r->ram, sizeof r->ram);
    snap_mem(s, "ext", r->ext, sizeof r->ext);
    snap_check(s, "index", r->index > 127 || r->ext_index > 127);
    snap_time(s, "divider", &r->divider);
    snap_check(s, "divider", r->divider < -NS_PER_S || r->divider > VTIME_NEVER / 2);
    snap_u64(s, "updates", &r->updates);
    snap_u64(s, "periods", &r->periods);
    vtimer_snap(&r->event, s);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "irq", "interrupt request line", PROP_U32, offsetof(struct mc146818, irq_no), "8" },
    { "epoch", "date at power-on, seconds since 1970 UTC", PROP_U64,
      offsetof(struct mc146818, epoch), "946684800" },
    { .name = NULL },
};

const struct dev_class mc146818_class = {
    .name = "mc146818", .help = "CMOS real-time clock", .size = sizeof(struct mc146818),
    .props = props, .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};

/* ---- contents ------------------------------------------------------------------------------- */

void mc146818_set(struct device *rtc, unsigned index, uint8_t v)
{
    struct mc146818 *r = (struct mc146818 *)rtc;

    if (index < 128)
        r->ram[index] = v;
    else if (index < 256)
        r->ext[index - 128] = v;
}

uint8_t mc146818_get(struct device *rtc, unsigned index)
{
    struct mc146818 *r = (struct mc146818 *)rtc;

    return index < 128 ? r->ram[index] : index < 256 ? r->ext[index - 128] : 0xff;
}

void mc146818_seal(struct device *rtc)
{
    unsigned sum = 0;

    for (unsigned i = 0x10; i <= 0x2d; i++)
        sum += mc146818_get(rtc, i);
    mc146818_set(rtc, 0x2e, sum >> 8);
    mc146818_set(rtc, 0x2f, sum);
}

static void set16(struct device *rtc, unsigned index, uint64_t v)
{
    v = v > 0xffff ? 0xffff : v;
    mc146818_set(rtc, index, v);
    mc146818_set(rtc, index + 1, v >> 8);
}

static void set_memory(struct device *rtc, const struct cmos_config *cfg)
{
    uint64_t kib = cfg->ram_below_4g >> 10, extended = kib > 1024 ? kib - 1024 : 0;

    set16(rtc, 0x15, kib < 640 ? kib : 640);
    set16(rtc, 0x17, extended < 0xfc00 ? extended : 0xfc00);     /* KiB; 63 MiB is the custom */
    set16(rtc, 0x30, extended < 0xfc00 ? extended : 0xfc00);
    set16(rtc, 0x34, kib > 16384 ? (kib - 16384) / 64 : 0);      /* 64 KiB blocks above 16 MiB */
    set16(rtc, 0x5b, cfg->ram_above_4g >> 16);                   /* 64 KiB blocks above 4 GiB */
    mc146818_set(rtc, 0x5d, cfg->ram_above_4g >> 32);
}

static void set_disk(struct device *rtc, const struct cmos_disk *k, unsigned type, unsigned at)
{
    mc146818_set(rtc, type, 47);                  /* type 47: parameters follow */
    set16(rtc, at, k->cylinders);
    mc146818_set(rtc, at + 2, k->heads);
    set16(rtc, at + 3, 0xffff);                   /* no write precompensation */
    mc146818_set(rtc, at + 5, 0xc0 | (k->heads > 8 ? 8 : 0));
    set16(rtc, at + 6, k->cylinders);             /* landing zone */
    mc146818_set(rtc, at + 8, k->sectors);
}

void mc146818_configure(struct device *rtc, const struct cmos_config *cfg)
{
    unsigned floppies = (cfg->floppy[0] != CMOS_FD_NONE) + (cfg->floppy[1] != CMOS_FD_NONE);

    mc146818_set(rtc, 0x10, cfg->floppy[0] << 4 | cfg->floppy[1]);
    mc146818_set(rtc, 0x12, (cfg->disk[0].present ? 0xf0 : 0) | (cfg->disk[1].present ? 0x0f : 0));
    if (cfg->disk[0].present)
        set_disk(rtc, &cfg->disk[0], 0x19, 0x1b);
    if (cfg->disk[1].present)
        set_disk(rtc, &cfg->disk[1], 0x1a, 0x24);
    /* Equipment: coprocessor, PS/2 mouse, VGA (no initial mode), floppies less one in 7:6. */
    mc146818_set(rtc, 0x14, 0x06 | (floppies ? 0x01 | (floppies - 1) << 6 : 0));
    set_memory(rtc, cfg);
    mc146818_set(rtc, 0x3d, cfg->boot[0] | cfg->boot[1] << 4);
    mc146818_set(rtc, 0x38, cfg->boot[2] << 4);
    mc146818_seal(rtc);
}

int mc146818_parse_date(const char *text, uint64_t *epoch, struct vm_error *e)
{
    unsigned y, mo, d, h = 0, mi = 0, s = 0;
    int n = 0;

    if (sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u%n", &y, &mo, &d, &h, &mi, &s, &n) != 6 || text[n]) {
        h = mi = s = n = 0;
        if (sscanf(text, "%4u-%2u-%2u%n", &y, &mo, &d, &n) != 3 || text[n])
            return vm_fail(e, VM_EINVAL, "%s is no date; write 2006-06-17T16:01:21 or 2006-06-17",
                           text);
    }
    if (y < 1980 || y > 2107 || mo < 1 || mo > 12 || d < 1 || d > month_days(mo, y) || h > 23 ||
        mi > 59 || s > 59)
        return vm_fail(e, VM_EINVAL, "%s does not exist, or is not in 1980..2107", text);
    uint64_t days = d - 1;
    for (unsigned m = 1; m < mo; m++)
        days += month_days(m, y);
    for (unsigned yy = 1970; yy < y; yy++)
        days += month_days(2, yy) == 29 ? 366 : 365;
    *epoch = days * DAY_S + h * 3600 + mi * 60 + s;
    return VM_OK;
}
