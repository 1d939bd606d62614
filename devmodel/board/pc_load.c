/* pc_load.c - direct boot of a Linux kernel: what goes where, handed to the firmware by fw_cfg.
 *
 * Linux's Documentation/arch/x86/boot.rst, protocols 2.00 and later. The firmware copies the items
 * and enters the kernel's 16-bit setup code. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/board/pc_priv.h"
#include "devmodel/dev/fwcfg.h"
#include <stdlib.h>

enum {                               /* offsets in the setup header */
    H_SETUP_SECTS = 0x1f1, H_VID_MODE = 0x1fa, H_MAGIC = 0x202, H_VERSION = 0x206, H_LOADER = 0x210,
    H_LOADFLAGS = 0x211, H_RAMDISK = 0x218, H_RAMDISK_SIZE = 0x21c, H_HEAP_END = 0x224,
    H_CMDLINE = 0x228, H_INITRD_MAX = 0x22c, H_CMDLINE_SIZE = 0x238,
};
enum { LOADED_HIGH = 1, CAN_USE_HEAP = 0x80, LOADER_UNDEFINED = 0xff };

#define SETUP_HIGH   0x10000u        /* where setup goes when the kernel goes to 1 MiB */
#define CMDLINE_HIGH 0x20000u
#define KERNEL_HIGH  0x100000u
#define SETUP_LOW    0x90000u        /* a zImage: kernel at 64 KiB, setup at its classic place */
#define CMDLINE_LOW  0x9a000u
#define KERNEL_LOW   0x10000u
#define TOP_RESERVE  0x40000u        /* at the end of low RAM: the firmware's tables */

struct linux_plan {
    unsigned version;
    uint32_t setup, cmdline, kernel, initrd, setup_bytes, cmdline_max;
};

static int bad(const struct pc_image *k, const char *why, struct vm_error *e)
{
    return vm_fail(e, VM_EINVAL, "%s: %s; -kernel takes a Linux bzImage or a multiboot image",
                   k->name, why);
}

static int plan_kernel(const struct pc_image *k, struct linux_plan *p, struct vm_error *e)
{
    if (k->n < 0x1000 || memcmp(k->p + H_MAGIC, "HdrS", 4) != 0)
        return bad(k, k->n >= 4 && memcmp(k->p, "\177ELF", 4) == 0
                   ? "this ELF file has no multiboot header" : "this is no kernel", e);
    p->version = vm_ld16(k->p + H_VERSION);
    if (p->version < 0x200)
        return bad(k, "its boot protocol is older than 2.00", e);
    unsigned sectors = k->p[H_SETUP_SECTS] ? k->p[H_SETUP_SECTS] : 4;
    p->setup_bytes = (sectors + 1) * 512;
    if (p->setup_bytes >= k->n)
        return bad(k, "the file is shorter than its setup code", e);
    bool high = k->p[H_LOADFLAGS] & LOADED_HIGH;
    p->setup = high && p->version >= 0x202 ? SETUP_HIGH : SETUP_LOW;
    p->cmdline = high && p->version >= 0x202 ? CMDLINE_HIGH : CMDLINE_LOW;
    p->kernel = high ? KERNEL_HIGH : KERNEL_LOW;
    p->cmdline_max = p->version >= 0x206 ? vm_ld32(k->p + H_CMDLINE_SIZE) : 255;
    if (!high && k->n - p->setup_bytes > SETUP_LOW - KERNEL_LOW)
        return bad(k, "a zImage of more than 512 KiB cannot be", e);
    return VM_OK;
}

static int plan_initrd(const struct pc *pc, const struct pc_config *c, struct linux_plan *p,
                       struct vm_error *e)
{
    const struct pc_image *k = &c->kernel, *rd = &c->initrd[0];
    uint64_t top = p->version >= 0x203 ? vm_ld32(k->p + H_INITRD_MAX) : 0x37ffffff;
    uint64_t kernel_end = p->kernel + (k->n - p->setup_bytes);
    uint64_t ram_end = pc->low_bytes > TOP_RESERVE ? pc->low_bytes - TOP_RESERVE : 0;

    if (top >= ram_end)
        top = ram_end ? ram_end - 1 : 0;
    if (kernel_end > top + 1)
        return vm_fail(e, VM_EINVAL, "%s: this kernel needs more RAM than the machine's %llu MiB",
                       k->name, (unsigned long long)(pc->low_bytes >> 20));
    if (c->n_initrd == 0)
        return VM_OK;
    if (c->n_initrd > 1)
        return vm_fail(e, VM_EINVAL, "Linux takes one initrd, and %u are given; put them one after "
                       "the other into one file", c->n_initrd);
    if (rd->n > top + 1 || ((top + 1 - rd->n) & ~(uint64_t)0xfff) < kernel_end)
        return vm_fail(e, VM_EINVAL, "%s: %llu MiB of initrd do not fit beside the kernel into "
                       "%llu MiB of RAM; give more with -m", rd->name,
                       (unsigned long long)(rd->n >> 20),
                       (unsigned long long)(pc->low_bytes >> 20));
    p->initrd = (top + 1 - rd->n) & ~(uint64_t)0xfff;
    return VM_OK;
}

/* "vga=" is for the boot loader: the kernel's setup code takes the mode from its header. */
static void set_video_mode(uint8_t *setup, const char *cmdline)
{
    const char *v = strstr(cmdline, "vga=");
    uint16_t mode;

    if (!v)
        return;
    v += 4;
    if (strncmp(v, "normal", 6) == 0)
        mode = 0xffff;
    else if (strncmp(v, "ext", 3) == 0)
        mode = 0xfffe;
    else if (strncmp(v, "ask", 3) == 0)
        mode = 0xfffd;
    else
        mode = strtoul(v, NULL, 0);
    vm_st16(setup + H_VID_MODE, mode);
}

static void fill_header(uint8_t *setup, const struct linux_plan *p, const char *cmdline,
                        size_t initrd_bytes)
{
    setup[H_LOADER] = LOADER_UNDEFINED;
    if (p->version >= 0x201) {
        setup[H_LOADFLAGS] |= CAN_USE_HEAP;
        vm_st16(setup + H_HEAP_END, p->cmdline - p->setup - 0x200);
    }
    if (p->version >= 0x202) {
        vm_st32(setup + H_CMDLINE, p->cmdline);
    } else {                         /* the old way: magic and offset in the boot sector */
        vm_st16(setup + 0x20, 0xa33f);
        vm_st16(setup + 0x22, p->cmdline - p->setup);
    }
    if (initrd_bytes) {
        vm_st32(setup + H_RAMDISK, p->initrd);
        vm_st32(setup + H_RAMDISK_SIZE, initrd_bytes);
    }
    set_video_mode(setup, cmdline);
}

static int hand_over(struct pc *pc, unsigned addr_key, unsigned size_key, unsigned data_key,
                     uint32_t addr, const void *p, size_t n, struct vm_error *e)
{
    VM_TRY(fwcfg_add_int(pc->fw, addr_key, addr, 4, e));
    VM_TRY(fwcfg_add_int(pc->fw, size_key, n, 4, e));
    return fwcfg_add(pc->fw, data_key, p, n, e);
}

static int hand_over_all(struct pc *pc, const struct pc_config *c, const struct linux_plan *p,
                         const uint8_t *setup, struct vm_error *e)
{
    const struct pc_image *k = &c->kernel, *rd = &c->initrd[0];
    const char *cmdline = c->append ? c->append : "";

    VM_TRY(hand_over(pc, FWCFG_SETUP_ADDR, FWCFG_SETUP_SIZE, FWCFG_SETUP_DATA, p->setup, setup,
                     p->setup_bytes, e));
    VM_TRY(hand_over(pc, FWCFG_KERNEL_ADDR, FWCFG_KERNEL_SIZE, FWCFG_KERNEL_DATA, p->kernel,
                     k->p + p->setup_bytes, k->n - p->setup_bytes, e));
    VM_TRY(hand_over(pc, FWCFG_CMDLINE_ADDR, FWCFG_CMDLINE_SIZE, FWCFG_CMDLINE_DATA, p->cmdline,
                     cmdline, strlen(cmdline) + 1, e));
    return hand_over(pc, FWCFG_INITRD_ADDR, FWCFG_INITRD_SIZE, FWCFG_INITRD_DATA, p->initrd,
                     c->n_initrd ? rd->p : (const uint8_t *)"", c->n_initrd ? rd->n : 0, e);
}

int pc_load_kernel(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    struct linux_plan p = { 0 };
    const char *cmdline = c->append ? c->append : "";
    size_t at;

    if (pc_is_multiboot(&c->kernel, &at))
        return pc_load_multiboot(pc, c, at, e);
    VM_TRY(plan_kernel(&c->kernel, &p, e));
    VM_TRY(plan_initrd(pc, c, &p, e));
    if (strlen(cmdline) > p.cmdline_max)
        return vm_fail(e, VM_EINVAL, "this kernel takes a command line of %u characters; -append "
                       "gives %zu", p.cmdline_max, strlen(cmdline));
    uint8_t *setup = malloc(p.setup_bytes);
    if (!setup)
        return vm_fail(e, VM_ENOMEM, "no memory to load %s", c->kernel.name);
    memcpy(setup, c->kernel.p, p.setup_bytes);
    fill_header(setup, &p, cmdline, c->n_initrd ? c->initrd[0].n : 0);
    int rc = hand_over_all(pc, c, &p, setup, e);
    free(setup);
    return rc;
}
