; SPDX-License-Identifier: MIT
; bios_disk.asm - the int 13h part of bios.asm.

t_fdparam:
    mov ah, 8
    mov dl, [drive]
    push es
    int 0x13
    pop es
    jc bad
    BADIF cx, ne, 0x4F12
    BADIF dh, ne, 1
    BADIF bl, ne, 4
    mov ah, 0x15
    mov dl, [drive]
    int 0x13
    jc bad
    test ah, ah
    jz bad
    clc
    ret

t_fdread:
    mov ax, 0x0201
    mov bx, buffer
    mov cx, 1
    mov dh, 0
    mov dl, [drive]
    int 0x13
    jc bad
    BADIF al, ne, 1
    mov si, 0x7C00 + 0x40
    mov di, buffer + 0x40
    mov cx, 100
    repe cmpsw
    jne bad
    mov ax, 0x0402
    mov cx, 1
    mov dx, [drive]
    mov dh, 1
    int 0x13
    jc bad
    clc
    ret

t_fdwrite:                      ; cylinder 79, head 1
    mov di, buffer
    mov cx, 512
    mov ax, 0xA55A
    rep stosw
    mov ax, 0x0302
    mov bx, buffer
    mov cx, 0x4F11
    mov dh, 1
    mov dl, [drive]
    int 0x13
    jc .protected
    mov di, buffer
    mov cx, 512
    xor ax, ax
    rep stosw
    mov ax, 0x0202
    mov bx, buffer
    mov cx, 0x4F11
    mov dh, 1
    mov dl, [drive]
    int 0x13
    jc bad
    mov di, buffer
    mov cx, 512
    mov ax, 0xA55A
    repe scasw
    jne bad
    clc
    ret
.protected:                     ; as a diskette that a CD emulates is
    BADIF ah, ne, 3
    clc
    ret

t_fdformat:                     ; cylinder 78, head 1, eighteen sectors
    push es
    mov ah, 0x18
    mov cx, 0x4F12
    mov dl, [drive]
    int 0x13
    pop es
    jc bad
    mov di, buffer
    mov cx, 1
.field:
    mov ax, 0x014E
    stosw
    mov al, cl
    mov ah, 2
    stosw
    inc cx
    cmp cx, 18
    jbe .field
    mov ax, 0x0512
    mov bx, buffer
    mov cx, 0x4E01
    mov dh, 1
    mov dl, [drive]
    int 0x13
    jc .protected
    mov ax, 0x0412
    mov cx, 0x4E01
    mov dh, 1
    mov dl, [drive]
    int 0x13
    jc bad
    clc
    ret
.protected:
    BADIF ah, ne, 3
    clc
    ret

t_fderror:
    mov ax, 0x0201
    mov bx, buffer
    mov cx, 0x0020              ; sector 32
    mov dh, 0
    mov dl, [drive]
    int 0x13
    jnc bad
    push 0x0FF0
    pop es
    mov ax, 0x0202              ; across 64 KiB: refused, or done by programmed transfer
    xor bx, bx
    mov cx, 1
    mov dh, 0
    mov dl, [drive]
    int 0x13
    jnc .done
    BADIF ah, ne, 9
.done:
    xor ax, ax
    mov dl, [drive]
    int 0x13
    jc bad
    clc
    ret

t_hdparam:
    mov ah, 8
    mov dl, 0x80
    int 0x13
    jc bad
    test dl, dl
    jz bad
    mov [heads], dh
    and cl, 0x3F
    jz bad
    mov [spt], cl
    mov ah, 0x15
    mov dl, 0x80
    int 0x13
    jc bad
    BADIF ah, ne, 3
    test dx, dx
    jz bad
    clc
    ret

; Write by CHS at cylinder 1, head 1, sector 2; read it by CHS and by LBA.
t_hdrw:
    mov di, buffer
    mov cx, 512
    mov ax, 0x8001
.fill:
    stosw
    inc ax
    loop .fill
    mov ax, 0x0302
    mov bx, buffer
    mov cx, 0x0102
    mov dx, 0x0180
    int 0x13
    jc bad
    mov ax, 0x0202
    mov bx, buffer + 1024
    mov cx, 0x0102
    mov dx, 0x0180
    int 0x13
    jc bad
    call same
    jne bad
    movzx eax, byte [heads]     ; (1 * heads + 1) * spt + 1
    add eax, 2
    movzx ecx, byte [spt]
    mul ecx
    inc eax
    mov [packet + 8], eax
    mov word [packet + 2], 2
    mov word [packet + 4], buffer + 1024
    mov di, buffer + 1024
    mov cx, 512
    xor ax, ax
    rep stosw
    mov si, packet
    mov ah, 0x42
    mov dl, 0x80
    int 0x13
    jc bad
    call same
    jne bad
    clc
    ret
same:
    mov si, buffer
    mov di, buffer + 1024
    mov cx, 512
    repe cmpsw
    ret
heads: db 0
spt:   db 0
align 4
packet: db 16, 0, 1, 0
        dw buffer, 0
        dd 0, 0

t_edd:
    mov ah, 0x41
    mov bx, 0x55AA
    mov dl, 0x80
    int 0x13
    jc bad
    BADIF bx, ne, 0xAA55
    test cl, 1
    jz bad
    mov word [buffer], 26
    mov si, buffer
    mov ah, 0x48
    mov dl, 0x80
    int 0x13
    jc bad
    BADIF word [buffer + 24], ne, 512
    mov eax, [buffer + 16]
    cmp eax, 16 * 2048
    jb bad
    dec eax
    mov [packet + 8], eax       ; the last sector can be written and verified
    mov word [packet + 2], 1
    mov word [packet + 4], buffer
    mov si, packet
    mov ax, 0x4300
    mov dl, 0x80
    int 0x13
    jc bad
    mov si, packet
    mov ah, 0x44
    mov dl, 0x80
    int 0x13
    jc bad
    mov si, packet
    mov ah, 0x47
    mov dl, 0x80
    int 0x13
    jc bad
    inc dword [packet + 8]      ; the one behind it cannot
    mov si, packet
    mov ah, 0x42
    mov dl, 0x80
    int 0x13
    jnc bad
    test ah, ah
    jz bad
    clc
    ret

t_hderror:
    mov ax, 0x0201
    mov bx, buffer
    mov cx, 0x0000              ; sector 0
    mov dx, 0x0080
    int 0x13
    jnc bad
    mov ah, 8
    mov dl, 0x8F                ; no such drive
    int 0x13
    jnc bad
    mov ah, 1
    mov dl, 0x80
    int 0x13
    test ah, ah
    jz bad
    clc
    ret

