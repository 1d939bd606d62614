/* state.h - the architectural state of one x86 CPU, laid out for generated code.
 *
 * SDM vol. 1 ch. 3, vol. 3 ch. 2. Widths are those of long mode from the start; a 32-bit guest
 * leaves the upper halves of gpr[] alone. Only cpu-x86, shadow-mmu and dbt-mips64 see this. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_STATE_H
#define X86_STATE_H
#include <setjmp.h>
#include "cpu-x86/f80.h"
#include "cpu-x86/pins.h"
#include "devmodel/base/vm_types.h"

struct x86_insn;
struct x86_block;
struct x86_model;
struct mem_space;

/* X86_ZERO is a slot that always holds 0: the base or index of an address that has none. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R15 = R8 + 7, X86_NGPR, X86_ZERO = X86_NGPR };
enum { ES, CS, SS, DS, FS, GS, X86_NSEG };

/* EFLAGS, SDM vol. 1 3.4.3. */
enum {
    FL_CF = 1, FL_FIXED = 2, FL_PF = 4, FL_AF = 0x10, FL_ZF = 0x40, FL_SF = 0x80, FL_TF = 0x100,
    FL_IF = 0x200, FL_DF = 0x400, FL_OF = 0x800, FL_IOPL = 0x3000, FL_NT = 0x4000,
    FL_RF = 0x10000, FL_VM = 0x20000, FL_AC = 0x40000, FL_VIF = 0x80000, FL_VIP = 0x100000,
    FL_ID = 0x200000,
    FL_ARITH = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF
};
/* CR0, CR4, EFER, SDM vol. 3 2.5. */
enum {
    CR0_PE = 1, CR0_MP = 2, CR0_EM = 4, CR0_TS = 8, CR0_ET = 16, CR0_NE = 32, CR0_WP = 1 << 16,
    CR0_AM = 1 << 18, CR0_NW = 1 << 29, CR0_CD = 1 << 30
};
#define CR0_PG 0x80000000u
enum {
    CR4_VME = 1, CR4_PVI = 2, CR4_TSD = 4, CR4_DE = 8, CR4_PSE = 16, CR4_PAE = 32, CR4_MCE = 64,
    CR4_PGE = 128, CR4_PCE = 256, CR4_OSFXSR = 512, CR4_OSXMMEXCPT = 1024
};
enum { EFER_NXE = 1 << 11 };

/* How the last flag-writing instruction set the flags; bits are computed on read (flags.h).
 * OF SF ZF AF PF come from (op, osz, res, a, b), CF from (cop, cosz, a, b, cf), so that INC and
 * DEC, which keep CF, store a result and nothing else. */
enum flag_op {
    LF_EFLAGS,      /* the bits in eflags are valid */
    LF_ADD,         /* res = a + b;            CF = res < a, computed from a and b */
    LF_SUB,         /* res = a - b;            CF = a < b */
    LF_LOGIC,       /* CF = OF = AF = 0 */
    LF_ADC,         /* res = a + b + carry;    CF explicit */
    LF_SBB,         /* res = a - b - carry;    CF explicit */
    LF_INC, LF_DEC, /* CF untouched */
    LF_SHL,         /* OF = msb(res) ^ b, b the CF it made; CF explicit */
    LF_SHR,         /* OF = msb(a), the value before; CF explicit */
    LF_SAR,         /* OF = 0; CF explicit */
    LF_MUL,         /* OF = (a != 0), AF = 0; CF explicit */
    LF_CF           /* as cop only: CF = cf */
};
struct lazy_flags {
    uint64_t res, a, b;              /* zero-extended to 4 bytes if osz (cosz) is less; the upper
                                        half means something at 8 only */
    uint32_t cf;                     /* 0 or 1, when cop == LF_CF */
    uint8_t  op, osz, cop, cosz;     /* enum flag_op; operand size in bytes: 1, 2, 4, 8 */
};

/* The hidden part of a segment register. attr is bits 8-23 of a descriptor's high dword with the
 * limit bits cleared. Offset + size <= rend (wend) means a read (write) is inside an expand-up
 * segment that allows it; anything else goes to x86_seg_check(), which knows the whole rule. */
struct x86_seg {
    uint64_t base, rend, wend;
    uint32_t limit;                  /* inclusive bytes, granularity applied */
    uint16_t sel, attr;
};
enum {
    SEG_TYPE = 0x0f, SEG_ACCESSED = 1, SEG_RW = 2, SEG_EC = 4 /* expand-down / conforming */,
    SEG_CODE = 8, SEG_S = 0x10, SEG_DPL = 0x60, SEG_P = 0x80, SEG_L = 0x2000, SEG_DB = 0x4000,
    SEG_G = 0x8000
};
#define SEG_DPL_OF(attr) ((attr) >> 5 & 3)

/* Tags are the guest linear page, all ones = no entry; a hit is one compare and one add: of the
 * address, sign-extended from 32 bits. */
struct tlb_entry { gva_t tag_r, tag_w, tag_x; uintptr_t host_minus_gva; };
#define TLB_ENTRIES 512u             /* direct mapped, power of two */
#define TLB_NONE    UINT64_MAX
/* TLB_STRICT is never filled: every access takes the slow path, which checks alignment (#AC). */
enum { TLB_SUPER, TLB_USER, TLB_STRICT, TLB_SETS };

/* Jump cache: linear address of code -> decoded block, while nothing has been remapped. */
struct jump_entry { uint64_t lin; uint32_t mode, gen; struct x86_block *block; };
#define JUMP_ENTRIES 1024u

union x86_xmm { uint8_t b[16]; uint16_t w[8]; uint32_t d[4]; uint64_t q[2]; };

/* x87 and MMX, SDM vol. 1 ch. 8. st[] is by physical register; MMX registers are st[i].m. */
struct x86_fpu {
    struct f80 st[8];
    uint16_t   cw, sw;               /* sw holds TOP in bits 11-13 */
    uint16_t   tw;                   /* 2 bits each: 0 valid, 1 zero, 2 special, 3 empty */
    uint16_t   fop, ip_sel, dp_sel;
    uint64_t   ip, dp;               /* last non-control instruction and its operand */
    uint16_t   err_fop, err_dp_sel;  /* of the last one with an unmasked error, for models that */
    uint64_t   err_dp;               /* store only these */
};

/* MTRRs, PAT and the other MSRs that only hold what was written (msr.def). */
enum { X86_MSR_SLOTS = 64 };

/* What block keys depend on; kept by x86_update_mode(). */
enum x86_mode_bits {
    MODE_CS32 = 1, MODE_SS32 = 2, MODE_USER = 4 /* CPL 3 */, MODE_FLAT = 8 /* CS DS ES SS: base 0,
    limit 4 GiB, writable data */, MODE_STEP = 16 /* one instruction a block: TF, breakpoints */,
    MODE_PROT = 32 /* CR0.PE and not V86 */, MODE_V86 = 64
};

/* A place in translated code that calls out: its instruction, and how many ran since the last time
 * that they were taken off the budget. */
struct x86_site { const struct x86_insn *insn; int32_t done; };
enum { X86_SPILLS = 16 };

struct x86_cpu {
    /* ---- hot: what every block touches ---- */
    uint64_t gpr[X86_NGPR + 1];
    uint64_t rip;                    /* exact between blocks; while one runs, of the start of its
                                        page, modulo 2^32 (the instruction's: + insn->off) */
    struct lazy_flags lf;
    uint32_t eflags;                 /* arithmetic bits valid only when lf.op == LF_EFLAGS */
    int32_t  budget;                 /* guest instructions left before the engine must return */
    uint32_t pending;                /* enum x86_pend bits; nonzero ends the block at its edge */
    uint32_t mode;                   /* enum x86_mode_bits */
    uint32_t sp_mask;                /* 0xffff or 0xffffffff, by SS.B */
    uint32_t jump_gen;               /* jump cache entries of another generation are void */
    struct x86_block *block;         /* being run, NULL outside */
    const struct x86_insn *cur;      /* being run; set before anything that may raise or look */
    struct tlb_entry *tlb;           /* one of tlb_sets, by CPL and strictness */
    /* Translated code's own. While it runs, `hidden` instructions are left out of the budget, which
     * goes below 0 when the code must leave at its next exit. */
    const struct x86_site *site;     /* where it calls out from; NULL outside */
    uint64_t jump_key;               /* upper half: jump_gen and mode, tag of the jump table */
    uint64_t spill[X86_SPILLS], return_to;
    uintptr_t window;                /* base of the direct window, form W */
    void    *link;                   /* the exit that wants to be linked */
    int32_t  hidden;
    bool     code_gone;              /* translated code was dropped: do not go on in it */
    struct x86_seg seg[X86_NSEG], ldtr, tr;
    /* ---- colder ---- */
    uint64_t cr0, cr2, cr3, cr4, efer, dr[8];
    uint64_t pdpte[4];               /* PAE: loaded with CR3 */
    uint64_t gdt_base, idt_base;
    uint32_t gdt_limit, idt_limit;   /* inclusive bytes, 16 bits used */
    uint8_t  cpl;
    bool     halted, a20_mask;       /* a20_mask: address bit 20 forced to 0 */
    bool     shadow;                 /* interrupts held off for one instruction: STI, MOV SS */
    bool     shadow_ss;              /* it was MOV SS or POP SS: debug traps wait, too */
    bool     nmi_blocked;            /* from NMI's delivery to the next IRET */
    bool     no_step;                /* this instruction ended in a delivery: no TF trap after it */
    bool     in_rep;                 /* rip is on a REP instruction that has begun */
    uint32_t debug_trap;             /* DR6 bits of traps to report after this instruction */
    bool     ferr;                   /* FERR# level */
    uint32_t pins;                   /* levels driven by the board, enum x86_pend bits */
    struct x86_fpu fpu;
    union x86_xmm xmm[X86_NGPR];
    uint32_t mxcsr;
    uint64_t tsc_offset;             /* added to the time stamp source */
    uint64_t apic_base;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t msr[X86_MSR_SLOTS];
    /* exception being raised (x86_raise -> run loop) and the one being delivered */
    struct { uint8_t vector; bool has_error; uint32_t error; } exc;
    int      delivering;             /* vector, -1 = none: decides double and triple faults */
    bool     delivering_ext;         /* EXT bit of error codes: not caused by INT n */
    uint64_t retired;                /* instructions retired before this slice's budget was set */
    int32_t  slice;                  /* the budget that this slice started with */
    bool     stop_at_edge;           /* the engine returns after one block of its own */
    bool     exact_events;           /* pins that a device drives in the middle of a block wait for
                                        the next slice: then engines with other blocks agree */
    const struct x86_model *model;
    jmp_buf  raise_to;
    struct tlb_entry tlb_sets[TLB_SETS][TLB_ENTRIES];
    gpa_t    tlb_gpa[TLB_SETS][TLB_ENTRIES];   /* guest physical page of the entry beside it */
    struct jump_entry jumps[JUMP_ENTRIES];
    const struct x86_mmu_ops *mmu; void *mmu_self;
    const struct x86_port_ops *port; void *port_self;
    const struct x86_engine_ops *engine; void *engine_self;
    struct mem_space *mem;
    void *interp;                    /* struct interp: the cold tier of any engine */
};

/* The jump cache and the jump table of translated code are void from now on. The
 * table's tags come again after 2^25 generations; the engine empties it by then. */
static inline void x86_set_jump_key(struct x86_cpu *c)
{
    c->jump_key = (uint64_t)(c->jump_gen << 7 | (c->mode & 127)) << 32;
}
static inline void x86_new_jump_gen(struct x86_cpu *c)
{
    c->jump_gen++;
    x86_set_jump_key(c);
}

/* A MIPS load or store reaches +-32 KiB from the state register with no extra instruction. */
_Static_assert(offsetof(struct x86_cpu, tlb_sets) < 32768, "hot state: one 16-bit offset away");
_Static_assert(sizeof(struct tlb_entry) == 32, "TLB index is a shift, not a multiply");
#endif
