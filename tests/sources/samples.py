"""A few cells of the census grid, and what readers are asked about their refusals."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs.layer import Layer

Write = Callable[[str, str], Path]

BORNHOLM = "CRS3035RES1000mN3570000E4635000"
HOLSTEBRO = "CRS3035RES1000mN3695000E4235000"
BORDER = "CRS3035RES1000mN3704000E4240000"
"""Holstebro meets Struer."""

MALMO = "CRS3035RES1000mN3614000E4510000"
FLENSBURG = "CRS3035RES1000mN3520000E4284000"
KATTEGAT = "CRS3035RES1000mN3745000E4412000"

WIDE = f"""fid,GRD_ID,T,M,F,LAND_SURFACE,T_CI
1,{BORNHOLM},40,20,20,1,0
2,{HOLSTEBRO},1234,600,634,1,0
3,{BORDER},7,3,4,1,0
4,CRS3035RES1000mN3570000E4636000,0,0,0,1,0
5,CRS3035RES1000mN3570000E4637000,-9999,-9999,-9999,1,-9999
6,CRS3035RES1000mN3570000E4638000,0,0,0,1,-9999
7,CRS3035RES1000mN3570000E4639000,,,,1,
8,{MALMO},900,,,1,
9,{KATTEGAT},2,,,0,
"""
LONG = f"""DATAFLOW;FREQ;STAT;SPATIAL;TIME_PERIOD;OBS_VALUE;POPULATED;AREA_OF_DISSEMINATION;INSPIREID
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DK_{BORNHOLM};2021;40;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;M;DK_{BORNHOLM};2021;21;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DK_{HOLSTEBRO};2021;1234;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DK_unallocated;2021;17;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DE_{FLENSBURG};2021;3000;1;DE;
"""


def refused(read: Callable[[], object], kind: type[GpCoverageError], *fragments: str) -> None:
    wanted = "(?s)" + "".join(f"(?=.*{re.escape(fragment)})" for fragment in fragments)
    with pytest.raises(kind, match=wanted):
        read()


def reasons(layer: Layer) -> dict[str, tuple[int, ...]]:
    return {item.reason: item.rows for item in layer.record.left_out}
