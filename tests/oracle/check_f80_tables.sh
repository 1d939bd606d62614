#!/bin/sh
# check_f80_tables.sh - the constants in the source are those that the generator prints.
# SPDX-License-Identifier: MIT
command -v python3 > /dev/null || { echo "skip f80 tables: no python3"; exit 0; }
if python3 tests/oracle/gen_f80_tables.py | cmp - cpu-x86/f80_tables.inc; then
    echo "ok f80 tables"
else
    echo "FAIL f80 tables: cpu-x86/f80_tables.inc is not what gen_f80_tables.py prints"
    exit 1
fi
