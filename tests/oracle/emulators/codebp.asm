; codebp.asm - breakpoints on code, and RF, which lets one pass.
; SPDX-License-Identifier: MIT
; not: qemu - QEMU 7.2 ends with a segmentation fault at the first code breakpoint in a ROM
%define IMAGE "codebp"
%define EFL_MASK 0x003f7700          ; with RF
%include "frame.inc"

%define DR7_(n, rw, len) (3 << 2 * (n) | (rw) << (16 + 4 * (n)) | (len) << (18 + 4 * (n)))
%define X 0

%macro AT 3                          ; DR number, address of a label in this ROM, DR7
    mov eax, %2 + 0xf0000
    mov dr%1, eax
    mov eax, %3
    mov dr7, eax
    HERE
%endmacro
; SDM vol. 3 17.3.1.1, 17.2.5
TEST "code"
    TRY "before the instruction"
    AT 0, .a, DR7_(0, X, 0)
    nop
.a: nop
    DONE
    TRY "dr3, local"
    AT 3, .b, 0x40
    nop
.b: nop
    DONE
    TRY "two at one place"
    AT 1, .c, DR7_(1, X, 0) | DR7_(2, X, 0)
    mov eax, .c + 0xf0000
    mov dr2, eax
    HERE
.c: nop
    DONE
    TRY "a matching one that is off does not hit"
    AT 0, .d, 0
.d: nop
    DONE
    TRY "second byte of an instruction"
    AT 0, .e + 1, DR7_(0, X, 0)
.e: mov ecx, ecx
    DONE
    TRY "prefix is the first byte"
    AT 0, .f, DR7_(0, X, 0)
.f: es lodsb
    DONE
    TRY "with RF set"
    AT 0, .g, DR7_(0, X, 0)
    push dword 0x10002
    push dword CODE0
    push dword .g
    iretd
.g: nop
    DONE
    TRY "RF is gone the second time"
    AT 0, .h, DR7_(0, X, 0)
    push dword 0x10002
    push dword CODE0
    push dword .h
    mov ecx, 2
    iretd
.h: loop .h
    DONE
    SHOW "ecx", [r_ecx]
    TRY "on an instruction that faults: breakpoint first"
    AT 0, .i, DR7_(0, X, 0)
.i: ud2
    DONE
    TRY "ring 3"
    mov eax, .j + 0xf0000
    mov dr0, eax
    mov eax, DR7_(0, X, 0)
    mov dr7, eax
    TORING 3
    nop
.j: nop
    DONE
    TRY "V86 mode"
    mov eax, .k + 0xf0000
    mov dr0, eax
    mov eax, DR7_(0, X, 0)
    mov dr7, eax
    TOV86
    nop
.k: nop
    DONE
    TRY "real mode"
    mov eax, .l + 0xf0000
    mov dr0, eax
    mov eax, DR7_(0, X, 0)
    mov dr7, eax
    TOREAL
    nop
.l: nop
    DONE
    SHOW "dr6", [r_dr6]
    TRY "on an INT"
    AT 0, .m, DR7_(0, X, 0)
.m: int3
    DONE
    TRY "on REP MOVS, before it"
    mov esi, SCRATCH
    mov edi, SCRATCH + 16
    mov ecx, 4
    AT 0, .n, DR7_(0, X, 0)
.n: rep movsb
    DONE
    SHOW "ecx", [r_ecx]
    ret
