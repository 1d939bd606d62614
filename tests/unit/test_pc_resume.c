/* test_pc_resume.c - a counted run is repeatable, and goes on after a snapshot as without one. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/cpu.h"
#include "devmodel/board/pc.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include "shadow-mmu/smmu.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* nasm -f bin test_pc_resume.asm: two timers interrupt a loop that stores time stamps, counts and
 * x87 results. */
static const uint8_t program[] = {
    0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x70, 0xc7, 0x06, 0x20,
    0x00, 0xb3, 0x00, 0xc7, 0x06, 0x22, 0x00, 0x00, 0xf0, 0xc7, 0x06, 0xc0, 0x01, 0xbf, 0x00,
    0xc7, 0x06, 0xc2, 0x01, 0x00, 0xf0, 0xb0, 0x11, 0xe6, 0x20, 0xe6, 0xa0, 0xb0, 0x08, 0xe6,
    0x21, 0xb0, 0x70, 0xe6, 0xa1, 0xb0, 0x04, 0xe6, 0x21, 0xb0, 0x02, 0xe6, 0xa1, 0xb0, 0x01,
    0xe6, 0x21, 0xe6, 0xa1, 0xb0, 0xfa, 0xe6, 0x21, 0xb0, 0xfe, 0xe6, 0xa1, 0xb0, 0x34, 0xe6,
    0x43, 0xb0, 0x00, 0xe6, 0x40, 0xb0, 0x10, 0xe6, 0x40, 0xb8, 0x0a, 0x26, 0xe6, 0x70, 0x88,
    0xe0, 0xe6, 0x71, 0xb8, 0x0b, 0x42, 0xe6, 0x70, 0x88, 0xe0, 0xe6, 0x71, 0xb0, 0x0c, 0xe6,
    0x70, 0xe4, 0x71, 0xdb, 0xe3, 0xd9, 0xeb, 0xbf, 0x00, 0x10, 0xfb, 0xf4, 0x0f, 0x31, 0x66,
    0x89, 0x05, 0xd9, 0xc0, 0xdc, 0xc8, 0xdd, 0x5d, 0x04, 0xdc, 0xc0, 0xb0, 0x00, 0xe6, 0x43,
    0xe4, 0x40, 0x88, 0x45, 0x0c, 0xe4, 0x40, 0x88, 0x45, 0x0d, 0xb9, 0x2c, 0x01, 0x66, 0x69,
    0xc0, 0x6d, 0x4e, 0xc6, 0x41, 0x66, 0x05, 0x39, 0x30, 0x00, 0x00, 0x31, 0x45, 0x0e, 0xe2,
    0xee, 0x83, 0xc7, 0x10, 0x81, 0xe7, 0xff, 0x3f, 0x81, 0xcf, 0x00, 0x10, 0xeb, 0xc1, 0x50,
    0x66, 0xff, 0x06, 0x00, 0x05, 0xb0, 0x20, 0xe6, 0x20, 0x58, 0xcf, 0x50, 0x66, 0xff, 0x06,
    0x04, 0x05, 0xb0, 0x0c, 0xe6, 0x70, 0xe4, 0x71, 0xb0, 0x20, 0xe6, 0xa0, 0xe6, 0x20, 0x58,
    0xcf,
};
static uint8_t firmware[64 << 10];
static struct vm_error err;

struct pc_run {
    struct pc *pc;
    struct x86_cpu *cpu;
    struct smmu *mmu;
    struct vtimer stop;
};

static void quit(void *m, vtime_t due)
{
    (void)due;
    machine_request(m, MACHINE_QUIT, 0);
}

static void start(struct pc_run *r)
{
    struct pc_config c = { .firmware = { firmware, sizeof firmware, "test.rom" } };

    memset(r, 0, sizeof *r);
    memcpy(firmware, program, sizeof program);
    memcpy(firmware + 0xfff0, "\xea\x00\x00\x00\xf0", 5);        /* jmp F000:0000 */
    ck_assert_int_eq(pc_new(&r->pc, 1 << 20, &err), 0);
    ck_assert_msg(pc_build(r->pc, &c, &err) == 0, "%s", err.text);
    struct machine *m = pc_machine(r->pc);
    ck_assert_int_eq(smmu_new(&r->mmu, machine_ram(m), &err), 0);
    struct x86_config x = { .model = "max", .mem = machine_ram(m), .port = pc_port_ops(r->pc),
                            .port_self = r->pc, .mmu = &smmu_ops, .mmu_self = r->mmu,
                            .engine = &engine_interp };
    ck_assert_msg(x86_create(&r->cpu, &x, &err) == 0, "%s", err.text);
    smmu_attach(r->mmu, r->cpu);
    pc_attach_cpu(r->pc, r->cpu);
    machine_set_executor(m, &x86_exec, r->cpu);
    vtimer_init(&r->stop, machine_clock(m), "stop", quit, m);
    machine_reset(m, RESET_POWER_ON);
}

static void stop(struct pc_run *r)
{
    machine_remove_devices(pc_machine(r->pc));   /* what they unmap is told to the CPU's caches */
    x86_destroy(r->cpu);
    smmu_free(r->mmu);
    pc_free(r->pc);
}

static void run_until(struct pc_run *r, vtime_t t)
{
    struct machine_run_options o = { .icount_shift = 3 };
    struct machine_end end;

    vtimer_arm(&r->stop, t);
    machine_run(pc_machine(r->pc), &o, &end);
    ck_assert_int_eq(end.why, END_QUIT);
}

static char *save(struct pc_run *r, size_t *n)
{
    char *buf = NULL;
    FILE *f = open_memstream(&buf, n);
    struct snap *s;

    ck_assert_int_eq(snap_open(&s, SNAP_SAVE, f, &err), 0);
    machine_snap(pc_machine(r->pc), s);
    ck_assert_msg(snap_close(s, &err) == 0, "%s", err.text);
    fclose(f);
    return buf;
}

static void visit(struct pc_run *r, enum snap_mode mode, char *buf, size_t n, const char *what)
{
    FILE *f = fmemopen(buf, n, "rb");
    struct snap *s;

    ck_assert_int_eq(snap_open(&s, mode, f, &err), 0);
    machine_snap(pc_machine(r->pc), s);
    ck_assert_msg(!snap_diff(s), "%s: %s differs", what, snap_diff(s));
    ck_assert_msg(snap_close(s, &err) == 0, "%s", err.text);
    fclose(f);
}

static uint32_t ram32(struct pc_run *r, gpa_t a)
{
    return mem_read(machine_ram(pc_machine(r->pc)), a, 4);
}

#define MS 1000000ll

START_TEST(two_counted_runs_are_the_same)
{
    struct pc_run a, b;
    size_t n;

    start(&a);
    run_until(&a, 300 * MS);
    ck_assert_uint_gt(ram32(&a, 0x500), 80);     /* it did run: 291 Hz, 1024 Hz */
    ck_assert_uint_gt(ram32(&a, 0x504), 250);
    char *first = save(&a, &n);
    stop(&a);
    start(&b);
    run_until(&b, 300 * MS);
    visit(&b, SNAP_COMPARE, first, n, "second run");
    stop(&b);
    free(first);
}
END_TEST

START_TEST(a_run_goes_on_after_a_snapshot_as_without)
{
    struct pc_run a, b;
    size_t n, n_end;

    for (int i = 0; i < 5; i++) {
        start(&a);
        run_until(&a, (50 + 7 * i) * MS + 12345 * i);
        char *middle = save(&a, &n);
        run_until(&a, 200 * MS);
        char *end = save(&a, &n_end);
        stop(&a);
        start(&b);
        visit(&b, SNAP_LOAD, middle, n, "load");
        visit(&b, SNAP_COMPARE, middle, n, "loaded machine");
        run_until(&b, 200 * MS);
        visit(&b, SNAP_COMPARE, end, n_end, "resumed run");
        stop(&b);
        free(middle);
        free(end);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pc resume");
    TCase *tc = tcase_create("pc resume");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, two_counted_runs_are_the_same);
    tcase_add_test(tc, a_run_goes_on_after_a_snapshot_as_without);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
