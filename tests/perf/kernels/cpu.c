/* cpu.c - kernels in x86's own instructions: strings, flags, wide arithmetic, bytes, x87. */
/* SPDX-License-Identifier: MIT */
#include "bench.h"

static NOINLINE uint32_t repmovs(uint32_t n)
{
    enum { WORDS = 65536 };
    uint32_t *a = (uint32_t *)bench_mem, *b = (uint32_t *)(bench_mem + 0x128000), seed = 3;

    for (int i = 0; i < WORDS; i++)
        a[i] = bench_random(&seed);
    while (n--) {
        void *d = b, *s = a;
        uint32_t count = WORDS, *t = a;

        __asm__ volatile("cld; rep movsl" : "+D"(d), "+S"(s), "+c"(count) :: "memory");
        d = a;
        count = 4096;
        __asm__ volatile("rep stosb" : "+D"(d), "+c"(count) : "a"(n) : "memory");
        a = b;
        b = t;
    }
    return a[7777];
}

static NOINLINE uint32_t flags(uint32_t n)
{
    uint32_t a = 0x12345678, b = 0x9ABCDEF1, c = 0, d = 5;

    for (n *= 1000; n--;) {
        __asm__ volatile(
            "addl %1, %0\n adcl %3, %2\n sbbl %0, %3\n rcll $1, %0\n"
            "setc %%cl\n movzbl %%cl, %%ecx\n addl %%ecx, %1\n shldl $5, %0, %2\n"
            "incl %3\n cmpl %0, %1\n jbe 1f\n negl %2\n"
            "1: btl $3, %0\n adcl $0, %1\n bsfl %1, %%ecx\n roll %%cl, %3\n"
            "testl %0, %2\n js 2f\n xorl $0x55, %0\n2:"
            : "+r"(a), "+r"(b), "+r"(c), "+r"(d) :: "ecx", "cc");
    }
    return a ^ b ^ c ^ d;
}

static NOINLINE uint32_t muldiv(uint32_t n)
{
    uint32_t a = 0x12345678, b = 97, c = 0;

    for (n *= 1000; n--;) {
        uint32_t low = a, high, quotient, remainder = 0;

        __asm__ volatile("mull %2" : "+a"(low), "=d"(high) : "r"(b) : "cc");
        high %= b | 1;
        quotient = low;
        __asm__ volatile("divl %2" : "+a"(quotient), "+d"(remainder) : "r"(b | 1) : "cc");
        a = low + quotient + high;
        c += remainder;
        c ^= (uint32_t)((int32_t)a / (int32_t)(b | 3));
        b = (b * 69069 + 1) & 0xFFFF;
    }
    return a ^ c;
}

/* Byte registers and a string scan, as in old programs. */
static NOINLINE uint32_t bytes(uint32_t n)
{
    enum { SIZE = 4096 };
    uint8_t *a = bench_mem;
    uint32_t seed = 8, sum = 0;

    for (int i = 0; i < SIZE; i++)
        a[i] = bench_random(&seed) >> 24;
    a[SIZE - 1] = 0;
    while (n--) {
        uint8_t *p = a;
        uint32_t count = SIZE;

        for (uint32_t i = 0; i < SIZE - 1; i++) {
            uint32_t v;

            __asm__ volatile("movb (%1), %%al\n movb %%al, %%ah\n addb $0x11, %%ah\n"
                             "xorb %%ah, %%al\n rolb $3, %%al\n movb %%al, (%1)\n movzwl %%ax, %0"
                             : "=&r"(v) : "r"(a + i) : "eax", "memory", "cc");
            sum += v;
        }
        __asm__ volatile("xorb %%al, %%al\n repne scasb"
                         : "+D"(p), "+c"(count) :: "eax", "cc", "memory");
        sum += count;
    }
    return sum;
}

static NOINLINE uint32_t fptrig(uint32_t n)
{
    double x = 0.1, sum = 0;

    bench_fpu(0x37F);
    for (n *= 100; n--;) {
        double r;

        __asm__ volatile("fsin" : "=t"(r) : "0"(x));
        sum += r;
        __asm__ volatile("fsqrt" : "=t"(r) : "0"(x * x + 1.0));
        sum += r / 3.0;
        __asm__ volatile("fld1; fpatan" : "=t"(r) : "0"(x));
        x = r * 1.7 + 0.01;
        if (sum > 1000)
            sum -= 1000;
    }
    return (uint32_t)(sum * 1000);
}

const struct bench bench_cpu[] = {
    { "repmovs", repmovs, 200, 0, NULL },
    { "flags", flags, 2000, 0, NULL },
    { "muldiv", muldiv, 1000, 0, NULL },
    { "bytes", bytes, 1200, 0, NULL },
    { "fptrig", fptrig, 500, 0, NULL },
    { NULL, NULL, 0, 0, NULL }
};
