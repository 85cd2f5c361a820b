"""Ferries and islands as a policy: the answer under three of them, side by side."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gpcoverage.analysis.choice import STATUSES, Choice, compute_choice
from gpcoverage.network.parts import parts
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.snapping import Snaps

POLICY_COLUMNS = ("status_no_ferry", "status_ferry", "status_island_rule")


def add_ferry_policies(choice: Choice, network: RoadNetwork) -> Choice:
    """Judge every home under three policies for ferries and islands.

    Parameters
    ----------
    choice
        The result under the study's own policy.
    network
        The same roads with their ferries.

    Returns
    -------
    Choice
        ``homes`` also has ``island`` (no road leads from the home to the greatest part of the
        network), ``status_no_ferry`` (ferries are no road), ``status_ferry`` (a ferry is a road
        of its sailed length) and ``status_island_rule`` (ferries are no road, and on an island
        the rule's ``island_min_choices`` are enough; as ``status_no_ferry`` where it has none).
    """
    study = choice.study
    without, with_ferries = (
        compute_choice(replace(study, roads=replace(study.roads, ferries=policy)), network)
        for policy in ("exclude", "include")
    )
    island = _on_islands(without.network, without.distances.home_snaps)
    own_rule = without.homes["status"].to_numpy()
    if study.rules.island_min_choices is not None:
        enough = without.homes["choices"].to_numpy() >= study.rules.island_min_choices
        own_rule = np.where(island & enough, STATUSES[2], own_rule)
    homes = choice.homes.assign(
        island=island,
        status_no_ferry=without.homes["status"],
        status_ferry=with_ferries.homes["status"],
        status_island_rule=own_rule,
    )
    return replace(choice, homes=homes)


def _on_islands(network: RoadNetwork, homes: Snaps) -> NDArray[np.bool_]:
    """Say which homes lie off the greatest part of the road network; off every road is off it."""
    part = parts(network.tail, network.head, network.node_count, both_ways=False)
    of_edge = part[network.tail]
    main = np.bincount(of_edge, network.length_m).argmax()
    return np.asarray((homes.edge < 0) | (of_edge[homes.edge] != main))
