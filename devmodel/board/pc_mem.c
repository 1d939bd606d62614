/* pc_mem.c - where RAM and the firmware's ROM lie in a PC's address space.
 *
 * 0 .. 640 KiB and from 1 MiB RAM; the 384 KiB between belong to the host bridge, which decides
 * between what lies on the bus (the VGA window, the ROM) and the RAM beneath. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/board/pc_priv.h"
#include <stdlib.h>
#include <string.h>

#define KIB      1024u
#define CONV_END (640 * KIB)
#define EXT      (1024 * KIB)
#define FOUR_GIB (1ull << 32)
#define LOW_ROM  (128 * KIB)         /* E0000h .. FFFFFh */

static void lay(struct pc *pc, struct mem_region *alias, const char *name, uint64_t from,
                uint64_t size, gpa_t to)
{
    if (size == 0)
        return;
    *alias = (struct mem_region){ .name = name, .kind = MEM_ALIAS, .size = size,
                                  .target = machine_ram_region(pc->m), .target_off = from };
    mem_add(mem_root(machine_ram(pc->m)), alias, to, 0);
}

int pc_map_ram(struct pc *pc, struct vm_error *e)
{
    if (pc->ram_bytes < PC_RAM_MIN || pc->ram_bytes > PC_RAM_MAX || pc->ram_bytes % GUEST_PAGE)
        return vm_fail(e, VM_EINVAL, "a PC here takes 1 MiB to 60 GiB of RAM, not %llu bytes",
                       (unsigned long long)pc->ram_bytes);
    pc->low_bytes = pc->ram_bytes < PC_LOW_RAM_MAX ? pc->ram_bytes : PC_LOW_RAM_MAX;
    mem_begin(machine_ram(pc->m));
    lay(pc, &pc->ram_conv, "ram-conventional", 0, CONV_END, 0);
    lay(pc, &pc->ram_ext, "ram-extended", EXT, pc->low_bytes - EXT, EXT);
    lay(pc, &pc->ram_high, "ram-above-4g", pc->low_bytes, pc->ram_bytes - pc->low_bytes, FOUR_GIB);
    mem_commit(machine_ram(pc->m));
    return VM_OK;
}

int pc_map_firmware(struct pc *pc, const struct pc_image *fw, struct vm_error *e)
{
    if (fw->n < 64 * KIB || fw->n > PC_FIRMWARE_MAX || fw->n % (64 * KIB))
        return vm_fail(e, VM_EINVAL, "%s: a firmware image has 64 KiB to 16 MiB in steps of 64 KiB"
                       ", not %zu bytes", fw->name, fw->n);
    pc->rom_bytes = aligned_alloc(GUEST_PAGE, fw->n);
    if (!pc->rom_bytes)
        return vm_fail(e, VM_ENOMEM, "no memory for the firmware %s", fw->name);
    memcpy(pc->rom_bytes, fw->p, fw->n);
    uint64_t low = fw->n < LOW_ROM ? fw->n : LOW_ROM;
    pc->rom = (struct mem_region){ .name = "firmware", .kind = MEM_ROM, .size = fw->n,
                                   .host = pc->rom_bytes };
    pc->rom_low = (struct mem_region){ .name = "firmware-low", .kind = MEM_ALIAS, .size = low,
                                       .target = &pc->rom, .target_off = fw->n - low };
    VM_TRY(machine_claim_mem(pc->m, &pc->rom, FOUR_GIB - fw->n, e));
    return machine_claim_mem(pc->m, &pc->rom_low, EXT - low, e);
}
