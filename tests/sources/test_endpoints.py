"""What is known of the sources."""

import inspect
from urllib.parse import urlsplit

import pytest
from pyproj import CRS

from gpcoverage.sources import endpoints
from gpcoverage.sources.endpoints import STATBANK, Source, statbank_table

SOURCES = {name: value for name, value in vars(endpoints).items() if isinstance(value, Source)}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_complete(name: str) -> None:
    source = SOURCES[name]
    assert urlsplit(source.url).scheme == "https"
    assert source.licence
    assert source.attribution
    assert 0 < source.min_bytes < source.max_bytes
    assert source.fresh_days > 0
    assert source.crs is None or CRS(source.crs)
    assert source.name.endswith(source.kind)
    told = inspect.getsource(endpoints).split(f"\n{name}: Final", 1)[1].split('"""')[1]
    assert "Unverified." in told


def test_names_do_not_collide() -> None:
    assert len(SOURCES) == 7
    assert len({source.name.casefold() for source in SOURCES.values()}) == 7


def test_the_closed_address_service_is_no_source() -> None:
    for source in SOURCES.values():
        assert "dataforsyningen" not in source.url
        assert "dawa" not in source.url


@pytest.mark.parametrize("name", ["", "../a.csv", "a/b.csv", "a\\b.csv", "/a.csv", ".."])
def test_a_name_has_no_folder(name: str) -> None:
    with pytest.raises(ValueError, match="Must be a file name without a folder"):
        Source(name, "https://example.org", "", "", "csv", 1, 2)


def test_a_table_of_statistikbanken() -> None:
    table = statbank_table("FOLK1A", {"OMRÅDE": "101,147", "Tid": "*"})
    assert table.name == "folk1a.csv"
    assert table.url == (
        "https://api.statbank.dk/v1/data/FOLK1A/CSV"
        "?delimiter=Semicolon&OMR%C3%85DE=101%2C147&Tid=%2A"
    )
    assert table.attribution.endswith("statistikbanken.dk/folk1a")
    assert (table.kind, table.licence) == (STATBANK.kind, STATBANK.licence)
