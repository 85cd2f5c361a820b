"""The fetch commands, against a server on this machine that answers in the real formats."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import pandas as pd
import pytest
from build_samples import EXPORT, write_samples

from gpcoverage import compute_choice, load_study, write_choice
from gpcoverage.errors import FetchError, GpCoverageError, SchemaError
from gpcoverage.inputs.municipalities import read_municipalities, read_municipality_list
from gpcoverage.outputs.maps import status_areas
from gpcoverage.outputs.squares import squares_of
from gpcoverage.sources import store as store_module
from gpcoverage.sources.boundaries import fetch_boundaries, read_dagi
from gpcoverage.sources.endpoints import Source
from gpcoverage.sources.fetching import fetch
from gpcoverage.sources.provenance import read_provenance
from gpcoverage.sources.starting import find_parts, write_study
from gpcoverage.sources.store import Store
from sources.serving import Handler, Server, page, status

DAY = "2026-11-26"
Run = Callable[..., str]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Hold a sample of every official file, by name."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def official(
    server: Server, samples: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, root: Path
) -> Iterator[Server]:
    """Let every source be asked of a server that has all samples; work in the project's folder."""

    def answer(handler: Handler) -> None:
        name = urlsplit(handler.path).path.lstrip("/")
        body = samples.get(name)
        if body is None:
            status(404)(handler)
            return
        handler.begin(200, {"Content-Length": str(len(body)), "ETag": '"1"'})
        handler.wfile.write(body)

    def local(source: Source, *args: Any, **options: Any) -> Path:
        url = f"{server.url}/{source.name}?{urlsplit(source.url).query}"
        return fetch(replace(source, url=url, min_bytes=1), *args, **options)

    server.answers = [answer]
    monkeypatch.setattr(store_module, "fetch", local)
    monkeypatch.chdir(root)
    return iter([server])


def fetch_all(run: Run, tmp_path: Path, samples: dict[str, bytes]) -> str:
    export = tmp_path / "egen" / EXPORT
    export.parent.mkdir(exist_ok=True)
    export.write_bytes(samples[EXPORT])
    told = run("fetch", "boundaries") + run("fetch", "population")
    return told + run("fetch", "practices", "--export", str(export), "--date", DAY)


@pytest.mark.usefixtures("official")
def test_from_nothing_to_a_study(run: Run, tmp_path: Path, samples: dict[str, bytes]) -> None:
    told = fetch_all(run, tmp_path, samples)
    assert "1 left out: not one of the municipalities of the list" in told
    assert "LABY27: 1,690 people per doctor's capacity (2026)" in told
    assert "closes 2027-05-31: Lægerne i København" in told
    assert "row 12, Lægerne i København 12 (eksempel): SOR has no general practice" in told
    told = run("init", "--region", "Midtjylland", "--date", DAY)
    assert told.count("  missing: ") == 1
    assert "the terrain model, no roads: fetch OpenStreetMap with gpcoverage fetch roads" in told
    study = load_study(tmp_path / "official-midtjylland.toml")
    assert not study.partly_modelled
    assert len(study.practices) == 1_721
    assert (study.practices["closing_date"] != "").sum() == 1
    official = study.area["population"].sum()
    assert study.homes["population"].sum() == pytest.approx(official)
    choice = compute_choice(study)
    assert choice.homes["population"].sum() == pytest.approx(official)
    # Cells on a border are homes in two municipalities, and drawn once.
    assert len(squares_of(choice.homes).shapes) < len(choice.homes)
    assert status_areas(choice).is_valid.all()
    assert write_choice(choice, tmp_path / "out")["map.html"].stat().st_size > 1_000_000
    example = load_study("data/midtjylland.toml")
    known = compute_choice(example).homes
    share = known.loc[known["status"] == "choice", "population"].sum() / known["population"].sum()
    ours = choice.homes
    found = ours.loc[ours["status"] == "choice", "population"].sum() / official
    assert found == pytest.approx(share, abs=0.02)


@pytest.mark.usefixtures("official")
def test_every_file_has_a_record(run: Run, tmp_path: Path, samples: dict[str, bytes]) -> None:
    fetch_all(run, tmp_path, samples)
    files = [p for p in tmp_path.iterdir() if p.is_file() and not p.name.startswith(".")]
    kept = [p for p in files if not p.name.endswith(".provenance.json") and p.suffix != ".gpkg"]
    assert len(kept) == 11
    for path in kept:
        record = read_provenance(path)
        assert record.bytes == path.stat().st_size
        assert record.source
        assert record.licence
    homes = read_provenance(tmp_path / "homes.csv.gz")
    assert homes.url == "made of DK_PD_3035_GPKG.zip, municipalities.csv"
    assert "census 2021; Danmarks Statistik, statistikbanken.dk/folk1a" in homes.source
    practices = read_provenance(tmp_path / "practices.csv")
    assert practices.url == f"made of SorEntity_daily.csv, {EXPORT}"


def test_offline_nothing_is_asked(
    official: Iterator[Server], run: Run, tmp_path: Path, samples: dict[str, bytes]
) -> None:
    server = next(official)
    with pytest.raises(FetchError, match=r"LAU_RG.*offline nothing is fetched\. No file was put"):
        run("fetch", "boundaries", "--offline")
    fetch_all(run, tmp_path, samples)
    asked = len(server.asked)
    run("fetch", "boundaries", "--offline")
    run("fetch", "population", "--offline")
    run("fetch", "practices", "--offline")
    assert len(server.asked) == asked
    with pytest.raises(FetchError, match="offline forbids that"):
        run("fetch", "practices", "--offline", "--refresh")


@pytest.mark.usefixtures("official")
def test_without_an_export_there_is_a_list_and_no_practice_table(run: Run, tmp_path: Path) -> None:
    told = run("fetch", "practices", "--date", DAY)
    assert "SOR does not say who takes new patients" in told
    assert (tmp_path / "sor_practices.csv").is_file()
    assert not (tmp_path / "practices.csv").exists()
    told = run("init", "--region", "Danmark", "--date", DAY)
    assert "practices: data/practices.csv" in told
    text = (tmp_path / "official-danmark.toml").read_text(encoding="utf-8")
    assert "# Missing: example practices, partly modelled" in text
    assert load_study(tmp_path / "official-danmark.toml").partly_modelled


@pytest.mark.usefixtures("official")
def test_addresses_are_weighted_to_official_people(run: Run, tmp_path: Path) -> None:
    run("fetch", "population")
    told = run("fetch", "addresses", "--extract", "geo/sample_roads.osm.pbf")
    assert "too few addresses for" in told
    homes = pd.read_csv(tmp_path / "addresses.csv.gz")
    assert len(homes) == 4_540
    assert homes["population"].max() <= 2.1
    parts = {part.key: part for part in find_parts(tmp_path, Path(), "Danmark")}
    assert parts["homes"].file.name == "addresses.csv.gz"


@pytest.mark.usefixtures("official")
def test_a_delivery_of_cells(run: Run, tmp_path: Path) -> None:
    delivery = tmp_path / "levering.csv"
    delivery.write_text("KN100mDK;Personer\n100m_62237_5756;12\n100m_62238_5756;..\n", "utf-8")
    told = run("fetch", "population", "--delivery", str(delivery))
    assert "1 left out: the number is withheld (..)" in told
    told = run("fetch", "population", "--delivery", str(delivery), "--assume", "1.5")
    assert "(14 people)" in told


def test_a_broken_source_leaves_what_was_there(
    official: Iterator[Server], run: Run, tmp_path: Path
) -> None:
    server = next(official)
    run("fetch", "boundaries")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    server.answers = [page()]
    with pytest.raises(
        FetchError, match=r"LAU_RG.*a web page instead.*that was there is untouched"
    ):
        run("fetch", "boundaries", "--refresh")
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert after == before


# DAGI


def dagi_answer(root: Path, **page_info: Any) -> bytes:
    own = gpd.read_file(root / "geo/municipalities.geojson").to_crs("EPSG:25832")
    nodes = [
        {"kommunekode": code, "navn": name, "geometri": {"wkt": shape.wkt}}
        for code, name, shape in zip(own["code"], own["name"], own.geometry, strict=True)
    ]
    found = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": "a"} | page_info}
    return json.dumps({"data": {"DAGI_Kommuneinddeling": found}}).encode()


def test_dagi_is_asked_with_the_key_and_the_key_is_told_nowhere(
    official: Iterator[Server],
    run: Run,
    root: Path,
    tmp_path: Path,
    samples: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = next(official)
    monkeypatch.setitem(samples, "dagi_municipalities.json", dagi_answer(root))
    monkeypatch.delenv("DATAFORDELER_KEY", raising=False)
    with pytest.raises(FetchError, match="needs a key of Datafordeleren"):
        run("fetch", "boundaries", "--from", "dagi")
    monkeypatch.setenv("DATAFORDELER_KEY", "hemmelig")
    told = run("fetch", "boundaries", "--from", "dagi", "--date", DAY)
    assert "98 municipalities" in told
    asked = server.asked[-1]
    assert "apiKey=hemmelig" in asked.path
    question = json.loads(asked.body)["query"]
    assert "DAGI_Kommuneinddeling" in question
    assert f'virkningstid: "{DAY}T' in question
    everything = told + "".join(
        path.read_text(encoding="utf-8") for path in tmp_path.glob("*.json")
    )
    assert "hemmelig" not in everything
    listed = read_municipality_list(root / "data/municipalities.csv")
    frame = read_municipalities(tmp_path / "boundaries.geojson", listed).frame
    expected = read_municipalities(root / "geo/municipalities.geojson", listed).frame
    moved = frame.geometry.hausdorff_distance(expected.geometry)
    assert moved.max() < 1


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b'{"data": null, "errors": [{"message": "no access"}]}', r"an error \(no access\)"),
        (b'{"data": {"DAGI_Kommuneinddeling": null}}', "no answer of DAGI as it was known"),
        (b'{"data": {}}', "no answer of DAGI as it was known"),
        (b"[]", "no answer of DAGI as it was known"),
        (b"\xff", "no answer of DAGI as it was known"),
    ],
)
def test_another_answer_of_dagi_is_told(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "dagi.json"
    path.write_bytes(content)
    with pytest.raises(SchemaError, match=rule):
        read_dagi(path)


def test_more_pages_of_dagi_are_told(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "dagi.json"
    path.write_bytes(dagi_answer(root, hasNextPage=True))
    with pytest.raises(SchemaError, match="more municipalities than it sent"):
        read_dagi(path)


# geoBoundaries, OpenStreetMap


@pytest.mark.usefixtures("official")
def test_geoboundaries_are_known_by_name(
    run: Run, root: Path, samples: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = gpd.read_file(root / "geo/municipalities.geojson")
    frame = own.rename(columns={"name": "shapeName"})[["shapeName", "geometry"]]
    frame["shapeID"] = [f"DNK-{i}" for i in range(len(frame))]
    monkeypatch.setitem(samples, "geoBoundaries-DNK-ADM2.geojson", frame.to_json().encode())
    assert "98 municipalities" in run("fetch", "boundaries", "--from", "geoboundaries")


def test_openstreetmap_is_asked_through_osmnx(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = gpd.read_file(root / "geo/municipalities.geojson")
    found = own.assign(name=own["name"] + " Kommune")[["name", "geometry"]]
    found.index = pd.MultiIndex.from_product([["relation"], range(len(found))])
    asked = []

    def features(place: str, tags: dict[str, str]) -> gpd.GeoDataFrame:
        asked.append((place, tags))
        return found

    monkeypatch.setattr("osmnx.features_from_place", features)
    listed = read_municipality_list(root / "data/municipalities.csv")
    day = pd.Timestamp(DAY).date()
    layer = fetch_boundaries(Store(tmp_path), "osm", listed, day=day)
    assert len(layer.frame) == 98
    assert asked == [("Denmark", {"boundary": "administrative", "admin_level": "7"})]
    assert "OpenStreetMap contributors" in read_provenance(tmp_path / "boundaries.geojson").source
    fetch_boundaries(Store(tmp_path), "osm", listed, day=day)
    assert len(asked) == 1
    fetch_boundaries(Store(tmp_path, refresh=True), "osm", listed, day=day)
    assert len(asked) == 2
    with pytest.raises(FetchError, match="offline nothing is fetched"):
        fetch_boundaries(Store(tmp_path / "x", offline=True), "osm", listed, day=day)


# The study file


def test_a_study_file_is_not_written_over(root: Path, tmp_path: Path) -> None:
    path, day = tmp_path / "s.toml", pd.Timestamp(DAY).date()
    parts = find_parts(tmp_path, root, "Danmark")
    write_study(path, "Danmark", day, parts, root)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(GpCoverageError, match="may hold changes of yours"):
        write_study(path, "Danmark", day, parts, root)
    assert path.read_text(encoding="utf-8") == "mine"
    write_study(path, "Danmark", day, parts, root, replace=True)
    assert load_study(path).name == "Danmark"


@pytest.mark.parametrize("name", ["Ny \"mappe\" 'æøå' #1", "a\\b"])
def test_a_study_file_points_at_any_place(root: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    parts = find_parts(folder, root, "Midtjylland")
    path = write_study(folder / "s.toml", "Midtjylland", pd.Timestamp(DAY).date(), parts, root)
    assert len(load_study(path).municipality_codes) == 19
