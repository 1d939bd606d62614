; SPDX-License-Identifier: MIT
; pcibios.asm - PCI BIOS 2.1: int 1Ah AH=B1, and the same in 32 bits through the BIOS32 directory.
; One body, assembled for both; leaves out special cycles and changing routes (81h).
section .f16

PCI_GOOD        equ 0x00
PCI_UNSUPPORTED equ 0x81
PCI_BAD_VENDOR  equ 0x83
PCI_NOT_FOUND   equ 0x86
PCI_BAD_REG     equ 0x87
PCI_BUFFER      equ 0x89

; %1 name, %2 16 or 32. In: the registers of the call. Out: AH = status, CF.
%macro PCI_BODY 2
%1:
    cmp al, 0x01
    je .present
    cmp al, 0x02
    je .find_device
    cmp al, 0x03
    je .find_class
    cmp al, 0x08
    jb .unsupported
    cmp al, 0x0D
    jbe .config
    cmp al, 0x0E
    je .routes
.unsupported:
    mov ah, PCI_UNSUPPORTED
    stc
    ret
.present:
    mov al, 1                   ; mechanism 1
    mov bx, 0x0210
    mov cl, 0
    mov edx, 'PCI '
.good:
    mov ah, PCI_GOOD
    clc
    ret
.not_found:
    pop edi
    pop esi
    pop edx
    pop ecx
    pop eax
    mov ah, PCI_NOT_FOUND
    stc
    ret

.find_device:                   ; CX device, DX vendor, SI index -> BH bus, BL devfn
    cmp dx, 0xFFFF
    mov ah, PCI_BAD_VENDOR
    stc
    je .done
    push eax
    push ecx
    push edx
    push esi
    push edi
    shl ecx, 16
    mov cx, dx
    mov edi, 0x80000000
.next_device:
    mov eax, edi
    call .read
    cmp eax, ecx
    jne .other_device
    sub si, 1
    jc .found
.other_device:
    add edi, 0x100
    test edi, 0x00FF0000
    jz .next_device
    jmp .not_found
.found:
    mov ebx, edi
    shr ebx, 8
    mov bh, 0
    pop edi
    pop esi
    pop edx
    pop ecx
    pop eax
    jmp .good

.find_class:                    ; ECX class, SI index
    push eax
    push ecx
    push edx
    push esi
    push edi
    shl ecx, 8
    mov edi, 0x80000008
.next_class:
    mov eax, edi
    call .read
    mov al, 0
    cmp eax, ecx
    jne .other_class
    sub si, 1
    jc .found
.other_class:
    add edi, 0x100
    test edi, 0x00FF0000
    jz .next_class
    jmp .not_found

.read:                          ; EAX = address -> EAX; clobbers DX
    mov dx, 0xCF8
    out dx, eax
    mov dx, 0xCFC
    in eax, dx
    ret

.config:                        ; 08-0A read, 0B-0D write: byte, word, dword; BX, DI; (E)CX
    cmp di, 0x100
    jae .bad_reg
    push edx
    push eax
    cmp al, 0x0B
    jb .size
    sub al, 3
.size:
    mov ah, 0
    cmp al, 0x09
    jb .aligned
    inc ah
    je .aligned
    mov ah, 3
.aligned:
    mov edx, edi
    test dl, ah
    jnz .bad_reg_pop
    movzx eax, bx
    shl eax, 8
    mov al, dl
    or eax, 0x80000000
    and al, 0xFC
    mov dx, 0xCF8
    out dx, eax
    mov edx, edi
    and edx, 3
    add edx, 0xCFC
    pop eax
    push eax
    cmp al, 0x08
    je .read8
    cmp al, 0x09
    je .read16
    cmp al, 0x0A
    je .read32
    cmp al, 0x0C
    mov eax, ecx
    jb .write8
    je .write16
    out dx, eax
    jmp .config_done
.write8:
    out dx, al
    jmp .config_done
.write16:
    out dx, ax
    jmp .config_done
.read8:
    in al, dx
    mov cl, al
    jmp .config_done
.read16:
    in ax, dx
    mov cx, ax
    jmp .config_done
.read32:
    in eax, dx
    mov ecx, eax
.config_done:
    pop eax
    pop edx
    jmp .good
.bad_reg_pop:
    pop eax
    pop edx
.bad_reg:
    mov ah, PCI_BAD_REG
    stc
.done:
    ret

.routes:                        ; ES:(E)DI: word size, pointer to the buffer
    push ecx
    push esi
    push edi
    push es
%if %2 == 16
    cmp word [es:di], PIR_SLOTS * 16
    mov word [es:di], PIR_SLOTS * 16
    jb .too_small
    les di, [es:di + 2]
    mov si, pir_table + 32
    mov cx, PIR_SLOTS * 16 / 2
    cs rep movsw
%else
    cmp word [es:edi], PIR_SLOTS * 16
    mov word [es:edi], PIR_SLOTS * 16
    jb .too_small
    les edi, [es:edi + 2]
    call .here
.here:
    pop esi
    add esi, pir_table + 32 - .here
    mov ecx, PIR_SLOTS * 16 / 4
    cs rep movsd
%endif
    pop es
    pop edi
    pop esi
    pop ecx
    mov bx, 0x0C00
    jmp .good
.too_small:
    pop es
    pop edi
    pop esi
    pop ecx
    mov ah, PCI_BUFFER
    stc
    ret
%endmacro

bits 16
    PCI_BODY pci_body16, 16

pcibios16:
    cld
    call pci_body16
    push bp
    mov bp, sp
    jc .error
    and byte [bp + 6], 0xFE
    pop bp
    iret
.error:
    or byte [bp + 6], 1
    pop bp
    iret

bits 32
    PCI_BODY pci_body32, 32

pcibios32:                      ; far call; AH = B1
    cld
    call pci_body32
    retf

; BIOS32 service directory: far call, EAX = "$PCI".
bios32_entry:
    cmp eax, '$PCI'
    jne .unknown
    test bl, bl
    jnz .function
    mov ebx, BASE_F
    mov ecx, 0x10000
    mov edx, pcibios32
    mov al, 0
    retf
.function:
    mov al, 0x81
    retf
.unknown:
    mov al, 0x80
    retf
bits 16

align 16
bios32_dir:
    db "_32_"
    dd BASE_F + bios32_entry
    db 0, 1, 0, 0, 0, 0, 0, 0   ; the checksum is set by POST
