/* test_machine.c - properties, claims, wires, the order of a device's life, PCI. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/clock.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

struct toy {
    struct pci_func   f;
    struct mem_region ports;
    struct irq_line   irq, a20;
    struct vtimer     timer;
    uint32_t          iobase, irq_no;
    uint64_t          big;
    bool              flag;
    const char       *text;
    struct blk       *blk;
};

static char order[256];
static struct machine *m;
static struct vm_error err;
static bool irqs[16], a20;
static struct toy *toys[4];

static uint64_t rd(void *o, uint64_t off, unsigned size) { (void)o; (void)size; return off; }
static void wr(void *o, uint64_t off, uint64_t v, unsigned size)
{
    (void)o; (void)off; (void)v; (void)size;
}
static const struct mmio_ops ops = { rd, wr, 1, 4 };

static void log_order(struct device *d, char what)
{
    size_t n = strlen(order);

    snprintf(order + n, sizeof order - n, "%c%s ", what, d->id);
}

static void tick(void *o, vtime_t due) { (void)o; (void)due; }

static int realize(struct device *d, struct machine *mm, struct vm_error *e)
{
    struct toy *t = (struct toy *)d;

    log_order(d, '+');
    t->ports = (struct mem_region){ .name = "toy", .kind = MEM_MMIO, .size = 8, .ops = &ops };
    vtimer_init(&t->timer, machine_clock(mm), "tick", tick, t);
    vtimer_arm(&t->timer, 1000);
    VM_TRY(machine_claim_ports(mm, &t->ports, t->iobase, e));
    VM_TRY(machine_connect_wire(mm, "a20", &t->a20, e));
    if (t->flag) {
        t->f.bar[0] = (struct mem_region){ .name = "toy-mem", .kind = MEM_MMIO, .size = 4096,
                                           .ops = &ops };
        t->f.bar[1] = (struct mem_region){ .name = "toy-io", .kind = MEM_MMIO, .size = 32,
                                           .ops = &ops };
        t->f.bar_is_io[1] = true;
        t->f.cfg[0] = 0x34;
        t->f.cfg[PCI_INT_PIN] = 2;
        t->f.w1c[PCI_STATUS + 1] = 0x80;
        return pci_attach(machine_pci(mm), &t->f, 5 << 3, e);
    }
    return machine_claim_irq(mm, &t->irq, t->irq_no, e);
}

static void reset(struct device *d, enum reset_kind k)
{
    log_order(d, k == RESET_HARD ? 'h' : 'p');
    if (((struct toy *)d)->flag)
        pci_func_reset(&((struct toy *)d)->f);
}
static void drive(struct device *d) { log_order(d, 'd'); }
static void unrealize(struct device *d) { log_order(d, '-'); }
static void snap(struct device *d, struct snap *s)
{
    snap_begin(s, "toy", 1);
    if (((struct toy *)d)->flag)
        pci_func_snap(&((struct toy *)d)->f, s);
    snap_end(s);
}

static const struct dev_prop props[] = {
    { "iobase", "first port", PROP_U32, offsetof(struct toy, iobase), NULL },
    { "irq", "request line", PROP_U32, offsetof(struct toy, irq_no), "5" },
    { "size", "how much", PROP_U64, offsetof(struct toy, big), "4k" },
    { "pci", "sits on PCI", PROP_BOOL, offsetof(struct toy, flag), "off" },
    { "text", "a word", PROP_STR, offsetof(struct toy, text), "none" },
    { "drive", "a disk", PROP_BLK, offsetof(struct toy, blk), "" },
    { .name = NULL },
};
static const struct dev_class toy_class = {
    .name = "toy", .help = "for tests", .size = sizeof(struct toy), .props = props,
    .realize = realize, .reset = reset, .drive = drive, .snap = snap, .unrealize = unrealize,
};

static void see_irq(void *o, unsigned irq, bool level) { (void)o; irqs[irq] = level; }
static void see_a20(void *o, unsigned pin, bool level) { (void)o; (void)pin; a20 = level; }

static void setup(void)
{
    struct machine_options o = { 1 << 20, 36, true, "test" };

    ck_assert_int_eq(machine_new(&m, &o, &err), 0);
    ck_assert_int_eq(machine_publish_wire(m, "a20", see_a20, NULL, 0, &err), 0);
    ck_assert_int_eq(machine_add_irq_sink(m, see_irq, NULL, &err), 0);
    order[0] = '\0';
}

static void teardown(void) { machine_free(m); }

static int add(unsigned i, const char *id, const char *text)
{
    return machine_add_class(m, &toy_class, id, text, (struct device **)&toys[i], &err);
}

static void says(const char *word)
{
    ck_assert_msg(strstr(err.text, word) != NULL, "\"%s\" does not say %s", err.text, word);
}

START_TEST(properties_are_parsed_by_type)
{
    int disk;

    ck_assert_int_eq(machine_add_backend(m, PROP_BLK, "hd,0", &disk, &err), 0);
    ck_assert_int_eq(add(0, "a", "iobase=0x300,size=3G,text=x,,y,drive=hd,,0"), 0);
    ck_assert(toys[0]->iobase == 0x300 && toys[0]->irq_no == 5 && toys[0]->big == 3ull << 30);
    ck_assert_str_eq(toys[0]->text, "x,y");
    ck_assert(toys[0]->blk == (void *)&disk && !toys[0]->flag);
    ck_assert_int_eq(add(1, "b", "iobase=768,pci"), VM_EBUSY);
    says("a");
}
END_TEST

START_TEST(wrong_properties_are_refused_with_advice)
{
    ck_assert_int_eq(add(0, "a", ""), VM_EINVAL);
    says("iobase");
    ck_assert_int_eq(add(0, "a", "iobase=1,colour=red"), VM_EINVAL);
    says("colour");
    says("text");
    ck_assert_int_eq(add(0, "a", "iobase=0x1x"), VM_EINVAL);
    ck_assert_int_eq(add(0, "a", "iobase=4294967296"), VM_EINVAL);
    ck_assert_int_eq(add(0, "a", "iobase=1,size=99999999999G"), VM_EINVAL);
    ck_assert_int_eq(add(0, "a", "iobase=1,pci=perhaps"), VM_EINVAL);
    says("on or off");
    ck_assert_int_eq(add(0, "a", "iobase=1,drive=nothing"), VM_ENOENT);
    says("nothing");
    ck_assert_int_eq(add(0, "a", "iobase=-1"), VM_EINVAL);
    ck_assert_ptr_null(machine_devices(m));
}
END_TEST

START_TEST(claims_are_exclusive_and_given_back)
{
    ck_assert_int_eq(add(0, "first", "iobase=0x300,irq=7"), 0);
    ck_assert_int_eq(add(1, "second", "iobase=0x307,irq=8"), VM_EBUSY);
    says("first");
    says("second");
    ck_assert_int_eq(add(1, "second", "iobase=0x310,irq=7"), VM_EBUSY);
    says("first");
    ck_assert_int_eq(add(1, "second", "iobase=0x310,irq=16"), VM_EINVAL);
    ck_assert_int_eq(add(1, "second", "iobase=0xfffc"), VM_EINVAL);
    ck_assert_uint_eq(mem_read(machine_ports(m), 0x310, 1), 0xff);
    ck_assert_int_eq(add(1, "second", "iobase=0x310,irq=8"), 0);     /* what failed left nothing */
    ck_assert_int_eq(add(2, "second", "iobase=0x320,irq=9"), VM_EBUSY);
    vclock_run(machine_clock(m), 2000);         /* timers of the failed ones are gone */
}
END_TEST

START_TEST(life_has_its_order)
{
    add(0, "a", "iobase=0x300,irq=3");
    add(1, NULL, "iobase=0x310,irq=4");
    add(2, NULL, "iobase=0x320,irq=5");
    machine_reset(m, RESET_POWER_ON);
    machine_reset(m, RESET_SOFT);
    ck_assert_str_eq(order, "+a +toy +toy.1 pa ptoy ptoy.1 da dtoy dtoy.1 ");
    order[0] = '\0';
    teardown();
    ck_assert_str_eq(order, "-toy.1 -toy -a ");
    setup();
}
END_TEST

START_TEST(shared_lines_and_wires_are_ored)
{
    struct irq_line x = { 0 }, y = { 0 };

    ck_assert_int_eq(machine_share_irq(m, &x, 11, &err), 0);
    ck_assert_int_eq(machine_share_irq(m, &y, 11, &err), 0);
    irq_set(&x, true);
    irq_set(&y, true);
    irq_set(&x, false);
    ck_assert(irqs[11]);
    irq_set(&y, false);
    ck_assert(!irqs[11]);
    add(0, "a", "iobase=0x300");
    irq_set(&toys[0]->a20, true);
    ck_assert(a20);
    a20 = false;
    machine_reset(m, RESET_HARD);               /* announces it again */
    ck_assert(a20);
    ck_assert_int_eq(machine_connect_wire(m, "nowhere", &x, &err), VM_ENOENT);
    says("nowhere");
    machine_unclaim(m, NULL);
}
END_TEST

static void cfg(unsigned off, uint32_t v, unsigned size)
{
    mem_write(machine_ports(m), 0xcf8, 0x80000000u | 5 << 11 | (off & 0xfc), 4);
    mem_write(machine_ports(m), 0xcfc + (off & 3), v, size);
}

static uint32_t cfg_in(unsigned off, unsigned size)
{
    mem_write(machine_ports(m), 0xcf8, 0x80000000u | 5 << 11 | (off & 0xfc), 4);
    return mem_read(machine_ports(m), 0xcfc + (off & 3), size);
}

START_TEST(bars_size_map_and_move)
{
    struct mem_space *mem = machine_ram(m);

    ck_assert_int_eq(add(0, "a", "iobase=0x300,pci"), 0);
    machine_reset(m, RESET_POWER_ON);
    ck_assert_uint_eq(cfg_in(0, 2), 0x34);
    cfg(0x10, 0xffffffff, 4);
    ck_assert_uint_eq(cfg_in(0x10, 4), 0xfffff000);
    cfg(0x14, 0xffffffff, 4);
    ck_assert_uint_eq(cfg_in(0x14, 4), 0xffffffe1);
    ck_assert_uint_eq(cfg_in(0x18, 4), 0);
    cfg(0x10, 0xe0000123, 4);
    ck_assert_uint_eq(mem_read(mem, 0xe0000010, 1), 0xff);
    cfg(4, 3, 2);
    ck_assert_uint_eq(mem_read(mem, 0xe0000010, 1), 0x10);
    cfg(0x12, 0xe010, 2);                       /* half of the register */
    ck_assert_uint_eq(mem_read(mem, 0xe0000010, 1), 0xff);
    ck_assert_uint_eq(mem_read(mem, 0xe0100010, 1), 0x10);
    cfg(0x14, 0xc001, 4);
    ck_assert_uint_eq(mem_read(machine_ports(m), 0xc01f, 1), 0x1f);
    cfg(0x14, 0x301, 4);                        /* over a fixed claim: stays beneath it */
    ck_assert_uint_eq(mem_read(machine_ports(m), 0x301, 1), 1);
    cfg(4, 0, 1);
    ck_assert_uint_eq(mem_read(mem, 0xe0100010, 1), 0xff);
    cfg(0x10, 0, 4);
    cfg(4, 3, 1);
    ck_assert_uint_eq(mem_read(mem, 0, 1), 0xff);
}
END_TEST

START_TEST(config_space_obeys_its_masks)
{
    ck_assert_int_eq(add(0, "a", "iobase=0x300,pci"), 0);
    machine_reset(m, RESET_POWER_ON);
    cfg(0, 0xffffffff, 4);
    ck_assert_uint_eq(cfg_in(0, 1), 0x34);
    cfg(0x3c, 0xffff, 2);
    ck_assert_uint_eq(cfg_in(0x3c, 2), 0x02ff);
    toys[0]->f.cfg[7] = 0x80;
    cfg(7, 0x7f, 1);
    ck_assert_uint_eq(cfg_in(7, 1), 0x80);
    cfg(7, 0x80, 1);
    ck_assert_uint_eq(cfg_in(7, 1), 0);
    mem_write(machine_ports(m), 0xcf8, 0x80010000u | 5 << 11, 4);        /* bus 1 */
    ck_assert_uint_eq(mem_read(machine_ports(m), 0xcfc, 4), 0xffffffff);
    mem_write(machine_ports(m), 0xcf8, 5 << 11, 4);                      /* not enabled */
    ck_assert_uint_eq(mem_read(machine_ports(m), 0xcfc, 4), 0xffffffff);
    mem_write(machine_ports(m), 0xcf8, 0x12, 1);
    ck_assert_uint_eq(mem_read(machine_ports(m), 0xcf8, 4), 5 << 11);
    struct pci_func second = { .dev = { .id = "second" } };
    ck_assert_int_eq(pci_attach(machine_pci(m), &second, 5 << 3, &err), VM_EBUSY);
    says("second");
}
END_TEST

static bool pirq[4];
static void see_pirq(void *o, unsigned n, bool level) { (void)o; pirq[n] = level; }

START_TEST(intx_lands_on_the_pirq_of_slot_and_pin)
{
    for (unsigned i = 0; i < 4; i++)
        irq_connect(pci_pirq(machine_pci(m), i), see_pirq, NULL, i);
    ck_assert_int_eq(add(0, "a", "iobase=0x300,pci"), 0);
    irq_set(&toys[0]->f.intx, true);            /* device 5, INTB: (5 + 2 - 2) & 3 */
    ck_assert(pirq[1] && !pirq[0] && !pirq[2] && !pirq[3]);
    pci_detach(machine_pci(m), &toys[0]->f);
    ck_assert(!pirq[1]);
}
END_TEST

static void stream(enum snap_mode mode, char *buf, size_t n)
{
    FILE *f = fmemopen(buf, n, mode == SNAP_SAVE ? "wb" : "rb");
    struct snap *s;

    ck_assert_int_eq(snap_open(&s, mode, f, &err), 0);
    machine_snap(m, s);
    ck_assert_msg(snap_close(s, &err) == 0, "%s", err.text);
    fclose(f);
}

START_TEST(a_loaded_function_is_mapped_again_and_keeps_its_identity)
{
    static char buf[1 << 16];

    ck_assert_int_eq(add(0, "a", "iobase=0x300,pci"), 0);
    machine_reset(m, RESET_POWER_ON);
    cfg(0x10, 0xe0000000, 4);
    cfg(4, 2, 1);
    toys[0]->f.cfg[0] = 0x99;                   /* as a forged file would say */
    stream(SNAP_SAVE, buf, sizeof buf);
    toys[0]->f.cfg[0] = 0x34;
    machine_reset(m, RESET_HARD);
    ck_assert_uint_eq(mem_read(machine_ram(m), 0xe0000010, 1), 0xff);
    stream(SNAP_LOAD, buf, sizeof buf);
    ck_assert_uint_eq(mem_read(machine_ram(m), 0xe0000010, 1), 0x10);
    ck_assert_uint_eq(cfg_in(0, 1), 0x34);
}
END_TEST

/* Seed 6. */
START_TEST(random_configuration_traffic_is_harmless)
{
    srand(6);
    ck_assert_int_eq(add(0, "a", "iobase=0x300,pci"), 0);
    for (unsigned i = 0; i < 100000; i++) {
        unsigned size = 1u << rand() % 3;
        uint32_t v = (uint32_t)rand() << rand() % 8;
        cfg(rand() % 64 & ~(size - 1), v, size);
        mem_read(machine_ram(m), v & 0xffffff00, 4);
        mem_read(machine_ports(m), v & 0xffff, 4);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("machine");
    TCase *tc = tcase_create("machine");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, properties_are_parsed_by_type);
    tcase_add_test(tc, wrong_properties_are_refused_with_advice);
    tcase_add_test(tc, claims_are_exclusive_and_given_back);
    tcase_add_test(tc, life_has_its_order);
    tcase_add_test(tc, shared_lines_and_wires_are_ored);
    tcase_add_test(tc, bars_size_map_and_move);
    tcase_add_test(tc, config_space_obeys_its_masks);
    tcase_add_test(tc, intx_lands_on_the_pirq_of_slot_and_pin);
    tcase_add_test(tc, a_loaded_function_is_mapped_again_and_keeps_its_identity);
    tcase_add_test(tc, random_configuration_traffic_is_harmless);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
