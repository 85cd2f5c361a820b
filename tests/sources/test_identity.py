"""Spellings of names, addresses and ydernumre that are one."""

import pytest

from gpcoverage.sources.identity import address_key, name_key, ydernummer_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lægerne i Ørsted ApS", "LAEGERNE I OERSTED"),
        ("Lægehuset I/S v/ Jens Å", "Lægehuset, Jens Aa"),
        ("Læge A/S", "læge"),
        ("A\u030agade", "Ågade"),
    ],
)
def test_spellings_of_a_name_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Lægerne 1", "Lægerne 2"), ("Ågade", "Øgade")])
def test_other_names_are_others(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("address", "postcode", "key"),
    [
        ("Nørregade 012 b", "7500", "7500 noerregade 12b"),
        ("Nørregade 12B, st. tv.", "7500", "7500 noerregade 12b"),
        ("Nørregade 12, DK-7500 Holstebro", "", "7500 noerregade 12"),
        ("Nørregade 12", "", ""),
        ("", "7500", ""),
    ],
)
def test_an_address_is_street_number_and_postcode(address: str, postcode: str, key: str) -> None:
    assert address_key(address, postcode) == key


@pytest.mark.parametrize(
    ("text", "key"), [("012345", "12345"), (" 12 345", "12345"), ("0", ""), ("A-7", "a-7")]
)
def test_leading_zeros_of_a_ydernummer_do_not_matter(text: str, key: str) -> None:
    assert ydernummer_key(text) == key
