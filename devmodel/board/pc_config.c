/* pc_config.c - what the firmware is told: CMOS bytes and fw_cfg items. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/board/pc_priv.h"
#include "devmodel/dev/fdc82077.h"
#include "devmodel/dev/fwcfg.h"
#include "devmodel/dev/mc146818.h"

/* ---- CMOS ----------------------------------------------------------------------------------- */

static struct cmos_disk geometry(struct blk *disk)
{
    struct blk_info info;

    if (!disk)
        return (struct cmos_disk){ 0 };
    disk->ops->info(disk->self, &info);
    uint64_t cylinders = info.size / 512 / (16 * 63);
    return (struct cmos_disk){ true, cylinders > 16383 ? 16383 : cylinders, 16, 63 };
}

static enum cmos_boot boot_source(char letter)
{
    return letter == 'a' ? CMOS_BOOT_FLOPPY : letter == 'c' ? CMOS_BOOT_DISK : CMOS_BOOT_CD;
}

static int boot_order(const char *order, enum cmos_boot boot[3], struct vm_error *e)
{
    if (!order || !*order)
        order = "cad";
    for (unsigned i = 0; order[i]; i++) {
        if (i == 3 || !strchr("acd", order[i]))
            return vm_fail(e, VM_EINVAL, "boot order \"%s\": up to three of a (floppy), c (disk), "
                           "d (CD)", order);
        boot[i] = boot_source(order[i]);
    }
    return VM_OK;
}

static int fill_cmos(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    struct cmos_config cmos = { .ram_below_4g = pc->low_bytes,
                                .ram_above_4g = pc->ram_bytes - pc->low_bytes };
    unsigned drive = 0;

    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        cmos.floppy[i] = (enum cmos_floppy)fdc_drive_type(pc->fdc, i);
    for (unsigned i = 0; i < PC_IDE && drive < 2; i++)
        if (c->ide[i].disk && !c->ide[i].cdrom)
            cmos.disk[drive++] = geometry(c->ide[i].disk);
    VM_TRY(boot_order(c->boot_order, cmos.boot, e));
    mc146818_configure(pc->rtc, &cmos);
    return VM_OK;
}

/* ---- fw_cfg --------------------------------------------------------------------------------- */

static int add_e820(struct pc *pc, struct vm_error *e)
{
    uint8_t map[2 * 20];
    uint64_t high = pc->ram_bytes - pc->low_bytes;

    vm_st64(map, 0);
    vm_st64(map + 8, pc->low_bytes);
    vm_st32(map + 16, 1);
    vm_st64(map + 20, 1ull << 32);
    vm_st64(map + 28, high);
    vm_st32(map + 36, 1);
    return fwcfg_add_file(pc->fw, "etc/e820", map, high ? 40 : 20, e);
}

int pc_describe(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    VM_TRY(fill_cmos(pc, c, e));
    VM_TRY(fwcfg_add_int(pc->fw, FWCFG_RAM_SIZE, pc->ram_bytes, 8, e));
    VM_TRY(fwcfg_add_int(pc->fw, FWCFG_NB_CPUS, 1, 2, e));
    VM_TRY(fwcfg_add_int(pc->fw, FWCFG_MAX_CPUS, 1, 2, e));
    VM_TRY(fwcfg_add_int(pc->fw, FWCFG_NOGRAPHIC, 0, 2, e));
    VM_TRY(fwcfg_add_int(pc->fw, FWCFG_BOOT_MENU, c->boot_menu, 2, e));
    VM_TRY(fwcfg_add_int(pc->fw, FWCFG_IRQ0_OVERRIDE, 1, 4, e));
    if (c->vga_rom.p)
        VM_TRY(fwcfg_add_file(pc->fw, "vgaroms/vgabios.bin", c->vga_rom.p, c->vga_rom.n, e));
    return add_e820(pc, e);
}
