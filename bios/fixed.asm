; SPDX-License-Identifier: MIT
; fixed.asm - entry points and tables that old programs know by address, F000:E05B to FFFF.
section .fixed
bits 16

%macro AT 1                     ; fill up to offset %1 of segment F000
    times (%1 - 0xE000) - ($ - $$) db 0
%endmacro

    db "godwit BIOS, MIT licence", 0
    AT 0xE05B
    jmp near post_entry

    AT 0xE2C3
    jmp near nmi

    AT 0xE3FE
    jmp near int13

; Fixed disk types 1-47: cylinders, heads, precompensation, landing zone, sectors.
%macro HD 5
    dw %1
    db %2
    dw 0
    dw %3
    db 0, (%2 > 8) << 3, 0, 0, 0
    dw %4
    db %5, 0
%endmacro
    AT 0xE401
    HD  306,  4,  128,  305, 17
    HD  615,  4,  300,  615, 17
    HD  615,  6,  300,  615, 17
    HD  940,  8,  512,  940, 17
    HD  940,  6,  512,  940, 17
    HD  615,  4, 0xFFFF, 615, 17
    HD  462,  8,  256,  511, 17
    HD  733,  5, 0xFFFF, 733, 17
    HD  900, 15, 0xFFFF, 901, 17
    HD  820,  3, 0xFFFF, 820, 17
    HD  855,  5, 0xFFFF, 855, 17
    HD  855,  7, 0xFFFF, 855, 17
    HD  306,  8,  128,  319, 17
    HD  733,  7, 0xFFFF, 733, 17

    AT 0xE6F2
    jmp near int19
    AT 0xE6F5
    dw 8                        ; system description: model FC, submodel 01: AT
    db 0xFC, 0x01, 0
    db 0x74                     ; second PIC, RTC, keyboard hook, EBDA
    db 0x40, 0, 0, 0            ; int 16h AH=09h

    AT 0xE729
    dw 1047, 768, 384, 192, 96, 48, 24, 12

    AT 0xE739
    jmp near int14
    AT 0xE82E
    jmp near int16
    AT 0xE987
    jmp near int09
    AT 0xEC59
    jmp near int40
    AT 0xEF57
    jmp near irq6
    AT 0xEFC7                   ; diskette parameters, 1.44M
    db 0xAF, 2, 37, 2, 18, 0x1B, 0xFF, 0x6C, 0xF6, 15, 8
    AT 0xEFD2
    jmp near int17
    AT 0xF045                   ; the video functions 0-F, all through one door
    times 16 dw 0xF065
    AT 0xF065
    jmp 0xC000:0x0020
    AT 0xF0A4                   ; 6845 values of the CGA: 40x25, 80x25, graphics, monochrome
    db 0x38, 0x28, 0x2D, 0x0A, 0x1F, 6, 0x19, 0x1C, 2, 7, 6, 7, 0, 0, 0, 0
    db 0x71, 0x50, 0x5A, 0x0A, 0x1F, 6, 0x19, 0x1C, 2, 7, 6, 7, 0, 0, 0, 0
    db 0x38, 0x28, 0x2D, 0x0A, 0x7F, 6, 0x64, 0x70, 2, 1, 6, 7, 0, 0, 0, 0
    db 0x61, 0x50, 0x52, 0x0F, 0x19, 6, 0x19, 0x19, 2, 0x0D, 0x0B, 0x0C, 0, 0, 0, 0
    dw 0x0800, 0x1000, 0x4000, 0x4000
    db 40, 40, 80, 80, 40, 40, 80, 80
    db 0x2C, 0x28, 0x2D, 0x29, 0x2A, 0x2E, 0x1E, 0x29
    AT 0xF841
    jmp near int12
    AT 0xF84D
    jmp near int11
    AT 0xF859
    jmp near int15
    AT 0xFA6E
    incbin "font8.bin", 0, 1024
    AT 0xFE6E
    jmp near int1a
    AT 0xFEA5
    jmp near irq0
    AT 0xFEF3                   ; offsets for interrupts 08-1F
    dw 0xFEA5, 0xE987, irq_dummy, irq_dummy, irq_dummy, irq_dummy, 0xEF57, irq_dummy
    dw 0xF065, 0xF84D, 0xF841, 0xE3FE, 0xE739, 0xF859, 0xE82E, 0xEFD2
    dw int18, 0xE6F2, 0xFE6E, int_dummy, int_dummy, 0xF0A4, 0xEFC7, 0
    AT 0xFF53
    iret
    AT 0xFF54
    jmp near int05
    AT 0xFFF0
    jmp SEG_BIOS:0xE05B
    AT 0xFFF5
    db "11/21/26", 0
    AT 0xFFFE
    db 0xFC, 0
