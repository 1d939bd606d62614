/* opts_values.c - how the value of each option is read into struct opts.
 * A setter returns VM_EINVAL with a sentence that names the option, the value and what would do. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "cmd/godwit/opts_priv.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

bool opt_next_pair(const char **list, struct opt_pair *p, const char *bare)
{
    const char *s = *list;
    size_t n = 0, eq = strcspn(s, "=,");

    if (!*s)
        return false;
    if (s[eq] == '=') {
        snprintf(p->name, sizeof p->name, "%.*s", (int)eq, s);
        s += eq + 1;
    } else {
        snprintf(p->name, sizeof p->name, "%s", bare);
    }
    for (; *s && (*s != ',' || s[1] == ','); s++) {
        if (n + 1 < sizeof p->value)
            p->value[n++] = *s;
        s += *s == ',';
    }
    p->value[n] = 0;
    *list = *s ? s + 1 : s;
    return true;
}

int opt_bool(const char *option, const struct opt_pair *p, bool *out, struct vm_error *e)
{
    static const char *const words[] = { "off", "on", "no", "yes", "false", "true", "0", "1" };

    for (unsigned i = 0; i < 8; i++) {
        if (strcmp(p->value, words[i]) == 0) {
            *out = i & 1;
            return VM_OK;
        }
    }
    return vm_fail(e, VM_EINVAL, "-%s: %s is on or off, not '%.60s'", option, p->name, p->value);
}

static int unknown_pair(const char *option, const struct opt_pair *p, const char *known,
                        struct vm_error *e)
{
    return vm_fail(e, VM_EINVAL, "-%s does not know '%s'; it takes %s", option, p->name, known);
}

int set_flag(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    (void)arg;
    (void)e;
    *(bool *)((char *)o + r->at) = true;
    return VM_OK;
}

int set_text(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    const char **field = (const char **)((char *)o + r->at);

    if (!*arg)
        return vm_fail(e, VM_EINVAL, "-%s has an empty value; write -%s %s", r->name, r->name,
                       r->arg);
    if (*field && strcmp(*field, arg) != 0)
        return vm_fail(e, VM_EINVAL, "-%s is given twice, '%.70s' and '%.70s'; leave one out",
                       r->name, *field, arg);
    *field = arg;
    return VM_OK;
}

int set_ram(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    static const char units[] = "KMG";
    char *end;
    const char *unit;
    unsigned shift = 20;

    (void)r;
    errno = 0;
    unsigned long long n = strtoull(arg, &end, 10);

    if (*end && (unit = strchr(units, *end & ~0x20)) != NULL && *unit) {
        shift = 10 * (unsigned)(unit - units + 1);
        end++;
    }
    if (end == arg || *arg == '-' || *end || errno)
        return vm_fail(e, VM_EINVAL, "-m '%.40s' is no size; write 64, 64M or 1G", arg);
    if (n > (60ull << 30) >> shift || n << shift < 1u << 20)
        return vm_fail(e, VM_EINVAL, "-m %.40s is out of range; the machine takes 1M to 60G", arg);
    if ((n << shift) % GUEST_PAGE)
        return vm_fail(e, VM_EINVAL, "-m %.40s is not a multiple of 4K", arg);
    o->ram_bytes = n << shift;
    return VM_OK;
}

static int put_disk(struct opts_disk *d, const char *option, const char *place, const char *file,
                    struct vm_error *e)
{
    if (!*file)
        return vm_fail(e, VM_EINVAL, "-%s names no file", option);
    if (strlen(file) >= sizeof d->file)
        return vm_fail(e, VM_EINVAL, "-%s: the file's name is longer than %zu bytes", option,
                       sizeof d->file - 1);
    if (d->file[0])
        return vm_fail(e, VM_EINVAL, "-%s: %s has '%.60s' already; choose another place", option,
                       place, d->file);
    snprintf(d->file, sizeof d->file, "%s", file);
    return VM_OK;
}

static const char *const ide_names[OPTS_IDE] = { "hda", "hdb", "hdc", "hdd" };
static const char *const fd_names[OPTS_FLOPPY] = { "fda", "fdb" };

int set_hd(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    return put_disk(&o->ide[r->index], r->name, ide_names[r->index], arg, e);
}

int set_fd(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    return put_disk(&o->floppy[r->index], r->name, fd_names[r->index], arg, e);
}

int set_cdrom(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    VM_TRY(put_disk(&o->ide[r->index], r->name, ide_names[r->index], arg, e));
    o->ide[r->index].cdrom = true;
    o->ide[r->index].read_only = true;
    return VM_OK;
}

struct drive {                       /* what -drive has said so far */
    struct opts_disk disk;
    bool floppy;
    int index;                       /* -1 = the first free */
};

static int drive_pair(struct drive *d, const struct opt_pair *p, struct vm_error *e)
{
    static const char known[] = "file, if, index, media, format, readonly and snapshot";

    if (strcmp(p->name, "file") == 0)
        return put_disk(&d->disk, "drive", "it", p->value, e);
    if (strcmp(p->name, "readonly") == 0)
        return opt_bool("drive", p, &d->disk.read_only, e);
    if (strcmp(p->name, "snapshot") == 0)
        return opt_bool("drive", p, &d->disk.snapshot, e);
    if (strcmp(p->name, "if") == 0) {
        d->floppy = strcmp(p->value, "floppy") == 0;
        if (d->floppy || strcmp(p->value, "ide") == 0)
            return VM_OK;
        return vm_fail(e, VM_EINVAL, "-drive: if is ide or floppy, not '%.60s'", p->value);
    }
    if (strcmp(p->name, "media") == 0) {
        d->disk.cdrom = strcmp(p->value, "cdrom") == 0;
        if (d->disk.cdrom || strcmp(p->value, "disk") == 0)
            return VM_OK;
        return vm_fail(e, VM_EINVAL, "-drive: media is disk or cdrom, not '%.60s'", p->value);
    }
    if (strcmp(p->name, "format") == 0) {
        if (strcmp(p->value, "raw") == 0)
            return VM_OK;
        return vm_fail(e, VM_EINVAL, "-drive: format '%.60s' cannot be read; convert the image to "
                       "raw", p->value);
    }
    if (strcmp(p->name, "index") == 0) {
        if (p->value[0] < '0' || p->value[0] > '3' || p->value[1])
            return vm_fail(e, VM_EINVAL, "-drive: index is 0 to 3, not '%.60s'", p->value);
        d->index = p->value[0] - '0';
        return VM_OK;
    }
    return unknown_pair("drive", p, known, e);
}

int set_drive(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    struct drive d = { .index = -1 };
    struct opt_pair p;

    while (opt_next_pair(&arg, &p, "file"))
        VM_TRY(drive_pair(&d, &p, e));
    struct opts_disk *bank = d.floppy ? o->floppy : o->ide;
    int n = d.floppy ? OPTS_FLOPPY : OPTS_IDE;

    if (d.floppy && d.disk.cdrom)
        return vm_fail(e, VM_EINVAL, "-drive: a floppy drive takes no CD; if=ide or media=disk");
    if (d.index < 0) {
        for (d.index = 0; d.index < n && bank[d.index].file[0]; )
            d.index++;
    }
    if (d.index >= n)
        return vm_fail(e, VM_EINVAL, "-drive: there are %d places for %s and this is one more", n,
                       d.floppy ? "floppies" : "IDE disks");
    VM_TRY(put_disk(&bank[d.index], r->name, (d.floppy ? fd_names : ide_names)[d.index],
                    d.disk.file, e));
    bank[d.index].cdrom = d.disk.cdrom;
    bank[d.index].read_only = d.disk.read_only || d.disk.cdrom;
    bank[d.index].snapshot = d.disk.snapshot;
    return VM_OK;
}

static int boot_order(struct opts *o, const char *letters, struct vm_error *e)
{
    if (strchr(letters, 'n'))
        return vm_fail(e, VM_EINVAL, "-boot: there is no network to boot from; the letters are a, "
                       "c and d");
    if (strlen(letters) >= sizeof o->boot_order)
        return vm_fail(e, VM_EINVAL, "-boot order '%.40s' is too long; a, c and d, each once",
                       letters);
    for (const char *s = letters; *s; s++) {
        if (!strchr("acd", *s) || strchr(s + 1, *s))
            return vm_fail(e, VM_EINVAL, "-boot order '%.40s': the letters are a (floppy), c (disk)"
                           " and d (CD), each once", letters);
    }
    strcpy(o->boot_order, letters);
    return VM_OK;
}

int set_boot(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    struct opt_pair p;

    while (opt_next_pair(&arg, &p, "order")) {
        if (strcmp(p.name, "order") == 0)
            VM_TRY(boot_order(o, p.value, e));
        else if (strcmp(p.name, "menu") == 0)
            VM_TRY(opt_bool(r->name, &p, &o->boot_menu, e));
        else
            return unknown_pair(r->name, &p, "order and menu", e);
    }
    return VM_OK;
}

int set_serial(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    if (!*arg)
        return vm_fail(e, VM_EINVAL, "-serial has an empty value; 'none' leaves a port out");
    if (o->n_serial == OPTS_SERIAL)
        return vm_fail(e, VM_EINVAL, "-%s is given a fifth time; there are four ports", r->name);
    o->serial[o->n_serial++] = arg;
    return VM_OK;
}

int set_display(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    enum opts_display d = strcmp(arg, "text") == 0 || strcmp(arg, "curses") == 0 ?
                          OPTS_DISPLAY_TEXT : OPTS_DISPLAY_NONE;

    (void)r;
    if (d == OPTS_DISPLAY_NONE && strcmp(arg, "none") != 0)
        return vm_fail(e, VM_EINVAL, "there is no display '%.40s'; text shows text screens in this "
                       "terminal, none nothing", arg);
    if (o->display != OPTS_DISPLAY_DEFAULT && o->display != d)
        return vm_fail(e, VM_EINVAL, "-display is given twice, none and text; leave one out");
    o->display = d;
    return VM_OK;
}

int set_icount(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    struct opt_pair p;

    while (opt_next_pair(&arg, &p, "shift")) {
        char *end;
        long n = strtol(p.value, &end, 10);

        if (strcmp(p.name, "shift") != 0)
            return unknown_pair(r->name, &p, "shift=N", e);
        if (end == p.value || *end || n < 0 || n > 16)
            return vm_fail(e, VM_EINVAL, "-icount: shift is a number from 0 to 16 (an instruction "
                           "takes 2^N ns), not '%.40s'", p.value);
        o->icount_shift = (int)n;
    }
    return VM_OK;
}

/* "2012-01-31", "2012-01-31T23:59:59", "@1328054399". */
static bool read_date(const char *s, int64_t *seconds)
{
    struct tm t = { 0 };
    char *end;

    if (*s == '@') {
        *seconds = strtoll(s + 1, &end, 10);
        return end > s + 1 && !*end && *seconds >= 0;
    }
    const char *rest = strptime(s, "%Y-%m-%d", &t);

    if (rest && *rest == 'T')
        rest = strptime(rest + 1, "%H:%M:%S", &t);
    if (!rest || *rest)
        return false;
    *seconds = timegm(&t);
    return true;
}

int set_rtc(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    struct opt_pair p;

    while (opt_next_pair(&arg, &p, "base")) {
        if (strcmp(p.name, "base") != 0)
            return unknown_pair(r->name, &p, "base=", e);
        o->rtc_local = strcmp(p.value, "localtime") == 0;
        o->rtc_fixed = !o->rtc_local && strcmp(p.value, "utc") != 0;
        if (o->rtc_fixed && !read_date(p.value, &o->rtc_seconds))
            return vm_fail(e, VM_EINVAL, "-rtc: base is utc, localtime, a date such as 2012-01-31 "
                           "or 2012-01-31T23:59:59, or @SECONDS since 1970, not '%.40s'", p.value);
    }
    return VM_OK;
}

int set_device(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    size_t n = strlen(arg);

    if (strcmp(arg, "help") == 0 || (n > 5 && strcmp(arg + n - 5, ",help") == 0)) {
        o->action = OPTS_DEVICE_HELP;
        o->device_help = strcmp(arg, "help") == 0 ? NULL : arg;
        return VM_OK;
    }
    if (!n || *arg == ',')
        return vm_fail(e, VM_EINVAL, "-%s names no device; '-device help' lists them", r->name);
    if (o->n_devices == OPTS_DEVICES)
        return vm_fail(e, VM_EINVAL, "-%s is given more than %d times", r->name, OPTS_DEVICES);
    o->device[o->n_devices++] = arg;
    return VM_OK;
}

int set_machine(struct opts *o, const struct opt_row *r, const char *arg, struct vm_error *e)
{
    (void)o;
    if (strcmp(arg, "pc") == 0)
        return VM_OK;
    return vm_fail(e, VM_EINVAL, "-%s '%.60s': the only machine is 'pc'", r->name, arg);
}
