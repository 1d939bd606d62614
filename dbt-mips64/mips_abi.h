/* mips_abi.h - which host register plays which part in translated code (n64 ABI). */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_MIPS_ABI_H
#define DBT_MIPS_ABI_H
#include <stddef.h>
#include "cpu-x86/state.h"
#include "dbt-mips64/emit.h"

/* s0-s7 hold EAX ECX EDX EBX ESP EBP ESI EDI, sign-extended from 32 bits; they survive C calls, as
 * do the next two. at and ra are scratch of single sequences, the rest are temporaries. */
#define HOST_GPR(r) ((reg)(S0 + (r)))
enum { HOST_CPU = S8 /* struct x86_cpu */, HOST_TLB = GP /* form S: c->tlb */,
       HOST_WINDOW = GP /* form W: c->window */ };

/* Temporaries that the translator hands out. */
#define HOST_TEMPS                                                                          \
    (1u << V0 | 1u << V1 | 1u << A0 | 1u << A1 | 1u << A2 | 1u << A3 | 1u << A4 | 1u << A5 | \
     1u << A6 | 1u << A7 | 1u << T0 | 1u << T1 | 1u << T2 | 1u << T3 | 1u << T8 | 1u << T9)

#define CPU(field) ((int32_t)offsetof(struct x86_cpu, field))
#endif
