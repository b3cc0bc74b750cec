"""SciPy's `dijkstra` on the graph of a folder: nearest of several services (`min_only`), and origins × sites one by one.

    travel_scipy.py FOLDER walk|motorbike REPEATS
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import dijkstra

from harness import graph as g
from harness.raw import write


def timed(repeats, work):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return seconds, result


def main() -> None:
    folder, mode, repeats = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    graph = g.load(folder, mode)
    services, features = g.places(folder, "services"), g.places(folder, "features")
    origins, sites = g.places(folder, "origins"), g.places(folder, "sites")
    tail, head, seconds = graph.arcs()

    # Nearest: from all services at once, against the traffic. A service is a node of its own behind the network's.
    node, place, way = services.ends(graph, leaving=False)
    size = graph.nodes + len(services.edge)
    against = g.matrix(size, np.concatenate([head, graph.nodes + place]), np.concatenate([tail, node]), np.concatenate([seconds, way]))
    starts = np.arange(graph.nodes, size)
    nearest, at_nodes = timed(repeats, lambda: dijkstra(against, indices=starts, min_only=True))
    node, place, way = features.ends(graph, leaving=True)
    answer = np.full(len(features.edge), np.inf)
    np.minimum.at(answer, place, at_nodes[node] + way)
    o, d = g.pairs_on_one_edge(features, services)
    np.minimum.at(answer, o, g.along_same_edge(graph, features, o, services, d))
    write(folder / "theirs_nearest.f64", answer / 60)

    # The matrix: one search from each origin; sites are read off at the ends of their edges.
    node, place, way = origins.ends(graph, leaving=True)
    size = graph.nodes + len(origins.edge)
    along = g.matrix(size, np.concatenate([tail, graph.nodes + place]), np.concatenate([head, node]), np.concatenate([seconds, way]))
    node, place, way = sites.ends(graph, leaving=False)
    at_sites = np.full((len(origins.edge), len(sites.edge)), np.inf)

    def searches():
        at_sites[:] = np.inf
        # A few origins at a time: all of them at once would hold origins × nodes numbers.
        for block in np.array_split(np.arange(len(origins.edge)), max(1, len(origins.edge) // 30)):
            reached = dijkstra(along, indices=graph.nodes + block)
            for i, origin in enumerate(block):
                np.minimum.at(at_sites[origin], place, reached[i, node] + way)
        return at_sites

    matrix, _ = timed(repeats, searches)
    o, d = g.pairs_on_one_edge(origins, sites)
    np.minimum.at(at_sites, (o, d), g.along_same_edge(graph, origins, o, sites, d))
    write(folder / "theirs_matrix.f64", at_sites / 60)
    print(json.dumps({"nearest": nearest, "matrix": matrix}))


main()
