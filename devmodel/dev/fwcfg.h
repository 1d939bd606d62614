/* fwcfg.h - what the board hands to the firmware through fw_cfg. */
/* SPDX-License-Identifier: MIT */
#ifndef FWCFG_H
#define FWCFG_H
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
struct device;

enum fwcfg_key {                         /* QEMU's docs/specs/fw_cfg and its x86 machines */
    FWCFG_SIGNATURE = 0x00, FWCFG_ID = 0x01, FWCFG_RAM_SIZE = 0x03, FWCFG_NOGRAPHIC = 0x04,
    FWCFG_NB_CPUS = 0x05, FWCFG_KERNEL_ADDR = 0x07, FWCFG_KERNEL_SIZE = 0x08,
    FWCFG_INITRD_ADDR = 0x0a, FWCFG_INITRD_SIZE = 0x0b, FWCFG_BOOT_MENU = 0x0e,
    FWCFG_MAX_CPUS = 0x0f, FWCFG_KERNEL_DATA = 0x11, FWCFG_INITRD_DATA = 0x12,
    FWCFG_CMDLINE_ADDR = 0x13, FWCFG_CMDLINE_SIZE = 0x14, FWCFG_CMDLINE_DATA = 0x15,
    FWCFG_SETUP_ADDR = 0x16, FWCFG_SETUP_SIZE = 0x17, FWCFG_SETUP_DATA = 0x18,
    FWCFG_FILE_DIR = 0x19, FWCFG_FILE_FIRST = 0x20, FWCFG_FILES = 32,
    FWCFG_IRQ0_OVERRIDE = 0x8002,        /* request 0 is the I/O APIC's pin 2 */
};

/* Before the guest runs. The bytes are copied. VM_EBUSY: the key or name is there already;
 * VM_ENOMEM; VM_EINVAL: a name of more than 55 characters. */
int fwcfg_add(struct device *fw, unsigned key, const void *p, uint32_t n, struct vm_error *e);
int fwcfg_add_int(struct device *fw, unsigned key, uint64_t v, unsigned size, struct vm_error *e);
int fwcfg_add_file(struct device *fw, const char *name, const void *p, uint32_t n,
                   struct vm_error *e);
#endif
