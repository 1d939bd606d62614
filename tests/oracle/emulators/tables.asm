; tables.asm - descriptor tables and TSSs in bad pages and across their edges; BOUND, ARPL, LAR,
; LSL, VERR, VERW, CMPXCHG8B.
; SPDX-License-Identifier: MIT
%define IMAGE "tables"
%define EFL_MASK 0x003e7700          ; RF is another image's matter
%include "frame.inc"
%include "cell.inc"

; A table at TARGET + F00h or a few bytes less: its offset 100h is at the page's edge or across.
SPLIT     equ 0x100                  ; selector or offset there
tab_at    equ var + 40               ; base of the table
tab_ptr   equ var + 44               ; for LGDT, LIDT

; GDT, LDT or IDT (EAX) moved to TARGET + F00h - EDX, the second page's PTE attributes in EBX.
move_table:
    mov esi, eax
    TABLES
    mov dword [PT1], FRAME0 | 3
    or ebx, FRAME1
    mov [PT1 + 4], ebx
    mov edi, FRAME0 + 0xf00
    sub edi, edx
    mov ecx, 0x200
    rep movsb
    mov eax, TARGET + 0xf00
    sub eax, edx
    mov [tab_at], eax
    mov [tab_ptr + 2], eax
    mov word [tab_ptr], 0x1ff
    PAGING 0x80010011
    ret

; One step: descriptor at SPLIT (access byte), bytes of it in the first page, PTE of the second,
; ring, instruction. Of CR2 only the page is shown: which byte comes first the manual leaves open.
%macro GDTCASE 6
    LINE
    PUT %1
    mov eax, 0x11
    mov cr0, eax
    SETDESC SPLIT, 0, 0xfffff, %2, F_32 | F_4K
    mov eax, GDT
    mov edx, %3
    mov ebx, %4
    call move_table
    lgdt [tab_ptr]
    QTRY %%after
    TORING %5
    xor ecx, ecx
    mov eax, SPLIT | %5
    %6
    int V_DONE
%%after:
    call case_result
    mov eax, [FRAME1 + 5 - %3]
    PUT " access "
    HEX2 eax
    NL
    lgdt [cs:gdtr]
%endmacro
case_result:
    cmp dword [r_vec], V_DONE
    je .ok
    PUT " #"
    HEX2 [r_vec]
    PUT "("
    HEX4 [r_error]
    PUT ")"
    cmp dword [r_vec], 14
    jne .end
    mov eax, [r_cr2]
    shr eax, 12
    PUT " page "
    HEX4 eax
.end:
    ret
.ok:
    PUT " ok"
    ret

%macro LFS_SPLIT 0
    mov [var + 52], ecx
    mov [var + 56], eax
    lfs ebx, [var + 52]
%endmacro
%macro POP_SPLIT 0
    push eax
    pop fs
%endmacro
%macro RETF_SPLIT 0
    push eax
    push dword FRAME0
    retf
%endmacro
%macro IRET_SPLIT 0
    push dword 2
    push eax
    push dword FRAME0
    iretd
%endmacro
%macro OUTS_0 0
    mov edx, 0
    mov esi, SCRATCH
    outsb
%endmacro
NEW       equ 0x92 | DPL3            ; data, not accessed
OLD       equ 0x93 | DPL3
CODE_NEW  equ 0x9a | DPL3
TEST "gdt"
    QUIET
    GDTCASE "load, supervisor page", NEW, 4, 3, 3, {mov fs, eax}
    GDTCASE "load, whole in the second page", NEW, 0, 3, 3, {mov fs, eax}
    GDTCASE "load, absent", NEW, 4, 2, 3, {mov fs, eax}
    GDTCASE "load, absent, ring 0", OLD & ~DPL3, 4, 2, 0, {mov fs, eax}
    GDTCASE "load, read-only", NEW, 4, 1, 3, {mov fs, eax}
    GDTCASE "load, read-only, accessed", OLD, 4, 1, 3, {mov fs, eax}
    GDTCASE "load, read-only, ring 0", NEW, 4, 1, 0, {mov fs, eax}
    GDTCASE "load ss, read-only", NEW, 4, 1, 3, {mov ss, eax}
    GDTCASE "lar, absent", OLD, 4, 2, 3, {lar ebx, eax}
    GDTCASE "lar, read-only", NEW, 4, 1, 3, {lar ebx, eax}
    GDTCASE "lsl, absent", OLD, 4, 2, 3, {lsl ebx, eax}
    GDTCASE "verr, absent", OLD, 4, 2, 3, {verr ax}
    GDTCASE "verw, read-only", NEW, 4, 1, 3, {verw ax}
    GDTCASE "jump", CODE_NEW, 4, 3, 3, {jmp SPLIT | 3:FRAME0}
    GDTCASE "iret", CODE_NEW, 4, 3, 3, {IRET_SPLIT}
    GDTCASE "jump, absent", CODE_NEW, 4, 2, 3, {jmp SPLIT | 3:FRAME0}
    GDTCASE "jump, read-only", CODE_NEW, 4, 1, 3, {jmp SPLIT | 3:FRAME0}
    GDTCASE "call, absent", CODE_NEW, 4, 2, 3, {call SPLIT | 3:FRAME0}
    GDTCASE "lfs, absent", OLD, 4, 2, 3, {LFS_SPLIT}
    GDTCASE "pop fs, read-only", NEW, 4, 1, 3, {POP_SPLIT}
    GDTCASE "retf to it, absent", CODE_NEW, 4, 2, 3, {RETF_SPLIT}
    GDTCASE "iret to it, read-only", CODE_NEW, 4, 1, 3, {IRET_SPLIT}
    GDTCASE "lldt, absent", OLD, 4, 2, 0, {lldt ax}
    GDTCASE "ltr, absent", OLD, 4, 2, 0, {ltr ax}
    GDTCASE "ltr, read-only", 0x89, 4, 1, 0, {ltr ax}
    ret

; Gates of vectors 20h and on: the one of 21h has its second half behind the edge.
%macro IDTCASE 3                     ; step, bytes in the first page, PTE of the second
    LINE
    PUT %1
    mov eax, 0x11
    mov cr0, eax
    SETGATE 0x21, CODE0, q_done, G_INT32 | DPL3
    mov eax, IDT
    mov edx, %2 + 8
    mov ebx, %3
    call move_table
    lidt [tab_ptr]
    QTRY %%after
    TORING 3
    int 0x21
%%after:
    call case_result
    NL
    lidt [cs:idtr]
%endmacro
TEST "idt"
    QUIET
    IDTCASE "supervisor page", 4, 3
    IDTCASE "whole in the second page", 0, 3
    IDTCASE "read-only", 4, 1
    IDTCASE "absent", 4, 2
    IDTCASE "whole, absent", 0, 2
    ret

; A TSS whose permission map lies in the second page.
%macro TSSCASE 3                     ; step, PTE of the second page, instruction
    LINE
    PUT %1
    mov eax, 0x11
    mov cr0, eax
    mov eax, TSS_0
    mov edx, 0
    mov ebx, %2
    call move_table
    mov word [FRAME0 + 0xf66], 0x100
    mov dword [FRAME1], 0xfffefffe
    mov dword [FRAME1 + 4], 0xffffffff
    SETDESC FREE, TARGET + 0xf00, 0x180, A_TSS32, 0
    mov eax, FREE
    ltr ax
    QTRY %%after
    TORING 3
    %3
    int V_DONE
%%after:
    call case_result
    NL
    SETDESC TSS0, TSS_0, 0x108, A_TSS32, 0
    mov eax, TSS0
    ltr ax
%endmacro
TEST "io map"
    QUIET
    TSSCASE "allowed", 1, {in al, 0}
    TSSCASE "refused", 1, {in al, 1}
    TSSCASE "word, half refused", 1, {in ax, 0}
    TSSCASE "absent", 2, {in al, 0}
    TSSCASE "outsb, absent", 2, {OUTS_0}
    ret

; An LDT: the same rules.
TEST "ldt"
    QUIET
    LINE
    PUT "absent"
    mov dword [LDT + 0x80], LO(0, 0xfffff)
    mov dword [LDT + 0x84], HI(0, 0xfffff, OLD, F_32 | F_4K)
    mov eax, LDT - 0x80
    mov edx, 4
    mov ebx, 2
    call move_table
    SETDESC FREE, TARGET + 0xf80 - 4, 0xff, A_LDT, 0
    mov eax, FREE
    lldt ax
    QTRY ldt_after
    TORING 3
    mov eax, 0x80 | 7
    mov fs, eax
    int V_DONE
ldt_after:
    call case_result
    NL
    ret

; ---- instructions ---------------------------------------------------------------------------
%macro BOUNDS 3                      ; step, EAX, instruction
    TRY %1
    mov dword [SCRATCH], -2
    mov dword [SCRATCH + 4], 5
    mov dword [SCRATCH + 8], 0x0005fffe
    mov eax, %2
    HERE
    %3
    DONE
%endmacro
TEST "bound"
    BOUNDS "at the lower", -2, {bound eax, [SCRATCH]}
    BOUNDS "below", -3, {bound eax, [SCRATCH]}
    BOUNDS "at the upper", 5, {bound eax, [SCRATCH]}
    BOUNDS "above", 6, {bound eax, [SCRATCH]}
    BOUNDS "16-bit, at the lower", 0x7ffffffe, {bound ax, [SCRATCH + 8]}
    BOUNDS "16-bit, above", 6, {bound ax, [SCRATCH + 8]}
    BOUNDS "register", 0, {db 0x62, 0xc0}
    TRY "second bound absent"
    TABLES
    mov dword [PT1], FRAME0 | 7
    PAGING
    mov dword [TARGET + 0xffc], 0
    mov eax, 1
    HERE
    bound eax, [TARGET + 0xffc]
    DONE
    ret

%macro RPL 3                         ; step, AX, CX
    mov eax, %2
    mov ecx, %3
    cmp eax, 0x12345678
    arpl ax, cx
    setz cl
    movzx ecx, cl
    mov ebx, eax
    LINE
    PUT %1
    PUT " "
    HEX8 ebx
    PUT " zf="
    HEX1 ecx
    NL
%endmacro
TEST "arpl"
    RPL "raised", 0x55550008, 0x13
    RPL "equal", 0x5555000a, 0x12
    RPL "lower", 0x5555000b, 0x11
    TRY "real"
    TOREAL
    arpl ax, cx
    DONE
    TRY "v86"
    TOV86
    arpl ax, cx
    DONE
    TRY "memory, read-only"
    TABLES
    mov dword [PT1], FRAME0 | 1
    PAGING 0x80010011
    mov ecx, 3
    HERE
    arpl [TARGET], cx
    DONE
    ret

; LAR, LSL, VERR, VERW of every type of descriptor, DPL 0 and 3, from ring 0 and ring 3.
%macro ASK 2                         ; digit's weight, instruction
    %2
    jnz %%no
    add ebp, %1
%%no:
%endmacro
TEST "visible"
    QUIET
    xor edi, edi
type_next:
    LINE
    PUT "access "
    HEX2 edi
    PUT " ring 0, 3:"
    mov dword [GDT + FREE], 0x1234
    mov eax, edi
    shl eax, 8
    or eax, 0x00500000
    mov [GDT + FREE + 4], eax
    xor esi, esi
type_ring:
    QTRY type_after
    test esi, esi
    jz type_ask
    TORING 3
type_ask:
    mov eax, FREE
    mov ebx, 0xeeeeeeee
    mov ecx, 0xeeeeeeee
    xor ebp, ebp
    ASK 8, {lar ebx, eax}
    ASK 4, {lsl ecx, eax}
    ASK 2, {verr ax}
    ASK 1, {verw ax}
    int V_DONE
type_after:
    PUT " "
    HEX1 [r_ebp]
    PUT " "
    HEX8 [r_ebx]
    PUT " "
    HEX8 [r_ecx]
    xor esi, 1
    jnz type_ring
    NL
    inc edi
    cmp edi, 0x20
    jne type_dpl
    mov edi, 0xe0                    ; present, DPL 3
type_dpl:
    cmp edi, 0x100
    jb type_next
    ret

TEST "cmpxchg8b"
    mov dword [SCRATCH], 0x11111111
    mov dword [SCRATCH + 4], 0x22222222
    mov eax, 0x11111111
    mov edx, 0x22222222
    mov ebx, 0x33333333
    mov ecx, 0x44444444
    lock cmpxchg8b [SCRATCH]
    pushfd
    pop ebp
    and ebp, 0x40
    SHOW "equal, zf", ebp
    SHOW "low", [SCRATCH]
    SHOW "high", [SCRATCH + 4]
    mov eax, 0x33333333
    mov edx, 0x22222222
    cmpxchg8b [SCRATCH]
    SHOW "not equal, eax", eax
    SHOW "edx", edx
    TRY "register"
    db 0x0f, 0xc7, 0xc8
    DONE
    TRY "lock, register"
    db 0xf0, 0x0f, 0xc7, 0xc8
    DONE
    TRY "lock mov"
    db 0xf0, 0x89, 0x05
    dd SCRATCH
    DONE
    TRY "lock add, register"
    db 0xf0, 0x01, 0xc0
    DONE
    TRY "across pages, second absent"
    TABLES
    mov dword [PT1], FRAME0 | 7
    PAGING
    HERE
    cmpxchg8b [TARGET + 0xffc]
    DONE
    ret
