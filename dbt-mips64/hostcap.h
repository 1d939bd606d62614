/* hostcap.h - what the host's processor and kernel can do: found once at start, or as told. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_HOSTCAP_H
#define DBT_HOSTCAP_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
#include <stdio.h>

/* How code is written: in one mapping that may be written and run; through a second, writable
 * mapping of the same memory; in one mapping whose protection is changed around each write. */
enum hostcap_code { HOSTCAP_RWX, HOSTCAP_DUAL, HOSTCAP_TOGGLE };
enum { HOSTCAP_CODES = 3 };

struct hostcap {
    bool native;                     /* false: not a MIPS64 host, the rest is a plain release 2 */
    bool r2;                         /* MIPS64 release 2 to 5 */
    bool mmi, ext;                   /* Loongson's */
    bool msa;                        /* 128-bit vectors */
    bool nan2008;                    /* quiet NaNs have their top bit set, as on x86; else legacy */
    bool rounding;                   /* FCSR's rounding mode has an effect */
    bool unaligned;                  /* lw and ld need no alignment; else they raise SIGBUS */
    uint32_t page;                   /* bytes, at least the kernel's */
    enum hostcap_code code;          /* to be used */
    uint8_t codes;                   /* bit 1 << enum hostcap_code: can be mapped here */
};

/* Asks the host, then applies `options` (NULL or "" = none): a comma list of
 *   [no]r2 [no]mmi [no]ext [no]msa  nan=2008|legacy  rounding=on|off  unaligned=works|trap
 *   page=BYTES  code=rwx|dual|toggle
 * On a MIPS host options may take away, not add what is not there. VM_EINVAL with a sentence. */
int hostcap_probe(struct hostcap *c, const char *options, struct vm_error *e);

void hostcap_print(const struct hostcap *c, FILE *out);          /* a few lines */

/* Whether unaligned accesses of this thread that the processor refuses raise SIGBUS (true) or are
 * repaired by the kernel at a thousand times the cost (false, the kernel's default). No effect
 * where there is no such choice. */
void hostcap_unaligned_raises(bool raises);
#endif
