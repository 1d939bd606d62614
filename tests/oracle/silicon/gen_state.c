/* gen_state.c - start states: descriptors, segments, pointers, flags, floating point. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/gen_priv.h"

uint32_t rng_edge(struct rng *r)
{
    static const uint32_t edges[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000,
                                      0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x55555555 };

    switch (rng_below(r, 4)) {
    case 0:  return (uint32_t)rng_next(r);
    case 1:  return rng_below(r, 64);
    default: return edges[rng_below(r, sizeof edges / sizeof edges[0])];
    }
}

/* ---- descriptors ---- */

uint32_t desc_base(uint64_t d)
{
    return (uint32_t)(d >> 16 & 0xffffff) | (uint32_t)(d >> 56) << 24;
}

uint32_t desc_limit(uint64_t d)
{
    uint32_t limit = (uint32_t)(d & 0xffff) | (uint32_t)(d >> 32 & 0xf0000);

    return d >> 55 & 1 ? limit << 12 | 0xfff : limit;
}

/* type: of code and data segments, SDM vol. 3 table 3-1; limit: as in the descriptor. */
static uint64_t descriptor(uint32_t base, uint32_t limit, unsigned type, bool big, bool pages)
{
    return (limit & 0xffff) | (uint64_t)(limit & 0xf0000) << 32 |
           (uint64_t)(base & 0xffffff) << 16 | (uint64_t)(base >> 24) << 56 |
           (uint64_t)(0xf1u | type) << 40 | (uint64_t)big << 54 | (uint64_t)pages << 55;
}

enum { DATA_R = 0, DATA_W = 2, DOWN_R = 4, DOWN_W = 6, CODE_X = 8, CODE_R = 10 };
enum {                               /* the entries that have a purpose; the rest is random */
    LDT_CODE32, LDT_CODE16, LDT_CODE_FLAT, LDT_CODE_FAR, LDT_CODE_X, LDT_CODES,
    LDT_RANDOM = 12, CODE_SPAN = NATIVE_CODE_BYTES - 1
};

static uint64_t random_descriptor(struct rng *r)
{
    static const uint32_t limits[] = { 0, 1, 3, 0xff, 0xfff, 0x1000, 0x2000, 0xffff, 0xfffff };
    uint32_t limit = limits[rng_below(r, 9)], more = rng_once(r, 3) ? rng_below(r, 16) : 0;
    uint32_t base = NATIVE_DATA + rng_below(r, NATIVE_DATA_BYTES / 2);
    unsigned type = rng_below(r, 6) * 2;
    bool big = rng_below(r, 2), pages = rng_once(r, 3);
    uint64_t d = descriptor(base, (limit + more) & 0xfffff, type, big, pages);

    d |= (uint64_t)rng_below(r, 2) << 52;                  /* AVL */
    return rng_once(r, 10) ? d & ~(UINT64_C(1) << 47) : d; /* not present */
}

void gen_ldt(struct rng *r, uint64_t ldt[LDT_USED])
{
    uint32_t end = NATIVE_DATA + NATIVE_DATA_BYTES, far = rng_below(r, 0xdf00);
    uint32_t span = 0x200 + rng_below(r, CODE_SPAN - 0x200);

    memset(ldt, 0, LDT_USED * sizeof ldt[0]);
    ldt[LDT_CODE32] = descriptor(NATIVE_CODE, span, CODE_R, true, false);
    ldt[LDT_CODE16] = descriptor(NATIVE_CODE, CODE_SPAN, CODE_R, false, false);
    ldt[LDT_CODE_FLAT] = descriptor(0, 0xfffff, CODE_R, true, true);
    ldt[LDT_CODE_FAR] = descriptor(NATIVE_CODE - far, 0xffff, CODE_R, false, false);
    ldt[LDT_CODE_X] = descriptor(NATIVE_CODE, span, CODE_X, true, false);
    ldt[5] = descriptor(NATIVE_DATA - rng_below(r, 0x8000), 0xffff, DATA_W, false, false);
    ldt[6] = descriptor(NATIVE_DATA, 0x3ff + rng_below(r, 0x2000), DATA_W, true, false);
    ldt[7] = descriptor(end - 0x10000, 0x10000 - rng_below(r, 0x4000), DOWN_W, false, false);
    ldt[8] = descriptor(end, 0xffffc + rng_below(r, 4), DOWN_W, true, true);
    ldt[9] = descriptor(NATIVE_DATA, 0xfff + rng_below(r, 0x3000), DATA_R, false, false);
    ldt[10] = descriptor(NATIVE_DATA, NATIVE_DATA_BYTES - 1, DATA_W, false, false);
    ldt[11] = descriptor(NATIVE_DATA - 0x1000, 0xffff, DATA_W, true, false);
    for (unsigned i = LDT_RANDOM; i < LDT_USED - 1; i++)
        ldt[i] = random_descriptor(r);
}

uint16_t gen_selector(struct rng *r)
{
    static const uint16_t some[] = { 0, 1, 3, SEL_CODE, SEL_DATA, SEL_DATA & ~3, 8, 0x10, 0x18,
                                     0x43, 0x53, 0x63, 0x83, 0xfff8 };

    unsigned rpl = rng_once(r, 8) ? rng_below(r, 4) : 3;

    if (rng_once(r, 5))
        return some[rng_below(r, sizeof some / sizeof some[0])];
    return (uint16_t)(rng_below(r, LDT_USED + 1) << 3 | 4 | rpl);
}

/* ---- segments ---- */

static uint64_t flat_descriptor(unsigned seg)
{
    return descriptor(0, 0xfffff, seg == CS ? CODE_R : DATA_W, true, true);
}

/* One that the segment register can be loaded with. */
static bool fits(uint64_t d, unsigned seg)
{
    unsigned type = (unsigned)(d >> 40) & 15;

    if (!(d >> 47 & 1))
        return false;
    if (seg == SS)
        return !(type & 8) && (type & 2);
    return !(type & 8) || (type & 2);
}

static void set_segment(struct gen_place *p, struct sequence *q, unsigned seg, unsigned sel)
{
    uint64_t d = sel & 4 ? q->code.ldt[sel >> 3] : flat_descriptor(seg);

    q->start.seg[seg] = (uint16_t)sel;
    p->base[seg] = desc_base(d);
    p->limit[seg] = desc_limit(d);
    p->down[seg] = (d >> 40 & 12) == 4;
}

static void start_segment(struct rng *r, struct gen_place *p, struct sequence *q, unsigned seg)
{
    unsigned k = rng_below(r, LDT_USED);

    if (rng_below(r, 10) < (p->code16 ? 2 : 7))
        set_segment(p, q, seg, SEL_DATA);
    else if (seg != SS && rng_once(r, 20))
        p->limit[seg] = 0;                                 /* null, which an interrupt makes 0 */
    else
        set_segment(p, q, seg, fits(q->code.ldt[k], seg) ? k << 3 | 7 : 5 << 3 | 7);
}

/* In the first page or across its end, or where the segment or the pages end. */
static void start_code(struct rng *r, struct gen_place *p, struct sequence *q)
{
    static const uint8_t codes[] = { LDT_CODE32, LDT_CODE16, LDT_CODE16, LDT_CODE_FLAT,
                                     LDT_CODE_FAR, LDT_CODE_X };
    unsigned k = codes[rng_below(r, sizeof codes)];
    uint32_t at = rng_below(r, 64), end;

    set_segment(p, q, CS, rng_below(r, 20) < 11 ? SEL_CODE : k << 3 | 7);
    p->code16 = q->start.seg[CS] != SEL_CODE && !(q->code.ldt[k] >> 54 & 1);
    end = p->base[CS] + p->limit[CS] + 1 - NATIVE_CODE;
    if (end > NATIVE_CODE_BYTES)
        end = NATIVE_CODE_BYTES;
    if (rng_once(r, 6))
        at = 0x1000 - rng_below(r, 60);
    else if (rng_once(r, 12))
        at = end - 1 - rng_below(r, 60);
    if (at >= end)
        at = 0;
    q->code.at = (uint16_t)at;
    q->code.code16 = p->code16;
    q->start.eip = NATIVE_CODE + at - p->base[CS];
}

uint32_t gen_pointer(struct rng *r, const struct gen_place *p, unsigned seg)
{
    uint32_t at = NATIVE_DATA + 0x100 + rng_below(r, 0x1e00);

    uint32_t near = rng_below(r, 24) - 18;

    if (rng_once(r, 16))                                   /* a page's edge */
        at = NATIVE_DATA + rng_below(r, 5) * 0x1000 + near;
    else if (rng_once(r, 12))                              /* the segment's */
        return p->limit[seg] + 1 + near;
    else if (rng_below(r, 2))
        at &= ~15u;
    return at - p->base[seg];
}

/* ---- floating point ---- */

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

/* A floating-point bit pattern: exponents and fractions near the edges of the format. */
static uint64_t float_bits(struct rng *r, unsigned fraction)
{
    static const uint64_t fractions[] = { 0, 1, UINT64_MAX, UINT64_C(1) << 63, UINT64_C(3) << 62 };
    uint64_t f = rng_below(r, 2) ? rng_next(r) : fractions[rng_below(r, 5)];
    unsigned bits = fraction == 23 ? 8 : 11, bias = (1u << (bits - 1)) - 1, e;

    switch (rng_below(r, 5)) {
    case 0:  e = 0; break;
    case 1:  e = 2 * bias + 1; break;
    case 2:  e = rng_below(r, 2) ? 1 + rng_below(r, 3) : 2 * bias - rng_below(r, 3); break;
    default: e = bias - 30 + rng_below(r, 64); break;
    }
    return f >> (64 - fraction) | (uint64_t)e << fraction |
           (uint64_t)rng_below(r, 2) << (fraction + bits);
}

static uint16_t f80_exponent(struct rng *r)
{
    unsigned e = rng_once(r, 8) ? 0 : rng_once(r, 8) ? 0x7fff : rng_once(r, 6) ?
                 (unsigned)rng_next(r) & 0x7fff : 16383 - 40 + rng_below(r, 84);

    return (uint16_t)(e | rng_below(r, 2) << 15);
}

static void start_x87(struct rng *r, uint8_t *fx)
{
    static const uint64_t edges[] = { 0, 1, UINT64_C(3) << 62, UINT64_MAX, UINT64_C(1) << 63,
                                      UINT64_C(0xfffffffffffff800), UINT64_C(0xffffff0000000000) };

    unsigned masks = rng_below(r, 8) ? 0x3f : (unsigned)rng_next(r) & 0x3f;
    unsigned pending = rng_once(r, 8) ? 0x7f7f : 0x7f00;

    put16(fx, 0x40 | masks | ((unsigned)rng_next(r) & 15) << 8);
    put16(fx + 2, (unsigned)rng_next(r) & pending);
    fx[4] = rng_below(r, 3) ? 0xff : (uint8_t)rng_next(r);
    for (unsigned i = 0; i < 8; i++) {
        uint16_t se = f80_exponent(r);
        uint64_t m = rng_below(r, 4) ? rng_next(r) : UINT64_C(1) << rng_below(r, 64);

        if (rng_once(r, 4))
            m = edges[rng_below(r, sizeof edges / sizeof edges[0])];
        if ((se & 0x7fff) && rng_below(r, 30))
            m |= UINT64_C(1) << 63;
        memcpy(fx + 32 + 16 * i, &m, 8);
        memcpy(fx + 40 + 16 * i, &se, 2);
    }
}

static void start_fx(struct rng *r, uint8_t *fx)
{
    unsigned masks = rng_below(r, 6) ? 0x1f80 : (unsigned)rng_next(r) & 0x1f80;
    unsigned modes = rng_below(r, 4) ? 0x6000 : 0xe040, flags = rng_below(r, 4) ? 0 : 0x3f;

    start_x87(r, fx);
    put16(fx + 24, masks | ((unsigned)rng_next(r) & (modes | flags)));
    for (unsigned i = 0; i < 8; i++)
        for (unsigned k = 0; k < 16; k += 8) {
            uint64_t v = rng_below(r, 2) ? float_bits(r, 52) : float_bits(r, 23);

            if (v >> 32 == 0)
                v |= float_bits(r, 23) << 32;
            memcpy(fx + 160 + 16 * i + k, &v, 8);
        }
}

/* ---- all of it ---- */

static void start_registers(struct rng *r, const struct gen_place *p, struct witness *s)
{
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = rng_edge(r);
    s->gpr[RBX] = gen_pointer(r, p, DS);
    s->gpr[RSI] = rng_below(r, 8) ? gen_pointer(r, p, DS) : s->gpr[RSI];
    s->gpr[RDI] = rng_below(r, 8) ? gen_pointer(r, p, ES) : s->gpr[RDI];
    s->gpr[RBP] = rng_below(r, 8) ? gen_pointer(r, p, SS) : s->gpr[RBP];
    s->gpr[RSP] = gen_pointer(r, p, SS) & (rng_once(r, 10) ? ~0u : ~3u);
    s->gpr[RCX] = rng_below(r, 2) ? rng_below(r, 40) : s->gpr[RCX];
    for (unsigned i = RAX; i <= RDX; i++)
        if (rng_once(r, 6))
            s->gpr[i] = (s->gpr[i] & 0xffff0000) | gen_selector(r);
}

void gen_start(struct rng *r, struct gen_place *p, struct sequence *q)
{
    struct witness *s = &q->start;
    uint32_t mask = FL_ARITH;
    bool big_stack;

    start_code(r, p, q);
    for (unsigned i = 0; i < X86_NSEG; i++)
        if (i != CS)
            start_segment(r, p, q, i);
    start_registers(r, p, s);
    mask |= rng_once(r, 4) ? FL_DF : 0;
    mask |= rng_once(r, 8) ? FL_AC | FL_ID : 0;
    s->eflags = (uint32_t)rng_next(r) & mask;
    big_stack = s->seg[SS] == SEL_DATA || (q->code.ldt[s->seg[SS] >> 3] >> 54 & 1);
    if (big_stack && rng_once(r, 40))
        s->eflags |= FL_TF;                                /* IRET could not load ESP else */
    start_fx(r, s->fx);
}

void gen_data(struct rng *r, uint8_t *data, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i += 8) {
        uint64_t v = rng_next(r);

        memcpy(data + i, &v, 8);
    }
}
