; SPDX-License-Identifier: MIT
; kbd.asm - keyboard: controller init, IRQ 1, scan codes (set 1) to int 16h codes.
section .f16
bits 16

kbc_wait_in:                    ; until the controller takes a byte; ZF = 1: it does
    push ax
    push cx
    xor cx, cx
.poll:
    in al, 0x64
    test al, 2
    loopnz .poll
    pop cx
    pop ax
    ret

kbc_wait_out:                   ; until it has a byte, up to half a second; ZF = 0: it has
    push eax
    push ecx
    push edx
    mov cx, 0x8000              ; toggles of the refresh bit, 15 us each
    mov edx, 1000000            ; polls, should that bit stand still
.poll:
    in al, 0x64
    test al, 1
    jnz .end
    in al, 0x61
    xor al, ah
    test al, 0x10
    jz .same
    xor ah, 0x10
    dec cx
    jz .end
.same:
    dec edx
    jnz .poll
    test dl, dl
.end:
    pop edx
    pop ecx
    pop eax
    ret

kbc_cmd:                        ; AL to port 64h
    call kbc_wait_in
    out 0x64, al
    ret

kbd_send:                       ; AL to the keyboard; AL = its answer, CF = 1 without one
    call kbc_wait_in
    out 0x60, al
    call kbc_wait_out
    jz .none
    in al, 0x60
    clc
    ret
.none:
    stc
    ret

kbc_flush:
    mov cx, 64
.next:
    in al, 0x64
    test al, 1
    jz .done
    in al, 0x60
    loop .next
.done:
    ret

kbd_init:
    mov al, 0xAD
    call kbc_cmd
    mov al, 0xA7
    call kbc_cmd
    call kbc_flush
    mov al, 0xAA                ; controller self test
    call kbc_cmd
    call kbc_wait_out
    jz .done
    in al, 0x60
    mov al, 0x60                ; no interrupts, both ports as they are, translate
    call kbc_cmd
    call kbc_wait_in
    mov al, 0x64
    out 0x60, al
    mov al, 0xAE
    call kbc_cmd
    mov al, 0xFF                ; reset: FA, then AA
    call kbd_send
    jc .enable
    call kbc_wait_out
    jz .enable
    in al, 0x60
    mov al, 0xF4
    call kbd_send
.enable:
    mov al, 0x60
    call kbc_cmd
    call kbc_wait_in
    mov al, 0x65                ; IRQ 1, system flag, auxiliary port off, translate
    out 0x60, al
    mov al, 0xDF                ; A20 by the keyboard controller; port 92h lets go of it
    call kbc_cmd
    call kbc_wait_in
    in al, 0x92
    and al, 0xFC
    out 0x92, al
    mov al, 0xDF                ; where the last writer wins
    call kbc_cmd
.done:
    ret

; LEDs from 40:17 when they differ from 40:97. DS = BDA. Interrupts off.
kbd_leds:
    push ax
    mov al, [B_KBFLAG]
    shr al, 4
    and al, 7
    mov ah, [B_KBLED]
    and ah, 7
    cmp al, ah
    je .done
    and byte [B_KBLED], 0xF8
    or [B_KBLED], al
    mov ah, al
    mov al, 0xED
    call kbd_send
    jc .done
    mov al, ah
    call kbd_send
.done:
    pop ax
    ret

; AX = code into the buffer; CF = 1 when it is full. DS = BDA.
kbd_store:
    push bx
    push si
    mov bx, [B_KBTAIL]
    mov si, bx
    inc si
    inc si
    cmp si, [B_KBEND]
    jb .no_wrap
    mov si, [B_KBSTART]
.no_wrap:
    cmp si, [B_KBHEAD]
    stc
    je .full
    mov [bx], ax
    mov [B_KBTAIL], si
    clc
.full:
    pop si
    pop bx
    ret

; IRQ 1.
int09:
    ENTER_INT
    in al, 0x64
    test al, 1
    jz .eoi
    test al, 0x20               ; the mouse's byte: IRQ 12 takes it
    jnz .eoi
    in al, 0x60
    mov ah, 0x4F
    stc
    int 0x15
    jnc .eoi
    cmp al, 0xFA
    je .ack
    cmp al, 0xFE
    je .eoi
    call kbd_key
.eoi:
    cli
    mov al, 0x20
    out 0x20, al
    LEAVE_INT
.ack:
    or byte [B_KBLED], 0x10
    jmp .eoi

; AL = scan code.
kbd_key:
    cmp al, 0xE0
    jne .not_e0
    or byte [B_KBMODE], 2
    ret
.not_e0:
    cmp al, 0xE1
    jne .not_e1
    or byte [B_KBMODE], 1
    ret
.not_e1:
    mov dl, [B_KBMODE]          ; prefixes of this code
    test dl, 1
    jz .plain
    cmp al, 0x1D                ; E1 1D 45: pause
    je .keep
    cmp al, 0x9D
    je .keep
    and byte [B_KBMODE], 0xFE
    cmp al, 0x45
    je kbd_pause
.keep:
    ret
.plain:
    and byte [B_KBMODE], 0xFC
    mov ah, al
    and ah, 0x7F
    test dl, 2
    jz .shifts
    cmp ah, 0x2A                ; E0 2A, E0 36: shifts the keyboard invents
    je .keep
    cmp ah, 0x36
    je .keep
.shifts:
    mov si, shift_keys
    mov cx, 9
.find:
    cmp ah, [cs:si]
    je kbd_shift
    add si, 2
    loop .find
    test al, 0x80
    jnz kbd_release
    jmp kbd_make

; scan code, bit of 40:17
shift_keys: db 0x36, 0, 0x2A, 1, 0x1D, 2, 0x38, 3, 0x46, 4, 0x45, 5, 0x3A, 6, 0x52, 7, 0x54, 8

; A key that changes 40:17 and 40:18; AL its code, SI its entry, DL the prefixes.
kbd_shift:
    mov cl, [cs:si + 1]
    cmp cl, 8
    je kbd_sysreq
    mov bl, 1
    shl bl, cl
    cmp cl, 4
    jae .toggle
    test al, 0x80
    jnz .up
    or [B_KBFLAG], bl
    call .sides
    or [bx], ah
    ret
.up:
    call .sides
    not ah
    and [bx], ah
    mov bl, 1
    shl bl, cl
    cmp cl, 2
    jb .clear
    mov ah, [B_KBFLAG2]         ; control and alt: while one side is down the flag stays
    and ah, 3
    mov al, [B_KBMODE]
    shr al, 2
    or ah, al
    sub cl, 2
    shr ah, cl
    test ah, 1
    jnz .done
.clear:
    not bl
    and [B_KBFLAG], bl
    cmp cl, 1                   ; alt released (CL was lowered): a number from the keypad?
    jne .done
    test bl, 8
    jnz .done
    xor ax, ax
    xchg al, [B_ALTNUM]
    test al, al
    jz .done
    call kbd_store
.done:
    ret
; CL 2 or 3: BX = where its side bit is, AH = the bit; shifts: a harmless zero.
.sides:
    xor ah, ah
    mov bx, B_KBFLAG2
    cmp cl, 2
    jb .none
    mov ah, 1
    je .which
    mov ah, 2
.which:
    test dl, 2
    jz .none
    shl ah, 2
    mov bx, B_KBMODE
.none:
    ret
.toggle:
    cmp cl, 7
    je .insert
    test dl, 2                  ; E0 46 is Ctrl-Break
    jz .lock
    cmp cl, 4
    je kbd_break
.lock:
    cmp cl, 5
    jne .flip
    test byte [B_KBFLAG], 4     ; Ctrl-NumLock: pause on old keyboards
    jz .flip
    test al, 0x80
    jz kbd_pause
.flip:
    test al, 0x80
    jnz .lock_up
    test [B_KBFLAG2], bl
    jnz .done
    or [B_KBFLAG2], bl
    xor [B_KBFLAG], bl
    jmp kbd_leds
.lock_up:
    not bl
    and [B_KBFLAG2], bl
    ret
.insert:                        ; Ins is also an ordinary key
    test al, 0x80
    jnz .lock_up
    test dl, 2
    jnz .insert_key
    test byte [B_KBFLAG], 8
    jnz kbd_make
    mov ah, [B_KBFLAG]          ; on the keypad, a digit if Num and not Shift
    and ah, 0x20
    test byte [B_KBFLAG], 3
    jz .no_shift
    xor ah, 0x20
.no_shift:
    test ah, ah
    jnz kbd_make
.insert_key:
    test [B_KBFLAG2], bl
    jnz kbd_make
    or [B_KBFLAG2], bl
    xor [B_KBFLAG], bl
    jmp kbd_make

kbd_sysreq:
    mov ah, 0x85
    test al, 0x80
    mov al, 1
    jnz .call
    mov al, 0
.call:
    and byte [B_KBFLAG2], 0xFB
    test al, al
    jnz .up
    or byte [B_KBFLAG2], 4
.up:
    sti
    int 0x15
    cli
kbd_release:
    ret

kbd_break:
    test al, 0x80
    jnz kbd_release
    mov byte [B_BREAK], 0x80
    mov ax, [B_KBSTART]
    mov [B_KBHEAD], ax
    mov [B_KBTAIL], ax
    sti
    int 0x1B
    cli
    xor ax, ax
    jmp kbd_store

kbd_pause:                      ; wait for another key, inside the interrupt, as the AT does
    or byte [B_KBFLAG2], 8
    mov al, 0x20
    out 0x20, al
    sti
.wait:
    hlt
    test byte [B_KBFLAG2], 8
    jnz .wait
    cli
    ret

; A key goes down: AL its code, DL bit 1 the E0 prefix.
kbd_make:
    test byte [B_KBFLAG2], 8
    jz .no_pause
    and byte [B_KBFLAG2], 0xF7
    ret
.no_pause:
    mov cl, [B_KBFLAG]
    test dl, 2
    jnz kbd_extended
    cmp al, 0x58
    ja kbd_release
    cmp al, 0x53
    jne .not_del
    mov ch, cl
    and ch, 0x0C
    cmp ch, 0x0C
    je kbd_reboot
.not_del:
    movzx bx, al
    shl bx, 3
    lea si, [key_table + bx]
    test cl, 8
    jnz .alt
    test cl, 4
    jnz .ctrl
    cmp al, 0x47
    jae .keypad
.letters:
    mov bl, cl
    and bl, 3
    jz .no_shift
    mov bl, 1
.no_shift:
    test cl, 0x40               ; Caps Lock swaps case of letters
    jz .pick
    mov dh, [cs:si]
    cmp dh, 'a'
    jb .pick
    cmp dh, 'z'
    ja .pick
    xor bl, 1
.pick:
    mov bh, 0
    add bx, bx
    mov ax, [cs:si + bx]
    jmp .put
.keypad:
    cmp al, 0x53
    ja .letters
    cmp al, 0x4A                ; grey minus and plus do not change
    je .letters
    cmp al, 0x4E
    je .letters
    xor bx, bx
    test cl, 3
    jz .num
    inc bx
.num:
    test cl, 0x20
    jz .pick
    xor bl, 1
    jmp .pick
.ctrl:
    mov ax, [cs:si + 4]
    jmp .put
.alt:
    cmp al, 0x47
    jb .alt_key
    cmp al, 0x52
    ja .alt_key
    cmp al, 0x4A
    je .alt_key
    cmp al, 0x4E
    je .alt_key
    mov bx, alt_digits - 0x47   ; Alt and keypad digits build a code
    cs xlatb
    mov ah, al
    mov al, [B_ALTNUM]
    mov dl, 10
    push ax
    mul dl
    pop dx
    add al, dh
    mov [B_ALTNUM], al
    ret
.alt_key:
    mov ax, [cs:si + 6]
.put:
    test ax, ax
    jz kbd_release
    call kbd_store
    jc kbd_full
    mov ax, 0x9102
    sti
    int 0x15
    cli
    ret

kbd_full:                       ; a short beep
    in al, 0x61
    push ax
    or al, 3
    out 0x61, al
    mov cx, 2000
    call pause_refresh
    pop ax
    out 0x61, al
    ret

alt_digits: db 7, 8, 9, 0, 4, 5, 6, 0, 1, 2, 3, 0

kbd_reboot:
    mov word [B_RESET], 0x1234
    mov al, 0xFE
    out 0x64, al
.wait:
    hlt
    jmp .wait

; Keys with E0: the grey ones.
kbd_extended:
    mov si, ext_table
.find:
    mov ah, [cs:si]
    test ah, ah
    jz kbd_release
    cmp al, ah
    je .found
    add si, 7
    jmp .find
.found:
    cmp al, 0x53
    jne .not_del
    mov ch, cl
    and ch, 0x0C
    cmp ch, 0x0C
    je kbd_reboot
.not_del:
    cmp al, 0x37                ; print screen
    jne .code
    test cl, 0x0C
    jnz .code
    sti
    int 0x05
    cli
    ret
.code:
    mov ax, [cs:si + 5]
    test cl, 8
    jnz kbd_make.put
    mov ax, [cs:si + 3]
    test cl, 4
    jnz kbd_make.put
    mov ax, [cs:si + 1]
    jmp kbd_make.put

; scan code; plain or shifted, control, alt
%macro EX 4
    db %1
    dw %2, %3, %4
%endmacro
ext_table:
    EX 0x1C, 0xE00D, 0xE00A, 0xA600
    EX 0x35, 0xE02F, 0x9500, 0xA400
    EX 0x37, 0x0000, 0x7200, 0x0000
    EX 0x47, 0x47E0, 0x77E0, 0x9700
    EX 0x48, 0x48E0, 0x8DE0, 0x9800
    EX 0x49, 0x49E0, 0x84E0, 0x9900
    EX 0x4B, 0x4BE0, 0x73E0, 0x9B00
    EX 0x4D, 0x4DE0, 0x74E0, 0x9D00
    EX 0x4F, 0x4FE0, 0x75E0, 0x9F00
    EX 0x50, 0x50E0, 0x91E0, 0xA000
    EX 0x51, 0x51E0, 0x76E0, 0xA100
    EX 0x52, 0x52E0, 0x92E0, 0xA200
    EX 0x53, 0x53E0, 0x93E0, 0xA300
    db 0

; scan code 00-58: plain, shift, control, alt
%macro KY 4
    dw %1, %2, %3, %4
%endmacro
%macro LT 3                     ; a letter: scan code, letter, control code
    dw (%1 << 8) | %2, (%1 << 8) | (%2 - 32), (%1 << 8) | %3, %1 << 8
%endmacro
key_table:
    KY 0, 0, 0, 0
    KY 0x011B, 0x011B, 0x011B, 0x0100
    KY 0x0231, 0x0221, 0x0000, 0x7800
    KY 0x0332, 0x0340, 0x0300, 0x7900
    KY 0x0433, 0x0423, 0x0000, 0x7A00
    KY 0x0534, 0x0524, 0x0000, 0x7B00
    KY 0x0635, 0x0625, 0x0000, 0x7C00
    KY 0x0736, 0x075E, 0x071E, 0x7D00
    KY 0x0837, 0x0826, 0x0000, 0x7E00
    KY 0x0938, 0x092A, 0x0000, 0x7F00
    KY 0x0A39, 0x0A28, 0x0000, 0x8000
    KY 0x0B30, 0x0B29, 0x0000, 0x8100
    KY 0x0C2D, 0x0C5F, 0x0C1F, 0x8200
    KY 0x0D3D, 0x0D2B, 0x0000, 0x8300
    KY 0x0E08, 0x0E08, 0x0E7F, 0x0E00
    KY 0x0F09, 0x0F00, 0x9400, 0xA500
    LT 0x10, 'q', 0x11
    LT 0x11, 'w', 0x17
    LT 0x12, 'e', 0x05
    LT 0x13, 'r', 0x12
    LT 0x14, 't', 0x14
    LT 0x15, 'y', 0x19
    LT 0x16, 'u', 0x15
    LT 0x17, 'i', 0x09
    LT 0x18, 'o', 0x0F
    LT 0x19, 'p', 0x10
    KY 0x1A5B, 0x1A7B, 0x1A1B, 0x1A00
    KY 0x1B5D, 0x1B7D, 0x1B1D, 0x1B00
    KY 0x1C0D, 0x1C0D, 0x1C0A, 0x1C00
    KY 0, 0, 0, 0
    LT 0x1E, 'a', 0x01
    LT 0x1F, 's', 0x13
    LT 0x20, 'd', 0x04
    LT 0x21, 'f', 0x06
    LT 0x22, 'g', 0x07
    LT 0x23, 'h', 0x08
    LT 0x24, 'j', 0x0A
    LT 0x25, 'k', 0x0B
    LT 0x26, 'l', 0x0C
    KY 0x273B, 0x273A, 0x0000, 0x2700
    KY 0x2827, 0x2822, 0x0000, 0x2800
    KY 0x2960, 0x297E, 0x0000, 0x2900
    KY 0, 0, 0, 0
    KY 0x2B5C, 0x2B7C, 0x2B1C, 0x2B00
    LT 0x2C, 'z', 0x1A
    LT 0x2D, 'x', 0x18
    LT 0x2E, 'c', 0x03
    LT 0x2F, 'v', 0x16
    LT 0x30, 'b', 0x02
    LT 0x31, 'n', 0x0E
    LT 0x32, 'm', 0x0D
    KY 0x332C, 0x333C, 0x0000, 0x3300
    KY 0x342E, 0x343E, 0x0000, 0x3400
    KY 0x352F, 0x353F, 0x0000, 0x3500
    KY 0, 0, 0, 0
    KY 0x372A, 0x372A, 0x9600, 0x3700
    KY 0, 0, 0, 0
    KY 0x3920, 0x3920, 0x3920, 0x3920
    KY 0, 0, 0, 0
    KY 0x3B00, 0x5400, 0x5E00, 0x6800
    KY 0x3C00, 0x5500, 0x5F00, 0x6900
    KY 0x3D00, 0x5600, 0x6000, 0x6A00
    KY 0x3E00, 0x5700, 0x6100, 0x6B00
    KY 0x3F00, 0x5800, 0x6200, 0x6C00
    KY 0x4000, 0x5900, 0x6300, 0x6D00
    KY 0x4100, 0x5A00, 0x6400, 0x6E00
    KY 0x4200, 0x5B00, 0x6500, 0x6F00
    KY 0x4300, 0x5C00, 0x6600, 0x7000
    KY 0x4400, 0x5D00, 0x6700, 0x7100
    KY 0, 0, 0, 0
    KY 0, 0, 0, 0
    KY 0x4700, 0x4737, 0x7700, 0x0000
    KY 0x4800, 0x4838, 0x8D00, 0x0000
    KY 0x4900, 0x4939, 0x8400, 0x0000
    KY 0x4A2D, 0x4A2D, 0x8E00, 0x4A00
    KY 0x4B00, 0x4B34, 0x7300, 0x0000
    KY 0x4C00, 0x4C35, 0x8F00, 0x0000
    KY 0x4D00, 0x4D36, 0x7400, 0x0000
    KY 0x4E2B, 0x4E2B, 0x9000, 0x4E00
    KY 0x4F00, 0x4F31, 0x7500, 0x0000
    KY 0x5000, 0x5032, 0x9100, 0x0000
    KY 0x5100, 0x5133, 0x7600, 0x0000
    KY 0x5200, 0x5230, 0x9200, 0x0000
    KY 0x5300, 0x532E, 0x9300, 0x0000
    KY 0, 0, 0, 0
    KY 0, 0, 0, 0
    KY 0x565C, 0x567C, 0x0000, 0x0000
    KY 0x8500, 0x8700, 0x8900, 0x8B00
    KY 0x8600, 0x8800, 0x8A00, 0x8C00
