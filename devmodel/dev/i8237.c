/* i8237.c - the two 8237A DMA controllers of an AT and their page registers.
 *
 * Datasheet: Intel 8237A (231466), Intel 82371SB section 2.5 for the pair and the pages. Channels
 * 0..3 move bytes inside 64 KiB, 5..7 words inside 128 KiB; 4 carries the first controller's
 * requests, so its mask and mode gate channels 0..3. Left out: bus timing (compressed, extended
 * write), priorities (a transfer is never interrupted by another channel), the polarity bits, and
 * software requests except for memory to memory. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/isadma.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"

enum { CMD_MEM_TO_MEM = 0x01, CMD_HOLD_CH0 = 0x02, CMD_DISABLE = 0x04 };
enum { MODE_TYPE = 0x0c, TYPE_VERIFY = 0x00, TYPE_WRITE = 0x04, TYPE_READ = 0x08,
       MODE_AUTOINIT = 0x10, MODE_DOWN = 0x20, MODE_CASCADE = 0xc0 };
enum { N_PAGES = 15 };               /* ports 81h..8Fh */

struct dma_channel {
    uint16_t base_addr, base_count;  /* what autoinitialize restores */
    uint16_t addr, count;            /* in units of the channel: bytes or words */
    uint8_t  mode;
};

struct dma_chip {
    struct mem_region  ports;
    struct i8237      *owner;
    struct dma_channel ch[4];
    uint8_t command, mask, tc, dreq, soft_request, temp;
    bool    high_byte;               /* the flip-flop: the next byte is the upper one */
    unsigned shift;                  /* 0 = bytes, 1 = words; also the ports' spacing */
};

struct i8237 {
    struct device     dev;
    struct dma_chip   chip[2];
    struct mem_region page_ports;
    uint8_t           page[N_PAGES];
    struct isa_dma    service;
    struct mem_space *ram;
};

/* Which page register serves a channel: index from port 81h. */
static const uint8_t page_of[8] = { 6, 2, 0, 1, 14, 10, 8, 9 };

/* ---- transfers ------------------------------------------------------------------------------ */

static void at_terminal_count(struct dma_chip *c, unsigned n)
{
    struct dma_channel *ch = &c->ch[n];

    c->tc |= 1u << n;
    c->soft_request &= ~(1u << n);
    if (ch->mode & MODE_AUTOINIT) {
        ch->addr = ch->base_addr;
        ch->count = ch->base_count;
    } else {
        c->mask |= 1u << n;
    }
}

/* Counts `units` done; true at terminal count. units <= count + 1. */
static bool advance(struct dma_chip *c, unsigned n, uint32_t units)
{
    struct dma_channel *ch = &c->ch[n];

    ch->addr += ch->mode & MODE_DOWN ? -units : units;
    if (units <= ch->count) {
        ch->count -= units;
        return false;
    }
    ch->count = 0xffff;
    at_terminal_count(c, n);
    return true;
}

static bool runs(const struct i8237 *d, unsigned chip, unsigned n)
{
    const struct dma_chip *c = &d->chip[chip];

    if (c->command & CMD_DISABLE || c->mask >> n & 1)
        return false;
    if ((c->ch[n].mode & MODE_CASCADE) == MODE_CASCADE)
        return false;
    if (chip == 1)
        return true;
    const struct dma_chip *second = &d->chip[1];

    return !(second->command & CMD_DISABLE) && !(second->mask & 1) &&
           (second->ch[0].mode & MODE_CASCADE) == MODE_CASCADE;
}

/* Units from the present address to where the 16-bit address register wraps. */
static uint32_t until_wrap(const struct dma_channel *ch)
{
    return ch->mode & MODE_DOWN ? 1 : 0x10000u - ch->addr;
}

static gpa_t unit_address(const struct i8237 *d, unsigned chip, unsigned n)
{
    const struct dma_chip *c = &d->chip[chip];
    uint32_t page = d->page[page_of[chip * 4 + n]];

    if (c->shift)
        page &= ~1u;                 /* A16 comes from the counter */
    return (page << 16) + ((uint32_t)c->ch[n].addr << c->shift);
}

static void move(struct i8237 *d, unsigned type, gpa_t at, uint8_t *p, size_t len, bool to_memory)
{
    if (type == TYPE_WRITE)
        mem_copy_out(d->ram, at, p, len);
    else if (type == TYPE_READ)
        mem_copy_in(d->ram, p, at, len);
    else if (!to_memory)
        memset(p, 0xff, len);        /* verify: nobody drives the data lines */
}

static size_t transfer(void *self, unsigned channel, void *buf, size_t n, bool to_memory, bool *tc)
{
    struct i8237 *d = self;
    unsigned chip = channel >> 2 & 1, nr = channel & 3;
    struct dma_chip *c = &d->chip[chip];
    struct dma_channel *ch = &c->ch[nr];
    unsigned type = ch->mode & MODE_TYPE;
    size_t done = 0;

    *tc = false;
    if (!runs(d, chip, nr) || type == MODE_TYPE)
        return 0;
    if (type != TYPE_VERIFY && (type == TYPE_WRITE) != to_memory)
        return 0;
    while (n - done >= 1u << c->shift && !*tc) {
        uint64_t units = (n - done) >> c->shift;

        units = units < ch->count + 1u ? units : ch->count + 1u;
        units = units < until_wrap(ch) ? units : until_wrap(ch);
        size_t len = (size_t)units << c->shift;

        move(d, type, unit_address(d, chip, nr), (uint8_t *)buf + done, len, to_memory);
        done += len;
        *tc = advance(c, nr, (uint32_t)units);
    }
    return done;
}

/* Channel 0 reads, channel 1 writes, until channel 1's terminal count; at most 65536 bytes. */
static void memory_to_memory(struct i8237 *d, struct dma_chip *c)
{
    unsigned chip = c == &d->chip[1];
    bool tc = false;

    if (c->command & CMD_DISABLE)
        return;
    c->soft_request |= 1;
    while (!tc) {
        mem_copy_in(d->ram, &c->temp, unit_address(d, chip, 0), 1);
        mem_copy_out(d->ram, unit_address(d, chip, 1), &c->temp, 1);
        if (!(c->command & CMD_HOLD_CH0))
            c->ch[0].addr += c->ch[0].mode & MODE_DOWN ? -1 : 1;
        c->ch[0].count--;
        tc = advance(c, 1, 1);
    }
    c->soft_request &= ~1;
}

static void dreq(void *self, unsigned channel, bool level)
{
    struct dma_chip *c = &((struct i8237 *)self)->chip[channel >> 2 & 1];
    unsigned bit = 1u << (channel & 3);

    c->dreq = level ? c->dreq | bit : c->dreq & ~bit;
}

static const struct isa_dma_ops service_ops = { transfer, dreq };

/* ---- registers ------------------------------------------------------------------------------ */

static uint8_t half(struct dma_chip *c, uint16_t v)
{
    c->high_byte = !c->high_byte;
    return c->high_byte ? v & 0xff : v >> 8;
}

static void set_half(struct dma_chip *c, uint16_t *base, uint16_t *now, uint8_t v)
{
    unsigned shift = c->high_byte ? 8 : 0;
    uint16_t keep = (uint16_t)~(0xffu << shift);

    *base = (*base & keep) | (uint16_t)(v << shift);
    *now = (*now & keep) | (uint16_t)(v << shift);
    c->high_byte = !c->high_byte;
}

static void master_clear(struct dma_chip *c)
{
    c->command = c->tc = c->soft_request = c->temp = 0;
    c->high_byte = false;
    c->mask = 0x0f;
}

static uint8_t read_status(struct dma_chip *c)
{
    uint8_t v = (uint8_t)((c->dreq | c->soft_request) << 4) | c->tc;

    c->tc = 0;
    return v;
}

static uint64_t chip_read(void *opaque, uint64_t off, unsigned size)
{
    struct dma_chip *c = opaque;
    unsigned reg = off >> c->shift & 15;

    (void)size;
    switch (reg) {
    case 8:
        return read_status(c);
    case 13:
        return c->temp;
    case 15:
        return 0xf0 | c->mask;       /* the 82C37A and the PIIX show it */
    default:
        if (reg >= 8)
            return 0xff;
        return half(c, reg & 1 ? c->ch[reg / 2].count : c->ch[reg / 2].addr);
    }
}

static uint8_t with_bit(uint8_t set, uint8_t v)
{
    uint8_t bit = (uint8_t)(1u << (v & 3));

    return v & 4 ? set | bit : set & ~bit;
}

static void control_write(struct dma_chip *c, unsigned reg, uint8_t v)
{
    switch (reg) {
    case 8:
        c->command = v;
        break;
    case 9:
        if (v == 4 && c->command & CMD_MEM_TO_MEM)
            memory_to_memory(c->owner, c);
        else
            c->soft_request = with_bit(c->soft_request, v);
        break;
    case 10:
        c->mask = with_bit(c->mask, v);
        break;
    case 11:
        c->ch[v & 3].mode = v & 0xfc;
        break;
    case 12:
        c->high_byte = false;
        break;
    case 13:
        master_clear(c);
        break;
    case 14:
        c->mask = 0;
        break;
    case 15:
        c->mask = v & 15;
        break;
    }
}

static void chip_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct dma_chip *c = opaque;
    unsigned reg = off >> c->shift & 15;
    struct dma_channel *ch = &c->ch[reg / 2 & 3];

    (void)size;
    if (reg >= 8)
        control_write(c, reg, (uint8_t)val);
    else if (reg & 1)
        set_half(c, &ch->base_count, &ch->count, (uint8_t)val);
    else
        set_half(c, &ch->base_addr, &ch->addr, (uint8_t)val);
}

static uint64_t page_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return ((struct i8237 *)opaque)->page[off];
}

static void page_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    ((struct i8237 *)opaque)->page[off] = (uint8_t)val;
}

static const struct mmio_ops chip_ops = { chip_read, chip_write, 1, 1 };
static const struct mmio_ops page_ops = { page_read, page_write, 1, 1 };

/* ---- life ----------------------------------------------------------------------------------- */

static int realize(struct device *dev, struct machine *m, struct vm_error *e)
{
    static const char *const names[2] = { "i8237.low", "i8237.high" };
    static const uint16_t ports[2] = { 0x00, 0xc0 };
    struct i8237 *d = (struct i8237 *)dev;

    d->ram = machine_ram(m);
    for (unsigned i = 0; i < 2; i++) {
        struct dma_chip *c = &d->chip[i];

        c->owner = d;
        c->shift = i;
        c->ports = (struct mem_region){ .name = names[i], .kind = MEM_MMIO, .size = 32,
                                        .ops = &chip_ops, .dev = c };
        VM_TRY(machine_claim_ports(m, &c->ports, ports[i], e));
    }
    d->page_ports = (struct mem_region){ .name = "i8237.page", .kind = MEM_MMIO, .size = N_PAGES,
                                         .ops = &page_ops, .dev = d };
    VM_TRY(machine_claim_ports(m, &d->page_ports, 0x81, e));
    d->service = (struct isa_dma){ &service_ops, d };
    machine_set_isa_dma(m, &d->service);
    return VM_OK;
}

static void unrealize(struct device *dev)
{
    machine_set_isa_dma(dev->m, NULL);
}

static void reset(struct device *dev, enum reset_kind k)
{
    struct i8237 *d = (struct i8237 *)dev;

    if (k == RESET_SOFT)
        return;
    for (unsigned i = 0; i < 2; i++) {
        master_clear(&d->chip[i]);
        memset(d->chip[i].ch, 0, sizeof d->chip[i].ch);
        d->chip[i].dreq = 0;
    }
    memset(d->page, 0, sizeof d->page);
}

static void snap_chip(struct dma_chip *c, struct snap *s, const char *name)
{
    static const char *const ch_name[4] = { "ch0", "ch1", "ch2", "ch3" };

    snap_begin(s, name, 1);
    for (unsigned i = 0; i < 4; i++) {
        struct dma_channel *ch = &c->ch[i];

        snap_begin(s, ch_name[i], 1);
        snap_u16(s, "base_addr", &ch->base_addr);
        snap_u16(s, "base_count", &ch->base_count);
        snap_u16(s, "addr", &ch->addr);
        snap_u16(s, "count", &ch->count);
        snap_u8(s, "mode", &ch->mode);
        snap_end(s);
    }
    snap_u8(s, "command", &c->command);
    snap_u8(s, "mask", &c->mask);
    snap_u8(s, "tc", &c->tc);
    snap_u8(s, "dreq", &c->dreq);
    snap_u8(s, "soft_request", &c->soft_request);
    snap_u8(s, "temp", &c->temp);
    snap_bool(s, "high_byte", &c->high_byte);
    snap_end(s);
}

static void snap(struct device *dev, struct snap *s)
{
    struct i8237 *d = (struct i8237 *)dev;

    snap_begin(s, "i8237", 1);
    snap_chip(&d->chip[0], s, "low");
    snap_chip(&d->chip[1], s, "high");
    snap_mem(s, "page", d->page, sizeof d->page);
    snap_end(s);
}

const struct dev_class i8237_class = {
    .name = "i8237", .help = "DMA controller pair", .size = sizeof(struct i8237),
    .realize = realize, .reset = reset, .snap = snap, .unrealize = unrealize,
};
