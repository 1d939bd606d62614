; SPDX-License-Identifier: MIT
; post.asm - the 16-bit half of POST: vectors, data area, chips, devices, then boot.
section .f16
bits 16

post:
    mov eax, post_stage32
    call call32
    xor ax, ax
    mov ds, ax
    mov es, ax
    lidt [cs:real_idt]
    mov bx, [0x472]             ; 1234h: warm boot
    xor di, di
    mov cx, 0x500 / 2
    cld
    rep stosw
    mov [0x472], bx
    call ivt_init
    call bda_init
    call pic_init
    call timer_init
    call dma_init
    call rtc_init
    call vga_start
    call kbd_init
    sti
    mov si, msg_banner
    call puts
    call com_init
    call lpt_init
    call floppy_init
    call mouse_init
    call ata_init
    call optrom_scan
    call boot_menu
    call direct_boot
    mov eax, lock_shadow
    call call32
    int 0x19
.stop:
    hlt
    jmp .stop

real_idt:
    dw 0x3FF
    dd 0

; Interrupts 00-77: the classic table, then what an AT adds.
ivt_init:
    mov di, 0
    mov cx, 0x78
.default:
    mov ax, int_dummy
    stosw
    mov ax, SEG_BIOS
    stosw
    loop .default
    mov si, ivt_list
.entry:
    cs lodsb
    cmp al, 0xFF
    je .done
    movzx di, al
    shl di, 2
    cs lodsw
    stosw
    jmp .entry
.done:
    xor eax, eax
    mov di, 0x60 * 4            ; 60-67 are the user's: zero
    mov cx, 8
    rep stosd
    mov word [0x1E * 4], 0xEFC7
    mov dword [0x41 * 4], (SEG_EBDA << 16) | E_FDPT0
    mov dword [0x46 * 4], (SEG_EBDA << 16) | E_FDPT1
    ret

%macro IV 2
    db %1
    dw %2
%endmacro
ivt_list:
    IV 0x02, 0xE2C3
    IV 0x05, 0xFF54
    IV 0x08, 0xFEA5
    IV 0x09, 0xE987
    IV 0x0A, irq_dummy
    IV 0x0B, irq_dummy
    IV 0x0C, irq_dummy
    IV 0x0D, irq_dummy
    IV 0x0E, 0xEF57
    IV 0x0F, irq_dummy
    IV 0x10, 0xF065
    IV 0x11, 0xF84D
    IV 0x12, 0xF841
    IV 0x13, 0xE3FE
    IV 0x14, 0xE739
    IV 0x15, 0xF859
    IV 0x16, 0xE82E
    IV 0x17, 0xEFD2
    IV 0x18, int18
    IV 0x19, 0xE6F2
    IV 0x1A, 0xFE6E
    IV 0x40, 0xEC59
    IV 0x70, irq8
    IV 0x71, irq9
    IV 0x72, irq_dummy2
    IV 0x73, irq_dummy2
    IV 0x74, irq12
    IV 0x75, irq13
    IV 0x76, irq14
    IV 0x77, irq15
    db 0xFF

bda_init:
    push SEG_EBDA
    pop es
    xor di, di
    mov cx, 0x200
    xor ax, ax
    rep stosw
    mov byte [es:E_SIZE], 1
    push SEG_BDA
    pop ds
    mov word [B_EBDA], SEG_EBDA
    mov word [B_MEMKB], 639
    mov word [B_EQUIP], 0x0020  ; 80x25 colour; the rest is added as it is found
    mov word [B_KBHEAD], B_KBBUF
    mov word [B_KBTAIL], B_KBBUF
    mov word [B_KBSTART], B_KBBUF
    mov word [B_KBEND], B_KBBUF + 32
    mov byte [B_KBMODE], 0x10   ; enhanced keyboard
    mov dword [B_LPTTMO], 0x14141414
    mov dword [B_COMTMO], 0x01010101
    mov byte [0x84], 24
    mov al, 0x14                ; CMOS 14h bit 1: a coprocessor
    call cmos_read
    and al, 2
    or [B_EQUIP], al
    xor ax, ax
    mov ds, ax
    ret

pic_init:
    mov al, 0x11
    out 0x20, al
    out 0xA0, al
    mov al, 0x08
    out 0x21, al
    mov al, 0x70
    out 0xA1, al
    mov al, 4
    out 0x21, al
    mov al, 2
    out 0xA1, al
    mov al, 1
    out 0x21, al
    out 0xA1, al
    mov al, 0xB8                ; timer, keyboard, cascade, floppy
    out 0x21, al
    mov al, 0x8F                ; 12 to 14 (15 with the second channel)
    out 0xA1, al
    ret

timer_init:
    mov al, 0x36
    out 0x43, al
    xor al, al
    out 0x40, al
    out 0x40, al
    mov al, 0x54                ; channel 1: the old refresh rate
    out 0x43, al
    mov al, 0x12
    out 0x41, al
    mov al, 0xB6
    out 0x43, al
    mov ax, 0x0533
    out 0x42, al
    mov al, ah
    out 0x42, al
    in al, 0x61
    and al, 0xF0                ; speaker off, NMI sources on
    out 0x61, al
    ret

dma_init:
    xor al, al
    out 0x0D, al
    out 0xDA, al
    mov al, 0xC0                ; channel 4 cascades
    out 0xD6, al
    xor al, al
    out 0xD4, al
    out 0x0A, al
    ret

rtc_init:
    mov ah, 0x26
    CMOS_WR 0x0A
    mov ah, 0x02
    CMOS_WR 0x0B
    CMOS_RD 0x0C
    CMOS_RD 0x0D
    jmp ticks_from_rtc

vga_start:
    mov dword [0x42 * 4], (SEG_BIOS << 16) | 0xF065
    push 0xC000
    pop ds
    cmp word [0], 0xAA55
    jne .none
    call 0xC000:0x0003
    xor ax, ax
    mov ds, ax
    mov es, ax
    ret
.none:                          ; no display: int 10h does nothing
    xor ax, ax
    mov ds, ax
    mov word [0x10 * 4], int_dummy
    ret

msg_banner: db "godwit BIOS", 13, 10, 0
