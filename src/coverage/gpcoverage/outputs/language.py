"""The language that is written: Danish, or English where it is asked for.

Sentences stand in the code in Danish, each said by :func:`say`; ``assets/english.toml`` holds the
English of every one. The language is a context variable, as a locale is: set for a run, never
changed by the code that writes.
"""

import tomllib
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from typing import Final, Literal, TypeVar

Language = Literal["da", "en"]
Key = TypeVar("Key", bound=Hashable)

_LANGUAGE: Final[ContextVar[Language]] = ContextVar("language", default="da")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Write everything inside in one language.

    Parameters
    ----------
    language
        ``da`` or ``en``.

    Returns
    -------
    context manager
        Afterwards the language is what it was.

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


def say(danish: str, *, count: float = 2, **values: object) -> str:
    """Say a sentence in the language that is being written.

    Parameters
    ----------
    danish
        As it stands in Danish, with ``{name}`` for values.
    count
        How many there are, where English has one form for one and another for several: *praksis*
        is *practice* or *practices*. NaN was left out.
    values
        By name, as they are to stand. Without any, braces are left as they are.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If there is no English for it.

    Examples
    --------
    >>> with speaking("en"):
    ...     say("{number} praksis", number=1, count=1)
    '1 practice'
    """
    words = danish if spoken() == "da" else _in_english(danish, count)
    return words.format(**values) if values else words


def say_all(danish: Mapping[Key, str], *, count: float = 2) -> dict[Key, str]:
    """Say every label of a table in the language that is being written.

    Parameters
    ----------
    danish
        Labels in Danish by key.
    count
        As for :func:`say`.

    Returns
    -------
    dict
        Labels by the same keys, in the same order.
    """
    return {key: say(label, count=count) for key, label in danish.items()}


def _in_english(danish: str, count: float) -> str:
    words = _english()[danish]
    if isinstance(words, str):
        return words
    return words["one" if abs(count - 1) < 0.5 else "other"]  # noqa: PLR2004  as it is rounded


@cache
def _english() -> dict[str, str | dict[str, str]]:
    """Read the English of every sentence, by its Danish."""
    text = resources.files(__package__).joinpath("assets/english.toml").read_text("utf-8")
    table: dict[str, str | dict[str, str]] = tomllib.loads(text)
    return table
