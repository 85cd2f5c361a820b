"""Data on its way into a page, for a script that reads it there."""

import json
from typing import Any

from branca.element import Element


class _Raw(Element):
    """Text that is no template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: Any) -> str:
        return self._text


def data_block(name: str, data: object) -> Element:
    """Put data into a page.

    Parameters
    ----------
    name
        The id by which a script finds it; what it holds is JSON.
    data
        Anything JSON can say; text in it may come from files.

    Returns
    -------
    Element
        For the page's body.
    """
    # No text of the data may end the element it stands in, or be taken for a comment.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return _Raw(f'<script type="application/json" id="{name}">{text}</script>')
