; SPDX-License-Identifier: MIT
; mptable.asm - Intel MultiProcessor Specification 1.4: one processor, PCI and ISA, one I/O APIC.
section .e32
bits 32

MP_IOAPIC   equ 2
BUS_PCI     equ 0
BUS_ISA     equ 1

mp_build:
    cmp byte [BASE_F + have_ioapic], 0
    je .none
    mov eax, 1
    cpuid
    mov [BASE_F + mp_cpu + 4], eax
    mov [BASE_F + mp_cpu + 8], edx
    mov edi, BASE_F + mp_dynamic
    mov word [BASE_F + mp_count], 4
    xor ebx, ebx                ; ISA interrupts; 2 is the cascade, 10 and 11 are PCI's
.isa:
    cmp bl, 2
    je .next_isa
    cmp bl, 10
    je .next_isa
    cmp bl, 11
    je .next_isa
    mov ah, bl                  ; pin
    test bl, bl
    jnz .pin
    mov ah, 2
.pin:
    xor ecx, ecx                ; conforms to the bus
    cmp bl, 9
    jne .edge
    mov cl, 0x0D
.edge:
    mov dh, BUS_ISA
    mov dl, bl
    call mp_interrupt
.next_isa:
    inc ebx
    cmp bl, 16
    jb .isa
    mov ebx, 1                  ; four pins of every PCI slot that is used
.slot:
    mov ecx, ebx
    shl ecx, 11
    or ecx, 0x80000000
    call pci_in32
    cmp ax, 0xFFFF
    je .next_slot
    xor esi, esi
.pci_pin:
    lea eax, [ebx + esi + 3]    ; link, then 10 or 11
    shr eax, 1
    and al, 1
    add al, 10
    mov ah, al
    lea edx, [esi + ebx * 4]
    mov dh, BUS_PCI
    mov ecx, 0x0D
    call mp_interrupt
    inc esi
    cmp esi, 4
    jb .pci_pin
.next_slot:
    inc ebx
    cmp bl, 32
    jb .slot
    mov eax, 4                  ; local: PICs on LINT0, NMI on LINT1
    call mp_local
    mov eax, 0x0104
    call mp_local
    mov ecx, edi
    sub ecx, BASE_F + mp_table
    mov [BASE_F + mp_table + 4], cx
    mov esi, BASE_F + mp_table
    call sum32
    sub [BASE_F + mp_table + 7], al
    mov dword [BASE_F + mp_float], '_MP_'
    mov esi, BASE_F + mp_float
    mov ecx, 16
    call sum32
    sub [BASE_F + mp_float + 10], al
.none:
    ret

; Entry type 3: bus DH, its interrupt DL, pin AH, flags CL.
mp_interrupt:
    mov byte [edi], 3
    mov byte [edi + 1], 0
    mov [edi + 2], cl
    mov byte [edi + 3], 0
    mov [edi + 4], dh
    mov [edi + 5], dl
    mov byte [edi + 6], MP_IOAPIC
    mov [edi + 7], ah
    jmp mp_next

mp_local:                       ; type 4: AH LINT number; kind ExtINT (3) on 0, NMI (1) on 1
    mov byte [edi], 4
    mov byte [edi + 1], 3
    test ah, ah
    jz .extint
    mov byte [edi + 1], 1
.extint:
    mov word [edi + 2], 0
    mov byte [edi + 4], BUS_ISA
    mov byte [edi + 5], 0
    mov byte [edi + 6], 0xFF
    mov [edi + 7], ah
mp_next:
    add edi, 8
    inc word [BASE_F + mp_count]
    ret

section .f16
align 16
mp_float:
    db "    "                   ; "_MP_" when there are APICs
    dd BASE_F + mp_table
    db 1, 4, 0, 0, 0, 0, 0, 0
mp_table:
    db "PCMP"
    dw 0
    db 4, 0
    db "GODWIT  ", "PC          "
    dd 0
    dw 0
mp_count: dw 0
    dd LAPIC
    dd 0
mp_cpu:
    db 0, 0, 0x14, 3
    dd 0, 0, 0, 0
    db 1, BUS_PCI, "PCI   "
    db 1, BUS_ISA, "ISA   "
    db 2, MP_IOAPIC, 0x11, 1
    dd IOAPIC
mp_dynamic:
    times (16 + 31 * 4 + 2) * 8 db 0
