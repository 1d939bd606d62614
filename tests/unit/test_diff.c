/* test_diff.c - comparing two CPUs: every field of the state counts, what engines keep does not. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/diff.h"
#include "cpu-x86/flags.h"
#include "tests/unit/cpubox.h"

static struct cpubox *b[2];
static struct x86_cpu *c;            /* the one that is changed */
static char seen[256];

static void setup(void)
{
    for (unsigned k = 0; k < 2; k++) {
        b[k] = cpubox_new("max", 1 << 20);
        cpubox_flat(b[k], 0x1000);
    }
    c = b[1]->cpu;
}

static void teardown(void)
{
    cpubox_free(b[0]);
    cpubox_free(b[1]);
}

static void note(void *self, const char *name, uint64_t x, uint64_t y)
{
    (void)self;
    ck_assert(x != y);
    strncat(seen, name, sizeof seen - strlen(seen) - 2);
    strcat(seen, ";");
}

/* What differs, as "name;name;". */
static const char *diff(void)
{
    seen[0] = 0;
    unsigned n = x86_diff(b[0]->cpu, b[1]->cpu, note, NULL);

    ck_assert_int_eq(x86_same(b[0]->cpu, b[1]->cpu), n == 0);
    return seen;
}

START_TEST(two_new_cpus_are_the_same)
{
    ck_assert_str_eq(diff(), "");
}
END_TEST

#define F(name, member) { name, offsetof(struct x86_cpu, member) }
static const struct { const char *name; size_t at; } fields[] = {
    F("eax;", gpr[RAX]), F("edi;", gpr[RDI]), F("eip;", rip), F("cs;", seg[CS].sel),
    F("ds.base;", seg[DS].base), F("gs.limit;", seg[GS].limit), F("ss.attr;", seg[SS].attr),
    F("es end of reads;", seg[ES].rend), F("tr;", tr.sel), F("ldtr.base;", ldtr.base),
    F("cpl;", cpl), F("halted;", halted), F("cr0;", cr0), F("cr2;", cr2), F("cr3;", cr3),
    F("cr4;", cr4), F("efer;", efer), F("dr3;", dr[3]), F("dr7;", dr[7]), F("pdpte2;", pdpte[2]),
    F("gdtr.base;", gdt_base), F("idtr.limit;", idt_limit), F("a20 masked;", a20_mask),
    F("interrupt shadow;", shadow), F("nmi blocked;", nmi_blocked),
    F("debug traps;", debug_trap), F("pins;", pins), F("delivering;", delivering),
    F("fpu.cw;", fpu.cw), F("fpu.tw;", fpu.tw), F("fpu.r5;", fpu.st[5].m),
    F("fpu.exponent7;", fpu.st[7].se), F("fpu.dp;", fpu.dp), F("xmm.low0;", xmm[0].q[0]),
    F("xmm.high7;", xmm[7].q[1]), F("mxcsr;", mxcsr), F("tsc offset;", tsc_offset),
    F("apic base;", apic_base), F("sysenter eip;", sysenter_eip), F("msr slot 63;", msr[63]),
    F("pending events;", pending), F("instructions retired;", retired),
    { "eflags;", offsetof(struct x86_cpu, eflags) + 1 /* TF */ },
};

START_TEST(one_bit_of_a_field_is_a_difference_of_that_name)
{
    uint8_t *at = (uint8_t *)c + fields[_i].at;

    *at ^= 1;
    ck_assert_str_eq(diff(), fields[_i].name);
    *at ^= 1;
}
END_TEST

START_TEST(flags_are_compared_as_bits_however_they_are_kept)
{
    c->lf = (struct lazy_flags){ .res = 0, .a = 5, .b = 5, .op = LF_SUB, .osz = 4, .cop = LF_SUB,
                                 .cosz = 4 };
    ck_assert_str_eq(diff(), "eflags;");
    x86_set_arith(b[0]->cpu, FL_ZF | FL_PF);
    ck_assert_str_eq(diff(), "");
    x86_set_arith(b[0]->cpu, FL_ZF | FL_PF | FL_CF);
    ck_assert_str_eq(diff(), "eflags;");
}
END_TEST

START_TEST(what_an_engine_keeps_is_no_difference)
{
    c->gpr[RCX] |= 1ull << 63;
    c->tlb_sets[0][3].tag_r = 0x3000;
    c->jump_gen++;
    x86_pin(c, X86_PEND_STOP, true);
    ck_assert_str_eq(diff(), "");
}
END_TEST

START_TEST(an_engine_stops_at_its_edge_and_leaves_the_slice_for_another)
{
    cpubox_put(b[0], 0x1000, "\x40\x41\x42\xeb\xfb", 5);    /* l: inc eax ecx edx; jmp l */
    c = b[0]->cpu;
    c->stop_at_edge = true;
    ck_assert_int_eq(cpubox_run(b[0], 1000), EXEC_BUDGET);
    ck_assert(x86_insns(c) == 4 && c->slice == 4 && c->rip == 0x1000);
    ck_assert_int_eq(cpubox_run(b[0], 3), EXEC_BUDGET);
    ck_assert(x86_insns(c) == 5 && c->slice == 1 && c->rip == 0x1001);
    c->stop_at_edge = false;
    ck_assert_int_eq(cpubox_run(b[0], 1000), EXEC_BUDGET);
    ck_assert_uint_eq(x86_insns(c), 1005);
}
END_TEST

/* A device that asks for an interrupt as soon as it is written to. */
static uint32_t pending_at_write;

static uint64_t device_read(void *o, uint64_t off, unsigned size)
{
    (void)o;
    (void)off;
    (void)size;
    return 0;
}

static void device_write(void *o, uint64_t off, uint64_t v, unsigned size)
{
    (void)o;
    (void)off;
    (void)size;
    x86_pin(c, X86_PEND_INTR, v & 1);
    pending_at_write = c->pending;
}

static const struct mmio_ops device_ops = { device_read, device_write, 1, 4 };

START_TEST(an_exact_cpu_sees_a_device_s_pin_at_the_next_slice)
{
    static struct mem_region dev;
    bool exact = _i;

    dev = (struct mem_region){ .name = "dev", .kind = MEM_MMIO, .size = 4096, .ops = &device_ops };
    c = b[0]->cpu;
    mem_add(mem_root(b[0]->mem), &dev, 0x200000, 0);
    cpubox_put(b[0], 0x1000, "\xa2\x00\x00\x20\x00\x43\x43\x43", 8);  /* mov [200000h], al */
    c->gpr[RAX] = 1;                                                    /* inc ebx, thrice */
    c->eflags |= FL_IF;
    c->exact_events = exact;
    enum exec_stop stop = cpubox_run(b[0], 3);

    ck_assert_uint_eq(pending_at_write, exact ? 0 : X86_PEND_INTR);
    ck_assert_int_eq(stop, exact ? EXEC_BUDGET : EXEC_SHUTDOWN);      /* there is no IDT */
    ck_assert_uint_eq(c->gpr[RBX], exact ? 2 : 0);
    if (exact)
        ck_assert_int_eq(cpubox_run(b[0], 1), EXEC_SHUTDOWN);
    mem_remove(&dev);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("diff");
    TCase *tc = tcase_create("diff");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, two_new_cpus_are_the_same);
    tcase_add_loop_test(tc, one_bit_of_a_field_is_a_difference_of_that_name, 0,
                        sizeof fields / sizeof fields[0]);
    tcase_add_test(tc, flags_are_compared_as_bits_however_they_are_kept);
    tcase_add_test(tc, what_an_engine_keeps_is_no_difference);
    tcase_add_test(tc, an_engine_stops_at_its_edge_and_leaves_the_slice_for_another);
    tcase_add_loop_test(tc, an_exact_cpu_sees_a_device_s_pin_at_the_next_slice, 0, 2);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
