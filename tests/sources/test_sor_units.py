"""Of SOR's units, those that stand for practices."""

from pathlib import Path

from gpcoverage.sources.sor import read_sor
from sources.registers import COLUMNS, DATE, read, sor_id, sor_text, unit


def test_a_unit_in_several_rows_counts_once(tmp_path: Path) -> None:
    sor = read(
        tmp_path,
        unit(1, start="2027-01-01", name="Nyt navn", end="2027-06-30"),
        unit(1, start="2019-05-01", name="Navn"),
        unit(2),
        unit(2),
        unit(3, name="A"),
        unit(3, name="B"),
    )
    assert sor.frame[["name", "closing_date"]].to_numpy().tolist() == [
        ["Navn", "2027-06-30"],
        ["Lægerne 2", ""],
    ]
    reasons = sor.left_out["reason"].to_dict()
    assert reasons == {
        2: "another version of a unit",
        5: "stands twice, word for word",
        6: "rows of one SOR id and one day differ in name",
        7: "rows of one SOR id and one day differ in name",
    }


def test_units_of_one_practice_are_one_practice(tmp_path: Path) -> None:
    own = {"si": sor_id(1), "no": "1"}
    sor = read(
        tmp_path,
        unit(1),
        unit(2, yder="000077", type="ydernummer", **own),
        unit(3, yder="77", type="behandler", **own),
        unit(4, type="behandler", **own),
        unit(5, yder="77", type="ydernummer", si=sor_id(1), no="99"),
        unit(6, yder="78", type="ydernummer", **own),
        unit(7),
        unit(8, si=sor_id(7), type="behandler"),
    )
    assert sor.frame["sor_ids"].to_dict() == {
        3: (sor_id(2), sor_id(1), sor_id(3), sor_id(4)),
        6: (sor_id(5), sor_id(1), sor_id(3), sor_id(4)),
        7: (sor_id(6), sor_id(1), sor_id(4)),
        8: (sor_id(7), sor_id(8)),
    }
    assert set(sor.left_out.index) == {2, 4, 5, 9}


def test_the_unit_nearest_to_the_institution_stands_for_it(tmp_path: Path) -> None:
    path = tmp_path / "sor.csv"
    columns = tuple({"SorType": "ParentSorId"}.get(name, name) for name in COLUMNS)
    own = {"si": sor_id(9), "no": "1", "yder": "5"}
    rows = [
        unit(2, **own, SorType=sor_id(8)),
        unit(10, **own, SorType=sor_id(9)),
        unit(8, **own, SorType=sor_id(9)),
        unit(9, no="1"),
    ]
    for order in (rows, rows[::-1]):
        path.write_text(sor_text(*order, columns=columns), encoding="utf-8")
        frame = read_sor(path, DATE).frame
        assert frame["sor_ids"].tolist() == [(sor_id(8), sor_id(10), sor_id(2), sor_id(9))]


def test_units_above_one_another_in_a_circle_stand_alone(tmp_path: Path) -> None:
    circle = [unit(1, si=sor_id(2)), unit(2, si=sor_id(3)), unit(3, si=sor_id(2))]
    sor = read(tmp_path, *circle)
    assert sor.frame["sor_ids"].tolist() == [(sor_id(n),) for n in (1, 2, 3)]


def test_of_versions_begun_the_last_is_in_force(tmp_path: Path) -> None:
    days = ("2024-01-01", "2012-01-01", "2026-11-02", "2026-11-01")
    sor = read(tmp_path, *(unit(1, start=day, name=day) for day in days))
    assert sor.frame["name"].tolist() == ["2026-11-01"]
