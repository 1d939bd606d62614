/* rows.c - what one thing costs: loops of nothing but that thing, with paging on. The loop's own
 * two instructions are counted with it. */
/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "pc.h"

enum { UNROLLED = 8 };               /* how often REPEAT has the body */

/* The body may use eax, ebx, ecx, edx and the memory at esi; edi counts. */
#define REPEAT(n, a, body) \
    __asm__ volatile("7: .rept 8\n" body "\n.endr\n dec %%edi\n jnz 7b" \
                     : "+D"(n), "+a"(a) : "S"(bench_mem) : "ebx", "ecx", "edx", "cc", "memory")

static NOINLINE uint32_t row_alu(uint32_t n)
{
    uint32_t a = 1;

    REPEAT(n, a, "addl %%ebx, %%eax\n xorl %%eax, %%edx\n subl %%ecx, %%edx\n andl %%edx, %%eax\n"
                 "orl $1, %%ebx\n movl %%eax, %%ecx\n leal 3(%%ebx), %%ebx\n notl %%edx");
    return n;
}

/* One branch falls through, one is taken. */
static NOINLINE uint32_t row_branch(uint32_t n)
{
    uint32_t a = 1;

    REPEAT(n, a, "cmpl $2, %%eax\n je 9f\n testl %%eax, %%eax\n jne 9f\n nop\n9:");
    return n + a;
}

static NOINLINE uint32_t row_carry(uint32_t n)
{
    uint32_t a = 1;

    REPEAT(n, a, "adcl %%eax, %%ebx\n sbbl %%ecx, %%edx\n adcl $0, %%eax\n adcl %%ebx, %%ecx");
    return n;
}

static NOINLINE uint32_t row_memory(uint32_t n)
{
    uint32_t a = 1;

    REPEAT(n, a, "movl 8(%%esi), %%eax\n movl %%eax, 16(%%esi)\n pushl %%eax\n popl %%ebx");
    return n;
}

static NOINLINE uint32_t row_modify(uint32_t n)
{
    uint32_t a = 1;

    REPEAT(n, a, "addl %%eax, 8(%%esi)\n incl 16(%%esi)");
    return n + a;
}

static NOINLINE uint32_t row_call(uint32_t n)
{
    uint32_t a = 1;

    __asm__ volatile("jmp 7f\n3: ret\n7: .rept 8\n call 3b\n .endr\n dec %%edi\n jnz 7b"
                     : "+D"(n), "+a"(a) :: "cc", "memory");
    return n + a;
}

static NOINLINE uint32_t row_indirect(uint32_t n)
{
    uint32_t a = 1;

    __asm__ volatile("mov $3f, %%ebx\n mov $4f, %%ecx\n jmp 7f\n3: ret\n4: ret\n"
                     "7: .rept 8\n call *%%ebx\n call *%%ecx\n .endr\n dec %%edi\n jnz 7b"
                     : "+D"(n), "+a"(a) :: "ebx", "ecx", "cc", "memory");
    return n + a;
}

/* 1024 dwords moved, 1024 stored. */
static NOINLINE uint32_t row_string(uint32_t n)
{
    uint8_t *from = bench_mem, *to = bench_mem + 0x10000;

    for (; n--; to = bench_mem + 0x10000, from = bench_mem) {
        uint32_t count = 1024;

        __asm__ volatile("cld\n rep movsl\n mov $1024, %%ecx\n rep stosl"
                         : "+D"(to), "+S"(from), "+c"(count) : "a"(n) : "memory");
    }
    return n;
}

static NOINLINE uint32_t row_sse2(uint32_t n)
{
    static const double k[3] = { 1.25, 1.0000001, 0.9999999 };
    double x = 1.5;

    bench_fpu(0x37F);
    __asm__ volatile("movsd %1, %%xmm0\n movsd (%2), %%xmm1\n movsd 8(%2), %%xmm2\n"
                     "movsd 16(%2), %%xmm3\n"
                     "7: .rept 8\n addsd %%xmm1, %%xmm0\n mulsd %%xmm2, %%xmm0\n"
                     "subsd %%xmm1, %%xmm0\n mulsd %%xmm3, %%xmm0\n .endr\n dec %%edi\n jnz 7b\n"
                     "movsd %%xmm0, %1" : "+D"(n), "+m"(x) : "r"(k) : "cc", "memory");
    return (uint32_t)(x * 1e6);
}

/* The same on the x87, where products have 64 bits. */
static NOINLINE uint32_t row_x87(uint32_t n)
{
    static const double k[3] = { 1.25, 1.0000001, 0.9999999 };
    double x = 1.5;

    bench_fpu(0x37F);
    __asm__ volatile("fldl 16(%2)\n fldl 8(%2)\n fldl (%2)\n fldl %1\n"
                     "7: .rept 8\n fadd %%st(1), %%st\n fmul %%st(2), %%st\n"
                     "fsub %%st(1), %%st\n fmul %%st(3), %%st\n .endr\n dec %%edi\n jnz 7b\n"
                     "fstpl %1\n fninit" : "+D"(n), "+m"(x) : "r"(k) : "cc", "memory");
    return (uint32_t)(x * 1e6);
}

/* 256 pages get other memory, CR3 is loaded, each is touched. */
static NOINLINE uint32_t row_fill(uint32_t n)
{
    enum { PAGES = 256, OTHER = 1 << 20 };

    while (n--) {
        for (uint32_t i = 0; i < PAGES; i++)
            pc_window_table[i] ^= OTHER;
        pc_cr3(pc_directory(0));
        for (uint32_t i = 0; i < PAGES; i++)
            (void)WINDOW[i << 10];
    }
    return n;
}

/* Two address spaces take turns, a page of each is read. */
static NOINLINE uint32_t row_cr3(uint32_t n)
{
    while (n--) {
        pc_cr3(pc_directory(1));
        (void)WINDOW[0];
        pc_cr3(pc_directory(0));
        (void)WINDOW[0];
    }
    return n;
}

static NOINLINE uint32_t row_out(uint32_t n)
{
    uint32_t a = 1;

    REPEAT(n, a, "outb %%al, $0x80");
    return n + a;
}

const struct bench bench_rows[] = {
    { "row_alu", row_alu, 200000, UNROLLED * 8, pc_paging_on },
    { "row_branch", row_branch, 200000, UNROLLED * 2, pc_paging_on },
    { "row_carry", row_carry, 200000, UNROLLED * 4, pc_paging_on },
    { "row_memory", row_memory, 200000, UNROLLED * 4, pc_paging_on },
    { "row_modify", row_modify, 200000, UNROLLED * 2, pc_paging_on },
    { "row_call", row_call, 100000, UNROLLED, pc_paging_on },
    { "row_indirect", row_indirect, 50000, UNROLLED * 2, pc_paging_on },
    { "row_string", row_string, 2000, 2048, pc_paging_on },
    { "row_sse2", row_sse2, 50000, UNROLLED * 4, pc_paging_on },
    { "row_x87", row_x87, 20000, UNROLLED * 4, pc_paging_on },
    { "row_fill", row_fill, 400, 256, pc_paging_on },
    { "row_cr3", row_cr3, 2000, 2, pc_paging_on },
    { "row_out", row_out, 5000, UNROLLED, pc_paging_on },
    { NULL, NULL, 0, 0, NULL }
};
