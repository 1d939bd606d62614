/* cpubox.h - a CPU in an empty box: RAM from 0, ports that record, no devices. */
/* SPDX-License-Identifier: MIT */
#ifndef CPUBOX_H
#define CPUBOX_H
#include "cpu-x86/cpu.h"
#include "cpu-x86/state.h"
#include "devmodel/core/mem.h"
#include "devmodel/core/ram.h"
#include "shadow-mmu/smmu.h"

struct cpubox {
    struct mem_space *mem;
    struct ram        ram;
    struct mem_region region;
    struct smmu      *mmu;
    struct x86_cpu   *cpu;
    struct { uint16_t port; uint32_t v; unsigned size; } out[256];   /* the first ones */
    unsigned          outs;
    uint32_t          in_value;      /* what every port reads as */
};

/* Every failure ends the test program. bytes: whole pages. */
struct cpubox *cpubox_new(const char *model, uint64_t bytes);    /* on the interpreter */
struct cpubox *cpubox_new_on(const char *model, uint64_t bytes,
                             const struct x86_engine_ops *engine);
void cpubox_free(struct cpubox *b);
/* CS:IP = 0:ip in real mode, all segments 0, SP = 7000h, IF clear. */
void cpubox_real(struct cpubox *b, uint16_t ip);
/* Flat 32-bit protected mode without paging, CPL 0, all segments base 0; GDT at 800h. */
void cpubox_flat(struct cpubox *b, uint32_t eip);
void cpubox_put(struct cpubox *b, uint64_t at, const void *bytes, size_t n);
enum exec_stop cpubox_run(struct cpubox *b, int64_t insns);
#endif
