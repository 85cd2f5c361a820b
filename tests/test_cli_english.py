"""Every command that writes a page writes it in English if asked to."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.country
@pytest.mark.parametrize(
    ("words", "page", "title"),
    [
        (["choice"], "map.html", "Choice of doctor: Region Midtjylland"),
        (["close", "Rønde"], "map.html", "Region Midtjylland: Lægerne i Rønde 1 (eksempel) closes"),
        (["ledger"], "map.html", "If a practice closes: Region Midtjylland"),
        (["areas"], "map.html", "Areas short of doctors: Region Midtjylland"),
        (
            ["site", "--clinics", "1"],
            "map.html",
            "Where should the next clinic be? Region Midtjylland",
        ),
        (["plan"], "map.html", "Plan, money and choice of doctor: Region Midtjylland"),
        (["data", "data/midtjylland.toml"], "data.html", "Data check: Region Midtjylland"),
    ],
)
def test_a_page_in_english(
    root: Path, tmp_path: Path, words: list[str], page: str, title: str
) -> None:
    command = [sys.executable, "-m", "gpcoverage", *words, "--english", "--out", str(tmp_path)]
    subprocess.run(command, cwd=root, capture_output=True, check=True)
    text = (tmp_path / page).read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert f"<title>{title}</title>" in text
