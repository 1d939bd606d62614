/* ram.c - guest RAM as a shared mapping of a memfd. */
/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "devmodel/core/ram.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int ram_open(struct ram *r, uint64_t bytes, struct vm_error *e)
{
    *r = (struct ram){ .fd = -1 };
    if (!bytes || bytes % GUEST_PAGE || bytes > (1ull << 46))
        return vm_fail(e, VM_EINVAL, "RAM of %llu bytes is not a whole number of 4 KiB pages",
                       (unsigned long long)bytes);
    r->fd = memfd_create("guest-ram", MFD_CLOEXEC);
    if (r->fd < 0)
        return vm_fail(e, VM_ENOMEM, "no memory file for the guest: %s", strerror(errno));
    void *p = MAP_FAILED;
    if (ftruncate(r->fd, (off_t)bytes) == 0)
        p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, r->fd, 0);
    if (p == MAP_FAILED) {
        int err = errno;
        ram_close(r);
        return vm_fail(e, VM_ENOMEM, "no %llu MiB of memory for the guest: %s",
                       (unsigned long long)(bytes >> 20), strerror(err));
    }
    r->host = p;
    r->bytes = bytes;
    return VM_OK;
}

void ram_close(struct ram *r)
{
    if (r->host)
        munmap(r->host, r->bytes);
    if (r->fd >= 0)
        close(r->fd);
    *r = (struct ram){ .fd = -1 };
}
