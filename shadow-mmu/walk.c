/* walk.c - the reference page walker: two-level, PSE, PAE and NX. SDM vol. 3 4.3, 4.4, 4.6, 4.7.
 *
 * No caching. Physical addresses have 36 bits where the model has PAE or PSE-36. */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "cpu-x86/model.h"
#include "cpu-x86/state.h"
#include "shadow-mmu/smmu_priv.h"

enum { PTE_P = 1, PTE_W = 2, PTE_U = 4, PTE_A = 0x20, PTE_D = 0x40, PTE_PS = 0x80, PTE_G = 0x100 };
#define PTE_NX        (UINT64_C(1) << 63)
#define PAE_ADDRESS   UINT64_C(0x0000000ffffff000)   /* 36 bits of physical address */
#define PAE_RESERVED  UINT64_C(0x7ffffff000000000)
enum { PSE_ADDRESS = 0x0001e000, PSE_RESERVED = 0x003fe000 };   /* of a 4 MiB entry */
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16 };

struct walk {
    struct smmu *m;
    const struct x86_cpu *c;
    enum x86_access acc;
    bool user, set_ad;
    uint64_t w, u, nx, a;            /* so far: PTE_W, PTE_U, PTE_NX, PTE_A bits */
};

static gpa_t a20(const struct walk *k, gpa_t a)
{
    return k->c->a20_mask ? a & ~(gpa_t)0x100000 : a;
}

static uint64_t read_entry(const struct walk *k, gpa_t at, unsigned size)
{
    bool writable;
    const uint8_t *page = mem_page(k->m->ram, a20(k, at), &writable);
    uint64_t v = 0;

    if (!page)
        return mem_read(k->m->ram, a20(k, at), size);
    memcpy(&v, page + (at & (GUEST_PAGE - 1)), size);
    return v;
}

static void set_bits(const struct walk *k, gpa_t at, uint64_t entry, uint64_t bits)
{
    bool writable;
    uint8_t *page;
    uint32_t low = (uint32_t)(entry | bits);

    if (!k->set_ad || (entry & bits) == bits)
        return;
    page = mem_page(k->m->ram, a20(k, at), &writable);
    if (page && (writable || smmu_only_table(k->m, a20(k, at))))
        memcpy(page + (at & (GUEST_PAGE - 1)), &low, 4);
    else
        mem_write(k->m->ram, a20(k, at), low, 4);
}

static uint32_t fault(const struct walk *k, uint32_t bits)
{
    bool nx = (k->c->cr4 & CR4_PAE) && (k->c->efer & EFER_NXE);

    return SMMU_FAULT | bits | (k->acc == ACC_W ? PF_W : 0) | (k->user ? PF_U : 0) |
           (k->acc == ACC_X && nx ? PF_I : 0);
}

/* The rights of all levels together against this access; 0 = allowed. */
static uint32_t check_rights(const struct walk *k, struct smmu_walk *out)
{
    bool user_ok = !k->user || k->u;

    out->w = user_ok && (k->w || (!k->user && !(k->c->cr0 & CR0_WP)));
    out->x = user_ok && !k->nx;
    if (!user_ok || (k->acc == ACC_W && !out->w) || (k->acc == ACC_X && !out->x))
        return fault(k, PF_P);
    return 0;
}

/* An entry that is present, of the table at `at`. */
static void merge(struct walk *k, struct smmu_walk *out, gpa_t at, uint64_t entry)
{
    out->table[out->levels++] = a20(k, at) & ~(gpa_t)(GUEST_PAGE - 1);
    k->w &= entry;
    k->u &= entry;
    k->nx |= entry & PTE_NX;
    k->a &= entry;
}

/* A leaf was found: rights, then A and D, then the address. */
static uint32_t leaf(struct walk *k, gpa_t at, uint64_t entry, gpa_t base, unsigned shift, gva_t a,
                     struct smmu_walk *out)
{
    uint32_t rc = check_rights(k, out);

    if (rc)
        return rc;
    set_bits(k, at, entry, PTE_A | (k->acc == ACC_W ? PTE_D : 0));
    out->a = k->a;
    out->d = entry & PTE_D;
    out->dirty = (entry & PTE_D) || k->acc == ACC_W;
    out->global = (entry & PTE_G) && (k->c->cr4 & CR4_PGE);
    out->page_shift = shift;
    out->gpa = base | (a & ((UINT64_C(1) << shift) - 1));
    return 0;
}

/* With PSE-36, bits 13-16 are bits 32-35 of the address; without, they are reserved too. */
static uint32_t leaf_4m(struct walk *k, gpa_t at, uint64_t pde, gva_t a, struct smmu_walk *out)
{
    uint32_t high = k->c->model->edx & CPUID_PSE36 ? PSE_ADDRESS : 0;

    if (pde & PSE_RESERVED & ~(uint64_t)high)
        return fault(k, PF_P | PF_RSVD);
    return leaf(k, at, pde, (pde & high) << 19 | (pde & 0xffc00000), 22, a, out);
}

static uint32_t walk_legacy(struct walk *k, uint32_t a, struct smmu_walk *out)
{
    gpa_t at = (k->c->cr3 & 0xfffff000) | (a >> 22) * 4, pde_at = at;
    uint64_t pde = read_entry(k, at, 4), pte;
    uint32_t rc;

    if (!(pde & PTE_P))
        return fault(k, 0);
    merge(k, out, at, pde);
    if ((pde & PTE_PS) && (k->c->cr4 & CR4_PSE))
        return leaf_4m(k, at, pde, a, out);
    at = (pde & 0xfffff000) | (a >> 12 & 1023) * 4;
    pte = read_entry(k, at, 4);
    if (!(pte & PTE_P))
        return fault(k, 0);
    merge(k, out, at, pte);
    rc = leaf(k, at, pte, pte & 0xfffff000, 12, a, out);
    if (!rc)
        set_bits(k, pde_at, pde, PTE_A);
    return rc;
}

static bool pae_reserved(const struct walk *k, uint64_t entry)
{
    uint64_t bits = PAE_RESERVED | (k->c->efer & EFER_NXE ? 0 : PTE_NX);

    return entry & bits;
}

static uint32_t walk_pae(struct walk *k, uint32_t a, struct smmu_walk *out)
{
    uint64_t pdpte = k->c->pdpte[a >> 30], pde, pte;
    gpa_t pde_at = (pdpte & PAE_ADDRESS) | (a >> 21 & 511) * 8, at;
    uint32_t rc;

    if (!(pdpte & PTE_P))
        return fault(k, 0);
    pde = read_entry(k, pde_at, 8);
    if (!(pde & PTE_P))
        return fault(k, 0);
    if (pae_reserved(k, pde) || ((pde & PTE_PS) && (pde & 0x1fe000)))
        return fault(k, PF_P | PF_RSVD);
    merge(k, out, pde_at, pde);
    if (pde & PTE_PS)
        return leaf(k, pde_at, pde, pde & PAE_ADDRESS & ~UINT64_C(0x1fffff), 21, a, out);
    at = (pde & PAE_ADDRESS) | (a >> 12 & 511) * 8;
    pte = read_entry(k, at, 8);
    if (!(pte & PTE_P))
        return fault(k, 0);
    if (pae_reserved(k, pte))
        return fault(k, PF_P | PF_RSVD);
    merge(k, out, at, pte);
    rc = leaf(k, at, pte, pte & PAE_ADDRESS, 12, a, out);
    if (!rc)
        set_bits(k, pde_at, pde, PTE_A);
    return rc;
}

uint32_t smmu_walk(struct smmu *m, const struct x86_cpu *c, gva_t a, enum x86_access acc, bool user,
                   bool set_ad, struct smmu_walk *out)
{
    struct walk k = { m, c, acc, user, set_ad, PTE_W, PTE_U, 0, PTE_A };

    m->stats.walks++;
    if (!(c->cr0 & CR0_PG)) {
        *out = (struct smmu_walk){ .gpa = (uint32_t)a, .page_shift = 32, .w = true, .x = true,
                                   .dirty = true, .a = true, .d = true };
        return 0;
    }
    out->levels = 0;
    if (c->cr4 & CR4_PAE)
        return walk_pae(&k, (uint32_t)a, out);
    return walk_legacy(&k, (uint32_t)a, out);
}
