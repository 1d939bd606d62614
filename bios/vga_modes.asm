; SPDX-License-Identifier: MIT
; vga_modes.asm - int 10h AH=00 and 0F: mode tables and mode setting.
; Register values: IBM VGA technical reference, mode tables.

K_TEXT      equ 0
K_CGA       equ 1               ; 4, 5: two bits; 6: one bit
K_PLANAR    equ 2
K_LINEAR    equ 3

; mode, kind, DAC set, segment, parameter table
struc vm
.mode   resb 1
.kind   resb 1
.dac    resb 1                  ; 0 CGA16, 1 EGA64, 2 VGA256, 3 mono
.seg    resw 1
.param  resw 1
.size:
endstruc
%macro VM 5
    db %1, %2, %3
    dw %4, %5
%endmacro
mode_list:
    VM 0x00, K_TEXT,   1, 0xB800, par_t40_400
    VM 0x01, K_TEXT,   1, 0xB800, par_t40_400
    VM 0x02, K_TEXT,   1, 0xB800, par_t80_400
    VM 0x03, K_TEXT,   1, 0xB800, par_t80_400
    VM 0x04, K_CGA,    0, 0xB800, par_04
    VM 0x05, K_CGA,    0, 0xB800, par_04
    VM 0x06, K_CGA,    0, 0xB800, par_06
    VM 0x07, K_TEXT,   3, 0xB000, par_07
    VM 0x0D, K_PLANAR, 0, 0xA000, par_0d
    VM 0x0E, K_PLANAR, 0, 0xA000, par_0e
    VM 0x0F, K_PLANAR, 3, 0xA000, par_0f
    VM 0x10, K_PLANAR, 1, 0xA000, par_10
    VM 0x11, K_PLANAR, 1, 0xA000, par_11
    VM 0x12, K_PLANAR, 1, 0xA000, par_12
    VM 0x13, K_LINEAR, 2, 0xA000, par_13
    db 0xFF

; offsets in a parameter table (the layout programs know from the save table)
P_COLS      equ 0
P_ROWS      equ 1
P_HEIGHT    equ 2
P_PAGE      equ 3
P_SEQ       equ 5
P_MISC      equ 9
P_CRTC      equ 10
P_ATTR      equ 35
P_GC        equ 55

%define ATTR_EGA  0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F
%define ATTR_CGA  0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
%define GC_TEXT   0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF
%define GC_PLANAR 0, 0, 0, 0, 0, 0, 5, 0x0F, 0xFF
%define END_200   0, 0, 0, 0, 0, 0, 0x9C, 0x8E, 0x8F
%define END_350   0, 0, 0, 0, 0, 0, 0x83, 0x85, 0x5D
%define H80       0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80
%define H80T      0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81
%define H40       0x2D, 0x27, 0x28, 0x90, 0x2B, 0x80
%define H40T      0x2D, 0x27, 0x28, 0x90, 0x2B, 0xA0

; columns, rows - 1, height, page size
%macro PAR 4
    db %1, %2, %3
    dw %4
%endmacro

param_table:
par_t40_200: PAR 40, 24, 8, 0x0800
    db 9, 3, 0, 2, 0x63
    db H40T, 0xBF, 0x1F, 0, 0xC7, 6, 7, 0, 0, 0, 0
    db 0x9C, 0x8E, 0x8F, 0x14, 0x1F, 0x96, 0xB9, 0xA3, 0xFF
    db ATTR_CGA, 8, 0, 0x0F, 0, GC_TEXT
par_t80_200: PAR 80, 24, 8, 0x1000
    db 1, 3, 0, 2, 0x63
    db H80T, 0xBF, 0x1F, 0, 0xC7, 6, 7, 0, 0, 0, 0
    db 0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF
    db ATTR_CGA, 8, 0, 0x0F, 0, GC_TEXT
par_04: PAR 40, 24, 8, 0x4000
    db 9, 3, 0, 2, 0x63
    db H40, 0xBF, 0x1F, 0, 0xC1, END_200, 0x14, 0, 0x96, 0xB9, 0xA2, 0xFF
    db 0, 0x13, 0x15, 0x17, 2, 4, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 1, 0, 3, 0
    db 0, 0, 0, 0, 0, 0x30, 0x0F, 0, 0xFF
par_06: PAR 80, 24, 8, 0x4000
    db 1, 1, 0, 6, 0x63
    db H80, 0xBF, 0x1F, 0, 0xC1, END_200, 0x28, 0, 0x96, 0xB9, 0xC2, 0xFF
    db 0, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17
    db 1, 0, 1, 0
    db 0, 0, 0, 0, 0, 0, 0x0D, 0, 0xFF
par_07: PAR 80, 24, 16, 0x1000
    db 0, 3, 0, 2, 0x66
    db H80T, 0xBF, 0x1F, 0, 0x4F, 0x0D, 0x0E, 0, 0, 0, 0, 0x9C, 0x8E, 0x8F
    db 0x28, 0x0F, 0x96, 0xB9, 0xA3, 0xFF
    db 0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x0E, 0, 0x0F, 8
    db 0, 0, 0, 0, 0, 0x10, 0x0A, 0, 0xFF
par_0d: PAR 40, 24, 8, 0x2000
    db 9, 0x0F, 0, 6, 0x63
    db H40, 0xBF, 0x1F, 0, 0xC0, END_200, 0x14, 0, 0x96, 0xB9, 0xE3, 0xFF
    db ATTR_CGA, 1, 0, 0x0F, 0, GC_PLANAR
par_0e: PAR 80, 24, 8, 0x4000
    db 1, 0x0F, 0, 6, 0x63
    db H80, 0xBF, 0x1F, 0, 0xC0, END_200, 0x28, 0, 0x96, 0xB9, 0xE3, 0xFF
    db ATTR_CGA, 1, 0, 0x0F, 0, GC_PLANAR
par_0f: PAR 80, 24, 14, 0x8000
    db 1, 0x0F, 0, 6, 0xA2
    db H80, 0xBF, 0x1F, 0, 0x40, END_350, 0x28, 0x0F, 0x63, 0xBA, 0xE3, 0xFF
    db 0, 8, 0, 0, 0x18, 0x18, 0, 0, 0, 8, 0, 0, 0, 0x18, 0, 0, 0x0B, 0, 5, 0
    db 0, 0, 0, 0, 0, 0, 5, 5, 0xFF
par_10: PAR 80, 24, 14, 0x8000
    db 1, 0x0F, 0, 6, 0xA3
    db H80, 0xBF, 0x1F, 0, 0x40, END_350, 0x28, 0x0F, 0x63, 0xBA, 0xE3, 0xFF
    db ATTR_EGA, 1, 0, 0x0F, 0, GC_PLANAR
par_t40_350: PAR 40, 24, 14, 0x0800
    db 9, 3, 0, 2, 0xA3
    db H40T, 0xBF, 0x1F, 0, 0x4D, 0x0B, 0x0C, 0, 0, 0, 0
    db 0x83, 0x85, 0x5D, 0x14, 0x1F, 0x63, 0xBA, 0xA3, 0xFF
    db ATTR_EGA, 8, 0, 0x0F, 0, GC_TEXT
par_t80_350: PAR 80, 24, 14, 0x1000
    db 1, 3, 0, 2, 0xA3
    db H80T, 0xBF, 0x1F, 0, 0x4D, 0x0B, 0x0C, 0, 0, 0, 0
    db 0x83, 0x85, 0x5D, 0x28, 0x1F, 0x63, 0xBA, 0xA3, 0xFF
    db ATTR_EGA, 8, 0, 0x0F, 0, GC_TEXT
par_t40_400: PAR 40, 24, 16, 0x0800
    db 8, 3, 0, 2, 0x67
    db H40T, 0xBF, 0x1F, 0, 0x4F, 0x0D, 0x0E, 0, 0, 0, 0, 0x9C, 0x8E, 0x8F
    db 0x14, 0x1F, 0x96, 0xB9, 0xA3, 0xFF
    db ATTR_EGA, 0x0C, 0, 0x0F, 8, GC_TEXT
par_t80_400: PAR 80, 24, 16, 0x1000
    db 0, 3, 0, 2, 0x67
    db H80T, 0xBF, 0x1F, 0, 0x4F, 0x0D, 0x0E, 0, 0, 0, 0, 0x9C, 0x8E, 0x8F
    db 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF
    db ATTR_EGA, 0x0C, 0, 0x0F, 8, GC_TEXT
par_11: PAR 80, 29, 16, 0xA000
    db 1, 0x0F, 0, 6, 0xE3
    db H80, 0x0B, 0x3E, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xEA, 0x8C, 0xDF, 0x28, 0, 0xE7, 4, 0xC3, 0xFF
    db 0, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F
    db 1, 0, 0x0F, 0, 0, 0, 0, 0, 0, 0, 5, 1, 0xFF
par_12: PAR 80, 29, 16, 0xA000
    db 1, 0x0F, 0, 6, 0xE3
    db H80, 0x0B, 0x3E, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xEA, 0x8C, 0xDF, 0x28, 0, 0xE7, 4, 0xE3, 0xFF
    db ATTR_EGA, 1, 0, 0x0F, 0, GC_PLANAR
par_13: PAR 40, 24, 8, 0x2000
    db 1, 0x0F, 0, 0x0E, 0x63
    db H80, 0xBF, 0x1F, 0, 0x41, END_200, 0x28, 0x40, 0x96, 0xB9, 0xA3, 0xFF
    db 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0F, 0
    db 0, 0, 0, 0, 0, 0x40, 5, 0x0F, 0xFF

; The pointer table of 40:A8: parameters, then nothing that a program could change.
save_table:
    dw param_table, 0xC000
    times 6 dd 0

; AL = mode -> SI = its row, CF = 1: no such mode.
find_mode:
    mov si, mode_list
.next:
    cmp byte [cs:si], 0xFF
    je .none
    cmp al, [cs:si]
    je .found
    add si, vm.size
    jmp .next
.none:
    stc
    ret
.found:
    clc
    ret

; The row of the mode that is set, in SI; text mode 3 for anything strange. Keeps AX.
this_mode:
    push ax
    mov al, [V_MODE]
    and al, 0x7F
    call find_mode
    jnc .done
    mov si, mode_list + 3 * vm.size
.done:
    pop ax
    ret

fn_get_mode:                    ; 0F
    mov al, [V_CTRL]
    and al, 0x80
    or al, [V_MODE]
    mov fAL, al
    mov al, [V_COLS]
    mov fAH, al
    mov al, [V_PAGE]
    mov fBH, al
    ret

fn_set_mode:                    ; 00
    mov al, fAL
    mov ah, al
    and al, 0x7F
    cmp al, 0x6A                ; 800x600 in 16 colours, the number all SVGA cards share
    je .svga
    call find_mode
    jc .done
    mov byte [bp+28], 0x20      ; AL as IBM returns it: 20h above mode 7, 3Fh mode 6, else 30h
    cmp al, 7
    ja .set
    mov byte [bp+28], 0x3F
    cmp al, 6
    je .set
    mov byte [bp+28], 0x30
.set:
    and byte [V_CTRL], 0x7F
    and ah, 0x80
    or [V_CTRL], ah
    call vbe_off
    jmp set_mode
.svga:
    mov al, 2
    mov bh, ah
    mov ah, 1
    call vbe_find
    jc .done
    and bh, 0x80
    or bh, 1
    mov bl, 2
    jmp vbe_switch
.done:
    ret

; AL = mode, SI = its row; V_CTRL bit 7: keep memory.
set_mode:
    mov [V_MODE], al
    mov bx, [cs:si + vm.param]
    cmp byte [cs:si + vm.kind], K_TEXT
    jne .param
    call text_lines
.param:
    mov dx, 0x3D4
    test byte [cs:bx + P_MISC], 1
    jnz .colour
    mov dl, 0xB4
.colour:
    mov [V_CRTC], dx
    push si
    call load_regs
    pop si
    call set_data
    test byte [V_FLAGS], 8
    jnz .no_dac
    push bx
    call load_dac
    pop bx
.no_dac:
    cmp byte [cs:si + vm.kind], K_TEXT
    jne .no_font
    push bx
    push si
    mov bl, 0
    call font_of_height
    pop si
    pop bx
.no_font:
    call font_vector
    test byte [V_CTRL], 0x80
    jnz .kept
    call clear_memory
.kept:
    mov dx, 0x3C0               ; screen on
    mov al, 0x20
    out dx, al
    ret

; Text modes: BX = the table for the lines chosen by int 10h AX=12xxh BL=30h.
text_lines:
    cmp byte [V_MODE], 7
    je .done
    mov ah, [V_FLAGS]
    and ah, 0x90
    cmp ah, 0x10
    je .done
    cmp ah, 0x80
    mov dx, par_t40_200
    mov di, par_t80_200
    je .pick
    mov dx, par_t40_350
    mov di, par_t80_350
.pick:
    cmp bx, par_t40_400
    mov bx, dx
    je .done
    mov bx, di
.done:
    ret

; BX = parameter table: all VGA registers. Ends with the attribute controller blanked.
load_regs:
    mov dx, 0x3C4
    mov ax, 0x0100              ; hold the sequencer
    out dx, ax
    mov ah, [cs:bx + P_MISC]
    mov dl, 0xC2
    mov al, ah
    out dx, al
    mov dl, 0xC4
    mov cx, 4
    lea si, [bx + P_SEQ]
    mov ah, 1
.seq:
    mov al, ah
    out dx, al
    inc dx
    cs lodsb
    out dx, al
    dec dx
    inc ah
    loop .seq
    mov ax, 0x0300
    out dx, ax
    mov dx, [V_CRTC]
    mov ax, 0x0011              ; unlock 0-7
    out dx, ax
    mov cx, 25
    lea si, [bx + P_CRTC]
    mov ah, 0
.crtc:
    mov al, ah
    out dx, al
    inc dx
    cs lodsb
    out dx, al
    dec dx
    inc ah
    loop .crtc
    mov dx, 0x3CE
    mov cx, 9
    lea si, [bx + P_GC]
    mov ah, 0
.gc:
    mov al, ah
    out dx, al
    inc dx
    cs lodsb
    out dx, al
    dec dx
    inc ah
    loop .gc
    call attr_reset
    mov dl, 0xC0
    mov cx, 20
    lea si, [bx + P_ATTR]
    mov ah, 0
.attr:
    mov al, ah
    out dx, al
    cs lodsb
    out dx, al
    inc ah
    loop .attr
    mov al, 0x14
    out dx, al
    xor al, al
    out dx, al
    mov dl, 0xC6                ; pixel mask
    mov al, 0xFF
    out dx, al
    ret

attr_reset:                     ; index/data flip-flop of 3C0; keeps AX
    push ax
    mov dx, [V_CRTC]
    add dx, 6
    in al, dx
    mov dx, 0x3C0
    pop ax
    ret

; The data area for the table BX, row SI.
set_data:
    movzx ax, byte [cs:bx + P_COLS]
    mov [V_COLS], ax
    mov al, [cs:bx + P_ROWS]
    mov [V_ROWS], al
    movzx ax, byte [cs:bx + P_HEIGHT]
    mov [V_HEIGHT], ax
    mov ax, [cs:bx + P_PAGE]
    mov [V_PGSIZE], ax
    mov ch, [cs:bx + P_CRTC + 10]
    mov cl, [cs:bx + P_CRTC + 11]
    cmp byte [V_HEIGHT], 8      ; shapes are told in eight lines, as on a CGA
    jbe .cursor
    test ch, ch
    jz .cursor
    mov cx, 0x0607
.cursor:
    mov [V_CURTYPE], cx
    xor ax, ax
    mov [V_START], ax
    mov [V_PAGE], al
    push ds
    pop es
    mov di, V_CURSOR
    mov cx, 8
    rep stosw
    movzx di, byte [V_MODE]
    cmp di, 8
    jae .done
    mov al, [cs:.modes + di]
    mov [V_3D8], al
    mov byte [V_3D9], 0x30
    cmp di, 6
    jne .done
    mov byte [V_3D9], 0x3F
.done:
    ret
.modes: db 0x2C, 0x28, 0x2D, 0x29, 0x2A, 0x2E, 0x1E, 0x29

; Zero (or blanks) to the memory of the mode, row SI.
clear_memory:
    mov es, [cs:si + vm.seg]
    xor di, di
    xor ax, ax
    mov cx, 0x8000
    mov dl, [cs:si + vm.kind]
    cmp dl, K_PLANAR
    jae .fill
    mov cx, 0x2000
    cmp dl, K_CGA
    je .fill
    mov ax, 0x0720
    mov cx, 0x4000
.fill:
    rep stosw
    ret
