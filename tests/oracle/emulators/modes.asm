; modes.asm - between real, protected and V86 mode, and what of the segments stays.
; SPDX-License-Identifier: MIT
%define IMAGE "modes"
%include "frame.inc"

; SDM vol. 3 9.9
TEST "protected"
    TRY "PE without a jump: CS stays, selectors are real"
    TOREAL
    mov cx, 0x1234
    mov fs, cx
    o32 lgdt [cs:gdtr]
    o32 lidt [cs:idtr]
    mov eax, 0x11
    mov cr0, eax
    mov cx, cs
    mov dx, fs
    mov si, ss
    int V_DONE
    DONE
    and dword [r_ecx], 0xffff
    and dword [r_edx], 0xffff
    and dword [r_esi], 0xffff
    SHOW "cs", [r_ecx]
    SHOW "fs", [r_edx]
    SHOW "ss", [r_esi]
    TRY "lmsw sets PE; then a load by descriptor"
    TOREAL
    o32 lgdt [cs:gdtr]
    o32 lidt [cs:idtr]
    mov ax, 1
    lmsw ax
    mov ax, 0x200
    mov fs, ax
    DONE
    TRY "a far jump to a real-mode address faults"
    TOREAL
    o32 lgdt [cs:gdtr]
    o32 lidt [cs:idtr]
    mov eax, 0x11
    mov cr0, eax
    jmp 0xf000:0
    DONE
    TRY "lidt forgotten: the IVT is read as an IDT"
    TOREAL
    o32 lgdt [cs:gdtr]
    mov dword [3 * 8], 0
    mov dword [3 * 8 + 4], 0
    mov word [13 * 8], pstub13
    mov word [13 * 8 + 2], CODE0
    mov dword [13 * 8 + 4], G_INT32 << 8
    mov eax, 0x11
    mov cr0, eax
    int3
    DONE
    ret

; SDM vol. 3 9.9.2, 20.1
TEST "real"
    TRY "PE cleared without a jump: 32-bit code goes on"
    mov eax, 0x10
    mov edx, 0x11
    mov cr0, eax
    mov ecx, 0x12345678
    mov ebx, [0x100000]
    mov cr0, edx
    DONE
    SHOW "ecx", [r_ecx]
    TRY "flat limits stay"
    jmp CODE0_16:.low2
bits 16
.low2:
    mov eax, 0x10
    o32 lidt [cs:real_idtr]
    mov cr0, eax
    jmp 0xf000:.in2
.in2:
    mov ebx, 0x100000
    mov eax, [ebx]
    ud2
    DONE
    TRY "a load of DS keeps the limit"
    jmp CODE0_16:.low3
bits 16
.low3:
    mov eax, 0x10
    o32 lidt [cs:real_idtr]
    mov cr0, eax
    jmp 0xf000:.in3
.in3:
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov ebx, 0x10000
    mov eax, [ebx]
    ud2
    DONE
    TRY "limit of 64 KiB"
    TOREAL
    mov ebx, 0x10000
    mov al, [ebx]
    DONE
    TRY "word at FFFFh"
    TOREAL
    mov ax, [0xffff]
    DONE
    TRY "word at FFFFh of the stack"
    TOREAL
    mov ax, [ss:0xffff]
    DONE
    TRY "push with SP = 0 wraps"
    TOREAL
    mov sp, 0
    push ax
    mov cx, sp
    ud2
    DONE
    and dword [r_ecx], 0xffff
    SHOW "sp", [r_ecx]
    TRY "IVT elsewhere"
    TOREAL
    mov word [0x8000 + 0x21 * 4], rstub33
    mov word [0x8000 + 0x21 * 4 + 2], 0xf000
    o32 lidt [cs:.other]
    int 0x21
    DONE
    TRY "vector past the IVT"
    TOREAL
    o32 lidt [cs:.short]
    int 0x21
    DONE
    TRY "flags that INT pushes"
    TOREAL
    push word 0x4602
    popf
    int 0x21
    DONE
    TRY "popfd: what real mode may change"
    TOREAL
    push dword 0x3f7702 & ~0x100
    popfd
    pushfd
    pop ecx
    push word 2
    popf
    ud2
    DONE
    SHOW "flags", [r_ecx]
    TRY "iret of 32 bits"
    TOREAL
    push dword 0x40602
    push dword 0xf000
    push dword .in4
    iretd
.in4:
    ud2
    DONE
    TRY "hlt, cli, lgdt, mov cr are free"
    TOREAL
    cli
    o32 lgdt [cs:gdtr]
    mov eax, cr0
    mov cr0, eax
    ud2
    DONE
    TRY "jmp far past 64 KiB"
    mov dword [0x100000], 0x20cd     ; INT V_DONE where it must not come to
    TOREAL
    jmp dword 0xf000:0x10000
    DONE
    ret
.other: dw 0x3ff
        dd 0x8000
.short: dw 0x7f
        dd 0

; SDM vol. 3 20.2
TEST "v86"
    TRY "selectors are paragraphs"
    mov dword [SCRATCH], 0x12345678
    TOV86
    mov ax, SCRATCH / 16
    mov ds, ax
    mov ecx, [0]
    DONE
    SHOW "ecx", [r_ecx]
    TRY "limit of 64 KiB"
    TOV86
    mov ebx, 0x10000
    mov al, [ebx]
    DONE
    TRY "word at FFFFh"
    TOV86
    mov ax, [0xffff]
    DONE
    TRY "word at FFFFh of the stack"
    TOV86
    mov ax, [ss:0xffff]
    DONE
    TRY "1 MiB and above: no wrap without A20 masking"
    mov dword [0x100000], 0x11223344
    TOV86
    mov ax, 0xffff
    mov es, ax
    mov ecx, [es:0x10]
    DONE
    SHOW "ecx", [r_ecx]
    TRY "code may be written and read"
    TOV86
    mov cl, [cs:0xfff0]
    mov [cs:0xfff0], cl
    DONE
    TRY "far jump"
    TOV86
    jmp 0xf000:.in
.in:
    DONE
    TRY "jmp far past 64 KiB"
    mov dword [0x100000], 0x20cd     ; INT V_DONE where it must not come to
    TOV86
    jmp dword 0xf000:0x10000
    DONE
    TRY "ip runs past 64 KiB"
    mov word [0xfffe], 0x9090
    TOV86
    push word 0
    push word 0xfffe
    retf
    DONE
    ret
