/* insn.h - a decoded instruction, and the rows that both decode and describe it. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_INSN_H
#define X86_INSN_H
#include "devmodel/base/vm_types.h"

struct x86_cpu;
struct x86_insn;

enum x86_sem {                       /* SEM_add, SEM_mov, ... one per meaning */
#define SEMS(name, cls, rd, wr, help) SEM_##name,
#include "cpu-x86/sems.def"
#undef SEMS
    SEM_COUNT
};

/* Operand codes are the SDM's (vol. 2 A.2); operands.def says what each decodes to. */
enum x86_opcode_operand {
#define OPERAND(name, from, kind, size) O_##name,
#include "cpu-x86/operands.def"
#undef OPERAND
    O_COUNT
};

/* Every encoding has a number: one row, one line (rows.h). ROW_NONE is #UD. */
enum x86_row_id {
    ROW_NONE,
#define ROWS_ENUM
#include "cpu-x86/rows.h"
    ROW_COUNT
};

enum x86_opnd_kind { K_NONE, K_REG, K_MEM, K_IMM, K_SEG, K_CR, K_DR, K_MMX, K_XMM, K_ST };
struct x86_opnd {
    uint8_t kind, size;              /* enum x86_opnd_kind; bytes */
    uint8_t reg;                     /* number within its kind */
    uint8_t off;                     /* K_REG: byte offset in gpr[]; AH CH DH BH are odd */
};

/* The interpreter's binding of an instruction: runs it and all that follow in the block, or,
 * built with X86_THREADED 0, runs it and returns the next. NULL = leave the block. */
typedef const struct x86_insn *x86_exec_fn(struct x86_cpu *c, const struct x86_insn *I);

struct x86_insn {
    x86_exec_fn *exec;               /* interpreter only */
    int64_t  imm;                    /* sign-extended immediate, branch offset, far offset */
    int32_t  disp;                   /* memory operand: seg:[base + index << scale + disp] */
    uint8_t  base, index;            /* byte offsets in gpr[]; 8 * X86_ZERO = absent */
    uint8_t  scale, seg;             /* shift 0..3; ES..GS, default or overridden */
    struct x86_opnd o[2];
    uint16_t sem;                    /* enum x86_sem */
    uint16_t row;                    /* enum x86_row_id: name, tests, trace */
    uint16_t flags;                  /* X86F_* of the row and of the prefixes */
    uint16_t sel;                    /* far pointer's selector; ENTER's level; the x87's FOP */
    uint16_t off;                    /* bytes from the start of the page it begins in */
    uint8_t  osz, asz;               /* operand size 2, 4; address size 2, 4 */
    uint8_t  len;                    /* 1..15 bytes */
    uint8_t  op;                     /* last opcode byte; its low nibble is a condition */
    uint8_t  idx;                    /* number within its block */
};

enum x86_insn_flags {
    X86F_END = 1,                    /* ends a block */
    X86F_LOCK = 2,                   /* LOCK is legal with a memory destination */
    X86F_D64 = 4,                    /* reserved for long mode's default size */
    X86F_BYTE = 8,                   /* runs at operand size 1 whatever the prefixes say */
    X86F_RESTART = 16,               /* may fault after a partial commit, by design */
    X86F_MODRM = 64,                 /* a ModRM byte follows, whatever the operands */
    X86F_HAS_LOCK = 0x100, X86F_REP = 0x200, X86F_REPNE = 0x400,   /* prefixes seen */
    X86F_OSZ_PFX = 0x800, X86F_ASZ_PFX = 0x1000, X86F_MEM = 0x2000 /* has a ModRM memory operand */
};

struct x86_row {
    uint16_t sem, flags;
    uint8_t  o[3];                   /* enum x86_opcode_operand */
    const char *name;                /* mnemonic, AT&T-free; % = size letter is not used */
};
extern const struct x86_row x86_rows[ROW_COUNT];

/* Reads p[0 .. avail). Returns the length in bytes, 1..15, or one of these. */
enum { DEC_MORE = 0 /* needs bytes beyond avail */, DEC_UD = -6, DEC_GP = -13 /* over 15 bytes */ };
int x86_decode(struct x86_insn *out, const uint8_t *p, unsigned avail, bool code32);

/* Writes the instruction in Intel syntax, at most cap bytes with the final 0. rip is its own. */
void x86_disasm(const struct x86_insn *i, gva_t rip, char *out, size_t cap);
#endif
