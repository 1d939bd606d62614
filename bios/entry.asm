; SPDX-License-Identifier: MIT
; entry.asm - from the reset vector into POST, and the switch between 16 and 32-bit code.
section .f16
bits 16

post_entry:
    cli
    cld
    mov al, 0x8F                ; shutdown code: why are we here?
    out 0x70, al
    in al, 0x71
    mov bl, al
    xor ax, ax
    mov ss, ax
    mov ds, ax
    test bl, bl
    jz .cold
    mov al, 0x8F
    out 0x70, al
    xor al, al
    out 0x71, al
    cmp bl, 0x05
    je .resume_eoi
    cmp bl, 0x09
    je .resume87
    cmp bl, 0x0A
    je .resume
.cold:
    mov eax, 0x80000058         ; open shadow RAM: POST ran before and the chips were not reset,
    mov dx, 0xCF8               ; as when the keyboard controller or a jump restarts the machine
    out dx, eax
    mov dx, 0xCFD
    in al, dx
    test al, 0x30
    jz .first
    mov dx, 0xCF9               ; reset everything: low to high is what counts
    mov al, 2
    out dx, al
    mov al, 6
    out dx, al
.reset:
    hlt
    jmp .reset
.first:
    mov sp, POST_SP
    in al, 0x92                 ; A20 on, without a reset
    or al, 2
    and al, 0xFE
    out 0x92, al
    mov eax, shadow_bios + HIGH_COPY
    call call32
    jmp post
.resume_eoi:                    ; a 286 program leaves protected mode: flush the keyboard, EOI
    in al, 0x60
    mov al, 0x20
    out 0xA0, al
    out 0x20, al
.resume:
    call shadow_on
    jmp far [0x467]
.resume87:                      ; int 15h AH=87h of a program that set up the stack at 40:67
    call shadow_on
    lss sp, [0x467]
    xor al, al
    out 0x80, al
    pop ds
    iret

shadow_on:                      ; a reset closed the shadow RAM; what POST left is still in it
    push eax
    mov eax, 0x80000058
    mov dx, 0xCF8
    out dx, eax
    mov dx, 0xCFD
    mov al, 0x10
    out dx, al
    inc dx
    mov al, 0x11
    out dx, al
    inc dx
    out dx, al
    mov eax, 0x8000005C
    mov dx, 0xCF8
    out dx, eax
    mov eax, 0x11111111
    mov dx, 0xCFC
    out dx, eax
    pop eax
    ret

; EAX = linear address of a 32-bit routine. Runs it flat, interrupts off; it keeps nothing but
; ESP; EAX comes back from it. SS must be 0. Other registers are kept.
call32:
    pushf
    cli
    push ds
    push es
    push ebx
    push ecx
    push edx
    push esi
    push edi
    push ebp
    o32 lgdt [cs:gdt_ptr]
    mov edx, cr0
    or dl, 1
    mov cr0, edx
    jmp dword SEL_CODE32:(BASE_F + .in32)
bits 32
.in32:
    mov dx, SEL_DATA32
    mov ds, edx
    mov es, edx
    mov ss, edx
    movzx esp, sp
    cld
    call eax
    jmp SEL_CODE16:.out32
bits 16
.out32:
    mov dx, SEL_DATA16
    mov ds, dx
    mov es, dx
    mov ss, dx
    mov edx, cr0
    and dl, 0xFE
    mov cr0, edx
    jmp SEG_BIOS:.real
.real:
    xor dx, dx
    mov ss, dx
    pop ebp
    pop edi
    pop esi
    pop edx
    pop ecx
    pop ebx
    pop es
    pop ds
    popf
    ret

align 8
gdt:
    dq 0
    dq 0x00CF9B000000FFFF       ; 08 code, flat
    dq 0x00CF93000000FFFF       ; 10 data, flat
    dq 0x00009B0F0000FFFF       ; 18 code, 16 bits, F000
    dq 0x000093000000FFFF       ; 20 data, 16 bits, base 0
gdt_ptr:
    dw $ - gdt - 1
    dd BASE_F + gdt
