/* interp.c - the interpreter as an engine: run loop, block exits, and the choice of functions.
 *
 * The functions themselves come from interp_bind.inc; helper calls are bound here. */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "cpu-x86/engine.h"
#include "cpu-x86/except.h"
#include "cpu-x86/interp_priv.h"
#include "cpu-x86/tier.h"
#include "cpu-x86/x87_short.h"

struct interp {
    struct x86_cpu    *cpu;
    struct x86_blocks *blocks;
    struct x86_block **link_from;    /* exit that wants the next block found, or NULL */
    uint64_t           link_page;    /* linear page of that exit */
    bool               single;       /* engine step: one instruction a block */
};

enum { BLOCK_BYTES = 48 << 20 };     /* decoded code: about a million instructions */

/* ---- leaving a block ---- */

/* Instructions of the running block from I on were counted at entry but have not run. */
static void uncount(struct x86_cpu *c, const struct x86_insn *I)
{
    c->budget += c->block->n - (int32_t)(I - c->block->insn);
}

const struct x86_insn *interp_leave(struct x86_cpu *c, const struct x86_insn *I)
{
    uncount(c, I);
    c->rip = x86_insn_rip(c, I);
    return NULL;
}

const struct x86_insn *interp_fall(struct x86_cpu *c, const struct x86_insn *I)
{
    uint32_t ip = (uint32_t)x86_insn_rip(c, I);

    return interp_chain(c, ip, 0);
}

static struct jump_entry *jump_slot(struct x86_cpu *c, uint32_t lin)
{
    return &c->jumps[(lin ^ lin >> 10) & (JUMP_ENTRIES - 1)];
}

const struct x86_insn *interp_go(struct x86_cpu *c, uint32_t rip)
{
    uint32_t lin = (uint32_t)c->seg[CS].base + rip;
    struct jump_entry *j = jump_slot(c, lin);

    if (j->lin == lin && j->mode == c->mode && j->gen == c->jump_gen &&
        !(c->block->mode & MODE_STEP) && interp_may_enter(c, j->block, rip))
        return interp_enter(c, j->block, rip);
    c->rip = rip;
    return NULL;
}

const struct x86_insn *interp_go_link(struct x86_cpu *c, uint32_t rip, unsigned slot)
{
    struct interp *in = c->interp;
    uint32_t from = (uint32_t)(c->seg[CS].base + c->rip);
    uint32_t to = (uint32_t)c->seg[CS].base + rip;

    if (from >> 12 == to >> 12 && !c->block->link[slot] && !(c->block->mode & MODE_STEP)) {
        in->link_from = &c->block->link[slot];
        c->rip = rip;
        return NULL;
    }
    return interp_go(c, rip);
}

void interp_bad_target(struct x86_cpu *c, const struct x86_insn *I)
{
    c->cur = I;
    x86_raise_ec(c, EXC_GP, 0);
}

/* ---- helper calls ---- */
#define SEM(n) static inline void call_##n(struct x86_cpu *c, const struct x86_insn *I)
#define HELPER(h) x86_help_##h(c, I)
#include "cpu-x86/sem/sem_bcd.inc"
#include "cpu-x86/sem/sem_help.inc"
#include "cpu-x86/sem/sem_sys.inc"
#include "cpu-x86/sem/sem_x87.inc"
#include "cpu-x86/sem/sem_sse.inc"
#undef SEM
#undef HELPER

#define DEFINE_HELP(n)                                                                        \
    static const struct x86_insn *help_##n(struct x86_cpu *c, const struct x86_insn *I)       \
    {                                                                                         \
        c->cur = I;                                                                           \
        call_##n(c, I);                                                                       \
        RUN(c, I + 1);                                                                        \
    }                                                                                         \
    static const struct x86_insn *helpend_##n(struct x86_cpu *c, const struct x86_insn *I)    \
    {                                                                                         \
        c->cur = I;                                                                           \
        call_##n(c, I);                                                                       \
        c->rip = x86_next_rip(c, I);                                                          \
        return NULL;                                                                          \
    }
/* The usual case without a call. No row of these ends a block. */
#define DEFINE_HELPS(n)                                                                       \
    static __attribute__((noinline)) const struct x86_insn *                                  \
    whole_##n(struct x86_cpu *c, const struct x86_insn *I)                                    \
    {                                                                                         \
        c->cur = I;                                                                           \
        call_##n(c, I);                                                                       \
        RUN(c, I + 1);                                                                        \
    }                                                                                         \
    static const struct x86_insn *help_##n(struct x86_cpu *c, const struct x86_insn *I)       \
    {                                                                                         \
        if (x87_try_##n(c, I))                                                                \
            RUN(c, I + 1);                                                                    \
        return whole_##n(c, I);                                                               \
    }
#define DEFINE_HELPJ(n)                                                                       \
    static const struct x86_insn *help_##n(struct x86_cpu *c, const struct x86_insn *I)       \
    {                                                                                         \
        c->cur = I;                                                                           \
        call_##n(c, I);                                                                       \
        return NULL;                                                                          \
    }
/* An interrupted REP leaves rip on the instruction; it counts as retired, so that a run by
 * instruction count goes on. */
#define DEFINE_STR(n)                                                                         \
    static const struct x86_insn *help_##n(struct x86_cpu *c, const struct x86_insn *I)       \
    {                                                                                         \
        c->cur = I;                                                                           \
        if (x86_help_##n(c, I))                                                               \
            RUN(c, I + 1);                                                                    \
        uncount(c, I + 1);                                                                    \
        c->rip = x86_insn_rip(c, I);                                                          \
        return NULL;                                                                          \
    }
#define DEFINE_GEN(n)
#define DEFINE_UN1(n)
#define DEFINE_PUSH(n)
#define DEFINE_POP(n)
#define DEFINE_SHIFT(n)
#define DEFINE_MOVX(n)
#define DEFINE_MOVXB(n)
#define DEFINE_MOVXW(n)
#define DEFINE_LEA(n)
#define DEFINE_ALU2(n)
#define DEFINE_CMP2(n)
#define DEFINE_CC(n)
#define DEFINE_FLOW(n)
#define DEFINE_CALL(n)
#define DEFINE_RET(n)
#define DEFINE_JMPN(n)
#define DEFINE_CALLN(n)
#define DEFINE_JCC(n)
#define SEMS(n, forms, rd, wr, help) DEFINE_##forms(n)
#include "cpu-x86/sems.def"
#undef SEMS

enum sem_class {
    GEN, UN1, PUSH, POP, SHIFT, MOVX, MOVXB, MOVXW, LEA, ALU2, CMP2, CC, FLOW, CALL, RET, JMPN,
    CALLN, JCC, HELP, HELPS, HELPJ, STR
};
static const uint8_t sem_class[SEM_COUNT] = {
#define SEMS(n, forms, rd, wr, help) [SEM_##n] = forms,
#include "cpu-x86/sems.def"
#undef SEMS
};

#define ROW_HELP(n)  [SEM_##n] = { help_##n, helpend_##n },
#define ROW_HELPS(n) [SEM_##n] = { help_##n, help_##n },
#define ROW_HELPJ(n) [SEM_##n] = { help_##n, help_##n },
#define ROW_STR(n)   [SEM_##n] = { help_##n, help_##n },
#define ROW_GEN(n)
#define ROW_UN1(n)
#define ROW_PUSH(n)
#define ROW_POP(n)
#define ROW_SHIFT(n)
#define ROW_MOVX(n)
#define ROW_MOVXB(n)
#define ROW_MOVXW(n)
#define ROW_LEA(n)
#define ROW_ALU2(n)
#define ROW_CMP2(n)
#define ROW_CC(n)
#define ROW_FLOW(n)
#define ROW_CALL(n)
#define ROW_RET(n)
#define ROW_JMPN(n)
#define ROW_CALLN(n)
#define ROW_JCC(n)
static x86_exec_fn *const help_fn[SEM_COUNT][2] = {     /* [1]: ends its block */
#define SEMS(n, forms, rd, wr, help) ROW_##forms(n)
#include "cpu-x86/sems.def"
#undef SEMS
};

/* ---- the function for a decoded instruction ---- */

static unsigned where_of(const struct x86_insn *I, unsigned k, uint32_t mode)
{
    switch (I->o[k].kind) {
    case K_REG: return W_R;
    case K_IMM: return W_I;
    case K_MEM: break;
    default:    return W_ANY;
    }
    if (I->asz != 4)
        return W_S;
    if (!(mode & MODE_FLAT) || I->seg >= FS || I->seg == CS)
        return W_S;
    return I->index == 8 * X86_ZERO ? W_B : W_X;
}

static unsigned form_of(const struct x86_insn *I, uint32_t mode)
{
    static const uint8_t two[W_ANY][W_ANY] = {
        [W_R] = { [W_R] = FORM_RR, [W_I] = FORM_RI, [W_B] = FORM_RB, [W_X] = FORM_RX,
                  [W_S] = FORM_RS },
        [W_B] = { [W_R] = FORM_BR, [W_I] = FORM_BI }, [W_X] = { [W_R] = FORM_XR, [W_I] = FORM_XI },
        [W_S] = { [W_R] = FORM_SR, [W_I] = FORM_SI },
    };
    static const uint8_t one[] = { [W_R] = FORM_R, [W_I] = FORM_I, [W_B] = FORM_B, [W_X] = FORM_X,
                                   [W_S] = FORM_S };
    unsigned a = where_of(I, 0, mode), b = where_of(I, 1, mode);

    switch ((enum sem_class)sem_class[I->sem]) {
    case UN1: case PUSH: case POP: case JMPN: case CALLN:
        return a < W_ANY ? one[a] : FORM_NONE;
    case MOVX: case MOVXB: case MOVXW: case ALU2: case CMP2: case SHIFT:
        return a < W_ANY && b < W_ANY ? two[a][b] : FORM_NONE;
    case CC: return a == W_R && b != W_B && b != W_X && b != W_S ? I->op & 15u : FORM_NONE;
    case JCC: return I->op & 15;
    case LEA: case FLOW: case CALL: case RET: return FORM_ANY;
    case GEN: case HELP: case HELPS: case HELPJ: case STR: break;
    }
    return FORM_NONE;
}

x86_exec_fn *interp_bind(const struct x86_insn *I, uint32_t mode)
{
    unsigned size = I->osz == 1 ? 0 : I->osz == 2 ? 1 : 2;
    const interp_forms *const forms[] = { &interp_forms_b, &interp_forms_w, &interp_forms_d };
    x86_exec_fn *const *const slow[] = { interp_slow_b, interp_slow_w, interp_slow_d };
    unsigned form;

    if (help_fn[I->sem][0])
        return help_fn[I->sem][I->flags & X86F_END];
    form = form_of(I, mode);
    if (form != FORM_NONE && (*forms[size])[I->sem][form])
        return (*forms[size])[I->sem][form];
    return slow[size][I->sem];
}

/* ---- the engine ---- */

static void run_block(struct x86_cpu *c, struct x86_block *b)
{
    const struct x86_insn *I = b->insn;

    c->block = b;
    c->rip = (uint32_t)c->rip - b->off;
    c->budget -= b->n;
#if X86_THREADED
    I->exec(c, I);
#else
    while (I)
        I = I->exec(c, I);
#endif
    c->block = NULL;
}

static void remember(struct interp *in, struct x86_block *b)
{
    struct x86_cpu *c = in->cpu;
    uint32_t lin = (uint32_t)(c->seg[CS].base + c->rip);

    if (in->link_from)
        *in->link_from = b;
    in->link_from = NULL;
    *jump_slot(c, lin) = (struct jump_entry){ lin, c->mode, c->jump_gen, b };
}

/* One instruction, under TF, a breakpoint, an interrupt shadow, an event that is still pending, or
 * the end of the budget. */
static void run_step(struct interp *in)
{
    struct x86_cpu *c = in->cpu;
    bool tf = c->eflags & FL_TF;

    in->link_from = NULL;
    c->shadow = false;
    x86_edge_after(c, 1);
    if (c->mode & MODE_STEP)
        x86_step_begin(c);
    run_block(c, x86_blocks_find(in->blocks, MODE_STEP));
    if (c->mode & MODE_STEP || tf)
        x86_step_done(c, tf);
}

static void run_some(struct interp *in)
{
    struct x86_cpu *c = in->cpu;
    struct x86_block *b;

    c->cur = NULL;
    if (c->mode & MODE_STEP || c->shadow || c->pending || in->single) {
        run_step(in);
        return;
    }
    b = x86_blocks_find(in->blocks, 0);
    if (b->n > c->budget) {
        run_step(in);
        return;
    }
    x86_edge_after(c, b->n);
    if (b->mode == c->mode)          /* a block across two pages is not kept */
        remember(in, b);
    else
        in->link_from = NULL;
    run_block(c, b);
}

const struct x86_insn *interp_resume(struct x86_cpu *c, struct x86_block *b,
                                     const struct x86_insn *I)
{
    x86_exec_fn *exec = I == b->insn && b->first ? b->first : I->exec;

    c->block = b;
    c->budget -= b->n - (int32_t)(I - b->insn);
    return exec(c, I);
}

/* Translated code was left in the middle. */
static void leave_site(struct x86_cpu *c)
{
    c->rip = x86_insn_rip(c, c->site->insn);
    c->budget += c->hidden - c->site->done;
    c->hidden = 0;
    c->site = NULL;
}

/* A raise: back to the instruction that caused it, uncounted, then deliver. */
static bool after_raise(struct interp *in)
{
    struct x86_cpu *c = in->cpu;

    in->link_from = NULL;
    if (c->block) {
        uncount(c, c->cur);
        c->rip = x86_insn_rip(c, c->cur);
        c->block = NULL;
    } else if (c->site) {
        leave_site(c);
    }
    c->cur = NULL;
    c->budget--;                     /* counts as one: a guest may fault for ever */
    return x86_exception(c);
}

enum x86_stop interp_run(struct interp *in)
{
    struct x86_cpu *c = in->cpu;

    if (setjmp(c->raise_to) && !after_raise(in))
        return STOP_TRIPLE_FAULT;
    for (;;) {
        if (c->pending & X86_PEND_STOP) {
            c->pending &= ~X86_PEND_STOP;
            return STOP_KICK;
        }
        if (c->pending && !c->shadow && c->budget >= 0) {  /* what an event raises counts, too */
            in->link_from = NULL;
            x86_edge(c);
        }
        if (c->halted)
            return STOP_HALT;
        if (c->budget <= 0)
            return STOP_BUDGET;
        run_some(in);
    }
}

int interp_new(struct interp **out, struct x86_cpu *c, const struct x86_tier *tier,
               struct vm_error *e)
{
    struct interp *in = calloc(1, sizeof *in);
    int rc;

    if (!in)
        return vm_fail(e, VM_ENOMEM, "no memory for the interpreter");
    in->cpu = c;
    rc = x86_blocks_new(&in->blocks, c, BLOCK_BYTES, tier, e);
    if (rc < 0) {
        free(in);
        return rc;
    }
    c->interp = in;
    *out = in;
    return VM_OK;
}

struct x86_blocks *interp_blocks(struct interp *in) { return in->blocks; }

void interp_forget(struct interp *in, gpa_t from, uint64_t bytes)
{
    in->link_from = NULL;
    x86_blocks_forget(in->blocks, from, bytes);
}

void interp_stats(struct interp *in, void (*row)(void *o, const char *name, uint64_t v), void *o)
{
    struct x86_blocks_stats s;

    x86_blocks_get_stats(in->blocks, &s);
    row(o, "blocks built", s.built);
    row(o, "instructions decoded", s.decoded);
    row(o, "blocks across two pages", s.crossing);
    row(o, "blocks forgotten", s.forgotten);
    row(o, "block cache flushes", s.flushes);
}

void interp_free(struct interp *in)
{
    x86_blocks_free(in->blocks);
    free(in);
}

/* ---- as an engine of its own ---------------------------------------------------------------- */

static int create(void **self, struct x86_cpu *c, const char *opts, struct vm_error *e)
{
    struct interp *in;
    int rc;

    if (opts && *opts)
        return vm_fail(e, VM_EINVAL, "the engines interp and step take no options; leave out '%s'",
                       opts);
    rc = interp_new(&in, c, NULL, e);
    if (rc == VM_OK)
        *self = in;
    return rc;
}

static int create_step(void **self, struct x86_cpu *c, const char *opts, struct vm_error *e)
{
    VM_TRY(create(self, c, opts, e));
    ((struct interp *)*self)->single = true;
    return VM_OK;
}

static enum x86_stop run(void *self) { return interp_run(self); }
static void forget(void *self, gpa_t from, uint64_t bytes) { interp_forget(self, from, bytes); }
static void destroy(void *self) { interp_free(self); }

static void stats(void *self, void (*row)(void *o, const char *name, uint64_t v), void *o)
{
    interp_stats(self, row, o);
}

const struct x86_engine_ops engine_interp = {
    .name = "interp", .create = create, .run = run, .forget = forget, .stats = stats,
    .destroy = destroy,
};

const struct x86_engine_ops engine_step = {
    .name = "step", .create = create_step, .run = run, .forget = forget, .stats = stats,
    .destroy = destroy,
};
