"""What is wrong with the region's own export is told."""

from pathlib import Path

import pytest

from gpcoverage.errors import SchemaError
from sources.registers import REGION, region


@pytest.mark.parametrize(
    ("header", "row", "fault"),
    [
        (REGION.replace("Åben for tilgang", "?"), "1;;A;ja;;;;;", "missing column open"),
        (REGION, "1;;A;måske;;;;;", r'must be ja or nej.*\n.*row 2: "måske"'),
        (REGION, "1;3,25E+14;A;ja;;;;;", r'sor_id: must be a SOR id.*\n.*row 2: "3,25E\+14"'),
        ("Ydernummer;Navn;Åben;lat;lon", "1;A;ja;8,6;56,3", "stand in each other's place"),
        ("Ydernummer;Navn;Åben;lat;lon", "1;A;ja;;56,3", "must be two numbers"),
    ],
)
def test_faults_of_the_region_s_export_are_told(
    tmp_path: Path, header: str, row: str, fault: str
) -> None:
    with pytest.raises(SchemaError, match=fault):
        region(tmp_path, row, header=header)
