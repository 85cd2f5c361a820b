"""Text from files on its way into a page."""

import html
import unicodedata
from typing import Final

NO_LETTERS: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Categories of signs that are not seen, or turn round what is."""


def safe(text: str) -> str:
    """Make text harmless in HTML *and* in folium's templates.

    folium writes a page by running everything in it as a Jinja template, twice. Escaping HTML
    does not touch braces: a practice called ``{{ 7*7 }}`` would come out as 49, and worse could
    run. An entity for the opening brace looks the same and is no template.

    Parameters
    ----------
    text
        From a file, of any kind.

    Returns
    -------
    str
        HTML text that shows exactly what came in.
    """
    return html.escape(text).replace("{", "&#123;")


def clipped(text: str, longest: int) -> str:
    """Cut text that would break a layout, and take out what is no letter: control and direction marks.

    Parameters
    ----------
    text
        From a file, of any kind.
    longest
        So many characters are kept, an ellipsis included.

    Returns
    -------
    str
    """
    plain = "".join(sign for sign in text if unicodedata.category(sign) not in NO_LETTERS)
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
