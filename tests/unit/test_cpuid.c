/* test_cpuid.c - CPU models, control registers, MSRs, reset state, snapshots. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>
#include "cpu-x86/model.h"
#include "cpubench.h"
#include "devmodel/core/snap.h"

static struct cpubench b;

static void open_max(void) { bench_open(&b, "max"); }
static void close_bench(void) { bench_close(&b); }

static int fault(void)
{
    bench_run(&b, 100);
    return bench_halted_in(&b);
}

static void run_at(uint32_t at, const uint8_t *code, unsigned n)
{
    bench_protected(&b, 0);
    b.c->halted = false;
    bench_put(&b, at, code, n);
    bench_put(&b, at + n, (const uint8_t[]){ 0x0f, 0x0b }, 2);
    b.c->rip = at;
}

static void cpuid(uint32_t leaf)
{
    run_at(BENCH_CODE, (const uint8_t[]){ 0x0f, 0xa2 }, 2);
    b.c->gpr[RAX] = leaf;
    ck_assert_int_eq(fault(), EXC_UD);
}

static const struct { const char *name; uint32_t eax, edx, ecx, last; } models[] = {
    { "486", 0x480, 0x3, 0, 1 },
    { "pentium", 0x52c, 0x1bf, 0, 1 },
    { "pentium2", 0x652, 0x183fbff, 0, 2 },
    { "pentium3", 0x686, 0x383fbff, 0, 2 },
    { "pentium4", 0xf29, 0xf8bfbff, 0, 2 },
    { "max", 0x6e8, 0xf8bfbff, 1, 7 },
};

START_TEST(each_model_has_its_signature_and_features)
{
    char vendor[13] = "";

    bench_close(&b);
    bench_open(&b, models[_i].name);
    cpuid(0);
    ck_assert_uint_eq(b.c->gpr[RAX], models[_i].last);
    memcpy(vendor, &b.c->gpr[RBX], 4);
    memcpy(vendor + 4, &b.c->gpr[RDX], 4);
    memcpy(vendor + 8, &b.c->gpr[RCX], 4);
    ck_assert_str_eq(vendor, "GenuineIntel");
    cpuid(1);
    ck_assert_uint_eq(b.c->gpr[RAX], models[_i].eax);
    ck_assert_uint_eq(b.c->gpr[RDX], models[_i].edx);
    ck_assert_uint_eq(b.c->gpr[RCX], models[_i].ecx);
}
END_TEST

START_TEST(leaf_7_says_what_the_x87_keeps)
{
    cpuid(7);
    ck_assert_uint_eq(b.c->gpr[RAX], 0);
    ck_assert_uint_eq(b.c->gpr[RBX], 1 << 6 | 1 << 13);
    cpuid(4);
    ck_assert_uint_eq(b.c->gpr[RAX] | b.c->gpr[RBX] | b.c->gpr[RCX] | b.c->gpr[RDX], 0);
}
END_TEST

START_TEST(the_apic_bit_follows_the_base_register)
{
    b.c->apic_base &= ~(uint64_t)X86_APIC_ENABLE;
    cpuid(1);
    ck_assert_uint_eq(b.c->gpr[RDX] & CPUID_APIC, 0);
}
END_TEST

START_TEST(the_brand_string_and_nx_are_extended)
{
    cpuid(0x80000000);
    ck_assert_uint_eq(b.c->gpr[RAX], 0x80000004);
    cpuid(0x80000001);
    ck_assert_uint_eq(b.c->gpr[RDX], CPUID_NX);
    cpuid(0x80000002);
    ck_assert(!memcmp(&b.c->gpr[RAX], "godw", 4));
}
END_TEST

START_TEST(a_model_without_the_feature_lacks_the_instruction)
{
    struct x86_insn i = { .sem = SEM_cmovcc };

    ck_assert(x86_model_has(x86_model_find("pentium2"), &i));
    ck_assert(!x86_model_has(x86_model_find("pentium"), &i));
    ck_assert_ptr_null(x86_model_find("8086"));
}
END_TEST

/* mov crN, eax: ModRM 0xc0 | n << 3 */
static int write_cr(unsigned n, uint32_t v)
{
    run_at(0x9000 + 0x40 * n, (const uint8_t[]){ 0x0f, 0x22, (uint8_t)(0xc0 | n << 3) }, 3);
    b.c->gpr[RAX] = v;
    return fault();
}

START_TEST(control_registers_refuse_what_cannot_be)
{
    ck_assert_int_eq(write_cr(0, CR0_PG | CR0_ET), EXC_GP);              /* PG without PE */
    ck_assert_int_eq(write_cr(0, CR0_PE | CR0_NW), EXC_GP);              /* NW without CD */
    ck_assert_int_eq(write_cr(4, 0x800), EXC_GP);                        /* reserved */
    ck_assert_int_eq(write_cr(1, 0), EXC_UD);
    ck_assert_int_eq(write_cr(5, 0), EXC_UD);
    ck_assert_int_eq(write_cr(2, 0x1234567), EXC_UD);                    /* fine: reaches ud2 */
    ck_assert_uint_eq(b.c->cr2, 0x1234567);
    ck_assert_int_eq(write_cr(4, CR4_PAE | CR4_OSFXSR), EXC_UD);
    ck_assert_uint_eq(b.c->cr4, CR4_PAE | CR4_OSFXSR);
}
END_TEST

START_TEST(reserved_bits_of_a_pdpte_fault_when_it_is_loaded)
{
    b.c->cr4 = CR4_PAE;
    bench_st(&b, 0x5020, 0x7001, 4);
    bench_st(&b, 0x5028, 0x7003, 4);                       /* bit 1 is reserved */
    b.c->cr3 = 0x5020;
    ck_assert_int_eq(write_cr(0, CR0_PE | CR0_PG), EXC_GP);
    ck_assert_uint_eq(b.c->cr0 & CR0_PG, 0);
    bench_st(&b, 0x5028, 0x8001, 4);
    ck_assert_int_eq(write_cr(0, CR0_PE | CR0_PG), EXC_UD);
    ck_assert_uint_eq(b.c->pdpte[0], 0x7001);
    ck_assert_uint_eq(b.c->pdpte[1], 0x8001);
}
END_TEST

/* SDM vol. 3 4.4.1: the control bits that load the PDPTEs again while PAE paging is on. */
static const struct { unsigned cr; uint32_t bit; bool loads; } pdpte_loads[] = {
    { 0, CR0_CD, true }, { 0, CR0_WP, false }, { 4, CR4_PGE, true }, { 4, CR4_PSE, true },
    { 4, CR4_PAE, true }, { 4, CR4_DE, false },
};

START_TEST(control_bits_load_the_pdptes_again)
{
    unsigned cr = pdpte_loads[_i].cr;
    uint32_t bit = pdpte_loads[_i].bit;

    run_at(0x9000, (const uint8_t[]){ 0x0f, 0x22, (uint8_t)(0xc0 | cr << 3) }, 3);
    b.c->cr4 = bit == CR4_PAE ? 0 : CR4_PAE;
    b.c->cr0 = (b.c->cr0 | CR0_PG) & ~(uint64_t)CR0_NW;
    b.c->cr3 = 0x5000;
    bench_st(&b, 0x5008, 0x8001, 4);
    b.c->gpr[RAX] = (cr ? b.c->cr4 : b.c->cr0) ^ bit;
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(b.c->pdpte[1], pdpte_loads[_i].loads ? 0x8001 : 0);
}
END_TEST

START_TEST(lmsw_sets_pe_but_cannot_clear_it)
{
    run_at(0x9000, (const uint8_t[]){ 0x0f, 0x01, 0xf0 }, 3);
    b.c->gpr[RAX] = CR0_TS;
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(b.c->cr0 & 15, CR0_PE | CR0_TS);
}
END_TEST

START_TEST(debug_registers_4_and_5_are_aliases_without_de)
{
    run_at(0x9000, (const uint8_t[]){ 0x0f, 0x23, 0xe8, 0x0f, 0x21, 0xe1 }, 6);
    b.c->gpr[RAX] = 0xffff;
    ck_assert_int_eq(fault(), EXC_DB);                     /* DR7.GD was set by the write */
    ck_assert_uint_eq(b.c->dr[7], 0x7ff);
    run_at(0x9100, (const uint8_t[]){ 0x0f, 0x21, 0xe1 }, 3);
    b.c->cr4 = CR4_DE;
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(bench_stack(&b, 0), 0x9100);
}
END_TEST

/* ---- MSRs ----------------------------------------------------------------------------------- */

static bool msr_holds(uint32_t n, uint64_t v)
{
    uint64_t got = ~v;

    return x86_msr_write(b.c, n, v) && x86_msr_read(b.c, n, &got) && got == v;
}

START_TEST(mtrrs_take_memory_types_only)
{
    uint64_t v;

    ck_assert(msr_holds(0x250, 0x0606060606060606));
    ck_assert(!msr_holds(0x250, 0x0206060606060606));
    ck_assert(msr_holds(0x200, 0xc0000006));
    ck_assert(!msr_holds(0x200, 0xc0000002));
    ck_assert(msr_holds(0x201, 0xfc0000800));
    ck_assert(!msr_holds(0x201, 0x1fc0000800));            /* 36 bits of address */
    ck_assert(msr_holds(0x2ff, 0xc06));
    ck_assert(!msr_holds(0x2ff, 0x1c06));
    ck_assert(msr_holds(0x277, 0x0007010600070106));
    ck_assert(!msr_holds(0x277, 2));
    ck_assert(x86_msr_read(b.c, 0xfe, &v) && v == 0x508);
    ck_assert(!x86_msr_write(b.c, 0xfe, v));
}
END_TEST

START_TEST(unknown_msrs_are_gp)
{
    run_at(0x9000, (const uint8_t[]){ 0x0f, 0x32 }, 2);
    b.c->gpr[RCX] = 0xc0000082;
    ck_assert_int_eq(fault(), EXC_GP);
    ck_assert_uint_eq(bench_stack(&b, 0), 0);
    run_at(0x9100, (const uint8_t[]){ 0x0f, 0x30 }, 2);
    b.c->gpr[RCX] = 0xc0000080;
    b.c->gpr[RAX] = 0x100;                                 /* EFER.LME: there is no long mode */
    b.c->gpr[RDX] = 0;
    ck_assert_int_eq(fault(), EXC_GP);
}
END_TEST

START_TEST(the_apic_base_reaches_the_board)
{
    ck_assert_uint_eq(b.apic_base, 0xfee00900);
    ck_assert(msr_holds(0x1b, 0xfed00800));
    ck_assert_uint_eq(b.apic_base, 0xfed00800);
    ck_assert(!msr_holds(0x1b, 0xfed00801));
}
END_TEST

START_TEST(the_tsc_runs_with_the_boards_clock)
{
    b.ticks = 1000;
    ck_assert_uint_eq(x86_tsc(b.c), 1000);
    ck_assert(msr_holds(0x10, 5));
    b.ticks = 1010;
    run_at(0x9000, (const uint8_t[]){ 0x0f, 0x31 }, 2);
    ck_assert_int_eq(fault(), EXC_UD);
    ck_assert_uint_eq(b.c->gpr[RAX], 15);
}
END_TEST

/* ---- reset and snapshots -------------------------------------------------------------------- */

START_TEST(reset_state_is_table_9_1)
{
    const struct x86_cpu *c = b.c;

    ck_assert_uint_eq(c->rip, 0xfff0);
    ck_assert_uint_eq(c->seg[CS].sel, 0xf000);
    ck_assert_uint_eq(c->seg[CS].base, 0xffff0000);
    ck_assert_uint_eq(c->seg[DS].limit, 0xffff);
    ck_assert_uint_eq(c->cr0, 0x60000010);
    ck_assert_uint_eq(x86_eflags(c), 2);
    ck_assert_uint_eq(c->dr[6], 0xffff0ff0);
    ck_assert_uint_eq(c->dr[7], 0x400);
    ck_assert_uint_eq(c->idt_limit, 0xffff);
    ck_assert_uint_eq(c->fpu.cw, 0x40);
    ck_assert_uint_eq(c->mxcsr, 0x1f80);
    ck_assert(!c->a20_mask);
}
END_TEST

static FILE *saved(void)
{
    FILE *f = tmpfile();
    struct snap *s;

    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(snap_open(&s, SNAP_SAVE, f, NULL), 0);
    x86_snap(b.c, s);
    ck_assert_int_eq(snap_close(s, NULL), 0);
    rewind(f);
    return f;
}

START_TEST(a_saved_cpu_loads_into_a_new_one)
{
    struct snap *s;
    FILE *f;

    bench_protected(&b, 3);
    b.c->gpr[RDI] = 0x11223344;
    b.c->eflags |= FL_IF | FL_AC;
    b.c->nmi_blocked = true;
    b.c->fpu.st[3].m = 77;
    f = saved();
    bench_close(&b);
    bench_open(&b, "max");
    ck_assert_int_eq(snap_open(&s, SNAP_LOAD, f, NULL), 0);
    x86_snap(b.c, s);
    ck_assert_int_eq(snap_close(s, NULL), 0);
    rewind(f);
    ck_assert_uint_eq(b.c->gpr[RDI], 0x11223344);
    ck_assert_uint_eq(b.c->mode, MODE_CS32 | MODE_SS32 | MODE_USER | MODE_FLAT | MODE_PROT);
    ck_assert_int_eq(snap_open(&s, SNAP_COMPARE, f, NULL), 0);
    x86_snap(b.c, s);
    ck_assert_ptr_null(snap_diff(s));
    snap_close(s, NULL);
    fclose(f);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_loop_test(t, each_model_has_its_signature_and_features, 0,
                        sizeof models / sizeof models[0]);
    tcase_add_test(t, the_apic_bit_follows_the_base_register);
    tcase_add_test(t, leaf_7_says_what_the_x87_keeps);
    tcase_add_test(t, the_brand_string_and_nx_are_extended);
    tcase_add_test(t, a_model_without_the_feature_lacks_the_instruction);
    tcase_add_test(t, control_registers_refuse_what_cannot_be);
    tcase_add_test(t, reserved_bits_of_a_pdpte_fault_when_it_is_loaded);
    tcase_add_loop_test(t, control_bits_load_the_pdptes_again, 0,
                        sizeof pdpte_loads / sizeof pdpte_loads[0]);
    tcase_add_test(t, lmsw_sets_pe_but_cannot_clear_it);
    tcase_add_test(t, debug_registers_4_and_5_are_aliases_without_de);
    tcase_add_test(t, mtrrs_take_memory_types_only);
    tcase_add_test(t, unknown_msrs_are_gp);
    tcase_add_test(t, the_apic_base_reaches_the_board);
    tcase_add_test(t, the_tsc_runs_with_the_boards_clock);
    tcase_add_test(t, reset_state_is_table_9_1);
    tcase_add_test(t, a_saved_cpu_loads_into_a_new_one);
}

int main(void)
{
    Suite *s = suite_create("cpuid");
    TCase *t = tcase_create("models and registers");
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
