/* test_pc.c - the PC board: address map, wires, configuration, direct boot of kernels. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/board/pc.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/mem.h"
#include <check.h>
#include <stdlib.h>

#define MIB (1ull << 20)

static uint8_t firmware[256 << 10];
static struct pc *pc;
static struct vm_error err;

/* The CPU's pins, seen from outside: this test has no CPU. */
static unsigned pins, edges;
void x86_pin(struct x86_cpu *c, enum x86_pend pin, bool level)
{
    (void)c;
    edges += level && !(pins & pin);
    pins = level ? pins | pin : pins & ~(unsigned)pin;
}

static struct pc_config config(void)
{
    for (size_t i = 0; i < sizeof firmware; i++)
        firmware[i] = i >> 10;
    return (struct pc_config){ .firmware = { firmware, sizeof firmware, "test.rom" } };
}

static int build(uint64_t ram, const struct pc_config *c)
{
    ck_assert_int_eq(pc_new(&pc, ram, &err), 0);
    int rc = pc_build(pc, c, &err);
    if (rc == 0) {
        pc_attach_cpu(pc, (struct x86_cpu *)&pins);
        machine_reset(pc_machine(pc), RESET_POWER_ON);
    }
    return rc;
}

static uint64_t rd(gpa_t a, unsigned size)
{
    return mem_read(machine_ram(pc_machine(pc)), a, size);
}

static void wr(gpa_t a, uint64_t v) { mem_write(machine_ram(pc_machine(pc)), a, v, 4); }
static uint32_t in(uint16_t port, unsigned size) { return pc_port_ops(pc)->in(pc, port, size); }

static void out(uint16_t port, uint32_t v, unsigned size)
{
    pc_port_ops(pc)->out(pc, port, v, size);
}

static uint32_t fw32(unsigned key)
{
    uint32_t v = 0;

    out(0x510, key, 2);
    for (unsigned i = 0; i < 4; i++)
        v |= in(0x511, 1) << 8 * i;
    return v;
}

/* 0 = no such file. */
static unsigned fw_file(const char *name)
{
    uint8_t row[64];

    out(0x510, 0x19, 2);
    unsigned n = 0;
    for (unsigned i = 0; i < 4; i++)
        n = n << 8 | in(0x511, 1);
    while (n--) {
        for (unsigned i = 0; i < 64; i++)
            row[i] = in(0x511, 1);
        if (strcmp((char *)row + 8, name) == 0)
            return row[4] << 8 | row[5];
    }
    return 0;
}

START_TEST(ram_and_firmware_are_where_a_pc_has_them)
{
    struct pc_config c = config();

    ck_assert_int_eq(build(16 * MIB, &c), 0);
    ck_assert_uint_eq(rd(0xfffffff0, 1), 255);
    ck_assert_uint_eq(rd(0xffff0, 1), 255);
    ck_assert_uint_eq(rd(0xe0000, 1), 128);
    ck_assert_uint_eq(rd(0xfffc0400, 1), 1);
    wr(0xffffc, 0x12345678);
    ck_assert_uint_eq(rd(0xffffc, 1), 255);
    wr(0x9fffc, 0x12345678);
    wr(16 * MIB - 4, 0xabcd);
    ck_assert_uint_eq(rd(0x9fffc, 4), 0x12345678);
    ck_assert_uint_eq(rd(16 * MIB - 4, 4), 0xabcd);
    ck_assert_uint_eq(rd(16 * MIB, 4), 0xffffffff);
    pc_free(pc);
}
END_TEST

START_TEST(ram_above_the_hole_starts_at_4_gib)
{
    struct pc_config c = config();

    ck_assert_int_eq(build(4096 * MIB, &c), 0);
    wr(0x100000000, 0x11);
    wr(0x100000000 + 512 * MIB - 4, 0x22);
    wr(3584 * MIB - 4, 0x33);
    ck_assert(rd(0x100000000, 4) == 0x11 && rd(3584 * MIB - 4, 4) == 0x33);
    ck_assert_uint_eq(rd(0x100000000 + 512 * MIB, 4), 0xffffffff);
    ck_assert_uint_eq(fw32(0x03), 0);            /* 4 GiB: the low half */
    pc_free(pc);
}
END_TEST

START_TEST(wrong_sizes_are_refused_with_a_sentence)
{
    struct pc_config c = config();

    ck_assert_int_eq(pc_new(&pc, 1024, &err), VM_EINVAL);
    ck_assert_int_eq(pc_new(&pc, 61ull << 30, &err), VM_EINVAL);
    c.firmware.n = 1000;
    ck_assert_int_eq(build(16 * MIB, &c), VM_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.text, "test.rom"));
    pc_free(pc);
    c = config();
    c.boot_order = "ax";
    ck_assert_int_eq(build(16 * MIB, &c), VM_EINVAL);
    pc_free(pc);
}
END_TEST

START_TEST(wires_reach_the_cpu)
{
    struct pc_config c = config();

    pins = 0;
    ck_assert_int_eq(build(16 * MIB, &c), 0);
    ck_assert(pins & X86_PEND_A20);
    out(0x20, 0x11, 1); out(0x21, 8, 1); out(0x21, 4, 1); out(0x21, 1, 1);
    out(0x21, 0xfe, 1);
    out(0x43, 0x34, 1); out(0x40, 0, 1); out(0x40, 0, 1);
    vclock_run(machine_clock(pc_machine(pc)), 60000000);
    ck_assert(pins & X86_PEND_INTR);
    ck_assert_int_eq(pc_port_ops(pc)->intack(pc), 8);
    ck_assert(!(pins & X86_PEND_INTR));
    edges = 0;
    pc_nmi(pc);
    ck_assert_uint_eq(edges, 1);
    edges = 0;
    out(0x92, 3, 1);
    ck_assert(edges == 1);
    pc_free(pc);
}
END_TEST

START_TEST(an_x87_error_is_request_13_until_port_f0)
{
    struct pc_config c = config();

    pins = 0;
    ck_assert_int_eq(build(16 * MIB, &c), 0);
    out(0x20, 0x11, 1); out(0x21, 8, 1); out(0x21, 4, 1); out(0x21, 1, 1); out(0x21, 0xfb, 1);
    out(0xa0, 0x11, 1); out(0xa1, 0x70, 1); out(0xa1, 2, 1); out(0xa1, 1, 1); out(0xa1, 0xdf, 1);
    pc_port_ops(pc)->ferr(pc, true);
    ck_assert_int_eq(pc_port_ops(pc)->intack(pc), 0x75);
    out(0xf0, 0, 1);
    out(0xa0, 0x20, 1); out(0x20, 0x20, 1);
    ck_assert(!(pins & X86_PEND_INTR));
    pc_free(pc);
}
END_TEST

START_TEST(without_apics_their_addresses_are_empty)
{
    struct pc_config c = config();

    c.no_apic = true;
    ck_assert_int_eq(build(16 * MIB, &c), 0);
    ck_assert_uint_eq(rd(0xfee00030, 4), 0xffffffff);
    ck_assert_ptr_null(pc_port_ops(pc)->apic_base);
    pc_free(pc);
}
END_TEST

/* ---- kernels -------------------------------------------------------------------------------- */

static uint8_t kernel[64 << 10];

static void make_bzimage(void)
{
    memset(kernel, 0, sizeof kernel);
    kernel[0x1f1] = 7;                           /* setup: 4096 bytes */
    memcpy(kernel + 0x202, "HdrS", 4);
    vm_st16(kernel + 0x206, 0x20f);
    kernel[0x211] = 1;
    vm_st32(kernel + 0x22c, 0x7fffffff);
    vm_st32(kernel + 0x238, 2047);
    kernel[4096] = 0x77;
}

START_TEST(a_bzimage_is_handed_over_with_its_initrd)
{
    struct pc_config c = config();

    make_bzimage();
    c.kernel = (struct pc_image){ kernel, sizeof kernel, "vmlinuz" };
    c.initrd[0] = (struct pc_image){ firmware, 5000, "initrd" };
    c.n_initrd = 1;
    c.append = "quiet vga=0x317";
    ck_assert_int_eq(build(16 * MIB, &c), 0);
    ck_assert_uint_eq(fw32(0x16), 0x10000);
    ck_assert_uint_eq(fw32(0x17), 4096);
    ck_assert_uint_eq(fw32(0x07), 0x100000);
    ck_assert_uint_eq(fw32(0x08), sizeof kernel - 4096);
    ck_assert_uint_eq(fw32(0x11), 0x77);
    ck_assert_uint_eq(fw32(0x13), 0x20000);
    ck_assert_uint_eq(fw32(0x15), 'q' | 'u' << 8 | 'i' << 16 | 'e' << 24);
    ck_assert_uint_eq(fw32(0x0b), 5000);
    uint32_t at = fw32(0x0a);
    ck_assert(at % 4096 == 0 && at >= 0x100000 + sizeof kernel && at + 5000 <= 16 * MIB);
    out(0x510, 0x18, 2);
    uint8_t setup[0x240];
    for (unsigned i = 0; i < sizeof setup; i++)
        setup[i] = in(0x511, 1);
    ck_assert_uint_eq(vm_ld32(setup + 0x218), at);
    ck_assert_uint_eq(vm_ld32(setup + 0x228), 0x20000);
    ck_assert_uint_eq(vm_ld16(setup + 0x1fa), 0x317);
    ck_assert_uint_eq(setup[0x210], 0xff);
    pc_free(pc);
}
END_TEST

static void refused(const char *word, const struct pc_config *c, uint64_t ram)
{
    ck_assert_int_eq(build(ram, c), VM_EINVAL);
    ck_assert_msg(strstr(err.text, word) != NULL, "%s", err.text);
    pc_free(pc);
}

START_TEST(broken_kernels_are_refused_by_name)
{
    struct pc_config c = config();

    make_bzimage();
    c.kernel = (struct pc_image){ kernel, 4000, "short" };
    refused("short", &c, 16 * MIB);
    c.kernel.n = 4096;
    refused("shorter than its setup", &c, 16 * MIB);
    c.kernel.n = sizeof kernel;
    kernel[0x202] = 'X';
    refused("no kernel", &c, 16 * MIB);
    make_bzimage();
    vm_st32(kernel + 0x238, 3);
    c.append = "quiet";
    refused("command line", &c, 16 * MIB);
    c.append = NULL;
    c.initrd[0] = (struct pc_image){ firmware, sizeof firmware, "initrd" };
    c.n_initrd = 1;
    refused("initrd", &c, 1 * MIB + 512 * 1024);
    memset(kernel, 0, sizeof kernel);
    memcpy(kernel, "\177ELF\2\1", 6);
    refused("multiboot", &c, 16 * MIB);
}
END_TEST

static void make_multiboot(uint32_t flags)
{
    memset(kernel, 0, sizeof kernel);
    vm_st32(kernel + 64, 0x1badb002);
    vm_st32(kernel + 68, flags);
    vm_st32(kernel + 72, -(0x1badb002 + flags));
}

START_TEST(an_aout_multiboot_image_lies_in_ram_after_every_reset)
{
    struct pc_config c = config();

    make_multiboot(0x10003);
    vm_st32(kernel + 76, 0x200040);              /* header */
    vm_st32(kernel + 80, 0x200000);              /* load */
    vm_st32(kernel + 84, 0x201000);              /* load end */
    vm_st32(kernel + 88, 0x203000);              /* bss end */
    vm_st32(kernel + 92, 0x200100);              /* entry */
    c.kernel = (struct pc_image){ kernel, sizeof kernel, "kernel" };
    c.initrd[0] = (struct pc_image){ firmware + 1024, 1024, "mod a" };
    c.n_initrd = 1;
    c.append = "x=1";
    ck_assert_int_eq(build(16 * MIB, &c), 0);
    ck_assert_uint_eq(rd(0x200040, 4), 0x1badb002);
    ck_assert_uint_eq(rd(0x203000, 1), 1);       /* the module follows the bss */
    wr(0x200040, 0);
    wr(0x202000, 5);
    machine_reset(pc_machine(pc), RESET_HARD);
    ck_assert_uint_eq(rd(0x200040, 4), 0x1badb002);
    ck_assert_uint_eq(rd(0x202000, 4), 0);
    unsigned key = fw_file("opt/godwit/multiboot");
    ck_assert_uint_eq(fw32(key), 0x200100);
    uint32_t info = in(0x511, 1) | in(0x511, 1) << 8 | in(0x511, 1) << 16;
    ck_assert_uint_eq(rd(info, 4), 1 | 4 | 8 | 64 | 512);
    ck_assert_uint_eq(rd(info + 8, 4), 15 * 1024);
    uint32_t mods = rd(info + 24, 4), line = rd(info + 16, 4), map = rd(info + 48, 4);
    ck_assert(rd(mods, 4) == 0x203000 && rd(mods + 4, 4) == 0x203400);
    ck_assert_uint_eq(rd(line, 8), vm_ld64("kernel x"));
    ck_assert_uint_eq(rd(map + 4, 8), 0);
    ck_assert_uint_eq(rd(info + 44, 4), 96);
    pc_free(pc);
}
END_TEST

/* Seed 5. Headers of random numbers: refused or loaded, never a crash. */
START_TEST(hostile_multiboot_headers_are_harmless)
{
    srand(5);
    for (unsigned i = 0; i < 300; i++) {
        struct pc_config c = config();
        make_multiboot(i % 2 ? 0x10000 : 0);
        if (i % 2 == 0)
            memcpy(kernel, "\177ELF\1\1", 6);
        for (unsigned at = i % 2 ? 76 : 28; at < (i % 2 ? 96 : 60); at += 4)
            vm_st32(kernel + at, rand() % 2 ? (uint32_t)rand() << (rand() % 12)
                                            : (uint32_t)rand() % 0x40000);
        c.kernel = (struct pc_image){ kernel, 100 + rand() % 4096, "hostile" };
        build(4 * MIB, &c);
        pc_free(pc);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pc");
    TCase *tc = tcase_create("pc");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, ram_and_firmware_are_where_a_pc_has_them);
    tcase_add_test(tc, ram_above_the_hole_starts_at_4_gib);
    tcase_add_test(tc, wrong_sizes_are_refused_with_a_sentence);
    tcase_add_test(tc, wires_reach_the_cpu);
    tcase_add_test(tc, an_x87_error_is_request_13_until_port_f0);
    tcase_add_test(tc, without_apics_their_addresses_are_empty);
    tcase_add_test(tc, a_bzimage_is_handed_over_with_its_initrd);
    tcase_add_test(tc, broken_kernels_are_refused_by_name);
    tcase_add_test(tc, an_aout_multiboot_image_lies_in_ram_after_every_reset);
    tcase_add_test(tc, hostile_multiboot_headers_are_harmless);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
