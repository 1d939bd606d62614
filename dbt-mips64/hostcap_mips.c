/* hostcap_mips.c - asks the processor and the kernel what they can do.
 * Extensions are known from the kernel's word alone (linux/arch/mips/include/uapi/asm/hwcap.h),
 * because an absent one may execute as nothing. The rest is tried. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "dbt-mips64/hostcap_priv.h"

#if defined(__mips64)
#include "dbt-mips64/emit.h"
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { CAP_MSA = 1 << 1, CAP_MMI = 1 << 11, CAP_EXT = 1 << 12 };
enum { FIXADE = 7 };                 /* sysmips(2): MIPS_FIXADE */
enum { FCSR_RZ = 1, FCSR_RM = 3, FCSR_NAN2008 = 1 << 18 };

static bool is_r2(void)
{
    const char *base = (const char *)getauxval(AT_BASE_PLATFORM);

    if (base && strncmp(base, "mips64r", 7) == 0)
        return base[7] >= '2' && base[7] <= '5';
    return __mips_isa_rev >= 2 && __mips_isa_rev <= 5;
}

/* ---- floating point ------------------------------------------------------------------------- */

static uint32_t fcsr(void)
{
    uint32_t v;

    __asm__ volatile("cfc1 %0, $31" : "=r"(v));
    return v;
}

static void set_fcsr(uint32_t v)
{
    __asm__ volatile("ctc1 %0, $31" : : "r"(v));
}

static uint64_t divide(double a, double b)
{
    uint64_t bits;

    __asm__ volatile("div.d %1, %1, %2\n\tdmfc1 %0, %1" : "=r"(bits), "+f"(a) : "f"(b));
    return bits;
}

/* The NaN of 0/0 and FCSR.NAN2008 should say the same; if not, computing decides. */
static bool has_nan2008(void)
{
    uint64_t nan = divide(0, 0);
    bool top = nan >> 51 & 1, rest = (nan & 0x7ffffffffffff) != 0;

    return top != rest ? top : (fcsr() & FCSR_NAN2008) != 0;
}

static bool has_rounding(void)
{
    uint32_t before = fcsr();
    uint64_t nearest, zero;

    set_fcsr(before & ~(uint32_t)FCSR_RM);
    nearest = divide(1, 10);
    set_fcsr((before & ~(uint32_t)FCSR_RM) | FCSR_RZ);
    zero = divide(1, 10);
    set_fcsr(before);
    return nearest == zero + 1;
}

/* ---- unaligned access ----------------------------------------------------------------------- */

void hostcap_unaligned_raises(bool raises)
{
    syscall(SYS_sysmips, (long)FIXADE, (long)!raises, 0l);
}

/* Steps over the load and leaves a mark in v0. */
static void on_bus_error(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    (void)sig;
    (void)info;
    u->uc_mcontext.pc += 4;
    u->uc_mcontext.gregs[2] = 1;
}

static bool has_unaligned(void)
{
    static const uint32_t data[4] __attribute__((aligned(8)));
    struct sigaction ours = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO }, before;
    uint32_t trapped;

    if (sigaction(SIGBUS, &ours, &before) < 0)
        return false;
    hostcap_unaligned_raises(true);
    __asm__ volatile(".set push\n\t.set noreorder\n\t"
                     "move $2, $0\n\tlw $3, 1(%1)\n\tnop\n\tld $3, 3(%1)\n\tnop\n\tmove %0, $2\n\t"
                     ".set pop" : "=r"(trapped) : "r"(data) : "$2", "$3", "memory");
    hostcap_unaligned_raises(false);
    sigaction(SIGBUS, &before, NULL);
    return !trapped;
}

/* ---- memory for code ------------------------------------------------------------------------ */

enum { TRIAL = 65536 };              /* bytes: a page or more on every kernel */

static bool returns(uint32_t *w, uint32_t *x, int32_t n)
{
    struct emit e = { w, w + 2, false };

    mips_jr(&e, RA);
    mips_addiu(&e, V0, ZERO, n);
    __builtin___clear_cache((char *)x, (char *)(x + 2));
    return ((int32_t (*)(void))(uintptr_t)x)() == n;
}

static bool rwx_runs(void)
{
    uint32_t *p = mmap(NULL, TRIAL, PROT_READ | PROT_WRITE | PROT_EXEC,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return false;
    bool ok = returns(p, p, 1) && returns(p, p, 2);

    munmap(p, TRIAL);
    return ok;
}

static bool toggle_runs(void)
{
    uint32_t *p = mmap(NULL, TRIAL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct emit e = { p, p + TRIAL / 4, false };

    if (p == MAP_FAILED)
        return false;
    mips_jr(&e, RA);
    mips_addiu(&e, V0, ZERO, 1);
    __builtin___clear_cache((char *)p, (char *)e.p);
    bool ok = mprotect(p, TRIAL, PROT_READ | PROT_EXEC) == 0 &&
              ((int32_t (*)(void))(uintptr_t)p)() == 1 &&
              mprotect(p, TRIAL, PROT_READ | PROT_WRITE) == 0;

    munmap(p, TRIAL);
    return ok;
}

/* *coherent: changed code is run as changed, which an emulator of programs does not do. */
static bool dual_runs(bool *coherent)
{
    int fd = memfd_create("godwit-code", MFD_CLOEXEC);
    void *w = MAP_FAILED, *x = MAP_FAILED;
    bool ok = false;

    *coherent = false;
    if (fd >= 0 && ftruncate(fd, TRIAL) == 0) {
        w = mmap(NULL, TRIAL, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        x = mmap(NULL, TRIAL, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    }
    if (w != MAP_FAILED && x != MAP_FAILED) {
        ok = returns(w, x, 1);
        *coherent = ok && returns(w, x, 2);
    }
    if (w != MAP_FAILED)
        munmap(w, TRIAL);
    if (x != MAP_FAILED)
        munmap(x, TRIAL);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Memory that cannot be written and run at once is preferred while it costs no system calls. */
static void ask_code(struct hostcap *c)
{
    bool coherent;

    c->codes = (uint8_t)(rwx_runs() << HOSTCAP_RWX | dual_runs(&coherent) << HOSTCAP_DUAL |
                         toggle_runs() << HOSTCAP_TOGGLE);
    c->code = coherent ? HOSTCAP_DUAL : c->codes & 1 << HOSTCAP_RWX ? HOSTCAP_RWX : HOSTCAP_TOGGLE;
}

void hostcap_ask(struct hostcap *c)
{
    unsigned long caps = getauxval(AT_HWCAP);

    *c = (struct hostcap){
        .native = true, .r2 = is_r2(), .mmi = caps & CAP_MMI, .ext = caps & CAP_EXT,
        .msa = caps & CAP_MSA, .nan2008 = has_nan2008(), .rounding = has_rounding(),
        .unaligned = has_unaligned(),
    };
    ask_code(c);
}

#else

void hostcap_unaligned_raises(bool raises)
{
    (void)raises;
}

void hostcap_ask(struct hostcap *c)
{
    *c = (struct hostcap){ .r2 = true, .rounding = true, .code = HOSTCAP_RWX,
                           .codes = (1 << HOSTCAP_CODES) - 1 };
}

#endif
