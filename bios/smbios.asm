; SPDX-License-Identifier: MIT
; smbios.asm - SMBIOS 2.4: BIOS, system, chassis, processor, memory; sizes are filled in by POST.
section .e32
bits 32

smbios_build:
    mov eax, [BASE_F + mem_low]
    shr eax, 20
    mov ecx, [BASE_F + mem_high]
    shr ecx, 20
    add eax, ecx
    mov ecx, [BASE_F + mem_high + 4]
    shl ecx, 12
    add eax, ecx                ; MiB
    mov ecx, eax
    cmp ecx, 0x7FFE
    jbe .fits
    mov ecx, 0x7FFE
.fits:
    mov [BASE_F + sm_dimm + 12], cx
    shl eax, 10
    mov [BASE_F + sm_array + 7], eax
    dec eax
    mov [BASE_F + sm_map + 8], eax
    cmp byte [BASE_F + have_apic], 0
    je .sum                     ; so old that it may have no CPUID
    mov eax, 1
    cpuid
    mov [BASE_F + sm_cpu + 8], eax
    mov [BASE_F + sm_cpu + 12], edx
.sum:
    mov esi, BASE_F + sm_entry + 16
    mov ecx, 15
    call sum32
    sub [BASE_F + sm_entry + 21], al
    mov esi, BASE_F + sm_entry
    mov ecx, 31
    call sum32
    sub [BASE_F + sm_entry + 4], al
    ret

section .f16
%macro SM 3                     ; type, length, handle
    db %1, %2
    dw %3
%endmacro
align 16
sm_entry:
    db "_SM_", 0, 0x1F, 2, 4
    dw 0x60
    db 0, 0, 0, 0, 0, 0
    db "_DMI_", 0
    dw sm_end - sm_tables
    dd BASE_F + sm_tables
    dw 9
    db 0x24
    db 0
sm_tables:
    SM 0, 0x18, 0
    db 1, 2
    dw 0xE000
    db 3, 1                     ; date; ROM size in 64 KiB - 1
    dq 0x0000000000018080 | (1 << 4) | (1 << 15) | (1 << 16)    ; ISA, PCI, boot choice, CD boot
    db 0, 0, 1, 0, 0xFF, 0xFF
    db "godwit", 0, "1.0", 0, "11/21/2026", 0, 0
    SM 1, 0x1B, 0x100
    db 1, 2, 3, 0
    times 16 db 0xFF            ; no identifier is set
    db 6, 0, 0
    db "godwit", 0, "godwit PC (i440FX)", 0, "1.0", 0, 0
    SM 3, 0x11, 0x300
    db 1, 1, 0, 0, 0, 3, 3, 3, 2
    dd 0
    db "godwit", 0, 0
sm_cpu:
    SM 4, 0x23, 0x400
    db 1, 3, 1, 2
    dd 0, 0
    db 0, 0
    dw 0, 0, 0
    db 0x41, 1
    dw 0xFFFF, 0xFFFF, 0xFFFF
    db 0, 0, 0
    db "CPU 0", 0, "godwit", 0, 0
sm_array:
    SM 16, 0x0F, 0x1000
    db 1, 3, 3
    dd 0
    dw 0xFFFE, 1
    db 0, 0
sm_dimm:
    SM 17, 0x1B, 0x1100
    dw 0x1000, 0xFFFE, 64, 64, 0
    db 9, 0, 1, 0, 7
    dw 0, 0
    db 0, 0, 0, 0
    db "DIMM 0", 0, 0
sm_map:
    SM 19, 0x0F, 0x1300
    dd 0, 0
    dw 0x1000
    db 1
    db 0, 0
    SM 32, 0x0B, 0x2000
    times 7 db 0
    db 0, 0
    SM 127, 4, 0x7F00
    db 0, 0
sm_end:
