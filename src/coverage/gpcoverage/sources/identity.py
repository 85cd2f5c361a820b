"""By what a practice is known: ydernummer, SOR id, name and address, folded for comparison."""

import html
import re
import unicodedata
from typing import Final

import pandas as pd

from gpcoverage.files import LETTERS

SOR_ID: Final = "[0-9]+1000016[0-9]{3}"
"""Running number, namespace 1000016, two digits of the partition, check digit."""

SOR_ID_RULE: Final = "must be a SOR id written out in full, such as 325421000016001"

FORMS: Final = re.compile(r"\b(?:i/s|a/s|p/s|k/s|aps|ivs)\b\.?|\bv/")
HOUSE: Final = re.compile(r"\b0*([0-9]+) ?([a-z]?)\b")
POSTCODE: Final = re.compile(r",\s*(?:dk-?\s?)?([0-9]{4})\b", re.IGNORECASE)


def is_sor_id(text: pd.Series) -> pd.Series:
    """Say which cells are SOR ids.

    Parameters
    ----------
    text
        Text cells.

    Returns
    -------
    Series
        bool on the same index.
    """
    return text.str.fullmatch(SOR_ID)


def ydernummer_key(text: str) -> str:
    """Fold a ydernummer: Excel takes leading zeros off.

    Parameters
    ----------
    text
        As written.

    Returns
    -------
    str
        Empty if there is none.
    """
    bare = re.sub(r"\s", "", text).casefold()
    return bare.lstrip("0") if bare.isdecimal() else bare


def name_key(name: str) -> str:
    """Fold a practice's name for comparison.

    Parameters
    ----------
    name
        As written.

    Returns
    -------
    str
        Without case, punctuation, ``v/``, ``ApS``, ``I/S`` and their like; æ, ø and å as ae, oe
        and aa.

    Examples
    --------
    >>> name_key("Lægerne Ågade I/S v/Ib Øst, ApS")
    'laegerne aagade ib oest'
    """
    text = unicodedata.normalize("NFC", html.unescape(name)).casefold()
    text = FORMS.sub(" ", text).translate(LETTERS)
    return " ".join(re.findall(r"[a-z0-9]+", text))


def address_key(address: str, postcode: str) -> str:
    """Fold an address for comparison.

    Parameters
    ----------
    address
        Street and number; what follows a comma (floor, town) does not count.
    postcode
        May be empty if it stands in the address after a comma.

    Returns
    -------
    str
        Empty if street or postcode is unknown.

    Examples
    --------
    >>> address_key("Østergade 012 B, 1. th., 7500 Holstebro", "")
    '7500 oestergade 12b'
    """
    inside = POSTCODE.search(address)
    code = postcode or (inside.group(1) if inside else "")
    street = HOUSE.sub(r"\1\2", name_key(address.partition(",")[0]))
    return f"{code} {street}" if code and street else ""
