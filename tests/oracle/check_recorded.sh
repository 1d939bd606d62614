#!/bin/sh
# check_recorded.sh - instructions recorded from an 8086 and an 80286 (../shared/suites): all of
# them on this machine's build, every NTHth on the mips64el build.
# SPDX-License-Identifier: MIT
nth=${NTH:-10}
suites=${SUITES:-../shared/suites}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

replay() {                              # what chip nth target [emulator...]
    what=$1 chip=$2 every=$3 target=$4
    shift 4
    tar=$suites/moo-$chip-open.tar
    if [ ! -r "$tar" ]; then
        echo "skip $what $chip: there is no $tar"
    elif "$@" "out/$target/tests/oracle/recorded/recorded" "$chip" "$tar" "$every" > "$log" 2>&1
    then
        [ "$target" != host ] || grep -E 'adapted|left out:' "$log"
        echo "ok $what $(tail -n 1 "$log")"
    else
        head -n 40 "$log"
        echo "FAIL $what $(tail -n 1 "$log")"
    fi
}

for chip in 8086 80286; do
    replay recorded "$chip" 1 host
done
case $(uname -m) in
mips64*) exit 0 ;;
esac
qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ||
    { echo "skip recorded on mips64el: no qemu-mips64el"; exit 0; }
for chip in 8086 80286; do
    replay mips64el "$chip" "$nth" mips64el "$qemu" -cpu MIPS64R2-generic
done
