/* test_pc_snap.c - a whole PC saved, loaded, compared; and loaded from files changed at random. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/board/pc.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/snap.h"
#include <check.h>
#include <stdlib.h>
#include <zlib.h>

static uint8_t firmware[128 << 10];
static char *file, *forged;
static size_t file_size;
static struct vm_error err;

void x86_pin(struct x86_cpu *c, enum x86_pend pin, bool level)
{
    (void)c;
    (void)pin;
    (void)level;
}

/* A disk of 1 MiB that answers at once, but from the clock as every backend does. */
struct ram_disk { struct vtimer t; struct blk_req *head; uint8_t bytes[1 << 20]; };
static struct ram_disk disks[3];
static struct blk blks[3];

static void disk_info(void *self, struct blk_info *out)
{
    (void)self;
    *out = (struct blk_info){ .size = sizeof disks[0].bytes, .align = 512 };
}

static void disk_done(void *opaque, vtime_t due)
{
    struct ram_disk *d = opaque;

    (void)due;
    while (d->head) {
        struct blk_req *r = d->head;
        d->head = r->next;
        bool fits = r->off <= sizeof d->bytes && r->len <= sizeof d->bytes - r->off;
        if (fits && r->op == BLK_READ)
            memcpy(r->buf, d->bytes + r->off, r->len);
        if (fits && r->op == BLK_WRITE)
            memcpy(d->bytes + r->off, r->buf, r->len);
        r->done(r, fits || r->op == BLK_FLUSH ? VM_OK : VM_EINVAL);
    }
}

static void disk_submit(void *self, struct blk_req *r)
{
    struct ram_disk *d = self;

    if (!r->due)
        r->due = vclock_now(d->t.clock) + 1000;
    r->next = d->head;
    d->head = r;
    vtimer_arm(&d->t, r->due);
}

static void disk_cancel(void *self)
{
    struct ram_disk *d = self;

    while (d->head) {
        struct blk_req *r = d->head;
        d->head = r->next;
        r->done(r, VM_EIO);
    }
}

static void disk_close(void *self) { (void)self; }
static const struct blk_ops disk_ops = { disk_info, disk_submit, disk_cancel, disk_close };

static struct pc *build(void)
{
    struct pc_config c = { .firmware = { firmware, sizeof firmware, "test.rom" } };
    struct pc *pc;

    ck_assert_int_eq(pc_new(&pc, 2 << 20, &err), 0);
    for (unsigned i = 0; i < 3; i++) {
        disks[i].head = NULL;
        vtimer_init(&disks[i].t, machine_clock(pc_machine(pc)), "disk", disk_done, &disks[i]);
        blks[i] = (struct blk){ &disk_ops, &disks[i] };
    }
    c.ide[0].disk = &blks[0];
    c.ide[2].disk = &blks[1];
    c.ide[2].cdrom = true;
    c.floppy[1] = NULL;
    ck_assert_msg(pc_build(pc, &c, &err) == 0, "%s", err.text);
    machine_reset(pc_machine(pc), RESET_POWER_ON);
    return pc;
}

static int go(struct pc *pc, enum snap_mode mode, char *buf, size_t n)
{
    FILE *f = mode == SNAP_SAVE ? open_memstream(&file, &file_size) : fmemopen(buf, n, "rb");
    struct snap *s;
    int rc = snap_open(&s, mode, f, &err);

    if (rc == 0) {
        machine_snap(pc_machine(pc), s);
        ck_assert_msg(!snap_diff(s), "%s", snap_diff(s));
        rc = snap_close(s, &err);
    }
    fclose(f);
    return rc;
}

static const uint16_t ports[] = { 0x00, 0x08, 0x20, 0x40, 0x60, 0x61, 0x64, 0x70, 0x71, 0x80, 0x87,
                                  0x92, 0xa0, 0xc0, 0xd0, 0xf0, 0x170, 0x1ce, 0x1f0, 0x278, 0x2f8,
                                  0x378, 0x3b0, 0x3c0, 0x3c8, 0x3d0, 0x3f0, 0x3f5, 0x3f8, 0x4d0,
                                  0x510, 0x514, 0x600, 0xb000, 0xc000, 0xcf8, 0xcfc };

static void traffic(struct pc *pc, unsigned n)
{
    struct mem_space *sp = machine_ports(pc_machine(pc)), *mem = machine_ram(pc_machine(pc));

    while (n--) {
        uint16_t port = ports[(unsigned)rand() % (sizeof ports / 2)] + rand() % 8;
        unsigned size = 1u << rand() % 3;
        if (rand() % 2)
            mem_write(sp, port, (uint32_t)rand() * 3u, size);
        else
            mem_read(sp, port, size);
        if (rand() % 8 == 0)
            mem_write(mem, 0xa0000 + rand() % 0x20000, (uint32_t)rand(), size);
        if (rand() % 8 == 0)
            mem_read(mem, (rand() % 2 ? 0xfee00000 : 0xa0000) + rand() % 0x1000, size);
        if (rand() % 16 == 0)
            vclock_run(machine_clock(pc_machine(pc)),
                       vclock_now(machine_clock(pc_machine(pc))) + rand() % 1000000);
    }
}

/* Seed 8. */
START_TEST(a_busy_pc_is_the_same_after_a_snapshot)
{
    srand(8);
    for (unsigned i = 0; i < 20; i++) {
        struct pc *a = build();
        traffic(a, 3000);
        ck_assert_int_eq(go(a, SNAP_SAVE, NULL, 0), 0);
        char *first = file;
        size_t n = file_size;
        pc_free(a);
        struct pc *b = build();
        ck_assert_msg(go(b, SNAP_LOAD, first, n) == 0, "%s", err.text);
        ck_assert_int_eq(go(b, SNAP_COMPARE, first, n), 0);
        ck_assert_int_eq(go(b, SNAP_SAVE, NULL, 0), 0);
        ck_assert(n == file_size && memcmp(first, file, n) == 0);
        free(first);
        free(file);
        pc_free(b);
    }
}
END_TEST

static struct { size_t at, n; } fields[4096];
static unsigned n_fields;

/* Where the values of integer and byte fields lie: docs/snapshot-format.md. */
static void find_fields(void)
{
    size_t at = 12;

    n_fields = 0;
    while (at < file_size) {
        unsigned kind = (uint8_t)file[at];
        at += 2 + (uint8_t)file[at + 1];
        if (kind == 1)
            at += 4;
        if (kind == 4)
            break;
        if (kind != 3)
            continue;
        uint64_t n = vm_ld64(file + at + 1);
        bool pages = file[at] == 3;
        at += 9;
        if (!pages && n_fields < 4096) {
            fields[n_fields].at = at;
            fields[n_fields++].n = n;
            at += n;
        }
        for (; pages; at += 8 + GUEST_PAGE)
            if (vm_ld64(file + at) == n / GUEST_PAGE) {
                at += 8;
                break;
            }
    }
}

static void forge(char *copy)
{
    unsigned n = 1 + rand() % 4;

    memcpy(copy, file, file_size);
    while (n--) {
        unsigned i = (unsigned)rand() % n_fields;
        char *byte = copy + fields[i].at + (unsigned)rand() % fields[i].n;
        *byte = rand() % 3 ? *byte ^ 1 << rand() % 8 : rand();
    }
    vm_st32(copy + file_size - 4, crc32_z(0, (uint8_t *)copy, file_size - 4));
}

/* Seed 9. With a right checksum: what is loaded without a complaint must be within bounds. */
START_TEST(forged_files_cannot_break_the_machine)
{
    srand(9);
    struct pc *pc = build();
    unsigned loaded = 0;
    traffic(pc, 2000);
    ck_assert_int_eq(go(pc, SNAP_SAVE, NULL, 0), 0);
    find_fields();
    ck_assert_uint_gt(n_fields, 300);
    forged = malloc(file_size);
    for (unsigned i = 0; i < 300; i++) {
        forge(forged);
        if (go(pc, SNAP_LOAD, forged, file_size) == 0) {
            loaded++;
            traffic(pc, 300);
        }
        pc_free(pc);
        pc = build();
    }
    ck_assert_uint_gt(loaded, 100);
    free(forged);
    free(file);
    pc_free(pc);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pc snapshot");
    TCase *tc = tcase_create("pc snapshot");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_busy_pc_is_the_same_after_a_snapshot);
    tcase_add_test(tc, forged_files_cannot_break_the_machine);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
