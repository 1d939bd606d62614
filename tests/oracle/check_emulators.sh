#!/bin/sh
# check_emulators.sh - the bare-metal images of tests/oracle/emulators on every engine of godwit, on
# this machine's build and the mips64el build, and on Debian's Bochs and QEMU where they are.
# SPDX-License-Identifier: MIT
here=tests/oracle/emulators
engines="interp step"                   # a new one joins by its name
for image in $here/*.expect; do
    name=$(basename "$image" .expect)
    for engine in $engines; do
        $here/run.sh "$name" "$engine" host
        case $(uname -m) in
        mips64*) ;;                     # the host's build is the one
        *) $here/run.sh "$name" "$engine" mips64el ;;
        esac
    done
    $here/run.sh "$name" bochs
    $here/run.sh "$name" qemu
done
