; SPDX-License-Identifier: MIT
; bios_pm.asm - services that lead to or live in protected mode, for bios.asm.

; 15 89: with the PICs left at 08 and 70; we come back by hand.
t_protect:
    in al, 0x21
    mov ah, al
    in al, 0xA1
    push ax
    mov si, .gdt
    mov bx, 0x0870
    mov ah, 0x89
    int 0x15
    jc .failed
    mov [.cs], cs               ; in protected mode now
    mov [.ss], ss
    mov cx, 0x40
    mov ds, cx
    jmp 0x48:.real16
.real16:
    mov eax, cr0
    and al, 0xFE
    mov cr0, eax
    jmp 0:.real
.real:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    lidt [.idt]
    pop ax
    out 0xA1, al
    mov al, ah
    out 0x21, al
    sti
    BADIF word [.cs], ne, 0x30
    BADIF word [.ss], ne, 0x28
    clc
    ret
.failed:
    pop ax
    stc
    ret
.cs:  dw 0
.ss:  dw 0
.idt: dw 0x3FF
      dd 0
align 8
.gdt: dq 0
      dw 0x4F, .gdt, 0x9300, 0          ; 08 the table
      dw 0x3FF, 0, 0x9300, 0            ; 10 interrupts
      dw 0xFFFF, 0, 0x9300, 0           ; 18 data
      dw 0xFFFF, 0, 0x9300, 0           ; 20 extra
      dw 0xFFFF, 0, 0x9300, 0           ; 28 stack
      dw 0xFFFF, 0, 0x9B00, 0           ; 30 our code
      dq 0                              ; 38 the firmware's code
      dw 0xFFFF, 0, 0x9300, 0           ; 40, 48: for the way back
      dw 0xFFFF, 0, 0x9B00, 0

; 15 5303, then the 32-bit entry: version and power status.
t_apm32:
    mov ax, 0x5303
    xor bx, bx
    int 0x15
    jc bad
    movzx eax, ax
    shl eax, 4
    add eax, ebx
    mov [.entry], eax
    cli
    lgdt [flat_ptr]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:.flat
bits 32
.flat:
    mov ax, 16
    mov ds, eax
    mov es, eax
    mov ss, eax
    movzx esp, sp
    mov eax, 0x530E
    xor ebx, ebx
    mov ecx, 0x0102
    push cs
    call [.entry]
    mov [.version], ax
    mov eax, 0x530A
    mov ebx, 1
    push cs
    call [.entry]
    setc [.carry]
    mov [.line], bh
    jmp 24:.back
bits 16
.back:
    call leave_flat
    BADIF word [.version], ne, 0x0102
    BADIF byte [.carry], ne, 0
    BADIF byte [.line], ne, 1
    clc
    ret
align 4
.entry:   dd 0
.version: dw 0
.carry:   db 0xFF
.line:    db 0

; From 16-bit protected mode back to where the caller (near) was, in real mode.
leave_flat:
    mov ax, 32
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov eax, cr0
    and al, 0xFE
    mov cr0, eax
    jmp 0:.real
.real:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    sti
    ret

; 10 4F0A: the display start by the copied 32-bit code.
t_vbe32:
    mov ax, 0x4F0A
    mov bl, 0
    push es
    int 0x10
    mov bx, es
    pop es
    BADIF ax, ne, 0x004F
    push ds
    mov ds, bx
    mov si, di
    mov di, buffer
    rep movsb
    pop ds
    mov ax, 0x4F02
    mov bx, 0x4112              ; 640x480, three bytes a pixel
    int 0x10
    BADIF ax, ne, 0x004F
    cli
    lgdt [flat_ptr]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:.flat
bits 32
.flat:
    mov ax, 16
    mov ds, eax
    mov es, eax
    mov ss, eax
    movzx esp, sp
    movzx eax, word [buffer + 2]
    add eax, buffer
    mov ecx, 20 * 1920 / 4      ; line 20
    xor edx, edx
    call eax
    jmp 24:.back
bits 16
.back:
    call leave_flat
    mov ax, 0x4F07
    mov bl, 1
    int 0x10
    push cx
    push dx
    mov ax, 3
    int 0x10
    pop dx
    pop cx
    BADIF dx, ne, 20
    BADIF cx, ne, 0
    clc
    ret
