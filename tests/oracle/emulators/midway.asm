; midway.asm - faults in the middle: of repetitions, pushes, frames, descriptor reads, fetches.
; SPDX-License-Identifier: MIT
%define IMAGE "midway"
%define EFL_MASK 0x003e7f00          ; no RF; DF matters
%include "frame.inc"
%include "cell.inc"

; TARGET is a good page, the next one absent, the one after it read-only, the fourth good.
; BAD + 1000h is read-only; data of ring 0 and 3 alike.
BAD       equ TARGET + 0x1000
RONLY     equ TARGET + 0x2000
GOOD      equ TARGET + 0x3000

map:
    mov eax, 0x11
    mov cr0, eax
    jmp short .off
.off:
    TABLES
    mov dword [PT1], FRAME0 | 7
    mov dword [PT1 + 4], FRAME1 | 6
    mov dword [PT1 + 8], (FRAME1 + 0x1000) | 5
    mov dword [PT1 + 12], (FRAME1 + 0x2000) | 7
    mov edi, FRAME0
    mov ecx, 0x4000
    mov al, 0x5a
    rep stosb
    mov eax, PD
    mov cr3, eax
    mov eax, 0x80010011
    mov cr0, eax
    jmp short .on
.on:
    mov eax, 0x11112222
    mov ebx, 0x33334444
    mov ecx, 0x20
    mov edx, 0x55556666
    ret

show_strings:
    LINE
    PUT "eax="
    HEX8 [r_eax]
    PUT " ecx="
    HEX8 [r_ecx]
    PUT " esi="
    HEX8 [r_esi]
    PUT " edi="
    HEX8 [r_edi]
    PUT " flags="
    mov eax, [r_efl]
    and eax, 0x8d5
    HEX4 eax
    NL
    ret

; REP: what was done before the fault stays done, the registers name the element that faults.
%macro STRING 6                      ; step, ESI, EDI, ECX, DF (cld or std), instruction
    TRY %1
    call map
    mov esi, %2
    mov edi, %3
    mov ecx, %4
    cmp eax, eax                     ; ZF
    %5
    HERE
    %6
    DONE
    call show_strings
%endmacro
TEST "rep"
    STRING "movsb, destination", RONLY, BAD - 4, 0x20, cld, {rep movsb}
    STRING "movsb, source", BAD - 4, GOOD, 0x20, cld, {rep movsb}
    STRING "movsd, destination across", RONLY, BAD - 6, 0x20, cld, {rep movsd}
    STRING "movsw, source across", BAD - 5, GOOD, 0x20, cld, {rep movsw}
    STRING "movsb down, source", GOOD + 4, GOOD + 0x80, 0x2000, std, {rep movsb}
    STRING "movsd down, destination", GOOD + 0x80, GOOD + 8, 0x20, std, {rep movsd}
    STRING "movsb, read-only", TARGET, RONLY, 0x20, cld, {rep movsb}
    STRING "stosb", 0, BAD - 7, 0x20, cld, {rep stosb}
    STRING "stosd across", 0, BAD - 7, 0x20, cld, {rep stosd}
    STRING "stosw down", 0, GOOD + 2, 0x20, std, {rep stosw}
    STRING "lodsb", BAD - 3, 0, 0x20, cld, {rep lodsb}
    STRING "lodsd across", BAD - 6, 0, 0x20, cld, {rep lodsd}
    STRING "scasb", 0, BAD - 3, 0x20, cld, {repne scasb}
    STRING "cmpsb, source", BAD - 3, GOOD, 0x20, cld, {repe cmpsb}
    STRING "cmpsb, destination", GOOD, BAD - 3, 0x20, cld, {repe cmpsb}
    STRING "cmpsb, repne", GOOD, BAD - 3, 0x20, cld, {repne cmpsb}
    STRING "scasd down", 0, GOOD + 8, 0x20, std, {repne scasd}
    STRING "scasb, no rep", 0, BAD, 0x20, cld, {scasb}
    STRING "scasb, through", 0, GOOD, 3, cld, {repne scasb}
    STRING "cmpsd down", GOOD + 4, GOOD + 0x80, 0x20, std, {repe cmpsd}
    STRING "cmpsb, ends before", BAD - 3, BAD - 3, 3, cld, {repe cmpsb}
    STRING "stosb, 16-bit", 0, 0xf0005000, 0xffff0004, cld, {a16 rep stosb}
    STRING "movsb, count 0", BAD, BAD, 0, cld, {rep movsb}
    STRING "insb", 0, BAD - 2, 4, cld, {rep insb}
    STRING "movsb, no rep", BAD, GOOD, 4, cld, {movsb}
    STRING "stosd, no rep", 0, BAD, 4, std, {stosd}
    STRING "a page and more", TARGET, GOOD - 0x800, 0x1000, cld, {rep movsb}
    ret

; The fault's handler maps the page, and the repetition goes on as if nothing had been.
TEST "rep goes on"
    call map
    SETGATE 14, CODE0, mapper, G_INT32
    mov esi, FRAME0
    mov edi, BAD - 0x20
    mov ecx, 0x10
    xor eax, eax
rep_fill:
    mov [esi + eax * 4], eax
    inc eax
    cmp eax, 0x10
    jb rep_fill
    rep movsd
    SHOW "ecx", ecx
    SHOW "edi", edi
    SHOW "before", [FRAME0 + 0xffc]
    SHOW "behind", [FRAME1]
    SHOW "faults", [var + 40]
    ret
mapper:
    inc dword [var + 40]
    or byte [PT1 + 4], 1
    add esp, 4
    iretd

; Stack instructions: nothing is popped or pushed, rSP stays.
%macro CALL_GOOD 0
    mov dword [GOOD], cell_code
    call [GOOD]
%endmacro
%macro LEAVE_AT 1
    mov ebp, %1
    leave
%endmacro
%macro ENTER_FROM 2
    mov ebp, %1
    enter 0, %2
%endmacro
; In ring 3, so that the fault has a stack of its own.
%macro STACKED3 3
    TRY %1
    call map
    TORING 3
    mov eax, 0x11112222
    mov ebp, GOOD + 0x100
    mov esp, %2
    HERE
    %3
    DONE
    LINE
    PUT "esp="
    HEX8 [r_esp]
    PUT " ebp="
    HEX8 [r_ebp]
    PUT " eax="
    HEX8 [r_eax]
    NL
%endmacro
TEST "stack"
    STACKED3 "push", BAD + 0x1000, {push eax}
    STACKED3 "push across", BAD + 0x1002, {push eax}
    STACKED3 "push read-only", RONLY + 0x100, {push eax}
    STACKED3 "push memory, bad operand", GOOD + 0x100, {push dword [BAD]}
    STACKED3 "push memory, bad stack", RONLY, {push dword [GOOD]}
    STACKED3 "pop", BAD, {pop eax}
    STACKED3 "pop across", BAD - 2, {pop eax}
    STACKED3 "pop to bad memory", GOOD + 0x100, {pop dword [BAD]}
    STACKED3 "pop to [esp]", BAD - 4, {pop dword [esp]}
    STACKED3 "pop to read-only [esp]", RONLY, {pop dword [esp]}
    STACKED3 "pop esp", BAD - 2, {pop esp}
    STACKED3 "pop fs", BAD, {pop fs}
    STACKED3 "pusha", BAD + 0x1010, {pushad}
    STACKED3 "pusha, 16-bit", BAD + 0x1008, {pushaw}
    STACKED3 "popa", BAD - 0x10, {popad}
    STACKED3 "pushf", RONLY, {pushfd}
    STACKED3 "popf", BAD, {popfd}
    STACKED3 "call", RONLY, {call dword cell_code}
    STACKED3 "call memory", GOOD + 0x100, {call [BAD]}
    STACKED3 "call memory, bad stack", RONLY, {CALL_GOOD}
    STACKED3 "ret", BAD, {ret}
    STACKED3 "ret across", BAD - 2, {ret 8}
    STACKED3 "call far", RONLY + 4, {call CODE3:cell_code}
    STACKED3 "call far, half", GOOD + 4, {call CODE3:cell_code}
    STACKED3 "retf", BAD - 4, {retf}
    STACKED3 "iret", BAD - 8, {iretd}
    STACKED3 "leave", GOOD, {LEAVE_AT BAD}
    STACKED3 "enter", RONLY, {enter 0, 0}
    STACKED3 "enter, frame", GOOD + 4, {enter 0x1008, 0}
    STACKED3 "enter, level 2", GOOD + 0x100, {ENTER_FROM BAD + 4, 2}
    STACKED3 "enter, level 3", GOOD + 8, {enter 0, 3}
    ret

; Frames of the processor on a stack of ring 1, whose page is bad; the fault's own goes to ring 0.
%macro RING1 3                       ; step, ESP1, instructions of ring 3
    TRY %1
    call map
    SETGATE 0x21, CODE1, cell_code, G_INT32 | DPL3
    SETCALL FREE, CODE1 | 1, cell_code, G_CALL32 | DPL3, 2
    mov dword [TSS_0 + 12], %2
    TORING 3
    HERE
    %3
    DONE
    LINE
    PUT "esp="
    HEX8 [r_esp]
    PUT " ss="
    HEX4 [r_ss]
    NL
%endmacro
TEST "inner stack"
    RING1 "int, absent", BAD + 0x100, {int 0x21}
    RING1 "int, read-only", RONLY + 0x100, {int 0x21}
    RING1 "int, second word read-only", GOOD + 8, {int 0x21}
    RING1 "call gate, absent", BAD + 0x100, {call FREE | 3:0}
    RING1 "call gate, last word", GOOD + 20, {call FREE | 3:0}
    ret

; Instructions whose bytes lie on two pages: CR2 is the second page, EIP the first byte.
%macro FETCH 3                       ; step, where the code starts, bytes
    TRY %1
    call map
    mov esi, %%bytes
    mov edi, %2
    mov ecx, %%end - %%bytes
    cs rep movsb
    mov dword [origin], %2
    jmp FLAT0:%2
%%bytes:
    db %3
%%end:
    DONE
%endmacro
; %2 lies in the good page; bytes beyond it are never written.
%macro FETCH_AT 3                    ; step, bytes before the page's end, bytes
    TRY %1
    call map
    mov esi, %%bytes
    mov edi, BAD - (%2)
    mov ecx, %2
    cs rep movsb
    mov dword [origin], BAD - (%2)
    jmp FLAT0:BAD - (%2)
%%bytes:
    db %3
    DONE
%endmacro
TEST "fetch"
%define P14 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66
    FETCH_AT "opcode ends the page", 1, {0x90}
    FETCH_AT "immediate absent", 1, 0xb8
    FETCH_AT "half of the immediate absent", 3, {0xb8, 0, 0}
    FETCH_AT "modrm absent", 1, 0x8b
    FETCH_AT "second opcode absent", 1, 0x0f
    FETCH_AT "prefix ends the page", 1, 0x66
    FETCH_AT "14 prefixes", 14, {P14}
    FETCH_AT "15 prefixes", 15, {P14, 0x66}
    FETCH_AT "jump to the end", 2, {0xeb, 0}
    FETCH_AT "its memory operand absent, too", 4, {0x8b, 0x05, 0x00, 0x10}
    FETCH "15 bytes", FRAME0, {P14, 0x90, 0xcd, 0x20}
    FETCH "16 bytes", FRAME0, {P14, 0x66, 0x90, 0xcd, 0x20}
    FETCH "15 bytes, add", FRAME0, {0x26, 0x26, 0x26, 0x26, 0x26, 0x81, 0x05, 0x00, 0x80, 0, 0, \
        1, 0, 0, 0, 0xcd, 0x20}
    FETCH "16 bytes, add", FRAME0, {0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x81, 0x05, 0x00, 0x80, 0, \
        0, 1, 0, 0, 0, 0xcd, 0x20}
    ret


; A timer interrupts repetitions: at an element's edge, EIP on the instruction, rCX and rDI in step;
; and in the end all is done. How often it does is not told.
HITS      equ var + 40
WRONG     equ var + 44
AREA      equ 0x200000               ; 1 MiB; A20 does not matter
TOTAL     equ 0x100000
%macro INTERRUPTED 2                 ; step, instruction with REP and ECX, EDI set
    mov dword [HITS], 0
    mov dword [WRONG], 0
    mov edx, 4000
%%again:
    mov esi, AREA
    mov edi, AREA
    mov ecx, TOTAL
    mov al, 0x11
    sti
    nop                              ; REP itself is not in the shadow of STI
%%rep:
    %2
    cli
    mov eax, ecx
    add eax, edi
    cmp eax, AREA + TOTAL
    je %%whole
    inc dword [WRONG]
%%whole:
    test ecx, ecx
    jz %%through
    inc dword [WRONG]
%%through:
    cmp dword [HITS], 2
    jae %%enough
    dec edx
    jnz %%again
%%enough:
    cmp dword [HITS], 1
    sbb ebx, ebx
    inc ebx
    LINE
    PUT %1
    PUT ", in the middle: "
    HEX1 ebx
    PUT ", wrong: "
    HEX4 [WRONG]
    NL
%endmacro
%macro OUTB 2
    mov al, %2
    out %1, al
%endmacro
TEST "interrupts"
    SETGATE 0x28, CODE0, timer, G_INT32
    mov dword [0xfee000f0], 0x1ff    ; the local APIC on, its LINT0 an ExtINT
    mov dword [0xfee00350], 0x700
    OUTB 0x20, 0x11
    OUTB 0x21, 0x28
    OUTB 0x21, 4
    OUTB 0x21, 1
    OUTB 0x21, 0xfe
    OUTB 0x43, 0x34                  ; counter 0, mode 2: about 1 kHz
    OUTB 0x40, 0xa9
    OUTB 0x40, 4
    INTERRUPTED "stosb", {rep stosb}
    INTERRUPTED "movsb", {rep movsb}
    INTERRUPTED "scasb", {repe scasb}
    INTERRUPTED "cmpsb", {repe cmpsb}
    OUTB 0x21, 0xff
    OUTB 0x43, 0x30                  ; one shot, 65536 counts: quiet
    OUTB 0x40, 0
    OUTB 0x40, 0
    ret
; Interrupted on a REP (F2h, F3h) and not at its start: sums must be right.
timer:
    push eax
    mov eax, [esp + 4]
    mov al, [cs:eax]
    and al, 0xfe
    cmp al, 0xf2
    jne .out
    cmp ecx, TOTAL
    je .out
    jecxz .out
    inc dword [HITS]
    mov eax, ecx
    add eax, edi
    cmp eax, AREA + TOTAL
    je .out
    inc dword [WRONG]
.out:
    OUTB 0x20, 0x20
    pop eax
    iretd
