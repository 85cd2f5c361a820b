"""The documents that the plan's tables were taken out of; they are no part of the project."""

from pathlib import Path

import pytest


def read_seed(reference: Path, number: int) -> str:
    """Read a document's text, or skip where it is not."""
    found = sorted((reference / "seeds").glob(f"{number:03d}_*.txt"))
    if not found:
        pytest.skip(f"no seed {number:03d} in {reference / 'seeds'}")
    return found[0].read_text(encoding="utf-8")


def longest_quote(text: str, document: str) -> int:
    """Count the most words in a row that a text shares with a document."""
    words, of_document = text.lower().split(), " " + " ".join(document.lower().split()) + " "
    longest = 0
    for start in range(len(words)):
        while (end := start + longest + 1) <= len(words):
            if f" {' '.join(words[start:end])} " not in of_document:
                break
            longest += 1
    return longest
