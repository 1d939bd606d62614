/* device.h - what every device is: a class row, a state struct, five callbacks. */
/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_H
#define DEVICE_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
#include <stdio.h>
struct snap; struct machine; struct device;

enum prop_type { PROP_BOOL, PROP_U32, PROP_U64, PROP_STR,
                 PROP_BLK, PROP_CHR, PROP_NET, PROP_DISPLAY /* an opened backend */ };
struct dev_prop {                    /* drives option parsing, `--device help` and the manual */
    const char *name, *help;
    enum prop_type type;
    size_t offset;                   /* offsetof the field in the device's struct */
    const char *def;                 /* default, as the user would type it; NULL = required */
};

/* How a field looks: PROP_BOOL bool, PROP_U32 uint32_t, PROP_U64 uint64_t (suffix K, M or G),
 * PROP_STR const char * (owned by the core), PROP_BLK struct blk *, PROP_CHR struct chr *, PROP_NET
 * struct net *, PROP_DISPLAY struct display *. A backend property's value is the name given to
 * machine_add_backend; an empty value leaves the pointer NULL. */

enum reset_kind { RESET_POWER_ON, RESET_HARD /* port CF9, triple fault */, RESET_SOFT /* INIT */ };

struct dev_class {
    const char *name, *help;         /* "i8254", "programmable interval timer" */
    size_t      size;                /* bytes of the device's struct; struct device comes first */
    const struct dev_prop *props;    /* ends with a row whose name is NULL */
    /* Life: realize, reset, drive, (run, snap)*, unrealize. NULL = nothing to do. */
    int  (*realize)(struct device *d, struct machine *m, struct vm_error *e); /* claim, connect */
    void (*reset)(struct device *d, enum reset_kind k);   /* own registers only, touches no wire */
    void (*drive)(struct device *d);                     /* set every output wire from the state; */
                                                          /* runs after reset and after load */
    void (*snap)(struct device *d, struct snap *s);       /* guest-visible state, both directions */
    void (*unrealize)(struct device *d);                 /* release what realize took, in reverse */
};

struct device {
    const struct dev_class *cls;
    const char    *id;               /* unique in the machine: "com1"; snapshot section name */
    struct machine *m;
    struct device *next;
};

extern const struct dev_class *const dev_classes[];       /* devmodel/dev/registry.c, NULL-ended */

/* The class of that name, or NULL and a sentence with the nearest advice. */
const struct dev_class *dev_class_find(const char *name, struct vm_error *e);

/* A device with its properties set from "name=value,name=value" (a comma in a value is doubled;
 * NULL or "" for none) and not yet realized. `id` is copied. VM_EINVAL names the property and what
 * it takes; VM_ENOENT a backend that was not added to the machine. */
int  device_new (struct device **out, struct machine *m, const struct dev_class *cls,
                 const char *id, const char *props, struct vm_error *e);
void device_free(struct device *d);                      /* after unrealize */
void device_help(const struct dev_class *cls, FILE *out);        /* NULL = one line a class */
#endif
