# differs.awk - puts the rows of differs.txt for image `name` and emulator `who` in the place of the
# lines they name, in the expected trace that is the second file. Fails on a row that names none.
# SPDX-License-Identifier: MIT
function flush() { if (minus != "") { to[minus] = plus; minus = plus = "" } }
FNR == NR {
    if ($0 ~ /^#/) next
    if ($0 == "") { flush(); on = 0; next }
    if ($0 ~ /^\[/) { on = $1 == "[" name && (" " $0) ~ ("[ ]" who "[] ,]") ; next }
    if (!on) next
    if ($0 ~ /^- /) { flush(); minus = substr($0, 3) }
    if ($0 ~ /^\+ /) plus = plus substr($0, 3) "\n"
    next
}
FNR == 1 { flush() }
{
    if ($0 in to) { printf "%s", to[$0]; used[$0] = 1; n++ } else print
}
END {
    flush()
    for (line in to)
        if (!(line in used)) {
            print "differs.txt has a row for " who " that no test prints: " line
            exit 1
        }
}
