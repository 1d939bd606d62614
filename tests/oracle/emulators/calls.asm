; calls.asm - call gates with parameters, far calls, far returns and IRET, to every privilege level.
; SPDX-License-Identifier: MIT
%define IMAGE "calls"
%include "frame.inc"

%define GATE FREE                    ; the gate that a test fills in
%define OTHER FREE + 8

; SDM vol. 3 5.8.4, table 5-1
%macro GATE_FROM 3                   ; ring, DPL, RPL
    SETCALL GATE, CODE0, raw_handler, G_CALL32 | (%2 << 5)
%defstr ring %1
%defstr dpl_text %2
%defstr rpl %3
%strcat title "ring ", ring, ", DPL ", dpl_text, ", RPL ", rpl
    TRY title
    TORING %1
    call (GATE | %3):0x12345678
    DONE
%endmacro
TEST "gate dpl"
%assign cpl 0
%rep 4
%assign dpl 0
%rep 4
    GATE_FROM cpl, dpl, 0
%assign dpl dpl + 1
%endrep
    GATE_FROM cpl, 2, 3
%assign cpl cpl + 1
%endrep
    ret

; SDM vol. 3 5.8.5: parameters are copied, most privileged last; 16-bit gates copy words
%macro PARAMS 4                      ; from ring, to ring, gate size, parameters
    SETCALL GATE, CODE%2, raw_handler, G_CALL%3 | DPL3, %4
%defstr from %1
%defstr inner %2
%defstr bits_text %3
%defstr count %4
%strcat title bits_text, "-bit gate, ring ", from, " to ", inner, ", ", count, " parameters"
    TRY title
    TORING %1
    push dword 0x11112222
    push dword 0x33334444
    push dword 0x55556666
    HERE
    call (GATE | %1):0
    DONE
%if %3 == 32
    RAW32 0, 7
%else
    RAW16 0, 7
%endif
    SHOW "ss", [r_ss]
    SHOW "esp", [r_esp]
%endmacro
TEST "parameters"
    PARAMS 3, 0, 32, 0
    PARAMS 3, 0, 32, 2
    PARAMS 3, 0, 16, 3
    PARAMS 3, 1, 32, 3
    PARAMS 3, 1, 16, 2
    PARAMS 3, 2, 32, 1
    PARAMS 3, 2, 16, 0
    PARAMS 3, 3, 32, 2
    PARAMS 3, 3, 16, 2
    PARAMS 2, 1, 32, 2
    PARAMS 2, 0, 16, 2
    PARAMS 1, 0, 32, 1
    PARAMS 1, 1, 16, 1
    PARAMS 0, 0, 32, 1
    SETCALL GATE, CODE0, raw_handler, G_CALL32 | DPL3, 31
    TRY "31 parameters, the last"
    TORING 3
    mov ecx, 31
.push:
    push ecx
    loop .push
    HERE
    call GATE:0
    DONE
    SHOW "esp", [r_esp]
    mov eax, [STACK0I - 12]
    SHOW "first pushed", eax
    mov eax, [STACK0I - 12 - 30 * 4]
    SHOW "last pushed", eax
    TRY "parameters past the outer stack's limit"
    SETCALL GATE, CODE0, raw_handler, G_CALL32 | DPL3, 4
    SETDESC OTHER, 0, 0x63ff, A_DATA | DPL3, F_32
    TORING 3
    mov ax, OTHER | 3
    mov ss, ax
    mov esp, 0x63f8
    HERE
    call GATE:0
    DONE
    ret

; SDM vol. 2 CALL, CALL-GATE
%macro GATE_TO 4                     ; name, selector in the gate, type, RPL
    SETCALL GATE, %2, raw_handler, %3
    TRY %1
    TORING 3
    call (GATE | %4):0
    DONE
%endmacro
TEST "gate checks"
    GATE_TO "not present", CODE0, G_CALL32 & ~0x80 | DPL3, 3
    GATE_TO "not present, DPL 0", CODE0, 0x0c, 3
    GATE_TO "interrupt gate", CODE0, G_INT32 | DPL3, 3
    GATE_TO "trap gate of 16 bits", CODE0, G_TRAP16 | DPL3, 3
    GATE_TO "LDT", CODE0, A_LDT | DPL3, 3
    GATE_TO "type 8", CODE0, 0x88 | DPL3, 3
    GATE_TO "null selector", 0, G_CALL32 | DPL3, 3
    GATE_TO "null selector, RPL 2", 2, G_CALL32 | DPL3, 3
    GATE_TO "data", DATA3, G_CALL32 | DPL3, 3
    GATE_TO "TSS", TSSA, G_CALL32 | DPL3, 3
    GATE_TO "past the GDT", 0x200, G_CALL32 | DPL3, 3
    GATE_TO "conforming code", CONF0, G_CALL32 | DPL3, 3
    SHOW "ss", [r_ss]
    SHOW "esp", [r_esp]
    GATE_TO "RPL of the gate's selector", CODE0 | 3, G_CALL32 | DPL3, 3
    SETDESC OTHER, 0xf0000, 0xffff, A_CODE & ~0x80, F_32
    GATE_TO "code not present", OTHER, G_CALL32 | DPL3, 3
    SETDESC OTHER, 0xf0000, 0x10, A_CODE, F_32
    GATE_TO "offset past the limit", OTHER, G_CALL32 | DPL3, 3
    SETCALL GATE, CODE1, raw_handler, G_CALL32 | DPL3
    TRY "to a lower privilege"
    call GATE:0
    DONE
    SETCALL GATE, CODE0, raw_handler, G_CALL32 | DPL3
    TRY "jmp to a higher privilege"
    TORING 3
    jmp GATE:0
    DONE
    SETCALL GATE, CODE3, raw_handler, G_CALL32 | DPL3, 2
    TRY "jmp to the same privilege"
    TORING 3
    jmp GATE:0
    DONE
    SHOW "esp", [r_esp]
    SETCALL GATE, CONF0, raw_handler, G_CALL32 | DPL3
    TRY "jmp to conforming code"
    TORING 3
    jmp GATE:0
    DONE
    SETCALL 4 | 8, CODE0, raw_handler, G_CALL32 | DPL3
    TRY "gate in the LDT"
    TORING 3
    call (4 | 8):0
    DONE
    RAW32 0, 4
    TRY "gate past the LDT"
    TORING 3
    call 0x107:0
    DONE
    mov word [TSS_0 + 8], DATA3 | 3
    SETCALL GATE, CODE0, raw_handler, G_CALL32 | DPL3
    TRY "inner stack of DPL 3"
    TORING 3
    call GATE:0
    DONE
    mov word [TSS_0 + 8], 0
    TRY "inner stack null"
    TORING 3
    call GATE:0
    DONE
    ret

; SDM vol. 3 5.8.1, 5.8.1.1, 5.8.1.2; vol. 2 CALL and JMP
%macro TO 4                          ; name, ring, CALL or JMP, selector
    TRY %1
    TORING %2
    %3 (%4):raw_handler
    DONE
%endmacro
TEST "direct"
    TO "null", 3, call, 0
    TO "null with RPL", 3, jmp, 3
    TO "past the GDT", 3, call, 0x203
    TO "empty", 3, call, OTHER
    TO "data", 3, call, DATA3
    TO "same ring, RPL 0", 3, call, CODE3
    RAW32 0, 2
    TO "same ring, RPL 3", 3, call, CODE3 | 3
    TO "ring 1, RPL 2", 1, call, CODE1 | 2
    TO "inner code", 3, call, CODE0
    TO "outer code", 0, call, CODE3 | 3
    TO "outer code, jmp", 2, jmp, CODE3 | 3
    TO "conforming", 3, call, CONF0 | 3
    RAW32 0, 2
    TO "conforming, jmp, RPL 0", 2, jmp, CONF0
    SETDESC OTHER, 0xf0000, 0xffff, A_CONF | DPL3, F_32
    TO "conforming of DPL 3 from ring 0", 0, call, OTHER
    TO "conforming of DPL 3 from ring 3", 3, jmp, OTHER
    SETDESC OTHER, 0xf0000, 0xffff, A_CODE & ~0x80 | DPL3, F_32
    TO "not present", 3, call, OTHER | 3
    TO "not present and inner", 2, call, OTHER | 3
    SETDESC OTHER, 0xf0000, 0xff, A_CODE & ~1 | DPL3, F_32
    TO "past the limit", 3, call, OTHER | 3
    SHOW "accessed", [SNAP + OTHER + 4]
    SETDESC OTHER, 0xf0000, 0xffff, 0x98 | DPL3, F_32
    TO "execute-only, not accessed", 3, jmp, OTHER | 3
    SHOW "accessed", [SNAP + OTHER + 4]
    TRY "16-bit call"
    TORING 3
    call word (CODE3 | 3):raw_handler
    DONE
    RAW16 0, 2
    TRY "no room on the stack"
    SETDESC OTHER, 0, 0xffff, A_DATA | DPL3, F_32
    TORING 3
    mov ax, OTHER | 3
    mov ss, ax
    mov esp, 4
    HERE
    call (CODE3 | 3):raw_handler
    DONE
    SHOW "esp", [r_esp]
    ret
