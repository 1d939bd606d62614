; SPDX-License-Identifier: MIT
; directboot.asm - a kernel given to the machine: Linux by its setup header, or multiboot.
; Items as in QEMU: kernel 07 08 11, initrd 0A 0B 12, command line 13 14 15, setup 16 17 18.
section .e32
bits 32

; Copies what fw_cfg has. EAX = 0: no kernel; else 1: linux_seg and linux_sp are set. Does not
; return for a multiboot kernel.
direct_load:
    test byte [BASE_F + have_fwcfg], 1
    jz .none
    call multiboot_try
    mov eax, 0x17
    call fw_read32
    test eax, eax
    jz .none
    mov eax, 0x08
    call fw_read32
    test eax, eax
    jz .none
    mov ebx, load_items
.item:
    movzx eax, byte [ebx]       ; address
    test al, al
    jz .loaded
    call fw_read32
    mov edi, eax
    movzx eax, byte [ebx + 1]
    call fw_read32
    mov ecx, eax
    movzx eax, byte [ebx + 2]
    call fw_read_block
    add ebx, 3
    jmp .item
.loaded:
    mov eax, 0x16
    call fw_read32
    mov ecx, eax
    shr eax, 4
    mov [BASE_F + linux_seg], ax
    mov eax, 0x13
    call fw_read32
    sub eax, ecx
    sub eax, 16
    mov [BASE_F + linux_sp], ax
    mov eax, 1
    ret
.none:
    xor eax, eax
    ret

; Command line before setup: setup's header already points at it.
load_items: db 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x0A, 0x0B, 0x12, 0x07, 0x08, 0x11, 0

; The machine has loaded the image and written "entry, info" for us.
multiboot_try:
    mov esi, name_multiboot
    call fw_find
    test eax, eax
    jz .none
    call fw_read32
    mov esi, eax
    call fw_next32
    mov ebx, eax
    call lock_shadow_keep
    mov eax, 0x2BADB002
    jmp esi
.none:
    ret

lock_shadow_keep:
    push ebx
    push esi
    call lock_shadow
    pop esi
    pop ebx
    ret

name_multiboot: db "opt/godwit/multiboot", 0

section .f16
linux_seg   dw 0
linux_sp    dw 0
bits 16
; Enter the kernel's setup code: all segments at setup, 20h paragraphs in.
direct_boot:
    mov eax, direct_load
    call call32
    test eax, eax
    jz .none
    mov eax, lock_shadow
    call call32
    cli
    mov ax, [cs:linux_seg]
    mov bx, [cs:linux_sp]
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov ss, ax
    movzx esp, bx
    add ax, 0x20
    push ax
    push word 0
    xor eax, eax
    mov ebx, eax
    mov ecx, eax
    mov edx, eax
    mov esi, eax
    mov edi, eax
    mov ebp, eax
    retf
.none:
    ret
