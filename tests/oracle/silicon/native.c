/* native.c - user code on the host's CPU, from a 64-bit process: far jumps through compatibility
 * segments, signals as exceptions. Linux on x86-64 only. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/oracle/silicon/native.h"
#include <string.h>

unsigned native_end(uint8_t out[NATIVE_END_MAX], bool code16)
{
    uint32_t leave = NATIVE_LEAVE;
    unsigned n = 0;

    if (code16)
        out[n++] = 0x66;
    memcpy(out + n, "\xea\0\0\0\0\x33\0", 7);
    memcpy(out + n + 1, &leave, 4);
    return n + 7;
}

#if defined(__x86_64__) && defined(__linux__)
#include <asm/ldt.h>
#include <cpuid.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* At a fixed low address, so that 64-bit code can reach it without a register. The offsets are
 * known to the assembler text below. */
struct area {
    uint32_t gpr[8];                 /* 0 */
    uint32_t eip; uint16_t cs, pad;  /* 32: far pointer into the code */
    uint64_t eflags;                 /* 40 */
    uint64_t rsp;                    /* 48: of the 64-bit side */
    uint64_t fs_base;                /* 56: of the 64-bit side */
    uint16_t seg[8];                 /* 64: ES CS SS DS FS GS */
    uint64_t iret[5];                /* 80: RIP CS RFLAGS RSP SS, to start with TF */
    uint8_t  block_calls, pad2[7];   /* 120: for the kernel: system calls raise SIGSYS */
    uint8_t  fx[512] __attribute__((aligned(64)));  /* 128 */
    uint64_t handler;                /* 640: on_signal() */
    uint32_t mxcsr;                  /* 648: of the 64-bit side */
    uint32_t vector, error, cr2, eip_out, faulted;
};
enum { AREA = NATIVE_AREA, STUBS = NATIVE_STUBS };

#define A "0x51230000"
#define LOAD_SEG(at, seg) "  movzwl " A "+" at ", %eax; mov %eax, %" seg "\n"
#define LOAD_REGS \
    "  movl " A "+0, %eax; movl " A "+4, %ecx; movl " A "+8, %edx; movl " A "+12, %ebx\n" \
    "  movl " A "+20, %ebp; movl " A "+24, %esi; movl " A "+28, %edi\n"
__asm__(
    ".pushsection .text\n"
    "silicon_enter:\n"
    "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "  mov %rsp, " A "+48\n"
    "  fxrstor " A "+128\n"
    LOAD_SEG("64", "es") LOAD_SEG("70", "ds") LOAD_SEG("72", "fs") LOAD_SEG("74", "gs")
    "  testl $0x100, " A "+40; jnz 1f\n"
    LOAD_SEG("68", "ss")
    "  pushq " A "+40; popfq\n"
    LOAD_REGS
    "  movl " A "+16, %esp\n"
    "  ljmp *" A "+32\n"
    "1:" LOAD_REGS
    "  movl $" A "+80, %esp; iretq\n"
    ".org silicon_enter + 0x200\n"   /* NATIVE_LEAVE: the end of the code jumps here */
    "  movl %eax, " A "+0; movl %ecx, " A "+4; movl %edx, " A "+8; movl %ebx, " A "+12\n"
    "  movl %esp, " A "+16; movl %ebp, " A "+20; movl %esi, " A "+24; movl %edi, " A "+28\n"
    "  mov " A "+48, %rsp\n"
    "  pushfq; popq " A "+40\n"
    "  fxsave " A "+128; fninit; ldmxcsr " A "+648\n"
    "  call silicon_segs\n"
    "silicon_back:\n"                /* the signal handler goes on here */
    "  mov " A "+48, %rsp\n"
    "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "  ret\n"
    /* keeps the selectors, then makes the segments and flags those of C code */
    "silicon_segs:\n"
    "  pushq $0x202; popfq\n"
    "  mov %es, %eax; mov %ax, " A "+64; mov %ss, %eax; mov %ax, " A "+68\n"
    "  mov %ds, %eax; mov %ax, " A "+70; mov %fs, %eax; mov %ax, " A "+72\n"
    "  mov %gs, %eax; mov %ax, " A "+74\n"
    "  mov $0x2b, %eax; mov %eax, %ss\n"
    "  xor %eax, %eax; mov %eax, %ds; mov %eax, %es; mov %eax, %fs; mov %eax, %gs\n"
    "  mov " A "+56, %rax; .byte 0xf3, 0x48, 0x0f, 0xae, 0xd0\n"   /* wrfsbase %rax */
    "  movb $0, " A "+120\n"
    "  ret\n"
    "silicon_signal:\n"
    "  call silicon_segs\n"
    "  sub $8, %rsp; call *" A "+640\n"
    "  jmp silicon_back\n"
    "silicon_end:\n"
    ".popsection\n");
extern const uint8_t silicon_enter[], silicon_signal[], silicon_end[];

static struct area *const area = (struct area *)(uintptr_t)AREA;

/* Called by the stub, on the signal's stack, which is then left: there is no signal return. */
static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    greg_t *g = u->uc_mcontext.gregs;
    static const int order[8] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI,
                                  REG_RDI };

    if ((g[REG_CSGSFS] & 0xffff) == SEL_OUT && g[REG_RIP] != NATIVE_LEAVE &&
        ((uint64_t)g[REG_RIP] >> 32 || ((uint64_t)g[REG_RIP] & ~0xfffull) == STUBS)) {
        fprintf(stderr, "silicon: signal %d in the test itself at %llx, address %p\n", sig,
                (unsigned long long)g[REG_RIP], info->si_addr);
        _exit(3);
    }
    for (unsigned i = 0; i < 8; i++)
        area->gpr[i] = (uint32_t)g[order[i]];
    area->faulted = 1;
    area->eip_out = (uint32_t)g[REG_RIP];
    area->seg[1] = (uint16_t)g[REG_CSGSFS];
    area->seg[2] = (uint16_t)((uint64_t)g[REG_CSGSFS] >> 48);
    area->eflags = (uint64_t)g[REG_EFL];
    area->vector = sig == SIGSYS ? 0x80 : (uint32_t)g[REG_TRAPNO];
    area->error = (uint32_t)g[REG_ERR];
    area->cr2 = (uint32_t)g[REG_CR2];
    memcpy(area->fx, u->uc_mcontext.fpregs, sizeof area->fx);
}

static bool map_at(uint32_t at, size_t bytes, int prot)
{
    void *want = (void *)(uintptr_t)at;

    return mmap(want, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == want;
}

/* Mapped twice: the code under test must not be able to write what it may not. */
static uint8_t *code_writable, *data_writable;

static uint8_t *map_twice(uint32_t at, size_t bytes, int prot)
{
    int fd = memfd_create("silicon", 0);
    void *want = (void *)(uintptr_t)at, *both;

    if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
        return NULL;
    both = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (both == MAP_FAILED ||
        mmap(want, bytes, prot, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) != want)
        return NULL;
    return both;
}

static bool map_all(void)
{
    code_writable = map_twice(NATIVE_CODE, NATIVE_CODE_BYTES, PROT_READ | PROT_EXEC);
    data_writable = map_twice(NATIVE_DATA, NATIVE_DATA_BYTES, PROT_READ | PROT_WRITE);
    if (!code_writable || !data_writable || !map_at(AREA, 0x1000, PROT_READ | PROT_WRITE) ||
        !map_at(STUBS, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC))
        return false;
    memset(code_writable, 0xcc, NATIVE_CODE_BYTES);
    memcpy((void *)(uintptr_t)STUBS, silicon_enter, (size_t)(silicon_end - silicon_enter));
    mprotect((void *)(uintptr_t)STUBS, 0x1000, PROT_READ | PROT_EXEC);
    mprotect((void *)(uintptr_t)(NATIVE_DATA + NATIVE_DATA_RO), 0x1000, PROT_READ);
    return true;
}

static uint64_t fs_base(void)
{
    uint64_t v;

    __asm__ volatile(".byte 0xf3, 0x48, 0x0f, 0xae, 0xc0" : "=a"(v));   /* rdfsbase %rax */
    return v;
}

/* The order of faults, the x87's pointers and approximations are those of an Intel that says so in
 * leaf 7 (since Skylake); others differ where the manual lets them (docs/conformance.md). */
static bool right_cpu(void)
{
    unsigned a, b, c, d;

    if (!__get_cpuid(0, &a, &b, &c, &d) || b != signature_INTEL_ebx)
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1 << 6) && (b & 1 << 13);
}

bool native_open(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS };
    struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    stack_t alt = { .ss_size = 1 << 16, .ss_sp = malloc(1 << 16) };
    cpu_set_t first;

    if (!right_cpu() || !(getauxval(AT_HWCAP2) & 2 /* FSGSBASE */) || !map_all())
        return false;
    sa.sa_sigaction = (void (*)(int, siginfo_t *, void *))(uintptr_t)
                      (STUBS + (uint32_t)(silicon_signal - silicon_enter));
    sigaltstack(&alt, NULL);
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &sa, NULL);
    CPU_ZERO(&first);                /* its number is the limit of Linux's last GDT entry: 0 */
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);
    area->fs_base = fs_base();
    area->handler = (uintptr_t)on_signal;
    area->mxcsr = 0x1f80;
    return prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 1, 0, 0, &area->block_calls) == 0;
}

static bool set_descriptor(unsigned i, uint64_t d)
{
    struct user_desc u = { .entry_number = i };

    u.base_addr = (uint32_t)(d >> 16 & 0xffffff) | (uint32_t)(d >> 56) << 24;
    u.limit = (uint32_t)(d & 0xffff) | (uint32_t)(d >> 32 & 0xf0000);
    u.seg_32bit = d >> 54 & 1;
    u.contents = d >> 42 & 3;
    u.read_exec_only = !(d >> 41 & 1);
    u.limit_in_pages = d >> 55 & 1;
    u.seg_not_present = !(d >> 47 & 1);
    u.useable = d >> 52 & 1;
    return syscall(SYS_modify_ldt, 0x11, &u, sizeof u) == 0;
}

static void set_ldt(const uint64_t ldt[LDT_USED])
{
    static uint64_t now[LDT_USED];
    static bool first = true;

    if (!first && !memcmp(now, ldt, sizeof now))
        return;
    for (unsigned i = 0; i < LDT_USED; i++)
        if ((first || now[i] != ldt[i]) && !set_descriptor(i, ldt[i])) {
            fprintf(stderr, "silicon: modify_ldt refuses %016llx\n", (unsigned long long)ldt[i]);
            exit(3);
        }
    memcpy(now, ldt, sizeof now);
    first = false;
}

static void put_code(const struct fragment *f)
{
    static unsigned old_at, old_n;
    uint8_t b[FRAGMENT_MAX + NATIVE_END_MAX];
    unsigned n = f->n + native_end(b + f->n, f->code16);

    memcpy(b, f->b, f->n);
    if (f->at + n > NATIVE_CODE_BYTES)
        n = NATIVE_CODE_BYTES - f->at;
    memset(code_writable + old_at, 0xcc, old_n);
    memcpy(code_writable + f->at, b, n);
    old_at = f->at;
    old_n = n;
}

static void load_area(const struct witness *s)
{
    memcpy(area->gpr, s->gpr, sizeof area->gpr);
    memcpy(area->fx, s->fx, sizeof area->fx);
    memcpy(area->seg, s->seg, sizeof s->seg);
    area->eip = s->eip;
    area->cs = s->seg[1];
    area->eflags = s->eflags | 0x202;
    area->iret[0] = s->eip;
    area->iret[1] = s->seg[1];
    area->iret[2] = area->eflags;
    area->iret[3] = s->gpr[4];
    area->iret[4] = s->seg[2];
    area->faulted = 0;
}

void native_run(struct witness *s, const struct fragment *f)
{
    void (*enter)(void) = (void (*)(void))(uintptr_t)STUBS;

    set_ldt(f->ldt);
    put_code(f);
    load_area(s);
    area->block_calls = 1;
    enter();
    memcpy(s->gpr, area->gpr, sizeof s->gpr);
    memcpy(s->fx, area->fx, sizeof s->fx);
    memcpy(s->seg, area->seg, sizeof s->seg);
    s->eflags = (uint32_t)area->eflags;
    if (!area->faulted || (area->seg[1] == SEL_OUT && area->eip_out == NATIVE_LEAVE)) {
        s->seg[1] = SEL_OUT;
        s->eip = NATIVE_LEAVE;
        s->vector = NO_VECTOR;
        s->error = s->cr2 = 0;
        return;
    }
    s->eip = area->eip_out;
    s->vector = area->vector;
    s->error = area->error;
    s->cr2 = area->vector == 14 ? area->cr2 : 0;
}

uint8_t *native_data(void) { return data_writable; }

#else
bool native_open(void) { return false; }
uint8_t *native_data(void) { return 0; }
void native_run(struct witness *s, const struct fragment *f)
{
    (void)s;
    (void)f;
}
#endif
