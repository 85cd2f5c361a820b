"""The language that is written: Danish, or English where it is asked for.

Sentences stand in the code in Danish, each said by :func:`say`; ``assets/english.toml`` holds the
English of every one. The language is a context variable, as a locale is: set for a run, never
changed by the code that writes.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from typing import Final, Literal

Language = Literal["da", "en"]

_LANGUAGE: Final[ContextVar[Language]] = ContextVar("language", default="da")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Write everything inside in one language.

    Parameters
    ----------
    language
        ``da`` or ``en``.

    Examples
    --------
    >>> with speaking("en"):
    ...     say("Kommune")
    'Municipality'
    """
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def spoken() -> Language:
    """Tell the language that is being written."""
    return _LANGUAGE.get()


def say(danish: str, **values: object) -> str:
    """Say a sentence in the language that is being written.

    Parameters
    ----------
    danish
        As it stands in Danish, with ``{name}`` for values.
    values
        By name, as they are to stand.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If there is no English for it.
    """
    words = danish if spoken() == "da" else _english()[danish]
    return words.format(**values) if values else words


@cache
def _english() -> dict[str, str]:
    """Read the English of every sentence, by its Danish."""
    text = resources.files(__package__).joinpath("assets/english.toml").read_text("utf-8")
    table: dict[str, str] = tomllib.loads(text)
    return table
