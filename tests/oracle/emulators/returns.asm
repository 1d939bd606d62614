; returns.asm - far returns and IRET: to the same ring, to outer rings, to V86 mode and back.
; SPDX-License-Identifier: MIT
%define IMAGE "returns"
%include "frame.inc"

%define OTHER FREE + 8

; To stay short: pushes its words and returns.
%macro FRAME 1-*
%rep %0
    push dword %1
%rotate 1
%endrep
    HERE
%endmacro

; SDM vol. 2 RET: RETURN-TO-OUTER-PRIVILEGE-LEVEL; vol. 3 5.8.6
%macro RETF_TO 4                     ; name, SS, ESP, CS
    TRY %1
    FRAME %2, %3, %4, raw_handler
    retf
    DONE
%endmacro
TEST "retf"
    RETF_TO "ring 3", DATA3 | 3, STACK3, CODE3 | 3
    SHOW "ss", [r_ss]
    SHOW "esp", [r_esp]
    RETF_TO "ring 1", DATA1 | 1, STACK1, CODE1 | 1
    SHOW "ss", [r_ss]
    RETF_TO "same ring", 0x11111111, 0x22222222, CODE0
    RAW32 2, 2
    RETF_TO "high half of CS is ignored", 0x11111111, 0x22222222, 0xffff0000 | CODE0
    TRY "ring 3, with 8 bytes of parameters"
    FRAME DATA3 | 3, STACK3 - 0x20, 1, 2, CODE3 | 3, raw_handler
    retf 8
    DONE
    SHOW "esp", [r_esp]
    TRY "same ring, with 8 bytes of parameters"
    FRAME 1, 2, CODE0, raw_handler
    retf 8
    DONE
    SHOW "esp", [r_esp]
    TRY "16 bits, ring 2"
    o16 push word DATA2 | 2
    o16 push word 0x5f00
    o16 push word CODE2 | 2
    o16 push word raw_handler
    o16 retf
    DONE
    SHOW "esp", [r_esp]
    RETF_TO "cs null", DATA3 | 3, STACK3, 0
    RETF_TO "cs null, RPL 3", DATA3 | 3, STACK3, 3
    RETF_TO "cs past the GDT", DATA3 | 3, STACK3, 0x203
    RETF_TO "cs data", DATA3 | 3, STACK3, DATA3 | 3
    RETF_TO "cs DPL 3, RPL 0", DATA3 | 3, STACK3, CODE3
    RETF_TO "cs DPL 0, RPL 3", DATA3 | 3, STACK3, CODE0 | 3
    RETF_TO "cs conforming of DPL 0, RPL 3", DATA3 | 3, STACK3, CONF0 | 3
    SETDESC OTHER, 0xf0000, 0xffff, A_CONF | DPL3, F_32
    RETF_TO "cs conforming of DPL 3, RPL 1", DATA1 | 1, STACK1, OTHER | 1
    SETDESC OTHER, 0xf0000, 0xffff, A_CODE & ~0x80 | DPL3, F_32
    RETF_TO "cs not present", DATA3 | 3, STACK3, OTHER | 3
    RETF_TO "ss null", 0, STACK3, CODE3 | 3
    RETF_TO "ss null, RPL 3", 3, STACK3, CODE3 | 3
    RETF_TO "ss past the GDT", 0x203, STACK3, CODE3 | 3
    RETF_TO "ss code", CODE3 | 3, STACK3, CODE3 | 3
    RETF_TO "ss RPL 2", DATA3 | 2, STACK3, CODE3 | 3
    RETF_TO "ss DPL 2", DATA2 | 3, STACK3, CODE3 | 3
    SETDESC OTHER, 0, 0xffff, 0x91 | DPL3, F_32
    RETF_TO "ss read-only", OTHER | 3, STACK3, CODE3 | 3
    SETDESC OTHER, 0, 0xffff, 0x13 | DPL3, F_32
    RETF_TO "ss not present", OTHER | 3, STACK3, CODE3 | 3
    SETDESC OTHER, 0xf0000, 0xf, A_CODE | DPL3, F_32
    RETF_TO "eip past the limit", DATA3 | 3, STACK3, OTHER | 3
    TRY "from ring 3 to ring 0"
    TORING 3
    FRAME DATA0, STACK0, CODE0, raw_handler
    retf
    DONE
    TRY "from ring 3 to ring 0 by RPL 3"
    TORING 3
    FRAME CODE0 | 3, raw_handler
    retf
    DONE
    TRY "ss of 16 bits keeps the upper half of esp"
    SETDESC OTHER, 0, 0xffff, A_DATA | DPL3, 0
    FRAME OTHER | 3, 0x12346400, CODE3 | 3, raw_handler
    retf
    DONE
    SHOW "esp", [r_esp]
    TRY "stack ends in the frame"
    SETDESC OTHER, 0, STACK2 - 5, A_DATA, F_32
    mov ax, OTHER
    mov ss, ax
    mov esp, STACK2 - 0x10
    mov dword [esp], raw_handler
    mov dword [esp + 4], CODE3 | 3
    mov dword [esp + 8], STACK3
    mov dword [esp + 12], DATA3 | 3
    HERE
    retf
    DONE
    ret

; SDM vol. 3 5.8.6: data segments that the outer ring may not have become null
TEST "data segments"
    TRY "retf to ring 2"
    mov ax, DATA0
    mov ds, ax
    mov ax, DATA2
    mov es, ax
    mov ax, CONF0
    mov fs, ax
    mov ax, CODE1
    mov gs, ax
    push dword DATA2 | 2
    push dword STACK2
    push dword CODE2 | 2
    push dword .in2
    retf
.in2:
    mov cx, ds
    mov dx, es
    mov si, fs
    mov di, gs
    mov ax, DATA2 | 2
    mov ds, ax
    HERE
    DONE
    and dword [r_ecx], 0xffff
    SHOW "ds", [r_ecx]
    and dword [r_edx], 0xffff
    SHOW "es", [r_edx]
    and dword [r_esi], 0xffff
    SHOW "fs", [r_esi]
    and dword [r_edi], 0xffff
    SHOW "gs", [r_edi]
    TRY "iret to ring 3, ds of DPL 3"
    mov ax, DATA3
    mov ds, ax
    mov ax, DATA2
    mov es, ax
    push dword DATA3 | 3
    push dword STACK3
    push dword 2
    push dword CODE3 | 3
    push dword .in3
    iretd
.in3:
    mov cx, ds
    mov dx, es
    HERE
    DONE
    and dword [r_ecx], 0xffff
    SHOW "ds", [r_ecx]
    and dword [r_edx], 0xffff
    SHOW "es", [r_edx]
    ret

; SDM vol. 2 IRET; vol. 3 6.12.1: IF only with CPL <= IOPL, IOPL only in ring 0
%macro IRET_FLAGS 4                  ; name, ring, its flags, flags popped
    TRY %1
    TORING %2, %3
    FRAME %4, CODE%2 | %2, %%in
    iretd
%%in:
    HERE
    DONE
%endmacro
TEST "iret flags"
    IRET_FLAGS "ring 0", 0, 2, 0x247602
    IRET_FLAGS "ring 0, VIF and VIP", 0, 2, 0x180002
    IRET_FLAGS "ring 1, IOPL 1", 1, 0x1002, 0x247602
    IRET_FLAGS "ring 1, IOPL 0", 1, 2, 0x247602
    IRET_FLAGS "ring 3, IOPL 0", 3, 2, 0x243602
    IRET_FLAGS "ring 3, IOPL 3", 3, 0x3002, 0x40202
    IRET_FLAGS "ring 3, IOPL 0, VIF and VIP", 3, 2, 0x180002
    IRET_FLAGS "ring 3, VM is ignored", 3, 2, 0x20002
    IRET_FLAGS "ring 1, IOPL 3, VM is ignored", 1, 0x3002, 0x23002
    TRY "16 bits, ring 0"
    push word 0x7602
    push word CODE0
    push word .in
    HERE
    o16 iret
.in:
    HERE
    DONE
    TRY "16 bits, ring 0, upper flags stay"
    push dword 0x240002
    popfd
    push word 2
    push word CODE0
    push word .in2
    o16 iret
.in2:
    HERE
    DONE
    ret

%macro IRET_TO 4                     ; name, SS, CS, EFLAGS
    TRY %1
    FRAME %2, STACK3, %4, %3, raw_handler
    iretd
    DONE
%endmacro
; SDM vol. 2 IRET, RETURN-TO-OUTER-PRIVILEGE-LEVEL
TEST "iret checks"
    IRET_TO "ring 3", DATA3 | 3, CODE3 | 3, 2
    SHOW "esp", [r_esp]
    IRET_TO "ring 2", DATA2 | 2, CODE2 | 2, 2
    IRET_TO "cs null", DATA3 | 3, 0, 2
    IRET_TO "cs past the GDT", DATA3 | 3, 0x203, 2
    IRET_TO "cs system", DATA3 | 3, TSSA | 3, 2
    IRET_TO "cs DPL 3, RPL 0", DATA3 | 3, CODE3, 2
    IRET_TO "cs DPL 0, RPL 3", DATA3 | 3, CODE0 | 3, 2
    IRET_TO "ss null", 3, CODE3 | 3, 2
    IRET_TO "ss DPL 0", DATA0 | 3, CODE3 | 3, 2
    IRET_TO "ss RPL 0", DATA3, CODE3 | 3, 2
    IRET_TO "ss code", CODE3 | 3, CODE3 | 3, 2
    SETDESC OTHER, 0, 0xffff, 0x13 | DPL3, F_32
    IRET_TO "ss not present", OTHER | 3, CODE3 | 3, 2
    SETDESC OTHER, 0xf0000, 0xffff, A_CODE & ~0x80 | DPL3, F_32
    IRET_TO "cs not present", DATA3 | 3, OTHER | 3, 2
    SETDESC OTHER, 0xf0000, 0xf, A_CODE | DPL3, F_32
    IRET_TO "eip past the limit", DATA3 | 3, OTHER | 3, 2
    TRY "ring 3 to ring 0"
    TORING 3
    FRAME DATA0, STACK0, 2, CODE0, raw_handler
    iretd
    DONE
    ret

; SDM vol. 3 20.2.2, vol. 2 IRET RETURN-TO-VIRTUAL-8086-MODE
%macro V86_FRAME 3                   ; ESP, flags, EIP
    FRAME 0x7777, 0x6666, 0xffff5555, 0x4444, 0, %1, %2, 0xf000, %3
%endmacro
TEST "iret to v86"
    TRY "the segments"
    V86_FRAME 0x6c00, 0x23002, .in
    iretd
bits 16
.in:
    HERE16
    DONE
    SHOW "es", [r_es]
    SHOW "ds", [r_ds]
    SHOW "fs", [r_fs]
    SHOW "gs", [r_gs]
    SHOW "ss", [r_ss]
    TRY "flags"
    V86_FRAME 0x6c00, 0x267602, .in2
    iretd
bits 16
.in2:
    DONE
    TRY "esp over 64 KiB"
    V86_FRAME 0x12346c00, 0x23002, .in3
    iretd
bits 16
.in3:
    HERE16
    DONE
    SHOW "esp", [r_esp]
    TRY "eip over 64 KiB"
    mov dword [0x100000], 0x20cd     ; INT V_DONE where it must not come to
    V86_FRAME 0x6c00, 0x23002, 0x10000
    iretd
    DONE
    TRY "16-bit iret has no VM"
    push word 2
    push word CODE0
    push word .in4
    o16 iret
.in4:
    HERE
    DONE
    ret

; SDM vol. 3 20.2.7, vol. 2 IRET RETURN-FROM-VIRTUAL-8086-MODE
TEST "iret in v86"
    TRY "IOPL 3, 16 bits"
    TOV86
    push word 0x4602
    push cs
    push word .in
    iret
.in:
    DONE
    TRY "IOPL 3, 32 bits"
    TOV86
    push dword 0x240602
    push dword 0x1234f000
    push dword .in2
    iretd
.in2:
    DONE
    TRY "IOPL 3, IOPL and VM do not change"
    TOV86
    push dword 2
    push dword 0xf000
    push dword .in3
    iretd
.in3:
    DONE
    TRY "IOPL 0"
    TOV86 0x20002
    iret
    DONE
    TRY "eip over 64 KiB"
    mov dword [0x100000], 0x20cd     ; INT V_DONE where it must not come to
    TOV86
    push dword 2
    push dword 0xf000
    push dword 0x10000
    iretd
    DONE
    TRY "retf"
    TOV86
    push cs
    push word .in4
    retf
.in4:
    DONE
    TRY "retf, eip over 64 KiB"
    mov dword [0x100000], 0x20cd     ; INT V_DONE where it must not come to
    TOV86
    push dword 0xf000
    push dword 0x10000
    o32 retf
    DONE
    TRY "call far and back"
    TOV86
    call 0xf000:.far
    DONE
    ret
bits 16
.far:
    retf
bits 32
