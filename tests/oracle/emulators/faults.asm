; faults.asm - double faults and shutdown, error codes, #AC, and which fault comes first.
; SPDX-License-Identifier: MIT
%define IMAGE "faults"
%include "frame.inc"

%define PD PAGES
%define PT (PAGES + 0x1000)

; 4 KiB pages, the first 4 MiB identity-mapped for everybody; clears EAX.
paging_on:
    pushad
    mov edi, PT
    mov eax, 7
    mov ecx, 1024
.next:
    stosd
    add eax, 0x1000
    loop .next
    mov edi, PD
    xor eax, eax
    mov ecx, 1024
    rep stosd
    mov dword [PD], PT | 7
    mov eax, PD
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    jmp short .on
.on:
    popad
    ret
%define PAGE_OF(a) PT + (a) / 0x1000 * 4

%macro NO_GATE 1
    mov byte [IDT + (%1) * 8 + 5], 0x0e
%endmacro

; SDM vol. 3 6.15, interrupt 8, table 6-5
TEST "double"
    TRY "#GP, then #NP"
    NO_GATE 13
    TORING 3
    hlt
    DONE
    FRESH
    TRY "#DE, then #NP"
    NO_GATE 0
    TORING 3
    xor ecx, ecx
    div ecx
    DONE
    FRESH
    TRY "#NP, then #GP"
    mov byte [IDT + 11 * 8 + 5], G_CALL32
    SETDESC FREE, 0, 0xffff, 0x12, F_32
    mov ax, FREE
    HERE
    mov ds, ax
    DONE
    FRESH
    TRY "#UD, then #NP: one after the other"
    NO_GATE 6
    TORING 3
    ud2
    DONE
    FRESH
    TRY "#BR, then #NP: one after the other"
    NO_GATE 5
    mov dword [SCRATCH], 1
    mov dword [SCRATCH + 4], 2
    xor ecx, ecx
    HERE
    bound ecx, [SCRATCH]
    DONE
    FRESH
    TRY "int3, then #NP: no EXT"
    NO_GATE 3
    int3
    DONE
    FRESH
    TRY "int1, then #NP: EXT"
    NO_GATE 1
    db 0xf1
    DONE
    FRESH
    TRY "into, then #NP"
    NO_GATE 4
    push dword 0x802
    popfd
    HERE
    into
    DONE
    FRESH
    TRY "int 21, then #NP"
    NO_GATE 0x21
    int 0x21
    DONE
    FRESH
    TRY "step, then #NP: EXT"
    NO_GATE 1
    push dword 0x102
    mov dword [origin], .step
    popfd
.step:
    nop
    DONE
    FRESH
    TRY "#PF, then #NP"
    call paging_on
    NO_GATE 14
    HERE
    mov al, [0x400000]
    DONE
    TRY "#PF, then #PF"
    FRESH
    call paging_on
    mov dword [PAGE_OF(SCRATCH)], 0
    mov dword [TSS_0 + 4], SCRATCH + 0x800
    SETGATE 8, TSSA, 0, G_TASK
    mov dword [TSS_A + 0x1c], PD
    mov dword [TSS_A + 0x20], .df
    mov dword [TSS_A + 0x24], 2
    mov dword [TSS_A + 0x38], STACKT
    mov dword [TSS_A + 0x48], DATA0
    mov dword [TSS_A + 0x4c], CODE0
    mov dword [TSS_A + 0x50], DATA0
    mov dword [TSS_A + 0x54], DATA0
    TORING 3
    mov al, [0x400000]
    jmp .end
.df:
    pop ecx
    mov dword [origin], .df_int
.df_int:
    int V_DONE
.end:
    DONE
    SHOW "tr", [r_tr]
    SHOW "error code", [r_ecx]
    SHOW "cr2", [r_cr2]
    TRY "#GP, then #PF: one after the other"
    FRESH
    call paging_on
    mov dword [PAGE_OF(SCRATCH)], 0
    mov dword [TSS_0 + 12], SCRATCH + 0x800
    SETGATE 13, CODE1, raw_handler, G_INT32
    TORING 3
    hlt
    DONE
    TRY "#DF's gate is missing: shutdown"
    FRESH
    NO_GATE 13
    NO_GATE 8
    TORING 3
    hlt
    DONE
    TRY "no stack at all: shutdown"
    FRESH
    call paging_on
    mov dword [PAGE_OF(SCRATCH)], 0
    mov esp, SCRATCH + 0x800
    push eax
    DONE
    TRY "the IDT is empty: shutdown"
    FRESH
    lidt [cs:.none]
    int3
    DONE
    TRY "real mode, IVT of 0 bytes: shutdown"
    TOREAL
    o32 lidt [cs:.none]
    int3
    DONE
    TRY "real mode, no room for the frame: shutdown"
    TOREAL
    mov sp, 1
    push ax
    DONE
    ret
.none: dw 0
       dd 0

; SDM vol. 3 6.15, interrupt 17
%macro AC 2-3 nop
    TRY %1
    mov eax, 0x40011
    mov cr0, eax
    TORING 3, 0x40002
    %3
    %2
    DONE
%endmacro
TEST "alignment"
    AC "word at an odd address", {mov ax, [SCRATCH + 1]}
    AC "dword at 2", {mov eax, [SCRATCH + 2]}
    AC "dword at 4", {mov eax, [SCRATCH + 4]}
    AC "byte", {mov al, [SCRATCH + 1]}
    AC "store", {mov [SCRATCH + 3], eax}
    AC "read-modify-write", {add dword [SCRATCH + 1], eax}
    AC "push", {push eax}, {mov esp, STACK3 - 2}
    AC "lodsd", lodsd, {mov esi, SCRATCH + 1}
    AC "fld qword at 4", {fld qword [SCRATCH + 4]}
    AC "fld tword at 4", {fld tword [SCRATCH + 4]}
    AC "fld tword at 8", {fld tword [SCRATCH + 8]}
    AC "les at 1: the offset", {les ecx, [SCRATCH + 1]}
    AC "bound at 2", {bound ecx, [SCRATCH + 2]}
    AC "descriptor tables are not checked", {lar ecx, ecx}
    TRY "ring 0"
    mov eax, 0x40011
    mov cr0, eax
    push dword 0x40002
    popfd
    HERE
    mov eax, [SCRATCH + 1]
    DONE
    TRY "AM clear"
    TORING 3, 0x40002
    mov eax, [SCRATCH + 1]
    DONE
    TRY "AC clear"
    mov eax, 0x40011
    mov cr0, eax
    TORING 3
    mov eax, [SCRATCH + 1]
    DONE
    TRY "V86 mode"
    mov eax, 0x40011
    mov cr0, eax
    TOV86 0x63002
    mov ax, [SCRATCH + 1]
    DONE
    TRY "ring 1"
    mov eax, 0x40011
    mov cr0, eax
    TORING 1, 0x40002
    mov eax, [SCRATCH + 1]
    DONE
    TRY "the handler's stack of ring 0 is not checked"
    mov dword [TSS_0 + 4], STACK0I - 1
    mov eax, 0x40011
    mov cr0, eax
    TORING 3, 0x40002
    mov eax, [SCRATCH + 1]
    DONE
    ret

; SDM vol. 3 table 6-2
TEST "priority"
    TRY "15 bytes"
    times 14 es
    nop
    DONE
    TRY "16 bytes"
    times 15 es
    nop
    DONE
    TRY "lock on a register"
    db 0xf0, 0x01, 0xc0
    DONE
    TRY "lock on a load"
    db 0xf0, 0x8b, 0x05
    dd SCRATCH
    DONE
    TRY "lock on cmp"
    db 0xf0, 0x39, 0x05
    dd SCRATCH
    DONE
    TRY "lock in memory"
    lock inc dword [SCRATCH]
    DONE
    TRY "lgdt with a register in ring 3: #UD"
    TORING 3
    db 0x0f, 0x01, 0xd0
    DONE
    TRY "lock hlt in ring 3: #UD"
    TORING 3
    db 0xf0
    hlt
    DONE
    TRY "limit before page"
    call paging_on
    SETDESC FREE, 0x400000, 0xff, A_DATA, F_32
    mov ecx, FREE
    mov gs, cx
    HERE
    mov eax, [gs:0x100]
    DONE
    TRY "privilege before page"
    call paging_on
    TORING 3
    lgdt [0x400000]
    DONE
    TRY "divide error after page fault"
    call paging_on
    xor eax, eax
    HERE
    div dword [0x400000]
    DONE
    TRY "code past the segment's limit"
    SETDESC FREE, 0xf0000, 0, A_CODE, F_32
    mov word [GDT + FREE], .edge
    mov dword [origin], .edge
    jmp FREE:.edge
.edge:
    nop
    DONE
    TRY "bound"
    mov dword [SCRATCH], -1
    mov dword [SCRATCH + 4], 1
    mov ecx, 2
    HERE
    bound ecx, [SCRATCH]
    DONE
    TRY "idiv overflow"
    mov edx, 0xffffffff
    mov eax, 0x80000000
    mov ecx, -1
    HERE
    idiv ecx
    DONE
    TRY "aam 0"
    aam 0
    DONE
    TRY "ud0 and ud1"
    db 0x0f, 0xb9, 0xc0
    DONE
    ret
