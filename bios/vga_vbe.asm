; SPDX-License-Identifier: MIT
; vga_vbe.asm - int 10h AH=4F: VBE 2.0 on the Bochs DISPI registers (1CE, 1CF), DPMS and DDC.

DISPI_ID    equ 0
DISPI_X     equ 1
DISPI_Y     equ 2
DISPI_BPP   equ 3
DISPI_EN    equ 4
DISPI_BANK  equ 5
DISPI_VW    equ 6
DISPI_XO    equ 8
DISPI_YO    equ 9
DISPI_MEM   equ 10
V_VBE       equ 0xBA            ; mode that is set, bit 14 linear; 0 none

struc vb
.mode   resw 1
.x      resw 1
.y      resw 1
.bpp    resb 1
.size:
endstruc
%macro VB 4
    dw %1, %2, %3
    db %4
%endmacro
vbe_modes:
    VB 0x100,  640,  400,  8
    VB 0x101,  640,  480,  8
    VB 0x102,  800,  600,  4
    VB 0x103,  800,  600,  8
    VB 0x105, 1024,  768,  8
    VB 0x107, 1280, 1024,  8
    VB 0x10D,  320,  200, 15
    VB 0x10E,  320,  200, 16
    VB 0x10F,  320,  200, 24
    VB 0x110,  640,  480, 15
    VB 0x111,  640,  480, 16
    VB 0x112,  640,  480, 24
    VB 0x113,  800,  600, 15
    VB 0x114,  800,  600, 16
    VB 0x115,  800,  600, 24
    VB 0x116, 1024,  768, 15
    VB 0x117, 1024,  768, 16
    VB 0x118, 1024,  768, 24
    VB 0x119, 1280, 1024, 15
    VB 0x11A, 1280, 1024, 16
    VB 0x11B, 1280, 1024, 24
    VB 0x11C, 1600, 1200,  8
    VB 0x11D, 1600, 1200, 15
    VB 0x11E, 1600, 1200, 16
    VB 0x11F, 1600, 1200, 24
    VB 0x140,  320,  200, 32
    VB 0x141,  640,  400, 32
    VB 0x142,  640,  480, 32
    VB 0x143,  800,  600, 32
    VB 0x144, 1024,  768, 32
    VB 0x145, 1280, 1024, 32
    VB 0x147, 1600, 1200, 32
vbe_modes_end:
vbe_list:
%assign i 0
%rep (vbe_modes_end - vbe_modes) / vb.size
    dw 0                        ; filled by vbe_init
%assign i i + 1
%endrep
    dw 0xFFFF
vbe_lfb:    dd 0xE0000000
vbe_mem:    dw 256              ; 64 KiB units
vbe_here:   db 0

vbe_oem:     db "godwit VGA BIOS", 0
vbe_vendor:  db "godwit", 0
vbe_product: db "Bochs DISPI display", 0
vbe_rev:     db "1.0", 0

dispi_write:                    ; index AL = DX
    push ax
    push dx
    push dx
    mov dx, 0x1CE
    mov ah, 0
    out dx, ax
    inc dx
    pop ax
    out dx, ax
    pop dx
    pop ax
    ret

dispi_read:                     ; index AL -> AX
    push dx
    mov dx, 0x1CE
    mov ah, 0
    out dx, ax
    inc dx
    in ax, dx
    pop dx
    ret

; The ROM is still writable here: find the chip, its memory and its linear frame buffer.
vbe_init:
    push ds
    push cs
    pop ds
    mov al, DISPI_ID
    mov dx, 0xB0C5
    call dispi_write
    call dispi_read
    and ax, 0xFFF0
    cmp ax, 0xB0C0
    jne .none
    mov byte [vbe_here], 1
    mov al, DISPI_MEM
    call dispi_read
    test ax, ax
    jz .memory
    cmp ax, 0x1000
    ja .memory
    mov [vbe_mem], ax
.memory:
    mov si, vbe_modes
    mov di, vbe_list
.mode:
    call vbe_fits
    jc .skip
    mov ax, [si + vb.mode]
    mov [di], ax
    add di, 2
.skip:
    add si, vb.size
    cmp si, vbe_modes_end
    jb .mode
    mov word [di], 0xFFFF
    mov ecx, 0x80000008         ; the first VGA on bus 0: its BAR 0
.function:
    mov eax, ecx
    mov dx, 0xCF8
    out dx, eax
    mov dl, 0xFC
    in eax, dx
    shr eax, 16
    cmp ax, 0x0300
    je .found
    add ecx, 0x100
    test ecx, 0x00FF0000
    jz .function
    jmp .none
.found:
    lea eax, [ecx + 8]
    mov dl, 0xF8
    out dx, eax
    mov dl, 0xFC
    in eax, dx
    and al, 0xF0
    jz .none
    mov [vbe_lfb], eax
.none:
    pop ds
    ret

vbe_fits:                       ; row CS:SI: does one screen fit? CF = 1: no
    call vbe_pitch
    movzx ecx, word [cs:si + vb.y]
    imul eax, ecx
    cmp byte [cs:si + vb.bpp], 4
    jne .packed
    shl eax, 2                  ; four planes
.packed:
    add eax, 0xFFFF
    shr eax, 16
    cmp [cs:vbe_mem], ax
    ret

vbe_pitch:                      ; row CS:SI -> EAX = bytes per line
    movzx eax, word [cs:si + vb.x]
; EAX pixels of the row CS:SI -> EAX bytes; keeps the others
vbe_bytes:
    push ecx
    movzx ecx, byte [cs:si + vb.bpp]
    cmp cl, 4
    je .planar
    add cl, 7
    shr cl, 3
    imul eax, ecx
    pop ecx
    ret
.planar:
    shr eax, 3
    pop ecx
    ret

; Back to VGA: switch DISPI off. Keeps all.
vbe_off:
    push ax
    push dx
    mov word [V_VBE], 0
    cmp byte [cs:vbe_here], 0
    je .none
    mov al, DISPI_EN
    xor dx, dx
    call dispi_write
.none:
    pop dx
    pop ax
    ret

vbe_find:                       ; AX = mode -> SI = row, CF = 1: none
    and ax, 0x1FF
    mov si, vbe_modes
.next:
    cmp ax, [cs:si + vb.mode]
    je vbe_fits
    add si, vb.size
    cmp si, vbe_modes_end
    jb .next
    stc
    ret

vbe_function:
    movzx bx, fAL
    cmp byte [cs:vbe_here], 0
    je .unknown
    cmp bl, 0x10
    je vbe_dpms
    cmp bl, 0x15
    je vbe_ddc
    cmp bl, 0x0A
    ja .unknown
    shl bx, 1
    jmp [cs:.table + bx]
.unknown:
    mov fAH, 1
    LEAVE_INT
.table:
    dw vbe_info, vbe_mode_info, vbe_set_mode, vbe_get_mode, vbe_state, vbe_window
    dw vbe_line, vbe_start, vbe_dac, vbe_palette, vbe_pm
vbe_good:
    mov fAX, 0x004F
    LEAVE_INT
vbe_bad:
    mov fAX, 0x014F
    LEAVE_INT

vbe_info:                       ; 00: 512 bytes (256 without "VBE2") at ES:DI
    mov es, fES
    mov di, fDI
    mov ebx, [es:di]
    xor ax, ax
    mov cx, 128
    cmp ebx, 'VBE2'
    jne .clear
    mov cx, 256
.clear:
    push di
    rep stosw
    pop di
    mov dword [es:di], 'VESA'
    mov word [es:di + 4], 0x0200
    mov word [es:di + 6], vbe_oem
    mov [es:di + 8], cs
    mov dword [es:di + 10], 1   ; DAC may be switched to eight bits
    mov word [es:di + 14], vbe_list
    mov [es:di + 16], cs
    mov ax, [cs:vbe_mem]
    mov [es:di + 18], ax
    cmp ebx, 'VBE2'
    jne vbe_good
    mov word [es:di + 20], 0x0100
    mov word [es:di + 22], vbe_vendor
    mov [es:di + 24], cs
    mov word [es:di + 26], vbe_product
    mov [es:di + 28], cs
    mov word [es:di + 30], vbe_rev
    mov [es:di + 32], cs
    jmp vbe_good

vbe_mode_info:                  ; 01: mode CX, 256 bytes at ES:DI
    mov ax, fCX
    call vbe_find
    jc vbe_bad
    mov es, fES
    mov di, fDI
    push di
    xor ax, ax
    mov cx, 128
    rep stosw
    pop di
    mov word [es:di], 0x009B    ; supported, colour, graphics, linear and window
    mov byte [es:di + 2], 7
    mov word [es:di + 4], 64
    mov word [es:di + 6], 64
    mov word [es:di + 8], 0xA000
    mov word [es:di + 12], vbe_window_far
    mov [es:di + 14], cs
    call vbe_pitch
    mov [es:di + 16], ax
    mov [es:di + 50], ax
    mov bx, [cs:si + vb.x]
    mov [es:di + 18], bx
    mov bx, [cs:si + vb.y]
    mov [es:di + 20], bx
    movzx eax, ax
    movzx ebx, bx
    imul eax, ebx               ; image pages
    mov ecx, eax
    movzx eax, word [cs:vbe_mem]
    shl eax, 16
    xor edx, edx
    div ecx
    dec ax
    cmp ax, 255
    jbe .pages
    mov al, 255
.pages:
    mov [es:di + 29], al
    mov byte [es:di + 22], 8
    mov byte [es:di + 23], 16
    mov byte [es:di + 26], 1
    mov al, [cs:si + vb.bpp]
    mov [es:di + 25], al
    cmp al, 4
    je .planar
    mov byte [es:di + 24], 1
    mov byte [es:di + 27], 4    ; packed
    mov byte [es:di + 30], 1
    mov ebx, [cs:vbe_lfb]
    mov [es:di + 40], ebx
    cmp al, 8
    je vbe_good
    mov byte [es:di + 27], 6    ; direct colour
    mov si, .m15
    cmp al, 15
    je .masks
    mov si, .m16
    cmp al, 16
    je .masks
    mov si, .m24
    cmp al, 24
    je .masks
    mov si, .m32
.masks:
    push di
    add di, 31
    mov cx, 8
    cs rep movsb
    pop di
    mov byte [es:di + 39], 2    ; reserved bits may be used
    jmp vbe_good
.planar:                        ; four planes behind the window only
    mov byte [es:di], 0x1B
    mov byte [es:di + 29], 0
    mov byte [es:di + 24], 4
    mov byte [es:di + 27], 3
    mov byte [es:di + 30], 1
    jmp vbe_good
.m15: db 5, 10, 5, 5, 5, 0, 1, 15
.m16: db 5, 11, 6, 5, 5, 0, 0, 0
.m24: db 8, 16, 8, 8, 8, 0, 0, 0
.m32: db 8, 16, 8, 8, 8, 0, 8, 24

vbe_set_mode:                   ; 02: BX
    mov ax, fBX
    test ax, 0x3E00
    jnz vbe_bad
    test ah, 1
    jz .vga
    call vbe_find
    jc vbe_bad
    cmp byte [cs:si + vb.bpp], 4
    jne .packed
    test fBH, 0x40              ; planes have no linear form
    jnz vbe_bad
.packed:
    mov bx, fBX
    call vbe_switch
    jmp vbe_good
.vga:
    cmp al, 0x7F
    ja vbe_bad
    mov cl, fBH
    and cl, 0x80
    call find_mode
    jc vbe_bad
    and byte [V_CTRL], 0x7F
    or [V_CTRL], cl
    call vbe_off
    call set_mode
    jmp vbe_good

; Row SI of the list; BX = its number with bits 14 (linear) and 15 (keep memory). A VGA mode of
; the same kind goes below it: palette, chain 4 or planes.
vbe_switch:
    push si
    push bx
    mov al, 0x12
    cmp byte [cs:si + vb.bpp], 4
    je .planar
    inc ax
.planar:
    call find_mode
    or byte [V_CTRL], 0x80
    call vbe_off
    call set_mode
    and byte [V_CTRL], 0x7F
    pop bx
    pop si
    mov al, DISPI_X
    mov dx, [cs:si + vb.x]
    call dispi_write
    mov al, DISPI_Y
    mov dx, [cs:si + vb.y]
    call dispi_write
    mov al, DISPI_BPP
    movzx dx, byte [cs:si + vb.bpp]
    call dispi_write
    mov al, DISPI_EN
    mov dx, bx
    and dx, 0xC000              ; 15 keep memory -> 7, 14 linear -> 6
    shr dx, 8
    or dl, 1
    call dispi_write
    mov al, DISPI_BANK
    xor dx, dx
    call dispi_write
    and bh, 0x7F
    mov [V_VBE], bx
    mov ax, [cs:si + vb.x]      ; what text output would see
    shr ax, 3
    mov [V_COLS], ax
    mov ax, [cs:si + vb.y]
    shr ax, 4
    dec ax
    mov [V_ROWS], al
    mov word [V_HEIGHT], 16
    jmp font_vector

vbe_get_mode:                   ; 03
    mov ax, [V_VBE]
    test ax, ax
    jnz .give
    mov al, [V_MODE]
    mov ah, 0
.give:
    mov fBX, ax
    jmp vbe_good

; 04: DL 0 size, 1 save, 2 restore; CX parts, bit 3 the DISPI registers; ES:BX.
vbe_state:
    mov cx, fCX
    mov al, fDL
    cmp al, 2
    ja vbe_bad
    test al, al
    jnz .copy
    call state_size
    test cl, 8
    jz .size
    inc bx
.size:
    mov fBX, bx
    jmp vbe_good
.copy:
    mov es, fES
    mov di, fBX
    test cl, 8
    jz .rest
    push cx
    mov si, .regs
    mov bx, di
    mov cx, 8
.next:
    cs lodsb
    cmp fDL, 2
    je .restore
    call dispi_read
    mov [es:bx], ax
    jmp .step
.restore:
    mov dx, [es:bx]
    cmp al, DISPI_EN
    jne .write
    or dl, 0x80                 ; never clears
.write:
    call dispi_write
.step:
    add bx, 2
    loop .next
    mov ax, [V_VBE]
    cmp fDL, 2
    je .mode
    mov [es:bx], ax
    jmp .moved
.mode:
    mov ax, [es:bx]
    mov [V_VBE], ax
.moved:
    add di, 64
    pop cx
.rest:
    mov al, fDL
    call state_copy
    jmp vbe_good
.regs: db DISPI_X, DISPI_Y, DISPI_BPP, DISPI_EN, DISPI_BANK, DISPI_VW, DISPI_XO, DISPI_YO

vbe_window:                     ; 05: BH 0 set, 1 get; BL window; DX in 64 KiB
    cmp fBL, 0
    jne vbe_bad
    cmp fBH, 1
    ja vbe_bad
    je .get
    mov dx, fDX
    cmp dx, [cs:vbe_mem]
    jae vbe_bad
    mov al, DISPI_BANK
    call dispi_write
    jmp vbe_good
.get:
    mov al, DISPI_BANK
    call dispi_read
    mov fDX, ax
    jmp vbe_good

vbe_window_far:                 ; the same by far call
    test bx, bx
    jnz .get
    push ax
    mov al, DISPI_BANK
    call dispi_write
    pop ax
    retf
.get:
    mov al, DISPI_BANK
    call dispi_read
    mov dx, ax
    mov ax, 0x004F
    retf

vbe_row:                        ; row of the mode that is set; CF = 1: VGA
    mov ax, [V_VBE]
    test ax, ax
    stc
    jz .none
    call vbe_find
.none:
    ret

vbe_line:                       ; 06: BL 0 set CX pixels, 1 get, 2 set CX bytes, 3 maximum
    call vbe_row
    jc vbe_bad
    movzx edi, byte [cs:si + vb.bpp]
    add di, 7
    and di, 0x38                ; bits per pixel
    cmp byte [cs:si + vb.bpp], 4
    movzx esi, word [cs:vbe_mem]
    jne .packed
    shl esi, 14                 ; bytes of one plane of four
    mov di, 1
    jmp .sized
.packed:
    shl esi, 16
.sized:
    mov bl, fBL
    movzx eax, fCX
    cmp bl, 1
    je .get
    cmp bl, 3
    ja vbe_bad
    je .max
    cmp bl, 2
    jne .set
    shl eax, 3
    xor edx, edx
    div edi
.set:
    mov dx, ax
    mov al, DISPI_X
    call dispi_read
    cmp dx, ax
    jb vbe_bad
    mov al, DISPI_VW
    call dispi_write
.get:
    mov al, DISPI_VW
    call dispi_read
.give:
    movzx ecx, ax
    mov fCX, ax
    imul ecx, edi
    shr ecx, 3
    mov fBX, cx
    mov eax, esi
    xor edx, edx
    div ecx
    cmp eax, 0x7FFF
    jbe .lines
    mov ax, 0x7FFF
.lines:
    mov fDX, ax
    jmp vbe_good
.max:
    mov al, DISPI_Y
    call dispi_read
    movzx ecx, ax
    imul ecx, edi
    mov eax, esi
    xor edx, edx
    shld edx, eax, 3
    shl eax, 3
    div ecx
    cmp eax, 0x3FF8
    jbe .give
    mov ax, 0x3FF8
    jmp .give

vbe_start:                      ; 07: BL 0, 80h set CX, DX; 1 get
    call vbe_row
    jc vbe_bad
    mov bl, fBL
    and bl, 0x7F
    cmp bl, 1
    ja vbe_bad
    je .get
    mov al, DISPI_XO
    mov dx, fCX
    call dispi_write
    mov al, DISPI_YO
    mov dx, fDX
    call dispi_write
    jmp vbe_good
.get:
    mov fBH, 0
    mov al, DISPI_XO
    call dispi_read
    mov fCX, ax
    mov al, DISPI_YO
    call dispi_read
    mov fDX, ax
    jmp vbe_good

vbe_dac:                        ; 08: BL 0 set BH bits, 1 get
    call vbe_row
    jc vbe_bad
    cmp byte [cs:si + vb.bpp], 8
    jne vbe_bad
    mov al, DISPI_EN
    call dispi_read
    mov dx, ax
    cmp fBL, 1
    ja vbe_bad
    je .get
    or dl, 0x80
    and dl, 0xDF
    cmp fBH, 8
    jb .set
    or dl, 0x20
.set:
    mov al, DISPI_EN
    call dispi_write
.get:
    mov fBH, 6
    test dl, 0x20
    jz vbe_good
    mov fBH, 8
    jmp vbe_good

vbe_palette:                    ; 09: BL 0, 80h set, 1 get; CX from DX on at ES:DI (B G R 0)
    mov es, fES
    mov di, fDI
    mov cx, fCX
    cmp cx, 256
    ja vbe_bad
    jcxz .done
    mov bl, fBL
    and bl, 0x7F
    cmp bl, 1
    ja vbe_bad
    mov bh, fDL
    je .get
    mov dx, 0x3C8
    mov al, bh
    out dx, al
    inc dx
.set:
    mov al, [es:di + 2]
    out dx, al
    mov al, [es:di + 1]
    out dx, al
    mov al, [es:di]
    out dx, al
    add di, 4
    loop .set
.done:
    jmp vbe_good
.get:
    mov dx, 0x3C7
    mov al, bh
    out dx, al
    add dx, 2
.next:
    in al, dx
    mov [es:di + 2], al
    in al, dx
    mov [es:di + 1], al
    in al, dx
    mov [es:di], al
    mov byte [es:di + 3], 0
    add di, 4
    loop .next
    jmp vbe_good

