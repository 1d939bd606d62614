/* lockstep_io.c - one host for two machines: the first's output is shown, input goes to both at the
 * same instruction and is noted for the reruns that look for a difference. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/lockstep.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/input.h"
#include <stdlib.h>
#include <string.h>

enum event_kind { EV_BYTE, EV_KEY, EV_MOTION, EV_BUTTON };

struct port {
    struct lockstep_io *io;
    unsigned    slot;
    bool        used;
    struct chr *below;               /* the host's; NULL in a rerun */
    struct chr  end[2];
    uint8_t    *out; size_t n_out, room;
};

struct event {
    vtime_t at;
    uint8_t kind, slot;              /* enum event_kind; port of a byte */
    int     v[4];                    /* byte; key, down; dx dy dz buttons; button */
};

struct lockstep_io {
    struct port     port[VM_PLUGS];
    struct vm      *vm[2];
    struct input    input[2];        /* the devices' side of each machine's input */
    struct event   *event; size_t n, room, next;
    bool            replay;
};

struct lockstep_io *lockstep_io_new(void)
{
    struct lockstep_io *io = calloc(1, sizeof *io);

    for (unsigned i = 0; io && i < VM_PLUGS; i++) {
        io->port[i].io = io;
        io->port[i].slot = i;
    }
    return io;
}

void lockstep_io_free(struct lockstep_io *io)
{
    for (unsigned i = 0; io && i < VM_PLUGS; i++)
        free(io->port[i].out);
    if (io)
        free(io->event);
    free(io);
}

size_t lockstep_inputs(const struct lockstep_io *io) { return io->n; }

/* Without memory the input still arrives; only a rerun would miss it, and say so. */
static void note(struct lockstep_io *io, struct event e)
{
    if (io->replay)
        return;
    if (io->n == io->room) {
        size_t room = io->room ? 2 * io->room : 64;
        struct event *p = realloc(io->event, room * sizeof *p);

        if (!p)
            return;
        io->event = p;
        io->room = room;
    }
    e.at = vclock_now(machine_clock(io->vm[0]->machine));
    io->event[io->n++] = e;
}

/* ---- ports ---------------------------------------------------------------------------------- */

static void flush(struct port *p)
{
    if (!p->n_out)
        return;
    size_t k = p->below->ops->write(p->below->self, p->out, p->n_out);

    memmove(p->out, p->out + k, p->n_out - k);
    p->n_out -= k;
}

/* All is taken at once, so that both machines see the same port. */
static size_t first_write(void *self, const uint8_t *s, size_t n)
{
    struct port *p = self;

    if (!p->below)
        return n;
    if (p->room - p->n_out < n) {
        size_t room = p->room + (n > 4096 ? n : 4096);
        uint8_t *more = realloc(p->out, room);

        if (!more)
            return n;
        p->out = more;
        p->room = room;
    }
    memcpy(p->out + p->n_out, s, n);
    p->n_out += n;
    flush(p);
    return n;
}

static size_t second_write(void *self, const uint8_t *s, size_t n)
{
    (void)self;
    (void)s;
    return n;
}

static void close_end(void *self) { (void)self; }

static const struct chr_ops end_ops[2] = {
    { first_write, close_end }, { second_write, close_end }
};

static size_t room_of(const struct chr *c) { return c->rx_room && c->rx ? c->rx_room(c->dev) : 0; }

static size_t rx_room(void *dev)
{
    const struct port *p = dev;
    size_t a = room_of(&p->end[0]), b = room_of(&p->end[1]);

    return a < b ? a : b;
}

static void rx(void *dev, const uint8_t *s, size_t n)
{
    struct port *p = dev;

    for (size_t i = 0; i < n; i++)
        note(p->io, (struct event){ .kind = EV_BYTE, .slot = (uint8_t)p->slot, .v = { s[i] } });
    for (unsigned k = 0; k < 2; k++)
        p->end[k].rx(p->end[k].dev, s, n);
}

void lockstep_wire(struct lockstep_io *io, struct vm *v)
{
    io->vm[v->side] = v;
    for (unsigned i = 0; i < VM_PLUGS; i++) {
        struct port *p = &io->port[i];

        if (!v->silent && v->plug[i]) {
            p->used = true;
            p->below = v->plug[i];
            p->below->rx_room = rx_room;
            p->below->rx = rx;
            p->below->dev = p;
        }
        p->end[v->side] = (struct chr){ .ops = &end_ops[v->side], .self = p };
        v->plug[i] = p->used ? &p->end[v->side] : NULL;
    }
}

size_t lockstep_flush(struct lockstep_io *io)
{
    size_t waits = 0;

    for (unsigned i = 0; i < VM_PLUGS; i++) {
        if (io->port[i].below)
            flush(&io->port[i]);
        waits += io->port[i].n_out;
    }
    return waits;
}

/* ---- keys, mouse, buttons ------------------------------------------------------------------- */

static bool key(void *self, enum input_key k, bool down)
{
    struct lockstep_io *io = self;
    bool taken = input_key(&io->input[0], k, down);

    input_key(&io->input[1], k, down);
    if (taken)
        note(io, (struct event){ .kind = EV_KEY, .v = { (int)k, down } });
    return taken;
}

static void motion(void *self, int dx, int dy, int dz, unsigned buttons)
{
    struct lockstep_io *io = self;

    note(io, (struct event){ .kind = EV_MOTION, .v = { dx, dy, dz, (int)buttons } });
    for (unsigned k = 0; k < 2; k++)
        input_motion(&io->input[k], dx, dy, dz, buttons);
}

void lockstep_press(void *self, enum monitor_button b)
{
    struct lockstep_io *io = self;

    note(io, (struct event){ .kind = EV_BUTTON, .v = { (int)b } });
    for (unsigned k = 0; k < 2; k++)
        monitor_press(io->vm[k]->machine, io->vm[k]->pc, b);
}

void lockstep_attach(struct lockstep_io *io, struct vm *v)
{
    struct input *in = machine_input(v->machine);

    io->input[v->side] = *in;
    if (v->silent)
        return;
    in->key = key;
    in->motion = motion;
    in->kbd = in->mouse = io;
}

/* ---- once more ------------------------------------------------------------------------------ */

void lockstep_rewind(struct lockstep_io *io)
{
    io->replay = true;
    io->next = 0;
    for (unsigned i = 0; i < VM_PLUGS; i++) {
        io->port[i].below = NULL;
        io->port[i].n_out = 0;
    }
}

static void again(struct lockstep_io *io, const struct event *e)
{
    uint8_t byte = (uint8_t)e->v[0];

    switch ((enum event_kind)e->kind) {
    case EV_BYTE: rx(&io->port[e->slot], &byte, 1); break;
    case EV_KEY: key(io, (enum input_key)e->v[0], e->v[1]); break;
    case EV_MOTION: motion(io, e->v[0], e->v[1], e->v[2], (unsigned)e->v[3]); break;
    case EV_BUTTON: lockstep_press(io, (enum monitor_button)e->v[0]); break;
    }
}

bool lockstep_replay(struct lockstep_io *io, vtime_t now, bool idle)
{
    size_t before = io->next;

    while (io->next < io->n && (io->event[io->next].at <= now || (idle && io->next == before)))
        again(io, &io->event[io->next++]);
    return io->next > before;
}
