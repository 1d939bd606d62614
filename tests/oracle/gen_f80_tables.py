#!/usr/bin/env python3
# gen_f80_tables.py - prints cpu-x86/f80_tables.inc: the constants of f80_trans.c in 4.124 fixed point.
# Plain integer series at 320 bits, rounded to nearest; needs nothing but Python.
# SPDX-License-Identifier: MIT
from math import factorial

W = 320
ONE = 1 << W


def exp(x):                     # scaled integers in and out
    s = t = ONE
    n = 1
    while t:
        t = t * x // (ONE * n)
        s += t
        n += 1
    return s


def sincos(x):
    s, c, t, n = 0, 0, ONE, 0
    while t:
        if n & 1:
            s += -t if n & 2 else t
        else:
            c += -t if n & 2 else t
        n += 1
        t = t * x // (ONE * n)
    return s, c


def atan_inv(num, den):         # atan(num / den), num <= den, through half angles by Euler's series
    x = ONE * num // den
    y = x * x // (ONE + x * x // ONE)
    s = t = x * ONE // (ONE + x * x // ONE)
    n = 1
    while t:
        t = t * y // ONE * (2 * n) // (2 * n + 1)
        s += t
        n += 1
    return s


def ln(num, den):               # ln(num / den) = 2 atanh((num - den) / (num + den))
    z = ONE * (num - den) // (num + den)
    s, t, n = 0, z, 1
    while t not in (0, -1):
        s += t // n
        t = t * z // ONE * z // ONE
        n += 2
    return 2 * s


LN2 = ln(2, 1)
PI = 4 * atan_inv(1, 1)


def q124(v):
    v = (v + (1 << (W - 125))) >> (W - 124)
    return "{ 0x%016x, 0x%016x }" % (v >> 64, v & (1 << 64) - 1)


def table(name, what, rows):
    print("\n/* %s */" % what)
    print("static const struct q124 %s[%d] = {" % (name, len(rows)))
    for r in rows:
        print("    %s," % q124(r))
    print("};")


def recip(j):                   # 256 / m for m in [1 + j/64, 1 + (j + 1)/64), exact at both ends
    return 256 if j == 0 else 128 if j == 63 else (2 * 256 * 128 + 129 + 2 * j) // (2 * (129 + 2 * j))


print("/* f80_tables.inc - constants of f80_trans.c, printed by tests/oracle/gen_f80_tables.py. */")
print("/* SPDX-License-Identifier: MIT */")
for name, v in (("ln2", LN2), ("two_log2e", 2 * ONE * ONE // LN2), ("pi", PI)):
    print("static const struct q124 %s = %s;" % (name, q124(v)))
table("exp2_tab", "2^(i/32)", [exp(LN2 * i // 32) for i in range(32)])
table("sin_tab", "sin(i/16)", [sincos(ONE * i // 16)[0] for i in range(14)])
table("cos_tab", "cos(i/16)", [sincos(ONE * i // 16)[1] for i in range(14)])
table("atan_tab", "atan(i/16)", [atan_inv(i, 16) for i in range(17)])
table("log2_tab", "-log2(recip_tab[i] / 256)", [ln(256, recip(j)) * ONE // LN2 for j in range(64)])
table("exp_coef", "1/(i+1)!", [ONE // factorial(i + 1) for i in range(17)])
table("sin_coef", "1/(2i+1)!", [ONE // factorial(2 * i + 1) for i in range(10)])
table("cos_coef", "1/(2i)!", [ONE // factorial(2 * i) for i in range(10)])
table("odd_coef", "1/(2i+1)", [ONE // (2 * i + 1) for i in range(12)])
print("\n/* 256/m for m in [1 + i/64, 1 + (i+1)/64), exact at both ends */")
print("static const uint16_t recip_tab[64] = {")
for j in range(0, 64, 16):
    print("    " + " ".join("%d," % recip(k) for k in range(j, j + 16)))
print("};")
