; SPDX-License-Identifier: MIT
; vga_text.asm - int 10h AH=01-03, 05-0A, 0E, 13: cursor, pages, scrolling, characters.

fn_cursor_type:                 ; 01
    mov cx, fCX
    mov [V_CURTYPE], cx
    test byte [V_CTRL], 1
    jnz .set
    mov bl, [V_HEIGHT]
    cmp bl, 8
    jbe .set
    cmp cl, 8
    jae .set
    cmp ch, 0x20
    jae .set
    mov al, cl                  ; eight-line shapes, scaled to the cell
    inc al
    mul bl
    shr ax, 3
    dec al
    mov bh, al                  ; last line
    mov al, ch
    inc al
    cmp cl, al                  ; a two-line underline stays two lines
    mov cl, bh
    je .underline
    mul bl
    shr ax, 3
    dec al
    mov ch, al
    jmp .set
.underline:
    mov ch, bh
    dec ch
.set:
    mov al, 0x0A
    mov ah, ch
    call crtc_write
    mov al, 0x0B
    mov ah, cl
crtc_write:                     ; register AL = AH
    push dx
    mov dx, [V_CRTC]
    out dx, ax
    pop dx
    ret

fn_set_cursor:                  ; 02
    movzx bx, fBH
    mov dx, fDX
set_cursor:                     ; BX = page, DX = row, column
    and bl, 7
    mov bh, 0
    shl bx, 1
    mov [V_CURSOR + bx], dx
    shr bx, 1
    cmp bl, [V_PAGE]
    jne hw_cursor.done
hw_cursor:                      ; the chip's cursor to that of the active page
    movzx bx, byte [V_PAGE]
    shl bx, 1
    mov dx, [V_CURSOR + bx]
    call cell_number
    mov cx, [V_START]
    shr cx, 1
    add cx, ax
    mov al, 0x0E
    mov ah, ch
    call crtc_write
    mov al, 0x0F
    mov ah, cl
    call crtc_write
.done:
    ret

cell_number:                    ; DX = row, column -> AX
    push dx
    mov al, dh
    mul byte [V_COLS]
    mov dh, 0
    add ax, dx
    pop dx
    ret

fn_get_cursor:                  ; 03
    movzx bx, fBH
    and bl, 7
    shl bx, 1
    mov ax, [V_CURSOR + bx]
    mov fDX, ax
    mov ax, [V_CURTYPE]
    mov fCX, ax
    ret

fn_set_page:                    ; 05
    mov al, fAL
    and al, 7
    mov [V_PAGE], al
    mov ah, 0
    mul word [V_PGSIZE]
    mov [V_START], ax
    call this_mode
    cmp byte [cs:si + vm.kind], K_TEXT
    jne .bytes
    shr ax, 1
.bytes:
    mov cx, ax
    mov al, 0x0C
    mov ah, ch
    call crtc_write
    mov al, 0x0D
    mov ah, cl
    call crtc_write
    jmp hw_cursor

; BX = page, DX = row, column -> ES:DI = its cell in text memory. SI = mode row.
text_cell:
    push ax
    push dx
    call cell_number
    shl ax, 1
    mov di, ax
    mov al, bl
    and ax, 7
    mul word [V_PGSIZE]
    add di, ax
    pop dx
    pop ax
    mov es, [cs:si + vm.seg]
    ret

; 06, 07: CX upper left, DX lower right, AL lines (0: all), BH attribute; the active page.
fn_scroll_up:
    mov bl, 0
    jmp scroll_frame
fn_scroll_down:
    mov bl, 1
scroll_frame:
    mov cx, fCX
    mov dx, fDX
    mov bh, fBH
    mov al, fAL
scroll:                         ; AL lines, BL direction, BH attribute, CX, DX window
    call this_mode
    mov ah, [V_COLS]
    cmp dl, ah
    jb .right
    mov dl, ah
    dec dl
.right:
    cmp dh, [V_ROWS]
    jbe .bottom
    mov dh, [V_ROWS]
.bottom:
    cmp ch, dh
    ja .done
    cmp cl, dl
    ja .done
    mov ah, dh
    sub ah, ch
    inc ah                      ; rows of the window
    test al, al
    jz .all
    cmp al, ah
    jbe .lines
.all:
    mov al, ah
.lines:
    cmp byte [cs:si + vm.kind], K_TEXT
    jne gfx_scroll
    sub ah, al                  ; rows to move
    push bp
    push ds
    mov bp, [V_COLS]
    shl bp, 1                   ; bytes in a row
    push bx
    push ax
    mov al, ch
    test bl, 1
    jz .from_top
    mov al, dh
    neg bp
.from_top:
    push dx
    mov dh, al
    mov dl, cl
    mov bl, [V_PAGE]
    call text_cell
    pop dx
    pop ax
    pop bx
    sub dl, cl
    inc dl
    mov dh, 0                   ; DX = cells in a line
    push si
    push ax
    mov ah, 0
    imul ax, bp
    mov si, di
    add si, ax
    pop ax
    mov cx, es
    mov ds, cx
.move:
    sub ah, 1
    jc .fill
    push si
    push di
    mov cx, dx
    rep movsw
    pop di
    pop si
    add si, bp
    add di, bp
    jmp .move
.fill:
    mov ah, bh
.blank:
    sub al, 1
    jc .filled
    push di
    push ax
    mov al, ' '
    mov cx, dx
    rep stosw
    pop ax
    pop di
    add di, bp
    jmp .blank
.filled:
    pop si
    pop ds
    pop bp
.done:
    ret

; 08: character and attribute at the cursor of page BH.
fn_read_char:
    call this_mode
    movzx bx, fBH
    and bl, 7
    mov di, bx
    shl di, 1
    mov dx, [V_CURSOR + di]
    cmp byte [cs:si + vm.kind], K_TEXT
    jne gfx_read_char
    call text_cell
    mov ax, [es:di]
    mov fAX, ax
    ret

; 09, 0A: CX times AL at the cursor of page BH, which stays.
fn_write_char_attr:
    mov dh, 1
    jmp write_cells
fn_write_char:
    mov dh, 0
write_cells:
    call this_mode
    mov al, fAL
    mov ah, fBL
    mov cx, fCX
    jcxz .done
    movzx bx, fBH
    cmp byte [cs:si + vm.kind], K_LINEAR
    jne .page
    xor bx, bx
.page:
    and bl, 7
    mov di, bx
    shl di, 1
    cmp byte [cs:si + vm.kind], K_TEXT
    jne gfx_write_cells
    push dx
    mov dx, [V_CURSOR + di]
    call text_cell
    pop dx
    test dh, dh
    jz .chars
    rep stosw
    ret
.chars:
    stosb
    inc di
    loop .chars
.done:
    ret

fn_teletype:                    ; 0E: AL, BL colour in graphics; the active page
    mov al, fAL
    mov ah, fBL
    mov bl, [V_PAGE]
    mov bh, 0                   ; without an attribute
; AL = character, AH = colour, BL = page, BH = 1: write AH as the attribute too.
teletype:
    and bl, 7
    movzx di, bl
    shl di, 1
    mov dx, [V_CURSOR + di]
    cmp al, 7
    je .bell
    cmp al, 8
    je .back
    cmp al, 10
    je .line
    cmp al, 13
    je .return
    push bx
    push dx
    call put_one
    pop dx
    pop bx
    inc dl
    cmp dl, [V_COLS]
    jb .place
    mov dl, 0
.line:
    inc dh
    cmp dh, [V_ROWS]
    jbe .place
    mov dh, [V_ROWS]
    push bx
    push dx
    call scroll_page
    pop dx
    pop bx
    jmp .place
.back:
    test dl, dl
    jz .place
    dec dl
    jmp .place
.return:
    mov dl, 0
.place:
    mov bh, 0
    jmp set_cursor
.bell:
    jmp beep

; One line up, page BL; the new line takes the attribute of the line above it, 0 in graphics.
scroll_page:
    call this_mode
    xor bh, bh
    cmp byte [cs:si + vm.kind], K_TEXT
    jne .go
    mov dl, 0
    push bx
    call text_cell
    pop bx
    mov bh, [es:di + 1]
.go:
    xor cx, cx
    mov dl, [V_COLS]
    dec dl
    mov dh, [V_ROWS]
    mov al, 1
    mov ah, [V_PAGE]
    push ax
    mov [V_PAGE], bl            ; scroll works on the active page
    mov bl, 0
    call scroll
    pop ax
    mov [V_PAGE], ah
    ret

; AL at DX of page BL; AH attribute or colour, BH = 1: in text, write the attribute.
put_one:
    call this_mode
    cmp byte [cs:si + vm.kind], K_TEXT
    jne gfx_put
    call text_cell
    stosb
    test bh, bh
    jz .done
    mov [es:di], ah
.done:
    ret

; 13: write CX characters of ES:BP at DX, page BH; AL bit 0: cursor moves, bit 1: with attributes.
fn_write_string:
    cmp fCX, 0
    je .done
    movzx bx, fBH
    and bl, 7
    mov di, bx
    shl di, 1
    push word [V_CURSOR + di]
    mov dx, fDX
    call set_cursor
    mov cx, fCX
    mov es, fES
    mov si, fBP
.next:
    es lodsb
    mov ah, fBL
    test fAL, 2
    jz .one
    mov ah, [es:si]
    inc si
.one:
    mov bl, fBH
    mov bh, 1
    push cx
    push si
    push es
    call teletype
    pop es
    pop si
    pop cx
    loop .next
    pop dx
    test fAL, 1
    jnz .done
    movzx bx, fBH
    call set_cursor
.done:
    ret

; About 1/10 s of 900 Hz; bounded by counts when the refresh bit stands still.
beep:
    in al, 0x61
    mov ah, al
    or al, 3
    push ax
    mov al, 0xB6
    out 0x43, al
    mov al, 0x2E
    out 0x42, al
    mov al, 0x05
    out 0x42, al
    pop ax
    out 0x61, al
    mov cx, 6000
    mov bl, al
.half:
    mov dx, 40
.poll:
    in al, 0x61
    xor al, bl
    test al, 0x10
    jnz .flip
    dec dx
    jnz .poll
.flip:
    xor bl, 0x10
    loop .half
    mov al, ah
    out 0x61, al
    ret
