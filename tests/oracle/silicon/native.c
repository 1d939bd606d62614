/* native.c - 32-bit code on the host's CPU, from a 64-bit process: far jumps through the
 * compatibility segment 23h, signals as exceptions. Linux on x86-64 only. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/oracle/silicon/native.h"
#include <string.h>

void native_end(uint8_t out[NATIVE_END_BYTES])
{
    uint32_t leave = NATIVE_STUBS + NATIVE_LEAVE;

    memcpy(out, "\xea\0\0\0\0\x33\0", NATIVE_END_BYTES);
    memcpy(out + 1, &leave, 4);
}

#if defined(__x86_64__) && defined(__linux__)
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* At a fixed low address, so that 64-bit code can reach it without a register. The offsets are
 * known to the assembler text below. */
struct area {
    uint32_t gpr[8];                 /* 0 */
    uint32_t eip; uint16_t cs, pad;  /* 32: far pointer into 32-bit code */
    uint64_t eflags;                 /* 40 */
    uint64_t rsp;                    /* 48: of the 64-bit side */
    uint32_t vector, error, cr2, eip_out;   /* 56.. */
    uint8_t  fx[512] __attribute__((aligned(64)));  /* 128 */
};
enum { AREA = NATIVE_AREA, STUBS = NATIVE_STUBS };

#define A "0x51230000"
__asm__(
    ".pushsection .text\n"
    "silicon_enter:\n"
    "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "  mov $0x2b, %eax; mov %eax, %ds; mov %eax, %es\n"
    "  mov %rsp, " A "+48\n"
    "  fxrstor " A "+128\n"
    "  pushq " A "+40; popfq\n"
    "  movl " A "+0, %eax; movl " A "+4, %ecx; movl " A "+8, %edx; movl " A "+12, %ebx\n"
    "  movl " A "+16, %esp; movl " A "+20, %ebp; movl " A "+24, %esi; movl " A "+28, %edi\n"
    "  ljmp *" A "+32\n"
    ".org silicon_enter + 0x100\n"   /* NATIVE_LEAVE: the end of the 32-bit code jumps here */
    "  movl %eax, " A "+0; movl %ecx, " A "+4; movl %edx, " A "+8; movl %ebx, " A "+12\n"
    "  movl %esp, " A "+16; movl %ebp, " A "+20; movl %esi, " A "+24; movl %edi, " A "+28\n"
    "  mov " A "+48, %rsp\n"
    "  pushfq; popq " A "+40\n"
    "  fxsave " A "+128\n"
    "silicon_back:\n"                /* the signal handler returns here */
    "  cld; xor %eax, %eax; mov %eax, %ds; mov %eax, %es\n"
    "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "  ret\n"
    "silicon_end:\n"
    ".popsection\n");
extern const uint8_t silicon_enter[], silicon_back[], silicon_end[];

static struct area *const area = (struct area *)(uintptr_t)AREA;

static uint32_t low_address(const uint8_t *label)
{
    return STUBS + (uint32_t)(label - silicon_enter);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    greg_t *g = u->uc_mcontext.gregs;
    static const int order[8] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI,
                                  REG_RDI };

    (void)info;
    if ((g[REG_CSGSFS] & 0xffff) == 0x33) {
        fprintf(stderr, "silicon: signal %d in the test itself at %llx\n", sig,
                (unsigned long long)g[REG_RIP]);
        _exit(3);
    }
    for (unsigned i = 0; i < 8; i++)
        area->gpr[i] = (uint32_t)g[order[i]];
    area->eip_out = (uint32_t)g[REG_RIP];
    area->eflags = (uint64_t)g[REG_EFL];
    area->vector = (uint32_t)g[REG_TRAPNO];
    area->error = (uint32_t)g[REG_ERR];
    area->cr2 = (uint32_t)g[REG_CR2];
    memcpy(area->fx, u->uc_mcontext.fpregs, sizeof area->fx);
    g[REG_RIP] = low_address(silicon_back);
    g[REG_RSP] = (greg_t)area->rsp;
    g[REG_EFL] = 0x202;
    g[REG_CSGSFS] = (g[REG_CSGSFS] & ~(greg_t)0xffff) | 0x33;
}

static bool map_at(uint32_t at, size_t bytes, int prot)
{
    void *want = (void *)(uintptr_t)at;

    return mmap(want, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == want;
}

/* Twice: the code under test must not be able to write itself. */
static uint8_t *code_writable;

static bool map_code(void)
{
    void *want = (void *)(uintptr_t)NATIVE_CODE;
    int fd = memfd_create("silicon", 0);

    if (fd < 0 || ftruncate(fd, NATIVE_CODE_BYTES) < 0)
        return false;
    code_writable = mmap(NULL, NATIVE_CODE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return code_writable != MAP_FAILED &&
           mmap(want, NATIVE_CODE_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0) ==
           want;
}

bool native_open(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    stack_t alt = { .ss_size = 1 << 16, .ss_sp = malloc(1 << 16) };

    if (!map_at(AREA, 0x1000, PROT_READ | PROT_WRITE) ||
        !map_at(STUBS, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC) ||
        !map_code() ||
        !map_at(NATIVE_DATA, NATIVE_DATA_BYTES, PROT_READ | PROT_WRITE))
        return false;
    memcpy((void *)(uintptr_t)STUBS, silicon_enter, (size_t)(silicon_end - silicon_enter));
    mprotect((void *)(uintptr_t)STUBS, 0x1000, PROT_READ | PROT_EXEC);
    sigaltstack(&alt, NULL);
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &sa, NULL);
    return true;
}

void native_run(struct witness *s, const uint8_t *code, unsigned n)
{
    void (*enter)(void) = (void (*)(void))(uintptr_t)STUBS;

    memcpy(code_writable, code, n);
    native_end(code_writable + n);
    memcpy(area->gpr, s->gpr, sizeof area->gpr);
    memcpy(area->fx, s->fx, sizeof area->fx);
    area->eip = NATIVE_CODE;
    area->cs = 0x23;
    area->eflags = s->eflags | 0x202;
    area->vector = 0xffffffff;
    area->eip_out = NATIVE_CODE + n;
    area->error = area->cr2 = 0;
    enter();
    memcpy(s->gpr, area->gpr, sizeof s->gpr);
    memcpy(s->fx, area->fx, sizeof s->fx);
    s->eflags = (uint32_t)area->eflags;
    s->eip = area->eip_out;
    s->vector = area->vector;
    s->error = area->error;
    s->cr2 = area->vector == 14 ? area->cr2 : 0;
}

#else
bool native_open(void) { return false; }
void native_run(struct witness *s, const uint8_t *code, unsigned n)
{
    (void)s;
    (void)code;
    (void)n;
}
#endif
