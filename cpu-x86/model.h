/* model.h - the CPU models: what CPUID says, and what follows from it. Rows are in cpuid.def. */
/* SPDX-License-Identifier: MIT */
#ifndef X86_MODEL_H
#define X86_MODEL_H
#include "devmodel/base/vm_types.h"

/* CPUID leaf 1, SDM vol. 2 CPUID tables 3-19 and 3-20. */
enum {
    CPUID_FPU = 1, CPUID_VME = 1 << 1, CPUID_DE = 1 << 2, CPUID_PSE = 1 << 3, CPUID_TSC = 1 << 4,
    CPUID_MSR = 1 << 5, CPUID_PAE = 1 << 6, CPUID_MCE = 1 << 7, CPUID_CX8 = 1 << 8,
    CPUID_APIC = 1 << 9, CPUID_SEP = 1 << 11, CPUID_MTRR = 1 << 12, CPUID_PGE = 1 << 13,
    CPUID_MCA = 1 << 14, CPUID_CMOV = 1 << 15, CPUID_PAT = 1 << 16, CPUID_PSE36 = 1 << 17,
    CPUID_CLFSH = 1 << 19, CPUID_MMX = 1 << 23, CPUID_FXSR = 1 << 24, CPUID_SSE = 1 << 25,
    CPUID_SSE2 = 1 << 26, CPUID_SS = 1 << 27
};
enum { CPUID_SSE3 = 1 };             /* ECX */
/* Leaf 7, EBX: FDP only of unmasked errors; FCS and FDS are stored as 0. */
enum { CPUID_FDP_ERRORS = 1 << 6, CPUID_NO_FCS_FDS = 1 << 13 };
enum { CPUID_NX = 1 << 20 };         /* leaf 8000_0001h, EDX */

struct x86_model {
    const char *name, *about;
    uint32_t signature;              /* leaf 1 EAX, and EDX after reset */
    uint32_t ebx, edx, ecx, ext_edx; /* leaf 1 (without the APIC id), leaf 8000_0001h */
    uint32_t ebx7;                   /* leaf 7; 0 = there is none */
    uint32_t cache[4];               /* leaf 2: EAX EBX ECX EDX; EAX 0 = there is no leaf 2 */
    const char *brand;               /* leaves 8000_0002h .. 4: at most 47 characters, or NULL */
    uint32_t eflags;                 /* the bits that exist */
    uint32_t cr4;                    /* the bits that may be set */
};

/* NULL = no such model; i counts from 0 in x86_model_at. */
const struct x86_model *x86_model_find(const char *name);
const struct x86_model *x86_model_at(unsigned i);

struct x86_insn;
/* False: the model does not know the instruction, it is #UD. For block builders. */
bool x86_model_has(const struct x86_model *m, const struct x86_insn *i);
#endif
