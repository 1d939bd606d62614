; pm16.asm - 16-bit protected mode: 286 gates and frames, mixed widths, IP that wraps; SYSENTER.
; SPDX-License-Identifier: MIT
%define IMAGE "pm16"
%include "frame.inc"

%define CODE3_16 FREE
%define DATA3_16 FREE + 8
%define GATE FREE + 16
%define OTHER FREE + 24

segments:
    SETDESC CODE3_16, 0xf0000, 0xffff, A_CODE | DPL3, 0
    SETDESC DATA3_16, 0, 0xffff, A_DATA | DPL3, 0
    ret

; To 16-bit code of ring 3 on a stack of 64 KiB. "at" counts from here.
%macro TO16 0-1 0x0002
    mov dword [origin], %%in
    mov eax, DATA3 | 3
    mov ds, eax
    mov es, eax
    push dword DATA3_16 | 3
    push dword STACK3
    push dword %1
    push dword CODE3_16 | 3
    push dword %%in
    iretd
bits 16
%%in:
%endmacro

; SDM vol. 3 18.2, 18.4, 5.8.5
TEST "ring 3"
    call segments
    SETGATE 0x21, CODE0, raw_handler, G_INT16 | DPL3
    SETGATE 0x22, CODE0, raw_handler, G_INT32 | DPL3
    TRY "int by a 16-bit gate"
    TO16
    int 0x21
    DONE
    RAW16 0, 5
    TRY "int by a 32-bit gate"
    TO16
    int 0x22
    DONE
    RAW32 0, 5
    TRY "call gate of 16 bits, 2 parameters"
    SETCALL GATE, CODE0, raw_handler, G_CALL16 | DPL3, 2
    TO16
    push word 0x1111
    push word 0x2222
    call GATE:0
    DONE
    RAW16 0, 6
    TRY "call gate of 32 bits, 2 parameters"
    SETCALL GATE, CODE0, raw_handler, G_CALL32 | DPL3, 2
    TO16
    push dword 0x11112222
    push dword 0x33334444
    call GATE:0
    DONE
    RAW32 0, 6
    TRY "call far of 16 bits"
    TO16
    call (CODE3 | 3):raw_handler
    DONE
    RAW16 0, 2
    TRY "call far of 32 bits"
    TO16
    call dword (CODE3 | 3):raw_handler
    DONE
    RAW32 0, 2
    TRY "SP wraps"
    TO16
    mov sp, 0
    push ax
    mov cx, sp
    DONE
    and dword [r_ecx], 0xffff
    SHOW "sp", [r_ecx]
    TRY "push across the end of the stack"
    TO16
    mov sp, 1
    push ax
    DONE
    TRY "pop across the end of the stack"
    TO16
    mov sp, 0xffff
    pop ax
    DONE
    TRY "upper half of ESP is left alone"
    TO16
    mov esp, 0x12346400
    push ax
    mov ecx, esp
    DONE
    SHOW "esp", [r_ecx]
    TRY "upper half of ESP in a frame of 32 bits"
    TO16
    mov esp, 0x12346400
    int 0x22
    DONE
    RAW32 0, 4
    mov dword [0x100000], 0x20cd     ; INT V_DONE where it must not come to
    TRY "jump by a 32-bit offset past 64 KiB"
    TO16
    mov eax, 0x10000
    jmp eax
    DONE
    TRY "short jump with 16 bits of IP"
    TO16
    jmp short .next
.next:
    DONE
    ret

; SDM vol. 2 RET, IRET: operand size decides the frame's width
TEST "returns"
    call segments
    TRY "iret of 16 bits to ring 3"
    push word DATA3 | 3
    push word STACK3
    push word 0x202
    push word CODE3 | 3
    push word raw_handler
    o16 iret
    DONE
    SHOW "esp", [r_esp]
    TRY "iret of 16 bits to 16-bit ring 3"
    push word DATA3_16 | 3
    push word STACK3
    push word 2
    push word CODE3_16 | 3
    push word .in1
    o16 iret
bits 16
.in1:
    DONE
    SHOW "ss", [r_ss]
    TRY "iret of 16 bits has 16 bits of IP"
    push word 2
    push word CODE0
    push word .in2
    mov dword [origin], .in2
    o16 iret
.in2:
    DONE
    mov dword [0x100000], 0x20cd     ; INT V_DONE where it must not come to
    TRY "retf of 32 bits, IP past 64 KiB of limit"
    push dword CODE0
    push dword 0x10000
    HERE
    retf
    DONE
    TRY "near ret of 16 bits cuts EIP"
    push word .in3
    mov dword [origin], .in3
    o16 ret
.in3:
    DONE
    TRY "near call of 16 bits pushes IP"
    mov ecx, esp
    mov dword [origin], .in4
    o16 call .in4
.in4:
    sub ecx, esp
    DONE
    SHOW "bytes", [r_ecx]
    ret

%macro MSR 2
    mov ecx, %1
    xor edx, edx
    mov eax, %2
    wrmsr
%endmacro
; SDM vol. 3 5.8.7; vol. 2 SYSENTER, SYSEXIT
TEST "sysenter"
    mov ecx, 7                       ; the descriptors of MSR 174h: CODE0, DATA0, ring 3 after them
    SETDESC CODE1, 0, 0xfffff, A_CODE | DPL3, F_32 | F_4K
    SETDESC DATA1, 0, 0xfffff, A_DATA | DPL3, F_32 | F_4K
    MSR 0x174, CODE0
    MSR 0x175, STACKT
    MSR 0x176, (raw_handler + 0xf0000)
    TRY "from ring 3: base is 0"
    TORING 3, 0x202
    sysenter
    DONE
    MSR 0x174, FLAT0
    SETDESC FREE, 0, 0xfffff, A_DATA, F_32 | F_4K
    MSR 0x176, (.entered + 0xf0000)
    TRY "CS, SS, ESP and IF"
    push dword 0
    mov edx, SCRATCH
    TORING 3, 0x202
    sysenter
.entered:
    mov ecx, ss
    mov ebx, esp
    pushfd
    pop edi
    and edi, 0x700
    mov ax, cs
    mov dx, DATA0
    mov ds, dx
    jmp CODE0:.report
.report:
    HERE
    DONE
    and dword [r_eax], 0xffff
    SHOW "cs", [r_eax]
    and dword [r_ecx], 0xffff
    SHOW "ss", [r_ecx]
    SHOW "esp", [r_ebx]
    SHOW "flags", [r_edi]
    TRY "sysexit: ring 3 selectors"
    mov dword [origin], .outside
    mov ecx, STACK3
    mov edx, .outside + 0xf0000
    sysexit
.outside:
    mov esi, cs
    mov edi, ss
    mov eax, esp
    int V_DONE
    DONE
    and dword [r_esi], 0xffff
    SHOW "cs", [r_esi]
    and dword [r_edi], 0xffff
    SHOW "ss", [r_edi]
    SHOW "esp", [r_eax]
    TRY "sysexit in ring 3"
    TORING 3
    sysexit
    DONE
    MSR 0x174, 3
    TRY "selector 0 with RPL"
    TORING 3
    sysenter
    DONE
    TRY "real mode"
    TOREAL
    sysenter
    DONE
    MSR 0x174, 0
    ret
