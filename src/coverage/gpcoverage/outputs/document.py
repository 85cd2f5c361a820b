"""A page to read and to print: sections of text, pictures and tables in one HTML file."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gpcoverage.outputs.figures import write_svg
from gpcoverage.outputs.language import spoken
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.page import asset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Nothing in the file may run, and nothing is loaded."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part that begins a page when it is printed.

    Attributes
    ----------
    body
        Safe HTML.
    kind
        Its class in the style sheet, if any.
    """

    body: str
    kind: str = ""


def write_document(title: str, sections: Sequence[Section], path: Path) -> None:
    """Write a page as one HTML file.

    Parameters
    ----------
    title
        Plain text.
    sections
        In the order of reading.
    path
        UTF-8; the same sections give the same bytes.
    """
    body = "\n".join(f'<section class="{part.kind}">{part.body}</section>' for part in sections)
    page = (
        f'<!DOCTYPE html>\n<html lang="{spoken()}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{safe(title)}</title><style>{asset('report.css')}</style></head>"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def paragraphs(texts: Sequence[str], kind: str = "") -> str:
    """Write plain text as paragraphs of a class: safe HTML."""
    opened = f'<p class="{kind}">' if kind else "<p>"
    return "".join(f"{opened}{safe(text)}</p>" for text in texts)


def picture(figure: "Figure", words: str) -> str:
    """Write a figure into the page.

    Parameters
    ----------
    figure
        Any figure.
    words
        What it shows, for those who do not see it; plain text.

    Returns
    -------
    str
        Safe HTML. A picture of its own: nothing in it can touch the page.
    """
    held = io.BytesIO()
    write_svg(figure, held)
    data = base64.b64encode(held.getvalue()).decode("ascii")
    return f'<figure><img alt="{safe(words)}" src="data:image/svg+xml;base64,{data}"></figure>'
