; step.asm - single steps: through every kind of instruction that changes TF or the flow.
; SPDX-License-Identifier: MIT
%define IMAGE "step"
%include "frame.inc"

; TF is set from here on: the trap comes after the instruction that follows.
%macro TF 0
    push dword 0x102
    mov dword [origin], %%at
    popfd
%%at:
%endmacro

; SDM vol. 3 17.3.1.4
TEST "ring 0"
    TRY "nop"
    TF
    nop
    nop
    DONE
    TRY "popf that sets TF does not trap"
    push dword 0x102
    HERE
    popfd
    nop
    DONE
    TRY "popf that clears TF traps"
    push dword 2
    TF
    popfd
    nop
    DONE
    TRY "iret that sets TF: after the next"
    push dword 0x102
    push dword CODE0
    push dword .a
    mov dword [origin], .a
    iretd
.a: nop
    nop
    DONE
    TRY "jmp"
    TF
    jmp short .b
    nop
.b: nop
    DONE
    TRY "pushf shows TF"
    TF
    pushfd
    DONE
    mov eax, [STACK0 - 8]
    and eax, 0x700
    SHOW "pushed", eax
    TRY "rep movsb: after one iteration"
    mov esi, SCRATCH
    mov edi, SCRATCH + 16
    mov ecx, 3
    TF
    rep movsb
    DONE
    SHOW "ecx", [r_ecx]
    TRY "rep movsb, none to do"
    mov ecx, 0
    TF
    rep movsb
    nop
    DONE
    TRY "rep movsb, the last one"
    mov esi, SCRATCH
    mov edi, SCRATCH + 16
    mov ecx, 1
    TF
    rep movsb
    DONE
    SHOW "ecx", [r_ecx]
    TRY "repne scasb ends"
    mov edi, SCRATCH
    mov byte [edi], 7
    mov al, 7
    mov ecx, 5
    TF
    repne scasb
    DONE
    SHOW "ecx", [r_ecx]
    TRY "loop"
    mov ecx, 2
    TF
.c: loop .c
    DONE
    TRY "in"
    TF
    in al, 0x80
    DONE
    TRY "mov to cr0"
    mov eax, cr0
    TF
    mov cr0, eax
    nop
    DONE
    TRY "mov to dr"
    TF
    mov dr0, eax
    nop
    DONE
    TRY "cpuid"
    TF
    cpuid
    DONE
    ret

; SDM vol. 3 17.3.1.4, 6.12.1.2: an interrupt clears TF after it was saved
TEST "interrupts"
    TRY "int n does not trap"
    TF
    int 0x21
    DONE
    SHOW "handler's flags", [r_hefl]
    TRY "int3"
    TF
    int3
    DONE
    TRY "a fault"
    TF
    ud2
    DONE
    TRY "int1: no BS"
    TF
    db 0xf1
    DONE
    TRY "ring 3 nop"
    TORING 3, 0x102
    nop
    nop
    DONE
    TRY "ring 3 to ring 0 by call gate"
    SETCALL FREE, CODE0, .gate, G_CALL32 | DPL3
    TORING 3, 0x102
    call FREE:0
.gate:
    nop
    DONE
    SHOW "ss", [r_ss]
    TRY "into without OF"
    TF
    into
    nop
    DONE
    TRY "V86: nop"
    TOV86 0x23102
    nop
    nop
    DONE
    TRY "V86: popf sets TF"
    TOV86
    push word 0x102
    HERE16
    popf
    nop
    nop
    DONE
    SETGATE 0x21, CODE0, pstub33, G_INT32 | DPL3
    TRY "V86: int"
    TOV86 0x23102
    int 0x21
    DONE
    SHOW "handler's flags", [r_hefl]
    TRY "real mode: nop"
    TOREAL
    push word 0x102
    popf
    nop
    nop
    DONE
    SHOW "dr6", [r_dr6]
    TRY "real mode: int"
    TOREAL
    push word 0x102
    popf
    int 0x21
    DONE
    TRY "real mode: mov ss"
    TOREAL
    xor ax, ax
    push word 0x102
    popf
    mov ss, ax
    nop
    nop
    DONE
    ret

; SDM vol. 3 6.8.3, vol. 2 MOV, POP: no trap between a load of SS and the next instruction
TEST "shadows"
    TRY "mov ss"
    mov eax, DATA0
    TF
    mov ss, ax
    nop
    nop
    DONE
    TRY "pop ss"
    push dword DATA0
    TF
    pop ss
    nop
    nop
    DONE
    TRY "lss has none"
    mov dword [SCRATCH], STACK0 - 0x100
    mov dword [SCRATCH + 4], DATA0
    TF
    lss esp, [SCRATCH]
    nop
    DONE
    TRY "mov ds has none"
    mov eax, DATA0
    TF
    mov ds, ax
    nop
    DONE
    TRY "sti has none for TF"
    TF
    sti
    nop
    DONE
    TRY "mov ss, then int: TF is saved, the step is lost"
    mov eax, DATA0
    TF
    mov ss, ax
    int 0x21
    DONE
    TRY "mov ss, then popf that clears TF"
    mov eax, DATA0
    push dword 2
    TF
    mov ss, ax
    popfd
    nop
    DONE
    TRY "data breakpoint and step at once"
    mov eax, SCRATCH
    mov dr0, eax
    mov eax, 0xd0003
    mov dr7, eax
    TF
    mov [SCRATCH], eax
    DONE
    ret
