; SPDX-License-Identifier: MIT
; util.asm - small services of the 16-bit code: CMOS, text output, waiting.
section .f16
bits 16

cmos_read:                      ; AL = register -> AL
    out 0x70, al
    in al, 0x71
    ret

cmos_write:                     ; AL = register, AH = value
    out 0x70, al
    mov al, ah
    out 0x71, al
    ret

; CS:SI = zero-ended text, to the screen and to port 402h.
puts:
    pusha
.next:
    cs lodsb
    test al, al
    jz .done
    call putc
    jmp .next
.done:
    popa
    ret

putc:                           ; AL
    pusha
    mov dx, 0x402
    out dx, al
    mov ah, 0x0E
    mov bx, 7
    int 0x10
    popa
    ret

; Wait CX timer ticks (55 ms each); interrupts must be on. Keeps registers.
wait_ticks:
    pusha
    push ds
    push SEG_BDA
    pop ds
.tick:
    mov ax, [B_TICKS]
.same:
    hlt
    cmp ax, [B_TICKS]
    je .same
    loop .tick
    pop ds
    popa
    ret

; AX = ticks from now -> AX = the tick (low word) when it is over; see tick_passed.
tick_deadline:
    push ds
    push SEG_BDA
    pop ds
    add ax, [B_TICKS]
    pop ds
    ret

; AX = deadline; CF = 1 while it lies ahead. The midnight reset only ends a wait early.
tick_passed:
    push ax
    push ds
    push SEG_BDA
    pop ds
    sub ax, [B_TICKS]
    pop ds
    dec ax
    cmp ax, 0x2000
    pop ax
    ret

; A pause of about CX * 15 us by the refresh toggle of port 61h, bounded without one.
pause_refresh:
    push ax
    push bx
    push cx
    in al, 0x61
    and al, 0x10
    mov ah, al
.next:
    mov bx, 200
.poll:
    dec bx
    jz .step
    in al, 0x61
    and al, 0x10
    cmp al, ah
    je .poll
    mov ah, al
.step:
    loop .next
    pop cx
    pop bx
    pop ax
    ret
