/* host.c - the table of backends and the text form of their arguments.
 * A kind is one row; its code is a file of its own. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/host.h"
#include "devmodel/host/chr.h"
#include "devmodel/host/display.h"
#include <stdio.h>
#include <string.h>

const struct host_kind host_kinds[] = {
    { "file",  "file:PATH[,ro][,snapshot]  raw disk image", HOST_BLK, { .blk = blk_file_open } },
    { "mem",   "mem:SIZE[K|M|G]  empty disk in memory, lost at exit", HOST_BLK,
      { .blk = blk_mem_open } },
    { "fault", "fault:PATH,nth=N[,sticky]  raw image whose N-th operation fails", HOST_BLK,
      { .blk = blk_fault_open } },
    { "stdio", "stdio  this terminal", HOST_CHR, { .chr = chr_stdio_open } },
    { "file",  "file:PATH[,append]  output into a file", HOST_CHR, { .chr = chr_file_open } },
    { "null",  "null  output into nothing", HOST_CHR, { .chr = chr_null_open } },
    { "pty",   "pty  a pseudo terminal", HOST_CHR, { .chr = chr_pty_open } },
    { "unix",  "unix:PATH[,server][,nowait]  a Unix socket", HOST_CHR, { .chr = chr_unix_open } },
    { "tcp",   "tcp:HOST:PORT[,server][,nowait]  a TCP socket", HOST_CHR, { .chr = chr_tcp_open } },
    { "none",  "none  no screen; screenshots work", HOST_DISPLAY, { .display = disp_null_open } },
    { .name = NULL },
};

static const char *const what_name[] = {
    [HOST_BLK] = "disk", [HOST_CHR] = "character device", [HOST_NET] = "network",
    [HOST_DISPLAY] = "display",
};

/* The row called by spec and where its arguments start; NULL when none is. */
static const struct host_kind *find_kind(enum host_what what, const char *spec, const char **args)
{
    size_t n = strcspn(spec, ":");

    for (const struct host_kind *k = host_kinds; k->name; k++) {
        if (k->what != what || strlen(k->name) != n || memcmp(k->name, spec, n) != 0)
            continue;
        *args = spec[n] == ':' ? spec + n + 1 : spec + n;
        return k;
    }
    return NULL;
}

static int no_kind(enum host_what what, const char *spec, struct vm_error *e)
{
    char list[160] = "";

    for (const struct host_kind *k = host_kinds; k->name; k++) {
        size_t at = strlen(list);

        if (k->what == what)
            snprintf(list + at, sizeof list - at, "%s%s", at ? ", " : "", k->name);
    }
    return vm_fail(e, VM_EINVAL, "'%.*s' is no kind of %s; there is %s", (int)strcspn(spec, ":"),
                   spec, what_name[what], list[0] ? list : "none in this build");
}

int host_open_blk(const struct host_env *h, const char *spec, struct blk *out, struct vm_error *e)
{
    const char *args;
    const struct host_kind *k = find_kind(HOST_BLK, spec, &args);

    return k ? k->open.blk(h, args, out, e) : blk_file_open(h, spec, out, e);
}

int host_open_chr(const struct host_env *h, const char *spec, struct chr *out, struct vm_error *e)
{
    const char *args;
    const struct host_kind *k = find_kind(HOST_CHR, spec, &args);

    return k ? k->open.chr(h, args, out, e) : no_kind(HOST_CHR, spec, e);
}

int host_open_net(const struct host_env *h, const char *spec, struct net *out, struct vm_error *e)
{
    const char *args;
    const struct host_kind *k = find_kind(HOST_NET, spec, &args);

    return k ? k->open.net(h, args, out, e) : no_kind(HOST_NET, spec, e);
}

int host_open_display(const struct host_env *h, const char *spec, struct display *out,
                      struct vm_error *e)
{
    const char *args;
    const struct host_kind *k = find_kind(HOST_DISPLAY, spec, &args);

    return k ? k->open.display(h, args, out, e) : no_kind(HOST_DISPLAY, spec, e);
}

/* Copies the piece at p without its doubled commas; returns the start of the next, NULL at the
 * end of the text. */
static const char *take_piece(const char *p, char *out, size_t cap)
{
    size_t n = 0;

    for (; *p; p++) {
        if (*p == ',') {
            if (p[1] != ',')
                break;
            p++;
        }
        if (n + 1 < cap)
            out[n++] = *p;
    }
    out[n] = 0;
    return *p ? p + 1 : NULL;
}

bool host_arg(const char *args, const char *name, char *out, size_t cap)
{
    char piece[1024];
    const char *p = take_piece(args, piece, sizeof piece);

    out[0] = 0;
    if (!name) {
        snprintf(out, cap, "%s", piece);
        return piece[0] != 0;
    }
    while (p) {
        p = take_piece(p, piece, sizeof piece);
        size_t n = strcspn(piece, "=");

        if (strlen(name) == n && memcmp(piece, name, n) == 0) {
            snprintf(out, cap, "%s", piece[n] ? piece + n + 1 : "");
            return true;
        }
    }
    return false;
}

static bool is_known(const char *piece, const char *const *known)
{
    size_t n = strcspn(piece, "=");

    for (; *known; known++) {
        if (strlen(*known) == n && memcmp(*known, piece, n) == 0)
            return true;
    }
    return false;
}

int host_args_check(const char *kind, const char *args, const char *const *known,
                    struct vm_error *e)
{
    char piece[1024], list[120] = "";
    const char *p = take_piece(args, piece, sizeof piece);

    while (p) {
        p = take_piece(p, piece, sizeof piece);
        if (is_known(piece, known))
            continue;
        for (; *known; known++) {
            size_t at = strlen(list);

            snprintf(list + at, sizeof list - at, "%s%s", at ? ", " : "", *known);
        }
        return vm_fail(e, VM_EINVAL, "'%.60s' is no option of %s; it takes %s (a comma in a name is"
                       " written twice)", piece, kind, list[0] ? list : "none");
    }
    return VM_OK;
}
