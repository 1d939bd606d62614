#!/bin/sh
# check_ports.sh - the port fuzzer under the sanitizers, four seeds; then one seed on the mips64el
# build, which has to read the very same values. CASES=n operations a seed.
# SPDX-License-Identifier: MIT
cases=${CASES:-100000}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

digest() { sed -n 's/.*digest \([0-9a-f]*\): clean/\1/p' "$log"; }

for seed in 1 2 3 4; do
    if out/host-san/tests/fuzz/fuzz_ports "$cases" $seed > "$log" 2>&1; then
        echo "ok ports, $cases operations, seed $seed"
    else
        cat "$log"
        echo "FAIL ports, seed $seed"
    fi
done

case $(uname -m) in
mips64*) qemu= ;;
*) qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ||
    { echo "skip ports on mips64el: no qemu-mips64el"; exit 0; }
   qemu="$qemu -cpu MIPS64R2-generic" ;;
esac
out/host-san/tests/fuzz/fuzz_ports 20000 7 > "$log" 2>&1
here=$(digest)
$qemu out/mips64el/tests/fuzz/fuzz_ports 20000 7 > "$log" 2>&1
if [ "$here" ] && [ "$here" = "$(digest)" ]; then
    echo "ok the mips64el build reads the same values"
else
    cat "$log"
    echo "FAIL the mips64el build differs from $here"
fi
