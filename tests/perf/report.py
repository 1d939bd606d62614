#!/usr/bin/env python3
# report.py "COLUMN ..." "WORK ..." [--publish] - from the counts below RUNS makes
# latest.json, latest.md and latest.svg beside it and prints the tables; --publish copies them to docs
# and puts the summary into README.md. Fails when a count is missing or a checksum differs.
# SPDX-License-Identifier: MIT
import datetime
import json
import math
import os
import re
import subprocess
import sys
from chart import draw

BENCH = 'out/bench'
RUNS = os.environ.get('RUNS') or BENCH + '/runs'
LATEST = os.path.join(os.path.dirname(RUNS), 'latest')
# What one thing costs: the kernel that repeats it, what it is, the count to be reached.
ROWS = [
    ('row_alu', 'ALU instruction, flags dead', 1.7),
    ('row_branch', 'cmp or test, and jcc', 3),
    ('row_carry', 'adc or sbb in a chain', 5),
    ('row_memory', 'load, store, push, pop', 3),
    ('row_modify', 'read-modify-write', 8),
    ('row_call', 'direct call and ret', 20),
    ('row_indirect', 'indirect call and ret', 35),
    ('row_string', 'rep movsd or stosd, a dword', 2),
    ('row_sse2', 'SSE2 scalar double add or mul', 12),
    ('row_x87', 'x87 add or mul, 64-bit precision', 60),
    ('row_fill', 'page mapped anew and touched', 400),
    ('row_cr3', 'CR3 reload with warm tables', 500),
    ('smc', 'write into a page of code, then run it', 1500),
    ('row_out', 'out to a trivial port', 150),
    ('pfault', 'page fault and return', None),
    ('int80', 'int 80h and iret', None),
]
PHASES = [('boot', 'Debian, boot to shell'), ('md5sum', 'md5sum, 8 MiB'),
          ('sha256sum', 'sha256sum, 8 MiB'), ('gzip', 'gzip, 8 MiB'),
          ('shell', 'shell loop, 20,000'), ('awk', 'awk, 100,000'), ('forks', '200 forks')]
errors = []


def read(column, work):
    """The lines of a run: [(counts at the first character, at the end, text)], and its marks."""
    lines, marks = [], []
    try:
        with open(f'{RUNS}/{column}/{work}.count', errors='replace') as f:
            for row in f:
                w = row.rstrip('\n').split('\t')
                if w[0] == 'line':
                    n = [int(w[1]), int(w[2]), float(w[3]), int(w[4]), int(w[5]), float(w[6])]
                    lines.append((n[:3], n[3:], w[7] if len(w) > 7 else ''))
                elif w[0] == 'mark':
                    marks.append(int(w[1]))
    except OSError:
        return None, None
    return lines, marks


def log_lines(column, work):
    with open(f'{RUNS}/{column}/{work}.log', errors='replace') as f:
        return [line.rstrip() for line in f]


def difference(a, b):
    return {'mips': b[0] - a[0], 'generated': b[1] - a[1], 'seconds': round(b[2] - a[2], 3)}


def add_kernels(columns, data):
    """data[name] = {'x86': n, 'events': n, column: {...}}; every column has the same checksums."""
    lines, marks = log_lines('x86', 'kernels'), read('x86', 'kernels')[1]
    begun = [line.split()[1:3] for line in lines if line.startswith('@B ')]
    if len(marks) != 2 * len(begun):
        errors.append(f'kernels: {len(marks)} marks for {len(begun)} kernels')
        return
    for i, (name, events) in enumerate(begun):
        data[name] = {'x86': marks[2 * i + 1] - marks[2 * i], 'events': int(events)}
    sums = dict(line.split()[1:3] for line in lines if line.startswith('@E '))
    for column in columns:
        lines, start = read(column, 'kernels')[0] or [], {}
        for first, last, text in lines:
            w = text.split()
            if w[:1] == ['@B']:
                start[w[1]] = last
            elif w[:1] == ['@E'] and w[1] in start:
                data[w[1]][column] = difference(start[w[1]], first)
                if w[2] != sums[w[1]]:
                    errors.append(f'{column} {w[1]}: {w[2]}, and {sums[w[1]]} elsewhere')
        if column != 'native' and len(start) != len(begun):
            errors.append(f'{column}: {len(start)} of {len(begun)} kernels ran')


def add_start(columns, data):
    data['start to the reset vector'] = {'x86': None}
    for column in columns:
        for first, _, text in read(column, 'start')[0] or []:
            if text == '@@ reset':
                data['start to the reset vector'][column] = difference((0, 0, 0), first)


def add_guest(columns, work, phases, data):
    marks = read('x86', work)[1] or []
    for i, (_, title) in enumerate(phases[:len(marks)]):
        data[title] = {'x86': marks[i] - (marks[i - 1] if i else 0)}
    for column in columns:
        before, names = (0, 0, 0), dict(phases)
        for _, last, text in read(column, work)[0] or []:
            w = text.split()
            if w[:1] == ['@@MARK'] and names.get(w[1]) in data:
                data[names[w[1]]][column] = difference(before, last)
                before = last


def complain_of_gaps(columns, data):
    for title, row in data.items():
        for column in columns:
            if column not in row:
                errors.append(f'{column}: {title} is missing')


def add_ratios(columns, data):
    for row in data.values():
        for column in columns:
            for other in ('qemu', 'native'):
                if column in row and column != other and other in row and row[other]['mips']:
                    row[column]['to_' + other] = round(row[column]['mips'] / row[other]['mips'], 4)


def totals(kernels, guests, engines):
    """Sums over the kernels and guests that were counted in QEMU and in the engine."""
    out = {}
    for e in engines:
        out[e] = {}
        for what, data in (('kernels', kernels), ('guests', guests)):
            rows = [r for n, r in data.items()
                    if e in r and 'qemu' in r and r['x86'] and not n.startswith('row_')]
            if rows:
                mine, qemu = (sum(r[c]['mips'] for r in rows) for c in (e, 'qemu'))
                logs = [math.log(r[e]['to_qemu']) for r in rows]
                out[e][what] = {'to_qemu': round(mine / qemu, 4),
                                'mean_to_qemu': round(math.exp(sum(logs) / len(logs)), 4),
                                'per_x86': round(mine / sum(r['x86'] for r in rows), 2)}
    return out


def number(v):
    if v is None:
        return ''
    if v >= 1e6:
        return f'{v / 1e6:,.1f} M'
    return f'{v:,.0f}' if v >= 1000 else f'{v:.0f}' if v >= 200 else f'{v:.1f}' if v >= 2 else f'{v:.2f}'


def table(head, rows):
    if not rows:
        return
    yield '| ' + ' | '.join(head) + ' |'
    yield '|---|' + '---:|' * (len(head) - 1)
    for row in rows:
        yield '| ' + ' | '.join(row) + ' |'


def per(row, column, unit):
    return number(row[column]['mips'] / unit) if column in row and unit else ''


def ratio(row, column, other):
    v = row.get(column, {}).get('to_' + other)
    return '' if v is None else f'{v:.2f}'


def rows_table(j):
    rows = []
    for name, title, must in ROWS:
        r = j['kernels'].get(name)
        if r:
            rows.append([title, number(must)] +
                        [per(r, c, r['events']) for c in ['qemu'] + j['engines']])
    start = j['guests'].get('start to the reset vector')
    if start:
        rows.append(['start to the reset vector', number(15e6)] +
                    [per(start, c, 1) for c in ['qemu'] + j['engines']])
    return table(['what', 'to be reached', 'QEMU'] + j['label'], rows)


def kernel_table(j):
    head = ['kernel', 'x86, M', 'native', 'QEMU']
    for label in j['label']:
        head += [label, 'of QEMU', 'of native']
    rows = []
    for name, r in j['kernels'].items():
        if name.startswith('row_'):
            continue
        row = [name, f"{r['x86'] / 1e6:.1f}", per(r, 'native', r['x86']), per(r, 'qemu', r['x86'])]
        for e in j['engines']:
            row += [per(r, e, r['x86']), ratio(r, e, 'qemu'), ratio(r, e, 'native')]
        rows.append(row)
    return table(head, rows)


def guest_table(j):
    head = ['guest', 'x86, M', 'QEMU']
    for label in j['label']:
        head += [label, 'of QEMU']
    rows = []
    for name, r in j['guests'].items():
        if r['x86']:
            row = [name, f"{r['x86'] / 1e6:,.1f}", per(r, 'qemu', r['x86'])]
            for e in j['engines']:
                row += [per(r, e, r['x86']), ratio(r, e, 'qemu')]
            rows.append(row)
    return table(head, rows)


def seconds_table(j):
    columns = ['native', 'qemu'] + j['engines']
    rows = [[name] + [f"{r[c]['seconds']:.2f}" if c in r else '' for c in columns]
            for data in (j['kernels'], j['guests']) for name, r in data.items()
            if not name.startswith('row_')]
    return table(['processor seconds', 'native', 'QEMU'] + j['label'], rows)


def summary(j):
    for e, label in zip(j['engines'], j['label']):
        t = j['total'][e]
        for what in ('kernels', 'guests'):
            if what in t:
                yield (f"`{label}`, all {what} together: {t[what]['per_x86']:.1f} MIPS64 instructions "
                       f"per x86 instruction, {t[what]['to_qemu']:.2f} times QEMU's "
                       f"(geometric mean {t[what]['mean_to_qemu']:.2f}).")


def text_of(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    return (done.stdout.splitlines() or [''])[0].strip()


def versions():
    root = f'{BENCH}/qemu-root'
    product = 'cpu-x86 dbt-mips64 shadow-mmu devmodel bios cmd/godwit'
    changed = text_of(f'git status --porcelain -- {product}')
    return {'godwit': text_of(f'git log -1 --format=%h -- {product}') + ('+' if changed else ''),
            'qemu_user': text_of('qemu-mips64el --version'),
            'qemu': text_of(f'qemu-mips64el -L {root} {root}/usr/bin/qemu-system-i386 --version'),
            'gcc': text_of('gcc --version'),
            'cross': text_of('mips64el-linux-gnuabi64-gcc --version')}


def describe(j):
    v = j['versions']
    yield f"Measured on {j['date']}, godwit {v['godwit']}, kernels at {j['scale']} %."
    yield f"Emulated host: {v['qemu_user']}, processor {j['model']}."
    yield f"Compared with: {v['qemu']} of Debian for mips64el."
    yield f"Compilers: {v['gcc']}; {v['cross']}."
    if j['options']:
        yield f"Options for godwit: `{j['options']}`."


def markdown(j, picture):
    yield '# Performance, latest'
    yield ''
    yield 'Written by `make bench PUBLISH=1`; [perf.md](perf.md) says what is measured and how.'
    for paragraph in (list(describe(j)), list(summary(j))):
        yield ''
        yield from paragraph
    yield ''
    yield f'![MIPS64 instructions per x86 instruction]({picture})'
    for title, rows in (('One thing: MIPS64 instructions each', rows_table(j)),
                        ('Kernels: MIPS64 instructions per x86 instruction', kernel_table(j)),
                        ('Whole guests: MIPS64 instructions per x86 instruction', guest_table(j)),
                        ('Seconds, for information', seconds_table(j))):
        rows = list(rows)
        if rows:
            yield from ['', f'## {title}', '']
            yield from rows


def publish(j):
    if j['quick'] or errors or not j['kernels'] or not j['guests'] or j['options']:
        sys.exit('report.py: only a whole run without errors and options is published')
    write('docs/perf-latest.md', '\n'.join(markdown(j, 'perf.svg')) + '\n')
    write('docs/perf.svg', draw(j))
    with open('README.md') as f:
        readme = f.read()
    lines = [f"`make bench` on {j['date']} ([all of it](docs/perf-latest.md)):", '']
    lines += list(summary(j)) + ['', '![counts](docs/perf.svg)']
    new = re.sub(r'(<!-- bench -->\n).*?(<!-- /bench -->)',
                 lambda m: m[1] + '\n'.join(lines) + '\n' + m[2], readme, flags=re.S)
    write('README.md', new)


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


def main():
    columns, works = sys.argv[1].split(), sys.argv[2].split()
    engines = [c for c in columns if c not in ('x86', 'qemu', 'native')]
    env, kernels, guests = os.environ, {}, {}
    counted = ['qemu', 'native'] + engines
    if 'kernels' in works:
        add_kernels(counted, kernels)
    if 'start' in works:
        add_start(counted, guests)
    if 'freedos' in works:
        add_guest(counted, 'freedos', [('prompt', 'FreeDOS, boot to prompt')], guests)
    if 'debian' in works:
        add_guest(counted, 'debian', PHASES, guests)
    complain_of_gaps(['qemu'] + engines, guests)
    for data in (kernels, guests):
        add_ratios(counted, data)
    options = env.get('OPTS', '')
    j = {'date': datetime.date.today().isoformat(), 'quick': bool(env.get('QUICK')),
         'scale': int(env.get('SCALE') or 100), 'icount': env.get('ICOUNT') or '2',
         'model': env.get('MODEL') or 'MIPS64R2-generic', 'options': options,
         'engines': engines,
         'label': [options if e == 'default' and options else e for e in engines],
         'versions': versions(),
         'kernels': kernels, 'guests': guests, 'total': totals(kernels, guests, engines)}
    write(LATEST + '.json', json.dumps(j, indent=1) + '\n')
    write(LATEST + '.svg', draw(j))
    page = list(markdown(j, 'latest.svg'))
    write(LATEST + '.md', '\n'.join(page) + '\n')
    print('\n'.join(page[3:]))
    for e in errors:
        print('FAIL ' + e)
    if '--publish' in sys.argv:
        publish(j)
    sys.exit(1 if errors else 0)


main()
