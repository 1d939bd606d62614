; SPDX-License-Identifier: MIT
; optrom.asm - option ROMs: those of PCI cards are copied to C8000 and up, then all are started.
section .e32
bits 32

ROM_LOW     equ 0xC8000
ROM_END     equ 0xE0000

; Copy the PC image of every PCI expansion ROM (not the VGA's) to the next free 2 KiB.
optrom_load:
    mov edi, ROM_LOW
    mov ecx, (ROM_END - ROM_LOW) / 4
    xor eax, eax
    push edi
    rep stosd
    pop edi
    mov ecx, 0x80000000
.function:
    call pci_in32
    cmp ax, 0xFFFF
    je .next
    mov cl, 0x0E
    call pci_in8
    test al, 0x7F
    jnz .next
    mov cl, 0x0B
    call pci_in8
    cmp al, 3                   ; displays: ours already runs
    je .next
    mov cl, 0x30
    mov eax, 0xFFFFF800
    call pci_out32
    call pci_in32
    and eax, 0xFFFFF800
    jz .next
    neg eax
    mov ebp, eax                ; size of the BAR
    mov esi, [BASE_F + pci_mem_next]
    lea esi, [esi + eax - 1]
    neg eax
    and esi, eax
    lea eax, [esi + ebp]
    cmp eax, PCI_MEM_END
    ja .close
    lea eax, [esi + 1]
    call pci_out32
    mov cl, 0x04
    call pci_in16
    push eax
    or al, 2
    call pci_out16
    call optrom_copy
    pop eax
    mov cl, 0x04
    call pci_out16
.close:
    mov cl, 0x30
    xor eax, eax
    call pci_out32
.next:
    xor cl, cl
    add ecx, 0x100
    test ecx, 0x00FF0000
    jz .function
    ret

; ESI = mapped ROM of EBP bytes, ECX = its function, EDI = where to put it.
optrom_copy:
    lea edx, [esi + ebp]
.image:
    cmp word [esi], 0xAA55
    jne .done
    movzx ebx, word [esi + 0x18]
    add ebx, esi
    lea eax, [ebx + 0x18]
    cmp eax, edx
    ja .done
    cmp dword [ebx], 'PCIR'
    jne .done
    cmp byte [ebx + 0x14], 0    ; x86, PC-AT
    je .found
    test byte [ebx + 0x15], 0x80
    jnz .done
    movzx eax, word [ebx + 0x10]
    shl eax, 9
    jz .done
    add esi, eax
    cmp esi, edx
    jb .image
.done:
    ret
.found:
    movzx eax, byte [esi + 2]
    shl eax, 9
    jz .done
    lea ebx, [edi + eax]
    cmp ebx, ROM_END
    ja .done
    lea ebx, [esi + eax]
    cmp ebx, edx
    ja .done
    push ecx
    mov edx, ecx
    shr edx, 8
    mov ebx, edi
    sub ebx, ROM_LOW
    shr ebx, 11
    mov [BASE_F + rom_owner + ebx * 2], dx
    mov ecx, eax
    rep movsb
    add edi, 2047
    and edi, ~2047
    pop ecx
    ret

section .f16
bits 16

; C8000-DFFFF in steps of 2 KiB: 55AA, size, sum 0; the init entry is at 3.
optrom_scan:
    mov eax, optrom_load
    call call32
    mov bx, ROM_LOW >> 4
.next:
    mov ds, bx
    cmp word [0], 0xAA55
    jne .step
    movzx ecx, byte [2]
    shl ecx, 9
    jz .step
    call rom_sum
    test al, al
    jnz .step
    push bx
    push cx
    call rom_start
    pop cx
    pop bx
    mov ds, bx
    movzx cx, byte [2]          ; it may have shrunk
    add cx, 3
    and cl, 0xFC
    shl cx, 5
    jz .step
    add bx, cx
    jmp .more
.step:
    add bx, 0x80
.more:
    cmp bx, ROM_END >> 4
    jb .next
    xor ax, ax
    mov ds, ax
    mov es, ax
    ret

rom_sum:                        ; DS:0, ECX bytes (a multiple of 512) -> AL; keeps DS, BX
    push ds
    push bx
    xor al, al
    shr ecx, 9
.block:
    xor si, si
.next:
    add al, [si]
    inc si
    cmp si, 512
    jb .next
    mov bx, ds                  ; a ROM may be longer than a segment
    add bx, 512 >> 4
    mov ds, bx
    loop .block
    pop bx
    pop ds
    ret

rom_start:                      ; BX = DS = segment
    mov si, bx
    sub si, ROM_LOW >> 4
    shr si, 7
    shl si, 1
    mov ax, [cs:rom_owner + si]
    pushad
    push ds
    push cs
    pop es
    mov di, pnp_header
    push cs
    push word .back
    push bx
    push word 3
    xor bx, bx
    mov dx, 0xFFFF
    retf                        ; the ROM returns to .back
.back:
    cli
    cld
    pop ds
    popad
    sti
    mov si, [0x1A]              ; a PnP header with a boot entry vector?
    cmp dword [si], '$PnP'
    jne .done
    mov ax, [si + 0x1A]
    test ax, ax
    jz .done
    push SEG_BIOS
    pop es
    cmp dword [es:bev_entry], 0
    jne .done
    mov [es:bev_entry], ax
    mov [es:bev_entry + 2], ds
.done:
    ret

align 2
rom_owner: times (ROM_END - ROM_LOW) / 2048 dw 0

; Plug and Play installation structure: there are no run-time functions.
align 16
pnp_header:
    db "$PnP", 0x10, 0x21
    dw 0
    db 0                        ; checksum, set by POST
    dd 0
    dw pnp_none, SEG_BIOS
    dw pnp_none
    dd BASE_F
    dd 0
    dw SEG_BIOS
    dd BASE_F
pnp_none:
    mov ax, 0x82
    retf
