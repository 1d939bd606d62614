/* guest.h - random bytes as a guest, for the fuzzer and for engines in lockstep. */
/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_GUEST_H
#define FUZZ_GUEST_H
#include "cpu-x86/cpu.h"
#include "cpu-x86/state.h"
#include "devmodel/core/mem.h"
#include "shadow-mmu/smmu.h"

enum { GUEST_RAM = 1 << 20 };        /* bytes */
enum { GUEST_TABLES = 0x10000, GUEST_TABLES_BYTES = 0x2000 };  /* page directory and table */

/* Everything random comes from rng, what ports read as, too: two guests with the same seed and the
 * same history are the same. */
struct guest {
    struct x86_cpu   *c;
    struct smmu      *mmu;
    struct mem_space *mem;
    struct mem_region ram_region;
    uint8_t          *ram;           /* GUEST_RAM bytes, the caller's */
    const struct ram *file;          /* which `ram` is a mapping of, or NULL */
    bool              fixed_tables;  /* the code cannot reach its page tables: what a stale
                                        TLB would show is up to the engine */
    uint64_t          rng, digest;   /* digest: of what went out by ports, and of guest_note */
};

uint32_t guest_rnd(struct guest *f);
bool guest_one_in(struct guest *f, unsigned n);
void guest_note(struct guest *f, uint64_t v);

/* A CPU of this model over f->ram; an error ends the program. */
void guest_open(struct guest *f, const char *model, const struct x86_engine_ops *engine,
                const char *options);
void guest_close(struct guest *f);
/* Fills tables, code and registers for the next case. */
void guest_begin(struct guest *f);
#endif
