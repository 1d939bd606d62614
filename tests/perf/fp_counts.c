/* fp_counts.c - runs the x87 and SSE arithmetic on many operands, each between the beginning of a
 * line of output, which names operation and operands, and its end: check_fp_counts.sh counts. */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "cpu-x86/f80_short.h"
#include "cpu-x86/fp_sse.h"

enum { OPERANDS = 64 };

/* Every measured call is made at one place, so that what surrounds it costs the same. */
typedef uint64_t f80_fn(struct f80 *r, const struct f80 *a, const struct f80 *b,
                        struct f80_env *e);
typedef uint64_t sse_fn(uint64_t a, uint64_t b, struct sse_env *e);
#define APART __attribute__((noinline, noclone))

static void put(const char *text, size_t n)
{
    if (write(1, text, n) != (ssize_t)n)
        _exit(1);
}

static void mark(const char *op, const char *cls)
{
    char line[80];

    put(line, (size_t)snprintf(line, sizeof line, "%s %s", op, cls));
}

static APART void run_f80(f80_fn *fn, const struct f80 *a, const struct f80 *b, struct f80_env *e)
{
    struct f80 r = { 0 };

    fn(&r, a, b, e);
    put("\n", 1);
}

static APART void run_sse(sse_fn *fn, uint64_t a, uint64_t b, struct sse_env *e)
{
    fn(a, b, e);
    put("\n", 1);
}

/* ---- what is measured ---- */

#define F80(name, v)                                                                       \
    static APART uint64_t name(struct f80 *r, const struct f80 *a, const struct f80 *b,    \
                               struct f80_env *e)                                          \
    {                                                                                      \
        (void)r, (void)a, (void)b, (void)e;                                                \
        return v;                                                                          \
    }
F80(nothing, 0)
F80(add, f80_add_short(r, a, b, 0, e))
F80(sub, f80_add_short(r, a, b, 0x8000, e))
F80(mul, f80_mul_short(r, a, b, e))
F80(divide, f80_div_short(r, a, b, e))
F80(whole_add, (*r = f80_add(*a, *b, e), 0))
F80(whole_sub, (*r = f80_sub(*a, *b, e), 0))
F80(whole_mul, (*r = f80_mul(*a, *b, e), 0))
F80(whole_div, (*r = f80_div(*a, *b, e), 0))
F80(whole_sqrt, (*r = f80_sqrt(*a, e), 0))

#define SSE(name, v)                                                        \
    static APART uint64_t name(uint64_t a, uint64_t b, struct sse_env *e)   \
    {                                                                       \
        (void)a, (void)b, (void)e;                                          \
        return (uint64_t)(v);                                               \
    }
SSE(sse_nothing, 0)
SSE(f64_to_f32, sse_f64_to_f32(a, e))
SSE(f32_to_f64, sse_f32_to_f64((uint32_t)a, e))
SSE(f64_to_int, sse_f64_to_int(a, 32, true, e))
SSE(f32_to_int, sse_f32_to_int((uint32_t)a, 32, true, e))
SSE(int_to_f64, sse_int_to_f64((int32_t)(a >> 33), e))
SSE(int_to_f32, sse_int_to_f32((int32_t)(a >> 33), e))
SSE(comi64, sse_comi64(a, b, true, e))
SSE(comi32, sse_comi32((uint32_t)a, (uint32_t)b, true, e))
SSE(cmp64, sse_cmp64(a, b, 1, e))
SSE(min64, sse_min64(a, b, e))
SSE(sqrt64, sse_sqrt64(a, e))
SSE(sqrt32, sse_sqrt32((uint32_t)a, e))
SSE(add32, sse_add32((uint32_t)a, (uint32_t)b, e))
SSE(sub32, sse_sub32((uint32_t)a, (uint32_t)b, e))
SSE(mul32, sse_mul32((uint32_t)a, (uint32_t)b, e))
SSE(div32, sse_div32((uint32_t)a, (uint32_t)b, e))

/* ---- operands ---- */

static uint64_t rnd(void)
{
    static uint64_t x = 0x9e3779b97f4a7c15u;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x * 0x2545f4914f6cdd1du;
}

struct operands {
    const char *name;
    int low, high;                   /* how much larger a's exponent is; negative: b's */
    uint64_t keep;                   /* bits of the significands that may be set */
};

static const struct operands classes[] = {
    { "same", 0, 0, ~0ull },         { "one-apart", 1, 1, ~0ull },
    { "near", 2, 30, ~0ull },        { "b-one-larger", -1, -1, ~0ull },
    { "b-larger", -30, -2, ~0ull },  { "edge", 60, 63, ~0ull },
    { "just-far", 64, 65, ~0ull },   { "b-just-far", -65, -64, ~0ull },
    { "far", 66, 90, ~0ull },        { "b-far", -90, -66, ~0ull },
    { "short", 0, 20, ~0ull << 40 }, { "all-ones", 1, 63, 0 }, { "zero", 0, 0, 1 },
};

static struct f80 number(unsigned ex, uint64_t keep)
{
    uint64_t m = keep ? rnd() & keep : ~0ull;

    return (struct f80){ .m = m | 1ull << 63, .se = (uint16_t)((rnd() & 0x8000) | ex) };
}

static void measure_f80(f80_fn *fn, const char *op, const struct operands *c, uint16_t cw)
{
    for (unsigned i = 0; i < OPERANDS; i++) {
        int d = c->low + (int)(rnd() % (unsigned)(c->high - c->low + 1));
        unsigned ex = 0x3f00 + (unsigned)(rnd() % 256);
        struct f80 a = number(ex, c->keep), b = number((unsigned)((int)ex - d), c->keep);
        struct f80_env e = { .cw = cw };

        if (c->keep == 1)
            b = (struct f80){ .m = 0, .se = b.se & 0x8000 };
        mark(op, c->name);
        run_f80(fn, &a, &b, &e);
    }
}

static void all_f80(void)
{
    static const struct { const char *name; f80_fn *fn; } ops[] = {
        { "nothing", nothing }, { "add", add }, { "sub", sub }, { "mul", mul }, { "div", divide },
        { "f80_add", whole_add }, { "f80_sub", whole_sub }, { "f80_mul", whole_mul },
        { "f80_div", whole_div }, { "f80_sqrt", whole_sqrt },
    };
    static const struct { const char *name; uint16_t cw; } modes[] = {
        { "64", 0x37f }, { "53", 0x27f }, { "24", 0x07f }, { "up", 0xb7f },
    };
    char name[40];

    for (unsigned o = 0; o < sizeof ops / sizeof ops[0]; o++)
        for (unsigned m = 0; m < sizeof modes / sizeof modes[0]; m++)
            for (unsigned c = 0; c < sizeof classes / sizeof classes[0]; c++) {
                snprintf(name, sizeof name, "%s %s", ops[o].name, modes[m].name);
                measure_f80(ops[o].fn, name, &classes[c], modes[m].cw);
            }
}

/* Doubles (or singles in the low half) with exponents as the class says. */
static void measure_sse(sse_fn *fn, const char *op, const struct operands *c, bool single)
{
    for (unsigned i = 0; i < OPERANDS; i++) {
        int d = c->low + (int)(rnd() % (unsigned)(c->high - c->low + 1));
        uint64_t v[2];
        struct sse_env e = { .mxcsr = SSE_INIT };

        for (unsigned k = 0; k < 2; k++) {
            uint64_t m = rnd() & c->keep, ex = (uint64_t)((single ? 137 : 1033) - (k ? d : 0));

            v[k] = single ? m >> 41 | ex << 23 | m >> 63 << 31 : m >> 12 | ex << 52 | m << 63;
        }
        mark(op, c->name);
        run_sse(fn, v[0], v[1], &e);
    }
}

static void all_sse(void)
{
    static const struct { const char *name; sse_fn *fn; bool single; } ops[] = {
        { "sse-nothing -", sse_nothing, false }, { "addsd -", sse_add64, false },
        { "subsd -", sse_sub64, false }, { "mulsd -", sse_mul64, false },
        { "divsd -", sse_div64, false }, { "sqrtsd -", sqrt64, false },
        { "comisd -", comi64, false }, { "cmpsd -", cmp64, false }, { "minsd -", min64, false },
        { "cvtsd2ss -", f64_to_f32, false }, { "cvttsd2si -", f64_to_int, false },
        { "cvtsi2sd -", int_to_f64, false }, { "cvtsi2ss -", int_to_f32, false },
        { "addss -", add32, true }, { "subss -", sub32, true }, { "mulss -", mul32, true },
        { "divss -", div32, true }, { "sqrtss -", sqrt32, true }, { "comiss -", comi32, true },
        { "cvtss2sd -", f32_to_f64, true }, { "cvttss2si -", f32_to_int, true },
    };

    for (unsigned o = 0; o < sizeof ops / sizeof ops[0]; o++)
        for (unsigned c = 0; c < 5; c++)
            measure_sse(ops[o].fn, ops[o].name, &classes[c], ops[o].single);
}

int main(void)
{
    all_f80();
    all_sse();
    return 0;
}
