/* host.h - open what the host lends by name: "file:disk.img,ro", "stdio", "text". */
/* SPDX-License-Identifier: MIT */
#ifndef HOST_H
#define HOST_H
#include "devmodel/core/backend.h"
struct vclock; struct loop;

/* What a backend may use. Borrowed; outlives every backend opened with it. */
struct host_env {
    struct vclock *clock;            /* completions of block requests are due on it */
    struct loop   *loop;             /* where character and display backends wait for input */
    bool           snapshot;         /* every disk opened copy-on-write, its file never touched */
    void          *aux;              /* for other kinds: NULL unless their header says more */
};

enum host_what { HOST_BLK, HOST_CHR, HOST_NET, HOST_DISPLAY };

/* A row of host_kinds[] in host.c. `open` gets the text after "kind:" (never NULL, may be "")
 * and fills the struct of its `what`; it changes nothing there when it fails. */
struct host_kind {
    const char    *name, *help;      /* "file", "file:PATH[,ro]  raw image" */
    enum host_what what;
    union {
        int (*blk    )(const struct host_env *h, const char *args, struct blk *out,
                       struct vm_error *e);
        int (*chr    )(const struct host_env *h, const char *args, struct chr *out,
                       struct vm_error *e);
        int (*net    )(const struct host_env *h, const char *args, struct net *out,
                       struct vm_error *e);
        int (*display)(const struct host_env *h, const char *args, struct display *out,
                       struct vm_error *e);
    } open;
};
extern const struct host_kind host_kinds[];     /* ends with a row whose name is NULL */

/* spec = "kind" or "kind:args". VM_EINVAL: no such kind; the text lists those that exist. Other
 * errors are the kind's own. host_open_blk takes a spec without a known kind as file:SPEC. */
int host_open_blk    (const struct host_env *h, const char *spec, struct blk *out,
                      struct vm_error *e);
int host_open_chr    (const struct host_env *h, const char *spec, struct chr *out,
                      struct vm_error *e);
int host_open_net    (const struct host_env *h, const char *spec, struct net *out,
                      struct vm_error *e);
int host_open_display(const struct host_env *h, const char *spec, struct display *out,
                      struct vm_error *e);

/* Argument text is "main,name,name=value"; a comma inside a value is written twice.
 * host_arg copies one piece: name NULL = the main one, else the value of that option ("" when it
 * is given without one). Returns true when present. Longer text is cut to cap - 1 bytes. */
bool host_arg(const char *args, const char *name, char *out, size_t cap);
/* VM_EINVAL names the first option of args that is not in `known` (NULL-ended), and what is. */
int  host_args_check(const char *kind, const char *args, const char *const *known,
                     struct vm_error *e);

/* Rows' functions; files of their own. */
int blk_file_open (const struct host_env *h, const char *args, struct blk *out,
                   struct vm_error *e);
int blk_mem_open  (const struct host_env *h, const char *args, struct blk *out,
                   struct vm_error *e);
int blk_fault_open(const struct host_env *h, const char *args, struct blk *out,
                   struct vm_error *e);
#endif
