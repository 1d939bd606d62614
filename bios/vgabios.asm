; SPDX-License-Identifier: MIT
; vgabios.asm - the VGA BIOS, an option ROM of 32 KiB at C0000: int 10h with VBE 2.0 on a
; standard VGA with the Bochs DISPI registers (IBM's VGA BIOS interface; VESA VBE Core 2.0).
; Leaves out: the protected-mode interface (4F0A returns an empty table), EGA's light pen.
cpu 686
bits 16
org 0
%include "layout.inc"

; BIOS data area of the video services
V_MODE      equ 0x49
V_COLS      equ 0x4A
V_PGSIZE    equ 0x4C
V_START     equ 0x4E
V_CURSOR    equ 0x50            ; eight words
V_CURTYPE   equ 0x60
V_PAGE      equ 0x62
V_CRTC      equ 0x63
V_3D8       equ 0x65
V_3D9       equ 0x66
V_ROWS      equ 0x84            ; rows - 1
V_HEIGHT    equ 0x85            ; word
V_CTRL      equ 0x87            ; 7 memory kept, 6-5 256 KiB, 1 mono, 0 no cursor emulation
V_SWITCH    equ 0x88
V_FLAGS     equ 0x89            ; bit 7,4 lines; 3 no palette load; 1 grey; 0 VGA
V_DCC       equ 0x8A
V_SAVEPTR   equ 0xA8

rom_start:
    dw 0xAA55
    db 64                       ; 32 KiB
    jmp vga_init
    times 0x18 - ($ - rom_start) db 0
    dw 0                        ; no PCI data: this ROM belongs to the board
    times 0x20 - ($ - rom_start) db 0
    jmp int10                   ; F000:F065 comes in here

    db "godwit VGA BIOS (IBM VGA compatible)", 0

vga_init:
    push ds
    push es
    pushad
    xor ax, ax
    mov ds, ax
    cli
    mov word [0x10 * 4], int10
    mov [0x10 * 4 + 2], cs
    mov word [0x1F * 4], font8 + 1024
    mov [0x1F * 4 + 2], cs
    mov dword [0x1D * 4], 0xF000F0A4
    mov word [0x43 * 4], font16
    mov [0x43 * 4 + 2], cs
    push SEG_BDA
    pop ds
    and byte [B_EQUIP], 0xCF
    or byte [B_EQUIP], 0x20
    mov byte [V_CTRL], 0x60
    mov byte [V_SWITCH], 0xF9
    mov byte [V_FLAGS], 0x51
    mov byte [V_DCC], 0x08
    mov word [V_SAVEPTR], save_table
    mov [V_SAVEPTR + 2], cs
    call vbe_init
    mov ax, 3
    int 0x10
    popad
    pop es
    pop ds
    retf

; Called with all registers of the caller; handlers read and write the frame.
int10:
    ENTER_INT
    sti
    movzx bx, fAH
    cmp bl, 0x4F
    je vbe_function
    cmp bl, 0x1C
    ja int10_done
    shl bx, 1
    call [cs:.table + bx]
int10_done:
    LEAVE_INT
.unused:
    ret
int10.table:
    dw fn_set_mode, fn_cursor_type, fn_set_cursor, fn_get_cursor
    dw fn_light_pen, fn_set_page, fn_scroll_up, fn_scroll_down
    dw fn_read_char, fn_write_char_attr, fn_write_char, fn_cga_palette
    dw fn_write_pixel, fn_read_pixel, fn_teletype, fn_get_mode
    dw fn_palette, fn_font, fn_select, fn_write_string
    dw int10_done.unused, int10_done.unused, int10_done.unused, int10_done.unused
    dw int10_done.unused, int10_done.unused, fn_dcc, fn_state
    dw fn_save_restore

fn_light_pen:                   ; 04: never triggered
    mov fAH, 0
    ret

%include "vga_modes.asm"
%include "vga_text.asm"
%include "vga_gfx.asm"
%include "vga_pal.asm"
%include "vga_font.asm"
%include "vga_state.asm"
%include "vga_vbe.asm"
%include "vga_vbe_ext.asm"

font16: incbin "font16.bin"
font14: incbin "font14.bin"
font8:  incbin "font8.bin"

    times 0x8000 - ($ - rom_start) db 0
