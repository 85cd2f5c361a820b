"""Tables as Excel and GIS open them."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from gpcoverage import Choice
from gpcoverage.csvfile import write_csv
from gpcoverage.outputs.tables import homes_table, municipalities_table, write_geopackage
from gpcoverage.outputs.told import tell_choice


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(
        path, sep=";", decimal=",", encoding="utf-8-sig", dtype={"municipality_code": str}
    )


def test_csv_opens_in_danish_excel(choice: Choice, tmp_path: Path) -> None:
    write_csv(homes_table(tell_choice(choice).homes), tmp_path / "choice.csv")
    raw = (tmp_path / "choice.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfhome_id;municipality_code;population;limit_m;")
    assert b";40,5;15000,0;" in raw
    table = read_csv(tmp_path / "choice.csv")
    assert table["municipality_code"].tolist() == ["0661"] * 5
    assert table["status"].tolist() == choice.homes["status"].tolist()
    assert table["nearest_m"].to_numpy() == pytest.approx(
        choice.homes["nearest_m"].to_numpy(), abs=0.051, nan_ok=True
    )


def test_text_that_excel_would_run_is_defused(tmp_path: Path) -> None:
    nasty = ["=1+1", "+1", "-1", "@x", "\t=1", "fine", None]
    frame = pd.DataFrame({"text": nasty, "n": range(7)})
    write_csv(frame, tmp_path / "t.csv")
    written = read_csv(tmp_path / "t.csv")["text"]
    assert written.tolist()[:6] == ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "fine"]
    assert written.isna().tolist() == [False] * 6 + [True]
    assert frame["text"].tolist()[0] == "=1+1"


def test_municipalities_table_adds_up(choice: Choice) -> None:
    table = municipalities_table(tell_choice(choice).municipalities)
    people = [c for c in table.columns if c.endswith("certain")]
    assert table["municipality_code"].tolist() == ["0661"]
    assert table[people].to_numpy().sum() == pytest.approx(107.5)
    assert table["population"].tolist() == [107.5]


def test_geopackage_has_three_layers_and_the_same_bytes_twice(
    choice: Choice, tmp_path: Path
) -> None:
    for name in ("a.gpkg", "b.gpkg"):
        write_geopackage(tell_choice(choice), tmp_path / name)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    layers = dict(pyogrio.list_layers(tmp_path / "a.gpkg"))
    assert layers == {"homes": "Point", "municipalities": "Polygon", "practices": "Point"}
    homes = gpd.read_file(tmp_path / "a.gpkg", layer="homes")
    assert homes.crs == "EPSG:25832"
    assert homes["status"].tolist() == choice.homes["status"].tolist()
