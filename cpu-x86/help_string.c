/* help_string.c - MOVS, STOS, LODS, SCAS, CMPS, INS and OUTS with REP. SDM vol. 2.
 *
 * A REP goes element by element through the same checks as a single one; MOVS and STOS take runs
 * that stay inside one page and segment at once. Between runs it gives way to interrupts: then it
 * returns false and is run again, rCX rSI rDI being up to date. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/except.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/sys.h"

enum { RUN_MAX = 4096 /* elements before interrupts get their turn */ };

struct string {                      /* one execution of a string instruction */
    struct x86_cpu *c;
    const struct x86_insn *I;
    unsigned n;                      /* element bytes */
    uint32_t mask;                   /* of the address size */
    int32_t  step;
    bool     rep, compares;          /* SCAS and CMPS end on a difference or a match */
    struct lazy_flags lf;            /* of the last compare; not yet the CPU's: a fault undoes it */
};

static struct string begin(struct x86_cpu *c, const struct x86_insn *I, bool compares)
{
    struct string s = { .c = c, .I = I, .n = I->osz, .mask = I->asz == 2 ? 0xffff : 0xffffffff };

    s.step = c->eflags & FL_DF ? -(int32_t)s.n : (int32_t)s.n;
    s.rep = I->flags & (X86F_REP | X86F_REPNE);
    s.compares = compares;
    if (compares)
        s.lf = c->lf;
    return s;
}

static uint32_t reg(const struct string *s, unsigned r) { return (uint32_t)s->c->gpr[r] & s->mask; }

static void advance(struct string *s, unsigned r, int32_t by)
{
    x86_set_gpr(s->c, 8 * r, (uint32_t)s->c->gpr[r] + (uint32_t)by, s->I->asz);
}

static bool count_left(const struct string *s) { return !s->rep || reg(s, RCX); }

static uint32_t load_src(const struct string *s)
{
    return (uint32_t)x86_ld(s->c, s->I->seg, reg(s, RSI), s->n);
}

static uint32_t load_dst(const struct string *s)
{
    return (uint32_t)x86_ld(s->c, ES, reg(s, RDI), s->n);
}

static void store_dst(const struct string *s, uint32_t v)
{
    x86_st(s->c, ES, reg(s, RDI), v, s->n);
}

static uint32_t acc(const struct string *s) { return x86_gpr(s->c, 8 * RAX, s->n); }

static bool give_way(const struct string *s, unsigned run)
{
    return s->c->pending || run >= RUN_MAX || (s->c->mode & MODE_STEP);
}

/* Elements from offset off that fit into its page, the offset range and the segment, at most max.
 * Only forward; 0 = take the slow way. */
static uint32_t run_length(const struct string *s, unsigned seg, uint32_t off, uint32_t max,
                           bool write)
{
    const struct x86_seg *g = &s->c->seg[seg];
    uint64_t end = write ? g->wend : g->rend, room = s->mask == 0xffff ? 0x10000 : end;
    uint32_t lin = (uint32_t)g->base + off, page = GUEST_PAGE - (lin & (GUEST_PAGE - 1));

    end = end < room ? end : room;
    if (s->step < 0 || off >= end || s->c->mode & MODE_STEP ||
        s->c->tlb == s->c->tlb_sets[TLB_STRICT])
        return 0;
    room = end - off < page ? end - off : page;
    return room / s->n < max ? (uint32_t)(room / s->n) : max;
}

/* Host address of linear a when it is plain memory for this access, else NULL. */
static uint8_t *host_of(struct x86_cpu *c, uint32_t a, bool write)
{
    struct tlb_entry *e = x86_tlb(c->tlb, a);
    uint32_t page = a & ~(GUEST_PAGE - 1);

    if ((write ? e->tag_w : e->tag_r) != page) {
        if (write)
            x86_check_write(c, a, 1);
        else
            x86_ld_lin(c, a, 1);
    }
    if ((write ? e->tag_w : e->tag_r) != page)
        return NULL;
    return x86_tlb_host(e, a);
}

/* Copies as the elements would one by one: a destination inside the source repeats it. */
static void copy_elements(uint8_t *d, const uint8_t *p, uint32_t count, unsigned n)
{
    if (d <= p || d >= p + (size_t)count * n) {
        memmove(d, p, (size_t)count * n);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        memmove(d + (size_t)i * n, p + (size_t)i * n, n);
}

static uint32_t movs_run(struct string *s)
{
    struct x86_cpu *c = s->c;
    uint32_t si = reg(s, RSI), di = reg(s, RDI), k = s->rep ? reg(s, RCX) : 0;
    uint8_t *p, *d;

    k = k ? run_length(s, s->I->seg, si, k, false) : 0;
    k = k ? run_length(s, ES, di, k, true) : 0;
    if (k < 2 || !(p = host_of(c, (uint32_t)c->seg[s->I->seg].base + si, false)) ||
        !(d = host_of(c, (uint32_t)c->seg[ES].base + di, true)))
        return 0;
    if (x86_tlb(c->tlb, (uint32_t)c->seg[s->I->seg].base + si)->tag_r !=
        (((uint32_t)c->seg[s->I->seg].base + si) & ~(GUEST_PAGE - 1)))
        return 0;                    /* the destination took the source's TLB entry */
    copy_elements(d, p, k, s->n);
    return k;
}

static uint32_t stos_run(struct string *s)
{
    uint32_t di = reg(s, RDI), k = s->rep ? reg(s, RCX) : 0, v = acc(s);
    uint8_t *d;

    k = k ? run_length(s, ES, di, k, true) : 0;
    if (k < 2 || !(d = host_of(s->c, (uint32_t)s->c->seg[ES].base + di, true)))
        return 0;
    if (s->n == 1) {
        memset(d, (int)v, k);
        return k;
    }
    for (uint32_t i = 0; i < k; i++)
        memcpy(d + (size_t)i * s->n, &v, s->n);
    return k;
}

static void compare(struct string *s, uint32_t a, uint32_t b)
{
    struct lazy_flags *f = &s->lf;

    f->res = (a - b) & (0xffffffffu >> (32 - 8 * s->n));
    f->a = a;
    f->b = b;
    f->op = f->cop = LF_SUB;
    f->osz = f->cosz = s->n;
}

/* REPE goes on while equal, REPNE while not. */
static bool stops(const struct string *s)
{
    bool equal = s->lf.res == 0;

    return s->compares && equal != !!(s->I->flags & X86F_REP);
}

/* ---- what one step does: it returns how many elements it took, with rSI and rDI moved ---- */

static uint32_t movs_step(struct string *s)
{
    uint32_t k = movs_run(s);

    if (!k) {
        store_dst(s, load_src(s));
        k = 1;
    }
    advance(s, RSI, (int32_t)k * s->step);
    advance(s, RDI, (int32_t)k * s->step);
    return k;
}

static uint32_t stos_step(struct string *s)
{
    uint32_t k = stos_run(s);

    if (!k) {
        store_dst(s, acc(s));
        k = 1;
    }
    advance(s, RDI, (int32_t)k * s->step);
    return k;
}

static uint32_t lods_step(struct string *s)
{
    x86_set_gpr(s->c, 8 * RAX, load_src(s), s->n);
    advance(s, RSI, s->step);
    return 1;
}

static uint32_t scas_step(struct string *s)
{
    compare(s, acc(s), load_dst(s));
    advance(s, RDI, s->step);
    return 1;
}

static uint32_t cmps_step(struct string *s)
{
    uint32_t b = load_dst(s);        /* the chips fault on ES:rDI first */

    compare(s, load_src(s), b);
    advance(s, RSI, s->step);
    advance(s, RDI, s->step);
    return 1;
}

/* The memory side is checked before the port is read, whose side effects cannot be undone. */
static uint32_t ins_step(struct string *s)
{
    struct x86_cpu *c = s->c;

    x86_check_write(c, x86_lin(c, ES, reg(s, RDI), s->n, ACC_W), s->n);
    store_dst(s, c->port->in(c->port_self, (uint16_t)c->gpr[RDX], s->n));
    advance(s, RDI, s->step);
    return 1;
}

static uint32_t outs_step(struct string *s)
{
    struct x86_cpu *c = s->c;

    c->port->out(c->port_self, (uint16_t)c->gpr[RDX], load_src(s), s->n);
    advance(s, RSI, s->step);
    return 1;
}

/* ---- and the repetition around it ---- */

/* Returns whether the instruction is through. */
static bool elements(struct string *s, uint32_t (*step)(struct string *s))
{
    uint32_t run = 0;

    while (count_left(s)) {
        uint32_t k = step(s);

        if (!s->rep)
            return true;
        advance(s, RCX, -(int32_t)k);
        if (!reg(s, RCX) || stops(s))
            break;
        run += k;
        if (give_way(s, run)) {
            s->c->in_rep = true;
            return false;
        }
    }
    s->c->in_rep = false;
    return true;
}

static bool repeat(struct string s, uint32_t (*step)(struct string *s))
{
    bool through = elements(&s, step);

    if (s.compares && through)       /* between rounds the flags are those from before all */
        s.c->lf = s.lf;
    return through;
}

#define STRING(name) bool x86_help_##name(struct x86_cpu *c, const struct x86_insn *I)
STRING(movs) { return repeat(begin(c, I, false), movs_step); }
STRING(stos) { return repeat(begin(c, I, false), stos_step); }
STRING(lods) { return repeat(begin(c, I, false), lods_step); }
STRING(scas) { return repeat(begin(c, I, true), scas_step); }
STRING(cmps) { return repeat(begin(c, I, true), cmps_step); }
STRING(ins)
{
    x86_check_io(c, (uint16_t)c->gpr[RDX], I->osz);
    return repeat(begin(c, I, false), ins_step);
}
STRING(outs)
{
    x86_check_io(c, (uint16_t)c->gpr[RDX], I->osz);
    return repeat(begin(c, I, false), outs_step);
}
