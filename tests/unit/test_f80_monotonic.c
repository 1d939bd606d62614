/* test_f80_monotonic.c - the transcendental functions never step back: neighbours of random
 * arguments, where the true function rises or falls. Seed 1. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include "cpu-x86/f80.h"

enum { POINTS = 4000, NEIGHBOURS = 6 };

static uint64_t state = 1;

static uint64_t rnd(void)            /* splitmix64 */
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static const struct f80 one = { UINT64_C(1) << 63, 16383 };

static struct f80 of_2xm1(struct f80 x, struct f80_env *e) { return f80_2xm1(x, e); }
static struct f80 of_log2(struct f80 x, struct f80_env *e) { return f80_yl2x(x, one, e); }
static struct f80 of_atan(struct f80 x, struct f80_env *e) { return f80_patan(x, one, e); }
static struct f80 of_sin(struct f80 x, struct f80_env *e) { return f80_sin(x, e); }
static struct f80 of_cos(struct f80 x, struct f80_env *e) { return f80_cos(x, e); }
static struct f80 of_tan(struct f80 x, struct f80_env *e)
{
    struct f80 top;

    return f80_tan(x, &top, e);
}

/* Arguments are positive, with exponents first..last; 2^0 is below pi / 2 for the first half of its
 * significands. */
static const struct curve {
    const char *name;
    struct f80 (*f)(struct f80 x, struct f80_env *e);
    int  first, last;
    bool falls;
} curves[] = {
    { "F2XM1", of_2xm1, -60, -1, false }, { "FYL2X", of_log2, -80, 80, false },
    { "FPATAN", of_atan, -60, 60, false }, { "FSIN", of_sin, -60, 0, false },
    { "FCOS", of_cos, -30, 0, true },      { "FPTAN", of_tan, -60, 0, false },
};

static struct f80 argument(const struct curve *c)
{
    int span = c->last - c->first + 1, e = c->first + (int)(rnd() % (unsigned)span);
    uint64_t m = rnd() | UINT64_C(1) << 63;

    if (e == 0 && c->last == 0)
        m &= ~(UINT64_C(1) << 62);   /* below 1.5 */
    return (struct f80){ m, (uint16_t)(16383 + e) };
}

START_TEST(neighbours_keep_their_order)
{
    const struct curve *c = &curves[_i];

    for (unsigned i = 0; i < POINTS; i++) {
        struct f80 x = argument(c), last = { 0, 0 };

        for (unsigned k = 0; k < NEIGHBOURS; k++, x.m++) {
            struct f80_env e = { .cw = 0x37f }, compare = { .cw = 0x37f };
            struct f80 y = c->f(x, &e);
            enum f80_rel rel = f80_compare(y, last, true, &compare);

            if (x.m == 0)
                break;               /* the significand overflowed */
            ck_assert_msg(k == 0 || rel == F80_EQ || rel == (c->falls ? F80_LT : F80_GT),
                          "%s steps back at %04x %016llx", c->name, x.se,
                          (unsigned long long)x.m);
            last = y;
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("f80 monotonic");
    TCase *tc = tcase_create("f80 monotonic");
    SRunner *r;
    int failed;

    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, neighbours_keep_their_order, 0, sizeof curves / sizeof curves[0]);
    suite_add_tcase(s, tc);
    r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
