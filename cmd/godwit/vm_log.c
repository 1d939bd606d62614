/* vm_log.c - which log lines are shown, and where (-d, -D). */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/vm.h"
#include "devmodel/base/vm_log.h"
#include <errno.h>
#include <string.h>

static const struct { const char *name; enum vm_log_kind kind; } items[] = {
    { "guest", LOG_GUEST }, { "unimp", LOG_UNIMP }, { "info", LOG_INFO },
};

/* The terminal may be raw: every line ends in CR LF there. */
static void to_stderr_or_file(void *self, enum vm_log_kind kind, const char *line)
{
    const struct vm *v = self;

    if (!(v->log_mask >> kind & 1))
        return;
    if (v->log)
        fprintf(v->log, "%s\n", line);
    else
        fprintf(stderr, "godwit: %s\r\n", line);
}

static int read_items(struct vm *v, const char *list, struct vm_error *e)
{
    while (*list) {
        size_t n = strcspn(list, ",");
        unsigned i = 0;

        while (i < 3 && (strlen(items[i].name) != n || memcmp(items[i].name, list, n) != 0))
            i++;
        if (i == 3)
            return vm_fail(e, VM_EINVAL, "-d '%.*s' is nothing that can be logged; there is guest, "
                           "unimp and info", (int)n, list);
        v->log_mask |= 1u << items[i].kind;
        list += n + (list[n] == ',');
    }
    return VM_OK;
}

int vm_log_open(struct vm *v, struct vm_error *e)
{
    v->log_mask = 1u << LOG_ERR;
    if (v->o.log_items)
        VM_TRY(read_items(v, v->o.log_items, e));
    if (v->o.log_file) {
        v->log = fopen(v->o.log_file, "w");
        if (!v->log)
            return vm_fail(e, VM_EIO, "-D '%.150s': %s", v->o.log_file, strerror(errno));
        setvbuf(v->log, NULL, _IOLBF, 0);
    }
    vm_log_sink(to_stderr_or_file, v);
    return VM_OK;
}

void vm_log_close(struct vm *v)
{
    vm_log_sink(NULL, NULL);
    if (v->log)
        fclose(v->log);
    v->log = NULL;
}
