; SPDX-License-Identifier: MIT
; post32.asm - the 32-bit half of POST: shadow RAM, memory size, PCI, tables.
section .e32
bits 32

; Runs at its address below 4 GiB, because the ROM at F0000 goes away under it.
shadow_bios:
    mov eax, 0x80000000
    mov edx, 0xCF8
    out dx, eax
    mov dl, 0xFC
    in eax, dx
    cmp eax, 0x12378086         ; only the i440FX has these registers here
    jne .no_pam
    mov eax, 0x80000058
    mov dl, 0xF8
    out dx, eax
    mov dl, 0xFD
    mov al, 0x30                ; PAM0: F0000 read and write to RAM
    out dx, al
    inc edx
    mov al, 0x33
    out dx, al
    inc edx
    out dx, al
    mov eax, 0x8000005C
    mov dl, 0xF8
    out dx, eax
    mov dl, 0xFC
    mov eax, 0x33333333
    out dx, eax
.no_pam:
    mov esi, 0xFFFE0000
    mov edi, 0x000E0000
    mov ecx, 0x20000 / 4
    rep movsd
    ret

; Everything that needs no 16-bit service.
post_stage32:
    call mem_size
    call lapic_init
    call fwcfg_probe
    call chipset_init
    call pci_enumerate
    call vga_shadow
    call e820_build
    call ioapic_probe
    call mp_build
    call smbios_build
    call acpi_build
    call pir_build
    mov esi, BASE_F + bios32_dir
    mov ecx, 16
    call sum32
    sub [BASE_F + bios32_dir + 10], al
    mov esi, BASE_F + pnp_header
    mov ecx, 33
    call sum32
    sub [BASE_F + pnp_header + 8], al
    ret

; Last step before booting: E0000-FFFFF become read-only, C0000-DFFFF stay as the ROMs left them.
lock_shadow:
    mov al, 0x10
    mov ecx, 0x80000059
    call pci_out8
    mov al, 0x11
    mov cl, 0x5E
    call pci_out8
    mov cl, 0x5F
    call pci_out8
    mov al, 0x11                ; C0000-C7FFF: our VGA BIOS
    mov cl, 0x5A
    call pci_out8
    mov cl, 0x5B
    jmp pci_out8

; RAM below and above 4 GiB from CMOS (16 MiB + 34h/35h, 5Bh-5Dh), else 30h/31h.
mem_size:
    mov al, 0x35
    call cmos32
    mov ah, al
    mov al, 0x34
    call cmos32
    movzx eax, ax
    shl eax, 16
    jz .small
    add eax, 0x1000000
    jmp .low
.small:
    mov al, 0x31
    call cmos32
    mov ah, al
    mov al, 0x30
    call cmos32
    movzx eax, ax
    shl eax, 10
    add eax, 0x100000
.low:
    mov [BASE_F + mem_low], eax
    mov al, 0x5D
    call cmos32
    movzx ecx, al
    mov al, 0x5C
    call cmos32
    mov ah, al
    mov al, 0x5B
    call cmos32
    movzx eax, ax
    shl eax, 16
    mov [BASE_F + mem_high], eax
    mov [BASE_F + mem_high + 4], ecx
    ret

cmos32:                         ; AL = index -> AL; keeps AH
    out 0x70, al
    in al, 0x71
    ret

; PIIX3: PIRQ A-D to 10, 10, 11, 11, level; PIIX4 PM at 600h and its SCI on 9.
chipset_init:
    mov ecx, 0x80000800
    call pci_in32
    cmp eax, 0x70008086
    jne .no_piix
    mov ecx, 0x80000860
    mov eax, 0x0B0B0A0A
    call pci_out32
    mov al, 0x0C
    mov edx, 0x4D1
    out dx, al
    mov ecx, 0x80000900
    call pci_in32
    cmp eax, 0x70108086
    jne .no_piix
    mov ecx, 0x80000940         ; both IDE channels decode
    mov eax, 0x80008000
    call pci_out32
.no_piix:
    mov ecx, 0x80000B00
    call pci_in32
    cmp eax, 0x71138086
    jne .no_pm
    mov byte [BASE_F + have_pm], 1
    mov ecx, 0x80000B40
    mov eax, PM_BASE | 1
    call pci_out32
    mov ecx, 0x80000B80
    mov al, 1
    call pci_out8
    mov ecx, 0x80000B90
    mov eax, SMB_BASE | 1
    call pci_out32
    mov ecx, 0x80000BD2
    mov al, 9
    call pci_out8
    mov ecx, 0x80000B3C
    mov al, 9
    call pci_out8
.no_pm:
    ret

PM_BASE     equ 0x600
SMB_BASE    equ 0x700

; Local APIC in virtual wire mode: LINT0 takes the PICs, LINT1 is NMI. Older CPUs have none.
LAPIC       equ 0xFEE00000
lapic_init:
    pushfd
    pop eax
    mov ecx, eax
    xor eax, 1 << 21            ; EFLAGS.ID can be changed: there is CPUID
    push eax
    popfd
    pushfd
    pop eax
    xor eax, ecx
    test eax, 1 << 21
    jz .none
    mov eax, 1
    cpuid
    test edx, 1 << 9
    jz .none
    mov eax, [LAPIC + 0xF0]
    or eax, 0x100
    mov [LAPIC + 0xF0], eax
    mov dword [LAPIC + 0x350], 0x8700
    mov dword [LAPIC + 0x360], 0x8400
    mov byte [BASE_F + have_apic], 1
.none:
    ret

; If the bus has a VGA, copy our VGA BIOS to C0000; POST calls its init entry later.
vga_shadow:
    cmp byte [BASE_F + have_vga], 0
    je .none
    mov esi, 0xE0000
    mov edi, 0xC0000
    mov ecx, 0x8000 / 4
    rep movsd
.none:
    ret

; Sum ECX bytes at ESI into AL.
sum32:
    xor eax, eax
.next:
    add al, [esi]
    inc esi
    loop .next
    ret

section .f16
align 4
mem_low     dd 0                ; end of RAM below 4 GiB
mem_high    dd 0, 0             ; bytes above 4 GiB
have_vga    db 0
have_pm     db 0
have_apic   db 0
