#!/bin/sh
# check_counts.sh [-u] - the MIPS64 instructions that the interpreter executes for a few small
# kernels are those of counts.txt, or fewer; 3 % more is a failure. Under -icount they repeat,
# however busy the machine is. -u writes the file anew: do that with the change that explains it.
# SPDX-License-Identifier: MIT
set -u
make=${MAKE:-make}
file=tests/perf/counts.txt
kernels=crc32,fib,flags,fpmatmul,pgscatter,int80
what="executed instructions"
export RUNS=out/bench/check SCALE=2 TESTS=$kernels OPTS='-icount shift=2' MODEL=MIPS64R2-generic

version() { "$1" --version 2>/dev/null | head -n 1; }
compilers=$(version gcc; version mips64el-linux-gnuabi64-gcc)

skip() { echo "skip $what: $*"; exit 0; }

case $(uname -m) in
x86_64) ;;
*) skip "counts.txt was recorded with the compilers of an x86-64 Debian" ;;
esac
command -v qemu-mips64el >/dev/null || skip "qemu-mips64el of package qemu-user loads plugins"
[ "${1:-}" = -u ] || [ "$(sed -n 's/^# compiler: //p' $file)" = "$compilers" ] ||
    skip "counts.txt was recorded with other compilers"

$make -s perf-parts && $make -s TARGET=mips64el all || { echo "FAIL $what: no build"; exit 1; }
said=$(tests/perf/run.sh interp kernels) || { echo "$said"; exit 1; }

# From the end of a kernel's first line to the start of its second one.
counts() {
    awk -F '\t' '$1 == "line" { split($8, w, " ") }
                 $1 == "line" && w[1] == "@B" { start[w[2]] = $5 }
                 $1 == "line" && w[1] == "@E" { print w[2], $2 - start[w[2]] }' \
        $RUNS/interp/kernels.count
}

if [ "${1:-}" = -u ]; then
    {
        echo "# MIPS64 instructions of the interpreter for kernels of tests/perf at scale $SCALE;"
        echo "# tests/perf/check_counts.sh -u writes this file."
        echo "$compilers" | sed 's/^/# compiler: /'
        counts
    } > $file
    exit 0
fi
counts | awk -v what="$what" '
    NR == FNR { if ($1 != "#") { want[$1] = $2; n++ } next }
    !($1 in want) { next }
    { percent = ($2 / want[$1] - 1) * 100; n-- }
    percent > 3 { printf "FAIL %s of %s: %d, not %d: %.1f %% more; if that is meant, " \
                         "tests/perf/check_counts.sh -u\n", what, $1, $2, want[$1], percent
                  bad = 1; next }
    { printf "ok %s of %s: %d (%+.2f %%)\n", what, $1, $2, percent }
    END { if (n) { print "FAIL " what ": " n " kernels of counts.txt did not run"; bad = 1 }
          exit bad }' $file -
