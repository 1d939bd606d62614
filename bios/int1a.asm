; SPDX-License-Identifier: MIT
; int1a.asm - time: ticks, real-time clock, alarm; PCI BIOS calls go to pcibios.asm.
section .f16
bits 16

; Wait until no update of the clock is in progress; CF = 1: it does not end.
rtc_ready:
    push cx
    xor cx, cx
.poll:
    CMOS_RD 0x0A
    test al, 0x80
    jz .ready
    loop .poll
    stc
    pop cx
    ret
.ready:
    clc
    pop cx
    ret

bcd_to_bin:                     ; AL -> AL
    push cx
    mov ah, al
    shr al, 4
    mov cl, 10
    and ah, 0x0F
    mov ch, ah
    mul cl
    add al, ch
    pop cx
    ret

; 40:6C from the time of day: seconds * 18.2065.
ticks_from_rtc:
    call rtc_ready
    CMOS_RD 0x04
    call bcd_to_bin
    movzx ebx, al
    imul ebx, 3600
    CMOS_RD 0x02
    call bcd_to_bin
    movzx eax, al
    imul eax, 60
    add ebx, eax
    CMOS_RD 0x00
    call bcd_to_bin
    movzx eax, al
    add eax, ebx
    mov ebx, 1193182
    mul ebx
    shrd eax, edx, 16           ; 65536 clocks a tick
    mov [0x400 + B_TICKS], eax
    ret

int1a:
    cmp ah, 0xB1
    je pcibios16
    ENTER_INT
    movzx bx, fAH
    cmp bl, 0x0B
    ja .bad
    CLR_CF
    shl bx, 1
    jmp [cs:.table + bx]
.bad:
    SET_CF
    sti
    LEAVE_INT
.table: dw tm_get, tm_set, rtc_gettime, rtc_settime, rtc_getdate, rtc_setdate
        dw rtc_setalarm, rtc_noalarm, int1a.bad, int1a.bad, tm_getdays, tm_setdays

tm_get:
    cli
    mov ax, [B_TICKS]
    mov fDX, ax
    mov ax, [B_TICKS + 2]
    mov fCX, ax
    xor al, al
    xchg al, [B_TICKOVF]
    mov fAL, al
    mov fAH, 0
    LEAVE_INT

tm_set:
    cli
    mov ax, fDX
    mov [B_TICKS], ax
    mov ax, fCX
    mov [B_TICKS + 2], ax
    mov byte [B_TICKOVF], 0
    mov fAH, 0
    LEAVE_INT

rtc_gettime:
    call rtc_ready
    jc int1a.bad
    CMOS_RD 0x00
    mov fDH, al
    CMOS_RD 0x02
    mov fCL, al
    CMOS_RD 0x04
    mov fCH, al
    CMOS_RD 0x0B
    and al, 1
    mov fDL, al
    mov fAH, 0
    LEAVE_INT

rtc_stop:                       ; hold updates while setting
    CMOS_RD 0x0B
    or al, 0x80
    mov ah, al
    CMOS_WR 0x0B
    ret

rtc_go:                         ; AL: bit 0 daylight saving
    push ax
    CMOS_RD 0x0B
    and al, 0x7E
    pop bx
    and bl, 1
    or al, bl
    mov ah, al
    CMOS_WR 0x0B
    ret

rtc_settime:
    call rtc_stop
    mov ah, fDH
    CMOS_WR 0x00
    mov ah, fCL
    CMOS_WR 0x02
    mov ah, fCH
    CMOS_WR 0x04
    mov al, fDL
    call rtc_go
    mov fAH, 0
    LEAVE_INT

rtc_getdate:
    call rtc_ready
    jc int1a.bad
    CMOS_RD 0x07
    mov fDL, al
    CMOS_RD 0x08
    mov fDH, al
    CMOS_RD 0x09
    mov fCL, al
    CMOS_RD 0x32
    mov fCH, al
    mov fAH, 0
    LEAVE_INT

rtc_setdate:
    CMOS_RD 0x0B
    push ax
    call rtc_stop
    mov ah, 1
    CMOS_WR 0x06
    mov ah, fDL
    CMOS_WR 0x07
    mov ah, fDH
    CMOS_WR 0x08
    mov ah, fCL
    CMOS_WR 0x09
    mov ah, fCH
    CMOS_WR 0x32
    pop ax
    call rtc_go
    mov fAH, 0
    LEAVE_INT

rtc_setalarm:
    CMOS_RD 0x0B
    test al, 0x20
    jnz int1a.bad
    call rtc_ready
    jc int1a.bad
    mov ah, fDH
    CMOS_WR 0x01
    mov ah, fCL
    CMOS_WR 0x03
    mov ah, fCH
    CMOS_WR 0x05
    call irq8_unmask
    CMOS_RD 0x0B
    and al, 0x7F
    or al, 0x20
    mov ah, al
    CMOS_WR 0x0B
    LEAVE_INT

rtc_noalarm:
    CMOS_RD 0x0B
    and al, 0x57
    mov ah, al
    CMOS_WR 0x0B
    LEAVE_INT

irq8_unmask:
    in al, 0xA1
    and al, 0xFE
    out 0xA1, al
    ret

tm_getdays:
    mov ax, [0xCE]
    mov fCX, ax
    LEAVE_INT

tm_setdays:
    mov ax, fCX
    mov [0xCE], ax
    LEAVE_INT
