"""Decision methods against NumPy and pymcdm."""

import json
import os
import sys
from pathlib import Path

import numpy as np

from .. import inputs, process, raw
from ..agree import Agreement
from ..process import Timing
from ..report import Row, Target, seconds

PEERS = Path("tests/bench/peers")
KERNEL = Path("target/release/examples/bench_decide")
CURVE = (1_000, 10_000, 100_000)


def promethee_sizes(limit: int) -> list[int]:
    """The sizes for which pymcdm's tables (three of rows² × 12 numbers at once) fit into half the free memory."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return [size for size in CURVE if size <= limit and 3 * 12 * 8 * size * size < free / 2]


def agreement(folder: Path, sizes: list[int], what: str) -> Agreement:
    result = Agreement(what)
    compare = lambda name, ours, theirs: result.column(np.arange(len(theirs)), name, ours, theirs, absolute=1e-12)
    read = lambda name: raw.read(folder / name)
    compare("weighted sum", read("ours_weighted_sum.f64"), read("theirs_weighted_sum.f64"))
    for name in ("topsis", "vikor", *(f"promethee_{size}" for size in sizes)):
        compare(name, read(f"ours_{name}.f64"), read(f"theirs_pymcdm_{name}.f64"))
    compare("rank acceptability", read("ours_smaa.u32").astype(float), read("theirs_smaa.u32").astype(float))
    return result


def in_turn(repeats: int, *sides: list[str | Path]) -> list[dict[str, list[float]]]:
    """Seconds of each method by side; the sides take turns, so that a slow minute of the machine hits all."""
    found: list[dict[str, list[float]]] = [{} for _ in sides]
    for _ in range(repeats):
        for times, argv in zip(found, sides, strict=True):
            for name, runs in json.loads(process.run(argv).stdout).items():
                times.setdefault(name, []).extend(runs)
    return found


def rows(work: Path, repeats: int, size: int = 500_000, curve_limit: int = 10_000) -> tuple[list[Row], list[Agreement], list[str]]:
    folder = inputs.decision(work, size)
    sizes = [n for n in promethee_sizes(curve_limit) if n <= size]
    ours, numpy = in_turn(repeats, [KERNEL, folder, "1", *map(str, CURVE)], [sys.executable, PEERS / "decide_numpy.py", folder, "1"])
    slow = min(repeats, 3)
    pymcdm = json.loads(process.run([sys.executable, PEERS / "decide_pymcdm.py", folder, str(slow), *map(str, sizes)]).stdout)
    matrix = f"{size:,} × 12"
    row = lambda name, peer, key, theirs, target: Row(f"{name}, {matrix}", peer, Timing(ours[key]), Timing(theirs), target)
    table = [
        row("weighted sum and full order", "NumPy dot + argsort", "weighted_sum_order", numpy["weighted_sum"], Target(1 / 2.5)),
        row("weighted sum, full order and ranks", "pymcdm 1.4", "weighted_sum", pymcdm["weighted_sum"], Target(1 / 300)),
        row("TOPSIS", "pymcdm 1.4", "topsis", pymcdm["topsis"], Target(1 / 250)),
        row("VIKOR", "pymcdm 1.4", "vikor", pymcdm["vikor"], Target(1 / 150)),
        *(
            Row(f"PROMETHEE II, {n:,} × 12", "pymcdm 1.4 (quadratic)", Timing(ours[f"promethee_{n}"]), Timing(pymcdm[f"promethee_{n}"]))
            for n in sizes
        ),
        Row("SMAA, 5,000 sites × 10,000 draws, top 20", "NumPy in blocks", Timing(ours["smaa"]), Timing(numpy["smaa"]), Target(1 / 6)),
    ]
    floor = Timing(numpy["floor"]).median
    curve = ", ".join(f"{n:,} rows in {seconds(Timing(ours[f'promethee_{n}']).median)}" for n in CURVE if f"promethee_{n}" in ours)
    remarks = [
        f"- Memory-bandwidth floor of the first row: NumPy reads the matrix ({size * 12 * 8 / 1e6:.0f} MB) once in {seconds(floor)}.",
        f"- Ours, the curve of PROMETHEE II (linear preference, 12 criteria): {curve}.",
    ]
    return table, [agreement(folder, sizes, f"methods on {matrix}")], remarks
