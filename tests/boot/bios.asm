; SPDX-License-Identifier: MIT
; bios.asm - a diskette that calls the firmware's services and says "ok NAME" or "BAD NAME" for each
; on COM1 through int 14h, then BIOS-END, and powers off by APM. Needs a first disk of 16 MiB or
; more that it may write to. Facts: IBM's BIOS interface reference, EDD 3.0, VBE 2.0, PCI BIOS 2.1.
bits 16
org 0x7C00
SECTORS equ 17

start:
    cli
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7C00
    sti
    cld
    mov [drive], dl
    mov ax, 0x0200 | SECTORS
    mov bx, 0x7E00
    mov cx, 2
    mov dh, 0
    int 0x13
    mov si, msg_load
    jc .say
    jmp main
.say:
    lodsb
    mov ah, 0x0E
    mov bx, 7
    int 0x10
    test al, al
    jnz .say
.stop:
    hlt
    jmp .stop
msg_load: db "BAD load", 0
drive:    db 0
    times 510 - ($ - $$) db 0
    dw 0xAA55

main:
    mov ax, 0x00E3              ; 9600 8N1
    xor dx, dx
    int 0x14
    mov si, list
.next:
    lodsw
    test ax, ax
    jz .end
    push si
    mov [stack], sp
    call ax
    mov sp, [cs:stack]
    mov ax, 0
    mov ds, ax
    mov es, ax
    mov si, msg_ok
    jnc .say
    mov si, msg_bad
.say:
    call print
    pop si
    call print
    push si
    mov si, msg_crlf
    call print
    pop si
    jmp .next
.end:
    mov si, msg_end
    call print
    mov ax, 0x5301
    xor bx, bx
    int 0x15
    mov ax, 0x5307
    mov bx, 1
    mov cx, 3
    int 0x15
.stop:
    hlt
    jmp .stop

print:
    push ax
    push dx
.next:
    lodsb
    test al, al
    jz .done
    mov ah, 1
    xor dx, dx
    int 0x14
    jmp .next
.done:
    pop dx
    pop ax
    ret

bad:
    stc
    ret

%macro BADIF 3                  ; operand, condition, operand: then the service is wrong
    cmp %1, %3
    j%2 bad
%endmacro
%macro TEST 2
    dw %1
    db %2, 0
%endmacro

list:
    TEST t_entries, "fixed entry points"
    TEST t_bda, "data area"
    TEST t_tables, "RSDP, $PIR, _32_, _SM_"
    TEST t_config, "15 C0 C1"
    TEST t_memory, "15 88 E801"
    TEST t_e820, "15 E820"
    TEST t_move, "15 87"
    TEST t_a20, "15 24"
    TEST t_wait, "15 86"
    TEST t_event, "15 83"
    TEST t_hooks, "15 4F 90"
    TEST t_key, "16 05 01 00 11 10"
    TEST t_ticks, "1A 00"
    TEST t_rtc, "1A 02 04"
    TEST t_alarm, "1A 06"
    TEST t_pci, "1A B1"
    TEST t_pci32, "BIOS32 $PCI"
    TEST t_fdparam, "13 08 15 floppy"
    TEST t_fdread, "13 02 floppy"
    TEST t_fdwrite, "13 03 floppy"
    TEST t_fdformat, "13 18 05 floppy"
    TEST t_fderror, "13 02 errors"
    TEST t_hdparam, "13 08 15 disk"
    TEST t_hdrw, "13 03 02 disk"
    TEST t_edd, "13 41-48"
    TEST t_hderror, "13 disk errors"
    TEST t_mode, "10 00 0F 03 02"
    TEST t_text, "10 06 08 09 0E 13"
    TEST t_pixel, "10 0C 0D"
    TEST t_gchar, "10 08 in graphics"
    TEST t_dac, "10 10"
    TEST t_font, "10 11"
    TEST t_state, "10 1A 1B 1C"
    TEST t_vbe, "10 4F"
    TEST t_vbe32, "10 4F0A in 32 bits"
    TEST t_apm, "15 53"
    TEST t_apm32, "15 5303 in 32 bits"
    TEST t_protect, "15 89"
    TEST t_mouse, "15 C2"
    dw 0

; Far or near jumps where old programs look for them; model byte; ROM date.
t_entries:
    push 0xF000
    pop es
    mov si, .places
.next:
    lodsw
    test ax, ax
    jz .model
    mov bx, ax
    mov al, [es:bx]
    and al, 0xFE
    cmp al, 0xEA
    je .next
    cmp byte [es:bx], 0xE9
    je .next
    cmp byte [es:bx], 0xCF
    jne bad
    jmp .next
.model:
    BADIF byte [es:0xFFFE], ne, 0xFC
    BADIF byte [es:0xFFF7], ne, '/'
    BADIF byte [es:0xFA6E + 'A' * 8 + 7], ne, 0
    clc
    ret
.places: dw 0xE05B, 0xE2C3, 0xE3FE, 0xE6F2, 0xE739, 0xE82E, 0xE987, 0xEC59, 0xEF57, 0xEFD2
         dw 0xF065, 0xF841, 0xF84D, 0xF859, 0xFE6E, 0xFEA5, 0xFF53, 0xFFF0, 0

t_bda:
    push 0x40
    pop ds
    BADIF word [0], ne, 0x3F8
    BADIF word [0x80], ne, 0x1E
    BADIF word [0x82], ne, 0x3E
    BADIF word [0x4A], ne, 80
    BADIF byte [0x49], ne, 3
    BADIF word [0x63], ne, 0x3D4
    BADIF byte [0x84], ne, 24
    BADIF word [0x85], ne, 16
    int 0x12
    cmp ax, [0x13]
    jne bad
    shl ax, 6
    cmp ax, [0x0E]              ; the EBDA begins where memory ends
    jne bad
    int 0x11
    cmp ax, [0x10]
    jne bad
    mov bl, ah
    shr bl, 1
    and bl, 7
    jz bad                      ; no serial port counted
    BADIF byte [0x75], e, 0
    clc
    ret

; ES:BX = 16-byte steps of F000: find the dword EAX. CF = 1: not there.
find:
    push 0xF000
    pop es
    xor bx, bx
.next:
    cmp eax, [es:bx]
    je .found
    add bx, 16
    jnc .next
    stc
.found:
    ret

sum:                            ; CX bytes at ES:BX: ZF = 1 when they sum to 0
    push bx
    xor al, al
.next:
    add al, [es:bx]
    inc bx
    loop .next
    pop bx
    test al, al
    ret

t_tables:
    mov eax, 'RSD '
    call find
    jc bad
    mov cx, 20
    call sum
    jnz bad
    mov eax, '$PIR'
    call find
    jc bad
    mov cx, [es:bx + 6]
    call sum
    jnz bad
    mov eax, '_32_'
    call find
    jc bad
    mov cx, 16
    call sum
    jnz bad
    mov eax, '_SM_'
    call find
    jc bad
    mov cx, 31
    call sum
    jnz bad
    clc
    ret

t_config:
    mov ah, 0xC0
    int 0x15
    jc bad
    BADIF ah, ne, 0
    BADIF word [es:bx], ne, 8
    BADIF byte [es:bx + 2], ne, 0xFC
    mov ah, 0xC1
    int 0x15
    jc bad
    mov ax, es
    cmp ax, [0x40E]
    jne bad
    clc
    ret

t_memory:
    mov ah, 0x88
    int 0x15
    jc bad
    cmp ax, 1024
    jb bad
    mov dx, ax
    mov ax, 0xE801
    int 0x15
    jc bad
    cmp ax, cx
    jne bad
    cmp bx, dx
    jb .done                    ; BX is in 64 KiB
    cmp ax, 0x3C00
    ja bad
.done:
    clc
    ret

t_e820:
    xor ebx, ebx
    mov di, buffer
    xor bp, bp
.next:
    mov eax, 0xE820
    mov edx, 'PAMS'
    mov ecx, 20
    int 0x15
    jc bad
    cmp eax, 'PAMS'
    jne bad
    BADIF ecx, ne, 20
    test bp, bp
    jnz .more
    BADIF dword [buffer], ne, 0
    BADIF dword [buffer + 8], ne, 0x9FC00
    BADIF dword [buffer + 16], ne, 1
.more:
    inc bp
    cmp bp, 32
    ja bad
    test ebx, ebx
    jnz .next
    cmp bp, 4
    jb bad
    clc
    ret

; 64 words to 2 MiB and back.
t_move:
    mov di, buffer
    mov cx, 64
    mov ax, 0x1234
.fill:
    stosw
    add ax, 0x0791
    loop .fill
    mov dword [gdt_from + 2], 0x93000000 | buffer
    mov dword [gdt_to + 2], 0x93200000
    call .move
    jc bad
    mov dword [gdt_from + 2], 0x93200000
    mov dword [gdt_to + 2], 0x93000000 | (buffer + 512)
    call .move
    jc bad
    mov si, buffer
    mov di, buffer + 512
    mov cx, 64
    repe cmpsw
    jne bad
    clc
    ret
.move:
    mov si, gdt
    mov cx, 64
    mov ah, 0x87
    int 0x15
    ret
align 8
gdt:      times 16 db 0
gdt_from: dw 0xFFFF, 0, 0x9300, 0
gdt_to:   dw 0xFFFF, 0, 0x9300, 0
          times 16 db 0

t_a20:
    mov ax, 0x2403
    int 0x15
    jc bad
    mov ax, 0x2400
    int 0x15
    jc bad
    mov ax, 0x2402
    int 0x15
    jc bad
    mov bl, al
    mov ax, 0x2401
    int 0x15
    jc bad
    BADIF bl, ne, 0
    mov ax, 0x2402
    int 0x15
    jc bad
    BADIF al, ne, 1
    clc
    ret

t_wait:                         ; 200 ms: three to five ticks, generously
    mov bx, [0x46C]
    mov ah, 0x86
    mov cx, 3
    mov dx, 0x0D40
    int 0x15
    jc bad
    mov ax, [0x46C]
    sub ax, bx
    cmp ax, 2
    jb bad
    cmp ax, 400                 ; a loaded host may lose many of the clock's interrupts
    ja bad
    clc
    ret

t_event:
    mov byte [buffer], 0
    mov bx, buffer
    mov ax, 0x8300
    xor cx, cx
    mov dx, 50000
    int 0x15
    jc bad
    mov cx, 2000
.wait:
    hlt
    test byte [buffer], 0x80
    jnz .done
    loop .wait
    jmp bad
.done:
    clc
    ret

t_hooks:
    mov ax, 0x4F1E
    stc
    int 0x15
    jnc bad
    BADIF al, ne, 0x1E
    mov ax, 0x9000
    int 0x15
    jc bad
    mov ah, 0xFF
    int 0x15
    jnc bad
    BADIF ah, ne, 0x86
    clc
    ret

t_key:
    mov ax, [0x41C]
    mov [0x41A], ax             ; empty
    mov ah, 1
    int 0x16
    jnz bad
    mov ah, 5
    mov cx, 0x1E61
    int 0x16
    BADIF al, ne, 0
    mov ah, 1
    int 0x16
    jz bad
    BADIF ax, ne, 0x1E61
    mov ah, 0
    int 0x16
    BADIF ax, ne, 0x1E61
    mov ah, 5
    mov cx, 0x4DE0              ; grey right arrow
    int 0x16
    mov ah, 5
    mov cx, 0x4DE0
    int 0x16
    mov ah, 0x10
    int 0x16
    BADIF ax, ne, 0x4DE0
    mov ah, 0
    int 0x16
    BADIF ax, ne, 0x4D00
    mov bl, 0
.fill:                          ; fifteen fit
    mov ah, 5
    mov cx, 0x3920
    int 0x16
    test al, al
    jnz .full
    inc bl
    cmp bl, 40
    jb .fill
.full:
    BADIF bl, ne, 15
    mov ax, [0x41C]
    mov [0x41A], ax
    mov ah, 2
    int 0x16
    cmp al, [0x417]
    jne bad
    clc
    ret

t_ticks:
    mov ah, 0
    int 0x1A
    push dx
    mov cx, 3
.wait:
    hlt
    loop .wait
    mov ah, 0
    int 0x1A
    pop ax
    sub dx, ax
    jz bad
    cmp dx, 400
    ja bad
    clc
    ret

t_rtc:
    mov ah, 2
    int 0x1A
    jc bad
    cmp ch, 0x23
    ja bad
    cmp cl, 0x59
    ja bad
    mov ah, 4
    int 0x1A
    jc bad
    cmp ch, 0x19
    jb bad
    cmp dh, 0x12
    ja bad
    cmp dl, 0x31
    ja bad
    clc
    ret

t_alarm:
    mov ah, 6
    mov cx, 0x1200
    xor dx, dx
    int 0x1A
    jc bad
    mov ah, 6
    int 0x1A
    jnc bad                     ; one is set already
    mov ah, 7
    int 0x1A
    jc bad
    clc
    ret

t_pci:
    mov ax, 0xB101
    int 0x1A
    jc bad
    BADIF ah, ne, 0
    BADIF edx, ne, 'PCI '
    mov ax, 0xB102
    mov cx, 0x1237
    mov dx, 0x8086
    xor si, si
    int 0x1A
    jc bad
    BADIF bx, ne, 0
    mov ax, 0xB109
    xor di, di
    int 0x1A
    jc bad
    BADIF cx, ne, 0x8086
    mov ax, 0xB10A
    int 0x1A
    jc bad
    BADIF ecx, ne, 0x12378086
    mov ax, 0xB109
    mov di, 1
    int 0x1A
    jnc bad
    BADIF ah, ne, 0x87
    mov ax, 0xB103
    mov ecx, 0x030000           ; the VGA
    xor si, si
    int 0x1A
    jc bad
    mov ax, 0xB103
    mov ecx, 0x030000
    mov si, 9
    int 0x1A
    jnc bad
    BADIF ah, ne, 0x86
    mov ax, 0xB10E
    mov word [buffer], 1
    mov di, buffer
    int 0x1A
    jnc bad
    BADIF ah, ne, 0x89
    mov word [buffer + 2], buffer + 16
    mov word [buffer + 4], 0
    mov ax, 0xB10E
    int 0x1A
    jc bad
    BADIF byte [buffer + 16 + 16 + 1], ne, 8
    clc
    ret

; The same through the BIOS32 service directory, in flat protected mode.
t_pci32:
    mov eax, '_32_'
    call find
    jc bad
    mov eax, [es:bx + 4]
    mov [.entry], eax
    cli
    lgdt [flat_ptr]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:.flat
bits 32
.flat:
    mov ax, 16
    mov ds, eax
    mov es, eax
    mov ss, eax
    movzx esp, sp
    mov eax, '$PCI'
    xor ebx, ebx
    push cs
    call [.entry]
    mov [.status], al
    add ebx, edx
    mov eax, 0xB102
    mov ecx, 0x1237
    mov edx, 0x8086
    xor esi, esi
    mov [.entry], ebx
    mov ebx, 0xFFFF
    push cs
    call [.entry]
    mov [.status + 1], ah
    mov [.status + 2], bx
    jmp 24:.back
bits 16
.back:
    mov ax, 32
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov eax, cr0
    and al, 0xFE
    mov cr0, eax
    jmp 0:.real
.real:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    sti
    BADIF dword [.status], ne, 0
    clc
    ret
align 4
.entry:  dd 0
.status: dd 0xFF
align 8
flat: dq 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF, 0x00009B000000FFFF, 0x000093000000FFFF
flat_ptr: dw $ - flat - 1
          dd flat

%include "tests/boot/bios_disk.asm"
%include "tests/boot/bios_video.asm"
%include "tests/boot/bios_pm.asm"

t_apm:
    mov ax, 0x5300
    xor bx, bx
    int 0x15
    jc bad
    BADIF bx, ne, 'MP'
    mov ax, 0x5304
    xor bx, bx
    int 0x15
    mov ax, 0x530A
    mov bx, 1
    int 0x15
    jc bad
    BADIF bh, ne, 1
    clc
    ret

t_mouse:
    mov ax, 0xC205
    mov bh, 3
    int 0x15
    jc bad
    BADIF bx, ne, 0x00AA
    mov ax, 0xC207
    mov bx, .handler
    int 0x15
    jc bad
    mov ax, 0xC202
    mov bh, 5
    int 0x15
    jc bad
    mov ax, 0xC203
    mov bh, 3
    int 0x15
    jc bad
    mov ax, 0xC200
    mov bh, 1
    int 0x15
    jc bad
    mov ax, 0xC206
    mov bh, 0
    int 0x15
    jc bad
    BADIF dl, ne, 100
    mov ax, 0xC200
    mov bh, 0
    int 0x15
    jc bad
    clc
    ret
.handler:
    retf

stack:    dw 0
msg_ok:   db "ok ", 0
msg_bad:  db "BAD ", 0
msg_crlf: db 13, 10, 0
msg_end:  db "BIOS-END", 13, 10, 0

    times (SECTORS + 1) * 512 - ($ - $$) db 0
    times 1474560 - (SECTORS + 1) * 512 db 0
buffer  equ 0xA000
