"""Text from files on its way into a page: made harmless, or set as a table."""

import html
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd

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


def table_html(
    head: Sequence[str],
    body: pd.DataFrame,
    foot: Sequence[str] = (),
    *,
    text_columns: Collection[int] = (),
) -> str:
    """Write a table: plain text in, safe HTML out.

    Parameters
    ----------
    head
        Headings, one per column.
    body
        Cells as they are to stand; missing ones are empty.
    foot
        A last row of sums, if any.
    text_columns
        Numbers of the columns that are text beside the first, and are set to the left.

    Returns
    -------
    str
    """
    kinds = [" class='text'" if number in text_columns else "" for number in range(len(head))]

    def row(cells: Sequence[object]) -> str:
        written = zip(kinds, cells, strict=True)
        return (
            "<tr>"
            + "".join(f"<td{kind}>{safe(str(cell))}</td>" for kind, cell in written)
            + "</tr>"
        )

    named = zip(kinds, head, strict=True)
    headings = "".join(f"<th scope='col'{kind}>{safe(text)}</th>" for kind, text in named)
    rows = "".join(row(cells) for cells in body.itertuples(index=False))
    sums = f"<tfoot>{row(foot)}</tfoot>" if foot else ""
    return (
        f'<div class="scroll"><table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody>'
        f"{sums}</table></div>"
    )


def facts_html(facts: Mapping[str, str]) -> str:
    """Write a small table of facts for a popup: plain text by label in, safe HTML out."""
    rows = "".join(
        f"<tr><th scope='row'>{safe(label)}</th><td>{safe(text)}</td></tr>"
        for label, text in facts.items()
    )
    return f"<table>{rows}</table>"
