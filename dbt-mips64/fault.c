/* fault.c - what translated code leaves to signals: accesses that are not aligned, and those
 * that their window does not have.
 *
 * MIPS64 release 2 traps on an unaligned lw (Loongson does not). Translated code uses plain loads
 * and stores of 2, 4 and 8 bytes, never in a delay slot: the handler does them byte by byte. A page
 * that is not in the window: the handler only looks up the access's way out of line. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/fault.h"
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

enum { MAX_CACHES = 16 };
static struct tcache *caches[MAX_CACHES];    /* the handlers' */
static struct sigaction before_bus, before_segv;     /* what was there when the first one came */
static sigjmp_buf refused;                   /* in the midst of an unaligned access ... */
static volatile sig_atomic_t in_access;      /* ... if this is set */

static struct tcache *cache_at(uintptr_t pc)
{
    for (unsigned i = 0; i < MAX_CACHES; i++)
        if (caches[i] && pc >= (uintptr_t)caches[i]->code && pc < (uintptr_t)caches[i]->code_end)
            return caches[i];
    return NULL;
}

#ifdef __mips64
enum { OP_LH = 0x21, OP_LW = 0x23, OP_LHU = 0x25, OP_SH = 0x29, OP_SW = 0x2b, OP_LD = 0x37,
       OP_SD = 0x3f };

/* Faults before the first byte is written if any may not be. */
static void store(uint8_t *at, const void *from, size_t n)
{
    volatile uint8_t *first = at, *last = at + n - 1;

    *first = *first;
    *last = *last;
    memcpy(at, from, n);
}

/* Does the load or store at pc; false = it is neither. */
static bool carry_out(ucontext_t *u)
{
    uint32_t w = *(const uint32_t *)(uintptr_t)u->uc_mcontext.pc;
    greg_t *r = &u->uc_mcontext.gregs[w >> 16 & 31];
    void *at = (void *)(uintptr_t)(u->uc_mcontext.gregs[w >> 21 & 31] +
                                   (uint64_t)(int64_t)(int16_t)w);
    int16_t h;
    uint16_t hu;
    int32_t i;

    switch (w >> 26) {
    case OP_LH: memcpy(&h, at, 2); *r = (greg_t)(int64_t)h; break;
    case OP_LHU: memcpy(&hu, at, 2); *r = hu; break;
    case OP_LW: memcpy(&i, at, 4); *r = (greg_t)(int64_t)i; break;
    case OP_LD: memcpy(r, at, 8); break;
    case OP_SH: store(at, r, 2); break;
    case OP_SW: store(at, r, 4); break;
    case OP_SD: store(at, r, 8); break;
    default: return false;
    }
    u->uc_mcontext.pc += 4;
    return true;
}

/* To the way out of line of the access at pc; false = it has none. */
static bool go_aside(ucontext_t *u)
{
    const struct tcache *k = cache_at((uintptr_t)u->uc_mcontext.pc);
    uint32_t *to = k ? tcache_wsite(k, (const uint32_t *)(uintptr_t)u->uc_mcontext.pc) : NULL;

    if (to)
        u->uc_mcontext.pc = (uintptr_t)to;
    return to;
}

static bool unaligned(ucontext_t *u)
{
    bool done;

    if (!cache_at((uintptr_t)u->uc_mcontext.pc))
        return false;
    if (sigsetjmp(refused, 0))
        return go_aside(u);
    in_access = 1;
    done = carry_out(u);
    in_access = 0;
    return done;
}
#else
static bool unaligned(ucontext_t *u)
{
    (void)u; (void)cache_at; (void)refused;
    return false;
}

static bool go_aside(ucontext_t *u)
{
    (void)u;
    return false;
}
#endif

/* What is not ours happens again, for whoever was here before. */
static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    (void)info;
    if (!unaligned(context))
        sigaction(sig, &before_bus, NULL);
}

static void on_sigsegv(int sig, siginfo_t *info, void *context)
{
    (void)info;
    if (in_access) {
        in_access = 0;
        siglongjmp(refused, 1);
    }
    if (!go_aside(context))
        sigaction(sig, &before_segv, NULL);
}

typedef void handler(int, siginfo_t *, void *);

static bool handle(int sig, handler *fn, struct sigaction *before)
{
    struct sigaction a = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | SA_NODEFER }, old;

    if (sigaction(sig, &a, &old) < 0)
        return false;
    if (!(old.sa_flags & SA_SIGINFO) || old.sa_sigaction != fn)
        *before = old;
    return true;
}

int fault_install(struct tcache *k, struct vm_error *e)
{
    unsigned i = 0;

    while (i < MAX_CACHES && caches[i])
        i++;
    if (i == MAX_CACHES || !handle(SIGBUS, on_sigbus, &before_bus) ||
        (k->wsites && !handle(SIGSEGV, on_sigsegv, &before_segv)))
        return vm_fail(e, VM_EIO, "cannot handle signals for translated code");
    caches[i] = k;
    return VM_OK;
}

void fault_remove(struct tcache *k)
{
    for (unsigned i = 0; k && i < MAX_CACHES; i++)
        if (caches[i] == k)
            caches[i] = NULL;
}
