/* decode.c - bytes to struct x86_insn, by the rows of insn*.def.
 *
 * SDM vol. 2 chapter 2 and appendix A. 16- and 32-bit code; no REX, VEX or three-byte maps. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "cpu-x86/insn.h"
#include "cpu-x86/state.h"

/* Short names of the flags column. */
#define END     X86F_END
#define LOCK    X86F_LOCK
#define BYTE    X86F_BYTE
#define RESTART X86F_RESTART

/* Where an operand's register number or value comes from (operands.def). */
enum operand_from {
    F_NONE, F_RM, F_RM3 /* register whatever mod says */, F_REG, F_OP, F_R0, F_R1, F_R2, F_R3, F_R4,
    F_R5, F_I8, F_I16, F_IZ, F_ONE, F_ENTER, F_FAR, F_MOFFS, F_STR_SI, F_STR_DI
};
struct operand { uint8_t from, kind, size; };
static const struct operand operands[O_COUNT] = {
#define OPERAND(name, from, kind, size) [O_##name] = { from, kind, size },
#include "cpu-x86/operands.def"
#undef OPERAND
};

/* Selectors: [opcode * 16 + (mod 3 ? 8 : 0) + reg]; _F says whether they imply a ModRM byte. */
#define SEL_ANY(b, n, id) [(b) * 16 ... ((b) + (n)) * 16 - 1] = id,
#define SEL_MEM(b, n, id) [(b) * 16 ... (b) * 16 + 7] = id,
#define SEL_REG(b, n, id) [(b) * 16 + 8 ... (b) * 16 + 15] = id,
#define SEL_M(b, r, id)   [(b) * 16 + (r)] = id,
#define SEL_R(b, r, id)   [(b) * 16 + 8 + (r)] = id,
#define SEL_G(b, r, id)   SEL_M(b, r, id) SEL_R(b, r, id)
#define SEL_M0(b, n, id)  SEL_M(b, 0, id)
#define SEL_M1(b, n, id)  SEL_M(b, 1, id)
#define SEL_M2(b, n, id)  SEL_M(b, 2, id)
#define SEL_M3(b, n, id)  SEL_M(b, 3, id)
#define SEL_M4(b, n, id)  SEL_M(b, 4, id)
#define SEL_M5(b, n, id)  SEL_M(b, 5, id)
#define SEL_M6(b, n, id)  SEL_M(b, 6, id)
#define SEL_M7(b, n, id)  SEL_M(b, 7, id)
#define SEL_R0(b, n, id)  SEL_R(b, 0, id)
#define SEL_R1(b, n, id)  SEL_R(b, 1, id)
#define SEL_R2(b, n, id)  SEL_R(b, 2, id)
#define SEL_R3(b, n, id)  SEL_R(b, 3, id)
#define SEL_R4(b, n, id)  SEL_R(b, 4, id)
#define SEL_R5(b, n, id)  SEL_R(b, 5, id)
#define SEL_R6(b, n, id)  SEL_R(b, 6, id)
#define SEL_R7(b, n, id)  SEL_R(b, 7, id)
#define SEL_G0(b, n, id)  SEL_G(b, 0, id)
#define SEL_G1(b, n, id)  SEL_G(b, 1, id)
#define SEL_G2(b, n, id)  SEL_G(b, 2, id)
#define SEL_G3(b, n, id)  SEL_G(b, 3, id)
#define SEL_G4(b, n, id)  SEL_G(b, 4, id)
#define SEL_G5(b, n, id)  SEL_G(b, 5, id)
#define SEL_G6(b, n, id)  SEL_G(b, 6, id)
#define SEL_G7(b, n, id)  SEL_G(b, 7, id)
enum { SELF_ANY = 0, SELF_MEM = X86F_MODRM, SELF_REG = SELF_MEM, SELF_M0 = SELF_MEM,
       SELF_M1 = SELF_MEM, SELF_M2 = SELF_MEM, SELF_M3 = SELF_MEM, SELF_M4 = SELF_MEM,
       SELF_M5 = SELF_MEM, SELF_M6 = SELF_MEM, SELF_M7 = SELF_MEM, SELF_R0 = SELF_MEM,
       SELF_R1 = SELF_MEM, SELF_R2 = SELF_MEM, SELF_R3 = SELF_MEM, SELF_R4 = SELF_MEM,
       SELF_R5 = SELF_MEM, SELF_R6 = SELF_MEM, SELF_R7 = SELF_MEM, SELF_G0 = SELF_MEM,
       SELF_G1 = SELF_MEM, SELF_G2 = SELF_MEM, SELF_G3 = SELF_MEM, SELF_G4 = SELF_MEM,
       SELF_G5 = SELF_MEM, SELF_G6 = SELF_MEM, SELF_G7 = SELF_MEM };

#define ROW(fl, s, a, b, c, mn) \
    [ROW_ID] = { .sem = SEM_##s, .flags = (fl), .o = { O_##a, O_##b, O_##c }, .name = mn },
const struct x86_row x86_rows[ROW_COUNT] = {
    [ROW_NONE] = { .sem = SEM_ud, .flags = X86F_END, .name = "(bad)" },
#define X(op, n, sel, a, b, c, fl, s, mn)       ROW((fl) | SELF_##sel, s, a, b, c, mn)
#define XP(pfx, op, n, sel, a, b, c, fl, s, mn) ROW((fl) | SELF_##sel, s, a, b, c, mn)
#define X8(modrm, n, a, b, fl, s, mn)           ROW((fl) | X86F_MODRM, s, a, b, NONE, mn)
#include "cpu-x86/rows.h"
#undef X
#undef XP
#undef X8
};

/* Opcode -> row. Two rows for one encoding are a compiler warning (-Woverride-init). */
#define X(op, n, sel, ...) SEL_##sel(op, n, ROW_ID)
#define X8(modrm, n, ...)
static const uint16_t map_1[256 * 16] = {
#define ROW_ID ROW_CAT(ROW_1_, __LINE__)
#include "cpu-x86/insn.def"
#undef ROW_ID
#define ROW_ID ROW_CAT(ROW_X87_, __LINE__)
#include "cpu-x86/insn_x87.def"
#undef ROW_ID
};
static const uint16_t map_0f[256 * 16] = {
#define ROW_ID ROW_CAT(ROW_0F_, __LINE__)
#include "cpu-x86/insn_0f.def"
#undef ROW_ID
};
#undef X
#undef X8

/* [(opcode & 7) * 64 + (ModRM & 63)], the forms with mod 3 */
#define X(...)
#define X8(modrm, n, ...) \
    [((modrm) >> 8) * 64 + ((modrm) & 63) ... \
     ((modrm) >> 8) * 64 + ((modrm) & 63) + (n) - 1] = ROW_ID,
static const uint16_t map_x87[8 * 64] = {
#define ROW_ID ROW_CAT(ROW_X87_, __LINE__)
#include "cpu-x86/insn_x87.def"
#undef ROW_ID
};
#undef X
#undef X8

enum { NP, P66, PF3, PF2 };
#define XP(pfx, op, n, sel, ...) SEL_##sel((op) * 4 + (pfx), n, ROW_ID)
static const uint16_t map_sse[256 * 4 * 16] = {
#define ROW_ID ROW_CAT(ROW_SSE_, __LINE__)
#include "cpu-x86/insn_sse.def"
#undef ROW_ID
};
#undef XP

struct cursor {
    const uint8_t *p;
    unsigned at, avail;
    bool     over;                   /* read beyond avail */
    uint8_t  pfx;                    /* NP, P66, PF3, PF2 */
    uint8_t  modrm;
    bool     has_modrm, wide, seg_given;   /* wide: two-byte map */
};

static uint32_t fetch(struct cursor *k, unsigned n)
{
    uint32_t v = 0;

    if (k->at + n > k->avail) {
        k->over = true;
        return 0;
    }
    memcpy(&v, k->p + k->at, n);
    k->at += n;
    return v;
}

/* Eats prefixes; the opcode byte that follows is returned. */
static uint8_t prefixes(struct cursor *k, struct x86_insn *I)
{
    for (;;) {
        uint8_t b = fetch(k, 1);

        switch (k->over ? 0 : b) {
        case 0x26: case 0x2e: case 0x36: case 0x3e:
            I->seg = b >> 3 & 3;
            k->seg_given = true;
            break;
        case 0x64: case 0x65:
            I->seg = FS + (b & 1);
            k->seg_given = true;
            break;
        case 0x66: I->flags |= X86F_OSZ_PFX; break;
        case 0x67: I->flags |= X86F_ASZ_PFX; break;
        case 0xf0: I->flags |= X86F_HAS_LOCK; break;
        case 0xf2: I->flags = (I->flags & ~X86F_REP) | X86F_REPNE; break;
        case 0xf3: I->flags = (I->flags & ~X86F_REPNE) | X86F_REP; break;
        default: return b;
        }
    }
}

/* form: ModRM's reg field, + 8 for the register form. */
static unsigned row_at(const struct cursor *k, uint8_t op, unsigned form)
{
    unsigned id;

    if (!k->wide) {
        if (op >= 0xd8 && op <= 0xdf && form >= 8)
            return map_x87[(op & 7) * 64 + (k->modrm & 63)];
        return map_1[op * 16 + form];
    }
    id = map_sse[(op * 4 + k->pfx) * 16 + form];
    return id ? id : map_0f[op * 16 + form];
}

/* Whether it takes the ModRM byte to know the row. */
static bool needs_modrm(const struct cursor *k, uint8_t op)
{
    for (unsigned form = 1; form < 16; form++)
        if (row_at(k, op, form) != row_at(k, op, 0))
            return true;
    return false;
}

static unsigned row_of(struct cursor *k, struct x86_insn *I)
{
    uint8_t op = prefixes(k, I);

    k->wide = op == 0x0f && !k->over;
    if (k->wide)
        op = fetch(k, 1);
    I->op = op;
    k->pfx = I->flags & X86F_REP ? PF3 : I->flags & X86F_REPNE ? PF2 :
             I->flags & X86F_OSZ_PFX ? P66 : NP;
    if (k->at >= k->avail) {
        k->over |= needs_modrm(k, op);
        return row_at(k, op, 0);
    }
    k->modrm = k->p[k->at];
    return row_at(k, op, (k->modrm >> 6 == 3 ? 8 : 0) + (k->modrm >> 3 & 7));
}

static void address16(struct cursor *k, struct x86_insn *I)
{
    static const uint8_t bases[8]   = { RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX };
    static const uint8_t indexes[8] = { RSI, RDI, RSI, RDI,
                                        X86_ZERO, X86_ZERO, X86_ZERO, X86_ZERO };
    unsigned mod = k->modrm >> 6, rm = k->modrm & 7;

    I->base = bases[rm] * 8;
    I->index = indexes[rm] * 8;
    if (mod == 0 && rm == 6) {
        I->base = X86_ZERO * 8;
        I->disp = (int16_t)fetch(k, 2);
    } else if (mod == 1) {
        I->disp = (int8_t)fetch(k, 1);
    } else if (mod == 2) {
        I->disp = (int16_t)fetch(k, 2);
    }
    if (!k->seg_given)
        I->seg = I->base == RBP * 8 ? SS : DS;
}

static void address32(struct cursor *k, struct x86_insn *I)
{
    unsigned mod = k->modrm >> 6, rm = k->modrm & 7;

    if (rm == 4) {
        uint8_t sib = fetch(k, 1);

        I->scale = sib >> 6;
        if ((sib >> 3 & 7) != RSP)
            I->index = (sib >> 3 & 7) * 8;
        rm = sib & 7;
    }
    I->base = rm * 8;
    if (mod == 0 && rm == RBP) {
        I->base = X86_ZERO * 8;
        I->disp = (int32_t)fetch(k, 4);
    } else if (mod == 1) {
        I->disp = (int8_t)fetch(k, 1);
    } else if (mod == 2) {
        I->disp = (int32_t)fetch(k, 4);
    }
    if (!k->seg_given)
        I->seg = I->base == RSP * 8 || I->base == RBP * 8 ? SS : DS;
}

static void modrm(struct cursor *k, struct x86_insn *I)
{
    if (k->has_modrm)
        return;
    k->has_modrm = true;
    k->modrm = fetch(k, 1);
    if (k->modrm >> 6 == 3)
        return;
    I->flags |= X86F_MEM;
    if (I->asz == 2)
        address16(k, I);
    else
        address32(k, I);
}

/* Moves to and from CR and DR take any mod as 3: there is never a displacement. */
static void modrm_register(struct cursor *k)
{
    k->has_modrm = true;
    k->modrm = 0xc0 | (uint8_t)fetch(k, 1);
}

static void set_reg(struct x86_opnd *o, uint8_t kind, unsigned n)
{
    o->kind = kind;
    o->reg = n;
    if (kind == K_REG)
        o->off = o->size == 1 && n >= 4 ? (n - 4) * 8 + 1 : n * 8;
}

static void set_memory(struct cursor *k, struct x86_insn *I, struct x86_opnd *o, unsigned from)
{
    o->kind = K_MEM;
    if (from == F_MOFFS)
        I->disp = (int32_t)fetch(k, I->asz);
    else if (from == F_STR_SI && !k->seg_given)
        I->seg = DS;
}

static void set_imm(struct cursor *k, struct x86_insn *I, struct x86_opnd *o, unsigned from)
{
    o->kind = K_IMM;
    switch (from) {
    case F_I8:  I->imm = (int8_t)fetch(k, 1); break;
    case F_I16: I->imm = (uint16_t)fetch(k, 2); break;
    case F_ONE: I->imm = 1; break;
    case F_ENTER:
        I->imm = (uint16_t)fetch(k, 2);
        I->sel = fetch(k, 1);
        break;
    default:
        I->imm = I->osz == 2 ? (int16_t)fetch(k, 2) : (int32_t)fetch(k, 4);
        if (from == F_FAR) {
            I->sel = fetch(k, 2);
            I->imm = I->osz == 2 ? (uint16_t)I->imm : I->imm;
        }
    }
}

static void operand(struct cursor *k, struct x86_insn *I, struct x86_opnd *o, unsigned code)
{
    const struct operand *d = &operands[code];

    o->size = d->size ? d->size : I->osz;
    if (d->from >= F_RM && d->from <= F_REG)
        modrm(k, I);
    switch (d->from) {
    case F_NONE: break;
    case F_RM:
        if (k->modrm >> 6 != 3)
            o->kind = K_MEM;
        else
            set_reg(o, d->kind, k->modrm & 7);
        break;
    case F_RM3: set_reg(o, d->kind, k->modrm & 7); break;
    case F_REG: set_reg(o, d->kind, k->modrm >> 3 & 7); break;
    case F_OP:  set_reg(o, d->kind, I->op & 7); break;
    case F_R0: case F_R1: case F_R2: case F_R3: case F_R4: case F_R5:
        set_reg(o, d->kind, d->from - F_R0);
        break;
    case F_MOFFS: case F_STR_SI: case F_STR_DI: set_memory(k, I, o, d->from); break;
    default: set_imm(k, I, o, d->from);
    }
}

static bool lock_is_legal(const struct x86_insn *I, const struct x86_row *r)
{
    return (r->flags & X86F_LOCK) && (I->o[0].kind == K_MEM || I->o[1].kind == K_MEM);
}

int x86_decode(struct x86_insn *I, const uint8_t *p, unsigned avail, bool code32)
{
    struct cursor k = { .p = p, .avail = avail < 15 ? avail : 15 };
    const struct x86_row *r;
    struct x86_opnd third = { 0 };

    memset(I, 0, sizeof *I);
    I->seg = DS;
    I->base = I->index = X86_ZERO * 8;
    I->row = row_of(&k, I);
    r = &x86_rows[I->row];
    I->sem = r->sem;
    I->flags |= r->flags;
    I->osz = code32 != !!(I->flags & X86F_OSZ_PFX) ? 4 : 2;
    I->asz = code32 != !!(I->flags & X86F_ASZ_PFX) ? 4 : 2;
    if (r->flags & X86F_BYTE)
        I->osz = 1;
    if (r->o[0] == O_Rd || r->o[1] == O_Rd)
        modrm_register(&k);
    if (r->flags & X86F_MODRM)
        modrm(&k, I);
    operand(&k, I, &I->o[0], r->o[0]);
    operand(&k, I, &I->o[1], r->o[1]);
    operand(&k, I, &third, r->o[2]);
    if (k.over || k.at > 15)
        return avail >= 15 ? DEC_GP : DEC_MORE;
    I->len = k.at;
    if (!k.wide && (I->op & 0xf8) == 0xd8)
        I->sel = (I->op & 7) << 8 | k.modrm;
    if (I->row == ROW_NONE || ((I->flags & X86F_HAS_LOCK) && !lock_is_legal(I, r)))
        return DEC_UD;
    return I->len;
}
