/* piix3_ide.h - what a board and a monitor must know of the IDE controller: changing a CD. */
/* SPDX-License-Identifier: MIT */
#ifndef PIIX3_IDE_H
#define PIIX3_IDE_H
#include "devmodel/core/backend.h"
#include "devmodel/core/device.h"

/* unit 0..3 = primary master, primary slave, secondary master, secondary slave. Puts `medium` into
 * that CD drive (NULL: leaves it empty) and closes the tray. Borrowed: outlives its stay.
 * VM_ENOENT: no CD drive there; VM_EBUSY: the guest locked the tray and `force` is not set. */
int ide_cd_change(struct device *ide, unsigned unit, struct blk *medium, bool force,
                  struct vm_error *e);
#endif
