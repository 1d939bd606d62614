; segload.asm - loads of segment registers, LDTR and TR, every kind of selector; then accesses.
; SPDX-License-Identifier: MIT
%define IMAGE "segload"
%include "frame.inc"

%define OTHER FREE

%macro LOAD 4                        ; name, register, ring, selector
%defstr reg_text %2
%defstr ring_text %3
%strcat title %1, ", ", reg_text, " in ring ", ring_text
    TRY title
    TORING %3
    mov ecx, %4
    mov %2, cx
    DONE
%endmacro
%macro LOADS 2
    LOAD %1, gs, 0, %2
    LOAD %1, gs, 3, %2
    LOAD %1, ss, 0, %2
    LOAD %1, ss, 3, %2
%endmacro
; Descriptor with access byte %2, then all loads with RPL %3.
%macro KIND 3
    SETDESC OTHER, 0, 0xfffff, %2, F_32 | F_4K
    LOADS %1, OTHER | %3
%endmacro
; SDM vol. 2 MOV; vol. 3 5.4.1, 5.5, 5.6, 5.7
TEST "kinds"
    LOADS "null", 0
    LOADS "null with RPL 3", 3
    LOADS "past the GDT", 0x200
    LOADS "last of the GDT, empty", 0x1f8
    LOADS "past the LDT", 0x107
    KIND "data DPL 0, RPL 0", 0x92, 0
    SHOW "descriptor", [GDT + OTHER + 4]
    KIND "data DPL 0, RPL 3", 0x92, 3
    KIND "data DPL 3, RPL 0", 0xf2, 0
    KIND "data DPL 3, RPL 3", 0xf2, 3
    SHOW "descriptor", [GDT + OTHER + 4]
    KIND "read-only data DPL 3, RPL 3", 0xf0, 3
    KIND "expand-down DPL 3, RPL 3", 0xf6, 3
    KIND "execute-only DPL 3, RPL 3", 0xf8, 3
    KIND "code DPL 3, RPL 3", 0xfa, 3
    KIND "code DPL 0, RPL 3", 0x9a, 3
    KIND "conforming code DPL 0, RPL 3", 0x9e, 3
    KIND "execute-only conforming DPL 0, RPL 0", 0x9c, 0
    KIND "not present, data DPL 3, RPL 3", 0x72, 3
    KIND "not present, data DPL 0, RPL 0", 0x12, 0
    KIND "not present, code DPL 3", 0x78, 3
    KIND "LDT", A_LDT, 0
    KIND "TSS", A_TSS32, 0
    KIND "call gate", G_CALL32, 0
    KIND "interrupt gate", G_INT32, 0
    ret

; SDM vol. 2 LDS, POP; vol. 3 3.4.5.1
TEST "instructions"
    SETDESC OTHER, 0, 0xfffff, 0x92, F_32 | F_4K
    TRY "les loads both or none"
    mov dword [SCRATCH], 0x12345678
    mov dword [SCRATCH + 4], 0x200
    mov ecx, 0x1111
    HERE
    les ecx, [SCRATCH]
    DONE
    SHOW "ecx", [r_ecx]
    SHOW "es", [r_es]
    TRY "les of a null selector"
    mov dword [SCRATCH + 4], 3
    les ecx, [SCRATCH]
    DONE
    SHOW "ecx", [r_ecx]
    and dword [r_es], 0xffff
    SHOW "es", [r_es]
    TRY "lss of a bad selector"
    mov dword [SCRATCH + 4], DATA3 | 3
    lss ecx, [SCRATCH]
    DONE
    TRY "lfs, 16 bits"
    mov word [SCRATCH + 2], OTHER
    mov ecx, 0x11112222
    lfs cx, [SCRATCH]
    DONE
    SHOW "ecx", [r_ecx]
    and dword [r_fs], 0xffff
    SHOW "fs", [r_fs]
    TRY "pop ds: ESP stays when it faults"
    push dword 0x200
    mov ecx, esp
    HERE
    pop ds
    DONE
    mov eax, [r_ecx]
    sub eax, [r_esp]
    SHOW "difference", eax
    TRY "pop es takes 4 bytes"
    push dword 0xffff0000 | DATA0
    mov ecx, esp
    pop es
    DONE
    mov eax, [r_esp]
    sub eax, [r_ecx]
    SHOW "difference", eax
    TRY "push ds"
    push dword -1
    add esp, 4
    mov ax, DATA0
    mov ds, ax
    push ds
    pop ecx
    and ecx, 0xffff
    DONE
    SHOW "pushed", [r_ecx]
    TRY "mov cs"
    mov ecx, CODE0
    db 0x8e, 0xc9
    DONE
    TRY "segment register 6"
    db 0x8e, 0xf1
    DONE
    TRY "mov to memory writes 16 bits"
    mov dword [SCRATCH], -1
    mov [SCRATCH], ds
    DONE
    SHOW "memory", [SCRATCH]
    TRY "mov to a register zero-extends"
    mov ecx, -1
    mov ecx, ds
    DONE
    SHOW "ecx", [r_ecx]
    ret

%macro ACCESS 5                      ; name, limit, access, flags, instruction
    SETDESC OTHER, SCRATCH, %2, %3, %4
    TRY %1
    mov ecx, OTHER
    mov gs, cx
    HERE
    %5
    DONE
%endmacro
; SDM vol. 3 5.3, 5.5; vol. 3 3.4.5.1 (expand-down)
TEST "access"
    ACCESS "read at the limit", 0xff, 0x92, F_32, {mov al, [gs:0xff]}
    ACCESS "read past the limit", 0xff, 0x92, F_32, {mov al, [gs:0x100]}
    ACCESS "word across the limit", 0xff, 0x92, F_32, {mov ax, [gs:0xff]}
    ACCESS "dword ends at the limit", 0xff, 0x92, F_32, {mov eax, [gs:0xfc]}
    ACCESS "page granular, limit 0", 0, 0x92, F_32 | F_4K, {mov eax, [gs:0xffc]}
    ACCESS "page granular, past it", 0, 0x92, F_32 | F_4K, {mov eax, [gs:0xffd]}
    ACCESS "write to read-only data", 0xff, 0x90, F_32, {mov [gs:0], al}
    ACCESS "read of read-only data", 0xff, 0x90, F_32, {mov al, [gs:0]}
    ACCESS "write to code", 0xff, 0x9a, F_32, {mov [gs:0], al}
    ACCESS "read of code", 0xff, 0x9a, F_32, {mov al, [gs:0]}
    ACCESS "expand-down, at the limit", 0xff, 0x96, F_32, {mov al, [gs:0xff]}
    ACCESS "expand-down, past the limit", 0xff, 0x96, F_32, {mov al, [gs:0x100]}
    ACCESS "expand-down, B = 0, last byte", 0xff, 0x96, 0, {mov al, [gs:0xffff]}
    ACCESS "expand-down, B = 0, past 64 KiB", 0xff, 0x96, 0, {mov al, [gs:0x10000]}
    ACCESS "expand-down, B = 0, across 64 KiB", 0xff, 0x96, 0, {mov ax, [gs:0xffff]}
    TRY "null"
    xor ecx, ecx
    mov gs, cx
    HERE
    mov al, [gs:0]
    DONE
    TRY "null by cs override is code"
    mov al, [cs:0]
    DONE
    TRY "write through cs"
    mov [cs:0], al
    DONE
    SETDESC OTHER, 0, 0x7fff, A_DATA, F_32
    TRY "stack: past its limit"
    mov ecx, OTHER
    mov ss, cx
    HERE
    mov al, [ss:0x8000]
    DONE
    TRY "stack: by ebp"
    mov ecx, OTHER
    mov ebp, 0x8000
    mov ss, cx
    HERE
    mov al, [ebp]
    DONE
    TRY "stack: by ebp with a ds override"
    mov ebp, 0x8000
    mov al, [ds:ebp]
    DONE
    TRY "stack: segment of 16 bits uses SP"
    SETDESC OTHER, 0, 0xffff, A_DATA, 0
    mov ecx, OTHER
    mov ss, cx
    mov esp, 0x12340000 | STACKT
    push eax
    mov ecx, esp
    HERE
    int V_DONE
    DONE
    SHOW "esp", [r_ecx]
    ret

; SDM vol. 2 LLDT, LTR
%macro TABLES 2                      ; name, selector
%strcat title %1, ", lldt"
    TRY title
    mov ecx, %2
    lldt cx
    DONE
%strcat title %1, ", ltr"
    TRY title
    mov ecx, %2
    ltr cx
    DONE
%endmacro
TEST "tables"
    TABLES "null", 0
    TABLES "null, RPL 3", 3
    TABLES "in the LDT", 0xc
    TABLES "past the GDT", 0x200
    TABLES "data", DATA0
    TABLES "LDT", LDT0
    TABLES "TSS", TSSA
    SHOW "busy", [SNAP + TSSA + 4]
    TABLES "TSS of 16 bits", TSSB
    SHOW "busy", [SNAP + TSSB + 4]
    TABLES "busy TSS", TSSA
    SETDESC OTHER, LDT, 0xff, 2, 0
    TABLES "LDT not present", OTHER
    SETDESC OTHER, TSS_A, 0x67, 9, 0
    TABLES "TSS not present", OTHER
    TRY "load from a null LDT"
    xor eax, eax
    lldt ax
    mov eax, 4
    HERE
    mov ds, ax
    DONE
    TRY "load from an LDT"
    SETDESC (8 | 4), 0, 0xffff, 0xf2, F_32
    mov eax, 8 | 7
    HERE
    mov es, ax
    DONE
    SHOW "descriptor", [LDT + 12]
    TRY "lgdt, 16 bits: 24 bits of base"
    mov dword [SCRATCH], 0xffff01ff
    mov dword [SCRATCH + 4], 0xffff
    mov word [SCRATCH + 2], GDT
    mov word [SCRATCH + 4], 0xab00
    o16 lgdt [SCRATCH]
    sgdt [SCRATCH + 8]
    DONE
    SHOW "base", [SCRATCH + 10]
    ret
