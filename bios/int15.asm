; SPDX-License-Identifier: MIT
; int15.asm - system services: memory size and map, block move, A20, waits, tables.
section .f16
bits 16

int15:
    cmp ah, 0x4F                ; hooks first: they come with every key and every wait
    je .key
    cmp ah, 0x53
    je apm16
    cmp ah, 0x90
    jae .devices
    ENTER_INT
    mov al, fAH
    mov si, .table
.find:
    mov bl, [cs:si]
    test bl, bl
    jz .bad
    cmp al, bl
    je .found
    add si, 3
    jmp .find
.found:
    jmp [cs:si + 1]
.bad:
    mov fAH, 0x86
    SET_CF
    LEAVE_INT
.key:
    push bp
    mov bp, sp
    or byte [bp + 6], 1
    pop bp
    iret
.devices:
    cmp ah, 0x91
    ja .more
    push bp
    mov bp, sp
    and byte [bp + 6], 0xFE
    pop bp
    mov ah, 0
    iret
.more:
    ENTER_INT
    mov al, fAH
    cmp al, 0xC0
    je sys_config
    cmp al, 0xC1
    je sys_ebda
    cmp al, 0xC2
    je mouse_function
    cmp al, 0xE8
    je sys_e8
    jmp .bad
.table:
    db 0x24
    dw sys_a20
    db 0x80
    dw sys_nothing
    db 0x81
    dw sys_nothing
    db 0x82
    dw sys_nothing
    db 0x83
    dw sys_event
    db 0x84
    dw int15.bad
    db 0x85
    dw sys_nothing
    db 0x86
    dw sys_wait
    db 0x87
    dw sys_move
    db 0x88
    dw sys_extmem
    db 0x89
    dw sys_protect
    db 0

sys_nothing:
    mov fAH, 0
    CLR_CF
    LEAVE_INT

; CF = 1: A20 is open. Looked at in memory, as two gates may hold it open. Interrupts off.
a20_open:
    push ax
    push dx
    push ds
    push es
    push 0
    pop ds
    push 0xFFFF
    pop es
    mov ax, [0x4FE]
    cmp ax, [es:0x50E]
    jne .open
    xor word [0x4FE], 0x5A5A
    mov dx, [es:0x50E]
    mov [0x4FE], ax
    cmp dx, ax                  ; it did not follow
    je .open
    clc
    jmp .done
.open:
    stc
.done:
    pop es
    pop ds
    pop dx
    pop ax
    ret

a20_port92:                     ; AH = 2 opens, 0 closes this gate; keeps AX
    push ax
    in al, 0x92
    and al, 0xFC
    or al, ah
    out 0x92, al
    pop ax
    ret

; 24: A20. AL 0 off (both gates), 1 on, 2 state, 3 which gates exist.
sys_a20:
    cli
    mov al, fAL
    cmp al, 3
    ja int15.bad
    je .ways
    cmp al, 1
    ja .state
    mov ah, 2
    je .set
    mov al, 0xDD
    call kbc_cmd
    mov ah, 0
.set:
    call a20_port92
    jmp sys_nothing
.state:
    call a20_open
    setc al
    mov fAL, al
    jmp sys_nothing
.ways:
    mov fBX, 3                  ; keyboard controller and port 92h
    jmp sys_nothing

; Start the RTC's periodic interrupt; B_WAIT* are set. Interrupts off.
sys_rtc_start:
    call irq8_unmask
    CMOS_RD 0x0A
    and al, 0xF0
    or al, 6
    mov ah, al
    CMOS_WR 0x0A
    CMOS_RD 0x0B
    or al, 0x40
    mov ah, al
    CMOS_WR 0x0B
    CMOS_RD 0x0C
    ret

; 83: set a bit after CX:DX microseconds; AL = 1: cancel.
sys_event:
    cli
    cmp fAL, 1
    je .cancel
    test byte [B_WAITFLG], 1
    jnz int15.bad
    mov byte [B_WAITFLG], 1
    mov ax, fES
    mov [B_WAITPTR + 2], ax
    mov ax, fBX
    mov [B_WAITPTR], ax
    mov ax, fDX
    mov [B_WAITCNT], ax
    mov ax, fCX
    mov [B_WAITCNT + 2], ax
    call sys_rtc_start
    jmp sys_nothing
.cancel:
    mov byte [B_WAITFLG], 0
    jmp sys_nothing

; 86: wait CX:DX microseconds.
sys_wait:
    cli
    test byte [B_WAITFLG], 1
    mov fAH, 0x83
    jnz .busy
    mov byte [B_WAITFLG], 1
    mov word [B_WAITPTR], B_WAITFLG
    mov word [B_WAITPTR + 2], SEG_BDA
    mov ax, fDX
    mov [B_WAITCNT], ax
    mov ax, fCX
    mov [B_WAITCNT + 2], ax
    call sys_rtc_start
.wait:
    sti
    hlt
    cli
    test byte [B_WAITFLG], 0x80
    jz .wait
    mov byte [B_WAITFLG], 0
    jmp sys_nothing
.busy:
    SET_CF
    LEAVE_INT

; 87: CX words by the descriptor table at ES:SI (source 10h, target 18h).
sys_move:
    cli
    call a20_open
    mov ah, 0
    jc .a20
    mov ah, 2
    call a20_port92
.a20:
    push ax                     ; AH = 2: close it again
    mov es, fES
    mov si, fSI
    mov word [es:si + 8], 0x2F  ; the table itself, then code and stack
    movzx eax, fES
    shl eax, 4
    movzx ebx, si
    add eax, ebx
    mov [es:si + 10], eax
    mov byte [es:si + 13], 0x93
    mov word [es:si + 14], 0
    mov dword [es:si + 32], 0x0000FFFF
    mov dword [es:si + 36], 0x00009B0F
    mov word [es:si + 40], 0xFFFF
    xor eax, eax
    mov ax, ss
    shl eax, 4
    mov [es:si + 42], eax
    mov byte [es:si + 45], 0x93
    mov word [es:si + 46], 0
    mov cx, fCX
    mov di, ss
    lgdt [es:si + 8]            ; 24 bits of base: byte 13 is the access byte
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 0x20:.protected
.protected:
    mov ax, 0x28
    mov ss, ax
    mov ax, 0x10
    mov ds, ax
    mov ax, 0x18
    mov es, ax
    push si
    push di
    xor si, si
    xor di, di
    shr cx, 1
    jnc .even
    movsw
.even:
    rep movsd
    pop di
    pop si
    mov ax, 0x28                ; real-mode limits
    mov ds, ax
    mov es, ax
    mov eax, cr0
    and al, 0xFE
    mov cr0, eax
    jmp SEG_BIOS:.real
.real:
    mov ss, di
    pop ax
    test ah, ah
    jz .kept
    mov ah, 0
    call a20_port92
.kept:
    mov fAH, 0
    and fFLAGS, 0xFFBE          ; CF = 0
    or fFLAGS, 0x40             ; ZF = 1
    LEAVE_INT

; 88: KiB above 1 MiB, at most 63 MiB for programs that add 1 MiB in 16 bits.
sys_extmem:
    mov eax, [cs:mem_low]
    call sys_top
    shr eax, 10
    cmp eax, 0xFC00
    jbe .fits
    mov ax, 0xFC00
.fits:
    mov fAX, ax
    CLR_CF
    LEAVE_INT

sys_top:                        ; EAX = usable bytes above 1 MiB, below 4 GiB
    cmp dword [cs:acpi_base], 0
    je .no_acpi
    mov eax, [cs:acpi_base]
.no_acpi:
    sub eax, 0x100000
    ret

; 89: to protected mode with the caller's table at ES:SI; BH, BL new bases of the PICs.
sys_protect:
    cli
    mov al, 0x11
    out 0x20, al
    out 0xA0, al
    mov al, fBH
    out 0x21, al
    mov al, fBL
    out 0xA1, al
    mov al, 4
    out 0x21, al
    mov al, 2
    out 0xA1, al
    mov al, 1
    out 0x21, al
    out 0xA1, al
    mov al, 0xFF
    out 0x21, al
    out 0xA1, al
    in al, 0x92
    or al, 2
    and al, 0xFE
    out 0x92, al
    mov es, fES
    mov si, fSI
    mov word [es:si + 0x38], 0xFFFF
    mov dword [es:si + 0x3A], 0x9B0F0000
    mov word [es:si + 0x3E], 0
    mov dx, [bp + 36]           ; return address: same offset, new CS 30h
    lgdt [es:si + 8]            ; 24 bits of base: byte 13 is the access byte
    lidt [es:si + 16]
    mov edi, cr0
    or di, 1
    mov cr0, edi
    jmp 0x38:.protected
.protected:
    mov ax, 0x28
    mov ss, ax
    mov ax, 0x18
    mov ds, ax
    mov ax, 0x20
    mov es, ax
    mov [ss:bp + 38], dx        ; a far return in the place of the interrupt frame
    mov word [ss:bp + 40], 0x30
    popad
    add sp, 6
    mov ah, 0
    clc
    retf

; C0: system description table.
sys_config:
    mov fES, cs
    mov fBX, 0xE6F5
    jmp sys_nothing

sys_ebda:
    push ds
    mov ax, [B_EBDA]
    pop ds
    mov fES, ax
    CLR_CF
    LEAVE_INT

; E801, E820, E881.
sys_e8:
    mov al, fAL
    cmp al, 0x20
    je sys_e820
    cmp al, 0x01
    je .e801
    cmp al, 0x81
    jne int15.bad
.e801:
    mov eax, [cs:mem_low]
    call sys_top
    mov ebx, eax
    xor ecx, ecx
    cmp eax, 0xF00000
    jbe .small
    mov ebx, 0xF00000
    mov ecx, eax
    sub ecx, ebx
.small:
    shr ebx, 10                 ; KiB from 1 to 16 MiB
    shr ecx, 16                 ; 64 KiB above
    cmp fAL, 0x81
    je .wide
    mov fAX, bx
    mov fCX, bx
    mov fBX, cx
    mov fDX, cx
    CLR_CF
    LEAVE_INT
.wide:
    mov fEAX, ebx
    mov fECX, ebx
    mov fEBX, ecx
    mov fEDX, ecx
    CLR_CF
    LEAVE_INT

sys_e820:
    cmp fEDX, 'PAMS'            ; "SMAP"
    jne int15.bad
    mov eax, fEBX
    cmp eax, [cs:e820_count]
    jae int15.bad
    mov ecx, fECX
    cmp ecx, 20
    jb int15.bad
    imul si, ax, 20
    add si, e820_map
    inc eax
    cmp eax, [cs:e820_count]
    jb .more
    xor eax, eax
.more:
    mov fEBX, eax
    mov es, fES
    mov di, fDI
    mov cx, 10
    cs rep movsw
    mov fECX, 20
    mov eax, fEDX
    mov fEAX, eax
    CLR_CF
    LEAVE_INT
