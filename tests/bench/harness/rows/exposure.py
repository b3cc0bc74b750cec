"""Flood exposure against exactextract, and against merely reading the rasters."""

import csv
import sys
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely

from .. import inputs, process
from ..agree import RELATIVE, Agreement
from ..report import Row, Target

PEERS = Path("tests/bench/peers")


def measure(features: Path, rasters: dict[int, Path], out: Path, repeats: int, floor: bool = True) -> dict[str, process.Timing]:
    out.mkdir(parents=True, exist_ok=True)
    field = inputs.id_field(features, "parcel_id")
    paths = list(rasters.values())
    hazards = [word for rp, path in rasters.items() for word in ("--hazard", f"{rp}={path}")]
    sides: dict[str, list[str | Path]] = {
        "ours": [inputs.PHTEAH, "exposure", features, *hazards, "--id", field, "--out", out / "exposure.csv"],
        "exactextract": [sys.executable, PEERS / "exposure_exactextract.py", features, field, out / "exposure.npz", *paths],
    }
    if floor:
        sides["GDAL, rasters"] = [sys.executable, PEERS / "read_files.py", *paths]
        sides["GDAL, all files"] = [sys.executable, PEERS / "read_files.py", features, *paths]
    return process.in_turn(repeats, sides)


def agreement(features: Path, rasters: dict[int, Path], out: Path, what: str) -> Agreement:
    """Mean, maximum and known area of every feature in every raster."""
    result = Agreement(what)
    theirs = np.load(out / "exposure.npz")
    with open(out / "exposure.csv", encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    ids = np.array([row[next(iter(table[0]))] for row in table])
    if not np.array_equal(ids, theirs["id"]):
        raise ValueError("the features come in another order than they were given")
    number = lambda name: np.array([float(row[name]) if row[name] != "" else np.nan for row in table])
    _, _, shapes, _ = pyogrio.raw.read(features, columns=[])
    shapes = shapely.from_wkb(shapes)
    areas = shapely.area(shapes)
    for rp, path in rasters.items():
        arbiter = Arbiter(path, shapes)
        count, known = theirs[f"{path.stem}_count"], number(f"rp{rp}_known_share")
        mean, deepest = number(f"rp{rp}_mean"), number(f"rp{rp}_max")
        result.column(ids, f"rp{rp}_mean", mean, theirs[f"{path.stem}_mean"], arbiter.judge("mean"))
        result.column(ids, f"rp{rp}_max", deepest, theirs[f"{path.stem}_max"], arbiter.judge("max"))
        share = np.divide(count * arbiter.cell_area, areas, out=np.zeros_like(areas), where=areas > 0)
        # exactextract keeps covered shares of a cell as 32-bit floats.
        result.column(ids, f"rp{rp}_known_share", known, share, arbiter.judge("known"), absolute=1e-7)
    return result


class Arbiter:
    """Where two programs differ: the answer by intersecting the feature with every cell, one by one."""

    def __init__(self, path: Path, shapes: np.ndarray) -> None:
        with rasterio.open(path) as raster:
            stored = raster.read(1, masked=True).astype(float).filled(np.nan)
            self.values = stored * raster.scales[0] + raster.offsets[0]
            self.west, self.north = raster.transform.c, raster.transform.f
            self.width, self.height = raster.transform.a, -raster.transform.e
        self.shapes = shapes
        self.cell_area = self.width * self.height

    def judge(self, what: str):
        def reason(row: int, ours: float, theirs: float) -> str | None:
            truth, smallest = self.answer(row, what)
            error = lambda value: abs(value - truth) if np.isfinite(value) and np.isfinite(truth) else (0 if np.isnan(value) == np.isnan(truth) else np.inf)
            scale = max(abs(truth), 1e-9) if np.isfinite(truth) else 1.0
            if what == "max" and smallest < 1e-6:
                return "cells covered by less than a millionth: touched to one, not to the other"
            if error(ours) <= RELATIVE * scale:
                return "ours is right by cell-by-cell intersection"
            if error(ours) < error(theirs):
                return "ours is nearer to cell-by-cell intersection"
            return None

        return reason

    def answer(self, row: int, what: str) -> tuple[float, float]:
        """The measure, and the smallest share of a cell that decides it."""
        shape = self.shapes[row]
        x0, y0, x1, y1 = shapely.bounds(shape)
        rows, columns = self.values.shape
        column_range = range(max(0, int((x0 - self.west) // self.width)), min(columns, int((x1 - self.west) // self.width) + 1))
        row_range = range(max(0, int((self.north - y1) // self.height)), min(rows, int((self.north - y0) // self.height) + 1))
        cells = [(r, c) for r in row_range for c in column_range]
        if not cells:
            return (0.0 if what == "known" else np.nan), 1.0
        r, c = np.array(cells).T
        x, y = self.west + c * self.width, self.north - r * self.height
        share = shapely.area(shapely.intersection(shape, shapely.box(x, y - self.height, x + self.width, y))) / self.cell_area
        values = self.values[r, c]
        known = np.isfinite(values) & (share > 0)
        smallest = float(share[share > 0].min(initial=1.0))
        if what == "known":
            area = shapely.area(shape)
            return (float(share[known].sum() * self.cell_area / area) if area > 0 else 0.0), smallest
        if not known.any():
            return np.nan, smallest
        if what == "max":
            return float(values[known].max()), smallest
        return float((share[known] * values[known]).sum() / share[known].sum()), smallest


def rows(city: inputs.City, work: Path, repeats: int) -> tuple[list[Row], list[Agreement], list[str]]:
    timings = measure(city.parcels, city.rasters, work, repeats)
    count, cells = inputs.count(city.parcels), cells_of(city)
    size = f"{count:,} parcels, {len(city.rasters)} rasters of {cells}"
    table = [
        Row(f"exposure, {size}", "exactextract 0.3, raster-sequential", timings["ours"], timings["exactextract"], Target(1 / 40)),
        Row("the same", "GDAL merely reads the rasters", timings["ours"], timings["GDAL, rasters"], Target(2.0)),
        Row("the same", "GDAL merely reads the rasters and the parcels", timings["ours"], timings["GDAL, all files"], Target(2.0)),
    ]
    return table, [agreement(city.parcels, city.rasters, work, f"exposure of {count:,} parcels")], []


def grown(city: inputs.City, work: Path) -> list[Row]:
    """Once, without comparing the answers: how cost grows."""
    timings = measure(city.parcels, city.rasters, work, 1, floor=False)
    work_done = f"exposure, {inputs.count(city.parcels):,} parcels, {len(city.rasters)} rasters"
    return [Row(work_done, "exactextract 0.3", timings["ours"], timings["exactextract"])]


def cells_of(city: inputs.City) -> str:
    with rasterio.open(next(iter(city.rasters.values()))) as raster:
        return f"{raster.width:,} × {raster.height:,} cells"
