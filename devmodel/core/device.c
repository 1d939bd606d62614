/* device.c - classes by name, and properties from the text a user types. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/device.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/machine.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const type_names[] = {
    [PROP_BOOL] = "on or off", [PROP_U32] = "a number", [PROP_U64] = "a number with K, M or G",
    [PROP_STR] = "text", [PROP_BLK] = "the name of a drive", [PROP_CHR] = "the name of a chardev",
    [PROP_NET] = "the name of a network", [PROP_DISPLAY] = "the name of a display",
};

const struct dev_class *dev_class_find(const char *name, struct vm_error *e)
{
    for (const struct dev_class *const *c = dev_classes; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    vm_fail(e, VM_ENOENT, "there is no device \"%s\"; -device help lists them", name);
    return NULL;
}

/* ---- one property --------------------------------------------------------------------------- */

static bool parse_bool(const char *text, bool *out)
{
    static const char *const words[] = { "off", "on", "no", "yes", "false", "true", "0", "1" };

    for (unsigned i = 0; i < 8; i++)
        if (strcasecmp(text, words[i]) == 0) {
            *out = i & 1;
            return true;
        }
    return false;
}

static bool parse_number(const char *text, uint64_t max, bool suffix, uint64_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    unsigned shift = 0;
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *out = strtoull(text, &end, hex ? 16 : 10);
    if (errno)
        return false;
    if (suffix && *end && !end[1]) {
        const char *units = "kKmMgG", *u = strchr(units, *end);
        if (u) {
            shift = 10 * (unsigned)((u - units) / 2 + 1);
            end++;
        }
    }
    if (*end || *out > max >> shift)
        return false;
    *out <<= shift;
    return true;
}

static int bad_value(const struct device *d, const struct dev_prop *p, const char *value,
                     struct vm_error *e)
{
    return vm_fail(e, VM_EINVAL, "%s: property \"%s\" takes %s (%s), not \"%s\"", d->cls->name,
                   p->name, type_names[p->type], p->help, value);
}

static int set_backend(struct device *d, const struct dev_prop *p, const char *value,
                       struct vm_error *e)
{
    void *object = *value ? machine_backend(d->m, p->type, value) : NULL;

    if (*value && !object)
        return vm_fail(e, VM_ENOENT, "%s: property \"%s\": there is no backend named \"%s\"",
                       d->cls->name, p->name, value);
    memcpy((char *)d + p->offset, &object, sizeof object);
    return VM_OK;
}

static int set_text(struct device *d, const struct dev_prop *p, const char *value,
                    struct vm_error *e)
{
    char **field = (char **)((char *)d + p->offset);

    free(*field);
    *field = strdup(value);
    return *field ? VM_OK : vm_fail(e, VM_ENOMEM, "%s: no memory", d->cls->name);
}

static int set_prop(struct device *d, const struct dev_prop *p, const char *value,
                    struct vm_error *e)
{
    void *field = (char *)d + p->offset;
    uint64_t n;

    switch (p->type) {
    case PROP_BOOL:
        return parse_bool(value, field) ? VM_OK : bad_value(d, p, value, e);
    case PROP_U32:
        if (!parse_number(value, UINT32_MAX, false, &n))
            return bad_value(d, p, value, e);
        *(uint32_t *)field = n;
        return VM_OK;
    case PROP_U64:
        return parse_number(value, UINT64_MAX, true, field) ? VM_OK : bad_value(d, p, value, e);
    case PROP_STR:
        return set_text(d, p, value, e);
    case PROP_BLK: case PROP_CHR: case PROP_NET: case PROP_DISPLAY:
        return set_backend(d, p, value, e);
    }
    return VM_EINVAL;
}

/* ---- the string ----------------------------------------------------------------------------- */

static const struct dev_prop *find_prop(const struct dev_class *c, const char *name, size_t n)
{
    for (const struct dev_prop *p = c->props; p && p->name; p++)
        if (strlen(p->name) == n && memcmp(p->name, name, n) == 0)
            return p;
    return NULL;
}

static int unknown_prop(const struct dev_class *c, const char *name, int n, struct vm_error *e)
{
    char list[128] = "";

    for (const struct dev_prop *p = c->props; p && p->name; p++) {
        size_t at = strlen(list);
        snprintf(list + at, sizeof list - at, "%s%s", at ? ", " : "", p->name);
    }
    return vm_fail(e, VM_EINVAL, "%s has no property \"%.*s\"; it has: %s", c->name, n, name,
                   *list ? list : "none");
}

/* Takes "name=value" off *text into name and value; value ends at a comma that is not doubled. */
static void cut(const char **text, const char **name, size_t *name_len, char *value, size_t cap)
{
    const char *t = *text;
    size_t n = 0;

    *name = t;
    while (*t && *t != '=' && *t != ',')
        t++;
    *name_len = (size_t)(t - *name);
    if (*t != '=') {
        snprintf(value, cap, "on");          /* "ro" is "ro=on" */
    } else {
        for (t++; *t && (*t != ',' || t[1] == ','); t++) {
            if (*t == ',')
                t++;
            if (n + 1 < cap)
                value[n++] = *t;
        }
        value[n] = '\0';
    }
    *text = *t == ',' ? t + 1 : t;
}

static int set_all(struct device *d, const char *text, struct vm_error *e)
{
    const struct dev_class *c = d->cls;
    uint64_t given = 0;
    char value[1024];

    while (text && *text) {
        const char *name;
        size_t n;
        cut(&text, &name, &n, value, sizeof value);
        const struct dev_prop *p = find_prop(c, name, n);
        if (!p)
            return unknown_prop(c, name, (int)n, e);
        VM_TRY(set_prop(d, p, value, e));
        given |= 1ull << (p - c->props);
    }
    for (const struct dev_prop *p = c->props; p && p->name; p++) {
        VM_ASSERT(p - c->props < 64);
        if (given >> (p - c->props) & 1)
            continue;
        if (!p->def)
            return vm_fail(e, VM_EINVAL, "%s needs the property \"%s\" (%s)", c->name, p->name,
                           p->help);
        VM_TRY(set_prop(d, p, p->def, e));
    }
    return VM_OK;
}

/* ---- a device ------------------------------------------------------------------------------- */

int device_new(struct device **out, struct machine *m, const struct dev_class *cls,
               const char *id, const char *props, struct vm_error *e)
{
    struct device *d = calloc(1, cls->size);
    char *name = strdup(id);

    VM_ASSERT(cls->size >= sizeof *d);
    if (!d || !name) {
        free(d);
        free(name);
        return vm_fail(e, VM_ENOMEM, "no memory for the device %s", cls->name);
    }
    d->cls = cls;
    d->id = name;
    d->m = m;
    int rc = set_all(d, props, e);
    if (rc < 0)
        device_free(d);
    else
        *out = d;
    return rc;
}

void device_free(struct device *d)
{
    for (const struct dev_prop *p = d->cls->props; p && p->name; p++)
        if (p->type == PROP_STR)
            free(*(char **)((char *)d + p->offset));
    free((char *)d->id);
    free(d);
}

void device_help(const struct dev_class *cls, FILE *out)
{
    if (!cls) {
        for (const struct dev_class *const *c = dev_classes; *c; c++)
            fprintf(out, "%-16s %s\n", (*c)->name, (*c)->help);
        return;
    }
    fprintf(out, "%s: %s\n", cls->name, cls->help);
    for (const struct dev_prop *p = cls->props; p && p->name; p++)
        fprintf(out, "  %s=%s  %s%s%s\n", p->name, type_names[p->type], p->help,
                p->def ? (*p->def ? "; default " : "") : "; required", p->def ? p->def : "");
}
