; SPDX-License-Identifier: MIT
; vga_state.asm - int 10h AH=12, 1A, 1B, 1C: choices, display code, state, save and restore.

fn_select:                      ; 12
    mov bl, fBL
    mov al, fAL
    cmp bl, 0x10
    je .info
    cmp bl, 0x30
    jb .done
    cmp bl, 0x36
    ja .done
    mov fAL, 0x12
    and bx, 7
    shl bx, 1
    jmp [cs:.table + bx]
.done:
    ret
.table: dw .lines, .palette, .access, .grey, .emulation, .done, .screen
.info:
    mov fBX, 0x0003             ; colour, 256 KiB
    cmp word [V_CRTC], 0x3D4
    je .colour
    mov fBH, 1
.colour:
    mov cl, [V_SWITCH]
    mov ch, cl
    shr ch, 4
    and cl, 0x0F
    mov fCX, cx
    ret
.lines:
    mov ah, [V_FLAGS]
    and ah, 0x6F
    cmp al, 1
    je .set_lines
    jb .lines200
    cmp al, 2
    jne .refuse
    or ah, 0x10
    jmp .set_lines
.lines200:
    or ah, 0x80
.set_lines:
    mov [V_FLAGS], ah
    ret
.refuse:
    mov fAL, 0
    ret
.palette:
    mov ah, 8
    jmp .flag
.grey:
    mov ah, 2
    xor al, 1
.flag:                          ; AL 1 sets bit AH of V_FLAGS
    not ah
    and [V_FLAGS], ah
    not ah
    test al, 1
    jz .clear
    or [V_FLAGS], ah
.clear:
    ret
.emulation:
    and byte [V_CTRL], 0xFE
    and al, 1
    or [V_CTRL], al
    ret
.access:
    mov ah, al
    mov dx, 0x3CC
    in al, dx
    or al, 2
    test ah, 1
    jz .misc
    and al, 0xFD
.misc:
    mov dl, 0xC2
    out dx, al
    ret
.screen:
    and al, 1
; AL = 1: blank the screen.
screen_off:
    mov ah, al
    shl ah, 5
    mov dx, 0x3C4
    mov al, 1
    out dx, al
    inc dx
    in al, dx
    and al, 0xDF
    or al, ah
    out dx, al
    ret

fn_dcc:                         ; 1A
    cmp fAL, 1
    ja .done
    je .set
    mov al, [V_DCC]
    mov ah, 0
    mov fBX, ax
    mov fAL, 0x1A
.done:
    ret
.set:
    mov al, fBL
    mov [V_DCC], al
    mov fAL, 0x1A
    ret

static_functions:
    db 0xFF, 0xE0, 0x0F, 0, 0, 0, 0     ; modes 0-7, D-13
    db 7                        ; 200, 350, 400 lines
    db 2, 8                     ; fonts shown at once, blocks
    db 0xE7, 0x0C, 0, 0, 0, 0

fn_state:                       ; 1B: 64 bytes at ES:DI
    cmp fBX, 0
    jne .done
    mov es, fES
    mov di, fDI
    mov ax, static_functions
    stosw
    mov ax, cs
    stosw
    mov si, V_MODE
    mov cx, 30
    rep movsb
    mov al, [V_ROWS]
    inc al
    stosb
    mov ax, [V_HEIGHT]
    stosw
    mov al, [V_DCC]
    stosb
    xor al, al
    stosb
    call .colours
    stosw
    mov al, bl                  ; pages
    stosb
    mov al, [V_FLAGS]           ; lines: 0 200, 1 350, 2 400, 3 480
    mov bl, 2
    test al, 0x10
    jnz .lines
    mov bl, 0
    test al, 0x80
    jnz .lines
    mov bl, 1
.lines:
    mov al, [V_MODE]
    cmp al, 0x11
    je .l480
    cmp al, 0x12
    jne .put
.l480:
    mov bl, 3
.put:
    mov al, bl
    stosb
    xor ax, ax                  ; font blocks
    stosw
    mov al, [V_CTRL]
    and al, 1
    shl al, 4
    xor al, 0x11                ; all modes on all displays; cursor emulation
    mov ah, [V_FLAGS]
    and ah, 0x0A
    or al, ah
    stosb
    xor al, al
    stosb
    stosw
    mov al, 3                   ; 256 KiB
    stosb
    xor al, al
    mov cx, 14
    rep stosb
    mov fAL, 0x1B
.done:
    ret
.colours:                       ; AX = colours, BL = pages
    mov bl, [V_MODE]
    mov ax, 16
    cmp bl, 3
    jbe .text
    cmp bl, 0x13
    mov ax, 256
    mov bh, 1
    je .give
    mov ax, 4
    cmp bl, 5
    jbe .give
    mov ax, 2
    cmp bl, 6
    je .give
    mov bh, 8
    cmp bl, 7
    je .give
    mov bh, 1
    cmp bl, 0x11
    je .give
    mov ax, 16
    cmp bl, 0x12
    je .give
    mov bh, 8
    cmp bl, 0x0D
    je .give
    mov bh, 4
    cmp bl, 0x0E
    je .give
    mov bh, 2
    jmp .give
.text:
    mov bh, 8
.give:
    mov bl, bh
    ret

; 1C: AL 0 size, 1 save, 2 restore; CX bit 0 registers, 1 data area, 2 DAC; ES:BX.
fn_save_restore:
    mov al, fAL
    mov cx, fCX
    cmp al, 1
    jb .size
    cmp al, 2
    ja .done
    mov es, fES
    mov di, fBX
    call state_copy
    mov fAL, 0x1C
.done:
    ret
.size:
    call state_size
    mov fBX, bx
    mov fAL, 0x1C
    ret

state_size:                     ; CX -> BX = blocks of 64 bytes
    xor bx, bx
    test cl, 1
    jz .no_regs
    add bx, 1
.no_regs:
    test cl, 2
    jz .no_data
    add bx, 1
.no_data:
    test cl, 4
    jz .done
    add bx, 13
.done:
    ret

; AL 1 save, 2 restore the parts CX at ES:DI (each starts a new block of 64).
state_copy:
    mov bl, al
    mov al, bl
    test cl, 1
    jz .no_regs
    push cx
    push di
    call state_regs
    pop di
    add di, 64
    pop cx
.no_regs:
    test cl, 2
    jz .no_data
    push cx
    push di
    call state_data
    pop di
    add di, 64
    pop cx
.no_data:
    test cl, 4
    jz .done
    cmp bl, 2
    je .dac_restore
    mov dx, 0x3C6
    in al, dx
    stosb
    inc dx
    xor al, al
    out dx, al
    add dx, 2
    mov cx, 768
    rep insb
    ret
.dac_restore:
    mov dx, 0x3C6
    mov al, [es:di]
    out dx, al
    add dx, 2
    xor al, al
    out dx, al
    inc dx
    lea si, [di + 1]
    mov cx, 768
    es rep outsb
.done:
    ret

; Registers in the order of a parameter table from its sequencer part on; 64 bytes.
state_regs:
    cmp bl, 2
    je .restore
    mov cx, 4
    mov dx, 0x3C4
    mov ah, 1
    call .read_bank
    mov dl, 0xCC
    in al, dx
    stosb
    mov cx, 25
    mov dx, [V_CRTC]
    mov ah, 0
    call .read_bank
    xor ah, ah
.attr:
    mov al, ah
    push ax
    call attr_read
    mov al, ah
    stosb
    pop ax
    inc ah
    cmp ah, 20
    jb .attr
    mov cx, 9
    mov dx, 0x3CE
    mov ah, 0
.read_bank:
    mov al, ah
    out dx, al
    inc dx
    in al, dx
    dec dx
    stosb
    inc ah
    loop .read_bank
    ret
.restore:
    lea si, [di - P_SEQ]
    push bx
    push bp
    mov dx, 0x3C4
    mov cx, 4
    lea bx, [si + P_SEQ]
    mov ah, 1
    call .write_bank
    mov dl, 0xC2
    mov al, [es:si + P_MISC]
    out dx, al
    mov dx, 0x3D4
    test al, 1
    jnz .colour
    mov dl, 0xB4
.colour:
    mov [V_CRTC], dx
    mov ax, 0x0011
    out dx, ax
    mov cx, 25
    lea bx, [si + P_CRTC]
    mov ah, 0
    call .write_bank
    mov dx, 0x3CE
    mov cx, 9
    lea bx, [si + P_GC]
    mov ah, 0
    call .write_bank
    lea bx, [si + P_ATTR]
    xor al, al
.attr_out:
    mov ah, [es:bx]
    call attr_write
    inc bx
    inc al
    cmp al, 20
    jb .attr_out
    pop bp
    pop bx
    ret
.write_bank:
    mov al, ah
    out dx, al
    inc dx
    mov al, [es:bx]
    out dx, al
    dec dx
    inc bx
    inc ah
    loop .write_bank
    ret

; 40:49-66 (30 bytes), 84-8A (7), A8 (4), vectors 1F and 43 (8), 10h equipment (2).
state_data:
    mov si, V_MODE
    mov cx, 30
    call .part
    mov si, V_ROWS
    mov cx, 7
    call .part
    mov si, V_SAVEPTR
    mov cx, 4
    call .part
    mov si, B_EQUIP
    mov cx, 2
    call .part
    push ds
    push 0
    pop ds
    mov si, 0x1F * 4
    mov cx, 4
    call .part
    mov si, 0x43 * 4
    mov cx, 4
    call .part
    pop ds
    ret
.part:                          ; CX bytes between DS:SI and ES:DI, in the direction BL
    cmp bl, 2
    je .back
    rep movsb
    ret
.back:
    mov al, [es:di]
    mov [si], al
    inc si
    inc di
    loop .back
    ret
