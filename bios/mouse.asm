; SPDX-License-Identifier: MIT
; mouse.asm - the PS/2 mouse behind the 8042: int 15h AH=C2 and IRQ 12.
section .f16
bits 16

AUX_NOANSWER equ 3

; AL to the mouse; CF = 1 unless it answers FA. The keyboard is held off by the caller.
aux_send:
    push ax
    mov al, 0xD4
    call kbc_cmd
    pop ax
    call kbc_wait_in
    out 0x60, al
    call aux_read
    jc .done
    cmp al, 0xFA
    je .done
    stc
.done:
    ret

aux_read:                       ; -> AL; CF = 1: nothing came
    call kbc_wait_out
    jz .none
    in al, 0x64
    test al, 0x20
    in al, 0x60                 ; a keyboard byte here is dropped
    jz aux_read
    clc
    ret
.none:
    stc
    ret

aux_begin:                      ; interrupts and the keyboard off
    cli
    mov al, 0xAD
    call kbc_cmd
    jmp kbc_flush

aux_end:                        ; keeps flags and AX
    pushf
    push ax
    mov al, 0xAE
    call kbc_cmd
    pop ax
    popf
    ret

; POST: is there one? Equipment bit 2.
mouse_init:
    cli
    mov al, 0xA8
    call kbc_cmd
    call aux_begin
    mov al, 0xFF
    call aux_send
    jc .none
    call aux_read               ; AA, 00
    jc .none
    call aux_read
    or byte [0x400 + B_EQUIP], 4
    mov ah, 0x47                ; IRQ 1 and 12, system flag, translate
    jmp .set
.none:
    mov al, 0xA7
    call kbc_cmd
    mov ah, 0x65
.set:
    mov al, 0x60
    call kbc_cmd
    call kbc_wait_in
    mov al, ah
    out 0x60, al
    call aux_end
    sti
    in al, 0xA1
    and al, 0xEF
    out 0xA1, al
    ret

; AH=C2. ES = EBDA in here.
mouse_function:
    mov es, [B_EBDA]
    movzx bx, fAL
    mov ah, 1
    cmp bl, 7
    ja mouse_exit
    test byte [B_EQUIP], 4
    mov ah, AUX_NOANSWER
    jz mouse_exit
    shl bx, 1
    jmp [cs:.table + bx]
.table:
    dw ms_enable, ms_reset, ms_rate, ms_resolution, ms_type, ms_init, ms_extended, ms_handler

mouse_exit:                     ; AH = status
    mov fAH, ah
    CLR_CF
    test ah, ah
    jz .good
    SET_CF
.good:
    LEAVE_INT

mouse_after:                    ; CF = 1: no answer
    mov ah, 0
    jnc .end
    mov ah, AUX_NOANSWER
.end:
    call aux_end
    sti
    jmp mouse_exit

ms_enable:
    mov bh, fBH
    mov ah, 2
    cmp bh, 1
    ja mouse_exit
    mov al, 0xF5
    jb .send
    mov ah, 5                   ; no handler
    test byte [es:E_MSFLAG2], 0x80
    jz mouse_exit
    mov al, 0xF4
.send:
    push ax
    call aux_begin
    pop ax
    call aux_send
    jmp mouse_after

ms_reset:
    call aux_begin
    mov byte [es:E_MSFLAG1], 0
    mov al, 0xFF
    call aux_send
    jc mouse_after
    call aux_read
    jc mouse_after
    mov fBL, al
    call aux_read
    jc mouse_after
    mov fBH, al
    jmp mouse_after

ms_init:                        ; BH = bytes in a package
    mov bh, fBH
    mov ah, 2
    dec bh
    cmp bh, 7
    ja mouse_exit
    and byte [es:E_MSFLAG2], 0xF8
    or [es:E_MSFLAG2], bh
    jmp ms_reset

ms_rate:
    movzx bx, fBH
    mov ah, 2
    cmp bl, 6
    ja mouse_exit
    mov bl, [cs:.rates + bx]
    mov ah, 0xF3
    jmp ms_two
.rates: db 10, 20, 40, 60, 80, 100, 200

ms_resolution:
    mov bl, fBH
    mov ah, 2
    cmp bl, 3
    ja mouse_exit
    mov ah, 0xE8
ms_two:                         ; command AH, value BL
    push ax
    call aux_begin
    pop ax
    mov al, ah
    call aux_send
    jc mouse_after
    mov al, bl
    call aux_send
    jmp mouse_after

ms_type:
    call aux_begin
    mov al, 0xF2
    call aux_send
    jc mouse_after
    call aux_read
    jc mouse_after
    mov fBH, al
    jmp mouse_after

ms_extended:
    mov bh, fBH
    mov ah, 2
    cmp bh, 2
    ja mouse_exit
    mov al, 0xE6
    add al, bh
    dec al                      ; 1: E6, 2: E7
    test bh, bh
    jnz ms_enable.send
    call aux_begin
    mov al, 0xE9
    call aux_send
    jc mouse_after
    call aux_read
    jc mouse_after
    mov fBL, al
    call aux_read
    jc mouse_after
    mov fCL, al
    call aux_read
    jc mouse_after
    mov fDL, al
    jmp mouse_after

ms_handler:                     ; ES:BX of the caller; 0:0 takes it away
    mov ax, fBX
    mov dx, fES
    mov [es:E_MSHOOK], ax
    mov [es:E_MSHOOK + 2], dx
    and byte [es:E_MSFLAG2], 0x7F
    or ax, dx
    jz .none
    or byte [es:E_MSFLAG2], 0x80
.none:
    mov ah, 0
    jmp mouse_exit

; IRQ 12: collect a package, then call the handler with status, X, Y, 0 on the stack.
irq12:
    ENTER_INT
    in al, 0x64
    mov ah, al
    and ah, 0x21
    cmp ah, 0x21
    jne .eoi
    in al, 0x60
    mov es, [B_EBDA]
    mov bl, [es:E_MSFLAG2]
    test bl, 0x80
    jz .eoi
    movzx di, byte [es:E_MSFLAG1]
    and di, 7
    mov [es:di + E_MSDATA], al
    inc di
    and bl, 7
    cmp bl, 2                   ; the usual three bytes: the first has bit 3
    jne .count
    cmp di, 1
    jne .count
    test al, 8
    jz .eoi
.count:
    mov ax, di
    dec al
    cmp al, bl
    jae .whole
    mov ax, di
    mov [es:E_MSFLAG1], al
    jmp .eoi
.whole:
    mov byte [es:E_MSFLAG1], 0
    mov al, 0x20
    out 0xA0, al
    out 0x20, al
    movzx ax, byte [es:E_MSDATA]
    push ax
    mov al, [es:E_MSDATA + 1]
    push ax
    mov al, [es:E_MSDATA + 2]
    push ax
    push word 0
    call far [es:E_MSHOOK]
    add sp, 8
    LEAVE_INT
.eoi:
    mov al, 0x20
    out 0xA0, al
    out 0x20, al
    LEAVE_INT
