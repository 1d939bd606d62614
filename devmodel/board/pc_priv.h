/* pc_priv.h - the inside of the PC board, shared by its files. */
/* SPDX-License-Identifier: MIT */
#ifndef PC_PRIV_H
#define PC_PRIV_H
#include "devmodel/board/pc.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/mem.h"

/* Bytes the board lays into RAM at every reset: a multiboot image and what belongs to it. */
struct pc_piece { gpa_t to; uint8_t *p; size_t n; };
#define PC_PIECES 32

struct pc {
    struct machine   *m;
    struct x86_cpu   *cpu;           /* NULL until attached */
    uint64_t          ram_bytes, low_bytes;      /* low: below 4 GiB */
    struct mem_region ram_conv, ram_ext, ram_high;
    uint8_t          *rom_bytes;
    struct mem_region rom, rom_low;
    struct device    *pic, *pit, *rtc, *fdc, *fw, *lapic, *ioapic, *board;
    unsigned          pins;          /* enum x86_pend: levels that go to the CPU */
    struct pc_piece   piece[PC_PIECES];
    unsigned          n_pieces;
};

/* pc_mem.c */
int  pc_map_ram(struct pc *pc, struct vm_error *e);
int  pc_map_firmware(struct pc *pc, const struct pc_image *fw, struct vm_error *e);
/* pc_board.c */
int  pc_add_board(struct pc *pc, struct vm_error *e);
void pc_ferr(struct device *board, bool level);  /* the CPU's FERR# */
/* pc_config.c: CMOS and fw_cfg */
int  pc_describe(struct pc *pc, const struct pc_config *c, struct vm_error *e);
/* pc_load.c */
int  pc_load_kernel(struct pc *pc, const struct pc_config *c, struct vm_error *e);
/* pc_multiboot.c: true when the image has the magic in its first 8 KiB; *at is where. */
bool pc_is_multiboot(const struct pc_image *k, size_t *at);
int  pc_load_multiboot(struct pc *pc, const struct pc_config *c, size_t at, struct vm_error *e);
void pc_lay_pieces(struct pc *pc);
#endif
