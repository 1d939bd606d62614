; SPDX-License-Identifier: MIT
; ata.asm - ATA units on the two ISA-compatible channels: find them, commands, data by PIO.
; Register numbers are offsets from the command block (1F0h, 170h). SI = struct drv throughout.
section .f16
bits 16

ATA_COUNT   equ 2
ATA_LBA1    equ 4
ATA_LBA2    equ 5
ATA_DRIVE   equ 6
ATA_STATUS  equ 7

; Wait for BSY = 0, up to CX ticks. AL = status; CF = 1: time over.
ata_wait:
    push dx
    push cx
    mov dx, [cs:si + drv.base]
    add dx, ATA_STATUS
    mov ax, cx
    mov cx, 0x400               ; look often at first, then by the clock
.fast:
    push ax
    in al, dx
    test al, 0x80
    jz .ready
    pop ax
    loop .fast
    call tick_deadline
    mov cx, ax
.slow:
    in al, dx
    test al, 0x80
    jz .ready2
    mov ax, cx
    call tick_passed
    jc .slow
    stc
    jmp .done
.ready:
    pop cx
.ready2:
    clc
.done:
    pop cx
    pop dx
    ret

; Select the unit; interrupts of the channel off. CF = 1: it stays busy.
ata_select:
    push dx
    mov dx, [cs:si + drv.ctl]
    mov al, 0x0A
    out dx, al
    push cx
    mov cx, 180
    call ata_wait
    pop cx
    jc .done
    mov dx, [cs:si + drv.base]
    add dx, ATA_DRIVE
    mov al, [cs:si + drv.unit]
    or al, 0xE0
    out dx, al
    mov dx, [cs:si + drv.ctl]   ; 400 ns
    in al, dx
    in al, dx
    in al, dx
    in al, dx
    push cx
    mov cx, 180
    call ata_wait
    pop cx
.done:
    pop dx
    ret

; After a command: interrupts of the channel on again, INTRQ cleared.
ata_finish:
    push ax
    push dx
    mov dx, [cs:si + drv.base]
    add dx, ATA_STATUS
    in al, dx
    mov dx, [cs:si + drv.ctl]
    mov al, 0x08
    out dx, al
    pop dx
    pop ax
    ret

; AL = status register -> AH = BIOS status, CF = 1 if not 0.
ata_error:
    mov ah, 0
    test al, 0x21
    jz .good
    test al, 0x20
    mov ah, 0xCC                ; drive fault
    jnz .bad
    push dx
    mov dx, [cs:si + drv.base]
    inc dx
    in al, dx
    pop dx
    mov ah, 0x0A
    test al, 0x80
    jnz .bad
    mov ah, 0x10
    test al, 0x40
    jnz .bad
    mov ah, 0x04
    test al, 0x10
    jnz .bad
    mov ah, 0x02
    test al, 0x01
    jnz .bad
    mov ah, 0x40
    test al, 0x02
    jnz .bad
    mov ah, 0x01                ; aborted
.bad:
    stc
    ret
.good:
    clc
    ret

; Issue a data command. EAX = LBA low, EDX = LBA high (only with LBA48), CX = sectors (1-256),
; BL = command for 28 bits, BH for 48. CF = 1: busy, AH = 80h.
ata_command:
    push eax
    push edx
    call ata_select
    pop edx
    pop eax
    jc .busy
    push cx
    push dx
    mov edi, eax
    test edx, edx
    jnz .lba48
    cmp eax, 0x0FFFFF00
    jae .lba48
    mov dx, [cs:si + drv.base]
    add dx, ATA_COUNT
    mov al, cl
    out dx, al
    call .low
    shr eax, 8
    and al, 0x0F
    or al, [cs:si + drv.unit]
    or al, 0xE0
    out dx, al
    inc dx
    mov al, bl
    jmp .go
.lba48:
    pop ax                      ; DX: bits 32-47
    push ax
    mov ah, 0
    mov dx, [cs:si + drv.base]
    add dx, ATA_COUNT
    mov al, ch
    out dx, al
    inc dx
    mov eax, edi
    shr eax, 24
    out dx, al
    inc dx
    pop ax
    push ax
    out dx, al
    inc dx
    mov al, ah
    out dx, al
    sub dx, 3
    mov al, cl
    out dx, al
    mov eax, edi
    call .low
    mov al, [cs:si + drv.unit]
    or al, 0x40
    out dx, al
    inc dx
    mov al, bh
.go:
    out dx, al
    mov dx, [cs:si + drv.ctl]   ; 400 ns
    in al, dx
    in al, dx
    in al, dx
    in al, dx
    pop dx
    pop cx
    clc
    ret
.low:                           ; EAX = LBA; three registers from DX + 1 on
    inc dx
    mov eax, edi
    out dx, al
    inc dx
    shr eax, 8
    out dx, al
    inc dx
    shr eax, 8
    out dx, al
    inc dx
    ret
.busy:
    mov ah, 0x80
    stc
    ret

; CX blocks of BX words from the drive to ES:DI; DI is kept small by moving ES on.
; CF = 1, AH = status; CX = blocks not done.
ata_pio_in:
    push dx
.block:
    push cx
    mov cx, 180
    call ata_wait
    pop cx
    mov ah, 0x80
    jc .done
    call ata_error
    jc .done
    test al, 8
    mov ah, 0x20
    stc
    jz .done
    mov dx, [cs:si + drv.base]
    push cx
    mov cx, bx
    rep insw
    pop cx
    call es_normal
    loop .block
    mov dx, [cs:si + drv.ctl]
    in al, dx
    mov ah, 0
    clc
.done:
    pop dx
    ret

ata_pio_out:                    ; the same towards the drive
    push dx
    push ds
.block:
    push cx
    mov cx, 180
    call ata_wait
    pop cx
    mov ah, 0x80
    jc .done
    call ata_error
    jc .done
    test al, 8
    mov ah, 0x20
    stc
    jz .done
    mov dx, [cs:si + drv.base]
    push cx
    push si
    mov cx, bx
    mov si, di
    push es
    pop ds
    rep outsw
    mov di, si
    pop si
    pop cx
    call es_normal
    loop .block
    push cx
    mov cx, 180
    call ata_wait
    pop cx
    mov ah, 0x80
    jc .done
    call ata_error
.done:
    pop ds
    pop dx
    ret

; ES:DI to the same address with DI below 16.
es_normal:
    push ax
    push dx
    mov ax, di
    shr ax, 4
    and di, 15
    mov dx, es
    add ax, dx
    mov es, ax
    pop dx
    pop ax
    ret

; Find the units of both channels. Order: 1F0 master, slave, 170 master, slave.
ata_init:
    push SEG_BIOS
    pop ds
    mov si, ata_drives
    xor bl, bl
.unit:
    push bx
    mov word [si + drv.base], 0x1F0
    mov word [si + drv.ctl], 0x3F6
    mov ax, [ide_bm]
    test bl, 2
    jz .first
    mov word [si + drv.base], 0x170
    mov word [si + drv.ctl], 0x376
    test ax, ax
    jz .first
    add ax, 8
.first:
    mov [si + drv.bm], ax
    mov [si + drv.chan], bl
    and bl, 1
    shl bl, 4
    mov [si + drv.unit], bl
    call ata_probe
    pop bx
    add si, drv.size
    inc bl
    cmp bl, MAX_ATA
    jb .unit
    push SEG_BDA
    pop ds
    in al, 0xA1                 ; IRQ 14 and 15
    and al, 0x3F
    out 0xA1, al
    xor ax, ax
    mov ds, ax
    mov es, ax
    ret

; Is there a unit at SI? Its registers must keep values; IDENTIFY tells the rest.
ata_probe:
    mov dx, [si + drv.ctl]
    mov al, 0x0A
    out dx, al
    mov dx, [si + drv.base]
    add dx, ATA_STATUS
    in al, dx
    cmp al, 0xFF                ; a floating bus
    je .none
    call ata_select
    jc .none
    mov dx, [si + drv.base]
    add dx, ATA_COUNT
    mov al, 0x55
    out dx, al
    inc dx
    mov al, 0xAA
    out dx, al
    dec dx
    in al, dx
    cmp al, 0x55
    jne .none
    inc dx
    in al, dx
    cmp al, 0xAA
    jne .none
    mov al, 0xEC
    call ata_identify
    jnc disk_found
    mov al, 0xA1
    call ata_identify
    jnc cd_found
.none:
    ret

; AL = EC or A1; 512 bytes to 0:SCRATCH. CF = 1: no answer.
ata_identify:
    push ax
    call ata_select
    pop ax
    jc .done
    mov dx, [si + drv.base]
    add dx, ATA_STATUS
    out dx, al
    mov dx, [si + drv.ctl]
    in al, dx
    in al, dx
    in al, dx
    in al, dx
    test al, al
    stc
    jz .done                    ; nobody there
    push SCRATCH >> 4
    pop es
    xor di, di
    mov cx, 1
    mov bx, 256
    call ata_pio_in
    pushf
    call ata_finish
    popf
.done:
    ret

; Model text, bytes swapped, words 27-46 of the identification.
ata_model:
    push SCRATCH >> 4
    pop es
    push si
    lea di, [si + drv.model]
    mov bx, 54
    mov cx, 20
.word:
    mov ax, [es:bx]
    xchg al, ah
    mov [di], ax
    add bx, 2
    add di, 2
    loop .word
.trim:
    mov byte [di], 0
    dec di
    cmp byte [di], ' '
    je .trim
    pop si
    ret

; "ata0 master: MODEL", AX = text of the kind.
ata_report:
    push si
    push ax
    mov al, [si + drv.chan]
    add al, '0'
    mov [.number], al
    mov si, .ata
    call puts
    pop si
    call puts
    pop si
    push si
    add si, drv.model
    call puts
    mov si, .end
    call puts
    pop si
    ret
.ata:    db "ide"
.number: db "0: ", 0
.end:    db 13, 10, 0
