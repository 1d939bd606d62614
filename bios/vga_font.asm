; SPDX-License-Identifier: MIT
; vga_font.asm - int 10h AH=11: fonts in plane 2 and for graphics.

fn_font:
    mov al, fAL
    cmp al, 0x30
    je font_info
    cmp al, 0x20
    jae font_graphics
    mov bl, al
    and bl, 0x0F
    cmp bl, 3
    je .block
    cmp bl, 4
    ja .done
    mov bh, 14
    mov si, font14
    cmp bl, 1
    je .rom
    mov bh, 8
    mov si, font8
    cmp bl, 2
    je .rom
    mov bh, 16
    mov si, font16
    cmp bl, 4
    je .rom
    mov es, fES                 ; 00: BH bytes, BL block, CX count, DX first, ES:BP
    mov si, fBP
    mov cx, fCX
    mov dx, fDX
    mov bx, fBX
    jmp .load
.rom:
    mov bl, fBL
    push cs
    pop es
    mov cx, 256
    xor dx, dx
.load:
    push bx
    call font_load
    pop bx
    mov al, fAL
    test al, 0x10
    jz .done
    mov al, bh
    jmp font_resize
.block:
    mov dx, 0x3C4
    mov al, 3
    mov ah, fBL
    out dx, ax
.done:
    ret

; The ROM font for V_HEIGHT into block BL.
font_of_height:
    call font_rom
    mov bh, [V_HEIGHT]
    push cs
    pop es
    mov cx, 256
    xor dx, dx
    jmp font_load

font_rom:                       ; -> SI = ROM font of V_HEIGHT
    mov si, font16
    cmp byte [V_HEIGHT], 14
    ja .done
    mov si, font14
    je .done
    mov si, font8
.done:
    ret

font_vector:                    ; int 43h for the mode
    push es
    push si
    call font_rom
    push 0
    pop es
    mov [es:0x43 * 4], si
    mov [es:0x43 * 4 + 2], cs
    pop si
    pop es
    ret

; CX characters from DX on, BH bytes each, at ES:SI, to block BL of plane 2.
font_load:
    push ds
    push es
    jcxz .end
    push dx
    mov dx, 0x3C4
    mov ax, 0x0402
    out dx, ax
    mov ax, 0x0704
    out dx, ax
    mov dx, 0x3CE
    mov ax, 0x0005
    out dx, ax
    mov ax, 0x0406
    out dx, ax
    pop dx
    mov al, bl                  ; blocks 0-3 at 16 KiB steps, 4-7 between them
    and al, 3
    shl al, 1
    shr bl, 2
    and bl, 1
    or al, bl
    mov ah, 0
    shl ax, 13
    shl dx, 5
    add ax, dx
    mov di, ax
    push es
    pop ds
    push 0xA000
    pop es
    mov al, bh
    mov ah, 0
    mov dx, 32
    sub dx, ax
    mov bx, ax
.char:
    push cx
    mov cx, bx
    rep movsb
    add di, dx
    pop cx
    loop .char
.end:
    pop es
    pop ds
    mov dx, 0x3C4
    mov ax, 0x0302
    out dx, ax
    mov ax, 0x0304
    out dx, ax
    mov dx, 0x3CE
    mov ax, 0x1005
    out dx, ax
    mov ax, 0x0E06
    cmp byte [V_MODE], 7
    jne .colour
    mov ah, 0x0A
.colour:
    out dx, ax
    ret

; Cells of AL lines: as many rows as the lines of the display allow.
font_resize:
    mov ah, 0
    test al, al
    jz .done
    mov [V_HEIGHT], ax
    mov bl, al
    mov dx, [V_CRTC]
    mov al, 9                   ; lines in a cell
    out dx, al
    inc dx
    in al, dx
    and al, 0xE0
    mov ah, bl
    dec ah
    or al, ah
    out dx, al
    dec dx
    cmp byte [V_MODE], 7
    jne .no_underline
    mov al, 0x14
    out dx, ax
.no_underline:
    mov ch, bl                  ; cursor in the usual lines
    mov cl, bl
    sub ch, 3
    sub cl, 2
    cmp bl, 14
    jae .cursor
    inc ch
    inc cl
.cursor:
    mov [V_CURTYPE], cx
    push bx
    call fn_cursor_type.set
    pop bx
    mov dx, [V_CRTC]
    mov al, 0x12                ; lines of the display
    out dx, al
    inc dx
    in al, dx
    mov cl, al
    dec dx
    mov al, 7
    out dx, al
    inc dx
    in al, dx
    dec dx
    mov ch, 0
    test al, 2
    jz .no_bit8
    or ch, 1
.no_bit8:
    test al, 0x40
    jz .no_bit9
    or ch, 2
.no_bit9:
    inc cx
    cmp bl, 8                   ; double-scanned 200 lines: the table counts 400
    ja .single
    push dx
    mov al, 9
    out dx, al
    inc dx
    in al, dx
    pop dx
    test al, 0x80
    jz .single
    shr cx, 1
.single:
    mov ax, cx
    div bl                      ; rows
    mov ah, al
    dec ah
    mov [V_ROWS], ah
    mul byte [V_COLS]
    shl ax, 1
    add ax, 0xFF
    mov al, 0
    mov [V_PGSIZE], ax
.done:
    ret

; 20-24: the pointers of the graphics modes.
font_graphics:
    push 0
    pop es
    cmp al, 0x20
    jne .int43
    mov ax, fBP
    mov [es:0x1F * 4], ax
    mov ax, fES
    mov [es:0x1F * 4 + 2], ax
    ret
.int43:
    mov cx, cs
    mov dx, font14
    mov bl, 14
    cmp al, 0x22
    je .rom
    mov dx, font8
    mov bl, 8
    cmp al, 0x23
    je .rom
    mov dx, font16
    mov bl, 16
    cmp al, 0x24
    je .rom
    cmp al, 0x21
    jne .done
    mov cx, fES
    mov dx, fBP
    mov bl, fCL
.rom:
    mov [es:0x43 * 4], dx
    mov [es:0x43 * 4 + 2], cx
    mov bh, 0
    mov [V_HEIGHT], bx
    mov al, fBL                 ; rows: 1 14, 2 25, 3 43, 0 DL
    mov ah, fDL
    test al, al
    jz .rows
    mov ah, 14
    dec al
    jz .rows
    mov ah, 25
    dec al
    jz .rows
    mov ah, 43
.rows:
    dec ah
    mov [V_ROWS], ah
.done:
    ret

; 30: CX bytes per character, DL last row, ES:BP the font BH.
font_info:
    movzx bx, fBH
    cmp bl, 7
    ja .done
    push 0
    pop es
    mov cx, [es:0x1F * 4 + 2]
    mov dx, [es:0x1F * 4]
    cmp bl, 1
    jb .found
    mov cx, [es:0x43 * 4 + 2]
    mov dx, [es:0x43 * 4]
    je .found
    mov cx, cs
    shl bx, 1
    mov dx, [cs:.fonts - 4 + bx]
.found:
    mov fES, cx
    mov fBP, dx
    mov ax, [V_HEIGHT]
    mov fCX, ax
    mov al, [V_ROWS]
    mov fDL, al
.done:
    ret
.fonts: dw font14, font8, font8 + 1024, no_font, font16, no_font

no_font: db 0                   ; no replacements for nine dots: the ninth is blank or the eighth
