#!/bin/sh
# job.sh DIR "NAME|COMMAND" - runs one job of check.sh: its output goes to DIR/NAME.log, its
# counts "passed failed skipped seconds" to DIR/NAME.count. Counted are libcheck's "Checks: n,
# Failures: n, Errors: n" and lines that begin with "ok ", "FAIL " or "skip "; a job that prints
# neither is one check by its exit status. A job that has a clean count already is not run again.
# SPDX-License-Identifier: MIT
dir=$1
name=${2%%|*}
command=${2#*|}
log=$dir/$name.log
mkdir -p "$(dirname "$log")"
if [ "$(awk '{ print $2 }' "$dir/$name.count" 2>/dev/null)" = 0 ]; then
    exit 0
fi
start=$(date +%s)
timeout "${JOB_SECONDS:-2000}" sh -c "$command" > "$log" 2>&1 < /dev/null
status=$?
awk -v status=$status -v seconds=$(($(date +%s) - start)) '
    /Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/ {
        match($0, /Checks: [0-9]+/);   n = substr($0, RSTART + 8, RLENGTH - 8)
        match($0, /Failures: [0-9]+/); f = substr($0, RSTART + 10, RLENGTH - 10)
        match($0, /Errors: [0-9]+/);   f += substr($0, RSTART + 8, RLENGTH - 8)
        passed += n - f; failed += f; seen = 1
    }
    /^ok /   { passed++; seen = 1 }
    /^FAIL / { failed++; seen = 1 }
    /^skip / { skipped++; seen = 1 }
    END {
        if (!seen && status == 0) passed = 1
        if (status != 0 && !failed) failed = 1
        print passed + 0, failed + 0, skipped + 0, seconds
    }' "$log" > "$dir/$name.count"
read -r passed failed skipped seconds < "$dir/$name.count"
printf '%-52s %6d %6d %6d %6ds\n' "$name" "$passed" "$failed" "$skipped" "$seconds"
if [ "$failed" != 0 ]; then
    [ $status != 124 ] || echo "    stopped after ${JOB_SECONDS:-2000} s"
    grep -E '^FAIL |:[FE]:|ERROR:|runtime error|Error ' "$log" | head -n 20 | sed 's/^/    /'
    tail -n 5 "$log" | sed 's/^/    | /'
fi
grep '^skip ' "$log" | sed 's/^/    /'
exit 0
