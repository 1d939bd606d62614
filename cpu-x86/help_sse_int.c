/* help_sse_int.c - MMX and SSE2 integer arithmetic, lane by lane: one definition for 8 and 16
 * bytes. SDM vol. 2. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/sse_priv.h"

typedef void lanes_fn(union x86_xmm *d, const union x86_xmm *s, unsigned bytes);

static void lanes(struct x86_cpu *c, const struct x86_insn *I, lanes_fn *fn)
{
    union x86_xmm d, s;

    sse_enter(c, I);
    s = sse_get(c, I, 1);
    d = sse_get(c, I, 0);
    fn(&d, &s, I->o[0].size);
    sse_put(c, I, 0, d, 16);
}

/* a and b are the lanes as type T; the value is cut to the lane. */
#define LANES(name, T, lane, value)                                                      \
    static void name##_lanes(union x86_xmm *d, const union x86_xmm *s, unsigned bytes)   \
    {                                                                                    \
        for (unsigned i = 0; i < bytes / sizeof(T); i++) {                               \
            T a = (T)d->lane[i], b = (T)s->lane[i];                                      \
                                                                                         \
            d->lane[i] = (value);                                                        \
        }                                                                                \
    }                                                                                    \
    HELP(name) { lanes(c, I, name##_lanes); }

static int clamp(int v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }
#define S8(v)  ((uint8_t)clamp(v, -128, 127))
#define U8(v)  ((uint8_t)clamp(v, 0, 255))
#define S16(v) ((uint16_t)clamp(v, -32768, 32767))
#define U16(v) ((uint16_t)clamp(v, 0, 65535))

LANES(paddb, uint8_t, b, (uint8_t)(a + b))
LANES(paddw, uint16_t, w, (uint16_t)(a + b))
LANES(paddd, uint32_t, d, a + b)
LANES(paddq, uint64_t, q, a + b)
LANES(psubb, uint8_t, b, (uint8_t)(a - b))
LANES(psubw, uint16_t, w, (uint16_t)(a - b))
LANES(psubd, uint32_t, d, a - b)
LANES(psubq, uint64_t, q, a - b)
LANES(paddsb, int8_t, b, S8(a + b))
LANES(paddsw, int16_t, w, S16(a + b))
LANES(paddusb, uint8_t, b, U8(a + b))
LANES(paddusw, uint16_t, w, U16(a + b))
LANES(psubsb, int8_t, b, S8(a - b))
LANES(psubsw, int16_t, w, S16(a - b))
LANES(psubusb, uint8_t, b, U8(a - b))
LANES(psubusw, uint16_t, w, U16(a - b))
LANES(pcmpeqb, uint8_t, b, a == b ? 0xff : 0)
LANES(pcmpeqw, uint16_t, w, a == b ? 0xffff : 0)
LANES(pcmpeqd, uint32_t, d, a == b ? UINT32_MAX : 0)
LANES(pcmpgtb, int8_t, b, a > b ? 0xff : 0)
LANES(pcmpgtw, int16_t, w, a > b ? 0xffff : 0)
LANES(pcmpgtd, int32_t, d, a > b ? UINT32_MAX : 0)
LANES(pmullw, int16_t, w, (uint16_t)(a * b))
LANES(pmulhw, int16_t, w, (uint16_t)(a * b >> 16))
LANES(pmulhuw, uint16_t, w, (uint16_t)((uint32_t)a * b >> 16))
LANES(pmuludq, uint64_t, q, (uint64_t)(uint32_t)a * (uint32_t)b)
LANES(pavgb, uint8_t, b, (uint8_t)((a + b + 1) >> 1))
LANES(pavgw, uint16_t, w, (uint16_t)((a + b + 1) >> 1))
LANES(pmaxub, uint8_t, b, a > b ? a : b)
LANES(pminub, uint8_t, b, a < b ? a : b)
LANES(pmaxsw, int16_t, w, (uint16_t)(a > b ? a : b))
LANES(pminsw, int16_t, w, (uint16_t)(a < b ? a : b))
LANES(pand, uint64_t, q, a & b)
LANES(pandn, uint64_t, q, ~a & b)
LANES(por, uint64_t, q, a | b)
LANES(pxor, uint64_t, q, a ^ b)

/* Pairs of words: products summed; bytes: differences summed per 8 bytes. */
static void pmaddwd_lanes(union x86_xmm *d, const union x86_xmm *s, unsigned bytes)
{
    for (unsigned i = 0; i < bytes / 4; i++) {
        int32_t lo = (int16_t)d->w[2 * i] * (int16_t)s->w[2 * i];
        int32_t hi = (int16_t)d->w[2 * i + 1] * (int16_t)s->w[2 * i + 1];

        d->d[i] = (uint32_t)lo + (uint32_t)hi;
    }
}
HELP(pmaddwd) { lanes(c, I, pmaddwd_lanes); }

static void psadbw_lanes(union x86_xmm *d, const union x86_xmm *s, unsigned bytes)
{
    for (unsigned k = 0; k < bytes / 8; k++) {
        unsigned sum = 0;

        for (unsigned i = 8 * k; i < 8 * k + 8; i++)
            sum += d->b[i] > s->b[i] ? d->b[i] - s->b[i] : s->b[i] - d->b[i];
        d->q[k] = sum;
    }
}
HELP(psadbw) { lanes(c, I, psadbw_lanes); }

/* Narrowing: the destination's lanes, then the source's. */
#define PACK(name, from, to, T, narrow)                                                  \
    static void name##_lanes(union x86_xmm *d, const union x86_xmm *s, unsigned bytes)   \
    {                                                                                    \
        union x86_xmm r = { .q = { 0, 0 } };                                             \
        unsigned n = bytes / sizeof(T);                                                  \
                                                                                         \
        for (unsigned i = 0; i < n; i++) {                                               \
            r.to[i] = narrow((T)d->from[i]);                                             \
            r.to[n + i] = narrow((T)s->from[i]);                                         \
        }                                                                                \
        *d = r;                                                                          \
    }                                                                                    \
    HELP(name) { lanes(c, I, name##_lanes); }
PACK(packsswb, w, b, int16_t, S8)
PACK(packuswb, w, b, int16_t, U8)
PACK(packssdw, d, w, int32_t, S16)

/* The count is the low 64 bits of the source, or the immediate; too large shifts everything out. */
#define SHIFT(name, T, lane, value, out)                                                 \
    static void name##_lanes(union x86_xmm *d, const union x86_xmm *s, unsigned bytes)   \
    {                                                                                    \
        unsigned bits = 8 * sizeof(T), k = s->q[0] < bits ? (unsigned)s->q[0] : bits;    \
                                                                                         \
        for (unsigned i = 0; i < bytes / sizeof(T); i++) {                               \
            T a = (T)d->lane[i];                                                         \
                                                                                         \
            d->lane[i] = k < bits ? (value) : (out);                                     \
        }                                                                                \
    }                                                                                    \
    HELP(name) { lanes(c, I, name##_lanes); }
SHIFT(psllw, uint16_t, w, (uint16_t)(a << k), 0)
SHIFT(pslld, uint32_t, d, a << k, 0)
SHIFT(psllq, uint64_t, q, a << k, 0)
SHIFT(psrlw, uint16_t, w, (uint16_t)(a >> k), 0)
SHIFT(psrld, uint32_t, d, a >> k, 0)
SHIFT(psrlq, uint64_t, q, a >> k, 0)
SHIFT(psraw, int16_t, w, (uint16_t)(a >> k), (uint16_t)(a >> 15))
SHIFT(psrad, int32_t, d, (uint32_t)(a >> k), (uint32_t)(a >> 31))

static void shift_bytes(union x86_xmm *d, int by)
{
    union x86_xmm r = { .q = { 0, 0 } };

    for (int i = 0; i < 16; i++)
        if (i + by >= 0 && i + by < 16)
            r.b[i] = d->b[i + by];
    *d = r;
}
static void pslldq_lanes(union x86_xmm *d, const union x86_xmm *s, unsigned bytes)
{
    (void)bytes;
    shift_bytes(d, -(int)s->q[0]);
}
static void psrldq_lanes(union x86_xmm *d, const union x86_xmm *s, unsigned bytes)
{
    (void)bytes;
    shift_bytes(d, (int)s->q[0]);
}
HELP(pslldq) { lanes(c, I, pslldq_lanes); }
HELP(psrldq) { lanes(c, I, psrldq_lanes); }
