/* i8042.c - the keyboard controller at ports 60h and 64h, with a keyboard and a mouse plugged in.
 *
 * Manual: IBM PS/2 hardware interface technical reference, keyboard and auxiliary device
 * controller. Left out: passwords (A5h, A6h do nothing), input port polling (C1h, C2h), the output
 * port's clock and data lines, time-outs and parity errors. A byte takes 880 us from a device to
 * the output buffer, as on the wire: programs read port 60h twice and expect the same byte. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include "devmodel/dev/ps2.h"

enum { BYTE_NS = 880000 };                        /* 11 bits at 12.5 kHz */
enum { ST_OBF = 0x01, ST_SYS = 0x04, ST_A2 = 0x08, ST_UNLOCKED = 0x10, ST_AUX_OBF = 0x20 };
enum { CB_INT = 0x01, CB_AUX_INT = 0x02, CB_SYS = 0x04, CB_KBD_OFF = 0x10, CB_AUX_OFF = 0x20,
       CB_TRANSLATE = 0x40 };                     /* command byte, ram[0] */
enum { OUT_RUN = 0x01, OUT_A20 = 0x02, OUT_INT = 0x10, OUT_AUX_INT = 0x20 };
enum { INPUT_PORT = 0xb0 };                       /* not locked, no jumpers, colour display */

struct i8042 {
    struct device     dev;
    struct mem_region data_port, command_port;
    struct irq_line   irq1, irq12, a20, reset;
    struct vtimer     byte;                       /* until the next byte may come in */
    struct vclock    *clock;
    struct ps2_kbd    kbd;
    struct ps2_mouse  mouse;
    uint8_t           ram[32];
    uint8_t           obuf;
    bool              obf, aux;                   /* output buffer full; with a byte of the mouse */
    bool              a2, release;                /* last write was a command; translation saw F0 */
    uint8_t           out_port;
    uint8_t           command;                    /* waits for a byte at port 60h, or 0 */
};

/* The only place that decides the four wires. */
static void update(struct i8042 *c)
{
    irq_set(&c->irq1, c->obf && !c->aux && (c->ram[0] & CB_INT));
    irq_set(&c->irq12, c->obf && c->aux && (c->ram[0] & CB_AUX_INT));
    irq_set(&c->a20, (c->out_port & OUT_A20) != 0);
    irq_set(&c->reset, !(c->out_port & OUT_RUN));
}

static void output(struct i8042 *c, uint8_t v, bool aux)
{
    c->obuf = v;
    c->obf = true;
    c->aux = aux;
    update(c);
}

/* ---- bytes from the devices ----------------------------------------------------------------- */

static bool kbd_ready(const struct i8042 *c)
{
    return !(c->ram[0] & CB_KBD_OFF) && ps2_kbd_ready(&c->kbd);
}

static bool aux_ready(const struct i8042 *c)
{
    return !(c->ram[0] & CB_AUX_OFF) && ps2_mouse_ready(&c->mouse);
}

static void listen(void *opaque)
{
    struct i8042 *c = opaque;

    if (!c->obf && c->byte.due == VTIME_NEVER && (kbd_ready(c) || aux_ready(c)))
        vtimer_arm(&c->byte, vclock_now(c->clock) + BYTE_NS);
}

static void on_byte(void *opaque, vtime_t due)
{
    struct i8042 *c = opaque;
    uint8_t v;

    (void)due;
    if (c->obf)
        return;
    if (kbd_ready(c)) {
        v = ps2_kbd_read(&c->kbd);
        if (!(c->ram[0] & CB_TRANSLATE) || ps2_translate(&c->release, v, &v))
            output(c, v, false);
    } else if (aux_ready(c)) {
        output(c, ps2_mouse_read(&c->mouse), true);
    }
    listen(c);
}

/* ---- commands ------------------------------------------------------------------------------- */

/* A pin that goes low and up again within one command. */
static void pulse_reset(struct i8042 *c)
{
    c->out_port &= ~OUT_RUN;
    update(c);
    c->out_port |= OUT_RUN;
    update(c);
}

static void set_out_port(struct i8042 *c, uint8_t v)
{
    c->out_port = v | OUT_RUN;
    update(c);
    if (!(v & OUT_RUN))                           /* else nobody could ever let the CPU go */
        pulse_reset(c);
}

static uint8_t read_out_port(const struct i8042 *c)
{
    uint8_t v = c->out_port & ~(OUT_INT | OUT_AUX_INT);

    if (c->obf)
        v |= c->aux ? OUT_AUX_INT : OUT_INT;
    return v;
}

static uint8_t test_inputs(const struct i8042 *c)            /* T0, T1: the clock lines */
{
    return (c->ram[0] & CB_KBD_OFF ? 0 : 1) | (c->ram[0] & CB_AUX_OFF ? 0 : 2);
}

static void self_test(struct i8042 *c)
{
    c->ram[0] |= CB_SYS;
    output(c, 0x55, false);
}

static void set_command_bits(struct i8042 *c, uint8_t off, uint8_t on)
{
    c->ram[0] = (c->ram[0] & ~off) | on;
}

static void write_command(struct i8042 *c, uint8_t v)
{
    c->a2 = true;
    c->command = 0;
    if (v >= 0x20 && v < 0x40) {
        output(c, c->ram[v & 0x1f], false);
        return;
    }
    switch (v) {
    case 0xa4: output(c, 0xf1, false); break;     /* no password installed */
    case 0xa7: set_command_bits(c, 0, CB_AUX_OFF); break;
    case 0xa8: set_command_bits(c, CB_AUX_OFF, 0); break;
    case 0xa9: case 0xab: output(c, 0x00, false); break;     /* interface tests: no fault */
    case 0xaa: self_test(c); break;
    case 0xad: set_command_bits(c, 0, CB_KBD_OFF); break;
    case 0xae: set_command_bits(c, CB_KBD_OFF, 0); break;
    case 0xc0: output(c, INPUT_PORT, false); break;
    case 0xd0: output(c, read_out_port(c), false); break;
    case 0xdd: set_out_port(c, c->out_port & ~OUT_A20); break;
    case 0xdf: set_out_port(c, c->out_port | OUT_A20); break;
    case 0xe0: output(c, test_inputs(c), false); break;
    default:
        if ((v >= 0x60 && v < 0x80) || (v >= 0xd1 && v <= 0xd4))
            c->command = v;                       /* the rest of it comes to port 60h */
        else if (v >= 0xf0 && !(v & OUT_RUN))
            pulse_reset(c);
    }
}

static void write_data(struct i8042 *c, uint8_t v)
{
    uint8_t command = c->command;

    c->a2 = false;
    c->command = 0;
    switch (command) {
    case 0:
        set_command_bits(c, CB_KBD_OFF, 0);       /* talking to it starts its clock */
        ps2_kbd_write(&c->kbd, v);
        break;
    case 0xd1: set_out_port(c, v); break;
    case 0xd2: output(c, v, false); break;
    case 0xd3: output(c, v, true); break;
    case 0xd4:
        set_command_bits(c, CB_AUX_OFF, 0);
        ps2_mouse_write(&c->mouse, v);
        break;
    default:
        c->ram[command & 0x1f] = v;               /* 60h..7Fh */
    }
}

/* ---- ports ---------------------------------------------------------------------------------- */

static uint64_t data_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8042 *c = opaque;

    (void)off;
    (void)size;
    c->obf = c->aux = false;                      /* the byte itself stays readable */
    update(c);
    listen(c);
    return c->obuf;
}

static void data_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct i8042 *c = opaque;

    (void)off;
    (void)size;
    write_data(c, v);
    update(c);
    listen(c);
}

static uint64_t status_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8042 *c = opaque;

    (void)off;
    (void)size;
    return (c->obf ? ST_OBF : 0) | (c->aux ? ST_AUX_OBF : 0) | (c->a2 ? ST_A2 : 0) |
           (c->ram[0] & CB_SYS ? ST_SYS : 0) | ST_UNLOCKED;
}

static void command_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct i8042 *c = opaque;

    (void)off;
    (void)size;
    write_command(c, v);
    update(c);
    listen(c);
}

/* ---- life ----------------------------------------------------------------------------------- */

static const struct mmio_ops data_ops = { data_read, data_write, 1, 1 };
static const struct mmio_ops command_ops = { status_read, command_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct i8042 *c = (struct i8042 *)d;

    c->clock = machine_clock(m);
    c->data_port = (struct mem_region){ .name = "i8042.data", .kind = MEM_MMIO, .size = 1,
                                        .ops = &data_ops, .dev = c };
    c->command_port = (struct mem_region){ .name = "i8042.command", .kind = MEM_MMIO, .size = 1,
                                           .ops = &command_ops, .dev = c };
    c->irq1.name = "i8042.kbd";
    c->irq12.name = "i8042.aux";
    c->a20.name = "i8042.a20";
    c->reset.name = "i8042.reset";
    vtimer_init(&c->byte, c->clock, "i8042.byte", on_byte, c);
    ps2_kbd_init(&c->kbd, c->clock, machine_input(m), listen, c);
    ps2_mouse_init(&c->mouse, c->clock, machine_input(m), listen, c);
    VM_TRY(machine_claim_ports(m, &c->data_port, 0x60, e));
    VM_TRY(machine_claim_ports(m, &c->command_port, 0x64, e));
    VM_TRY(machine_claim_irq(m, &c->irq1, 1, e));
    VM_TRY(machine_claim_irq(m, &c->irq12, 12, e));
    VM_TRY(machine_connect_wire(m, "a20", &c->a20, e));
    return machine_connect_wire(m, "reset", &c->reset, e);
}

static void unrealize(struct device *d)
{
    struct i8042 *c = (struct i8042 *)d;

    *machine_input(d->m) = (struct input){ 0 };
    vtimer_forget(&c->byte);
    ps2_kbd_fini(&c->kbd);
    ps2_mouse_fini(&c->mouse);
}

/* A20 is open after reset: the CPU starts at FFFFFFF0h. */
static void reset(struct device *d, enum reset_kind k)
{
    struct i8042 *c = (struct i8042 *)d;

    if (k == RESET_SOFT)
        return;
    memset(c->ram, 0, sizeof c->ram);
    c->ram[0] = CB_INT | CB_AUX_INT;
    c->obuf = c->command = 0;
    c->obf = c->aux = c->release = false;
    c->a2 = true;
    c->out_port = 0xcc | OUT_RUN | OUT_A20;
    vtimer_cancel(&c->byte);
    ps2_kbd_reset(&c->kbd);
    ps2_mouse_reset(&c->mouse);
}

static void drive(struct device *d)
{
    update((struct i8042 *)d);
}

static void snap(struct device *d, struct snap *s)
{
    struct i8042 *c = (struct i8042 *)d;

    snap_begin(s, "i8042", 1);
    snap_mem(s, "ram", c->ram, sizeof c->ram);
    snap_u8(s, "obuf", &c->obuf);
    snap_bool(s, "obf", &c->obf);
    snap_bool(s, "aux", &c->aux);
    snap_bool(s, "a2", &c->a2);
    snap_bool(s, "release", &c->release);
    snap_u8(s, "out-port", &c->out_port);
    snap_u8(s, "command", &c->command);
    vtimer_snap(&c->byte, s);
    ps2_kbd_snap(&c->kbd, s);
    ps2_mouse_snap(&c->mouse, s);
    snap_end(s);
    c->out_port |= OUT_RUN;
}

const struct dev_class i8042_class = {
    .name = "i8042", .help = "keyboard controller with PS/2 keyboard and mouse",
    .size = sizeof(struct i8042), .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
