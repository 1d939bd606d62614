#!/bin/sh
# check_lockstep.sh - engines side by side: random code, a guest from power-on to power-off, and
# engines that err on purpose, whose error has to be found, narrowed down and reported.
# CASES=n random cases a seed. ENGINES="a,b=c d": engines to hold to the interpreter; without it on
# mips64el all of the table.
# SPDX-License-Identifier: MIT
cases=${CASES:-20000}
engines=${ENGINES:-step}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
image=$t/demo.img
nasm -f bin -o "$image" tests/data/demo.asm || exit 1

random() {                              # name, how to run it, target, cases, seed
    for e in $engines; do
        if $2 out/"$3"/tests/lockstep/random "$e" "$4" "$5" > "$t/log" 2>&1; then
            echo "ok $1: $(cat "$t/log")"
        else
            cat "$t/log"
            echo "FAIL $1: $e and interp differ on random code"
        fi
    done
}

demo() {                                # engines; the guest of make run without Debian
    timeout 600 $run -m 4 -nographic -fda "$image" -engine "$1" < tests/boot/demo.in > "$t/out" \
        2> "$t/err"
    status=$?
}

agree() {                               # name, engines
    demo "$2"
    if [ $status = 0 ] && grep -q '^godwit: lockstep: .* agree: ' "$t/err" &&
        tr -d '\r' < "$t/out" | grep -q '^bye'; then
        echo "ok $1: $2: $(sed -n 's/.*agree: //p' "$t/err")"
    else
        cat "$t/out" "$t/err"
        echo "FAIL $1: $2: status $status"
    fi
}

# The turn that is found holds instruction $2; alone, or as $3 says. The state differs as $4.
differ() {                              # engine's options, instruction, what the turn is, pattern
    demo "interp,lockstep=mutant,$1"
    found=$(sed -n "/^The turn.*: $3/s/^[^0-9]*\([0-9]*\)[^0-9]*\([0-9]*\):.*/\1 \2/p" "$t/err")
    first=${found% *}; n=${found#* }
    if [ $status != 4 ]; then
        why="status $status"
    elif [ -z "$found" ] || [ "$2" -lt "$first" ] || [ "$2" -ge $((first + n)) ]; then
        why="the turn found, '$found', is not '$3' with instruction $2"
    elif [ "$3" = "$one" ] && [ "$n" != 1 ]; then
        why="$n instructions are not one"
    elif ! grep -q "$4" "$t/err"; then
        why="no '$4'"
    else
        echo "ok an error of kind $1 is found where it is"
        return
    fi
    cat "$t/err"
    echo "FAIL an error of kind $1: $why"
}

random host "" host "$cases" 1
random sanitized "" host-san $((cases / 4)) 2
run=out/host/godwit
agree host interp,lockstep=step
late=$(sed -n 's/.*agree: \([0-9]*\) turns.*/\1/p' "$t/err")   # turns of one instruction
late=$((${late:-0} - 20000))            # what was typed has begun to come
agree host step,lockstep=interp,every=1000,memory=500000
agree host interp,lockstep=interp,every=7

run=out/host/tests/lockstep/godwit
one="this instruction"
differ flag=1234567 1234567 "$one" '^  eflags '
differ reg=3000000,every=1000 3000000 "$one" '^  ebp  *0  *100000$'
differ mem=2000000,memory=500000 2000000 "$one" '^  RAM 0000005f0  *00  *01$'
differ screen=1500000,every=1000,memory=800000 1500000 "$one" '^  vga: '
differ chained=3000000,every=1000 3000000 "it does not differ in turns of one block" \
    '^By blocks the turn goes through'
differ reg=$late,every=1000 $late "$one" '^It needs the same input at the same time: '

# The same once more under the sanitizers, with all that a rerun opens and closes.
run=out/host-san/tests/lockstep/godwit
ulimit -s 512                           # the sanitizer clears its view of the stack at each longjmp
differ mem=1000000,every=10000,memory=500000 1000000 "$one" '^  RAM 0000005f0 '
run=out/host/tests/lockstep/godwit

# The command of the report finds the same, and a guest whose input was typed can be run again.
demo interp,lockstep=mutant,flag=1234567
again=$(sed -n '/^Again/{n;s/^ *//;p;}' "$t/err")
sed -n '/^The turn/,/^Again/p' "$t/err" > "$t/first"
timeout 600 sh -c "$again" < tests/boot/demo.in > "$t/out" 2> "$t/err"
if [ $? = 4 ] && sed -n '/^The turn/,/^Again/p' "$t/err" | cmp -s - "$t/first"; then
    echo "ok the command of the report finds the same: $again" | sed "s,$t/,,"
else
    cat "$t/err"
    echo "FAIL the command of the report, $again"
fi

case $(uname -m) in
mips64*) exit 0 ;;
esac
engines=${ENGINES:-$(out/host/godwit -engine help | awk '$1 != "interp" { print $1 }')}
qemu=$(command -v qemu-mips64el || command -v qemu-mips64el-static) ||
    { echo "skip lockstep on mips64el: no qemu-mips64el"; exit 0; }
all=$engines
engines=$(echo "$all" | sed 's/^tmpl$/tmpl,hot=1,trace=8/')   # so that slices have translated code
for model in MIPS64R2-generic Loongson-3A4000; do
    random "$model" "$qemu -cpu $model" mips64el $((cases / 10)) 3
done
run="$qemu -cpu MIPS64R2-generic out/mips64el/godwit"
for e in $all; do
    agree mips64el "interp,lockstep=$e,every=1000"
done
