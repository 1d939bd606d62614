#!/bin/sh
# all_kernel.sh - the mips64el program under Debian's MIPS64 kernels in qemu-system-mips64el: what
# the host is found to be, its unit test, and Debian i386 to its shell with pages of 16 KiB.
# SPDX-License-Identifier: MIT
set -u
case $(uname -m) in
mips64*) echo "skip kernels: this is a MIPS64 host"; exit 0 ;;
esac
log=out/boot/kernel
mkdir -p $log

expect() {                              # what, lines to be seen in this order, kernel, command...
    what=$1; lines=$2; shift 2
    cmd/setup/mips-kernel.sh "$@" >$log/out 2>$log/err
    status=$?
    if [ $status = 125 ]; then
        echo "FAIL $what: no kernel: $(tail -n 1 $log/err)"
    elif missed=$(printf '%s\n' "$lines" | awk 'NR == FNR { want[++n] = $0; next }
            i < n && index($0, want[i + 1]) { i++ }
            END { if (i < n) { print want[i + 1]; exit 1 } }' - $log/out) && [ $status = 0 ]; then
        echo "ok $what"
    else
        echo "FAIL $what: status $status, not seen: $missed"
        tail -n 20 $log/out
    fi
}

${MAKE:-make} -s TARGET=mips64el all out/mips64el/tests/unit/test_hostcap || exit 1
expect "a Loongson kernel has 16 KiB pages, and changed code runs through a second mapping" \
"host:  MIPS64 release 2, Loongson MMI, Loongson EXT
loads: unaligned ones work
pages: 16384 bytes
code:  dual" loongson-3 out/mips64el/godwit -version </dev/null
expect "a release 2 kernel would repair unaligned loads, and is found out" \
"host:  MIPS64 release 2
loads: unaligned ones trap
pages: 4096 bytes
code:  dual" 5kc-malta out/mips64el/godwit -version </dev/null
for k in loongson-3 5kc-malta; do
    expect "the host's unit test passes under $k" "100%: Checks" \
        $k out/mips64el/tests/unit/test_hostcap </dev/null
done
options=$(cmd/setup/guest.sh debian 2>$log/setup) || {
    echo "skip Debian under a Loongson kernel: $(tail -n 1 $log/setup)"; exit 0; }
IFS='
'
set -f
set -- $options
unset IFS
expect "Debian i386 boots to its shell under a Loongson kernel with 16 KiB pages" \
"i686
42" loongson-3 out/mips64el/godwit "$@" <tests/boot/shell.in
