#!/bin/sh
# check_numbers.sh - this machine's x87 and SSE answer every operation of f80 and fp_sse under all
# roundings, precisions and masks; the mips64el build has to say the same. ROUNDS an operation.
# SPDX-License-Identifier: MIT
rounds=${ROUNDS:-20000}
seed=${SEED:-1}
case $(uname -m) in
x86_64) ;;
*)  echo "skip recorded x87 and SSE numbers: this host has none to record"; exit 0 ;;
esac
qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ||
    { echo "skip recorded x87 and SSE numbers: no qemu-mips64el"; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for unit in x87 sse; do
    test=tests/oracle/test_${unit}_host
    if ! out/host/$test "$rounds" "$seed" record "$dir/$unit" > "$dir/log" 2>&1; then
        grep -v '^ok' "$dir/log" | head -n 20
        echo "FAIL $unit numbers on the host"
        continue
    fi
    for model in MIPS64R2-generic Loongson-3A4000; do
        if "$qemu" -cpu $model out/mips64el/$test "$rounds" "$seed" replay "$dir/$unit" \
            > "$dir/log" 2>&1
        then
            cases=$(awk '/ rounds against / { n += $3 } END { print n }' "$dir/log")
            echo "ok $unit numbers on $model: $cases cases, 0 differences"
        else
            grep -v '^ok' "$dir/log" | head -n 20
            echo "FAIL $unit numbers on $model (seed $seed)"
        fi
    done
done
