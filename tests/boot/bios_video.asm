; SPDX-License-Identifier: MIT
; bios_video.asm - the int 10h part of bios.asm.

set_mode:                       ; AX
    int 0x10
    xor ax, ax
    mov es, ax
    ret

; After every mode: number, columns, page 0, cursor at 0; then the cursor goes where it is put.
t_mode:
    mov si, .modes
.next:
    lodsw
    test ax, ax
    jz .end
    push ax
    mov ah, 0
    int 0x10
    mov ah, 0x0F
    int 0x10
    pop cx
    cmp al, cl
    jne .bad
    cmp ah, ch
    jne .bad
    test bh, bh
    jnz .bad
    mov ah, 2
    mov dx, 0x0507
    int 0x10
    mov ah, 3
    mov bh, 0
    int 0x10
    cmp dx, 0x0507
    je .next
.bad:
    mov ax, 3
    int 0x10
    jmp bad
.end:
    mov ax, 3
    int 0x10
    clc
    ret
.modes: db 1, 40, 2, 80, 3, 80, 4, 40, 5, 40, 6, 80, 7, 80, 0x0D, 40, 0x0E, 80, 0x0F, 80
        db 0x10, 80, 0x11, 80, 0x12, 80, 0x13, 40, 0, 0

t_text:
    mov ax, 3
    call set_mode
    push 0xB800
    pop es
    mov ax, 0x0941              ; A, five times, attribute 1E
    mov bx, 0x001E
    mov cx, 5
    int 0x10
    BADIF word [es:8], ne, 0x1E41
    BADIF word [es:10], ne, 0x0720
    mov ah, 8
    mov bh, 0
    int 0x10
    BADIF ax, ne, 0x1E41
    mov ah, 2
    mov dx, 0x184F              ; last cell: teletype scrolls
    mov bh, 0
    int 0x10
    mov ax, 0x0E5A
    mov bx, 7
    int 0x10
    BADIF byte [es:23 * 160 + 158], ne, 'Z'
    BADIF word [es:0], ne, 0x0720
    mov ah, 3
    mov bh, 0
    int 0x10
    BADIF dx, ne, 0x1800
    push es
    push 0
    pop es
    mov ax, 0x1301
    mov bx, 0x004F
    mov cx, 3
    mov dx, 0x020A
    mov bp, .text
    int 0x10
    pop es
    BADIF word [es:2 * 160 + 20], ne, 0x4F78
    BADIF word [es:2 * 160 + 24], ne, 0x4F7A
    mov ah, 3
    mov bh, 0
    int 0x10
    BADIF dx, ne, 0x020D
    mov ax, 0x0601              ; a window goes up, its last line is blank in 70h
    mov bh, 0x70
    mov cx, 0x0108
    mov dx, 0x0414
    int 0x10
    BADIF word [es:1 * 160 + 20], ne, 0x4F78
    BADIF word [es:4 * 160 + 16], ne, 0x7020
    BADIF word [es:4 * 160 + 14], ne, 0x0720
    mov ax, 0x0701              ; and down again
    mov bh, 0x20
    mov cx, 0x0108
    mov dx, 0x0414
    int 0x10
    BADIF word [es:2 * 160 + 20], ne, 0x4F78
    BADIF word [es:1 * 160 + 20], ne, 0x2020
    clc
    ret
.text: db "xyz"

; A pixel of every graphics mode, at both ends of the screen.
t_pixel:
    mov si, .modes
.next:
    lodsw
    test al, al
    jz .end
    push ax
    mov ah, 0
    int 0x10
    pop ax
    mov ch, ah                  ; colour
    lodsw
    mov bp, ax                  ; last column
    lodsw
    mov di, ax                  ; last line
    mov al, ch
    mov cx, bp
    mov dx, di
    call .check
    jne .bad
    mov cx, 3
    mov dx, 5
    call .check
    je .next
.bad:
    mov ax, 3
    int 0x10
    jmp bad
.end:
    mov ax, 3
    int 0x10
    clc
    ret
.check:                         ; draw AL at CX, DX; is it there and nothing beside it?
    push ax
    mov ah, 0x0C
    mov bh, 0
    int 0x10
    mov ah, 0x0D
    int 0x10
    mov bl, al
    dec cx
    mov ah, 0x0D
    mov bh, 0
    push bx
    int 0x10
    pop bx
    mov bh, al
    pop ax
    cmp bl, al
    jne .no
    test bh, bh
.no:
    ret
.modes:
    db 4, 3
    dw 319, 199
    db 5, 2
    dw 319, 199
    db 6, 1
    dw 639, 199
    db 0x0D, 14
    dw 319, 199
    db 0x0E, 9
    dw 639, 199
    db 0x10, 5
    dw 639, 349
    db 0x12, 11
    dw 639, 479
    db 0x13, 200
    dw 319, 199
    dw 0

t_gchar:
    mov si, .modes
.next:
    lodsb
    test al, al
    jz .end
    mov ah, 0
    int 0x10
    mov ah, 2
    mov dx, 0x0305
    mov bh, 0
    int 0x10
    mov ax, 0x0947
    mov bx, 0x0001
    mov cx, 1
    int 0x10
    mov ah, 8
    mov bh, 0
    int 0x10
    cmp al, 'G'
    jne .bad
    mov ax, 0x0601              ; one row up
    mov bh, 0
    mov cx, 0
    mov dx, 0x1827
    int 0x10
    mov ah, 2
    mov dx, 0x0205
    mov bh, 0
    int 0x10
    mov ah, 8
    mov bh, 0
    int 0x10
    cmp al, 'G'
    je .next
.bad:
    mov ax, 3
    int 0x10
    jmp bad
.end:
    mov ax, 3
    int 0x10
    clc
    ret
.modes: db 4, 6, 0x0D, 0x0E, 0x10, 0x12, 0x13, 0

t_dac:
    mov ax, 0x0013
    call set_mode
    mov ax, 0x1015              ; colour 40: full red
    mov bx, 40
    int 0x10
    BADIF dh, ne, 63
    BADIF cx, ne, 0
    mov ax, 0x1010
    mov bx, 77
    mov dh, 11
    mov cx, 0x1617
    int 0x10
    mov ax, 0x1017
    mov bx, 77
    mov cx, 1
    mov dx, buffer
    int 0x10
    BADIF word [buffer], ne, 0x160B
    BADIF byte [buffer + 2], ne, 0x17
    mov ax, 0x1000
    mov bx, 0x2A03
    int 0x10
    mov ax, 0x1007
    mov bx, 3
    int 0x10
    BADIF bh, ne, 0x2A
    mov ax, 3
    call set_mode
    clc
    ret

t_font:
    mov ax, 0x1130
    mov bh, 6
    push es
    int 0x10
    mov al, [es:bp + 'A' * 16 + 6]
    pop es
    BADIF cx, ne, 16
    BADIF dl, ne, 24
    test al, al
    jz bad
    mov ax, 0x1112              ; 8x8: fifty rows
    mov bl, 0
    int 0x10
    BADIF byte [0x484], ne, 49
    BADIF byte [0x485], ne, 8
    mov ax, 0x1114
    mov bl, 0
    int 0x10
    BADIF byte [0x484], ne, 24
    mov ax, 3
    call set_mode
    clc
    ret

t_state:
    mov ax, 0x1A00
    int 0x10
    BADIF al, ne, 0x1A
    BADIF bl, ne, 8
    mov ax, 0x1B00
    xor bx, bx
    mov di, buffer
    int 0x10
    BADIF al, ne, 0x1B
    BADIF byte [buffer + 4], ne, 3
    BADIF word [buffer + 5], ne, 80
    BADIF byte [buffer + 0x22], ne, 25
    mov ax, 0x1C00
    mov cx, 7
    int 0x10
    BADIF al, ne, 0x1C
    test bx, bx
    jz bad
    mov ax, 0x1C01
    mov cx, 7
    mov bx, buffer
    int 0x10
    mov byte [0x449], 0x55
    mov ax, 0x1C02
    mov cx, 7
    mov bx, buffer
    int 0x10
    BADIF byte [0x449], ne, 3
    clc
    ret

t_vbe:
    mov ax, 0x4F02              ; planes: no linear form
    mov bx, 0x4102
    int 0x10
    BADIF ax, e, 0x004F
    mov ax, 0x4F02
    mov bx, 0x0102
    int 0x10
    BADIF ax, ne, 0x004F
    mov ax, 0x4F06
    mov bl, 1
    int 0x10
    BADIF bx, ne, 100
    BADIF cx, ne, 800
    mov di, buffer
    mov dword [di], 'VBE2'
    mov ax, 0x4F00
    int 0x10
    BADIF ax, ne, 0x004F
    BADIF dword [buffer], ne, 'VESA'
    cmp word [buffer + 4], 0x0200
    jb bad
    mov ax, 0x4F01
    mov cx, 0x0115
    mov di, buffer
    int 0x10
    BADIF ax, ne, 0x004F
    BADIF word [buffer + 18], ne, 800
    BADIF word [buffer + 20], ne, 600
    mov ax, 0x4F02
    mov bx, 0x4101
    int 0x10
    BADIF ax, ne, 0x004F
    mov ax, 0x4F03
    int 0x10
    BADIF bx, ne, 0x4101
    mov ax, 0x4F06
    mov bl, 0
    mov cx, 1024
    int 0x10
    BADIF ax, ne, 0x004F
    BADIF bx, ne, 1024
    mov ax, 0x4F07
    xor bx, bx
    xor cx, cx
    mov dx, 100
    int 0x10
    BADIF ax, ne, 0x004F
    mov ax, 0x4F07
    mov bl, 1
    int 0x10
    BADIF dx, ne, 100
    mov ax, 0x4F02              ; banked
    mov bx, 0x0101
    int 0x10
    BADIF ax, ne, 0x004F
    push 0xA000
    pop es
    mov ax, 0x4F05
    xor bx, bx
    mov dx, 3
    int 0x10
    mov byte [es:0x1234], 0x77
    mov ax, 0x4F05
    xor bx, bx
    xor dx, dx
    int 0x10
    BADIF byte [es:0x1234], ne, 0
    mov ax, 0x4F05
    xor bx, bx
    mov dx, 3
    int 0x10
    BADIF byte [es:0x1234], ne, 0x77
    mov ax, 0x4F02
    mov bx, 3
    int 0x10
    BADIF ax, ne, 0x004F
    mov ah, 0x0F
    int 0x10
    BADIF al, ne, 3
    clc
    ret
