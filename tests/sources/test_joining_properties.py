"""Whatever stands in SOR and the region's export, no row is lost."""

import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpcoverage.sources.joining import Joined, join_region
from sources.registers import GP, once_each, read, region, sor_id, unit

NUMBER = st.sampled_from(["", "1", "02", "2", "3"])
PEOPLE = st.sampled_from(["Lægerne", "LAEGERNE ApS", "Klinikken v/Bo"])
HOUSE = st.sampled_from(["1", "2", ""])
UNITS = st.lists(
    st.builds(
        unit,
        st.integers(1, 6),
        yder=NUMBER,
        name=PEOPLE,
        no=HOUSE,
        si=st.integers(1, 6).map(sor_id),
        start=st.sampled_from(["2019-05-01", "2026-11-01", "2027-01-01"]),
        end=st.sampled_from(["", "", "2026-10-31", "2026-12-31"]),
        x=st.sampled_from(["476200", "476200", "476200", ""]),
        type=st.sampled_from([GP, GP, "ydernummer", "hospital"]),
        si_type=st.sampled_from([GP, ""]),
    ),
    max_size=12,
).map(lambda rows: [unit(99), *rows])
ROWS = st.lists(
    st.builds(
        "{};{};{};ja;;;{};7500;".format,
        NUMBER,
        st.one_of(st.just(""), st.integers(1, 8).map(sor_id)),
        PEOPLE,
        HOUSE.map("Østergade {}".format),
    ),
    min_size=1,
    max_size=10,
)


def _content(joined: Joined) -> list[list[tuple[str, ...]]]:
    """Take what does not depend on row numbers, in an order that does not either."""
    kept = ["id", "sor_id", "name", "closing_date", "matched_by", "easting"]
    shown = ["ydernummer", "sor_id", "name", "address"]
    tables = [
        joined.table[kept],
        joined.unmatched_sor[[*shown, "opening_date", "closing_date", "sor_ids"]],
        joined.unmatched_region[shown],
        joined.ambiguous[["side", *shown]],
    ]
    return [
        sorted(tuple(map(str, row)) for row in table.itertuples(index=False)) for table in tables
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(units=UNITS, rows=ROWS, seed=st.integers(0, 9))
def test_no_row_is_lost_and_order_does_not_matter(
    units: list[list[str]], rows: list[str], seed: int
) -> None:
    order = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        sor, stated = read(there, *units), region(there, *rows)
        joined = join_region(sor, stated)
        once_each(joined, sor, stated)
        left = [row for item in sor.record.left_out for row in item.rows]
        assert sorted([*sor.frame.index, *left]) == list(range(2, len(units) + 2))
        assert joined.table["id"].is_unique
        assert joined.table["easting"].notna().all()
        order.shuffle(units)
        order.shuffle(rows)
        other = join_region(read(there, *units), region(there, *rows))
        assert _content(other) == _content(joined)
