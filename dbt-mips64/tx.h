/* tx.h - one translation in progress: values, flags, accesses and exits of the template tier.
 *
 * A body (cpu-x86/sem.h) makes nodes; nothing is emitted for a pure node until somebody needs it in
 * a register. Register writes wait for the end of the instruction, so that a body reads old values
 * only and an access that fails can start the instruction again. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_TX_H
#define DBT_TX_H
#include "cpu-x86/block.h"
#include "dbt-mips64/emit.h"
#include "dbt-mips64/mips_abi.h"
#include "dbt-mips64/tcache.h"

enum uop {                           /* ops.def, and two that conditions need */
#define OP1(n, fl, v) UOP_##n,
#define OP2(n, fl, v) UOP_##n,
#define OP3(n, fl, v) UOP_##n,
#include "cpu-x86/ops.def"
#undef OP1
#undef OP2
#undef OP3
    UOP_slt,                         /* a < b as signed numbers of the width */
    UOP_COUNT
};

typedef struct { uint8_t n; } val;   /* a node's number */

/* CONST: k, zero-extended from w. RIP: the page's rip + k. GPR: the guest register at byte `off`.
 * REG: host register `reg`, with all bits right or, if not clean, only the low w bytes. MEM: the
 * bytes at the host address in `reg`, not yet loaded; form W: + k, slow way a. */
enum node_kind { N_CONST, N_RIP, N_GPR, N_REG, N_OP, N_MEM };
struct node {
    uint8_t  kind, op, w;            /* enum node_kind, enum uop; width in bytes: 1, 2, 4 */
    uint8_t  reg, off;
    bool     clean;
    uint8_t  a, b, c;                /* inputs */
    uint32_t k;
};
enum { TX_NODES = 64, TX_WRITES = 4, TX_INSNS = 64 };
enum { OUT_NEXT, OUT_JUMP, OUT_BRANCH };
enum { SET_NONE, SET_OP = 1, SET_COP = 2 };

/* Where an operand of the lazy flags is: in c->lf, nobody wants it, a guest register, a constant,
 * a temporary that is held for it, or (the result only) derived from the other two. */
enum flag_place { FP_MEM, FP_NONE, FP_GPR, FP_CONST, FP_TEMP, FP_DERIVED };
enum { FV_RES, FV_A, FV_B, FV_CF, FV_COUNT };
struct flag_val { uint8_t place, at, size; uint32_t k; };   /* at: gpr offset or host register */
struct flags {
    bool    op_known, cop_known;     /* op and osz, cop and cosz hold */
    bool    op_stored, cop_stored;   /* and are what c->lf says */
    uint8_t op, osz, cop, cosz;
    struct flag_val v[FV_COUNT];
};

/* A rare way out of line: a branch to it, and what it needs to know when it is emitted. */
enum slow_kind { SLOW_ACCESS, SLOW_WINDOW, SLOW_INTERP, SLOW_EDGE, SLOW_LEAVE };
struct slow {
    uint8_t       kind;
    uint8_t       reg;               /* ACCESS: holds the offset; WINDOW: the host address */
    uint16_t      done;              /* instructions before, and with an edge's */
    uint32_t     *branch;            /* its word; the offset is filled in */
    uint32_t     *restart;           /* ACCESS: the instruction's first word */
    struct tsite *site;
    bool          indirect, cut;     /* LEAVE: the target is in `reg`; is cut to 16 bits */
    int32_t       off;               /* EDGE, LEAVE: else it is this, from the page's start;
                                        WINDOW: bytes to add to the address */
    uint32_t     *stub;              /* WINDOW: where it was emitted */
    struct tedge *edge;
    struct flags  now, start;        /* flags here, and at the instruction's start */
};

struct tx {                          /* made once; the first four are set by the engine */
    bool         window;             /* form W */
    struct tcache *cache;
    struct x86_blocks *decoded;
    unsigned     max;                /* instructions in a trace, 1..TX_INSNS */
    struct emit  e;
    struct tsite none;               /* for a translation that has failed */
    struct tb   *tb;
    uint32_t     mode;
    bool         flat;               /* 32-bit code in flat segments: no checks, no wrapping */
    bool         fail;               /* give up: the block stays with the interpreter */
    /* the trace */
    unsigned     n;                  /* instructions */
    const struct x86_insn *insn[TX_INSNS];
    uint8_t      live[TX_INSNS];     /* flags wanted after each, as tx_pack() has them */
    unsigned     k;                  /* instruction in work */
    const struct x86_insn *I;
    uint32_t    *insn_start;
    /* values of this instruction */
    struct node  node[TX_NODES];
    unsigned     nodes;
    uint32_t     used, held;         /* temporaries in use; of these for the flags */
    struct { uint8_t off, size, n; } write[TX_WRITES];
    unsigned     writes;
    struct place { bool on; reg host; int32_t disp; uint8_t slow; } rmw;    /* found by RDW */
    /* flags */
    struct flags fl, fl_start;
    struct { uint8_t what, op, size; val v[FV_COUNT]; bool has[FV_COUNT]; } set;
    struct { uint8_t kind; val cond, target; } out;        /* how the instruction ends */
    bool         ended;              /* nothing follows */
    struct slow  slow[4 * TX_INSNS];
    unsigned     slows;
    struct { uint32_t *at; uint8_t slow; } wsite[4 * TX_INSNS];     /* form W: accesses */
    unsigned     wsites;
};

/* ---- values: lower.c ---- */
val  tx_const(struct tx *t, uint32_t k, unsigned w);
val  tx_rip(struct tx *t, int32_t k);
val  tx_gpr(struct tx *t, unsigned off, unsigned w);
val  tx_reg(struct tx *t, reg r, unsigned w, bool clean);
val  tx_mem(struct tx *t, const struct place *p, unsigned w);
/* The next word is an access at p, or by the node's slow way. */
void tx_wsite(struct tx *t, unsigned slow);
/* Before a store: what was read and is not yet loaded. */
void tx_load_pending(struct tx *t);
val  tx_op(struct tx *t, enum uop op, unsigned w, val a, val b, val c);
reg  tx_temp(struct tx *t);
void tx_free(struct tx *t, reg r);
/* The value in a host register: right in all bits (zero-extended below 4 bytes, sign-extended at
 * 4), or in the low w bytes only. May be a guest register's own: not to be written. */
reg  tx_get(struct tx *t, val v);
reg  tx_get_low(struct tx *t, val v);
/* The value into d, which may be an input's register. */
void tx_into(struct tx *t, val v, reg d);
bool tx_is_const(const struct tx *t, val v, uint32_t *k);
bool tx_depends(const struct tx *t, unsigned n, unsigned gpr);
/* Makes v independent of guest registers by computing or copying it now. */
void tx_detach(struct tx *t, val v);

/* ---- flags: flagstate.c ---- */
extern const int32_t tx_flag_field[FV_COUNT];         /* offsets in struct x86_cpu */
void tx_flags_unknown(struct tx *t);
/* All six bits, as tx packs them; live after instruction k. */
enum { TXF_CF = 1, TXF_PF = 2, TXF_AF = 4, TXF_ZF = 8, TXF_SF = 16, TXF_OF = 32, TXF_ALL = 63 };
uint8_t tx_pack(uint32_t eflags);
val  tx_cond(struct tx *t, unsigned cc);
val  tx_cf(struct tx *t);
/* Emits what brings c->lf in order; without touching the state (rare ways), or noting it. */
void tx_flags_emit(struct tx *t, const struct flags *f);
void tx_flags_store(struct tx *t);
/* Emits what the code at off in this page may look at. */
void tx_flags_for_edge(struct tx *t, int32_t off);
/* After a rare way that stored f: the held temporaries again. */
void tx_flags_reload(struct tx *t, const struct flags *f);
/* End of an instruction: note what it sets, before and after its register writes. */
void tx_flags_before_writes(struct tx *t);
void tx_flags_after_writes(struct tx *t);

/* ---- memory: memacc.c ---- */
val  tx_ea(struct tx *t);
val  tx_load(struct tx *t, unsigned seg, val off, unsigned n);
/* Also finds the place for the store that follows. */
val  tx_load_rmw(struct tx *t, unsigned seg, val off, unsigned n);
void tx_store(struct tx *t, unsigned seg, val off, val v, unsigned n);
void tx_store_rmw(struct tx *t, val v, unsigned n);

/* ---- ends: exits.c ---- */
typedef uint32_t tx_leaf(struct x86_cpu *c, uint32_t arg, uint32_t arg2);
struct slow *tx_slow(struct tx *t, enum slow_kind kind, uint32_t *branch);
struct tsite *tx_site(struct tx *t);
/* Direct, from the page's start; cut: EIP is cut to 16 bits. */
void tx_edge(struct tx *t, int32_t off, bool cut);
void tx_branch(struct tx *t, val cond, int32_t off);       /* taken there, else falls through */
void tx_branch_indirect(struct tx *t, val cond, val eip);
void tx_indirect(struct tx *t, val eip);
void tx_interp(struct tx *t);                              /* this instruction by the interpreter */
/* fn(c, I): void, or for string instructions bool, false = run it again. */
void tx_helper(struct tx *t, const void *fn, bool str);
void tx_emit_slow(struct tx *t);
/* Calls fn(c, arg, arg2's register) with all temporaries kept; its result in a new one. It must not
 * raise or look at guest registers. */
reg  tx_call_leaf(struct tx *t, tx_leaf *fn, uint32_t arg, reg arg2);

/* ---- the binding: bind.c ---- */
void tx_body(struct tx *t);          /* t->I by its body */
uint8_t tx_reads(const struct x86_insn *I), tx_kills(const struct x86_insn *I);
bool tx_leaves(const struct x86_insn *I);    /* the interpreter runs it in any case */
/* It may fault, call out or leave: all flags must be right before it. */
bool tx_exposes(const struct x86_insn *I);
/* helpcall.c: what a meaning without a body of micro-ops calls; a body that calls a helper. */
const void *tx_help_fn(unsigned sem);
bool tx_calls(unsigned sem);
void tx_write(struct tx *t, unsigned off, unsigned size, val v);

/* ---- the trace: tmpl.c ---- */
/* The decoded block at off in this page, or NULL; the translation is dropped when it changes. */
struct x86_block *tx_block(struct tx *t, int32_t off);
/* Flags that the code of b wants on entry. */
uint8_t tx_live_in(const struct x86_block *b);
/* Translates what begins at b; NULL: it cannot be, or the cache is full (*full). */
struct tb *tx_translate(struct tx *t, struct x86_block *b, bool *full);
#endif
