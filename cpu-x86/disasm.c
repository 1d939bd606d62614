/* disasm.c - a decoded instruction as text in Intel syntax, by the same rows that decoded it. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cpu-x86/insn.h"
#include "cpu-x86/state.h"

struct text { char *p; size_t cap, len; };

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(t->p + t->len, t->cap - t->len, fmt, ap);
    va_end(ap);
    if (n > 0)
        t->len += (size_t)n < t->cap - t->len ? (size_t)n : t->cap - t->len - 1;
}

static const char *const seg_names[] = { "es", "cs", "ss", "ds", "fs", "gs", "?", "?" };

static void put_gpr(struct text *t, unsigned off, unsigned size)
{
    static const char *const names[] = { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di" };
    unsigned n = off / 8;

    if (size == 1)
        put(t, "%c%c", "acdb"[n & 3], off & 1 ? 'h' : 'l');
    else
        put(t, "%s%s", size == 4 ? "e" : "", names[n & 7]);
}

static void put_reg(struct text *t, const struct x86_opnd *o)
{
    switch ((enum x86_opnd_kind)o->kind) {
    case K_REG: put_gpr(t, o->off, o->size); break;
    case K_SEG: put(t, "%s", seg_names[o->reg & 7]); break;
    case K_CR:  put(t, "cr%u", o->reg); break;
    case K_DR:  put(t, "dr%u", o->reg); break;
    case K_MMX: put(t, "mm%u", o->reg); break;
    case K_XMM: put(t, "xmm%u", o->reg); break;
    case K_ST:  put(t, "st(%u)", o->reg); break;
    case K_NONE: case K_MEM: case K_IMM: break;
    }
}

static const char *size_word(unsigned size)
{
    switch (size) {
    case 1:  return "byte ";
    case 2:  return "word ";
    case 4:  return "dword ";
    case 8:  return "qword ";
    case 10: return "tword ";
    case 16: return "oword ";
    }
    return "";
}

static void put_mem(struct text *t, const struct x86_insn *i, const struct x86_opnd *o)
{
    const char *plus = "";

    put(t, "%s%s:[", size_word(o->size), seg_names[i->seg & 7]);
    if (i->base != 8 * X86_ZERO) {
        put_gpr(t, i->base, i->asz);
        plus = "+";
    }
    if (i->index != 8 * X86_ZERO) {
        put(t, "%s", plus);
        put_gpr(t, i->index, i->asz);
        if (i->scale)
            put(t, "*%u", 1u << i->scale);
        plus = "+";
    }
    if (!*plus)
        put(t, "0x%x", i->asz == 2 ? (unsigned)(uint16_t)i->disp : (unsigned)i->disp);
    else if (i->disp < 0)
        put(t, "-0x%x", -(unsigned)i->disp);
    else if (i->disp)
        put(t, "+0x%x", (unsigned)i->disp);
    put(t, "]");
}

static void put_string(struct text *t, const struct x86_insn *i, unsigned k, bool dst)
{
    put(t, "%s%s:[", size_word(i->o[k].size), seg_names[dst ? ES : i->seg & 7]);
    put_gpr(t, dst ? 8 * RDI : 8 * RSI, i->asz);
    put(t, "]");
}

static bool is_branch(const struct x86_insn *i)
{
    enum x86_opcode_operand o = x86_rows[i->row].o[0];

    return o == O_Jb || o == O_Jz;
}

static void put_imm(struct text *t, const struct x86_insn *i, gva_t rip, unsigned size)
{
    uint32_t mask = 0xffffffffu >> (32 - 8 * (size == 1 || size == 2 ? size : 4));

    if (x86_rows[i->row].o[0] == O_Ap)
        put(t, "0x%x:0x%" PRIx32, i->sel, (uint32_t)i->imm);
    else if (is_branch(i))
        put(t, "0x%" PRIx32, (uint32_t)(rip + i->len + (uint64_t)i->imm) &
            (i->osz == 2 ? 0xffff : 0xffffffffu));
    else
        put(t, "0x%" PRIx32, (uint32_t)i->imm & mask);
}

/* Operand codes that decode to an immediate, by name: the third operand is not kept in o[]. */
static bool third_is_imm(enum x86_opcode_operand o)
{
    return o == O_Ib || o == O_Is || o == O_Iz || o == O_Iw;
}

static void put_operands(struct text *t, const struct x86_insn *i, gva_t rip)
{
    const char *sep = " ";

    for (unsigned k = 0; k < 2; k++) {
        const struct x86_opnd *o = &i->o[k];
        unsigned code = x86_rows[i->row].o[k];

        if (o->kind == K_NONE)
            continue;
        put(t, "%s", sep);
        if (code >= O_Xb && code <= O_Yv)
            put_string(t, i, k, code >= O_Yb);
        else if (o->kind == K_MEM)
            put_mem(t, i, o);
        else if (o->kind == K_IMM)
            put_imm(t, i, rip, o->size);
        else
            put_reg(t, o);
        sep = ", ";
    }
    if (third_is_imm(x86_rows[i->row].o[2]))
        put(t, ", 0x%" PRIx32, (uint32_t)i->imm & (i->osz == 4 ? 0xffffffffu : 0xffffu));
    else if (x86_rows[i->row].o[2] == O_CL)
        put(t, ", cl");
    if (x86_rows[i->row].o[0] == O_IwIb)
        put(t, ", 0x%x", i->sel);
}

void x86_disasm(const struct x86_insn *i, gva_t rip, char *out, size_t cap)
{
    static const char *const cc[] = { "o", "no", "b", "ae", "e", "ne", "be", "a",
                                      "s", "ns", "p", "np", "l", "ge", "le", "g" };
    struct text t = { out, cap, 0 };
    bool conditional = i->sem == SEM_jcc || i->sem == SEM_setcc || i->sem == SEM_cmovcc;

    if (i->flags & X86F_HAS_LOCK)
        put(&t, "lock ");
    if (i->flags & X86F_REP)
        put(&t, i->sem == SEM_cmps || i->sem == SEM_scas ? "repe " : "rep ");
    if (i->flags & X86F_REPNE)
        put(&t, "repne ");
    put(&t, "%s%s", x86_rows[i->row].name, conditional ? cc[i->op & 15] : "");
    put_operands(&t, i, rip);
}
