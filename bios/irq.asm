; SPDX-License-Identifier: MIT
; irq.asm - handlers of hardware interrupts except the keyboard, and of interrupts nobody uses.
section .f16
bits 16

int_dummy:
    iret

irq_dummy2:                     ; an unexpected IRQ of the second PIC
    push ax
    mov al, 0x20
    out 0xA0, al
    out 0x20, al
    pop ax
    iret

irq_dummy:
    push ax
    mov al, 0x20
    out 0x20, al
    pop ax
    iret

nmi:
    push ax
    in al, 0x61
    test al, 0xC0
    pop ax
    jz .none
    push si
    mov si, .text
    call puts
    pop si
.none:
    iret
.text: db 13, 10, "NMI: parity or channel check", 13, 10, 0

; Timer: count, floppy motor, int 1Ch.
irq0:
    push ds
    push ax
    push dx
    push SEG_BDA
    pop ds
    inc dword [B_TICKS]
    cmp dword [B_TICKS], 0x1800B0
    jb .today
    mov dword [B_TICKS], 0
    inc byte [B_TICKOVF]
.today:
    cmp byte [B_FDCOUNT], 0
    je .motor_done
    dec byte [B_FDCOUNT]
    jnz .motor_done
    and byte [B_FDMOTOR], 0xF0
    mov al, 0x0C
    mov dx, 0x3F2
    out dx, al
.motor_done:
    int 0x1C
    cli
    mov al, 0x20
    out 0x20, al
    pop dx
    pop ax
    pop ds
    iret

; Floppy: only notes that it came.
irq6:
    push ds
    push ax
    push SEG_BDA
    pop ds
    or byte [B_FDRECAL], 0x80
    mov al, 0x20
    out 0x20, al
    sti
    mov ax, 0x9101
    int 0x15
    pop ax
    pop ds
    iret

; RTC: the alarm (int 4Ah) and the waits of int 15h AH=83h and 86h.
irq8:
    push ds
    pushad
    push SEG_BDA
    pop ds
    CMOS_RD 0x0C
    mov ah, al
    CMOS_RD 0x0B
    and ah, al
    test ah, 0x20
    jz .no_alarm
    push ax
    sti
    int 0x4A
    cli
    pop ax
.no_alarm:
    test ah, 0x40
    jz .done
    test byte [B_WAITFLG], 1
    jz .off
    sub dword [B_WAITCNT], 976  ; 1024 Hz
    ja .done
    mov byte [B_WAITFLG], 0
    les bx, [B_WAITPTR]
    or byte [es:bx], 0x80
.off:
    mov al, 0x0B
    call cmos_read
    and al, 0xBF
    mov ah, al
    CMOS_WR 0x0B
.done:
    mov al, 0x20
    out 0xA0, al
    out 0x20, al
    popad
    pop ds
    iret

irq9:                           ; what an XT card sends as IRQ 2
    push ax
    mov al, 0x20
    out 0xA0, al
    pop ax
    int 0x0A
    iret

irq13:                          ; coprocessor: to NMI, as the PC did
    push ax
    xor al, al
    out 0xF0, al
    mov al, 0x20
    out 0xA0, al
    out 0x20, al
    pop ax
    int 0x02
    iret

irq14:
    push ax
    push dx
    mov dx, 0x1F7
    in al, dx
    jmp irq15.common
irq15:
    push ax
    push dx
    mov dx, 0x177
    in al, dx
.common:
    push ds
    push SEG_BDA
    pop ds
    mov byte [B_HDINT], 0xFF
    pop ds
    mov al, 0x20
    out 0xA0, al
    out 0x20, al
    sti
    mov ax, 0x9100
    int 0x15
    pop dx
    pop ax
    iret

; Print screen, on the printer LPT1. 50:00 is 1 while it runs, FF after an error.
int05:
    sti
    push ds
    pushad
    push 0x50
    pop ds
    cmp byte [0], 1
    je .done
    mov byte [0], 1
    mov ah, 0x0F
    int 0x10
    mov cl, ah                  ; columns; BH = page
    mov ah, 3
    push cx
    int 0x10
    pop cx
    push dx
    call .newline
    xor dx, dx
.char:
    mov ah, 2
    int 0x10
    mov ah, 8
    int 0x10
    test al, al
    jnz .print
    mov al, ' '
.print:
    call .out
    jnz .error
    inc dl
    cmp dl, cl
    jb .char
    call .newline
    jnz .error
    xor dl, dl
    inc dh
    push SEG_BDA
    pop es
    cmp dh, [es:0x84]
    jbe .char
    mov byte [0], 0
    jmp .restore
.error:
    mov byte [0], 0xFF
.restore:
    pop dx
    mov ah, 2
    int 0x10
.done:
    popad
    pop ds
    iret
.newline:
    mov al, 13
    call .out
    mov al, 10
.out:                           ; AL; ZF = 1 when it was printed
    push dx
    xor ah, ah
    xor dx, dx
    int 0x17
    test ah, 0x29
    pop dx
    ret

int11:
    push ds
    push SEG_BDA
    pop ds
    mov ax, [B_EQUIP]
    pop ds
    iret

int12:
    push ds
    push SEG_BDA
    pop ds
    mov ax, [B_MEMKB]
    pop ds
    iret
