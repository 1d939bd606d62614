/* uart16550.c - a serial port: 16550A with FIFOs in front of a character back end.
 *
 * Datasheet: National PC16550D. INTR passes OUT2's gate as on PC adapters. Left out: DMA pins
 * (FCR bit 3 is ignored), parity and framing errors of the line (the back end has none), a break to
 * the back end. With timed=off a byte leaves at once; with timed=on it takes as long as divisor
 * and line control say. A back end that is full holds THRE back: no byte is lost. Bytes from the
 * back end come when the guest asks for them (RTS or IER bit 0) and there is room, so overruns
 * happen in loopback only. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/backend.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

enum { RBR = 0, THR = 0, DLL = 0, IER = 1, DLM = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5,
       MSR = 6, SCR = 7 };
enum { IER_ERBFI = 0x01, IER_ETBEI = 0x02, IER_ELSI = 0x04, IER_EDSSI = 0x08 };
enum { IIR_NONE = 0x01, IIR_MODEM = 0x00, IIR_THRE = 0x02, IIR_RX = 0x04, IIR_LINE = 0x06,
       IIR_TIMEOUT = 0x0c, IIR_FIFOS = 0xc0 };
enum { FCR_ENABLE = 0x01, FCR_CLEAR_RX = 0x02, FCR_CLEAR_TX = 0x04 };
enum { LCR_WLS = 0x03, LCR_STB = 0x04, LCR_PEN = 0x08, LCR_BREAK = 0x40, LCR_DLAB = 0x80 };
enum { MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08, MCR_LOOP = 0x10 };
enum { LSR_DR = 0x01, LSR_OE = 0x02, LSR_PE = 0x04, LSR_FE = 0x08, LSR_BI = 0x10, LSR_THRE = 0x20,
       LSR_TEMT = 0x40, LSR_FIFO = 0x80, LSR_ERRORS = 0x1e };
enum { MSR_TERI = 0x04, MSR_DELTAS = 0x0f, MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40,
       MSR_DCD = 0x80 };
enum { FIFO = 16, RETRY_NS = 1000000 };

struct fifo { uint8_t b[FIFO], err[FIFO], head, len; };

struct uart {
    struct device     dev;
    struct mem_region ports;
    struct irq_line   intr;
    struct vtimer     tx_done, timeout;
    struct vclock    *clock;
    struct fifo       rx, tx;
    uint8_t           tsr;                        /* shift register, when tx_busy */
    bool              tx_busy;
    bool              thre_pending, timeout_pending;
    uint8_t           ier, fcr, lcr, mcr, msr, scr, dll, dlm;
    uint8_t           errors;                     /* LSR bits 1..4 */
    uint32_t          iobase, irq_no;             /* properties */
    bool              timed;                      /* property */
    struct chr       *chr;                        /* property; NULL: nothing plugged in */
};

/* ---- FIFOs ---------------------------------------------------------------------------------- */

static void fifo_put(struct fifo *f, uint8_t v, uint8_t err)  /* only when len < FIFO */
{
    unsigned at = (f->head + f->len++) % FIFO;

    f->b[at] = v;
    f->err[at] = err;
}

static uint8_t fifo_take(struct fifo *f)                     /* only when len > 0 */
{
    uint8_t v = f->b[f->head];

    f->head = (f->head + 1) % FIFO;
    f->len--;
    return v;
}

static unsigned depth(const struct uart *u)
{
    return u->fcr & FCR_ENABLE ? FIFO : 1;
}

static unsigned trigger(const struct uart *u)
{
    static const uint8_t level[4] = { 1, 4, 8, 14 };

    return u->fcr & FCR_ENABLE ? level[u->fcr >> 6] : 1;
}

static vtime_t char_ns(const struct uart *u)
{
    unsigned bits = 5 + (u->lcr & LCR_WLS), divisor = u->dll | u->dlm << 8;
    unsigned halves = 2 * (1 + bits + (u->lcr & LCR_PEN ? 1 : 0));

    halves += u->lcr & LCR_STB ? (bits == 5 ? 3 : 4) : 2;
    return (vtime_t)halves * (divisor ? divisor : 1) * 1000000000 / (2 * 115200);
}

/* ---- interrupts ----------------------------------------------------------------------------- */

static uint8_t source(const struct uart *u)       /* table 4: priorities */
{
    if ((u->ier & IER_ELSI) && u->errors)
        return IIR_LINE;
    if ((u->ier & IER_ERBFI) && u->rx.len >= trigger(u))
        return IIR_RX;
    if ((u->ier & IER_ERBFI) && u->timeout_pending)
        return IIR_TIMEOUT;
    if ((u->ier & IER_ETBEI) && u->thre_pending)
        return IIR_THRE;
    if ((u->ier & IER_EDSSI) && (u->msr & MSR_DELTAS))
        return IIR_MODEM;
    return IIR_NONE;
}

/* The only place that decides the wire's level. */
static void update_intr(struct uart *u)
{
    irq_set(&u->intr, source(u) != IIR_NONE && (u->mcr & MCR_OUT2));
}

/* ---- receiver ------------------------------------------------------------------------------- */

/* The error bits of a byte show in LSR when it becomes the next to be read. */
static void show_errors(struct uart *u)
{
    if (u->rx.len) {
        u->errors |= u->rx.err[u->rx.head];
        u->rx.err[u->rx.head] = 0;
    }
}

static void restart_timeout(struct uart *u)
{
    u->timeout_pending = false;
    if (u->rx.len && (u->fcr & FCR_ENABLE))
        vtimer_arm(&u->timeout, vclock_now(u->clock) + 4 * char_ns(u));
    else
        vtimer_cancel(&u->timeout);
}

static void on_timeout(void *opaque, vtime_t due)
{
    struct uart *u = opaque;

    (void)due;
    u->timeout_pending = u->rx.len != 0;
    update_intr(u);
}

static void receive(struct uart *u, uint8_t v, uint8_t err)
{
    if (u->rx.len == depth(u)) {
        u->errors |= LSR_OE;
        if (u->fcr & FCR_ENABLE)
            return;                               /* the shift register is lost ... */
        u->rx.len = 0;                            /* ... without FIFO the byte before it */
    }
    fifo_put(&u->rx, v, err);
    if (u->rx.len == 1)
        show_errors(u);
    restart_timeout(u);
}

/* The peer sends when it is let: by RTS, or to a guest that waits for interrupts. What came earlier
 * would be lost when a driver that starts resets the FIFOs. */
static bool wants_input(const struct uart *u)
{
    return u->mcr & MCR_RTS || u->ier & IER_ERBFI;
}

static size_t chr_room(void *dev)
{
    const struct uart *u = dev;

    if (!wants_input(u))
        return 0;
    return u->mcr & MCR_LOOP || u->rx.len >= depth(u) ? 0 : depth(u) - u->rx.len;
}

static void chr_rx(void *dev, const uint8_t *p, size_t n)
{
    struct uart *u = dev;

    for (size_t i = 0; i < n && chr_room(u); i++)
        receive(u, p[i], 0);
    update_intr(u);
}

static uint8_t read_rbr(struct uart *u)
{
    uint8_t v = u->rx.b[u->rx.head];              /* empty: the byte read last */

    if (u->rx.len)
        v = fifo_take(&u->rx);
    else
        v = u->rx.b[(u->rx.head + FIFO - 1) % FIFO];
    show_errors(u);
    restart_timeout(u);
    return v;
}

/* ---- transmitter ---------------------------------------------------------------------------- */

/* False: the back end is full. */
static bool send(struct uart *u, uint8_t v)
{
    if (u->mcr & MCR_LOOP)
        receive(u, v, 0);
    else if (u->chr)
        return u->chr->ops->write(u->chr->self, &v, 1) == 1;
    return true;
}

static void load_tsr(struct uart *u)
{
    u->tsr = fifo_take(&u->tx);
    u->tx_busy = true;
    if (u->tx.len == 0)
        u->thre_pending = true;
}

/* Moves bytes on until one has to wait: for its time on the line, or for the back end. */
static void transmit(struct uart *u, vtime_t now)
{
    while (!u->tx_busy && u->tx.len) {
        if (u->timed && !(u->mcr & MCR_LOOP)) {
            load_tsr(u);
            vtimer_arm(&u->tx_done, now + char_ns(u));
        } else if (send(u, u->tx.b[u->tx.head])) {
            fifo_take(&u->tx);
            u->thre_pending = u->tx.len == 0;
        } else {
            vtimer_arm(&u->tx_done, now + RETRY_NS);
            return;
        }
    }
}

static void on_tx_done(void *opaque, vtime_t due)
{
    struct uart *u = opaque;

    if (u->tx_busy && !send(u, u->tsr)) {
        vtimer_arm(&u->tx_done, due + RETRY_NS);
        return;
    }
    u->tx_busy = false;
    transmit(u, due);
    update_intr(u);
}

static void write_thr(struct uart *u, uint8_t v)
{
    v &= 0xff >> (3 - (u->lcr & LCR_WLS));
    u->thre_pending = false;
    if (u->tx.len < depth(u))
        fifo_put(&u->tx, v, 0);
    else if (depth(u) == 1)
        u->tx.b[u->tx.head] = v;                  /* overwrites what THRE did not ask for */
    if (u->tx_done.due == VTIME_NEVER)
        transmit(u, vclock_now(u->clock));
}

/* ---- registers ------------------------------------------------------------------------------ */

static uint8_t modem_inputs(const struct uart *u)
{
    if (!(u->mcr & MCR_LOOP))
        return u->chr ? MSR_CTS | MSR_DSR | MSR_DCD : 0;
    return (u->mcr & MCR_RTS ? MSR_CTS : 0) | (u->mcr & MCR_DTR ? MSR_DSR : 0) |
           (u->mcr & MCR_OUT1 ? MSR_RI : 0) | (u->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static void update_modem(struct uart *u)
{
    uint8_t old = u->msr & 0xf0, now = modem_inputs(u), changed = old ^ now;

    u->msr = now | (u->msr & MSR_DELTAS) | ((changed & ~MSR_RI) >> 4) |
             (old & ~now & MSR_RI ? MSR_TERI : 0);
}

static void write_ier(struct uart *u, uint8_t v)
{
    if (v & ~u->ier & IER_ETBEI)
        u->thre_pending = u->tx.len == 0;
    u->ier = v & 0x0f;
}

static void write_fcr(struct uart *u, uint8_t v)
{
    bool toggled = (v ^ u->fcr) & FCR_ENABLE;

    if (toggled || (v & FCR_CLEAR_RX)) {
        u->rx.len = 0;
        restart_timeout(u);
    }
    if (toggled || (v & FCR_CLEAR_TX)) {
        u->thre_pending |= u->tx.len != 0;
        u->tx.len = 0;
    }
    u->fcr = v & FCR_ENABLE ? v & 0xc9 : 0;
}

static void write_lcr(struct uart *u, uint8_t v)
{
    if ((v & ~u->lcr & LCR_BREAK) && (u->mcr & MCR_LOOP))
        receive(u, 0, LSR_BI);
    u->lcr = v;
}

static void write_mcr(struct uart *u, uint8_t v)
{
    u->mcr = v & 0x1f;
    update_modem(u);
}

static uint8_t read_iir(struct uart *u)
{
    uint8_t v = source(u);

    if (v == IIR_THRE)
        u->thre_pending = false;
    return v | (u->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
}

static uint8_t read_lsr(struct uart *u)
{
    uint8_t v = u->errors | (u->rx.len ? LSR_DR : 0) | (u->tx.len ? 0 : LSR_THRE) |
                (u->tx.len || u->tx_busy ? 0 : LSR_TEMT);

    for (unsigned i = 0; i < u->rx.len && (u->fcr & FCR_ENABLE); i++)
        if (u->rx.err[(u->rx.head + i) % FIFO])
            v |= LSR_FIFO;
    if ((u->fcr & FCR_ENABLE) && (u->errors & ~LSR_OE))
        v |= LSR_FIFO;
    u->errors = 0;
    return v;
}

static uint8_t read_msr(struct uart *u)
{
    uint8_t v = u->msr;

    u->msr &= ~MSR_DELTAS;
    return v;
}

static uint64_t port_read(void *opaque, uint64_t off, unsigned size)
{
    struct uart *u = opaque;
    bool dlab = u->lcr & LCR_DLAB;
    uint8_t v = 0xff;

    (void)size;
    switch (off) {
    case RBR: v = dlab ? u->dll : read_rbr(u); break;
    case IER: v = dlab ? u->dlm : u->ier; break;
    case IIR: v = read_iir(u); break;
    case LCR: v = u->lcr; break;
    case MCR: v = u->mcr; break;
    case LSR: v = read_lsr(u); break;
    case MSR: v = read_msr(u); break;
    case SCR: v = u->scr; break;
    }
    update_intr(u);
    return v;
}

static void port_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct uart *u = opaque;
    bool dlab = u->lcr & LCR_DLAB;
    uint8_t v = val;

    (void)size;
    switch (off) {
    case THR:
        if (dlab)
            u->dll = v;
        else
            write_thr(u, v);
        break;
    case IER:
        if (dlab)
            u->dlm = v;
        else
            write_ier(u, v);
        break;
    case FCR: write_fcr(u, v); break;
    case LCR: write_lcr(u, v); break;
    case MCR: write_mcr(u, v); break;
    case SCR: u->scr = v; break;
    }
    update_intr(u);
}

/* ---- life ----------------------------------------------------------------------------------- */

static const struct mmio_ops port_ops = { port_read, port_write, 1, 1 };

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct uart *u = (struct uart *)d;

    if (u->iobase > 0xfff8)
        return vm_fail(e, VM_EINVAL, "uart16550: iobase=%u is no port; 0x3f8 is usual", u->iobase);
    u->clock = machine_clock(m);
    u->ports = (struct mem_region){ .name = "uart16550", .kind = MEM_MMIO, .size = 8,
                                    .ops = &port_ops, .dev = u };
    u->intr.name = "uart16550.intr";
    vtimer_init(&u->tx_done, u->clock, "uart16550.tx", on_tx_done, u);
    vtimer_init(&u->timeout, u->clock, "uart16550.timeout", on_timeout, u);
    VM_TRY(machine_claim_ports(m, &u->ports, u->iobase, e));
    VM_TRY(machine_share_irq(m, &u->intr, u->irq_no, e));
    if (!u->chr)
        return VM_OK;
    u->chr->rx_room = chr_room;
    u->chr->rx = chr_rx;
    u->chr->dev = u;
    return VM_OK;
}

static void unrealize(struct device *d)
{
    struct uart *u = (struct uart *)d;

    vtimer_forget(&u->tx_done);
    vtimer_forget(&u->timeout);
    if (u->chr) {
        u->chr->rx_room = NULL;
        u->chr->rx = NULL;
    }
}

static void reset(struct device *d, enum reset_kind k)
{
    struct uart *u = (struct uart *)d;

    if (k == RESET_SOFT)
        return;
    u->rx = u->tx = (struct fifo){ .len = 0 };
    u->tsr = u->errors = 0;
    u->tx_busy = u->thre_pending = u->timeout_pending = false;
    u->ier = u->fcr = u->lcr = u->mcr = u->scr = u->dlm = 0;
    u->dll = 12;                                  /* 9600 baud; the chip's own is undefined */
    u->msr = modem_inputs(u);
    vtimer_cancel(&u->tx_done);
    vtimer_cancel(&u->timeout);
}

static void drive(struct device *d)
{
    update_intr((struct uart *)d);
}

static void snap_fifo(struct fifo *f, struct snap *s, const char *name)
{
    snap_begin(s, name, 1);
    snap_mem(s, "bytes", f->b, sizeof f->b);
    snap_mem(s, "errors", f->err, sizeof f->err);
    snap_u8(s, "head", &f->head);
    snap_u8(s, "len", &f->len);
    snap_check(s, "len", f->head >= FIFO || f->len > FIFO);
    snap_end(s);
}

static void snap(struct device *d, struct snap *s)
{
    struct uart *u = (struct uart *)d;

    snap_begin(s, "uart16550", 1);
    snap_fifo(&u->rx, s, "rx");
    snap_fifo(&u->tx, s, "tx");
    snap_u8(s, "tsr", &u->tsr);
    snap_bool(s, "tx-busy", &u->tx_busy);
    snap_bool(s, "thre-pending", &u->thre_pending);
    snap_bool(s, "timeout-pending", &u->timeout_pending);
    snap_u8(s, "ier", &u->ier);
    snap_u8(s, "fcr", &u->fcr);
    snap_u8(s, "lcr", &u->lcr);
    snap_u8(s, "mcr", &u->mcr);
    snap_u8(s, "msr", &u->msr);
    snap_u8(s, "scr", &u->scr);
    snap_u8(s, "dll", &u->dll);
    snap_u8(s, "dlm", &u->dlm);
    snap_u8(s, "errors", &u->errors);
    vtimer_snap(&u->tx_done, s);
    vtimer_snap(&u->timeout, s);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "iobase", "first port", PROP_U32, offsetof(struct uart, iobase), "0x3f8" },
    { "irq", "interrupt request line", PROP_U32, offsetof(struct uart, irq_no), "4" },
    { "timed", "send at the programmed speed instead of at once", PROP_BOOL,
      offsetof(struct uart, timed), "off" },
    { "chardev", "what is plugged in", PROP_CHR, offsetof(struct uart, chr), "" },
    { .name = NULL },
};

const struct dev_class uart16550_class = {
    .name = "uart16550", .help = "serial port (16550A)", .size = sizeof(struct uart),
    .props = props, .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
