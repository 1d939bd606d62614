; SPDX-License-Identifier: MIT
; keys.asm - a boot sector that shows the code int 16h AH=10 gives for a key and the flags of AH=02.
bits 16
org 0x7C00
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, 0x7C00
    sti
    mov si, ready
    call text
.next:
    mov ah, 0x10
    int 0x16
    push ax
    mov ah, 2                   ; always at the same place
    mov bh, 0
    mov dx, 0x0A00
    int 0x10
    mov si, key
    call text
    pop ax
    call hex
    mov si, flags
    call text
    mov ah, 2
    int 0x16
    call hex
    jmp .next

hex:                            ; AX
    mov cx, 4
.digit:
    rol ax, 4
    push ax
    and al, 15
    add al, '0'
    cmp al, '9'
    jbe .put
    add al, 7
.put:
    mov ah, 0x0E
    mov bx, 7
    int 0x10
    pop ax
    loop .digit
    ret

text:
    lodsb
    test al, al
    jz .done
    mov ah, 0x0E
    mov bx, 7
    int 0x10
    jmp text
.done:
    ret

ready: db "ready", 13, 10, 0
key:   db "key ", 0
flags: db " flags ", 0
    times 510 - ($ - $$) db 0
    dw 0xAA55
    times 1474560 - 512 db 0
