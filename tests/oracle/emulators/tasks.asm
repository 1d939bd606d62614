; tasks.asm - task switches by JMP, CALL, INT, IRET and task gates, between TSSs of both widths.
; SPDX-License-Identifier: MIT
%define IMAGE "tasks"
%include "frame.inc"

%define GATE FREE
%define OTHER FREE + 8
%define THIRD FREE + 16

; Fields of a 32-bit TSS
%define T_LINK 0
%define T_CR3 0x1c
%define T_EIP 0x20
%define T_EFL 0x24
%define T_EAX 0x28
%define T_ESP 0x38
%define T_ES 0x48
%define T_CS 0x4c
%define T_SS 0x50
%define T_DS 0x54
%define T_FS 0x58
%define T_GS 0x5c
%define T_LDT 0x60
%define T_TRAP 0x64
; and of a 16-bit one
%define S_IP 0x0e
%define S_FL 0x10
%define S_AX 0x12
%define S_SP 0x1a
%define S_ES 0x22
%define S_CS 0x24
%define S_SS 0x26
%define S_DS 0x28
%define S_LDT 0x2a

; A 32-bit task at address %1 that starts at label %2 in ring %3.
%macro TASK32 3
    mov dword [%1 + T_CR3], 0
    mov dword [%1 + T_EIP], %2
    mov dword [%1 + T_EFL], 2
    mov dword [%1 + T_ESP], STACKT
    mov dword [%1 + T_ES], DATA%3 | %3
    mov dword [%1 + T_CS], CODE%3 | %3
    mov dword [%1 + T_SS], DATA%3 | %3
    mov dword [%1 + T_DS], DATA%3 | %3
    mov dword [%1 + T_FS], DATA%3 | %3
    mov dword [%1 + T_GS], DATA%3 | %3
    mov dword [%1 + T_LDT], LDT0
    mov dword [%1 + T_TRAP], 0
    mov dword [%1 + 4], STACK0I
    mov dword [%1 + 8], DATA0
%endmacro
%macro TASK16 3
    mov word [%1 + S_IP], %2
    mov word [%1 + S_FL], 2
    mov word [%1 + S_SP], STACKT
    mov word [%1 + S_ES], DATA%3 | %3
    mov word [%1 + S_CS], CODE%3 | %3
    mov word [%1 + S_SS], DATA0_16   ; the upper half of ESP is not defined
    mov word [%1 + S_DS], DATA%3 | %3
    mov word [%1 + S_LDT], LDT0
    mov word [%1 + 2], STACK0I
    mov word [%1 + 4], DATA0
%endmacro

; Where new tasks start: the step ends here.
entry:
    HERE
    int V_DONE
entry_ecx:                           ; with the flags in ECX first
    pushfd
    pop ecx
    HERE
    int V_DONE
entry_iret:                          ; the called task, back at once; called again it ends
    inc eax
    HERE
    iretd
    inc ebx
    HERE
    int V_DONE

entry_error:                         ; the 16-bit error code
    movzx esi, sp
    movzx ecx, word [ss:esi]
    HERE
    int V_DONE

; TR, busy bits of the frame's and the new task, link of the new one, NT
%macro FACTS 1
    LINE
    PUT "tr "
    HEX4 [r_tr]
    PUT " types "
    mov eax, [SNAP + TSS0 + 5]
    HEX2 eax
    PUT " "
    mov eax, [SNAP + TSSA + 5]
    HEX2 eax
    PUT " "
    mov eax, [SNAP + TSSB + 5]
    HEX2 eax
    PUT " "
    mov eax, [SNAP + TSSC + 5]
    HEX2 eax
    PUT " link "
    HEX4 [%1]
    PUT " old fl "
    mov eax, [TSS_0 + T_EFL]
    and eax, 0x3e7700
    HEX8 eax
    PUT " cr0.ts "
    mov eax, [r_cr0]
    shr eax, 3
    and eax, 1
    HEX1 eax
    NL
%endmacro

; SDM vol. 3 7.3, table 7-2
TEST "switch"
    TASK32 TSS_A, entry, 0
    TRY "jmp to a 32-bit task"
    push dword 0x247602
    popfd
    mov eax, 0x11111111
    mov ebx, 0x22222222
    HERE
    jmp TSSA:0x12345678
    DONE
    FACTS TSS_A
    SHOW "eax saved", [TSS_0 + T_EAX]
    SHOW "ebx saved", [TSS_0 + 0x34]
    mov eax, [TSS_0 + T_EIP]
    sub eax, [resume]
    SHOW "eip saved, from the step's end", eax
    mov eax, [TSS_0 + T_CS]
    SHOW "cs saved", eax
    FRESH
    TASK32 TSS_A, entry, 0
    mov word [TSS_A + T_LINK], 0x7777
    TRY "call a 32-bit task"
    push dword 0x4602
    popfd
    call TSSA:0
    DONE
    FACTS TSS_A
    FRESH
    TASK32 TSS_A, entry, 3
    TRY "jmp to a task of ring 3"
    jmp TSSA:0
    DONE
    FACTS TSS_A
    SHOW "ss", [r_ss]
    SHOW "esp", [r_esp]
    FRESH
    TASK16 TSS_B, entry, 0
    TRY "jmp to a 16-bit task"
    push dword 0x602                 ; the upper half is not defined afterwards
    popfd
    mov eax, 0xaaaa1111
    mov fs, [cs:.data3]
    jmp TSSB:0
.data3: dw DATA3
    DONE
    FACTS TSS_B
    SHOW "fs in the task", [r_fs]
    SHOW "gs in the task", [r_gs]
    FRESH
    TASK16 TSS_B, entry, 0
    mov word [TSS_B + S_AX], 0x5555
    TRY "call a 16-bit task"
    mov eax, 0xaaaa1111
    call TSSB:0
    DONE
    FACTS TSS_B
    and dword [r_eax], 0xffff
    SHOW "ax in the task", [r_eax]
    FRESH
    TASK32 TSS_A, entry, 0
    SETCALL GATE, TSSA, 0, G_TASK
    TRY "call a task gate"
    call GATE:0
    DONE
    FACTS TSS_A
    FRESH
    TASK32 TSS_A, entry, 0
    SETCALL GATE, TSSA, 0, G_TASK
    TRY "jmp to a task gate"
    jmp GATE:0
    DONE
    FACTS TSS_A
    FRESH
    TASK32 TSS_A, entry, 0
    SETGATE 0x21, TSSA, 0, G_TASK | DPL3
    TRY "int through a task gate from ring 3"
    TORING 3, 0x4202
    int 0x21
    DONE
    FACTS TSS_A
    SHOW "cs saved", [TSS_0 + T_CS]
    SHOW "esp saved", [TSS_0 + T_ESP]
    FRESH
    TASK32 TSS_A, entry, 0
    SETGATE 0x21, TSSA, 0, G_TASK | DPL3
    TRY "int through a task gate from V86 mode"
    TOV86
    mov ax, 0x1234
    mov es, ax
    int 0x21
    DONE
    FACTS TSS_A
    SHOW "es saved", [TSS_0 + T_ES]
    SHOW "cs saved", [TSS_0 + T_CS]
    ret

; SDM vol. 3 6.12.2, 6.13: the error code is on the new task's stack, as wide as its TSS
TEST "fault by task gate"
    TASK32 TSS_A, raw_handler, 0
    SETGATE 13, TSSA, 0, G_TASK
    TRY "#GP, 32-bit task"
    mov ax, 0x200
    HERE
    mov ds, ax
    DONE
    RAW32 9, 1
    SHOW "esp", [r_esp]
    FACTS TSS_A
    mov eax, [TSS_0 + T_EIP]
    sub eax, [raw_from]
    SHOW "eip saved", eax
    FRESH
    TASK16 TSS_B, entry_error, 0
    SETGATE 13, TSSB, 0, G_TASK
    TRY "#GP, 16-bit task"
    mov ax, 0x200
    mov ds, ax
    DONE
    SHOW "error code", [r_ecx]
    and dword [r_esp], 0xffff
    SHOW "sp", [r_esp]
    FACTS TSS_B
    FRESH
    TASK32 TSS_A, raw_handler, 0
    SETGATE 6, TSSA, 0, G_TASK
    TRY "#UD has none"
    ud2
    DONE
    SHOW "esp", [r_esp]
    FRESH
    TASK32 TSS_A, raw_handler, 3
    SETGATE 13, TSSA, 0, G_TASK
    TRY "#GP, task of ring 3"
    mov ax, 0x200
    mov ds, ax
    DONE
    RAW32 9, 1
    FRESH
    TASK32 TSS_A, raw_handler, 0
    SETGATE 8, TSSA, 0, G_TASK
    mov byte [IDT + 13 * 8 + 5], 0x0e
    TRY "double fault: no gate for #GP"
    mov ax, 0x200
    HERE
    mov ds, ax
    DONE
    RAW32 9, 1
    FACTS TSS_A
    mov eax, [TSS_0 + T_EIP]
    sub eax, [raw_from]
    SHOW "eip saved", eax
    ret

; SDM vol. 3 7.4; vol. 2 IRET TASK-RETURN
TEST "return"
    TASK32 TSS_A, entry_iret, 0
    TRY "call and iret"
    xor eax, eax
    call TSSA:0
    HERE
    DONE
    FACTS TSS_A
    mov eax, [TSS_A + T_EFL]
    and eax, 0x7700
    SHOW "its flags", eax
    SHOW "its eax", [TSS_A + T_EAX]
    FRESH
    TASK32 TSS_A, entry_iret, 0
    mov dword [TSS_A + T_EAX], 5
    SETGATE 0x21, TSSA, 0, G_TASK | DPL3
    TRY "int and iret from ring 3, twice: the task goes on after its IRET"
    TORING 3
    int 0x21
    int 0x21
    DONE
    FACTS TSS_A
    SHOW "cs", [r_cs]
    SHOW "eax", [r_eax]
    FRESH
    TASK16 TSS_B, entry_iret, 0
    TRY "call a 16-bit task and back"
    mov ecx, 0x12345678
    call TSSB:0
    HERE
    DONE
    FACTS TSS_B
    and dword [r_ecx], 0xffff
    SHOW "cx", [r_ecx]
    ret

%macro BACK 2                        ; name, link
    TRY %1
    mov word [TSS_0 + T_LINK], %2
    push dword 0x4002
    popfd
    HERE
    iretd
    DONE
%endmacro
; SDM vol. 2 IRET: the link must name a busy TSS of the GDT
TEST "bad link"
    BACK "null", 0
    BACK "null with RPL", 3
    BACK "not busy", TSSA
    BACK "LDT", 0xc
    BACK "past the GDT", 0x200
    BACK "data", DATA0
    BACK "RPL is ignored", TSSA | 3
    SETDESC OTHER, TSS_A, 0x67, 0x0b, 0
    BACK "busy, not present", OTHER
    SETDESC OTHER, TSS_A, 0x66, 0x8b, 0
    BACK "busy, too short", OTHER
    TASK32 TSS_A, entry_ecx, 0
    SETDESC OTHER, TSS_A, 0x67, 0x8b | DPL3, 0
    BACK "busy", OTHER | 1
    FACTS TSS_A
    SHOW "its flags", [r_ecx]
    TRY "iret with NT in ring 3"
    TASK32 TSS_A, entry_ecx, 0
    SETDESC OTHER, TSS_A, 0x67, 0x8b, 0
    mov word [TSS_0 + T_LINK], OTHER
    TORING 3, 0x4002
    iretd
    DONE
    FACTS TSS_A
    ret

; SDM vol. 2 CALL and JMP, TASK-GATE and TASK-STATE-SEGMENT
%macro TO 4                          ; name, ring, JMP or CALL, selector
    TRY %1
    TORING %2
    %3 (%4):0
    DONE
%endmacro
TEST "checks"
    TASK32 TSS_A, entry, 0
    TO "TSS of DPL 0 from ring 3", 3, jmp, TSSA
    TO "TSS of DPL 0, RPL 1", 0, jmp, TSSA | 1
    TO "busy TSS", 0, jmp, TSS0
    TO "busy TSS by call", 0, call, TSS0
    SETDESC OTHER, TSS_A, 0x67, 0x09, 0
    TO "not present", 0, jmp, OTHER
    SETDESC OTHER, TSS_A, 0x66, 0x89, 0
    TO "limit 66h", 0, jmp, OTHER
    SHOW "tr", [r_tr]
    TASK16 TSS_B, entry, 0
    SETDESC OTHER, TSS_B, 0x2a, 0x81, 0
    TO "16 bits, limit 2Ah", 0, call, OTHER
    SETDESC OTHER, TSS_B, 0x2b, 0x81, 0
    TO "16 bits, limit 2Bh", 0, call, OTHER
    FRESH
    TASK32 TSS_A, entry, 0
    SETDESC (8 | 4), TSS_A, 0x67, 0x89, 0
    TO "TSS in the LDT", 0, jmp, 8 | 4
    SETCALL GATE, 8 | 4, 0, G_TASK | DPL3
    TO "gate to a TSS in the LDT", 3, jmp, GATE
    SETCALL GATE, 0, 0, G_TASK | DPL3
    TO "gate with a null selector", 3, jmp, GATE
    SETCALL GATE, DATA0, 0, G_TASK | DPL3
    TO "gate to data", 3, jmp, GATE
    SETCALL GATE, TSS0, 0, G_TASK | DPL3
    TO "gate to a busy TSS", 3, jmp, GATE
    SETCALL GATE, 0x200, 0, G_TASK | DPL3
    TO "gate past the GDT", 3, call, GATE
    SETDESC OTHER, TSS_A, 0x67, 0x09, 0
    SETCALL GATE, OTHER, 0, G_TASK | DPL3
    TO "gate to a TSS not present", 3, call, GATE
    SETCALL GATE, TSSA, 0, G_TASK & ~0x80 | DPL3
    TO "gate not present", 3, call, GATE
    SETCALL GATE, TSSA, 0, G_TASK
    TO "gate of DPL 0 from ring 3", 3, call, GATE
    SETCALL GATE, TSSA | 3, 0, G_TASK | DPL3
    TO "gate of DPL 3 to a TSS of DPL 0", 3, jmp, GATE | 3
    FACTS TSS_A
    FRESH
    TASK32 TSS_A, entry, 0
    SETGATE 0x21, TSS0, 0, G_TASK | DPL3
    TRY "int: gate to a busy TSS"
    int 0x21
    DONE
    SETGATE 0x21, OTHER, 0, G_TASK | DPL3
    TRY "int: gate to nothing"
    int 0x21
    DONE
    SETGATE 0x21, 8 | 4, 0, G_TASK | DPL3
    TRY "int: gate to the LDT"
    int 0x21
    DONE
    ret
