/* term_keys.h - bytes a terminal sends, turned into key events. */
/* SPDX-License-Identifier: MIT */
#ifndef TERM_KEYS_H
#define TERM_KEYS_H
#include "devmodel/base/vm_types.h"

enum { TERM_SHIFT = 1, TERM_ALT = 2, TERM_CTRL = 4 };

struct term_keys {
    uint8_t seq[16];                 /* an escape sequence so far */
    unsigned n_seq;
    /* One key with its modifiers (TERM_*), pressed and released. Never NULL. */
    void (*stroke)(void *self, int key /* enum input_key */, unsigned mods);
    void *self;
};

/* At most three strokes a byte. */
void term_keys_feed(struct term_keys *t, uint8_t c);
/* No byte came for a while: an escape that waits for more was the Esc key. */
void term_keys_idle(struct term_keys *t);
#endif
