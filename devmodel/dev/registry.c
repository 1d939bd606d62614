/* registry.c - every device class there is, in plain sight; X(name) stands for name_class. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/device.h"

#define CLASSES(X) \
    X(acpi_pm)     \
    X(debugcon)    \
    X(debugexit)   \
    X(fdc82077)    \
    X(fwcfg)       \
    X(i440fx)      \
    X(i8042)       \
    X(i8237)       \
    X(i8254)       \
    X(i8259)       \
    X(ioapic)      \
    X(lapic)       \
    X(lpt)         \
    X(mc146818)    \
    X(pcspk)       \
    X(piix3)       \
    X(port92)      \
    X(post80)      \
    X(piix3_ide)   \
    X(uart16550)   \
    X(vga)

#define DECLARE(name) extern const struct dev_class name##_class;
#define ROW(name)     &name##_class,

CLASSES(DECLARE)

const struct dev_class *const dev_classes[] = { CLASSES(ROW) NULL };
