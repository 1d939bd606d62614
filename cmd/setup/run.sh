#!/bin/sh
# run.sh GUEST - "make run": sets up what is missing, builds the mips64el program and the firmware,
# makes the guest and boots it; the program's status is the answer.
# SPDX-License-Identifier: MIT
set -eu
guest=$1
make=${MAKE:-make}

cmd/setup/need.sh host cross guest </dev/null >&2
$make -s -j"$(nproc)" WERROR= cross </dev/null >&2
if ! options=$(cmd/setup/guest.sh "$guest" </dev/null); then
    case $guest in
    debian*) echo "The packages of '$guest' cannot be had: here is the demonstration guest." >&2
             options=$(cmd/setup/guest.sh demo) ;;
    *)       exit 1 ;;
    esac
fi

emulator=
case $(uname -m) in
mips64*) ;;
*) emulator="$(command -v qemu-mips64el || command -v qemu-mips64el-static)"
   emulator="$emulator -cpu ${MODEL:-MIPS64R2-generic}" ;;
esac
IFS='
'
set -f
set -- $options
unset IFS
exec $emulator out/mips64el/godwit "$@"
