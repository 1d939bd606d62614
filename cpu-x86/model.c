/* model.c - looks up CPU models, and says which instructions a model has. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/model.h"
#include <string.h>
#include "cpu-x86/insn.h"
#include "cpu-x86/state.h"

/* AC and ID came with the 486; VIF and VIP with VME. */
#define EFLAGS_OF(edx) \
    (FL_ARITH | FL_FIXED | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | FL_VM | FL_AC | \
     FL_ID | ((edx) & CPUID_VME ? FL_VIF | FL_VIP : 0))

/* The counters that CR4.PCE opens came with MMX and the P6. */
#define CR4_OF(edx) \
    (((edx) & CPUID_VME ? CR4_VME | CR4_PVI : 0) | ((edx) & CPUID_TSC ? CR4_TSD : 0) | \
     ((edx) & CPUID_DE ? CR4_DE : 0) | ((edx) & CPUID_PSE ? CR4_PSE : 0) | \
     ((edx) & CPUID_PAE ? CR4_PAE : 0) | ((edx) & CPUID_MCE ? CR4_MCE : 0) | \
     ((edx) & CPUID_PGE ? CR4_PGE : 0) | ((edx) & CPUID_MMX ? CR4_PCE : 0) | \
     ((edx) & CPUID_FXSR ? CR4_OSFXSR : 0) | ((edx) & CPUID_SSE ? CR4_OSXMMEXCPT : 0))

static const struct x86_model models[] = {
#define MODEL(nm, text, sig, b, d, c, x, b7, w0, w1, w2, w3, string) \
    { .name = nm, .about = text, .signature = sig, .ebx = b, .edx = d, .ecx = c, .ext_edx = x, \
      .ebx7 = b7, .cache = { w0, w1, w2, w3 }, .brand = string, .eflags = EFLAGS_OF(d), \
      .cr4 = CR4_OF(d) },
#include "cpu-x86/cpuid.def"
#undef MODEL
};

const struct x86_model *x86_model_at(unsigned i)
{
    return i < sizeof models / sizeof models[0] ? &models[i] : NULL;
}

const struct x86_model *x86_model_find(const char *name)
{
    const struct x86_model *m;

    for (unsigned i = 0; (m = x86_model_at(i)); i++)
        if (!strcmp(m->name, name))
            return m;
    return NULL;
}

/* The feature without which the instruction does not exist; 0 = every model has it. */
static uint32_t feature_of(const struct x86_insn *i)
{
    switch (i->sem) {
    case SEM_cmovcc: case SEM_fcomi: case SEM_fcomip: case SEM_fucomi: case SEM_fucomip:
    case SEM_fcmovb: case SEM_fcmove: case SEM_fcmovbe: case SEM_fcmovu: case SEM_fcmovnb:
    case SEM_fcmovne: case SEM_fcmovnbe: case SEM_fcmovnu: return CPUID_CMOV;
    case SEM_cmpxchg8b: return CPUID_CX8;
    case SEM_rdtsc: return CPUID_TSC;
    case SEM_rdpmc: return CPUID_MMX;
    case SEM_rdmsr: case SEM_wrmsr: return CPUID_MSR;
    case SEM_sysenter: case SEM_sysexit: return CPUID_SEP;
    }
    if (i->o[0].kind == K_XMM || i->o[1].kind == K_XMM)
        return CPUID_SSE;
    if (i->o[0].kind == K_MMX || i->o[1].kind == K_MMX)
        return CPUID_MMX;
    return 0;
}

bool x86_model_has(const struct x86_model *m, const struct x86_insn *i)
{
    uint32_t need = feature_of(i);

    if (i->sem == SEM_fisttp)
        return m->ecx & CPUID_SSE3;
    return (m->edx & need) == need;
}
