#!/bin/busybox sh
# init of the benchmark's Debian guest: the workload, with a mark after each part.
# SPDX-License-Identifier: MIT
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev

mark() {
    read -r up idle < /proc/uptime
    echo "@@MARK $1 $up"
    /x/mark
}

zeros() { dd if=/dev/zero bs=64k count=128 2>/dev/null; }

work() {
    zeros | md5sum
    mark md5sum
    zeros | sha256sum
    mark sha256sum
    zeros | gzip -c | wc -c
    mark gzip
    i=0 sum=0
    while [ $i -lt 20000 ]; do
        sum=$((sum + i * 3))
        i=$((i + 1))
    done
    echo "sum=$sum"
    mark shell
    awk 'BEGIN { for (i = 1; i <= 100000; i++) s += i / 3.0 + i * 0.5; printf "awk=%.3f\n", s }'
    mark awk
    i=0
    while [ $i -lt 200 ]; do
        /bin/true
        i=$((i + 1))
    done
    mark forks
}

mark boot
grep -q bootonly /proc/cmdline || work
echo "@@ done"
poweroff -f
