"""The figures as SVG, written by hand: no library needed, and the same bytes for the same numbers."""

import math
from html import escape

COLORS = {"universality": "#0b6e4f", "floor": "#7a7a7a", "numpy": "#c1440e", "numpy-blas": "#e08e45"}
OTHER = "#5566aa"
STYLE = ("text{font:13px system-ui,sans-serif;fill:#222}.small{font-size:11px;fill:#555}"
         ".head{font-weight:600}.grid{stroke:#ddd}.axis{stroke:#222}")


def color(name):
    return COLORS.get(name, OTHER)


def number(value):
    return f"{value:.4g}" if value < 1000 else f"{value:,.0f}"


class Drawing:
    """A list of elements with a size."""

    def __init__(self, width, height, description):
        self.width, self.height = width, height
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img"><title>{escape(description)}</title><style>{STYLE}</style>'
            f'<rect width="{width}" height="{height}" fill="#fff"/>']

    def line(self, x1, y1, x2, y2, style="", **attributes):
        extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
        kind = f' class="{style}"' if style else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{kind}{extra}/>')

    def text(self, x, y, words, anchor="start", style=""):
        kind = f' class="{style}"' if style else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{escape(words)}</text>')

    def dot(self, x, y, fill, radius=5, is_open=False):
        paint = f'fill="#fff" stroke="{fill}" stroke-width="2"' if is_open else f'fill="{fill}"'
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" {paint}/>')

    def path(self, points, stroke, is_dashed=False):
        way = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if is_dashed else ""
        self.parts.append(f'<path d="{way}" fill="none" stroke="{stroke}" stroke-width="2"{dash}/>')

    def write(self, path):
        path.write_text("\n".join([*self.parts, "</svg>", ""]))


def ticks(low, high):
    """1, 2 and 5 times the powers of ten between the ends, thinned where there are many."""
    steps = (1, 2, 5) if math.log10(high / low) <= 2 else (1,)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10.0**e for e in exponents for m in steps if low * 0.999 <= m * 10.0**e <= high * 1.001]


def ratios(path, groups, footer):
    """Time of each contestant relative to ours, one group of rows for each zoo, metric and precision.

    groups: [(title, [(contestant, (median, least, most), label, is_extrapolated)])].
    """
    left, right, row, top = 170, 190, 24, 64
    rows = sum(len(members) + 1.6 for _, members in groups)
    width, height = 860, int(top + rows * row + 66)
    every = [value for _, members in groups for _, spread, _, _ in members for value in spread] + [1.0]
    low, high = min(every) / 1.4, max(every) * 1.4

    def place(value):
        return left + (width - left - right) * math.log(value / low) / math.log(high / low)

    drawing = Drawing(width, height, "Time relative to universality, whole process")
    drawing.text(16, 24, "Time relative to universality (whole process, log scale)", style="head")
    drawing.text(16, 44, "left of 1: faster than ours · right: slower · bar: least to most over the runs "
                 "· ring: extrapolated", style="small")
    bottom = height - 52
    for value in ticks(low, high):
        drawing.line(place(value), top - 6, place(value), bottom, "grid")
        drawing.text(place(value), bottom + 16, f"{number(value)} ×", "middle", "small")
    drawing.line(place(1), top - 6, place(1), bottom, stroke=color("universality"), stroke_width=2)
    y = top + 0.4 * row
    for title, members in groups:
        y += 0.8 * row
        drawing.text(16, y, title, style="head")
        for name, (median, least, most), label, is_extrapolated in members:
            y += row
            drawing.text(32, y, name)
            drawing.line(place(least), y - 4, place(most), y - 4, stroke=color(name), stroke_width=3)
            drawing.dot(place(median), y - 4, color(name), is_open=is_extrapolated)
            drawing.text(width - right + 14, y, label, style="small")
        y += 0.8 * row
    drawing.text(16, height - 12, footer, style="small")
    drawing.write(path)


def growth(path, panels, footer):
    """Seconds against size on two logarithmic axes; dashed: what the operation count predicts.

    panels: [(title, axis, {contestant: [(size, seconds, predicted)]})].
    """
    width, height, left, top, gap = 860, 60 + 330 * ((len(panels) + 1) // 2), 62, 70, 60
    panel_width, panel_height = (width - left - gap - 24) / 2, 220
    drawing = Drawing(width, height, "Time as the zoo grows")
    drawing.text(16, 24, "Time as the zoo grows (whole process)", style="head")
    x = 16
    names = list(dict.fromkeys(name for _, _, lines in panels for name in lines))
    for name in names:
        drawing.dot(x + 5, 40, color(name), 4)
        drawing.text(x + 14, 44, name, style="small")
        x += 28 + 7 * len(name)
    drawing.text(x, 44, "dashed: predicted from operations", style="small")
    for index, (title, axis, lines) in enumerate(panels):
        x0 = left + (index % 2) * (panel_width + gap)
        y0 = top + 12 + (index // 2) * 320
        sizes = sorted({size for line in lines.values() for size, _, _ in line})
        times = [time for line in lines.values() for _, *pair in line for time in pair]
        low, high = min(times) / 1.3, max(times) * 1.3

        def across(size):
            return x0 + panel_width * (0.06 + 0.88 * math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0]))

        def up(time):
            return y0 + panel_height * (1 - math.log(time / low) / math.log(high / low))

        drawing.text(x0, y0 - 10, title, style="head")
        for value in ticks(low, high):
            drawing.line(x0, up(value), x0 + panel_width, up(value), "grid")
            drawing.text(x0 - 6, up(value) + 4, f"{number(value)} s", "end", "small")
        drawing.line(x0, y0 + panel_height, x0 + panel_width, y0 + panel_height, "axis")
        for size in sizes:
            drawing.text(across(size), y0 + panel_height + 16, f"{size:,}", "middle", "small")
        drawing.text(x0 + panel_width / 2, y0 + panel_height + 34, axis, "middle", "small")
        for name, line in lines.items():
            drawing.path([(across(size), up(time)) for size, _, time in line], color(name), is_dashed=True)
            drawing.path([(across(size), up(time)) for size, time, _ in line], color(name))
            for size, time, _ in line:
                drawing.dot(across(size), up(time), color(name), 4)
    drawing.text(16, height - 12, footer, style="small")
    drawing.write(path)
