"""NumPy on a decision matrix: weighted sum with the full order; rank acceptabilities over weight draws, in blocks.

    decide_numpy.py FOLDER REPEATS

`values.f64` holds the matrix by column, `weights.f64` the shares; `smaa_values.f64` and `smaa_draws.f64` likewise,
draws row by row.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from harness.raw import read, write

TOP = 20
BLOCK = 200


def timed(repeats, work):
    for _ in range(2):  # do not count
        result = work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return seconds, result


def main() -> None:
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
    weights = read(folder / "weights.f64")
    matrix = np.ascontiguousarray(read(folder / "values.f64").reshape(len(weights), -1).T)

    def weighted_sum():
        scores = matrix @ weights
        return scores, np.argsort(-scores)

    sums, (scores, _) = timed(repeats, weighted_sum)
    write(folder / "theirs_weighted_sum.f64", scores)

    # What the memory alone allows: every number of the matrix read once.
    flat = matrix.ravel()
    floor, _ = timed(repeats, flat.sum)

    draws = read(folder / "smaa_draws.f64").reshape(-1, len(weights))
    sites = np.ascontiguousarray(read(folder / "smaa_values.f64").reshape(len(weights), -1).T)

    def smaa():
        counts = np.zeros((len(sites), TOP), dtype=np.int64)
        for start in range(0, len(draws), BLOCK):
            scores = draws[start : start + BLOCK] @ sites.T
            best = np.argpartition(-scores, TOP, axis=1)[:, :TOP]
            held = np.take_along_axis(scores, best, axis=1)
            best = np.take_along_axis(best, np.argsort(-held, axis=1, kind="stable"), axis=1)
            for rank in range(TOP):
                counts[:, rank] += np.bincount(best[:, rank], minlength=len(sites))
        return counts

    acceptability, counts = timed(repeats, smaa)
    write(folder / "theirs_smaa.u32", counts)
    print(json.dumps({"weighted_sum": sums, "floor": floor, "smaa": acceptability}))


main()
