; paging.asm - two-level paging: rights, A and D, error codes, 4 MiB pages, accesses across pages.
; SPDX-License-Identifier: MIT
%define IMAGE "paging"
%define EFL_MASK 0x003e7700          ; RF is another image's matter
%include "frame.inc"
%include "cell.inc"

WP        equ 0x10000
PSE       equ 0x10

; Every combination of U/S and R/W of PDE (ECX) and PTE (EDX), with CR0.WP as in EAX.
rights_table:
    QUIET
    TABLES
    or eax, 0x80000011
    mov ebx, PD
    mov cr3, ebx
    mov cr0, eax
    xor ecx, ecx
.pde:
    xor edx, edx
.pte:
    LINE
    PUT "pde="
    mov eax, ecx
    call rights
    or eax, PT1 | 1
    mov [pde], eax
    PUT " pte="
    mov eax, edx
    call rights
    or eax, FRAME0 | 1
    mov [pte], eax
    call cells
    add edx, 2
    cmp edx, 8
    jb .pte
    add ecx, 2
    cmp ecx, 8
    jb .pde
    ret

TEST "wp=0"
    xor eax, eax
    jmp rights_table
TEST "wp=1"
    mov eax, WP
    jmp rights_table

; 4 MiB pages: the PDE is the leaf, bit 6 its D. The page lies at 0, so that TARGET is the byte at
; 0, where the code to execute is put.
large_table:
    QUIET
    TABLES
    or eax, 0x80000011
    mov ebx, PD
    mov cr3, ebx
    mov cr0, eax
    CR4 PSE
    mov dword [0], 0x20cd
    mov dword [pte_at], nowhere
    mov dword [pte], 0
    xor ecx, ecx
.next:
    LINE
    PUT "pde="
    mov eax, ecx
    call rights
    or eax, 0x81
    mov [pde], eax
    call cells
    add ecx, 2
    cmp ecx, 8
    jb .next
    ret
nowhere   equ SCRATCH

TEST "4 MiB wp=0"
    xor eax, eax
    jmp large_table
TEST "4 MiB wp=1"
    mov eax, WP
    jmp large_table

; Not present, at either level, whatever the other bits say; and not present goes before rights.
TEST "not present"
    QUIET
    TABLES
    PAGING 0x80010011
    mov dword [pde], PT1 | 6
    mov dword [pte], FRAME0 | 7
    LINE
    PUT "pde"
    call cells
    mov dword [pde], PT1 | 7
    mov dword [pte], FRAME0 | 6
    LINE
    PUT "pte"
    call cells
    mov dword [pde], PT1 | 1
    mov dword [pte], 0xfffffffe
    LINE
    PUT "pte, pde=sr"
    call cells
    CR4 PSE
    mov dword [pde], 0xfffffffe
    LINE
    PUT "4 MiB"
    call cells
    ret

; Bits 13 to 16 are the address bits 32 to 35 (PSE-36), 17 to 21 are reserved.
TEST "4 MiB bits"
    QUIET
    TABLES
    PAGING
    CR4 PSE
    mov dword [pte_at], nowhere
    LINE
    PUT "bits 12 to 21, ring 0 read, ring 3 write:"
    mov ecx, 12
large_bit:
    mov eax, 0x87
    bts eax, ecx
    mov [pde], eax
    PUT " "
    xor ebx, ebx
    xor esi, esi
    call cell
    PUT "/"
    mov ebx, 1
    mov esi, 3
    call cell
    inc ecx
    cmp ecx, 22
    jb large_bit
    NL
    ret

; With CR4.PSE = 0 bit 7 of a PDE is ignored. A reserved bit goes before rights.
TEST "ps"
    QUIET
    TABLES
    PAGING 0x80010011
    LINE
    PUT "cr4.pse=0"
    mov dword [pde], PT1 | 0x87
    mov dword [pte], FRAME0 | 7
    call cells
    LINE
    PUT "pte bit 7"
    mov dword [pde], PT1 | 7
    mov dword [pte], FRAME0 | 0x87
    call cells
    CR4 PSE
    LINE
    PUT "reserved bit 21, sr"
    mov dword [pde], 0x200081
    call cells
    ret

; A write needs both: the D bit is set by the first write, not by the read before it.
TEST "dirty"
    TABLES
    PAGING
    mov dword [PT1], FRAME0 | 7
    mov eax, [TARGET]
    mov ebx, [PT1]
    mov [TARGET + 4], eax
    mov ecx, [PT1]
    and dword [PT1], ~0x60
    invlpg [TARGET]
    mov eax, [TARGET]
    mov edx, [PT1]
    and dword [PT1], ~0x60
    invlpg [TARGET]
    cmp [TARGET], eax
    xchg [TARGET], eax
    mov esi, [PT1]
    SHOW "after a read", ebx
    SHOW "after a write", ecx
    SHOW "cleared, after a read", edx
    SHOW "cleared, after xchg", esi
    ret

; Instructions that read and write want both rights from the start: the error code says "write", and
; nothing has changed, registers neither. CMPXCHG writes always.
%macro RMW 2                         ; step, instruction
    TRY %1
    TABLES
    mov dword [PT1], FRAME0 | 1
    PAGING 0x80010011
    mov eax, 0x11223344
    mov ecx, 0x55667788
    mov edx, 3
    mov edi, TARGET
    HERE
    %2
    DONE
    LINE
    HEX8 [FRAME0]
    PUT " "
    HEX8 [r_eax]
    PUT " "
    HEX8 [r_ecx]
    NL
%endmacro
TEST "read-only"
    RMW "add", {add [edi], eax}
    RMW "adc", {adc byte [edi], 1}
    RMW "inc", {inc word [edi]}
    RMW "neg", {lock neg dword [edi]}
    RMW "shl", {shl dword [edi], 1}
    RMW "rcl", {rcl dword [edi], cl}
    RMW "shld", {shld [edi], eax, 3}
    RMW "bts", {bts [edi], edx}
    RMW "lock btr", {lock btr dword [edi], 3}
    RMW "xchg", {xchg [edi], ecx}
    RMW "xadd", {xadd [edi], ecx}
    RMW "lock xadd", {lock xadd [edi], ecx}
    RMW "cmpxchg, not equal", {cmpxchg [edi], ecx}
    RMW "lock cmpxchg8b, not equal", {lock cmpxchg8b [edi]}
    RMW "bt", {bt [edi], edx}
    RMW "cmp", {cmp [edi], eax}
    RMW "test", {test [edi], eax}
    RMW "pop", {pop dword [edi]}
    RMW "setz", {setz [edi]}
    RMW "sgdt", {sgdt [edi]}
    RMW "mov from seg", {mov [edi], es}
    RMW "fst", {fst dword [edi]}
    ret

; Four bytes at the last two of TARGET's page. If only the second is bad CR2 is its first byte.
%macro CROSS 4                       ; step, PTE of the first page, of the second, instruction
    TRY %1
    TABLES
    mov dword [PT1], %2
    mov dword [PT1 + 4], %3
    PAGING 0x80010011
    mov eax, 0x11223344
    HERE
    %4
    DONE
    LINE
    HEX4 [FRAME0 + 0xffe]
    PUT " "
    HEX4 [FRAME1]
    PUT " "
    HEX8 [r_eax]
    NL
%endmacro
TEST "crossing"
    CROSS "read", FRAME0 | 1, FRAME1 | 1, {mov eax, [TARGET + 0xffe]}
    CROSS "read, first absent", FRAME0, FRAME1 | 1, {mov eax, [TARGET + 0xffe]}
    CROSS "read, second absent", FRAME0 | 1, FRAME1, {mov eax, [TARGET + 0xffe]}
    CROSS "write", FRAME0 | 3, FRAME1 | 3, {mov [TARGET + 0xffe], eax}
    CROSS "write, first absent", FRAME0, FRAME1 | 3, {mov [TARGET + 0xffe], eax}
    CROSS "write, second absent", FRAME0 | 3, FRAME1, {mov [TARGET + 0xffe], eax}
    CROSS "write, first read-only", FRAME0 | 1, FRAME1 | 3, {mov [TARGET + 0xffe], eax}
    CROSS "write, second read-only", FRAME0 | 3, FRAME1 | 1, {mov [TARGET + 0xffe], eax}
    CROSS "word before it", FRAME0 | 3, FRAME1 | 1, {mov [TARGET + 0xffe], ax}
    CROSS "xchg, second read-only", FRAME0 | 3, FRAME1 | 1, {xchg [TARGET + 0xffe], eax}
    CROSS "xchg, first read-only", FRAME0 | 1, FRAME1 | 3, {xchg [TARGET + 0xffe], eax}
    CROSS "cmp, read-only", FRAME0 | 1, FRAME1 | 1, {cmp [TARGET + 0xffe], eax}
    ret

; The accesses of the processor itself are supervisor accesses at any CPL.
%macro IMPLICIT 3                    ; step, PTE of page 0 for all tables, code of ring 3
    TRY %1
    TABLES
    mov dword [PT0], 0x1007
    mov dword [PT1], %2
    mov dword [PT1 + 4], FRAME1 | 7
    mov esi, GDT
    mov edi, FRAME0
    mov ecx, 0x200 / 4
    rep movsd
    mov dword [PT0], 7
    SETDESC FREE, 0x400, 0xfffff, 0xf2, F_32 | F_4K   ; data, DPL 3, not accessed
    mov eax, [GDT + FREE]
    mov [FRAME0 + FREE], eax
    mov eax, [GDT + FREE + 4]
    mov [FRAME0 + FREE + 4], eax
    PAGING 0x80010011
    lgdt [cs:moved]
    TORING 3
    mov eax, FREE | 3
    HERE
    %3
    DONE
    LINE
    HEX2 [FRAME0 + FREE + 5]
    PUT " d="
    mov eax, [PT1]
    shr eax, 6
    and eax, 1
    HEX1 eax
    NL
%endmacro
moved: dw 0x1ff
       dd TARGET
TEST "implicit"
    IMPLICIT "load, supervisor page", FRAME0 | 3, {mov fs, eax}
    IMPLICIT "lar, supervisor page", FRAME0 | 1, {lar ebx, eax}
    IMPLICIT "explicit read", FRAME0 | 3, {mov ebx, [TARGET]}
    ret
