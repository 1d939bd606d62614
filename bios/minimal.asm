; SPDX-License-Identifier: MIT
; minimal.asm - services that have no file yet answer in the shortest way.
section .f16
bits 16
mouse_init:
optrom_scan:
    ret
irq12:
apm16:
pcibios16:
    iret
mouse_function:
    LEAVE_INT
cd_found: ret
cd_function:
cd_status_frame:
    LEAVE_INT
cd_status: iret
cdemu: iret
boot_cd: ret
