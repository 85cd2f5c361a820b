"""Study files and rules files with a fault: what the analyst is told."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from gpcoverage.inputs.rules import read_rules
from gpcoverage.inputs.study_file import load_study

Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

DAY = datetime.date(2026, 11, 1)


@pytest.fixture
def study(root: Path) -> str:
    """Return the example study as text, its paths made absolute."""
    text = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    for name in (
        "municipalities.csv",
        "practices.csv",
        "rules.toml",
        "divisions.csv",
        "settlements.csv",
        "villages.csv",
        "settlement_corrections.csv",
        "designations.csv",
    ):
        text = text.replace(f'"{name}"', f'"{(root / "data" / name).as_posix()}"')
    return text.replace('"../geo/', f'"{(root / "geo").as_posix()}/')


REGION = 'region = "Midtjylland"'
STUDIES = {
    "unknown key": (("[inputs]", "farve = 1\n[inputs]"), ("does not know farve",)),
    "unknown input": (("[roads]", 'veje = "x"\n[roads]'), ("does not know inputs.veje",)),
    "unknown road key": (("[roads]", "[roads]\nfart = 80"), ("does not know roads.fart",)),
    "no name": (('name = "Region Midtjylland"', ""), ("lacks name",)),
    "no date": (("date = 2026-11-01", ""), ("lacks date",)),
    "no homes": (("homes =", "# homes ="), ("lacks inputs.homes",)),
    "no crossings": (("crossings =", "# crossings ="), ("crossings", "terrain")),
    "no area": ((REGION, ""), ("must give one of region, health_council, municipality_codes",)),
    "both areas": (
        (REGION, f'{REGION}\nmunicipality_codes = ["0661"]'),
        ("must give one of region, health_council, municipality_codes", "only one"),
    ),
    "unknown region": (
        (REGION, 'region = "Jylland"'),
        ("'Jylland' is unknown", "must be one of", "Midtjylland", "Danmark"),
    ),
    "unknown codes": (
        (REGION, 'municipality_codes = ["0661", "0999", "0998"]'),
        ("municipality_codes 0998, 0999", "not in the list"),
    ),
    "no codes": ((REGION, "municipality_codes = []"), ("municipality_codes",)),
    "codes as numbers": ((REGION, "municipality_codes = [661]"), ("text of four digits",)),
    "one code, no list": ((REGION, "municipality_codes = 661"), ("municipality_codes", "661")),
    "missing file": (("practices.csv", "nix.csv"), ("nix.csv", "inputs.practices", "no such")),
    "missing road file": (("crossings.csv", "nix.csv"), ("nix.csv", "roads.crossings", "no such")),
    "settlements are a number": (
        ("settlements = [", "settlements = 3 # ["),
        ("inputs.settlements is 3", "or a list of such texts"),
    ),
    "settlements are no files": (
        ("settlements = [", 'settlements = ["", '),
        ("inputs.settlements", "or a list of such texts"),
    ),
    "no such settlements": (
        ("villages.csv", "nix.csv"),
        ("nix.csv", "inputs.settlements", "no such"),
    ),
    "corrections of nothing": (
        ("settlements = [", "# settlements = ["),
        ("inputs.settlement_corrections corrects inputs.settlements, which is not given",),
    ),
    "a path too long": (("practices.csv", "x" * 5000), ("inputs.practices", "no such file")),
    "unknown roads": (
        ('"terrain"', '"luftlinje"'),
        ("roads.kind", "'luftlinje'", "terrain", "osm"),
    ),
    "roads.kind is a list": (('"terrain"', '["osm"]'), ("roads.kind", "terrain", "osm")),
    "osm without file": (('"terrain"', '"osm"'), ("file", "osm")),
    "unknown ferries": (
        ("[roads]", '[roads]\nferries = "måske"'),
        ("roads.ferries", "'måske'", "exclude", "include"),
    ),
    "ferries is a list": (("[roads]", '[roads]\nferries = ["x"]'), ("roads.ferries", "exclude")),
    "quoted date": (
        ("date = 2026-11-01", 'date = "2026-11-01"'),
        ("date is '2026-11-01'", "without quotation marks"),
    ),
    "date with time": (("date = 2026-11-01", "date = 2026-11-01T12:00:00"), ("date is", "a day")),
    "no such day": (("date = 2026-11-01", "date = 2026-02-30"), ("is not a study file",)),
    "input is a number": (("partly_modelled = true", "homes = 3"), ("is not a study file",)),
    "modelled is nej": (
        ("= true", '= "nej"'),
        ("inputs.partly_modelled", "'nej'", "true or false"),
    ),
    "name is a number": (('"Region Midtjylland"', "3"), ("name is 3", "text in quotation marks")),
    "inputs is a text": (("[inputs]", 'inputs = "x"\n[mere]'), ("inputs", "must be a table")),
    "day without a rule": (("date = 2026-11-01", "date = 1999-01-01"), ("0 rules are in force",)),
    "nobody there": (
        (REGION, 'municipality_codes = ["0411"]'),
        ("0411", "not in the list"),
    ),
}


@pytest.mark.parametrize(("change", "fragments"), STUDIES.values(), ids=STUDIES.keys())
def test_a_bad_study_is_refused(
    write: Write, study: str, refused: Refused, change: tuple[str, str], fragments: tuple[str, ...]
) -> None:
    assert change[0] in study
    path = write("studie.toml", study.replace(*change, 1))
    refused(lambda: load_study(path), ".toml: ", *fragments)


@pytest.mark.parametrize("key", ["municipalities", "boundaries", "practices", "homes", "rules"])
@pytest.mark.parametrize("value", ["3", "true", "[]", "{}", '""', '" "', "2026-11-01"])
def test_an_input_that_is_no_text_is_refused(
    write: Write, study: str, refused: Refused, key: str, value: str
) -> None:
    lines = [f"{key} = {value}" if s.startswith(f"{key} =") else s for s in study.splitlines()]
    path = write("studie.toml", "\n".join(lines))
    refused(lambda: load_study(path), str(path), f"inputs.{key}", "text in quotation marks")


NO_TOML = {
    "words": "dette er ikke TOML",
    "empty": "",
    "binary": b"\x00\x01\xff\xfe",
    "CP1252": 'name = "Nørre"'.encode("cp1252"),
    "a table": "id;name\n1;x\n",
    "deeply nested": "a = " + "[" * 5000 + "]" * 5000,
    "a key twice": 'name = "a"\nname = "b"\n',
    "long": "#" * 2_000_000,
}


@pytest.mark.parametrize("content", NO_TOML.values(), ids=NO_TOML.keys())
def test_a_file_that_is_no_study_or_rules_is_refused(
    write: Write, refused: Refused, content: str | bytes
) -> None:
    path = write("noget.toml", content)
    refused(lambda: load_study(path), str(path), "data/midtjylland.toml for the form")
    refused(lambda: read_rules(path, DAY), str(path), "data/rules.toml for the form")


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path, refused: Refused) -> None:
    for path in (tmp_path, tmp_path / "nix.toml"):
        refused(lambda path=path: load_study(path), str(path), "is not a study file")
        refused(lambda path=path: read_rules(path, DAY), str(path), "is not a rules file")


def test_all_faults_of_a_study_are_told_at_once(write: Write, study: str, refused: Refused) -> None:
    text = study.replace("date = 2026-11-01", 'date = "i morgen"\nfarve = 1')
    text = text.replace('"terrain"', '"luft"').replace("homes =", "hjem =")
    path = write("studie.toml", text)
    refused(
        lambda: load_study(path),
        *("'i morgen'", "does not know farve", "'luft'", "lacks inputs.homes", "inputs.hjem"),
    )


RULE = """[[rule]]
name = "Lægevalg"
valid_from = 2019-01-01
limit_km = 15.0
min_choices = 2
closed_counts = false
source = "s"
"""
EXCEPTION = '[[rule.exception]]\nlimit_km = 5.0\nmunicipality_codes = ["0101"]\nsource = "s"\n'

RULES = {
    "overlapping": (RULE + RULE, ("2 rules are in force on 2026-11-01", "exactly one")),
    "none in force": (
        RULE.replace("2019", "2030"),
        ("0 rules are in force", "Lægevalg 2030-01-01 to now", "Correct valid_from"),
    ),
    "over": (
        RULE + "valid_to = 2020-12-31\n",
        ("0 rules are in force", "2019-01-01 to 2020-12-31"),
    ),
    "ends before it begins": (RULE + "valid_to = 2018-01-01\n", ("before it begins",)),
    "quoted date": (
        RULE.replace("2019-01-01", '"2019-01-01"'),
        ("rule 1", "'2019-01-01'", "without quotation marks"),
    ),
    "negative limit": (RULE.replace("15.0", "-15.0"), ("rule 1", "limit_km", "-15.0", "above 0")),
    "limit in metres": (RULE.replace("15.0", "15000"), ("limit_km", "15000", "at most 100")),
    "limit of nan": (RULE.replace("15.0", "nan"), ("limit_km", "nan")),
    "limit is a text": (RULE.replace("15.0", '"15"'), ("limit_km", "'15'")),
    "no limit": (RULE.replace("limit_km = 15.0\n", ""), ("rule 1", "lacks limit_km")),
    "no choices": (RULE.replace("= 2\n", "= 0\n"), ("min_choices", "0", "1 or more")),
    "fractional choices": (RULE.replace("= 2\n", "= 2.7\n"), ("min_choices", "2.7")),
    "closed is nej": (RULE.replace("false", '"nej"'), ("closed_counts", "'nej'", "true or false")),
    "unknown key": (RULE + "farve = 1\n", ("rule 1", "does not know farve")),
    "misspelt exception": (
        RULE + EXCEPTION.replace("exception", "excepton"),
        ("does not know excepton",),
    ),
    "exception without codes": (
        RULE + EXCEPTION.replace('municipality_codes = ["0101"]\n', ""),
        ("lacks", "municipality_codes"),
    ),
    "exception with one code": (
        RULE + EXCEPTION.replace('["0101"]', '"0101"'),
        ("exception 1", "municipality_codes", "'0101'"),
    ),
    "exception with numbers": (
        RULE + EXCEPTION.replace('["0101"]', "[101]"),
        ("exception 1", "municipality_codes", "text of four digits"),
    ),
    "negative exception": (
        RULE + EXCEPTION.replace("5.0", "-5.0"),
        ("exception 1", "limit_km", "-5.0"),
    ),
    "exception is no list": (RULE + 'exception = "x"\n', ("exception", "'x'")),
    "exceptions of text": (RULE + 'exception = ["x"]\n', ("exception 1", "table")),
    "a code in two exceptions": (RULE + EXCEPTION + EXCEPTION, ("0101", "more than one exception")),
    "rule is no list": (RULE.replace("[[rule]]", "[rule]"), ("[[rule]]",)),
    "rule is a text": ('rule = ["x"]', ("rule 1", "table")),
}


@pytest.mark.parametrize(("text", "fragments"), RULES.values(), ids=RULES.keys())
def test_bad_rules_are_refused(
    write: Write, refused: Refused, text: str, fragments: tuple[str, ...]
) -> None:
    path = write("regler.toml", text)
    refused(lambda: read_rules(path, DAY), str(path), *fragments)


def test_good_rules_are_read_with_or_without_a_byte_order_mark(write: Write) -> None:
    for start in ("", "\ufeff"):
        rules = read_rules(write("regler.toml", start + RULE + EXCEPTION), DAY)
        assert rules.limit_m == 15_000.0
        assert [e.limit_m for e in rules.exceptions] == [5_000.0]
        assert rules.exceptions[0].municipality_codes == {"0101"}
