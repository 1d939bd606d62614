#!/bin/sh
# style.sh - what can be counted of the style: lines of 100 columns, functions under 40 lines, files
# under 800, no tabs, an SPDX line in every source, no open marks.
# SPDX-License-Identifier: MIT
files=$(find . -path ./out -prune -o -path ./.git -prune -o -type f \
            \( -name '*.[ch]' -o -name '*.inc' -o -name '*.def' -o -name '*.asm' -o \
            -name '*.sh' \) -print | LC_ALL=C sort)
awk '
    function complain(what) { print FILENAME ":" FNR ": " what; bad = 1 }
    FNR == 1 { if (NR > 1 && !spdx) { print last ": no SPDX-License-Identifier"; bad = 1 }
               spdx = 0; open = 0 }
    { last = FILENAME }
    /SPDX-License-Identifier/      { if (FNR <= 80) spdx = 1 }
    length($0) > 100               { complain("longer than 100 columns") }
    /\t/                           { complain("a tab") }
    /[ \t]$/                       { complain("white space at the end") }
    FNR == 801                     { complain("file of more than 800 lines") }
    /(TO)(DO)|(FIX)(ME)|(X)(XX)/   { complain("an open mark") }
    FILENAME ~ /\.[ch]$|\.inc$/ {
        if ($0 == "{" && before !~ /^int main/) open = FNR    # a list of tests
        before = $0
        if ($0 == "}" && open) {
            if (FNR - open - 1 >= 40) complain("function of " FNR - open - 1 " lines")
            open = 0
        }
    }
    END { if (!spdx) { print last ": no SPDX-License-Identifier"; bad = 1 } exit bad }
' $files
