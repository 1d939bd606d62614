#!/bin/sh
# check_silicon.sh - random instruction sequences here and on this machine's own CPU; CASES of them,
# from SEED on. Only an x86-64 host can be the witness.
# SPDX-License-Identifier: MIT
cases=${CASES:-1000000}
seed=${SEED:-1}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

out/host/tests/oracle/silicon/silicon "$cases" "$seed" > "$log" 2>&1
case $? in
0)  echo "ok $(tail -n 1 "$log") (seed $seed)" ;;
77) echo "skip silicon: $(tail -n 1 "$log")" ;;
*)  head -n 40 "$log"
    echo "FAIL silicon: $(tail -n 1 "$log") (seed $seed)" ;;
esac
