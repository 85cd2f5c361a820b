"""The colours of every map."""

from typing import Final

COLOURS: Final = {"none": "#7a1736", "one": "#e58a1f", "choice": "#a9c9c3"}
"""Dark, middle, light: told apart in grey, and by every kind of colour vision."""

PRACTICE_FILLS: Final = {"open": "#12507b", "some": "#7fb2d6", "closed": "#ffffff"}
PRACTICE_EDGES: Final = {"open": "#ffffff", "some": "#12507b", "closed": "#12507b"}
