"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

python tests/floors.py > floors.txt && pip install -c floors.txt -e '.[dev]'
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def floors(text: str) -> list[str]:
    """``name==floor`` for every dependency of a pyproject.toml, those for developers included."""
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return sorted({line.replace(">=", "==") for line in wanted})


if __name__ == "__main__":
    sys.stdout.write(
        "\n".join(floors((ROOT / "pyproject.toml").read_text(encoding="utf-8"))) + "\n"
    )
