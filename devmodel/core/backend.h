/* backend.h - what the host lends a device: blocks, characters, frames, pixels. */
/* SPDX-License-Identifier: MIT */
#ifndef BACKEND_H
#define BACKEND_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"

/* Rules for all four: the machine thread calls in; completions and input arrive on the machine
 * thread from its poll step, never from inside the call that caused them (but see cancel). */

/* ---- blocks ------------------------------------------------------------------------------- */
enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH, BLK_DISCARD };
struct blk_req {                     /* owned by the device, untouched by it until done */
    enum blk_op op;
    uint64_t    off;                 /* bytes from the start, multiple of blk_info.align */
    void       *buf; size_t len;     /* bytes, multiple of align */
    void      (*done)(struct blk_req *r, int rc);   /* VM_OK, VM_EIO, VM_EINVAL (past the end) */
    void       *opaque;
    /* Virtual time of done(). 0 at submit: the backend chooses and writes it here. A device saves
     * it with its state, and after a load submits the same request again with it: requests in
     * flight belong to the device's snapshot, the backend has none. */
    vtime_t     due;
    struct blk_req *next;            /* the backend's queue */
};
struct blk_info { uint64_t size /* bytes */; uint32_t align /* bytes, >= 512 */; bool read_only; };
struct blk_ops {
    void (*info  )(void *self, struct blk_info *out);
    void (*submit)(void *self, struct blk_req *r);  /* always ends in exactly one done() */
    void (*cancel)(void *self);      /* all requests; each gets done(VM_EIO) before it returns */
    void (*close )(void *self);
};
struct blk { const struct blk_ops *ops; void *self; };

/* ---- characters --------------------------------------------------------------------------- */
struct chr_ops {
    size_t (*write)(void *self, const uint8_t *p, size_t n);  /* bytes taken, may be < n */
    void   (*close)(void *self);
};
struct chr {
    const struct chr_ops *ops; void *self;
    size_t (*rx_room)(void *dev);                             /* bytes the device can take now */
    void   (*rx)(void *dev, const uint8_t *p, size_t n);      /* n <= rx_room */
    void    *dev;
};

/* ---- Ethernet frames ------------------------------------------------------------------------ */
struct net_ops {
    /* 14..1518 bytes, no FCS. false = full: keep it, send it again at the next poll. */
    bool (*send )(void *self, const uint8_t *frame, size_t n);
    void (*close)(void *self);
};
struct net {
    const struct net_ops *ops; void *self;
    bool (*can_rx)(void *dev);
    void (*rx)(void *dev, const uint8_t *frame, size_t n);     /* only after can_rx said true */
    void  *dev;
};

/* ---- pixels ---------------------------------------------------------------------------------- */
struct surface {                     /* owned by the device; valid until its next resize */
    uint32_t *px;                    /* 0x00RRGGBB, row-major */
    unsigned  w, h, stride;          /* pixels, pixels, pixels per row (>= w) */
};
#define TEXT_CELLS 16384u            /* most characters of a screen that are shown */
struct text_screen {                 /* a character display's content; cols x rows <= TEXT_CELLS */
    unsigned cols, rows;             /* 0 x 0: a graphics mode */
    unsigned cursor_x, cursor_y;     /* outside the screen: no cursor */
    uint32_t rgb[16];                /* 0x00RRGGBB of the colours in attr */
    bool     blink;                  /* attr bit 7 blinks; else it is the background's bit 3 */
    struct text_cell { uint8_t ch /* CP437 */, attr; } cell[TEXT_CELLS];   /* row-major */
};
struct display_ops {
    void (*resize)(void *self, const struct surface *s);
    void (*dirty )(void *self, unsigned x, unsigned y, unsigned w, unsigned h);   /* pixels */
    void (*close )(void *self);
};
struct display {
    const struct display_ops *ops; void *self;
    /* The device fills these in realize. Machine thread only. */
    void (*refresh)(void *dev);      /* backend asks: draw what changed, via resize and dirty */
    /* Screen as UTF-8 lines, each ended by \n, trailing spaces cut; bytes written without the NUL,
     * cut at cap; -1 in a graphics mode. Tests read this. */
    int  (*text)(void *dev, char *out, size_t cap);
    void (*cells)(void *dev, struct text_screen *out);         /* may be NULL: no text modes */
    const struct surface *(*surface)(void *dev);               /* after refresh; never NULL */
    void  *dev;
};
#endif
