; SPDX-License-Identifier: MIT
; int19.asm - int 18h, int 19h: the boot order, the boot menu, the boot sector.
; Order as QEMU stores it: CMOS 3Dh low nibble, high nibble, 38h high nibble; 1 floppy, 2 disk,
; 3 CD, 4 network. CMOS 38h bit 0: a floppy may boot without 55AA.
section .f16
bits 16

int18:                          ; what was booted gave up: try the next device
    sti
    xor ax, ax
    mov ss, ax
    mov sp, 0x7C00
    jmp boot_next

int19:
    cli
    xor ax, ax
    mov ss, ax
    mov sp, 0x7C00
    sti
    cld
    push SEG_EBDA
    pop ds
    mov byte [E_BOOTSEQ], 0
    mov byte [E_CDEMU], 0

; Device by device: E_BOOTSEQ is the position in the order.
boot_next:
    push SEG_EBDA
    pop ds
    movzx bx, byte [E_BOOTSEQ]
    inc byte [E_BOOTSEQ]
    mov al, [cs:menu_choice]
    test al, al
    jz .order
    cmp bl, 0
    je .chosen
    dec bx
.order:
    cmp bl, 3
    jae .nothing
    CMOS_RD 0x3D
    cmp bl, 1
    jb .low
    je .high
    CMOS_RD 0x38
.high:
    shr al, 4
.low:
    and al, 0x0F
.chosen:
    mov si, boot_next           ; where to go on when it fails
    push si
    cmp al, 1
    je boot_floppy
    cmp al, 2
    je boot_disk
    cmp al, 3
    je boot_cd
    cmp al, 4
    je boot_net
    ret
.nothing:
    mov si, msg_nothing
    call puts
.halt:
    sti
    hlt
    jmp .halt

boot_floppy:
    push SEG_BDA
    pop ds
    test byte [B_EQUIP], 1
    jz .none
    mov si, msg_floppy
    call puts
    xor dl, dl
    call boot_sector
    jnc .run
.none:
    ret
.run:
    CMOS_RD 0x38
    test al, 1
    jnz .go
    cmp word [es:0x7DFE], 0xAA55
    jne boot_invalid
.go:
    jmp boot_enter

boot_disk:
    push SEG_BDA
    pop ds
    cmp byte [B_HDCOUNT], 0
    je boot_floppy.none
    mov si, msg_disk
    call puts
    mov dl, 0x80
    call boot_sector
    jc boot_floppy.none
    cmp word [es:0x7DFE], 0xAA55
    jne boot_invalid
boot_enter:                     ; DL = drive
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7C00
    xor bx, bx
    xor cx, cx
    xor si, si
    xor di, di
    xor bp, bp
    mov dh, bh
    push ax
    push word 0x7C00
    mov ax, 0xAA55
    retf
boot_invalid:
    mov si, msg_invalid
    call puts
    ret

; First sector of drive DL to 0:7C00; ES = 0. CF = 1 when it cannot be read.
boot_sector:
    xor ax, ax
    mov es, ax
    mov cx, 4
.try:
    push cx
    mov ax, 0x0201
    mov bx, 0x7C00
    mov cx, 1
    mov dh, 0
    int 0x13
    pop cx
    jnc .done
    cmp ah, 0x80
    je .failed
    push cx
    xor ax, ax
    int 0x13
    pop cx
    loop .try
.failed:
    mov si, msg_unread
    call puts
    stc
.done:
    ret

boot_net:                       ; an option ROM that offers to boot has hooked int 18h or has a BEV
    mov eax, [cs:bev_entry]
    test eax, eax
    jz boot_floppy.none
    mov si, msg_net
    call puts
    push cs
    push word .back
    push eax
    retf
.back:
    sti
    jmp boot_next

; F12 asks for a device. Waits only if the machine wants a menu (fw_cfg item 0Eh).
boot_menu:
    mov eax, fw_bootmenu
    call call32
    test al, 1
    jz .no_wait
    shr eax, 16
    mov bx, 55
    xor dx, dx
    div bx
    inc ax
    push ax
    mov si, msg_f12
    call puts
    pop ax
    call tick_deadline
    mov bx, ax
.wait:
    call .f12
    je .menu
    mov ax, bx
    call tick_passed
    jnc .done
    hlt
    jmp .wait
.no_wait:                       ; a key typed ahead is for the guest, unless it is ours
    mov ah, 0x11
    int 0x16
    jz .done
    cmp ah, 0x86
    je .wanted
    cmp ax, 0x011B              ; Esc, for people who know SeaBIOS
    jne .done
.wanted:
    call .f12
    jmp .menu
.done:
    ret
.f12:                           ; ZF = 1: F12 was hit
    mov ah, 0x11
    int 0x16
    jz .no_key
    mov ah, 0x10
    int 0x16
    cmp ah, 0x86
    je .got
    cmp ax, 0x011B
.got:
    ret
.no_key:
    or al, 1
    ret
.menu:
    mov si, msg_menu
    call puts
.key:
    mov ah, 0x10
    int 0x16
    cmp al, 0x1B
    je .done
    sub al, '0'
    cmp al, 1
    jb .key
    cmp al, 4
    ja .key
    push SEG_BIOS
    pop ds
    mov [menu_choice], al
    xor bx, bx
    mov ds, bx
    add al, '0'
    call putc
    mov si, msg_crlf
    jmp puts

menu_choice: db 0
align 4
bev_entry:   dd 0
msg_f12:     db "Press F12 for a boot menu", 13, 10, 0
msg_menu:    db 13, 10, "Boot from:  1 floppy  2 hard disk  3 CD-ROM  4 network"
             db "  Esc: as configured", 13, 10, "> ", 0
msg_crlf:    db 13, 10, 0
msg_floppy:  db "Booting from floppy...", 13, 10, 0
msg_disk:    db "Booting from hard disk...", 13, 10, 0
msg_cd:      db "Booting from CD-ROM...", 13, 10, 0
msg_net:     db "Booting from network...", 13, 10, 0
msg_unread:  db "Boot failed: the disk cannot be read", 13, 10, 0
msg_invalid: db "Boot failed: not a bootable disk", 13, 10, 0
msg_nothing: db "No bootable device.", 13, 10
             db "Give the machine a disk, a CD, a floppy or a kernel, "
             db "and start it again.", 13, 10, 0
