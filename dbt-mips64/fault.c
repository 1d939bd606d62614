/* fault.c - carries out accesses that the host refuses because they are not aligned.
 *
 * MIPS64 release 2 traps on an unaligned lw (Loongson does not). Translated code uses plain loads
 * and stores of 2, 4 and 8 bytes, never in a delay slot: the handler does them byte by byte. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/fault.h"
#include <signal.h>
#include <string.h>
#include <ucontext.h>

enum { MAX_CACHES = 16 };
static struct tcache *caches[MAX_CACHES];    /* the handler's */
static struct sigaction before;              /* what was there when the first one came */

static bool in_code(uintptr_t pc)
{
    for (unsigned i = 0; i < MAX_CACHES; i++)
        if (caches[i] && pc >= (uintptr_t)caches[i]->code && pc < (uintptr_t)caches[i]->code_end)
            return true;
    return false;
}

#ifdef __mips64
enum { OP_LH = 0x21, OP_LW = 0x23, OP_LHU = 0x25, OP_SH = 0x29, OP_SW = 0x2b, OP_LD = 0x37,
       OP_SD = 0x3f };

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
    case OP_SH: memcpy(at, r, 2); break;
    case OP_SW: memcpy(at, r, 4); break;
    case OP_SD: memcpy(at, r, 8); break;
    default: return false;
    }
    u->uc_mcontext.pc += 4;
    return true;
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    (void)info;
    if (in_code((uintptr_t)u->uc_mcontext.pc) && carry_out(u))
        return;
    sigaction(sig, &before, NULL);   /* not ours: it happens again, for whoever was here before */
}
#else
static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    (void)info; (void)context; (void)in_code;
    sigaction(sig, &before, NULL);
}
#endif

int fault_install(struct tcache *k, struct vm_error *e)
{
    struct sigaction a = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO }, old;
    unsigned i = 0;

    while (i < MAX_CACHES && caches[i])
        i++;
    if (i == MAX_CACHES || sigaction(SIGBUS, &a, &old) < 0)
        return vm_fail(e, VM_EIO, "cannot handle SIGBUS for translated code");
    if (!(old.sa_flags & SA_SIGINFO) || old.sa_sigaction != on_sigbus)
        before = old;
    caches[i] = k;
    return VM_OK;
}

void fault_remove(struct tcache *k)
{
    for (unsigned i = 0; k && i < MAX_CACHES; i++)
        if (caches[i] == k)
            caches[i] = NULL;
}
