/* test_testfloat.c - f80 against recorded TestFloat vectors (the extF80 sample), all roundings.
 * TestFloat knows neither DE nor C1 and has its own view of NaN payloads and unnormals: those are
 * left out. Passes with a message when the vectors are absent. Argument: the archive. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu-x86/f80.h"

#define ARCHIVE "../shared/suites/testfloat-extF80-sample.tar.xz"
enum { MAX_FIELDS = 4 };
enum { OLD_INEXACT = 1, OLD_UNDER = 2, OLD_OVER = 4, OLD_ZERO = 8, OLD_INVALID = 16 };

struct field {
    struct f80 f;                    /* 20 digits */
    uint64_t i;                      /* fewer */
    unsigned digits;
};

struct vector {
    struct field v[MAX_FIELDS];      /* operands, then the result */
    unsigned n, flags;
};

static struct field parse_field(const char *s)
{
    struct field r = { .digits = (unsigned)strlen(s) };
    char top[5] = "";

    if (r.digits == 20) {
        memcpy(top, s, 4);
        r.f.se = (uint16_t)strtoul(top, NULL, 16);
        r.f.m = strtoull(s + 4, NULL, 16);
    } else {
        r.i = strtoull(s, NULL, 16);
    }
    return r;
}

static bool parse(char *line, struct vector *v)
{
    char *save = NULL, *s = strtok_r(line, " \n", &save), *next;

    for (v->n = 0; s && (next = strtok_r(NULL, " \n", &save)); s = next) {
        if (v->n == MAX_FIELDS) {
            return false;
        }
        v->v[v->n++] = parse_field(s);
    }
    v->flags = s ? (unsigned)strtoul(s, NULL, 16) : 0;
    return v->n >= 2;
}

static unsigned old_flags(uint16_t ex)
{
    return (ex & F80_IE ? OLD_INVALID : 0) | (ex & F80_ZE ? OLD_ZERO : 0) |
           (ex & F80_OE ? OLD_OVER : 0) | (ex & F80_UE ? OLD_UNDER : 0) |
           (ex & F80_PE ? OLD_INEXACT : 0);
}

static bool is_nan(const struct field *r)
{
    switch (r->digits) {
    case 20: return (r->f.se & 0x7fff) == 0x7fff && r->f.m << 1;
    case 16: return r->i << 1 > 0xffe0000000000000;
    default: return (uint32_t)r->i << 1 > 0xff000000;
    }
}

static struct field remainder_of(struct f80 a, struct f80 b, struct f80_env *e)
{
    struct field r = { .digits = 20, .f = a };

    do {                                           /* partial steps of FPREM never round */
        r.f = (e->ex = 0, f80_prem1(r.f, b, e));
    } while (e->ex & F80_C2);
    return r;
}

static bool compute(const char *op, const struct vector *v, struct f80_env *e, struct field *r)
{
    struct f80 a = v->v[0].f, b = v->v[1].f;
    uint64_t i = v->v[0].i;
    enum f80_rel rel;

    *r = (struct field){ .digits = v->v[v->n - 1].digits };
    if (!strcmp(op, "extF80_add")) r->f = f80_add(a, b, e);
    else if (!strcmp(op, "extF80_sub")) r->f = f80_sub(a, b, e);
    else if (!strcmp(op, "extF80_mul")) r->f = f80_mul(a, b, e);
    else if (!strcmp(op, "extF80_div")) r->f = f80_div(a, b, e);
    else if (!strcmp(op, "extF80_rem")) *r = remainder_of(a, b, e);
    else if (!strcmp(op, "extF80_sqrt")) r->f = f80_sqrt(a, e);
    else if (!strcmp(op, "extF80_roundToInt")) r->f = f80_rndint(a, e);
    else if (!strcmp(op, "extF80_to_f32")) r->i = f80_to_f32(a, e);
    else if (!strcmp(op, "extF80_to_f64")) r->i = f80_to_f64(a, e);
    else if (!strcmp(op, "extF80_to_i32")) r->i = (uint32_t)f80_to_int(a, 32, false, e);
    else if (!strcmp(op, "extF80_to_i64")) r->i = (uint64_t)f80_to_int(a, 64, false, e);
    else if (!strcmp(op, "f32_to_extF80")) r->f = f80_from_f32((uint32_t)i, e);
    else if (!strcmp(op, "f64_to_extF80")) r->f = f80_from_f64(i, e);
    else if (!strcmp(op, "i32_to_extF80")) r->f = f80_from_i64((int32_t)i);
    else if (!strcmp(op, "i64_to_extF80")) r->f = f80_from_i64((int64_t)i);
    else {
        bool less = !strncmp(op, "extF80_lt", 9);

        if (!less && strncmp(op, "extF80_eq", 9))
            return false;
        rel = f80_compare(a, b, strcmp(op, "extF80_lt") && strcmp(op, "extF80_eq_signaling"), e);
        r->i = less ? rel == F80_LT : rel == F80_EQ;
    }
    return true;
}

static bool unnormal(const struct vector *v)
{
    for (unsigned i = 0; i < v->n - 1; i++) {
        if (v->v[i].digits == 20 && v->v[i].f.se & 0x7fff && !(v->v[i].f.m >> 63)) {
            return true;
        }
    }
    return false;
}

/* op.rounding.pNN.txt -> control word. */
static uint16_t control_word(const char *name)
{
    uint16_t cw = 0x3f;

    cw |= strstr(name, ".rmin.") ? F80_RD << 10 : strstr(name, ".rmax.") ? F80_RU << 10 :
          strstr(name, ".rminMag.") ? F80_RZ << 10 : 0;
    return cw | (strstr(name, ".p32.") ? F80_PC24 :
                 strstr(name, ".p64.") ? F80_PC53 : F80_PC64) << 8;
}

static bool agrees(const struct vector *v, const struct field *r, uint16_t ex)
{
    const struct field *want = &v->v[v->n - 1];
    bool one_of_nans = is_nan(want) && is_nan(r);

    if (old_flags(ex) != v->flags) {
        return false;
    }
    return one_of_nans || (want->f.m == r->f.m && want->f.se == r->f.se && want->i == r->i);
}

int main(int argc, char **argv)
{
    const char *archive = argc > 1 ? argv[1] : ARCHIVE;
    char cmd[512], line[256], copy[256], op[64] = "", file[128] = "";
    struct f80_env e = { 0 };
    unsigned long done = 0, bad = 0, left = 0;
    FILE *probe = fopen(archive, "rb"), *p;

    if (!probe) {
        printf("skip TestFloat vectors: no %s\n", archive);
        return 0;
    }
    fclose(probe);
    snprintf(cmd, sizeof cmd, "tar xJf '%s' --to-command='echo \"@ $TAR_FILENAME\"; cat'", archive);
    p = popen(cmd, "r");
    while (p && fgets(line, sizeof line, p)) {
        struct vector v;
        struct field r;

        memcpy(copy, line, sizeof copy);
        if (line[0] == '@') {
            const char *base = strrchr(line, '/') ? strrchr(line, '/') + 1 : line + 2;

            snprintf(file, sizeof file, "%.*s", (int)strcspn(base, "\n"), base);
            snprintf(op, sizeof op, "%.*s", (int)strcspn(base, "."), base);
            e.cw = control_word(file);
        } else if (!parse(line, &v) || unnormal(&v) || (e.ex = 0, !compute(op, &v, &e, &r))) {
            left++;
        } else if (done++, !agrees(&v, &r, e.ex) && bad++ < 20) {
            printf("%s: %.*s, ours %04x:%016" PRIx64 " %" PRIx64 " %02x\n", file,
                   (int)strcspn(copy, "\n"), copy, r.f.se, r.f.m, r.i, old_flags(e.ex));
        }
    }
    if (!p || pclose(p) || !done) {
        printf("FAIL %s should be a tar.xz of TestFloat vectors\n", archive);
        return 1;
    }
    printf("%s %lu TestFloat vectors, %lu left out, %lu differ\n", bad ? "FAIL" : "ok", done, left,
           bad);
    return bad != 0;
}
