/* guest.c - a guest of random bytes: tables, tasks, pages, code and the state it starts from, in
 * real, protected, paged and V86 mode. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "cpu-x86/except.h"
#include "cpu-x86/model.h"
#include "cpu-x86/sys.h"
#include "devmodel/base/vm_assert.h"
#include "tests/fuzz/guest.h"

enum {
    GDT = 0x1000, IDT = 0x2000, TSS = 0x3000, TASKS = 0x4000, PAGE_DIR = GUEST_TABLES,
    PAGE_TABLE = 0x11000, CODE = 0x8000, CODE_BYTES = 0x400, STACK = 0xf000, GDT_ENTRIES = 32
};

uint32_t guest_rnd(struct guest *f)
{
    f->rng ^= f->rng >> 12;
    f->rng ^= f->rng << 25;
    f->rng ^= f->rng >> 27;
    return (uint32_t)(f->rng * 0x2545f4914f6cdd1dull >> 32);
}

bool guest_one_in(struct guest *f, unsigned n) { return guest_rnd(f) % n == 0; }

void guest_note(struct guest *f, uint64_t v)
{
    f->digest = (f->digest ^ v) * 0x100000001b3ull;
    f->digest ^= f->digest >> 29;
}

/* ---- the board ------------------------------------------------------------------------------ */

static uint32_t port_in(void *self, uint16_t port, unsigned size)
{
    (void)port; (void)size;
    return guest_rnd(self);
}

static void port_out(void *self, uint16_t port, uint32_t v, unsigned size)
{
    guest_note(self, (uint64_t)port << 32 | v);
    guest_note(self, size);
}

static int intack(void *self) { return (int)(guest_rnd(self) & 0xff); }

static const struct x86_port_ops ports = { .in = port_in, .out = port_out, .intack = intack };

void guest_open(struct guest *f, const char *model, const struct x86_engine_ops *engine,
                const char *options)
{
    struct x86_config cfg = { .model = model, .port = &ports, .port_self = f, .mmu = &smmu_ops,
                              .engine = engine, .engine_opts = options };

    VM_ASSERT(mem_space_new(&f->mem, "fuzz", 1ull << X86_GPA_BITS, NULL) == VM_OK);
    f->ram_region = (struct mem_region){ .name = "ram", .kind = MEM_RAM, .size = GUEST_RAM,
                                         .host = f->ram, .ram = f->file };
    mem_add(mem_root(f->mem), &f->ram_region, 0, 0);
    VM_ASSERT(smmu_new(&f->mmu, f->mem, NULL) == VM_OK);
    cfg.mem = f->mem;
    cfg.mmu_self = f->mmu;
    VM_ASSERT(x86_create(&f->c, &cfg, NULL) == VM_OK);
    smmu_attach(f->mmu, f->c);
}

void guest_close(struct guest *f)
{
    x86_destroy(f->c);
    smmu_free(f->mmu);
    mem_space_free(f->mem);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void st(struct guest *f, uint32_t at, uint32_t v, unsigned size)
{
    memcpy(f->ram + (at & (GUEST_RAM - 8)) + (at & 7), &v, size);
}

static uint32_t some_sel(struct guest *f) { return guest_rnd(f) % (8 * GDT_ENTRIES); }

static void descriptor(struct guest *f, uint32_t at, uint32_t base, uint32_t limit, uint32_t attr)
{
    st(f, at, (limit & 0xffff) | base << 16, 4);
    st(f, at + 4, (base >> 16 & 0xff) | attr << 8 | (limit & 0xf0000) | (base & 0xff000000), 4);
}

/* Two of three lead to code of ring 0. */
static void gate(struct guest *f, uint32_t at, unsigned type)
{
    uint32_t attr = (guest_rnd(f) & SEG_DPL) | type;
    uint32_t sel = guest_one_in(f, 3) ? some_sel(f) : 8;

    attr |= guest_one_in(f, 30) ? 0 : SEG_P;
    st(f, at, (CODE + (guest_rnd(f) & 0xff)) | sel << 16, 4);
    st(f, at + 4, attr << 8 | (guest_rnd(f) & 31), 4);
}

/* Entries 1-4 are flat code and data of rings 0 and 3, 5 is TR's; the rest is of every kind. */
static void fill_gdt(struct guest *f)
{
    descriptor(f, GDT + 8, 0, 0xfffff, 0xc09b);
    descriptor(f, GDT + 16, 0, 0xfffff, 0xc093);
    descriptor(f, GDT + 24, 0, 0xfffff, 0xc0fb);
    descriptor(f, GDT + 32, 0, 0xfffff, 0xc0f3);
    descriptor(f, GDT + 40, TSS, 0x2fff, SEG_P | DT_TSS32_BUSY);
    for (unsigned i = 6; i < GDT_ENTRIES; i++) {
        uint32_t present = guest_one_in(f, 9) ? 0 : SEG_P, dpl = guest_rnd(f) & SEG_DPL;
        uint32_t at = GDT + 8 * i, base = guest_rnd(f), limit = guest_rnd(f);

        switch (guest_rnd(f) % 4) {
        case 0: gate(f, at, base & 15); break;
        case 1: descriptor(f, at, TASKS + (base & 0xf00), 0x67,
                           present | dpl | (limit % 3 ? DT_TSS32 : DT_TSS16));
                break;
        case 2: descriptor(f, at, base & 0xffff, limit,
                           present | (guest_rnd(f) & 0xc07f) | SEG_S);
                break;
        case 3: descriptor(f, at, base, limit, guest_rnd(f) & 0xf0ff); break;
        }
    }
}

static void fill_idt(struct guest *f)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned type = guest_rnd(f) & 15;

        gate(f, IDT + 8 * i, guest_one_in(f, 12) ? type : DT_INT32 | (type & 1));
    }
}

/* Every dword of the TSSs is a likely stack, selector or code address. */
static void fill_tasks(struct guest *f)
{
    for (uint32_t at = TSS; at < TASKS + 0x1000; at += 4)
        st(f, at, guest_rnd(f) & 1 ? some_sel(f) : CODE + (guest_rnd(f) & 0x7fff), 4);
    st(f, TSS + 4, STACK, 4);
    st(f, TSS + 8, 0x10, 4);
}

static void hide_tables(struct guest *f)
{
    for (unsigned i = 0; i < 1024; i++)
        st(f, PAGE_DIR + 4 * i, PAGE_TABLE | 7, 4);
    for (unsigned i = PAGE_DIR >> 12; i < 1024; i += 256) {
        st(f, PAGE_TABLE + 4 * i, 0, 4);
        st(f, PAGE_TABLE + 4 * i + 4, 0, 4);
    }
}

static void fill_pages(struct guest *f)
{
    for (unsigned i = 0; i < 1024; i++)
        st(f, PAGE_DIR + 4 * i,
           i && guest_one_in(f, 2) ? guest_rnd(f) & 0x1fffff : PAGE_TABLE | 7, 4);
    for (unsigned i = 0; i < 1024; i++)
        st(f, PAGE_TABLE + 4 * i,
           (i & 255) << 12 | (guest_one_in(f, 12) ? guest_rnd(f) & 0x1ff : 7), 4);
    if (f->fixed_tables)
        hide_tables(f);
}

/* ---- code ----------------------------------------------------------------------------------- */

static void far_transfer(struct guest *f, uint32_t at)
{
    f->ram[at] = guest_one_in(f, 2) ? 0x9a : 0xea;
    st(f, at + 1, CODE + (guest_rnd(f) & 0xff), 4);
    st(f, at + 5, some_sel(f), 2);
}

static void fill_code(struct guest *f)
{
    static const uint8_t bytes[] = {
        0xca, 0xcb, 0xcf, 0xcc, 0xce, 0xf1, 0x9c, 0x9d, 0xfa, 0xfb, 0x62, 0x63, 0xc4, 0xc5, 0x07,
        0x17, 0x1f, 0x1e, 0xe4, 0xec, 0x6c, 0x6e, 0xc8, 0xc9, 0x8e, 0x8c, 0xf3, 0x66, 0x67, 0xf0,
        0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf
    };

    for (unsigned i = 0; i < CODE_BYTES; i++)
        f->ram[CODE + i] = (uint8_t)guest_rnd(f);
    for (unsigned i = 0; i < CODE_BYTES - 8; i += 1 + guest_rnd(f) % 6) {
        uint32_t at = CODE + i;

        switch (guest_rnd(f) % 7) {
        case 0: st(f, at, 0x0f | guest_rnd(f) << 8, 3); break;
        case 1: st(f, at, 0xcd | guest_rnd(f) << 8, 2); break;
        case 2: f->ram[at] = bytes[guest_rnd(f) % sizeof bytes]; break;
        case 3: far_transfer(f, at); break;
        }
    }
}

/* ---- the state a case starts from ----------------------------------------------------------- */

static void load(struct guest *f, unsigned seg, unsigned sel)
{
    struct x86_desc d = { 0, 0, 0 };

    memcpy(&d.lo, f->ram + GDT + (sel & ~7u), 4);
    memcpy(&d.hi, f->ram + GDT + (sel & ~7u) + 4, 4);
    x86_seg_set(f->c, seg, (uint16_t)sel, &d);
}

static void enter_protected(struct guest *f, unsigned cpl)
{
    struct x86_cpu *c = f->c;

    c->gdt_base = GDT;
    c->gdt_limit = 8 * GDT_ENTRIES - 1;
    c->idt_base = IDT;
    c->idt_limit = 0x7ff;
    c->cr0 |= CR0_PE | (guest_rnd(f) & (CR0_WP | CR0_NE | CR0_AM));
    c->tr = (struct x86_seg){ .sel = 0x28, .base = TSS, .limit = 0x2fff,
                              .attr = SEG_P | DT_TSS32_BUSY };
    c->ldtr = (struct x86_seg){ .sel = 0x30, .base = GDT + 64, .limit = 0x7f,
                                .attr = guest_one_in(f, 2) ? SEG_P | DT_LDT : 0 };
    c->cpl = (uint8_t)cpl;
    for (unsigned i = 0; i < X86_NSEG; i++)
        load(f, i, (cpl ? 0x1b : 8) + (i == CS ? 0 : 8));
}

static void enter_v86(struct guest *f)
{
    f->c->eflags |= FL_VM;
    for (unsigned i = 0; i < X86_NSEG; i++)
        x86_seg_v86(f->c, i, 0);
}

static void enter_mode(struct guest *f)
{
    struct x86_cpu *c = f->c;
    unsigned mode = guest_rnd(f) % 5;

    c->cr0 = CR0_ET;
    if (mode == 0)
        x86_seg_real(c, CS, 0);
    else
        enter_protected(f, mode == 1 || guest_one_in(f, 2) ? 0 : 3);
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

static uint32_t some_value(struct guest *f)
{
    switch (guest_rnd(f) % 5) {
    case 0: return guest_rnd(f) & 7;
    case 1: return guest_rnd(f) & 0xffff;
    case 2: return CODE + (guest_rnd(f) & 0x7fff);
    case 3: return 0u - (guest_rnd(f) & 0x1ff);
    default: return guest_rnd(f);
    }
}

static void fill_registers(struct guest *f)
{
    struct x86_cpu *c = f->c;

    for (unsigned i = 0; i < 8; i++)
        c->gpr[i] = i == RSP && !guest_one_in(f, 8) ? STACK : some_value(f);
    if (guest_one_in(f, 4))
        c->cr4 = c->model->cr4 & guest_rnd(f) & ~(uint32_t)CR4_PAE;
    if (guest_one_in(f, 4)) {
        c->dr[0] = CODE + (guest_rnd(f) & 0xff);
        c->dr[1] = guest_rnd(f) & 0xffff;
        c->dr[7] = 0x400 | (guest_rnd(f) & 0xffff00ff);
    }
    c->eflags |= guest_rnd(f) & c->model->eflags & ~(uint32_t)(FL_ARITH | FL_VM | FL_RF | FL_TF);
    c->eflags |= guest_one_in(f, 8) ? FL_TF : 0;
}

void guest_begin(struct guest *f)
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
    c->engine->forget(c->engine_self, 0, GUEST_RAM);
    x86_pin(c, X86_PEND_INTR, guest_one_in(f, 2));
    x86_pin(c, X86_PEND_NMI, guest_one_in(f, 8));
}
