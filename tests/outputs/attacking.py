"""Reading all that a command writes, as somebody does who wants to know what was left out."""

import html
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import linprog

from gpcoverage.analysis.choice import CERTAINTIES, STATUSES

SINGLE = ("1613", "1627", "1657")
"""Lists that are nobody's business: of one doctor, or nobody knows of how many."""

SMALL = {"1", "2", "3", "4"}
Files = dict[str, Path]


class Attacker:
    """Knows of every home where it lies and how it is judged, but not how many people it has.

    Only whether it has any: then one at least, where people are whole numbers.
    """

    def __init__(self, homes: pd.DataFrame) -> None:
        self.homes = homes
        self.rows, self.people = list[np.ndarray](), list[float]()
        people = homes["population"].to_numpy()
        whole = bool((people == np.round(people)).all())
        self.bounds = [(float(whole and number > 0), None) for number in people]

    def read(self, here: Any, people: Any) -> None:
        """Read how many live in some homes, if it is told."""
        if people not in (None, "") and not pd.isna(people):
            self.rows.append(np.asarray(here, dtype=float))
            self.people.append(float(people))

    def width(self, here: Any) -> float:
        """Tell how closely the number of people in some homes is known."""
        cost, ends = np.asarray(here, dtype=float), []
        for sign in (1.0, -1.0):
            found = linprog(
                sign * cost, A_eq=np.array(self.rows), b_eq=self.people, bounds=self.bounds
            )
            assert found.status in {0, 3}, found.message  # solved or unbounded
            ends.append(sign * found.fun if found.status == 0 else -sign * np.inf)
        return float(ends[1] - ends[0])

    def finds_nothing(self, groups: Iterable[Any]) -> int:
        """Try all groups of few people; tell how many there were."""
        people, few = self.homes["population"].to_numpy(), 0
        for here in {tuple(np.asarray(group, dtype=bool)) for group in groups}:
            if 0 < people[np.array(here)].sum() < 5:
                few += 1
                assert self.width(here) >= 5 - 1e-3, self.homes.index[np.array(here)].tolist()
        return few


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(
        path, sep=";", decimal=",", encoding="utf-8-sig", dtype={"municipality_code": str}
    )


def read_json(files: Files) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(files["summary.json"].read_text(encoding="utf-8"))
    return summary


def page_text(files: Files) -> str:
    """Give what the page says, without Leaflet; entities and JSON's escapes are undone."""
    page = files["map.html"].read_text(encoding="utf-8")
    page = re.sub(r"/\* @preserve.*?</script>", "", page, flags=re.DOTALL)
    page = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), page)
    return html.unescape(page)


NOT_PEOPLE = {
    "", "Kommune", "Praksis", "To praksis", "Åben", "Åbne", "Omkring", "Afstand",
    "Km i gennemsnit", "Kode", "Kan ikke vælge",
    "Km til nærmeste åbne, gennemsnit", "Km til næstnærmeste åbne, gennemsnit", "Median, km", "90 %-fraktil, km", "Mest, km", "Længere til næste, median", "for hver tiende mindst",
    "Læger fylder 67", "Luftlinje mellem dem",
}  # fmt: skip


def people_on_page(files: Files) -> list[str]:
    """List the numbers of people in sentences, legend, layers, tables and popups."""
    text = re.sub(r"<span>[\d.]+ borgere</span>", "", page_text(files))  # sizes of circles
    numbers = re.findall(
        r"(?<![\d.,])(\d[\d.]*|<5) (?:borgere|→|mister deres|har (?:kun|ingen|derefter)|af dem er)",
        text,
    )
    numbers += re.findall(
        r"(?:→|heraf sikkert|og|Har kun én tilbage</th><td>) (\d[\d.]*) ?(?:borgere|\)|har ingen|mister)",
        text,
    )
    numbers += re.findall(r"<li><b>(\d[\d.]*|<5)</b><span>(?!praksis|par )", text)  # key figures
    for table in re.findall(r"<table><thead>.*?</table>", text, flags=re.DOTALL):
        head = re.findall(r"<th scope='col'[^>]*>(.*?)</th>", table)
        for row in re.findall(r"<tr>((?:<td[^>]*>.*?</td>)+)</tr>", table):
            cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
            numbers += [
                cell for name, cell in zip(head, cells, strict=True)
                if name not in NOT_PEOPLE and cell != ".."
            ]  # fmt: skip
    assert len(numbers) > 10
    return [number.replace(".", "") for number in numbers]


def told_numbers(files: Files) -> set[str]:
    """List all numbers in tables and summary, as a page would write them."""
    found = set[float]()

    def walk(value: Any) -> None:
        if isinstance(value, dict | list):
            for part in value.values() if isinstance(value, dict) else value:
                walk(part)
        elif isinstance(value, int | float):
            found.add(float(value))

    walk(
        {name: part for name, part in read_json(files).items() if name not in {"rules", "network"}}
    )
    for path in files.values():
        if path.suffix == ".csv":
            numbers = read_csv(path).select_dtypes("number").to_numpy(dtype=float)
            found |= set(numbers[~np.isnan(numbers)].tolist())
    return {f"{value:.0f}" for value in found}


def assert_page_tells_no_more(files: Files) -> None:
    people = people_on_page(files)
    assert not (SMALL | {"<5"}) & set(people), people
    assert set(people) <= told_numbers(files)
    for path in files.values():
        if path.suffix == ".svg":
            labels = re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))
            assert not SMALL & set(labels), labels


def assert_single_lists(files: Files, *, are_told: bool) -> None:
    for name, path in files.items():
        if path.suffix == ".gpkg":
            lists = gpd.read_file(path, layer="practices")["list_size"].dropna().tolist()
            text = " ".join(f"{size:.0f}" for size in lists)
        else:
            text = page_text(files) if name == "map.html" else path.read_text(encoding="utf-8")
        here = {
            size for size in SINGLE if re.search(rf"(?<![\d.,]){size[0]}\.?{size[1:]}(?!\d)", text)
        }
        assert not here or are_told, name
        if are_told and name in {"map.html", "choice.gpkg", "ledger.csv"}:
            assert here, name


def read_sums(attacker: Attacker, sums: dict[str, Any], suffix: str = "") -> None:
    homes = attacker.homes
    attacker.read(homes["population"] >= 0, sums["population"])
    for kind, values in (("status", STATUSES), ("certainty", CERTAINTIES)):
        for value in values:
            attacker.read(homes[kind + suffix] == value, sums[f"by_{kind}"][value])
    for status in STATUSES:
        for certainty in CERTAINTIES:
            here = (homes["status" + suffix] == status) & (homes["certainty" + suffix] == certainty)
            attacker.read(here, sums["by_status_and_certainty"][f"{status}_{certainty}"])


def read_summary(attacker: Attacker, summary: dict[str, Any], suffix: str = "") -> list[Any]:
    """Read the sums of a choice check; give the groups of people that they are about."""
    homes = attacker.homes
    read_sums(attacker, summary["totals"], suffix)
    for code, sums in summary["municipalities"].items():
        # The same readings, of the homes of one municipality.
        part = Attacker(homes)
        read_sums(part, sums, suffix)
        inside = (homes["municipality_code"] == code).to_numpy()
        for here, people in zip(part.rows, part.people, strict=True):
            attacker.read(here * inside, people)
    for item in summary["unreachable"]:
        attacker.read(homes["reason" + suffix] == item["reason"], item["population"])
    kinds = ["municipality_code", "status" + suffix, "certainty" + suffix]
    by = [kinds[:1], kinds[:2], [kinds[0], kinds[2]], kinds, kinds[1:], kinds[1:2], kinds[2:]]
    by.append(["reason" + suffix])
    return [group for names in by for group in groups_of(homes, names)]


def groups_of(homes: pd.DataFrame, names: list[str]) -> list[Any]:
    number = homes.groupby(names).ngroup().to_numpy()
    return [number == group for group in range(number.max() + 1)]


def each_home(homes: pd.DataFrame) -> list[Any]:
    return list(np.eye(len(homes), dtype=bool))
