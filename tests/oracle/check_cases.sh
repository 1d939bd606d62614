#!/bin/sh
# check_cases.sh - the stored cases (tests/oracle/cases) on every build and processor model.
# SPDX-License-Identifier: MIT
log=$(mktemp)
trap 'rm -f "$log"' EXIT

replay() {                              # what target [emulator...]
    what=$1 target=$2
    shift 2
    if "$@" "out/$target/tests/oracle/silicon/silicon" stored tests/oracle/cases/*.case \
        > "$log" 2>&1
    then
        grep 'this CPU differs' "$log"
        echo "ok $what $(tail -n 1 "$log")"
    else
        head -n 40 "$log"
        echo "FAIL $what $(tail -n 1 "$log")"
    fi
}

# Written again, ended by this CPU, the files are the same; another CPU may differ.
rewrite() {
    for file in tests/oracle/cases/*.case; do
        out/host/tests/oracle/silicon/silicon witness "$file" > "$log" 2>&1
        case $? in
        77) echo "skip stored cases written again: $(cat "$log")"; return ;;
        esac
        grep -v '^#' "$file" | sed 1d | cmp -s - "$log" ||
            { echo "FAIL $file: silicon witness prints it otherwise"; return; }
    done
    echo "ok stored cases written again"
}

replay host host
if grep -q ' 0 end otherwise' "$log"; then
    rewrite
fi
ASAN_OPTIONS=detect_leaks=0 replay sanitized host-san
case $(uname -m) in
mips64*) exit 0 ;;
esac
qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ||
    { echo "skip stored cases on mips64el: no qemu-mips64el"; exit 0; }
for model in MIPS64R2-generic Loongson-3A4000; do
    replay "$model" mips64el "$qemu" -cpu "$model"
done
