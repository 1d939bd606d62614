#!/bin/sh
# layers_test.sh - layers.sh is seen to fail: forbidden and private includes planted in a copy.
# SPDX-License-Identifier: MIT
set -eu
top=$PWD
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
mkdir -p "$t/docs" "$t/cpu-x86" "$t/devmodel/dev"
cp docs/layers.txt "$t/docs/"
cd "$t"
echo '#include "devmodel/core/irq.h"' > cpu-x86/good.c
"$top/tests/lint/layers.sh" || { echo "layers.sh refuses what layers.txt allows"; exit 1; }
for bad in 'cpu-x86/a.c dbt-mips64/ir.h' 'devmodel/dev/b.c cpu-x86/pins.h' \
           'cpu-x86/c.c devmodel/core/mem_priv.h'; do
    set -- $bad
    echo "#include \"$2\"" > "$1"
    if "$top/tests/lint/layers.sh" >/dev/null; then
        echo "layers.sh lets $1 include $2"; exit 1
    fi
    rm "$1"
done
