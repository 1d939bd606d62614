; SPDX-License-Identifier: MIT
; disk.asm - int 13h for hard disks: CHS functions 00-15 and EDD 3.0 packets 41-48.
section .f16
bits 16

; POST: 512 bytes of IDENTIFY at 0:SCRATCH describe the disk at SI. DS = F000.
disk_found:
    mov byte [si + drv.type], 1
    push SCRATCH >> 4
    pop es
    mov ax, [es:2]
    mov [si + drv.pcyl], ax
    mov ax, [es:6]
    mov [si + drv.phead], ax
    mov ax, [es:12]
    mov [si + drv.pspt], ax
    mov eax, [es:120]
    xor edx, edx
    test byte [es:167], 0x04    ; word 83 bit 10: LBA48
    jz .lba28
    mov byte [si + drv.lba48], 1
    mov ecx, [es:200]
    mov edx, [es:204]
    mov ebx, ecx
    or ebx, edx
    jz .lba28
    mov eax, ecx
    movzx edx, dx
.lba28:
    test eax, eax
    jnz .sized
    test edx, edx
    jnz .sized
    movzx eax, word [si + drv.pcyl]
    movzx ecx, word [si + drv.phead]
    mul ecx
    movzx ecx, word [si + drv.pspt]
    mul ecx
.sized:
    mov [si + drv.sects], eax
    mov [si + drv.sects + 4], edx
    call disk_translate
    call ata_model
    push es
    push SEG_BDA
    pop es
    movzx bx, byte [es:B_HDCOUNT]
    inc byte [es:B_HDCOUNT]
    pop es
    mov al, [si + drv.chan]
    mov [hd_map + bx], al
    cmp bx, 2
    jae .report
    call disk_fdpt
.report:
    mov ax, .text
    jmp ata_report
.text: db "disk ", 0

; The geometry programs see: the drive's own up to 1024 cylinders, else LBA assisted.
disk_translate:
    mov ax, [si + drv.pcyl]
    mov cx, [si + drv.phead]
    mov bx, [si + drv.pspt]
    test ax, ax
    jz .assist
    cmp ax, 1024
    ja .assist
    cmp cx, 16
    ja .assist
    cmp bx, 63
    jbe .set
.assist:
    mov byte [si + drv.trans], 1
    mov eax, [si + drv.sects]
    cmp dword [si + drv.sects + 4], 0
    jne .huge
    mov cx, 16
    xor edx, edx
    mov ebx, 63 * 1024
    div ebx                     ; heads needed for 1024 cylinders
    cmp eax, 16
    jb .heads
    mov cx, 32
    cmp eax, 32
    jb .heads
    mov cx, 64
    cmp eax, 64
    jb .heads
    mov cx, 128
    cmp eax, 128
    jb .heads
.huge:
    mov cx, 255
.heads:
    movzx ebx, cx
    imul ebx, 63
    mov eax, [si + drv.sects]
    xor edx, edx
    cmp dword [si + drv.sects + 4], 0
    jne .most
    div ebx
    cmp eax, 1024
    jbe .cylinders
.most:
    mov ax, 1024
.cylinders:
    mov bx, 63
.set:
    mov [si + drv.lcyl], ax
    mov [si + drv.lhead], cx
    mov [si + drv.lspt], bx
    ret

; Fixed disk parameter table BX (0, 1) in the EBDA; translated ones carry A0h and a checksum.
disk_fdpt:
    push SEG_EBDA
    pop es
    shl bx, 4
    lea di, [bx + E_FDPT0]
    mov ax, [si + drv.lcyl]
    mov [es:di], ax
    mov ax, [si + drv.lhead]
    mov [es:di + 2], al
    mov word [es:di + 5], 0xFFFF
    mov al, 0xC0
    cmp word [si + drv.lhead], 8
    jbe .control
    or al, 8
.control:
    mov [es:di + 8], al
    mov ax, [si + drv.lcyl]
    mov [es:di + 12], ax
    mov ax, [si + drv.lspt]
    mov [es:di + 14], al
    cmp byte [si + drv.trans], 0
    je .done
    mov byte [es:di + 3], 0xA0
    mov ax, [si + drv.pspt]
    mov [es:di + 4], al
    mov ax, [si + drv.pcyl]
    mov [es:di + 9], ax
    mov ax, [si + drv.phead]
    mov [es:di + 11], al
    mov cx, 15
    xor al, al
.sum:
    add al, [es:di]
    inc di
    loop .sum
    neg al
    mov [es:di], al
.done:
    ret

; SI = drive, frame on the stack.
disk_function:
    movzx bx, fAH
    cmp bl, 0x15
    ja .edd
    shl bx, 1
    jmp [cs:.table + bx]
.edd:
    sub bl, 0x41
    jb .bad
    cmp bl, 0x48 - 0x41
    ja .bad
    shl bx, 1
    jmp [cs:.edd_table + bx]
.bad:
    mov ah, 1
    jmp disk_exit
.table:
    dw hd_reset, hd_status, hd_rw, hd_rw, hd_rw, .bad, .bad, .bad
    dw hd_params, hd_ok, .bad, .bad, hd_seek, hd_reset, .bad, .bad
    dw hd_ready, hd_ok, .bad, .bad, hd_ok, hd_type
.edd_table:
    dw edd_check, edd_rw, edd_rw, edd_rw, edd_lock, edd_lock, edd_rw, edd_params

hd_reset:
    call ata_select
    mov ah, 0x05
    jc disk_exit
hd_ok:
    mov ah, 0
    jmp disk_exit

hd_status:
    xor ah, ah
    xchg ah, [B_HDSTATUS]
    jmp disk_exit_quiet

hd_ready:
    call ata_select
    mov ah, 0x80
    jc disk_exit
    and al, 0x60
    cmp al, 0x40
    mov ah, 0
    je disk_exit
    mov ah, 0xAA
    jmp disk_exit

; CHS of the frame -> EAX = LBA. CF = 1: outside the geometry.
hd_chs:
    movzx eax, fCH
    mov ah, fCL
    shr ah, 6
    cmp ax, [cs:si + drv.lcyl]
    jae .bad
    movzx ecx, word [cs:si + drv.lhead]
    movzx ebx, fDH
    cmp bx, cx
    jae .bad
    mul ecx
    add eax, ebx
    movzx ecx, word [cs:si + drv.lspt]
    mul ecx
    movzx ebx, fCL
    and bl, 0x3F
    jz .bad
    cmp bx, cx
    ja .bad
    dec bx
    add eax, ebx
    clc
    ret
.bad:
    stc
    ret

hd_seek:
    jmp hd_ok

; 02 read, 03 write, 04 verify: AL sectors, ES:BX.
hd_rw:
    call hd_chs
    jc .no_sector
    xor edx, edx
    movzx cx, fAL
    cmp cl, 1
    jb disk_function.bad
    cmp cl, 128
    ja disk_function.bad
    mov es, fES
    mov di, fBX
    mov bl, fAH
    call disk_transfer
    mov byte [bp+28], bl
    jmp disk_exit
.no_sector:
    mov ah, 4
    jmp disk_exit

; BL = 2, 3, 4 as the functions; EDX:EAX = LBA, CX = sectors (1-256), ES:DI.
; AH = status; BX = sectors done.
disk_transfer:
    push cx
    call disk_bounds
    jc .failed
    call es_normal
    cmp bl, 3
    je .write
    mov bh, 0x24
    cmp bl, 4
    mov bl, 0x20
    je .verify
    push di
    call ata_command
    pop di
    jc .failed
    mov bx, 256
    call ata_pio_in
    jmp .finish
.write:
    mov bx, 0x3430
    push di
    call ata_command
    pop di
    jc .failed
    mov bx, 256
    call ata_pio_out
    jmp .finish
.verify:
    mov bx, 0x4240
    call ata_command
    jc .failed
    push cx
    mov cx, 180
    call ata_wait
    pop cx
    mov ah, 0x80
    jc .finish
    call ata_error
    jc .finish
    xor cx, cx
.finish:
    call ata_finish
    pop bx
    sub bx, cx
    ret
.failed:
    call ata_finish
    pop bx
    xor bx, bx
    ret

; The last sector must exist. CF = 1, AH = 04.
disk_bounds:
    push edi
    push ebx
    movzx ebx, cx
    mov edi, edx
    add ebx, eax
    adc edi, 0
    cmp edi, [cs:si + drv.sects + 4]
    jb .good
    ja .bad
    cmp ebx, [cs:si + drv.sects]
    ja .bad
.good:
    pop ebx
    pop edi
    clc
    ret
.bad:
    pop ebx
    pop edi
    mov ah, 4
    stc
    ret

hd_params:
    mov ax, [cs:si + drv.lcyl]
    dec ax                      ; last cylinder
    mov fCH, al
    shl ah, 6
    or ah, [cs:si + drv.lspt]
    mov fCL, ah
    mov ax, [cs:si + drv.lhead]
    dec ax
    mov fDH, al
    mov al, [B_HDCOUNT]
    mov fDL, al
    mov fAL, 0
    jmp hd_ok

; 15: AH = 3, CX:DX = sectors of the CHS view.
hd_type:
    movzx eax, word [cs:si + drv.lcyl]
    movzx ecx, word [cs:si + drv.lhead]
    mul ecx
    movzx ecx, word [cs:si + drv.lspt]
    mul ecx
    mov fDX, ax
    shr eax, 16
    mov fCX, ax
    mov byte [B_HDSTATUS], 0
    mov fAH, 3
    CLR_CF
    LEAVE_INT

edd_check:
    cmp fBX, 0x55AA
    mov ah, 1
    jne disk_exit
    mov fBX, 0xAA55
    mov fAH, 0x30               ; EDD 3.0
    mov fCX, 7                  ; packets, locking, tables
    mov byte [B_HDSTATUS], 0
    CLR_CF
    LEAVE_INT

edd_lock:                       ; not removable: locked is what it always is
    jmp hd_ok

; 42 read, 43 write, 44 verify, 47 seek: packet at DS:SI of the caller.
edd_rw:
    push ds
    mov ds, fDS
    mov bx, fSI
    cmp byte [bx], 16
    jb .bad
    movzx ecx, word [bx + 2]
    mov eax, [bx + 8]
    mov edx, [bx + 12]
    les di, [bx + 4]
    pop ds
    mov bl, fAH
    cmp bl, 0x47
    je .seek
    jcxz .empty
    cmp cx, 128
    ja .bad_count
    and bl, 0x0F
    call disk_transfer
    test ah, ah
    jz .exit
    push ds
    mov ds, fDS
    mov si, fSI
    mov [si + 2], bx            ; blocks done
    pop ds
.exit:
    jmp disk_exit
.empty:
    jmp hd_ok
.seek:
    mov cx, 1
    call disk_bounds
    jc disk_exit
    jmp hd_ok
.bad:
    pop ds
.bad_count:
    mov ah, 1
    jmp disk_exit

; 48: the buffer's own length says which version of the table fits (26, 30 or 74 bytes).
edd_params:
    mov es, fDS
    mov di, fSI
    mov cx, [es:di]
    cmp cx, 26
    mov ah, 1
    jb disk_exit
    mov word [es:di], 26
    mov ax, 0x0002              ; geometry valid
    mov [es:di + 2], ax
    movzx eax, word [cs:si + drv.pcyl]
    mov [es:di + 4], eax
    movzx eax, word [cs:si + drv.phead]
    mov [es:di + 8], eax
    movzx eax, word [cs:si + drv.pspt]
    mov [es:di + 12], eax
    mov eax, [cs:si + drv.sects]
    mov [es:di + 16], eax
    mov eax, [cs:si + drv.sects + 4]
    mov [es:di + 20], eax
    mov word [es:di + 24], 512
    call edd_tables
    jmp hd_ok

; The parts of 48h after the size, for disks and CDs. CX = caller's length, ES:DI buffer.
edd_tables:
    cmp cx, 30
    jb .done
    mov word [es:di], 30
    mov dword [es:di + 26], (SEG_EBDA << 16) | E_DPTE
    call edd_dpte
    cmp cx, 74
    jb .done
    mov word [es:di], 74
    mov word [es:di + 30], 0xBEDD
    mov byte [es:di + 32], 44
    mov byte [es:di + 33], 0
    mov word [es:di + 34], 0
    mov dword [es:di + 36], 'PCI '
    mov dword [es:di + 40], 'ATA '
    mov dword [es:di + 44], 0x20202020
    cmp word [cs:si + drv.bm], 0
    mov dword [es:di + 48], 0x00010100  ; bus 0, device 1, function 1
    jne .path
    mov dword [es:di + 36], 'ISA '
    movzx eax, word [cs:si + drv.base]
    mov [es:di + 48], eax
.path:
    movzx eax, byte [cs:si + drv.chan]
    shr al, 1                   ; the channel of the PCI function
    mov byte [es:di + 51], al
    mov dword [es:di + 52], 0
    mov al, [cs:si + drv.unit]
    shr al, 4
    movzx eax, al
    mov [es:di + 56], eax
    xor eax, eax
    mov [es:di + 60], eax
    mov [es:di + 64], eax
    mov [es:di + 68], eax
    mov byte [es:di + 72], al
    push di
    add di, 30
    mov bx, 43
    call sum_to_zero
    pop di
.done:
    ret

; Device parameter table extension in the EBDA.
edd_dpte:
    push es
    push di
    push cx
    push SEG_EBDA
    pop es
    mov di, E_DPTE
    mov ax, [cs:si + drv.base]
    mov [es:di], ax
    mov ax, [cs:si + drv.ctl]
    mov [es:di + 2], ax
    mov al, [cs:si + drv.unit]
    or al, 0xE0
    mov [es:di + 4], al
    mov byte [es:di + 5], 0
    mov al, 14
    test byte [cs:si + drv.chan], 2
    jz .irq
    inc al
.irq:
    mov [es:di + 6], al
    mov byte [es:di + 7], 0
    mov word [es:di + 8], 0
    mov ax, 0x0010              ; LBA
    cmp byte [cs:si + drv.trans], 0
    je .plain
    or al, 0x08
.plain:
    cmp byte [cs:si + drv.type], 2
    jne .disk
    or al, 0x40 | 0x20          ; ATAPI, removable
.disk:
    mov [es:di + 10], ax
    mov word [es:di + 12], 0
    mov byte [es:di + 14], 0x11
    mov bx, 15
    call sum_to_zero
    pop cx
    pop di
    pop es
    ret

; Byte at ES:DI+BX makes the BX bytes before it sum to 0.
sum_to_zero:
    push si
    xor al, al
    xor si, si
.next:
    push bx
    mov bx, si
    add al, [es:di + bx]
    pop bx
    inc si
    cmp si, bx
    jb .next
    neg al
    mov si, bx
    push bx
    mov bx, si
    mov [es:di + bx], al
    pop bx
    pop si
    ret
