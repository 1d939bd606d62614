#!/bin/sh
# bench.sh - "make bench": counts the MIPS64 instructions that godwit's engines, Debian's
# qemu-system-i386 and native code execute for the same work, and reports. docs/perf.md says how.
# Variables: QUICK=1 (small kernels, Debian to its shell only), ENGINES="NAME[@MODEL] ...",
# OPTS="options for godwit" (with -engine in it: one column, of that), SCALE (percent), MODEL (of
# the MIPS64 processor), ICOUNT (shift or "no"), WORKS (some of kernels start freedos debian),
# JOBS, FRESH=1 (takes nothing from earlier runs), PUBLISH=1 (into docs and README).
# SPDX-License-Identifier: MIT
set -eu
make=${MAKE:-make}
b=out/bench
r=$b/qemu-root
export SCALE="${SCALE:-${QUICK:+20}}"
export RUNS="$b/${QUICK:+quick-}runs"
export WORDS="${QUICK:+bootonly}"
engines=${ENGINES:-interp tmpl}
works=${WORKS:-kernels start freedos debian}
case " ${OPTS:-} " in
*' -engine '*|*' -engine='*) engines=default ;;
esac

# Debian's QEMU for mips64el, unpacked so that qemu-mips64el -L finds everything in there.
qemu_root() {
    [ -e $b/qemu-root.done ] && return 0
    rm -rf $r
    for d in bin sbin lib lib32 lib64 libx32; do
        mkdir -p $r/usr/$d
        ln -s usr/$d $r/$d
    done
    cmd/setup/debs.sh -r mips64el $r qemu-system-x86 seabios >&2
    find $r -type l -lname '/*' | while read -r link; do
        target=$PWD/$r$(readlink "$link")
        ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" "$target")" "$link"
    done
    touch $b/qemu-root.done
}

has_engine() {                          # a build without the option has the interpreter alone
    [ "$1" != default ] || return 0
    known=$(qemu-mips64el out/mips64el/godwit -engine help 2>/dev/null || echo interp)
    echo "$known" | awk -v name="${1%@*}" '$1 == name { found = 1 } END { exit !found }'
}

jobs_of() {                             # the longest first
    for work in debian freedos kernels start; do
        case " $works " in
        *" $work "*) ;;
        *) continue ;;
        esac
        for column in $columns; do
            case $column,$work in
            native,kernels) ;;
            native,*|x86,start) continue ;;
            esac
            echo "$column $work"
        done
    done
}

cmd/setup/need.sh host cross guest bench </dev/null >&2
$make -s -j"$(nproc)" perf-parts bios
$make -s -j"$(nproc)" TARGET=mips64el all perf-native
qemu_root
[ -z "${FRESH:-}" ] || rm -rf $RUNS
columns="x86 qemu native"
for e in $engines; do
    if has_engine "$e"; then
        columns="$columns $e"
    else
        echo "skip engine $e: this build does not have it"
    fi
done
for guest in freedos-bench debian-bench; do         # made before runs share them
    case " $works " in
    *" ${guest%-bench} "*) cmd/setup/guest.sh $guest >/dev/null || true ;;
    esac
done

status=0
jobs_of | xargs -P "${JOBS:-$(nproc)}" -L 1 tests/perf/run.sh || status=1
python3 -B tests/perf/report.py "$columns" "$works" ${PUBLISH:+--publish} || status=1
exit $status
