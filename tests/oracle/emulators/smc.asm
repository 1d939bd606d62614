; smc.asm - code that changes code: behind, ahead, itself, across pages, by other addresses, by the
; processor's own writes and by DMA.
; SPDX-License-Identifier: MIT
; disk
%define IMAGE "smc"
%define EFL_MASK 0x003e7700          ; RF is another image's matter
%include "frame.inc"
%include "cell.inc"

RAMCODE   equ 0x30000                ; runs with FLAT0: base 0, writable through DS

; Code up to SMCEND is copied to RAMCODE and run there; AT(label) is where a label of it is then.
; Prints EAX, which starts as 0; ESI is RAMCODE.
%macro SMC 1-2 RAMCODE
    TRY %1
%push smc
%define AT(label) (%2 + (label) - %$start)
    mov edi, %2
    call load_code
    dw %$end - %$start
%$start:
%endmacro
%macro SMCEND 0
    int V_DONE
%$end:
%pop
    DONE
    SHOW "eax", [r_eax]
%endmacro

load_code:
    pop esi
    movzx ecx, word [cs:esi]
    add esi, 2
    mov [origin], edi
    mov ebx, edi
    cs rep movsb
    xor eax, eax
    xor edx, edx
    mov esi, ebx
    mov ecx, 8
    push dword FLAT0
    push ebx
    retf

TEST "write"
    SMC "then jump"
    mov byte [AT(%$new) + 1], 2
    jmp %$new
%$new:
    mov al, 1
    SMCEND
    SMC "then cpuid"
    mov byte [AT(%$new) + 1], 2
    push ebx
    cpuid
    pop ebx
    xor eax, eax
%$new:
    mov al, 1
    SMCEND
    SMC "next instruction"
    mov byte [AT(%$new) + 1], 2
%$new:
    mov al, 1
    SMCEND
    SMC "third instruction"
    mov byte [AT(%$new) + 1], 2
    mov ah, 1
    mov dh, 1
%$new:
    mov al, 1
    SMCEND
    SMC "next instruction, after it ran"
    xor edx, edx
%$again:
    mov [AT(%$new) + 1], dl
%$new:
    mov al, 0x55
    shl ebp, 8
    movzx ecx, al
    add ebp, ecx
    inc edx
    cmp edx, 4
    jne %$again
    mov eax, ebp
    SMCEND
    SMC "other length"
    mov dword [AT(%$new)], 0x40909040      ; INC EAX, NOP, NOP, INC EAX for MOV EAX, imm32
%$new:
    mov eax, 0x90000000
    SMCEND
    SMC "only the last byte of a long one"
    mov byte [AT(%$new) + 9], 0x77
%$new:
    mov dword [AT(%$end) + 16], 0x11223344
    mov eax, [AT(%$end) + 16]
    SMCEND
    SMC "itself"
    mov ecx, 3
%$self:
    add byte [AT(%$self) + 6], 1           ; adds its own immediate to itself: 2, 4, 8
    loop %$self
    mov al, [AT(%$self) + 6]
    SMCEND
    SMC "to an undefined opcode and back"
    mov word [AT(%$new)], 0x0b0f
    mov word [AT(%$new)], 0x01b0
%$new:
    mov al, 3
    SMCEND
    SMC "to an undefined opcode"
    mov word [AT(%$new)], 0x0b0f
%$new:
    mov al, 3
    SMCEND
    ret

TEST "jumps"
    SMC "its own displacement"
    mov ecx, 3
%$loop:
    inc eax
    cmp eax, 3
    jne %$jump
    mov byte [AT(%$jump) + 1], 0           ; falls through
%$jump:
    jmp short %$loop
    SMCEND
    SMC "condition"
%$loop:
    inc eax
    cmp eax, 5
    jne %$jump
    mov byte [AT(%$jump)], 0x75            ; JNE for JMP
    cmp eax, eax
%$jump:
    jmp short %$loop
    SMCEND
    SMC "target of a call"
    call %$sub
    mov byte [AT(%$sub) + 2], 0x10
    call %$sub
    mov byte [AT(%$sub) + 2], 0x20
    call %$sub
    jmp %$over
%$sub:
    add eax, 1
    ret
%$over:
    SMCEND
    SMC "behind, every turn"
    mov ecx, 5
%$loop:
    add eax, 1
    shl byte [AT(%$loop) + 2], 1
    loop %$loop
    SMCEND
    SMC "a branch not yet taken"
    mov ecx, 4
%$loop:
    cmp ecx, 2
    je %$rare
    add eax, 1
%$back:
    loop %$loop
    jmp %$over
%$rare:
    add eax, 0x100
    mov byte [AT(%$rare) + 2], 2
    mov byte [AT(%$loop) + 2], 1
    jmp %$back
%$over:
    SMCEND
    ret

; Across a page: the code starts 16 bytes before a page's end.
EDGE      equ RAMCODE + 0x1000
%macro EDGEFILL 1                    ; NOPs up to EDGE - %1
    times 16 - (%1) - ($ - %$start) nop
%endmacro
TEST "pages"
    SMC "next page, fallen into", EDGE - 16
    mov byte [EDGE + 1], 2
    EDGEFILL 0
    mov al, 1
    SMCEND
    SMC "second half of an instruction on the edge", EDGE - 16
    mov byte [EDGE], 2
    EDGEFILL 1
    mov al, 1
    SMCEND
    SMC "first half of an instruction on the edge", EDGE - 16
    mov byte [EDGE - 1], 0xb4              ; MOV AH for MOV AL
    EDGEFILL 1
    mov al, 1
    SMCEND
    SMC "both halves by one write", EDGE - 16
    mov word [EDGE - 1], 0x02b4
    EDGEFILL 1
    mov al, 1
    SMCEND
    SMC "write on the edge, both pages code", EDGE - 16
    mov dword [EDGE - 2], 0x05b404b0
    EDGEFILL 2
    mov al, 1
    mov ah, 1
    SMCEND
    SMC "the page behind", EDGE - 16
    xor ecx, ecx
%$loop:
    add al, 1
    EDGEFILL 0
    inc byte [AT(%$loop) + 1]
    inc ecx
    cmp ecx, 4
    jb %$loop
    SMCEND
    ret

TEST "strings"
    SMC "stosb ahead"
    mov edi, AT(%$new)
    mov ecx, 4
    mov al, 0x90
    rep stosb
%$new:
    inc eax
    inc eax
    inc eax
    inc eax
    inc eax
    SMCEND
    SMC "movsb ahead"
    lea edi, [AT(%$new)]
    mov esi, AT(%$from)
    mov ecx, 4
    rep movsb
%$new:
    mov eax, 0xaaaaaaaa
    jmp %$over
%$from:
    mov al, 0x12
    mov ah, 0x34
%$over:
    SMCEND
    SMC "movsd over a page of code", EDGE - 16
    mov esi, AT(%$from)
    mov edi, EDGE
    jmp %$go
    EDGEFILL 0
    mov al, 1
    jmp %$over
%$go:
    mov ecx, 1
    rep movsd
    jmp AT(%$start) - AT(%$start) + %$start + 16
%$from:
    mov al, 2
    nop
    nop
%$over:
    SMCEND
    SMC "stosd backwards"
    mov edi, AT(%$new) + 4
    mov eax, 0x90909090
    mov ecx, 2
    std
    rep stosd
    cld
    xor eax, eax
    nop
    nop
%$new:
    inc eax
    inc eax
    inc eax
    inc eax
    inc eax
    inc eax
    inc eax
    inc eax
    inc eax
    SMCEND
    ret

; Writes that are not MOVs.
TEST "other writes"
    SMC "push"
    mov ebp, esp
    mov esp, AT(%$new) + 4
    push dword 0x90904040
%$new:
    inc ecx
    inc ecx
    inc ecx
    inc ecx
    mov esp, ebp
    SMCEND
    SMC "pusha"
    mov ebp, 0x14eb4040                    ; INC EAX twice, a jump over the rest of the frame
    mov ebx, esp
    mov esp, AT(%$new) + 24
    pushad                                 ; EBP is the third from below, at new
%$new:
    inc ecx
    inc ecx
    inc ecx
    inc ecx
    times 20 nop
    mov esp, ebx
    SMCEND
    SMC "call"
    mov ebp, esp
    mov esp, AT(%$new) + 4                 ; the return address is there: 0003xxxxh
    call %$sub
    jmp %$over
%$new:
    dd 0
%$sub:
    mov eax, [AT(%$new)]
    mov esp, ebp
    sub eax, AT(%$start)
%$over:
    SMCEND
    SMC "bts"
    bts dword [AT(%$new)], 8               ; MOV AL, 2 becomes 3
%$new:
    mov al, 2
    SMCEND
    SMC "xchg"
    mov edx, 0x04b403b0
    xchg edx, [AT(%$new)]
%$new:
    mov al, 1
    mov ah, 1
    SMCEND
    SMC "lock cmpxchg8b"
    mov eax, [AT(%$new)]
    mov edx, [AT(%$new) + 4]
    mov ebx, 0x04b403b0
    mov ecx, 0x90909090
    lock cmpxchg8b [AT(%$new)]
%$new:
    mov al, 1
    mov ah, 1
    inc eax
    inc eax
    inc eax
    inc eax
    SMCEND
    SMC "fistp"
    mov dword [AT(%$from)], 0x04b403b0
    fninit
    fild dword [AT(%$from)]
    fistp dword [AT(%$new)]
%$new:
    mov al, 1
    mov ah, 1
    jmp %$over
%$from:
    dd 0
%$over:
    SMCEND
    SMC "movq"
    mov dword [AT(%$from)], 0x04b403b0
    mov dword [AT(%$from) + 4], 0x90909090
    movq mm0, [AT(%$from)]
    movq [AT(%$new)], mm0
%$new:
    mov al, 1
    mov ah, 1
    inc eax
    inc eax
    inc eax
    inc eax
    jmp %$over
%$from:
    dq 0
%$over:
    emms
    SMCEND
    ret

; The processor's own writes. A descriptor's access byte is XCHG EAX, EDX (92h), and XCHG EAX, EBX
; (93h) once the segment has been loaded; the byte after it is RET.
TEST "descriptor"
    mov dword [GDT + FREE], 0xffff
    mov dword [GDT + FREE + 4], 0x00c39200
    mov ebx, 0x2222
    mov edx, 0x1111
    mov ebp, GDT + FREE + 5
    call run_flat
    SHOW "not accessed", eax
    mov edx, 0x1111
    mov eax, FREE
    mov fs, eax
    call run_flat
    SHOW "accessed", eax
    ret

; Runs the bytes at EBP, which end in a near RET, in flat memory. CF = AF = 0.
run_flat:
    mov byte [SCRATCH], 0xcb         ; RETF
    push cs
    push dword .back
    push dword SCRATCH
    push dword FLAT0
    push ebp
    cmp eax, eax
    retf
.back:
    ret

; A PTE's low bytes: with A set DAA, RET (27h C3h), with D set an address-size prefix before RET.
TEST "page table"
    TABLES
    mov dword [PT1], 0x0003c327
    PAGING
    mov ebp, PT1
    mov eax, 0x0f
    call run_flat
    SHOW "clean", eax
    mov [TARGET + 0x10], eax
    mov eax, 0x0f
    call run_flat
    SHOW "dirty", eax
    ret

; The same page at two linear addresses: written by one, run by the other after a serializing
; instruction.
TEST "alias"
    TABLES
    mov dword [PT1], RAMCODE | 7
    mov dword [RAMCODE], 0xcb01b0    ; MOV AL, 1; RETF
    PAGING
    call FLAT0:TARGET
    movzx ebx, al
    LINE
    HEX2 ebx
    mov byte [RAMCODE + 1], 2
    call serialize
    call FLAT0:TARGET
    mov ebx, eax
    PUT " "
    HEX2 ebx
    mov byte [TARGET + 1], 3
    call serialize
    call FLAT0:RAMCODE
    mov ebx, eax
    PUT " "
    HEX2 ebx
    call FLAT0:TARGET
    mov ebx, eax
    PUT " "
    HEX2 ebx
    NL
    ret
serialize:
    pushad
    cpuid
    popad
    ret

; The same bytes as 32-bit and as 16-bit code.
TEST "two sizes"
    mov dword [RAMCODE], 0x1234b866  ; MOV AX, imm16 or MOV EAX, imm32
    mov dword [RAMCODE + 4], 0x90909090
    mov word [RAMCODE + 8], 0xcb66   ; O16 RETF or O32 RETF
    SETDESC FREE, RAMCODE, 0xffff, A_CODE, F_32
    SETDESC FREE + 8, RAMCODE, 0xffff, A_CODE, 0
    mov ebx, 2
two_again:
    mov eax, 0x55555555
    push word CODE0
    push word two_32
    push dword FREE
    push dword 0
    retf
two_32:
    SHOW "32", eax
    mov eax, 0x55555555
    push cs
    push dword two_16
    push dword FREE + 8
    push dword 0
    retf
two_16:
    SHOW "16", eax
    mov byte [RAMCODE + 2], 0x78
    dec ebx
    jnz two_again
    ret

; A bus-master read of the IDE disk over code: sector 0 is written first, with the new code.
BM        equ 0xc000
PRD       equ SCRATCH + 0x100

%macro OUTB 2
    mov dx, %1
    mov al, %2
    out dx, al
%endmacro
%macro PCI 2                         ; register of 00:01.1, value
    mov dx, 0xcf8
    mov eax, 0x80000900 | ((%1) & 0xfc)
    out dx, eax
    mov dx, 0xcfc
    mov eax, %2
    out dx, eax
%endmacro

; One sector between RAMCODE and the disk: AL = C8h reads, CAh writes. Returns while it runs.
dma_start:
    mov ebx, eax
    mov dword [PRD], RAMCODE
    mov dword [PRD + 4], 0x80000200
    mov dx, BM + 4
    mov eax, PRD
    out dx, eax
    mov cl, 8                        ; towards memory
    cmp bl, 0xc8
    je .read
    mov cl, 0
.read:
    OUTB BM, cl
    OUTB BM + 2, 6
    OUTB 0x3f6, 2                    ; no interrupt line is wanted, the status bit is
    OUTB 0x3f6, 0
    OUTB 0x1f6, 0xe0
    OUTB 0x1f2, 1
    OUTB 0x1f3, 0
    OUTB 0x1f4, 0
    OUTB 0x1f5, 0
    OUTB 0x1f7, bl
    or cl, 1
    OUTB BM, cl
    ret

dma_wait:
    mov dx, BM + 2
    in al, dx
    test al, 4
    jz dma_wait
    OUTB BM, 0
    mov dx, 0x1f7
    in al, dx
    ret

TEST "dma"
    PCI 0x20, BM | 1
    PCI 0x04, 5
    PCI 0x40, 0x80008000
    mov esi, dma_code
    mov edi, RAMCODE
    mov ecx, dma_end - dma_code
    cs rep movsb
    mov byte [RAMCODE + 1], 2
    mov al, 0xca
    call dma_start
    call dma_wait
    mov byte [RAMCODE + 1], 1
    xor eax, eax
    call FLAT0:RAMCODE
    SHOW "before", eax
    mov al, 0xc8
    call dma_start
    call dma_wait
    call serialize
    xor eax, eax
    call FLAT0:RAMCODE
    SHOW "after", eax
    mov byte [RAMCODE + 1], 1
    xor eax, eax
    call FLAT0:RAMCODE
    mov al, 0xc8
    call dma_start
    call FLAT0:RAMCODE + dma_loop - dma_code
    SHOW "while its page runs", eax
    call dma_wait
    ret
dma_code:
    mov al, 1
    retf
dma_loop:
    mov dx, BM + 2
    in al, dx
    test al, 4
    jz dma_loop
    xor eax, eax
    cpuid
    xor eax, eax
    jmp dma_code
dma_end:
