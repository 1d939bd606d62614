/* start.S - the multiboot header, the entry, and the handlers of two exceptions. */
/* SPDX-License-Identifier: MIT */
    .section .text.start, "ax"
    .globl _start
_start:
    jmp 1f
    .align 4
multiboot:
    .long 0x1BADB002, 0x00010003, -(0x1BADB002 + 0x00010003)
    .long multiboot, _start, data_end, bss_end, _start
1:  cli
    mov $stack_top, %esp
    mov %eax, %esi
    mov $data_end, %edi
    mov $bss_end, %ecx
    sub %edi, %ecx
    xor %eax, %eax
    cld
    rep stosb
    sub $8, %esp                        /* aligned to 16 bytes at the call */
    push %ebx
    push %esi
    call bench_main
2:  hlt
    jmp 2b

    .text
    .globl pc_on_page_fault, pc_on_int80, pc_on_other
pc_on_page_fault:
    pusha
    mov %cr2, %eax
    push %eax
    call pc_map_page
    pop %eax
    popa
    add $4, %esp
    iret
pc_on_int80:
    incl pc_int80s
    iret
pc_on_other:                            /* nothing should come here: say so and stop */
    mov $'!', %al
    mov $0x3F8, %dx
    outb %al, %dx
1:  hlt
    jmp 1b

    .bss
    .align 16
    .skip 65536
stack_top:
    .section .note.GNU-stack, "", @progbits
