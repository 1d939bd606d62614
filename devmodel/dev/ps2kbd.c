/* ps2kbd.c - a 101-key (and Japanese 106-key) PS/2 keyboard: scan code sets 1, 2 and 3.
 *
 * Manual: IBM PS/2 hardware interface technical reference, keyboards. Left out: the make and break
 * of shift that surround cursor keys under Num Lock; the overrun code, because keys that find no
 * room stay with the host until there is. The self test takes 20 ms instead of half a second. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "devmodel/core/snap.h"
#include "devmodel/dev/ps2.h"

#define NS_PER_MS 1000000ll

enum { ACK = 0xfa, RESEND = 0xfe, BAT_OK = 0xaa, ECHO = 0xee };
enum { PS2_TYPEMATIC = 1, PS2_BREAK = 2 };
enum { DEFAULT_TYPEMATIC = 0x2b };                /* 500 ms, then 10.9 a second */

static const uint16_t set2[KEY_COUNT] = {
#define KEY(id, name, two, three) [KEY_##id] = two,
#include "devmodel/core/input_keys.def"
#undef KEY
};

static const uint8_t set3[KEY_COUNT] = {
#define KEY(id, name, two, three) [KEY_##id] = three,
#include "devmodel/core/input_keys.def"
#undef KEY
};

/* IBM's table for the 8042; from 85h on codes pass unchanged. */
static const uint8_t translation[0x85] = {
    0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59,
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b,
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d,
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f,
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60, 0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61,
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76,
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f,
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54,
    0x80, 0x81, 0x82, 0x41, 0x54,
};

bool ps2_translate(bool *release, uint8_t in, uint8_t *out)
{
    if (in == 0xf0) {
        *release = true;
        return false;
    }
    *out = (in < sizeof translation ? translation[in] : in) | (*release ? 0x80 : 0);
    *release = false;
    return true;
}

void ps2_queue_snap(struct ps2_queue *q, struct snap *s, const char *name)
{
    snap_begin(s, name, 1);
    snap_mem(s, "bytes", q->b, sizeof q->b);
    snap_u8(s, "head", &q->head);
    snap_u8(s, "len", &q->len);
    snap_check(s, "len", q->head >= PS2_QUEUE || q->len > PS2_QUEUE);
    snap_end(s);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static bool is_down(const struct ps2_kbd *k, unsigned key)
{
    return k->down[key / 8] >> (key % 8) & 1;
}

static bool shifted(const struct ps2_kbd *k)
{
    return is_down(k, KEY_SHIFT) || is_down(k, KEY_SHIFT_R);
}

static bool control(const struct ps2_kbd *k)
{
    return is_down(k, KEY_CTRL) || is_down(k, KEY_CTRL_R);
}

static bool alt(const struct ps2_kbd *k)
{
    return is_down(k, KEY_ALT) || is_down(k, KEY_ALT_R);
}

/* Puts a set 2 sequence, as set 1 when that is selected; all of it or nothing. */
static bool put_sequence(struct ps2_kbd *k, const uint8_t *p, unsigned n)
{
    bool release = false;
    uint8_t v;

    if (n > ps2_room(&k->keys))
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (k->set != 1)
            ps2_put(&k->keys, p[i]);
        else if (ps2_translate(&release, p[i], &v))
            ps2_put(&k->keys, v);
    }
    return true;
}

#define PUT(k, ...) put_sequence(k, (const uint8_t[]){ __VA_ARGS__ }, \
                                 sizeof((const uint8_t[]){ __VA_ARGS__ }))

static bool put_print(struct ps2_kbd *k, bool down, bool again)
{
    if (alt(k))
        return down ? PUT(k, 0x84) : PUT(k, 0xf0, 0x84);
    if (again || control(k) || shifted(k))
        return down ? PUT(k, 0xe0, 0x7c) : PUT(k, 0xe0, 0xf0, 0x7c);
    return down ? PUT(k, 0xe0, 0x12, 0xe0, 0x7c) : PUT(k, 0xe0, 0xf0, 0x7c, 0xe0, 0xf0, 0x12);
}

static bool put_pause(struct ps2_kbd *k, bool down)          /* makes and breaks at once */
{
    if (!down)
        return true;
    if (control(k))
        return PUT(k, 0xe0, 0x7e, 0xe0, 0xf0, 0x7e);
    return PUT(k, 0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77);
}

static bool put_set3(struct ps2_kbd *k, unsigned key, bool down)
{
    if (set3[key] == 0 || (!down && !(k->type[key] & PS2_BREAK)))
        return true;
    return down ? PUT(k, set3[key]) : PUT(k, 0xf0, set3[key]);
}

/* False: no room, nothing was put. */
static bool put_key(struct ps2_kbd *k, unsigned key, bool down, bool again)
{
    uint8_t code = set2[key];

    if (k->set == 3)
        return put_set3(k, key, down);
    if (key == KEY_PRINT)
        return put_print(k, down, again);
    if (key == KEY_PAUSE)
        return put_pause(k, down);
    if (set2[key] >> 8)
        return down ? PUT(k, 0xe0, code) : PUT(k, 0xe0, 0xf0, code);
    return down ? PUT(k, code) : PUT(k, 0xf0, code);
}

static vtime_t repeat_delay(const struct ps2_kbd *k)
{
    return ((k->typematic >> 5 & 3) + 1) * 250 * NS_PER_MS;
}

static vtime_t repeat_period(const struct ps2_kbd *k)        /* (8 + A) * 2^B * 4.17 ms */
{
    return ((8 + (k->typematic & 7)) << (k->typematic >> 3 & 3)) * 4170000ll;
}

static bool repeats(const struct ps2_kbd *k, unsigned key)
{
    return key != KEY_PAUSE && (k->set != 3 || (k->type[key] & PS2_TYPEMATIC));
}

static void stop_repeat(struct ps2_kbd *k)
{
    k->repeating = KEY_COUNT;
    vtimer_cancel(&k->repeat);
}

static void on_repeat(void *opaque, vtime_t due)
{
    struct ps2_kbd *k = opaque;

    if (k->repeating >= KEY_COUNT || !k->scanning)
        return;
    put_key(k, k->repeating, true, true);         /* when full, this one is left out */
    vtimer_arm(&k->repeat, due + repeat_period(k));
    k->notify(k->opaque);
}

bool ps2_kbd_key(void *kbd, enum input_key key, bool down)
{
    struct ps2_kbd *k = kbd;

    if (is_down(k, key) == down)
        return true;
    if (k->scanning && !put_key(k, key, down, false))
        return false;
    k->down[key / 8] ^= 1u << (key % 8);
    if (down && k->scanning && repeats(k, key)) {
        k->repeating = key;
        vtimer_arm(&k->repeat, vclock_now(k->repeat.clock) + repeat_delay(k));
    } else if (!down && key == k->repeating) {
        stop_repeat(k);
    }
    k->notify(k->opaque);
    return true;
}

/* ---- commands ------------------------------------------------------------------------------- */

static void set_all_types(struct ps2_kbd *k, uint8_t type)
{
    memset(k->type, type, sizeof k->type);
}

static void default_types(struct ps2_kbd *k)
{
    static const uint8_t make_only[] = {
        KEY_ESC, KEY_F1, KEY_F2, KEY_F3, KEY_F4, KEY_F5, KEY_F6, KEY_F7, KEY_F8,
        KEY_F9, KEY_F10, KEY_F11, KEY_F12, KEY_PRINT, KEY_SCROLL_LOCK, KEY_PAUSE,
        KEY_INSERT, KEY_HOME, KEY_PGUP, KEY_END, KEY_PGDN, KEY_NUM_LOCK, KEY_ALT_R,
        KEY_CTRL_R, KEY_KP_ENTER, KEY_KP_DIVIDE, KEY_KP_MULTIPLY, KEY_KP_SUBTRACT,
        KEY_KP_0, KEY_KP_1, KEY_KP_2, KEY_KP_3, KEY_KP_4, KEY_KP_5, KEY_KP_6,
        KEY_KP_7, KEY_KP_8, KEY_KP_9, KEY_KP_DECIMAL,
    };

    set_all_types(k, PS2_TYPEMATIC);
    for (unsigned i = 0; i < sizeof make_only; i++)
        k->type[make_only[i]] = 0;
    k->type[KEY_SHIFT] = k->type[KEY_SHIFT_R] = k->type[KEY_CTRL] = PS2_BREAK;
    k->type[KEY_ALT] = k->type[KEY_CAPS_LOCK] = PS2_BREAK;
}

static void set_defaults(struct ps2_kbd *k)
{
    k->set = 2;
    k->typematic = DEFAULT_TYPEMATIC;
    k->keys.len = 0;
    default_types(k);
    stop_repeat(k);
}

static void set_leds(struct ps2_kbd *k, uint8_t v)
{
    k->leds = v & 7;
    k->input->leds = k->leds;
}

static void start_bat(struct ps2_kbd *k)
{
    set_defaults(k);
    k->scanning = false;
    set_leds(k, 0);
    vtimer_arm(&k->bat, vclock_now(k->bat.clock) + 20 * NS_PER_MS);
}

static void on_bat(void *opaque, vtime_t due)
{
    struct ps2_kbd *k = opaque;

    (void)due;
    k->scanning = true;
    ps2_put(&k->reply, BAT_OK);
    k->notify(k->opaque);
}

static void set_key_type(struct ps2_kbd *k, uint8_t code)
{
    static const uint8_t type[3] = { PS2_TYPEMATIC, PS2_BREAK, 0 };    /* FBh, FCh, FDh */

    for (unsigned key = 0; key < KEY_COUNT; key++)
        if (set3[key] == code && code)
            k->type[key] = type[k->command - 0xfb];
}

/* Takes v as the argument of the waiting command; false when v is a new command instead. */
static bool argument(struct ps2_kbd *k, uint8_t v)
{
    uint8_t command = k->command;

    if (v >= 0xed || command == 0) {
        k->command = 0;
        return false;
    }
    k->command = command >= 0xfb && command <= 0xfd ? command : 0;     /* those take a list */
    ps2_put(&k->reply, ACK);
    switch (command) {
    case 0xed:
        set_leds(k, v);
        break;
    case 0xf0:
        if (v == 0)
            ps2_put(&k->reply, k->set);
        else if (v <= 3)
            k->set = v;
        break;
    case 0xf3:
        k->typematic = v & 0x7f;
        break;
    default:
        set_key_type(k, v);
    }
    return true;
}

static void identify(struct ps2_kbd *k)
{
    ps2_put(&k->reply, ACK);
    ps2_put(&k->reply, 0xab);
    ps2_put(&k->reply, 0x83);
}

static void start_command(struct ps2_kbd *k, uint8_t v)
{
    static const uint8_t all[4] = { PS2_TYPEMATIC, PS2_BREAK, 0, PS2_TYPEMATIC | PS2_BREAK };

    if (v != RESEND)
        ps2_put(&k->reply, v == ECHO ? ECHO : ACK);
    switch (v) {
    case 0xf0:
        k->keys.len = 0;
        k->command = v;
        break;
    case 0xed: case 0xf3: case 0xfb: case 0xfc: case 0xfd:
        k->command = v;
        break;
    case 0xf4: case 0xf5:
        if (v == 0xf5)
            set_defaults(k);
        k->keys.len = 0;
        k->scanning = v == 0xf4;
        break;
    case 0xf6:
        set_defaults(k);
        break;
    case 0xf7: case 0xf8: case 0xf9: case 0xfa:
        set_all_types(k, all[v - 0xf7]);
        break;
    case RESEND:
        ps2_put(&k->reply, k->last);
        break;
    case 0xff:
        start_bat(k);
        break;
    }
}

void ps2_kbd_write(struct ps2_kbd *k, uint8_t v)
{
    k->reply.len = 0;                             /* a command cuts off what was being said */
    vtimer_cancel(&k->bat);
    if (!argument(k, v)) {
        if (v == 0xf2)
            identify(k);
        else if (v < 0xed || v == 0xef || v == 0xf1)
            ps2_put(&k->reply, RESEND);
        else
            start_command(k, v);
    }
    k->notify(k->opaque);
}

bool ps2_kbd_ready(const struct ps2_kbd *k)
{
    return k->reply.len || (k->keys.len && !k->command);
}

uint8_t ps2_kbd_read(struct ps2_kbd *k)
{
    k->last = ps2_take(k->reply.len ? &k->reply : &k->keys);
    return k->last;
}

/* ---- life ----------------------------------------------------------------------------------- */

void ps2_kbd_init(struct ps2_kbd *k, struct vclock *c, struct input *in,
                  void (*notify)(void *opaque), void *opaque)
{
    k->notify = notify;
    k->opaque = opaque;
    k->input = in;
    vtimer_init(&k->repeat, c, "ps2kbd.repeat", on_repeat, k);
    vtimer_init(&k->bat, c, "ps2kbd.bat", on_bat, k);
    in->key = ps2_kbd_key;
    in->kbd = k;
}

void ps2_kbd_fini(struct ps2_kbd *k)
{
    vtimer_forget(&k->repeat);
    vtimer_forget(&k->bat);
}

void ps2_kbd_reset(struct ps2_kbd *k)
{
    memset(k->down, 0, sizeof k->down);
    k->command = 0;
    k->reply.len = 0;
    k->last = BAT_OK;
    start_bat(k);
}

static bool can_wait(uint8_t command)           /* for an argument */
{
    return command == 0 || command == 0xed || command == 0xf0 || command == 0xf3 ||
           (command >= 0xfb && command <= 0xfd);
}

void ps2_kbd_snap(struct ps2_kbd *k, struct snap *s)
{
    snap_begin(s, "keyboard", 1);
    ps2_queue_snap(&k->keys, s, "keys");
    ps2_queue_snap(&k->reply, s, "reply");
    snap_bool(s, "scanning", &k->scanning);
    snap_u8(s, "set", &k->set);
    snap_u8(s, "leds", &k->leds);
    snap_u8(s, "typematic", &k->typematic);
    snap_check(s, "set", k->set < 1 || k->set > 3);
    snap_u8(s, "command", &k->command);
    snap_check(s, "command", !can_wait(k->command));
    snap_u8(s, "last", &k->last);
    snap_u8(s, "repeating", &k->repeating);
    snap_check(s, "repeating", k->repeating > KEY_COUNT);
    snap_mem(s, "down", k->down, sizeof k->down);
    snap_mem(s, "type", k->type, sizeof k->type);
    vtimer_snap(&k->repeat, s);
    vtimer_snap(&k->bat, s);
    snap_end(s);
    if (snap_mode(s) == SNAP_LOAD)
        set_leds(k, k->leds);
}
