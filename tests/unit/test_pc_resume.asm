; test_pc_resume.asm - the firmware in test_pc_resume.c, at F0000h: two timers interrupt arithmetic.
; SPDX-License-Identifier: MIT
bits 16
org 0
start:
  cli
  xor ax,ax
  mov ds,ax
  mov es,ax
  mov ss,ax
  mov sp,0x7000
  mov word [0x20],tick
  mov word [0x22],0xf000
  mov word [0x70*4],rtc
  mov word [0x70*4+2],0xf000
  mov al,0x11
  out 0x20,al
  out 0xa0,al
  mov al,8
  out 0x21,al
  mov al,0x70
  out 0xa1,al
  mov al,4
  out 0x21,al
  mov al,2
  out 0xa1,al
  mov al,1
  out 0x21,al
  out 0xa1,al
  mov al,0xfa
  out 0x21,al
  mov al,0xfe
  out 0xa1,al
  mov al,0x34
  out 0x43,al
  mov al,0x00
  out 0x40,al
  mov al,0x10
  out 0x40,al
  mov ax,0x260a       ; RTC 1024 Hz
  out 0x70,al
  mov al,ah
  out 0x71,al
  mov ax,0x420b
  out 0x70,al
  mov al,ah
  out 0x71,al
  mov al,0x0c
  out 0x70,al
  in al,0x71
  fninit
  fldpi
  mov di,0x1000
  sti
main:
  hlt
  rdtsc
  mov [di],eax
  fld st0
  fmul st0,st0
  fstp qword [di+4]
  fadd st0,st0
  mov al,0
  out 0x43,al
  in al,0x40
  mov [di+12],al
  in al,0x40
  mov [di+13],al
  mov cx,300
.l: imul eax,eax,1103515245
  add eax,12345
  xor [di+14],ax
  loop .l
  add di,16
  and di,0x3fff
  or di,0x1000
  jmp main
tick:
  push ax
  inc dword [0x500]
  mov al,0x20
  out 0x20,al
  pop ax
  iret
rtc:
  push ax
  inc dword [0x504]
  mov al,0x0c
  out 0x70,al
  in al,0x71
  mov al,0x20
  out 0xa0,al
  out 0x20,al
  pop ax
  iret
