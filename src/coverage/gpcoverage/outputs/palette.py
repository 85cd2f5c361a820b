"""The colours of every map."""

from typing import Final

COLOURS: Final = {"none": "#7a1736", "one": "#e58a1f", "choice": "#a9c9c3"}
"""Dark, middle, light: told apart in grey, and by every kind of colour vision."""

PRACTICE_FILLS: Final = {"open": "#12507b", "some": "#7fb2d6", "closed": "#ffffff"}
PRACTICE_EDGES: Final = {"open": "#ffffff", "some": "#12507b", "closed": "#12507b"}

SEA: Final = "#dfe8ee"
LAND: Final = "#f1efe9"
AREA: Final = "#fbfaf7"
SHORE: Final = "#b4bfc9"
BORDER: Final = "#33414e"
INK: Final = "#1c2733"
"""The ground of every map: land beyond the area, the area, and the lines on them."""

LOST: Final = "#000000"
GAINED: Final = "#1a7f37"
FAR: Final = "#0b84ff"
"""Outlines of where a closure changes something."""
