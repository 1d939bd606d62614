/* test_opts.c - each option is read as documented, each mistake gets its sentence. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/opts.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct opts o;
static struct vm_error err;

/* Words separated by spaces, after the program's name. */
static int parse(const char *line)
{
    static char text[512], *argv[32];
    int argc = 1;

    snprintf(text, sizeof text, "%s", line);
    argv[0] = "godwit";
    for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    err.text[0] = 0;
    return opts_parse(&o, argc, argv, &err);
}

static void accept(const char *line)
{
    ck_assert_msg(parse(line) == VM_OK, "%s: %s", line, err.text);
}

START_TEST(nothing_given_is_a_128_mb_machine_on_host_time)
{
    accept("");
    ck_assert_int_eq(o.action, OPTS_RUN);
    ck_assert_uint_eq(o.ram_bytes, 128u << 20);
    ck_assert_int_eq(o.icount_shift, -1);
    ck_assert_uint_eq(o.n_serial, 0);
}
END_TEST

static const struct { const char *arg; uint64_t bytes; } sizes[] = {
    { "-m 1", 1u << 20 }, { "-m 64", 64u << 20 }, { "-m 64M", 64u << 20 }, { "-m 1g", 1u << 30 },
    { "-m 2048K", 2u << 20 }, { "-m 60G", 60ull << 30 }, { "--m=16", 16u << 20 },
};

START_TEST(sizes_are_in_mib_or_their_unit)
{
    accept(sizes[_i].arg);
    ck_assert_uint_eq(o.ram_bytes, sizes[_i].bytes);
}
END_TEST

START_TEST(disks_go_to_their_places)
{
    accept("-hda a -hdb b -cdrom c.iso -hdd d -fda fa -fdb fb -snapshot");
    ck_assert_str_eq(o.ide[0].file, "a");
    ck_assert_str_eq(o.ide[1].file, "b");
    ck_assert_str_eq(o.ide[2].file, "c.iso");
    ck_assert(o.ide[2].cdrom && o.ide[2].read_only && !o.ide[1].cdrom);
    ck_assert_str_eq(o.ide[3].file, "d");
    ck_assert_str_eq(o.floppy[0].file, "fa");
    ck_assert_str_eq(o.floppy[1].file, "fb");
    ck_assert(o.snapshot);
}
END_TEST

START_TEST(a_bare_file_is_the_first_disk)
{
    accept("disk.img -m 32");
    ck_assert_str_eq(o.ide[0].file, "disk.img");
    ck_assert_int_eq(parse("one two"), VM_EINVAL);
}
END_TEST

START_TEST(drive_fills_the_first_free_place)
{
    accept("-hda a -drive file=x,,y.img,readonly=on,format=raw -drive b,media=cdrom,index=3 "
           "-drive file=f,if=floppy,snapshot=on");
    ck_assert_str_eq(o.ide[1].file, "x,y.img");
    ck_assert(o.ide[1].read_only && !o.ide[1].cdrom);
    ck_assert_str_eq(o.ide[3].file, "b");
    ck_assert(o.ide[3].cdrom && o.ide[3].read_only);
    ck_assert_str_eq(o.floppy[0].file, "f");
    ck_assert(o.floppy[0].snapshot && !o.floppy[0].read_only);
}
END_TEST

START_TEST(boot_takes_order_and_menu)
{
    accept("-boot order=dca,menu=on");
    ck_assert_str_eq(o.boot_order, "dca");
    ck_assert(o.boot_menu);
    accept("-boot a");
    ck_assert_str_eq(o.boot_order, "a");
    ck_assert(!o.boot_menu);
}
END_TEST

START_TEST(a_kernel_has_its_disk_and_its_line)
{
    accept("-kernel k -initrd i -append console=ttyS0 -bios b -cpu pentium2");
    ck_assert_str_eq(o.kernel, "k");
    ck_assert_str_eq(o.initrd, "i");
    ck_assert_str_eq(o.append, "console=ttyS0");
    ck_assert_str_eq(o.bios, "b");
    ck_assert_str_eq(o.cpu, "pentium2");
}
END_TEST

START_TEST(ports_lead_to_where_they_are_told)
{
    accept("-serial mon:stdio -serial none -serial file:x -serial pty -parallel file:lpt "
           "-debugcon null -monitor unix:m,server,nowait");
    ck_assert_uint_eq(o.n_serial, 4);
    ck_assert_str_eq(o.serial[0], "mon:stdio");
    ck_assert_str_eq(o.serial[3], "pty");
    ck_assert_str_eq(o.parallel, "file:lpt");
    ck_assert_str_eq(o.debugcon, "null");
    ck_assert_str_eq(o.monitor, "unix:m,server,nowait");
}
END_TEST

START_TEST(flags_are_off_until_given)
{
    accept("");
    ck_assert(!o.nographic && !o.paused && !o.no_reboot && !o.no_shutdown && !o.snapshot);
    accept("-nographic -S -no-reboot --no-shutdown -snapshot");
    ck_assert(o.nographic && o.paused && o.no_reboot && o.no_shutdown && o.snapshot);
}
END_TEST

START_TEST(icount_and_rtc_are_read)
{
    accept("-icount shift=3 -rtc base=2012-01-31T23:59:59");
    ck_assert_int_eq(o.icount_shift, 3);
    ck_assert(o.rtc_fixed);
    ck_assert_int_eq(o.rtc_seconds, 1328054399);
    accept("-icount 0 -rtc base=@5");
    ck_assert_int_eq(o.icount_shift, 0);
    ck_assert_int_eq(o.rtc_seconds, 5);
    accept("-rtc base=localtime");
    ck_assert(o.rtc_local && !o.rtc_fixed);
    accept("-rtc base=1999-12-31");
    ck_assert_int_eq(o.rtc_seconds, 946598400);
}
END_TEST

START_TEST(the_rest_is_read)
{
    accept("-device isa-debug-exit,iobase=0xf4 -device x -display text -name n -D l -d guest,info "
           "-trace in,out -M pc");
    ck_assert_uint_eq(o.n_devices, 2);
    ck_assert_str_eq(o.device[0], "isa-debug-exit,iobase=0xf4");
    ck_assert_int_eq(o.display, OPTS_DISPLAY_TEXT);
    ck_assert_str_eq(o.name, "n");
    ck_assert_str_eq(o.log_file, "l");
    ck_assert_str_eq(o.log_items, "guest,info");
    ck_assert_str_eq(o.trace, "in,out");
}
END_TEST

static const struct { const char *line; enum opts_action action; } questions[] = {
    { "-help", OPTS_HELP }, { "--help", OPTS_HELP }, { "-h", OPTS_HELP },
    { "-m 4 --version -nonsense", OPTS_VERSION }, { "-cpu help", OPTS_CPU_HELP },
    { "-trace help", OPTS_TRACE_HELP },
    { "-device help", OPTS_DEVICE_HELP }, { "-device ata,help", OPTS_DEVICE_HELP },
};

START_TEST(questions_are_answered_instead_of_running)
{
    accept(questions[_i].line);
    ck_assert_int_eq(o.action, questions[_i].action);
}
END_TEST

/* The line, and what its sentence must contain. */
static const struct { const char *line, *says; } mistakes[] = {
    { "-serail stdio", "did you mean '-serial'" },
    { "-krenel k", "did you mean '-kernel'" },
    { "-cdrm x", "did you mean '-cdrom'" },
    { "-zzzzzz", "'godwit -help' lists them" },
    { "-enable-kvm", "executes guests itself" },
    { "-smp 2", "one processor" },
    { "-net user", "no network card" },
    { "-m", "-m needs a value after it: -m SIZE" },
    { "-m lots", "'lots' is no size" },
    { "-m 12x", "'12x' is no size" },
    { "-m -5", "'-5' is no size" },
    { "-m 61G", "out of range" },
    { "-m 4K", "out of range" },
    { "-m 1025K", "not a multiple of 4K" },
    { "-m 99999999999999999999", "is no size" },
    { "-snapshot=on", "takes no value" },
    { "-hda a -hda b", "hda has 'a' already" },
    { "-hdc a -cdrom b", "hdc has 'a' already" },
    { "-hda=", "names no file" },
    { "-drive if=ide", "names no file" },
    { "-drive file=a,if=scsi", "if is ide or floppy, not 'scsi'" },
    { "-drive file=a,format=qcow2", "convert the image to raw" },
    { "-drive file=a,media=tape", "media is disk or cdrom" },
    { "-drive file=a,index=4", "index is 0 to 3" },
    { "-drive file=a,readonly=maybe", "readonly is on or off" },
    { "-drive file=a,cache=none", "does not know 'cache'; it takes file, if" },
    { "-drive file=a,if=floppy,media=cdrom", "takes no CD" },
    { "-drive a -drive b -drive c -drive d -drive e", "this is one more" },
    { "-boot n", "no network to boot from" },
    { "-boot order=xa", "the letters are a (floppy)" },
    { "-boot order=aa", "each once" },
    { "-boot acdacdacd", "too long" },
    { "-boot once=d", "does not know 'once'" },
    { "-boot menu=perhaps", "menu is on or off" },
    { "-initrd i", "-initrd is for a kernel" },
    { "-append x", "-append is for a kernel" },
    { "-kernel a -kernel b", "given twice, 'a' and 'b'" },
    { "-serial a -serial b -serial c -serial d -serial e", "a fifth time" },
    { "-serial=", "'none' leaves a port out" },
    { "-display gtk", "there is no display 'gtk'" },
    { "-display none -display text", "given twice" },
    { "-nographic -display text", "both want this terminal" },
    { "-display text -serial mon:stdio", "both want this terminal" },
    { "-icount shift=17", "0 to 16" },
    { "-icount auto", "0 to 16" },
    { "-icount align=on", "does not know 'align'" },
    { "-rtc base=tomorrow", "base is utc, localtime, a date" },
    { "-rtc base=2012-13-40", "base is utc, localtime, a date" },
    { "-rtc clock=vm", "does not know 'clock'" },
    { "-device ,x=1", "names no device" },
    { "-M q35", "only machine is 'pc'" },
    { "-cpu=", "empty value" },
};

START_TEST(a_mistake_is_explained)
{
    ck_assert_int_eq(parse(mistakes[_i].line), VM_EINVAL);
    ck_assert_msg(strstr(err.text, mistakes[_i].says), "%s\n  said: %s\n  not: %s",
                  mistakes[_i].line, err.text, mistakes[_i].says);
}
END_TEST

static char *read_all(FILE *f, size_t *n)
{
    static char text[64 << 10];

    rewind(f);
    *n = fread(text, 1, sizeof text - 1, f);
    text[*n] = 0;
    fclose(f);
    return text;
}

struct document { const char *text; const char *form; };

static void is_there(void *self, const char *name, const char *alias)
{
    const struct document *d = self;
    char want[64];

    (void)alias;
    for (const char *s = name; *s; s++)
        ck_assert_msg(strchr("abcdefghijklmnopqrstuvwxyzDSMV-0123456789", *s), "%s", name);
    snprintf(want, sizeof want, d->form, name);
    ck_assert_msg(strstr(d->text, want), "-%s is not documented", name);
}

START_TEST(engine_names_one_or_two_in_lockstep)
{
    accept("");
    ck_assert(!o.engine.use[0].ops && !o.engine.use[1].ops);
    accept("-engine step");
    ck_assert(o.engine.use[0].ops == &engine_step && !o.engine.use[1].ops);
    ck_assert_int_eq(o.icount_shift, -1);
    accept("-engine interp,a=1,b,lockstep=step,every=1000,c=x,memory=5,from=7");
    ck_assert(o.engine.use[0].ops == &engine_interp && o.engine.use[1].ops == &engine_step);
    ck_assert_str_eq(o.engine.use[0].options, "a=1,b");
    ck_assert_str_eq(o.engine.use[1].options, "c=x");
    ck_assert(o.engine.every == 1000 && o.engine.memory == 5 && o.engine.from == 7);
    ck_assert_int_ge(o.icount_shift, 0);
    accept("-engine step,lockstep=interp,every=block -icount shift=1");
    ck_assert(o.engine.every == 0 && o.icount_shift == 1);
}
END_TEST

static const struct { const char *line, *sentence; } wrong_engines[] = {
    { "-engine nosuch", "the engines are: interp, step" },
    { "-engine every=3", "begins with the name" },
    { "-engine interp,lockstep=nosuch", "no engine 'nosuch'" },
    { "-engine interp,every=3", "lockstep=NAME before it" },
    { "-engine interp,lockstep=step,every=0", "block or a number of instructions from 1" },
    { "-engine interp,lockstep=step,memory=x", "a number of instructions" },
    { "-engine interp,lockstep=step,lockstep=interp", "second lockstep=" },
    { "-engine interp -engine step", "given twice" },
};

START_TEST(wrong_engines_get_a_sentence)
{
    ck_assert_int_eq(parse(wrong_engines[_i].line), VM_EINVAL);
    ck_assert_msg(strstr(err.text, wrong_engines[_i].sentence), "%s", err.text);
}
END_TEST

START_TEST(the_help_names_every_option)
{
    FILE *f = tmpfile();
    size_t n;

    ck_assert_ptr_nonnull(f);
    opts_help(f);
    struct document d = { read_all(f, &n), "\n  -%s" };
    opts_each(is_there, &d);
    for (const char *line = d.text; *line; ) {
        size_t len = strcspn(line, "\n");

        ck_assert_msg(len <= 100, "%.*s", (int)len, line);
        line += len + 1;
    }
}
END_TEST

/* Under qemu-user and from make, the tests run in the top folder. */
START_TEST(the_manual_page_has_every_option)
{
    FILE *f = fopen("cmd/godwit/godwit.1", "r");
    size_t n;

    ck_assert_ptr_nonnull(f);
    struct document d = { read_all(f, &n), "\n.BI \\-%s" };
    opts_each(is_there, &d);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("opts");
    TCase *t = tcase_create("options");

    tcase_add_test(t, nothing_given_is_a_128_mb_machine_on_host_time);
    tcase_add_loop_test(t, sizes_are_in_mib_or_their_unit, 0, sizeof sizes / sizeof sizes[0]);
    tcase_add_test(t, disks_go_to_their_places);
    tcase_add_test(t, a_bare_file_is_the_first_disk);
    tcase_add_test(t, drive_fills_the_first_free_place);
    tcase_add_test(t, boot_takes_order_and_menu);
    tcase_add_test(t, a_kernel_has_its_disk_and_its_line);
    tcase_add_test(t, ports_lead_to_where_they_are_told);
    tcase_add_test(t, flags_are_off_until_given);
    tcase_add_test(t, icount_and_rtc_are_read);
    tcase_add_test(t, the_rest_is_read);
    tcase_add_loop_test(t, questions_are_answered_instead_of_running, 0,
                        sizeof questions / sizeof questions[0]);
    tcase_add_loop_test(t, a_mistake_is_explained, 0, sizeof mistakes / sizeof mistakes[0]);
    tcase_add_test(t, engine_names_one_or_two_in_lockstep);
    tcase_add_loop_test(t, wrong_engines_get_a_sentence, 0,
                        sizeof wrong_engines / sizeof wrong_engines[0]);
    tcase_add_test(t, the_help_names_every_option);
    tcase_add_test(t, the_manual_page_has_every_option);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
