/* test_seg.c - segment loads, the limit rule per byte, and questions about selectors. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>
#include "cpubench.h"

static struct cpubench b;

static void open_max(void) { bench_open(&b, "max"); }
static void close_bench(void) { bench_close(&b); }

static int fault(void)
{
    bench_run(&b, 100);
    return bench_halted_in(&b);
}

/* `mov seg, ax` (ModRM 0xc0 | seg << 3) with such a descriptor: what it raises, -1 nothing. */
struct load { unsigned cpl, seg, sel, attr; int vector; uint32_t error; };
static const struct load loads[] = {
    { 0, DS, 0, 0, -1, 0 },
    { 0, DS, 3, 0, -1, 0 },
    { 0, SS, 0, 0, EXC_GP, 0 },
    { 0, DS, 0x60, 0xc093, -1, 0 },
    { 0, DS, 0x60, 0xc013, EXC_NP, 0x60 },                 /* not present */
    { 0, DS, 0x60, 0xc099, EXC_GP, 0x60 },                 /* execute only */
    { 0, DS, 0x60, 0xc09b, -1, 0 },
    { 0, DS, 0x60, 0x0082, EXC_GP, 0x60 },                 /* an LDT */
    { 0, DS, 0x63, 0xc093, EXC_GP, 0x60 },                 /* RPL 3 > DPL 0 */
    { 0, DS, 0x63, 0xc0f3, -1, 0 },
    { 3, DS, 0x60, 0xc093, EXC_GP, 0x60 },                 /* CPL 3 > DPL 0 */
    { 3, DS, 0x60, 0xc09f, -1, 0 },                        /* conforming and readable: any */
    { 3, DS, 0x60, 0xc09d, EXC_GP, 0x60 },                 /* conforming, not readable */
    { 0, DS, 0x64, 0xc093, EXC_GP, 0x64 },                 /* there is no LDT */
    { 0, DS, 0x100, 0xc093, EXC_GP, 0x100 },               /* beyond GDT.limit */
    { 0, SS, 0x60, 0xc093, -1, 0 },
    { 0, SS, 0x60, 0xc091, EXC_GP, 0x60 },                 /* read only */
    { 0, SS, 0x60, 0xc013, EXC_SS, 0x60 },                 /* not present: #SS, not #NP */
    { 0, SS, 0x61, 0xc093, EXC_GP, 0x60 },
    { 0, SS, 0x63, 0xc0f3, EXC_GP, 0x60 },
    { 3, SS, 0x63, 0xc0f3, -1, 0 },
    { 3, SS, 3, 0, EXC_GP, 0 },
    { 0, SS, 0x60, 0xc09b, EXC_GP, 0x60 },                 /* code */
};

START_TEST(a_load_raises_what_the_manual_says)
{
    const struct load *l = &loads[_i];

    bench_protected(&b, l->cpl);
    bench_desc(&b, 0x60, 0, 0xfffff, l->attr & ~SEG_ACCESSED);
    bench_code(&b, 0x8e, 0xc0 | l->seg << 3, 0x0f, 0x0b);
    b.c->gpr[RAX] = l->sel;
    if (l->vector < 0) {
        ck_assert_int_eq(fault(), EXC_UD);
        if (l->cpl == 0 || l->seg != SS)
            ck_assert_uint_eq(b.c->seg[l->seg].sel, l->sel);
        if (l->sel > 3)
            ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + 0x65, 1), (l->attr | SEG_ACCESSED) & 0xff);
    } else {
        ck_assert_int_eq(fault(), l->vector);
        ck_assert_uint_eq(bench_stack(&b, 0), l->error);
        ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE);
        ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + 0x65, 1), l->attr & ~SEG_ACCESSED & 0xff);
    }
}
END_TEST

START_TEST(cs_and_numbers_beyond_gs_are_undefined)
{
    const uint8_t modrm[] = { 0xc8, 0xf0, 0xf8 };

    for (unsigned i = 0; i < sizeof modrm; i++) {
        bench_protected(&b, 0);
        b.c->halted = false;
        b.c->rip = BENCH_CODE + 0x10 * i;
        bench_put(&b, BENCH_CODE + 0x10 * i, (const uint8_t[]){ 0x8e, modrm[i] }, 2);
        ck_assert_int_eq(fault(), EXC_UD);
    }
}
END_TEST

/* A dword access at `off` of a segment with this limit and type: does it fault? */
struct limit { uint32_t limit; unsigned attr; uint32_t off; bool write, fault; };
static const struct limit limits[] = {
    { 0x0fff, 0x4093, 0x0ffc, false, false },
    { 0x0fff, 0x4093, 0x0ffd, false, true },
    { 0x0fff, 0x4091, 0x0ffc, true, true },                /* read only */
    { 0x0fff, 0x4099, 0x0, false, true },                  /* execute only */
    { 0x0fff, 0x409b, 0x0, true, true },                   /* code */
    { 0x0fff, 0x4097, 0x1000, true, false },               /* expand down: above the limit */
    { 0x0fff, 0x4097, 0x0fff, true, true },
    { 0x0fff, 0x4097, 0xfffffffc, true, false },
    { 0x0fff, 0x4097, 0xfffffffd, true, true },            /* no wrap */
    { 0x0fff, 0x0097, 0xfffc, true, false },               /* B = 0: up to 64 KiB */
    { 0x0fff, 0x0097, 0xfffd, true, true },
    { 0x0fff, 0x0097, 0x10000, true, true },
    { 0xffffffff, 0xc093, 0xfffffffd, true, false },       /* flat: wraps */
    { 0x1fff, 0xc093, 0x1ffc, true, false },               /* granularity: 4 KiB units */
    { 0x1fff, 0xc093, 0x1ffd, true, true },
    { 0, 0x4093, 0, false, true },                         /* one byte only */
};

START_TEST(the_limit_holds_for_each_byte)
{
    const struct limit *l = &limits[_i];
    struct x86_desc d;

    bench_protected(&b, 0);
    bench_desc(&b, 0x60, 0, l->limit, l->attr);
    d.lo = bench_ld(&b, BENCH_GDT + 0x60, 4);
    d.hi = bench_ld(&b, BENCH_GDT + 0x64, 4);
    x86_seg_set(b.c, FS, 0x60, &d);
    /* mov [fs:ecx], eax or back; ud2 */
    bench_code(&b, 0x64, l->write ? 0x89 : 0x8b, 0x01, 0x0f, 0x0b);
    b.c->gpr[RCX] = l->off;
    ck_assert_int_eq(fault(), l->fault ? EXC_GP : EXC_UD);
    if (l->fault)
        ck_assert_uint_eq(bench_stack(&b, 0), 0);
}
END_TEST

START_TEST(a_null_segment_faults_on_use)
{
    bench_protected(&b, 0);
    x86_seg_null(b.c, ES, 0);
    bench_code(&b, 0x26, 0xa0, 0, 0, 0, 0);
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(bench_stack(&b, 0), 0);
}
END_TEST

START_TEST(real_mode_faults_at_the_end_of_64k)
{
    bench_real(&b);
    bench_st(&b, EXC_GP * 4, 0x9000, 4);
    b.ram[0x9000] = 0xf4;
    bench_code(&b, 0xa1, 0xff, 0xff);                      /* mov ax, [ffff] */
    bench_run(&b, 10);
    ck_assert_uint_eq(b.c->rip, 0x9001);
    ck_assert_uint_eq(bench_ld(&b, BENCH_STACK0 - 6, 2), BENCH_CODE);
}
END_TEST

START_TEST(real_mode_keeps_the_limit_of_protected_mode)
{
    bench_protected(&b, 0);
    bench_st(&b, 0x34567, 0xabcd1234, 4);
    b.c->seg[CS].attr &= (uint16_t)~SEG_DB;
    b.c->seg[CS].limit = 0xffff;
    b.c->cr0 &= ~(uint64_t)CR0_PE;
    x86_seg_ends(b.c);
    x86_update_mode(b.c);
    /* mov ax, 1000h; mov ds, ax; mov eax, [dword 24567h]; hlt */
    bench_code(&b, 0xb8, 0, 0x10, 0x8e, 0xd8, 0x67, 0x66, 0xa1, 0x67, 0x45, 0x02, 0, 0xf4);
    bench_run(&b, 10);
    ck_assert_uint_eq(b.c->rip, BENCH_CODE + 13);
    ck_assert_uint_eq(b.c->gpr[RAX], 0xabcd1234);
}
END_TEST

START_TEST(real_mode_code_is_writable)
{
    bench_protected(&b, 0);
    b.c->seg[CS].attr &= (uint16_t)~SEG_DB;
    b.c->cr0 &= ~(uint64_t)CR0_PE;
    x86_seg_ends(b.c);
    x86_update_mode(b.c);
    bench_code(&b, 0x2e, 0xa2, 0x00, 0x50, 0xf4);          /* mov [cs:5000], al */
    b.c->gpr[RAX] = 0x77;
    bench_run(&b, 10);
    ck_assert_uint_eq(b.ram[0x5000], 0x77);
}
END_TEST

/* LAR, LSL, VERR, VERW of descriptor 0x60: ZF and result. */
struct query { unsigned cpl, rpl, attr; bool lar, lsl, verr, verw; };
static const struct query queries[] = {
    { 0, 0, 0xc093, true, true, true, true },
    { 0, 0, 0xc091, true, true, true, false },
    { 0, 0, 0xc099, true, true, false, false },
    { 0, 0, 0xc09b, true, true, true, false },
    { 3, 3, 0xc093, false, false, false, false },
    { 0, 3, 0xc093, false, false, false, false },
    { 3, 3, 0xc09f, true, true, true, false },             /* conforming: open to all */
    { 0, 0, 0x0082, true, true, false, false },            /* LDT */
    { 0, 0, 0x0089, true, true, false, false },            /* TSS */
    { 0, 0, 0x008c, true, false, false, false },           /* call gate */
    { 0, 0, 0x0085, true, false, false, false },           /* task gate */
    { 0, 0, 0x008e, false, false, false, false },          /* interrupt gate */
    { 0, 0, 0x0080, false, false, false, false },
    { 0, 0, 0x0000, false, false, false, false },
    { 0, 0, 0xc013, true, true, true, true },              /* not present does not matter */
};

static bool zf_of(const uint8_t *code, unsigned n, const struct query *q)
{
    bench_protected(&b, q->cpl);
    b.c->halted = false;
    b.c->jump_gen++;
    bench_desc(&b, 0x60, 0x12345678, 0xabcdefff, q->attr);
    b.c->gpr[RCX] = 0x60 | q->rpl;
    b.c->gpr[RAX] = 0xdeadbeef;
    bench_put(&b, BENCH_CODE + 0x20 * code[1], code, n);
    bench_put(&b, BENCH_CODE + 0x20 * code[1] + n, (const uint8_t[]){ 0x0f, 0x0b }, 2);
    b.c->rip = BENCH_CODE + 0x20 * code[1];
    ck_assert_int_eq(fault(), EXC_UD);
    return bench_stack(&b, 2) & FL_ZF;
}

START_TEST(queries_set_zf_and_never_fault)
{
    static const uint8_t lar[] = { 0x0f, 0x02, 0xc1 }, lsl[] = { 0x0f, 0x03, 0xc1 };
    static const uint8_t verr[] = { 0x0f, 0x00, 0xe1 }, verw[] = { 0x0f, 0x00, 0xe9 };
    const struct query *q = &queries[_i];

    ck_assert_int_eq(zf_of(lar, 3, q), q->lar);
    ck_assert_uint_eq(b.c->gpr[RAX], q->lar ? (q->attr << 8 & 0xf0ff00) |
                      ((q->attr & SEG_G ? 0xabcde : 0xdefff) & 0xf0000) : 0xdeadbeef);
    ck_assert_int_eq(zf_of(lsl, 3, q), q->lsl);
    ck_assert_uint_eq(b.c->gpr[RAX], q->lsl ? (q->attr & SEG_G ? 0xabcdefff : 0xdefff) :
                                     0xdeadbeef);
    ck_assert_int_eq(zf_of(verr, 3, q), q->verr);
    bench_close(&b);
    bench_open(&b, "max");
    ck_assert_int_eq(zf_of(verw, 3, q), q->verw);
}
END_TEST

START_TEST(arpl_raises_rpl_only)
{
    bench_protected(&b, 0);
    b.c->gpr[RAX] = 0x10;
    b.c->gpr[RCX] = 0x23;
    bench_code(&b, 0x63, 0xc8, 0x0f, 0x0b);
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(b.c->gpr[RAX], 0x13);
    ck_assert(bench_stack(&b, 2) & FL_ZF);
}
END_TEST

START_TEST(table_registers_have_24_or_32_bits)
{
    bench_protected(&b, 0);
    bench_st(&b, 0x5000, 0x567807ff, 4);
    bench_st(&b, 0x5004, 0x1234, 2);
    /* lidt [5000]; o16 lidt [5000] ; o16 sidt [5010] */
    bench_code(&b, 0x0f, 0x01, 0x1d, 0, 0x50, 0, 0, 0x66, 0x0f, 0x01, 0x1d, 0, 0x50, 0, 0,
               0x66, 0x0f, 0x01, 0x0d, 0x10, 0x50, 0, 0);
    bench_run(&b, 1);
    ck_assert_uint_eq(b.c->idt_base, 0x12345678);
    ck_assert_uint_eq(b.c->idt_limit, 0x7ff);
    bench_run(&b, 1);
    ck_assert_uint_eq(b.c->idt_base, 0x345678);
    b.c->idt_base = 0xaabbccdd;
    bench_run(&b, 1);
    ck_assert_uint_eq(bench_ld(&b, 0x5012, 4), 0xaabbccdd);
}
END_TEST

START_TEST(lldt_and_ltr_check_and_mark)
{
    bench_protected(&b, 0);
    bench_desc(&b, 0x60, 0x5000, 0xff, SEG_P | DT_LDT);
    b.c->gpr[RAX] = 0x60;
    b.c->gpr[RCX] = SEL_TSS2;
    bench_code(&b, 0x0f, 0x00, 0xd0, 0x0f, 0x00, 0xd9, 0x0f, 0x00, 0xd8);
    bench_run(&b, 2);
    ck_assert_uint_eq(b.c->ldtr.base, 0x5000);
    ck_assert_uint_eq(b.c->tr.base, BENCH_TSS2);
    ck_assert_uint_eq(bench_ld(&b, BENCH_GDT + SEL_TSS2 + 5, 1), SEG_P | DT_TSS32_BUSY);
    ck_assert_int_eq(fault(), EXC_GP);                     /* ltr of an LDT */
    ck_assert_uint_eq(bench_stack(&b, 0), 0x60);
}
END_TEST

START_TEST(system_instructions_need_protected_mode_or_cpl_0)
{
    static const uint8_t code[][3] = {
        { 0x0f, 0x00, 0xd0 }, { 0x0f, 0x00, 0xd8 }, { 0x0f, 0x22, 0xc0 }, { 0x0f, 0x20, 0xc0 },
        { 0x0f, 0x23, 0xc0 }, { 0x0f, 0x21, 0xc0 }, { 0x0f, 0x06, 0x90 }, { 0x0f, 0x08, 0x90 },
        { 0x0f, 0x30, 0x90 }, { 0x0f, 0x32, 0x90 }, { 0x0f, 0x01, 0xf0 }, { 0x0f, 0x01, 0x10 },
        { 0xf4, 0x90, 0x90 }, { 0xfa, 0x90, 0x90 }, { 0xfb, 0x90, 0x90 }, { 0xec, 0x90, 0x90 },
        { 0xe6, 0x80, 0x90 }, { 0x0f, 0x01, 0x38 }, { 0x0f, 0x35, 0x90 },
    };

    for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++) {
        bench_protected(&b, 3);
        b.c->halted = false;
        b.c->sysenter_cs = 8;
        bench_st(&b, BENCH_TSS + 0x66, 0xffff, 2);
        bench_put(&b, 0x9000 + 0x40 * i, code[i], 3);
        b.c->rip = 0x9000 + 0x40 * i;
        ck_assert_msg(fault() == EXC_GP && bench_stack(&b, 0) == 0, "row %u raised %d", i,
                      bench_halted_in(&b));
        ck_assert_uint_eq(bench_stack(&b, 1), 0x9000 + 0x40 * i);
    }
}
END_TEST

START_TEST(the_io_map_opens_single_ports)
{
    bench_protected(&b, 3);
    b.in_value = 0x12345678;
    memset(b.ram + BENCH_TSS + 0x88, 0xff, 0x2000 / 8);
    b.ram[BENCH_TSS + 0x88 + 0x61 / 8] = (uint8_t)~(1 << 1);             /* port 61h */
    bench_code(&b, 0xe4, 0x61, 0x66, 0xe5, 0x61);          /* in al, 61h; in ax, 61h */
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(b.c->gpr[RAX], 0x78);
    ck_assert_uint_eq(bench_stack(&b, 1), BENCH_CODE + 2);
}
END_TEST

START_TEST(the_last_port_needs_the_byte_after_its_own)
{
    for (unsigned i = 0; i < 2; i++) {
        bench_protected(&b, 3);
        b.c->halted = false;
        b.c->tr.limit = 0x88 + 0xff / 8 + i;
        bench_put(&b, 0x9000 + 0x40 * i, (const uint8_t[]){ 0xe4, 0xff, 0x0f, 0x0b }, 4);
        b.c->rip = 0x9000 + 0x40 * i;
        ck_assert_int_eq(fault(), i ? EXC_UD : EXC_GP);
    }
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_loop_test(t, a_load_raises_what_the_manual_says, 0, sizeof loads / sizeof loads[0]);
    tcase_add_loop_test(t, the_limit_holds_for_each_byte, 0, sizeof limits / sizeof limits[0]);
    tcase_add_loop_test(t, queries_set_zf_and_never_fault, 0, sizeof queries / sizeof queries[0]);
    tcase_add_test(t, cs_and_numbers_beyond_gs_are_undefined);
    tcase_add_test(t, a_null_segment_faults_on_use);
    tcase_add_test(t, real_mode_faults_at_the_end_of_64k);
    tcase_add_test(t, real_mode_keeps_the_limit_of_protected_mode);
    tcase_add_test(t, real_mode_code_is_writable);
    tcase_add_test(t, arpl_raises_rpl_only);
    tcase_add_test(t, table_registers_have_24_or_32_bits);
    tcase_add_test(t, lldt_and_ltr_check_and_mark);
    tcase_add_test(t, system_instructions_need_protected_mode_or_cpl_0);
    tcase_add_test(t, the_io_map_opens_single_ports);
    tcase_add_test(t, the_last_port_needs_the_byte_after_its_own);
}

int main(void)
{
    Suite *s = suite_create("seg");
    TCase *t = tcase_create("segments");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, open_max, close_bench);
    add_tests(t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
