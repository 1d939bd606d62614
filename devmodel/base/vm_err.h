/* vm_err.h - how host-side failures travel: a negative code up, a sentence beside it. */
/* SPDX-License-Identifier: MIT */
#ifndef VM_ERR_H
#define VM_ERR_H

enum vm_err {               /* 0 = done; every failure is negative, so `if (rc < 0)` is the test */
    VM_OK = 0,
    VM_ENOMEM = -1, VM_EIO = -2, VM_EINVAL = -3, VM_ENOENT = -4,
    VM_EBUSY = -5, VM_ECORRUPT = -6, VM_EVERSION = -7, VM_ENOTSUP = -8,
};

struct vm_error { enum vm_err code; char text[240]; };   /* caller-owned, usually on cmd's stack */

/* Records both in *e (may be NULL) and returns code: `return vm_fail(e, VM_EIO, "...", name);` */
int vm_fail(struct vm_error *e, enum vm_err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define VM_TRY(expr) do { int rc_ = (expr); if (rc_ < 0) return rc_; } while (0)
#endif
