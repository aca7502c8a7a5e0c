"""Draws bars in groups, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, MARGIN, HEAD = 720, 260, 60, 64
COLOURS = ("#9aa5b1", "#d1495b", "#edae49", "#30638e")


def bars(
    title: str,
    groups: Sequence[str],
    series: Mapping[str, Sequence[float]],
    top: int = 0,
) -> list[str]:
    """One chart, `top` pixels down; a value is written above its bar."""
    most = max(max(values) for values in series.values())
    base, full = top + HEIGHT - 30, HEIGHT - HEAD - 40
    step = (WIDTH - 2 * MARGIN) / len(groups)
    width = step / (len(series) + 1)
    parts = [
        f'<text x="{MARGIN}" y="{top + 22}" font-size="15">{title}</text>',
        f'<line x1="{MARGIN}" y1="{base}" x2="{WIDTH - MARGIN}" y2="{base}" '
        'stroke="#444"/>',
    ]
    for number, (name, values) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        x = MARGIN + number * (WIDTH - 2 * MARGIN) / len(series)
        parts += [
            f'<rect x="{x:.0f}" y="{top + 34}" width="10" height="10" '
            f'fill="{colour}"/>',
            f'<text x="{x + 14:.0f}" y="{top + 43}">{name}</text>',
        ]
        for group, value in enumerate(values):
            left = MARGIN + group * step + (number + 0.5) * width
            height = full * value / most
            parts += [
                f'<rect x="{left:.1f}" y="{base - height:.1f}" '
                f'width="{width * 0.9:.1f}" height="{height:.1f}" fill="{colour}"/>',
                f'<text x="{left + width * 0.45:.1f}" y="{base - height - 4:.1f}" '
                f'text-anchor="middle">{short(value)}</text>',
            ]
    for group, label in enumerate(groups):
        parts.append(
            f'<text x="{MARGIN + (group + 0.5) * step:.0f}" y="{base + 16}" '
            f'text-anchor="middle">{label}</text>'
        )
    return parts


def short(value: float) -> str:
    """E.g. 17.3k."""
    return f"{value / 1000:.1f}k" if value >= 1000 else f"{value:.0f}"


def svg(charts: Sequence[Sequence[str]]) -> str:
    """The charts below each other; `bars` was told where each one begins."""
    body = "\n".join(line for chart in charts for line in chart)
    height = HEIGHT * len(charts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="11">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )
