/* fuzz.h - what the port fuzzer's two files share. */
/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_H
#define FUZZ_H
#include "devmodel/core/backend.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"

enum { FAKE_DISKS = 5, FAKE_LINES = 4, FAKE_REQUESTS = 64, SPANS = 256 };

struct fuzz;
struct fake_blk {                    /* answers when it is polled, now and then with an error */
    struct blk      blk;
    struct fuzz    *f;
    uint8_t        *data;
    uint64_t        size;            /* bytes */
    struct blk_req *pending[FAKE_REQUESTS];
    unsigned        n;
};
struct range { uint64_t from, size; };

struct fuzz {
    struct machine  *m;
    uint64_t         rng, seed, digest, op;
    struct mem_region low, high;
    struct fake_blk  disk[FAKE_DISKS];
    struct chr       line[FAKE_LINES];
    bool             jammed;         /* the lines take nothing just now */
    struct display   display;
    struct surface   surface;
    struct range     ports[SPANS], mmio[SPANS];
    unsigned         n_ports, n_mmio, wires;
    struct vm_error  error;
};

uint64_t rnd(struct fuzz *f);
uint32_t below(struct fuzz *f, uint32_t n);                 /* 0..n-1 */
uint64_t value(struct fuzz *f);
uint32_t dma_address(struct fuzz *f);
uint64_t in  (struct fuzz *f, unsigned port, unsigned size);
void     out (struct fuzz *f, unsigned port, uint64_t v, unsigned size);
uint64_t peek(struct fuzz *f, uint64_t a, unsigned size);
void     poke(struct fuzz *f, uint64_t a, uint64_t v, unsigned size);
void     poll_disks(struct fuzz *f);                          /* one request each */
void     let_pass(struct fuzz *f, int64_t ns);              /* virtual time */

void drive_something(struct fuzz *f);                       /* drivers.c */
#endif
