/* stubs.h - the code that all translations share: the way in, the ways out, the calls. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_STUBS_H
#define DBT_STUBS_H
#include "dbt-mips64/tcache.h"

/* Why translated code was left. Anything else is the struct tsite of an instruction that the
 * interpreter has to run. */
enum { LEFT_AT_RIP /* rip is exact */, LEFT_AFTER, LEFT_AGAIN /* c->site's instruction */ };

/* What translated code calls for an access that the TLB does not have: fills it and returns 0 (run
 * the instruction again), or 1: the interpreter must do it. Raises what the access raises. */
typedef uint64_t stub_access_fn(struct x86_cpu *c, const struct tsite *s, int64_t off);

/* Enters code with c's registers; how it was left. */
typedef uintptr_t stub_enter_fn(struct x86_cpu *c, const void *code);

/* Writes the common pieces at the start of k. */
void stubs_make(struct tcache *k, stub_access_fn *access);
#endif
