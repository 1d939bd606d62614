#!/bin/sh
# check_fp_counts.sh - MIPS64 instructions that each x87 and SSE operation retires, from the first
# of its function to its return, by operation, rounding and class of operands; fails above the
# limits of fp_counts.limits. Counts repeat exactly. With -t it prints the table.
# SPDX-License-Identifier: MIT
dir=out/mips64el/tests/perf
program=$dir/fp_counts
limits=tests/perf/fp_counts.limits

case $(uname -m) in
mips64*) echo "skip fp_counts: counting needs qemu-mips64el"; exit 0 ;;
esac
if ! ${HOSTCC:-gcc} -O2 -fPIC -shared -o $dir/libcount.so tests/perf/plugin/count.c; then
    echo "FAIL fp_counts: the counting plugin does not build"
    exit 1
fi
qemu-mips64el -cpu MIPS64R2-generic -plugin $dir/libcount.so,out=$dir/fp_counts.lines \
    $program > /dev/null || { echo "FAIL fp_counts: the program failed"; exit 1; }

# What is counted around a call is that of an empty function, which itself retires two.
awk -F '\t' -v table="${1:-}" '
FILENAME != "'$limits'" && $1 == "line" {
    n = $5 - $2
    split($8, w, " ")
    if (w[1] ~ /nothing/) {
        empty = n - 2
        next
    }
    n -= empty
    if (!($8 in times))
        order[++rows] = $8
    times[$8]++; sum[$8] += n
    if (times[$8] == 1 || n < least[$8]) least[$8] = n
    if (n > most[$8]) most[$8] = n
    key = w[1] " " w[2]
    if (n > worst[key]) worst[key] = n
    next
}
FILENAME == "'$limits'" && !/^#/ && NF {
    split($0, w, " ")
    key = w[1] " " w[2]; limit[key] = w[3]; kinds++
}
END {
    if (table == "-t") {
        print "operation bits operands least mean most"
        for (i = 1; i <= rows; i++)
            printf "%s %d %.1f %d\n", order[i], least[order[i]], sum[order[i]] / times[order[i]],
                   most[order[i]]
    }
    for (key in worst) {
        seen++
        if (!(key in limit)) {
            print "FAIL fp_counts " key ": no limit is recorded, " worst[key] " were counted"; bad++
        } else if (worst[key] > limit[key]) {
            print "FAIL fp_counts " key ": " worst[key] " instructions, limit " limit[key]; bad++
        }
    }
    if (seen != kinds || !seen) {
        print "FAIL fp_counts: " seen + 0 " operations counted, " kinds + 0 " have limits"; bad++
    }
    if (!bad)
        print "ok fp_counts: " seen " operations within their limits"
    exit bad != 0
}' $dir/fp_counts.lines $limits
