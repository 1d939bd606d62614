; gates.asm - interrupt, trap and task gates: who may use them, what they push.
; SPDX-License-Identifier: MIT
%define IMAGE "gates"
%include "frame.inc"

TEST "int3"
    TRY "ring 0"
    int3
    DONE
    TRY "ring 3, gate of DPL 0"
    TORING 3
    int3
    DONE
    SHOW "ss", [r_ss]
    ret

TEST "real"
    TRY "ud2"
    TOREAL
    ud2
    DONE
    ret
TEST "v86"
    TRY "ud2"
    TOV86
    ud2
    DONE
    ret
TEST "shutdown"
    TRY "empty IDT"
    lidt [cs:nil]
    ud2
    DONE
    ret
nil: dw 0
     dd 0
