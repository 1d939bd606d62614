/* vm_hosts.c - opens what the command line names: images, ports, the display, the monitors. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/lockstep.h"
#include "devmodel/host/display.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- disks ---------------------------------------------------------------------------------- */

static int open_disk(struct vm *v, const struct opts_disk *d, struct blk *b, struct vm_error *e)
{
    char spec[2 * sizeof d->file + 32] = "file:";
    size_t n = strlen(spec);

    for (const char *s = d->file; *s; s++) {         /* a comma in the name is written twice */
        spec[n++] = *s;
        if (*s == ',')
            spec[n++] = ',';
    }
    snprintf(spec + n, sizeof spec - n, "%s%s", d->read_only ? ",ro" : "",
             d->snapshot ? ",snapshot" : "");
    return host_open_blk(&v->env, spec, b, e);
}

static void note_disk(struct vm *v, const char *name, const char *file, struct blk *b)
{
    struct monitor_disk *d = v->disks;

    while (d->name)
        d++;
    *d = (struct monitor_disk){ name, file, b };
}

int vm_open_disks(struct vm *v, struct vm_error *e)
{
    static const char *const ide[] = { "hda", "hdb", "hdc", "hdd" };
    static const char *const floppy[] = { "fda", "fdb" };

    for (unsigned i = 0; i < OPTS_IDE; i++) {
        if (!v->o.ide[i].file[0])
            continue;
        VM_TRY(open_disk(v, &v->o.ide[i], &v->ide[i], e));
        note_disk(v, ide[i], v->o.ide[i].file, &v->ide[i]);
    }
    for (unsigned i = 0; i < OPTS_FLOPPY; i++) {
        if (!v->o.floppy[i].file[0])
            continue;
        VM_TRY(open_disk(v, &v->o.floppy[i], &v->floppy[i], e));
        note_disk(v, floppy[i], v->o.floppy[i].file, &v->floppy[i]);
    }
    return VM_OK;
}

/* ---- ports ---------------------------------------------------------------------------------- */

static const char keys_help[] =
    "\r\nCtrl-A H  this help\r\nCtrl-A X  ends the program\r\n"
    "Ctrl-A C  changes between the machine and the monitor\r\nCtrl-A Ctrl-A  sends Ctrl-A\r\n";

static void on_key(void *self, unsigned focus, char key)
{
    struct vm *v = self;

    switch (key) {
    case 'x':
        machine_request(v->machine, MACHINE_QUIT, VM_OK_STATUS);
        break;
    case 'c':
        if (v->display_text)
            disp_text_show(&v->display, focus == 0);
        if (focus == 1 && v->monitor[0])
            monitor_prompt(v->monitor[0]);
        break;
    case 'h':
        if (!v->display_text || focus == 1)
            v->shared.ops->write(v->shared.self, (const uint8_t *)keys_help,
                                 sizeof keys_help - 1);
        break;
    }
}

static int open_shared(struct vm *v, const char *where, struct vm_error *e)
{
    if (v->shared.ops)
        return vm_fail(e, VM_EINVAL, "only one place can be shared with the monitor; leave the "
                       "second mon: out");
    VM_TRY(host_open_chr(&v->env, where, &v->shared, e));
    return chr_mux_new(v->env.loop, &v->shared, v->ends, on_key, v, e);
}

static int open_chr(struct vm *v, const char *where, struct chr *c, struct vm_error *e)
{
    if (!where || strcmp(where, "none") == 0)
        return VM_OK;
    return host_open_chr(&v->env, where, c, e);
}

static int open_serial(struct vm *v, unsigned i, const char *where, struct vm_error *e)
{
    if (strncmp(where, "mon:", 4) == 0) {
        VM_TRY(open_shared(v, where + 4, e));
        v->plug[i] = &v->ends[0];
        return VM_OK;
    }
    VM_TRY(open_chr(v, where, &v->serial[i], e));
    v->plug[i] = v->serial[i].ops ? &v->serial[i] : NULL;
    return VM_OK;
}

static bool uses_stdio(const struct opts *o)
{
    const char *const place[] = { o->parallel, o->debugcon, o->monitor };

    for (unsigned i = 0; i < o->n_serial; i++) {
        if (strstr(o->serial[i], "stdio"))
            return true;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (place[i] && strcmp(place[i], "stdio") == 0)
            return true;
    }
    return false;
}

static int open_display(struct vm *v, struct vm_error *e)
{
    const struct opts *o = &v->o;
    bool text = o->display == OPTS_DISPLAY_TEXT;

    if (o->display == OPTS_DISPLAY_DEFAULT && !o->nographic)
        text = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !uses_stdio(o);
    if (!text)
        return disp_null_open(&v->env, "", &v->display, e);
    VM_TRY(open_shared(v, "stdio", e));
    struct disp_text_options d = { .term = &v->ends[0], .input = machine_input(v->machine),
                                   .loop = v->env.loop, .size_fd = STDOUT_FILENO };

    VM_TRY(disp_text_new(&v->display, &d, e));
    v->display_text = true;
    disp_text_show(&v->display, true);
    return VM_OK;
}

int vm_open_ports(struct vm *v, struct vm_error *e)
{
    const struct opts *o = &v->o;
    bool monitor_has_stdio = o->monitor && strcmp(o->monitor, "stdio") == 0;

    if (v->silent)
        return disp_null_open(&v->env, "", &v->display, e);
    VM_TRY(open_display(v, e));
    for (unsigned i = 0; i < o->n_serial; i++)
        VM_TRY(open_serial(v, i, o->serial[i], e));
    if (o->nographic && o->n_serial == 0)
        VM_TRY(open_serial(v, 0, monitor_has_stdio ? "none" : o->monitor ? "stdio" : "mon:stdio",
                           e));
    VM_TRY(open_chr(v, o->parallel, &v->parallel, e));
    VM_TRY(open_chr(v, o->debugcon, &v->debugcon, e));
    v->plug[VM_LPT] = v->parallel.ops ? &v->parallel : NULL;
    v->plug[VM_DEBUGCON] = v->debugcon.ops ? &v->debugcon : NULL;
    return open_chr(v, o->monitor, &v->monitor_chr, e);
}

/* ---- monitors ------------------------------------------------------------------------------- */

int vm_open_monitors(struct vm *v, struct x86_cpu *cpu, struct vm_error *e)
{
    const struct monitor_env env = { .pc = v->pc, .machine = v->machine, .cpu = cpu,
                                     .display = &v->display, .name = v->o.name,
                                     .disks = v->disks, .press = v->io ? lockstep_press : NULL,
                                     .press_self = v->io };
    bool echo = isatty(STDIN_FILENO);

    if (v->shared.ops)
        VM_TRY(monitor_new(&v->monitor[0], &env, &v->ends[1], echo, e));
    if (v->monitor_chr.ops)
        VM_TRY(monitor_new(&v->monitor[1], &env, &v->monitor_chr,
                           echo && strcmp(v->o.monitor, "stdio") == 0, e));
    if (v->o.paused && !v->monitor[0] && !v->monitor[1])
        return vm_fail(e, VM_EINVAL, "-S starts stopped, but there is no monitor to go on with: "
                       "add -monitor stdio or -nographic");
    return VM_OK;
}

/* ---- the end -------------------------------------------------------------------------------- */

static void close_chr(struct chr *c)
{
    if (c->ops)
        c->ops->close(c->self);
    c->ops = NULL;
}

static void close_blk(struct blk *b)
{
    if (b->ops)
        b->ops->close(b->self);
    b->ops = NULL;
}

void vm_close_hosts(struct vm *v)
{
    for (unsigned i = 0; i < VM_MONITORS; i++)
        monitor_free(v->monitor[i]);
    if (v->display.ops)
        v->display.ops->close(v->display.self);
    for (unsigned i = 0; i < OPTS_SERIAL; i++)
        close_chr(&v->serial[i]);
    close_chr(&v->parallel);
    close_chr(&v->debugcon);
    close_chr(&v->monitor_chr);
    if (v->ends[0].ops)
        close_chr(&v->ends[0]);      /* closes what is below, too */
    else
        close_chr(&v->shared);
    for (unsigned i = 0; i < OPTS_IDE; i++)
        close_blk(&v->ide[i]);
    for (unsigned i = 0; i < OPTS_FLOPPY; i++)
        close_blk(&v->floppy[i]);
}
