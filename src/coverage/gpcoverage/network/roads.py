"""The road network as plain arrays: all that analysis ever sees of roads."""

import hashlib
import json
import tokenize
import zipfile
import zlib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from gpcoverage.errors import NetworkError
from gpcoverage.files import write_whole
from gpcoverage.inputs.layer import is_file

NODE_ARRAYS: Final = frozenset({"easting", "northing"})
SHAPE: Final = "shape_"
"""Before the names of the shapes' arrays, where they stand beside the network's own."""

FORMAT: Final = 1
"""Of the saved file; raised whenever what is in it changes."""


class Adjacency(NamedTuple):
    """For every node the nodes one step away, in compressed sparse rows.

    Attributes
    ----------
    start
        ``int64 (nodes + 1)``: node ``i`` has the entries ``start[i]`` to ``start[i + 1]``.
    node
        ``int32 (entries)``: the other end.
    cost
        ``float64 (entries)``: what a search adds up, metres unless told otherwise.
    """

    start: NDArray[np.int64]
    node: NDArray[np.int32]
    cost: NDArray[np.float64]


class Shapes(NamedTuple):
    """The bends of edges, in compressed sparse rows.

    Attributes
    ----------
    start
        ``int64 (edges + 1)``: edge ``i`` has the points ``start[i]`` to ``start[i + 1]``, its
        ends included.
    easting, northing
        ``float64 (points)``: metres, EPSG:25832.
    at_m
        ``float64 (points)``: metres along the edge from its tail; the last is its length.
    """

    start: NDArray[np.int64]
    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    at_m: NDArray[np.float64]

    def take(self, keep: NDArray[np.bool_]) -> "Shapes":
        """Keep the shapes of some of the edges."""
        count = np.diff(self.start)
        points = np.repeat(keep, count)
        start = np.concatenate([[0], np.cumsum(count[keep])]).astype(np.int64)
        return Shapes(start, self.easting[points], self.northing[points], self.at_m[points])


def straight_shapes(
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    ends: NDArray[np.int64],
    length_m: NDArray[np.float64],
) -> Shapes:
    """Draw edges without bends.

    Parameters
    ----------
    easting, northing
        ``float64 (nodes)``: metres, EPSG:25832.
    ends
        ``int (edges, 2)``: tail and head.
    length_m
        ``float64 (edges)``: metres.

    Returns
    -------
    Shapes
    """
    points = ends.ravel()
    at_m = np.column_stack([np.zeros(len(ends)), length_m]).ravel()
    start = 2 * np.arange(len(ends) + 1, dtype=np.int64)
    return Shapes(start, easting[points], northing[points], at_m)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Take a view that cannot be written to; the caller's own array stays as it was."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """Junctions and the roads between them.

    Attributes
    ----------
    easting, northing
        ``float64 (nodes)``: metres, EPSG:25832.
    tail, head
        ``int32 (edges)``: the nodes an edge runs from and to.
    forward, backward
        ``bool (edges)``: whether one may drive from tail to head, and from head to tail.
    ferry
        ``bool (edges)``: whether the edge is a ferry.
    snappable
        ``bool (edges)``: whether a home or practice may lie on the edge (not on ferries,
        bridges of the terrain model and motorways).
    road_class
        ``int16 (edges)``: position in ``class_names``.
    shapes
        The bends of every edge, and the metres along it (WGS84 geodesic).
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
    source_sha256
        Of the file it was built from; empty if it was built from something else.
    options
        What it was built with, such as ``bounds=…``.
    """

    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    ferry: NDArray[np.bool_]
    snappable: NDArray[np.bool_]
    road_class: NDArray[np.int16]
    shapes: Shapes
    class_names: tuple[str, ...]
    kind: str
    source: str
    error_share: float
    notes: tuple[str, ...] = ()
    source_sha256: str = ""
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the arrays against each other and make them read-only."""
        edges = len(self.tail)
        for name, array in self._arrays().items():
            if not name.startswith(SHAPE):
                expected = len(self.easting) if name in NODE_ARRAYS else edges
                if array.shape != (expected,):
                    msg = f"{name} has shape {array.shape}; expected ({expected},)."
                    raise NetworkError(msg)
                object.__setattr__(self, name, _read_only(array))
        object.__setattr__(self, "shapes", Shapes(*map(_read_only, self.shapes)))
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

    @property
    def length_m(self) -> NDArray[np.float64]:
        """``float64 (edges)``: metres along the road, WGS84 geodesic."""
        return self.shapes.at_m[self.shapes.start[1:] - 1]

    def _arrays(self) -> dict[str, NDArray[Any]]:
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        arrays = {name: value for name, value in own.items() if isinstance(value, np.ndarray)}
        return arrays | {SHAPE + name: value for name, value in self.shapes._asdict().items()}

    def _words(self) -> dict[str, Any]:
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "shapes"}
        return {name: value for name, value in own.items() if not isinstance(value, np.ndarray)}

    def fingerprint(self) -> str:
        """Hash everything that decides a distance.

        Returns
        -------
        str
            SHA-256, 64 hexadecimal digits; equal for equal networks.
        """
        digest = hashlib.sha256(json.dumps(self._words(), sort_keys=True).encode())
        for name, array in sorted(self._arrays().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def without_ferries(self) -> Self:
        """Take the ferries away; nodes keep their numbers.

        Returns
        -------
        RoadNetwork
            The network itself if it has none.
        """
        return self.with_edges(~self.ferry) if self.ferry.any() else self

    def with_edges(self, keep: NDArray[np.bool_]) -> Self:
        """Keep some of the edges; nodes keep their numbers.

        Parameters
        ----------
        keep
            ``bool (edges)``.

        Returns
        -------
        RoadNetwork
        """
        of_edges = {
            f.name: getattr(self, f.name)[keep]
            for f in fields(self)
            if isinstance(getattr(self, f.name), np.ndarray) and f.name not in NODE_ARRAYS
        }
        return replace(self, **of_edges, shapes=self.shapes.take(keep))

    def reversed_adjacency(self, weight: NDArray[np.float64] | None = None) -> Adjacency:
        """List, for every node, the nodes from which one can drive to it.

        A search on this from a practice finds the distances *to* the practice.

        Parameters
        ----------
        weight
            ``float64 (edges)``: what a search adds up; the length in metres by default.

        Returns
        -------
        Adjacency
            Entries of a node in the order of the edges.
        """
        cost = self.length_m if weight is None else weight
        to_node = np.concatenate([self.head[self.forward], self.tail[self.backward]])
        from_node = np.concatenate([self.tail[self.forward], self.head[self.backward]])
        both_ways = np.concatenate([cost[self.forward], cost[self.backward]])
        order = np.argsort(to_node, kind="stable")
        start = np.zeros(self.node_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(to_node, minlength=self.node_count), out=start[1:])
        return Adjacency(start, from_node[order].astype(np.int32), both_ways[order])

    def save(self, path: Path) -> Path:
        """Write the network to one file.

        Parameters
        ----------
        path
            A .npz file: arrays and one JSON text, nothing that runs code when read.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        words = json.dumps({"format": FORMAT, "fingerprint": self.fingerprint(), **self._words()})
        saved: dict[str, Any] = {"words": np.array(words), **self._arrays()}

        def write(target: Path) -> None:
            with target.open("wb") as file:
                np.savez_compressed(file, **saved)

        return write_whole(path, write)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a network that :meth:`save` wrote.

        Parameters
        ----------
        path
            The .npz file.

        Returns
        -------
        RoadNetwork
            Bit for bit the one that was saved.

        Raises
        ------
        NetworkError
            If the file is damaged, of another format, or no network.
        """
        if is_file(path) and not zipfile.is_zipfile(path):  # else numpy's words, of pickles
            msg = f"{path}: is no built network (.npz), or a damaged one. Build it again from its extract: gpcoverage network build."
            raise NetworkError(msg)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
                arrays: dict[str, Any] = {name: saved[name] for name in saved.files}
            words = json.loads(str(arrays.pop("words")))
            stated, found = words.pop("fingerprint"), words.pop("format")
            shapes = Shapes(*(arrays.pop(SHAPE + name) for name in Shapes._fields))
            arrays |= {name: tuple(v) if isinstance(v, list) else v for name, v in words.items()}
            network = cls(**arrays, shapes=shapes)
            whole = found == FORMAT and network.fingerprint() == stated
        except (
            OSError,
            LookupError,
            TypeError,
            ValueError,
            EOFError,
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            AttributeError,  # a member that is no array
            OverflowError,  # a length that is none
            MemoryError,  # an array said to be larger than there is room for
            tokenize.TokenError,  # what numpy passes on of a header cut short,
            SyntaxError,  # or garbled
        ) as error:
            msg = f"{path}: is not a road network that can be read ({str(error)[:200]}). Build it again."
            raise NetworkError(msg) from error
        if not whole:
            msg = f"{path}: is damaged or of another version. Build it again."
            raise NetworkError(msg)
        return network
