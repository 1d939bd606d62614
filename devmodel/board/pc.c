/* pc.c - one PC: which devices it has, where they are, and what is wired to what.
 *
 * Intel 440FX with PIIX3 and the PIIX4's power management, as QEMU's "pc" machine has them. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/board/pc_priv.h"
#include "devmodel/core/clock.h"
#include "devmodel/dev/apic.h"
#include "devmodel/dev/i8254.h"
#include "devmodel/dev/i8259.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPA_BITS 36                  /* the P6 family's */

struct machine *pc_machine(struct pc *pc) { return pc->m; }

/* ---- the CPU's pins ------------------------------------------------------------------------- */

static void set_pin(struct pc *pc, enum x86_pend pin, bool level)
{
    pc->pins = level ? pc->pins | pin : pc->pins & ~(unsigned)pin;
    if (pc->cpu)
        x86_pin(pc->cpu, pin, level);
}

static void set_intr(void *self, unsigned pin, bool level)
{
    (void)pin;
    set_pin(self, X86_PEND_INTR, level);
}

static void set_a20(void *self, unsigned pin, bool level)
{
    (void)pin;
    set_pin(self, X86_PEND_A20, level);
}

static void set_nmi(void *self, unsigned pin, bool level)
{
    (void)pin;
    set_pin(self, X86_PEND_NMI, level);
}

static void set_init(void *self, unsigned pin, bool level)
{
    (void)pin;
    set_pin(self, X86_PEND_INIT, level);
}

static void ignore(void *self, unsigned pin, bool level)
{
    (void)self;
    (void)pin;
    (void)level;
}

void pc_attach_cpu(struct pc *pc, struct x86_cpu *c)
{
    pc->cpu = c;
    x86_pin(c, X86_PEND_INTR, pc->pins & X86_PEND_INTR);
    x86_pin(c, X86_PEND_A20, pc->pins & X86_PEND_A20);
}

/* ---- between the PIC, the APICs and the CPU ------------------------------------------------- */

static void pic_intr(void *self, unsigned pin, bool level)
{
    struct pc *pc = self;

    if (pc->lapic)
        lapic_lint(pc->lapic, 0, level);
    else
        set_intr(pc, pin, level);
}

static void board_nmi(void *self, unsigned pin, bool level)
{
    struct pc *pc = self;

    if (pc->lapic)
        lapic_lint(pc->lapic, 1, level);
    else
        set_nmi(pc, pin, level);
}

static void message(void *self, const struct apic_message *m) { lapic_message(self, m); }

static void eoi(void *self, uint8_t vector) { ioapic_eoi(self, vector); }

static int publish_wires(struct pc *pc, struct vm_error *e)
{
    static const struct { const char *name; void (*set)(void *, unsigned, bool); } wires[] = {
        { "a20", set_a20 }, { "reset", set_init }, { "cpu-intr", pic_intr }, { "nmi", board_nmi },
        { "lapic-intr", set_intr }, { "lapic-nmi", set_nmi }, { "smi", ignore },
    };

    for (unsigned i = 0; i < sizeof wires / sizeof wires[0]; i++)
        VM_TRY(machine_publish_wire(pc->m, wires[i].name, wires[i].set, pc, 0, e));
    return VM_OK;
}

/* ---- ports ---------------------------------------------------------------------------------- */

static uint32_t port_in(void *self, uint16_t port, unsigned size)
{
    return mem_read(machine_ports(((struct pc *)self)->m), port, size);
}

static void port_out(void *self, uint16_t port, uint32_t v, unsigned size)
{
    mem_write(machine_ports(((struct pc *)self)->m), port, v, size);
}

static int intack(void *self)
{
    struct pc *pc = self;
    int vector = pc->lapic ? lapic_intack(pc->lapic) : -1;

    return vector >= 0 ? vector : machine_intack(pc->m);
}

/* A tick a nanosecond: a CPU of 1 GHz, whatever it really does. */
static uint64_t tsc(void *self) { return vclock_now(machine_clock(((struct pc *)self)->m)); }

static void ferr(void *self, bool level) { pc_ferr(((struct pc *)self)->board, level); }

static void apic_base(void *self, uint64_t msr)
{
    lapic_set_base(((struct pc *)self)->lapic, msr & ((1ull << GPA_BITS) - 1), msr >> 11 & 1);
}

static const struct x86_port_ops with_apic = {
    .in = port_in, .out = port_out, .intack = intack, .tsc = tsc, .ferr = ferr,
    .apic_base = apic_base,
};
static const struct x86_port_ops without_apic = {
    .in = port_in, .out = port_out, .intack = intack, .tsc = tsc, .ferr = ferr,
};

const struct x86_port_ops *pc_port_ops(const struct pc *pc)
{
    return pc->lapic ? &with_apic : &without_apic;
}

/* ---- devices -------------------------------------------------------------------------------- */

/* Makes `object` known under `name` and adds "prop=name" to props; NULL objects are left out. */
static int plug(struct pc *pc, enum prop_type type, void *object, const char *prop,
                const char *name, char *props, size_t cap, struct vm_error *e)
{
    size_t at = strlen(props);

    if (!object)
        return VM_OK;
    VM_TRY(machine_add_backend(pc->m, type, name, object, e));
    snprintf(props + at, cap - at, "%s%s=%s", at ? "," : "", prop, name);
    return VM_OK;
}

static int add(struct pc *pc, const char *cls, const char *id, const char *props,
               struct device **out, struct vm_error *e)
{
    return machine_add_device(pc->m, cls, id, props, out, e);
}

static int add_ide(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    static const char *const names[PC_IDE] = { "hda", "hdb", "hdc", "hdd" };
    char props[160] = "";

    for (unsigned i = 0; i < PC_IDE; i++) {
        VM_TRY(plug(pc, PROP_BLK, c->ide[i].disk, names[i], names[i], props, sizeof props, e));
        if (!c->ide[i].cdrom)
            continue;
        size_t at = strlen(props);
        snprintf(props + at, sizeof props - at, "%s%s-kind=cd", at ? "," : "", names[i]);
    }
    return add(pc, "piix3-ide", "ide", props, NULL, e);
}

static int add_floppies(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    char props[64] = "";

    VM_TRY(plug(pc, PROP_BLK, c->floppy[0], "a", "fda", props, sizeof props, e));
    VM_TRY(plug(pc, PROP_BLK, c->floppy[1], "b", "fdb", props, sizeof props, e));
    return add(pc, "fdc82077", "fdc", props, &pc->fdc, e);
}

static int add_serials(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    static const char *const ids[PC_SERIALS] = { "com1", "com2", "com3", "com4" };
    static const char *const places[PC_SERIALS] = { "iobase=0x3f8,irq=4", "iobase=0x2f8,irq=3",
                                                    "iobase=0x3e8,irq=4", "iobase=0x2e8,irq=3" };

    for (unsigned i = 0; i < PC_SERIALS; i++) {
        char props[64];
        snprintf(props, sizeof props, "%s", places[i]);
        VM_TRY(plug(pc, PROP_CHR, c->serial[i], "chardev", ids[i], props, sizeof props, e));
        VM_TRY(add(pc, "uart16550", ids[i], props, NULL, e));
    }
    return VM_OK;
}

static int add_consoles(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    char lpt[64] = "", con[64] = "", vga[64] = "";

    VM_TRY(plug(pc, PROP_CHR, c->parallel, "chardev", "lpt1", lpt, sizeof lpt, e));
    VM_TRY(add(pc, "lpt", "lpt1", lpt, NULL, e));
    VM_TRY(plug(pc, PROP_DISPLAY, c->display, "display", "screen", vga, sizeof vga, e));
    VM_TRY(add(pc, "vga", NULL, vga, NULL, e));
    if (!c->debugcon)
        return VM_OK;
    VM_TRY(plug(pc, PROP_CHR, c->debugcon, "chardev", "debugcon", con, sizeof con, e));
    return add(pc, "isa-debugcon", "debugcon", con, NULL, e);
}

static int add_apics(struct pc *pc, struct vm_error *e)
{
    VM_TRY(add(pc, "ioapic", NULL, NULL, &pc->ioapic, e));
    VM_TRY(add(pc, "lapic", NULL, NULL, &pc->lapic, e));
    ioapic_on_message(pc->ioapic, message, pc->lapic);
    lapic_on_eoi(pc->lapic, eoi, pc->ioapic);
    return VM_OK;
}

static int add_core(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    char epoch[32];

    snprintf(epoch, sizeof epoch, "epoch=%llu", (unsigned long long)c->rtc_epoch);
    VM_TRY(add(pc, "i440fx", NULL, NULL, NULL, e));
    VM_TRY(add(pc, "piix3", NULL, NULL, NULL, e));
    if (!c->no_apic)
        VM_TRY(add_apics(pc, e));
    VM_TRY(add(pc, "i8259", NULL, NULL, &pc->pic, e));
    VM_TRY(add(pc, "i8254", NULL, NULL, &pc->pit, e));
    irq_connect(i8259_ir0_waiting(pc->pic), i8254_set_waiting, pc->pit, 0);
    VM_TRY(add(pc, "mc146818", NULL, epoch, &pc->rtc, e));
    VM_TRY(add(pc, "i8237", NULL, NULL, NULL, e));
    VM_TRY(add(pc, "i8042", NULL, NULL, NULL, e));
    VM_TRY(add(pc, "port92", NULL, NULL, NULL, e));
    VM_TRY(add(pc, "pcspk", NULL, NULL, NULL, e));
    VM_TRY(add(pc, "post80", NULL, NULL, NULL, e));
    VM_TRY(add(pc, "acpi_pm", NULL, NULL, NULL, e));
    return add(pc, "fwcfg", NULL, NULL, &pc->fw, e);
}

/* ---- life ----------------------------------------------------------------------------------- */

int pc_new(struct pc **out, uint64_t ram_bytes, struct vm_error *e)
{
    struct pc *pc = calloc(1, sizeof *pc);
    struct machine_options o = { .ram_bytes = ram_bytes, .gpa_bits = GPA_BITS, .pci = true,
                                 .name = "pc" };

    if (!pc)
        return vm_fail(e, VM_ENOMEM, "no memory for a machine");
    pc->ram_bytes = ram_bytes;
    int rc = machine_new(&pc->m, &o, e);
    if (rc == VM_OK)
        rc = pc_map_ram(pc, e);
    if (rc < 0)
        pc_free(pc);
    else
        *out = pc;
    return rc;
}

int pc_build(struct pc *pc, const struct pc_config *c, struct vm_error *e)
{
    VM_TRY(publish_wires(pc, e));
    VM_TRY(pc_map_firmware(pc, &c->firmware, e));
    VM_TRY(add_core(pc, c, e));
    VM_TRY(add_consoles(pc, c, e));
    VM_TRY(add_serials(pc, c, e));
    VM_TRY(add_ide(pc, c, e));
    VM_TRY(add_floppies(pc, c, e));
    VM_TRY(pc_add_board(pc, e));
    VM_TRY(pc_describe(pc, c, e));
    return c->kernel.p ? pc_load_kernel(pc, c, e) : VM_OK;
}

void pc_free(struct pc *pc)
{
    pc->cpu = NULL;
    if (pc->m)
        machine_free(pc->m);
    for (unsigned i = 0; i < pc->n_pieces; i++)
        free(pc->piece[i].p);
    free(pc->rom_bytes);
    free(pc);
}
