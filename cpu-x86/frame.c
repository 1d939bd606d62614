/* frame.c - stack frames of gates and far calls: every push is checked before the first is written.
 *
 * SDM vol. 3 5.8.5, 6.12. Stores go out in the order of the pushes. */
/* SPDX-License-Identifier: MIT */
#include "cpu-x86/access.h"
#include "cpu-x86/sys.h"
#include "devmodel/base/vm_assert.h"

static uint32_t stack_mask(const struct x86_seg *ss)
{
    return ss->attr & SEG_DB ? UINT32_MAX : UINT16_MAX;
}

void x86_frame_here(const struct x86_cpu *c, struct x86_frame *f, unsigned size)
{
    f->ss = c->seg[SS];
    f->sp = (uint32_t)c->gpr[RSP];
    f->fault = 0;
    f->size = (uint8_t)size;
    f->cpl = c->cpl;
    f->n = 0;
}

/* SS:ESP of a privilege level, SDM vol. 3 7.2.1 and 7.6. */
static uint32_t tss_stack(struct x86_cpu *c, unsigned dpl, uint16_t *sel)
{
    bool wide = c->tr.attr & 8;
    uint32_t at = wide ? dpl * 8 + 4 : dpl * 4 + 2;
    unsigned size = wide ? 4 : 2;
    uint32_t sp;

    if (at + 2 * size - 1 > c->tr.limit)
        x86_raise_sel(c, EXC_TS, c->tr.sel);
    sp = (uint32_t)x86_ld_sys(c, (uint32_t)(c->tr.base + at), size);
    *sel = (uint16_t)x86_ld_sys(c, (uint32_t)(c->tr.base + at + size), 2);
    return sp;
}

void x86_frame_inner(struct x86_cpu *c, struct x86_frame *f, unsigned size, unsigned dpl,
                     uint16_t *sel, struct x86_desc *d)
{
    f->sp = tss_stack(c, dpl, sel);
    if (x86_sel_null(*sel))
        x86_raise_ec(c, EXC_TS, 0);
    x86_desc_need(c, *sel, EXC_TS, d);
    if ((*sel & 3u) != dpl || x86_desc_dpl(d) != dpl || !x86_desc_is_stack(d))
        x86_raise_sel(c, EXC_TS, *sel);
    if (!x86_desc_present(d))
        x86_raise_sel(c, EXC_SS, *sel);
    x86_desc_accessed(c, d);
    f->ss.sel = *sel;
    f->ss.base = x86_desc_base(d);
    f->ss.limit = x86_desc_limit(d);
    f->ss.attr = x86_desc_attr(d);
    if (!(f->ss.attr & SEG_DB))                            /* only SP is loaded */
        f->sp = ((uint32_t)c->gpr[RSP] & ~0xffffu) | (f->sp & 0xffff);
    f->fault = *sel & 0xfffc;
    f->size = (uint8_t)size;
    f->cpl = (uint8_t)dpl;
    f->n = 0;
}

static bool fits(const struct x86_seg *ss, uint32_t off, unsigned size)
{
    uint64_t last = (uint64_t)off + size - 1;

    if (ss->attr & SEG_EC)
        return off > ss->limit && last <= stack_mask(ss);
    return last <= ss->limit || (ss->limit == UINT32_MAX && !ss->base);
}

void x86_frame_push(struct x86_cpu *c, struct x86_frame *f, uint32_t v)
{
    uint32_t mask = stack_mask(&f->ss), off = (f->sp - f->size) & mask;

    VM_ASSERT(f->n < X86_FRAME_MAX);
    if (!(f->ss.attr & SEG_P) || !fits(&f->ss, off, f->size))
        x86_raise_ec(c, EXC_SS, f->fault);
    f->sp = (f->sp & ~mask) | off;
    f->lin[f->n] = (uint32_t)(f->ss.base + off);
    f->v[f->n] = v;
    if (f->cpl == 3)
        x86_check_write(c, f->lin[f->n], f->size);
    else
        x86_check_write_sys(c, f->lin[f->n], f->size);
    f->n++;
}

void x86_frame_write(struct x86_cpu *c, const struct x86_frame *f)
{
    for (unsigned i = 0; i < f->n; i++) {
        uint64_t v = f->size == 2 ? f->v[i] & 0xffff : f->v[i];

        if (f->cpl == 3)
            x86_st_lin(c, f->lin[i], v, f->size);
        else
            x86_st_sys(c, f->lin[i], v, f->size);
    }
}

uint32_t x86_stack_at(struct x86_cpu *c, uint32_t at, unsigned size)
{
    return (uint32_t)x86_ld(c, SS, (x86_sp(c) + at) & c->sp_mask, size);
}
