"""Danish numbers and sentences."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpcoverage import Choice
from gpcoverage.outputs import texts


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(0, 0, "0"), (1234.5, 1, "1.234,5"), (5_957_700, 0, "5.957.700"), (-1234.56, 2, "-1.234,56")],
)
def test_number(value: float, decimals: int, expected: str) -> None:
    assert texts.number(value, decimals) == expected


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_number_reads_back(value: float, decimals: int) -> None:
    written = texts.number(value, decimals)
    back = float(written.replace(".", "").replace(",", "."))
    assert back == pytest.approx(value, abs=0.5000001 * 10**-decimals)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 10, "0,0 %"),
        (10, 10, "100,0 %"),
        (1, 1_000_000, "under 0,1 %"),
        (999_999, 1_000_000, "over 99,9 %"),
        (934, 1000, "93,4 %"),
        (0, 0, "-"),
    ],
)
def test_share_never_rounds_people_away(part: float, whole: float, expected: str) -> None:
    assert texts.share(part, whole) == expected


def test_km() -> None:
    assert [texts.km(m) for m in (15_000, 7_500, 5_000)] == ["15 km", "7,5 km", "5 km"]


def test_answer_and_footnote_say_it_all(choice: Choice) -> None:
    answer = texts.answer(choice)
    assert answer.startswith("70 af 108 borgere (65,6 %) kan vælge mellem mindst 2 åbne praksis")
    footnote = " ".join(texts.footnote(choice))
    for expected in (
        "15 km fra hjemmet",
        "Regel: Lægevalg, gældende fra 01.01.2019, opgjort pr. 01.11.2026",
        "Sundhedsloven § 59",
        "OpenStreetMap",
        "± 10 %",
        "Færger tæller ikke som vej",
        "For 7 borgere i 1 hjem eller celler fører ingen vej",
        "delvis modellerede",
        "ikke en afgørelse",
    ):
        assert expected in footnote
    assert not re.search(r"\bnan\b|None|\{", footnote)
