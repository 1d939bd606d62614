# chart.py - the benchmark's bars as SVG: MIPS64 instructions per x86 instruction, on a logarithmic
# axis, shorter is better.
# SPDX-License-Identifier: MIT
import math
from xml.sax.saxutils import escape

LEFT, WIDTH, BAR, GAP, TOP = 170, 620, 7, 7, 58
LOW, HIGH = 0.4, 20000
COLOURS = {'native': '#9aa5b1', 'qemu': '#d9822b'}
ENGINE_COLOURS = ['#2b6cb0', '#2f855a', '#805ad5', '#b83280']


def at(value):
    value = min(max(value, LOW), HIGH)
    return LEFT + WIDTH * math.log(value / LOW) / math.log(HIGH / LOW)


def bars(j):
    """(title, [(column, count per x86 instruction)])"""
    for data in (j['kernels'], j['guests']):
        for name, row in data.items():
            if not row['x86'] or name.startswith('row_'):
                continue
            yield name, [(c, row[c]['mips'] / row['x86'])
                         for c in ['native', 'qemu'] + j['engines'] if c in row]


def draw(j):
    """The SVG text for what report.py has put together."""
    colours = dict(COLOURS)
    colours.update(zip(j['engines'], ENGINE_COLOURS * len(j['engines'])))
    names = dict(zip(j['engines'], j['label']), native='native', qemu='QEMU')
    body, y = [], TOP
    for title, values in bars(j):
        middle = y + len(values) * BAR / 2 + 4
        body.append(f'<text x="{LEFT - 8}" y="{middle:.0f}" text-anchor="end">{escape(title)}</text>')
        for column, value in values:
            body.append(f'<rect x="{LEFT}" y="{y}" width="{at(value) - LEFT:.1f}" '
                        f'height="{BAR - 1}" fill="{colours[column]}"/>')
            y += BAR
        y += GAP
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 40}" height="{y + 30}" '
           'font-family="sans-serif" font-size="11">',
           f'<rect width="{LEFT + WIDTH + 40}" height="{y + 30}" fill="white"/>',
           f'<text x="{LEFT}" y="18" font-size="13">MIPS64 instructions per x86 instruction '
           f'({j["date"]}; logarithmic, shorter is better)</text>']
    x = LEFT
    for column in ['native', 'qemu'] + j['engines']:
        out.append(f'<rect x="{x}" y="27" width="10" height="10" fill="{colours[column]}"/>')
        out.append(f'<text x="{x + 14}" y="36">{escape(names[column])}</text>')
        x += 30 + 7 * len(names[column])
    for tick in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000):
        out.append(f'<line x1="{at(tick):.1f}" y1="{TOP - 8}" x2="{at(tick):.1f}" y2="{y}" '
                   'stroke="#ddd"/>')
        out.append(f'<text x="{at(tick):.1f}" y="{y + 14}" text-anchor="middle">{tick:g}</text>')
    return '\n'.join(out + body + ['</svg>']) + '\n'
