; hlt.asm - HLT with TF: the debug trap ends it, whatever IF is.
; SPDX-License-Identifier: MIT
; not: bochs - Bochs 2.7 waits in HLT for an interrupt; a debug exception ends it, too (vol. 2 HLT)
; not: qemu - QEMU 7.2 waits in HLT for an interrupt; a debug exception ends it, too (vol. 2 HLT)
%define IMAGE "hlt"
%include "frame.inc"

; SDM vol. 2 HLT; vol. 3 17.3.1.4
TEST "step"
    TRY "ring 0"
    push dword 0x102
    mov dword [origin], .a
    popfd
.a: hlt
    nop
    DONE
    TRY "real mode"
    TOREAL
    push word 0x102
    popf
    hlt
    nop
    DONE
    ret
