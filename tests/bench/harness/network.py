"""Travel times computed a second time, from the files: shapely snaps, SciPy searches. No part of it is phteah's."""

from pathlib import Path

import numpy as np
import pyogrio
import shapely
from scipy.sparse.csgraph import dijkstra

from . import graph as g
from .inputs import speed

MAX_SNAP = 1_000.0


def build(roads: Path, mode: str) -> tuple[g.Graph, np.ndarray]:
    """Every segment of every road is an edge; vertices at one place are one node. Roads that the mode may not use stay out."""
    meta, _, shapes, values = pyogrio.raw.read(roads)
    fields = {str(name): column for name, column in zip(meta["fields"], values, strict=True)}
    xy, road = shapely.get_coordinates(shapely.from_wkb(shapes), return_index=True)
    kmh = np.array([speed(str(name), mode) for name in fields["class"]])
    direction = np.array([{"yes": 1, "-1": -1}.get(str(value), 0) for value in fields["oneway"]])
    places, node = np.unique(xy, axis=0, return_inverse=True)
    node = node.ravel()
    inner = np.flatnonzero((road[1:] == road[:-1]) & (node[1:] != node[:-1]) & (kmh[road[1:]] > 0))
    start, end, owner = node[inner], node[inner + 1], road[inner]
    length = np.hypot(*(places[start] - places[end]).T)
    seconds = length * 3.6 / kmh[owner]
    way = direction[owner] if mode == "motorbike" else np.zeros(len(owner), int)
    with_s, against_s = np.where(way >= 0, seconds, np.inf), np.where(way <= 0, seconds, np.inf)
    segments = shapely.linestrings(np.stack([places[start], places[end]], axis=1))
    return g.Graph(len(places), start, end, length, with_s, against_s), segments


def snap(points: np.ndarray, segments: np.ndarray) -> g.Places:
    nearest = shapely.STRtree(segments).nearest(points)
    distance = shapely.distance(points, segments[nearest])
    along = shapely.line_locate_point(segments[nearest], points)
    off = distance > MAX_SNAP
    return g.Places(np.where(off, -1, nearest), along, distance)


def access(features: Path, roads: Path, services: Path, mode: str) -> dict[str, np.ndarray]:
    """Minutes to the nearest service of each kind, both ends included."""
    graph, segments = build(roads, mode)
    points = lambda path, columns: pyogrio.raw.read(path, columns=columns)
    _, _, shapes, _ = points(features, [])
    origins = snap(shapely.from_wkb(shapes), segments)
    _, _, shapes, values = points(services, ["kind"])
    shapes, kinds = shapely.from_wkb(shapes), values[0].astype(str)
    tail, head, seconds = graph.arcs()
    answers = {}
    for kind in np.unique(kinds):
        there = snap(shapes[kinds == kind], segments)
        node, place, way = there.ends(graph, leaving=False)
        size = graph.nodes + len(there.edge)
        against = g.matrix(
            size, np.concatenate([head, graph.nodes + place]), np.concatenate([tail, node]), np.concatenate([seconds, way])
        )
        at_nodes = dijkstra(against, indices=np.arange(graph.nodes, size), min_only=True)
        node, place, way = origins.ends(graph, leaving=True)
        answer = np.full(len(origins.edge), np.inf)
        np.minimum.at(answer, place, at_nodes[node] + way)
        o, d = g.pairs_on_one_edge(origins, there)
        np.minimum.at(answer, o, g.along_same_edge(graph, origins, o, there, d))
        answers[f"{kind}_minutes"] = np.where(np.isfinite(answer), answer / 60, np.nan)
    return answers
