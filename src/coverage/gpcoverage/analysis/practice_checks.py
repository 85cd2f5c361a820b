"""Checks on arrival: whether the practices are all there, plausible, and where they say."""

import datetime
import math
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.findings import (
    Finding,
    Severity,
    input_file,
    make_places,
    metres_from_land,
)
from gpcoverage.analysis.land_checks import SEA_M, find_at_sea, has_whole_country
from gpcoverage.analysis.twins import find_twins, house_of
from gpcoverage.inputs.references import ReferenceFigures, years_since
from gpcoverage.inputs.study import DENMARK, Study

DRIFT_AT_ONCE: Final = 0.05
DRIFT_PER_YEAR: Final = 0.01
"""A count may differ by 5 %, as counts of one year do (Region H in 2019: 1,047 and 1,098), and by
1 % more for every year since: from 2007 to 2019 doctors became 8 % fewer."""

SHARE_DRIFT: Final = 0.15
"""Points. The share of open practices rose by 13 points in Sjælland within the year 2019."""

UNKNOWN_SHARE: Final = 0.05
"""Where more is unknown, sums are not compared, and the gaps are a doubt."""

RESIDENTS: Final = 1_700.0
"""People per doctor in the country: 6.0 million, 3,499 doctors in 2023 (KL). Half and twice as many
are told: no municipality is known to be so far off."""

DOCTORS_MANY: Final = 15.0
"""Full-time doctors in one practice; the largest have about ten."""

LIST_SOURCE: Final = "Region Midtjylland, perspektivplan, 2008"
LIST_HIGH: Final = 2_542.0
"""Patients per doctor: the largest number allowed in 2008 (Region Midtjyllands perspektivplan)."""

LIST_LOW: Final = 300.0
"""Patients per doctor: a fifth of the mean; a full-time doctor cannot live on it."""

MONTHS_AHEAD: Final = 6
"""The notice that a practice must give."""

CENTROID_M: Final = 50.0
"""By chance one practice in 50,000 lies so near to a given point of its municipality."""

SHARED_SHARE: Final = 0.25
"""Some practices share a house; where more than a quarter share a point, it is no house."""

BESIDE_M: Final = 1_000.0
"""Municipalities so near to the area are beside it, whatever gap the boundaries leave."""


def check_practices(study: Study, references: ReferenceFigures | None) -> list[Finding]:
    """Check the practices: how many, how large, where, and when they close.

    Parameters
    ----------
    study
        The study. Checked are practices that state a municipality of the area or lie so near to
        it that its people could choose them; sums are those of the area.
    references
        Figures of others.

    Returns
    -------
    list of Finding
    """
    practices = study.practices[_can_count(study)].sort_index()
    points = practices.geometry.to_numpy()
    return [
        *_against_references(study, references),
        *_by_municipality(study),
        *_sizes(practices),
        *_closing(practices, study.date),
        *find_twins(practices),
        *find_at_sea("practice_at_sea", practices, points, study),
        *_places(practices, study.municipalities),
    ]


def _can_count(study: Study) -> NDArray[np.bool_]:
    """Say which practices people of the area could choose: no road is shorter than the line."""
    stated = study.practices["municipality_code"].isin(study.municipality_codes)
    near = _within(study.practices, study.area, study.rules.limit_m)
    return np.asarray(stated.to_numpy() | near, dtype=np.bool_)


def _within(frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, metres: float) -> NDArray[np.bool_]:
    tree = shapely.STRtree(frame.geometry.to_numpy())
    near = tree.query(areas.geometry.to_numpy(), predicate="dwithin", distance=metres)[1]
    return np.isin(np.arange(len(frame)), near)


def _against_references(study: Study, references: ReferenceFigures | None) -> list[Finding]:
    """Compare regions that lie wholly in the area, and the country, with what others counted."""
    if references is None:
        return []
    findings = []
    for row in references.latest().to_dict("records"):
        if row["measure"] == "area_km2" or not covers(study, row["region"]):
            continue
        here = practices_of(study, row["region"])
        if here.empty:
            continue
        found = measure(here, row["measure"])
        if abs(found - row["value"]) > allowed(
            row["measure"], row["value"], row["date"], study.date
        ):
            source = f"{row['series']} {row['date']}: {row['source']}"
            findings.append(
                Finding(
                    f"{row['measure']}_off", "doubt", row["region"], row["value"], found, source
                )
            )
    return findings


def covers(study: Study, region: str) -> bool:
    """Say whether a region, or the country, lies wholly in the area.

    Parameters
    ----------
    study
        The study.
    region
        A region's name, or ``Danmark``.

    Returns
    -------
    bool
        No if the study's list of municipalities is not whole: then nobody can know.
    """
    listed = study.municipalities
    of_region = listed if region == DENMARK else listed[listed["region"] == region]
    inside = of_region["code"].isin(study.municipality_codes)
    return has_whole_country(study) and len(inside) > 0 and bool(inside.all())


def practices_of(study: Study, region: str) -> gpd.GeoDataFrame:
    """Take the practices of a region, or of the country, by the municipality that they state."""
    if region == DENMARK:
        return study.practices
    regions = study.municipalities.set_index("code")["region"]
    return study.practices[study.practices["municipality_code"].map(regions) == region]


def measure(practices: pd.DataFrame, what: str) -> float:
    """Measure practices as a reference figure does.

    Parameters
    ----------
    practices
        Those of a region; at least one.
    what
        One of ``references.MEASURES`` but the area.

    Returns
    -------
    float
        NaN where too little is known.
    """
    doctors, lists = practices["doctors"], practices["list_size"]
    known = (
        doctors.notna() if what == "doctors" else doctors.notna() & lists.notna() & (doctors > 0)
    )
    needed = what in {"doctors", "patients_per_doctor"}
    if needed and known.mean() < 1 - UNKNOWN_SHARE:
        return float("nan")
    open_share = float(practices["open"].mean())
    return {
        "practices": float(len(practices)),
        "doctors": float(doctors.sum()),
        "patients_per_doctor": float(lists[known].sum() / max(doctors[known].sum(), 1e-9)),
        "open_share": open_share,
        "closed_share": 1 - open_share,
    }[what]


def allowed(what: str, value: float, date: str, day: datetime.date) -> float:
    """Tell how far a count may be from what others counted.

    Parameters
    ----------
    what
        One of ``references.MEASURES`` but the area.
    value, date
        What they counted, and when: a year or a month.
    day
        The later day.

    Returns
    -------
    float
        In the unit of the value.
    """
    if what.endswith("_share"):
        return SHARE_DRIFT
    return value * (DRIFT_AT_ONCE + DRIFT_PER_YEAR * years_since(date, day))


def _by_municipality(study: Study) -> list[Finding]:
    """Find municipalities without practices, all closed, or with too many people per doctor."""
    listed = study.municipalities.sort_values("code").reset_index(drop=True)
    by_code = study.practices.groupby("municipality_code").agg(
        practices=("open", "size"),
        open=("open", "sum"),
        doctors=("doctors", lambda doctors: doctors.sum(skipna=False)),
    )
    figures = by_code.reindex(listed["code"]).reset_index(drop=True)
    area = listed["code"].isin(study.municipality_codes)
    none = figures["practices"].isna()
    per_doctor = (listed["population"] / figures["doctors"]).replace(np.inf, np.nan)
    odd = area & ((per_doctor < RESIDENTS / 2) | (per_doctor > RESIDENTS * 2))
    closed = area & (figures["open"] == 0)
    beside = none & ~area & _within(listed, listed[area], BESIDE_M)
    file = input_file(study, "practices")

    def tell(
        check: str,
        at: pd.Series,
        value: pd.Series,
        severity: Severity = "doubt",
        limit: float = math.nan,
    ) -> list[Finding]:
        if not at.any():
            return []
        places = make_places(listed[at], "municipality", value=value[at])
        return [Finding(check, severity, "", 0.0, float(at.sum()), file, places, limit)]

    return [
        *tell("no_practice", none & area, listed["population"]),
        *tell("no_practice_beside", beside, listed["population"]),
        *tell("all_closed", closed, figures["practices"], "note"),
        *tell("residents_per_doctor", odd, per_doctor, limit=RESIDENTS),
    ]


def _sizes(practices: gpd.GeoDataFrame) -> list[Finding]:
    doctors, lists = practices["doctors"], practices["list_size"]
    per_doctor = (lists / doctors).where(doctors > 0)
    told = [
        ("many_doctors", doctors > DOCTORS_MANY, doctors, DOCTORS_MANY, ""),
        ("no_doctors", doctors == 0, lists, 0.0, ""),
        ("long_list", per_doctor > LIST_HIGH, per_doctor, LIST_HIGH, LIST_SOURCE),
        ("short_list", per_doctor < LIST_LOW, per_doctor, LIST_LOW, ""),
    ]
    findings = [
        Finding(
            check, "doubt", "", 0.0, float(at.sum()), source,
            make_places(practices[at], "practice", value=value[at]), limit,
        )
        for check, at, value, limit, source in told
        if at.any()
    ]  # fmt: skip
    for check, column in (("unknown_doctors", doctors), ("unknown_lists", lists)):
        at = column.isna()
        if at.any():
            severity: Severity = "doubt" if at.mean() > UNKNOWN_SHARE else "note"
            places = make_places(practices[at], "practice")
            findings.append(Finding(check, severity, "", 0.0, float(at.sum()), places=places))
    return findings


def _closing(practices: gpd.GeoDataFrame, day: datetime.date) -> list[Finding]:
    if "closing_date" not in practices:
        return []
    until = (pd.Timestamp(day) + pd.DateOffset(months=MONTHS_AHEAD)).date().isoformat()
    dates = practices["closing_date"].fillna("").astype(str)
    at = (dates != "") & (dates <= until)
    if not at.any():
        return []
    places = make_places(practices[at], "practice", other=dates[at])
    found = float(at.sum())
    return [Finding("closing_soon", "note", found=found, places=places, limit=MONTHS_AHEAD)]


def _places(practices: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame) -> list[Finding]:
    """Find places that disagree with the municipality or look guessed."""
    points = practices.geometry.to_numpy()
    own = municipalities.set_index("code").geometry.reindex(practices["municipality_code"])
    away = shapely.distance(own.to_numpy(), points)
    ashore = metres_from_land(points, municipalities) <= SEA_M
    middle = own.centroid.to_numpy()
    guessed = shapely.distance(middle, points) < CENTROID_M
    found = [
        ("practice_elsewhere", (away > SEA_M) & ashore, away, SEA_M),
        ("at_centroid", guessed, shapely.distance(middle, points), CENTROID_M),
    ]
    findings = [
        Finding(
            check, "doubt", "", 0.0, float(at.sum()),
            places=make_places(practices[at], "practice", value=value[at]), limit=limit,
        )
        for check, at, value, limit in found
        if at.any()
    ]  # fmt: skip
    return findings + _shared_points(practices)


def _shared_points(practices: gpd.GeoDataFrame) -> list[Finding]:
    """Find practices at exactly one point whose addresses differ, or say nothing."""
    point = practices.geometry.to_wkb().to_numpy()
    house = practices["address"].map(house_of)
    stated = house != ""
    houses = house.where(stated).groupby(point).transform("nunique")
    alone = ~pd.Series(point, practices.index).duplicated(keep=False)
    unsure = ~stated & ~alone
    findings = []
    if (houses > 1).any():
        shown = practices[(houses > 1) & stated]
        places = make_places(shown, "practice", other=shown["address"])
        found = float(len(shown))
        findings.append(Finding("addresses_at_one_point", "doubt", "", 0.0, found, places=places))
    if unsure.any():
        severity: Severity = "doubt" if unsure.mean() > SHARED_SHARE else "note"
        places = make_places(practices[unsure], "practice")
        found = float(unsure.sum())
        findings.append(Finding("places_without_address", severity, found=found, places=places))
    return findings
