#!/bin/sh
# check_segments.sh - segment loads, limits and questions about selectors here and on this machine's
# own CPU; CASES of them, from SEED on. The witness is as for check_silicon.sh.
# SPDX-License-Identifier: MIT
cases=${CASES:-500000}
seed=${SEED:-1}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

out/host/tests/oracle/segments/segments "$cases" "$seed" > "$log" 2>&1
case $? in
0)  echo "ok segments: $(tail -n 1 "$log") (seed $seed)" ;;
77) echo "skip segments: $(tail -n 1 "$log")" ;;
*)  head -n 40 "$log"
    echo "FAIL segments: $(tail -n 1 "$log") (seed $seed)" ;;
esac
