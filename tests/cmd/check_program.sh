#!/bin/sh
# check_program.sh - the program from outside: exit status, sentences, repeatable runs; on this
# machine's build and, where it can be run, on the mips64el one.
# SPDX-License-Identifier: MIT
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

sector() {                              # name, instructions: a floppy with this boot sector
    printf 'bits 16\norg 0x7c00\n%s\ntimes 510 - ($ - $$) db 0\ndw 0xaa55\n' "$2" > "$t/$1.asm"
    nasm -f bin -o "$t/$1.img" "$t/$1.asm" && truncate -s 1474560 "$t/$1.img"
}
off='mov ax, 0x5301
xor bx, bx
int 0x15
mov ax, 0x530e
mov cx, 0x0102
int 0x15
mov ax, 0x5307
mov bx, 1
mov cx, 3
int 0x15
hlt'
sector off "$off"
sector exit 'mov al, 0x15
out 0xf4, al
hlt'
sector reset 'mov dx, 0xcf9
mov al, 6
out dx, al
hlt'
sector keyboard 'mov al, 0xfe
out 0x64, al
hlt'
sector restart 'jmp 0xffff:0'
sector idle 'next: hlt
jmp next'

expect() {                              # what, status, options...
    what=$1; want=$2; shift 2
    timeout 120 $run "$@" -display none </dev/null >"$t/out" 2>"$t/err"
    got=$?
    if [ $got = "$want" ]; then
        echo "ok $name: $what"
    else
        echo "FAIL $name: $what: status $got, not $want: $(head -n 1 "$t/err")"
    fi
}

says() {                                # what, sentence: of the run before
    if grep -q "$2" "$t/err" "$t/out"; then
        echo "ok $name: $1"
    else
        echo "FAIL $name: $1: no '$2' in: $(cat "$t/err")"
    fi
}

digest() {
    { sleep 4; echo digest; echo quit; } |
        timeout 120 $run -m 4 -fda "$t/off.img" -snapshot -icount shift="$1" -no-shutdown \
            -display none -monitor stdio | grep -a -o 'digest [0-9a-f]*'
}

check() {                               # name, how to run it
    name=$1; run=$2
    expect "a power-off ends with 0" 0 -m 4 -fda "$t/off.img" -snapshot
    expect "isa-debug-exit gives its status" 43 -m 4 -fda "$t/exit.img" -snapshot \
        -device isa-debug-exit,iobase=0xf4
    expect "a reset under -no-reboot ends with 0" 0 -m 4 -fda "$t/reset.img" -snapshot -no-reboot
    expect "so does one by the keyboard controller" 0 -m 4 -fda "$t/keyboard.img" -snapshot \
        -no-reboot
    expect "so does a jump to FFFF:0" 0 -m 4 -fda "$t/restart.img" -snapshot -no-reboot
    expect "a wrong option ends with 2" 2 -hdaa x
    says "and advice" "did you mean '-hda'"
    expect "a missing image ends with 2" 2 -hda "$t/none.img"
    says "and its name" none.img
    expect "a missing kernel ends with 2" 2 -kernel "$t/none"
    says "and why" "No such file"
    expect "an unknown device ends with 2" 2 -device nosuch
    expect "an unknown property ends with 2" 2 -device isa-debug-exit,colour=red
    expect "an unknown processor ends with 2" 2 -cpu z80
    says "and those there are" pentium
    expect "-version ends with 0" 0 -version
    expect "-S without a monitor ends with 2" 2 -S
    timeout -s TERM 3 $run -m 4 -fda "$t/idle.img" -snapshot -display none -serial stdio \
        </dev/null >"$t/out" 2>&1
    [ $? = 124 ] && echo "ok $name: SIGTERM ends it" || echo "FAIL $name: SIGTERM: $(cat "$t/out")"
    first=$(digest 3); second=$(digest 3); other=$(digest 4)
    if [ "$first" ] && [ "$first" = "$second" ] && [ "$first" != "$other" ]; then
        echo "ok $name: -icount repeats, $first"
    else
        echo "FAIL $name: -icount: '$first', '$second'; another shift '$other'"
    fi
}

check host out/host/godwit
case $(uname -m) in
mips64*) ;;
*) here=$first
   qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) || exit 0
   check mips64el "$qemu -cpu MIPS64R2-generic out/mips64el/godwit"
   if [ "$here" = "$first" ]; then
       echo "ok both builds end in the same state"
   else
       echo "FAIL the builds end in different states: '$here', '$first'"
   fi ;;
esac
