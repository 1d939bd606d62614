/* vm.c - puts a machine together from the options, runs it, takes it apart. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "cmd/godwit/lockstep.h"
#include "cmd/godwit/firmware.h"
#include "devmodel/core/loop.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ICOUNT_EPOCH = 946684800 /* 2000-01-01: a counted run does not depend on today */ };
#define FILE_MAX (1ull << 30)        /* bytes of a kernel, RAM disk or firmware */

/* ---- files that are loaded ------------------------------------------------------------------ */

struct images { struct pc_image loaded[PC_MODULES + 2]; unsigned n; char *names; };

static int read_stream(FILE *f, const char *path, struct pc_image *out, struct vm_error *e)
{
    off_t size = fseeko(f, 0, SEEK_END) == 0 ? ftello(f) : -1;
    uint8_t *p = size > 0 && (uint64_t)size <= FILE_MAX ? malloc((size_t)size) : NULL;

    if (!p)
        return vm_fail(e, VM_EINVAL, "'%.150s' is %s", path, size == 0 ? "empty" :
                       size < 0 ? "no regular file" : "larger than 1 GiB");
    rewind(f);
    if (fread(p, 1, (size_t)size, f) != (size_t)size) {
        free(p);
        return vm_fail(e, VM_EIO, "'%.150s' cannot be read: %s", path, strerror(errno));
    }
    *out = (struct pc_image){ p, (size_t)size, path };
    return VM_OK;
}

static int load(struct images *im, const char *option, const char *path, struct pc_image *out,
                struct vm_error *e)
{
    FILE *f = fopen(path, "rb");

    if (!f)
        return vm_fail(e, VM_ENOENT, "-%s '%.150s': %s", option, path, strerror(errno));
    int rc = read_stream(f, path, out, e);

    fclose(f);
    if (rc == VM_OK)
        im->loaded[im->n++] = *out;
    return rc;
}

static void free_images(struct images *im)
{
    for (unsigned i = 0; i < im->n; i++)
        free((void *)im->loaded[i].p);
    free(im->names);
}

static bool is_linux(const struct pc_image *k)
{
    return k->n > 0x206 && memcmp(k->p + 0x202, "HdrS", 4) == 0;
}

/* A multiboot kernel has modules "FILE ARGS,FILE ARGS", Linux one file with any name. */
static int load_initrd(struct images *im, const struct opts *o, struct pc_config *c,
                       struct vm_error *e)
{
    if (!o->initrd)
        return VM_OK;
    if (is_linux(&c->kernel)) {
        c->n_initrd = 1;
        return load(im, "initrd", o->initrd, &c->initrd[0], e);
    }
    im->names = strdup(o->initrd);
    if (!im->names)
        return vm_fail(e, VM_ENOMEM, "no memory for the names of modules");
    for (char *next = im->names, *line; (line = strsep(&next, ",")) != NULL; ) {
        char path[1024];

        if (c->n_initrd == PC_MODULES)
            return vm_fail(e, VM_EINVAL, "-initrd names more than %d modules", PC_MODULES);
        snprintf(path, sizeof path, "%.*s", (int)strcspn(line, " "), line);
        VM_TRY(load(im, "initrd", path, &c->initrd[c->n_initrd], e));
        c->initrd[c->n_initrd++].name = line;
    }
    return VM_OK;
}

static int load_images(struct images *im, const struct opts *o, struct pc_config *c,
                       struct vm_error *e)
{
    c->firmware = (struct pc_image){ godwit_bios, (size_t)(godwit_bios_end - godwit_bios),
                                     "godwit's own" };
    if (o->bios) {
        VM_TRY(load(im, "bios", o->bios, &c->firmware, e));
        c->vga_rom = (struct pc_image){ godwit_bios, GODWIT_VGABIOS_SIZE, "godwit's VGA BIOS" };
    }
    if (o->kernel)
        VM_TRY(load(im, "kernel", o->kernel, &c->kernel, e));
    return load_initrd(im, o, c, e);
}

/* ---- the machine ---------------------------------------------------------------------------- */

static uint64_t rtc_epoch(const struct opts *o)
{
    time_t now = time(NULL);
    struct tm local;

    if (o->rtc_fixed)
        return (uint64_t)o->rtc_seconds;
    if (o->icount_shift >= 0)
        return ICOUNT_EPOCH;
    if (o->rtc_local && localtime_r(&now, &local))
        return (uint64_t)(now + local.tm_gmtoff);
    return (uint64_t)now;
}

static int build(struct vm *v, struct vm_error *e)
{
    const struct opts *o = &v->o;
    struct images im = { .n = 0 };
    struct pc_config c = { .boot_order = o->boot_order, .boot_menu = o->boot_menu,
                           .rtc_epoch = rtc_epoch(o), .append = o->append,
                           .display = &v->display };

    for (unsigned i = 0; i < OPTS_IDE; i++) {
        c.ide[i].disk = v->ide[i].ops ? &v->ide[i] : NULL;
        c.ide[i].cdrom = o->ide[i].cdrom;
    }
    for (unsigned i = 0; i < OPTS_FLOPPY; i++)
        c.floppy[i] = v->floppy[i].ops ? &v->floppy[i] : NULL;
    for (unsigned i = 0; i < OPTS_SERIAL; i++)
        c.serial[i] = v->plug[i];
    c.parallel = v->plug[VM_LPT];
    c.debugcon = v->plug[VM_DEBUGCON];
    int rc = load_images(&im, o, &c, e);

    if (rc == VM_OK)
        rc = pc_build(v->pc, &c, e);
    free_images(&im);
    return rc;
}

static int add_devices(struct vm *v, struct vm_error *e)
{
    for (unsigned i = 0; i < v->o.n_devices; i++) {
        const char *text = v->o.device[i];
        char cls[64];
        size_t n = strcspn(text, ",");

        snprintf(cls, sizeof cls, "%.*s", (int)n, text);
        VM_TRY(machine_add_device(v->machine, cls, NULL, text[n] ? text + n + 1 : NULL, NULL, e));
    }
    return VM_OK;
}

int vm_open(struct vm *v, struct vm_error *e)
{
    v->signal_fd = -1;
    if (!v->silent)
        VM_TRY(vm_log_open(v, e));
    VM_TRY(pc_new(&v->pc, v->o.ram_bytes, e));
    v->machine = pc_machine(v->pc);
    v->env = (struct host_env){ .clock = machine_clock(v->machine),
                                .loop = machine_loop(v->machine),
                                .snapshot = v->o.snapshot || v->io };
    VM_TRY(vm_open_disks(v, e));
    VM_TRY(vm_open_ports(v, e));
    if (v->io)
        lockstep_wire(v->io, v);
    VM_TRY(build(v, e));
    VM_TRY(add_devices(v, e));
    if (!v->silent)                  /* before the engine, whose handlers come first */
        VM_TRY(vm_signals(v, e));
    VM_TRY(vm_cpu_new(v, e));
    if (v->io)
        lockstep_attach(v->io, v);
    if (v->silent)
        return VM_OK;
    return vm_open_monitors(v, vm_cpu_state(v), e);
}

int vm_run(struct vm *v)
{
    const struct machine_run_options run = { .icount_shift = v->o.icount_shift,
                                             .no_reboot = v->o.no_reboot };
    struct machine_end end;

    machine_reset(v->machine, RESET_POWER_ON);
    machine_pause(v->machine, v->o.paused);
    do {
        machine_run(v->machine, &run, &end);
        if (end.why == END_POWEROFF && v->o.no_shutdown)
            machine_pause(v->machine, true);
    } while ((end.why == END_POWEROFF && v->o.no_shutdown) || end.why == END_DEBUG);
    return end.why == END_QUIT ? end.status : VM_OK_STATUS;
}

void vm_close(struct vm *v)
{
    if (v->machine)
        machine_remove_devices(v->machine);
    vm_close_hosts(v);
    vm_signals_close(v);
    vm_cpu_free(v);
    pc_free(v->pc);
    if (!v->silent)
        vm_log_close(v);
}
