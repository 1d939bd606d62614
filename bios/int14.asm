; SPDX-License-Identifier: MIT
; int14.asm - int 14h serial ports, int 17h printers, and finding both.
section .f16
bits 16

com_ports: dw 0x3F8, 0x2F8, 0x3E8, 0x2E8
lpt_ports: dw 0x3BC, 0x378, 0x278

; A UART keeps what is written to its scratch register.
com_init:
    push SEG_BDA
    pop ds
    mov si, com_ports
    mov di, B_COM
    mov cx, 4
    xor bl, bl
.port:
    cs lodsw
    mov dx, ax
    add dx, 7
    mov al, 0x5A
    out dx, al
    in al, dx
    cmp al, 0x5A
    jne .none
    mov al, 0xA5
    out dx, al
    in al, dx
    cmp al, 0xA5
    jne .none
    sub dx, 7
    mov [di], dx
    add di, 2
    inc bl
.none:
    loop .port
    shl bl, 1
    or [B_EQUIP + 1], bl
    xor ax, ax
    mov ds, ax
    ret

lpt_init:
    push SEG_BDA
    pop ds
    mov si, lpt_ports
    mov di, B_LPT
    mov cx, 3
    xor bl, bl
.port:
    cs lodsw
    mov dx, ax
    mov al, 0xAA
    out dx, al
    in al, dx
    cmp al, 0xAA
    jne .none
    mov [di], dx
    add di, 2
    inc bl
    inc dx
    inc dx
    mov al, 0x0C                ; initialised, selected
    out dx, al
.none:
    loop .port
    shl bl, 6
    or [B_EQUIP + 1], bl
    xor ax, ax
    mov ds, ax
    ret

; DX = number of a port in the table at BX -> DX = port, CF = 1: none.
port_of:
    mov si, dx
    cmp si, 4
    cmc
    jc .done
    shl si, 1
    mov dx, [bx + si]
    cmp dx, 1
.done:
    ret

int14:
    ENTER_INT
    sti
    mov dx, fDX
    mov bx, B_COM
    call port_of
    jc .done
    mov al, fAH
    cmp al, 5
    ja .bad
    movzx bx, al
    shl bx, 1
    jmp [cs:.table + bx]
.bad:
    mov fAH, 0x80
.done:
    LEAVE_INT
.table: dw com_setup, com_write, com_read, com_status, com_setup_ext, com_modem

com_setup:                      ; AL: rate, parity, stop, length
    mov bl, fAL
    shr bl, 5
    and bx, 7
    shl bx, 1
    mov cx, [cs:0xE729 + bx]
    mov al, fAL
    and al, 0x1F
    mov ah, al
com_program:                    ; CX divisor, AH line control
    add dx, 3
    mov al, 0x80
    out dx, al
    sub dx, 3
    mov al, cl
    out dx, al
    inc dx
    mov al, ch
    out dx, al
    add dx, 2
    mov al, ah
    and al, 0x7F
    out dx, al
    sub dx, 2
    xor al, al
    out dx, al
    dec dx
com_status:
    add dx, 5
    in al, dx
    mov fAH, al
    inc dx
    in al, dx
    mov fAL, al
    LEAVE_INT

com_setup_ext:                  ; AL break, BH parity, BL stop, CH length, CL rate
    movzx bx, fCL
    cmp bl, 11
    jbe .known
    mov bl, 7
.known:
    shl bx, 1
    mov cx, [cs:.divisors + bx]
    mov ah, fCH
    and ah, 3
    mov al, fBL
    and al, 1
    shl al, 2
    or ah, al
    movzx bx, fBH
    and bl, 7
    or ah, [cs:.parity + bx]
    mov al, fAL
    and al, 1
    shl al, 6
    or ah, al
    jmp com_program
.divisors: dw 1047, 768, 384, 192, 96, 48, 24, 12, 6, 3, 2, 1
.parity:   db 0, 8, 0x18, 0x28, 0x38, 0, 0, 0

com_modem:                      ; AL 0 read, 1 write BL
    add dx, 4
    cmp fAL, 1
    ja .done
    jne .read
    mov al, fBL
    and al, 0x1F
    out dx, al
.read:
    in al, dx
    mov fBL, al
.done:
    sub dx, 4
    jmp com_status

; Wait until (port & BL) has all of BL. DX = port. CF = 1: time over. AL = last value.
com_wait:
    push cx
    movzx si, fDL
    mov al, [B_COMTMO + si]
    mov ah, 0
    mov cl, 4                   ; a unit is about a second: 16 ticks
    shl ax, cl
    add ax, 2
    call tick_deadline
    mov cx, ax
.poll:
    in al, dx
    mov ah, al
    and ah, bl
    cmp ah, bl
    je .ready
    push ax
    mov ax, cx
    call tick_passed
    pop ax
    jc .poll
    stc
    pop cx
    ret
.ready:
    clc
    pop cx
    ret

com_write:
    add dx, 4
    mov al, 3                   ; DTR, RTS; OUT2 as it is
    mov ah, al
    in al, dx
    and al, 8
    or al, ah
    out dx, al
    add dx, 2
    mov bl, 0x30
    call com_wait
    jc .timeout
    dec dx
    mov bl, 0x20
    call com_wait
    jc .timeout
    mov fAH, al
    sub dx, 5
    mov al, fAL
    out dx, al
    LEAVE_INT
.timeout:
    or al, 0x80
    mov fAH, al
    LEAVE_INT

com_read:
    add dx, 4
    in al, dx
    and al, 8
    or al, 1
    out dx, al
    inc dx
    mov bl, 0x01
    call com_wait
    jc com_write.timeout
    and al, 0x1E
    mov fAH, al
    sub dx, 5
    in al, dx
    mov fAL, al
    LEAVE_INT

int17:
    ENTER_INT
    sti
    mov dx, fDX
    mov bx, B_LPT
    cmp dx, 3
    jae .done
    call port_of
    jc .done
    inc dx
    cmp fAH, 1
    jb .print
    je .reset
    cmp fAH, 2
    je .status
.done:
    LEAVE_INT
.reset:
    inc dx
    mov al, 0x08
    out dx, al
    mov cx, 10
    call pause_refresh
    mov al, 0x0C
    out dx, al
    dec dx
.status:
    in al, dx
    xor al, 0x48
    and al, 0xF8
    mov fAH, al
    LEAVE_INT
.print:
    dec dx
    mov al, fAL
    out dx, al
    inc dx
    movzx si, fDL
    movzx ax, byte [B_LPTTMO + si]
    call tick_deadline
    mov cx, ax
.poll:
    in al, dx
    test al, 0x80
    jnz .ready
    mov ax, cx
    call tick_passed
    jc .poll
    xor al, al
    mov ah, 1
    jmp .result
.ready:
    inc dx
    mov al, 0x0D
    out dx, al
    mov al, 0x0C
    out dx, al
    dec dx
    in al, dx
    mov ah, 0
.result:
    xor al, 0x48
    and al, 0xF8
    or al, ah
    mov fAH, al
    LEAVE_INT
