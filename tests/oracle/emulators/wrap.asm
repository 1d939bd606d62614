; wrap.asm - offsets at 64 KiB and segment limits: real mode, "unreal" mode, 16-bit and expand-down
; segments, stacks and code that reach the end.
; SPDX-License-Identifier: MIT
; not: qemu - it checks no segment limits, so that nearly every line differs (vol. 3 5.3)
%define IMAGE "wrap"
%define EFL_MASK 0x003e7f00          ; RF is another image's matter
%include "frame.inc"

; Linear 0FFFCh to 10003h hold A0h to A7h.
%macro PATTERN 0
    mov dword [0xfffc], 0xa3a2a1a0
    mov dword [0x10000], 0xa7a6a5a4
    mov dword [0x600], 0x77777777
    mov dword [0x604], 0x77777777
%endmacro
%macro FACTS 0
    call facts
%endmacro
facts:
    cmp dword [r_kind], K_RESET      ; no registers then
    je .none
    LINE
    PUT "eax="
    HEX8 [r_eax]
    PUT " ecx="
    HEX8 [r_ecx]
    PUT " esi="
    HEX8 [r_esi]
    PUT " edi="
    HEX8 [r_edi]
    PUT " esp="
    HEX8 [r_esp]
    NL
.none:
    ret
; Registers before each step.
%macro REGS 0
    xor eax, eax
    mov ecx, 4
    mov ebx, 0xffff
    mov esi, 0x601                   ; BX + SI is 600h
    mov edi, 0x8000
%endmacro
%macro REAL 2+                       ; step, one instruction or macro
    TRY %1
    PATTERN
    TOREAL
    REGS
    mov dword [origin], %%here
%%here:
    %2
    DONE
    FACTS
%endmacro
%macro BP_FFFF 0
    mov bp, 0xffff
    mov ax, [bp]
%endmacro
%macro AT_SI 2+                      ; SI, instruction
    mov esi, %1
    %2
%endmacro
%macro AT_DI 2+
    mov edi, %1
    %2
%endmacro
%macro AT_SP 2+
    mov sp, %1
    %2
%endmacro
%macro AT_ECX 2+
    mov ecx, %1
    %2
%endmacro
%macro TWICE_SI 2+
    mov esi, %1
    mov ecx, 2
    %2
%endmacro
TEST "real"
    REAL "byte at FFFF", mov al, [0xffff]
    REAL "word at FFFF", mov ax, [0xffff]
    REAL "word to FFFF", mov [0xffff], ax
    REAL "dword at FFFC", mov eax, [0xfffc]
    REAL "dword at FFFD", mov eax, [0xfffd]
    REAL "byte at 10000", mov al, [dword 0x10000]
    REAL "bx + si wraps", mov al, [bx + si]
    REAL "bx + disp wraps", mov al, [bx + 0x601]
    REAL "ebx + disp does not", mov al, [ebx + 1]
    REAL "stack word at FFFF", BP_FFFF
    REAL "word at FFFF, SS override", mov ax, [ss:0xffff]
    REAL "word at FFFF, CS override", mov ax, [cs:0xffff]
    REAL "add at FFFF", add word [0xffff], 1
    REAL "les at FFFE", les ax, [0xfffe]
    REAL "far pointer at FFFD", jmp far [0xfffd]
    REAL "fld at FFF8", fld tword [0xfff8]
    REAL "movsw, source", AT_SI 0xffff, movsw
    REAL "movsw, destination", AT_DI 0xffff, movsw
    REAL "lodsb wraps", AT_SI 0xffff, lodsb
    REAL "rep lodsb wraps", TWICE_SI 0xfffe, rep lodsb
    REAL "rep movsb wraps", AT_DI 0xfffe, rep movsb
    REAL "rep stosw, odd", AT_DI 0xfffd, rep stosw
    REAL "rep lodsw, odd", AT_SI 0xfffb, rep lodsw
    REAL "rep lodsb, 32-bit", AT_SI 0xfffe, a32 rep lodsb
    REAL "rep lodsb, of ECX only CX", AT_ECX 0x10002, rep lodsb
    REAL "loop, cx only", AT_ECX 0x10001, loop $
    ret

%macro CALL_NEXT 0
    call %%next
%%next:
%endmacro
%macro POP_ESP 0
    mov dword [esp], 0x11112222
    mov dword [esp + 4], 0
    pop dword [esp]
    mov eax, [esp]
%endmacro
TEST "real stack"
    REAL "push at 0", AT_SP 0, push ax
    REAL "push dword at 0", AT_SP 0, push eax
    REAL "push dword at 2", AT_SP 2, push eax
    REAL "push at 1", AT_SP 1, push ax
    REAL "pop at FFFE", AT_SP 0xfffe, pop ax
    REAL "pop at FFFF", AT_SP 0xffff, pop ax
    REAL "pop dword at FFFE", AT_SP 0xfffe, pop eax
    REAL "pusha at 8", AT_SP 8, pushaw
    REAL "popa at FFF8", AT_SP 0xfff8, popaw
    REAL "call at 0", AT_SP 0, CALL_NEXT
    REAL "call at 1", AT_SP 1, CALL_NEXT
    REAL "int at 2", AT_SP 2, int 0x21
    REAL "int at 3", AT_SP 3, int 0x21
    REAL "enter at 2", AT_SP 2, enter 0x10, 0
    REAL "enter, frame below 0", AT_SP 8, enter 0x10, 1
    REAL "pop [esp]", AT_SP 0x8000, POP_ESP
    ret

; Code at 2000:FFF0 and on. EIP does not wrap by itself, jumps of 16 bits cut it.
%macro CODE_AT 3                     ; step, offset, bytes
    TRY %1
    mov byte [0x20000], 0xf4
    mov esi, %%bytes
    mov edi, 0x20000 + (%2)
    mov ecx, %%end - %%bytes
    cs rep movsb
    mov word [0x20000], 0x20cd       ; INT V_DONE, in case that it wraps
    mov word [0x20010], 0x20cd
    mov word [0x2fff0], 0x20cd
    TOREAL
    REGS
    mov dword [origin], 0
    jmp 0x2000:%2
%%bytes:
    db %3
%%end:
    DONE
    SHOW "eax", [r_eax]
%endmacro
TEST "real code"
    CODE_AT "nop at FFFF", 0xfffe, {0x90, 0x90}
    CODE_AT "mov al across", 0xffff, 0xb0
    CODE_AT "short jump over the end", 0xfffe, {0xeb, 0x0e}
    CODE_AT "short jump not taken", 0xfffe, {0x72, 0x0e}
    CODE_AT "near jump backwards over 0", 0x0003, {0xe9, 0xea, 0xff}
    CODE_AT "32-bit jump beyond", 0xfff8, {0x66, 0xe9, 0x12, 0, 0, 0}
    CODE_AT "32-bit jump beyond, taken jcc", 0xfff8, {0x66, 0x0f, 0x83, 0x11, 0, 0, 0}
    CODE_AT "call near at the end", 0xfffd, {0xe8, 0x10, 0}
    CODE_AT "loop", 0xfffe, {0xe2, 0x0e}
    ret

; Segments of 4 GiB that stay when CR0.PE is cleared, and when a selector is loaded in real mode.
%macro TOUNREAL 0-1 F_4K
    SETDESC FREE, 0, 0xfffff, A_DATA, %1
    mov dword [origin], %%in
    jmp CODE0_16:%%low
bits 16
%%low:
    mov ax, FREE
    call load_data_segments
    mov eax, 0x10
    mov cr0, eax
    jmp 0xf000:%%on
%%on:
    o32 lidt [cs:real_idtr]
    xor ax, ax
    call load_data_segments
    mov sp, STACKR
%%in:
%endmacro
%macro UNREAL 2+
    TRY %1
    PATTERN
    mov dword [0x300000], 0x12345678
    TOUNREAL
    REGS
    mov dword [origin], %%here
%%here:
    %2
    DONE
    FACTS
%endmacro
%macro AT_DS 2+                      ; paragraph, instruction
    mov dx, %1
    mov ds, dx
    %2
%endmacro
%macro LDS_FAR 0
    mov dword [0x600], 0x10000000
    lds si, [0x600]
    mov eax, [dword 0x2f0000]
%endmacro
%macro POP_DS 0
    push word 0x1000
    pop ds
    mov eax, [dword 0x2f0000]
%endmacro
TEST "unreal"
    UNREAL "byte at 10000", mov al, [dword 0x10000]
    UNREAL "dword at 300000", mov eax, [dword 0x300000]
    UNREAL "after a load", AT_DS 0x1000, mov eax, [dword 0x2f0000]
    UNREAL "word at FFFF", mov ax, [0xffff]
    UNREAL "dword at FFFE", mov eax, [0xfffe]
    UNREAL "bx + si wraps", mov al, [bx + si]
    UNREAL "movsb, 32-bit", AT_SI 0x300000, a32 rep movsb
    UNREAL "movsb, 16-bit", AT_SI 0x30fffe, rep movsb
    UNREAL "push at 0", AT_SP 0, push ax
    UNREAL "push at 1", AT_SP 1, push ax
    UNREAL "pop at FFFF", AT_SP 0xffff, pop ax
    UNREAL "lds keeps it", LDS_FAR
    UNREAL "pop ds keeps it", POP_DS
    ret

; A stack of 4 GiB with B = 1 that stays, too: pushes use ESP, and so does INT.
%macro BIGSTACK 3+                   ; step, ESP, instruction
    TRY %1
    mov dword [0x300000], 0x55667788
    TOUNREAL F_32 | F_4K
    REGS
    mov esp, %2
    mov dword [origin], %%here
%%here:
    %3
    DONE
    FACTS
%endmacro
%macro PUSH_POP 0
    push dword 0x12345678
    pop eax
%endmacro
TEST "unreal stack"
    BIGSTACK "pop dword", 0x300000, pop eax
    BIGSTACK "push word", 0x300000, push ax
    BIGSTACK "push and pop", 0x300000, PUSH_POP
    BIGSTACK "pusha", 0x300020, pushad
    BIGSTACK "call", 0x300000, CALL_NEXT
    BIGSTACK "push at 10000", 0x10000, push eax
    BIGSTACK "enter", 0x300004, enter 0x100, 0
    BIGSTACK "int", 0x300006, int 0x21
    ret

; Protected mode: a data segment in FS, 32-bit code.
%macro SEGMENT 5+                    ; step, limit, access, flags, instruction
    TRY %1
    PATTERN
    SETDESC FREE, 0, %2, %3, %4
    mov eax, FREE
    mov fs, eax
    xor eax, eax
    HERE
    %5
    DONE
    SHOW "eax", [r_eax]
%endmacro
DOWN      equ 0x97                   ; expand-down, writable
TEST "limits"
    SEGMENT "last byte", 0xffff, A_DATA, 0, mov al, [fs:0xffff]
    SEGMENT "byte behind", 0xffff, A_DATA, 0, mov al, [fs:0x10000]
    SEGMENT "word over", 0xffff, A_DATA, 0, mov ax, [fs:0xffff]
    SEGMENT "dword over", 0xfffe, A_DATA, F_32, mov eax, [fs:0xfffc]
    SEGMENT "granular, last dword", 0xf, A_DATA, F_32 | F_4K, mov eax, [fs:0xfffc]
    SEGMENT "granular, over", 0xf, A_DATA, F_32 | F_4K, mov eax, [fs:0xfffd]
    SEGMENT "limit 0", 0, A_DATA, F_32, cmp al, [fs:0]
    SEGMENT "limit 0, byte 1", 0, A_DATA, F_32, mov al, [fs:1]
    SEGMENT "down, at the limit", 0xfffb, DOWN, F_32, mov al, [fs:0xfffb]
    SEGMENT "down, behind it", 0xfffb, DOWN, F_32, mov eax, [fs:0xfffc]
    SEGMENT "down, 32-bit, beyond 64 KiB", 0xfffb, DOWN, F_32, mov eax, [fs:0x10000]
    SEGMENT "down, 16-bit, beyond 64 KiB", 0xfffb, DOWN, 0, mov al, [fs:0x10000]
    SEGMENT "down, 16-bit, word at FFFF", 0xfffb, DOWN, 0, mov ax, [fs:0xffff]
    SEGMENT "down, 16-bit, dword at FFFC", 0xfffb, DOWN, 0, mov eax, [fs:0xfffc]
    SEGMENT "down, granular", 0xe, DOWN, F_32 | F_4K, mov al, [fs:0xefff]
    SEGMENT "down, granular, behind", 0xe, DOWN, F_32 | F_4K, mov eax, [fs:0xfffc]
    SEGMENT "down, limit FFFF, 16-bit", 0xffff, DOWN, 0, mov al, [fs:0xffff]
    SEGMENT "down, read-only", 0xfffb, 0x95, F_32, mov [fs:0xfffc], eax
    SEGMENT "code, read", 0xffff, 0x9b, F_32, mov eax, [fs:0xfffc]
    SEGMENT "code, write", 0xffff, 0x9b, F_32, mov [fs:0xfffc], eax
    ret

; Stack segments of 16 bits and expand-down ones, in ring 3: the fault has a stack of its own.
%macro STACKSEG 6+                   ; step, limit, access, flags, ESP, instruction
    TRY %1
    PATTERN
    SETDESC FREE, 0, %2, (%3) | DPL3, %4
    TORING 3
    mov eax, FREE | 3
    mov ss, eax
    mov esp, %5
    mov dword [origin], %%here
%%here:
    %6
    DONE
    LINE
    PUT "eax="
    HEX8 [r_eax]
    PUT " esp="
    HEX8 [r_esp]
    NL
%endmacro
TEST "stacks"
    STACKSEG "16-bit, push at 0", 0xffff, A_DATA, 0, 0x12340000, push eax
    STACKSEG "16-bit, push at 2", 0xffff, A_DATA, 0, 0x12340002, push eax
    STACKSEG "16-bit, pop at FFFC", 0xffff, A_DATA, 0, 0x1234fffc, pop eax
    STACKSEG "16-bit, pop at FFFE", 0xffff, A_DATA, 0, 0x1234fffe, pop eax
    STACKSEG "16-bit, memory by esp", 0xfffff, A_DATA, 0, 0xfffe, mov eax, [esp + 2]
    STACKSEG "16-bit, enter", 0xffff, A_DATA, 0, 0x12340004, enter 8, 0
    STACKSEG "32-bit, pop over the limit", 0xffff, A_DATA, F_32, 0xfffe, pop eax
    STACKSEG "32-bit, push below 0", 0xffff, A_DATA, F_32, 0, push eax
    STACKSEG "32-bit, push at limit", 0xffff, A_DATA, F_32, 0x10000, push eax
    STACKSEG "down, push at the limit", 0x8fff, DOWN, F_32, 0x9004, push eax
    STACKSEG "down, push below it", 0x8fff, DOWN, F_32, 0x9003, push eax
    STACKSEG "down, 16-bit, push at 0", 0x8fff, DOWN, 0, 0, push eax
    STACKSEG "down, 16-bit, call below it", 0x8fff, DOWN, 0, 0x9002, call dword STACKS_END
    ret
STACKS_END:
