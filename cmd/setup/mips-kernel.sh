#!/bin/sh
# mips-kernel.sh loongson-3|5kc-malta COMMAND... - runs a static mips64el program under a MIPS64
# kernel: Debian's, in qemu-system-mips64el. loongson-3 has pages of 16 KiB and Loongson EXT,
# 5kc-malta pages of 4 KiB on a release 2 processor. Files that the words of COMMAND name go along,
# below the same paths; what is written there is lost. Standard input is read to its end first,
# unless it is a terminal. The status is COMMAND's, or 125 when there was none.
# SPDX-License-Identifier: MIT
set -eu
kind=${1:-}; [ $# -lt 2 ] || shift
case $kind in
loongson-3) machine="-M loongson3-virt -m 1024" ;;
5kc-malta)  machine="-M malta -cpu MIPS64R2-generic -m 1024" ;;
*)          echo "usage: mips-kernel.sh loongson-3|5kc-malta COMMAND..." >&2; exit 2 ;;
esac
cmd/setup/need.sh system </dev/null >&2
k=out/kernels/$kind
mkdir -p out/kernels
(
    flock 9
    [ -e "$k.done" ] || {
        cmd/setup/debs.sh mips64el "$k" "linux-image-$kind->" busybox-static >&2 </dev/null
        touch "$k.done"
    }
) 9>out/kernels/.lock

t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
r=$t/root
mkdir -p "$r/bin" "$r/proc" "$r/dev" "$r/sys" "$r/tmp" "$r$PWD"
cp "$(find "$k" -path '*/bin/busybox' -type f | head -n 1)" "$r/bin/busybox"

with() {                                # a file: to its own path
    if [ -f "$1" ] && [ ! -e "$r$(realpath "$1")" ]; then
        mkdir -p "$r$(dirname "$(realpath "$1")")"
        cp "$1" "$r$(realpath "$1")"
    fi
}

quoted=
for word; do
    with "$word"
    for part in $(printf '%s\n' "$word" | tr '=,' '  '); do with "$part"; done
    quoted="$quoted '$(printf '%s\n' "$word" | sed "s/'/'\\\\''/g")'"
done
: > "$r/input"
[ -t 0 ] || cat > "$r/input"
cat > "$r/init" <<END
#!/bin/busybox sh
busybox mount -t proc proc /proc
busybox mount -t devtmpfs dev /dev
cd '$PWD'
echo
echo mips-kernel: begin
$quoted </input
echo "mips-kernel: status \$?"
busybox poweroff -f
END
chmod 755 "$r/init"
(cd "$r" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) > "$t/initramfs"

qemu-system-mips64el $machine -nodefaults -vga none -display none -serial stdio -no-reboot \
    -kernel "$(ls "$k"/boot/vmlinuz-*)" -initrd "$t/initramfs" \
    -append "console=ttyS0 quiet panic=-1" </dev/null | tee "$t/log" |
    sed -un 's/\r$//; /^mips-kernel: begin/,/^mips-kernel: status/{ /^mips-kernel/!p }'
status=$(sed -n 's/^mips-kernel: status \([0-9]*\).*/\1/p' "$t/log")
exit "${status:-125}"
