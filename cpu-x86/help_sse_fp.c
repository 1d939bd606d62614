/* help_sse_fp.c - SSE, SSE2 and SSE3 floating point: lanes over fp_sse.h, MXCSR, #XM. SDM vol. 1
 * 11.5, vol. 2. The source operand's size tells how many lanes there are. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/flags.h"
#include "cpu-x86/fp_sse.h"
#include "cpu-x86/sse_priv.h"

struct work {                        /* one instruction on its way */
    struct sse_env e;
    union x86_xmm  d, s;
    unsigned       n;                /* source bytes */
};

static struct work begin(struct x86_cpu *c, const struct x86_insn *I)
{
    struct work w;

    sse_enter(c, I);
    w.s = sse_get(c, I, 1);
    w.d = I->o[0].kind == K_XMM ? sse_get(c, I, 0) : (union x86_xmm){ .q = { 0, 0 } };
    w.e = (struct sse_env){ .mxcsr = c->mxcsr };
    w.n = I->o[1].size;
    return w;
}

/* Flags become sticky, and MMX state is entered, even when the result is not stored. */
static void note(struct x86_cpu *c, const struct x86_insn *I, const struct work *w)
{
    sse_mmx_state(c, I);
    c->mxcsr |= sse_raised(&w->e);
    if (sse_fault(&w->e))
        x86_raise(c, c->cr4 & CR4_OSXMMEXCPT ? EXC_XM : EXC_UD);
}

static void end(struct x86_cpu *c, const struct x86_insn *I, const struct work *w)
{
    note(c, I, w);
    sse_put(c, I, 0, w->d, 16);
}

/* v is computed from a (destination) and b (source). */
#define EACH(name, T, lane, v)                                  \
    HELP(name)                                                  \
    {                                                           \
        struct work w = begin(c, I);                            \
                                                                \
        for (unsigned i = 0; i < w.n / sizeof(T); i++) {        \
            T a = w.d.lane[i], b = w.s.lane[i];                 \
                                                                \
            (void)a;                                            \
            w.d.lane[i] = (v);                                  \
        }                                                       \
        end(c, I, &w);                                          \
    }
#define PS(name, v) EACH(name, uint32_t, d, v)
#define PD(name, v) EACH(name, uint64_t, q, v)
PS(addps, sse_add32(a, b, &w.e))
PS(subps, sse_sub32(a, b, &w.e))
PS(mulps, sse_mul32(a, b, &w.e))
PS(divps, sse_div32(a, b, &w.e))
PS(minps, sse_min32(a, b, &w.e))
PS(maxps, sse_max32(a, b, &w.e))
PS(sqrtps, sse_sqrt32(b, &w.e))
PS(rcpps, sse_rcp32(b))
PS(rsqrtps, sse_rsqrt32(b))
PS(cmpps, sse_cmp32(a, b, I->imm & 7, &w.e) ? UINT32_MAX : 0)
PS(addsubps, i & 1 ? sse_add32(a, b, &w.e) : sse_sub32(a, b, &w.e))
PD(addpd, sse_add64(a, b, &w.e))
PD(subpd, sse_sub64(a, b, &w.e))
PD(mulpd, sse_mul64(a, b, &w.e))
PD(divpd, sse_div64(a, b, &w.e))
PD(minpd, sse_min64(a, b, &w.e))
PD(maxpd, sse_max64(a, b, &w.e))
PD(sqrtpd, sse_sqrt64(b, &w.e))
PD(cmppd, sse_cmp64(a, b, I->imm & 7, &w.e) ? UINT64_MAX : 0)
PD(addsubpd, i & 1 ? sse_add64(a, b, &w.e) : sse_sub64(a, b, &w.e))

/* Neighbours: the destination's pairs, then the source's. */
#define PAIRS(name, T, lane, fn)                                              \
    HELP(name)                                                                \
    {                                                                         \
        struct work w = begin(c, I);                                          \
        union x86_xmm r;                                                      \
        unsigned n = 16 / sizeof(T) / 2;                                      \
                                                                              \
        for (unsigned i = 0; i < n; i++) {                                    \
            r.lane[i] = fn(w.d.lane[2 * i], w.d.lane[2 * i + 1], &w.e);       \
            r.lane[n + i] = fn(w.s.lane[2 * i], w.s.lane[2 * i + 1], &w.e);   \
        }                                                                     \
        w.d = r;                                                              \
        end(c, I, &w);                                                        \
    }
PAIRS(haddps, uint32_t, d, sse_add32)
PAIRS(hsubps, uint32_t, d, sse_sub32)
PAIRS(haddpd, uint64_t, q, sse_add64)
PAIRS(hsubpd, uint64_t, q, sse_sub64)

/* ---- compares to EFLAGS ---- */
#define COMPARE(name, call)               \
    HELP(name)                            \
    {                                     \
        struct work w = begin(c, I);      \
        uint32_t v = call;                \
                                          \
        note(c, I, &w);                      \
        x86_set_arith(c, v);              \
    }
COMPARE(comiss, sse_comi32(w.d.d[0], w.s.d[0], false, &w.e))
COMPARE(ucomiss, sse_comi32(w.d.d[0], w.s.d[0], true, &w.e))
COMPARE(comisd, sse_comi64(w.d.q[0], w.s.q[0], false, &w.e))
COMPARE(ucomisd, sse_comi64(w.d.q[0], w.s.q[0], true, &w.e))

/* ---- conversions: n results; what becomes of the rest of the destination is said by each ---- */
#define CONVERT(name, n, to, v)                             \
    HELP(name)                                              \
    {                                                       \
        struct work w = begin(c, I);                        \
        union x86_xmm r = w.d;                              \
                                                            \
        for (unsigned i = 0; i < (n); i++)                  \
            r.to[i] = (v);                                  \
        w.d = r;                                            \
        end(c, I, &w);                                      \
    }
#define CLEARING(name, n, to, v)                            \
    HELP(name)                                              \
    {                                                       \
        struct work w = begin(c, I);                        \
        union x86_xmm r = { .q = { 0, 0 } };                \
                                                            \
        for (unsigned i = 0; i < (n); i++)                  \
            r.to[i] = (v);                                  \
        w.d = r;                                            \
        end(c, I, &w);                                      \
    }
#define INT32(v) ((int32_t)(v))
CONVERT(cvtpi2ps, 2, d, sse_int_to_f32(INT32(w.s.d[i]), &w.e))
CONVERT(cvtpi2pd, 2, q, sse_int_to_f64(INT32(w.s.d[i]), &w.e))
CONVERT(cvtsi2ss, 1, d, sse_int_to_f32(INT32(w.s.d[0]), &w.e))
CONVERT(cvtsi2sd, 1, q, sse_int_to_f64(INT32(w.s.d[0]), &w.e))
CONVERT(cvtdq2ps, 4, d, sse_int_to_f32(INT32(w.s.d[i]), &w.e))
CONVERT(cvtdq2pd, 2, q, sse_int_to_f64(INT32(w.s.d[i]), &w.e))
CLEARING(cvtps2pi, 2, d, (uint32_t)sse_f32_to_int(w.s.d[i], 32, false, &w.e))
CLEARING(cvttps2pi, 2, d, (uint32_t)sse_f32_to_int(w.s.d[i], 32, true, &w.e))
CLEARING(cvtpd2pi, 2, d, (uint32_t)sse_f64_to_int(w.s.q[i], 32, false, &w.e))
CLEARING(cvttpd2pi, 2, d, (uint32_t)sse_f64_to_int(w.s.q[i], 32, true, &w.e))
CLEARING(cvtss2si, 1, d, (uint32_t)sse_f32_to_int(w.s.d[0], 32, false, &w.e))
CLEARING(cvttss2si, 1, d, (uint32_t)sse_f32_to_int(w.s.d[0], 32, true, &w.e))
CLEARING(cvtsd2si, 1, d, (uint32_t)sse_f64_to_int(w.s.q[0], 32, false, &w.e))
CLEARING(cvttsd2si, 1, d, (uint32_t)sse_f64_to_int(w.s.q[0], 32, true, &w.e))
CLEARING(cvtps2dq, 4, d, (uint32_t)sse_f32_to_int(w.s.d[i], 32, false, &w.e))
CLEARING(cvttps2dq, 4, d, (uint32_t)sse_f32_to_int(w.s.d[i], 32, true, &w.e))
CLEARING(cvtpd2dq, 2, d, (uint32_t)sse_f64_to_int(w.s.q[i], 32, false, &w.e))
CLEARING(cvttpd2dq, 2, d, (uint32_t)sse_f64_to_int(w.s.q[i], 32, true, &w.e))
CONVERT(cvtps2pd, w.n / 4, q, sse_f32_to_f64(w.s.d[i], &w.e))

/* Packed clears the upper half, scalar keeps all but the low single. */
HELP(cvtpd2ps)
{
    struct work w = begin(c, I);
    unsigned n = w.n / 8;

    if (n == 2)
        w.d.q[1] = 0;
    for (unsigned i = 0; i < n; i++)
        w.d.d[i] = sse_f64_to_f32(w.s.q[i], &w.e);
    end(c, I, &w);
}
