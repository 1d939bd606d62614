; SPDX-License-Identifier: MIT
; fwcfg.asm - fw_cfg: items by byte port and by DMA. Source: QEMU's docs/specs/fw_cfg.
section .e32
bits 32

FW_SEL      equ 0x510
FW_DATA     equ 0x511
FW_DMA      equ 0x514
FW_FILEDIR  equ 0x19

; Sets have_fwcfg: bit 0 present, bit 1 DMA.
fwcfg_probe:
    xor eax, eax
    call fw_read32
    cmp eax, 'QEMU'
    jne .none
    mov eax, 1
    call fw_read32
    and al, 2
    or al, 1
    mov [BASE_F + have_fwcfg], al
.none:
    ret

fw_select:                      ; AX = item
    push edx
    mov edx, FW_SEL
    out dx, ax
    pop edx
    ret

fw_byte:                        ; -> AL
    push edx
    mov edx, FW_DATA
    in al, dx
    pop edx
    ret

fw_read32:                      ; AX = item -> EAX, its first four bytes, little-endian
    call fw_select
fw_next32:
    push ecx
    mov ecx, 4
.next:
    call fw_byte
    ror eax, 8
    loop .next
    pop ecx
    ret

; Item AX, ECX bytes, to EDI; by DMA when there is DMA.
fw_read_block:
    jecxz .done
    test byte [BASE_F + have_fwcfg], 2
    jnz .dma
    call fw_select
    mov edx, FW_DATA
    rep insb
.done:
    ret
.dma:
    shl eax, 16
    or eax, 0x0A                ; select, read
    bswap eax
    mov [SCRATCH], eax
    bswap ecx
    mov [SCRATCH + 4], ecx
    mov dword [SCRATCH + 8], 0
    bswap edi
    mov [SCRATCH + 12], edi
    mov edx, FW_DMA
    xor eax, eax
    out dx, eax
    mov eax, SCRATCH
    bswap eax
    mov dl, 0x18
    out dx, eax
.wait:
    mov eax, [SCRATCH]
    test eax, 0xFEFFFFFF        ; all but the error bit (big-endian) mean: still busy
    jnz .wait
    ret

; ESI = zero-ended name -> EAX = item, ECX = size; EAX = 0 when there is no such file.
fw_find:
    test byte [BASE_F + have_fwcfg], 1
    jz .none
    mov eax, FW_FILEDIR
    call fw_read32
    bswap eax
    mov ebx, eax                ; number of entries
.entry:
    sub ebx, 1
    jc .none
    call fw_next32
    bswap eax
    push eax
    call fw_byte
    mov ah, al
    call fw_byte
    movzx eax, ax               ; big-endian already
    push eax
    call fw_byte
    call fw_byte
    mov edi, SCRATCH + 64
    mov ecx, 56
    mov edx, FW_DATA
    rep insb
    mov edi, SCRATCH + 64
    push esi
.cmp:
    lodsb
    cmp al, [edi]
    jne .differ
    inc edi
    test al, al
    jnz .cmp
    pop esi
    pop eax
    pop ecx
    ret
.differ:
    pop esi
    pop eax
    pop ecx
    jmp .entry
.none:
    xor eax, eax
    xor ecx, ecx
    ret

; What 16-bit POST asks: EAX = boot menu item (bit 0), the wait in ms in its upper half.
fw_bootmenu:
    xor eax, eax
    test byte [BASE_F + have_fwcfg], 1
    jz .none
    mov eax, 0x0E
    call fw_select
    call fw_byte
    movzx eax, al
    push eax
    mov esi, name_menuwait
    call fw_find
    mov ebx, 2500
    test eax, eax
    jz .default
    call fw_select
    call fw_byte
    mov bl, al
    call fw_byte
    mov bh, al
.default:
    pop eax
    shl ebx, 16
    or eax, ebx
.none:
    ret

name_menuwait: db "etc/boot-menu-wait", 0

section .f16
have_fwcfg  db 0
