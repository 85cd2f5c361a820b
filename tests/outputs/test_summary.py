"""summary.json: stable keys, sums that agree, the same bytes but for ``created``."""

import datetime
import json
from pathlib import Path

import pytest

from gpcoverage import Choice
from gpcoverage.outputs.summary import summarise, write_summary
from gpcoverage.outputs.told import tell_choice

NOW = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=datetime.UTC)
GOLDEN = Path(__file__).parent / "golden_summary.json"


def test_golden(choice: Choice) -> None:
    summary = summarise(tell_choice(choice), NOW)
    assert summary["network"].pop("sha256") == choice.network.fingerprint()
    summary["version"] = "VERSION"
    assert summary == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_totals_agree(choice: Choice) -> None:
    totals = summarise(tell_choice(choice), NOW)["totals"]
    assert sum(totals["by_status"].values()) == pytest.approx(totals["population"])
    assert sum(totals["by_certainty"].values()) == pytest.approx(totals["population"])
    assert sum(totals["by_status_and_certainty"].values()) == pytest.approx(totals["population"])


def test_only_created_differs(choice: Choice, tmp_path: Path) -> None:
    texts = []
    for name in ("a.json", "b.json"):
        write_summary(tell_choice(choice), tmp_path / name)
        texts.append((tmp_path / name).read_text(encoding="utf-8"))
    first, second = (json.loads(text) for text in texts)
    first.pop("created")
    second.pop("created")
    assert first == second
