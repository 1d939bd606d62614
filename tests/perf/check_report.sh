#!/bin/sh
# check_report.sh - the benchmark's report from made-up counts: ratios, tables, and that it fails
# when a checksum differs or a kernel is missing.
# SPDX-License-Identifier: MIT
set -u
command -v python3 >/dev/null || { echo "skip the benchmark's report: needs python3"; exit 0; }
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
export RUNS=$t/runs SCALE=100 QUICK='' OPTS='' PYTHONDONTWRITEBYTECODE=1

# run COLUMN INSNS SUM: the kernel fib in a column, between lines that cost something themselves.
run() {
    mkdir -p "$RUNS/$1"
    {
        printf 'line\t50\t0\t0.1\t100\t0\t0.1\t@B fib 10\n'
        printf 'line\t%d\t7\t0.6\t999999\t7\t0.7\t@E fib sum=%s\n' $((100 + $2)) "$3"
    } > "$RUNS/$1/kernels.count"
    printf '@B fib 10\n@E fib sum=%s\n@@ done\n' "$3" > "$RUNS/$1/kernels.log"
}

report() { python3 -B tests/perf/report.py "x86 qemu native interp" kernels >"$t/out" 2>"$t/err"; }

expect() {                              # what, status wanted, text wanted in the output
    what=$1; want=$2; text=$3
    report
    got=$?
    if [ $got = "$want" ] && grep -qF "$text" "$t/out"; then
        echo "ok the benchmark's report: $what"
    else
        echo "FAIL the benchmark's report: $what: status $got; $(cat "$t/err")"
    fi
}

run x86 0 12
printf 'mark\t1000\nmark\t3000\n' > "$RUNS/x86/kernels.count"
run qemu 20000 12
run native 4000 12
run interp 60000 12
expect "counts and ratios" 0 "| fib | 0.0 | 2.0 | 10.0 | 30.0 | 3.00 | 15.00 |"
for want in '"mips": 60000' '"x86": 2000' '"generated": 7' '"seconds": 0.5' '"to_native": 15.0'; do
    grep -qF "$want" "$t/latest.json" && echo "ok the benchmark's report: $want in latest.json" ||
        echo "FAIL the benchmark's report: no $want in latest.json"
done
if python3 -c "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])" "$t/latest.svg" &&
   [ "$(grep -c '<rect' "$t/latest.svg")" = 7 ]; then
    echo "ok the benchmark's report: a chart of three bars"
else
    echo "FAIL the benchmark's report: latest.svg is not a chart of three bars"
fi
run interp 60000 13
expect "a wrong checksum" 1 "FAIL interp fib: sum=13, and sum=12 elsewhere"
rm "$RUNS/interp/kernels.count"
expect "a kernel that did not run" 1 "FAIL interp: 0 of 1 kernels ran"
