"""Which nodes of a network hang together."""

import numpy as np
from numpy.typing import NDArray


def parts(
    tail: NDArray[np.integer], head: NDArray[np.integer], nodes: int, *, both_ways: bool
) -> NDArray[np.int64]:
    """Find the parts of a network and number them.

    Parameters
    ----------
    tail, head
        ``int (ways)``: where one may drive from and to.
    nodes
        How many nodes there are.
    both_ways
        Whether one must be able to drive between two nodes of a part both ways, or whether any
        chain of ways joins them.

    Returns
    -------
    ndarray
        ``int64 (nodes)``: the part of each node, from 0.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415  slow to import, seldom needed
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes))
    _, part = connected_components(graph, connection="strong" if both_ways else "weak")
    return np.asarray(part, dtype=np.int64)
