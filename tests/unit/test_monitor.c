/* test_monitor.c - the monitor's line, its commands on a bare machine, keys and waiting. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/monitor.h"
#include "devmodel/core/input.h"
#include "devmodel/core/loop.h"
#include "devmodel/core/mem.h"
#include "devmodel/host/chr.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct machine *machine;
static struct chr_mem chr;
static struct monitor *monitor;
static struct display display;
static char screen[256];
static struct mem_region ram_alias;
static struct vm_error err;

static int text(void *dev, char *out, size_t cap)
{
    (void)dev;
    if (strcmp(screen, "picture") == 0)
        return -1;
    return snprintf(out, cap, "%s", screen);
}

static const struct surface *surface(void *dev)
{
    static uint32_t px[4] = { 0, 1, 0, 0xffffff };
    static const struct surface s = { px, 2, 2, 2 };

    (void)dev;
    return &s;
}

static void refresh(void *dev)
{
    (void)dev;
}

static void setup_with(bool echo)
{
    const struct machine_options o = { .ram_bytes = 1 << 20, .gpa_bits = 36, .pci = true,
                                       .name = "test" };

    ck_assert_int_eq(machine_new(&machine, &o, &err), VM_OK);
    ram_alias = (struct mem_region){ .name = "ram", .kind = MEM_ALIAS, .size = o.ram_bytes,
                                     .target = machine_ram_region(machine) };
    mem_add(mem_root(machine_ram(machine)), &ram_alias, 0, 0);
    screen[0] = 0;
    display = (struct display){ .text = text, .surface = surface, .refresh = refresh };
    chr_mem_init(&chr);
    const struct monitor_env env = { .machine = machine, .display = &display, .name = "abc" };

    ck_assert_int_eq(monitor_new(&monitor, &env, &chr.chr, echo, &err), VM_OK);
}

static void setup(void)
{
    setup_with(false);
}

static void teardown(void)
{
    monitor_free(monitor);
    machine_free(machine);
}

/* Types and returns everything said since the last time. */
static const char *say(const char *typed)
{
    chr.n_out = 0;
    memset(chr.out, 0, sizeof chr.out);
    ck_assert_uint_eq(chr_mem_feed(&chr, typed, strlen(typed)), strlen(typed));
    return (const char *)chr.out;
}

static void polls(int64_t ns)
{
    int64_t end = loop_host_ns() + ns;

    while (loop_host_ns() < end)
        loop_poll(machine_loop(machine), 5000000);
}

static void expect(const char *typed, const char *said)
{
    const char *got = say(typed);

    ck_assert_msg(strstr(got, said), "%s\nsaid: %s\nnot: %s", typed, got, said);
}

START_TEST(the_first_byte_brings_greeting_and_prompt)
{
    expect("\n", "'help' lists the commands\n(godwit) (godwit) ");
}
END_TEST

START_TEST(a_terminal_gets_echo_and_can_correct)
{
    teardown();
    setup_with(true);
    say("\n");
    expect("infx\x7f" "o name\r\n", "infx\b \bo name\r\nabc\r\n(godwit) ");
    expect("nonsense\x15" "info name\r", "abc\r\n");
}
END_TEST

static const struct { const char *typed, *said; } talk[] = {
    { "help\n", "system_powerdown" },
    { "info\n", "info registers" },
    { "info name\n", "abc" },
    { "info status\n", "running, 0.000 s" },
    { "stop\ninfo status\n", "stopped" },
    { "info nosuch\n", "no info about 'nosuch'" },
    { "info cpu\n", "no processor" },
    { "info mem\n", "paging is off" },
    { "info mtree\n", "000000000-0000fffff RAM" },
    { "info timers\n", "now 0.0" },
    { "info pci\n", "(godwit)" },
    { "dance\n", "there is no command 'dance'" },
    { "x/4xb\n", "for instance: xp/8xb" },
    { "xp/4zz 0\n", "for instance: xp/8xb" },
    { "xp 0x10q\n", "'0x10q' is no address" },
    { "xp/2xb 0x7c00\n", "00007c00: 0x55 0xaa\n" },
    { "xp /1dh 0x7c00\n", "00007c00: -21931\n" },
    { "xp/1cb 0x7c00\n", "'U'" },
    { "xp 0xfffffffff\n", "0xffffffff" },
    { "xp/2i 0x7c00\n", "00007c00: push bp\n00007c01: stos" },
    { "sendkey\n", "sendkey needs keys" },
    { "sendkey ctrl-nokey\n", "no key 'nokey'" },
    { "type \x80\n", "cannot be typed" },
    { "wait x y\n", "wait SECONDS TEXT" },
    { "screen\n", "hello\n" },
    { "screendump\n", "needs the name of a file" },
    { "screendump x.gif\n", ".png" },
    { "digest\n", "digest " },
};

START_TEST(commands_answer)
{
    static const uint8_t boot[2] = { 0x55, 0xaa };

    mem_copy_out(machine_ram(machine), 0x7c00, boot, 2);
    strcpy(screen, "hello\n");
    expect(talk[_i].typed, talk[_i].said);
}
END_TEST

START_TEST(a_picture_is_described)
{
    strcpy(screen, "picture");
    expect("screen\n", "(godwit) picture 2x2, 3 colours, checksum ");
    strcpy(screen, "text\n");
    expect("screen\n", "text\npicture 2x2, 3 colours");
}
END_TEST

START_TEST(the_digest_follows_memory)
{
    char before[64];

    snprintf(before, sizeof before, "%s", strstr(say("digest\n"), "digest "));
    expect("digest\n", before);
    mem_write(machine_ram(machine), 0x1234, 1, 1);
    ck_assert_ptr_null(strstr(say("digest\n"), before));
}
END_TEST

START_TEST(a_wait_holds_the_commands_after_it)
{
    ck_assert_ptr_null(strstr(say("wait 5 A:\\>\ninfo name\n"), "abc"));
    polls(250000000);
    ck_assert_ptr_null(strstr((char *)chr.out, "abc"));
    strcpy(screen, "boot\nA:\\>\n");
    polls(250000000);
    ck_assert_ptr_nonnull(strstr((char *)chr.out, "seen: A:\\>\n(godwit) abc\n"));
}
END_TEST

START_TEST(a_wait_ends_in_time)
{
    say("wait 0.1 never\ninfo name\n");
    polls(350000000);
    ck_assert_ptr_nonnull(strstr((char *)chr.out, "not seen: never\n(godwit) abc\n"));
}
END_TEST

static char keys[256];
static unsigned refusals;

static bool on_key(void *kbd, enum input_key k, bool down)
{
    (void)kbd;
    if (refusals) {
        refusals--;
        return false;
    }
    size_t n = strlen(keys);

    snprintf(keys + n, sizeof keys - n, "%s%s ", down ? "+" : "-", input_key_name(k));
    return true;
}

START_TEST(keys_go_down_in_order_and_up_in_reverse)
{
    machine_input(machine)->key = on_key;
    keys[0] = 0;
    refusals = 2;                    /* a full keyboard: nothing is lost */
    say("sendkey ctrl-alt-delete\ntype aB\n");
    polls(600000000);
    ck_assert_str_eq(keys, "+ctrl +alt +delete -delete -alt -ctrl "
                           "+a -a +shift +b -b -shift ");
}
END_TEST

static enum exec_stop idle_run(void *self, int64_t max)
{
    (void)self;
    (void)max;
    return EXEC_HALT;
}

static uint64_t idle_insns(void *self)
{
    (void)self;
    return 0;
}

static void idle_kick(void *self)
{
    (void)self;
}

static void idle_reset(void *self, enum reset_kind k)
{
    (void)self;
    (void)k;
}

static const struct exec_ops idle_exec = { .run = idle_run, .insns = idle_insns, .kick = idle_kick,
                                    .reset = idle_reset };

START_TEST(quit_ends_the_machine_with_status_0)
{
    struct machine_end end;
    const struct machine_run_options run = { .icount_shift = MACHINE_HOST_TIME };

    machine_set_executor(machine, &idle_exec, NULL);
    say("quit\n");
    machine_run(machine, &run, &end);
    ck_assert_int_eq(end.why, END_QUIT);
    ck_assert_int_eq(end.status, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("monitor");
    TCase *t = tcase_create("commands");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_first_byte_brings_greeting_and_prompt);
    tcase_add_test(t, a_terminal_gets_echo_and_can_correct);
    tcase_add_loop_test(t, commands_answer, 0, sizeof talk / sizeof talk[0]);
    tcase_add_test(t, a_picture_is_described);
    tcase_add_test(t, the_digest_follows_memory);
    tcase_add_test(t, a_wait_holds_the_commands_after_it);
    tcase_add_test(t, a_wait_ends_in_time);
    tcase_add_test(t, keys_go_down_in_order_and_up_in_reverse);
    tcase_add_test(t, quit_ends_the_machine_with_status_0);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
