; gates.asm - interrupt and trap gates of the IDT: who may use them, what they check and push.
; SPDX-License-Identifier: MIT
%define IMAGE "gates"
%include "frame.inc"

; SDM vol. 3 6.12.1.1; vol. 2 INT n/INTO/INT3/INT1: INT1 looks at no DPL
TEST "dpl"
    TRY "int3, ring 0"
    int3
    DONE
    TRY "int3, ring 3, gate of DPL 0"
    TORING 3
    int3
    DONE
    SHOW "ss", [r_ss]
    TRY "int 30, ring 1, gate of DPL 0"
    TORING 1
    int 0x21
    DONE
    mov byte [IDT + 3 * 8 + 5], G_INT32 | DPL1
    TRY "int3, ring 1, gate of DPL 1"
    TORING 1
    int3
    DONE
    TRY "int3, ring 2, gate of DPL 1"
    TORING 2
    int3
    DONE
    mov byte [IDT + 4 * 8 + 5], G_TRAP32
    TRY "into, ring 3, gate of DPL 0"
    TORING 3, 0x802
    into
    DONE
    TRY "into without OF, ring 3, gate of DPL 0"
    TORING 3
    into
    DONE
    TRY "ud2, ring 3, gate of DPL 0"
    TORING 3
    ud2
    DONE
    TRY "int1, ring 3, gate of DPL 0"
    TORING 3
    db 0xf1
    DONE
    TRY "bound, ring 3, gate of DPL 0"
    mov dword [var], 1
    mov dword [var + 4], 2
    TORING 3
    xor eax, eax
    bound eax, [var]
    DONE
    ret

; A gate for vector 21h and its use from ring 3.
%macro BAD 3                         ; name, selector, type
    mov word [IDT + 0x21 * 8 + 2], %2
    mov byte [IDT + 0x21 * 8 + 5], %3
    TRY %1
    TORING 3
    int 0x21
    DONE
%endmacro

; SDM vol. 3 6.11, 6.12.1, 6.13; vol. 2 INT n
TEST "checks"
    BAD "not present", CODE0, G_INT32 & ~0x80 | DPL3
    BAD "not present, DPL 0", CODE0, 0x0e
    BAD "call gate", CODE0, G_CALL32 | DPL3
    BAD "data segment", CODE0, A_DATA | DPL3
    BAD "TSS", CODE0, A_TSS32 | DPL3
    BAD "type 0, not present", CODE0, DPL3
    BAD "null selector", 0, G_INT32 | DPL3
    BAD "null selector with RPL 3", 3, G_INT32 | DPL3
    BAD "data selector", DATA0, G_INT32 | DPL3
    BAD "empty descriptor", FREE, G_INT32 | DPL3
    BAD "selector past the GDT", 0x200, G_INT32 | DPL3
    BAD "selector past the LDT", 0x104, G_INT32 | DPL3
    BAD "system descriptor", TSS0, G_INT32 | DPL3
    BAD "RPL of the gate's selector is ignored", CODE0 | 3, G_INT32 | DPL3
    SETGATE 0x21, CODE3, raw_handler, G_INT32 | DPL3
    BAD "code of DPL 3", CODE3, G_INT32 | DPL3
    TRY "code of DPL 1 from ring 0"
    mov word [IDT + 0x21 * 8 + 2], CODE1
    int 0x21
    DONE
    SETDESC FREE, 0xf0000, 0xffff, A_CODE & ~0x80, F_32
    BAD "code not present", FREE, G_INT32 | DPL3
    SETDESC FREE, 0xf0000, 0x0f, A_CODE, F_32
    BAD "handler past the code's limit", FREE, G_INT32 | DPL3
    TRY "handler past the code's limit, ring 0"
    mov word [IDT + 0x21 * 8 + 2], FREE
    int 0x21
    DONE
    ret

; SDM vol. 3 6.10
idt_20: dw 0x107
        dd IDT
idt_odd: dw 0x10e
        dd IDT
TEST "limit"
    TRY "int 21 past the IDT"
    lidt [cs:idt_20]
    HERE
    int 0x21
    DONE
    TRY "int 21, one byte short"
    lidt [cs:idt_odd]
    HERE
    int 0x21
    DONE
    TRY "int 20, the last one"
    lidt [cs:idt_20]
    HERE
    int 0x20
    DONE
    ret

; SDM vol. 3 6.12.1.2
TEST "flags"
    SETGATE 0x21, CODE0, pstub33, G_INT32 | DPL3
    SETGATE 0x22, CODE0, pstub34, G_TRAP32 | DPL3
    TRY "interrupt gate from ring 3, all flags"
    TORING 3, 0x247702 & ~0x100
    int 0x21
    DONE
    SHOW "handler's", [r_hefl]
    SHOW "handler's esp", [r_hesp]
    SHOW "handler's ss", [r_hss]
    TRY "trap gate from ring 3, all flags"
    TORING 3, 0x247702 & ~0x100
    int 0x22
    DONE
    SHOW "handler's", [r_hefl]
    TRY "trap gate from ring 0"
    push dword 0x244602
    popfd
    int 0x22
    DONE
    SHOW "handler's", [r_hefl]
    TRY "fault with all flags"
    TORING 3, 0x247602
    ud2
    DONE
    SHOW "handler's", [r_hefl]
    ret

; SDM vol. 3 figure 6-4
; Frames that gates of both widths leave, in every ring.
TEST "frames"
    SETGATE 0x21, CODE0, raw_handler, G_INT32 | DPL3
    SETGATE 0x22, CODE0, raw_handler, G_INT16 | DPL3
    SETGATE 0x23, CODE1, raw_handler, G_TRAP32 | DPL3
    SETGATE 0x24, CODE2, raw_handler, G_TRAP16 | DPL3
    SETGATE 0x25, CONF0, raw_handler, G_INT32 | DPL3
    SETGATE 13, CODE0, raw_handler, G_INT16
    TRY "32-bit gate to ring 0"
    TORING 3
    int 0x21
    DONE
    RAW32 0, 5
    SHOW "top", [r_hesp]
    TRY "16-bit gate to ring 0"
    TORING 3, 0x247202
    int 0x22
    DONE
    RAW16 0, 5
    TRY "32-bit gate to ring 1"
    TORING 3
    int 0x23
    DONE
    RAW32 0, 5
    SHOW "ss", [r_ss]
    SHOW "esp", [r_esp]
    TRY "16-bit gate to ring 2"
    TORING 3
    int 0x24
    DONE
    RAW16 0, 5
    SHOW "ss", [r_ss]
    SHOW "esp", [r_esp]
    TRY "conforming handler stays in ring 3"
    TORING 3
    int 0x25
    DONE
    RAW32 0, 3
    SHOW "esp", [r_esp]
    SHOW "ss", [r_ss]
    TRY "conforming handler, ring 2"
    TORING 2
    int 0x25
    DONE
    RAW32 0, 3
    TRY "ring 1 to the same ring"
    TORING 1
    int 0x23
    DONE
    RAW32 0, 3
    SHOW "esp", [r_esp]
    TRY "ring 0 to a handler of ring 1"
    SETGATE 13, CODE0, pstub13, G_INT32
    int 0x23
    DONE
    SETGATE 13, CODE0, raw_handler, G_INT16
    TRY "#GP through a 16-bit gate"
    TORING 3
    cli
    DONE
    RAW16 1, 6
    SETGATE 13, CODE0, pstub13, G_INT32
    TRY "int 13 pushes no error code"
    SETGATE 13, CODE0, raw_handler, G_INT32 | DPL3
    TORING 3
    int 13
    DONE
    RAW32 0, 5
    ret

; SDM vol. 3 20.3.1.1, figure 20-4: the handler has DPL 0 and does not conform
TEST "v86"
    SETGATE 0x21, CODE0, raw_handler, G_INT32 | DPL3
    SETGATE 0x22, CODE0, raw_handler, G_INT16 | DPL3
    SETGATE 0x23, CODE1, raw_handler, G_INT32 | DPL3
    SETGATE 0x24, CONF0, raw_handler, G_INT32 | DPL3
    SETGATE 0x25, CODE3, raw_handler, G_INT32 | DPL3
    TRY "32-bit gate"
    TOV86
    mov ax, 0x1111
    mov ds, ax
    mov ax, 0x2222
    mov es, ax
    mov ax, 0x3333
    mov fs, ax
    mov ax, 0x4444
    mov gs, ax
    mov ax, 0x55
    mov ss, ax
    int 0x21
    DONE
    RAW32 0, 9
    SHOW "ds in the handler", [r_ds]
    SHOW "es in the handler", [r_es]
    SHOW "fs in the handler", [r_fs]
    SHOW "gs in the handler", [r_gs]
    TRY "16-bit gate"
    TOV86
    mov ax, 0x1111
    mov ds, ax
    int 0x22
    DONE
    RAW16 0, 9
    TRY "handler in ring 1"
    TOV86
    int 0x23
    DONE
    TRY "conforming handler"
    TOV86
    int 0x24
    DONE
    TRY "handler in ring 3"
    TOV86
    int 0x25
    DONE
    TRY "int 21, IOPL 2"
    TOV86 0x22002
    int 0x21
    DONE
    TRY "int3, IOPL 0, gate of DPL 3"
    SETGATE 3, CODE0, raw_handler, G_INT32 | DPL3
    TOV86 0x20002
    int3
    DONE
    TRY "int3, IOPL 3, gate of DPL 0"
    SETGATE 3, CODE0, raw_handler, G_INT32
    TOV86
    int3
    DONE
    TRY "ud2, handler in ring 1"
    SETGATE 6, CODE1, raw_handler, G_INT32
    TOV86
    ud2
    DONE
    ret

; SDM vol. 3 6.12.1; vol. 2 INT n, INTER-PRIVILEGE-LEVEL-INTERRUPT
; The inner stack that the TSS names.
%macro BADSS 1
    TRY %1
    TORING 3
    int 0x21
    DONE
    SHOW "ss", [r_ss]
%endmacro
TEST "inner stack"
    SETGATE 0x21, CODE1, raw_handler, G_INT32 | DPL3
    mov word [TSS_0 + 16], 0
    BADSS "null"
    mov word [TSS_0 + 16], 1
    BADSS "null with RPL 1"
    mov word [TSS_0 + 16], DATA1
    BADSS "RPL 0"
    mov word [TSS_0 + 16], DATA0 | 1
    BADSS "DPL 0"
    mov word [TSS_0 + 16], DATA3 | 3
    BADSS "RPL and DPL 3"
    mov word [TSS_0 + 16], CODE1 | 1
    BADSS "code"
    mov word [TSS_0 + 16], 0x201
    BADSS "past the GDT"
    mov word [TSS_0 + 16], TSSA | 1
    BADSS "a TSS"
    mov word [TSS_0 + 16], FREE | 1
    SETDESC FREE, 0, 0xfffff, 0x91 | DPL1, F_32 | F_4K
    BADSS "read-only"
    SETDESC FREE, 0, 0xfffff, 0x13 | DPL1, F_32 | F_4K
    BADSS "not present"
    SETDESC FREE, 0, 0xfff, 0x93 | DPL1, F_32
    BADSS "esp past the limit"
    SETDESC FREE, 0, 0xffff, 0x92 | DPL1, 0
    mov dword [TSS_0 + 12], 0x12345c00
    BADSS "16-bit segment, esp over 64 KiB"
    SHOW "esp", [r_esp]
    SHOW "its descriptor", [SNAP + FREE + 4]
    mov dword [TSS_0 + 12], STACK1
    mov word [TSS_0 + 16], DATA1 | 1
    TRY "TSS ends before SS1"
    mov word [GDT + TSS0], 0x11
    call reload_tr
    TORING 3
    HERE
    int 0x21
    DONE
    TRY "TSS ends with SS1's slot"
    mov word [GDT + TSS0], 0x13
    call reload_tr
    TORING 3
    int 0x21
    DONE
    ret
reload_tr:
    mov byte [GDT + TSS0 + 5], A_TSS32
    mov eax, TSS0
    ltr ax
    ret
