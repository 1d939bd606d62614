; SPDX-License-Identifier: MIT
; int13.asm - int 13h: whose drive is it? Diskettes, disks, CD, or an El Torito emulation.
section .f16
bits 16

; Before anything is pushed: DL below 80h goes to int 40h with its registers untouched.
int13:
    push ds
    push ax
    push SEG_EBDA
    pop ds
    cmp byte [E_CDEMU], 2
    jb .no_emulation
    cmp ah, 0x4B
    je .emulation
    cmp dl, [E_CDDRIVE]
    je .emulation
    mov al, dl                  ; the other drives of the same kind move up by one
    xor al, [E_CDDRIVE]
    test al, 0x80
    jnz .no_emulation
    pop ax
    pop ds
    dec dl
    pushf
    call SEG_BIOS:int13_real
    pushf
    inc dl
    popf
    jmp int13_flags
.emulation:
    pop ax
    pop ds
    jmp cdemu
.no_emulation:
    pop ax
    pop ds
int13_real:
    cmp dl, 0x80
    jae .disk
    cmp ah, 0x41
    jae .no_edd
    int 0x40
    jmp int13_flags
.no_edd:                        ; packet calls on a diskette: refused, 4Bh answered
    cmp ah, 0x4B
    je cd_status
    ENTER_INT
    mov fAH, 1
    SET_CF
    LEAVE_INT
.disk:
    ENTER_INT
    sti
    cmp fAH, 0x4B
    je cd_status_frame
    movzx bx, fDL
    sub bl, 0x80
    cmp bl, [B_HDCOUNT]
    jae .not_hd
    mov bl, [cs:hd_map + bx]
    call drive_ptr
    cmp byte [cs:si + drv.type], 1
    je disk_function
    jmp .no_drive
.not_hd:
    sub bl, 0xE0 - 0x80
    cmp bl, [cs:cd_count]
    jae .no_drive
    mov bl, [cs:cd_map + bx]
    call drive_ptr
    jmp cd_function
.no_drive:
    cmp fAH, 0x15
    mov ah, 0
    je disk_exit
    mov ah, 1
    cmp fAH, 8
    jne disk_exit
    mov al, [B_HDCOUNT]
    mov fDL, al
    jmp disk_exit

; The flags of the inner interrupt replace those of the caller.
int13_flags:
    push bp
    mov bp, sp
    push ax
    pushf
    pop ax
    and ax, 0x08D5
    and word [bp + 6], ~0x08D5
    or [bp + 6], ax
    pop ax
    pop bp
    iret

; BL = index -> SI = its struct drv in segment F000.
drive_ptr:
    movzx si, bl
    imul si, si, drv.size
    add si, ata_drives
    ret

; AH = status, to the caller and 40:74.
disk_exit:
    mov [B_HDSTATUS], ah
disk_exit_quiet:
    mov fAH, ah
    CLR_CF
    test ah, ah
    jz .good
    SET_CF
.good:
    LEAVE_INT

align 4
ata_drives: times MAX_ATA * drv.size db 0
hd_map:     times MAX_ATA db 0
cd_map:     times MAX_ATA db 0
cd_count:   db 0
