"""Small samples of SOR's nightly file and of the region's own export, written and read."""

import datetime
from pathlib import Path

from gpcoverage.sources.joining import Joined
from gpcoverage.sources.region_export import RegionTable, read_region
from gpcoverage.sources.sor import SorTable, read_sor

DATE = datetime.date(2026, 11, 1)
GP = "almen lægepraksis"
COLUMNS = (
    *(
        "SorId",
        "SorType",
        "EntityName",
        "EntityTypeName",
        "ProviderId",
        "InstitutionOwnerCvrNumberId",
    ),
    *("HealthInstitutionSorId", "HealthInstitutionEntityTypeName"),
    *("FirstFromDate", "FromDate", "ToDate", "PrioritizedEntitySpeciality1Name"),
    *("ActivityAddressStreetName", "ActivityAddressStreetBuildingId", "ActivityAddressPostCodeId"),
    *("ActivityAddressDistrictName", "ActivityAddressCoordETRS89z32EMeasure"),
    *("ActivityAddressCoordETRS89z32NMeasure", "PostalAddressStreetName"),
    *("PostalAddressStreetBuildingId", "PostalAddressPostCodeId", "PostalAddressDistrictName"),
    *("PostalAddressCoordETRS89z32EMeasure", "PostalAddressCoordETRS89z32NMeasure"),
)
USUAL = {
    "SorType": "SI",
    "EntityTypeName": GP,
    "HealthInstitutionEntityTypeName": GP,
    "FirstFromDate": "2008-01-01",
    "FromDate": "2019-05-01",
    "ActivityAddressStreetName": "Østergade",
    "ActivityAddressPostCodeId": "7500",
    "ActivityAddressDistrictName": "Holstebro",
    "ActivityAddressCoordETRS89z32EMeasure": "476200,5",
    "ActivityAddressCoordETRS89z32NMeasure": "6246100,25",
}
SHORT = {
    "id": "SorId",
    "name": "EntityName",
    "type": "EntityTypeName",
    "yder": "ProviderId",
    "si": "HealthInstitutionSorId",
    "si_type": "HealthInstitutionEntityTypeName",
    "first": "FirstFromDate",
    "start": "FromDate",
    "end": "ToDate",
    "street": "ActivityAddressStreetName",
    "no": "ActivityAddressStreetBuildingId",
    "post": "ActivityAddressPostCodeId",
    "x": "ActivityAddressCoordETRS89z32EMeasure",
    "y": "ActivityAddressCoordETRS89z32NMeasure",
}


def sor_id(number: int) -> str:
    return f"{number}1000016001"


def unit(number: int, **cells: str) -> list[str]:
    """Write a row as SOR does: the SOR ids in ="…", a general practice unless told otherwise."""
    known = USUAL | {
        "SorId": sor_id(number),
        "EntityName": f"Lægerne {number}",
        "HealthInstitutionSorId": sor_id(number),
        "ActivityAddressStreetBuildingId": str(number),
    }
    known |= {SHORT.get(name, name): cell for name, cell in cells.items()}
    for name in ("SorId", "HealthInstitutionSorId"):
        known[name] = f'"=""{known[name]}"""'
    return [known.get(name, "") for name in COLUMNS]


def sor_text(*rows: list[str], columns: tuple[str, ...] = COLUMNS) -> str:
    return "\r\n".join(";".join(row) for row in (list(columns), *rows)) + "\r\n"


def read(folder: Path, *rows: list[str], date: datetime.date = DATE) -> SorTable:
    path = folder / "SorEntity_daily.csv"
    path.write_text(sor_text(*rows), encoding="utf-8-sig")
    return read_sor(path, date)


REGION = "Ydernummer;SOR-id;Praksisnavn;Åben for tilgang;Kapacitet;Tilmeldte;Adresse;Postnr;By"


def region(folder: Path, *rows: str, header: str = REGION) -> RegionTable:
    path = folder / "region.csv"
    path.write_bytes("\r\n".join((header, *rows)).encode("cp1252"))
    return read_region(path)


def once_each(joined: Joined, sor: SorTable, stated: RegionTable) -> None:
    """Every row of both sides stands in exactly one of the tables."""
    sides = joined.ambiguous.groupby("side")["row"].apply(list)
    ours = [*joined.table.index, *joined.unmatched_region.index, *sides.get("region", [])]
    theirs = [*joined.table["sor_row"], *joined.unmatched_sor.index, *sides.get("sor", [])]
    assert sorted(ours) == sorted(stated.frame.index)
    assert sorted(theirs) == sorted(sor.frame.index)
    for table in (joined.unmatched_sor, joined.unmatched_region, joined.ambiguous):
        assert table["reason"].map(lambda reason: isinstance(reason, str) and reason != "").all()
