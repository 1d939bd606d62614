#!/bin/sh
# bios_qemu.sh [NAME...] - boots our firmware on qemu-system-i386, which has the same chips: the
# service tests of bios.asm from diskette and CD, and every floppy guest until its screen shows a
# text. A help for working on bios/; says "skip" without qemu-system-i386 or the guest.
# SPDX-License-Identifier: MIT
set -u
qemu=$(command -v qemu-system-i386) || { echo "skip bios_qemu: no qemu-system-i386"; exit 0; }
bios=out/bios/bios.bin
dir=out/boot/qemu
mkdir -p $dir
status=0

verdict() {                             # 0 or other, name, why not
    if [ "$1" = 0 ]; then echo "ok $2 (qemu)"; else echo "FAIL $2 (qemu): $3"; status=1; fi
}

services() {                            # name, options of the medium
    name=$1; shift
    cmd/setup/guest.sh "$name" >/dev/null || exit 1
    timeout 120 "$qemu" -bios $bios -m 64 -display none -monitor none -serial stdio -snapshot \
        -drive file=out/guests/bios-disk.img,format=raw "$@" 2>/dev/null | tr -d '\r' >$dir/"$name"
    missed=$(grep -v '^ok ' $dir/"$name" | grep -v '^BIOS-END')
    grep -q '^BIOS-END' $dir/"$name" && [ -z "$missed" ]
    verdict $? "$name" "${missed:-no BIOS-END}"
}

screen() {                              # the text of the screen, one line a row
    od -An -v -w160 -t u1 "$1" | awk '{ line = ""
        for (i = 1; i < NF; i += 2) line = line sprintf("%c", $i < 32 || $i > 126 ? 32 : $i)
        print line }'
}

floppy() {                              # name, image, text, seconds
    [ -e "$2" ] || { echo "skip $1 (qemu): $2 is not there"; return; }
    cp "$2" $dir/image; chmod u+w $dir/image
    [ "$(wc -c <$dir/image)" != 512 ] || truncate -s 1474560 $dir/image
    for seconds in 5 20 60; do
        rm -f $dir/memory
        (sleep $seconds; echo "pmemsave 0xb8000 4000 \"$dir/memory\""; sleep 1; echo quit) |
            "$qemu" -bios $bios -m 64 -display none -monitor stdio -serial null -boot a \
            -drive file=$dir/image,if=floppy,format=raw >/dev/null 2>&1
        screen $dir/memory 2>/dev/null >$dir/"$1"
        grep -q "$3" $dir/"$1" && break
    done
    grep -q "$3" $dir/"$1"
    verdict $? "$1" "'$3' is not on the screen"
}

all=${*:-}
run() { [ -z "$all" ] && return 0; case " $all " in *" $1 "*) return 0 ;; esac; return 1; }
guests=../shared/guests

run bios && services bios -drive file=out/guests/bios.img,if=floppy,format=raw -boot a
run bios-cd && services bios-cd -cdrom out/guests/bios.iso -boot d
run freedos && floppy freedos $guests/freedos722.img 'Welcome to FreeDOS'
run freedos-1440 && floppy freedos-1440 $guests/freedos-boot-1440.img 'A:.>'
run freedos-360 && floppy freedos-360 $guests/freedos-boot-360.img 'A:.>'
run mikeos && floppy mikeos $guests/mikeos.flp 'Thanks for trying out MikeOS'
run bootos && floppy bootos $guests/bootos-osall.img '^bootOS'
run elks && floppy elks $guests/elks-fd1440.img 'VFS: Mounted root'
run kolibri && floppy kolibri $guests/kolibri.img 'Version of VESA: 2.0'
run basic && floppy basic $guests/bootsector/basic.bin '^>'
run fbird && floppy fbird $guests/bootsector/fbird.bin 'F-BIRD'
exit $status
