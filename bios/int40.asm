; SPDX-License-Identifier: MIT
; int40.asm - the functions of int 40h that move data or tell about drives; floppy.asm drives them.
section .f16
bits 16

; Functions 02 read, 03 write, 04 verify.
fd_fn_rw:
    mov al, fAL
    test al, al
    jz .bad
    cmp al, 72
    ja .bad
    mov byte [bp+28], 0         ; sectors done, until it went well
    mov bh, 2                   ; tries
    mov bl, al
.retry:
    push bx
    mov dl, fDL
    call fd_select
    call fd_media
    jc .failed
    mov ch, fCH
    call fd_seek
    jc .failed
    movzx cx, bl
    shl cx, 9
    dec cx
    mov al, 0x46
    cmp byte [bp+29], 3
    jb .mode
    mov al, 0x4A
    je .mode
    mov al, 0x42
.mode:
    call fd_dma
    jc .failed
    mov al, 0xE6
    cmp byte [bp+29], 3
    jne .command
    mov al, 0xC5
.command:
    and byte [B_FDRECAL], 0x7F
    call fd_out
    mov ah, 0x20
    jc .failed
    call fd_rw_params
    call fd_wait_irq
    mov ah, 0x80
    jc .reset
    call fd_results
    mov ah, 0x20
    jc .reset
    call fd_error
    jc .failed
    pop bx
    mov fAL, bl
    mov ah, 0
    jmp fd_exit
.reset:
    push ax
    call fd_reset
    pop ax
.failed:
    pop bx
    cmp ah, 0x06
    je .exit
    cmp ah, 0x09
    je .exit
    cmp ah, 0x03
    je .exit
    cmp ah, 0x80
    je .exit
    dec bh
    jz .exit
    and byte [B_FDRECAL], 0xF0  ; recalibrate and look again
    movzx si, fDL
    and byte [B_FDMEDIA + si], 0xEF
    jmp .retry
.exit:
    jmp fd_exit
.bad:
    mov ah, 1
    jmp fd_exit

; The eight bytes after the command. BL = sectors.
fd_rw_params:
    push es
    push 0
    pop es
    les si, [es:0x1E * 4]
    mov al, fDH
    and al, 1
    shl al, 2
    or al, fDL
    call fd_out
    mov al, fCH
    call fd_out
    mov al, fDH
    call fd_out
    mov al, fCL
    call fd_out
    mov al, [es:si + 3]
    call fd_out
    mov cl, bl                  ; last sector; past the end of a track goes on with head 1
    add cl, fCL
    dec cl
    push bx
    mov bl, fDL
    call fd_spt
    pop bx
    mov ah, [es:si + 4]         ; the table counts if a program changed it
    cmp ah, 18
    je .spt
    mov al, ah
.spt:
    cmp cl, al
    jbe .eot
    cmp fCL, al
    ja .eot
    mov cl, al
.eot:
    mov al, cl
    call fd_out
    mov al, [es:si + 5]
    call fd_out
    mov al, [es:si + 6]
    call fd_out
    pop es
    ret

; 05: format the track CH, head DH; AL sectors, address fields at ES:BX.
fd_fn_format:
    mov dl, fDL
    call fd_select
    movzx bx, dl
    mov al, [B_FDMEDIA + bx]
    test al, 0x10               ; the type was set, or is what the drive is
    jnz .typed
    call fd_media
    jc fd_exit
.typed:
    call fd_set_rate
    mov ch, fCH
    call fd_seek
    jc fd_exit
    push 0
    pop es
    les si, [es:0x1E * 4]
    movzx cx, byte [es:si + 4]
    shl cx, 2
    dec cx
    push es
    mov al, 0x4A
    call fd_dma
    pop es
    jc fd_exit
    mov al, 0x4D
    call fd_out
    mov al, fDH
    and al, 1
    shl al, 2
    or al, dl
    call fd_out
    mov al, [es:si + 3]
    call fd_out
    mov al, [es:si + 4]
    call fd_out
    mov al, [es:si + 7]
    call fd_out
    mov al, [es:si + 8]
    call fd_out
    call fd_wait_irq
    mov ah, 0x80
    jc fd_exit
    call fd_results
    call fd_error
    jmp fd_exit

; 08: parameters. A missing drive reports zeros.
fd_fn_params:
    call fd_type
    mov bl, al
    movzx si, al
    xor cx, cx
    mov fAX, cx
    mov fBX, cx
    mov fBL, al
    mov al, [B_EQUIP]
    mov ah, al
    and al, 1
    jz .count
    shr ah, 6
    and ah, 3
    add al, ah
.count:
    mov ah, 0
    cmp si, 6
    ja .none
    test si, si
    jz .none
    mov ah, 1
    shl si, 1
    mov cx, [cs:.geometry + si]
    mov si, [cs:.dpts + si]
    mov [bp+0], si
    mov fES, cs
    jmp .set
.none:
    mov fDI, cx
    mov fES, cx
.set:
    mov fCX, cx
    mov fDX, ax
    mov ah, 0
    jmp fd_exit_status
.geometry: dw 0, 0x2709, 0x4F0F, 0x4F09, 0x4F12, 0x4F24, 0x4F24
.dpts:     dw 0, dpt_360, dpt_1200, dpt_720, 0xEFC7, dpt_2880, dpt_2880

; 15: 0 none, 1 no change line, 2 change line.
fd_fn_type:
    call fd_type
    mov fAH, 0
    jz .done
    mov fAH, 2
    cmp al, 1
    jne .done
    mov fAH, 1
.done:
    mov byte [B_FDSTATUS], 0
    mov ah, 0
    jmp fd_exit_status

; 16: has the diskette been changed?
fd_fn_change:
    call fd_select
    mov dx, FD_DIR
    in al, dx
    mov ah, 0
    test al, 0x80
    jz fd_exit
    mov ah, 6
    jmp fd_exit

; 17: AL 1 = 360K in 360K, 2 = 360K in 1.2M, 3 = 1.2M, 4 = 720K.
fd_fn_settype:
    movzx bx, fAL
    dec bx
    cmp bx, 4
    mov ah, 1
    jae fd_exit
    mov al, [cs:.states + bx]
    movzx bx, dl
    mov [B_FDMEDIA + bx], al
    call fd_select
    mov dx, FD_DIR
    in al, dx
    test al, 0x80
    mov ah, 0
    jz fd_exit
    mov dl, bl
    call fd_change_off
    mov ah, 0x80
    jc fd_exit
    mov al, fAL
    mov ah, 6
    jmp fd_exit
.states: db 0x93, 0x74, 0x15, 0x97

; 18: CH last track, CL sectors: a table for the format, if the drive can.
fd_fn_setmedia:
    call fd_type
    mov si, .media
.find:
    cmp byte [cs:si], 0
    mov ah, 0x0C
    je fd_exit
    cmp al, [cs:si]
    jne .next
    mov cx, fCX
    and cl, 0x3F
    cmp cx, [cs:si + 1]
    je .found
.next:
    add si, 6
    jmp .find
.found:
    movzx bx, dl
    mov al, [cs:si + 3]
    mov [B_FDMEDIA + bx], al
    mov si, [cs:si + 4]
    mov [bp+0], si
    mov fES, cs
    call fd_select
    mov ah, 0
    jmp fd_exit
%macro FM 4                     ; drive type, CH:CL, state, table
    db %1
    dw %2
    db %3
    dw %4
%endmacro
.media:
    FM 1, 0x2709, 0x93, dpt_360
    FM 2, 0x2709, 0x74, dpt_360
    FM 2, 0x4F0F, 0x15, dpt_1200
    FM 3, 0x4F09, 0x97, dpt_720
    FM 4, 0x4F09, 0x97, dpt_720
    FM 4, 0x4F12, 0x17, 0xEFC7
    FM 5, 0x4F09, 0x97, dpt_720
    FM 5, 0x4F12, 0x17, 0xEFC7
    FM 5, 0x4F24, 0xD7, dpt_2880
    FM 6, 0x4F09, 0x97, dpt_720
    FM 6, 0x4F12, 0x17, 0xEFC7
    FM 6, 0x4F24, 0xD7, dpt_2880
    db 0

; step rate and unload, load, motor off, bytes, sectors, gap, length, format gap, fill,
; settle, motor start; then (ours and IBM's AT) last track and rate
dpt_360:  db 0xDF, 2, 37, 2,  9, 0x2A, 0xFF, 0x50, 0xF6, 15, 8, 0x27, 0x80
dpt_720:  db 0xDF, 2, 37, 2,  9, 0x2A, 0xFF, 0x50, 0xF6, 15, 8, 0x4F, 0x80
dpt_1200: db 0xDF, 2, 37, 2, 15, 0x1B, 0xFF, 0x54, 0xF6, 15, 8, 0x4F, 0x00
dpt_2880: db 0xAF, 2, 37, 2, 36, 0x1B, 0xFF, 0x53, 0xF6, 15, 8, 0x4F, 0xC0
