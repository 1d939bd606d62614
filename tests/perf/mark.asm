; mark.asm - the mark of the counting plugin as a program: a Linux one, or with -DDOS a .COM file
; that also says so on COM1 and leaves the machine by isa-debug-exit.
; SPDX-License-Identifier: MIT
%ifdef DOS
    bits 16
    org 0x100
    xchg ebx, ebx
    mov si, text
.next:
    mov dx, 0x3FD
.wait:
    in al, dx
    test al, 0x20
    jz .wait
    lodsb
    mov dx, 0x3F8
    out dx, al
    cmp al, 10
    jne .next
    mov dx, 0x501
    out dx, al
    hlt
text: db "@@MARK prompt", 10
%else
    bits 32
    org 0x08048000
header:
    db 0x7F, "ELF", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
    dw 2, 3                             ; executable, 386
    dd 1, start, load - header, 0, 0
    dw 52, 32, 2, 40, 0, 0
load:
    dd 1, 0, header, header, end - header, end - header, 5, 0x1000
    dd 0x6474E551, 0, 0, 0, 0, 0, 6, 4  ; a stack that is data
start:
    db 0x66, 0x87, 0xDB                 ; xchg bx, bx: the same bytes as in DOS's form
    mov eax, 1                          ; exit(0)
    xor ebx, ebx
    int 0x80
end:
%endif
