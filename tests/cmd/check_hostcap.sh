#!/bin/sh
# check_hostcap.sh - what -version says of the host: this machine, and qemu's processor models,
# of which it is known. docs/translator.md says what the lines mean.
# SPDX-License-Identifier: MIT

expect() {                              # what, status, text, command...
    what=$1; status=$2; text=$3; shift 3
    got=$("$@" 2>&1 </dev/null)
    if [ "$?" = "$status" ] && case "$got" in *"$text"*) ;; *) false ;; esac; then
        echo "ok $what"
    else
        echo "FAIL $what: no '$text' in: $got"
    fi
}

host=out/host/godwit
expect "a wrong -hostcap ends -version with 2" 2 "does not know 'fast'" $host -hostcap fast -version
expect "a wrong -hostcap ends a run with 2" 2 "page is 4096" $host -hostcap page=1 -display none
expect "-hostcap page= is obeyed" 0 "pages: 65536 bytes" $host -hostcap page=65536 -version
case $(uname -m) in
mips64*)
    expect "this host is MIPS64 release 2" 0 "host:  MIPS64 release 2" $host -version
    exit 0 ;;
esac
expect "another host says so" 0 "not MIPS64" $host -version
qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) || {
    echo "skip hosts of qemu: qemu-mips64el is not installed"; exit 0; }

model() {                               # CPU model, what -version says, options
    m=$1; text=$2; shift 2
    expect "$m${1:+ $1 $2} is what it is" 0 "$text" \
        $qemu -cpu "$m" out/mips64el/godwit "$@" -version
}
model MIPS64R2-generic "host:  MIPS64 release 2
FPU:   NaNs are legacy, rounding modes work
loads: unaligned ones trap
pages: 4096 bytes
code:  rwx, of rwx dual toggle"
model Loongson-3A4000 "host:  MIPS64 release 2, Loongson MMI, Loongson EXT, MSA
FPU:   NaNs are legacy, rounding modes work
loads: unaligned ones work
pages: 4096 bytes
code:  rwx, of rwx dual toggle"
model 5KEf "host:  MIPS64 release 2
FPU:   NaNs are legacy, rounding modes have no effect"
model Loongson-3A4000 "host:  MIPS64 release 2, Loongson MMI
FPU:   NaNs are legacy, rounding modes work
loads: unaligned ones trap
pages: 16384 bytes
code:  dual, of rwx dual toggle" -hostcap noext,nomsa,unaligned=trap,page=16384,code=dual
expect "no extension can be added" 2 "this host has no Loongson EXT" \
    $qemu -cpu MIPS64R2-generic out/mips64el/godwit -hostcap ext -version
