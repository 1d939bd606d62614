; SPDX-License-Identifier: MIT
; apm.asm - APM 1.2: int 15h AH=53 and its 16 and 32-bit protected-mode entries.
; The only state with an effect is "off", through the PIIX4; idle is HLT. No battery.
section .f16

; %1 name. In: AL function, BX, CX. Out: AH = error, CF.
%macro APM_BODY 1
%1:
    cmp al, 0x05
    je .idle
    cmp al, 0x07
    je .power
    cmp al, 0x0A
    je .status
    cmp al, 0x0B
    je .event
    cmp al, 0x0C
    je .state
    cmp al, 0x0E
    je .version
    cmp al, 0x10
    je .capabilities
    cmp al, 0x11
    ja .unknown
    cmp al, 0x04
    jae .good                   ; disconnect, busy, enable, defaults, engage: nothing to do
.unknown:
    mov ah, 0x0C
    stc
    ret
.idle:
    pushf
    sti
    hlt
    popf
.good:
    mov ah, 0
    clc
    ret
.power:
    cmp bx, 1
    jne .good
    cmp cx, 3
    jne .good
    cli
    push edx
    mov dx, PM_BASE + 4
    mov ax, 0x2000              ; type 0 is soft off
    out dx, ax
    pop edx
    mov ax, 0x5307
.off:
    hlt
    jmp .off
.status:
    mov bx, 0x01FF              ; on line, battery unknown
    mov cx, 0x80FF              ; no battery
    mov dx, 0xFFFF
    jmp .good
.event:
    mov ah, 0x80                ; none
    stc
    ret
.state:
    xor cx, cx
    jmp .good
.version:
    mov ax, 0x0102
    clc
    ret
.capabilities:
    mov bl, 0
    xor cx, cx
    jmp .good
%endmacro

bits 16
    APM_BODY apm_body16

; int 15h: installation and connecting are here only.
apm16:
    cmp al, 0x00
    je .check
    cmp al, 0x03
    jbe .connect
    call apm_body16
.return:
    push bp
    mov bp, sp
    jc .error
    and byte [bp + 6], 0xFE
    pop bp
    iret
.error:
    or byte [bp + 6], 1
    pop bp
    iret
.check:
    mov ax, 0x0102
    mov bx, 'MP'                ; BH = "P", BL = "M"
    mov cx, 3                   ; both protected-mode interfaces
    clc
    jmp .return
.connect:
    mov ah, 0
    cmp al, 0x01                ; real mode needs nothing; CF = 0
    je .return
    cmp al, 0x02
    mov ax, SEG_BIOS
    mov cx, SEG_BDA
    je .connect16
    mov dx, cx
    mov cx, ax
    mov ebx, apm_entry32
    mov esi, 0xFFF0FFF0
    mov di, 0x400
    clc
    jmp .return
.connect16:
    mov bx, apm_entry16
    mov si, 0xFFF0
    mov di, 0x400
    clc
    jmp .return

apm_entry16:
    call apm_body16
    retf

bits 32
    APM_BODY apm_body32
apm_entry32:
    call apm_body32
    retf
bits 16
