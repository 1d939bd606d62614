/* opts.c - the table of options and what walks over it: parsing, help, advice on misspelt names.
 * Names and meaning are QEMU's where QEMU has the option. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/opts_priv.h"
#include <string.h>

#define AT(field) offsetof(struct opts, field)
static opt_setter set_action;

static const struct opt_row rows[] = {
    { .help = "Machine" },
    { "m", NULL, "SIZE", "memory in MiB, or with K, M or G (default 128)", set_ram, 0, 0 },
    { "cpu", NULL, "MODEL", "processor; 'help' lists the models", set_text, AT(cpu), 0 },
    { "engine", NULL, "NAME[,OPTION=VALUE]...", "how guest code is executed; 'help' lists the\n"
      "ways; lockstep=NAME runs two side by side and compares them, with\n"
      "every=block|N, memory=N, from=N instructions", set_engine, 0, 0 },
    { "machine", "M", "pc", "the only machine there is", set_machine, 0, 0 },
    { "device", NULL, "NAME[,PROPERTY=VALUE]...", "adds a device; 'help' and 'NAME,help' list",
      set_device, 0, 0 },
    { "name", NULL, "NAME", "what the monitor calls this machine", set_text, AT(name), 0 },
    { .help = "Disks (raw images)" },
    { "hda", NULL, "FILE", "first IDE disk; a FILE without an option is the same", set_hd, 0, 0 },
    { "hdb", NULL, "FILE", "second", set_hd, 0, 1 },
    { "hdc", NULL, "FILE", "third", set_hd, 0, 2 },
    { "hdd", NULL, "FILE", "fourth", set_hd, 0, 3 },
    { "cdrom", NULL, "FILE", "CD image, in the place of the third disk", set_cdrom, 0, 2 },
    { "fda", NULL, "FILE", "first floppy, 160K to 2.88M", set_fd, 0, 0 },
    { "fdb", NULL, "FILE", "second floppy", set_fd, 0, 1 },
    { "drive", NULL, "file=FILE[,NAME=VALUE]...", "a disk in full: if=ide|floppy, index=0..3,\n"
      "media=disk|cdrom, readonly=on|off, snapshot=on|off, format=raw", set_drive, 0, 0 },
    { "snapshot", NULL, NULL, "writes to disks last until the end of the program only", set_flag,
      AT(snapshot), 0 },
    { .help = "Booting" },
    { "boot", NULL, "[order=]acd[,menu=on|off]", "where to boot from: a floppy, c disk, d CD",
      set_boot, 0, 0 },
    { "kernel", NULL, "FILE", "boots a Linux bzImage or a multiboot image", set_text,
      AT(kernel), 0 },
    { "initrd", NULL, "FILE", "its initial RAM disk, or multiboot modules: FILE ARGS,FILE ARGS",
      set_text, AT(initrd), 0 },
    { "append", NULL, "TEXT", "its command line", set_text, AT(append), 0 },
    { "bios", NULL, "FILE", "firmware instead of godwit's own", set_text, AT(bios), 0 },
    { .help = "Terminal, ports (WHERE: stdio, file:PATH, pty, unix:PATH[,server][,nowait],\n"
      "tcp:HOST:PORT[,server][,nowait], null, none)" },
    { "serial", NULL, "WHERE", "COM1, and when given again COM2 to COM4; mon:stdio shares the\n"
      "terminal with the monitor", set_serial, 0, 0 },
    { "parallel", NULL, "WHERE", "LPT1", set_text, AT(parallel), 0 },
    { "monitor", NULL, "WHERE", "commands to the machine ('help' there lists them)", set_text,
      AT(monitor), 0 },
    { "debugcon", NULL, "WHERE", "what the guest writes to port E9h", set_text, AT(debugcon), 0 },
    { "display", NULL, "none|text", "text: text screens in this terminal; Ctrl-A H for help",
      set_display, 0, 0 },
    { "nographic", NULL, NULL, "no display; COM1 and the monitor in this terminal", set_flag,
      AT(nographic), 0 },
    { .help = "Running" },
    { "S", NULL, NULL, "starts stopped; 'cont' in the monitor starts it", set_flag, AT(paused), 0 },
    { "no-reboot", NULL, NULL, "a reset by the guest ends the program", set_flag,
      AT(no_reboot), 0 },
    { "no-shutdown", NULL, NULL, "a power-off by the guest stops it only", set_flag,
      AT(no_shutdown), 0 },
    { "icount", NULL, "shift=N", "an instruction takes 2^N ns (0 to 16): runs are repeatable",
      set_icount, 0, 0 },
    { "rtc", NULL, "base=utc|localtime|DATE", "the clock at the start; DATE is\n"
      "2012-01-31, 2012-01-31T23:59:59 or @SECONDS", set_rtc, 0, 0 },
    { "hostcap", NULL, "ITEM,...", "what generated code may not use here, for tests: noext,\n"
      "nomsa, unaligned=trap, page=16384, code=dual, ...; -version shows what there is", set_text,
      AT(hostcap), 0 },
    { "D", NULL, "FILE", "log and trace lines go there", set_text, AT(log_file), 0 },
    { "d", NULL, "guest,unimp,info", "logs the guest's errors, what is not modelled, progress",
      set_text, AT(log_items), 0 },
    { "trace", NULL, "EVENT,...", "a line for each event; 'help' lists them", set_text,
      AT(trace), 0 },
    { .help = "About" },
    { "help", "h", NULL, "this text", set_action, 0, OPTS_HELP },
    { "version", "V", NULL, "the version", set_action, 0, OPTS_VERSION },
};
enum { LOCKSTEP_SHIFT = 3 };        /* two machines agree only by counted time */
enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* What people bring along from QEMU and godwit does not have. */
static const struct { const char *name, *advice; } absent[] = {
    { "enable-kvm", "godwit executes guests itself on every host; leave it out" },
    { "accel", "godwit executes guests itself on every host; -engine chooses how" },
    { "smp", "the machine has one processor; leave it out" },
    { "net", "there is no network card; leave it out" },
    { "nic", "there is no network card; leave it out" },
    { "netdev", "there is no network card; leave it out" },
    { "usb", "there is no USB; leave it out" },
    { "vga", "the machine always has its one VGA; leave it out" },
    { "vnc", "-display text shows text screens, the monitor's screendump makes pictures" },
    { "curses", "write -display text" },
    { "gdb", "there is no debugger connection; the monitor shows registers and memory" },
    { "s", "there is no debugger connection; the monitor shows registers and memory" },
    { "loadvm", "there are no saved states" },
    { "daemonize", "use the shell's &, with -display none and -serial to a file or socket" },
    { "qmp", "the monitor understands people, not JSON: -monitor" },
    { "chardev", "name the place in -serial, -parallel, -monitor or -debugcon itself" },
    { "fw_cfg", "-kernel, -initrd and -append are what can be handed to the firmware" },
};

static int set_action(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    (void)arg;
    (void)e;
    o->action = (enum opts_action)r->index;
    return VM_OK;
}

static bool names(const struct opt_row *r, const char *s, size_t n)
{
    return (strlen(r->name) == n && memcmp(r->name, s, n) == 0) ||
           (r->alias && strlen(r->alias) == n && memcmp(r->alias, s, n) == 0);
}

static const struct opt_row *find(const char *s, size_t n)
{
    for (unsigned i = 0; i < N_ROWS; i++) {
        if (rows[i].name && names(&rows[i], s, n))
            return &rows[i];
    }
    return NULL;
}

/* Letters to change, add, drop or swap with a neighbour to get from a to b. */
static unsigned distance(const char *a, size_t n, const char *b)
{
    unsigned d[3][32];
    size_t m = strlen(b);

    if (n > 30 || m > 30)
        return 99;
    for (size_t i = 0; i <= n; i++) {
        unsigned *row = d[i % 3], *up = d[(i + 2) % 3], *up2 = d[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            if (i == 0) {
                row[j] = j;
                continue;
            }
            unsigned best = up[j - 1] + (a[i - 1] != b[j - 1]);

            best = up[j] + 1 < best ? up[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                up2[j - 2] + 1 < best)
                best = up2[j - 2] + 1;
            row[j] = best;
        }
    }
    return d[n % 3][m];
}

static int unknown(const char *s, size_t n, struct vm_error *e)
{
    const char *nearest = NULL;
    unsigned least = n < 5 ? 2 : 3;

    for (unsigned i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        if (strlen(absent[i].name) == n && memcmp(absent[i].name, s, n) == 0)
            return vm_fail(e, VM_EINVAL, "-%s: %s", absent[i].name, absent[i].advice);
    }
    for (unsigned i = 0; i < N_ROWS; i++) {
        unsigned d = rows[i].name ? distance(s, n, rows[i].name) : 99;

        if (d < least) {
            least = d;
            nearest = rows[i].name;
        }
    }
    if (nearest)
        return vm_fail(e, VM_EINVAL, "there is no option '-%.*s'; did you mean '-%s'?", (int)n, s,
                       nearest);
    return vm_fail(e, VM_EINVAL, "there is no option '-%.*s'; 'godwit -help' lists them", (int)n,
                   s);
}

/* One option and, when it takes one, its argument: returns how many of argv were used. */
static int parse_one(struct opts *o, int left, char *const *argv, struct vm_error *e)
{
    const char *s = argv[0] + (argv[0][1] == '-' ? 2 : 1);
    size_t n = strcspn(s, "=");
    const struct opt_row *r = find(s, n);

    if (!r)
        return unknown(s, n, e);
    if (!r->arg) {
        if (s[n])
            return vm_fail(e, VM_EINVAL, "-%s takes no value; write it alone", r->name);
        VM_TRY(r->set(o, r, NULL, e));
        return 1;
    }
    if (s[n]) {
        VM_TRY(r->set(o, r, s + n + 1, e));
        return 1;
    }
    if (left < 2)
        return vm_fail(e, VM_EINVAL, "-%s needs a value after it: -%s %s", r->name, r->name,
                       r->arg);
    VM_TRY(r->set(o, r, argv[1], e));
    return 2;
}

/* What no single option can see. */
static int check_together(const struct opts *o, struct vm_error *e)
{
    if (!o->kernel && (o->initrd || o->append))
        return vm_fail(e, VM_EINVAL, "%s is for a kernel given with -kernel, and none is",
                       o->initrd ? "-initrd" : "-append");
    if (o->nographic && o->display == OPTS_DISPLAY_TEXT)
        return vm_fail(e, VM_EINVAL, "-nographic and -display text both want this terminal; "
                       "leave one of them out");
    for (unsigned i = 0; o->display == OPTS_DISPLAY_TEXT && i < o->n_serial; i++) {
        if (strstr(o->serial[i], "stdio"))
            return vm_fail(e, VM_EINVAL, "-display text and -serial %s both want this terminal; "
                           "give one of them another place", o->serial[i]);
    }
    return VM_OK;
}

int opts_parse(struct opts *o, int argc, char *const *argv, struct vm_error *e)
{
    static const struct opt_row bare = { "hda", NULL, "FILE", NULL, set_hd, 0, 0 };

    *o = (struct opts){ .ram_bytes = 128u << 20, .icount_shift = -1, .argc = argc, .argv = argv };
    for (int i = 1; i < argc; ) {
        int used = 1;

        if (argv[i][0] == '-' && argv[i][1])
            used = parse_one(o, argc - i, argv + i, e);
        else
            VM_TRY(set_hd(o, &bare, argv[i], e));
        if (used < 0)
            return used;
        if (o->action != OPTS_RUN)
            return VM_OK;
        i += used;
    }
    if (o->cpu && strcmp(o->cpu, "help") == 0)
        o->action = OPTS_CPU_HELP;
    else if (o->trace && strcmp(o->trace, "help") == 0)
        o->action = OPTS_TRACE_HELP;
    if (o->engine.use[1].ops && o->icount_shift < 0)
        o->icount_shift = LOCKSTEP_SHIFT;
    return check_together(o, e);
}

static void print_text(FILE *out, const char *help)
{
    for (; *help; help++) {
        fputc(*help, out);
        if (*help == '\n')
            fprintf(out, "        ");
    }
    fputc('\n', out);
}

void opts_help(FILE *out)
{
    fprintf(out, "usage: godwit [options] [disk image]\n"
                 "Options begin with - or -- and have their value after a space or after =.\n");
    for (unsigned i = 0; i < N_ROWS; i++) {
        const struct opt_row *r = &rows[i];

        if (!r->name) {
            fprintf(out, "\n%s:\n", r->help);
            continue;
        }
        fprintf(out, "  -%s%s%s%s%s\n        ", r->name, r->alias ? ", -" : "",
                r->alias ? r->alias : "", r->arg ? " " : "", r->arg ? r->arg : "");
        print_text(out, r->help);
    }
}

void opts_each(void (*row)(void *self, const char *name, const char *alias), void *self)
{
    for (unsigned i = 0; i < N_ROWS; i++) {
        if (rows[i].name)
            row(self, rows[i].name, rows[i].alias);
    }
}
