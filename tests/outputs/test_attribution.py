"""Whose data it is stands in every output, as the licences ask."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pyogrio
import pytest

from gpcoverage import (
    Choice,
    compare,
    compute_choice,
    compute_ledger,
    critical_pairs,
    load_study,
    prepare_rerun,
    write_closure,
    write_ledger,
)
from gpcoverage.errors import SchemaError
from gpcoverage.outputs.footnotes import NETWORK_TEXTS, attribution, footnote
from gpcoverage.outputs.language import speaking
from gpcoverage.outputs.summary import write_summary
from gpcoverage.outputs.tables import write_geopackage
from gpcoverage.outputs.told import tell_choice
from gpcoverage.sources.boundaries import BOUNDARIES
from gpcoverage.sources.provenance import Provenance, provenance_path
from gpcoverage.sources.starting import attributions, find_parts

BORDERS = "Styrelsen for Dataforsyning og Infrastruktur (DAGI)"
TOWNS = "GeoNames (CC BY 4.0)"


def named(choice: Choice, names: str) -> Choice:
    return replace(choice, study=replace(choice.study, attribution=names))


def test_the_footnote_names_whom_the_study_names(choice: Choice) -> None:
    said = footnote(tell_choice(named(choice, "A; B (CC BY 4.0).")))
    assert "Kilder til data: A; B (CC BY 4.0)." in said


def test_nobody_named_says_nothing(choice: Choice) -> None:
    assert attribution(choice.study) == []
    assert not [text for text in footnote(tell_choice(choice)) if "Kilder til data" in text]


def test_it_is_said_in_english_too(choice: Choice) -> None:
    with speaking("en"):
        assert attribution(named(choice, "A").study) == ["Sources of data: A."]


def test_the_summary_holds_it(choice: Choice, tmp_path: Path) -> None:
    write_summary(tell_choice(named(choice, "A")), tmp_path / "s.json")
    summary = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert summary["study"]["attribution"] == "A"


def test_figures_that_go_out_alone_hold_it(choice: Choice, tmp_path: Path) -> None:
    study = named(choice, "A (CC BY 4.0)").study
    before = compute_choice(study, choice.network)
    comparison = compare(prepare_rerun(before), study.close(str(study.practices.index[0])))
    write_closure(comparison, comparison.check_after(), tmp_path)
    write_ledger(compute_ledger(before), critical_pairs(before), tmp_path)
    for name in ("change.svg", "ledger.svg"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "Kilder til data: A (CC BY 4.0)." in text
        assert f">{before.study.name}" in text or f": {before.study.name}<" in text  # the title


def test_the_geopackage_holds_it(choice: Choice, tmp_path: Path) -> None:
    write_geopackage(tell_choice(named(choice, "A (CC BY 4.0)")), tmp_path / "c.gpkg")
    for layer in ("homes", "municipalities", "practices"):
        about = pyogrio.read_info(tmp_path / "c.gpkg", layer=layer)["layer_metadata"]
        assert about["TITLE"] == f"Lægevalg: {choice.study.name}"
        assert "Kilder til data: A (CC BY 4.0)." in about["DESCRIPTION"]


def test_openstreetmap_roads_are_named_without_asking() -> None:
    assert "© OpenStreetMap contributors, ODbL" in NETWORK_TEXTS["osm"]


@pytest.mark.parametrize("study", ["midtjylland", "danmark", "bornholm"])
def test_the_examples_name_borders_and_towns(root: Path, study: str) -> None:
    text = (root / f"data/{study}.toml").read_text(encoding="utf-8")
    (line,) = re.findall(r"^attribution = (.*)$", text, re.MULTILINE)
    assert BORDERS in line
    assert TOWNS in line
    assert ("OpenStreetMap" in line) == (study == "bornholm")


def test_a_study_is_read_with_it(root: Path) -> None:
    assert load_study(root / "data/midtjylland.toml").attribution == f"{BORDERS}; {TOWNS}"


def test_it_must_be_text(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "data", tmp_path / "data", ignore=shutil.ignore_patterns("raw"))
    path = tmp_path / "data/midtjylland.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^attribution = .*$", "attribution = 1", text), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"inputs\.attribution .*text in quotation marks"):
        load_study(path)


def test_a_new_study_names_the_examples_files_it_falls_back_on(root: Path, tmp_path: Path) -> None:
    assert attributions(find_parts(tmp_path, root, "Midtjylland")) == [BORDERS, TOWNS]


def test_a_new_study_names_what_was_fetched(root: Path, tmp_path: Path) -> None:
    boundaries = tmp_path / BOUNDARIES
    boundaries.write_text("{}", encoding="utf-8")
    record = Provenance(
        source="Eurostat GISCO, © EuroGeographics",
        url="",
        licence="",
        date="2026-11-26T00:00:00+00:00",
        modified=None,
        sha256="",
        bytes=2,
        rows=None,
        crs=None,
    )
    provenance_path(boundaries).write_text(record.to_json(), encoding="utf-8")
    told = attributions(find_parts(tmp_path, root, "Midtjylland"))
    assert told == ["Eurostat GISCO, © EuroGeographics", TOWNS, BORDERS]


def test_a_file_of_ones_own_names_nobody(root: Path, tmp_path: Path) -> None:
    (tmp_path / BOUNDARIES).write_text("{}", encoding="utf-8")
    parts = [part for part in find_parts(tmp_path, root, "Midtjylland") if part.key == "boundaries"]
    assert attributions(parts) == []
