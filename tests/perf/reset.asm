; reset.asm - a firmware that does nothing but show that it runs: what was executed until its line
; appears is the cost of starting.
; SPDX-License-Identifier: MIT
    bits 16
    org 0
start:
    mov si, settings
.set:
    cs lodsw
    mov dl, al
    mov dh, 3
    mov al, ah
    out dx, al
    cmp si, text
    jne .set
    mov dx, 0x3F8
.next:
    cs lodsb
    out dx, al
    cmp al, 10
    jne .next
    mov dx, 0x501
    out dx, al
    hlt
settings:                               ; COM1: port, value
    db 0xF9, 0, 0xFB, 0x80, 0xF8, 1, 0xF9, 0, 0xFB, 3
text: db "@@ reset", 10
    times 0xFFF0 - ($ - $$) db 0xFF
    jmp 0xF000:start
    times 0x10000 - ($ - $$) db 0xFF
