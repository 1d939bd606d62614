; SPDX-License-Identifier: MIT
; demo.asm - a guest of our own for hosts where no Debian package can be had: a boot sector that
; talks on COM1, loads a second part from the floppy by int 13h, and takes a few commands.
cpu 586
bits 16
org 0x7C00

COM1    equ 0x3F8
SECTORS equ 3                       ; of the second part

start:
    cli
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7C00
    sti
    mov [drive], dl
    mov dx, COM1 + 3                ; 115200 baud, 8N1
    mov al, 0x80
    out dx, al
    mov dx, COM1
    mov ax, 1
    out dx, al
    inc dx
    mov al, 0
    out dx, al
    mov dx, COM1 + 3
    mov al, 3
    out dx, al
    inc dx
    out dx, al                      ; DTR, RTS: ready for what is typed
    mov si, hello
    call print
    mov ax, 0x0200 + SECTORS
    mov bx, second
    mov cx, 2
    mov dh, 0
    mov dl, [drive]
    int 0x13
    jnc second
    mov si, unread
    call print
.halt:
    hlt
    jmp .halt

print:                              ; the text at SI
    lodsb
    or al, al
    jz .done
    call putc
    jmp print
.done:
    ret

putc:                               ; AL
    push dx
    push ax
    mov dx, COM1 + 5
.wait:
    in al, dx
    test al, 0x20
    jz .wait
    pop ax
    mov dx, COM1
    out dx, al
    pop dx
    ret

drive:  db 0
hello:  db 13, 10, "godwit's demonstration guest", 13, 10, 0
unread: db "The floppy cannot be read.", 13, 10, 0
    times 510 - ($ - $$) db 0
    dw 0xAA55

second:
    mov si, ready
    call print
prompt:
    mov si, arrow
    call print
    call getline
    mov bx, commands
.next:
    mov di, [bx]
    or di, di
    jz .unknown
    mov si, line
.compare:
    mov al, [si]
    cmp al, [di]
    jne .other
    inc si
    inc di
    or al, al
    jnz .compare
    call [bx + 2]
    jmp prompt
.other:
    add bx, 4
    jmp .next
.unknown:
    cmp byte [line], 0
    je prompt
    mov si, what
    call print
    jmp prompt

commands:
    dw w_help, do_help, w_cpu, do_cpu, w_mem, do_mem, w_time, do_time, w_off, do_off, 0

do_help:
    mov si, help
    jmp print

do_cpu:                             ; CPUID leaf 0
    xor eax, eax
    cpuid
    mov [vendor], ebx
    mov [vendor + 4], edx
    mov [vendor + 8], ecx
    mov si, vendor
    jmp print

do_mem:                             ; int 15h E801h: KiB from 1 MiB on, then blocks of 64 KiB
    mov ax, 0xE801
    int 0x15
    mov ax, cx
    mov cx, 64
    xchg ax, dx                     ; AX = blocks, DX = KiB
    push dx
    mul cx
    pop cx
    add ax, cx
    adc dx, 0
    add ax, 1024
    adc dx, 0
    call decimal
    mov si, kib
    jmp print

do_time:                            ; int 1Ah: ticks since midnight, 18.2 a second
    xor ax, ax
    int 0x1A
    mov ax, dx
    mov dx, cx
    call decimal
    mov si, ticks
    jmp print

do_off:                             ; APM 1.2
    mov si, bye
    call print
    mov ax, 0x5301
    xor bx, bx
    int 0x15
    mov ax, 0x530E
    xor bx, bx
    mov cx, 0x0102
    int 0x15
    mov ax, 0x5307
    mov bx, 1
    mov cx, 3
    int 0x15
    cli
    hlt

decimal:                            ; DX:AX
    mov cx, 10
    mov bx, digits_end
    shl edx, 16
    mov dx, ax
    mov eax, edx
.digit:
    xor edx, edx
    movzx ecx, cx
    div ecx
    add dl, '0'
    dec bx
    mov [bx], dl
    or eax, eax
    jnz .digit
    mov si, bx
    jmp print

getline:
    mov di, line
.key:
    mov dx, COM1 + 5
    in al, dx
    test al, 1
    jz .key
    mov dx, COM1
    in al, dx
    cmp al, 13
    je .end
    cmp al, 10
    je .end
    cmp di, line_end
    jae .key
    call putc
    stosb
    jmp .key
.end:
    mov al, 0
    stosb
    mov si, newline
    jmp print

ready:   db "'help' lists the commands.", 13, 10, 0
arrow:   db "> ", 0
what:    db "There is no such command; 'help' lists them.", 13, 10, 0
help:    db "cpu mem time poweroff", 13, 10, 0
w_help:  db "help", 0
w_cpu:   db "cpu", 0
w_mem:   db "mem", 0
w_time:  db "time", 0
w_off:   db "poweroff", 0
vendor:  times 12 db 0
newline: db 13, 10, 0
kib:     db " KiB", 13, 10, 0
ticks:   db " ticks since midnight", 13, 10, 0
bye:     db "bye", 13, 10, 0
digits:  times 10 db 0
digits_end: db 0
line:    times 60 db 0
line_end: db 0, 0

    times 512 * (SECTORS + 1) - ($ - $$) db 0
    times 160 * 1024 - ($ - $$) db 0
