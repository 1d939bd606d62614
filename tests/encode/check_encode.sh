#!/bin/sh
# check_encode.sh [SEED] - the MIPS64 assembler and disassembler against binutils for mips64el, for
# every row of mips_insn.def with edge and random operands: of our text the GNU assembler must make
# our words, and objdump must write those words as we do.
# SPDX-License-Identifier: MIT
set -u
p=mips64el-linux-gnuabi64-
cases=${CASES:-40}
dir=out/check-encode
mkdir -p $dir

command -v ${p}as >/dev/null || p=
case $(${p}as --version 2>/dev/null; ${p}as -v </dev/null -o /dev/null 2>&1) in
*mips64*el*) ;;
*) echo "skip encodings: binutils for mips64el are not installed"; exit 0 ;;
esac
${MAKE:-make} -s out/host/tests/encode/encode || { echo "FAIL encode: not built"; exit 1; }

# objdump has one name for the three forms of ext, other names for some, and names for numbers.
any_form() { sed -E 's/^(d?ext|d?ins)[mu] /\1 /'; }
as_ours() {
    sed -E 's/\t/ /; s/ +$//; s/^(d?)ror(v|32)? /\1rotr\2 /; s/^(d?div)(u?) zero,/\1\2 /
            s/^(d?)negu (.*),/\1subu \2,zero,/; s/^d?li (.*),/ori \1,zero,/
            s/^(jalr|jalr.hb) ([^,]*)$/\1 ra,\2/; s/^sll zero,zero,0x0$/nop/
            s/c1_fir/$0/; s/c1_ufr/$1/; s/c1_unfr/$4/; s/c1_fccr/$25/; s/c1_fexr/$26/
            s/c1_fenr/$28/; s/c1_fcsr/$31/; s/msa_ir/$0/; s/msa_csr/$1/; s/msa_access/$2/
            s/msa_save/$3/; s/msa_modify/$4/; s/msa_request/$5/; s/msa_map/$6/; s/msa_unmap/$7/'
}

compare() {                             # what, ours, theirs
    if cmp -s "$2" "$3"; then
        echo "ok $rows rows, $(wc -l < "$2") $1 (seed $seed)"
    else
        echo "FAIL $1 (seed $seed): $(diff "$2" "$3" | grep -c '^<') differ; ours < and theirs >:"
        diff "$2" "$3" | head -n 20
    fi
}

check() {
    seed=$1
    o=$dir/$seed
    rows=$(out/host/tests/encode/encode "$seed" "$cases" $o.s $o.bin $o.txt) || {
        echo "$rows"; return; }
    rows=${rows% rows}
    ${p}as -EL -mabi=64 -march=mips64r2 -mmsa -mloongson-ext -mno-fix-loongson3-llsc -o $o.o $o.s \
        > $o.err 2>&1 || {
        echo "FAIL the assembler refuses our text (seed $seed): $(head -n 3 $o.err)"; return; }
    ${p}objcopy -O binary -j .text $o.o $o.gas
    od -An -v -tx4 -w4 $o.bin | paste - $o.txt > $o.ours
    od -An -v -tx4 -w4 $o.gas | head -n "$(wc -l < $o.txt)" | paste - $o.txt > $o.theirs
    compare "words are binutils' words" $o.ours $o.theirs
    any_form < $o.txt > $o.ours
    ${p}objdump -M no-aliases,hwr-names=numeric,loongson-ext,msa -dz $o.o |
        sed -nE 's/^ +[0-9a-f]+:\t[0-9a-f]+ \t//p' | as_ours | any_form |
        head -n "$(wc -l < $o.txt)" > $o.theirs
    compare "texts are objdump's" $o.ours $o.theirs
}

check 1
check "${1:-$(date +%s)}"
