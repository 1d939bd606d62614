/* ram.h - guest RAM: one memfd mapping, so that windows onto it can be mapped elsewhere later. */
/* SPDX-License-Identifier: MIT */
#ifndef RAM_H
#define RAM_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"

struct ram { uint8_t *host; uint64_t bytes; int fd; };

/* Zero-filled, page aligned; the host gives pages on first use. VM_ENOMEM, VM_EINVAL (no pages). */
int  ram_open (struct ram *r, uint64_t bytes, struct vm_error *e);
void ram_close(struct ram *r);       /* idempotent */
#endif
