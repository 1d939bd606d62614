; SPDX-License-Identifier: MIT
; eltorito.asm - booting a CD (El Torito 1.0): no emulation, floppy or hard disk emulation, and
; the emulated drive's int 13h with AH=4B. Only the catalogue's default entry is used.
section .f16
bits 16

boot_cd:
    cmp byte [cs:cd_count], 0
    je .none
    mov si, msg_cd
    call puts
    mov bl, [cs:cd_map]
    call drive_ptr
    mov eax, 17 * 4             ; boot record volume descriptor
    call .block
    jc .unread
    push 0
    pop ds
    mov di, 0x7C00
    cmp dword [di], 0x30444300  ; 0, "CD0"
    jne .invalid
    cmp dword [di + 7], 'EL T'
    jne .invalid
    mov eax, [di + 0x47]
    shl eax, 2
    call .block
    jc .unread
    cmp word [0x7C00], 1
    jne .invalid
    cmp word [0x7C1E], 0xAA55
    jne .invalid
    mov di, 0x7C20
    cmp byte [di], 0x88         ; bootable
    jne .invalid
    jmp boot_cd_entry
.none:
    ret
.unread:
    mov si, msg_unread
    jmp puts
.invalid:
    mov si, msg_invalid
    jmp puts
.block:                         ; 512-byte sector EAX, a whole block, to 0:7C00
    mov ecx, 4
    push 0
    pop es
    mov di, 0x7C00
    push si
    call cd_read512
    pop si
    ret

; DS:DI = default entry. SI = unit.
boot_cd_entry:
    push SEG_EBDA
    pop es
    mov al, [di + 1]
    and al, 0x0F
    mov [es:E_CDMEDIA], al
    mov ax, [di + 2]
    test ax, ax
    jnz .segment
    mov ax, 0x07C0
.segment:
    mov [es:E_CDSEG], ax
    mov ax, [di + 6]
    mov [es:E_CDCOUNT], ax
    mov eax, [di + 8]
    mov [es:E_CDLBA], eax
    mov al, [cs:si + drv.chan]
    mov [es:E_CDUNIT], al
    shl dword [es:E_CDLBA], 2
    mov eax, [es:E_CDLBA]
    movzx ecx, word [es:E_CDCOUNT]
    mov es, [es:E_CDSEG]
    test cx, cx
    jz .bad
    xor di, di
    call cd_read512
    jc boot_cd.unread
    push SEG_EBDA
    pop ds
    mov es, [E_CDSEG]
    mov byte [E_CDEMU], 1
    mov dl, 0xE0
    mov al, [E_CDMEDIA]
    test al, al
    jz .enter
    mov byte [E_CDEMU], 2
    mov dl, 0
    cmp al, 4
    jb .floppy
    ja .bad
    mov byte [E_CDEMU], 4
    mov dl, 0x80
    mov ax, [es:0x1C4]          ; geometry: where the first partition ends
    mov bl, al
    and bl, 0x3F
    mov [E_CDSPT], bl
    shr al, 6
    xchg al, ah
    inc ax
    mov [E_CDCYLS], ax
    mov al, [es:0x1C3]
    inc al
    mov [E_CDHEADS], al
    push ds
    push SEG_BDA
    pop ds
    inc byte [B_HDCOUNT]
    pop ds
    jmp .enter
.floppy:
    movzx bx, al
    mov al, [cs:.spt + bx - 1]
    mov [E_CDSPT], al
    mov byte [E_CDHEADS], 2
    mov word [E_CDCYLS], 80
    call cd_equipment
.enter:
    mov [E_CDDRIVE], dl
    mov ax, [E_CDSEG]
    mov bx, 0
    cmp ax, 0x07C0              ; the classic segment is entered as 0:7C00
    jne .jump
    xor ax, ax
    mov bx, 0x7C00
.jump:
    xor cx, cx
    mov ds, cx
    mov es, cx
    mov ss, cx
    mov sp, 0x7C00
    push ax
    push bx
    xor bx, bx
    xor bp, bp
    xor si, si
    xor di, di
    mov dh, 0
    retf
.bad:
    jmp boot_cd.invalid
.spt: db 15, 18, 36

; The emulated diskette counts as a drive.
cd_equipment:
    push es
    push SEG_BDA
    pop es
    test byte [es:B_EQUIP], 1
    jz .first
    add byte [es:B_EQUIP], 0x40
.first:
    or byte [es:B_EQUIP], 1
    pop es
    ret

; Int 13h for the emulated drive, and 4Bh for any drive while there is an emulation.
cdemu:
    ENTER_INT
    sti
    push SEG_EBDA
    pop ds
    mov bl, [E_CDUNIT]
    call drive_ptr
    mov al, fAH
    cmp al, 0x4B
    je cd_status_frame
    cmp al, 0x02
    je cdemu_read
    cmp al, 0x04
    je cdemu_read
    cmp al, 0x08
    je cdemu_params
    cmp al, 0x15
    je cdemu_type
    cmp al, 0x03
    je .protected
    cmp al, 0x05
    je .protected
    cmp al, 0x18
    jbe .good
    mov ah, 1
    jmp cdemu_exit
.protected:
    mov ah, 3
    jmp cdemu_exit
.good:
    mov ah, 0
cdemu_exit:
    push SEG_BDA
    pop ds
    jmp disk_exit

cdemu_read:
    movzx eax, fCH
    mov ah, fCL
    shr ah, 6
    cmp ax, [E_CDCYLS]
    jae .no_sector
    movzx ecx, byte [E_CDHEADS]
    mul ecx
    movzx ebx, fDH
    cmp bl, [E_CDHEADS]
    jae .no_sector
    add eax, ebx
    movzx ecx, byte [E_CDSPT]
    mul ecx
    movzx ebx, fCL
    and bl, 0x3F
    jz .no_sector
    cmp bl, [E_CDSPT]
    ja .no_sector
    dec bx
    add eax, ebx
    add eax, [E_CDLBA]
    movzx ecx, fAL
    cmp fAH, 4
    je cdemu.good
    mov es, fES
    mov di, fBX
    jecxz .none
    call cd_read512
    jnc cdemu_exit
    mov byte [bp+28], 0
    jmp cdemu_exit
.no_sector:
    mov ah, 4
    jmp cdemu_exit
.none:
    mov ah, 1
    jmp cdemu_exit

cdemu_params:
    mov ax, [E_CDCYLS]
    dec ax
    mov fCH, al
    shl ah, 6
    or ah, [E_CDSPT]
    mov fCL, ah
    mov al, [E_CDHEADS]
    dec al
    mov fDH, al
    push SEG_BDA
    pop es
    cmp byte [E_CDDRIVE], 0x80
    je .disk
    mov al, [es:B_EQUIP]
    shr al, 6
    inc al
    mov fDL, al
    mov al, [E_CDMEDIA]         ; 1.2M, 1.44M, 2.88M: types 2, 4, 6
    shl al, 1
    mov ah, 0
    mov fBX, ax
    mov word [bp+0], 0xEFC7
    mov fES, cs
    jmp cdemu.good
.disk:
    mov al, [es:B_HDCOUNT]
    mov fDL, al
    jmp cdemu.good

cdemu_type:
    CLR_CF
    mov fAH, 1
    cmp byte [E_CDDRIVE], 0x80
    jne .done
    mov fAH, 3
    movzx eax, word [E_CDCYLS]
    movzx ecx, byte [E_CDHEADS]
    mul ecx
    movzx ecx, byte [E_CDSPT]
    mul ecx
    mov fDX, ax
    shr eax, 16
    mov fCX, ax
.done:
    LEAVE_INT

; AH=4B: AL 0 end the emulation, 1 status only; packet of 13h bytes at DS:SI.
cd_status:
    ENTER_INT
cd_status_frame:
    push SEG_EBDA
    pop ds
    mov al, [E_CDEMU]
    test al, al
    mov ah, 1
    jz cdemu_exit
    cmp fAL, 1
    ja cdemu_exit
    mov es, fDS
    mov di, fSI
    mov byte [es:di], 0x13
    mov al, [E_CDMEDIA]
    mov [es:di + 1], al
    mov al, [E_CDDRIVE]
    mov [es:di + 2], al
    mov al, [E_CDUNIT]
    mov ah, al
    shr al, 1
    mov [es:di + 3], al
    mov eax, [E_CDLBA]
    shr eax, 2
    mov [es:di + 4], eax
    movzx ax, byte [E_CDUNIT]
    and al, 1
    mov [es:di + 8], ax
    mov word [es:di + 10], 0
    mov ax, [E_CDSEG]
    mov [es:di + 12], ax
    mov ax, [E_CDCOUNT]
    mov [es:di + 14], ax
    mov ax, [E_CDCYLS]
    mov [es:di + 16], al
    shl ah, 6
    or ah, [E_CDSPT]
    mov [es:di + 17], ah
    mov al, [E_CDHEADS]
    mov [es:di + 18], al
    cmp fAL, 0
    jne cdemu.good
    mov al, [E_CDEMU]
    mov byte [E_CDEMU], 0
    cmp al, 4
    jne cdemu.good
    push SEG_BDA
    pop es
    dec byte [es:B_HDCOUNT]
    jmp cdemu.good
