/* main.c - godwit: reads the command line, answers questions or runs one machine. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/vm.h"
#include "devmodel/core/device.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "0.1"

static int device_help_for(const char *text, struct vm_error *e)
{
    char name[64];

    if (!text) {
        device_help(NULL, stdout);
        return VM_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ","), text);
    const struct dev_class *c = dev_class_find(name, e);

    if (!c)
        return VM_ENOENT;
    device_help(c, stdout);
    return VM_OK;
}

static int complain(const struct vm_error *e)
{
    fprintf(stderr, "godwit: %s\n", e->text);
    return VM_CANNOT_START;
}

static int version(struct vm *v)
{
    struct vm_error e;

    if (hostcap_probe(&v->hostcap, v->o.hostcap, &e) < 0)
        return complain(&e);
    printf("godwit " VERSION "\n");
    hostcap_print(&v->hostcap, stdout);
    return VM_OK_STATUS;
}

static int run(struct vm *v)
{
    struct vm_error e;

    if (v->o.engine.use[1].ops)
        return lockstep_main(&v->o);
    int rc = vm_open(v, &e), status = VM_CANNOT_START;

    if (rc == VM_OK)
        status = vm_run(v);
    vm_close(v);
    return rc == VM_OK ? status : complain(&e);
}

int main(int argc, char **argv)
{
    struct vm *v = calloc(1, sizeof *v);
    struct vm_error e = { .code = VM_ENOMEM, .text = "no memory" };
    int status = VM_OK_STATUS;

    if (!v || opts_parse(&v->o, argc, argv, &e) < 0)
        return complain(&e);
    switch (v->o.action) {
    case OPTS_HELP:
        opts_help(stdout);
        break;
    case OPTS_VERSION:
        status = version(v);
        break;
    case OPTS_CPU_HELP:
        vm_cpu_help(stdout);
        break;
    case OPTS_ENGINE_HELP:
        vm_engine_help(stdout);
        break;
    case OPTS_TRACE_HELP:
        vm_trace_help(stdout);
        break;
    case OPTS_DEVICE_HELP:
        if (device_help_for(v->o.device_help, &e) < 0)
            status = complain(&e);
        break;
    case OPTS_RUN:
        status = run(v);
        break;
    }
    free(v);
    return status;
}
