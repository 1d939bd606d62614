; SPDX-License-Identifier: MIT
; vga_gfx.asm - characters, scrolling and pixels in graphics modes. SI = mode row throughout.

gc_write:                       ; graphics controller register AL = AH
    push dx
    mov dx, 0x3CE
    out dx, ax
    pop dx
    ret

map_mask:                       ; planes AH
    push ax
    push dx
    mov al, 2
    mov dx, 0x3C4
    out dx, ax
    pop dx
    pop ax
    ret

; AL = character -> FS:BX = its rows. Modes 4-6 take the upper half from int 1Fh.
glyph:
    push ax
    push cx
    push 0
    pop fs
    cmp byte [V_MODE], 6
    ja .one_table
    cmp al, 0x80
    jb .one_table
    and al, 0x7F
    lfs bx, [fs:0x1F * 4]
    jmp .pick
.one_table:
    lfs bx, [fs:0x43 * 4]
.pick:
    mul byte [V_HEIGHT]
    add bx, ax
    pop cx
    pop ax
    ret

; ES:DI = first byte of the cell DX in page BL.
gfx_cell:
    push ax
    push cx
    push dx
    mov es, [cs:si + vm.seg]
    mov al, dh
    mov ah, 0
    mov cx, dx
    mul word [V_HEIGHT]         ; first line
    mov dx, cx
    mov dh, 0
    mov cl, [cs:si + vm.kind]
    cmp cl, K_CGA
    je .cga
    cmp cl, K_LINEAR
    je .linear
    push dx
    mul word [V_COLS]
    pop dx
    add ax, dx
    mov di, ax
    mov al, bl
    and ax, 7
    mul word [V_PGSIZE]
    add di, ax
    jmp .done
.linear:
    imul ax, 320
    shl dx, 3
    add ax, dx
    mov di, ax
    jmp .done
.cga:                           ; lines are even within a cell's first one
    shr ax, 1
    imul ax, 80
    cmp byte [V_MODE], 6
    je .one_bit
    shl dx, 1
.one_bit:
    add ax, dx
    mov di, ax
.done:
    pop dx
    pop cx
    pop ax
    ret

gfx_write_cells:                ; 09, 0A: AL, AH colour, CX times from the cursor
    mov dx, [V_CURSOR + di]
.next:
    push cx
    push dx
    push bx
    call gfx_put
    pop bx
    pop dx
    pop cx
    inc dl
    cmp dl, [V_COLS]
    jb .more
    mov dl, 0
    inc dh
    cmp dh, [V_ROWS]
    ja .done
.more:
    loop .next
.done:
    ret

; AL at DX of page BL, AH = colour, bit 7: XOR. Keeps AX.
gfx_put:
    push fs
    push es
    push ax
    call gfx_cell
    call glyph
    mov cl, [cs:si + vm.kind]
    cmp cl, K_PLANAR
    je .planar
    ja .linear
    cmp byte [V_MODE], 6
    je .one_bit
    call put_cga4
    jmp .done
.one_bit:
    call put_cga6
    jmp .done
.planar:
    call put_planar
    jmp .done
.linear:
    call put_linear
.done:
    pop ax
    pop es
    pop fs
    ret

; Row by row: the glyph to the planes of the colour, 0 to the others; or XOR.
put_planar:
    push ax
    mov cx, [V_HEIGHT]
    test ah, 0x80
    jnz .xor
    and ah, 0x0F
    call .row_set
    not ah
    and ah, 0x0F
    call map_mask
    mov cx, [V_HEIGHT]
    xor al, al
    push di
.clear:
    mov [es:di], al
    add di, [V_COLS]
    loop .clear
    pop di
    jmp .end
.xor:
    and ah, 0x0F
    push ax
    mov ax, 0x1803
    call gc_write
    pop ax
    call .row_set
    mov ax, 0x0003
    call gc_write
.end:
    mov ah, 0x0F
    call map_mask
    pop ax
    ret
.row_set:
    call map_mask
    push di
    push bx
.set:
    mov al, [es:di]             ; latches, for the XOR
    mov al, [fs:bx]
    mov [es:di], al
    inc bx
    add di, [V_COLS]
    loop .set
    pop bx
    pop di
    ret

put_linear:
    mov cx, [V_HEIGHT]
    mov dh, ah
    and ah, 0x7F                ; 256 colours: bit 7 would be colour, but IBM's means XOR
.row:
    push cx
    mov dl, [fs:bx]
    mov cx, 8
.pixel:
    mov al, 0
    shl dl, 1
    jnc .back
    mov al, ah
.back:
    test dh, 0x80
    jz .store
    xor al, [es:di]
.store:
    stosb
    loop .pixel
    add di, 320 - 8
    inc bx
    pop cx
    loop .row
    ret

put_cga6:
    mov cx, [V_HEIGHT]
.row:
    mov al, [fs:bx]
    test ah, 0x80
    jz .store
    xor al, [es:di]
    jmp .write
.store:
    test ah, 1
    jnz .write
    xor al, al
.write:
    mov [es:di], al
    inc bx
    call cga_next
    loop .row
    ret

put_cga4:
    mov cx, [V_HEIGHT]
.row:
    push cx
    mov dl, [fs:bx]
    mov dh, ah
    and dh, 3
    push ax
    push bx
    mov cx, 8
    xor bx, bx
.bit:                           ; eight bits to eight pairs in BX
    shl bx, 2
    shl dl, 1
    jnc .back
    or bl, dh
.back:
    loop .bit
    xchg bl, bh
    test ah, 0x80
    jz .store
    xor bx, [es:di]
.store:
    mov [es:di], bx
    pop bx
    pop ax
    inc bx
    call cga_next
    pop cx
    loop .row
    ret

; ES:DI to the next line of a CGA mode.
cga_next:
    xor di, 0x2000
    test di, 0x2000
    jnz .done
    add di, 80
.done:
    ret

; 08 in graphics: find the glyph that the pixels differing from 0 make. DX cell, BL page.
gfx_read_char:
    sub sp, 32
    push fs
    call gfx_cell
    mov cx, [V_HEIGHT]
    push bp
    mov bp, sp
    lea bx, [bp + 4]            ; rows are collected here
    cmp cx, 32
    jbe .row
    mov cx, 32
.row:
    push bx
    call gfx_row
    pop bx
    mov [ss:bx], al
    inc bx
    loop .row
    xor ax, ax
.char:
    call glyph
    lea di, [bp + 4]
    mov cx, [V_HEIGHT]
.compare:
    mov dl, [fs:bx]
    cmp dl, [ss:di]
    jne .differ
    inc bx
    inc di
    loop .compare
    jmp .found
.differ:
    inc al
    jnz .char
.found:
    pop bp
    pop fs
    add sp, 32
    mov fAX, ax
    ret

; One row of the cell at ES:DI as eight bits in AL; DI to the next row.
gfx_row:
    mov bl, [cs:si + vm.kind]
    cmp bl, K_PLANAR
    je .planar
    ja .linear
    mov al, [es:di]
    cmp byte [V_MODE], 6
    je cga_next
    mov bx, [es:di]
    xchg bl, bh
    push cx
    mov cx, 8
.pair:
    shl al, 1
    test bh, 0xC0
    jz .zero
    or al, 1
.zero:
    shl bx, 2
    loop .pair
    pop cx
    jmp cga_next
.planar:
    push cx
    mov cx, 4
    mov bl, 0
.plane:
    mov ah, cl
    dec ah
    mov al, 4
    call gc_write
    or bl, [es:di]
    loop .plane
    mov al, bl
    add di, [V_COLS]
    pop cx
    ret
.linear:
    push cx
    mov cx, 8
.pixel:
    shl al, 1
    cmp byte [es:di], 0
    je .off
    or al, 1
.off:
    inc di
    loop .pixel
    add di, 320 - 8
    pop cx
    ret

; Scroll in graphics: AL lines (1 to AH), AH rows of the window, BL direction, BH fill, CX, DX.
gfx_scroll:
    push bp
    push ds
    mov bp, sp
    sub dl, cl
    inc dl                      ; columns
    sub ah, al                  ; rows that move
    push ax                     ; [bp-2] lines, [bp-1] rows
    push dx                     ; [bp-4] columns
    push bx                     ; [bp-6] direction, [bp-5] fill
    mov dh, ch
    test bl, 1
    jz .up
    mov dh, [bp - 3]            ; last row
.up:
    mov dl, cl
    mov bl, [V_PAGE]
    call gfx_cell               ; target
    mov al, [bp - 2]
    test byte [bp - 6], 1
    jz .forward
    neg al
.forward:
    add dh, al
    push di
    call gfx_cell               ; source
    mov dx, di
    pop di
.move:
    cmp byte [bp - 1], 0
    je .fill
    dec byte [bp - 1]
    push di
    push dx
    call gfx_copy_row
    pop dx
    pop di
    call gfx_step
    jmp .move
.fill:
    cmp byte [bp - 2], 0
    je .done
    dec byte [bp - 2]
    push di
    push dx
    call gfx_fill_row
    pop dx
    pop di
    call gfx_step
    jmp .fill
.done:
    mov sp, bp
    pop ds
    pop bp
    ret

; DI and DX one character row on, in the direction [bp-6].
gfx_step:
    mov ax, [V_HEIGHT]
    cmp byte [cs:si + vm.kind], K_CGA
    je .cga
    cmp byte [cs:si + vm.kind], K_LINEAR
    je .linear
    push dx
    mul word [V_COLS]
    pop dx
    jmp .add
.linear:
    imul ax, 320
    jmp .add
.cga:
    shr ax, 1
    imul ax, 80
.add:
    test byte [bp - 6], 1
    jz .down
    neg ax
.down:
    add di, ax
    add dx, ax
    ret

; Bytes that [bp-4] columns are in this mode -> CX; AX = bytes from line to line.
gfx_width:
    movzx cx, byte [bp - 4]
    mov ax, [V_COLS]
    cmp byte [cs:si + vm.kind], K_PLANAR
    je .done
    ja .linear
    mov ax, 80
    cmp byte [V_MODE], 6
    je .done
    shl cx, 1
    ret
.linear:
    mov ax, 320
    shl cx, 3
.done:
    ret

; The lines of one character row: from ES:DX to ES:DI.
gfx_copy_row:
    cmp byte [cs:si + vm.kind], K_PLANAR
    jne .lines
    mov ax, 0x0105              ; write mode 1: all planes through the latches
    call gc_write
.lines:
    mov bx, [V_HEIGHT]
.line:
    call gfx_width
    push ds
    push si
    push es
    pop ds
    push di
    mov si, dx
    rep movsb
    pop di
    pop si
    pop ds
    call gfx_next_line
    dec bx
    jnz .line
    mov ax, 0x0005
    cmp byte [cs:si + vm.kind], K_PLANAR
    je gc_write
    ret

; DI and DX one line on.
gfx_next_line:
    cmp byte [cs:si + vm.kind], K_CGA
    je .cga
    call gfx_width
    add di, ax
    add dx, ax
    ret
.cga:
    call cga_next
    xchg di, dx
    call cga_next
    xchg di, dx
    ret

; Colour [bp-5] into one character row at ES:DI.
gfx_fill_row:
    mov bx, [V_HEIGHT]
.line:
    call gfx_width
    mov al, [bp - 5]
    push di
    cmp byte [cs:si + vm.kind], K_PLANAR
    jb .cga
    ja .store
    mov ah, al                  ; planar: planes of the colour FF, the others 0
    and ah, 0x0F
    call map_mask
    push cx
    push di
    mov al, 0xFF
    rep stosb
    pop di
    pop cx
    not ah
    and ah, 0x0F
    call map_mask
    xor al, al
    rep stosb
    mov ah, 0x0F
    call map_mask
    jmp .next
.cga:
    cmp byte [V_MODE], 6
    je .store
    and al, 3
    mov ah, 0x55
    mul ah
.store:
    rep stosb
.next:
    pop di
    call gfx_next_line
    dec bx
    jnz .line
    ret

; DX row, CX column, BL page -> ES:DI byte, AH mask for one-bit kinds, CL shift for mode 4.
gfx_pixel:
    call this_mode
    mov es, [cs:si + vm.seg]
    mov al, [cs:si + vm.kind]
    cmp al, K_LINEAR
    je .linear
    cmp al, K_CGA
    je .cga
    mov ax, [V_COLS]
    mul dx
    mov di, cx
    shr di, 3
    add di, ax
    mov al, bl
    and ax, 7
    mul word [V_PGSIZE]
    add di, ax
    and cl, 7
    mov ah, 0x80
    shr ah, cl
    ret
.linear:
    imul di, dx, 320
    add di, cx
    ret
.cga:
    mov ax, dx
    shr ax, 1
    imul di, ax, 80
    test dl, 1
    jz .even
    add di, 0x2000
.even:
    mov ax, cx
    cmp byte [V_MODE], 6
    je .one_bit
    shr ax, 2
    add di, ax
    not cl
    and cl, 3
    shl cl, 1
    mov ah, 3
    shl ah, cl
    ret
.one_bit:
    shr ax, 3
    add di, ax
    not cl
    and cl, 7
    mov ah, 1
    shl ah, cl
    ret

fn_write_pixel:                 ; 0C
    mov bl, fBH
    mov dx, fDX
    mov cx, fCX
    call gfx_pixel
    mov al, fAL
    cmp byte [cs:si + vm.kind], K_PLANAR
    je .planar
    ja .linear
    cmp byte [cs:si + vm.kind], K_TEXT
    je .done
    mov dl, al
    shl al, cl
    and al, ah
    test dl, 0x80
    jnz .xor
    not ah
    and ah, [es:di]
    or al, ah
    mov [es:di], al
.done:
    ret
.xor:
    xor [es:di], al
    ret
.linear:
    mov [es:di], al
    ret
.planar:
    mov dl, al
    mov al, 8                   ; bit mask
    call gc_write
    test dl, 0x80
    jz .set
    mov ax, 0x1803
    call gc_write
.set:
    mov ah, dl
    and ah, 0x0F
    mov al, 0                   ; set/reset
    call gc_write
    mov ax, 0x0F01
    call gc_write
    mov al, [es:di]
    mov [es:di], al
    mov ax, 0x0001
    call gc_write
    mov ax, 0x0000
    call gc_write
    mov ax, 0x0003
    call gc_write
    mov ax, 0xFF08
    jmp gc_write

fn_read_pixel:                  ; 0D
    mov bl, fBH
    mov dx, fDX
    mov cx, fCX
    call gfx_pixel
    cmp byte [cs:si + vm.kind], K_PLANAR
    je .planar
    mov al, [es:di]
    ja .give
    cmp byte [cs:si + vm.kind], K_TEXT
    je .done
    and al, ah
    shr al, cl
.give:
    mov fAL, al
.done:
    ret
.planar:
    mov bh, ah
    mov bl, 0
    mov cx, 4
.plane:
    mov ah, cl
    dec ah
    mov al, 4
    call gc_write
    shl bl, 1
    test [es:di], bh
    jz .zero
    or bl, 1
.zero:
    loop .plane
    mov fAL, bl
    ret
