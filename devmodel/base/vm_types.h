/* vm_types.h - scalar types shared by every module. Includes only libc. */
/* SPDX-License-Identifier: MIT */
#ifndef VM_TYPES_H
#define VM_TYPES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t gva_t;   /* guest linear byte address (after segmentation, before paging) */
typedef uint64_t gpa_t;   /* guest physical byte address */
typedef int64_t  vtime_t; /* virtual time: ns since power-on, never negative */

#define VTIME_NEVER INT64_MAX
#define GUEST_PAGE  4096u  /* bytes */
#endif
