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
/* Call it in realize, after filling cfg's read-only part (ids, class, header type, interrupt pin at
 * 3Dh), wmask, w1c, and bar[]/bar_is_io[] (size a power of two: >= 16 for memory, >= 4 for I/O).
 * The bus then sets the BARs' masks, the writable bits of the command register that the BARs need
 * and intx. Also add PCI_CMD_MASTER etc. to wmask yourself. VM_EBUSY when the slot is taken. */
int pci_attach(struct pci_bus *b, struct pci_func *f, uint8_t devfn, struct vm_error *e);
void pci_detach(struct pci_bus *b, struct pci_func *f);

enum {                               /* config space offsets and bits, PCI 2.1 chapter 6 */
    PCI_VENDOR = 0x00, PCI_DEVICE = 0x02, PCI_COMMAND = 0x04, PCI_STATUS = 0x06,
    PCI_REVISION = 0x08, PCI_PROG_IF = 0x09, PCI_SUBCLASS = 0x0a, PCI_CLASS = 0x0b,
    PCI_HEADER = 0x0e, PCI_BAR0 = 0x10,
    PCI_SUBVENDOR = 0x2c, PCI_SUBDEVICE = 0x2e, PCI_INT_LINE = 0x3c, PCI_INT_PIN = 0x3d,
    PCI_CMD_IO = 1, PCI_CMD_MEM = 2, PCI_CMD_MASTER = 4,
};
/* From the device's reset: command, BARs and interrupt line to 0; from its snap: cfg, then the
 * mapping. Call pci_func_remap after writing cfg's command or BARs by hand. */
void pci_func_reset(struct pci_func *f);
void pci_func_snap (struct pci_func *f, struct snap *s);
void pci_func_remap(struct pci_func *f);

/* PIRQ wire n (0 = A .. 3 = D): the OR of every intx that lands on it. A function in device d whose
 * cfg[0x3d] names pin p (1 = INTA) lands on (d + p - 2) & 3, as on 440FX boards. The ISA bridge
 * connects itself as the listener; the bus drives the level. */
struct irq_line *pci_pirq(struct pci_bus *b, unsigned n);
/* Byte accesses to CF9h, which lies inside the address register's port. Gets off = 0, size = 1. */
void pci_set_cf9(struct pci_bus *b, const struct mmio_ops *ops, void *dev);
struct pci_func *pci_func_at(struct pci_bus *b, uint8_t devfn);        /* NULL = empty */

/* ---- for the machine ------------------------------------------------------------------------ */
int  pci_bus_new (struct pci_bus **out, struct machine *m, struct vm_error *e);   /* claims CF8h */
void pci_bus_free(struct pci_bus *b);
void pci_bus_reset(struct pci_bus *b);
void pci_forget_device(struct pci_bus *b, const struct device *d);    /* detach what is d's */
void pci_bus_announce(struct pci_bus *b);            /* every INTx wire tells its level again */
void pci_bus_snap(struct pci_bus *b, struct snap *s);
#endif
