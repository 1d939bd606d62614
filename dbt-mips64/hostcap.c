/* hostcap.c - the host's capabilities: what was found, what options change, how they are shown. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/hostcap.h"
#include "dbt-mips64/hostcap_priv.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const code_names[HOSTCAP_CODES] = { "rwx", "dual", "toggle" };

/* What is on or off: option word, what the host lacks without it. */
static const struct { const char *on, *off, *what; size_t at; bool loss; } words[] = {
    { "r2", "nor2", "MIPS64 release 2", offsetof(struct hostcap, r2), false },
    { "mmi", "nommi", "Loongson MMI", offsetof(struct hostcap, mmi), false },
    { "ext", "noext", "Loongson EXT", offsetof(struct hostcap, ext), false },
    { "msa", "nomsa", "MSA", offsetof(struct hostcap, msa), false },
    { "nan=2008", "nan=legacy", NULL, offsetof(struct hostcap, nan2008), true },
    { "rounding=on", "rounding=off", "FCSR rounding modes", offsetof(struct hostcap, rounding),
      false },
    { "unaligned=works", "unaligned=trap", "unaligned access",
      offsetof(struct hostcap, unaligned), false },
};
enum { N_WORDS = sizeof words / sizeof words[0] };

static const bool *flag(const struct hostcap *c, unsigned i)
{
    return (const bool *)((const char *)c + words[i].at);
}

static bool is(const char *word, const char *s, size_t n)
{
    return strlen(word) == n && memcmp(word, s, n) == 0;
}

/* A wrong belief about NaNs makes wrong results; one about what is there kills the program. */
static int set_flag(struct hostcap *c, unsigned i, bool on, struct vm_error *e)
{
    bool *f = (bool *)((char *)c + words[i].at);

    if (c->native && words[i].loss && *f != on)
        return vm_fail(e, VM_EINVAL, "-hostcap: this host's NaNs are %s, and it computes with "
                       "them; leave '%s' out", *f ? "2008" : "legacy",
                       on ? words[i].on : words[i].off);
    if (c->native && on && !*f)
        return vm_fail(e, VM_EINVAL, "-hostcap: this host has no %s; '%s' is for hosts that have "
                       "it, leave it out", words[i].what, words[i].on);
    *f = on;
    return VM_OK;
}

static int set_page(struct hostcap *c, const char *s, size_t n, struct vm_error *e)
{
    char *end;
    unsigned long v = strtoul(s, &end, 10);

    if (n == 0 || end != s + n || v < 4096 || v > 65536 || v & (v - 1))
        return vm_fail(e, VM_EINVAL, "-hostcap: page is 4096, 8192, 16384, 32768 or 65536, not "
                       "'%.*s'", (int)(n < 40 ? n : 40), s);
    if (v < c->page)
        return vm_fail(e, VM_EINVAL, "-hostcap: this host's pages have %u bytes; page=%lu cannot "
                       "be smaller", c->page, v);
    c->page = (uint32_t)v;
    return VM_OK;
}

static int set_code(struct hostcap *c, const char *s, size_t n, struct vm_error *e)
{
    for (unsigned i = 0; i < HOSTCAP_CODES; i++) {
        if (!is(code_names[i], s, n))
            continue;
        if (!(c->codes & 1 << i))
            return vm_fail(e, VM_EINVAL, "-hostcap: the kernel does not allow code=%s here; leave "
                           "it out", code_names[i]);
        c->code = (enum hostcap_code)i;
        return VM_OK;
    }
    return vm_fail(e, VM_EINVAL, "-hostcap: code is rwx, dual or toggle, not '%.*s'",
                   (int)(n < 40 ? n : 40), s);
}

static int set_one(struct hostcap *c, const char *s, size_t n, struct vm_error *e)
{
    for (unsigned i = 0; i < N_WORDS; i++) {
        if (is(words[i].on, s, n) || is(words[i].off, s, n))
            return set_flag(c, i, is(words[i].on, s, n), e);
    }
    if (n >= 5 && memcmp(s, "page=", 5) == 0)
        return set_page(c, s + 5, n - 5, e);
    if (n >= 5 && memcmp(s, "code=", 5) == 0)
        return set_code(c, s + 5, n - 5, e);
    return vm_fail(e, VM_EINVAL, "-hostcap does not know '%.*s'; it takes [no]r2, [no]mmi, [no]ext,"
                   " [no]msa, nan=2008|legacy, rounding=on|off, unaligned=works|trap, page=BYTES "
                   "and code=rwx|dual|toggle", (int)(n < 24 ? n : 24), s);
}

int hostcap_probe(struct hostcap *c, const char *options, struct vm_error *e)
{
    const char *s = options ? options : "";

    hostcap_ask(c);
    c->page = (uint32_t)sysconf(_SC_PAGESIZE);
    while (*s) {
        size_t n = strcspn(s, ",");

        VM_TRY(set_one(c, s, n, e));
        s += n + (s[n] == ',');
    }
    return VM_OK;
}

void hostcap_print(const struct hostcap *c, FILE *out)
{
    const char *comma = "";

    fprintf(out, c->native ? "host:  " : "host:  not MIPS64; translators are tested as if it had ");
    for (unsigned i = 0; i < 4; i++) {
        if (*flag(c, i)) {
            fprintf(out, "%s%s", comma, words[i].what);
            comma = ", ";
        }
    }
    fprintf(out, "%s\n", *comma ? "" : "nothing beyond MIPS III");
    fprintf(out, "FPU:   NaNs are %s, rounding modes %s\n", c->nan2008 ? "2008" : "legacy",
            c->rounding ? "work" : "have no effect");
    fprintf(out, "loads: unaligned ones %s\n", c->unaligned ? "work" : "trap");
    fprintf(out, "pages: %u bytes\n", c->page);
    fprintf(out, "code:  %s, of", code_names[c->code]);
    for (unsigned i = 0; i < HOSTCAP_CODES; i++) {
        if (c->codes & 1 << i)
            fprintf(out, " %s", code_names[i]);
    }
    fprintf(out, "\n");
}
