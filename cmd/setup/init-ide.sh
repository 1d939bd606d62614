#!/bin/busybox sh
# init of the Debian guest with its root on the first IDE disk: loads the drivers, changes into the
# root; there the self test when the kernel command line asks for it, or a shell.
# SPDX-License-Identifier: MIT
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for m in /m/*.ko; do
    insmod "$m"
done
n=0
until [ -b /dev/sda ] || [ $n = 30 ]; do
    sleep 1
    n=$((n + 1))
done
mount -t ext4 -o rw /dev/sda /r && echo ROOT-MOUNTED
for d in proc sys dev; do
    mount --move /$d /r/$d
done
cat > /r/tmp/selftest <<'END'
echo DEBIAN-ROOT $(cat /etc/debian_version)
uname -m
perl -e 'my $s = 0; $s += sin($_) * sqrt($_) for 1 .. 200000; printf "perlfp %.12f\n", $s'
dd if=/dev/zero of=/big bs=1M count=32 2>/dev/null
sync
md5sum /big
rm /big
echo DEBIAN-END
END
cat > /r/tmp/start <<'END'
if grep -q selftest /proc/cmdline; then
    bash /tmp/selftest
else
    setsid -c bash < /dev/ttyS0 > /dev/ttyS0 2>&1
fi
sync
mount -o remount,ro /
echo o > /proc/sysrq-trigger
sleep 60
END
exec switch_root /r /bin/bash /tmp/start
