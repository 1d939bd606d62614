/* ps2mouse.c - a PS/2 mouse that becomes a wheel or a five-button mouse when knocked at.
 *
 * Manuals: IBM PS/2 hardware interface technical reference, mouse; Microsoft's wheel extensions.
 * Left out: the resolution is stored and reported, but the host's counts are taken as they come.
 * The self test takes 20 ms. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/snap.h"
#include "devmodel/dev/ps2.h"

#define NS_PER_S  1000000000ll
#define NS_PER_MS 1000000ll

enum { ACK = 0xfa, RESEND = 0xfe, ERROR = 0xfc };
enum { SET_RESOLUTION = 0xe8, SET_RATE = 0xf3 };
enum { MAX_COUNTS = 100000 };
enum { FIVE_BUTTONS = 0x1f, THREE_BUTTONS = 0x07 };

static int32_t clamp(int32_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* Counts waiting for a report never grow without bound while the guest does not listen. */
static int32_t add(int32_t sum, int v)
{
    return clamp(sum + clamp(v, -MAX_COUNTS, MAX_COUNTS), -MAX_COUNTS, MAX_COUNTS);
}

static uint8_t buttons(const struct ps2_mouse *m)
{
    return m->buttons & (m->id == 4 ? FIVE_BUTTONS : THREE_BUTTONS);
}

static bool changed(const struct ps2_mouse *m)
{
    return m->dx || m->dy || (m->id && m->dz) || buttons(m) != m->reported;
}

static int32_t scale(const struct ps2_mouse *m, int32_t v)      /* 2:1, in stream mode only */
{
    static const uint8_t table[6] = { 0, 1, 1, 3, 6, 9 };
    int32_t a = v < 0 ? -v : v;

    if (!m->scaling21 || m->remote)
        return v;
    a = a < 6 ? table[a] : 2 * a;
    return v < 0 ? -a : a;
}

static void put_axes(struct ps2_mouse *m, int32_t x, int32_t y)
{
    bool over_x = x < -256 || x > 255, over_y = y < -256 || y > 255;

    x = clamp(x, -256, 255);
    y = clamp(y, -256, 255);
    ps2_put(&m->out, over_y << 7 | over_x << 6 | (y < 0) << 5 | (x < 0) << 4 | 0x08 |
                     (m->buttons & THREE_BUTTONS));
    ps2_put(&m->out, x);
    ps2_put(&m->out, y);
}

/* One report. What does not fit into its 9 bits (wheel: 4) stays for the next one. */
static void put_report(struct ps2_mouse *m)
{
    int32_t x = clamp(m->dx, -255, 255), y = clamp(m->dy, -255, 255), z = clamp(m->dz, -8, 7);

    put_axes(m, scale(m, x), -scale(m, y));       /* the mouse's up is positive */
    if (m->id == 3)
        ps2_put(&m->out, z);
    else if (m->id == 4)
        ps2_put(&m->out, (z & 0x0f) | (m->buttons & 0x18) << 1);
    m->dx -= x;
    m->dy -= y;
    m->dz -= m->id ? z : m->dz;
    m->reported = buttons(m);
}

static bool streams(const struct ps2_mouse *m)
{
    return m->reporting && !m->remote && !m->wrap && !m->command;
}

/* Sends a report when one is due; the timer keeps them a sample apart. */
static void stream(struct ps2_mouse *m, vtime_t now)
{
    if (!streams(m) || !changed(m) || m->report.due != VTIME_NEVER)
        return;
    if (ps2_room(&m->out) >= 4)
        put_report(m);
    vtimer_arm(&m->report, now + NS_PER_S / m->rate);
    m->notify(m->opaque);
}

static void on_report(void *opaque, vtime_t due)
{
    stream(opaque, due);
}

void ps2_mouse_motion(void *mouse, int dx, int dy, int dz, unsigned b)
{
    struct ps2_mouse *m = mouse;

    m->buttons = b & FIVE_BUTTONS;
    if (m->reporting || m->remote) {
        m->dx = add(m->dx, dx);
        m->dy = add(m->dy, dy);
        m->dz = add(m->dz, dz);
    }
    stream(m, vclock_now(m->report.clock));
}

/* ---- commands ------------------------------------------------------------------------------- */

static void clear_counts(struct ps2_mouse *m)
{
    m->dx = m->dy = m->dz = 0;
    m->reported = buttons(m);
}

static void set_defaults(struct ps2_mouse *m)
{
    m->rate = 100;
    m->resolution = 2;
    m->scaling21 = m->remote = m->reporting = false;
    m->knock[0] = m->knock[1] = 0;
    clear_counts(m);
    vtimer_cancel(&m->report);
}

static void start_bat(struct ps2_mouse *m)
{
    set_defaults(m);
    m->id = 0;
    m->wrap = false;
    vtimer_arm(&m->bat, vclock_now(m->bat.clock) + 20 * NS_PER_MS);
}

static void on_bat(void *opaque, vtime_t due)
{
    struct ps2_mouse *m = opaque;

    (void)due;
    ps2_put(&m->out, 0xaa);
    ps2_put(&m->out, m->id);
    m->notify(m->opaque);
}

static bool valid_rate(uint8_t v)
{
    return v == 10 || v == 20 || v == 40 || v == 60 || v == 80 || v == 100 || v == 200;
}

static void set_rate(struct ps2_mouse *m, uint8_t v)
{
    if (m->knock[0] == 200 && v == 80 && (m->knock[1] == 100 || m->knock[1] == 200))
        m->id = m->knock[1] == 100 ? 3 : 4;
    m->knock[0] = m->knock[1];
    m->knock[1] = v;
    m->rate = v;
}

static void refuse(struct ps2_mouse *m)
{
    ps2_put(&m->out, m->error ? ERROR : RESEND);
    m->error = !m->error;
}

static void argument(struct ps2_mouse *m, uint8_t v)
{
    bool rate = m->command == SET_RATE;

    if (rate ? !valid_rate(v) : v > 3) {
        m->command = m->error ? 0 : m->command;   /* one more try */
        refuse(m);
        return;
    }
    m->command = 0;
    m->error = false;
    if (rate)
        set_rate(m, v);
    else
        m->resolution = v;
    ps2_put(&m->out, ACK);
}

static void put_status(struct ps2_mouse *m)
{
    uint8_t b = m->buttons;

    ps2_put(&m->out, m->remote << 6 | m->reporting << 5 | m->scaling21 << 4 | (b & 1) << 2 |
                     (b & 4) >> 1 | (b & 2) >> 1);
    ps2_put(&m->out, m->resolution);
    ps2_put(&m->out, m->rate);
}

static void start_command(struct ps2_mouse *m, uint8_t v)
{
    ps2_put(&m->out, ACK);
    m->error = false;
    switch (v) {
    case 0xe6: case 0xe7: m->scaling21 = v & 1; break;
    case SET_RESOLUTION: case SET_RATE: m->command = v; break;
    case 0xe9: put_status(m); break;
    case 0xea: m->remote = false; clear_counts(m); break;
    case 0xeb: put_report(m); break;
    case 0xec: m->wrap = false; clear_counts(m); break;
    case 0xee: m->wrap = true; clear_counts(m); break;
    case 0xf0: m->remote = true; clear_counts(m); break;
    case 0xf2: ps2_put(&m->out, m->id); break;
    case 0xf4: m->reporting = true; clear_counts(m); break;
    case 0xf5: m->reporting = false; clear_counts(m); break;
    case 0xf6: set_defaults(m); break;
    case 0xff: start_bat(m); break;
    }
}

static bool known(uint8_t v)
{
    return (v >= 0xe6 && v <= 0xee && v != 0xed) || v == 0xf0 || (v >= 0xf2 && v <= 0xf6) ||
           v == 0xff;
}

void ps2_mouse_write(struct ps2_mouse *m, uint8_t v)
{
    m->out.len = 0;                               /* a command cuts off what was being said */
    vtimer_cancel(&m->bat);
    if (m->wrap && v != 0xec && v != 0xff)
        ps2_put(&m->out, v);
    else if (v == RESEND)
        ps2_put(&m->out, m->last);
    else if (m->command && v < 0xe6)
        argument(m, v);
    else if (!known(v))
        refuse(m);
    else {
        m->command = 0;
        start_command(m, v);
    }
    stream(m, vclock_now(m->report.clock));
    m->notify(m->opaque);
}

bool ps2_mouse_ready(const struct ps2_mouse *m)
{
    return m->out.len != 0;
}

uint8_t ps2_mouse_read(struct ps2_mouse *m)
{
    m->last = ps2_take(&m->out);
    return m->last;
}

/* ---- life ----------------------------------------------------------------------------------- */

void ps2_mouse_init(struct ps2_mouse *m, struct vclock *c, struct input *in,
                    void (*notify)(void *opaque), void *opaque)
{
    m->notify = notify;
    m->opaque = opaque;
    vtimer_init(&m->report, c, "ps2mouse.report", on_report, m);
    vtimer_init(&m->bat, c, "ps2mouse.bat", on_bat, m);
    in->motion = ps2_mouse_motion;
    in->mouse = m;
}

void ps2_mouse_fini(struct ps2_mouse *m)
{
    vtimer_forget(&m->report);
    vtimer_forget(&m->bat);
}

void ps2_mouse_reset(struct ps2_mouse *m)
{
    m->out.len = 0;
    m->command = 0;
    m->error = false;
    m->buttons = m->reported = 0;
    m->last = 0;
    start_bat(m);
}

void ps2_mouse_snap(struct ps2_mouse *m, struct snap *s)
{
    uint32_t d[3] = { m->dx, m->dy, m->dz };

    snap_begin(s, "mouse", 1);
    ps2_queue_snap(&m->out, s, "out");
    snap_bool(s, "reporting", &m->reporting);
    snap_bool(s, "remote", &m->remote);
    snap_bool(s, "wrap", &m->wrap);
    snap_bool(s, "scaling21", &m->scaling21);
    snap_u8(s, "id", &m->id);
    snap_u8(s, "rate", &m->rate);
    snap_check(s, "rate", !valid_rate(m->rate));
    snap_u8(s, "resolution", &m->resolution);
    snap_u8(s, "command", &m->command);
    snap_u8(s, "last", &m->last);
    snap_mem(s, "knock", m->knock, sizeof m->knock);
    snap_u32(s, "dx", &d[0]);
    snap_u32(s, "dy", &d[1]);
    snap_u32(s, "dz", &d[2]);
    snap_u8(s, "buttons", &m->buttons);
    snap_u8(s, "reported", &m->reported);
    snap_bool(s, "error", &m->error);
    vtimer_snap(&m->report, s);
    vtimer_snap(&m->bat, s);
    snap_end(s);
    m->dx = clamp((int32_t)d[0], -MAX_COUNTS, MAX_COUNTS);
    m->dy = clamp((int32_t)d[1], -MAX_COUNTS, MAX_COUNTS);
    m->dz = clamp((int32_t)d[2], -MAX_COUNTS, MAX_COUNTS);
}
