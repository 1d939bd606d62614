#!/bin/sh
# check_silicon.sh - random instruction sequences here and on this machine's own CPU, which has to
# be an Intel since Skylake: CASES from SEED on. Without SEED a fixed sample and one of a seed from
# the clock. Then RECORDED cases are recorded and replayed on the mips64el build; on another host
# RECORDING is a file recorded elsewhere (silicon record FILE CASES SEED).
# SPDX-License-Identifier: MIT
cases=${CASES:-300000}
recorded=${RECORDED:-100000}
others=100000                           # cases for each engine but the default
silicon=tests/oracle/silicon/silicon
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

run() {                                 # what "how to do it again" command...
    what=$1 again=$2
    shift 2
    "$@" > "$dir/log" 2>&1
    case $? in
    0)  echo "ok $what $(tail -n 1 "$dir/log")" ;;
    77) echo "skip $what: $(tail -n 1 "$dir/log")"; return 77 ;;
    *)  head -n 60 "$dir/log"
        echo "FAIL $what $(tail -n 1 "$dir/log"); again: $again" ;;
    esac
}

host() {                                # what seed
    run "$1" "make silicon CASES=$cases SEED=$2" out/host/$silicon "$cases" "$2"
}

replays() {                             # file seed
    case $(uname -m) in
    mips64*) run recorded "$silicon replay $1" out/host/$silicon replay "$1"; return ;;
    esac
    qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ||
        { echo "skip silicon on mips64el: no qemu-mips64el"; return; }
    for model in MIPS64R2-generic Loongson-3A4000; do
        run "$model" "make silicon CASES=$recorded SEED=$2 RECORDED=$recorded" \
            "$qemu" -cpu $model out/mips64el/$silicon replay "$1"
    done
}

if [ "$SEED" ]; then
    host given "$SEED"
else
    host fixed 1 && host fresh "$(date +%s)" &&
        for engine in $(out/host/$silicon engines | tail -n +2); do
            run "engine $engine" "$silicon -engine $engine $others 1" \
                out/host/$silicon -engine "$engine" "$others" 1
        done
fi
if [ "$RECORDING" ]; then
    replays "$RECORDING" none
elif [ "$recorded" != 0 ]; then
    out/host/$silicon record "$dir/recording" "$recorded" "${SEED:-1}" > "$dir/log" 2>&1
    case $? in
    0)  replays "$dir/recording" "${SEED:-1}" ;;
    77) echo "skip silicon on mips64el: nothing recorded here; give RECORDING=FILE" ;;
    *)  echo "FAIL recording the silicon: $(tail -n 1 "$dir/log")" ;;
    esac
fi
