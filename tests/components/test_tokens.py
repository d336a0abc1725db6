"""The colours can be read, are told apart by every kind of colour vision, and the style sheet knows them."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from components import tokens
from components.tokens import COSTS, INKS, SOFT, SOURCES, SURFACES, WORDS, Colour

SCHEMES = ("light", "dark")

# Machado, Oliveira and Fernandes (2009), full strength, on linear RGB.
VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> tuple[float, ...]:
    parts = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: str, other: str) -> float:
    """WCAG 2: 1 (none) to 21."""
    lights = [
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)
    ]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def oklab(rgb: tuple[float, ...]) -> tuple[float, ...]:
    red, green, blue = (min(max(part, 0), 1) for part in rgb)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def distance(one: str, other: str, vision: str) -> float:
    """How far apart two colours are seen, in Oklab (0.02 is just visible)."""
    seen = (
        oklab(tuple(sum(w * c for w, c in zip(row, linear(colour), strict=True)) for row in VISION[vision]))
        for colour in (one, other)
    )
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("surface", ["page", "card", "sunken"])
@pytest.mark.parametrize("word", WORDS)
def test_words_stand_out_on_every_surface(word: str, surface: str, scheme: str) -> None:
    assert contrast(getattr(WORDS[word], scheme), getattr(SURFACES[surface], scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("word", "ground"), [("accent", "accent-soft"), ("bad", "bad-soft"), ("warn", "warn-soft")]
)
def test_words_stand_out_on_their_soft_ground(word: str, ground: str, scheme: str) -> None:
    assert contrast(getattr(WORDS[word], scheme), getattr(SOFT[ground], scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_filled_button_can_be_read(scheme: str) -> None:
    assert contrast(getattr(SOFT["on-accent"], scheme), getattr(WORDS["accent"], scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("source", SOURCES)
def test_sources_can_be_text(source: str, scheme: str) -> None:
    assert contrast(getattr(SOURCES[source], scheme), getattr(SURFACES["card"], scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [SOURCES, COSTS], ids=["sources", "costs"])
def test_what_stands_together_is_told_apart(colours: dict[str, Colour], vision: str, scheme: str) -> None:
    seen = {
        pair: distance(getattr(colours[pair[0]], scheme), getattr(colours[pair[1]], scheme), vision)
        for pair in combinations(colours, 2)
    }
    assert min(seen.values()) >= 0.09, min(seen, key=lambda pair: seen[pair])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("category", COSTS)
def test_bars_stand_out_on_their_card(category: str, scheme: str) -> None:
    assert contrast(getattr(COSTS[category], scheme), getattr(SURFACES["card"], scheme)) >= 3


def test_every_ink_has_a_colour_of_its_own() -> None:
    """The style sheet repaints figures by the light colour, so two inks must not share one."""
    assert len({colour.light for colour in INKS.values()}) == len(INKS)


def test_the_style_sheet_is_made_from_the_tokens() -> None:
    written = Path("assets/tokens.css").read_text(encoding="utf-8")
    assert written == tokens.css(), "run: python -m components.tokens > assets/tokens.css"


def test_every_custom_property_in_use_exists() -> None:
    """A slip in a name would fall back silently to nothing."""
    sheets = "".join(path.read_text(encoding="utf-8") for path in Path("assets").glob("*.css"))
    made = set(re.findall(r"(--[A-Za-z0-9-]+):", sheets))
    used = {
        name for name in re.findall(r"var\((--[A-Za-z0-9-]+)", sheets) if not name.startswith("--mantine")
    }
    set_by_components = {"--height", "--phone"}
    assert used - set_by_components <= made
