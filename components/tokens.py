"""The design tokens: every colour, size and duration of the product, in this one place.

They feed three readers: Mantine's theme (`theme()`), the figures (`ink()`), and the style sheets, which
know them as custom properties (`css()`, written to assets/tokens.css by `python -m components.tokens`).
"""

import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Colour:
    """One colour in both schemes, as #rrggbb."""

    light: str
    dark: str


SURFACES = {
    "page": Colour("#f9f9fb", "#0e0f12"),
    "card": Colour("#ffffff", "#17181c"),
    "sunken": Colour("#f3f3f6", "#1f2025"),
    "line": Colour("#e6e6eb", "#2a2b32"),
    "line-strong": Colour("#d0d0d8", "#3d3e47"),
}

WORDS = {
    "text": Colour("#17171f", "#ededf2"),
    "muted": Colour("#5f5f6b", "#a0a0ad"),
    "accent": Colour("#5046e4", "#9698fb"),
    "good": Colour("#0b7a47", "#4cc38a"),
    "bad": Colour("#c0262d", "#ff8b85"),
    "warn": Colour("#8a5a00", "#e9b44c"),
}

SOFT = {
    "accent-soft": Colour("#eeedfd", "#25253f"),
    "bad-soft": Colour("#fdf0f0", "#33201f"),
    "warn-soft": Colour("#fdf6e7", "#2e2718"),
    "on-accent": Colour("#ffffff", "#12121c"),
}

SOURCES = {
    "bookings": Colour("#5b50e6", "#8b8cf9"),
    "gifts": Colour("#d6249a", "#d9609c"),
    "subscriptions": Colour("#0b6152", "#4fcabf"),
    "affiliate": Colour("#9c6c05", "#f3ab57"),
    "costs": Colour("#27334a", "#d0dcf0"),
}
"""The sources of money, the same everywhere; told apart by every kind of colour vision."""

COSTS = {
    "marketing": Colour("#14203a", "#f0f4fb"),
    "subscriptionCosts": Colour("#33508a", "#b4c4e0"),
    "tools": Colour("#5876a8", "#8299c4"),
    "platformFees": Colour("#8a949c", "#66738c"),
}
"""The categories of costs: four tones of their colour, which stand beside no other source."""

SERIES = {
    "quiet": Colour("#74798a", "#8d92a3"),
    "ghost": Colour("#a3a3b2", "#6a6b78"),
}

INKS = {"accent": WORDS["accent"], "bad": WORDS["bad"], **SOURCES, **COSTS, **SERIES}
"""What figures are drawn with. A figure names the light one; assets/tokens.css repaints it in the dark."""

SPACE = {"1": 4, "2": 8, "3": 12, "4": 16, "5": 24, "6": 32, "7": 48}
RADIUS = {"control": 8, "card": 12}
TYPE = {"small": 12, "label": 13, "text": 15, "title": 15, "page": 22, "figure": 28}
MOTION = "120ms ease"
FONT = '"Inter Variable", system-ui, sans-serif'

_INDIGO = "eeedfd dddbfb bdb9f8 a5a1fa 9698fb 6d64ee 5046e4 443ac9 3a32ab 2f298a"


def ink(name: str) -> str:
    """The colour of a series in a figure, as #rrggbb of the light scheme."""
    return INKS[name].light


def theme() -> dict[str, Any]:
    """Mantine's theme."""
    return {
        "primaryColor": "indigo",
        "primaryShade": {"light": 6, "dark": 4},
        "colors": {"indigo": [f"#{shade}" for shade in _INDIGO.split()], "dark": _dark()},
        "autoContrast": True,
        "fontFamily": FONT,
        "fontSizes": {"xs": "12px", "sm": "13px", "md": "15px", "lg": "17px", "xl": "22px"},
        "defaultRadius": "md",
        "radius": {"md": f"{RADIUS['control']}px", "lg": f"{RADIUS['card']}px"},
        "spacing": {"xs": "8px", "sm": "12px", "md": "16px", "lg": "24px", "xl": "32px"},
        "respectReducedMotion": True,
    }


def _dark() -> list[str]:
    """Mantine's ten shades of dark surfaces, from words (0) over borders and fields to the page (7)."""
    text, muted = WORDS["text"].dark, WORDS["muted"].dark
    names = ("line-strong", "line-strong", "line", "card", "page", "page", "page")
    return [text, text, muted, *(SURFACES[name].dark for name in names)]


def css() -> str:
    """The tokens as custom properties, for both schemes and for paper."""
    colours = {**SURFACES, **WORDS, **SOFT, **SOURCES, **COSTS, **SERIES}
    light = _block({name: colour.light for name, colour in colours.items()})
    dark = _block({name: colour.dark for name, colour in colours.items()})
    sizes = _block(
        {
            **{f"space-{name}": f"{size}px" for name, size in SPACE.items()},
            **{f"radius-{name}": f"{size}px" for name, size in RADIUS.items()},
            **{f"type-{name}": f"{size}px" for name, size in TYPE.items()},
            "motion": MOTION,
            "font": FONT,
        }
    )
    scheme = "[data-mantine-color-scheme={}]"
    parts = [
        "/* Made by `python -m components.tokens`; change components/tokens.py instead. */",
        f":root {{\n{sizes}\n}}",
        f":root, {scheme.format('light')} {{\n  color-scheme: light;\n{light}\n}}",
        f"@media screen {{\n{scheme.format('dark')} {{\n  color-scheme: dark;\n{dark}\n}}\n}}",
        *(_repaint(name, colour.light) for name, colour in INKS.items()),
    ]
    return "\n".join(parts) + "\n"


def _block(values: dict[str, str]) -> str:
    return "\n".join(f"  --{name}: {value};" for name, value in values.items())


def _repaint(name: str, light: str) -> str:
    """Rules that let a drawn figure follow the scheme: plotly writes its colours into attributes."""
    red, green, blue = (int(light[index : index + 2], 16) for index in (1, 3, 5))
    written = f"rgb({red}, {green}, {blue})"
    return "\n".join(
        f".js-plotly-plot :is({found}) {{ {part}: var(--{name}) !important; }}"
        for part, found in (
            ("fill", f'[style*="fill: {written}"]'),
            ("stroke", f'[style*="stroke: {written}"], [stroke="{written}"]'),
        )
    )


if __name__ == "__main__":
    sys.stdout.write(css())
