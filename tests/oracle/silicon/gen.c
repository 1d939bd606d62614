/* gen.c - random bytes that the decoder accepts, with operands from edge sets.
 *
 * What a sequence may hold: everything unprivileged that neither leaves the straight line nor
 * loads a segment register nor tells the witness from us (CPUID, RDTSC). */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/silicon/gen.h"
#include <string.h>
#include "cpu-x86/state.h"

uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static unsigned below(struct rng *r, unsigned n) { return (unsigned)(rng_next(r) >> 33) % n; }

bool gen_excludes(const struct x86_insn *I)
{
    switch (I->sem) {
    case SEM_jmp: case SEM_jcc: case SEM_call: case SEM_ret: case SEM_jmpn: case SEM_calln:
    case SEM_loop: case SEM_loope: case SEM_loopne: case SEM_jcxz:
    case SEM_jmpf: case SEM_jmpfm: case SEM_callf: case SEM_callfm: case SEM_retf: case SEM_iret:
    case SEM_int: case SEM_int3: case SEM_int1: case SEM_into: case SEM_sysenter: case SEM_sysexit:
    case SEM_popseg: case SEM_movtoseg: case SEM_les: case SEM_lds: case SEM_lss: case SEM_lfs:
    case SEM_lgs: case SEM_pushseg: case SEM_movfromseg: case SEM_popf: case SEM_cpuid:
    case SEM_rdtsc: case SEM_rdpmc: case SEM_ud: case SEM_sgdt: case SEM_sidt: case SEM_sldt:
    case SEM_str: case SEM_smsw: case SEM_lar: case SEM_lsl: case SEM_verr: case SEM_verw:
    case SEM_arpl: case SEM_enter:
    /* these store or load the last instruction's address, or are not exact by definition */
    case SEM_fnstenv: case SEM_fnsave: case SEM_fldenv: case SEM_frstor: case SEM_fxsave:
    case SEM_fxrstor: case SEM_f2xm1: case SEM_fyl2x: case SEM_fyl2xp1: case SEM_fptan:
    case SEM_fpatan: case SEM_fsin: case SEM_fcos: case SEM_fsincos: case SEM_rcpps:
    case SEM_rsqrtps:
        return true;
    case SEM_bsf: case SEM_bsr:      /* F3: TZCNT and LZCNT on today's chips */
        return (I->flags & X86F_REP) || I->seg >= FS || I->seg == CS;
    }
    return I->seg >= FS || I->seg == CS;
}

/* ---- flags that the SDM leaves undefined (vol. 2, each instruction's page) ---- */

struct flag_rule { uint16_t sem; uint32_t open, defined; };
#define ALL FL_ARITH
static const struct flag_rule rules[] = {
    { SEM_and, FL_AF, ALL }, { SEM_or, FL_AF, ALL }, { SEM_xor, FL_AF, ALL },
    { SEM_test, FL_AF, ALL },
    { SEM_add, 0, ALL }, { SEM_sub, 0, ALL }, { SEM_adc, 0, ALL }, { SEM_sbb, 0, ALL },
    { SEM_cmp, 0, ALL }, { SEM_neg, 0, ALL }, { SEM_xadd, 0, ALL }, { SEM_cmpxchg, 0, ALL },
    { SEM_inc, 0, ALL & ~FL_CF }, { SEM_dec, 0, ALL & ~FL_CF },
    { SEM_cmps, 0, 0 }, { SEM_scas, 0, 0 }, { SEM_sahf, 0, ALL & ~FL_OF },
    { SEM_clc, 0, FL_CF }, { SEM_stc, 0, FL_CF }, { SEM_cmc, 0, 0 },
    { SEM_mul, FL_SF | FL_ZF | FL_AF | FL_PF, ALL },
    { SEM_imul1, FL_SF | FL_ZF | FL_AF | FL_PF, ALL },
    { SEM_imul2, FL_SF | FL_ZF | FL_AF | FL_PF, ALL },
    { SEM_imul3, FL_SF | FL_ZF | FL_AF | FL_PF, ALL },
    { SEM_div, ALL, 0 }, { SEM_idiv, ALL, 0 },
    { SEM_bsf, ALL & ~FL_ZF, ALL }, { SEM_bsr, ALL & ~FL_ZF, ALL },
    { SEM_bt, ALL & ~(FL_CF | FL_ZF), FL_CF }, { SEM_bts, ALL & ~(FL_CF | FL_ZF), FL_CF },
    { SEM_btr, ALL & ~(FL_CF | FL_ZF), FL_CF }, { SEM_btc, ALL & ~(FL_CF | FL_ZF), FL_CF },
    { SEM_shl, FL_AF | FL_OF | FL_CF, 0 }, { SEM_shr, FL_AF | FL_OF | FL_CF, 0 },
    { SEM_sar, FL_AF | FL_OF, 0 },
    { SEM_rol, FL_OF, 0 }, { SEM_ror, FL_OF, 0 }, { SEM_rcl, FL_OF, 0 }, { SEM_rcr, FL_OF, 0 },
    { SEM_shld, ALL, 0 }, { SEM_shldcl, ALL, 0 }, { SEM_shrd, ALL, 0 }, { SEM_shrdcl, ALL, 0 },
    { SEM_daa, FL_OF, ALL }, { SEM_das, FL_OF, ALL },
    { SEM_aaa, FL_OF | FL_SF | FL_ZF | FL_PF, ALL },
    { SEM_aas, FL_OF | FL_SF | FL_ZF | FL_PF, ALL },
    { SEM_aam, FL_OF | FL_AF | FL_CF, ALL }, { SEM_aad, FL_OF | FL_AF | FL_CF, ALL },
    { SEM_cmpxchg8b, 0, FL_ZF },
};

static const uint32_t reads[SEM_COUNT] = {
#define SEMS(n, forms, rd, wr, help) [SEM_##n] = rd,
#include "cpu-x86/sems.def"
#undef SEMS
};

/* Flags read to be kept are not a use: shifts by 0 leave them as they are. */
static uint32_t uses(const struct x86_insn *I)
{
    switch (I->sem) {
    case SEM_shl: case SEM_shr: case SEM_sar: case SEM_rol: case SEM_ror:
    case SEM_shld: case SEM_shldcl: case SEM_shrd: case SEM_shrdcl:
        return 0;
    case SEM_rcl: case SEM_rcr:
        return FL_CF;
    case SEM_daa: case SEM_das:
        return FL_CF | FL_AF;
    case SEM_aaa: case SEM_aas:
        return FL_AF;
    }
    return reads[I->sem];
}

static uint32_t count_of(const struct x86_insn *I)
{
    return I->o[1].kind == K_IMM ? (uint32_t)I->imm & 31 : 99;
}

/* Shifts by a constant leave less open. */
static struct flag_rule rule_of(const struct x86_insn *I)
{
    struct flag_rule none = { I->sem, 0, 0 };

    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct flag_rule f = rules[i];

        if (f.sem != I->sem)
            continue;
        if ((f.sem == SEM_shl || f.sem == SEM_shr || f.sem == SEM_sar) && count_of(I) == 1)
            return (struct flag_rule){ f.sem, FL_AF, ALL };
        if (f.sem == SEM_shl || f.sem == SEM_shr)
            f.open &= count_of(I) < 8u * I->osz || I->osz == 4 ? ~(uint32_t)FL_CF : ~0u;
        return f;
    }
    return none;
}

/* ---- bytes ---- */

static uint32_t edge(struct rng *r)
{
    static const uint32_t edges[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000,
                                      0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x55555555 };

    switch (below(r, 4)) {
    case 0:  return (uint32_t)rng_next(r);
    case 1:  return below(r, 64);
    default: return edges[below(r, sizeof edges / sizeof edges[0])];
    }
}

static uint32_t pointer(struct rng *r)
{
    return NATIVE_DATA + 0x400 + below(r, NATIVE_DATA_BYTES - 0x800);
}

static unsigned put_prefixes(struct rng *r, uint8_t *p)
{
    static const uint8_t odd[] = { 0x26, 0x36, 0x3e, 0xf0, 0xf2, 0xf3, 0x66 };
    unsigned n = 0;

    if (below(r, 5) == 0)
        p[n++] = 0x66;
    if (below(r, 24) == 0)
        p[n++] = 0x67;
    if (below(r, 10) == 0)
        p[n++] = odd[below(r, sizeof odd)];
    return n;
}

/* Half of it in the two-byte map, with SSE's prefixes; some for the x87. */
static unsigned put_opcode(struct rng *r, uint8_t *p)
{
    static const uint8_t sse[] = { 0x66, 0xf2, 0xf3 };
    unsigned n = 0, kind = below(r, 8);

    if (kind < 3) {
        if (below(r, 2))
            p[n++] = sse[below(r, 3)];
        p[n++] = 0x0f;
    }
    p[n++] = kind == 3 ? (uint8_t)(0xd8 + below(r, 8)) : (uint8_t)rng_next(r);
    return n;
}

/* One instruction at p, at most 15 bytes; its length. */
static unsigned put_insn(struct rng *r, uint8_t *p, struct x86_insn *I)
{
    uint8_t b[24];

    for (;;) {
        uint32_t disp = below(r, 2) ? pointer(r) : edge(r);
        unsigned n = put_prefixes(r, b);
        int len;

        n += put_opcode(r, b + n);
        b[n] = (uint8_t)rng_next(r);
        if (b[n] >> 6 != 3 && below(r, 2))       /* favour small displacements off a base */
            b[n] = (b[n] & 0x3f) | 0x40;
        n++;
        b[n++] = (uint8_t)rng_next(r);
        memcpy(b + n, &disp, 4);
        if ((b[n - 2] & 0xc7) == 5 || (b[n - 2] & 0xc7) == 0x85)
            memcpy(b + n - 1, &disp, 4);
        for (unsigned i = n + 4; i < sizeof b; i++)
            b[i] = (uint8_t)rng_next(r);
        len = x86_decode(I, b, 15, true);
        if (len <= 0 || gen_excludes(I))
            continue;
        memcpy(p, b, (unsigned)len);
        return (unsigned)len;
    }
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

/* A floating-point bit pattern: exponents and fractions near the edges of the format. */
static uint64_t float_bits(struct rng *r, unsigned fraction)
{
    static const uint64_t fractions[] = { 0, 1, UINT64_MAX, UINT64_C(1) << 63, UINT64_C(3) << 62 };
    uint64_t f = below(r, 2) ? rng_next(r) : fractions[below(r, 5)];
    unsigned bits = fraction == 23 ? 8 : 11, bias = (1u << (bits - 1)) - 1, e;

    switch (below(r, 5)) {
    case 0:  e = 0; break;
    case 1:  e = 2 * bias + 1; break;
    case 2:  e = below(r, 2) ? 1 + below(r, 3) : 2 * bias - below(r, 3); break;
    default: e = bias - 30 + below(r, 64); break;
    }
    return f >> (64 - fraction) | (uint64_t)e << fraction |
           (uint64_t)below(r, 2) << (fraction + bits);
}

static uint16_t f80_exponent(struct rng *r)
{
    unsigned e = below(r, 8) == 0 ? 0 : below(r, 8) == 0 ? 0x7fff : below(r, 6) == 0 ?
                 (unsigned)rng_next(r) & 0x7fff : 16383 - 40 + below(r, 84);

    return (uint16_t)(e | below(r, 2) << 15);
}

static void start_x87(struct rng *r, uint8_t *fx)
{
    put16(fx, 0x40 | (below(r, 8) ? 0x3f : (unsigned)rng_next(r) & 0x3f) |
              ((unsigned)rng_next(r) & 15) << 8);
    put16(fx + 2, (unsigned)rng_next(r) & 0x7f00);
    fx[4] = below(r, 3) ? 0xff : (uint8_t)rng_next(r);
    for (unsigned i = 0; i < 8; i++) {
        uint16_t se = f80_exponent(r);
        uint64_t m = below(r, 4) ? rng_next(r) : UINT64_C(1) << below(r, 64);

        if ((se & 0x7fff) && below(r, 30))
            m |= UINT64_C(1) << 63;
        memcpy(fx + 32 + 16 * i, &m, 8);
        memcpy(fx + 40 + 16 * i, &se, 2);
    }
}

static void start_fx(struct rng *r, uint8_t *fx)
{
    unsigned masks = below(r, 6) ? 0x1f80 : (unsigned)rng_next(r) & 0x1f80;

    start_x87(r, fx);
    put16(fx + 24, masks | ((unsigned)rng_next(r) & 0x6000) |
                   (below(r, 4) ? 0 : (unsigned)rng_next(r) & 0x8040));
    for (unsigned i = 0; i < 8; i++)
        for (unsigned k = 0; k < 16; k += 8) {
            uint64_t v = below(r, 2) ? float_bits(r, 52) :
                         float_bits(r, 23) | float_bits(r, 23) << 32;

            memcpy(fx + 160 + 16 * i + k, &v, 8);
        }
}

static void start_state(struct rng *r, struct witness *s)
{
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = edge(r);
    s->gpr[RBX] = pointer(r);
    s->gpr[RSP] = pointer(r) & ~3u;
    for (unsigned i = RBP; i <= RDI; i++)
        if (below(r, 8))
            s->gpr[i] = pointer(r);
    s->gpr[RCX] = below(r, 2) ? below(r, 40) : s->gpr[RCX];
    s->eflags = (uint32_t)rng_next(r) & FL_ARITH;
    start_fx(r, s->fx);
}

void gen_sequence(struct rng *r, struct sequence *q)
{
    unsigned want = 1 + below(r, GEN_MAX);

    start_state(r, &q->start);
    q->bytes = q->n = 0;
    q->undefined[0] = 0;
    while (q->n < want) {
        struct x86_insn *I = &q->insn[q->n];
        unsigned len = put_insn(r, q->code + q->bytes, I);
        struct flag_rule f = rule_of(I);

        if (uses(I) & q->undefined[q->n])
            continue;
        q->undefined[q->n + 1] = (q->undefined[q->n] & ~f.defined) | f.open;
        q->bytes += len;
        q->n++;
    }
}

void gen_data(struct rng *r, uint8_t *data, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i += 8) {
        uint64_t v = rng_next(r);

        memcpy(data + i, &v, 8);
    }
}
