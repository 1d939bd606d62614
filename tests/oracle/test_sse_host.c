/* test_sse_host.c - fp_sse against the SSE of the host that runs the test: random and edge operands
 * under every rounding mode, DAZ, FTZ and masks; results and MXCSR must be equal, RCP and RSQRT
 * within their bound. Arguments: rounds, seed (1 by default), and what to do with a recording of
 * the host's answers (tape.h). */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "cpu-x86/fp_sse.h"
#include "tests/oracle/f80_rnd.h"
#include "tests/oracle/tape.h"

struct test {
    const char *name;
    void (*host)(uint64_t a, uint64_t b, uint64_t *r);
    uint64_t (*ours)(uint64_t a, uint64_t b, struct sse_env *e);
    uint8_t bits, result;            /* of the operands; of the result */
};

#if defined(__x86_64__)
#define HAS_SSE true
#define HOST_OF(name) host_##name
#define XMM(name, insn)                                                                     \
static void host_##name(uint64_t a, uint64_t b, uint64_t *r)                                \
{                                                                                           \
    __asm__ volatile("movq %1, %%xmm0\n movq %2, %%xmm1\n" insn " %%xmm1, %%xmm0\n"         \
                     "movq %%xmm0, %0" : "=r"(*r) : "r"(a), "r"(b) : "xmm0", "xmm1");       \
}
#define GPR(name, insn)              /* xmm to integer register */                          \
static void host_##name(uint64_t a, uint64_t b, uint64_t *r)                                \
{                                                                                           \
    __asm__ volatile("movq %2, %%xmm1\n mov %1, %0\n" insn "\n"                             \
                     : "=&r"(*r) : "r"(a), "r"(b) : "xmm1");                                \
}
#define FLAGS(name, insn)                                                                   \
static void host_##name(uint64_t a, uint64_t b, uint64_t *r)                                \
{                                                                                           \
    __asm__ volatile("movq %1, %%xmm0\n movq %2, %%xmm1\n" insn " %%xmm1, %%xmm0\n"         \
                     "pushfq\n pop %0" : "=r"(*r) : "r"(a), "r"(b) : "xmm0", "xmm1", "cc"); \
    *r &= 0x8d5;                                                                            \
}
#else
#define HAS_SSE false
#define HOST_OF(name) NULL
#define XMM(name, insn)
#define GPR(name, insn)
#define FLAGS(name, insn)
#endif
#define OURS(name, ...)                                                                     \
static uint64_t ours_##name(uint64_t a, uint64_t b, struct sse_env *e)                      \
{                                                                                           \
    (void)a;                                                                                \
    return (uint64_t)(__VA_ARGS__);                                                         \
}
#define BOTH(op)                                                                            \
    XMM(op##32, #op "ss") OURS(op##32, sse_##op##32((uint32_t)a, (uint32_t)b, e))           \
    XMM(op##64, #op "sd") OURS(op##64, sse_##op##64(a, b, e))
#define CMP(n, p)                                                                           \
    XMM(cmp##n##32, "cmp" #n "ss")                                                          \
    OURS(cmp##n##32, sse_cmp32((uint32_t)a, (uint32_t)b, p, e) ? 0xffffffff : 0)            \
    XMM(cmp##n##64, "cmp" #n "sd")                                                          \
    OURS(cmp##n##64, sse_cmp64(a, b, p, e) ? ~0ull : 0)

BOTH(add) BOTH(sub) BOTH(mul) BOTH(div) BOTH(min) BOTH(max)
CMP(eq, 0) CMP(lt, 1) CMP(le, 2) CMP(unord, 3) CMP(neq, 4) CMP(nlt, 5) CMP(nle, 6) CMP(ord, 7)
XMM(sqrt32, "sqrtss")        OURS(sqrt32, sse_sqrt32((uint32_t)b, e))
XMM(sqrt64, "sqrtsd")        OURS(sqrt64, sse_sqrt64(b, e))
FLAGS(comi32, "comiss")      OURS(comi32, sse_comi32((uint32_t)a, (uint32_t)b, false, e))
FLAGS(comi64, "comisd")      OURS(comi64, sse_comi64(a, b, false, e))
FLAGS(ucomi32, "ucomiss")    OURS(ucomi32, sse_comi32((uint32_t)a, (uint32_t)b, true, e))
FLAGS(ucomi64, "ucomisd")    OURS(ucomi64, sse_comi64(a, b, true, e))
XMM(f32f64, "cvtss2sd")      OURS(f32f64, sse_f32_to_f64((uint32_t)b, e))
XMM(f64f32, "cvtsd2ss")      OURS(f64f32, sse_f64_to_f32(b, e))
GPR(f32i32, "cvtss2si %%xmm1, %k0")   OURS(f32i32, sse_f32_to_int((uint32_t)b, 32, false, e))
GPR(f64i32, "cvtsd2si %%xmm1, %k0")   OURS(f64i32, sse_f64_to_int(b, 32, false, e))
GPR(f32t32, "cvttss2si %%xmm1, %k0")  OURS(f32t32, sse_f32_to_int((uint32_t)b, 32, true, e))
GPR(f64t32, "cvttsd2si %%xmm1, %k0")  OURS(f64t32, sse_f64_to_int(b, 32, true, e))
GPR(f64i64, "cvtsd2si %%xmm1, %0")    OURS(f64i64, sse_f64_to_int(b, 64, false, e))
GPR(f32t64, "cvttss2si %%xmm1, %0")   OURS(f32t64, sse_f32_to_int((uint32_t)b, 64, true, e))
GPR(i32f32, "cvtsi2ss %k2, %%xmm1\n movq %%xmm1, %0")
OURS(i32f32, sse_int_to_f32((int32_t)b, e))
GPR(i64f64, "cvtsi2sd %2, %%xmm1\n movq %%xmm1, %0")
OURS(i64f64, sse_int_to_f64((int64_t)b, e))

#define T(n, bits, result) { #n, HOST_OF(n), ours_##n, bits, result }
#define T2(n) T(n##32, 32, 32), T(n##64, 64, 64)
static const struct test tests[] = {
    T2(add), T2(sub), T2(mul), T2(div), T2(min), T2(max), T2(sqrt), T2(cmpeq), T2(cmplt), T2(cmple),
    T2(cmpunord), T2(cmpneq), T2(cmpnlt), T2(cmpnle), T2(cmpord), T2(comi), T2(ucomi),
    T(f32f64, 32, 64), T(f64f32, 64, 32), T(f32i32, 32, 32), T(f64i32, 64, 32), T(f32t32, 32, 32),
    T(f64t32, 64, 32), T(f64i64, 64, 64), T(f32t64, 32, 64), T(i32f32, 64, 32), T(i64f64, 64, 64),
};

static uint64_t rnd_float(unsigned bits)
{
    unsigned fbits = bits == 32 ? 23 : 52, ebits = bits - 1 - fbits, emax = (1u << ebits) - 1;
    uint64_t k = rnd(), m = rnd() & ((1ull << fbits) - 1), e;

    switch (k % 8) {
    case 0: m = 0; break;
    case 1: m = (1ull << fbits) - 1; break;
    case 2: m = 1ull << (m % fbits); break;
    case 3: m &= ~0ull << (k >> 8) % fbits; break;
    default: break;
    }
    switch (k >> 16 & 7) {
    case 0: e = 0; break;
    case 1: e = emax - (k >> 20 & 1); break;
    case 2: e = 1 + (k >> 20 & 31); break;
    case 3: e = k >> 20 & emax; break;
    case 4: e = emax / 2 + fbits - 4 + (k >> 20 & 15); break;
    default: e = emax / 2 - 8 + (k >> 20 & 15); break;
    }
    return m | e << fbits | (k >> 63) << (bits - 1);
}

#if defined(__x86_64__)
static sigjmp_buf fault;
static volatile uint32_t fault_mxcsr;

static void on_fpe(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    (void)sig, (void)info;
    fault_mxcsr = u->uc_mcontext.fpregs->mxcsr;
    siglongjmp(fault, 1);
}

static void set_mxcsr(uint32_t v)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(v));
}

/* False: it faulted. */
static bool host_run(const struct test *t, uint64_t a, uint64_t b, uint32_t *mxcsr, uint64_t *r)
{
    if (sigsetjmp(fault, 1)) {
        set_mxcsr(SSE_INIT);
        *mxcsr = fault_mxcsr;
        return false;
    }
    set_mxcsr(*mxcsr);
    t->host(a, b, r);
    __asm__ volatile("stmxcsr %0" : "=m"(*mxcsr));
    set_mxcsr(SSE_INIT);
    return true;
}

static void catch_faults(void)
{
    struct sigaction sa = { .sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO };

    sigaction(SIGFPE, &sa, NULL);
}
#else
static bool host_run(const struct test *t, uint64_t a, uint64_t b, uint32_t *mxcsr, uint64_t *r)
{
    (void)t, (void)a, (void)b, (void)mxcsr, (void)r;
    return false;
}

static void catch_faults(void) {}
#endif

static unsigned run(const struct test *t, uint64_t rounds, struct tape *tape)
{
    uint64_t mask = t->result == 32 ? 0xffffffff : ~0ull;
    unsigned bad = 0;

    for (uint64_t i = 0; i < rounds && bad < 3; i++) {
        uint64_t k = rnd(), a = rnd_float(t->bits), b = rnd() & 15 ? rnd_float(t->bits) : a;
        uint64_t h = 0, o;
        uint32_t start = (uint32_t)(k & (SSE_RC | SSE_FTZ | SSE_DAZ)) | SSE_MASKS, after;
        struct sse_env e = { .mxcsr = start, .ex = 0 };
        bool done;

        if (k >> 58 == 0) {                        /* faults are slow */
            start &= (uint32_t)~(k >> 20 & SSE_MASKS);
        }
        if (t->name[0] == 'i') {
            b = k >> 32 & 1 ? rnd() : (uint64_t)((int64_t)rnd() >> (k >> 33 & 63));
        }
        e.mxcsr = after = start;
        done = !tape->replays && host_run(t, a, b, &after, &h);
        tape_pass(tape, &done, 1);
        tape_pass(tape, &after, sizeof after);
        tape_pass(tape, &h, sizeof h);
        o = t->ours(a, b, &e);
        if (done == sse_fault(&e) || (after & SSE_FLAGS) != sse_raised(&e) ||
            (done && (h ^ o) & mask)) {
            bad++;
            printf("%s %" PRIx64 " %" PRIx64 " mxcsr %04x host %" PRIx64 " %02x%s ours %" PRIx64
                   " %02x\n", t->name, a, b, start, h & mask, after & SSE_FLAGS,
                   done ? "" : " fault", o & mask, sse_raised(&e));
        }
    }
    printf("%s %s: %" PRIu64 " rounds against %s SSE\n", bad ? "FAIL" : "ok", t->name, rounds,
           tape->replays ? "a recorded" : "the host's");
    return bad;
}

/* |ours - exact| <= 1.5 * 2^-12 * exact, the exact value from doubles. */
static unsigned approximations(void)
{
    unsigned bad = 0;

    for (unsigned i = 0; i < 100000; i++) {
        uint32_t b = (uint32_t)(0x20000000 + rnd() % 0x40000000), r = sse_rcp32(b);
        uint32_t s = sse_rsqrt32(b);
        float x, y, z;

        memcpy(&x, &b, 4);
        memcpy(&y, &r, 4);
        memcpy(&z, &s, 4);
        bad += (double)x * y - 1 > 0.000366 || 1 - (double)x * y > 0.000366;
        bad += (double)x * z * z - 1 > 0.000732 || 1 - (double)x * z * z > 0.000732;
    }
    printf("%s rcp and rsqrt: 100000 rounds\n", bad ? "FAIL" : "ok");
    return bad;
}

int main(int argc, char **argv)
{
    uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 0) : 50000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    struct tape tape = tape_open(argc, argv);
    unsigned bad = 0;

    if (!HAS_SSE && !tape.replays) {
        puts("skip SSE numbers against the host: no SSE2 here (check_numbers.sh replays a "
             "recording)");
        return approximations() != 0;
    }
    catch_faults();
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        rng = seed * 0x9e3779b97f4a7c15ull + i + 1;
        bad += run(&tests[i], rounds, &tape);
    }
    if (!bad)
        tape_close(&tape);
    return bad + approximations() != 0;
}
