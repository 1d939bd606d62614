; shadows.asm - when a pending interrupt comes: STI, POPF, IRET, HLT; NMI and what blocks it.
; SPDX-License-Identifier: MIT
%define IMAGE "shadows"
%include "frame.inc"

%define IRQ0 0x28
%define APIC 0xfee00000

%macro OUTB 2
    mov al, %2
    out %1, al
%endmacro

; The 8259 anew, with IRQ 0 alone; the 8254's counter 0 fires once, in EAX ticks.
start_timer:
    push eax
    mov dword [APIC + 0xf0], 0x1ff   ; LINT0 = ExtINT: the 8259 through the local APIC
    mov dword [APIC + 0x350], 0x700
    OUTB 0x20, 0x11
    OUTB 0x21, IRQ0
    OUTB 0x21, 4
    OUTB 0x21, 1
    OUTB 0x21, 0xfe
    OUTB 0x43, 0x30
    pop eax
    out 0x40, al
    mov al, ah
    out 0x40, al
    ret

; The same, returning when the interrupt is pending.
arm:
    push eax
    mov eax, 20
    call start_timer
.wait:
    OUTB 0x20, 0x0a
    in al, 0x20
    test al, 1
    jz .wait
    pop eax
    ret

; SDM vol. 2 STI, POPF, IRET, HLT; vol. 3 6.8.1
TEST "sti"
    TRY "one instruction later"
    call arm
    HERE
    sti
    nop
    nop
    DONE
    TRY "sti twice: the second has no shadow"
    call arm
    HERE
    sti
    sti
    nop
    DONE
    TRY "sti and cli: never"
    call arm
    HERE
    sti
    cli
    nop
    DONE
    TRY "a fault in the shadow"
    call arm
    HERE
    sti
    ud2
    DONE
    TRY "sti and jmp"
    call arm
    HERE
    sti
    jmp short .a
    nop
.a: nop
    DONE
    TRY "sti and hlt"
    call arm
    HERE
    sti
    hlt
    nop
    DONE
    TRY "popf: at once"
    call arm
    push dword 0x202
    HERE
    popfd
    nop
    DONE
    TRY "iret: at once"
    call arm
    push dword 0x202
    push dword CODE0
    push dword .b
    HERE
    iretd
.b: nop
    DONE
    TRY "iret to ring 3: at once"
    call arm
    TORING 3, 0x202
    nop
    DONE
    SHOW "ss", [r_ss]
    TRY "sti in ring 3 with IOPL 3"
    call arm
    TORING 3, 0x3002
    sti
    nop
    nop
    DONE
    TRY "V86 mode, IOPL 3"
    call arm
    TOV86
    sti
    nop
    nop
    DONE
    TRY "V86 mode, popf"
    call arm
    TOV86
    pushf
    pop ax
    or ax, 0x200
    push ax
    popf
    nop
    DONE
    TRY "real mode"
    call arm
    TOREAL
    sti
    nop
    nop
    DONE
    TRY "hlt wakes later"
    mov eax, 2000
    call start_timer
    HERE
    sti
    hlt
    nop
    DONE
    OUTB 0x21, 0xff
    ret

; SDM vol. 3 6.13: EXT; 6.12.1.1: the gate's DPL does not count
TEST "delivery"
    TRY "from ring 3, gate of DPL 0"
    call arm
    TORING 3, 0x202
    nop
    DONE
    TRY "gate not present"
    mov byte [IDT + IRQ0 * 8 + 5], 0x0e
    call arm
    HERE
    sti
    nop
    nop
    DONE
    TRY "gate of another type"
    mov byte [IDT + IRQ0 * 8 + 5], G_CALL32
    call arm
    HERE
    sti
    nop
    nop
    DONE
    mov byte [IDT + IRQ0 * 8 + 5], G_INT32
    TRY "handler's segment is data"
    mov word [IDT + IRQ0 * 8 + 2], DATA0
    call arm
    HERE
    sti
    nop
    nop
    DONE
    TRY "handler's selector is null"
    mov word [IDT + IRQ0 * 8 + 2], 0
    call arm
    HERE
    sti
    nop
    nop
    DONE
    mov word [IDT + IRQ0 * 8 + 2], CODE0
    TRY "past the IDT"
    lidt [cs:.short]
    call arm
    HERE
    sti
    nop
    nop
    DONE
    TRY "interrupt gate clears IF, trap gate does not"
    SETGATE IRQ0, CODE0, .trap, G_TRAP32
    call arm
    HERE
    sti
    nop
    nop
.trap:
    DONE
    OUTB 0x21, 0xff
    ret
.short: dw 0x13f
        dd IDT

; SDM vol. 3 6.7.1; vol. 3 10.6.1: the local APIC sends it to its own number, 0
%macro SEND_NMI 0
    mov dword [APIC + 0x310], 0
    mov dword [APIC + 0x300], 0x4400
%endmacro
TEST "nmi"
    TRY "comes with IF = 0"
    SETGATE 2, CODE0, .count, G_INT32
    mov dword [var], 0
    SEND_NMI
.first:
    cmp dword [var], 0
    je .first
    HERE
    DONE
    TRY "blocked until IRET"
    mov dword [var], 0
    SETGATE 2, CODE0, .handler, G_INT32
    SEND_NMI
.wait:
    cmp dword [var], 2
    jne .wait
    HERE
    DONE
    SHOW "in the first handler", [var + 4]
    SHOW "at the end", [var]
    ret
.handler:
    inc dword [var]
    cmp dword [var], 1
    jne .out
    SEND_NMI
    mov ecx, 1000
    loop $
    mov ecx, [var]
    mov [var + 4], ecx
.out:
    iretd
.count:
    inc dword [var]
    iretd
