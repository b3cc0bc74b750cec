"""The graph as SciPy takes it: nodes of the network, and behind them one node for every place that joins it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from .raw import read

WALKING = 4.5 / 3.6  # m/s off the roads


@dataclass
class Graph:
    """Edges with the seconds that they take with (`with_s`) and against (`against_s`) their drawing; infinite where forbidden."""

    nodes: int
    start: np.ndarray
    end: np.ndarray
    length: np.ndarray
    with_s: np.ndarray
    against_s: np.ndarray

    def arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        tail = np.concatenate([self.start, self.end])
        head = np.concatenate([self.end, self.start])
        seconds = np.concatenate([self.with_s, self.against_s])
        keep = np.isfinite(seconds)
        return tail[keep], head[keep], seconds[keep]


@dataclass
class Places:
    """Where places meet the network: the edge, how far along it, and how far off it they lie. Off the network: edge −1."""

    edge: np.ndarray
    along: np.ndarray
    distance: np.ndarray

    def ends(self, graph: Graph, leaving: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Node, place and seconds of every way between a place and the ends of its edge."""
        on = np.flatnonzero(self.edge >= 0)
        edge, along = self.edge[on], self.along[on]
        off = self.distance[on] / WALKING
        length = graph.length[edge]
        with np.errstate(invalid="ignore"):
            forward, back = graph.with_s[edge] / length, graph.against_s[edge] / length
            towards_start, towards_end = (back, forward) if leaving else (forward, back)
            to_start = np.where(along <= 0, 0.0, along * towards_start)
            to_end = np.where(length - along <= 0, 0.0, (length - along) * towards_end)
        node = np.concatenate([graph.start[edge], graph.end[edge]])
        place = np.concatenate([on, on])
        seconds = np.concatenate([to_start + off, to_end + off])
        keep = np.isfinite(seconds)
        return node[keep], place[keep], seconds[keep]


def load(folder: Path, mode: str) -> Graph:
    edges = read(folder / "edges.u32").reshape(-1, 3).astype(np.int64)
    length = read(folder / "lengths.f64")
    kmh = read(folder / "road_kmh.f64")[edges[:, 2]]
    oneway = read(folder / "road_oneway.i32")[edges[:, 2]] if mode == "motorbike" else np.zeros(len(edges), int)
    with np.errstate(divide="ignore"):
        seconds = np.where(kmh > 0, length * 3.6 / kmh, np.inf)
    nodes = len(read(folder / "nodes.f64")) // 2
    with_s, against_s = np.where(oneway >= 0, seconds, np.inf), np.where(oneway <= 0, seconds, np.inf)
    return Graph(nodes, edges[:, 0], edges[:, 1], length, with_s, against_s)


def places(folder: Path, name: str) -> Places:
    edge = read(folder / f"{name}_edge.u32").astype(np.int64)
    edge[edge == 2**32 - 1] = -1
    along, distance = read(folder / f"{name}_along_distance.f64").reshape(-1, 2).T
    return Places(edge, along, distance)


def matrix(size: int, tail: np.ndarray, head: np.ndarray, seconds: np.ndarray) -> csr_array:
    """A sparse matrix of the quickest arc between each two nodes (SciPy would add up parallel ones)."""
    order = np.lexsort((seconds, head, tail))
    tail, head, seconds = tail[order], head[order], seconds[order]
    first = np.ones(len(tail), bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    # SciPy takes a stored zero for a missing arc.
    weights = np.maximum(seconds[first], 1e-300)
    return csr_array((weights, (tail[first], head[first])), shape=(size, size))


def along_same_edge(graph: Graph, origins: Places, o: np.ndarray, destinations: Places, d: np.ndarray) -> np.ndarray:
    """Seconds from origins `o` to destinations `d` (index arrays of one length, pairs on one edge) along that edge."""
    edge = origins.edge[o]
    metres = destinations.along[d] - origins.along[o]
    with np.errstate(invalid="ignore"):
        pace = np.where(metres > 0, graph.with_s[edge], graph.against_s[edge]) / graph.length[edge]
        road = np.where(metres == 0, 0.0, np.abs(metres) * pace)
    return road + (origins.distance[o] + destinations.distance[d]) / WALKING


def pairs_on_one_edge(origins: Places, destinations: Places) -> tuple[np.ndarray, np.ndarray]:
    """Every origin and destination that share an edge."""
    by_edge: dict[int, list[int]] = {}
    for d, edge in enumerate(destinations.edge):
        if edge >= 0:
            by_edge.setdefault(int(edge), []).append(d)
    pairs = [(o, d) for o, edge in enumerate(origins.edge) if edge >= 0 for d in by_edge.get(int(edge), ())]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
