; fpu.asm - TS, EM, MP and NE; when #MF comes; MMX, SSE, FXSAVE and CR4's two bits.
; SPDX-License-Identifier: MIT
%define IMAGE "fpu"
%include "frame.inc"

%macro FP 3                          ; name, CR0's low bits, instruction
    TRY %1
    fninit
    mov eax, %2
    mov cr0, eax
    HERE
    %3
    DONE
%endmacro
%define TS 8
%define EM 4
%define MP 2
; SDM vol. 3 2.5, table 2-2; 9.2.1, table 9-2; 12.1. FXSAVE with EM: the Pentium III's vol. 2
; (243191) says #NM, some later editions #UD
TEST "nm"
%macro NM 2
%strcat title %1, ", TS"
    FP title, 0x11 | TS, {%2}
%strcat title %1, ", EM"
    FP title, 0x11 | EM, {%2}
%strcat title %1, ", MP"
    FP title, 0x11 | MP, {%2}
%strcat title %1, ", TS MP"
    FP title, 0x11 | TS | MP, {%2}
%strcat title %1, ", EM MP"
    FP title, 0x11 | EM | MP, {%2}
%strcat title %1, ", TS EM"
    FP title, 0x11 | TS | EM, {%2}
%endmacro
    NM "fld1", fld1
    NM "fnstsw", {fnstsw ax}
    NM "fninit", fninit
    NM "fwait", fwait
    NM "mmx", {movd mm0, eax}
    NM "emms", emms
    NM "fxsave", {fxsave [SCRATCH]}
    mov edi, SCRATCH
    xor eax, eax
    mov ecx, 128
    rep stosd
    NM "fxrstor", {fxrstor [SCRATCH]}
    FP "fld with a bad address, TS", 0x11 | TS, {fld dword [cs:0xfffffffe]}
    ret

%macro ERR 1-2 0x31                  ; an unmasked error is pending: 1 / 0; CR0 with NE
    TRY %1
    mov eax, 0x11
    mov cr0, eax
    fninit
    mov dword [SCRATCH], 0x037b      ; ZE unmasked
    fldcw [SCRATCH]
    mov eax, %2
    mov cr0, eax
    fld1
    fldz
    fdivp st1, st0
    HERE
%endmacro
; SDM vol. 1 8.6, 8.7; vol. 3 6.15, interrupt 16: #MF comes with the next waiting instruction
TEST "mf"
    ERR "next is fld1"
    nop
    fld1
    DONE
    ERR "next is fwait"
    nop
    fwait
    DONE
    ERR "the ones that do not wait"
    fnstsw ax
    fnstcw [SCRATCH]
    fnstenv [SCRATCH]
    DONE
    ERR "fnclex ends it"
    fnclex
    fwait
    fld1
    DONE
    ERR "fnstenv masks it"
    fnstenv [SCRATCH]
    fld1
    DONE
    ERR "fninit ends it"
    fninit
    fld1
    DONE
    ERR "mmx"
    movd mm0, eax
    DONE
    ERR "emms"
    emms
    DONE
    ERR "fxsave does not wait"
    fxsave [SCRATCH]
    DONE
    ERR "sse does not look"
    mov eax, 0x200
    mov cr4, eax
    HERE
    xorps xmm0, xmm0
    DONE
    ERR "fwait with TS, not MP"
    mov eax, 0x39
    mov cr0, eax
    HERE
    fwait
    DONE
    ERR "fwait with TS and MP: #NM first"
    mov eax, 0x3b
    mov cr0, eax
    HERE
    fwait
    DONE
    ERR "fld1 with TS: #NM first"
    mov eax, 0x39
    mov cr0, eax
    HERE
    fld1
    DONE
    ERR "store to a bad address: #MF first"
    fst dword [cs:0xfffffffe]
    DONE
    TRY "fldcw that unmasks a pending error: with the next"
    mov eax, 0x31
    mov cr0, eax
    fninit
    fld1
    fldz
    fdivp st1, st0
    mov dword [SCRATCH], 0x037b
    HERE
    fldcw [SCRATCH]
    nop
    fld1
    DONE
    fninit
    TRY "ring 3"
    mov eax, 0x31
    mov cr0, eax
    fninit
    mov dword [SCRATCH], 0x037b
    fldcw [SCRATCH]
    fld1
    fldz
    fdivp st1, st0
    TORING 3
    fld1
    DONE
    fninit
    ret

%macro SSE 4                         ; name, CR0's low bits, CR4, instruction
    TRY %1
    mov eax, %3
    mov cr4, eax
    mov eax, %2
    mov cr0, eax
    HERE
    %4
    DONE
%endmacro
; SDM vol. 1 11.6; vol. 3 13.1, tables 13-1 and 2-2
TEST "sse"
    SSE "OSFXSR clear", 0x11, 0, {xorps xmm0, xmm0}
    SSE "OSFXSR set", 0x11, 0x200, {xorps xmm0, xmm0}
    SSE "TS", 0x11 | TS, 0x200, {xorps xmm0, xmm0}
    SSE "EM", 0x11 | EM, 0x200, {xorps xmm0, xmm0}
    SSE "TS and EM", 0x11 | TS | EM, 0x200, {xorps xmm0, xmm0}
    SSE "TS and OSFXSR clear", 0x11 | TS, 0, {xorps xmm0, xmm0}
    SSE "prefetch with TS and EM", 0x11 | TS | EM, 0, {prefetchnta [SCRATCH]}
    SSE "sfence with TS and EM", 0x11 | TS | EM, 0, sfence
    SSE "ldmxcsr, OSFXSR clear", 0x11, 0, {ldmxcsr [SCRATCH]}
    SSE "pshufw is MMX", 0x11 | TS, 0, {pshufw mm0, mm1, 0}
    mov dword [SCRATCH], 0x80000000
    SSE "ldmxcsr, reserved bit", 0x11, 0x200, {ldmxcsr [SCRATCH]}
    SSE "movaps of 4 mod 16", 0x11, 0x200, {movaps xmm0, [SCRATCH + 4]}
    SSE "movups of 4 mod 16", 0x11, 0x200, {movups xmm0, [SCRATCH + 4]}
    SSE "fxsave of 8 mod 16", 0x11, 0x200, {fxsave [SCRATCH + 8]}
    ret

%macro XM 2                          ; name, CR4
    TRY %1
    mov eax, %2
    mov cr4, eax
    mov dword [SCRATCH], 0x1d80      ; ZM clear
    ldmxcsr [SCRATCH]
    mov dword [SCRATCH], 0x3f800000
    movss xmm0, [SCRATCH]
    xorps xmm1, xmm1
    HERE
    divss xmm0, xmm1
    DONE
%endmacro
; SDM vol. 1 11.5.2, vol. 3 6.15, interrupt 19: at once, and #UD without OSXMMEXCPT
TEST "xm"
    XM "OSXMMEXCPT", 0x600
    mov eax, 0x200
    mov cr4, eax
    stmxcsr [SCRATCH]
    xor eax, eax
    mov cr4, eax
    SHOW "mxcsr", [SCRATCH]
    XM "without", 0x200
    mov eax, 0x200
    mov cr4, eax
    mov dword [SCRATCH], 0x1f80
    ldmxcsr [SCRATCH]
    xor eax, eax
    mov cr4, eax
    ret
