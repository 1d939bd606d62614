; SPDX-License-Identifier: MIT
; e820.asm - the memory map that int 15h E820h reports.
section .e32
bits 32

ACPI_SIZE   equ 0x10000         ; below the end of RAM: tables, then 4 KiB NVS with the FACS
NVS_SIZE    equ 0x1000

e820_add:                       ; EBX base, ECX length, EAX type; EDI = next entry
    jecxz .none
    mov [edi], ebx
    mov dword [edi + 4], 0
    mov [edi + 8], ecx
    mov dword [edi + 12], 0
    mov [edi + 16], eax
    add edi, 20
    inc dword [BASE_F + e820_count]
.none:
    ret

e820_build:
    mov edi, BASE_F + e820_map
    mov dword [BASE_F + e820_count], 0
    xor ebx, ebx
    mov ecx, 0x9FC00
    mov eax, 1
    call e820_add
    mov ebx, 0x9FC00
    mov ecx, 0x400
    mov eax, 2
    call e820_add
    mov ebx, 0xE0000
    mov ecx, 0x20000
    call e820_add
    mov ebx, 0x100000
    mov ecx, [BASE_F + mem_low]
    cmp ecx, 0x400000           ; too small a machine has no ACPI
    jb .no_acpi
    sub ecx, ACPI_SIZE
    mov [BASE_F + acpi_base], ecx
    sub ecx, ebx
    mov eax, 1
    call e820_add
    mov ebx, [BASE_F + acpi_base]
    mov ecx, ACPI_SIZE - NVS_SIZE
    mov eax, 3
    call e820_add
    add ebx, ACPI_SIZE - NVS_SIZE
    mov ecx, NVS_SIZE
    mov eax, 4
    call e820_add
    jmp .high
.no_acpi:
    sub ecx, ebx
    mov eax, 1
    call e820_add
.high:
    mov ebx, 0xFFFC0000
    mov ecx, 0x40000
    mov eax, 2
    call e820_add
    mov eax, [BASE_F + mem_high]
    mov ecx, [BASE_F + mem_high + 4]
    mov edx, eax
    or edx, ecx
    jz .done
    mov dword [edi], 0
    mov dword [edi + 4], 1
    mov [edi + 8], eax
    mov [edi + 12], ecx
    mov dword [edi + 16], 1
    inc dword [BASE_F + e820_count]
.done:
    ret

section .f16
align 4
e820_count  dd 0
e820_map    times 12 * 20 db 0
acpi_base   dd 0                ; 0: no ACPI
