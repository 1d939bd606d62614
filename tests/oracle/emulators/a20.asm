; a20.asm - address line 20 held low by port 92h: data, code, page tables, wrap at 1 MiB.
; SPDX-License-Identifier: MIT
%define IMAGE "a20"
%define EFL_MASK 0x003e7700          ; RF is another image's matter
%include "frame.inc"
%include "cell.inc"

LOW_AT    equ SCRATCH
HIGH_AT   equ SCRATCH + 0x100000

; The line is high if the keyboard controller or port 92h says so: the first is told not to.
%macro A20 1                         ; 0 or 1
%%full:
    in al, 0x64
    test al, 2
    jnz %%full
    mov al, 0xdd
    out 0x64, al
    in al, 0x92
    and al, 0xfc
    or al, (%1) * 2
    out 0x92, al
    in al, 0x92
%endmacro
; 1111h below and 2222h above, the line left high.
%macro FILL 0
    A20 1
    mov dword [LOW_AT], 0x1111
    mov dword [HIGH_AT], 0x2222
%endmacro

TEST "data"
    FILL
    SHOW "high, below", [LOW_AT]
    SHOW "high, above", [HIGH_AT]
    A20 0
    SHOW "low, above", [HIGH_AT]
    mov dword [HIGH_AT], 0x3333
    SHOW "low, below after a write above", [LOW_AT]
    mov dword [0x208000], 0x4444
    SHOW "low, third megabyte by the fourth", [0x308000]
    xor eax, eax
    mov edi, HIGH_AT
    lock xadd [edi], eax
    SHOW "low, xadd", eax
    A20 1
    SHOW "high, above", [HIGH_AT]
    SHOW "high, below", [LOW_AT]
    ret

; A dword half below and half above 1 MiB: the ROM's last two bytes are 0.
TEST "across"
    A20 1
    mov word [0], 0xbeef
    mov word [0x100000], 0x1234
    SHOW "high", [0xffffe]
    A20 0
    SHOW "low", [0xffffe]
    mov esi, 0xffff0
    mov edi, SCRATCH
    mov ecx, 0x12
    rep movsb
    SHOW "low, movsb", [SCRATCH + 0xe]
    A20 1
    mov esi, 0xffff0
    mov edi, SCRATCH
    mov ecx, 0x12
    rep movsb
    SHOW "high, movsb", [SCRATCH + 0xe]
    ret

%macro REAL_READ 2
    FILL
    A20 %2
    TRY %1
    TOREAL
    mov ax, 0xffff
    mov ds, ax
    mov ax, [LOW_AT + 0x10]
    DONE
    SHOW "eax", [r_eax]
%endmacro
TEST "real mode, FFFF:8010"
    REAL_READ "high", 1
    REAL_READ "low", 0
    A20 1
    ret

; MOV AL, 1 or 2; RETF, called at the address above.
TEST "code"
    A20 1
    mov dword [LOW_AT], 0xcb01b0
    mov dword [HIGH_AT], 0xcb02b0
    xor eax, eax
    call FLAT0:HIGH_AT
    SHOW "high", eax
    A20 0
    xor eax, eax
    call FLAT0:HIGH_AT
    SHOW "low", eax
    mov byte [HIGH_AT + 1], 3
    xor eax, eax
    call FLAT0:LOW_AT
    SHOW "low, changed", eax
    A20 1
    xor eax, eax
    call FLAT0:HIGH_AT
    SHOW "high again", eax
    ret

; The line applies to physical addresses, of pages and of page tables, and not to linear ones.
TEST "paging"
    FILL
    TABLES
    mov dword [LOW_AT], 0x1111
    mov dword [PT1], HIGH_AT | 7
    mov dword [PT1 + 4 * 0x100], LOW_AT | 7
    PAGING
    SHOW "page above, high", [TARGET]
    A20 0
    SHOW "page above, low", [TARGET]
    SHOW "linear bit 20", [TARGET + 0x100000]
    A20 1
    SHOW "page above, high again", [TARGET]
    A20 0
    mov dword [PD + 4], (PT1 + 0x100000) | 7
    mov eax, PD + 0x100000
    mov cr3, eax
    mov dword [PT1], FRAME0 | 7
    mov dword [FRAME0 + 4], 0x5555
    SHOW "tables above", [TARGET + 4]
    mov eax, [PD + 4]
    sub eax, PT1
    SHOW "pde", eax
    SHOW "pte", [PT1]
    mov eax, PD
    mov cr3, eax
    mov dword [PD + 4], PT1 | 7
    mov cr3, eax
    A20 1
    ret

; PDPTEs are read from physical memory, too. Those above would be #GP: reserved bits.
TEST "pdpte"
    A20 1
    mov dword [SCRATCH], (PD + 0x1000) | 1
    mov dword [SCRATCH + 4], 0
    mov dword [HIGH_AT], 3
    TRY "low"
    TABLES
    mov dword [PD + 0x1000], 0x87    ; 2 MiB, identity
    mov dword [PD + 0x1004], 0
    A20 0
    mov eax, HIGH_AT
    mov cr3, eax
    CR4 0x20
    mov eax, 0x80000011
    HERE
    mov cr0, eax
    DONE
    A20 1
    ret

; Descriptor tables and stack by addresses with bit 20.
TEST "tables"
    TRY "gdt, idt, stack"
    A20 0
    SETDESC FREE, 0, 0xfffff, 0x92, F_32 | F_4K
    mov dword [var], 0x100001ff
    mov dword [var + 4], (GDT + 0x100000) >> 16
    mov word [var + 2], (GDT + 0x100000) & 0xffff
    lgdt [var]
    mov word [var], 0x7ff
    mov word [var + 2], (IDT + 0x100000) & 0xffff
    lidt [var]
    mov eax, FREE
    mov fs, eax
    mov esp, STACK0 - 0x400 + 0x100000
    push dword 0x6666
    HERE
    int3
    DONE
    SHOW "pushed", [STACK0 - 0x404]
    mov eax, [GDT + FREE + 4]
    SHOW "accessed", eax
    A20 1
    ret
