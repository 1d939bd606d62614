/* firmware.c - puts out/bios/bios.bin into the program, so that it is one file. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/firmware.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".globl godwit_bios\n"
        "godwit_bios:\n"
        ".incbin \"out/bios/bios.bin\"\n"
        ".globl godwit_bios_end\n"
        "godwit_bios_end:\n"
        ".byte 0\n"
        ".previous\n");
