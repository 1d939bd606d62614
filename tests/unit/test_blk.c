/* test_blk.c - disks on the host: raw files, locks, copy on write, faults, order on the clock. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/clock.h"
#include "devmodel/host/host.h"
#include "devmodel/host/image.h"
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64], name[100];
static struct vclock *clock_;
static struct host_env env;
static struct vm_error e;
static unsigned done_count, syncs;
static int last_rc;
static uint8_t synced_byte;                      /* the file's first byte when it was synced */

/* In place of libc's: what is in the file at that moment is what a crash would leave. */
int fdatasync(int fd)
{
    syncs++;
    ck_assert_int_eq(pread(fd, &synced_byte, 1, 0), 1);
    return 0;
}

static void make_file(off_t bytes)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    for (off_t i = 0; i < bytes; i++) {
        uint8_t v = (uint8_t)(i / 512 + 1);
        ck_assert_int_eq(write(fd, &v, 1), 1);
    }
    close(fd);
}

static void setup(void)
{
    const char *dir = getenv("TMPDIR");

    snprintf(path, sizeof path, "%s/godwit-blk-%d", dir ? dir : "/tmp", (int)getpid());
    ck_assert_int_eq(vclock_new(&clock_, &e), 0);
    env = (struct host_env){ .clock = clock_ };
    done_count = syncs = 0;
    make_file(4096);
}

static void teardown(void)
{
    unlink(path);
    vclock_free(clock_);
}

static void on_done(struct blk_req *r, int rc)
{
    (void)r;
    done_count++;
    last_rc = rc;
}

static void run(void)
{
    while (vclock_next(clock_) != VTIME_NEVER)
        vclock_run(clock_, vclock_next(clock_));
}

static int do_op(struct blk *d, enum blk_op op, uint64_t off, void *buf, size_t len)
{
    struct blk_req r = { .op = op, .off = off, .buf = buf, .len = len, .done = on_done };
    unsigned before = done_count;

    d->ops->submit(d->self, &r);
    ck_assert_uint_eq(done_count, before);       /* never from inside submit */
    run();
    ck_assert_uint_eq(done_count, before + 1);
    return last_rc;
}

static struct blk must_open(const char *options)
{
    struct blk d;

    snprintf(name, sizeof name, "file:%s%s", path, options);
    ck_assert_msg(host_open_blk(&env, name, &d, &e) == 0, "%s", e.text);
    return d;
}

static uint8_t file_byte(off_t at)
{
    int fd = open(path, O_RDONLY);
    uint8_t v = 0;

    ck_assert_int_eq(pread(fd, &v, 1, at), 1);
    close(fd);
    return v;
}

START_TEST(a_raw_file_is_read_and_written)
{
    struct blk d = must_open("");
    struct blk_info info;
    uint8_t p[1024];

    d.ops->info(d.self, &info);
    ck_assert(info.size == 4096 && info.align == 512 && !info.read_only);
    ck_assert_int_eq(do_op(&d, BLK_READ, 512, p, 1024), 0);
    ck_assert(p[0] == 2 && p[512] == 3);
    memset(p, 0xee, 512);
    ck_assert_int_eq(do_op(&d, BLK_WRITE, 1024, p, 512), 0);
    ck_assert_uint_eq(file_byte(1024), 0xee);
    ck_assert_int_eq(do_op(&d, BLK_READ, 4096, p, 512), VM_EINVAL);
    ck_assert_int_eq(do_op(&d, BLK_READ, UINT64_MAX - 511, p, 512), VM_EINVAL);
    ck_assert_int_eq(do_op(&d, BLK_READ, 3584, p, 1024), VM_EINVAL);
    ck_assert_int_eq(do_op(&d, BLK_READ, 100, p, 512), VM_EINVAL);
    d.ops->close(d.self);
}
END_TEST

START_TEST(flush_syncs_after_the_writes_before_it)
{
    struct blk d = must_open("");
    uint8_t p[512];
    struct blk_req w = { .op = BLK_WRITE, .buf = p, .len = 512, .done = on_done };
    struct blk_req f = { .op = BLK_FLUSH, .done = on_done };

    memset(p, 0x77, 512);
    d.ops->submit(d.self, &w);
    d.ops->submit(d.self, &f);
    ck_assert_uint_eq(file_byte(0), 1);
    run();
    ck_assert_uint_eq(done_count, 2);
    ck_assert_uint_eq(syncs, 1);
    ck_assert_uint_eq(synced_byte, 0x77);
    d.ops->close(d.self);
}
END_TEST

START_TEST(a_read_only_disk_refuses_writes)
{
    struct blk d = must_open(",ro");
    struct blk_info info;
    uint8_t p[512] = { 0 };

    d.ops->info(d.self, &info);
    ck_assert(info.read_only);
    ck_assert_int_eq(do_op(&d, BLK_WRITE, 0, p, 512), VM_EIO);
    ck_assert_int_eq(do_op(&d, BLK_FLUSH, 0, NULL, 0), 0);
    ck_assert_uint_eq(syncs, 0);
    ck_assert_uint_eq(file_byte(0), 1);
    d.ops->close(d.self);
}
END_TEST

START_TEST(an_odd_tail_reads_as_zeros_and_writing_it_lengthens_the_file)
{
    struct blk d;
    uint8_t p[512];
    struct stat st;

    make_file(700);
    d = must_open("");
    ck_assert_int_eq(do_op(&d, BLK_READ, 512, p, 512), 0);
    ck_assert(p[187] == 2 && p[188] == 0 && p[511] == 0);
    ck_assert_int_eq(do_op(&d, BLK_WRITE, 512, p, 512), 0);
    d.ops->close(d.self);
    stat(path, &st);
    ck_assert_int_eq(st.st_size, 1024);
}
END_TEST

START_TEST(a_second_writer_is_refused_by_name)
{
    struct blk first = must_open(""), d;

    ck_assert_int_eq(host_open_blk(&env, name, &d, &e), VM_EBUSY);
    ck_assert_ptr_nonnull(strstr(e.text, path));
    snprintf(name, sizeof name, "file:%s,ro", path);
    ck_assert_int_eq(host_open_blk(&env, name, &d, &e), VM_EBUSY);
    first.ops->close(first.self);
    first = must_open(",ro");
    d = must_open(",snapshot");
    struct blk third;
    snprintf(name, sizeof name, "file:%s", path);
    ck_assert_int_eq(host_open_blk(&env, name, &third, &e), VM_EBUSY);
    first.ops->close(first.self);
    d.ops->close(d.self);
}
END_TEST

START_TEST(snapshot_mode_never_touches_the_file)
{
    env.snapshot = true;
    struct blk d = must_open("");
    uint8_t p[2048];

    memset(p, 0xaa, 512);
    ck_assert_int_eq(do_op(&d, BLK_WRITE, 1024, p, 512), 0);
    ck_assert_int_eq(do_op(&d, BLK_FLUSH, 0, NULL, 0), 0);
    ck_assert_int_eq(do_op(&d, BLK_READ, 512, p, 2048), 0);
    ck_assert(p[0] == 2 && p[512] == 0xaa && p[1023] == 0xaa && p[1024] == 4);
    ck_assert_uint_eq(file_byte(1024), 3);
    ck_assert_int_eq(chmod(path, 0400), 0);
    d.ops->close(d.self);
    d = must_open("");                           /* nor does it need the right to write */
    ck_assert_int_eq(do_op(&d, BLK_READ, 1024, p, 512), 0);
    ck_assert_uint_eq(p[0], 3);
    d.ops->close(d.self);
}
END_TEST

START_TEST(the_nth_operation_fails_and_sticky_ones_stay)
{
    struct blk d;
    uint8_t p[512];

    snprintf(name, sizeof name, "fault:%s,nth=2", path);
    ck_assert_int_eq(host_open_blk(&env, name, &d, &e), 0);
    ck_assert_int_eq(do_op(&d, BLK_READ, 0, p, 512), 0);
    ck_assert_int_eq(do_op(&d, BLK_FLUSH, 0, NULL, 0), VM_EIO);
    ck_assert_int_eq(do_op(&d, BLK_READ, 0, p, 512), 0);
    d.ops->close(d.self);
    snprintf(name, sizeof name, "fault:%s,nth=1,sticky", path);
    ck_assert_int_eq(host_open_blk(&env, name, &d, &e), 0);
    ck_assert_int_eq(do_op(&d, BLK_READ, 0, p, 512), VM_EIO);
    ck_assert_int_eq(do_op(&d, BLK_READ, 0, p, 512), VM_EIO);
    d.ops->close(d.self);
}
END_TEST

START_TEST(requests_keep_their_order_and_fixed_latency)
{
    struct blk d;
    uint8_t p[512] = { 5 };
    struct blk_req a = { .op = BLK_WRITE, .buf = p, .len = 512, .done = on_done }, b = a, c = a;

    ck_assert_int_eq(host_open_blk(&env, "mem:64K", &d, &e), 0);
    vclock_run(clock_, 1000);
    d.ops->submit(d.self, &a);
    d.ops->submit(d.self, &b);
    ck_assert_int_eq(a.due, 1000 + BLK_LATENCY);
    ck_assert_int_eq(b.due, 1000 + 2 * BLK_LATENCY);
    vclock_run(clock_, a.due ? 1000 + BLK_LATENCY : 0);
    ck_assert_uint_eq(done_count, 1);
    c.due = 1000 + BLK_LATENCY + 1;              /* asked for by a loaded snapshot: after b still */
    d.ops->submit(d.self, &c);
    ck_assert_int_eq(c.due, b.due);
    run();
    ck_assert_uint_eq(done_count, 3);
    d.ops->close(d.self);
}
END_TEST

START_TEST(cancel_ends_every_request_before_it_returns)
{
    struct blk d = must_open("");
    uint8_t p[512] = { 9 };
    struct blk_req a = { .op = BLK_WRITE, .buf = p, .len = 512, .done = on_done }, b = a;

    d.ops->submit(d.self, &a);
    d.ops->submit(d.self, &b);
    d.ops->cancel(d.self);
    ck_assert_uint_eq(done_count, 2);
    ck_assert_int_eq(last_rc, VM_EIO);
    run();
    ck_assert_uint_eq(file_byte(0), 1);
    d.ops->close(d.self);
}
END_TEST

static void refused(const char *spec, enum vm_err code, const char *text)
{
    struct blk d;

    ck_assert_int_eq(host_open_blk(&env, spec, &d, &e), code);
    ck_assert_msg(strstr(e.text, text) != NULL, "\"%s\" does not say \"%s\"", e.text, text);
}

START_TEST(what_cannot_be_opened_is_explained)
{
    make_file(0);
    refused("file:/nonexistent/disk.img", VM_ENOENT, "does not exist");
    refused("file:/dev", VM_EIO, "directory");
    refused("file:/dev,ro", VM_EINVAL, "neither a file nor a block device");
    refused("file:/dev/null", VM_EINVAL, "neither a file nor a block device");
    refused(path, VM_EINVAL, "empty");
    refused("file:", VM_EINVAL, "file name");
    refused("file:a.img,rw", VM_EINVAL, "ro, snapshot");
    refused("mem:12X", VM_EINVAL, "mem:64M");
    refused("mem:-1", VM_EINVAL, "no size");
    refused("mem:1000", VM_EINVAL, "multiple of 512");
    refused("mem:99999999999G", VM_EINVAL, "no size");
    struct chr c;
    ck_assert_int_eq(host_open_chr(&env, "nosuch:1", &c, &e), VM_EINVAL);
    ck_assert_ptr_nonnull(strstr(e.text, "nosuch"));
}
END_TEST

START_TEST(arguments_are_split_at_single_commas)
{
    char v[16];

    ck_assert(host_arg("a,,b,ro,nth=7", NULL, v, sizeof v));
    ck_assert_str_eq(v, "a,b");
    ck_assert(host_arg("a,,b,ro,nth=7", "nth", v, sizeof v));
    ck_assert_str_eq(v, "7");
    ck_assert(host_arg("a,,b,ro,nth=7", "ro", v, sizeof v));
    ck_assert_str_eq(v, "");
    ck_assert(!host_arg("a,,b,ro,nth=7", "b", v, sizeof v));
    ck_assert(!host_arg("a,,b,ro,nth=7", "nt", v, sizeof v));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("blk");
    TCase *tc = tcase_create("blk");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_raw_file_is_read_and_written);
    tcase_add_test(tc, flush_syncs_after_the_writes_before_it);
    tcase_add_test(tc, a_read_only_disk_refuses_writes);
    tcase_add_test(tc, an_odd_tail_reads_as_zeros_and_writing_it_lengthens_the_file);
    tcase_add_test(tc, a_second_writer_is_refused_by_name);
    tcase_add_test(tc, snapshot_mode_never_touches_the_file);
    tcase_add_test(tc, the_nth_operation_fails_and_sticky_ones_stay);
    tcase_add_test(tc, requests_keep_their_order_and_fixed_latency);
    tcase_add_test(tc, cancel_ends_every_request_before_it_returns);
    tcase_add_test(tc, what_cannot_be_opened_is_explained);
    tcase_add_test(tc, arguments_are_split_at_single_commas);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
