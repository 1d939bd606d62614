; SPDX-License-Identifier: MIT
; int16.asm - keyboard services 00-05, 09, 0A, 10-12.
section .f16
bits 16

int16:
    ENTER_INT
    sti
    mov al, fAH
    cmp al, 0x00
    je int16_read
    cmp al, 0x10
    je int16_read
    cmp al, 0x01
    je int16_peek
    cmp al, 0x11
    je int16_peek
    cmp al, 0x02
    je .flags
    cmp al, 0x12
    je .flags12
    cmp al, 0x03
    je int16_typematic
    cmp al, 0x05
    je .store
    cmp al, 0x09
    je .functions
    cmp al, 0x0A
    je .ident
.done:
    LEAVE_INT
.flags12:
    mov al, [B_KBFLAG2]
    mov ah, al
    and al, 0x73                ; the locks, left control and alt
    and ah, 0x04                ; system request becomes bit 7
    shl ah, 5
    or al, ah
    mov ah, [B_KBMODE]
    and ah, 0x0C                ; right control and alt
    or al, ah
    mov fAH, al
.flags:
    mov al, [B_KBFLAG]
    mov fAL, al
    LEAVE_INT
.store:
    mov ax, fCX
    cli
    call kbd_store
    mov al, 0
    adc al, 0
    mov fAL, al
    LEAVE_INT
.functions:
    mov fAL, 0x30               ; 0A, 10-12; typematic set and not read
    LEAVE_INT
.ident:
    mov fBX, 0x41AB             ; MF2, translated
    LEAVE_INT

; Programs on the old functions see no E0 and no code they do not know.
; AX = code -> AX, CF = 1: not for them.
int16_old:
    cmp byte [bp+29], 0x10
    jae .keep
    cmp al, 0xE0
    jne .not_e0
    test ah, ah
    jz .keep
    xor al, al
.not_e0:
    cmp ah, 0xE0
    jne .not_grey
    mov ah, 0x1C                ; grey Enter
    cmp al, 0x2F
    jne .keep
    mov ah, 0x35
.keep:
    clc
    ret
.not_grey:
    cmp ah, 0x85
    cmc
    ret

int16_read:
    cli
    mov bx, [B_KBHEAD]
    cmp bx, [B_KBTAIL]
    jne .have
    mov ax, 0x9002
    int 0x15
    cli
    cmp bx, [B_KBTAIL]
    jne .have
    call kbd_leds
    sti
    hlt
    jmp int16_read
.have:
    mov ax, [bx]
    inc bx
    inc bx
    cmp bx, [B_KBEND]
    jb .no_wrap
    mov bx, [B_KBSTART]
.no_wrap:
    mov [B_KBHEAD], bx
    sti
    call int16_old
    jc int16_read
    mov fAX, ax
    LEAVE_INT

int16_peek:
    cli
    call kbd_leds
    mov bx, [B_KBHEAD]
    cmp bx, [B_KBTAIL]
    je .empty
    mov ax, [bx]
    call int16_old
    jc .drop
    sti
    mov fAX, ax
    and byte [bp+40], 0xBF
    LEAVE_INT
.drop:
    inc bx
    inc bx
    cmp bx, [B_KBEND]
    jb .no_wrap
    mov bx, [B_KBSTART]
.no_wrap:
    mov [B_KBHEAD], bx
    jmp int16_peek
.empty:
    sti
    or byte [bp+40], 0x40
    LEAVE_INT

int16_typematic:                ; AL=5: BH delay 0-3, BL rate 0-31
    cmp fAL, 5
    jne .done
    mov bl, fBH
    and bl, 3
    shl bl, 5
    mov bh, fBL
    and bh, 31
    or bl, bh
    cli
    mov al, 0xF3
    call kbd_send
    jc .done
    mov al, bl
    call kbd_send
.done:
    sti
    LEAVE_INT
