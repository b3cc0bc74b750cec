"""Zones against shapely."""

import csv
import sys
from pathlib import Path

import numpy as np

from .. import inputs, process
from ..agree import Agreement
from ..report import Row, Target

PEERS = Path("tests/bench/peers")


def measure(features: Path, zones: Path, by: str, out: Path, repeats: int) -> dict[str, process.Timing]:
    out.mkdir(parents=True, exist_ok=True)
    field = inputs.id_field(features, "parcel_id")
    return process.in_turn(
        repeats,
        {
            "ours": [inputs.PHTEAH, "overlay", features, zones, "--by", by, "--id", field, "--out", out / "overlay.csv"],
            "shapely": [sys.executable, PEERS / "overlay_shapely.py", features, field, zones, by, out / "overlay.npz"],
        },
    )


def agreement(out: Path, what: str) -> Agreement:
    result = Agreement(what)
    theirs = np.load(out / "overlay.npz")
    with open(out / "overlay.csv", encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    ids = np.array([row[next(iter(table[0]))] for row in table])
    if not np.array_equal(ids, theirs["id"]):
        raise ValueError("the features come in another order than they were given")
    number = lambda name: np.array([float(row[name]) if row[name] != "" else np.nan for row in table])
    for name in theirs.files:
        if name == "id":
            continue
        # An intersection's vertices are rounded to the coordinates' last bit, a tenth of a nanometre this far from the origin: shares of
        # slivers, and areas of less than a square millimetre, are that uncertain to both.
        absolute = 1e-6 if name.endswith("_m2") else 1e-8
        result.column(ids, name, number(name), theirs[name], absolute=absolute)
    return result


def rows(city: inputs.City, work: Path, repeats: int) -> tuple[list[Row], list[Agreement], list[str]]:
    features = inputs.first(city.parcels, city.folder / "parcels-200000.gpkg", 200_000)
    timings = measure(features, city.zones, "class", work, repeats)
    size = f"{inputs.count(features):,} parcels × {inputs.count(city.zones):,} zones ({inputs.vertices(city.zones):,} vertices)"
    table = [Row(f"overlay, {size}", "shapely 2.2, STRtree, prepared", timings["ours"], timings["shapely"], Target(1 / 5))]
    return table, [agreement(work, f"overlay of {size}")], []


def grown(city: inputs.City, work: Path) -> list[Row]:
    """Once, every parcel, without comparing the answers: how cost grows."""
    timings = measure(city.parcels, city.zones, "class", work, 1)
    work_done = f"overlay, {inputs.count(city.parcels):,} parcels × {inputs.count(city.zones):,} zones"
    return [Row(work_done, "shapely 2.2", timings["ours"], timings["shapely"])]
