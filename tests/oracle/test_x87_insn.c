/* test_x87_insn.c - every x87 encoding against this machine's own: both start from one random state
 * (registers, tags, control and status word, memory, EFLAGS), run one instruction and must end in
 * the same; transcendentals may be one ulp off. Not compared: instruction and data pointers.
 * Skips on a host that is not x86-64. Arguments: rounds for each encoding, seed (1 by default). */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu-x86/access.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sem.h"
#include "cpu-x86/x87_short.h"
#include "tests/oracle/f80_rnd.h"

#if defined(__x86_64__)

enum { IMAGE = 108, MEM = 128, PAGE_AT = 0x10000, SAVE_AT = 512, MEM_AT = 1024 };
enum { STATUS = 4, TAGS = 8, POINTERS = 12, REGS = 28 };   /* offsets in an image */

struct state {
    uint8_t image[IMAGE];            /* as FNSAVE writes it in 32-bit protected mode */
    uint8_t mem[MEM];                /* what the instruction's operand addresses */
    uint32_t flags, ax;
};

/* ---- the host ---- */

static uint8_t *code;

static void host_run(const uint8_t insn[2], struct state *s)
{
    static const uint8_t before[] = { 0xdd, 0x26 };        /* frstor (%rsi) */
    static const uint8_t after[] = { 0xdd, 0x36, 0xc3 };   /* fnsave (%rsi); ret */
    uint64_t ax, flags = s->flags;

    memcpy(code, before, 2);
    memcpy(code + 2, insn, 2);
    memcpy(code + 4, after, 3);
    ax = insn[1] < 0xc0 ? (uintptr_t)s->mem : s->ax;
    __asm__ volatile("sub $256, %%rsp\n push %1\n popfq\n call *%3\n pushfq\n pop %1\n"
                     "add $256, %%rsp\n fninit\n"
                     : "+a"(ax), "+r"(flags)
                     : "S"(s->image), "r"(code)
                     : "memory", "cc", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",
                       "st(7)");
    s->flags = (uint32_t)flags & FL_ARITH;
    s->ax = insn[1] < 0xc0 ? s->ax : (uint32_t)ax;
}

/* ---- ours ---- */

#define SEM(n) static void call_##n(struct x86_cpu *c, const struct x86_insn *I)
#define HELPER(n) x86_help_##n(c, I)
#include "cpu-x86/sem/sem_x87.inc"
#undef SEM
#undef HELPER

#define TRY_HELP(n)
#define TRY_HELPS(n) [SEM_##n] = x87_try_##n,
static bool (*const tries[SEM_COUNT])(struct x86_cpu *, const struct x86_insn *) = {
#define SEMS(n, forms, rd, wr, help) TRY_##forms(n)
#include "cpu-x86/sems_x87.def"
#undef SEMS
};

static void (*const calls[SEM_COUNT])(struct x86_cpu *, const struct x86_insn *) = {
#define SEMS(n, forms, rd, wr, help) [SEM_##n] = call_##n,
#include "cpu-x86/sems_x87.def"
#undef SEMS
};

static uint8_t page[GUEST_PAGE];

static void *translate(void *self, struct x86_cpu *c, gva_t a, unsigned size, enum x86_access acc,
                       bool user, gpa_t *gpa)
{
    (void)c, (void)size, (void)acc, (void)user;
    *gpa = a;
    return (uint8_t *)self + (a - PAGE_AT);
}

static struct x86_cpu *new_cpu(void)
{
    static const struct x86_mmu_ops mmu = { .translate = translate };
    struct x86_cpu *c = calloc(1, sizeof *c);

    if (!c) {
        abort();
    }
    c->model = x86_model_find("max");          /* keeps FOP and FDP as this machine does */
    c->tlb = c->tlb_sets[TLB_SUPER];
    *x86_tlb(c->tlb, PAGE_AT) = (struct tlb_entry){ .tag_r = PAGE_AT, .tag_w = PAGE_AT,
        .tag_x = PAGE_AT, .host_minus_gva = (uintptr_t)page - PAGE_AT };
    for (int i = 0; i < X86_NSEG; i++) {
        c->seg[i].rend = c->seg[i].wend = 1ull << 32;
    }
    c->mmu = &mmu;
    c->mmu_self = page;
    c->cr0 = CR0_PE | CR0_NE;
    c->mode = MODE_CS32 | MODE_PROT;
    return c;
}

static bool run_bytes(struct x86_cpu *c, const uint8_t insn[2], uint32_t at)
{
    struct x86_insn I;

    if (x86_decode(&I, insn, 2, true) < 0) {
        return false;
    }
    x86_set_gpr(c, RAX * 8, at, 4);
    c->cur = &I;
    if (!tries[I.sem] || rnd() & 1 || !tries[I.sem](c, &I)) {
        calls[I.sem](c, &I);
    }
    return true;
}

static void ours_run(struct x86_cpu *c, const uint8_t insn[2], struct state *s)
{
    static const uint8_t restore[2] = { 0xdd, 0x20 }, save[2] = { 0xdd, 0x30 };

    memcpy(page + SAVE_AT, s->image, IMAGE);
    memcpy(page + MEM_AT, s->mem, MEM);
    run_bytes(c, restore, PAGE_AT + SAVE_AT);
    x86_set_eflags(c, s->flags);
    run_bytes(c, insn, insn[1] < 0xc0 ? PAGE_AT + MEM_AT : s->ax);
    s->flags = x86_eflags(c) & FL_ARITH;
    s->ax = insn[1] < 0xc0 ? s->ax : (uint32_t)c->gpr[RAX];
    run_bytes(c, save, PAGE_AT + SAVE_AT);
    memcpy(s->image, page + SAVE_AT, IMAGE);
    memcpy(s->mem, page + MEM_AT, MEM);
}

/* ---- random states ---- */

static void put16(uint8_t *at, uint16_t v)
{
    memcpy(at, &v, 2);
}

static uint16_t get16(const uint8_t *at)
{
    uint16_t v;

    memcpy(&v, at, 2);
    return v;
}

static void put80(uint8_t *at, struct f80 v)
{
    memcpy(at, &v.m, 8);
    memcpy(at + 8, &v.se, 2);
}

static struct f80 get80(const uint8_t *at)
{
    struct f80 v;

    memcpy(&v.m, at, 8);
    memcpy(&v.se, at + 8, 2);
    return v;
}

static void random_memory(struct state *s)
{
    uint64_t k = rnd(), v = rnd();

    for (unsigned i = 0; i < MEM; i++) {
        s->mem[i] = (uint8_t)rnd();
    }
    if (k % 4 == 0) {
        put80(s->mem, rnd_operand(0x3fff));
    } else if (k % 4 == 1) {                       /* special doubles or singles */
        static const uint64_t special[] = { 0, 1, 0x7ff0ull << 48, 0x7ff8ull << 48, 0x7ff4ull << 48,
            0x7f800000, 0x7fc00000, 0x7fa00000, 0x007fffff, 0x000fffffffffffff };

        v = special[v % 10] | (k & 16 ? 1ull << 63 : 0) | (k & 32 ? 1ull << 31 : 0);
        memcpy(s->mem, &v, 8);
    }
}

static struct state random_state(void)
{
    struct state s = { .flags = (uint32_t)rnd() & FL_ARITH, .ax = (uint32_t)rnd() };
    uint64_t k = rnd();
    uint16_t cw = (uint16_t)(0x40 | (k & 0xf00) | (k >> 60 ? 0x3f : k >> 16 & 0x3f)), tw = 0;

    memset(s.image, 0, sizeof s.image);
    for (unsigned i = 0; i < 8; i++) {
        put80(s.image + REGS + 10 * i, rnd_operand(0x3fff));
        tw |= (uint16_t)((rnd() % (k >> 32 & 1 ? 64 : 4) ? 0 : 3u) << 2 * i);
    }
    if (k >> 33 & 1) {                             /* room to push */
        tw |= (uint16_t)(3u << 2 * (k >> 43 & 7));
    }
    put16(s.image, cw);
    put16(s.image + STATUS, (uint16_t)((k >> 32 & 0x7f40) | (k >> 24 & cw & 0x3f)));
    put16(s.image + TAGS, tw);
    random_memory(&s);
    return s;
}

/* ---- the comparison ---- */

static bool transcendental(const uint8_t insn[2])
{
    return insn[0] == 0xd9 && strchr("\xf0\xf1\xf2\xf3\xf9\xfb\xfe\xff", insn[1]);
}

static bool same(const uint8_t insn[2], const struct state *h, const struct state *o)
{
    bool loose = transcendental(insn), env = insn[1] < 0xc0 && (insn[1] & 0x38) == 0x30 &&
                                             (insn[0] == 0xd9 || insn[0] == 0xdd);
    uint16_t sw = get16(h->image + STATUS) ^ get16(o->image + STATUS);

    if ((loose ? sw & ~(F80_C1 | F80_UE | F80_OE | 0x8080) : sw) ||
        memcmp(h->image, o->image, 4) || h->flags != o->flags || h->ax != o->ax) {
        return false;
    }
    for (unsigned i = 0; i < 8; i++) {
        struct f80 a = get80(h->image + REGS + 10 * i), b = get80(o->image + REGS + 10 * i);

        if (distance(a, b) > loose && !(loose && sw & (F80_UE | F80_OE))) {
            return false;
        }
    }
    if (!loose && get16(h->image + TAGS) != get16(o->image + TAGS)) {
        return false;
    }
    return !memcmp(h->mem, o->mem, env ? POINTERS : MEM) &&
           (!env || !memcmp(h->mem + REGS, o->mem + REGS, MEM - REGS));
}

static void show(const char *who, const struct state *s)
{
    printf("  %-5s cw %04x sw %04x tw %04x flags %03x", who, get16(s->image),
           get16(s->image + STATUS), get16(s->image + TAGS), s->flags);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 v = get80(s->image + REGS + 10 * i);

        printf("%s%04x:%016" PRIx64, i % 4 ? " " : "\n    ", v.se, v.m);
    }
    printf("\n    mem ");
    for (unsigned i = 0; i < 16; i++) {
        printf("%02x", s->mem[i]);
    }
    printf("\n");
}

static unsigned run_encoding(struct x86_cpu *c, const uint8_t insn[2], unsigned rounds)
{
    unsigned bad = 0;

    for (unsigned i = 0; i < rounds && bad < 2; i++) {
        struct state start = random_state(), h = start, o = start;

        host_run(insn, &h);
        ours_run(c, insn, &o);
        if (!same(insn, &h, &o)) {
            printf("%02x %02x\n", insn[0], insn[1]);
            show("start", &start);
            show("host", &h);
            show("ours", &o);
            bad++;
        }
    }
    return bad;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 300, done = 0, bad = 0;
    struct x86_cpu *c = new_cpu();

    rng = (argc > 2 ? strtoull(argv[2], NULL, 0) : 1) * 0x9e3779b97f4a7c15ull;
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) {
        puts("skip x87 instructions: no memory that may be written and run");
        return 0;
    }
    for (unsigned op = 0xd8; op <= 0xdf; op++) {
        for (unsigned modrm = 0; modrm < 256; modrm += modrm < 0xc0 ? 8 : 1) {
            uint8_t insn[2] = { (uint8_t)op, (uint8_t)modrm };
            struct x86_insn I;

            modrm = modrm == 0x40 ? 0xc0 : modrm;
            insn[1] = (uint8_t)modrm;
            if (x86_decode(&I, insn, 2, true) == 2) {
                unsigned wrong = run_encoding(c, insn, rounds);

                bad += wrong != 0;
                done++;
            }
        }
    }
    printf("%s %u x87 encodings against the host's, %u differ\n", bad ? "FAIL" : "ok", done, bad);
    free(c);
    return bad != 0;
}

#else

int main(void)
{
    puts("skip x87 instructions against the host: it is not x86-64");
    return 0;
}

#endif
