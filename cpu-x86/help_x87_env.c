/* help_x87_env.c - x87 control and status words, environments, whole-state saves. SDM vol. 1
 * 8.1.10, 8.1.11 and 10.5 (the x87 part of FXSAVE). Tags are kept as empty or not; the other two
 * kinds are found when a tag word is stored, as the chips do. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/model.h"
#include "cpu-x86/sys.h"
#include "cpu-x86/x87_fxsave.h"
#include "cpu-x86/x87_priv.h"

#define HELP(name) void x86_help_##name(struct x86_cpu *c, const struct x86_insn *I)

enum { ENV_MAX = 28, REGS_BYTES = 80 };

/* FN instructions look at CR0, not at pending errors. */
static void need_x87(struct x86_cpu *c)
{
    if (c->cr0 & (CR0_EM | CR0_TS))
        x86_raise(c, EXC_NM);
}

static void set_cw(struct x86_cpu *c, uint16_t v)
{
    c->fpu.cw = (uint16_t)((v & FCW_BITS) | FCW_FIXED);
    x87_update_es(c);
}

/* Loaded pointers are those of both. */
static void loaded(struct x86_fpu *f)
{
    f->err_fop = f->fop;
    f->err_dp = f->dp;
    f->err_dp_sel = f->dp_sel;
}

void x87_init(struct x86_cpu *c)
{
    struct x86_fpu *f = &c->fpu;

    f->sw = 0;
    f->tw = 0xffff;
    f->ip = f->dp = 0;
    f->ip_sel = f->dp_sel = f->fop = 0;
    loaded(f);
    set_cw(c, FCW_INIT);
}

/* ---- tags ---- */

static unsigned tag_of(struct f80 a)
{
    if (!(a.se & 0x7fff) && !a.m)
        return TAG_ZERO;
    return (a.se & 0x7fff) == 0x7fff || !(a.se & 0x7fff) || !(a.m >> 63) ? TAG_SPECIAL : TAG_VALID;
}

static uint16_t full_tags(const struct x86_fpu *f)
{
    uint16_t tw = f->tw;

    for (unsigned i = 0; i < 8; i++) {
        if ((tw >> 2 * i & 3) != TAG_EMPTY)
            tw = (uint16_t)((tw & ~(3u << 2 * i)) | tag_of(f->st[i]) << 2 * i);
    }
    return tw;
}

static uint16_t reduced_tags(uint16_t tw)
{
    uint16_t r = 0;

    for (unsigned i = 0; i < 16; i += 2)
        r |= (tw >> i & 3) == TAG_EMPTY ? (uint16_t)(3u << i) : 0;
    return r;
}

/* The pointers as the model stores them, SDM vol. 1 8.1.8 and 8.1.9: since the Pentium 4 FOP is
 * that of the last unmasked error, today FDP too, and no selectors. */
struct pointers { uint16_t fop, ip_sel, dp_sel; uint64_t dp; };

static struct pointers x87_kept(const struct x86_cpu *c)
{
    const struct x86_fpu *f = &c->fpu;
    struct pointers p = { f->fop, f->ip_sel, f->dp_sel, f->dp };

    if (c->model->edx & CPUID_SSE2)
        p.fop = f->err_fop;
    if (c->model->ebx7 & CPUID_FDP_ERRORS) {
        p.dp = f->err_dp;
        p.dp_sel = f->err_dp_sel;
    }
    if (c->model->ebx7 & CPUID_NO_FCS_FDS)
        p.ip_sel = p.dp_sel = 0;
    return p;
}

/* ---- environments: 14 or 28 bytes, with selectors in protected mode and without elsewhere ---- */

/* Words (osz 2) or the low halves of dwords (osz 4); the rest of a dword is ones. */
static unsigned env_image(const struct x86_cpu *c, unsigned osz, uint8_t *b)
{
    const struct x86_fpu *f = &c->fpu;
    struct pointers p = x87_kept(c);
    uint32_t ip = (uint32_t)f->ip, dp = (uint32_t)p.dp, hi = 0xffff0000;
    uint32_t w[7] = { f->cw | hi, f->sw | hi, full_tags(f) | hi };
    bool prot = x86_protected(c);

    if (!prot) {
        ip += (uint32_t)p.ip_sel << 4;
        dp += (uint32_t)p.dp_sel << 4;
    }
    if (osz == 4 && prot) {
        w[3] = ip;
        w[4] = p.ip_sel | (uint32_t)p.fop << 16;
        w[5] = dp;
        w[6] = p.dp_sel | hi;
    } else if (osz == 4) {
        w[3] = (ip & 0xffff) | hi;
        w[4] = (ip >> 16) << 12 | p.fop;
        w[5] = (dp & 0xffff) | hi;
        w[6] = (dp >> 16) << 12;
    } else {
        w[3] = ip;
        w[4] = prot ? p.ip_sel : (ip >> 16) << 12 | p.fop;
        w[5] = dp;
        w[6] = prot ? p.dp_sel : (dp >> 16) << 12;
    }
    for (unsigned i = 0; i < 7; i++)
        memcpy(b + i * osz, &w[i], osz);
    return 7 * osz;
}

/* The pointers keep the form they were stored in. */
static void set_pointers(struct x86_cpu *c, unsigned osz, const uint32_t w[7])
{
    struct x86_fpu *f = &c->fpu;

    if (x86_protected(c)) {
        f->ip = w[3];
        f->ip_sel = (uint16_t)w[4];
        f->fop = osz == 4 ? w[4] >> 16 & 0x7ff : 0;
        f->dp = w[5];
        f->dp_sel = (uint16_t)w[6];
    } else {
        f->ip = (w[3] & 0xffff) | (w[4] >> 12) << 16;
        f->dp = (w[5] & 0xffff) | (w[6] >> 12) << 16;
        f->ip_sel = f->dp_sel = 0;
        f->fop = w[4] & 0x7ff;
    }
    loaded(f);
}

static void regs_image(const struct x86_fpu *f, uint8_t *b)
{
    for (unsigned i = 0; i < 8; i++) {
        const struct f80 *a = &f->st[x87_phys(f, i)];

        memcpy(b + 10 * i, &a->m, 8);
        memcpy(b + 10 * i + 8, &a->se, 2);
    }
}

static void touch(struct x86_cpu *c, uint32_t a, unsigned n, enum x86_access acc)
{
    if (acc == ACC_W)
        x86_check_write(c, a, n);
    else
        x86_ld_lin(c, a, n);
}

static uint32_t image_part(const struct x86_cpu *c, const struct x86_insn *I, unsigned at)
{
    uint32_t off = x86_ea(c, I) + at;

    return I->asz == 2 ? off & 0xffff : off;
}

/* The chips look at the first word (dword), then at the last byte, then move the parts in order: an
 * image that wraps into what the segment does not have is there up to it. */
static void probe_image(struct x86_cpu *c, const struct x86_insn *I, unsigned n,
                        enum x86_access acc)
{
    touch(c, x86_lin(c, I->seg, image_part(c, I, 0), I->osz, acc), I->osz, acc);
    touch(c, x86_lin(c, I->seg, image_part(c, I, n - 1), 1, acc), 1, acc);
}

/* The environment's words, then eight and two bytes for each register. Returns the element's size;
 * the alignment asked of it is that of a word. */
static unsigned element(const struct x86_insn *I, unsigned at)
{
    unsigned env = 7u * I->osz;

    return at < env ? I->osz : (at - env) % 10 ? 2 : 8;
}

static void store_image(struct x86_cpu *c, const struct x86_insn *I, const uint8_t *b, unsigned n)
{
    probe_image(c, I, n, ACC_W);
    for (unsigned at = 0, size; at < n; at += size) {
        uint32_t a;

        size = element(I, at);
        a = x86_lin(c, I->seg, image_part(c, I, at), size, ACC_W);
        for (unsigned i = 0; i < size; i += 2)
            x86_st_lin(c, a + i, x86_get(b + at + i, 2), 2);
    }
}

static void load_part(struct x86_cpu *c, const struct x86_insn *I, unsigned at, unsigned size,
                      void *to)
{
    uint32_t a = x86_lin(c, I->seg, image_part(c, I, at), size, ACC_R);

    for (unsigned i = 0; i < size; i += 2)
        x86_put((uint8_t *)to + i, x86_ld_lin(c, a + i, 2), 2);
}

/* Status and tag word are loaded before what follows may fault; the control word is left to the
 * caller. */
static void load_env(struct x86_cpu *c, const struct x86_insn *I, uint32_t w[7])
{
    for (unsigned i = 0; i < 7; i++) {
        w[i] = 0;
        load_part(c, I, i * I->osz, I->osz, &w[i]);
        if (i == 1) {
            c->fpu.sw = (uint16_t)w[1];
            x87_update_es(c);
        } else if (i == 2) {
            c->fpu.tw = reduced_tags((uint16_t)w[2]);
        }
    }
}

HELP(fnstenv)
{
    uint8_t b[ENV_MAX];
    unsigned n;

    need_x87(c);
    n = env_image(c, I->osz, b);
    store_image(c, I, b, n);
    set_cw(c, c->fpu.cw | FCW_MASKS);
}

HELP(fldenv)
{
    uint32_t w[7];

    x87_enter(c);
    probe_image(c, I, 7u * I->osz, ACC_R);
    load_env(c, I, w);
    set_pointers(c, I->osz, w);
    set_cw(c, (uint16_t)w[0]);
}

HELP(fnsave)
{
    uint8_t b[ENV_MAX + REGS_BYTES];
    unsigned n;

    need_x87(c);
    n = env_image(c, I->osz, b);
    regs_image(&c->fpu, b + n);
    store_image(c, I, b, n + REGS_BYTES);
    x87_init(c);
}

/* As on the chips a fault in the middle leaves what is loaded but for the control word. */
HELP(frstor)
{
    unsigned n = 7u * I->osz;
    uint32_t w[7];

    x87_enter(c);
    probe_image(c, I, n + REGS_BYTES, ACC_R);
    load_env(c, I, w);
    set_pointers(c, I->osz, w);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 a = { .m = 0 };

        load_part(c, I, n + 10 * i, 8, &a.m);
        load_part(c, I, n + 10 * i + 8, 2, &a.se);
        *x87_st(&c->fpu, i) = a;
    }
    set_cw(c, (uint16_t)w[0]);
}

/* ---- control and status words ---- */

HELP(fldcw)
{
    uint16_t v;

    x87_enter(c);
    v = (uint16_t)x86_ld(c, I->seg, x86_ea(c, I), 2);
    set_cw(c, v);
}

HELP(fnstcw)
{
    need_x87(c);
    x86_st(c, I->seg, x86_ea(c, I), c->fpu.cw, 2);
}

HELP(fnstsw)
{
    need_x87(c);
    x86_st(c, I->seg, x86_ea(c, I), c->fpu.sw, 2);
}

HELP(fnstswax)
{
    (void)I;
    need_x87(c);
    x86_set_gpr(c, RAX * 8, c->fpu.sw, 2);
}

HELP(fnclex)
{
    (void)I;
    need_x87(c);
    c->fpu.sw &= (uint16_t)~(FSW_EXC | FSW_SF);
    x87_update_es(c);
}

HELP(fninit)
{
    (void)I;
    need_x87(c);
    x87_init(c);
}

HELP(fneni)
{
    (void)I;
    need_x87(c);
}

/* ---- FXSAVE ---- */

void x87_to_fxsave(const struct x86_cpu *c, uint8_t b[X87_FXSAVE_BYTES])
{
    const struct x86_fpu *f = &c->fpu;
    struct pointers k = x87_kept(c);
    uint32_t ip = (uint32_t)f->ip, dp = (uint32_t)k.dp;
    uint8_t used = 0;

    for (unsigned i = 0; i < 8; i++)
        used |= (uint8_t)(((f->tw >> 2 * i & 3) != TAG_EMPTY) << i);
    memset(b, 0, X87_FXSAVE_BYTES);
    memcpy(b, &f->cw, 2);
    memcpy(b + 2, &f->sw, 2);
    b[4] = used;
    memcpy(b + 6, &k.fop, 2);
    memcpy(b + 8, &ip, 4);
    memcpy(b + 12, &k.ip_sel, 2);
    memcpy(b + 16, &dp, 4);
    memcpy(b + 20, &k.dp_sel, 2);
    for (unsigned i = 0; i < 8; i++) {
        const struct f80 *a = &f->st[x87_phys(f, i)];

        memcpy(b + 32 + 16 * i, &a->m, 8);
        memcpy(b + 40 + 16 * i, &a->se, 2);
    }
}

void x87_from_fxsave(struct x86_cpu *c, const uint8_t b[X87_FXSAVE_BYTES])
{
    struct x86_fpu *f = &c->fpu;
    uint32_t ip, dp;
    uint16_t cw;

    memcpy(&cw, b, 2);
    memcpy(&f->sw, b + 2, 2);
    memcpy(&f->fop, b + 6, 2);
    memcpy(&ip, b + 8, 4);
    memcpy(&f->ip_sel, b + 12, 2);
    memcpy(&dp, b + 16, 4);
    memcpy(&f->dp_sel, b + 20, 2);
    f->fop &= 0x7ff;
    f->ip = ip;
    f->dp = dp;
    f->tw = 0;
    for (unsigned i = 0; i < 8; i++) {
        struct f80 *a = x87_st(f, i);

        f->tw |= (uint16_t)((b[4] >> i & 1 ? 0 : 3u) << 2 * i);
        memcpy(&a->m, b + 32 + 16 * i, 8);
        memcpy(&a->se, b + 40 + 16 * i, 2);
    }
    loaded(f);
    set_cw(c, cw);
}
