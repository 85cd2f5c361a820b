"""Danish numbers and sentences."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpcoverage import Choice
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.outputs import footnotes, numerals, texts
from gpcoverage.outputs.told import tell_choice


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(0, 0, "0"), (1234.5, 1, "1.234,5"), (5_957_700, 0, "5.957.700"), (-1234.56, 2, "-1.234,56")],
)
def test_number(value: float, decimals: int, expected: str) -> None:
    assert numerals.number(value, decimals) == expected


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_number_reads_back(value: float, decimals: int) -> None:
    written = numerals.number(value, decimals)
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
    assert numerals.share(part, whole) == expected


def test_km() -> None:
    assert [numerals.km(m) for m in (15_000, 7_500, 5_000)] == ["15 km", "7,5 km", "5 km"]


def test_answer_and_footnote_say_it_all(choice: Choice) -> None:
    answer = texts.answer(tell_choice(choice))
    assert answer.startswith("70 af 108 borgere (65,6 %) kan vælge mellem mindst 2 åbne praksis")
    footnote = " ".join(footnotes.footnote(tell_choice(choice)))
    for expected in (
        "15 km fra hjemmet",
        "Regel: Lægevalg, gældende fra 01.01.2019, opgjort pr. 01.11.2026",
        "Sundhedsloven § 59",
        "OpenStreetMap",
        "± 10 %",
        "Færger tæller ikke som vej",
        "7 borgere har ingen vej til en praksis, der tæller (fx øer uden bro)",
        "delvis modellerede",
        "ikke en afgørelse",
    ):
        assert expected in footnote
    assert not re.search(r"\bnan\b|None|\{", footnote)


def test_words_follow_the_rule(choice: Choice) -> None:
    def under(**rule: object) -> Choice:
        rules = replace(choice.study.rules, **rule)  # type: ignore[arg-type]
        return replace(choice, study=replace(choice.study, rules=rules))

    assert texts.status_label(choice, "one") == "Kun én åben praksis inden for grænsen"
    three = under(min_choices=3)
    assert texts.status_label(three, "one") == "1 til 2 åbne praksis inden for grænsen"
    assert "har 1 til 2, og" in texts.answer(tell_choice(three))
    lenient = under(closed_counts=True)
    assert texts.status_label(lenient, "choice") == "Mindst 2 praksis inden for grænsen"
    assert "åbne praksis" not in texts.answer(tell_choice(lenient))
    assert "lukket for tilgang tæller også med" in " ".join(
        footnotes.footnote(tell_choice(lenient))
    )


def test_who_is_left_out_is_said(choice: Choice) -> None:
    off = np.array(["", "the nearest road lies across water", ""], dtype=object)
    lost = replace(choice, distances=replace(choice.distances, practice_off_road=off))
    record = InputRecord("homes", "homes.osm.pbf", "0" * 64, 5, 5, (), 1234.0)
    lost = replace(lost, study=replace(lost.study, inputs=(record,)))
    footnote = " ".join(footnotes.footnote(tell_choice(lost)))
    name = lost.study.practices["name"].iloc[1]
    assert f"1 praksis i området ligger uden for vejnettet og tæller for ingen: {name}." in footnote
    assert "1.234 borgere i området er ikke med" in footnote
