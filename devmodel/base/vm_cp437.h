/* vm_cp437.h - the IBM PC character set as Unicode, and UTF-8. */
/* SPDX-License-Identifier: MIT */
#ifndef VM_CP437_H
#define VM_CP437_H
#include "devmodel/base/vm_types.h"

/* Code point of a character as the screen shows it: 0 and 255 are spaces, 1..31 pictures. */
unsigned vm_cp437(uint8_t c);
/* 1..3 bytes for a code point below 0x10000; no NUL. Returns how many. */
unsigned vm_utf8(char out[3], unsigned cp);
#endif
