#!/bin/sh
# check_cpu.sh - random bytes as code under the sanitizers; then one seed on the plain build, there
# with snapshots, and on the mips64el build: all end with the same state. CASES=n blocks a seed.
# SPDX-License-Identifier: MIT
cases=${CASES:-50000}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
ulimit -s 512                           # the sanitizer clears its view of the stack at each longjmp

digest() { sed -n 's/.*digest \([0-9a-f]*\): clean/\1/p' "$log"; }

for seed in 1 2; do
    if out/host-san/tests/fuzz/fuzz_cpu "$cases" $seed > "$log" 2>&1; then
        echo "ok code, $cases blocks, seed $seed"
    else
        cat "$log"
        echo "FAIL code, seed $seed"
    fi
done

out/host/tests/fuzz/fuzz_cpu 20000 7 > "$log" 2>&1
here=$(digest)
out/host/tests/fuzz/fuzz_cpu 20000 7 snap > "$log" 2>&1
if [ "$here" ] && [ "$here" = "$(digest)" ]; then
    echo "ok a CPU saved and loaded on its way ends with the same state"
else
    cat "$log"
    echo "FAIL saved and loaded, the CPU differs from $here"
fi

case $(uname -m) in
mips64*) qemu= ;;
*) qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ||
    { echo "skip code on mips64el: no qemu-mips64el"; exit 0; }
   qemu="$qemu -cpu MIPS64R2-generic" ;;
esac
$qemu out/mips64el/tests/fuzz/fuzz_cpu 20000 7 > "$log" 2>&1
if [ "$here" ] && [ "$here" = "$(digest)" ]; then
    echo "ok the mips64el build ends with the same state"
else
    cat "$log"
    echo "FAIL the mips64el build differs from $here"
fi
