; tlb.asm - changed page tables: what must be seen at once, and what after INVLPG or a control
; register. Nothing is asked that the manual leaves open: a stale entry may or may not be used.
; SPDX-License-Identifier: MIT
%define IMAGE "tlb"
%define EFL_MASK 0x003e7700          ; RF is another image's matter
%include "frame.inc"
%include "cell.inc"

PGE       equ 0x80
PSE       equ 0x10
FIRST     equ 0x11111111             ; in FRAME0 at DATA_OFF
SECOND    equ 0x22222222             ; in FRAME1
RAMCODE   equ 0x30000                ; with FLAT0
RAMCODE2  equ 0x31000

; Tables, paging with CR0 = EAX, TARGET's PTE = FRAME0 | EBX, read once.
setup:
    push eax
    mov eax, 0x11
    mov cr0, eax
    jmp short .off
.off:
    TABLES
    mov dword [FRAME0 + DATA_OFF], FIRST
    mov dword [FRAME1 + DATA_OFF], SECOND
    lea eax, [ebx + FRAME0]
    mov [PT1], eax
    mov eax, PD
    mov cr3, eax
    pop eax
    mov cr0, eax
    jmp short .on
.on:
    mov eax, [TARGET + DATA_OFF]
    ret

%macro REMAP 2-3 7                   ; step, what makes the change seen, attributes of the PTE
    LINE
    PUT %1
    PUT " "
    mov ebx, %3
    mov eax, 0x80000011
    call setup
    mov dword [PT1], FRAME1 | %3
    %2
    mov eax, [TARGET + DATA_OFF]
    HEX8 eax
    NL
%endmacro
%macro FLIP 2                        ; control register, bits
    mov eax, %1
    xor eax, %2
    mov %1, eax
%endmacro
%macro PG_OFF_ON 0
    FLIP cr0, 0x80000000
    jmp short %%a
%%a:
    FLIP cr0, 0x80000000
    jmp short %%b
%%b:
%endmacro
%macro PGE_OFF_ON 0
    FLIP cr4, PGE
    FLIP cr4, PGE
%endmacro
%macro BY_SEGMENT 0
    SETDESC FREE, TARGET - 0x100, 0xfffff, A_DATA, F_32 | F_4K
    mov eax, FREE
    mov fs, eax
    invlpg [fs:0x100 + 0xfff]
%endmacro
; A task switch that changes CR3: to a copy of the directory.
%macro BY_TASK 0
    mov dword [PAGES + 0x3000], PT0 | 7
    mov dword [PAGES + 0x3004], PT1 | 7
    mov dword [TSS_A + 0x1c], PAGES + 0x3000
    mov dword [TSS_A + 0x20], %%in
    mov dword [TSS_A + 0x24], 2
    mov dword [TSS_A + 0x38], STACKT
    mov dword [TSS_A + 0x48], DATA0
    mov dword [TSS_A + 0x4c], CODE0
    mov dword [TSS_A + 0x50], DATA0
    mov dword [TSS_A + 0x54], DATA0
    mov dword [TSS_A + 0x60], 0
    mov dword [TSS_0 + 0x1c], PD
    mov [save_esp], esp
    jmp TSSA:0
%%in:
    mov esp, [save_esp]
%endmacro
TEST "remap"
    REMAP "invlpg", {invlpg [TARGET]}
    REMAP "invlpg, last byte", {invlpg [TARGET + 0xfff]}
    REMAP "invlpg, segment base", {BY_SEGMENT}
    REMAP "cr3", {FLIP cr3, 0}
    REMAP "pge off and on", {PGE_OFF_ON}
    REMAP "pg off and on", {PG_OFF_ON}
    REMAP "task switch", {BY_TASK}
    ret

; Global entries: MOV to CR3 may leave them, these may not.
TEST "remap global"
    CR4 PGE
    REMAP "invlpg", {invlpg [TARGET]}, 0x107
    REMAP "pge off and on", {PGE_OFF_ON}, 0x107
    REMAP "pge off", {FLIP cr4, PGE}, 0x107
    CR4 0
    REMAP "pge on", {FLIP cr4, PGE}, 0x107
    REMAP "pg off and on", {PG_OFF_ON}, 0x107
    CR4 0
    REMAP "without pge, cr3", {FLIP cr3, 0}, 0x107
    ret

; INVLPG of any address in a large page drops all of it.
TEST "large"
    CR4 PSE
    TABLES
    mov dword [DATA_OFF + 0x9000], FIRST
    mov dword [DATA_OFF + 0x3009000], 0
    mov dword [PD + 4], 0x87
    PAGING
    mov dword [TARGET + 0x9000], FIRST
    mov eax, [TARGET + 0x8ffc]
    mov eax, [TARGET + 0xa000]
    mov dword [PD + 4], 0x400087
    invlpg [TARGET + 0x123456]
    mov dword [TARGET + 0x9000], SECOND
    mov eax, [0x9000]
    SHOW "old frame", eax
    mov dword [PD + 8], 0x400087
    mov eax, [2 * TARGET + 0x9000]
    SHOW "new frame", eax
    mov dword [PD + 4], PT1 | 7      ; from a large page to small ones
    mov dword [PT1 + 0x24], FRAME0 | 7
    mov dword [FRAME0], FIRST
    invlpg [TARGET + 0x9000]
    mov eax, [TARGET + 0x9000]
    SHOW "small page", eax
    ret

; INVLPG drops what is kept of page directories, too: a page not yet used comes by the new table.
TEST "directory"
    mov eax, 0x80000011
    mov ebx, 7
    call setup
    mov edi, PAGES + 0x3000
    mov ecx, 1024
    mov eax, FRAME1 | 7
    rep stosd
    mov dword [PD + 4], (PAGES + 0x3000) | 7
    invlpg [TARGET]
    mov eax, [TARGET + DATA_OFF]
    SHOW "same page", eax
    mov eax, [TARGET + 0x5000 + DATA_OFF]
    SHOW "another page", eax
    ret

; What was not present, or had a reserved bit, is not kept.
TEST "present"
    QUIET
    mov eax, 0x80000011
    mov ebx, 7
    call setup
    mov dword [PT1 + 4], FRAME1 | 6
    QTRY present_1
    mov eax, [TARGET + 0x1000 + DATA_OFF]
    int V_DONE
present_1:
    LINE
    PUT "pte"
    call vector
    mov dword [PT1 + 4], FRAME1 | 7
    mov eax, [TARGET + 0x1000 + DATA_OFF]
    PUT " "
    HEX8 eax
    NL
    QTRY present_2
    mov eax, [2 * TARGET + DATA_OFF]
    int V_DONE
present_2:
    LINE
    PUT "pde"
    call vector
    mov dword [PD + 8], PT1 | 7
    mov eax, [2 * TARGET + DATA_OFF]
    PUT " "
    HEX8 eax
    NL
    CR4 PSE
    mov dword [PD + 12], 0x200087
    QTRY present_3
    mov eax, [3 * TARGET + DATA_OFF]
    int V_DONE
present_3:
    LINE
    PUT "reserved"
    call vector
    mov dword [PD + 12], PT1 | 7
    mov eax, [3 * TARGET + DATA_OFF]
    PUT " "
    HEX8 eax
    NL
    ret

; " ok" or " e" and the error code, of the last quiet try.
vector:
    cmp dword [r_vec], V_DONE
    je .ok
    PUT " e"
    HEX2 [r_error]
    ret
.ok:
    PUT " ok"
    ret

; A page fault drops the entry, so that what the handler gives is there; one more fault is allowed.
TEST "more rights"
    QUIET
    mov eax, 0x80010011
    mov ebx, 5
    call setup
    LINE
    PUT "write"
    QTRY more_1
    mov [TARGET + DATA_OFF], eax
    int V_DONE
more_1:
    call vector
    mov dword [PT1], FRAME0 | 7
    QTRY more_2
    mov [TARGET + DATA_OFF], eax
    int V_DONE
more_2:
    QTRY more_3
    mov [TARGET + DATA_OFF], eax
    int V_DONE
more_3:
    call vector
    NL
    ret

; Fewer rights: seen after INVLPG.
%macro FEWER 4                       ; step, first PTE's attributes, second's, ring and instruction
    TRY %1
    mov eax, 0x80010011
    mov ebx, %2
    call setup
    mov eax, [TARGET + DATA_OFF]
    mov dword [PT1], FRAME0 | %3
    invlpg [TARGET]
    %4
    DONE
%endmacro
%macro IN_RING 2
    TORING %1
    HERE
    %2
%endmacro
TEST "fewer rights"
    FEWER "read-only", 7, 5, {IN_RING 0, {mov [TARGET], eax}}
    FEWER "read-only, read", 7, 5, {IN_RING 0, {mov eax, [TARGET]}}
    FEWER "supervisor", 7, 3, {IN_RING 3, {mov eax, [TARGET]}}
    FEWER "absent", 7, 6, {IN_RING 3, {mov eax, [TARGET]}}
    ret

; CR0.WP and CPL are not part of an entry: the same entry answers each as it is.
TEST "same entry"
    QUIET
    mov eax, 0x80000011
    mov ebx, 1
    call setup
    mov ecx, 4
    LINE
    PUT "wp 0 and 1, write"
same_wp:
    QTRY same_next
    mov [TARGET + DATA_OFF], eax
    int V_DONE
same_next:
    push ecx
    call vector
    pop ecx
    FLIP cr0, 0x10000
    loop same_wp
    NL
    LINE
    PUT "ring 3 and 0, read"
    mov ecx, 4
same_cpl:
    QTRY same_ring
    mov eax, [TARGET + DATA_OFF]
    test cl, 1
    jnz same_read
    TORING 3
same_read:
    mov eax, [TARGET + DATA_OFF]
    int V_DONE
same_ring:
    push ecx
    call vector
    pop ecx
    loop same_cpl
    NL
    ret

; Two address spaces, and the entries of neither seen in the other.
TEST "address spaces"
    mov eax, 0x80000011
    mov ebx, 7
    call setup
    mov esi, PD
    mov edi, PAGES + 0x3000
    mov ecx, 2048
    rep movsd
    mov esi, PT1
    mov ecx, 1024
    rep movsd
    mov dword [PAGES + 0x3004], (PAGES + 0x5000) | 7
    mov dword [PAGES + 0x5000], FRAME1 | 7
    LINE
    PUT "two by turns"
    mov ecx, 4
space_next:
    mov eax, [TARGET + DATA_OFF]
    PUT " "
    HEX8 eax
    mov eax, cr3
    xor eax, PD ^ (PAGES + 0x3000)
    mov cr3, eax
    loop space_next
    NL
    ret

; Code, too: a page executed, remapped and executed again; and one that remaps itself.
TEST "code"
    mov eax, 0x80000011
    mov ebx, 7
    call setup
    mov dword [FRAME0], 0xcb01b0     ; MOV AL, 1; RETF
    mov dword [FRAME1], 0xcb02b0
    xor eax, eax
    call FLAT0:TARGET
    SHOW "first", eax
    mov dword [PT1], FRAME1 | 7
    invlpg [TARGET]
    call FLAT0:TARGET
    SHOW "invlpg", eax
    mov dword [PT1], FRAME0 | 7
    FLIP cr3, 0
    call FLAT0:TARGET
    movzx eax, al
    SHOW "cr3", eax
    ret

%macro REMAPPER 2                    ; step, serializing instruction
    TRY %1
    mov eax, 0x80000011
    mov ebx, 7
    call setup
    mov esi, %%code
    mov edi, FRAME0
    mov ecx, %%end - %%code
    cs rep movsb
    mov esi, %%code
    mov edi, FRAME1
    mov ecx, %%end - %%code
    cs rep movsb
    mov byte [FRAME1 + %%al + 1 - %%code], 2
    mov edx, cr3
    mov dword [origin], TARGET
    jmp FLAT0:TARGET
%%code:
    mov dword [PT1], FRAME1 | 7
    %2
%%al:
    mov al, 1
    int V_DONE
%%end:
    DONE
    LINE
    HEX2 [r_eax]
    NL
%endmacro
TEST "remaps itself"
    REMAPPER "invlpg", {invlpg [TARGET]}
    REMAPPER "cr3", {mov cr3, edx}
    ret

TEST "invlpg"
    TRY "register"
    db 0x0f, 0x01, 0xf8
    DONE
    TRY "ring 3"
    TORING 3
    invlpg [0]
    DONE
    TRY "address beyond a segment"
    mov eax, DATA0_16
    mov fs, eax
    invlpg [fs:0x12345]
    DONE
    TRY "absent page"
    mov eax, 0x80000011
    mov ebx, 7
    call setup
    HERE
    invlpg [0x80000000]
    DONE
    ret
