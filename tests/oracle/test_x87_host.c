/* test_x87_host.c - f80 against the x87 of the host that runs the test: results and status words
 * of random and edge operands, every rounding and precision control, masked and unmasked. Bits
 * must be equal; transcendentals may be one ulp off. Arguments: rounds, seed (1 by default), and
 * what to do with a recording of the host's answers (tape.h). */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu-x86/f80.h"
#include "tests/oracle/f80_rnd.h"
#include "tests/oracle/tape.h"

enum { EXC = 0x3f, WITH_C1 = EXC | F80_C1, WITH_CC = 0x473f };

struct result {
    struct f80 v[2];                 /* ST(0) and ST(1) afterwards */
    uint8_t mem[16];
    uint16_t sw;
};

struct test {
    const char *name;
    void (*host)(const struct f80 *ab, const uint16_t *cw, struct result *r);
    void (*ours)(const struct f80 *ab, struct f80_env *e, struct result *r);
    uint16_t sw_mask;
    uint8_t regs, mem;               /* how many registers and bytes of memory to compare */
    bool store;                      /* a store: unmasked OE and UE give no result either */
    uint8_t ulps;                    /* how far a result may be off */
};

#if defined(__x86_64__) || defined(__i386__)
#define HAS_X87 true
#define HOST_OF(name) host_##name
#define HOST(name, insn)                                                                        \
static void host_##name(const struct f80 *ab, const uint16_t *cw, struct result *r)             \
{                                                                                               \
    memset(r, 0, sizeof *r);                                                                    \
    __asm__ volatile("fninit\n fldt %4\n fldt %4\n fldt %3\n fldcw %5\n" insn "\n"           \
                     "fnstsw %2\n fnclex\n fldcw %6\n fstpt %0\n fstpt %1\n fninit\n"           \
                     : "=m"(r->v[0]), "=m"(r->v[1]), "=m"(r->sw)                                \
                     : "m"(ab[0]), "m"(ab[1]), "m"(*cw), "m"(cw[1]), "r"(r->mem)                \
                     : "memory", "ax", "cc", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", \
                       "st(6)", "st(7)");                                                       \
}
#else
#define HAS_X87 false
#define HOST_OF(name) NULL
#define HOST(name, insn)
#endif

#define OURS(name, ...)                                                                         \
static void ours_##name(const struct f80 *ab, struct f80_env *e, struct result *r)              \
{                                                                                               \
    struct f80 a = ab[0], b = ab[1];                                                            \
    (void)b, (void)e;                                                                           \
    memset(r, 0, sizeof *r);                                                                    \
    r->v[0] = a;                                                                                \
    r->v[1] = b;                                                                                \
    __VA_ARGS__;                                                                                \
}

HOST(add, "fadd %%st(1), %%st")     OURS(add, r->v[0] = f80_add(a, b, e))
HOST(sub, "fsub %%st(1), %%st")     OURS(sub, r->v[0] = f80_sub(a, b, e))
HOST(mul, "fmul %%st(1), %%st")     OURS(mul, r->v[0] = f80_mul(a, b, e))
HOST(div, "fdiv %%st(1), %%st")     OURS(div, r->v[0] = f80_div(a, b, e))
HOST(sqrt, "fsqrt")                 OURS(sqrt, r->v[0] = f80_sqrt(a, e))
HOST(prem, "fprem")                 OURS(prem, r->v[0] = f80_prem(a, b, e))
HOST(prem1, "fprem1")               OURS(prem1, r->v[0] = f80_prem1(a, b, e))
HOST(rndint, "frndint")             OURS(rndint, r->v[0] = f80_rndint(a, e))
HOST(scale, "fscale")               OURS(scale, r->v[0] = f80_scale(a, b, e))
HOST(com, "fcom")                   OURS(com, e->ex |= f80_compare(a, b, false, e))
HOST(ucom, "fucom")                 OURS(ucom, e->ex |= f80_compare(a, b, true, e))
HOST(xam, "fxam")                   OURS(xam, e->ex = f80_xam(a))
HOST(xtract, "fxtract")
OURS(xtract, r->v[1] = f80_xtract(a, &r->v[0], e))
HOST(fist16, "fistps (%7)")  OURS(fist16, int64_t i = f80_to_int(a, 16, false, e);
                                         memcpy(r->mem, &i, 2))
HOST(fist32, "fistpl (%7)")  OURS(fist32, int64_t i = f80_to_int(a, 32, false, e);
                                         memcpy(r->mem, &i, 4))
HOST(fist64, "fistpll (%7)") OURS(fist64, int64_t i = f80_to_int(a, 64, false, e);
                                         memcpy(r->mem, &i, 8))
HOST(fst32, "fsts (%7)")            OURS(fst32, uint32_t i = f80_to_f32(a, e);
                                         memcpy(r->mem, &i, 4))
HOST(fst64, "fstl (%7)")            OURS(fst64, uint64_t i = f80_to_f64(a, e);
                                         memcpy(r->mem, &i, 8))
HOST(fbstp, "fbstp (%7)")    OURS(fbstp, f80_to_bcd(r->mem, a, e))
HOST(fld32, "fstp %%st\n flds %3")  OURS(fld32, r->v[0] = f80_from_f32((uint32_t)a.m, e))
HOST(fld64, "fstp %%st\n fldl %3")  OURS(fld64, r->v[0] = f80_from_f64(a.m, e))
HOST(fild64, "fstp %%st\n fildll %3") OURS(fild64, r->v[0] = f80_from_i64((int64_t)a.m))

static void ours_push(struct result *r, struct f80 under, struct f80 top, const struct f80_env *e)
{
    bool pushed = !(e->ex & F80_C2) && !f80_no_result(e);

    r->v[1] = pushed ? under : r->v[1];
    r->v[0] = pushed ? top : r->v[0];
}

HOST(2xm1, "f2xm1")                  OURS(2xm1, r->v[0] = f80_2xm1(a, e))
HOST(yl2x, "fyl2x")                  OURS(yl2x, r->v[0] = f80_yl2x(a, b, e))
HOST(yl2xp1, "fyl2xp1")              OURS(yl2xp1, r->v[0] = f80_yl2xp1(a, b, e))
HOST(patan, "fpatan")                OURS(patan, r->v[0] = f80_patan(b, a, e))
HOST(sin, "fsin")                    OURS(sin, r->v[0] = f80_sin(a, e))
HOST(cos, "fcos")                    OURS(cos, r->v[0] = f80_cos(a, e))
HOST(ptan, "fptan")                  OURS(ptan, struct f80 c; struct f80 t = f80_tan(a, &c, e);
                                          ours_push(r, t, c, e))
HOST(sincos, "fsincos")              OURS(sincos, struct f80 c; struct f80 s = f80_sincos(a, &c, e);
                                          ours_push(r, s, c, e))

#define T(n, mask, regs, mem, store) { #n, HOST_OF(n), ours_##n, mask, regs, mem, store, 0 }
#define F(n, regs) { #n, HOST_OF(n), ours_##n, EXC | F80_C2, regs, 0, false, 1 }
static const struct test tests[] = {
    T(add, WITH_C1, 1, 0, false),     T(sub, WITH_C1, 1, 0, false),
    T(mul, WITH_C1, 1, 0, false),     T(div, WITH_C1, 1, 0, false),
    T(sqrt, WITH_C1, 1, 0, false),    T(prem, WITH_CC, 1, 0, false),
    T(prem1, WITH_CC, 1, 0, false),   T(rndint, WITH_C1, 1, 0, false),
    T(scale, WITH_C1, 1, 0, false),   T(com, WITH_CC, 1, 0, false),
    T(ucom, WITH_CC, 1, 0, false),    T(xam, WITH_CC, 1, 0, false),
    T(xtract, WITH_C1, 2, 0, false),  T(fist16, WITH_C1, 0, 2, true),
    T(fist32, WITH_C1, 0, 4, true),   T(fist64, WITH_C1, 0, 8, true),
    T(fst32, WITH_C1, 0, 4, true),    T(fst64, WITH_C1, 0, 8, true),
    T(fbstp, WITH_C1, 0, 10, true),   T(fld32, WITH_C1, 1, 0, false),
    T(fld64, WITH_C1, 1, 0, false),   T(fild64, WITH_C1, 1, 0, false),
    F(2xm1, 1), F(yl2x, 1), F(yl2xp1, 1), F(patan, 1), F(sin, 1), F(cos, 1), F(ptan, 2),
    F(sincos, 2),
};

static bool at_edge(struct f80 v)                  /* of the range of normal numbers */
{
    unsigned e = v.se & 0x7fff;

    return (e == 0x7ffe && v.m == ~0ull) || e == 0x7fff || (e == 1 && v.m == 1ull << 63) || !e;
}

static bool same(const struct test *t, const struct result *h, const struct result *o,
                 const struct f80_env *e)
{
    uint16_t wrong = (h->sw ^ e->ex) & t->sw_mask;

    if (wrong) {                                   /* one ulp may decide what is out of range */
        return t->ulps && !(wrong & ~(F80_OE | F80_UE)) && at_edge(h->v[t->regs - 1]);
    }
    if (t->store ? f80_no_store(e) : f80_no_result(e)) {
        return true;
    }
    for (int i = 0; i < t->regs; i++) {
        if (distance(h->v[i], o->v[i]) > t->ulps) {
            return false;
        }
    }
    return !memcmp(h->mem, o->mem, t->mem);
}

static void show(const char *who, const struct result *r, uint16_t sw)
{
    printf("  %-4s %04x:%016" PRIx64 " %04x:%016" PRIx64 " mem ", who, r->v[0].se, r->v[0].m,
           r->v[1].se, r->v[1].m);
    for (int i = 9; i >= 0; i--) {
        printf("%02x", r->mem[i]);
    }
    printf(" sw %04x\n", sw);
}

static unsigned run(const struct test *t, uint64_t rounds, struct tape *tape)
{
    unsigned bad = 0;

    for (uint64_t i = 0; i < rounds && bad < 5; i++) {
        struct f80 ab[2] = { rnd_operand(0x3fff) };
        uint64_t k = rnd();
        uint16_t cw[2] = { (uint16_t)(k & 0xf00) | 0x3f, 0x37f };
        struct f80_env e;
        struct result h = { 0 }, o;

        ab[1] = rnd() & 15 ? rnd_operand(ab[0].se & 0x7fff) : ab[0];
        if (k >> 62 == 0) {
            cw[0] &= (uint16_t)~(k >> 16 & 0x3f);
        }
        e = (struct f80_env){ .cw = cw[0], .ex = 0 };
        if (!tape->replays)
            t->host(ab, cw, &h);
        tape_pass(tape, h.v, sizeof h.v);
        tape_pass(tape, h.mem, sizeof h.mem);
        tape_pass(tape, &h.sw, sizeof h.sw);
        t->ours(ab, &e, &o);
        if (!same(t, &h, &o, &e)) {
            bad++;
            printf("%s a %04x:%016" PRIx64 " b %04x:%016" PRIx64 " cw %04x\n", t->name, ab[0].se,
                   ab[0].m, ab[1].se, ab[1].m, cw[0]);
            show("host", &h, h.sw);
            show("ours", &o, e.ex);
        }
    }
    printf("%s %s: %" PRIu64 " rounds against %s x87\n", bad ? "FAIL" : "ok", t->name, rounds,
           tape->replays ? "a recorded" : "the host's");
    return bad;
}

int main(int argc, char **argv)
{
    uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    struct tape tape = tape_open(argc, argv);
    unsigned bad = 0;

    if (!HAS_X87 && !tape.replays) {
        puts("skip f80 against the host: no x87 here (check_numbers.sh replays a recording)");
        return 0;
    }
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        rng = seed * 0x9e3779b97f4a7c15ull + i + 1;
        bad += run(&tests[i], rounds, &tape);
    }
    if (!bad)
        tape_close(&tape);
    return bad != 0;
}
