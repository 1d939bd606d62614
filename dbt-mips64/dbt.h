/* dbt.h - the translating engines, seen from outside. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_H
#define DBT_H
#include "cpu-x86/engine.h"

/* Template tier above the interpreter. Options, separated by commas: hot=N runs of a block before
 * it is translated (1..65534), cache=N KiB of translated code, trace=N instructions in one
 * translation at most (1..64), form=s (software TLB, the default) or form=w (direct windows),
 * page=BYTES of a host page for form=w. VM_ENOTSUP where the host is not MIPS64, VM_EINVAL,
 * VM_ENOMEM. */
extern const struct x86_engine_ops engine_tmpl;
#endif
