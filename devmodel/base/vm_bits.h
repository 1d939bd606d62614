/* vm_bits.h - bytes in memory as little-endian numbers, at any alignment, and small bit helpers. */
/* SPDX-License-Identifier: MIT */
#ifndef VM_BITS_H
#define VM_BITS_H
#include "devmodel/base/vm_types.h"
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the host is little-endian");

static inline uint16_t vm_ld16(const void *p) { uint16_t v; memcpy(&v, p, 2); return v; }
static inline uint32_t vm_ld32(const void *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static inline uint64_t vm_ld64(const void *p) { uint64_t v; memcpy(&v, p, 8); return v; }
static inline void vm_st16(void *p, uint16_t v) { memcpy(p, &v, 2); }
static inline void vm_st32(void *p, uint32_t v) { memcpy(p, &v, 4); }
static inline void vm_st64(void *p, uint64_t v) { memcpy(p, &v, 8); }

/* The low `size` bytes set; size 1, 2, 4 or 8. */
static inline uint64_t vm_ones(unsigned size) { return ~0ull >> (64 - 8 * size); }

/* `size` little-endian bytes at p; size 1, 2, 4 or 8. */
static inline uint64_t vm_ld(const void *p, unsigned size)
{
    switch (size) {
    case 1: return *(const uint8_t *)p;
    case 2: return vm_ld16(p);
    case 4: return vm_ld32(p);
    default: return vm_ld64(p);
    }
}

static inline void vm_st(void *p, uint64_t v, unsigned size)
{
    switch (size) {
    case 1: *(uint8_t *)p = v; break;
    case 2: vm_st16(p, v); break;
    case 4: vm_st32(p, v); break;
    default: vm_st64(p, v); break;
    }
}

static inline bool vm_is_pow2(uint64_t v) { return v && !(v & (v - 1)); }
#endif
