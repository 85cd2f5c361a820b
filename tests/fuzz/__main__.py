"""Fuzz all readers: ``cd tests && python -m fuzz --minutes 60``."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from fuzz.readers import samples
from fuzz.running import fuzz, keep


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="readers whose name begins so")
    parser.add_argument("--keep", type=Path, default=Path("fuzz_found"), help="for what is found")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        findings = fuzz(
            samples(place), place, options.minutes * 60, options.seed, only=options.only
        )
    keep(findings, options.keep)
    print(
        f"seed {options.seed}: {findings.cases:,} files in {options.minutes:g} minutes, of them "
        f"{findings.refused:,} refused; {len(findings.found)} findings; the slowest took "
        f"{findings.slowest_s:.1f} s ({findings.slowest})"
    )
    for key, finding in findings.found.items():
        print(f"{finding.times:6,} {key} {finding.message}")
    return 1 if findings.found else 0


if __name__ == "__main__":
    sys.exit(main())
