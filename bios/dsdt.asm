; SPDX-License-Identifier: MIT
; dsdt.asm - the DSDT in AML (ACPI 1.0b, chapter 16), assembled by a few macros.

; PkgLength in two (up to 4095) or three bytes; %1 is the label at the end.
%macro PKG 1
%%here:
    db 0x40 | ((%1 - %%here) & 15), (%1 - %%here) >> 4
%endmacro
%macro PKG3 1
%%here:
    db 0x80 | ((%1 - %%here) & 15), ((%1 - %%here) >> 4) & 0xFF, (%1 - %%here) >> 12
%endmacro
%macro A_DEVICE 2               ; name, end
    db 0x5B, 0x82
    PKG %2
    db %1
%endmacro
%macro A_NAME 1
    db 0x08, %1
%endmacro
%macro A_METHOD 3               ; name, end, flags
    db 0x14
    PKG %2
    db %1, %3
%endmacro
%macro A_BUFFER 2               ; end of the package, end of the data: bytes follow
    db 0x11
    PKG %1
    db 0x0A, %2 - ($ + 1)
%endmacro
%macro A_EISA 4                 ; three letters as numbers A = 1, then the product
    db 0x0C, (%1 << 2) | (%2 >> 3), ((%2 & 7) << 5) | %3, %4 >> 8, %4 & 0xFF
%endmacro
%macro PNP 1
    A_NAME "_HID"
    A_EISA 16, 14, 16, %1
%endmacro
%macro R_IO 3                   ; resource: port range, length, 16-bit decode
    db 0x47, 1
    dw %1, %1
    db %2, %3
%endmacro
%macro R_IRQ 1
    db 0x22
    dw 1 << %1
%endmacro
%macro R_DMA 1
    db 0x2A, 1 << %1, 0
%endmacro
%macro R_END 0
    db 0x79, 0
%endmacro

dsdt:
    ACPI_HDR "DSDT", dsdt_end - dsdt, 1, "GDWTDSDT"

    A_NAME "_S5_"               ; PIIX4: type 0 is soft off
    db 0x12, 6, 4, 0, 0, 0, 0

    db 0x10                     ; Scope (\_PR): the processor of the MADT
    PKG pr_end
    db "\_PR_", 0x5B, 0x83
    PKG cpu_end
    db "CPU0", 0
    dd 0
    db 0
cpu_end:
pr_end:

    db 0x10                     ; Scope (\_SB)
    PKG3 scope_end
    db "\_SB_"

    A_DEVICE "PCI0", pci0_end
    PNP 0x0A03
    A_NAME "_ADR"
    db 0
    A_NAME "_UID"
    db 0
    A_NAME "_CRS"
    A_BUFFER pci_crs_end, pci_crs_end
    db 0x88, 13, 0, 2, 0x0C, 0  ; bus numbers 0-255
    dw 0, 0, 255, 0, 256
    R_IO 0xCF8, 8, 1
    db 0x88, 13, 0, 1, 0x0C, 3  ; I/O
    dw 0, 0, 0x0CF7, 0, 0x0CF8
    db 0x88, 13, 0, 1, 0x0C, 3
    dw 0, 0x0D00, 0xFFFF, 0, 0xF300
    db 0x87, 23, 0, 0, 0x0C, 3  ; memory: VGA, cacheable
    dd 0, 0x000A0000, 0x000BFFFF, 0, 0x00020000
    db 0x87, 23, 0, 0, 0x0C, 1  ; the hole below the APICs
    dd 0, PCI_MEM, PCI_MEM_END - 1, 0, PCI_MEM_END - PCI_MEM
    R_END
pci_crs_end:

; _PRT: slot s, pin p: link (s + p - 1) & 3
    A_NAME "_PRT"
    db 0x12
    PKG prt_end
    db 31 * 4
%assign slot 1
%rep 31
%assign pin 0
%rep 4
    db 0x12, 13 + (pin > 1), 4
    db 0x0C
    dd (slot << 16) | 0xFFFF
%if pin < 2
    db pin
%else
    db 0x0A, pin
%endif
%assign link (slot + pin - 1) & 3
    db "LNK", 'A' + link, 0
%assign pin pin + 1
%endrep
%assign slot slot + 1
%endrep
prt_end:

    A_DEVICE "ISA_", isa_end
    A_NAME "_ADR"
    db 0x0C
    dd 0x00010000
    db 0x5B, 0x80, "PIRQ", 2, 0x0A, 0x60, 0x0A, 4   ; PIRQ routes, PCI configuration 60h-63h

    A_DEVICE "KBD_", kbd_end
    PNP 0x0303
    A_NAME "_CRS"
    A_BUFFER kbd_crs_end, kbd_crs_end
    R_IO 0x60, 1, 1
    R_IO 0x64, 1, 1
    R_IRQ 1
    R_END
kbd_crs_end:
kbd_end:

    A_DEVICE "MOU_", mou_end
    PNP 0x0F13
    A_NAME "_CRS"
    A_BUFFER mou_crs_end, mou_crs_end
    R_IRQ 12
    R_END
mou_crs_end:
mou_end:

    A_DEVICE "RTC_", rtc_end
    PNP 0x0B00
    A_NAME "_CRS"
    A_BUFFER rtc_crs_end, rtc_crs_end
    R_IO 0x70, 8, 1
    R_IRQ 8
    R_END
rtc_crs_end:
rtc_end:

    A_DEVICE "FDC0", fdc_end
    PNP 0x0700
    A_NAME "_STA"
    db 0x0A
fdc_sta: db 0x0F
    A_NAME "_CRS"
    A_BUFFER fdc_crs_end, fdc_crs_end
    R_IO 0x3F2, 4, 1
    R_IO 0x3F7, 1, 1
    R_IRQ 6
    R_DMA 2
    R_END
fdc_crs_end:
fdc_end:

    A_DEVICE "COM1", com1_end
    PNP 0x0501
    A_NAME "_UID"
    db 1
    A_NAME "_STA"
    db 0x0A
com1_sta: db 0x0F
    A_NAME "_CRS"
    A_BUFFER com1_crs_end, com1_crs_end
    R_IO 0x3F8, 8, 1
    R_IRQ 4
    R_END
com1_crs_end:
com1_end:

    A_DEVICE "COM2", com2_end
    PNP 0x0501
    A_NAME "_UID"
    db 0x0A, 2
    A_NAME "_STA"
    db 0x0A
com2_sta: db 0x0F
    A_NAME "_CRS"
    A_BUFFER com2_crs_end, com2_crs_end
    R_IO 0x2F8, 8, 1
    R_IRQ 3
    R_END
com2_crs_end:
com2_end:

    A_DEVICE "LPT1", lpt1_end
    PNP 0x0400
    A_NAME "_STA"
    db 0x0A
lpt1_sta: db 0x0F
    A_NAME "_CRS"
    A_BUFFER lpt1_crs_end, lpt1_crs_end
    R_IO 0x378, 8, 1
    R_IRQ 7
    R_END
lpt1_crs_end:
lpt1_end:
isa_end:

    db 0x5B, 0x81               ; Field (ISA.PIRQ, ByteAcc): PRQA-PRQD
    PKG field_end
    db 0x2E, "ISA_", "PIRQ", 1
    db "PRQA", 8, "PRQB", 8, "PRQC", 8, "PRQD", 8
field_end:
pci0_end:

; A link device: the route register is \_SB.PCI0.PRQx; bit 7 disables it.
%macro A_PATH 1                 ; \_SB.PCI0.PRQ%1
    db 0x5C, 0x2F, 3, "_SB_PCI0PRQ", %1
%endmacro
%macro LINK 2                   ; letter, number
%push link
    A_DEVICE {"LNK", %1}, %$end
    PNP 0x0C0F
    A_NAME "_UID"
    db 0x0A, %2
    A_NAME "_PRS"
    A_BUFFER %$prs_end, %$prs_end
    db 0x89, 0x0E, 0, 0x09, 3   ; level, active high, shared
    dd 5, 10, 11
    R_END
%$prs_end:
    A_METHOD "_STA", %$sta_end, 0
    db 0xA0                     ; If (And (PRQx, 0x80)) { Return (9) }
    PKG %$if_end
    db 0x7B
    A_PATH %1
    db 0x0A, 0x80, 0
    db 0xA4, 0x0A, 9
%$if_end:
    db 0xA4, 0x0A, 0x0B         ; Return (0xB)
%$sta_end:
    A_METHOD "_DIS", %$dis_end, 0
    db 0x7D                     ; Or (PRQx, 0x80, PRQx)
    A_PATH %1
    db 0x0A, 0x80
    A_PATH %1
%$dis_end:
    A_METHOD "_CRS", %$crs_end, 8
    A_NAME "BUFF"
    A_BUFFER %$buf_end, %$buf_end
    db 0x89, 6, 0, 0x09, 1
    dd 0
    R_END
%$buf_end:
    db 0x8A, "BUFF", 0x0A, 5, "IRQW"    ; CreateDWordField (BUFF, 5, IRQW)
    db 0xA0                     ; If (LLess (PRQx, 0x80)) { Store (PRQx, IRQW) }
    PKG %$less_end
    db 0x95
    A_PATH %1
    db 0x0A, 0x80
    db 0x70
    A_PATH %1
    db "IRQW"
%$less_end:
    db 0xA4, "BUFF"
%$crs_end:
    A_METHOD "_SRS", %$srs_end, 1
    db 0x8A, 0x68, 0x0A, 5, "IRQW"
    db 0x70, "IRQW"
    A_PATH %1
%$srs_end:
%$end:
%pop
%endmacro
    LINK 'A', 1
    LINK 'B', 2
    LINK 'C', 3
    LINK 'D', 4
scope_end:
dsdt_end:
