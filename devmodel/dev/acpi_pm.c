/* acpi_pm.c - PIIX4 power management, function 3: ACPI registers, PM timer, APM ports, SMBus host.
 *
 * Datasheet: Intel 82371AB (PIIX4), order number 290562, chapters 7 and 11. Sleeping: only soft-off
 * acts; any other state wakes at once. APM command F1h/F0h hands SCI_EN over as an SMI handler
 * would. A second GPE0 block at AFE0h is where firmware made for the common virtual PC looks.
 * Left out: SMI, device monitors and idle timers (their registers keep their values), the alternate
 * functions of GPI/GPO pins; the SMBus has no device on it, so every transfer ends in DEV_ERR. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"

enum { CFG_PMBA = 0x40, CFG_DEVACTB3 = 0x5b, CFG_PMREGMISC = 0x80, CFG_SMBBA = 0x90,
       CFG_SMBHSTCFG = 0xd2 };
enum { PMSTS = 0x00, PMEN = 0x02, PMCNTRL = 0x04, PMTMR = 0x08, GPSTS = 0x0c, GPEN = 0x0e,
       PM_SIZE = 0x40 };
enum { TMROF = 1 << 0, PWRBTN = 1 << 8, WAK_STS = 1 << 15 };
enum { PM1_EVENTS = 0x0521 };                       /* TMROF, GBL, PWRBTN, RTC */
enum { SCI_EN = 1 << 0, SUS_TYP = 7 << 10, SUS_EN = 1 << 13, SUS_TYP_SOFT_OFF = 0 << 10 };
enum { APMC_ACPI_DISABLE = 0xf0, APMC_ACPI_ENABLE = 0xf1, PORT_APMC = 0xb2 };
enum { SMB_STS = 0, SMB_CNT = 2, SMB_SIZE = 16, STS_DEV_ERR = 4, CNT_START = 0x40 };
enum { PORT_GPE0 = 0xafe0, GPE0_SIZE = 4, SCI_IRQ = 9 };

#define PMTMR_HZ    3579545
#define NS_PER_S    1000000000
#define PMTMR_HALF  0x800000u        /* TMROF_STS is set when bit 23 changes */

struct acpi_pm {
    struct pci_func   pci;
    struct mem_region pm_ports, smb_ports, apm_ports, gpe_ports;
    struct irq_line   sci;
    struct vtimer     overflow;
    uint8_t           reg[PM_SIZE];  /* all of PMBA but PMTMR */
    uint8_t           smb[SMB_SIZE], apm[2], gpe[GPE0_SIZE];
    uint64_t          overflow_at;   /* PM timer ticks since power-on */
    bool              button;        /* level of the power-button wire */
};

static uint64_t ticks(const struct acpi_pm *p)
{
    uint64_t now = (uint64_t)vclock_now(p->overflow.clock);

    return now / NS_PER_S * PMTMR_HZ + now % NS_PER_S * PMTMR_HZ / NS_PER_S;
}

static vtime_t tick_time(uint64_t tick)              /* first ns at which ticks() >= tick */
{
    uint64_t s = tick / PMTMR_HZ, rest = tick % PMTMR_HZ;

    return (vtime_t)(s * NS_PER_S + (rest * NS_PER_S + PMTMR_HZ - 1) / PMTMR_HZ);
}

/* The only place that sets TMROF_STS and decides the SCI level and the overflow timer. */
static void update_sci(struct acpi_pm *p)
{
    unsigned sts = vm_ld16(p->reg + PMSTS), en = vm_ld16(p->reg + PMEN);

    if (ticks(p) >= p->overflow_at)
        vm_st16(p->reg + PMSTS, sts |= TMROF);
    if (en & ~sts & TMROF)
        vtimer_arm(&p->overflow, tick_time(p->overflow_at));
    else
        vtimer_cancel(&p->overflow);
    irq_set(&p->sci, vm_ld16(p->reg + PMCNTRL) & SCI_EN &&
            (sts & en & PM1_EVENTS || vm_ld16(p->reg + GPSTS) & vm_ld16(p->reg + GPEN)));
}

static void on_overflow(void *opaque, vtime_t due)
{
    (void)due;
    update_sci(opaque);
}

static void power_button(void *sink, unsigned pin, bool level)
{
    struct acpi_pm *p = sink;

    (void)pin;
    if (level && !p->button)
        vm_st16(p->reg + PMSTS, vm_ld16(p->reg + PMSTS) | PWRBTN);
    p->button = level;
    update_sci(p);
}

/* ---- register files: bits the guest may write, and bits it clears by writing 1 ---- */

struct masks { uint8_t off, wmask, w1c; };

static const struct masks pm_masks[] = {
    { 0x00, 0, 0x31 }, { 0x01, 0, 0x85 }, { 0x02, 0x21, 0 }, { 0x03, 0x05, 0 },
    { 0x04, 0x03, 0 }, { 0x05, 0x1c, 0 }, { 0x0c, 0, 0x01 }, { 0x0d, 0, 0x0f },
    { 0x0e, 0x01, 0 }, { 0x0f, 0x0f, 0 }, { 0x10, 0x1e, 0 }, { 0x11, 0x3e, 0 },
    { 0x12, 0x3f, 0 }, { 0x18, 0, 0xff }, { 0x1c, 0, 0xff }, { 0x1d, 0, 0xff },
    { 0x1e, 0, 0xff }, { 0x1f, 0, 0x3f }, { 0x20, 0xff, 0 }, { 0x21, 0x0f, 0 },
    { 0x28, 0xff, 0 }, { 0x29, 0xff, 0 }, { 0x2a, 0xff, 0 }, { 0x2b, 0x07, 0 },
    { 0x2c, 0xff, 0 }, { 0x2d, 0xff, 0 }, { 0x2e, 0xff, 0 }, { 0x2f, 0xff, 0 },
    { 0x34, 0xff, 0 }, { 0x35, 0xff, 0 }, { 0x36, 0xff, 0 }, { 0x37, 0x7f, 0 },
};
static const struct masks smb_masks[] = {
    { 0x00, 0, 0x1e }, { 0x01, 0, 0x3c }, { 0x02, 0x1d, 0 }, { 0x03, 0xff, 0 },
    { 0x04, 0xff, 0 }, { 0x05, 0xff, 0 }, { 0x06, 0xff, 0 }, { 0x07, 0xff, 0 },
    { 0x08, 0x0f, 0 }, { 0x09, 0xff, 0 }, { 0x0a, 0xff, 0 }, { 0x0b, 0xff, 0 },
};
static const struct masks gpe_masks[] = {
    { 0x00, 0, 0xff }, { 0x01, 0, 0xff }, { 0x02, 0xff, 0 }, { 0x03, 0xff, 0 },
};

static void write_masked(uint8_t *reg, const struct masks *m, unsigned n, uint64_t off,
                         uint64_t val, unsigned size)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t byte;

        if (m[i].off < off || m[i].off >= off + size)
            continue;
        byte = val >> 8 * (m[i].off - off) & 0xff;
        reg[m[i].off] &= ~(m[i].wmask | (m[i].w1c & byte));
        reg[m[i].off] |= m[i].wmask & byte;
    }
}

/* ---- PMBA ---- */

static uint64_t pm_read(void *opaque, uint64_t off, unsigned size)
{
    struct acpi_pm *p = opaque;
    uint8_t image[PM_SIZE];
    uint32_t tmr = ticks(p) & 0xffffff;

    update_sci(p);
    memcpy(image, p->reg, sizeof image);
    memcpy(image + PMTMR, &tmr, sizeof tmr);
    return vm_ld(image + off, size);
}

static void pm_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct acpi_pm *p = opaque;
    bool sleep = off <= PMCNTRL + 1 && off + size > PMCNTRL + 1 &&
                 val >> 8 * (PMCNTRL + 1 - off) & SUS_EN >> 8;

    update_sci(p);
    write_masked(p->reg, pm_masks, sizeof pm_masks / sizeof pm_masks[0], off, val, size);
    if (off == PMSTS && val & TMROF)
        p->overflow_at = (ticks(p) / PMTMR_HALF + 1) * PMTMR_HALF;
    if (sleep) {
        if ((vm_ld16(p->reg + PMCNTRL) & SUS_TYP) == SUS_TYP_SOFT_OFF)
            machine_request(p->pci.dev.m, MACHINE_POWEROFF, 0);
        else
            vm_st16(p->reg + PMSTS, vm_ld16(p->reg + PMSTS) | WAK_STS);
    }
    update_sci(p);
}

static const struct mmio_ops pm_ops = { pm_read, pm_write, 1, 4 };

/* ---- SMBus host, APM and the second GPE block ---- */

static uint64_t smb_read(void *opaque, uint64_t off, unsigned size)
{
    return vm_ld(((struct acpi_pm *)opaque)->smb + off, size);
}

static void smb_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct acpi_pm *p = opaque;

    write_masked(p->smb, smb_masks, sizeof smb_masks / sizeof smb_masks[0], off, val, size);
    if (off == SMB_CNT && val & CNT_START)
        p->smb[SMB_STS] |= STS_DEV_ERR;
}

static const struct mmio_ops smb_ops = { smb_read, smb_write, 1, 1 };

static uint64_t apm_read(void *opaque, uint64_t off, unsigned size)
{
    return vm_ld(((struct acpi_pm *)opaque)->apm + off, size);
}

static void apm_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct acpi_pm *p = opaque;

    (void)size;
    p->apm[off] = val & 0xff;
    if (off == 0 && val == APMC_ACPI_ENABLE)
        p->reg[PMCNTRL] |= SCI_EN;
    if (off == 0 && val == APMC_ACPI_DISABLE)
        p->reg[PMCNTRL] &= ~SCI_EN;
    update_sci(p);
}

static const struct mmio_ops apm_ops = { apm_read, apm_write, 1, 1 };

static uint64_t gpe_read(void *opaque, uint64_t off, unsigned size)
{
    return vm_ld(((struct acpi_pm *)opaque)->gpe + off, size);
}

static void gpe_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    write_masked(((struct acpi_pm *)opaque)->gpe, gpe_masks,
                 sizeof gpe_masks / sizeof gpe_masks[0], off, val, size);
}

static const struct mmio_ops gpe_ops = { gpe_read, gpe_write, 1, 4 };

/* ---- config space ---- */

static void move_ports(struct mem_space *sp, struct mem_region *r, unsigned base, bool on)
{
    mem_begin(sp);
    mem_remove(r);
    mem_add(mem_root(sp), r, base, 0);
    mem_enable(r, on);
    mem_commit(sp);
}

static void update_map(struct acpi_pm *p)
{
    struct mem_space *sp = machine_ports(p->pci.dev.m);
    const uint8_t *cfg = p->pci.cfg;

    move_ports(sp, &p->pm_ports, vm_ld16(cfg + CFG_PMBA) & 0xffc0, cfg[CFG_PMREGMISC] & 1);
    move_ports(sp, &p->smb_ports, vm_ld16(cfg + CFG_SMBBA) & 0xfff0, cfg[CFG_SMBHSTCFG] & 1);
}

static void cfg_written(struct pci_func *f, unsigned off, unsigned size)
{
    if (off + size > CFG_PMBA && off <= CFG_SMBHSTCFG)
        update_map((struct acpi_pm *)f);
}

static void set_masks(struct pci_func *f)
{
    static const struct { uint8_t off, wmask; } rw[] = {
        { 0x04, 0x01 }, { 0x3c, 0xff }, { 0x40, 0xc0 }, { 0x41, 0xff }, { 0x80, 0x01 },
        { 0x90, 0xf0 }, { 0x91, 0xff }, { 0xd2, 0x0f }, { 0xd3, 0xff }, { 0xd4, 0xff },
        { 0xd5, 0xff },
    };

    for (unsigned i = 0x44; i < 0x7c; i++)               /* counters and device resources */
        f->wmask[i] = 0xff;
    for (unsigned i = 0; i < sizeof rw / sizeof rw[0]; i++)
        f->wmask[rw[i].off] = rw[i].wmask;
    f->w1c[0x07] = 0x38;
}

static void set_cfg(struct pci_func *f)
{
    static const struct { uint8_t off, val; } init[] = {
        { 0x00, 0x86 }, { 0x01, 0x80 }, { 0x02, 0x13 }, { 0x03, 0x71 }, { 0x06, 0x80 },
        { 0x07, 0x02 }, { 0x08, 0x03 }, { 0x0a, 0x80 }, { 0x0b, 0x06 }, { 0x3c, SCI_IRQ },
        { 0x3d, 0x01 }, { 0x40, 0x01 }, { 0x90, 0x01 },
        { CFG_DEVACTB3, 0x02 },      /* APMC_EN: tells firmware that SMM is set up already */
    };

    memset(f->cfg, 0, sizeof f->cfg);
    for (unsigned i = 0; i < sizeof init / sizeof init[0]; i++)
        f->cfg[init[i].off] = init[i].val;
}

static int realize_ports(struct acpi_pm *p, struct machine *m, struct vm_error *e)
{
    p->pm_ports = (struct mem_region){ .name = "acpi-pm", .kind = MEM_MMIO, .size = PM_SIZE,
                                       .ops = &pm_ops, .dev = p };
    p->smb_ports = (struct mem_region){ .name = "smbus", .kind = MEM_MMIO, .size = SMB_SIZE,
                                        .ops = &smb_ops, .dev = p };
    p->apm_ports = (struct mem_region){ .name = "apm", .kind = MEM_MMIO, .size = 2,
                                        .ops = &apm_ops, .dev = p };
    p->gpe_ports = (struct mem_region){ .name = "gpe0", .kind = MEM_MMIO, .size = GPE0_SIZE,
                                        .ops = &gpe_ops, .dev = p };
    mem_add(mem_root(machine_ports(m)), &p->pm_ports, 0, 0);
    mem_enable(&p->pm_ports, false);
    mem_add(mem_root(machine_ports(m)), &p->smb_ports, 0, 0);
    mem_enable(&p->smb_ports, false);
    VM_TRY(machine_claim_ports(m, &p->apm_ports, PORT_APMC, e));
    return machine_claim_ports(m, &p->gpe_ports, PORT_GPE0, e);
}

static int realize(struct device *d, struct machine *m, struct vm_error *e)
{
    struct acpi_pm *p = (struct acpi_pm *)d;

    if (!machine_pci(m))
        return vm_fail(e, VM_EINVAL, "PIIX4 power management needs a board with a PCI bus");
    vtimer_init(&p->overflow, machine_clock(m), "overflow", on_overflow, p);
    p->pci.cfg_written = cfg_written;
    set_masks(&p->pci);
    set_cfg(&p->pci);
    VM_TRY(pci_attach(machine_pci(m), &p->pci, 1 << 3 | 3, e));
    VM_TRY(realize_ports(p, m, e));
    VM_TRY(machine_share_irq(m, &p->sci, SCI_IRQ, e));
    return machine_publish_wire(m, "power-button", power_button, p, 0, e);
}

static void unrealize(struct device *d)
{
    struct acpi_pm *p = (struct acpi_pm *)d;

    mem_remove(&p->pm_ports);
    mem_remove(&p->smb_ports);
    vtimer_forget(&p->overflow);
    pci_detach(machine_pci(d->m), &p->pci);
}

static void reset(struct device *d, enum reset_kind k)
{
    struct acpi_pm *p = (struct acpi_pm *)d;

    if (k == RESET_SOFT)
        return;
    pci_func_reset(&p->pci);
    set_cfg(&p->pci);
    memset(p->reg, 0, sizeof p->reg);
    memset(p->smb, 0, sizeof p->smb);
    memset(p->apm, 0, sizeof p->apm);
    memset(p->gpe, 0, sizeof p->gpe);
    memcpy(p->reg + 0x34, "\xff\xbf\xff\x7f", 4);        /* GPOREG, datasheet 7.2.13 */
    p->overflow_at = (ticks(p) / PMTMR_HALF + 1) * PMTMR_HALF;
}

static void drive(struct device *d)
{
    struct acpi_pm *p = (struct acpi_pm *)d;

    if (p->overflow_at > ticks(p) + PMTMR_HALF)          /* only a forged snapshot says so */
        p->overflow_at = ticks(p) + PMTMR_HALF;
    update_map(p);
    update_sci(p);
}

static void snap(struct device *d, struct snap *s)
{
    struct acpi_pm *p = (struct acpi_pm *)d;

    if (snap_mode(s) != SNAP_LOAD)
        update_sci(p);                                   /* TMROF_STS is set when looked at */
    snap_begin(s, "acpi_pm", 1);
    pci_func_snap(&p->pci, s);
    snap_mem(s, "reg", p->reg, sizeof p->reg);
    snap_mem(s, "smb", p->smb, sizeof p->smb);
    snap_mem(s, "apm", p->apm, sizeof p->apm);
    snap_mem(s, "gpe", p->gpe, sizeof p->gpe);
    snap_u64(s, "overflow_at", &p->overflow_at);
    snap_bool(s, "button", &p->button);
    vtimer_snap(&p->overflow, s);
    snap_end(s);
}

const struct dev_class acpi_pm_class = {
    .name = "acpi_pm", .help = "PIIX4 power management", .size = sizeof(struct acpi_pm),
    .realize = realize, .reset = reset, .drive = drive, .snap = snap,
    .unrealize = unrealize,
};
