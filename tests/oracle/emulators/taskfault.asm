; taskfault.asm - what goes wrong in the middle of a task switch; the T bit; LDT and CR3 of a task.
; SPDX-License-Identifier: MIT
%define IMAGE "taskfault"
%include "frame.inc"

%define OTHER FREE + 8
%define T_EIP 0x20
%define T_EFL 0x24
%define T_ES 0x48
%define T_CS 0x4c
%define T_SS 0x50
%define T_DS 0x54
%define T_FS 0x58
%define T_GS 0x5c
%define T_LDT 0x60
%define T_TRAP 0x64

task_a:
    pushad
    mov edi, TSS_A
    mov ecx, 0x68 / 4
    xor eax, eax
    rep stosd
    mov dword [TSS_A + T_EIP], entry
    mov dword [TSS_A + T_EFL], 2
    mov dword [TSS_A + 0x38], STACKT
    mov dword [TSS_A + 4], STACK0I
    mov dword [TSS_A + 8], DATA0
    mov dword [TSS_A + T_CS], CODE0
    mov eax, DATA0
    mov [TSS_A + T_ES], eax
    mov [TSS_A + T_SS], eax
    mov [TSS_A + T_DS], eax
    mov [TSS_A + T_FS], eax
    mov [TSS_A + T_GS], eax
    popad
    ret

entry:
    int V_DONE

; Tasks for vectors 10 to 13, since the stack of the faulting task may not be usable: EBX = vector.
%define HANDLERS SCRATCH
handlers:
    pushad
    mov ebx, 10
    mov edx, HANDLERS
    mov esi, FREE + 16
.next:
    mov edi, edx
    mov ecx, 0x68 / 4
    xor eax, eax
    rep stosd
    mov dword [edx + T_EIP], raw_handler
    mov dword [edx + T_EFL], 2
    mov [edx + 0x34], ebx
    mov dword [edx + 0x38], STACKT - 0x200
    mov dword [edx + T_CS], CODE0
    mov eax, DATA0
    mov [edx + T_ES], eax
    mov [edx + T_SS], eax
    mov [edx + T_DS], eax
    mov word [GDT + esi], 0x67
    mov [GDT + esi + 2], dx
    mov dword [GDT + esi + 4], A_TSS32 << 8
    mov [IDT + ebx * 8 + 2], si
    mov byte [IDT + ebx * 8 + 5], G_TASK
    add esi, 8
    add edx, 0x80
    inc ebx
    cmp ebx, 14
    jb .next
    popad
    ret

; The new task's TSS as the fault's handler finds it: what was loaded is all there.
facts:
    call prefix
    PUT "tr "
    HEX4 [r_tr]
    cmp dword [r_tr], TSSA
    jne .handled
    PUT ", no fault"
    jmp newline
.handled:
    PUT " vector "
    HEX2 [r_ebx]
    PUT " error "
    HEX4 [raw]
    PUT " link "
    mov eax, [r_ebx]
    sub eax, 10
    shl eax, 7
    HEX4 [HANDLERS + eax]
    PUT " busy "
    HEX2 [SNAP + TSS0 + 5]
    PUT " "
    HEX2 [SNAP + TSSA + 5]
    PUT " cs "
    HEX4 [TSS_A + T_CS]
    PUT " ss "
    HEX4 [TSS_A + T_SS]
    PUT " ds "
    HEX4 [TSS_A + T_DS]
    jmp newline

%macro SEL 3                         ; name, TSS field, selector
    TRY %1
    FRESH
    call task_a
    call handlers
    mov dword [TSS_A + %2], %3
    mov dword [origin], entry
    call TSSA:0
    DONE
    call facts
%endmacro

; SDM vol. 3 7.3, table 7-1: what is checked after the commit; 6.15, interrupts 10 and 11
TEST "selectors"
    SEL "ldt null", T_LDT, 0
    SEL "ldt in the LDT", T_LDT, 0xc
    SEL "ldt past the GDT", T_LDT, 0x200
    SEL "ldt of another type", T_LDT, DATA0
    SEL "cs null", T_CS, 0
    SEL "cs past the GDT", T_CS, 0x200
    mov eax, [TSS_A + T_EIP]
    sub eax, entry
    cmp eax, 0
    je .at_entry
    SAY "eip of the fault is not the new task's"
.at_entry:
    SEL "cs data", T_CS, DATA0
    SEL "cs system", T_CS, TSSB
    SEL "cs RPL 3, DPL 0", T_CS, CODE0 | 3
    SEL "cs RPL 0, DPL 3", T_CS, CODE3
    SEL "ss null", T_SS, 0
    SEL "ss past the GDT", T_SS, 0x200
    SEL "ss code", T_SS, CODE0
    SEL "ss DPL 3", T_SS, DATA3
    SEL "ss DPL and RPL 3", T_SS, DATA3 | 3
    SEL "ss RPL 3", T_SS, DATA0 | 3
    SEL "ds past the GDT", T_DS, 0x200
    SEL "ds null", T_DS, 0
    SEL "ds system", T_DS, TSSB
    SEL "es RPL 3, DPL 0", T_ES, DATA0 | 3
    SEL "fs conforming code", T_FS, CONF0 | 3
    SEL "gs in an empty slot", T_GS, OTHER
    ret

%macro SELD 5                        ; name, TSS field, access, flags of OTHER, its limit
    TRY %1
    FRESH
    call task_a
    call handlers
    SETDESC OTHER, 0xf0000, %5, %3, %4
    mov dword [TSS_A + %2], OTHER
    mov dword [origin], entry
    jmp TSSA:0
    DONE
    call facts
%endmacro
; SDM vol. 3 table 7-1; 6.15, interrupts 10, 11, 12
TEST "descriptors"
    SELD "ldt not present", T_LDT, 0x02, 0, 0xff
    SELD "cs not present", T_CS, 0x1b, F_32, 0xffff
    SELD "cs conforming of DPL 3, RPL 0", T_CS, A_CONF | DPL3, F_32, 0xffff
    SELD "ss read-only", T_SS, 0x91, F_32, 0xffff
    SELD "ss not present", T_SS, 0x13, F_32, 0xffff
    SELD "ds not present", T_DS, 0x13, F_32, 0xffff
    SELD "ds execute-only", T_DS, 0x99, F_32, 0xffff
    SELD "es not present", T_ES, 0x13, F_32, 0xffff
    SELD "gs not present", T_GS, 0x1a, F_32, 0xffff
    SELD "eip past the limit", T_CS, A_CODE, F_32, 0
    TRY "two wrong: ss and ds, ss comes first"
    FRESH
    call task_a
    call handlers
    mov dword [TSS_A + T_SS], 0
    mov dword [TSS_A + T_DS], 0x200
    jmp TSSA:0
    DONE
    call facts
    TRY "two wrong: ldt and cs, ldt comes first"
    FRESH
    call task_a
    call handlers
    mov dword [TSS_A + T_CS], 0x200
    mov dword [TSS_A + T_LDT], DATA0
    jmp TSSA:0
    DONE
    call facts
    ret

; SDM vol. 3 7.2.1, 17.3.1.5: T bit: #DB in the new task, DR6.BT
TEST "trap"
    call task_a
    mov dword [TSS_A + T_TRAP], 1
    TRY "jmp"
    mov dword [origin], entry
    jmp TSSA:0
    DONE
    SHOW "tr", [r_tr]
    FRESH
    call task_a
    mov dword [TSS_A + T_TRAP], 1
    SETGATE 0x21, TSSA, 0, G_TASK | DPL3
    TRY "int from ring 3"
    TORING 3
    mov dword [origin], entry
    int 0x21
    DONE
    FRESH
    call task_a
    mov dword [TSS_A + T_EFL], 0x102
    TRY "TF in the new EFLAGS"
    mov dword [origin], entry
    jmp TSSA:0
    DONE
    FRESH
    call task_a
    TRY "local breakpoints are off, global ones stay"
    mov eax, 0x7ff
    mov dr7, eax
    mov dword [origin], entry
    jmp TSSA:0
    DONE
    and dword [r_dr7], 0xff
    SHOW "dr7", [r_dr7]
    ret

; SDM vol. 3 7.3: a task may be in V86 mode
TEST "v86 task"
    call task_a
    mov dword [TSS_A + T_EFL], 0x23002
    mov dword [TSS_A + T_CS], 0xf000
    mov dword [TSS_A + T_DS], 0x1234
    mov dword [TSS_A + T_SS], 0
    mov dword [TSS_A + 0x38], STACKR
    mov dword [TSS_A + T_EIP], .in
    TRY "jmp"
    mov dword [origin], .in
    jmp TSSA:0
bits 16
.in:
    int V_DONE
bits 32
    DONE
    SHOW "ds", [r_ds]
    SHOW "ss", [r_ss]
    ret
