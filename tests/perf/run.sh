#!/bin/sh
# run.sh COLUMN WORK - one counted run: RUNS/COLUMN/WORK.count is what the plugin wrote, WORK.log
# what the guest printed. A run is kept while the programs and their options stay the same.
#   COLUMN: x86 (qemu-system-i386 of this machine: guest instructions), qemu (mips64el Debian's),
#           native (the portable kernels themselves), or an engine of godwit, NAME[@MODEL];
#           "default" is the engine that OPTS names or that godwit takes
#   WORK:   kernels, start, freedos, debian
# From the environment: RUNS (a folder), SCALE (percent), TESTS (NAME,...; all without), WORDS (for
# Debian's init), ICOUNT (shift or "no"), MODEL (of the MIPS64 processor), OPTS (for godwit), LIMIT
# (seconds).
# SPDX-License-Identifier: MIT
set -u
column=$1; work=$2
b=out/bench
dir=${RUNS:-$b/runs}/$column
o=$dir/$work
model=${MODEL:-MIPS64R2-generic}
icount=${ICOUNT:-2}
debug_exit="-device isa-debug-exit,iobase=0x501,iosize=0x2"
mkdir -p "$dir"

engine=${column%@*}
case $column in
*@*) model=${column#*@} ;;
esac

case $work in
kernels) last="@@ done" ;;
start)   last="@@ reset" ;;
freedos) last="@@MARK prompt" ;;
debian)  last="@@ done" ;;
*)       echo "run.sh: no work is called '$work'" >&2; exit 2 ;;
esac

# The machine: the words that both programs understand, one per line.
machine() {
    case $work in
    kernels) printf '%s\n' -m 64 -kernel $b/bench.elf \
                 -append "s=${SCALE:-100}${TESTS:+ t=$TESTS}" $debug_exit ;;
    start)   printf '%s\n' -m 64 -bios $b/reset.rom $debug_exit ;;
    freedos) cmd/setup/guest.sh freedos-bench && printf '%s\n' $debug_exit -cpu pentium3 ;;
    debian)  cmd/setup/guest.sh debian-bench ${WORDS:-}
             [ "$icount" = no ] || printf '%s\n' -cpu pentium3 -icount shift="$icount" ;;
    esac
}

if ! options=$(machine 2>"$o.setup"); then
    rm -f "$o.count"
    echo "skip $column $work: $(tail -n 1 "$o.setup")"
    exit 0
fi
IFS='
'
set -f
set -- $options
unset IFS

# QEMU has more devices and other defaults.
case $column in
x86|qemu)
    n=$#
    while [ $((n = n - 1)) -ge 0 ]; do
        case $1 in
        -nographic) ;;
        shift=*)    set -- "$@" "$1,sleep=off" ;;
        *)          set -- "$@" "$1" ;;
        esac
        shift
    done
    set -- "$@" -accel tcg -display none -serial stdio -monitor none
    case $work,$icount in
    kernels,*|start,*) set -- "$@" -nodefaults ;;
    debian,no)         set -- "$@" -nic none -cpu pentium3,-tsc ;;      # the TSC would stand still
    *)                 set -- "$@" -nic none ;;
    esac
esac

count="-plugin $b/libcount.so,out=$o.count"
emulator="qemu-mips64el -cpu $model $count"
r=$b/qemu-root
case $column in
x86)    program=qemu-system-i386
        set -- $program $count "$@" ;;
qemu)   program=$r/usr/bin/qemu-system-i386
        set -- $emulator -L $r $program -L $r/usr/share/qemu -L $r/usr/share/seabios "$@" ;;
native) program=$b/native
        set -- $emulator $program "${SCALE:-100}" ;;
*)      program=out/mips64el/godwit
        if [ "$engine" != default ] && qemu-mips64el $program -engine help >/dev/null 2>&1; then
            set -- "$@" -engine "$engine"
        fi
        case $work in
        kernels|start) set -- "$@" -nographic ;;
        esac
        set -- $emulator $program "$@" ${OPTS:-} ;;
esac

key=$({ echo "$*"; qemu-mips64el --version | head -n 1
        cat "$(command -v $program)" $b/libcount.so $b/bench.elf $b/reset.rom
        [ $work != debian ] || cat tests/perf/init.sh; } | cksum)
complete() { [ "$(cat "$o.key" 2>/dev/null)" = "$key" ] && grep -qF "$last" "$o.log" 2>/dev/null; }

if complete; then
    echo "ok $column $work (kept)"
    exit 0
fi
rm -f "$o.key" "$o.count"
timeout "${LIMIT:-3000}" "$@" </dev/null >"$o.log" 2>"$o.err"
status=$?
echo "$key" > "$o.key"
if complete; then
    echo "ok $column $work"
else
    rm -f "$o.key" "$o.count"
    echo "FAIL $column $work: status $status; $(tail -n 1 "$o.err")"
    exit 1
fi
