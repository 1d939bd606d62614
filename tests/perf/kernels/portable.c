/* portable.c - kernels in plain C: integer, memory, calls, dispatch, double arithmetic. */
/* SPDX-License-Identifier: MIT */
#include "bench.h"

static NOINLINE uint32_t sieve(uint32_t n)
{
    enum { LIMIT = 200000 };
    uint8_t *prime = bench_mem;
    uint32_t count = 0;

    while (n--) {
        count = 0;
        for (uint32_t i = 2; i < LIMIT; i++)
            prime[i] = 1;
        for (uint32_t i = 2; i < LIMIT; i++) {
            if (!prime[i])
                continue;
            count++;
            for (uint32_t j = i + i; j < LIMIT; j += i)
                prime[j] = 0;
        }
    }
    return count;
}

static NOINLINE uint32_t crc32(uint32_t n)
{
    static uint32_t table[256];
    enum { SIZE = 65536 };
    uint8_t *data = bench_mem;
    uint32_t seed = 1, crc = ~0u;

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (uint32_t i = 0; i < SIZE; i++)
        data[i] = bench_random(&seed) >> 24;
    while (n--) {
        for (uint32_t i = 0; i < SIZE; i++)
            crc = table[(crc ^ data[i]) & 255] ^ (crc >> 8);
    }
    return ~crc;
}

static NOINLINE uint32_t imatmul(uint32_t n)
{
    enum { N = 80 };
    static int32_t a[N * N], b[N * N], c[N * N];
    uint32_t seed = 2, sum = 0;

    for (int i = 0; i < N * N; i++) {
        a[i] = bench_random(&seed) >> 20;
        b[i] = bench_random(&seed) >> 20;
    }
    while (n--) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                int32_t t = 0;

                for (int k = 0; k < N; k++)
                    t += a[i * N + k] * b[k * N + j];
                c[i * N + j] = t;
            }
        }
        sum += c[n % N * N + 7];
        a[n % (N * N)] ^= 1;
    }
    return sum;
}

static NOINLINE uint32_t copy_words(uint32_t n, uint32_t distance)
{
    enum { WORDS = 65536 };
    uint32_t *a = (uint32_t *)bench_mem, *b = (uint32_t *)(bench_mem + distance), seed = 3;

    for (int i = 0; i < WORDS; i++)
        a[i] = bench_random(&seed);
    while (n--) {
        for (int i = 0; i < WORDS; i++) {
            b[i] = a[i] + i;
            __asm__ volatile("" ::: "memory");      /* or it becomes one memmove */
        }
        uint32_t *t = a;

        a = b;
        b = t;
    }
    return a[777];
}

static NOINLINE uint32_t copyloop(uint32_t n)
{
    return copy_words(n, 0x128000);
}

/* 1 MiB apart: source and destination fall on the same entry of a small direct-mapped TLB. */
static NOINLINE uint32_t copyalias(uint32_t n)
{
    return copy_words(n, 0x100000);
}

static NOINLINE void quicksort(int32_t *a, int l, int r)
{
    while (l < r) {
        int i = l, j = r, pivot = a[(l + r) >> 1];

        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                int32_t t = a[i];

                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - l < r - i) {
            quicksort(a, l, j);
            l = i;
        } else {
            quicksort(a, i, r);
            r = j;
        }
    }
}

static NOINLINE uint32_t qsort_(uint32_t n)
{
    enum { N = 20000 };
    int32_t *a = (int32_t *)bench_mem;
    uint32_t seed = 4, sum = 0;

    while (n--) {
        for (int i = 0; i < N; i++)
            a[i] = bench_random(&seed);
        quicksort(a, 0, N - 1);
        sum += a[n % N];
    }
    return sum;
}

/* A byte-code interpreter: a switch, that is an indirect jump for each operation. */
static NOINLINE uint32_t interp(uint32_t n)
{
    static const uint8_t code[32] = { 0, 3, 5, 1, 2, 4, 0, 6, 7, 1, 0, 2, 8, 9, 3, 4,
                                      5, 6, 10, 11, 0, 2, 1, 9, 4, 12, 3, 13, 7, 8, 14, 15 };
    uint32_t acc = 1, x = 7, y = 13, pc = 0, stack[16], sp = 0;

    for (int i = 0; i < 16; i++)
        stack[i] = i;
    for (n *= 1000; n--; pc++) {
        switch (code[pc & 31]) {
        case 0: acc += x; break;
        case 1: acc ^= y; break;
        case 2: x = acc >> 3; break;
        case 3: y += acc; break;
        case 4: stack[sp++ & 15] = acc; break;
        case 5: acc -= stack[--sp & 15]; break;
        case 6: pc += acc & 1; break;
        case 7: acc = acc << 1 | acc >> 31; break;
        case 8: pc += x > y ? 3 : 0; break;
        case 9: y = y * 5 + 1; break;
        case 10: acc &= ~x; break;
        case 11: x |= y; break;
        case 12: pc += (y & 7) == 3 ? 5 : 0; break;
        case 13: stack[acc & 15] ^= x; break;
        case 14: acc += stack[y & 15]; break;
        case 15: x = ~x; break;
        }
    }
    return acc + x + y;
}

static NOINLINE uint32_t fibonacci(uint32_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static NOINLINE uint32_t fib(uint32_t n)
{
    uint32_t sum = 0;

    while (n--) {
        sum += fibonacci(20);
        __asm__ volatile("" : "+r"(sum));
    }
    return sum;
}

static uint32_t double_bits(double d)
{
    union { double d; uint32_t w[2]; } u = { .d = d };

    return u.w[0] ^ u.w[1];
}

static NOINLINE uint32_t fpmatmul(uint32_t n)
{
    enum { N = 40 };
    static double a[N][N], b[N][N], c[N][N];
    uint32_t seed = 5, sum = 0;

    bench_fpu(0x27F);
    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = (int32_t)(bench_random(&seed) >> 8) / 16777216.0;
        b[i / N][i % N] = (int32_t)(bench_random(&seed) >> 8) / 16777216.0 - 0.5;
    }
    while (n--) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                double t = 0;

                for (int k = 0; k < N; k++)
                    t += a[i][k] * b[k][j];
                c[i][j] = t;
            }
        }
        sum += double_bits(c[n % N][3]);
        a[3][n % N] = c[5][n % N] * 0.25;
    }
    return sum;
}

/* How many steps a point of the Mandelbrot set takes to leave. */
static int escape(double cr, double ci)
{
    double zr = 0, zi = 0;
    int k = 0;

    while (k < 64) {
        double r2 = zr * zr, i2 = zi * zi;

        if (r2 + i2 > 4.0)
            break;
        zi = 2 * zr * zi + ci;
        zr = r2 - i2 + cr;
        k++;
    }
    return k;
}

static NOINLINE uint32_t mandel(uint32_t n)
{
    uint32_t sum = 0;

    bench_fpu(0x27F);
    while (n--) {
        for (int y = 0; y < 16; y++) {
            for (int x = 0; x < 16; x++)
                sum += escape(x * 0.15 - 1.7, y * 0.14 - 1.1 + (int32_t)n * 1e-4);
        }
    }
    return sum;
}

const struct bench bench_portable[] = {
    { "sieve", sieve, 40, 0, NULL },
    { "crc32", crc32, 150, 0, NULL },
    { "imatmul", imatmul, 20, 0, NULL },
    { "copyloop", copyloop, 200, 0, NULL },
    { "copyalias", copyalias, 50, 0, NULL },
    { "qsort", qsort_, 15, 0, NULL },
    { "interp", interp, 5000, 0, NULL },
    { "fib", fib, 300, 0, NULL },
    { "fpmatmul", fpmatmul, 25, 0, NULL },
    { "mandel", mandel, 40, 0, NULL },
    { NULL, NULL, 0, 0, NULL }
};
