"""The road network as plain arrays: all that analysis ever sees of roads."""

import hashlib
from dataclasses import dataclass, fields
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from gpcoverage.errors import NetworkError

NODE_ARRAYS: Final = frozenset({"easting", "northing"})


class Adjacency(NamedTuple):
    """For every node the nodes one step away, in compressed sparse rows.

    Attributes
    ----------
    start
        ``int64 (nodes + 1)``: node ``i`` has the entries ``start[i]`` to ``start[i + 1]``.
    node
        ``int32 (entries)``: the other end.
    length_m
        ``float64 (entries)``: metres.
    """

    start: NDArray[np.int64]
    node: NDArray[np.int32]
    length_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """Nodes and straight road pieces between them.

    Attributes
    ----------
    easting, northing
        ``float64 (nodes)``: metres, EPSG:25832.
    tail, head
        ``int32 (edges)``: the nodes an edge runs from and to.
    length_m
        ``float64 (edges)``: metres along the road, WGS84 geodesic.
    forward, backward
        ``bool (edges)``: whether one may drive from tail to head, and from head to tail.
    ferry
        ``bool (edges)``: whether the edge is a ferry.
    snappable
        ``bool (edges)``: whether a home or practice may lie on the edge (not on ferries,
        bridges of the terrain model and motorways).
    road_class
        ``int16 (edges)``: position in ``class_names``.
    class_names
        Names of the road classes.
    kind
        ``terrain`` or ``osm``.
    source
        What the network was built from, for footnotes.
    error_share
        Stated error of a distance as a share of it: the band around the limit.
    notes
        What was left out while building, in plain words.
    """

    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    ferry: NDArray[np.bool_]
    snappable: NDArray[np.bool_]
    road_class: NDArray[np.int16]
    class_names: tuple[str, ...]
    kind: str
    source: str
    error_share: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the arrays against each other and make them read-only."""
        edges = len(self.tail)
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                expected = len(self.easting) if field.name in NODE_ARRAYS else edges
                if value.shape != (expected,):
                    msg = f"{field.name} has shape {value.shape}; expected ({expected},)."
                    raise NetworkError(msg)
                value.flags.writeable = False
        if edges == 0:
            msg = f"{self.source}: holds no drivable road. Check the extract and its area."
            raise NetworkError(msg)
        if not (np.isfinite(self.length_m) & (self.length_m >= 0)).all():
            msg = f"{self.source}: an edge's length is negative or no number. Build the network again."
            raise NetworkError(msg)

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.easting)

    def fingerprint(self) -> str:
        """Hash everything that decides a distance.

        Returns
        -------
        str
            SHA-256, 64 hexadecimal digits; equal for equal networks.
        """
        digest = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            digest.update(
                value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
            )
        return digest.hexdigest()

    def without_ferries(self) -> Self:
        """Take the ferries away; nodes keep their numbers.

        Returns
        -------
        RoadNetwork
        """
        return self.with_edges(~self.ferry)

    def with_edges(self, keep: NDArray[np.bool_], note: str = "") -> Self:
        """Keep some of the edges; nodes keep their numbers.

        Parameters
        ----------
        keep
            ``bool (edges)``.
        note
            What was left out, in plain words; added to ``notes``.

        Returns
        -------
        RoadNetwork
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in values.items():
            if isinstance(value, np.ndarray) and name not in NODE_ARRAYS:
                values[name] = value[keep]
        values["notes"] = (*self.notes, note) if note else self.notes
        return type(self)(**values)

    def reversed_adjacency(self) -> Adjacency:
        """List, for every node, the nodes from which one can drive to it.

        A search on this from a practice finds the distances *to* the practice.

        Returns
        -------
        Adjacency
            Entries of a node in the order of the edges.
        """
        to_node = np.concatenate([self.head[self.forward], self.tail[self.backward]])
        from_node = np.concatenate([self.tail[self.forward], self.head[self.backward]])
        length_m = np.concatenate([self.length_m[self.forward], self.length_m[self.backward]])
        order = np.argsort(to_node, kind="stable")
        start = np.zeros(self.node_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(to_node, minlength=self.node_count), out=start[1:])
        return Adjacency(start, from_node[order].astype(np.int32), length_m[order])
