"""The plan's tables: what they must hold, every fault at once, and that they are the documents'."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.documents import FILES, Documents, read_documents
from gpcoverage.inputs.goals import read_goals
from gpcoverage.inputs.grants import read_grants
from gpcoverage.inputs.plan import INSTRUMENTS, PlanTable, read_instruments, read_profiles
from seeds import longest_quote, read_seed

MOST_WORDS = 5
"""So many words in a row may be a document's: names of towns and common turns of speech."""

OTHER_NAMES = {"Grenaa": "Grenå", "Hvidbjerg": "Thyholm", "Aarhus": "Århus"}
APPLICANT = r"^(Region \w+|PLO-\s*Sjælland|Søren Roshave|Susanne Reventlow|Anna Rørbæk Uldall)"


@pytest.fixture(scope="module")
def documents(root: Path) -> Documents:
    return read_documents(root / "data")


@pytest.fixture
def spoil(root: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a copy of a table with some cells changed, by row from 0 and column."""

    def write(name: str, **cells: dict[int, str]) -> Path:
        table = pd.read_csv(root / "data" / FILES[name], dtype=str, keep_default_na=False)
        for column, rows in cells.items():
            for row, value in rows.items():
                table.loc[row, column] = value
        path = tmp_path / FILES[name]
        table.to_csv(path, index=False)
        return path

    return write


def assert_told(read: Callable[[Path], PlanTable], path: Path, *clauses: str) -> None:
    with pytest.raises(SchemaError, match="nothing was used") as told:
        read(path)
    for clause in clauses:
        assert clause in str(told.value)


def test_the_tables_are_read(documents: Documents) -> None:
    assert [len(table.frame) for table in documents.tables] == [16, 40, 20, 20]
    assert [record.file for record in documents.records] == list(FILES.values())
    for table in documents.tables:
        assert (table.frame["document"].str.match("Region |Liste over bevillinger")).all()
        assert (table.frame["place"] != "").all()
        assert table.frame.index.tolist() == list(range(len(table.frame)))
    profiles = documents.profiles.frame
    assert profiles["special_focus"].sum() == 8
    assert (~profiles["special_focus"].dropna().astype(bool)).sum() == 4
    assert profiles.loc[profiles["part"] == "", "code"].nunique() == 19
    holstebro = profiles[profiles["part"] == "Ulfborg og Vemb"].iloc[0]
    assert holstebro["towns"] == ("Ulfborg/Vemb",)
    assert documents.grants.frame["municipality_codes"].iloc[7] == ("0550", "0580", "0540")


def test_places_are_the_countrys(documents: Documents, listed: pd.DataFrame) -> None:
    profiles, grants = documents.profiles.frame, documents.grants.frame
    names = listed.set_index("code")["name"]
    assert (profiles["code"].map(names) == profiles["municipality"]).all()
    codes = grants["municipality_codes"].explode().dropna()
    regions = codes.map(listed.set_index("code")["region"])
    assert (regions == grants["region"].loc[codes.index]).all()
    assert set(grants["region"]) == {"", *listed["region"]}


def test_faults_of_instruments(spoil: Callable[..., Path]) -> None:
    path = spoil("instruments", answer={0: "perhaps"}, instrument={1: "knowledge"}, place={5: ""})
    assert_told(
        *(read_instruments, path, "column answer: must be one of yes, possibly, no"),
        *("must not say the same twice", "column place: must not be empty", "3 faults"),
    )


def test_a_situation_that_lacks_is_told(root: Path, tmp_path: Path) -> None:
    rows = (root / "data/instruments.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "instruments.csv"
    path.write_text("\n".join([*rows[:5], *rows[6:16]]) + "\n", encoding="utf-8")
    with pytest.raises(
        SchemaError, match="nothing about special, structural, subsidy; special, other, knowledge"
    ):
        read_instruments(path)


def test_faults_of_profiles(spoil: Callable[..., Path]) -> None:
    path = spoil(
        "profiles",
        code={2: "766", 33: "x"},
        special_focus={1: "ja", 7: "måske"},
        knowledge={0: "ja"},
        part={34: "Nord"},
    )
    assert_told(
        *(read_profiles, path, "column code: must be a kommunekode of four digits"),
        *("needs a row with an empty part", "is told of the whole municipality only"),
        *("column special_focus: must be ja or nej", "column knowledge: must be one of"),
        "must not say the same twice",
    )


def test_faults_of_grants(spoil: Callable[..., Path]) -> None:
    path = spoil(
        "grants",
        number={3: "1"},
        kroner={0: "0", 1: "2,5"},
        municipality_codes={5: "0671;0779", 7: "550", 8: "07x", 11: "0306", 13: "0306;0306"},
        region={2: "", 19: "Sjælland"},
        shortage={4: "?"},
    )
    assert_told(
        *(read_grants, path, "column number", "each once", "from 1 to 1000000000"),
        *('row 7: "0671;0779"', 'row 9: "0550"', 'row 13: "0306"', 'row 15: "0306;0306"'),
        *('row 10: "07x"', "must be empty for country, and only then", "column shortage"),
    )


def test_faults_of_goals(spoil: Callable[..., Path]) -> None:
    path = spoil(
        "goals",
        number={1: "1", 10: "12", 19: "3"},
        action={0: "1", 12: "", 14: "1"},
        indicators={2: "", 3: "doctors;beds", 6: "doctors", 11: "doctors"},
    )
    assert_told(
        *(read_goals, path, 'row 3: "1"', 'row 12: "12"', 'row 21: "3"'),
        *('row 2: "1"', "row 14: (empty)", "must be there for an action, once under its goal"),
        *("row 4: (empty)", 'row 5: "doctors;beds"', 'row 8: "doctors"', 'row 13: "doctors"'),
    )


@pytest.mark.parametrize("name", list(FILES))
def test_a_missing_column_is_told(name: str, root: Path, tmp_path: Path) -> None:
    table = pd.read_csv(root / "data" / FILES[name], dtype=str, keep_default_na=False)
    for other in FILES.values():
        (tmp_path / other).write_bytes((root / "data" / other).read_bytes())
    table.drop(columns="place").to_csv(tmp_path / FILES[name], index=False)
    with pytest.raises(SchemaError, match=rf"{FILES[name]}.*missing column place"):
        read_documents(tmp_path)


def amounts(text: str) -> list[tuple[str, int]]:
    """Find every amount of the list of grants and the last applicant named before it."""
    found = []
    for amount in re.finditer(r"(\d{1,3}(?:\.\d{3})+)\s*kr", text):
        before = re.findall(APPLICANT, text[: amount.start()], flags=re.MULTILINE)
        found.append((re.sub(r"\s", "", before[-1]), int(amount[1].replace(".", ""))))
    return found


@pytest.mark.reference
def test_grants_are_those_of_the_document(documents: Documents, reference: Path) -> None:
    found = amounts(read_seed(reference, 0))
    grants = documents.grants.frame
    assert [kroner for _, kroner in found] == grants["kroner"].tolist()
    for (applicant, _), ours in zip(found, grants["applicant"], strict=True):
        assert re.sub(r"\s", "", ours).startswith(applicant)
    assert sum(kroner for _, kroner in found) == 20_000_000
    assert "12 ud af 17" in " ".join(read_seed(reference, 0).split())


@pytest.mark.reference
def test_the_matrix_is_that_of_the_document(documents: Documents, reference: Path) -> None:
    text = read_seed(reference, 2)
    matrix = text[text.index("Geografisk område") : text.index("Det er vigtigt at holde fast")]
    cells = re.findall(r"(Viden|Risiko|Anlæg|Tilskud): (\w+)", matrix)
    words = {"Ja": "yes", "Nej": "no", "Eventuelt": "possibly"}
    names = dict(zip(("Viden", "Risiko", "Anlæg", "Tilskud"), INSTRUMENTS, strict=True))
    # The text has the cells row by row: no structural development first, ordinary areas first.
    cases = [(area, kind) for kind in ("other", "structural") for area in ("ordinary", "special")]
    theirs = {
        (*cases[i // 4], names[label]): words[answer] for i, (label, answer) in enumerate(cells)
    }
    ours = documents.instruments.frame.set_index(["area", "initiative", "instrument"])["answer"]
    assert theirs == ours.to_dict()


def chapters(text: str) -> dict[str, str]:
    """Cut the document at its headings: lines with a name and Kommune, and nothing else."""
    parts = re.split(r"^[ \f]*([A-ZÆØÅ][\w-]+) Kommune[ \t]*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.reference
def test_profiles_are_those_of_the_document(documents: Documents, reference: Path) -> None:
    text = read_seed(reference, 2)
    found = chapters(text)
    profiles = documents.profiles.frame
    whole = profiles[profiles["part"] == ""].set_index("municipality")
    assert set(found) == set(whole.index[whole["special_focus"].notna()])
    for name, chapter in found.items():
        sentence = " ".join(chapter.split()).split(".")[0]
        assert whole.loc[name, "special_focus"] == (" ikke" not in sentence), name
        for town in profiles.loc[profiles["municipality"] == name, "towns"].explode().dropna():
            for one in town.split("/"):
                assert OTHER_NAMES.get(one, one) in chapter, (name, one)
    rest = text[text.index("Øvrige Kommuner") :]
    for name in whole.index[whole["special_focus"].isna()]:
        assert OTHER_NAMES.get(name, name) in rest


@pytest.mark.reference
def test_goals_are_those_of_the_documents(documents: Documents, reference: Path) -> None:
    slide, note = read_seed(reference, 3), read_seed(reference, 1)
    goals = documents.goals.frame
    numbers = sorted(int(number) for number in re.findall(r"Målsætning (\d+):", slide))
    assert numbers == goals.loc[goals["kind"] == "goal", "number"].tolist()
    assert slide.count("Aftalt indsats:") == (goals["kind"] == "action").sum()
    assert len(re.findall("^Projekt ", slide, re.MULTILINE)) == (goals["kind"] == "project").sum()
    steps = {}
    for goal in re.split(r"(?=Målsætning \d:)", note)[1:]:
        for action in re.split(r"(?=Indsats \d:)", goal)[1:]:
            steps[int(goal[11]), int(action[8])] = action.count("•")
    actions = goals[goals["kind"] == "action"].set_index(["number", "action"])
    assert steps == actions["steps"].astype(int).to_dict()
    chosen = goals.loc[(goals["kind"] == "goal") & (goals["status"] != ""), "number"]
    assert chosen.tolist() == [2, 3, 4, 5]


@pytest.mark.reference
def test_sentences_are_our_own(documents: Documents, reference: Path) -> None:
    seeds = [read_seed(reference, number) for number in range(4)]
    texts = [
        *documents.profiles.frame["support"],
        *documents.goals.frame["text"],
        *documents.goals.frame["status"],
        *documents.grants.frame["area"],
    ]
    for text in texts:
        assert max(longest_quote(text, seed) for seed in seeds) <= MOST_WORDS, text
