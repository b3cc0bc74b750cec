"""pymcdm on a decision matrix: weighted sum, TOPSIS, VIKOR, PROMETHEE II, each with its ranking.

    decide_pymcdm.py FOLDER REPEATS PROMETHEE_ROWS…
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from pymcdm.methods import PROMETHEE_II, TOPSIS, VIKOR, WSM
from pymcdm.normalizations import minmax_normalization, vector_normalization

from harness.raw import read, write


def main() -> None:
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
    sizes = [int(word) for word in sys.argv[3:]]
    weights = read(folder / "weights.f64")
    goals = read(folder / "goals.i32")
    matrix = np.ascontiguousarray(read(folder / "values.f64").reshape(len(weights), -1).T)
    p = read(folder / "promethee_p.f64")
    q = read(folder / "promethee_q.f64")
    work = {
        "weighted_sum": (lambda: WSM(minmax_normalization), matrix),
        "topsis": (lambda: TOPSIS(vector_normalization), matrix),
        "vikor": (VIKOR, matrix),
    }
    for size in sizes:
        work[f"promethee_{size}"] = (lambda: PROMETHEE_II("vshape_2", p=p, q=q), matrix[:size])
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, (new, rows) in work.items():
            if name.startswith("promethee") and len(rows) > 2000 and seconds[name]:
                continue  # quadratic: once is enough
            method = new()  # one of PROMETHEE's answers once only
            start = time.perf_counter()
            scores = method(rows, weights, goals)
            method.rank(scores)
            seconds[name].append(time.perf_counter() - start)
            write(folder / f"theirs_pymcdm_{name}.f64", scores)
    print(json.dumps(seconds))


main()
