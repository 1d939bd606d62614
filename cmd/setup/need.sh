#!/bin/sh
# need.sh SET... - installs the Debian packages that the sets need, as root or with sudo; with
# neither it prints the command to type. Sets: host, cross, guest, image, check, witness,
# bench, system.
# SPDX-License-Identifier: MIT
set -eu
mips=$(case $(uname -m) in mips64*) echo yes ;; esac)

x86_compiler() {
    case $(uname -m) in
    x86_64|i?86) ;;
    *)           echo gcc-i686-linux-gnu ;;
    esac
}

packages() {
    case $1 in
    host)  echo gcc make libc6-dev zlib1g-dev nasm ;;
    cross) [ "$mips" ] || echo gcc-mips64el-linux-gnuabi64 libc6-dev-mips64el-cross \
                               "qemu-user|qemu-user-static" ;;
    guest) echo cpio gzip debian-archive-keyring ;;
    image) echo kmod e2fsprogs ;;
    system) echo qemu-system-mips cpio gzip ;;
    check) echo check libsubunit-dev libffi-dev ;;
    witness) echo bochs "bochs-term|bochs-wx|bochs-x|bochs-sdl" qemu-system-x86 ;;
    bench) echo qemu-user qemu-system-x86 seabios mtools python3 $(x86_compiler) ;;
    *)     echo "need.sh: no set is called '$1': host, cross, guest, image, check, witness," \
                "bench, system" >&2
           exit 2 ;;
    esac
}

installed() {                           # a|b: either will do
    echo "$1" | tr '|' '\n' | while read -r p; do
        case $(dpkg-query -W -f='${Status}' "$p" 2>/dev/null) in
        *' installed') echo yes ;;
        esac
    done | grep -q yes
}

missing=
wanted=$(for set in "$@"; do packages "$set"; done)
if ! command -v dpkg-query >/dev/null; then
    echo "This is not a Debian system. What the build needs carries these names there:" $wanted
    exit 0
fi
for p in $wanted; do
    installed "$p" || missing="$missing ${p%%|*}"
done
[ "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { [ -t 2 ] || sudo -n true 2>/dev/null; }; then
        sudo=sudo
    else
        echo "These Debian packages are missing; as root, type:" >&2
        echo "    apt-get install$missing" >&2
        exit 1
    fi
fi
echo "Installing:$missing"
for try in 1 2 3; do
    $sudo apt-get -q update </dev/null || true
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install \
        $missing </dev/null && exit 0
    sleep $((try * 3))
done
echo "The packages could not be installed:$missing" >&2
exit 1
