; SPDX-License-Identifier: MIT
; bios_cd.asm - an El Torito CD that emulates the 1.44 MB diskette of bios.asm (bios.img).
%macro BLOCK 1
    times (%1) * 2048 - ($ - $$) db 0
%endmacro
    BLOCK 16
    db 1, "CD001", 1, 0         ; primary volume descriptor, as good as none
    BLOCK 17
    db 0, "CD001", 1, "EL TORITO SPECIFICATION"
    times 17 * 2048 + 0x47 - ($ - $$) db 0
    dd 19
    BLOCK 18
    db 255, "CD001", 1
    BLOCK 19
    db 1, 0, 0, 0               ; validation entry: the sum of its words is 0
    times 24 db 0
    dw 0x10000 - 0xAA55 - 1
    dw 0xAA55
    db 0x88, 2                  ; bootable, 1.44 MB diskette
    dw 0
    db 0, 0
    dw 1
    dd 20
    BLOCK 20
    incbin "bios.img"
