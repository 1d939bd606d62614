/* vga_modes.h - a VGA on the bench and the register values of the standard BIOS modes. */
/* SPDX-License-Identifier: MIT */
#ifndef VGA_MODES_H
#define VGA_MODES_H
#include "devmodel/core/backend.h"
#include "tests/dev/bench.h"

struct vga_mode {                    /* IBM VGA Technical Reference, "Video Mode Tables" */
    uint8_t misc, seq[4] /* 1..4 */, crtc[25], gc[9], attr[20];
};
extern const struct vga_mode mode_03, mode_04, mode_06, mode_0d, mode_12, mode_13;

/* A VGA with 4 MiB, a display without backend, PCI slot 2; LFB at VGA_LFB. */
enum { VGA_LFB = 0xe0000000, VGA_DEVFN = 2 << 3, VGA_TEST_BYTES = 4 << 20 };
struct bench *vga_bench(struct display *d);
void vga_set_mode(struct bench *b, const struct vga_mode *m);
void vga_seq(struct bench *b, unsigned i, unsigned v);
void vga_crtc(struct bench *b, unsigned i, unsigned v);
void vga_gc(struct bench *b, unsigned i, unsigned v);
void vga_attr(struct bench *b, unsigned i, unsigned v);
void vga_dac(struct bench *b, unsigned i, unsigned rgb /* 0x00RRGGBB as written */);
void dispi(struct bench *b, unsigned reg, unsigned v);
unsigned dispi_get(struct bench *b, unsigned reg);
/* Asks the device to draw; what it shows now. */
const struct surface *vga_look(struct display *d);
uint32_t vga_pixel(const struct surface *s, unsigned x, unsigned y);
#endif
