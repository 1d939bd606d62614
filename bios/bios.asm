; SPDX-License-Identifier: MIT
; bios.asm - the 128 KiB image: E000 VGA BIOS, E800 32-bit POST, F000 services, FE00 fixed entries.
cpu 686
%include "layout.inc"

section .vga    start=0x00000 vstart=0xE0000 align=1
    incbin "vgabios.bin"
section .e32    start=0x08000 vstart=0xE8000 align=1
section .f16    start=0x10000 vstart=0x0000 align=1
section .fixed  start=0x1E000 vstart=0xE000 align=1

%include "entry.asm"
%include "post32.asm"
%include "fwcfg.asm"
%include "pci32.asm"
%include "e820.asm"
%include "directboot.asm"
%include "acpi.asm"
%include "mptable.asm"
%include "smbios.asm"
%include "post.asm"
%include "util.asm"
%include "irq.asm"
%include "kbd.asm"
%include "int16.asm"
%include "mouse.asm"
%include "int14.asm"
%include "int15.asm"
%include "apm.asm"
%include "int1a.asm"
%include "pcibios.asm"
%include "floppy.asm"
%include "int40.asm"
%include "int13.asm"
%include "ata.asm"
%include "disk.asm"
%include "cdrom.asm"
%include "eltorito.asm"
%include "int19.asm"
%include "optrom.asm"
%include "fixed.asm"
