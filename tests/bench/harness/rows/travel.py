"""Travel time against SciPy and pandana, on the same graph."""

import json
import sys
from pathlib import Path

import numpy as np

from .. import inputs, process, raw
from ..agree import Agreement
from ..process import Timing
from ..report import Row, Target, seconds

PEERS = Path("tests/bench/peers")
KERNEL = Path("target/release/examples/bench_travel")


def measure(folder: Path, mode: str, repeats: int, pandana: bool) -> tuple[dict, dict, dict]:
    """What each side printed: seconds of every piece of work."""
    last_line = lambda run: json.loads(run.stdout.strip().splitlines()[-1])
    ours = last_line(process.run([KERNEL, folder, mode, str(repeats)]))
    scipy = last_line(process.run([sys.executable, PEERS / "travel_scipy.py", folder, mode, str(repeats)]))
    other = last_line(process.run([sys.executable, PEERS / "travel_pandana.py", folder, mode, str(repeats)])) if pandana else {}
    return ours, scipy, other


def agreement(folder: Path, what: str) -> Agreement:
    result = Agreement(what)
    for name in ("nearest", "matrix"):
        ours, theirs = raw.read(folder / f"ours_{name}.f64"), raw.read(folder / f"theirs_{name}.f64")
        unreached = lambda minutes: np.where(np.isfinite(minutes), minutes, np.nan)
        result.column(np.arange(len(ours)), f"{name} minutes", unreached(ours), unreached(theirs))
    return result


def rows(city: inputs.City, work: Path, repeats: int) -> tuple[list[Row], list[Agreement], list[str]]:
    folder = inputs.travel(city, work, "motorbike", "primary_school", 300, 5_000)
    ours, scipy, pandana = measure(folder, "motorbike", repeats, pandana=True)
    places = lambda name: len(raw.read(folder / f"{name}_xy.f64")) // 2
    graph = f"{ours['nodes']:,} nodes, {ours['edges']:,} edges"
    nearest = f"nearest of {places('services'):,} schools for every node, the schools' snapping included ({graph})"
    table = [
        Row(nearest, "SciPy dijkstra(min_only), nothing snapped", Timing(ours["nodes_only"]), Timing(scipy["nearest"]), Target(1.0)),
        Row(nearest, "pandana 0.8, after building", Timing(ours["nodes_only"]), Timing(pandana["query"]), Target(1 / 100)),
        Row(
            f"{places('origins'):,} settlements × {places('sites'):,} sites ({graph})", "SciPy dijkstra from each",
            Timing(ours["matrix"]), Timing(scipy["matrix"]), Target(1 / 5),
        ),
    ]  # fmt: skip
    snap, answer = seconds(Timing(ours["snap"]).median), seconds(Timing(ours["answer"]).median)
    built = Timing(ours["build"]).median + Timing(ours["index"]).median + Timing(ours["passable"]).median
    remark = f"Before that, ours builds its graph and index in {built:.2f} s, pandana its own in {pandana['build']:.1f} s. "
    remark += f"The graph has {ours['components']:,} components, {ours['largest_share']:.1%} of the length in the largest."
    remark += f" Ours snaps {places('features'):,} parcels to their roads in {snap}, and searches and answers for all of them in {answer}."
    return table, [agreement(folder, f"travel by motorbike, {graph}")], [remark]
