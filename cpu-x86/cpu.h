/* cpu.h - one CPU as an object: made, reset, saved, run by the machine. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_CPU_H
#define X86_CPU_H
#include "cpu-x86/engine.h"
#include "cpu-x86/mmu.h"
#include "cpu-x86/pins.h"
#include "devmodel/base/vm_err.h"
#include "devmodel/core/device.h"
#include "devmodel/core/machine.h"
struct x86_cpu;
struct mem_space;
struct snap;

enum { X86_GPA_BITS = 36 };          /* width of a physical address */

struct x86_config {                  /* all borrowed: they outlive the CPU */
    const char *model;               /* a row of cpuid.def: "486" .. "max" */
    struct mem_space *mem;
    const struct x86_port_ops *port; void *port_self;
    const struct x86_mmu_ops *mmu; void *mmu_self;
    const struct x86_engine_ops *engine; const char *engine_opts;
};

/* VM_EINVAL: no such model (the sentence names those there are); VM_ENOMEM; the engine's errors.
 * The CPU is as after power-on. */
int  x86_create(struct x86_cpu **out, const struct x86_config *cfg, struct vm_error *e);
void x86_destroy(struct x86_cpu *c);                       /* NULL is allowed */

/* SDM vol. 3 table 9-1. Pin levels stay; INIT (RESET_SOFT) keeps x87, SSE, MSRs and caches. */
void x86_reset(struct x86_cpu *c, enum reset_kind k);
/* All architectural state, between two runs. */
void x86_snap(struct x86_cpu *c, struct snap *s);

/* The CPU as the machine's executor; self = struct x86_cpu *. */
extern const struct exec_ops x86_exec;
/* Retired since power-on; while an instruction runs in a helper, those before it. */
uint64_t x86_insns(const struct x86_cpu *c);

/* For the monitor. */
const char *x86_model_name(const struct x86_cpu *c);
/* Writes the registers as text, at most cap bytes with the final 0. */
void x86_print(const struct x86_cpu *c, char *out, size_t cap);

/* MSRs, msr.def. False: there is none of this number, or it cannot hold v. */
enum { X86_APIC_ENABLE = 0x800, X86_APIC_BSP = 0x100 };
bool x86_msr_read(struct x86_cpu *c, uint32_t n, uint64_t *v);
bool x86_msr_write(struct x86_cpu *c, uint32_t n, uint64_t v);
void x86_msr_reset(struct x86_cpu *c);
uint64_t x86_tsc(const struct x86_cpu *c);
#endif
