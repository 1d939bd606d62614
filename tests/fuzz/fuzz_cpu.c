/* fuzz_cpu.c - random bytes as code in real, protected, paged and V86 mode, with random tables,
 * tasks, pages, breakpoints and interrupts. A guest may hang or shut down; the program may not
 * crash. The digest is the same on every host.
 *
 * usage: fuzz_cpu CASES SEED [snap]: with snap, the CPU is saved, reset and loaded again and again,
 * which may not change the digest. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/cpu.h"
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sys.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include "shadow-mmu/smmu.h"

enum {
    RAM = 1 << 20, GDT = 0x1000, IDT = 0x2000, TSS = 0x3000, TASKS = 0x4000, PAGE_DIR = 0x10000,
    PAGE_TABLE = 0x11000, CODE = 0x8000, CODE_BYTES = 0x400, STACK = 0xf000, GDT_ENTRIES = 32,
    CASES_A_MODEL = 200, SLICES = 4, SLICE = 80
};

struct fuzz {
    struct x86_cpu   *c;
    struct smmu      *mmu;
    struct mem_space *mem;
    struct mem_region ram_region;
    uint8_t          *ram;
    uint64_t          rng, digest;
    uint64_t          stops[EXEC_DEBUG + 1];
    bool              snap;
};

static uint32_t rnd(struct fuzz *f)
{
    f->rng ^= f->rng >> 12;
    f->rng ^= f->rng << 25;
    f->rng ^= f->rng >> 27;
    return (uint32_t)(f->rng * 0x2545f4914f6cdd1dull >> 32);
}

static bool one_in(struct fuzz *f, unsigned n) { return rnd(f) % n == 0; }

static void note(struct fuzz *f, uint64_t v)
{
    f->digest = (f->digest ^ v) * 0x100000001b3ull;
    f->digest ^= f->digest >> 29;
}

/* ---- the board ------------------------------------------------------------------------------ */

static uint32_t port_in(void *self, uint16_t port, unsigned size)
{
    (void)port; (void)size;
    return rnd(self);
}

static void port_out(void *self, uint16_t port, uint32_t v, unsigned size)
{
    note(self, (uint64_t)port << 32 | v);
    note(self, size);
}

static int intack(void *self) { return (int)(rnd(self) & 0xff); }

static const struct x86_port_ops ports = { .in = port_in, .out = port_out, .intack = intack };

static void open_cpu(struct fuzz *f, const char *model)
{
    struct x86_config cfg = { .model = model, .port = &ports, .port_self = f, .mmu = &smmu_ops,
                              .engine = &engine_interp };

    VM_ASSERT(mem_space_new(&f->mem, "fuzz", 1ull << X86_GPA_BITS, NULL) == VM_OK);
    f->ram_region = (struct mem_region){ .name = "ram", .kind = MEM_RAM, .size = RAM,
                                         .host = f->ram };
    mem_add(mem_root(f->mem), &f->ram_region, 0, 0);
    VM_ASSERT(smmu_new(&f->mmu, f->mem, NULL) == VM_OK);
    cfg.mem = f->mem;
    cfg.mmu_self = f->mmu;
    VM_ASSERT(x86_create(&f->c, &cfg, NULL) == VM_OK);
    smmu_attach(f->mmu, f->c);
}

static void close_cpu(struct fuzz *f)
{
    x86_destroy(f->c);
    smmu_free(f->mmu);
    mem_space_free(f->mem);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void st(struct fuzz *f, uint32_t at, uint32_t v, unsigned size)
{
    memcpy(f->ram + (at & (RAM - 8)) + (at & 7), &v, size);
}

static uint32_t some_sel(struct fuzz *f) { return rnd(f) % (8 * GDT_ENTRIES); }

static void descriptor(struct fuzz *f, uint32_t at, uint32_t base, uint32_t limit, uint32_t attr)
{
    st(f, at, (limit & 0xffff) | base << 16, 4);
    st(f, at + 4, (base >> 16 & 0xff) | attr << 8 | (limit & 0xf0000) | (base & 0xff000000), 4);
}

/* Two of three lead to code of ring 0. */
static void gate(struct fuzz *f, uint32_t at, unsigned type)
{
    uint32_t attr = (rnd(f) & SEG_DPL) | type;
    uint32_t sel = one_in(f, 3) ? some_sel(f) : 8;

    attr |= one_in(f, 30) ? 0 : SEG_P;
    st(f, at, (CODE + (rnd(f) & 0xff)) | sel << 16, 4);
    st(f, at + 4, attr << 8 | (rnd(f) & 31), 4);
}

/* Entries 1-4 are flat code and data of rings 0 and 3, 5 is TR's; the rest is of every kind. */
static void fill_gdt(struct fuzz *f)
{
    descriptor(f, GDT + 8, 0, 0xfffff, 0xc09b);
    descriptor(f, GDT + 16, 0, 0xfffff, 0xc093);
    descriptor(f, GDT + 24, 0, 0xfffff, 0xc0fb);
    descriptor(f, GDT + 32, 0, 0xfffff, 0xc0f3);
    descriptor(f, GDT + 40, TSS, 0x2fff, SEG_P | DT_TSS32_BUSY);
    for (unsigned i = 6; i < GDT_ENTRIES; i++) {
        uint32_t at = GDT + 8 * i, present = one_in(f, 9) ? 0 : SEG_P, dpl = rnd(f) & SEG_DPL;
        uint32_t base = rnd(f), limit = rnd(f);

        switch (rnd(f) % 4) {
        case 0: gate(f, at, base & 15); break;
        case 1: descriptor(f, at, TASKS + (base & 0xf00), 0x67,
                           present | dpl | (limit % 3 ? DT_TSS32 : DT_TSS16));
                break;
        case 2: descriptor(f, at, base & 0xffff, limit, present | (rnd(f) & 0xc07f) | SEG_S); break;
        case 3: descriptor(f, at, base, limit, rnd(f) & 0xf0ff); break;
        }
    }
}

static void fill_idt(struct fuzz *f)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned type = rnd(f) & 15;

        gate(f, IDT + 8 * i, one_in(f, 12) ? type : DT_INT32 | (type & 1));
    }
}

/* Every dword of the TSSs is a likely stack, selector or code address. */
static void fill_tasks(struct fuzz *f)
{
    for (uint32_t at = TSS; at < TASKS + 0x1000; at += 4)
        st(f, at, rnd(f) & 1 ? some_sel(f) : CODE + (rnd(f) & 0x7fff), 4);
    st(f, TSS + 4, STACK, 4);
    st(f, TSS + 8, 0x10, 4);
}

static void fill_pages(struct fuzz *f)
{
    for (unsigned i = 0; i < 1024; i++)
        st(f, PAGE_DIR + 4 * i, i && one_in(f, 2) ? rnd(f) & 0x1fffff : PAGE_TABLE | 7, 4);
    for (unsigned i = 0; i < 1024; i++)
        st(f, PAGE_TABLE + 4 * i, (i & 255) << 12 | (one_in(f, 12) ? rnd(f) & 0x1ff : 7), 4);
}

/* ---- code ----------------------------------------------------------------------------------- */

static void far_transfer(struct fuzz *f, uint32_t at)
{
    f->ram[at] = one_in(f, 2) ? 0x9a : 0xea;
    st(f, at + 1, CODE + (rnd(f) & 0xff), 4);
    st(f, at + 5, some_sel(f), 2);
}

static void fill_code(struct fuzz *f)
{
    static const uint8_t bytes[] = {
        0xca, 0xcb, 0xcf, 0xcc, 0xce, 0xf1, 0x9c, 0x9d, 0xfa, 0xfb, 0x62, 0x63, 0xc4, 0xc5, 0x07,
        0x17, 0x1f, 0x1e, 0xe4, 0xec, 0x6c, 0x6e, 0xc8, 0xc9, 0x8e, 0x8c, 0xf3, 0x66, 0x67, 0xf0,
        0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf
    };

    for (unsigned i = 0; i < CODE_BYTES; i++)
        f->ram[CODE + i] = (uint8_t)rnd(f);
    for (unsigned i = 0; i < CODE_BYTES - 8; i += 1 + rnd(f) % 6) {
        uint32_t at = CODE + i;

        switch (rnd(f) % 7) {
        case 0: st(f, at, 0x0f | rnd(f) << 8, 3); break;
        case 1: st(f, at, 0xcd | rnd(f) << 8, 2); break;
        case 2: f->ram[at] = bytes[rnd(f) % sizeof bytes]; break;
        case 3: far_transfer(f, at); break;
        }
    }
}

/* ---- the state a case starts from ----------------------------------------------------------- */

static void load(struct fuzz *f, unsigned seg, unsigned sel)
{
    struct x86_desc d = { 0, 0, 0 };

    memcpy(&d.lo, f->ram + GDT + (sel & ~7u), 4);
    memcpy(&d.hi, f->ram + GDT + (sel & ~7u) + 4, 4);
    x86_seg_set(f->c, seg, (uint16_t)sel, &d);
}

static void enter_protected(struct fuzz *f, unsigned cpl)
{
    struct x86_cpu *c = f->c;

    c->gdt_base = GDT;
    c->gdt_limit = 8 * GDT_ENTRIES - 1;
    c->idt_base = IDT;
    c->idt_limit = 0x7ff;
    c->cr0 |= CR0_PE | (rnd(f) & (CR0_WP | CR0_NE | CR0_AM));
    c->tr = (struct x86_seg){ .sel = 0x28, .base = TSS, .limit = 0x2fff,
                              .attr = SEG_P | DT_TSS32_BUSY };
    c->ldtr = (struct x86_seg){ .sel = 0x30, .base = GDT + 64, .limit = 0x7f,
                                .attr = one_in(f, 2) ? SEG_P | DT_LDT : 0 };
    c->cpl = (uint8_t)cpl;
    for (unsigned i = 0; i < X86_NSEG; i++)
        load(f, i, (cpl ? 0x1b : 8) + (i == CS ? 0 : 8));
}

static void enter_v86(struct fuzz *f)
{
    f->c->eflags |= FL_VM;
    for (unsigned i = 0; i < X86_NSEG; i++)
        x86_seg_v86(f->c, i, 0);
}

static void enter_mode(struct fuzz *f)
{
    struct x86_cpu *c = f->c;
    unsigned mode = rnd(f) % 5;

    c->cr0 = CR0_ET;
    if (mode == 0)
        x86_seg_real(c, CS, 0);
    else
        enter_protected(f, mode == 1 || one_in(f, 2) ? 0 : 3);
    if (mode == 2) {
        c->cpl = 3;
        enter_v86(f);
    }
    if (mode >= 3) {
        c->cr3 = PAGE_DIR;
        c->cr0 |= CR0_PG;
    }
    c->rip = CODE;
}

static uint32_t some_value(struct fuzz *f)
{
    switch (rnd(f) % 5) {
    case 0: return rnd(f) & 7;
    case 1: return rnd(f) & 0xffff;
    case 2: return CODE + (rnd(f) & 0x7fff);
    case 3: return 0u - (rnd(f) & 0x1ff);
    default: return rnd(f);
    }
}

static void fill_registers(struct fuzz *f)
{
    struct x86_cpu *c = f->c;

    for (unsigned i = 0; i < 8; i++)
        c->gpr[i] = i == RSP && !one_in(f, 8) ? STACK : some_value(f);
    if (one_in(f, 4))
        c->cr4 = c->model->cr4 & rnd(f) & ~(uint32_t)CR4_PAE;
    if (one_in(f, 4)) {
        c->dr[0] = CODE + (rnd(f) & 0xff);
        c->dr[1] = rnd(f) & 0xffff;
        c->dr[7] = 0x400 | (rnd(f) & 0xffff00ff);
    }
    c->eflags |= rnd(f) & c->model->eflags & ~(uint32_t)(FL_ARITH | FL_VM | FL_RF | FL_TF);
    c->eflags |= one_in(f, 8) ? FL_TF : 0;
}

static void snap_into(struct fuzz *f, enum snap_mode mode, FILE *file)
{
    struct snap *s;

    rewind(file);
    VM_ASSERT(snap_open(&s, mode, file, NULL) == VM_OK);
    x86_snap(f->c, s);
    VM_ASSERT(snap_close(s, NULL) == VM_OK);
}

static void save_and_load(struct fuzz *f)
{
    FILE *file = tmpfile();

    VM_ASSERT(file);
    snap_into(f, SNAP_SAVE, file);
    x86_pin(f->c, X86_PEND_INTR, false);
    x86_reset(f->c, RESET_POWER_ON);
    snap_into(f, SNAP_LOAD, file);
    fclose(file);
}

/* A load empties the TLB, so it is emptied without one, too. */
static enum exec_stop run_slice(struct fuzz *f)
{
    if (f->snap)
        save_and_load(f);
    else
        smmu_ops.control_written(f->mmu, f->c);
    return x86_exec.run(f->c, SLICE);
}

static void run_case(struct fuzz *f)
{
    struct x86_cpu *c = f->c;

    x86_reset(c, RESET_POWER_ON);
    fill_gdt(f);
    fill_idt(f);
    fill_tasks(f);
    fill_pages(f);
    fill_code(f);
    fill_registers(f);
    enter_mode(f);
    x86_seg_ends(c);
    x86_update_mode(c);
    smmu_ops.control_written(f->mmu, c);
    c->engine->forget(c->engine_self, 0, RAM);
    x86_pin(c, X86_PEND_INTR, one_in(f, 2));
    x86_pin(c, X86_PEND_NMI, one_in(f, 8));
    for (unsigned i = 0; i < SLICES; i++) {
        enum exec_stop stop = run_slice(f);

        f->stops[stop]++;
        if (stop == EXEC_SHUTDOWN)
            break;
        c->halted = false;
    }
    x86_pin(c, X86_PEND_NMI, false);
    for (unsigned i = 0; i < 8; i++)
        note(f, c->gpr[i]);
    note(f, c->rip);
    note(f, x86_eflags(c));
}

int main(int argc, char **argv)
{
    unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    struct fuzz f = { .rng = seed * 0x9e3779b97f4a7c15ull | 1 };
    unsigned models = 0;

    f.snap = argc > 3 && !strcmp(argv[3], "snap");
    while (x86_model_at(models))
        models++;
    f.ram = aligned_alloc(GUEST_PAGE, RAM);
    VM_ASSERT(f.ram);
    memset(f.ram, 0, RAM);
    for (unsigned long i = 0; i < cases; i++) {
        if (i % CASES_A_MODEL == 0)
            open_cpu(&f, x86_model_at(i / CASES_A_MODEL % models)->name);
        run_case(&f);
        if ((i + 1) % CASES_A_MODEL == 0 || i + 1 == cases)
            close_cpu(&f);
    }
    for (unsigned i = 0; i < RAM; i += 8)
        note(&f, *(const uint64_t *)(const void *)(f.ram + i));
    printf("%lu blocks, seed %" PRIu64 ": %" PRIu64 " ran on, %" PRIu64 " halted, %" PRIu64
           " shut down, digest %016" PRIx64 ": clean\n", cases, seed, f.stops[EXEC_BUDGET],
           f.stops[EXEC_HALT], f.stops[EXEC_SHUTDOWN], f.digest);
    free(f.ram);
    return 0;
}
