"""Bars as SVG, by hand: no plotting library for two pictures."""

from collections.abc import Sequence
from html import escape

from bench.table import number

_ROW, _LABEL, _WIDTH, _END = 26, 300, 420, 90
_STYLE = "font: 13px system-ui, sans-serif; fill: #777"


def bars(title: str, unit: str, values: Sequence[tuple[str, float]]) -> str:
    """Horizontal bars; the longest takes the whole width.

    Args:
        title: above them.
        unit: of the values, written behind the title.
        values: label and length of each bar.
    """
    most = max(value for _, value in values)
    height = _ROW * (len(values) + 1) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LABEL + _WIDTH + _END} {height}" style="{_STYLE}">',
        f'<text x="0" y="18" font-weight="bold">{escape(title)} ({escape(unit)})</text>',
    ]
    for n, (label, value) in enumerate(values, start=1):
        top, width = n * _ROW, round(value / most * _WIDTH, 1)
        parts += [
            f'<text x="{_LABEL - 8}" y="{top + 17}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{_LABEL}" y="{top + 4}" width="{width}" height="{_ROW - 8}" fill="#3a7ca5"/>',
            f'<text x="{_LABEL + width + 6}" y="{top + 17}">{number(value)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
