/* ps2.h - the keyboard and the mouse as the 8042 sees them: bytes in, bytes out, a notice. */
/* SPDX-License-Identifier: MIT */
#ifndef PS2_H
#define PS2_H
#include "devmodel/core/clock.h"
#include "devmodel/core/input.h"
struct snap;

enum { PS2_QUEUE = 16 };
struct ps2_queue { uint8_t b[PS2_QUEUE], head, len; };      /* bytes on their way to the host */

static inline unsigned ps2_room(const struct ps2_queue *q) { return PS2_QUEUE - q->len; }

static inline void ps2_put(struct ps2_queue *q, uint8_t v)  /* dropped when there is no room */
{
    if (q->len < PS2_QUEUE)
        q->b[(q->head + q->len++) % PS2_QUEUE] = v;
}

static inline uint8_t ps2_take(struct ps2_queue *q)         /* only when len > 0 */
{
    uint8_t v = q->b[q->head];

    q->head = (q->head + 1) % PS2_QUEUE;
    q->len--;
    return v;
}

void ps2_queue_snap(struct ps2_queue *q, struct snap *s, const char *name);

/* Scan code set 2 to set 1, one byte at a time: the 8042's translation. *release remembers F0.
 * False: the byte was swallowed. */
bool ps2_translate(bool *release, uint8_t in, uint8_t *out);

struct ps2_kbd {
    struct ps2_queue keys, reply;    /* a reply goes out before keys */
    bool     scanning;
    uint8_t  set;                    /* scan code set 1..3 */
    uint8_t  leds, typematic;        /* arguments of EDh and F3h */
    uint8_t  command;                /* waits for its argument, or 0 */
    uint8_t  last;                   /* byte sent last, for FEh */
    uint8_t  repeating;              /* key that repeats, or KEY_COUNT */
    uint8_t  down[(KEY_COUNT + 7) / 8];
    uint8_t  type[KEY_COUNT];       /* set 3: PS2_TYPEMATIC, PS2_BREAK */
    struct vtimer repeat, bat;
    void   (*notify)(void *opaque);  /* there is a byte to take */
    void    *opaque;
    struct input *input;
};

void    ps2_kbd_init (struct ps2_kbd *k, struct vclock *c, struct input *in,
                      void (*notify)(void *opaque), void *opaque);
void    ps2_kbd_fini (struct ps2_kbd *k);
void    ps2_kbd_reset(struct ps2_kbd *k);                   /* power-on: BAT, then AAh */
void    ps2_kbd_write(struct ps2_kbd *k, uint8_t v);
bool    ps2_kbd_ready(const struct ps2_kbd *k);
uint8_t ps2_kbd_read (struct ps2_kbd *k);                   /* only when ready */
bool    ps2_kbd_key  (void *kbd, enum input_key key, bool down);    /* struct input's shape */
void    ps2_kbd_snap (struct ps2_kbd *k, struct snap *s);

struct ps2_mouse {
    struct ps2_queue out;
    bool     reporting, remote, wrap, scaling21;
    uint8_t  id;                     /* 0 standard, 3 wheel, 4 five buttons */
    uint8_t  rate, resolution;       /* reports a second; code 0..3 */
    uint8_t  command, last;
    uint8_t  knock[2];               /* the two sample rates before this one */
    int32_t  dx, dy, dz;             /* not yet reported */
    uint8_t  buttons, reported;
    bool     error;                  /* the last command was answered FEh: next is FCh */
    struct vtimer report, bat;
    void   (*notify)(void *opaque);
    void    *opaque;
};

void    ps2_mouse_init  (struct ps2_mouse *m, struct vclock *c, struct input *in,
                         void (*notify)(void *opaque), void *opaque);
void    ps2_mouse_fini  (struct ps2_mouse *m);
void    ps2_mouse_reset (struct ps2_mouse *m);              /* power-on: BAT, then AAh 00h */
void    ps2_mouse_write (struct ps2_mouse *m, uint8_t v);
bool    ps2_mouse_ready (const struct ps2_mouse *m);
uint8_t ps2_mouse_read  (struct ps2_mouse *m);              /* only when ready */
void    ps2_mouse_motion(void *mouse, int dx, int dy, int dz, unsigned buttons);
void    ps2_mouse_snap  (struct ps2_mouse *m, struct snap *s);
#endif
