/* fuzz_cpu.c - random bytes as code in real, protected, paged and V86 mode, with random tables,
 * tasks, pages, breakpoints and interrupts. A guest may hang or shut down; the program may not
 * crash. The digest is the same on every host.
 *
 * usage: fuzz_cpu CASES SEED [snap]: with snap, the CPU is saved, reset and loaded again and again,
 * which may not change the digest. */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cpu-x86/flags.h"
#include "cpu-x86/model.h"
#include "devmodel/base/vm_assert.h"
#include "devmodel/core/snap.h"
#include "tests/fuzz/guest.h"

enum { CASES_A_MODEL = 200, SLICES = 4, SLICE = 80 };

struct fuzz {
    struct guest g;
    uint64_t stops[EXEC_DEBUG + 1];
    bool     snap;
};

static void snap_into(struct fuzz *f, enum snap_mode mode, FILE *file)
{
    struct snap *s;

    rewind(file);
    VM_ASSERT(snap_open(&s, mode, file, NULL) == VM_OK);
    x86_snap(f->g.c, s);
    VM_ASSERT(snap_close(s, NULL) == VM_OK);
}

static void save_and_load(struct fuzz *f)
{
    FILE *file = tmpfile();

    VM_ASSERT(file);
    snap_into(f, SNAP_SAVE, file);
    x86_pin(f->g.c, X86_PEND_INTR, false);
    x86_reset(f->g.c, RESET_POWER_ON);
    snap_into(f, SNAP_LOAD, file);
    fclose(file);
}

/* A load empties the TLB, so it is emptied without one, too. */
static enum exec_stop run_slice(struct fuzz *f)
{
    if (f->snap)
        save_and_load(f);
    else
        smmu_ops.control_written(f->g.mmu, f->g.c);
    return x86_exec.run(f->g.c, SLICE);
}

static void run_case(struct fuzz *f)
{
    struct x86_cpu *c = f->g.c;

    guest_begin(&f->g);
    for (unsigned i = 0; i < SLICES; i++) {
        enum exec_stop stop = run_slice(f);

        f->stops[stop]++;
        if (stop == EXEC_SHUTDOWN)
            break;
        c->halted = false;
    }
    x86_pin(c, X86_PEND_NMI, false);
    for (unsigned i = 0; i < 8; i++)
        guest_note(&f->g, c->gpr[i]);
    guest_note(&f->g, c->rip);
    guest_note(&f->g, x86_eflags(c));
}

int main(int argc, char **argv)
{
    unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    struct fuzz f = { .g.rng = seed * 0x9e3779b97f4a7c15ull | 1 };
    unsigned models = 0;

    f.snap = argc > 3 && !strcmp(argv[3], "snap");
    while (x86_model_at(models))
        models++;
    f.g.ram = aligned_alloc(GUEST_PAGE, GUEST_RAM);
    VM_ASSERT(f.g.ram);
    memset(f.g.ram, 0, GUEST_RAM);
    for (unsigned long i = 0; i < cases; i++) {
        if (i % CASES_A_MODEL == 0)
            guest_open(&f.g, x86_model_at(i / CASES_A_MODEL % models)->name, &engine_interp, NULL);
        run_case(&f);
        if ((i + 1) % CASES_A_MODEL == 0 || i + 1 == cases)
            guest_close(&f.g);
    }
    for (unsigned i = 0; i < GUEST_RAM; i += 8)
        guest_note(&f.g, *(const uint64_t *)(const void *)(f.g.ram + i));
    printf("%lu blocks, seed %" PRIu64 ": %" PRIu64 " ran on, %" PRIu64 " halted, %" PRIu64
           " shut down, digest %016" PRIx64 ": clean\n", cases, seed, f.stops[EXEC_BUDGET],
           f.stops[EXEC_HALT], f.stops[EXEC_SHUTDOWN], f.g.digest);
    free(f.g.ram);
    return 0;
}
