/* moo.h - instructions recorded from real chips: reads the MOO files in a tar archive.
 *
 * MOO is a file of tagged chunks; one TEST chunk is one instruction with the registers and the
 * memory before and after it (github.com/dbalsom/moo). Cycles and prefetch queues are not read. */
/* SPDX-License-Identifier: MIT */
#ifndef MOO_H
#define MOO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the file's register mask. */
enum moo_reg {
    MOO_AX, MOO_BX, MOO_CX, MOO_DX, MOO_CS, MOO_SS, MOO_DS, MOO_ES, MOO_SP, MOO_BP, MOO_SI, MOO_DI,
    MOO_IP, MOO_FLAGS, MOO_NREG
};
enum { MOO_RAM_MAX = 2048 };

struct moo_state {
    uint16_t reg[MOO_NREG];
    struct { uint32_t at; uint8_t v; } ram[MOO_RAM_MAX];
    unsigned n_ram;
};
struct moo_test {
    const char *file;                /* the opcode, e.g. "F7.6" */
    char        name[64];            /* the disassembly */
    uint8_t     bytes[32];           /* with the HLT that ends it, if the suite has them */
    unsigned    n_bytes;
    bool        exception;           /* the suite says that one was taken */
    uint8_t     vector;              /* and which */
    struct moo_state before, after;  /* after: registers complete, RAM what is listed */
};

/* Calls each(), which may change the test, for every nth test of every file of the archive. False:
 * not an archive of MOO files; why says what is wrong. */
bool moo_read(const char *tar, unsigned nth, void (*each)(void *self, struct moo_test *t),
              void *self, const char **why);
#endif
