; debug.asm - breakpoints on data and I/O, DR7.GD, CR4.DE; RF in the EFLAGS that are pushed.
; SPDX-License-Identifier: MIT
%define IMAGE "debug"
%define EFL_MASK 0x003f7700          ; with RF
%include "frame.inc"

%define DR7_(n, rw, len) (3 << 2 * (n) | (rw) << (16 + 4 * (n)) | (len) << (18 + 4 * (n)))
%define X 0
%define W 1
%define IO 2
%define RW 3

; SDM vol. 3 17.3.1.1: RF in the EFLAGS that are pushed; 6.8.3
TEST "rf"
    TRY "fault"
    ud2
    DONE
    TRY "trap"
    int3
    DONE
    TRY "fault in V86 mode"
    TOV86
    ud2
    DONE
    TRY "software interrupt"
    int 0x21
    DONE
    TRY "fault that INT raises"
    int 0xff
    DONE
    TRY "fault with RF set before"
    push dword 0x10002
    push dword CODE0
    push dword .ud
    iretd
.ud:
    HERE
    ud2
    DONE
    TRY "RF ends with the next instruction"
    push dword 0x10002
    push dword CODE0
    push dword .nop
    iretd
.nop:
    nop
    HERE
    int3
    DONE
    TRY "POPF does not set RF"
    push dword 0x10002
    popfd
    HERE
    pushfd
    pop ecx
    int V_DONE
    DONE
    SHOW "flags", [r_ecx]
    ret

%macro ON 4-5 SCRATCH                ; DR number, kind, length, more of DR7, address
    mov eax, %5
    mov dr%1, eax
    mov eax, DR7_(%1, %2, %3) | %4
    mov dr7, eax
    HERE
%endmacro
; SDM vol. 3 17.3.1.2, 17.2.5, table 17-2
TEST "data"
    TRY "write, byte, hit"
    ON 0, W, 0, 0
    mov [SCRATCH], al
    DONE
    TRY "write, byte, read does not hit"
    ON 0, W, 0, 0
    mov al, [SCRATCH]
    DONE
    TRY "read or write, read"
    ON 1, RW, 0, 0
    mov al, [SCRATCH]
    DONE
    TRY "byte, dword below ends in it"
    ON 1, RW, 0, 0, SCRATCH + 3
    mov eax, [SCRATCH]
    DONE
    TRY "byte, dword below ends before it"
    ON 1, RW, 0, 0, SCRATCH + 4
    mov eax, [SCRATCH]
    DONE
    TRY "word, its second byte"
    ON 2, RW, 1, 0
    mov al, [SCRATCH + 1]
    DONE
    TRY "word, the byte after"
    ON 2, RW, 1, 0
    mov al, [SCRATCH + 2]
    DONE
    TRY "dword, last byte"
    ON 3, W, 3, 0
    mov [SCRATCH + 3], al
    DONE
    TRY "dword, low bits of the address are ignored"
    ON 3, W, 3, 0, SCRATCH + 3
    mov [SCRATCH], al
    DONE
    TRY "two of them"
    mov eax, SCRATCH + 2
    mov dr2, eax
    ON 0, W, 0, DR7_(2, RW, 0)
    mov [SCRATCH], eax
    DONE
    TRY "write seen by both kinds"
    mov eax, SCRATCH
    mov dr1, eax
    ON 0, W, 0, DR7_(1, RW, 0)
    mov [SCRATCH], eax
    DONE
    TRY "read-modify-write"
    ON 0, W, 3, 0
    inc dword [SCRATCH]
    DONE
    TRY "push"
    ON 0, W, 3, 0, STACK0 - 8
    push eax
    push eax
    DONE
    TRY "across a page"
    ON 0, W, 0, 0, SCRATCH + 0x1000
    mov [SCRATCH + 0xffe], eax
    DONE
    TRY "an instruction that faults afterwards does not report"
    ON 0, RW, 0, 0
    mov ebx, SCRATCH
    push dword [ebx + 0x1000]
    xor ecx, ecx
    div ecx
    DONE
    TRY "MOVS: source and destination"
    mov esi, SCRATCH
    mov edi, SCRATCH + 16
    mov eax, SCRATCH + 16
    mov dr1, eax
    ON 0, RW, 0, DR7_(1, W, 0)
    movsb
    DONE
    TRY "REP MOVS, third byte: after that iteration"
    mov esi, SCRATCH
    mov edi, SCRATCH + 16
    mov ecx, 6
    ON 0, W, 0, 0, SCRATCH + 18
    rep movsb
    DONE
    SHOW "ecx", [r_ecx]
    TRY "MOV SS: reported after the next instruction"
    mov ecx, DATA0
    mov [SCRATCH], ecx
    ON 0, RW, 0, 0
    mov ss, [SCRATCH]
    nop
    nop
    DONE
    TRY "ring 3, global"
    mov eax, SCRATCH
    mov dr0, eax
    mov eax, DR7_(0, W, 3)
    mov dr7, eax
    TORING 3
    mov [SCRATCH], eax
    DONE
    TRY "FSTENV"
    fninit
    ON 0, W, 3, 0, SCRATCH + 20
    fnstenv [SCRATCH]
    DONE
    ret

; SDM vol. 3 17.2.5 (I/O breakpoints need CR4.DE), 17.3.1.3
TEST "io"
    TRY "without DE"
    ON 0, IO, 0, 0, 0x80
    out 0x80, al
    DONE
    mov eax, 8
    mov cr4, eax
    TRY "out"
    mov eax, 8
    mov cr4, eax
    ON 0, IO, 0, 0, 0x80
    out 0x80, al
    DONE
    TRY "in, word of two ports"
    mov eax, 8
    mov cr4, eax
    ON 0, IO, 1, 0, 0x80
    in al, 0x81
    DONE
    TRY "in, the port after"
    mov eax, 8
    mov cr4, eax
    ON 0, IO, 1, 0, 0x80
    in al, 0x82
    DONE
    TRY "memory of that address"
    mov eax, 8
    mov cr4, eax
    ON 0, IO, 0, 0, 0x8000
    mov [0x8000], al
    DONE
    TRY "rep outsb, after the first"
    mov eax, 8
    mov cr4, eax
    mov esi, SCRATCH
    mov ecx, 3
    mov edx, 0x80
    ON 0, IO, 0, 0, 0x80
    rep outsb
    DONE
    SHOW "ecx", [r_ecx]
    ret

; SDM vol. 3 17.2.2, 17.2.4, 17.3.1.3
TEST "gd"
    TRY "mov from dr"
    mov eax, 0x2000
    mov dr7, eax
    HERE
    mov eax, dr0
    DONE
    TRY "the handler finds GD clear"
    mov eax, 0x2000
    mov dr7, eax
    HERE
    mov dr0, eax
    DONE
    and dword [r_dr7], 0x23ff
    SHOW "dr7", [r_dr7]
    TRY "dr4 is dr6"
    mov eax, 0xf
    mov dr6, eax
    mov ecx, dr4
    and ecx, 15
    HERE
    DONE
    SHOW "dr4", [r_ecx]
    TRY "dr5 is dr7"
    mov eax, 0xaa
    mov dr5, eax
    mov ecx, dr7
    and ecx, 0xff
    xor eax, eax
    mov dr7, eax
    HERE
    DONE
    SHOW "dr7", [r_ecx]
    TRY "dr4 with DE"
    mov eax, 8
    mov cr4, eax
    HERE
    mov eax, dr4
    DONE
    TRY "dr5 with DE"
    mov eax, 8
    mov cr4, eax
    HERE
    mov dr5, eax
    DONE
    TRY "dr4 with DE in ring 3"
    mov eax, 8
    mov cr4, eax
    TORING 3
    mov eax, dr4
    DONE
    TRY "fixed bits"
    xor eax, eax
    mov dr6, eax
    mov ecx, dr6
    dec eax
    mov dr6, eax
    mov edx, dr6
    xor eax, eax
    mov dr7, eax
    mov esi, dr7
    and ecx, 0xffff0ff0
    and edx, 0x0000e00f
    HERE
    DONE
    SHOW "dr6 zero", [r_ecx]
    SHOW "dr6 ones", [r_edx]
    SHOW "dr7 zero", [r_esi]
    TRY "dr6 bits stay until cleared"
    mov eax, 0x2000
    mov dr6, eax
    ON 0, W, 0, 0
    mov [SCRATCH], al
    DONE
    ret
