; SPDX-License-Identifier: MIT
; pci32.asm - PCI configuration in POST: find devices, size and place BARs, route interrupts.
; One bus: bridges behind the host bridge are left as they are.
section .e32
bits 32

; ECX = 80000000h | devfn << 8 | register. Keep ECX.
pci_sel:
    push eax
    mov eax, ecx
    and al, 0xFC
    mov edx, 0xCF8
    out dx, eax
    mov edx, ecx
    and edx, 3
    add edx, 0xCFC
    pop eax
    ret
pci_in32:
    call pci_sel
    in eax, dx
    ret
pci_in16:
    call pci_sel
    in ax, dx
    ret
pci_in8:
    call pci_sel
    in al, dx
    ret
pci_out32:
    call pci_sel
    out dx, eax
    ret
pci_out16:
    call pci_sel
    out dx, ax
    ret
pci_out8:
    call pci_sel
    out dx, al
    ret

PCI_MEM     equ 0xE0000000
PCI_MEM_END equ 0xFEC00000
PCI_IO      equ 0xC000

BAR_LIST    equ SCRATCH + 0x1000 ; entries: dword config address, dword size, dword kind
BAR_MAX     equ 256

; Three steps: list every BAR with its size, place the largest first, then enable decoding.
pci_enumerate:
    mov edi, BAR_LIST
    mov ecx, 0x80000000
.function:
    call pci_in32
    cmp ax, 0xFFFF
    je .absent
    call pci_list_bars
    call pci_route
    test ecx, 0x700
    jnz .next
    mov cl, 0x0E                ; one function only?
    call pci_in8
    xor cl, cl
    test al, 0x80
    jnz .next
.skip:
    add ecx, 0x700
    jmp .next
.absent:
    test ecx, 0x700
    jz .skip
.next:
    add ecx, 0x100
    test ecx, 0x00FF0000        ; bus 1: done
    jz .function
    mov dword [edi], 0
    call pci_place_bars
    jmp pci_enable

; ECX = function; EDI = end of the list.
pci_list_bars:
    mov cl, 0x08
    call pci_in32
    mov ebx, eax
    shr ebx, 16                 ; class and subclass
    cmp bx, 0x0300
    jne .not_vga
    mov byte [BASE_F + have_vga], 1
    mov [BASE_F + vga_cfg], ecx
.not_vga:
    mov cl, 0x0E
    call pci_in8
    and al, 0x7F
    mov ah, 0x28                ; end of six BARs
    jz .type0
    mov ah, 0x18                ; a bridge has two
.type0:
    mov esi, eax
    mov cl, 0x10
.bar:
    cmp edi, BAR_LIST + BAR_MAX * 12
    jae .done
    mov eax, 0xFFFFFFFF
    call pci_out32
    call pci_in32
    test eax, eax
    jz .none
    mov [edi], ecx
    mov ebx, eax
    test al, 1
    jz .memory
    and eax, 0xFFFC
    jz .none
    or eax, 0xFFFF0000
    jmp .sized
.memory:
    and eax, 0xFFFFFFF0
    jz .none
.sized:
    neg eax
    mov [edi + 4], eax
    mov [edi + 8], ebx
    add edi, 12
    and bl, 7
    cmp bl, 4                   ; 64-bit: the upper half stays 0
    jne .none
    add cl, 4
    xor eax, eax
    call pci_out32
.none:
    add cl, 4
    mov eax, esi
    cmp cl, ah
    jb .bar
.done:
    xor cl, cl
    ret

; Largest first, so that every one is aligned without holes.
pci_place_bars:
    mov ebp, 0x40000000         ; the size placed now
    mov ebx, PCI_MEM
    mov esi, PCI_IO
.size:
    mov edi, BAR_LIST
.entry:
    mov ecx, [edi]
    jecxz .smaller
    cmp [edi + 4], ebp
    jne .next
    test byte [edi + 8], 1
    jnz .io
    lea eax, [ebx + ebp - 1]    ; align, and keep below the APICs
    neg ebp
    and eax, ebp
    neg ebp
    lea edx, [eax + ebp]
    cmp edx, PCI_MEM_END
    ja .next
    cmp edx, eax
    jb .next
    mov ebx, edx
    call pci_out32
    jmp .next
.io:
    lea eax, [esi + ebp - 1]
    neg ebp
    and eax, ebp
    neg ebp
    lea edx, [eax + ebp]
    cmp edx, 0x10000
    ja .next
    mov esi, edx
    call pci_out32
.next:
    add edi, 12
    jmp .entry
.smaller:
    shr ebp, 1
    cmp ebp, 4
    jae .size
    mov [BASE_F + pci_mem_next], ebx
    ret

; Turn on I/O, memory and bus mastering where a BAR was found (and for VGA and IDE always).
pci_enable:
    mov edi, BAR_LIST
.entry:
    mov ecx, [edi]
    jecxz .fixed
    mov eax, 2
    test byte [edi + 8], 1
    jz .memory
    mov al, 1
.memory:
    call pci_command
    add edi, 12
    jmp .entry
.fixed:
    mov ecx, [BASE_F + vga_cfg]
    jecxz .no_vga
    mov al, 3
    call pci_command
.no_vga:
    mov ecx, 0x80000900
    call pci_in32
    cmp eax, 0x70108086
    jne .done
    mov al, 5
    call pci_command
    mov cl, 0x20
    call pci_in32
    and ax, 0xFFFC
    mov [BASE_F + ide_bm], ax
.done:
    ret

pci_command:                    ; OR AL into the command register; SERR and mastering stay
    mov cl, 4
    mov ah, al
    push eax
    call pci_in16
    pop ebx
    or al, bh
    jmp pci_out16

; Interrupt line: link (pin + slot - 2) & 3, links A, B on 10, C, D on 11.
pci_route:
    mov cl, 0x3D
    call pci_in8
    test al, al
    jz .none
    mov ebx, ecx
    shr ebx, 11
    and ebx, 0x1F
    add al, bl
    add al, 2                   ; -2 modulo 4
    shr al, 1
    and al, 1
    add al, 10
    cmp ch, 0x0B                ; the PM function: SCI
    jne .set
    mov al, 9
.set:
    mov cl, 0x3C
    call pci_out8
.none:
    xor cl, cl
    ret

; $PIR: six slots and the chip set.
PIR_SLOTS   equ 32
pir_build:
    mov edi, BASE_F + pir_table + 32
    xor ebx, ebx                ; device number
.slot:
    xor al, al
    stosb
    mov al, bl
    shl al, 3
    stosb
    lea edx, [ebx + 3]          ; pin A of slot s: link (s - 1) & 3
    mov ecx, 4
.pin:
    mov al, dl
    and al, 3
    add al, 0x60
    stosb
    mov ax, 0x0C00              ; 10 and 11
    stosw
    inc edx
    loop .pin
    xor eax, eax
    stosw
    inc ebx
    cmp ebx, PIR_SLOTS
    jb .slot
    mov esi, BASE_F + pir_table
    mov ecx, 32 + PIR_SLOTS * 16
    call sum32
    neg al
    mov [BASE_F + pir_table + 31], al
    ret

section .f16
align 16
pir_table:
    db "$PIR", 0, 1
    dw 32 + PIR_SLOTS * 16
    db 0, 0x08                  ; router 00:01.0
    dw 0                        ; no interrupt for PCI alone
    dd 0x70008086
    dd 0
    times 11 db 0
    db 0                        ; checksum
    times PIR_SLOTS * 16 db 0
vga_cfg      dd 0
pci_mem_next dd 0
ide_bm       dw 0
