/* sse.c - kernels in plain C that are built with SSE2: doubles one by one, and vectors. */
/* SPDX-License-Identifier: MIT */
#include "bench.h"

typedef float vec4f __attribute__((vector_size(16)));
typedef int32_t vec4i __attribute__((vector_size(16)));

static NOINLINE uint32_t ssematmul(uint32_t n)
{
    enum { N = 40 };
    static double a[N][N], b[N][N], c[N][N];
    uint32_t seed = 9;
    double trace = 0;

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
        trace = trace * 0.5 + c[n % N][3];
        a[3][n % N] = c[5][n % N] * 0.25;
    }
    return (uint32_t)(int32_t)(trace * 1e6);
}

/* Blending of pixels and a filter over samples, as multimedia code does it. */
static NOINLINE uint32_t ssevec(uint32_t n)
{
    enum { N = 4096 };
    vec4i *dst = (vec4i *)bench_mem, *src = dst + N;
    vec4f *wave = (vec4f *)(src + N), level = { 0 };
    const vec4f gain = { 0.5f, 0.25f, 0.375f, 0.125f };
    const vec4f bias = { 1, 2, 3, 4 };              /* nothing fades to denormal numbers */
    uint32_t seed = 10, sum = 0;

    bench_fpu(0x27F);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 4; k++) {
            dst[i][k] = bench_random(&seed);
            src[i][k] = bench_random(&seed);
            wave[i][k] = (float)(int32_t)(bench_random(&seed) >> 8);
        }
    }
    while (n--) {
        for (int i = 0; i < N; i++) {
            dst[i] = ((dst[i] & 0xFEFEFE) >> 1) + ((src[i] & 0xFEFEFE) >> 1);
            level = level * gain + wave[i];
            wave[i] = level * gain + bias;
        }
        sum = sum * 3 + dst[n % N][n & 3] + (uint32_t)(int32_t)wave[n % N][2];
    }
    return sum;
}

const struct bench bench_sse[] = {
    { "ssematmul", ssematmul, 25, 0, NULL },
    { "ssevec", ssevec, 100, 0, NULL },
    { NULL, NULL, 0, 0, NULL }
};
