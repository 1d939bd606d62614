#!/bin/sh
# debs.sh [-r] ARCH DIR PACKAGE... - unpacks Debian packages of another architecture into DIR,
# through a private apt root below out/: the system's architectures and package state stay as they
# are. -r takes what the packages depend on, too. A name that ends in "->" stands for the package it
# depends on (linux-image-686-> is the newest kernel).
# SPDX-License-Identifier: MIT
set -eu
deep=
if [ "$1" = -r ]; then
    deep=yes; shift
fi
arch=$1; dir=$2; shift 2
root=$PWD/out/apt-$arch
mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial" "$root/debs"
: > "$root/state/status"
list=/etc/apt/sources.list.d/debian.sources
[ -f $list ] || list=/etc/apt/sources.list
cat > "$root/apt.conf" <<END
APT::Architecture "$arch"; APT::Architectures "$arch";
APT::Sandbox::User "root";
Dir::State "$root/state"; Dir::State::status "$root/state/status"; Dir::Cache "$root/cache";
Dir::Etc::sourcelist "$list"; Dir::Etc::sourceparts "/dev/null";
Acquire::Languages "none"; Acquire::Retries "3"; Debug::NoLocking "1";
END
export APT_CONFIG="$root/apt.conf"

update() {                              # once a day is enough; a mirror in mid-sync lacks a part,
    [ -z "$(find "$root/updated" -mmin -1440 2>/dev/null)" ] || return 0    # the rest will do
    for try in 1 2; do
        if apt-get -q update -o APT::Update::Error-Mode=any </dev/null >"$root/log" 2>&1; then
            touch "$root/updated"
            return 0
        fi
        sleep $try
    done
    echo "debs.sh: the package lists for $arch are not complete; going on with what is there" >&2
}

update
names=
for p in "$@"; do
    case $p in
    *'->') meta=${p%->}
           p=$(apt-cache depends "$meta" | sed -n "s/^ *Depends: \(${meta%%-*}-.*\)/\1/p" |
               head -n 1)
           [ "$p" ] || { echo "debs.sh: $meta depends on nothing" >&2; exit 1; } ;;
    esac
    names="$names $p"
done
rm -f "$root"/debs/*.deb "$root"/cache/archives/*.deb
if [ "$deep" ]; then
    apt-get -q -y --no-install-recommends --download-only install $names </dev/null
    mv "$root"/cache/archives/*.deb "$root/debs/"
else
    (cd "$root/debs" && apt-get -q download $names </dev/null)
fi
mkdir -p "$dir"
for d in "$root"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$d" | tar -x -C "$dir" --keep-directory-symlink -f -
done
