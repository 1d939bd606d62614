/* interp_priv.h - what the three sizes of the interpreter's binding share. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_INTERP_PRIV_H
#define X86_INTERP_PRIV_H
#include "cpu-x86/access.h"
#include "cpu-x86/block.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/state.h"

/* 1: a function runs its instruction and jumps to the next one's, so that the host sees one
 * indirect jump an instruction. 0 (no optimizer, sanitizers): it returns the next one. */
#ifndef X86_THREADED
#define X86_THREADED 1
#endif
#if X86_THREADED
#define RUN(c, i) return (i)->exec((c), (i))
#else
#define RUN(c, i) return (i)
#endif

/* Where an operand is, known when the function is chosen: register, immediate, memory by base +
 * disp or base + index * scale + disp (both flat segments, 32-bit addresses), memory by the whole
 * rule, or whatever the instruction says. */
enum where { W_R, W_I, W_B, W_X, W_S, W_ANY };

/* Forms a meaning may have a function for: FORM_<o0><o1>, or a condition. */
enum form {
    FORM_0, FORM_1, FORM_2, FORM_3, FORM_4, FORM_5, FORM_6, FORM_7, FORM_8, FORM_9, FORM_10,
    FORM_11, FORM_12, FORM_13, FORM_14, FORM_15,
    FORM_ANY = 0, FORM_RR, FORM_RI, FORM_RB, FORM_RX, FORM_RS, FORM_BR, FORM_XR, FORM_SR, FORM_BI,
    FORM_XI, FORM_SI, FORM_R, FORM_B, FORM_X, FORM_S, FORM_I, FORM_COUNT, FORM_NONE = FORM_COUNT
};
typedef x86_exec_fn *interp_forms[SEM_COUNT][FORM_COUNT];
extern const interp_forms interp_forms_b, interp_forms_w, interp_forms_d;
/* Each meaning's function for whatever the fast forms do not handle, by the whole rule. */
extern x86_exec_fn *const interp_slow_b[SEM_COUNT], *const interp_slow_w[SEM_COUNT],
    *const interp_slow_d[SEM_COUNT];

/* Between a body and its wrapper: host places found before it, where to jump after it. A fast
 * function looks all places up first and calls nothing, so that it needs no stack frame; what
 * misses goes to the slow function of the same meaning. */
struct places {
    uint8_t *mem, *stack;            /* NULL in slow functions */
    uint32_t sp;                     /* rSP of the place on the stack */
    uint32_t lin;                    /* slow read-modify-write: the operand's address, because */
    bool     rmw;                    /* the body may have changed its base register since */
    uint32_t target;
    unsigned slot;                   /* block->link[] */
};

/* Leaves the running block for rip: the jump cache, or NULL for the run loop. */
const struct x86_insn *interp_go(struct x86_cpu *c, uint32_t rip);
/* The same for a direct exit whose link is not set yet. */
const struct x86_insn *interp_go_link(struct x86_cpu *c, uint32_t rip, unsigned slot);
_Noreturn void interp_bad_target(struct x86_cpu *c, const struct x86_insn *I);

static inline bool interp_may_enter(const struct x86_cpu *c, const struct x86_block *b,
                                    uint32_t rip)
{
    return c->budget >= b->n && !c->pending && rip + b->bytes - 1u <= c->seg[CS].limit;
}

static inline const struct x86_insn *interp_enter(struct x86_cpu *c, struct x86_block *b,
                                                  uint32_t rip)
{
    c->rip = rip - b->off;
    c->budget -= b->n;
    c->block = b;
    RUN(c, b->insn);
}

/* End of a block by a direct jump or by falling through. */
static inline const struct x86_insn *interp_chain(struct x86_cpu *c, uint32_t rip, unsigned slot)
{
    struct x86_block *b = c->block->link[slot];

    if (__builtin_expect(b && interp_may_enter(c, b, rip), 1))
        return interp_enter(c, b, rip);
    return interp_go_link(c, rip, slot);
}
#endif
