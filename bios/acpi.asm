; SPDX-License-Identifier: MIT
; acpi.asm - ACPI 1.0b tables: RSDP in F000, the rest at acpi_base, FACS in NVS behind them.
section .e32
bits 32

%macro ACPI_HDR 4               ; signature, length, revision, table id (8 characters)
    db %1
    dd %2
    db %3, 0
    db "GODWIT", %4
    dd 1
    db "GDWT"
    dd 1
%endmacro

; Copies the templates, joins them by address, sums them.
acpi_build:
    mov edi, [BASE_F + acpi_base]
    test edi, edi
    jz .none
    push edi
    xor eax, eax
    mov ecx, ACPI_SIZE / 4
    rep stosd
    pop edi
    mov ebp, edi
    mov ebx, ACPI_SIZE - NVS_SIZE
    add ebx, ebp                ; FACS
    mov dword [ebx], 'FACS'
    mov dword [ebx + 4], 64
    add edi, 0x100              ; RSDT at the start, the others 100h on
    call acpi_patch
    mov [facp + 40], edi
    mov esi, dsdt
    mov ecx, dsdt_end - dsdt
    call acpi_copy
    mov [facp + 36], ebx
    mov [rsdt + 36], edi
    mov esi, facp
    mov ecx, facp_end - facp
    call acpi_copy
    mov dword [rsdt + 4], 36 + 4
    cmp byte [BASE_F + have_ioapic], 0
    je .no_apic
    mov dword [rsdt + 4], 36 + 8
    mov [rsdt + 40], edi
    mov esi, madt
    mov ecx, madt_end - madt
    call acpi_copy
.no_apic:
    mov edi, ebp
    mov esi, rsdt
    mov ecx, [rsdt + 4]
    call acpi_copy
    mov [BASE_F + rsdp + 16], ebp
    mov dword [BASE_F + rsdp], 'RSD '   ; only now is it one
    mov esi, BASE_F + rsdp
    mov ecx, 20
    call sum32
    sub [BASE_F + rsdp + 8], al
.none:
    ret

; ESI, ECX: a table to EDI, summed there; EDI to the next 16-byte boundary behind it.
acpi_copy:
    push edi
    push ecx
    rep movsb
    pop ecx
    pop esi
    push esi
    call sum32
    pop esi
    sub [esi + 9], al
    add edi, 15
    and edi, ~15
    ret

; Devices that may be missing: their _STA.
acpi_patch:
    mov edx, 0x3F8 + 7
    mov esi, com1_sta
    call .scratch
    mov edx, 0x2F8 + 7
    mov esi, com2_sta
    call .scratch
    mov edx, 0x378
    mov esi, lpt1_sta
    call .scratch
    mov al, 0x10
    call cmos32
    test al, al
    jnz .done
    mov byte [fdc_sta], 0
.done:
    ret
.scratch:
    mov al, 0x5A
    out dx, al
    in al, dx
    cmp al, 0x5A
    je .there
    mov byte [esi], 0
.there:
    ret

; Is there an I/O APIC (and a local one)? It gets the identity 2.
IOAPIC      equ 0xFEC00000
ioapic_probe:
    cmp byte [BASE_F + have_apic], 0
    je .none
    mov dword [IOAPIC], 1
    mov eax, [IOAPIC + 0x10]
    cmp al, 0xFF
    je .none
    shr eax, 16
    cmp al, 15                  ; redirection entries - 1
    jb .none
    cmp al, 239
    ja .none
    mov dword [IOAPIC], 0
    mov dword [IOAPIC + 0x10], 2 << 24
    mov byte [BASE_F + have_ioapic], 1
.none:
    ret

align 4
rsdt:
    ACPI_HDR "RSDT", 44, 1, "GDWTRSDT"
    dd 0, 0

facp:
    ACPI_HDR "FACP", facp_end - facp, 1, "GDWTFACP"
    dd 0                        ; FACS
    dd 0                        ; DSDT
    db 1, 0                     ; both PICs
    dw 9                        ; SCI
    dd 0xB2                     ; SMI command port, enable, disable
    db 0xF1, 0xF0, 0, 0
    dd PM_BASE, 0, PM_BASE + 4, 0, 0, PM_BASE + 8, 0, 0
    db 4, 2, 0, 4, 0, 0, 0, 0
    dw 0xFFF, 0xFFF             ; no C2, C3
    dw 0, 0
    db 0, 0, 0, 0, 0x32         ; century in CMOS 32h
    dw 0
    db 0
    dd 0x25                     ; WBINVD works, C1, no sleep button
facp_end:

%macro ISO 3                    ; interrupt source override: source, target, flags
    db 2, 10, 0, %1
    dd %2
    dw %3
%endmacro
madt:
    ACPI_HDR "APIC", madt_end - madt, 1, "GDWTAPIC"
    dd LAPIC, 1                 ; and there are PICs
    db 0, 8, 0, 0
    dd 1
    db 1, 12, 2, 0
    dd IOAPIC, 0
    ISO 0, 2, 0
    ISO 5, 5, 0x0D              ; level, active high
    ISO 9, 9, 0x0D
    ISO 10, 10, 0x0D
    ISO 11, 11, 0x0D
    db 4, 6, 0xFF               ; NMI on LINT1
    dw 0
    db 1
madt_end:

%include "dsdt.asm"

section .f16
align 16
rsdp:
    db "    PTR ", 0, "GODWIT", 0
    dd 0
have_ioapic db 0
