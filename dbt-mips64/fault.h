/* fault.h - signals that translated code causes: accesses that the host wants aligned. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_FAULT_H
#define DBT_FAULT_H
#include "dbt-mips64/tcache.h"

/* Handles SIGBUS from k's code from now on; other faults stay what they were. VM_EIO. */
int  fault_install(struct tcache *k, struct vm_error *e);
void fault_remove(struct tcache *k);  /* NULL is allowed */
#endif
