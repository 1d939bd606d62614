/* snap.h - one visitor saves, loads and compares state; a device writes it once. */
/* SPDX-License-Identifier: MIT */
#ifndef SNAP_H
#define SNAP_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
#include <stdio.h>

enum snap_mode {
    SNAP_SAVE,      /* state -> stream */
    SNAP_LOAD,      /* stream -> state; the stream is hostile input, every length is checked */
    SNAP_COMPARE,   /* stream vs state; records the path of the first field that differs */
};
struct snap;        /* opaque; sticky error: after the first failure every call is a no-op */

enum snap_mode snap_mode(const struct snap *s);

/* Fields are named, little-endian on disk, written one by one: never a struct's raw bytes. */
void snap_bool(struct snap *s, const char *name, bool *v);
void snap_u8  (struct snap *s, const char *name, uint8_t *v);
void snap_u16 (struct snap *s, const char *name, uint16_t *v);
void snap_u32 (struct snap *s, const char *name, uint32_t *v);
void snap_u64 (struct snap *s, const char *name, uint64_t *v);
void snap_time(struct snap *s, const char *name, vtime_t *v);
void snap_mem (struct snap *s, const char *name, void *p, size_t bytes);   /* fixed length */

/* Big memory: pages of zeros take no room. `bytes` is a multiple of GUEST_PAGE. */
void snap_pages(struct snap *s, const char *name, void *p, uint64_t bytes);
/* A loaded value that state cannot hold (an index out of range ...): on load and with bad true,
 * fails with VM_ECORRUPT and the path of `name`. Call it right after the field. */
void snap_check(struct snap *s, const char *name, bool bad);

/* Section "i8254" version 2. On load returns the stream's version in [1, version]; an unknown or
 * newer one sets VM_EVERSION. Sections nest: the path is "pc/i8254/ch0/count". */
unsigned snap_begin(struct snap *s, const char *section, unsigned version);
void     snap_end  (struct snap *s);

int  snap_status(const struct snap *s, struct vm_error *e);   /* VM_OK, or the sticky failure */
const char *snap_diff(const struct snap *s); /* SNAP_COMPARE: path of the first difference; NULL */

/* ---- the file: docs/snapshot-format.md ------------------------------------------------------ */
/* f stays the caller's and is open for reading (LOAD, COMPARE) or writing, in binary. */
int  snap_open (struct snap **out, enum snap_mode mode, FILE *f, struct vm_error *e);
/* Writes or checks the trailer; frees s in any case; the sticky failure or VM_OK. */
int  snap_close(struct snap *s, struct vm_error *e);
#endif
