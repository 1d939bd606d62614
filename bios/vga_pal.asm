; SPDX-License-Identifier: MIT
; vga_pal.asm - int 10h AH=0B and 10: CGA palette, attribute controller, DAC.

; Row SI: its DAC set. Keeps SI.
load_dac:
    push si
    mov dx, 0x3C8
    xor al, al
    out dx, al
    inc dx
    mov bl, [cs:si + vm.dac]
    cmp bl, 2
    je .vga256
    xor cx, cx                  ; 64 entries
.next:
    cmp bl, 1
    jb .cga
    je .ega
    mov al, cl                  ; mono: 8 groups of eight: 0, 2A, 0, 3F
    shr al, 3
    and al, 3
    push bx
    mov bx, .mono
    cs xlatb
    pop bx
    out dx, al
    out dx, al
    out dx, al
    jmp .step
.ega:                           ; bits 5-0: r g b R G B
    mov al, cl
    call .ega_level
    mov ah, al
    mov al, cl
    shl al, 1
    call .ega_level
    push ax
    mov al, cl
    shl al, 2
    call .ega_level
    mov bh, al                  ; blue
    pop ax
    xchg al, ah                 ; red
    call dac_out
    mov al, ah
    call dac_out
    mov al, bh
    call dac_out
    jmp .step
.cga:                           ; bits 4, 2-0: I R G B, the rest repeats
    mov al, cl
    and al, 7
    test cl, 0x10
    jz .dim
    or al, 8
.dim:
    call dac_cga
.step:
    inc cx
    cmp cl, 64
    jb .next
    jmp .grey
.vga256:
    call dac_vga256
.grey:
    pop si
    test byte [V_FLAGS], 2
    jz .done
    xor bx, bx
    mov cx, 256
    jmp dac_grey
.done:
    ret
.mono: db 0, 0x2A, 0, 0x3F
.ega_level:                     ; bit 5 of AL: one third, bit 2: two thirds
    push cx
    xor cl, cl
    test al, 0x20
    jz .no_third
    mov cl, 0x15
.no_third:
    test al, 0x04
    jz .no_two
    add cl, 0x2A
.no_two:
    mov al, cl
    pop cx
    ret

dac_out:
    out dx, al
    ret

; AL = 0-15: the CGA colour to the DAC; 6 is brown.
dac_cga:
    push bx
    mov bl, 0
    test al, 8
    jz .dim
    mov bl, 0x15
.dim:
    mov bh, al
    cmp al, 6
    jne .normal
    mov al, 0x2A
    out dx, al
    mov al, 0x15
    out dx, al
    xor al, al
    out dx, al
    pop bx
    ret
.normal:
    mov ah, 4
.gun:
    mov al, bl
    test bh, ah
    jz .off
    add al, 0x2A
.off:
    out dx, al
    shr ah, 1
    jnz .gun
    pop bx
    ret

; Mode 13h: 16 CGA colours, 16 greys, 9 wheels of 24 hues, 8 black.
dac_vga256:
    xor cl, cl
.cga:
    mov al, cl
    call dac_cga
    inc cl
    cmp cl, 16
    jb .cga
    mov si, .greys
    mov cx, 16
.greys_next:
    cs lodsb
    out dx, al
    out dx, al
    out dx, al
    loop .greys_next
    mov si, .levels
    mov cx, 9
.wheel:
    push cx
    xor bx, bx                  ; hue 0-23
.hue:
    mov di, bx                  ; red starts rising, green 16 later, blue as red 16 before
    call .gun
    lea di, [bx + 16]
    call .gun
    lea di, [bx + 8]
    call .gun
    inc bx
    cmp bl, 24
    jb .hue
    add si, 5
    pop cx
    loop .wheel
    mov cx, 24
    xor al, al
.black:
    out dx, al
    loop .black
    ret
.gun:                           ; DI = hue of this gun: rises 0-4, high to 12, falls to 16, low
    cmp di, 24
    jb .in_range
    sub di, 24
.in_range:
    push bx
    movzx bx, byte [cs:.shape + di]
    mov al, [cs:si + bx]
    pop bx
    out dx, al
    ret
.shape: db 0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0
.greys: db 0, 5, 8, 11, 14, 17, 20, 24, 28, 32, 36, 40, 45, 50, 56, 63
.levels:
    db 0, 16, 31, 47, 63,  31, 39, 47, 55, 63,  45, 49, 54, 58, 63
    db 0, 7, 14, 21, 28,  14, 17, 21, 24, 28,  20, 22, 24, 26, 28
    db 0, 4, 8, 12, 16,  8, 10, 12, 14, 16,  11, 12, 13, 15, 16

; 0B: BH 0: border and background BL; 1: palette BL of mode 4.
fn_cga_palette:
    mov bl, fBL
    mov al, [V_3D9]
    cmp fBH, 1
    je .set
    ja .done
    and al, 0xE0
    mov ah, bl
    and ah, 0x1F
    or al, ah
    mov [V_3D9], al
    mov ah, bl
    and ah, 0x0F
    test bl, 8                  ; intensity is bit 4 of the attribute value here
    jz .dim
    and ah, 7
    or ah, 0x10
.dim:
    mov al, 0x11
    cmp byte [V_MODE], 4
    jb .border
    cmp byte [V_MODE], 6
    ja .border
    xor al, al
    call attr_write
    mov al, 0x11
.border:
    call attr_write
    mov al, [V_3D9]
    jmp .three
.set:
    and al, 0xDF
    test bl, 1
    jz .zero
    or al, 0x20
.zero:
    mov [V_3D9], al
.three:                         ; colours 1-3 of modes 4 and 5
    cmp byte [V_MODE], 4
    jb .done
    cmp byte [V_MODE], 5
    ja .done
    mov ah, 2
    test al, 0x20
    jz .green
    inc ah
.green:
    test al, 0x10
    jz .low
    or ah, 0x10
.low:
    mov al, 1
.colour:
    call attr_write
    add ah, 2
    inc al
    cmp al, 3
    jbe .colour
.done:
    ret

; Attribute register AL = AH, screen stays on. Keeps AX.
attr_write:
    push ax
    push dx
    call attr_reset
    out dx, al
    xchg al, ah
    out dx, al
    mov al, 0x20
    out dx, al
    pop dx
    pop ax
    ret

attr_read:                      ; register AL -> AH
    push dx
    push ax
    call attr_reset
    out dx, al
    inc dx
    in al, dx
    mov ah, al
    push ax
    call attr_reset
    mov al, 0x20
    out dx, al
    pop dx
    pop ax
    mov ah, dh
    pop dx
    ret

fn_palette:                     ; 10
    movzx bx, fAL
    cmp bl, 0x1B
    ja .none
    shl bx, 1
    jmp [cs:.table + bx]
.none:
    ret
.table:
    dw pal_one, pal_border, pal_all, pal_blink, .none, .none, .none, pal_get
    dw pal_get_border, pal_get_all, .none, .none, .none, .none, .none, .none
    dw dac_one, .none, dac_block, dac_page, .none, dac_get, .none, dac_get_block
    dw dac_mask, dac_get_mask, dac_get_page, dac_sum

pal_one:
    mov al, fBL
    cmp al, 0x14
    ja .done
    mov ah, fBH
    jmp attr_write
.done:
    ret
pal_border:
    mov al, 0x11
    mov ah, fBH
    jmp attr_write
pal_all:
    mov es, fES
    mov si, fDX
    xor bl, bl
.next:
    es lodsb
    mov ah, al
    mov al, bl
    cmp bl, 16
    jb .set
    mov al, 0x11
.set:
    call attr_write
    inc bl
    cmp bl, 17
    jb .next
    ret
pal_blink:
    mov al, 0x10
    call attr_read
    and ah, 0xF7
    and byte [V_3D8], 0xDF
    test fBL, 1
    jz .set
    or ah, 8
    or byte [V_3D8], 0x20
.set:
    jmp attr_write
pal_get:
    mov al, fBL
    call attr_read
    mov fBH, ah
    ret
pal_get_border:
    mov al, 0x11
    call attr_read
    mov fBH, ah
    ret
pal_get_all:
    mov es, fES
    mov di, fDX
    xor bl, bl
.next:
    mov al, bl
    cmp bl, 16
    jb .get
    mov al, 0x11
.get:
    call attr_read
    mov al, ah
    stosb
    inc bl
    cmp bl, 17
    jb .next
    ret

dac_one:
    mov dx, 0x3C8
    mov al, fBL
    out dx, al
    inc dx
    mov al, fDH
    out dx, al
    mov al, fCH
    out dx, al
    mov al, fCL
    out dx, al
    ret
dac_block:
    mov es, fES
    mov si, fDX
    mov cx, fCX
    mov bx, cx
    shl cx, 1
    add cx, bx
    mov dx, 0x3C8
    mov al, fBL
    out dx, al
    inc dx
    jcxz .done
    es rep outsb
.done:
    ret
dac_page:                       ; BL 0: BH 0 = 4 pages of 64, 1 = 16 of 16; BL 1: page BH
    mov al, 0x10
    call attr_read
    test fBL, 1
    jnz .page
    and ah, 0x7F
    test fBH, 1
    jz .mode
    or ah, 0x80
.mode:
    jmp attr_write
.page:
    mov bl, fBH
    test ah, 0x80
    jnz .sixteen
    shl bl, 2
.sixteen:
    mov ah, bl
    mov al, 0x14
    jmp attr_write
dac_get:
    mov dx, 0x3C7
    mov al, fBL
    out dx, al
    add dx, 2
    in al, dx
    mov fDH, al
    in al, dx
    mov fCH, al
    in al, dx
    mov fCL, al
    ret
dac_get_block:
    mov es, fES
    mov di, fDX
    mov cx, fCX
    mov bx, cx
    shl cx, 1
    add cx, bx
    mov dx, 0x3C7
    mov al, fBL
    out dx, al
    add dx, 2
    jcxz .done
    rep insb
.done:
    ret
dac_mask:
    mov dx, 0x3C6
    mov al, fBL
    out dx, al
    ret
dac_get_mask:
    mov dx, 0x3C6
    in al, dx
    mov fBL, al
    ret
dac_get_page:
    mov al, 0x10
    call attr_read
    mov bl, ah
    shr bl, 7
    mov fBL, bl
    mov al, 0x14
    call attr_read
    and ah, 0x0F
    test bl, bl
    jnz .sixteen
    shr ah, 2
.sixteen:
    mov fBH, ah
    ret
dac_sum:
    movzx bx, fBL
    mov cx, fCX

; CX entries from BX on become grey: 30 % red, 59 % green, 11 % blue.
dac_grey:
    jcxz .done
    mov dx, 0x3C7
    mov al, bl
    out dx, al
    add dx, 2
    in al, dx
    mov ah, 77
    mul ah
    mov si, ax
    in al, dx
    mov ah, 151
    mul ah
    add si, ax
    in al, dx
    mov ah, 28
    mul ah
    add ax, si
    add ax, 128
    dec dx
    xchg ax, bx
    out dx, al
    xchg ax, bx
    inc dx
    mov al, ah
    out dx, al
    out dx, al
    out dx, al
    inc bx
    dec cx
    jmp dac_grey
.done:
    ret
