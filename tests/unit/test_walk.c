/* test_walk.c - the page walker: what the images of tests/oracle/emulators cannot reach. */
/* SPDX-License-Identifier: MIT */
#include <check.h>
#include "cpubox.h"

enum { DIRECTORY = 0x1000, PDE = 0x83 /* P, R/W, PS */, WRITE_RESERVED = 1 | 2 | 8 };

/* A supervisor write to linear 1234h through a 4 MiB entry. Returns what smmu_walk() does. */
static uint32_t walk_4m(const char *model, uint32_t pde, uint64_t *gpa)
{
    struct cpubox *b = cpubox_new(model, 0x10000);
    struct smmu_walk w = { 0 };
    uint32_t rc;

    cpubox_flat(b, 0);
    cpubox_put(b, DIRECTORY, &pde, sizeof pde);
    b->cpu->cr3 = DIRECTORY;
    b->cpu->cr4 = CR4_PSE;
    b->cpu->cr0 |= CR0_PG;
    rc = smmu_walk(b->mmu, b->cpu, 0x1234, ACC_W, false, false, &w);
    *gpa = w.gpa;
    cpubox_free(b);
    return rc;
}

/* SDM vol. 3 4.3, table 4-4, with 36 bits of physical address. */
START_TEST(pse36_gives_the_address_of_a_4m_page_four_more_bits)
{
    uint64_t gpa;

    ck_assert_uint_eq(walk_4m("pentium3", PDE | 0x00400000, &gpa), 0);
    ck_assert_uint_eq(gpa, 0x401234);
    ck_assert_uint_eq(walk_4m("pentium3", PDE | 0x0041e000, &gpa), 0);
    ck_assert_uint_eq(gpa, UINT64_C(0xf00401234));
    for (unsigned bit = 17; bit <= 21; bit++)
        ck_assert_uint_eq(walk_4m("pentium3", PDE | 1u << bit, &gpa), SMMU_FAULT | WRITE_RESERVED);
}
END_TEST

START_TEST(without_pse36_these_bits_are_reserved)
{
    uint64_t gpa;

    ck_assert_uint_eq(walk_4m("pentium", PDE | 0x00400000, &gpa), 0);
    for (unsigned bit = 13; bit <= 21; bit++)
        ck_assert_uint_eq(walk_4m("pentium", PDE | 1u << bit, &gpa), SMMU_FAULT | WRITE_RESERVED);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("walk");
    TCase *t = tcase_create("4 MiB pages");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, pse36_gives_the_address_of_a_4m_page_four_more_bits);
    tcase_add_test(t, without_pse36_these_bits_are_reserved);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
