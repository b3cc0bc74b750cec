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
    """The city's own network, and two larger ones: of 160,000 crossings and of 360,000."""
    sizes = [
        ("the city", inputs.travel(city, work / "city", "motorbike", "primary_school", 300, 5_000), True),
        ("400 × 400 crossings", inputs.lattice(work / "lattice-400", 400, 300, 5_000), True),
        ("600 × 600 crossings", inputs.lattice(work / "lattice-600", 600, 300, 5_000), False),
    ]
    table, agreements, remarks = [], [], []
    for name, folder, pandana in sizes:
        more, agreed, remark = compared(name, folder, repeats, pandana)
        table += more
        agreements.append(agreed)
        remarks.append(remark)
    return table, agreements, remarks


def compared(name: str, folder: Path, repeats: int, with_pandana: bool) -> tuple[list[Row], Agreement, str]:
    """The rows of one network. pandana builds for minutes on the largest: it is asked where `with_pandana` says so, and held to its target
    at the size for which that was set, 160,000 nodes."""
    ours, scipy, pandana = measure(folder, "motorbike", repeats, with_pandana)
    places = lambda what: len(raw.read(folder / f"{what}_xy.f64")) // 2
    graph = f"{name}: {ours['nodes']:,} nodes, {ours['edges']:,} edges"
    nearest = f"nearest of {places('services'):,} services for every node, the services' snapping included ({graph})"
    table = [Row(nearest, "SciPy dijkstra(min_only), nothing snapped", Timing(ours["nodes_only"]), Timing(scipy["nearest"]), Target(1.0))]
    if with_pandana:
        table.append(Row(nearest, "pandana 0.8, after building", Timing(ours["nodes_only"]), Timing(pandana["query"]), Target(1 / 100) if ours["nodes"] > 100_000 else None))
    matrix = f"{places('origins'):,} settlements × {places('sites'):,} sites ({graph})"
    table.append(Row(matrix, "SciPy dijkstra from each", Timing(ours["matrix"]), Timing(scipy["matrix"]), Target(1 / 5)))
    snap, answer = seconds(Timing(ours["snap"]).median), seconds(Timing(ours["answer"]).median)
    built = Timing(ours["build"]).median + Timing(ours["index"]).median + Timing(ours["passable"]).median
    remark = f"- {name}: ours builds its graph and index in {built:.2f} s" + (f", pandana its own in {pandana['build']:.1f} s" if with_pandana else "")
    remark += f". The graph has {ours['components']:,} components, {ours['largest_share']:.1%} of the length in the largest."
    remark += f" Ours snaps {places('features'):,} places to their roads in {snap}, and searches and answers for all of them in {answer}."
    return table, agreement(folder, f"travel by motorbike, {graph}"), remark


def grown(city: inputs.City, folder: Path) -> list[Row]:
    """Once, on the city's network: how cost grows."""
    folder = inputs.travel(city, folder, "motorbike", "primary_school", 300, 5_000)
    table, _, _ = compared(f"the city of {inputs.count(city.parcels):,} parcels", folder, 1, with_pandana=False)
    return table
