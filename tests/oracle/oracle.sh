#!/bin/sh
# oracle.sh silicon|all - what the witnesses from outside say: this machine's CPU (CASES, SEED), and
# with all also stored cases, recorded chips, TestFloat, floating point on mips64el, bare-metal
# traces. The last line counts; the status is 1 when something differs.
# SPDX-License-Identifier: MIT
log=$(mktemp)
trap 'rm -f "$log"' EXIT

testfloat() {
    out/host/tests/oracle/test_testfloat
    case $(uname -m) in
    mips64*) return ;;
    esac
    qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) || return
    for model in MIPS64R2-generic Loongson-3A4000; do
        "$qemu" -cpu $model out/mips64el/tests/oracle/test_testfloat
    done
}

all() {
    for what in silicon segments cases numbers recorded; do
        tests/oracle/check_$what.sh
    done
    testfloat
    [ ! -x tests/oracle/check_emulators.sh ] || tests/oracle/check_emulators.sh
}

case $1 in
silicon) { RECORDED=${RECORDED:-0} tests/oracle/check_silicon.sh
           tests/oracle/check_segments.sh; } ;;
all)     NTH=1 all ;;
*)       echo "usage: oracle.sh silicon|all" >&2; exit 2 ;;
esac | tee "$log"

awk -v what="$1" '
    function number(before) {           # the number in front of a word, or -1
        if (!match($0, "[0-9]+ (" before ")")) return -1
        return substr($0, RSTART, RLENGTH) + 0
    }
    /^skip / { skipped = skipped (skipped ? "; " : "") substr($0, 6) }
    / \((bochs|qemu)\)/ && /^ok / { next }                 # not ours
    /^(ok|FAIL) / {
        n = number("cases|recorded instructions|TestFloat vectors|lines")
        cases += n < 0 ? 1 : n
        d = number("differences|differ")
        differ += d > 0 ? d : $1 == "FAIL"
        n = number("left out|void"); left += n > 0 ? n : 0
        if (match($0, /[0-9]+ of [0-9]+ rows( \([^)]*\))?/)) {
            text = substr($0, RSTART, RLENGTH)
            if (text + 0 > rows + 0) rows = text
        }
    }
    END {
        printf "%s: %d cases, %d differences, %s of the encoding table, %d left out, skipped: %s\n",
            what == "all" ? "oracle" : "silicon", cases, differ, rows ? rows : "0 rows", left,
            skipped ? skipped : "nothing"
        exit differ != 0
    }' "$log"
