; SPDX-License-Identifier: MIT
; vga_vbe_ext.asm - VBE 4F0A (32-bit calls), 4F10 (DPMS) and 4F15 (DDC with a fixed EDID).

vbe_pm:                         ; 0A: ES:DI, CX
    cmp fBL, 0
    jne vbe_bad
    mov fES, cs
    mov fDI, pm_table
    mov fCX, pm_end - pm_table
    jmp vbe_good

; 32-bit code that a program copies: window, display start, palette.
pm_table:
    dw pm_window - pm_table, pm_start - pm_table, pm_palette - pm_table, pm_ports - pm_table
pm_ports: dw 0x1CE, 0x1CF, 0x3C8, 0x3C9, 0xFFFF, 0xFFFF
bits 32
pm_window:                      ; DX = bank
    push eax
    push edx
    mov eax, edx
    mov dx, 0x1CE
    push eax
    mov ax, DISPI_BANK
    out dx, ax
    pop eax
    inc edx
    out dx, ax
    pop edx
    pop eax
    ret
pm_start:                       ; DX:CX = offset in units of four bytes
    pushad
    shl edx, 16
    mov dx, cx
    lea ebx, [edx * 4]          ; bytes
    mov dx, 0x1CE
    mov ax, DISPI_BPP
    out dx, ax
    inc edx
    in ax, dx
    movzx ecx, ax
    add ecx, 7
    shr ecx, 3
    dec edx
    mov ax, DISPI_VW
    out dx, ax
    inc edx
    in ax, dx
    movzx esi, ax
    imul esi, ecx
    xor edx, edx
    mov eax, ebx
    div esi                     ; EAX line, EDX bytes in it
    push eax
    mov eax, edx
    xor edx, edx
    div ecx
    mov ecx, eax
    mov edx, 0x1CE
    mov ax, DISPI_XO
    out dx, ax
    inc edx
    mov eax, ecx
    out dx, ax
    dec edx
    mov ax, DISPI_YO
    out dx, ax
    inc edx
    pop eax
    out dx, ax
    popad
    ret
pm_palette:                     ; CX entries from DX on, ES:EDI
    pushad
    movzx ecx, cx
    jecxz .done
    mov eax, edx
    mov dx, 0x3C8
    out dx, al
    inc edx
.next:
    mov al, [es:edi + 2]
    out dx, al
    mov al, [es:edi + 1]
    out dx, al
    mov al, [es:edi]
    out dx, al
    add edi, 4
    loop .next
.done:
    popad
    ret
bits 16
pm_end:

vbe_dpms:                       ; 10: BL 0 version, 1 set BH, 2 get
    mov bl, fBL
    cmp bl, 1
    je .set
    ja .get
    mov fBX, 0x0710             ; standby, suspend, off; 1.0
    jmp vbe_good
.set:
    mov al, fBH
    mov [0xBC], al
    test al, al
    jz .on
    mov al, 1
.on:
    call screen_off
    jmp vbe_good
.get:
    cmp bl, 2
    jne vbe_bad
    mov al, [0xBC]
    mov fBH, al
    jmp vbe_good

vbe_ddc:                        ; 15: BL 0 what there is, 1 read block DX to ES:DI
    mov bl, fBL
    cmp bl, 1
    je .read
    ja vbe_bad
    mov fBX, 0x0002             ; DDC2, no time
    jmp vbe_good
.read:
    cmp fDX, 0
    jne vbe_bad
    mov es, fES
    mov di, fDI
    mov si, edid
    mov cx, 127
    xor ah, ah
.next:
    cs lodsb
    add ah, al
    stosb
    loop .next
    mov al, ah
    neg al
    stosb
    jmp vbe_good

; EDID 1.3 of a monitor "godwit", 1024x768 preferred, up to 1600x1200; the checksum is added.
edid:
    db 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0
    db 0x1D, 0xE4               ; GOD -> five bits each
    dw 1
    dd 0
    db 47, 36, 1, 3             ; week 47 of 2026, version
    db 0x0F, 33, 25, 120, 0xEA  ; analogue, cm, gamma 2.2, features
    db 0xA4, 0x00, 0x9F, 0x59, 0x4A, 0x97, 0x25, 0x20, 0x50, 0x54
    db 0x21, 0x08, 0x00         ; 640x480, 800x600, 1024x768 at 60 Hz
    db 0x81, 0x80, 0xA9, 0x40, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
    dw 6500                     ; 65 MHz: 1024x768
    db 0x00, 0x40, 0x41, 0x00, 0x26, 0x30, 0x18, 0x88, 0x36, 0x00
    db 0x4A, 0xFA, 0x10, 0, 0, 0x18
    db 0, 0, 0, 0xFD, 0, 50, 125, 30, 90, 17, 0, 10, 32, 32, 32, 32, 32, 32
    db 0, 0, 0, 0xFC, 0, "godwit", 10, 32, 32, 32, 32, 32, 32
    db 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    db 0
    times 128 - ($ - edid) db 0
