/* gen_insn.c - one instruction of a row: prefixes in any order, ModRM, displacement, immediate. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "cpu-x86/state.h"
#include "tests/oracle/silicon/gen_priv.h"
#include "tests/oracle/silicon/rows.h"

/* The rows, map by map. */
#define X(...)  ROW_ID,
#define XP(...) ROW_ID,
#define X8(...) ROW_ID,
static const uint16_t rows_1[] = {
#define ROW_ID ROW_CAT(ROW_1_, __LINE__)
#include "cpu-x86/insn.def"
#undef ROW_ID
};
static const uint16_t rows_0f[] = {
#define ROW_ID ROW_CAT(ROW_0F_, __LINE__)
#include "cpu-x86/insn_0f.def"
#undef ROW_ID
};
static const uint16_t rows_x87[] = {
#define ROW_ID ROW_CAT(ROW_X87_, __LINE__)
#include "cpu-x86/insn_x87.def"
#undef ROW_ID
};
static const uint16_t rows_sse[] = {
#define ROW_ID ROW_CAT(ROW_SSE_, __LINE__)
#include "cpu-x86/insn_sse.def"
#undef ROW_ID
};
#undef X
#undef XP
#undef X8

#define PICK(r, list) (list)[rng_below(r, sizeof(list) / sizeof(list)[0])]

static unsigned pick_row(struct rng *r, enum gen_theme theme)
{
    static const uint8_t shares[THEME_COUNT][4] = {        /* of 16: one-byte, 0F, x87, SSE */
        { 8, 2, 3, 3 }, { 12, 4, 0, 0 }, { 2, 0, 14, 0 }, { 2, 0, 0, 14 }
    };
    unsigned k = rng_below(r, 16), map = 0;

    while (k >= shares[theme][map])
        k -= shares[theme][map++];
    switch (map) {
    case 0:  return PICK(r, rows_1);
    case 1:  return PICK(r, rows_0f);
    case 2:  return PICK(r, rows_x87);
    default: return PICK(r, rows_sse);
    }
}

/* ---- prefixes ---- */

static bool is_string(unsigned sem)
{
    return sem >= SEM_movs && sem <= SEM_outs;
}

static unsigned wanted_prefixes(struct rng *r, const struct gen_place *p, unsigned row, uint8_t *b)
{
    static const uint8_t segs[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    const struct row_bytes *e = &row_bytes[row];
    unsigned n = 0, often = p->code16 ? 3 : 1;

    if (e->prefix && e->sel != S_X8)
        b[n++] = e->prefix;
    if (!e->mandatory && rng_below(r, 15) < 3 * often)
        b[n++] = 0x66;
    if (rng_below(r, 24) < often)
        b[n++] = 0x67;
    if (rng_once(r, 8))
        b[n++] = PICK(r, segs);
    if (rng_once(r, x86_rows[row].flags & X86F_LOCK ? 10 : 80))
        b[n++] = 0xf0;
    if (!e->mandatory && rng_once(r, is_string(x86_rows[row].sem) ? 2 : 40))
        b[n++] = 0xf2 + (uint8_t)rng_below(r, 2);
    return n;
}

/* In any order; now and then some again, up to more than an instruction may have. */
static unsigned put_prefixes(struct rng *r, const struct gen_place *p, unsigned row, uint8_t *b)
{
    unsigned n = wanted_prefixes(r, p, row, b);

    if (n && rng_once(r, 60))
        for (unsigned more = 1 + rng_below(r, 12); more && n < 14; more--, n++)
            b[n] = b[rng_below(r, n)];
    for (unsigned i = n; i > 1; i--) {
        unsigned k = rng_below(r, i);
        uint8_t b1 = b[k];

        b[k] = b[i - 1];
        b[i - 1] = b1;
    }
    return n;
}

/* ---- ModRM and what follows ---- */

/* Memory is mostly by the registers that point to something. */
static uint8_t modrm_for(struct rng *r, unsigned sel, bool wide)
{
    static const uint8_t pointers[2][4] = { { 4, 5, 6, 7 }, { 3, 5, 6, 7 } };
    uint8_t any = (uint8_t)rng_next(r), reg = 0xc0 | any;
    uint8_t mod = rng_below(r, 2) ? 0x40 : rng_once(r, 3) ? 0x80 : 0, mem = (any & 0x3f) | mod;

    if (rng_below(r, 4))
        mem = (mem & 0xf8) | pointers[wide][rng_below(r, 4)];
    if (sel >= S_R0)
        return 0xc0 | (uint8_t)(sel - S_R0) << 3 | (any & 7);
    if (sel >= S_M0)
        return (mem & 0xc7) | (uint8_t)(sel - S_M0) << 3;
    if (sel == S_MEM)
        return mem;
    if (sel == S_REG)
        return reg;
    if (rng_below(r, 2))
        mem = reg;
    if (sel >= S_G0)
        return (mem & 0xc7) | (uint8_t)(sel - S_G0) << 3;
    return mem;
}

static unsigned put_displacement(struct rng *r, const struct gen_place *p, uint8_t *b, bool alone,
                                 unsigned bytes)
{
    uint32_t v = alone ? gen_pointer(r, p, DS) : rng_below(r, 4) ? rng_below(r, 256) - 128u :
                 rng_edge(r);

    if (!alone && rng_below(r, 2))
        v &= ~15u;                                         /* so that an aligned pointer stays so */
    memcpy(b, &v, 4);
    return bytes;
}

static unsigned put_memory(struct rng *r, const struct gen_place *p, uint8_t *b, uint8_t modrm,
                           bool wide)
{
    unsigned mod = modrm >> 6, rm = modrm & 7, n = 0;

    if (mod == 3)
        return 0;
    if (!wide)
        return mod == 1 ? put_displacement(r, p, b, false, 1) :
               mod == 2 ? put_displacement(r, p, b, false, 2) :
               rm == 6 ? put_displacement(r, p, b, true, 2) : 0;
    if (rm == 4) {
        b[n] = (uint8_t)rng_next(r);
        if (rng_below(r, 3))                               /* no index: the base is a pointer */
            b[n] = (b[n] & 0x07) | 0x20;
        rm = b[n++] & 7;
    }
    if (mod == 1)
        return n + put_displacement(r, p, b + n, false, 1);
    if (mod == 2)
        return n + put_displacement(r, p, b + n, false, 4);
    return rm == 5 ? n + put_displacement(r, p, b + n, true, 4) : n;
}

static unsigned put_opcode(struct rng *r, unsigned row, uint8_t *b)
{
    const struct row_bytes *e = &row_bytes[row];
    unsigned n = 0;

    if (e->map)
        b[n++] = e->map;
    if (e->sel == S_X8) {
        b[n++] = e->prefix;                                /* here: the opcode, D8-DF */
        b[n++] = (uint8_t)(e->op + rng_below(r, e->n));
    } else {
        b[n++] = (uint8_t)(e->op + rng_below(r, e->n));
    }
    return n;
}

static void put_immediate(struct rng *r, const struct gen_place *p, unsigned row, uint8_t *b)
{
    uint32_t v = row_has_offset(row) ? gen_pointer(r, p, DS) : rng_edge(r), w = rng_edge(r);

    memcpy(b, &v, 4);
    memcpy(b + 4, &w, 4);
    if (x86_rows[row].sem == SEM_enter) {                  /* levels that a stack can hold */
        b[1] = 0;
        b[2] &= rng_below(r, 2) ? 3 : 31;
    } else if (x86_rows[row].sem == SEM_ret || x86_rows[row].sem == SEM_retf) {
        b[1] = 0;
    }
}

static bool wanted(const struct x86_insn *I, unsigned row)
{
    return I->row == row && !insn_excluded(I);
}

unsigned gen_insn(struct rng *r, const struct gen_place *p, uint8_t *out, struct x86_insn *I)
{
    uint8_t b[48];

    for (;;) {
        unsigned row = pick_row(r, p->theme), n, sel = row_bytes[row].sel;
        bool wide = !p->code16;
        int len;

        if (row_excluded(row) || (row_is_privileged(row) && rng_below(r, 8)))
            continue;
        n = put_prefixes(r, p, row, b);
        wide ^= memchr(b, 0x67, n) != NULL;
        n += put_opcode(r, row, b + n);
        if (sel != S_X8 && row_has_modrm(row)) {
            b[n] = modrm_for(r, sel, wide);
            n++;
            n += put_memory(r, p, b + n, b[n - 1], wide);
        }
        put_immediate(r, p, row, b + n);
        len = x86_decode(I, b, 15, !p->code16);
        if (!wanted(I, row))
            continue;
        if (len == DEC_GP) {                               /* #GP: too long */
            len = I->len = 15;
            I->row = ROW_NONE;
        } else if (len == DEC_UD && (I->flags & X86F_HAS_LOCK)) {
            len = I->len;                                  /* #UD: LOCK where it may not be */
        }
        if (len <= 0)
            continue;
        memcpy(out, b, (unsigned)len);
        return (unsigned)len;
    }
}
