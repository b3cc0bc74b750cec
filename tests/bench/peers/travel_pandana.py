"""pandana's nearest point of interest for every node, after its contraction hierarchies are built.

    travel_pandana.py FOLDER MODE REPEATS
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandana
import pandas as pd

from harness import graph as g
from harness.raw import read


def main() -> None:
    folder, mode, repeats = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    graph = g.load(folder, mode)
    x, y = read(folder / "nodes.f64").reshape(-1, 2).T
    services = read(folder / "services_xy.f64").reshape(-1, 2)
    # pandana knows one weight per edge, and no edge that is forbidden one way.
    seconds = np.minimum(graph.with_s, graph.against_s)
    keep = np.isfinite(seconds)
    start = time.perf_counter()
    network = pandana.Network(
        pd.Series(x), pd.Series(y), pd.Series(graph.start[keep]), pd.Series(graph.end[keep]), pd.DataFrame({"s": seconds[keep]}), twoway=True
    )
    build = time.perf_counter() - start
    query = []
    for _ in range(repeats):
        start = time.perf_counter()
        network.set_pois("services", 1e7, 1, pd.Series(services[:, 0]), pd.Series(services[:, 1]))
        network.nearest_pois(1e7, "services", num_pois=1)
        query.append(time.perf_counter() - start)
    # Its log goes to stdout too: the figures are the last line.
    print(json.dumps({"build": build, "query": query}))


main()
