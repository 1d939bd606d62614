; priv.asm - privileged instructions, IOPL, the I/O permission map, VME and PVI, CR0 to CR4.
; SPDX-License-Identifier: MIT
%define IMAGE "priv"
%include "frame.inc"

%macro IN_RINGS 2                    ; name, instruction; ring 1 and 3, then V86 mode
%strcat title %1, ", ring 1"
    TRY title
    TORING 1, 0x3002
    %2
    DONE
%strcat title %1, ", ring 3"
    TRY title
    TORING 3, 0x3002
    %2
    DONE
%strcat title %1, ", V86"
    TRY title
    TOV86
    %2
    DONE
%endmacro
; SDM vol. 3 5.9, 20.2.8.1 and each instruction in vol. 2; IOPL is 3 and helps nothing
TEST "privileged"
    IN_RINGS "hlt", hlt
    IN_RINGS "clts", clts
    IN_RINGS "lgdt", {lgdt [0]}
    IN_RINGS "lidt", {lidt [0]}
    IN_RINGS "lldt", {lldt ax}
    IN_RINGS "ltr", {ltr ax}
    IN_RINGS "lmsw", {lmsw ax}
    IN_RINGS "mov from cr0", {mov eax, cr0}
    IN_RINGS "mov to cr3", {mov cr3, eax}
    IN_RINGS "mov from cr4", {mov eax, cr4}
    IN_RINGS "mov from dr7", {mov eax, dr7}
    IN_RINGS "mov to dr0", {mov dr0, eax}
    IN_RINGS "invd", invd
    IN_RINGS "wbinvd", wbinvd
    IN_RINGS "invlpg", {invlpg [0]}
    IN_RINGS "rdmsr", rdmsr
    IN_RINGS "wrmsr", wrmsr
    ret

; SDM vol. 2
TEST "allowed"
    TRY "smsw in ring 3"
    TORING 3
    smsw ecx
    DONE
    SHOW "ecx", [r_ecx]
    TRY "sgdt, sidt, sldt, str in ring 3"
    TORING 3
    sgdt [SCRATCH]
    sidt [SCRATCH + 8]
    sldt ecx
    str edx
    DONE
    and dword [r_ecx], 0xffff
    and dword [r_edx], 0xffff
    SHOW "ldt", [r_ecx]
    SHOW "tr", [r_edx]
    SHOW "gdt limit", [SCRATCH]
    TRY "rdtsc in ring 3"
    TORING 3
    rdtsc
    DONE
    TRY "rdtsc in ring 3 with TSD"
    mov eax, 4
    mov cr4, eax
    TORING 3
    rdtsc
    DONE
    TRY "rdtsc in ring 0 with TSD"
    mov eax, 4
    mov cr4, eax
    HERE
    rdtsc
    DONE
    TRY "rdpmc in ring 3 without PCE"
    TORING 3
    xor ecx, ecx
    rdpmc
    DONE
    TRY "sysenter with CS 0"
    TORING 3
    sysenter
    DONE
    ret

; SDM vol. 3 20.1.1, 20.2: #UD outside protected mode
%macro NO_SELECTORS 2
%strcat title %1, ", real mode"
    TRY title
    TOREAL
    %2
    DONE
%strcat title %1, ", V86"
    TRY title
    TOV86
    %2
    DONE
%endmacro
TEST "selectors"
    NO_SELECTORS "sldt", {sldt ax}
    NO_SELECTORS "str", {str ax}
    NO_SELECTORS "lldt", {lldt ax}
    NO_SELECTORS "ltr", {ltr ax}
    NO_SELECTORS "lar", {lar ax, cx}
    NO_SELECTORS "lsl", {lsl ax, cx}
    NO_SELECTORS "verr", {verr ax}
    NO_SELECTORS "verw", {verw ax}
    NO_SELECTORS "arpl", {arpl ax, cx}
    NO_SELECTORS "smsw", {smsw ax}
    NO_SELECTORS "sgdt", {sgdt [0x8000]}
    NO_SELECTORS "clts", clts
    ret

%macro IO 3-4 2                      ; name, ring, instruction, EFLAGS
    TRY %1
    TORING %2, %4
    %3
    DONE
%endmacro
; SDM vol. 1 18.5.1, 18.5.2; vol. 2 IN, CLI, STI
TEST "iopl"
    IO "cli, ring 1, IOPL 0", 1, cli
    IO "cli, ring 1, IOPL 1", 1, cli, 0x1202
    IO "cli, ring 2, IOPL 1", 2, cli, 0x1202
    IO "cli, ring 3, IOPL 3", 3, cli, 0x3202
    IO "sti, ring 3, IOPL 2", 3, sti, 0x2002
    IO "sti, ring 3, IOPL 3", 3, sti, 0x3002
    IO "in, ring 3, IOPL 0, map refuses", 3, {in al, 0x80}
    IO "in, ring 3, IOPL 3, map refuses", 3, {in al, 0x80}, 0x3002
    IO "in, ring 1, IOPL 1", 1, {in al, 0x80}, 0x1002
    IO "out, ring 2, IOPL 1", 2, {out 0x80, al}, 0x1002
    TRY "popf in ring 3 leaves IF and IOPL"
    TORING 3
    push dword 0x3602
    popfd
    DONE
    ret

; SDM vol. 1 18.5.2
TEST "io map"
    mov byte [IOMAP + 0x10], 0xfa    ; ports 80h and 82h
    IO "port 80", 3, {in al, 0x80}
    IO "port 81", 3, {in al, 0x81}
    IO "port 82", 3, {out 0x82, al}
    IO "word at 80", 3, {in ax, 0x80}
    mov byte [IOMAP + 0x10], 0x7c    ; 80h, 81h and 87h
    mov byte [IOMAP + 0x11], 0xfe    ; 88h
    IO "word at 80, both", 3, {in ax, 0x80}
    IO "word at 87: two bytes of the map", 3, {in ax, 0x87}
    IO "dword at 80", 3, {in eax, 0x80}
    IO "port 80 in ring 1", 1, {in al, 0x80}
    TRY "port 80 in V86 mode with IOPL 3"
    TOV86
    in al, 0x80
    DONE
    TRY "port 82 in V86 mode with IOPL 3"
    TOV86
    in al, 0x82
    DONE
    TRY "insb of a refused port: before the store"
    TORING 3
    mov edx, 0x82
    mov edi, SCRATCH
    insb
    DONE
    mov byte [IOMAP + 0x80], 0
    TRY "port 3ff, its second byte is the one after the map"
    mov byte [IOMAP + 0x7f], 0
    TORING 3
    mov edx, 0x3ff
    in al, dx
    DONE
    TRY "port 400, past the TSS's limit"
    TORING 3
    mov edx, 0x400
    in al, dx
    DONE
    TRY "map base past the limit"
    mov word [TSS_0 + 0x66], 0x109
    TORING 3
    in al, 0x80
    DONE
    TRY "TSS of 16 bits has no map"
    mov eax, TSSB
    ltr ax
    mov dword [TSS_B + 2], STACK0I | DATA0 << 16
    TORING 3
    in al, 0x80
    DONE
    ret

; SDM vol. 3 20.2.7, 20.3
TEST "v86"
    TRY "cli, IOPL 0"
    TOV86 0x20002
    cli
    DONE
    TRY "sti, IOPL 2"
    TOV86 0x22002
    sti
    DONE
    TRY "pushf, IOPL 2"
    TOV86 0x22002
    pushf
    DONE
    TRY "popf, IOPL 0"
    TOV86 0x20002
    popf
    DONE
    TRY "int 21, IOPL 0"
    TOV86 0x20002
    int 0x21
    DONE
    TRY "popf, IOPL 3, keeps IOPL"
    TOV86
    push word 2
    popf
    DONE
    TRY "popf, 32 bits, keeps VM"
    TOV86
    push dword 0x240002
    popfd
    DONE
    ret

%macro VME 2-3 0x20002               ; name, instructions to follow by hand, flags
    TRY %1
    mov eax, 1
    mov cr4, eax
    mov dword [0x21 * 4], %2
    mov word [0x21 * 4 + 2], 0xf000
    TOV86 %3
%endmacro
; SDM vol. 3 20.3, table 20-2
TEST "vme"
    VME "cli clears VIF", 0, 0xa0002
    cli
    DONE
    VME "sti sets VIF", 0
    sti
    DONE
    VME "sti with VIP", 0, 0x120002
    sti
    DONE
    VME "cli with VIP", 0, 0x1a0002
    cli
    DONE
    VME "pushf: IF is VIF, IOPL is 3", 0, 0xa0002
    pushf
    pop cx
    DONE
    and dword [r_ecx], 0xffff
    SHOW "flags", [r_ecx]
    VME "popf: IF goes to VIF", 0
    push word 0x202
    popf
    DONE
    VME "popf: TF", 0
    push word 0x102
    popf
    DONE
    VME "popf: IF with VIP", 0, 0x120002
    push word 0x202
    popf
    DONE
    VME "pushfd", 0
    pushfd
    DONE
    VME "popfd", 0
    push dword 2
    popfd
    DONE
    VME "iret: IF goes to VIF", 0
    push word 0x202
    push cs
    push word .in
    iret
.in:
    DONE
    VME "iretd", 0
    iretd
    DONE
    VME "int 21, not redirected", 0
    int 0x21
    DONE
    mov byte [REDIR + 4], 0xfd       ; vector 21h
    VME "int 21, redirected", .handler, 0xa0002
    int 0x21
.handler:
    pop ax
    pop bx
    pop cx
    DONE
    and dword [r_ecx], 0xffff
    SHOW "flags", [r_ecx]
    VME "int 21, redirected, IOPL 3", .handler3, 0x23202
    int 0x21
.handler3:
    pop ax
    pop bx
    pop cx
    DONE
    and dword [r_ecx], 0xffff
    SHOW "flags", [r_ecx]
    mov byte [REDIR + 0], 0xf7       ; vector 3
    mov dword [3 * 4], .breakpoint
    VME "int3 is not redirected", 0
    int3
.breakpoint:
    DONE
    ret

%macro PVI 1-2 2
    TRY %1
    mov eax, 2
    mov cr4, eax
    TORING 3, %2
%endmacro
; SDM vol. 3 20.4
TEST "pvi"
    PVI "cli", 0x80202
    cli
    DONE
    PVI "sti"
    sti
    DONE
    PVI "sti with VIP", 0x100002
    sti
    DONE
    PVI "pushf shows the true IF", 0x80002
    pushfd
    pop ecx
    DONE
    SHOW "flags", [r_ecx]
    PVI "popf does not touch VIF"
    push dword 0x202
    popfd
    DONE
    TRY "ring 1"
    mov eax, 2
    mov cr4, eax
    TORING 1
    cli
    DONE
    ret

%macro CR 3                          ; name, register, value
    TRY %1
    mov eax, %3
    HERE
    mov %2, eax
    DONE
%endmacro
; SDM vol. 2 MOV (control registers), LMSW, SMSW, CLTS; vol. 3 2.5
TEST "control"
    CR "NW without CD", cr0, 0x20000011
    CR "CD", cr0, 0x40000011
    TRY "cr1"
    db 0x0f, 0x20, 0xc8
    DONE
    TRY "cr5"
    db 0x0f, 0x22, 0xe8
    DONE
    TRY "mod of MOV CR is ignored"
    mov ecx, -1
    db 0x0f, 0x20, 0x01
    DONE
    SHOW "ecx", [r_ecx]
    TRY "ET stays"
    mov eax, 1
    mov cr0, eax
    mov ecx, cr0
    DONE
    SHOW "cr0", [r_ecx]
    TRY "lmsw sets MP, EM, TS"
    mov eax, 0xffff000f
    lmsw ax
    mov ecx, cr0
    DONE
    SHOW "cr0", [r_ecx]
    TRY "lmsw does not clear PE"
    xor eax, eax
    lmsw ax
    smsw ecx
    DONE
    SHOW "msw", [r_ecx]
    TRY "clts"
    mov eax, 0x19
    mov cr0, eax
    clts
    mov ecx, cr0
    DONE
    SHOW "cr0", [r_ecx]
    TRY "smsw, 16-bit register"
    mov ecx, -1
    o16 smsw cx
    DONE
    SHOW "ecx", [r_ecx]
    TRY "smsw, memory"
    mov dword [SCRATCH], -1
    smsw [SCRATCH]
    DONE
    SHOW "memory", [SCRATCH]
    TRY "rdmsr of none"
    mov ecx, 0x1234
    rdmsr
    DONE
    TRY "wrmsr of none"
    mov ecx, 0x1234
    wrmsr
    DONE
    CR "PG without PE", cr0, 0x80000010
    ret
