#!/bin/sh
# boot.sh NAME host|mips64el [MODEL] - boots one guest of guests.txt and judges what it shows:
# "ok", "FAIL" or "skip" on a line of its own. The output stays in out/boot.
# SPDX-License-Identifier: MIT
set -u
name=$1; target=$2; model=${3:-}
log=out/boot/$target${model:+-$model}-$name
mkdir -p out/boot
row=$(grep "^$name *|" tests/boot/guests.txt | head -n 1)
guest=$(echo "$row" | cut -d '|' -f 4)
what="boot of $name ($target${model:+, $model})"
read -r kind file <<END
$(echo "$row" | cut -d '|' -f 3)
END
file=tests/boot/$file
[ -f "$file" ] || { echo "FAIL $what: no row of guests.txt, or '$file' is missing"; exit 1; }
slow=1
emulator=
if [ "$target" = mips64el ] && [ "${model:-native}" != native ]; then
    emulator="$(command -v qemu-mips64el || command -v qemu-mips64el-static) -cpu $model"
    slow=10                             # an emulated machine may take so much longer
fi

if ! options=$(cmd/setup/guest.sh $guest 2>"$log.setup"); then
    echo "skip $what: $(tail -n 1 "$log.setup")"
    exit 0
fi
IFS='
'
set -f
set -- $options
unset IFS

# The monitor's script: waits are longer on an emulated host; at the end what the screen shows.
script() {
    awk -v slow=$slow '$1 == "wait" { sub(/^wait [0-9]+/, "wait " $2 * slow) } { print }' "$file"
    echo screen
    echo quit
}

in_order() {                            # every pattern of the file, each after the one before
    awk 'NR == FNR { want[++n] = $0; next } i < n && $0 ~ want[i + 1] { i++ }
         END { if (i < n) { print want[i + 1]; exit 1 } }' "$file" "$1"
}

limit=$((180 * slow))
case $kind in
lines)  timeout $limit $emulator out/"$target"/godwit "$@" </dev/null >"$log" 2>"$log.err" ;;
shell)  timeout $limit $emulator out/"$target"/godwit "$@" <"${file%.lines}.in" >"$log" \
            2>"$log.err" ;;
screen) script | timeout $((900 * slow)) $emulator out/"$target"/godwit "$@" -display none \
            -serial null -monitor stdio >"$log" 2>"$log.err" ;;
esac
status=$?
tr -d '\r' <"$log" >"$log.text"

case $kind in
screen) missed=$(grep -o 'not seen: .*' "$log.text") || [ "$(grep -c ') seen: ' "$log.text")" = \
                 "$(grep -c '^wait ' "$file")" ] || missed="an early end" ;;
*)      missed=$(in_order "$log.text") && missed= || missed=${missed:-nothing} ;;
esac
if [ "$status" != 0 ]; then
    echo "FAIL $what: status $status; $(tail -n 1 "$log.err")"
elif [ "$missed" ]; then
    echo "FAIL $what: $(echo "$missed" | head -n 1)"
else
    echo "ok $what"
    exit 0
fi
tail -n 30 "$log.text"
exit 1
