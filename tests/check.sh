#!/bin/sh
# check.sh check|check-all - builds everything, runs the jobs, prints "N passed, N failed, N
# skipped" as its last line. docs/testing.md says what is run. Results stay in out/check and
# out/check-all; the latter are completed by the next run while programs and tests are the same.
# SPDX-License-Identifier: MIT
set -u
what=$1
make=${MAKE:-make}
dir=$PWD/out/$what
jobs=$dir/jobs
cpus=$(nproc)
export CK_TIMEOUT_MULTIPLIER=20         # libcheck's: emulators and sanitizers are slow
[ "$what" = check ] || export JOB_SECONDS=10000
models="MIPS64R2-generic Loongson-3A4000"
case $(uname -m) in
mips64*) native=yes qemu= models=native ;;
*)       native=    qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ;;
esac

die() { echo "$*"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
job() { printf '%s|%s\n' "$1" "$2" >> "$jobs"; }
emulator() { [ "$native" ] || echo "$qemu -cpu $1"; }

build() {
    cmd/setup/need.sh host cross guest image check || die "packages are missing"
    cmd/setup/need.sh witness || echo "Without Bochs and QEMU their traces are skipped."
    qemu=${qemu:-$(command -v qemu-mips64el || command -v qemu-mips64el-static)}
    $make -s -j"$cpus" all tests && $make -s -j"$cpus" SAN=1 tests &&
        $make -s -j"$cpus" TARGET=mips64el all tests || die "the build failed"
}

unit_jobs() {                           # the tests of out/$1 as jobs $2/..., run by $3
    for t in out/"$1"/tests/unit/test_* out/"$1"/tests/dev/test_* out/"$1"/tests/oracle/test_*; do
        case $t in *.*) continue ;; esac
        [ -x "$t" ] && job "$2/$(basename "$t")" "$3 $t"
    done
}

script_jobs() {                         # tests/*/$1_*.sh: each says ok, FAIL or skip itself
    for s in tests/*/"$1"_*.sh; do
        [ -x "$s" ] && job "$(basename "$s" .sh)" "$s"
    done
}

boot_jobs() {                           # kind: rows of guests.txt; check: only those marked so
    grep -v '^#' tests/boot/guests.txt | while IFS='|' read -r name when rest; do
        name=$(echo $name); when=$(echo $when)
        [ "$name" ] || continue
        case $1,$when in
        check,check*|all,*) ;;
        *) continue ;;
        esac
        [ "$1,$when" = check,check-mips ] || job "boot/host/$name" "tests/boot/boot.sh $name host"
        [ "$when" != all-host ] || continue
        for m in $models; do
            job "boot/$m/$name" "tests/boot/boot.sh $name mips64el $m"
            [ "$1" = all ] || break
        done
    done
}

build
programs=$(cat out/*/libgodwit.a out/bios/*.bin tests/*.sh tests/*/* 2>/dev/null | cksum)
if [ "$what" = check ] || [ "$(cat "$dir/programs" 2>/dev/null)" != "$programs" ]; then
    rm -rf "$dir"
fi
mkdir -p "$dir"
echo "$programs" > "$dir/programs"
: > "$jobs"
for lint in layers layers_test style; do
    job "lint/$lint" "tests/lint/$lint.sh"
done
unit_jobs host unit/host ""
unit_jobs host-san unit/sanitized ""
for m in $models; do
    unit_jobs mips64el "unit/$m" "$(emulator "$m")"
done
script_jobs check
[ ! -e tests/boot/guests.txt ] || boot_jobs "${what#check-}"
[ "$what" = check ] || script_jobs all

printf '%-52s %6s %6s %6s %7s\n' job passed failed skip time
tr '\n' '\0' < "$jobs" | xargs -0 -n 1 -P "$cpus" tests/job.sh "$dir"
[ "$what" = check ] || {
    echo; echo "Summary (job, passed, failed, skipped, seconds):"
    cut -d '|' -f 1 "$jobs" | while read -r name; do
        printf '%-52s %s\n' "$name" "$(cat "$dir/$name.count")"
    done
}
cut -d '|' -f 1 "$jobs" | while read -r name; do cat "$dir/$name.count"; done | awk '
    { p += $1; f += $2; s += $3 }
    END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f != 0 || p == 0 }' \
    > "$dir/summary"
status=$?
cat "$dir/summary"
exit $status
