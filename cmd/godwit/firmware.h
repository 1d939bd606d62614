/* firmware.h - godwit's own firmware, built from bios/, as bytes of the program. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_FIRMWARE_H
#define GODWIT_FIRMWARE_H
#include <stdint.h>

extern const uint8_t godwit_bios[], godwit_bios_end[];
/* The image starts with the VGA BIOS, which foreign firmware needs too: bytes. */
enum { GODWIT_VGABIOS_SIZE = 32768 };
#endif
