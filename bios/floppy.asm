; SPDX-License-Identifier: MIT
; floppy.asm - int 40h: diskettes on an 82077AA by DMA channel 2. Formats 160K to 2.88M.
; 40-track media in 80-track drives are not double-stepped: the drives are images.
section .f16
bits 16

FD_DOR      equ 0x3F2
FD_MSR      equ 0x3F4
FD_DIR      equ 0x3F7

; Count drives from CMOS 10h; equipment bits 0 and 6-7.
floppy_init:
    push SEG_BDA
    pop ds
    CMOS_RD 0x10
    test al, al
    jz .none
    or byte [B_EQUIP], 1
    test al, 0x0F
    jz .one
    test al, 0xF0
    jz .one
    or byte [B_EQUIP], 0x40
.one:
    mov byte [B_FDINFO], 0x77
    call fd_reset
.none:
    xor ax, ax
    mov ds, ax
    ret

fd_type:                        ; DL = drive -> AL = CMOS type, ZF = 1: no such drive
    xor al, al
    cmp dl, 1
    ja .done
    CMOS_RD 0x10
    test dl, dl
    jnz .second
    shr al, 4
.second:
    and al, 0x0F
.done:
    test al, al
    ret

int40:
    ENTER_INT
    sti
    movzx bx, fAH
    cmp bl, 0x18
    ja .bad
    mov dl, fDL
    cmp bl, 1
    je .go
    cmp bl, 8
    je .go
    cmp bl, 0x15
    je .go
    call fd_type
    mov ah, 0x80
    jz fd_exit
.go:
    shl bx, 1
    jmp [cs:.table + bx]
.bad:
    mov ah, 1
    jmp fd_exit
.table:
    dw fd_fn_reset, fd_fn_status, fd_fn_rw, fd_fn_rw, fd_fn_rw, fd_fn_format, .bad, .bad
    dw fd_fn_params, .bad, .bad, .bad, .bad, .bad, .bad, .bad
    dw .bad, .bad, .bad, .bad, .bad, fd_fn_type, fd_fn_change, fd_fn_settype
    dw fd_fn_setmedia

; AH = status: to the caller and 40:41. The motor runs on for two seconds.
fd_exit:
    mov [B_FDSTATUS], ah
    mov fAH, ah
    push ax
    push 0
    pop es
    les si, [es:0x1E * 4]
    mov al, [es:si + 2]
    mov [B_FDCOUNT], al
    pop ax
fd_exit_status:
    CLR_CF
    test ah, ah
    jz .good
    SET_CF
.good:
    LEAVE_INT

fd_fn_status:
    mov ah, [B_FDSTATUS]
    mov fAH, ah
    jmp fd_exit_status

fd_fn_reset:
    call fd_reset
    mov ah, 0
    jnc fd_exit
    mov ah, 0x20
    jmp fd_exit

; Controller reset; CF = 1 when it does not answer.
fd_reset:
    push dx
    call fd_unmask
    and byte [B_FDRECAL], 0x70
    mov dx, FD_DOR
    mov al, 0x08
    out dx, al
    mov cx, 2
    call pause_refresh
    mov al, [B_FDMOTOR]
    and al, 0x0F
    shl al, 4
    or al, 0x0C
    out dx, al
    call fd_wait_irq
    jc .done
    mov cx, 4                   ; four drives report "ready changed"
.sense:
    push cx
    mov al, 0x08
    call fd_out
    call fd_results
    pop cx
    loop .sense
    call fd_specify
.done:
    pop dx
    ret

fd_specify:
    push es
    push 0
    pop es
    les si, [es:0x1E * 4]
    mov al, 0x03
    call fd_out
    mov al, [es:si]
    call fd_out
    mov al, [es:si + 1]
    and al, 0xFE                ; DMA
    call fd_out
    pop es
    ret

fd_unmask:
    in al, 0x21
    test al, 0x40
    jz .done
    and al, 0xBF
    out 0x21, al
.done:
    ret

; Wait up to 2 s for IRQ 6. CF = 1: it did not come.
fd_wait_irq:
    push ax
    push bx
    mov ax, 37
    call tick_deadline
    mov bx, ax
    mov ax, 0x9001
    clc
    int 0x15
.wait:
    cli
    test byte [B_FDRECAL], 0x80
    jnz .came
    sti
    hlt
    mov ax, bx
    call tick_passed
    jc .wait
    stc
    jmp .done
.came:
    and byte [B_FDRECAL], 0x7F
    sti
    clc
.done:
    pop bx
    pop ax
    ret

fd_out:                         ; AL to the controller; CF = 1: it does not take it
    push ax
    push cx
    push dx
    mov ah, al
    mov dx, FD_MSR
    xor cx, cx
.poll:
    in al, dx
    and al, 0xC0
    cmp al, 0x80
    je .ready
    loop .poll
    stc
    jmp .done
.ready:
    inc dx
    mov al, ah
    out dx, al
    clc
.done:
    pop dx
    pop cx
    pop ax
    ret

; Result phase to 40:42. CF = 1: the controller hangs.
fd_results:
    push ax
    push bx
    push cx
    push dx
    mov bx, B_FDRESULT
    mov dx, FD_MSR
.next:
    xor cx, cx
.poll:
    in al, dx
    test al, 0x80
    jnz .ready
    loop .poll
    stc
    jmp .done
.ready:
    test al, 0x40
    jz .end
    inc dx
    in al, dx
    dec dx
    cmp bx, B_FDRESULT + 7
    jae .next
    mov [bx], al
    inc bx
    jmp .next
.end:
    clc
.done:
    pop dx
    pop cx
    pop bx
    pop ax
    ret

; DL = drive: select it, motor on, count held.
fd_select:
    push ax
    push cx
    push dx
    mov byte [B_FDCOUNT], 0xFF
    mov cl, dl
    mov al, 1
    shl al, cl
    mov ah, [B_FDMOTOR]
    and ah, 0x4F
    or ah, al
    shl cl, 4
    and ah, 0x0F
    or ah, cl
    mov [B_FDMOTOR], ah
    mov al, ah
    and al, 0x0F
    shl al, 4
    or al, 0x0C
    or al, dl
    mov dx, FD_DOR
    out dx, al
    call fd_unmask
    pop dx
    pop cx
    pop ax
    ret

; DL = drive, CH = cylinder. CF = 1, AH = status on failure.
fd_seek:
    push bx
    movzx bx, dl
    mov al, 1
    mov ah, cl
    mov cl, dl
    shl al, cl
    mov cl, ah
    test [B_FDRECAL], al
    jnz .known
    call fd_recal
    jc .done
.known:
    cmp ch, [B_FDCYL + bx]
    je .there
    mov al, 0x0F
    call fd_out
    jc .timeout
    mov al, dl
    call fd_out
    mov al, ch
    call fd_out
    call fd_sense
    jc .done
    mov [B_FDCYL + bx], ch
.there:
    clc
.done:
    pop bx
    ret
.timeout:
    mov ah, 0x20
    stc
    jmp .done

fd_recal:
    push bx
    push cx
    mov bx, 2                   ; 77 steps may not reach from track 79
.again:
    mov al, 0x07
    call fd_out
    mov al, dl
    call fd_out
    call fd_sense
    jnc .good
    dec bx
    jnz .again
    stc
    jmp .done
.good:
    mov cl, dl
    mov al, 1
    shl al, cl
    or [B_FDRECAL], al
    movzx bx, dl
    mov byte [B_FDCYL + bx], 0
    clc
.done:
    pop cx
    pop bx
    ret

; After a seek: wait, sense. CF = 1, AH = 80h or 40h.
fd_sense:
    call fd_wait_irq
    mov ah, 0x80
    jc .done
    mov al, 0x08
    call fd_out
    call fd_results
    mov ah, 0x20
    jc .done
    mov al, [B_FDRESULT]
    and al, 0xE0
    cmp al, 0x20
    je .done
    mov ah, 0x40
    stc
.done:
    ret

; Find out what is in drive DL. CF = 1, AH = status: 06 changed, 80 nothing there.
fd_media:
    push bx
    push cx
    movzx bx, dl
    push dx
    mov dx, FD_DIR
    in al, dx
    pop dx
    test al, 0x80
    jz .same
    call fd_change_off
    jc .done
    mov al, [B_FDMEDIA + bx]
    and byte [B_FDMEDIA + bx], 0xEF
    test al, 0x10
    jz .same
    mov ah, 0x06                ; a new diskette, told once
    stc
    jmp .done
.same:
    mov al, [B_FDMEDIA + bx]
    test al, 0x10
    jnz .established
    call fd_type
    mov si, fd_rates_low        ; 360K, 720K
    cmp al, 2
    jb .try
    je .high12
    cmp al, 3
    je .try
    mov si, fd_rates_144
    cmp al, 4
    je .try
    mov si, fd_rates_288
    jmp .try
.high12:
    mov si, fd_rates_12
.try:
    cs lodsb
    cmp al, 0xFF
    je .unknown
    mov [B_FDMEDIA + bx], al
    call fd_set_rate
    call fd_read_id
    jc .try
    or byte [B_FDMEDIA + bx], 0x10
    jmp .established
.unknown:
    mov byte [B_FDMEDIA + bx], 0
    stc
    jmp .done
.established:
    call fd_set_rate
    clc
.done:
    pop cx
    pop bx
    ret

; media state bytes to try: rate in bits 7-6, kind in bits 2-0
fd_rates_low: db 0x83, 0x43, 0x03, 0xFF
fd_rates_12:  db 0x05, 0x44, 0x84, 0xFF
fd_rates_144: db 0x07, 0x87, 0x47, 0xFF
fd_rates_288: db 0xC7, 0x07, 0x87, 0x47, 0xFF

; BX = drive: its rate to the controller.
fd_set_rate:
    push ax
    push dx
    mov al, [B_FDMEDIA + bx]
    and al, 0xC0
    mov ah, [B_FDRATE]
    and ah, 0x3F
    or ah, al
    mov [B_FDRATE], ah
    shr al, 6
    mov dx, FD_DIR
    out dx, al
    pop dx
    pop ax
    ret

fd_read_id:
    mov ch, 0
    call fd_seek
    jc .done
    mov al, 0x4A
    call fd_out
    mov al, dl
    call fd_out
    call fd_wait_irq
    mov ah, 0x80
    jc .reset
    call fd_results
    call fd_error
    jmp .done
.reset:
    call fd_reset
    mov ah, 0x80
    stc
.done:
    ret

; The change line falls with a step pulse, when there is a diskette. CF = 1, AH = 80h: none.
fd_change_off:
    push cx
    push dx
    call fd_recal
    mov ch, 1
    call fd_seek
    mov ch, 0
    call fd_seek
    mov dx, FD_DIR
    in al, dx
    pop dx
    pop cx
    test al, 0x80
    jz .done
    push bx
    movzx bx, dl
    and byte [B_FDMEDIA + bx], 0xEF
    pop bx
    mov ah, 0x80
    stc
.done:
    ret

; AH = BIOS status of the result bytes; CF = 1 if not 0.
fd_error:
    xor ah, ah
    mov al, [B_FDRESULT]
    and al, 0xC0
    jz .good
    mov al, [B_FDRESULT + 1]
    mov ah, 0x04
    test al, 0x84
    jnz .bad
    mov ah, 0x10
    test al, 0x20
    jnz .bad
    mov ah, 0x08
    test al, 0x10
    jnz .bad
    mov ah, 0x03
    test al, 0x02
    jnz .bad
    mov ah, 0x02
    test al, 0x01
    jnz .bad
    mov ah, 0x20
.bad:
    stc
    ret
.good:
    clc
    ret

; Set up DMA channel 2. AL = mode, CX = bytes - 1, buffer at the caller's ES:BX.
; CF = 1, AH = 09: the block crosses 64 KiB.
fd_dma:
    push bx
    push dx
    mov ah, al
    movzx ebx, fBX
    movzx edx, fES
    shl edx, 4
    add ebx, edx
    movzx edx, bx
    add dx, cx
    jc .cross
    mov al, 0x06
    out 0x0A, al
    out 0x0C, al
    mov al, ah
    out 0x0B, al
    mov al, bl
    out 0x04, al
    mov al, bh
    out 0x04, al
    shr ebx, 16
    mov al, bl
    out 0x81, al
    mov al, cl
    out 0x05, al
    mov al, ch
    out 0x05, al
    mov al, 0x02
    out 0x0A, al
    pop dx
    pop bx
    clc
    ret
.cross:
    mov ah, 0x09
    pop dx
    pop bx
    stc
    ret

; BL = drive -> AL = sectors per track of what is in it.
fd_spt:
    push bx
    mov bh, 0
    mov al, [B_FDMEDIA + bx]
    shr al, 6
    mov ah, 9
    cmp al, 3
    je .most
    test al, al
    jnz .done
    push dx
    mov dl, bl
    call fd_type
    pop dx
    mov ah, 15
    cmp al, 2
    jbe .done
    mov ah, 18
    jmp .done
.most:
    mov ah, 36
.done:
    mov al, ah
    pop bx
    ret

