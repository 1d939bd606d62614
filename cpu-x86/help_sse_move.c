/* help_sse_move.c - MMX and SSE: operands, moves and shuffles. SDM vol. 2. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/sse_priv.h"
#include "cpu-x86/x87_priv.h"

/* ---- operands ---- */

static bool uses(const struct x86_insn *I, enum x86_opnd_kind kind)
{
    return I->o[0].kind == kind || I->o[1].kind == kind;
}

void sse_enter(struct x86_cpu *c, const struct x86_insn *I)
{
    if ((c->cr0 & CR0_EM) || (uses(I, K_XMM) && !(c->cr4 & CR4_OSFXSR)))
        x86_raise(c, EXC_UD);
    if (c->cr0 & CR0_TS)
        x86_raise(c, EXC_NM);
    if (uses(I, K_MMX))
        x87_enter(c);
    if (I->o[0].kind == K_MEM && I->o[1].kind == K_MMX)
        c->fpu.sw &= (uint16_t)~FSW_TOP;     /* the chips do it even when the store faults */
}

/* The chips look at the alignment before the limit: #GP(0) also beyond the stack's end. */
static uint32_t place(struct x86_cpu *c, const struct x86_insn *I, unsigned n, enum x86_access acc)
{
    uint32_t off = x86_ea(c, I);
    bool any = I->sem == SEM_movu;

    if (n == 16 && ((c->seg[I->seg].base + off) & 15) && !any)
        x86_raise_ec(c, EXC_GP, 0);
    return x86_lin(c, I->seg, off, n, acc);
}

union x86_xmm sse_get(struct x86_cpu *c, const struct x86_insn *I, unsigned k)
{
    const struct x86_opnd *o = &I->o[k];
    union x86_xmm v = { .q = { 0, 0 } };

    switch ((enum x86_opnd_kind)o->kind) {
    case K_XMM: return c->xmm[o->reg];
    case K_MMX: v.q[0] = c->fpu.st[o->reg].m; break;
    case K_REG: v.d[0] = x86_gpr(c, o->off, o->size); break;
    case K_IMM: v.q[0] = I->imm & 0xff; break;
    case K_MEM: x86_ld_bytes(c, place(c, I, o->size, ACC_R), &v, o->size); break;
    case K_NONE: case K_SEG: case K_CR: case K_DR: case K_ST: break;
    }
    return v;
}

/* MMX registers are the significands of the x87 stack, TOP becomes 0 and all are in use. */
void sse_mmx_state(struct x86_cpu *c, const struct x86_insn *I)
{
    if (!uses(I, K_MMX))
        return;
    c->fpu.sw &= (uint16_t)~FSW_TOP;
    c->fpu.tw = 0;
}

void sse_put(struct x86_cpu *c, const struct x86_insn *I, unsigned k, union x86_xmm v, unsigned n)
{
    const struct x86_opnd *o = &I->o[k];

    switch ((enum x86_opnd_kind)o->kind) {
    case K_XMM: memcpy(&c->xmm[o->reg], &v, n); break;
    case K_MMX: c->fpu.st[o->reg] = (struct f80){ .m = v.q[0], .se = 0xffff }; break;
    case K_REG: x86_set_gpr(c, o->off, v.d[0], o->size); break;
    case K_MEM: x86_st_bytes(c, place(c, I, o->size, ACC_W), &v, o->size); break;
    case K_NONE: case K_IMM: case K_SEG: case K_CR: case K_DR: case K_ST: break;
    }
    sse_mmx_state(c, I);
}

HELP(emms)
{
    (void)I;
    if (c->cr0 & CR0_EM)
        x86_raise(c, EXC_UD);
    x87_enter(c);
    c->fpu.sw &= (uint16_t)~FSW_TOP;         /* not in the SDM, but what the chips do */
    c->fpu.tw = 0xffff;
}

/* ---- moves ---- */

static void move(struct x86_cpu *c, const struct x86_insn *I)
{
    sse_enter(c, I);
    sse_put(c, I, 0, sse_get(c, I, 1), 16);
}
HELP(mova) { move(c, I); }
HELP(movu) { move(c, I); }
HELP(movd)
{
    union x86_xmm v = { .q = { 0, 0 } };

    sse_enter(c, I);
    v.d[0] = sse_get(c, I, 1).d[0];
    sse_put(c, I, 0, v, 16);
}
HELP(movq)
{
    union x86_xmm v = { .q = { 0, 0 } };

    sse_enter(c, I);
    v.q[0] = sse_get(c, I, 1).q[0];
    sse_put(c, I, 0, v, 16);
}

/* Between registers only the low element moves; a load clears the rest. */
HELP(movs32)
{
    sse_enter(c, I);
    sse_put(c, I, 0, sse_get(c, I, 1), I->o[1].kind == K_MEM ? 16 : 4);
}
HELP(movs64)
{
    sse_enter(c, I);
    sse_put(c, I, 0, sse_get(c, I, 1), I->o[1].kind == K_MEM ? 16 : 8);
}
HELP(movl)
{
    sse_enter(c, I);
    sse_put(c, I, 0, sse_get(c, I, 1), 8);
}
HELP(movh)
{
    union x86_xmm d, s;

    sse_enter(c, I);
    s = sse_get(c, I, 1);
    if (I->o[0].kind == K_MEM) {
        s.q[0] = s.q[1];
        sse_put(c, I, 0, s, 8);
        return;
    }
    d = sse_get(c, I, 0);
    d.q[1] = s.q[0];
    sse_put(c, I, 0, d, 16);
}

/* What is left are rearrangements of the destination and the source. */
typedef union x86_xmm shuffle_fn(union x86_xmm d, union x86_xmm s, unsigned imm, unsigned n);

static void shuffle(struct x86_cpu *c, const struct x86_insn *I, shuffle_fn *fn)
{
    union x86_xmm s;

    sse_enter(c, I);
    s = sse_get(c, I, 1);
    sse_put(c, I, 0, fn(sse_get(c, I, 0), s, I->imm & 0xff, I->o[0].size), 16);
}
#define SHUFFLE(name)                                                                         \
    static union x86_xmm name##_of(union x86_xmm d, union x86_xmm s, unsigned imm, unsigned n); \
    HELP(name) { shuffle(c, I, name##_of); }                                                  \
    static union x86_xmm name##_of(union x86_xmm d, union x86_xmm s, unsigned imm, unsigned n)
#define UNUSED_HERE() ((void)d, (void)s, (void)imm, (void)n)

SHUFFLE(movhl) { UNUSED_HERE(); d.q[0] = s.q[1]; return d; }
SHUFFLE(movlh) { UNUSED_HERE(); d.q[1] = s.q[0]; return d; }
SHUFFLE(movsldup) { UNUSED_HERE(); s.d[1] = s.d[0]; s.d[3] = s.d[2]; return s; }
SHUFFLE(movshdup) { UNUSED_HERE(); s.d[0] = s.d[1]; s.d[2] = s.d[3]; return s; }
SHUFFLE(movddup) { UNUSED_HERE(); s.q[1] = s.q[0]; return s; }
SHUFFLE(pshufd)
{
    UNUSED_HERE();
    for (unsigned i = 0; i < 4; i++)
        d.d[i] = s.d[imm >> 2 * i & 3];
    return d;
}

/* Four words from `at` by the immediate. */
static union x86_xmm words(union x86_xmm s, unsigned imm, unsigned at)
{
    union x86_xmm d = s;

    for (unsigned i = 0; i < 4; i++)
        d.w[at + i] = s.w[at + (imm >> 2 * i & 3)];
    return d;
}
SHUFFLE(pshufw) { UNUSED_HERE(); return words(s, imm, 0); }
SHUFFLE(pshuflw) { UNUSED_HERE(); return words(s, imm, 0); }
SHUFFLE(pshufhw) { UNUSED_HERE(); return words(s, imm, 4); }
SHUFFLE(shufps)
{
    UNUSED_HERE();
    return (union x86_xmm){ .d = { d.d[imm & 3], d.d[imm >> 2 & 3], s.d[imm >> 4 & 3],
                                   s.d[imm >> 6 & 3] } };
}
SHUFFLE(shufpd)
{
    UNUSED_HERE();
    return (union x86_xmm){ .q = { d.q[imm & 1], s.q[imm >> 1 & 1] } };
}
SHUFFLE(pinsrw) { UNUSED_HERE(); d.w[imm & (n / 2 - 1)] = s.w[0]; return d; }

/* Interleaves: element i of the half of d, then that of s. */
#define UNPACK(name, lane, size, high)                                       \
    SHUFFLE(name)                                                            \
    {                                                                        \
        union x86_xmm r = { .q = { 0, 0 } };                                 \
        unsigned half = n / (size) / 2, from = (high) ? half : 0;            \
                                                                             \
        UNUSED_HERE();                                                       \
        for (unsigned i = 0; i < half; i++) {                                \
            r.lane[2 * i] = d.lane[from + i];                                \
            r.lane[2 * i + 1] = s.lane[from + i];                            \
        }                                                                    \
        return r;                                                            \
    }
UNPACK(punpcklbw, b, 1, false)
UNPACK(punpcklwd, w, 2, false)
UNPACK(punpckldq, d, 4, false)
UNPACK(punpcklqdq, q, 8, false)
UNPACK(punpckhbw, b, 1, true)
UNPACK(punpckhwd, w, 2, true)
UNPACK(punpckhdq, d, 4, true)
UNPACK(punpckhqdq, q, 8, true)

/* ---- to general registers ---- */

HELP(pextrw)
{
    union x86_xmm s, r = { .q = { 0, 0 } };

    sse_enter(c, I);
    s = sse_get(c, I, 1);
    r.d[0] = s.w[I->imm & (I->o[1].size / 2 - 1)];
    sse_put(c, I, 0, r, 4);
}
HELP(pmovmskb)
{
    union x86_xmm s, r = { .q = { 0, 0 } };

    sse_enter(c, I);
    s = sse_get(c, I, 1);
    for (unsigned i = 0; i < I->o[1].size; i++)
        r.d[0] |= (uint32_t)(s.b[i] >> 7) << i;
    sse_put(c, I, 0, r, 4);
}
HELP(movmskps)
{
    union x86_xmm s, r = { .q = { 0, 0 } };

    sse_enter(c, I);
    s = sse_get(c, I, 1);
    for (unsigned i = 0; i < 4; i++)
        r.d[0] |= s.d[i] >> 31 << i;
    sse_put(c, I, 0, r, 4);
}
HELP(movmskpd)
{
    union x86_xmm s, r = { .q = { 0, 0 } };

    sse_enter(c, I);
    s = sse_get(c, I, 1);
    r.d[0] = (uint32_t)(s.q[0] >> 63 | s.q[1] >> 63 << 1);
    sse_put(c, I, 0, r, 4);
}

/* The bytes of o[0] whose byte in o[1] has its top bit set, to [rDI]. The upper 8 bytes are checked
 * first, each half whether or not it will be written and with its own wrap at 16 bits: that is how
 * the chips fault. */
HELP(maskmov)
{
    union x86_xmm v, mask;
    unsigned n = I->o[0].size;
    uint32_t wrap = I->asz == 2 ? 0xffff : 0xffffffff, off = (uint32_t)c->gpr[RDI] & wrap, lin[2];

    sse_enter(c, I);
    v = sse_get(c, I, 0);
    mask = sse_get(c, I, 1);
    sse_mmx_state(c, I);             /* before the store can fault, as on the chips */
    for (unsigned half = n / 8; half-- > 0;) {
        lin[half] = x86_lin(c, I->seg, (off + 8 * half) & wrap, 8, ACC_W);
        x86_check_write(c, lin[half], 8);
    }
    for (unsigned i = 0; i < n; i++)
        if (mask.b[i] & 0x80)
            x86_st_lin(c, lin[i / 8] + i % 8, v.b[i], 1);
}
