; SPDX-License-Identifier: MIT
; cdrom.asm - ATAPI CD-ROM: int 13h packets on drive E0h and up, El Torito boot with emulation.
; SI = struct drv. The 12-byte packet is built at E_DAPBUF.
section .f16
bits 16

CD_BLOCK    equ 2048

; POST: an ATAPI unit answered; DS = F000, SI = unit, IDENTIFY at SCRATCH.
cd_found:
    push SCRATCH >> 4
    pop es
    mov al, [es:1]
    and al, 0x1F
    cmp al, 5                   ; only CD-ROMs
    jne .none
    mov byte [si + drv.type], 2
    call ata_model
    movzx bx, byte [cd_count]
    mov al, [si + drv.chan]
    mov [cd_map + bx], al
    inc byte [cd_count]
    mov ax, .text
    jmp ata_report
.none:
    ret
.text: db "CD-ROM ", 0

packet_clear:                   ; DS = EBDA after it
    push SEG_EBDA
    pop ds
    xor eax, eax
    mov [E_DAPBUF], eax
    mov [E_DAPBUF + 4], eax
    mov [E_DAPBUF + 8], eax
    mov [E_SKIP], eax
    mov [E_WANT], eax
    ret

; Send the packet; E_SKIP words are dropped, E_WANT words go to ES:DI, the rest is dropped.
; CF = 1, AH = BIOS status. DS = EBDA.
packet_run:
    push dx
    call ata_select
    jc .timeout
    mov dx, [cs:si + drv.base]
    inc dx
    xor al, al                  ; PIO
    out dx, al
    add dx, 3
    out dx, al                  ; up to F800h bytes at a time
    inc dx
    mov al, 0xF8
    out dx, al
    add dx, 2
    mov al, 0xA0
    out dx, al
    mov dx, [cs:si + drv.ctl]
    in al, dx
    in al, dx
    in al, dx
    in al, dx
    mov cx, 180
    call ata_wait
    jc .timeout
    test al, 1
    jnz .error
    test al, 8
    jz .error
    mov dx, [cs:si + drv.base]
    push si
    mov si, E_DAPBUF
    mov cx, 6
    rep outsw
    pop si
    mov dx, [cs:si + drv.ctl]
    in al, dx
    in al, dx
    in al, dx
    in al, dx
.data:
    mov cx, 900                 ; a drive may spin up
    call ata_wait
    jc .timeout
    test al, 1
    jnz .error
    test al, 8
    jz .good
    call packet_data
    jmp .data
.good:
    call ata_finish
    pop dx
    mov ah, 0
    clc
    ret
.error:
    call ata_finish
    pop dx
    mov ah, 0x20
    stc
    ret
.timeout:
    call ata_finish
    pop dx
    mov ah, 0x80
    stc
    ret

packet_data:                    ; one block of data that the drive offers
    mov dx, [cs:si + drv.base]
    add dx, ATA_LBA2
    in al, dx
    mov ah, al
    dec dx
    in al, dx
    movzx ecx, ax
    inc ecx
    shr ecx, 1
    sub dx, ATA_LBA1
    mov ebx, [E_SKIP]
    call .part
    sub [E_SKIP], ebx
    sub ecx, ebx
    push cx
    mov cx, bx
    jcxz .skipped
.drop:
    in ax, dx
    loop .drop
.skipped:
    pop cx
    mov ebx, [E_WANT]
    call .part
    sub [E_WANT], ebx
    sub ecx, ebx
    push cx
    mov cx, bx
    call es_normal
    rep insw
    call es_normal
    pop cx
    jcxz .done
.rest:
    in ax, dx
    loop .rest
.done:
    ret
.part:                          ; EBX = the lesser of EBX and ECX
    cmp ebx, ecx
    jbe .keep
    mov ebx, ecx
.keep:
    ret

; READ: EAX = 512-byte sector, ECX = sectors, buffer ES:DI. Tries again while the drive gets
; ready. CF = 1, AH = status. Keeps DS.
cd_read512:
    push ds
    mov dx, 5
.again:
    push eax
    push ecx
    push dx
    push es
    push di
    mov ebx, eax
    mov edx, ecx
    call packet_clear
    movzx eax, bl
    and al, 3
    add ecx, eax                ; from the block's start
    add ecx, 3
    shr ecx, 2
    shl eax, 8
    mov [E_SKIP], eax
    shl edx, 8
    mov [E_WANT], edx
    shr ebx, 2
    bswap ebx
    mov byte [E_DAPBUF], 0x28
    mov [E_DAPBUF + 2], ebx
    xchg cl, ch
    mov [E_DAPBUF + 7], cx
    call packet_run
    pop di
    pop es
    jnc .read
    call cd_sense
    pop dx
    pop ecx
    cmp ah, 0x31                ; nothing in it: no use
    je .failed
    pop eax
    dec dx
    jnz .again
    push eax
    mov ah, 0x20
.failed:
    add sp, 4
    pop ds
    stc
    ret
.read:
    pop dx
    pop ecx
    pop eax
    pop ds
    mov ah, 0
    clc
    ret

; REQUEST SENSE -> AH: 31h no medium, 20h other. Becoming ready: waits half a second.
cd_sense:
    push es
    push di
    call packet_clear
    mov byte [E_DAPBUF], 0x03
    mov byte [E_DAPBUF + 4], 18
    mov dword [E_WANT], 9
    push SEG_EBDA
    pop es
    mov di, E_SENSE
    call packet_run
    mov ah, 0x20
    jc .done
    mov al, [E_SENSE + 2]
    and al, 0x0F
    cmp al, 2
    jne .done
    cmp byte [E_SENSE + 12], 0x3A
    mov ah, 0x31
    je .done
    mov ah, 0x20
    cmp byte [E_SENSE + 12], 0x04
    jne .done
    push cx
    mov cx, 9
    call wait_ticks
    pop cx
.done:
    pop di
    pop es
    ret

; Int 13h on a CD drive: frame on the stack, SI = unit.
cd_function:
    mov al, fAH
    test al, al
    je hd_ok
    cmp al, 0x01
    je hd_status
    cmp al, 0x09
    je hd_ok
    cmp al, 0x0D
    je hd_ok
    cmp al, 0x10
    je cd_ready
    cmp al, 0x11
    je hd_ok
    cmp al, 0x15
    je .type
    cmp al, 0x41
    je edd_check
    cmp al, 0x42
    je cd_packet
    cmp al, 0x43
    je .protected
    cmp al, 0x44
    je hd_ok
    cmp al, 0x45
    je cd_lock
    cmp al, 0x46
    je cd_eject
    cmp al, 0x47
    je hd_ok
    cmp al, 0x48
    je cd_params
    cmp al, 0x49
    je hd_ok
    cmp al, 0x03
    je .protected
    mov ah, 1
    jmp disk_exit
.protected:
    mov ah, 3
    jmp disk_exit
.type:
    mov fAH, 2
    CLR_CF
    LEAVE_INT

cd_ready:
    call packet_clear
    call packet_run
    push SEG_BDA
    pop ds
    jnc hd_ok
    mov ah, 0xAA
    jmp disk_exit

cd_packet:                      ; 42: blocks of 2048 bytes
    push ds
    mov ds, fDS
    mov bx, fSI
    cmp byte [bx], 16
    mov ah, 1
    jb .bad
    cmp dword [bx + 12], 0
    jne .bad
    movzx ecx, word [bx + 2]
    cmp cx, 0x7F
    ja .bad
    mov eax, [bx + 8]
    cmp eax, 0x3FFFFFFF
    ja .bad
    les di, [bx + 4]
    pop ds
    jcxz .empty
    shl eax, 2
    shl ecx, 2
    call cd_read512
    jmp disk_exit
.empty:
    jmp hd_ok
.bad:
    pop ds
    jmp disk_exit

cd_lock:                        ; 45: AL 0 lock, 1 unlock, 2 state
    push SEG_EBDA
    pop ds
    mov al, fAL
    cmp al, 2
    mov ah, 1
    ja .exit
    je .state
    xor al, 1
    mov [E_CDLOCK], al
    push ax
    call packet_clear
    pop ax
    mov byte [E_DAPBUF], 0x1E
    mov [E_DAPBUF + 4], al
    call packet_run
.state:
    mov al, [E_CDLOCK]
    mov fAL, al
    mov ah, 0
.exit:
    push SEG_BDA
    pop ds
    jmp disk_exit

cd_eject:                       ; 46
    push SEG_EBDA
    pop ds
    mov ah, 0xB1
    cmp byte [E_CDLOCK], 0
    jne cd_lock.exit
    call packet_clear
    mov byte [E_DAPBUF], 0x1B
    mov byte [E_DAPBUF + 4], 2
    call packet_run
    jmp cd_lock.exit

cd_params:                      ; 48
    mov es, fDS
    mov di, fSI
    mov cx, [es:di]
    cmp cx, 26
    mov ah, 1
    jb disk_exit
    mov word [es:di], 26
    mov word [es:di + 2], 0x0074    ; removable, change line, lockable, geometry not valid
    xor eax, eax
    mov [es:di + 4], eax
    mov [es:di + 8], eax
    mov [es:di + 12], eax
    dec eax
    mov [es:di + 16], eax
    mov [es:di + 20], eax
    mov word [es:di + 24], CD_BLOCK
    call edd_tables
    jmp hd_ok
