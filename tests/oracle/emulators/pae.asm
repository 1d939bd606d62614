; pae.asm - PAE paging: rights with NX, reserved bits, PDPTEs, 2 MiB pages.
; SPDX-License-Identifier: MIT
; cpu: max coreduo core_duo_t2400_yonah
%define IMAGE "pae"
%define EFL_MASK 0x003e7700          ; RF is another image's matter
%include "frame.inc"
%include "cell.inc"

WP        equ 0x10000
PSE       equ 0x10
PAE       equ 0x20
PGE       equ 0x80
EFER      equ 0xc0000080
NXE       equ 0x800
PDPT      equ PAGES + 0x4000
PD_0      equ PAGES + 0x5000         ; of linear 0 to 3FFFFFFFh
PT_0      equ PAGES + 0x6000         ; identity of the first 2 MiB
PT_T      equ PAGES + 0x7000         ; of TARGET

%macro SETNXE 1
    mov ecx, EFER
    xor edx, edx
    mov eax, %1
    wrmsr
%endmacro

; PAE tables; CR3, CR4, CR0 = EBX. Keeps nothing.
pae_on:
    TABLES
    mov edi, PDPT
    mov ecx, 0x4000 / 4
    xor eax, eax
    rep stosd
    mov dword [PDPT], PD_0 | 1
    mov dword [PD_0], PT_0 | 7
    mov dword [PD_0 + 16], PT_T | 7
    mov dword [PT_T], FRAME0 | 7
    mov edi, PT_0
    mov eax, 7
.next:
    mov [edi], eax
    add eax, 0x1000
    add edi, 8
    cmp edi, PT_0 + 0x1000
    jb .next
    mov dword [pde_at], PD_0 + 16
    mov dword [pte_at], PT_T
    mov byte [wide], 1
    mov dword [pde + 4], 0
    mov dword [pte + 4], 0
    mov eax, PAE
    mov cr4, eax
    mov eax, PDPT
    mov cr3, eax
    mov cr0, ebx
    jmp short .on
.on:
    ret

; The name of an entry's rights in EAX and, by bit 31 of EBP, "x" for NX.
show_rights:
    call rights
    test ebp, ebp
    jns .no
    PUT "-nx"
.no:
    ret

; Every combination of U/S and R/W. CR0 = EBX, high halves: PDE EBP, PTE var + 36.
table:
    QUIET
    call pae_on
    xor ecx, ecx
.pde:
    xor edx, edx
.pte:
    LINE
    PUT "pde="
    mov eax, ecx
    call show_rights
    or eax, PT_T | 1
    mov [pde], eax
    mov [pde + 4], ebp
    PUT " pte="
    push ebp
    mov ebp, [var + 36]
    mov [pte + 4], ebp
    mov eax, edx
    call show_rights
    pop ebp
    or eax, FRAME0 | 1
    mov [pte], eax
    call cells
    add edx, 2
    cmp edx, 8
    jb .pte
    add ecx, 2
    cmp ecx, 8
    jb .pde
    ret

%macro TABLE 4                       ; CR0, NXE, high half of the PDE, of the PTE
    SETNXE %2
    mov ebx, %1
    mov ebp, %3
    mov dword [var + 36], %4
    jmp table
%endmacro
TEST "wp=0"
    TABLE 0x80000011, 0, 0, 0
TEST "wp=1"
    TABLE 0x80010011, 0, 0, 0
TEST "wp=0 nxe"
    TABLE 0x80000011, NXE, 0, 0
TEST "wp=1 nxe pte"
    TABLE 0x80010011, NXE, 0, 0x80000000
TEST "wp=1 nxe pde"
    TABLE 0x80010011, NXE, 0x80000000, 0
TEST "wp=0 nxe both"
    TABLE 0x80000011, NXE, 0x80000000, 0x80000000

; Without NXE bit 63 is reserved, and a reserved bit goes before rights.
TEST "nx without nxe"
    SETNXE 0
    mov ebx, 0x80010011
    mov ebp, 0
    mov dword [var + 36], 0x80000000
    QUIET
    call pae_on
    mov dword [pde], PT_T | 1
    mov dword [pte], FRAME0 | 1
    mov dword [pte + 4], 0x80000000
    LINE
    PUT "pte"
    call cells
    mov dword [pte + 4], 0
    mov dword [pde + 4], 0x80000000
    LINE
    PUT "pde"
    call cells
    ret

; Not present goes before reserved bits.
TEST "not present"
    SETNXE NXE
    mov ebx, 0x80010011
    QUIET
    call pae_on
    mov dword [pde], PT_T | 6
    mov dword [pde + 4], -1
    mov dword [pte], FRAME0 | 7
    LINE
    PUT "pde"
    call cells
    mov dword [pde], PT_T | 7
    mov dword [pde + 4], 0
    mov dword [pte], 0xfffffffe
    mov dword [pte + 4], -1
    LINE
    PUT "pte"
    call cells
    ret

; Bits 36 to 62 of an entry are reserved with 36 bits of physical address; 32 to 35 are address.
TEST "high bits"
    SETNXE NXE
    mov ebx, 0x80000011
    QUIET
    call pae_on
    LINE
    PUT "pte 32 to 62:"
    xor ebx, ebx
    xor esi, esi
    xor ecx, ecx
    mov dword [pde], PT_T | 7
    mov dword [pte], FRAME0 | 7
pte_high:
    mov dword [pte + 4], 0
    bts [pte + 4], ecx
    PUT " "
    call cell
    inc ecx
    cmp ecx, 31
    jb pte_high
    NL
    LINE
    PUT "2 MiB pde 32 to 62:"
    mov dword [pde], 0x87
    mov dword [pte], 0
    mov dword [pte + 4], 0
    mov dword [pte_at], SCRATCH
    xor ecx, ecx
pde_high:
    mov dword [pde + 4], 0
    bts [pde + 4], ecx
    PUT " "
    call cell
    inc ecx
    cmp ecx, 31
    jb pde_high
    NL
    LINE
    PUT "pde 36 to 62:"
    mov dword [pde], PT_T | 7
    mov ecx, 4
pd_high:
    mov dword [pde + 4], 0
    bts [pde + 4], ecx
    PUT " "
    call cell
    inc ecx
    cmp ecx, 31
    jb pd_high
    NL
    ret

TEST "2 MiB"
large:
    SETNXE NXE
    mov ebx, 0x80010011
    QUIET
    call pae_on
    mov dword [0], 0x20cd
    mov dword [pte], 0
    mov dword [pte_at], SCRATCH
    xor ecx, ecx
    xor ebp, ebp
.next:
    LINE
    PUT "pde="
    mov eax, ecx
    call show_rights
    or eax, 0x81
    mov [pde], eax
    mov [pde + 4], ebp
    call cells
    add ecx, 2
    cmp ecx, 8
    jb .next
    xor ecx, ecx
    add ebp, 0x80000000
    jnz .next
    ret

; PAE pages are large whatever CR4.PSE says. Bit 12 is PAT, 13 to 20 are reserved.
TEST "2 MiB bits"
    mov ebx, 0x80010011
    QUIET
    call pae_on
    mov dword [pte_at], SCRATCH
    mov dword [pte], 0
    LINE
    PUT "12 to 21:"
    xor ebx, ebx
    xor esi, esi
    mov ecx, 12
large_bit:
    mov dword [pde], 0x81
    bts [pde], ecx
    PUT " "
    call cell
    inc ecx
    cmp ecx, 22
    jb large_bit
    NL
    ret

; MOV to CR3 loads all four PDPTEs. A reserved bit in one that is present: #GP(0), CR3 as it was.
TEST "pdpte bits"
    QUIET
    mov ebx, 0x80000011
    call pae_on
    LINE
    PUT "that fault:"
    xor ecx, ecx
pdpte_bit:
    mov dword [SCRATCH], PD_0 | 1
    mov dword [SCRATCH + 4], 0
    mov dword [SCRATCH + 24], PD_0 | 1
    mov dword [SCRATCH + 28], 0
    bts dword [SCRATCH + 24], ecx
    QTRY pdpte_after
    mov eax, SCRATCH
    mov cr3, eax
    int V_DONE
pdpte_after:
    mov ecx, [r_ecx]
    mov eax, cr3
    cmp dword [r_vec], V_DONE
    je pdpte_next
    PUT " "
    HEX2 ecx
    cmp eax, PDPT                    ; CR3 as it was
    je pdpte_next
    PUT "!"
pdpte_next:
    mov eax, PDPT
    mov cr3, eax
    inc ecx
    cmp ecx, 64
    jb pdpte_bit
    NL
    ret

; A PDPTE that is not present: nothing at the load, #PF with P = 0 at the access.
TEST "pdpte not present"
    mov ebx, 0x80000011
    call pae_on
    mov dword [PDPT + 8], PD_0 | 0x1e6 ; not present, all else reserved
    mov dword [PDPT + 12], -1
    TRY "read"
    mov ebx, 0x80000011
    mov eax, PAE
    mov cr4, eax
    mov cr0, ebx
    HERE
    mov eax, [TARGET + 0x40000000]
    DONE
    TRY "write"
    mov ebx, 0x80000011
    mov eax, PAE
    mov cr4, eax
    mov eax, PDPT
    mov cr3, eax
    mov cr0, ebx
    HERE
    mov [TARGET + 0x40000000], eax
    DONE
    ret

; Bits 31 and 30 choose the PDPTE.
TEST "four directories"
    mov ebx, 0x80000011
    call pae_on
    mov dword [PDPT + 8], PD_0 | 1
    mov dword [PDPT + 24], (PD_0 + 0x3000) | 1
    mov edi, PD_0 + 0x3000
    mov ecx, 0x800
    xor eax, eax
    rep stosd
    mov dword [PD_0 + 0x3000 + 16], (PD_0 + 0x4000) | 7
    mov dword [PD_0 + 0x4000], FRAME1 | 7
    mov eax, PDPT
    mov cr3, eax
    mov dword [FRAME0 + 4], 0x11111111
    mov dword [FRAME1 + 4], 0x22222222
    mov ebx, [TARGET + 4]
    mov ecx, [TARGET + 0x40000004]
    mov edx, [TARGET + 0xc0000004]
    SHOW "0", ebx
    SHOW "1", ecx
    SHOW "3", edx
    ret

; The registers, not the memory, are used until the next load: MOV to CR3, or MOV to CR4 or CR0 that
; changes PSE, PGE, PAE, CD, NW or PG.
%macro RELOAD 2                      ; step, instructions that may load
    TRY %1
    mov ebx, 0x80000011
    call pae_on
    mov dword [PDPT + 8], PD_0 | 1
    %2
    HERE
    mov eax, [TARGET + 0x40000000]
    DONE
%endmacro
%macro FLIP 2                        ; control register, bits
    mov eax, %1
    xor eax, %2
    mov %1, eax
%endmacro
%macro PGTWICE 0
    FLIP cr0, 0x80000000
    FLIP cr0, 0x80000000
%endmacro
TEST "pdpte present now"
    RELOAD "nothing", {nop}
    RELOAD "invlpg", {invlpg [TARGET + 0x40000000]}
    RELOAD "ts", {FLIP cr0, 8}
    RELOAD "wp", {FLIP cr0, WP}
    RELOAD "de", {FLIP cr4, 8}
    RELOAD "cr3", {FLIP cr3, 0}
    RELOAD "pse", {FLIP cr4, PSE}
    RELOAD "pge", {FLIP cr4, PGE}
    RELOAD "cd", {FLIP cr0, 0x40000000}
    RELOAD "pg off and on", {PGTWICE}
    ret

TEST "bad pdpte"
    TRY "mov cr4"
    mov ebx, 0x80000011
    call pae_on
    mov dword [PDPT + 8], PD_0 | 3
    mov eax, PAE | PGE
    HERE
    mov cr4, eax
    DONE
    TRY "mov cr0, pg"
    mov ebx, 0x11
    call pae_on
    mov dword [PDPT + 8], PD_0 | 3
    mov eax, 0x80000011
    HERE
    mov cr0, eax
    DONE
    SHOW "cr0", [r_cr0]
    TRY "mov cr4, pae"
    TABLES
    PAGING                           ; PD's first entries are bad PDPTEs: bits 1 and 2
    mov eax, PAE
    HERE
    mov cr4, eax
    DONE
    ret
