/* test_chr.c - character backends: nothing typed is lost, nobody waits for one who has gone. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "devmodel/core/loop.h"
#include "devmodel/host/chr.h"
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* A device that takes as much as it is told to. */
struct sink { size_t room, n; char got[8192]; };

static size_t sink_room(void *dev)
{
    return ((struct sink *)dev)->room;
}

static void sink_rx(void *dev, const uint8_t *p, size_t n)
{
    struct sink *s = dev;

    ck_assert_uint_le(n, s->room);
    ck_assert_uint_lt(s->n + n, sizeof s->got);
    memcpy(s->got + s->n, p, n);
    s->n += n;
    s->got[s->n] = 0;
    s->room -= n;
}

static void attach(struct chr *c, struct sink *s)
{
    c->rx_room = sink_room;
    c->rx = sink_rx;
    c->dev = s;
}

static struct loop *loop;
static struct host_env env;
static struct vm_error err;

static void setup(void)
{
    ck_assert_int_eq(loop_new(&loop, &err), VM_OK);
    env = (struct host_env){ .loop = loop };
}

static void teardown(void)
{
    loop_free(loop);
}

static void polls(unsigned n)        /* of at most 3 ms each */
{
    while (n--)
        loop_poll(loop, 3000000);
}

static int pipe_to_stdin(void)
{
    int p[2];

    ck_assert_int_eq(pipe(p), 0);
    dup2(p[0], 0);
    close(p[0]);
    return p[1];
}

START_TEST(piped_input_waits_for_room_and_its_end_ends_nothing)
{
    struct chr c = { 0 };
    struct sink s = { .room = 0 };
    int w = pipe_to_stdin();

    ck_assert_int_eq(chr_stdio_open(&env, "", &c, &err), VM_OK);
    ck_assert_int_eq(write(w, "uname -m\n", 9), 9);
    close(w);
    polls(3);                        /* nobody is attached yet */
    attach(&c, &s);
    polls(3);
    ck_assert_uint_eq(s.n, 0);
    for (int i = 0; i < 9; i++) {
        s.room = 1;
        polls(3);
        ck_assert_uint_eq(s.n, (size_t)i + 1);
    }
    s.room = 1;
    polls(3);
    ck_assert_str_eq(s.got, "uname -m\n");
    c.ops->close(c.self);
}
END_TEST

START_TEST(input_without_room_does_not_spin)
{
    struct chr c = { 0 };
    struct sink s = { .room = 0 };
    int w = pipe_to_stdin();

    ck_assert_int_eq(chr_stdio_open(&env, "", &c, &err), VM_OK);
    attach(&c, &s);
    ck_assert_int_eq(write(w, "x", 1), 1);
    polls(2);
    int64_t start = loop_host_ns();
    polls(20);
    ck_assert_int_gt(loop_host_ns() - start, 15000000);
    c.ops->close(c.self);
}
END_TEST

START_TEST(stdio_has_one_user)
{
    struct chr a = { 0 }, b = { 0 };

    pipe_to_stdin();
    ck_assert_int_eq(chr_stdio_open(&env, "", &a, &err), VM_OK);
    ck_assert_int_eq(chr_stdio_open(&env, "", &b, &err), VM_EBUSY);
    ck_assert_ptr_nonnull(strstr(err.text, "mon:stdio"));
    a.ops->close(a.self);
    ck_assert_int_eq(chr_stdio_open(&env, "", &b, &err), VM_OK);
    b.ops->close(b.self);
}
END_TEST

START_TEST(a_terminal_is_raw_until_it_is_given_back)
{
    struct chr c = { 0 };
    struct sink s = { .room = 10 };
    struct termios t;
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    ck_assert(grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    dup2(slave, 0);
    ck_assert_int_eq(chr_stdio_open(&env, "", &c, &err), VM_OK);
    attach(&c, &s);
    tcgetattr(slave, &t);
    ck_assert(!(t.c_lflag & (ICANON | ECHO | ISIG)));
    ck_assert_int_eq(write(master, "\x03\rq", 3), 3);
    polls(3);
    ck_assert_str_eq(s.got, "\x03\rq");
    c.ops->close(c.self);
    tcgetattr(slave, &t);
    ck_assert((t.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
}
END_TEST

START_TEST(a_file_takes_output)
{
    char name[64], text[16] = "", args[96];
    struct chr c = { 0 };

    snprintf(name, sizeof name, "/tmp/godwit-chr-%d", (int)getpid());
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

    ck_assert_int_eq(chr_file_open(&env, name, &c, &err), VM_OK);
    ck_assert_uint_eq(c.ops->write(c.self, (const uint8_t *)"one", 3), 3);
    c.ops->close(c.self);
    snprintf(args, sizeof args, "%s,append", name);
    ck_assert_int_eq(chr_file_open(&env, args, &c, &err), VM_OK);
    c.ops->write(c.self, (const uint8_t *)"two", 3);
    c.ops->close(c.self);
    ck_assert_int_eq(read(fd, text, sizeof text), 6);
    ck_assert_str_eq(text, "onetwo");
    unlink(name);
}
END_TEST

/* What is given, and what the sentence must contain. */
static const struct {
    int (*open)(const struct host_env *, const char *, struct chr *, struct vm_error *);
    const char *args, *says;
} mistakes[] = {
    { chr_stdio_open, "x", "takes nothing after it" },
    { chr_null_open, "x", "takes nothing after it" },
    { chr_pty_open, "x", "takes nothing after it" },
    { chr_file_open, "", "needs a name" },
    { chr_file_open, "/nonexistent/x", "cannot be written" },
    { chr_file_open, "/tmp/x,speed=1", "'speed=1' is no option" },
    { chr_unix_open, "", "needs a name" },
    { chr_unix_open, "/nonexistent/x", "does not answer" },
    { chr_unix_open, "/tmp/x,telnet", "'telnet' is no option" },
    { chr_tcp_open, "localhost", "needs an address and a port" },
    { chr_tcp_open, "localhost:http", "a port is a number" },
    { chr_tcp_open, "localhost:70000", "a port is a number" },
    { chr_tcp_open, "example.org:80", "not looked up" },
};

START_TEST(a_mistake_is_explained)
{
    struct chr c = { 0 };

    ck_assert_int_lt(mistakes[_i].open(&env, mistakes[_i].args, &c, &err), 0);
    ck_assert_msg(strstr(err.text, mistakes[_i].says), "'%s' said: %s", mistakes[_i].args,
                  err.text);
    ck_assert_ptr_null(c.ops);
}
END_TEST

static int call(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

START_TEST(a_server_takes_one_peer_after_the_other)
{
    char path[64], args[96], text[8] = "";
    struct chr c = { 0 };
    struct sink s = { .room = 100 };
    struct stat st;

    snprintf(path, sizeof path, "/tmp/godwit-sock-%d", (int)getpid());
    snprintf(args, sizeof args, "%s,server,nowait", path);
    ck_assert_int_eq(chr_unix_open(&env, args, &c, &err), VM_OK);
    attach(&c, &s);
    ck_assert_uint_eq(c.ops->write(c.self, (const uint8_t *)"lost", 4), 4);
    for (int i = 0; i < 2; i++) {
        int fd = call(path);

        polls(2);
        ck_assert_int_eq(write(fd, "hi", 2), 2);
        polls(2);
        ck_assert_uint_eq(c.ops->write(c.self, (const uint8_t *)"yes", 3), 3);
        ck_assert_int_eq(read(fd, text, sizeof text), 3);
        close(fd);
        polls(2);
    }
    ck_assert_str_eq(s.got, "hihi");
    ck_assert_str_eq(text, "yes");
    c.ops->close(c.self);
    ck_assert_int_ne(stat(path, &st), 0);
}
END_TEST

START_TEST(a_client_talks_to_a_server_over_tcp)
{
    struct chr a = { 0 }, b = { 0 };
    struct sink s = { .room = 100 };
    char args[64];
    int port = 20000 + (int)getpid() % 20000, rc;

    do {                             /* somebody else may have the port */
        snprintf(args, sizeof args, "127.0.0.1:%d,server,nowait", ++port);
        rc = chr_tcp_open(&env, args, &a, &err);
    } while (rc == VM_EIO && port < 60000);
    ck_assert_int_eq(rc, VM_OK);
    attach(&a, &s);
    snprintf(args, sizeof args, "localhost:%d", port);
    ck_assert_int_eq(chr_tcp_open(&env, args, &b, &err), VM_OK);
    polls(2);
    b.ops->write(b.self, (const uint8_t *)"hello", 5);
    polls(3);
    ck_assert_str_eq(s.got, "hello");
    b.ops->close(b.self);
    a.ops->close(a.self);
}
END_TEST

START_TEST(a_full_peer_refuses_instead_of_stalling)
{
    char path[64], args[96];
    static uint8_t block[65536];
    struct chr c = { 0 };
    size_t n = 0;

    snprintf(path, sizeof path, "/tmp/godwit-full-%d", (int)getpid());
    snprintf(args, sizeof args, "%s,server,nowait", path);
    ck_assert_int_eq(chr_unix_open(&env, args, &c, &err), VM_OK);
    int fd = call(path);
    polls(2);
    for (int i = 0; i < 1000 && n != SIZE_MAX; i++) {
        if (c.ops->write(c.self, block, sizeof block) < sizeof block)
            n = SIZE_MAX;
    }
    ck_assert_uint_eq(n, SIZE_MAX);
    close(fd);
    c.ops->close(c.self);
}
END_TEST

/* ---- the switch ----------------------------------------------------------------------------- */
static char keys[16];
static unsigned key_focus;

static void on_key(void *self, unsigned focus, char key)
{
    (void)self;
    key_focus = focus;
    size_t n = strlen(keys);

    if (n + 1 < sizeof keys)
        keys[n] = key;
}

START_TEST(ctrl_a_changes_who_is_typed_to)
{
    struct chr_mem m;
    struct chr ends[CHR_MUX_ENDS];
    struct sink serial = { .room = 100 }, monitor = { .room = 100 };

    chr_mem_init(&m);
    ck_assert_int_eq(chr_mux_new(loop, &m.chr, ends, on_key, NULL, &err), VM_OK);
    attach(&ends[0], &serial);
    attach(&ends[1], &monitor);
    ck_assert_uint_eq(chr_mem_feed(&m, "a\x01\x01" "b\x01" "Cinfo\x01x\x01" "cz", 15), 15);
    ck_assert_str_eq(serial.got, "a\x01" "bz");
    ck_assert_str_eq(monitor.got, "info");
    ck_assert_str_eq(keys, "cxc");
    ck_assert_uint_eq(key_focus, 0);
    ends[0].ops->write(ends[0].self, (const uint8_t *)"S", 1);
    ends[1].ops->write(ends[1].self, (const uint8_t *)"M", 1);
    ck_assert_int_eq(memcmp(m.out, "SM", 2), 0);
    chr_mux_focus(&ends[1]);
    chr_mem_feed(&m, "q", 1);
    ck_assert_str_eq(monitor.got, "infoq");
    ends[1].ops->close(ends[1].self);
    ends[0].ops->close(ends[0].self);
}
END_TEST

START_TEST(the_switch_keeps_what_a_slow_device_cannot_take_yet)
{
    struct chr_mem m;
    struct chr ends[CHR_MUX_ENDS];
    struct sink serial = { .room = 0 };
    char text[256];

    memset(text, 'x', sizeof text);
    chr_mem_init(&m);
    ck_assert_int_eq(chr_mux_new(loop, &m.chr, ends, on_key, NULL, &err), VM_OK);
    attach(&ends[0], &serial);
    ck_assert_uint_eq(chr_mem_feed(&m, text, 256), 256);
    ck_assert_uint_eq(chr_mem_feed(&m, text, 1), 0);
    for (size_t n = 0; n < 256; n += 16) {
        serial.room = 16;
        polls(3);
        ck_assert_uint_eq(serial.n, n + 16);
    }
    ck_assert_uint_eq(chr_mem_feed(&m, text, 1), 1);
    ends[0].ops->close(ends[0].self);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("chr");
    TCase *t = tcase_create("backends");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, piped_input_waits_for_room_and_its_end_ends_nothing);
    tcase_add_test(t, input_without_room_does_not_spin);
    tcase_add_test(t, stdio_has_one_user);
    tcase_add_test(t, a_terminal_is_raw_until_it_is_given_back);
    tcase_add_test(t, a_file_takes_output);
    tcase_add_loop_test(t, a_mistake_is_explained, 0, sizeof mistakes / sizeof mistakes[0]);
    tcase_add_test(t, a_server_takes_one_peer_after_the_other);
    tcase_add_test(t, a_client_talks_to_a_server_over_tcp);
    tcase_add_test(t, a_full_peer_refuses_instead_of_stalling);
    tcase_add_test(t, ctrl_a_changes_who_is_typed_to);
    tcase_add_test(t, the_switch_keeps_what_a_slow_device_cannot_take_yet);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
