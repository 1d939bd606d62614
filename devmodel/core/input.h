/* input.h - host keys and mouse motion on their way to the guest's keyboard and mouse. */
/* SPDX-License-Identifier: MIT */
#ifndef INPUT_H
#define INPUT_H
#include "devmodel/base/vm_types.h"

#define KEY(id, name, set2, set3) KEY_##id,
enum input_key {
#include "devmodel/core/input_keys.def"
    KEY_COUNT
};
#undef KEY

enum { INPUT_LEFT = 1, INPUT_RIGHT = 2, INPUT_MIDDLE = 4, INPUT_SIDE = 8, INPUT_EXTRA = 16 };
enum { INPUT_LED_SCROLL = 1, INPUT_LED_NUM = 2, INPUT_LED_CAPS = 4 };

/* One per machine (machine_input). Backends, the monitor and VNC call in on the machine thread; a
 * device with a keyboard or a mouse fills in its half during realize. */
struct input {
    bool   (*key)(void *kbd, enum input_key k, bool down);
    void    *kbd;
    void   (*motion)(void *mouse, int dx, int dy, int dz, unsigned buttons);
    void    *mouse;
    unsigned leds;                   /* INPUT_LED_*, as the guest set them last */
};

/* A key goes down or up. Repeated downs are ignored: the guest's keyboard repeats by itself. False:
 * no room just now, the same event has to be given again later (nothing is lost). */
bool input_key(struct input *in, enum input_key k, bool down);
/* Relative motion in mouse counts, right and down positive; dz wheel steps, towards the user
 * positive; buttons are levels, INPUT_LEFT... Never refused: motion adds up. */
void input_motion(struct input *in, int dx, int dy, int dz, unsigned buttons);

int         input_key_by_name(const char *name, size_t n);  /* "ret", "ctrl"; < 0: no such key */
const char *input_key_name(enum input_key k);
/* The key of a US keyboard that types this ASCII character, and what to hold with it. Control
 * characters are ctrl + letter, but for tab, enter, backspace and escape. < 0: none. */
int         input_key_for_char(unsigned char c, bool *shift, bool *ctrl);
#endif
