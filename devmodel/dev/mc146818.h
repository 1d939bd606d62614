/* mc146818.h - what the board puts into the CMOS, and the clock's starting date. */
/* SPDX-License-Identifier: MIT */
#ifndef MC146818_H
#define MC146818_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
struct device;

enum cmos_floppy { CMOS_FD_NONE, CMOS_FD_360K, CMOS_FD_1200K, CMOS_FD_720K, CMOS_FD_1440K,
                   CMOS_FD_2880K };
enum cmos_boot { CMOS_BOOT_NONE, CMOS_BOOT_FLOPPY, CMOS_BOOT_DISK, CMOS_BOOT_CD, CMOS_BOOT_NET };

struct cmos_disk { bool present; uint16_t cylinders; uint8_t heads, sectors; };  /* BIOS geometry */
struct cmos_config {                     /* in the places AMI's BIOS, Bochs and SeaBIOS use */
    uint64_t         ram_below_4g;       /* bytes, from address 0 */
    uint64_t         ram_above_4g;       /* bytes */
    enum cmos_floppy floppy[2];
    struct cmos_disk disk[2];            /* drives 80h and 81h */
    enum cmos_boot   boot[3];            /* tried in this order */
};

/* After realize. Writes the bytes and the checksum of 10h..2Dh. */
void    mc146818_configure(struct device *rtc, const struct cmos_config *cfg);
void    mc146818_set(struct device *rtc, unsigned index, uint8_t v);   /* index 0..255 */
uint8_t mc146818_get(struct device *rtc, unsigned index);
void    mc146818_seal(struct device *rtc);                             /* the checksum alone */

/* "2006-06-17T16:01:21" or "2006-06-17" (UTC, years 1980..2107) to seconds since 1970, which is
 * what property "epoch" wants. VM_EINVAL says what is wrong. */
int mc146818_parse_date(const char *text, uint64_t *epoch, struct vm_error *e);
#endif
