/* main.c - the recorded instructions of an 8086 or an 80286, replayed on godwit's 486 in real mode:
 * registers, flags and the whole memory have to end as on the chip.
 *
 * usage: recorded 8086|80286 TAR [NTH [FILE]], every NTHth test, of one opcode's file only. */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/flags.h"
#include "cpu-x86/sys.h"
#include "tests/oracle/recorded/chips.h"
#include "tests/unit/cpubox.h"

enum {
    RAM = 0x110000, MAX_ROWS = 64, SHOWN_A_FILE = 2,
    ARITH_AND_CONTROL = 0x0fd5, IMAGE_BITS = 0xf000
};

struct replay {
    enum chip      chip;
    const char    *only;
    struct cpubox *box;
    uint8_t       *want;             /* memory as the chip left it */
    unsigned long  tests, equal, adapted, excused, differ;
    unsigned long  by_row[MAX_ROWS];
    char           file[16];         /* being read, and how many of it differ */
    unsigned       in_file;
};

static const uint8_t gpr_of[] = { [MOO_AX] = RAX, [MOO_BX] = RBX, [MOO_CX] = RCX, [MOO_DX] = RDX,
                                  [MOO_SP] = RSP, [MOO_BP] = RBP, [MOO_SI] = RSI, [MOO_DI] = RDI };
static const char reg_name[MOO_NREG][6] = { "ax", "bx", "cx", "dx", "cs", "ss", "ds", "es",
                                            "sp", "bp", "si", "di", "ip", "flags" };

/* ---- state in and out ---- */

static int seg_of(unsigned r)
{
    return r == MOO_CS ? CS : r == MOO_SS ? SS : r == MOO_DS ? DS : r == MOO_ES ? ES : -1;
}

static void put_registers(struct replay *p, const uint16_t *reg)
{
    struct x86_cpu *c = p->box->cpu;

    cpubox_real(p->box, reg[MOO_IP]);
    for (unsigned r = 0; r < MOO_IP; r++) {
        if (seg_of(r) >= 0)
            x86_seg_real(c, (unsigned)seg_of(r), reg[r]);
        else
            c->gpr[gpr_of[r]] = reg[r];
    }
    x86_set_eflags(c, (reg[MOO_FLAGS] & ARITH_AND_CONTROL) | FL_FIXED);
    x86_update_mode(c);
    c->mmu->control_written(c->mmu_self, c);
    c->engine->forget(c->engine_self, 0, RAM);
}

static void get_registers(struct replay *p, uint16_t *reg)
{
    struct x86_cpu *c = p->box->cpu;

    for (unsigned r = 0; r < MOO_IP; r++)
        reg[r] = seg_of(r) >= 0 ? c->seg[seg_of(r)].sel : (uint16_t)c->gpr[gpr_of[r]];
    reg[MOO_IP] = (uint16_t)c->rip;
    reg[MOO_FLAGS] = (uint16_t)x86_eflags(c);
}

static void put_memory(struct replay *p, const struct moo_test *t)
{
    for (unsigned i = 0; i < t->before.n_ram; i++)
        p->want[t->before.ram[i].at % RAM] = p->box->ram.host[t->before.ram[i].at % RAM] =
            t->before.ram[i].v;
    for (unsigned i = 0; i < t->after.n_ram; i++)
        p->want[t->after.ram[i].at % RAM] = t->after.ram[i].v;
}

static void wipe(struct replay *p, const struct moo_state *s)
{
    for (unsigned i = 0; i < s->n_ram; i++)
        p->want[s->ram[i].at % RAM] = p->box->ram.host[s->ram[i].at % RAM] = 0;
}

/* ---- comparing ---- */

/* Flags in memory: bits 12-15 are the chip's own, and those undefined do not matter, either. */
static void hide_flags(struct replay *p, uint32_t at, uint16_t hidden)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t a = p->chip == CHIP_8086 ? (at + i) & 0xfffff : at + i;
        uint8_t keep = (uint8_t)~(hidden >> 8 * i);

        p->want[a] &= keep;
        p->box->ram.host[a] &= keep;
    }
}

static bool is_interrupt(const struct subject *s)
{
    const struct moo_test *t = s->test;

    return s->op >= 0xcc && s->op <= 0xce && t->after.reg[MOO_SP] != t->before.reg[MOO_SP];
}

static void hide_pushed_flags(struct replay *p, const struct subject *s)
{
    const uint16_t *after = s->test->after.reg;
    uint16_t hidden = undefined_flags(s) | IMAGE_BITS;
    uint32_t stack = (uint32_t)after[MOO_SS] << 4;

    if (s->op == 0x9c)
        hide_flags(p, stack + after[MOO_SP], hidden);
    else if (s->test->exception || is_interrupt(s))
        hide_flags(p, stack + (uint16_t)(after[MOO_SP] + 4), hidden);
}

static void show(const struct replay *p, const struct subject *s, const uint16_t *got)
{
    const struct moo_test *t = s->test;
    unsigned shown = 0;

    printf("differs: %s \"%s\"", t->file, t->name);
    for (unsigned i = 0; i < t->n_bytes; i++)
        printf(" %02x", t->bytes[i]);
    for (unsigned r = 0; r < MOO_NREG; r++)
        printf(" %s %04x", reg_name[r], t->before.reg[r]);
    printf("\n   ");
    for (unsigned r = 0; r < MOO_NREG; r++)
        if (got[r] != t->after.reg[r])
            printf(" %s %04x, not %04x;", reg_name[r], got[r], t->after.reg[r]);
    for (uint32_t a = 0; a < RAM && shown < 8; a++)
        if (p->box->ram.host[a] != p->want[a] && ++shown)
            printf(" [%05x] %02x, not %02x;", a, p->box->ram.host[a], p->want[a]);
    printf("\n");
}

static bool same(struct replay *p, const struct subject *s, uint16_t *got)
{
    uint16_t want[MOO_NREG], defined = ARITH_AND_CONTROL & (uint16_t)~undefined_flags(s);

    memcpy(want, s->test->after.reg, sizeof want);
    if (p->chip == CHIP_80286 && s->op != 0xf4)
        got[MOO_IP]++;               /* behind the HLT, which was not run here */
    want[MOO_FLAGS] &= defined;
    got[MOO_FLAGS] &= defined;
    hide_pushed_flags(p, s);
    return !memcmp(got, want, sizeof want) && !memcmp(p->box->ram.host, p->want, RAM);
}

static void replay(struct replay *p, const struct subject *s)
{
    const struct moo_test *t = s->test;
    uint16_t got[MOO_NREG];

    put_memory(p, t);
    put_registers(p, t->before.reg);
    cpubox_run(p->box, 1);
    get_registers(p, got);
    if (same(p, s, got)) {
        p->equal++;
    } else {
        p->differ++;
        if (p->in_file++ < SHOWN_A_FILE || p->only)
            show(p, s, got);
        memset(p->box->ram.host, 0, RAM);
        memset(p->want, 0, RAM);
    }
    wipe(p, &t->before);
    wipe(p, &t->after);
}

/* The test as later chips do it, adapted in place; false where that is not known. */
static bool adapt(struct replay *p, struct moo_test *t)
{
    bool any = false;

    for (unsigned i = 0; i < n_differences; i++) {
        struct subject s = subject_of(p->chip, t);

        if (differences[i].chip != p->chip || !differences[i].applies(&s))
            continue;
        p->by_row[i]++;
        if (!differences[i].adapt)
            return false;
        differences[i].adapt(t, &s);
        any = true;
    }
    p->adapted += any;
    return true;
}

static void one_test(void *self, struct moo_test *t)
{
    struct replay *p = self;
    struct subject s;

    if (p->only && strcmp(p->only, t->file))
        return;
    if (strcmp(p->file, t->file)) {
        snprintf(p->file, sizeof p->file, "%s", t->file);
        p->in_file = 0;
    }
    p->tests++;
    if (!adapt(p, t)) {
        p->excused++;
        return;
    }
    s = subject_of(p->chip, t);
    replay(p, &s);
}

int main(int argc, char **argv)
{
    struct replay p = { .chip = argc > 1 && !strcmp(argv[1], "8086") ? CHIP_8086 : CHIP_80286,
                        .only = argc > 4 ? argv[4] : NULL };
    const char *why;

    if (argc < 3) {
        fprintf(stderr, "usage: recorded 8086|80286 TAR [NTH [FILE]]\n");
        return 2;
    }
    p.box = cpubox_new("486", RAM);
    p.box->in_value = 0xffffffff;    /* what the suites read from every port */
    x86_pin(p.box->cpu, X86_PEND_A20, p.chip == CHIP_80286);
    p.want = calloc(1, RAM);
    if (!p.want || !moo_read(argv[2], argc > 3 ? (unsigned)atoi(argv[3]) : 1, one_test, &p, &why)) {
        fprintf(stderr, "recorded: %s: %s\n", argv[2], p.want ? why : "no memory");
        return 2;
    }
    for (unsigned i = 0; i < n_differences; i++)
        if (p.by_row[i])
            printf("%8lu %s: %s\n", p.by_row[i],
                   differences[i].adapt ? "adapted " : "left out", differences[i].what);
    printf("%s: %lu recorded instructions, %lu equal (%lu adapted), %lu left out, %lu differ\n",
           argv[1], p.tests, p.equal, p.adapted, p.excused, p.differ);
    free(p.want);
    cpubox_free(p.box);
    return p.differ || !p.equal;
}
