#!/bin/sh
# guest.sh GUEST [WORD...] - makes what a guest needs below out/guests and prints the options that
# boot it, one per line. WORDs go to the kernel command line: "selftest" makes the small Debian
# guests print GUEST-BEGIN, the results of a few computations, GUEST-END, and power off.
# SPDX-License-Identifier: MIT
set -eu
guest=$1; shift
words=$*
extra=                                  # a program for the initramfs
g=out/guests
here=cmd/setup
images=../shared/guests
mkdir -p $g
exec 9>$g/.lock                         # boots run at the same time share what is made here
flock 9

fast=cryptomgr.notests                  # the kernel's self tests of its ciphers: half of the boot

say() { echo "guest.sh: $*" >&2; }
opts() { printf '%s\n' "$@"; }

debs() {                                # folder, packages: unpacked once
    [ -e "$g/$1.done" ] && return 0
    dir=$1; shift
    $here/debs.sh i386 "$g/$dir" "$@" >&2 && touch "$g/$dir.done"
}

pack() {                                # folder -> initramfs, the same bytes every time
    (cd "$1" && find . -exec touch -hd @1700000000 {} + &&
     find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --reproducible --quiet | gzip -9n) > "$2.new"
    mv "$2.new" "$2"
}

# The kernel's modules named in $3.. with what they need, in loading order, into folder $2.
modules() {
    version=$(ls "$g/$1/lib/modules"); from=$g/$1; to=$2; shift 2
    PATH=$PATH:/sbin:/usr/sbin
    depmod -b "$from" "$version"
    n=100
    for m in "$@"; do
        modprobe -d "$from" -S "$version" --show-depends "$m" 2>/dev/null || say "no module $m"
    done | awk '/^insmod/ && !seen[$2]++ { print $2 }' | while read -r f; do
        cp "$f" "$to/$n-$(basename "$f")"; n=$((n + 1))
    done
}

initramfs() {                           # name, init script, kernel folder, modules
    [ "$g/$1.cpio.gz" -nt "$2" ] && return 0
    name=$1; init=$2; kernel=$3; shift 3
    t=$g/$name.tree
    rm -rf "$t"; mkdir -p "$t/bin" "$t/proc" "$t/sys" "$t/dev" "$t/tmp" "$t/m" "$t/r"
    cp "$(find $g/busybox -path '*/bin/busybox' -type f | head -n 1)" "$t/bin/"
    cp "$init" "$t/init"; chmod 755 "$t/init"
    [ -z "$extra" ] || { mkdir "$t/x"; cp "$extra" "$t/x/"; }
    [ $# = 0 ] || modules "$kernel" "$t/m" "$@"
    pack "$t" "$g/$name.cpio.gz"
}

small_debian() {                        # folder, meta package [initramfs, init script]
    debs "$1" "$2->"; debs busybox busybox-static
    initramfs "${3:-initramfs}" "${4:-$here/init-small.sh}" "$1"
    opts -m 256 -nographic -kernel "$(ls $g/"$1"/boot/vmlinuz-*)" \
         -initrd "$g/${3:-initramfs}.cpio.gz" -append "console=ttyS0 $fast $words"
}

# A Debian i386 root of the essential packages, unpacked, on an ext4 image without partitions.
root_image() {
    [ -e $g/root.ext4 ] && return 0
    mkdir -p $g/debroot/usr/bin $g/debroot/usr/sbin $g/debroot/usr/lib
    for d in bin sbin lib; do [ -e $g/debroot/$d ] || ln -s usr/$d $g/debroot/$d; done
    $here/debs.sh -r i386 $g/debroot '?essential' '?priority(required)' apt >&2
    mkdir -p $g/debroot/proc $g/debroot/sys $g/debroot/dev
    PATH=$PATH:/sbin:/usr/sbin mke2fs -q -t ext4 -E root_owner=0:0 -d $g/debroot -L debroot \
        $g/root.ext4.new 400M >&2
    mv $g/root.ext4.new $g/root.ext4
}

image() {                               # a file of ../shared/guests, with the options before it
    file=$images/$1; shift
    [ -e "$file" ] || { say "$file is not there, and no Debian package has it"; exit 1; }
    opts -m 64 "$@" "$file" -snapshot
}

boot_sector() {                         # a boot sector alone, as a 1.44 MB floppy
    [ -e "$images/bootsector/$1.bin" ] || { say "no guest is called '$guest'"; exit 1; }
    cp "$images/bootsector/$1.bin" $g/"$1".img; chmod u+w $g/"$1".img
    truncate -s 1474560 $g/"$1".img
    opts -m 16 -fda $g/"$1".img -snapshot
}

case $guest in
debian)       small_debian debian linux-image-686 ;;
debian-pae)   small_debian debian-pae linux-image-686-pae ;;
debian-ide)   $here/need.sh image >&2
              debs debian 'linux-image-686->'; debs busybox busybox-static
              initramfs initramfs-ide $here/init-ide.sh debian \
                  ata_piix sd_mod sr_mod ext4 crc32c_generic
              root_image
              opts -m 256 -nographic -kernel "$(ls $g/debian/boot/vmlinuz-*)" \
                   -initrd $g/initramfs-ide.cpio.gz -append "console=ttyS0 $fast $words" \
                   -hda $g/root.ext4 -snapshot ;;
debian-bench) nasm -f bin -o $g/mark tests/perf/mark.asm; chmod 755 $g/mark; extra=$g/mark
              small_debian debian linux-image-686 initramfs-bench tests/perf/init.sh ;;
freedos)      image freedos722.img -fda ;;
freedos-bench)                          # its last act is to run a program that prints a line
              image freedos722.img -fda >/dev/null
              nasm -f bin -DDOS -o $g/mark.com tests/perf/mark.asm
              cp $images/freedos722.img $g/bench.img; chmod u+w $g/bench.img
              { mtype -i $g/bench.img ::AUTOEXEC.BAT; printf 'MARK\r\n'; } > $g/autoexec.bat
              mcopy -o -i $g/bench.img $g/mark.com ::MARK.COM
              mcopy -o -i $g/bench.img $g/autoexec.bat ::AUTOEXEC.BAT
              opts -m 64 -nographic -fda $g/bench.img -snapshot ;;
freedos-1440) image freedos-boot-1440.img -fda ;;
freedos-360)  image freedos-boot-360.img -fda ;;
mikeos)       image mikeos.flp -fda ;;
bootos)       image bootos-osall.img -fda ;;
elks)         image elks-fd1440.img -fda ;;
kolibri)      image kolibri.img -fda ;;
memtest)      debs memtest memtest86+
              opts -m 16 -kernel $g/memtest/boot/memtest86+ia32.bin ;;
grub|grub-floppy)
              debs grub grub-rescue-pc
              cp $g/grub/usr/lib/grub-rescue/grub-rescue-floppy.img $g/grub-floppy.img
              truncate -s 1474560 $g/grub-floppy.img        # as on a real floppy
              opts -m 64 -fda $g/grub-floppy.img -snapshot ;;
grub-cd)      debs grub grub-rescue-pc
              opts -m 64 -cdrom $g/grub/usr/lib/grub-rescue/grub-rescue-cdrom.iso ;;
demo)         [ -e $g/demo.img ] || { nasm -f bin -o $g/demo.img tests/data/demo.asm; }
              opts -m 16 -nographic -fda $g/demo.img -snapshot ;;
bios-keys)    nasm -f bin -o $g/keys.img tests/boot/keys.asm
              opts -m 16 -fda $g/keys.img -snapshot ;;
bios|bios-cd) nasm -f bin -I . -o $g/bios.img tests/boot/bios.asm
              nasm -f bin -I $g/ -o $g/bios.iso tests/boot/bios_cd.asm
              truncate -s 16M $g/bios-disk.img
              case $guest in
              bios) opts -m 64 -fda $g/bios.img ;;
              *)    opts -m 64 -cdrom $g/bios.iso -boot d ;;
              esac
              opts -nographic -hda $g/bios-disk.img -snapshot ;;
*)            boot_sector "$guest" ;;
esac
