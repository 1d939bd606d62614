/* help_x87_env.c - x87 control and status words, environments, whole-state saves. SDM vol. 1
 * 8.1.10, 8.1.11 and 10.5 (the x87 part of FXSAVE). Tags are kept as empty or not; the other two
 * kinds are found when a tag word is stored, as the chips do. */
/* SPDX-License-Identifier: MIT */
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

void x87_init(struct x86_cpu *c)
{
    struct x86_fpu *f = &c->fpu;

    f->sw = 0;
    f->tw = 0xffff;
    f->ip = f->dp = 0;
    f->ip_sel = f->dp_sel = f->fop = 0;
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

/* ---- environments: 14 or 28 bytes, with selectors in protected mode and without elsewhere ---- */

/* Words (osz 2) or the low halves of dwords (osz 4); the rest of a dword is ones. */
static unsigned env_image(const struct x86_cpu *c, unsigned osz, uint8_t *b)
{
    const struct x86_fpu *f = &c->fpu;
    uint32_t ip = (uint32_t)f->ip, dp = (uint32_t)f->dp, hi = 0xffff0000;
    uint32_t w[7] = { f->cw | hi, f->sw | hi, full_tags(f) | hi };
    bool prot = x86_protected(c);

    if (!prot) {
        ip += (uint32_t)f->ip_sel << 4;
        dp += (uint32_t)f->dp_sel << 4;
    }
    if (osz == 4 && prot) {
        w[3] = ip;
        w[4] = f->ip_sel | (uint32_t)f->fop << 16;
        w[5] = dp;
        w[6] = f->dp_sel | hi;
    } else if (osz == 4) {
        w[3] = (ip & 0xffff) | hi;
        w[4] = (ip >> 16) << 12 | f->fop;
        w[5] = (dp & 0xffff) | hi;
        w[6] = (dp >> 16) << 12;
    } else {
        w[3] = ip;
        w[4] = prot ? f->ip_sel : (ip >> 16) << 12 | f->fop;
        w[5] = dp;
        w[6] = prot ? f->dp_sel : (dp >> 16) << 12;
    }
    for (unsigned i = 0; i < 7; i++)
        memcpy(b + i * osz, &w[i], osz);
    return 7 * osz;
}

/* Takes the environment apart; the pointers keep the form they were stored in. */
static void set_env(struct x86_cpu *c, unsigned osz, const uint8_t *b)
{
    struct x86_fpu *f = &c->fpu;
    uint32_t w[7] = { 0 };
    bool prot = x86_protected(c);

    for (unsigned i = 0; i < 7; i++)
        memcpy(&w[i], b + i * osz, osz);
    f->sw = (uint16_t)w[1];
    f->tw = reduced_tags((uint16_t)w[2]);
    if (prot) {
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
    set_cw(c, (uint16_t)w[0]);
}

static void regs_image(const struct x86_fpu *f, uint8_t *b)
{
    for (unsigned i = 0; i < 8; i++) {
        const struct f80 *a = &f->st[x87_phys(f, i)];

        memcpy(b + 10 * i, &a->m, 8);
        memcpy(b + 10 * i + 8, &a->se, 2);
    }
}

static gva_t image_at(struct x86_cpu *c, const struct x86_insn *I, unsigned n, enum x86_access acc)
{
    return x86_lin(c, I->seg, x86_ea(c, I), n, acc);
}

HELP(fnstenv)
{
    uint8_t b[ENV_MAX];
    unsigned n;

    need_x87(c);
    n = env_image(c, I->osz, b);
    x86_st_bytes(c, image_at(c, I, n, ACC_W), b, n);
    set_cw(c, c->fpu.cw | FCW_MASKS);
}

HELP(fldenv)
{
    uint8_t b[ENV_MAX];
    unsigned n = 7u * I->osz;

    x87_enter(c);
    x86_ld_bytes(c, image_at(c, I, n, ACC_R), b, n);
    set_env(c, I->osz, b);
}

HELP(fnsave)
{
    uint8_t b[ENV_MAX + REGS_BYTES];
    unsigned n;

    need_x87(c);
    n = env_image(c, I->osz, b);
    regs_image(&c->fpu, b + n);
    x86_st_bytes(c, image_at(c, I, n + REGS_BYTES, ACC_W), b, n + REGS_BYTES);
    x87_init(c);
}

HELP(frstor)
{
    uint8_t b[ENV_MAX + REGS_BYTES];
    unsigned n = 7u * I->osz;

    x87_enter(c);
    x86_ld_bytes(c, image_at(c, I, n + REGS_BYTES, ACC_R), b, n + REGS_BYTES);
    set_env(c, I->osz, b);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 *a = x87_st(&c->fpu, i);

        memcpy(&a->m, b + n + 10 * i, 8);
        memcpy(&a->se, b + n + 10 * i + 8, 2);
    }
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
    uint32_t ip = (uint32_t)f->ip, dp = (uint32_t)f->dp;
    uint8_t used = 0;

    for (unsigned i = 0; i < 8; i++)
        used |= (uint8_t)(((f->tw >> 2 * i & 3) != TAG_EMPTY) << i);
    memset(b, 0, X87_FXSAVE_BYTES);
    memcpy(b, &f->cw, 2);
    memcpy(b + 2, &f->sw, 2);
    b[4] = used;
    memcpy(b + 6, &f->fop, 2);
    memcpy(b + 8, &ip, 4);
    memcpy(b + 12, &f->ip_sel, 2);
    memcpy(b + 16, &dp, 4);
    memcpy(b + 20, &f->dp_sel, 2);
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
    set_cw(c, cw);
}
