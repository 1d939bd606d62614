#!/bin/sh
# run.sh NAME WHO [TARGET [MODEL]] - runs the image NAME.asm and compares its trace with NAME.expect
# and differs.txt. WHO: an engine of godwit (interp), bochs or qemu. TARGET: host or mips64el, whose
# processor is MODEL. An image with a line "; disk" gets an empty disk of one cylinder. Prints one
# line "ok", "FAIL" or "skip"; traces stay in out/emulators.
# SPDX-License-Identifier: MIT
set -u
name=$1 who=$2 target=${3:-host} model=${4:-MIPS64R2-generic}
here=tests/oracle/emulators
dir=out/emulators
run=$dir/$name.$who
title="$name ($who)"
# A Pentium III, unless a line "; cpu: GODWIT QEMU BOCHS" of the image names other models.
case $who in
bochs) emulator=bochs cpu=p3_katmai nth=3 ;;
qemu)  emulator=qemu cpu=pentium3 nth=2 ;;
*)     emulator=godwit cpu=pentium3 nth=1 run=$run.$target title="$name ($who, $target)" ;;
esac
why_not=$(sed -n "s/^; not: $emulator - //p" $here/"$name".asm)
model_line=$(sed -n 's/^; cpu: //p' $here/"$name".asm)
[ -z "$model_line" ] || cpu=$(echo "$model_line" | cut -d ' ' -f $nth)
mkdir -p $dir
limit=${SECONDS_MAX:-120}
disk=
grep -q '^; disk$' $here/"$name".asm && disk=$run.disk

skip() { echo "skip emulators $title: $*"; exit 0; }
die() { echo "FAIL emulators $title: $*"; exit 1; }

run_godwit() {
    godwit=out/$target/godwit
    [ -x "$godwit" ] || skip "no $godwit; type: make TARGET=$target"
    set -- "$godwit"
    "$@" -help 2>/dev/null | grep -q '^  -engine' && set -- "$@" -engine "$who"
    if [ "$target" = mips64el ]; then
        q=$(command -v qemu-mips64el || command -v qemu-mips64el-static) || skip "no qemu-mips64el"
        set -- "$q" -cpu "$model" "$@"
    fi
    [ -z "$disk" ] || set -- "$@" -hda "$disk"
    timeout -k 5 "$limit" "$@" -cpu $cpu -m 32 -bios "$image" -display none -monitor none \
        -serial none -debugcon "file:$run.raw" -device isa-debug-exit,iobase=0x501,iosize=2 \
        >"$run.log" 2>&1 </dev/null
}

run_qemu() {
    command -v qemu-system-i386 >/dev/null || skip "no qemu-system-i386"
    set -- qemu-system-i386
    [ -z "$disk" ] || set -- "$@" -drive "file=$disk,format=raw"
    timeout -k 5 "$limit" "$@" -cpu $cpu -m 32 -bios "$image" -display none -monitor none \
        -serial none -net none -debugcon "file:$run.raw" \
        -device isa-debug-exit,iobase=0x501,iosize=2 >"$run.log" 2>&1 </dev/null
}

# Debian's Bochs has its debugger built in, which stops at each reset: hence the many "c". It ends
# by itself when the image writes to port 8900h.
run_bochs() {
    command -v bochs >/dev/null || skip "no bochs"
    head -c 512 /dev/zero >"$dir/vga.bin"
    yes c | head -n 500 >"$dir/bochs.rc"
    sed -e "s,@IMAGE@,$image," -e "s,@DIR@,$dir," -e "s,@LOG@,$run.log," -e "s,@CPU@,$cpu," \
        $here/bochsrc >"$run.rc"
    [ -z "$disk" ] || cat >>"$run.rc" <<EOF
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, path=$disk, mode=flat, cylinders=1, heads=16, spt=63
EOF
    timeout -k 5 "$limit" bochs -q -f "$run.rc" -rc "$dir/bochs.rc" \
        >"$run.raw" 2>/dev/null </dev/null
}

[ -z "$why_not" ] || skip "$why_not"
image=$dir/$name.bin
nasm -f bin -Werror -I $here/ -o "$image.$$" $here/"$name".asm || die "it does not assemble"
mv "$image.$$" "$image"
rm -f "$run.raw"
[ -z "$disk" ] || head -c $((16 * 63 * 512)) /dev/zero >"$disk"
run_$emulator
grep -a "^$name " "$run.raw" | tr -d '\r' >"$run.trace"
grep -v '^#' $here/"$name".expect | grep . >"$run.all"
awk -v name="$name" -v who=$emulator -f $here/differs.awk $here/differs.txt "$run.all" \
    >"$run.expect" || die "$(tail -n 1 "$run.expect")"
tail -n 1 "$run.trace" | grep -q "^$name end$" ||
    echo "    The last line, '$name end', is missing; see $run.log"
if diff -u --label expected --label "$emulator" "$run.expect" "$run.trace" >"$run.diff"; then
    echo "ok emulators $title: $(wc -l <"$run.trace") lines," \
         "$(diff "$run.all" "$run.trace" | grep -c '^[<]') of them not as the manual says"
else
    sed 's/^/    /' "$run.diff"
    die "$(grep -c '^[-+][^-+]' "$run.diff") lines differ; one run: $here/run.sh $*"
fi
