/* pci.h - a PCI function is a device with a config space described by masks. */
/* SPDX-License-Identifier: MIT */
#ifndef PCI_H
#define PCI_H
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/mem.h"

#define PCI_CFG_SIZE 256u            /* bytes */

struct pci_func {
    struct device     dev;           /* first, so a pci_func is a device */
    uint8_t           cfg  [PCI_CFG_SIZE];
    uint8_t           wmask[PCI_CFG_SIZE];   /* 1 bits the guest may write */
    uint8_t           w1c  [PCI_CFG_SIZE];   /* 1 bits cleared by writing 1 */
    struct mem_region bar[6];        /* size 0 = absent; the bus maps it when the guest does */
    bool              bar_is_io[6];
    struct irq_line   intx;
    /* After the masked write; NULL when the masks say it all. */
    void            (*cfg_written)(struct pci_func *f, unsigned off, unsigned size);
    uint8_t           devfn;         /* device << 3 | function */
};
struct pci_bus;
/* VM_EBUSY when the slot is taken. */
int pci_attach(struct pci_bus *b, struct pci_func *f, uint8_t devfn, struct vm_error *e);
/* PIRQ wire n (0 = A .. 3 = D): the OR of every intx that lands on it. A function in device d whose
 * cfg[0x3d] names pin p (1 = INTA) lands on (d + p - 2) & 3, as on 440FX boards. The ISA bridge
 * connects itself as the listener; the bus drives the level. */
struct irq_line *pci_pirq(struct pci_bus *b, unsigned n);
#endif
