/* bench.h - a device on the bench: ports, memory, a stepped clock, wires to look at, and no CPU. */
/* SPDX-License-Identifier: MIT */
#ifndef BENCH_H
#define BENCH_H
#include "devmodel/core/clock.h"
#include "devmodel/core/device.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/isadma.h"
#include "devmodel/core/loop.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/snap.h"

struct bench_dev { const char *cls, *props; };
struct bench_backend { enum prop_type type; const char *name; void *object; };
struct bench {
    struct machine *m;
    struct device  *dev;             /* the last one added: what is tested */
    bool            irq[16];         /* ISA lines */
    bool            wires[8];        /* see wire_named */
    unsigned        irq_rises[16];
    struct bench_dev     devs[8];     unsigned n_devs;
    struct bench_backend backends[8]; unsigned n_backends;
    struct { size_t off, len; } ignore[16]; unsigned n_ignore;
    struct mem_region    low, high;  /* RAM up to A0000h, and from 1 MiB */
    uint8_t        *fresh;           /* the device's struct as realize and reset left it */
};

/* A machine with 4 MiB of RAM (a hole from A0000h to 1 MiB), PCI, published wires; every failure
 * ends the test. The strings outlive the bench. bench_new = begin + add + power_on. */
struct bench *bench_new(const char *cls, const char *props);
struct bench *bench_begin(void);
void bench_backend(struct bench *b, enum prop_type type, const char *name, void *object);
struct device *bench_add(struct bench *b, const char *cls, const char *props);
void bench_power_on(struct bench *b);
void bench_free(struct bench *b);

/* Ports. */
uint8_t  in8 (struct bench *b, uint16_t port);
uint16_t in16(struct bench *b, uint16_t port);
uint32_t in32(struct bench *b, uint16_t port);
void out8 (struct bench *b, uint16_t port, uint8_t v);
void out16(struct bench *b, uint16_t port, uint16_t v);
void out32(struct bench *b, uint16_t port, uint32_t v);
/* Memory, as the CPU sees it. */
uint8_t  rd8 (struct bench *b, uint64_t gpa);
uint16_t rd16(struct bench *b, uint64_t gpa);
uint32_t rd32(struct bench *b, uint64_t gpa);
void wr8 (struct bench *b, uint64_t gpa, uint8_t v);
void wr16(struct bench *b, uint64_t gpa, uint16_t v);
void wr32(struct bench *b, uint64_t gpa, uint32_t v);
/* PCI configuration through ports CF8h and CFCh. */
uint32_t cfg_rd(struct bench *b, uint8_t devfn, uint8_t off, unsigned size);
void     cfg_wr(struct bench *b, uint8_t devfn, uint8_t off, unsigned size, uint32_t v);

void step(struct bench *b, vtime_t ns);              /* time passes, due timers fire */
void poll_host(struct bench *b);                     /* one poll step: completions arrive */
bool wire(struct bench *b, unsigned irq);            /* ISA line 0..15 */
unsigned rises(struct bench *b, unsigned irq);       /* 0 -> 1 edges since power on */
bool wire_named(struct bench *b, const char *name);  /* a20 nmi reset cpu-intr smi lapic-intr
                                                        lapic-nmi */
void bench_reset(struct bench *b, enum reset_kind k);

/* Saves, loads into a fresh machine built the same way, and compares: the second save has the same
 * bytes; every byte of the device's struct that the test has changed since power on has the same
 * value in the copy (pointers, vtimer bookkeeping, wires and ignored fields aside). */
void bench_snap_roundtrip(struct bench *b);
/* Bytes of the device's struct that are no guest-visible state (a cache, a host pointer). */
void bench_snap_ignore(struct bench *b, size_t off, size_t len);
#endif
