"""Text from files on its way into a page."""

import html


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
