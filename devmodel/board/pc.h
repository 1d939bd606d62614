/* pc.h - a PC of 1998: what can be asked for, and how a CPU and host backends are connected.
 *
 * Order: pc_new (a machine with clock, loop, RAM: enough to open backends), pc_build (devices,
 * firmware), create the CPU on machine_ram and pc_port_ops, pc_attach_cpu, machine_set_executor,
 * machine_reset(RESET_POWER_ON), machine_run. */
/* SPDX-License-Identifier: MIT */
#ifndef PC_H
#define PC_H
#include "cpu-x86/pins.h"
#include "devmodel/base/vm_err.h"
#include "devmodel/base/vm_types.h"
#include "devmodel/core/backend.h"
#include "devmodel/core/machine.h"

struct pc;

#define PC_RAM_MIN       (1ull << 20)            /* bytes */
#define PC_RAM_MAX       (60ull << 30)           /* 36 address bits, less the hole below 4 GiB */
#define PC_LOW_RAM_MAX   (3584ull << 20)         /* 3.5 GiB; the rest starts at 4 GiB */
#define PC_FIRMWARE_MAX  (16u << 20)

enum { PC_IDE = 4, PC_FLOPPIES = 2, PC_SERIALS = 4, PC_MODULES = 16 };

/* A file's bytes in memory. Borrowed: kept until pc_build returns, no longer. name is for messages
 * and, for a multiboot module, its command line. */
struct pc_image { const uint8_t *p; size_t n; const char *name; };

struct pc_config {
    struct pc_image firmware;        /* 64 KiB .. 16 MiB below 4 GiB; last 128 KiB at 1 MiB too */
    struct pc_image vga_rom;         /* for foreign firmware, as "vgaroms/"; p NULL = none */
    struct { struct blk *disk; bool cdrom; } ide[PC_IDE]; /* hda..hdd; cdrom without disk: empty */
    struct blk *floppy[PC_FLOPPIES];
    struct chr *serial[PC_SERIALS];  /* COM1..COM4; NULL: the port exists, nothing is plugged in */
    struct chr *parallel;
    struct chr *debugcon;            /* port E9h; NULL: no such device */
    struct display *display;
    const char *boot_order;          /* letters a c d; NULL or "" = "cad" */
    bool        boot_menu;
    uint64_t    rtc_epoch;           /* CMOS date at power-on, seconds since 1970 */
    bool        no_apic;             /* neither local nor I/O APIC */

    /* Direct boot: a Linux bzImage or zImage, or a multiboot image (found out by looking). */
    struct pc_image kernel;          /* p NULL: none */
    struct pc_image initrd[PC_MODULES]; unsigned n_initrd;      /* Linux takes one */
    const char     *append;          /* command line, NULL = "" */
};

/* VM_EINVAL: the RAM size cannot be; VM_ENOMEM. */
int  pc_new  (struct pc **out, uint64_t ram_bytes, struct vm_error *e);
/* Once. VM_EINVAL and a sentence for an image that is none, VM_EBUSY, VM_ENOMEM. After a failure
 * only pc_free. */
int  pc_build(struct pc *pc, const struct pc_config *c, struct vm_error *e);
void pc_free (struct pc *pc);
struct machine *pc_machine(struct pc *pc);

/* Pins, A20 among them, reach this CPU from now on. Borrowed; outlives the machine's last run. */
void pc_attach_cpu(struct pc *pc, struct x86_cpu *c);
/* The board's side of the CPU's ports and signals, after pc_build; its self is the pc. */
const struct x86_port_ops *pc_port_ops(const struct pc *pc);

void pc_power_button(struct pc *pc); /* a short press: the guest's ACPI decides */
void pc_nmi(struct pc *pc);          /* the front panel's button */
#endif
