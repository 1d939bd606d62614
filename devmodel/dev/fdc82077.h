/* fdc82077.h - what a board must know of the floppy controller: drive types and medium changes. */
/* SPDX-License-Identifier: MIT */
#ifndef FDC82077_H
#define FDC82077_H
#include "devmodel/core/backend.h"
#include "devmodel/core/device.h"

/* The drive's type as CMOS byte 10h names it: 0 none, 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M.
 * drive 0..1. Valid after realize. */
unsigned fdc_drive_type(const struct device *fdc, unsigned drive);
/* Takes the disk out and puts `medium` in (NULL: leaves the drive empty). Borrowed: outlives its
 * stay. VM_ENOENT no such drive; VM_EINVAL the size is no floppy format; nothing changes then. */
int fdc_change(struct device *fdc, unsigned drive, struct blk *medium, struct vm_error *e);
#endif
